"""Laws of second order: the Hessian is symmetric, every nesting of modes gives it, and the rules for sums, products, chains.

``D(lambda t: D(f)(t).matvec(xp, v))`` differentiates a derivative: the inner one in forward mode by ``matvec``, in reverse
mode by ``rmatvec``; the outer one likewise.
"""

from typing import Any

from ..strategies import function, matrix, scalar, vector, within
from .claims import Equal
from .declare import law
from .scalar import KINK_NOTE
from .sources import Source

SCHWARZ = Source("Schwarz's theorem", "any text on calculus")
NESTING = Source("Griewank & Walther, Evaluating Derivatives", "ch. 5, second order adjoints")
FAA = Source("Faà di Bruno's formula", "order 2")
TAYLOR = Source("Taylor's theorem", "any text on calculus")
_TO_NUMBER = function(("n",), (), at="x", curved=True)
_MODERATE = within(64)
_VECTOR = vector("n", _MODERATE)
_POLYNOMIAL: dict[str, Any] = {"a": _VECTOR, "b": _VECTOR, "x": _VECTOR, "v": _VECTOR, "h": scalar(within(1))}
"""Two coefficients, a point, a direction and a step."""


def _gradient(D, f):
    """t ↦ ∇f(t) in reverse mode."""
    return lambda t: D(f)(t).rmatvec(D.xp, D.xp.ones_like(f(t)))


def _slope(D, f, v):
    """t ↦ Df(t) v in forward mode."""
    return lambda t: D(f)(t).matvec(D.xp, v)


def _second(D, f, x, v, w):
    """D²f(x)(v, w) in forward over forward or, by mode, reverse over reverse."""
    xp = D.xp
    if D.mode == "forward":
        return D(_slope(D, f, v))(x).matvec(xp, w)
    return xp.sum(D(_gradient(D, f))(x).rmatvec(xp, v) * w)


@law(
    f=_TO_NUMBER,
    x=_VECTOR,
    v=_VECTOR,
    source=SCHWARZ,
    title="the Hessian is symmetric",
    at_edges=KINK_NOTE,
    order=2,
)
def hessian_symmetry(D, f, x, v):
    r"""H\,\mathbf{v} = H^T \mathbf{v}, \quad H = D(\nabla f)(\mathbf{x})"""
    H = D(_gradient(D, f))(x)
    return Equal(H.matvec(D.xp, v), H.rmatvec(D.xp, v))


@law(
    f=function((), (), at="xy", arity=2, curved=True),
    x=scalar(),
    y=scalar(),
    source=SCHWARZ,
    title="mixed partial derivatives",
    at_edges=KINK_NOTE,
    order=2,
)
def mixed_partials(D, f, x, y):
    r"""\frac{\partial}{\partial x} \frac{\partial f}{\partial y} = \frac{\partial}{\partial y} \frac{\partial f}{\partial x}"""
    xp, one = D.xp, D.xp.ones_like(x)
    by_y_then_x = D(lambda a: D(f)(a, y)[1].matvec(xp, one))(x)
    by_x_then_y = D(lambda b: D(f)(x, b)[0].matvec(xp, one))(y)
    return Equal(by_y_then_x, by_x_then_y)


@law(
    f=_TO_NUMBER,
    x=_VECTOR,
    v=_VECTOR,
    source=NESTING,
    title="forward over reverse is reverse over forward",
    at_edges=KINK_NOTE,
    order=2,
)
def mixed_nestings(D, f, x, v):
    r"""D(\nabla f)(\mathbf{x})\,\mathbf{v} = \nabla\bigl(\mathbf{t} \mapsto Df(\mathbf{t})\,\mathbf{v}\bigr)(\mathbf{x})"""
    xp = D.xp
    return Equal(D(_gradient(D, f))(x).matvec(xp, v), _gradient(D, _slope(D, f, v))(x))


@law(
    f=_TO_NUMBER,
    x=_VECTOR,
    v=_VECTOR,
    source=NESTING,
    title="forward over forward is reverse over reverse",
    at_edges=KINK_NOTE,
    order=2,
)
def pure_nestings(D, f, x, v):
    r"""D\bigl(\mathbf{t} \mapsto Df(\mathbf{t})\,\mathbf{v}\bigr)(\mathbf{x})\,\mathbf{v} = \mathbf{v}^T D(\nabla f)(\mathbf{x})\,\mathbf{v}"""
    xp = D.xp
    return Equal(D(_slope(D, f, v))(x).matvec(xp, v), xp.sum(D(_gradient(D, f))(x).rmatvec(xp, v) * v))


@law(
    A=matrix("n", "n", _MODERATE),
    x=_VECTOR,
    v=_VECTOR,
    source=Source("Magnus & Neudecker, Matrix Differential Calculus", "ch. 6"),
    title="Hessian of a quadratic form",
    order=2,
)
def quadratic_form(D, A, x, v):
    r"""f(\mathbf{x}) = \mathbf{x}^T A\,\mathbf{x}: \quad D(\nabla f)(\mathbf{x})\,\mathbf{v} = (A + A^T)\,\mathbf{v}"""
    xp = D.xp
    H = D(_gradient(D, lambda t: xp.sum(t * (A @ t))))(x)
    expected = A @ v + A.T @ v
    return Equal(H.matvec(xp, v), expected), Equal(H.rmatvec(xp, v), expected)


@law(
    f=_TO_NUMBER,
    g=_TO_NUMBER,
    a=scalar(_MODERATE),
    b=scalar(_MODERATE),
    x=_VECTOR,
    v=_VECTOR,
    w=_VECTOR,
    source=FAA,
    title="the second derivative is linear",
    at_edges=KINK_NOTE,
    order=2,
)
def second_linearity(D, f, g, a, b, x, v, w):
    r"""D^2(\alpha f + \beta g)(\mathbf{v}, \mathbf{w}) = \alpha\,D^2 f(\mathbf{v}, \mathbf{w}) + \beta\,D^2 g(\mathbf{v}, \mathbf{w})"""
    left = _second(D, lambda t: a * f(t) + b * g(t), x, v, w)
    return Equal(left, a * _second(D, f, x, v, w) + b * _second(D, g, x, v, w))


@law(
    f=_TO_NUMBER,
    g=_TO_NUMBER,
    x=_VECTOR,
    v=_VECTOR,
    w=_VECTOR,
    source=FAA,
    title="second derivative of a product",
    at_edges=KINK_NOTE,
    order=2,
)
def second_product(D, f, g, x, v, w):
    r"""D^2(f g)(\mathbf{v}, \mathbf{w}) = g\,D^2 f(\mathbf{v}, \mathbf{w}) + Df\,\mathbf{v}\;Dg\,\mathbf{w} + Df\,\mathbf{w}\;Dg\,\mathbf{v} + f\,D^2 g(\mathbf{v}, \mathbf{w})"""
    xp, F, G = D.xp, D(f)(x), D(g)(x)
    crossed = F.matvec(xp, v) * G.matvec(xp, w) + F.matvec(xp, w) * G.matvec(xp, v)
    whole = g(x) * _second(D, f, x, v, w) + crossed + f(x) * _second(D, g, x, v, w)
    return Equal(_second(D, lambda t: f(t) * g(t), x, v, w), whole)


@law(
    g=_TO_NUMBER,
    f=function((), (), after="g", curved=True),
    x=_VECTOR,
    v=_VECTOR,
    w=_VECTOR,
    source=FAA,
    title="second derivative of a chain",
    at_edges=KINK_NOTE,
    order=2,
)
def second_chain(D, g, f, x, v, w):
    r"""D^2(f \circ g)(\mathbf{v}, \mathbf{w}) = f''(g)\;Dg\,\mathbf{v}\;Dg\,\mathbf{w} + f'(g)\,D^2 g(\mathbf{v}, \mathbf{w})"""
    xp, G, y = D.xp, D(g)(x), g(x)
    bent = _second(D, f, y, G.matvec(xp, v), G.matvec(xp, w))
    return Equal(_second(D, lambda t: f(g(t)), x, v, w), bent + D(f)(y).matvec(xp, _second(D, g, x, v, w)))


@law(
    **_POLYNOMIAL,
    source=TAYLOR,
    title="Taylor's theorem for a quadratic function",
    order=2,
)
def taylor_quadratic(D, a, b, x, v, h):
    r"""f(\mathbf{x}) = \textstyle\sum_i a_i x_i^2 + b_i x_i: \quad f(\mathbf{x} + h\mathbf{v}) = f + h\,Df\,\mathbf{v} + \tfrac{h^2}{2} D^2 f(\mathbf{v}, \mathbf{v})"""
    xp = D.xp

    def f(t):
        return xp.sum(a * t**2 + b * t)

    series = f(x) + h * D(f)(x).matvec(xp, v) + h**2 * _second(D, f, x, v, v) / 2
    return Equal(f(x + h * v), series)


@law(
    **_POLYNOMIAL,
    source=TAYLOR,
    title="Taylor remainders of orders 2 and 3",
    order=2,
)
def taylor_remainder(D, a, b, x, v, h):
    r"""f(\mathbf{x}) = \textstyle\sum_i a_i x_i^3 + b_i x_i: \quad f(\mathbf{x} + h\mathbf{v}) - f - h\,Df\,\mathbf{v} = \tfrac{h^2}{2} D^2 f(\mathbf{v}, \mathbf{v}) + h^3 \textstyle\sum_i a_i v_i^3"""
    xp = D.xp

    def f(t):
        return xp.sum(a * t**3 + b * t)

    remainder = f(x + h * v) - f(x) - h * D(f)(x).matvec(xp, v)
    return Equal(remainder, h**2 * _second(D, f, x, v, v) / 2 + h**3 * xp.sum(a * v**3))
