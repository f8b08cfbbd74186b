"""Laws of differentiation that every differentiable function obeys: linearity, adjointness, rules for whole classes."""

from ..strategies import function, nonzero, scalar, vector, within
from ..strategies.domains import Domain
from .claims import Equal
from .declare import law
from .operators import column, eye, zero
from .scalar import KINK_NOTE
from .sources import Source

CALCULUS = Source("Magnus & Neudecker, Matrix Differential Calculus", "ch. 5")
AUTODIFF = Source("Griewank & Walther, Evaluating Derivatives", "ch. 3")

_TO_NUMBER = function(("n",), (), at="x")
TO_VECTOR = function(("n",), ("m",), at="x")


@law(f=_TO_NUMBER, g=_TO_NUMBER, a=scalar(), b=scalar(), x=vector("n"), source=CALCULUS, at_edges=KINK_NOTE)
def linearity(D, f, g, a, b, x):
    r"""D(\alpha f + \beta g)(\mathbf{x}) = \alpha\,Df(\mathbf{x}) + \beta\,Dg(\mathbf{x})"""
    return Equal(D(lambda t: a * f(t) + b * g(t))(x), a * D(f)(x) + b * D(g)(x))


@law(f=_TO_NUMBER, g=_TO_NUMBER, x=vector("n"), source=CALCULUS, title="product of functions", at_edges=KINK_NOTE)
def product(D, f, g, x):
    r"""D(f\,g)(\mathbf{x}) = g(\mathbf{x})\,Df(\mathbf{x}) + f(\mathbf{x})\,Dg(\mathbf{x})"""
    return Equal(D(lambda t: f(t) * g(t))(x), g(x) * D(f)(x) + f(x) * D(g)(x))


@law(
    f=_TO_NUMBER,
    g=function(("n",), (), at="x", nonzero=True),
    x=vector("n"),
    source=CALCULUS,
    title="quotient of functions",
    at_edges=KINK_NOTE,
)
def quotient(D, f, g, x):
    r"""D(f / g)(\mathbf{x}) = \frac{1}{g(\mathbf{x})}\,Df(\mathbf{x}) - \frac{f(\mathbf{x})}{g(\mathbf{x})^2}\,Dg(\mathbf{x})"""
    below = g(x)
    return Equal(D(lambda t: f(t) / g(t))(x), (1 / below) * D(f)(x) - (f(x) / below**2) * D(g)(x))


@law(f=TO_VECTOR, x=vector("n"), v=vector("n"), w=vector("n"), source=AUTODIFF, at_edges=KINK_NOTE)
def tangents_add(D, f, x, v, w):
    r"""Df(\mathbf{x})(\mathbf{v} + \mathbf{w}) = Df(\mathbf{x})\,\mathbf{v} + Df(\mathbf{x})\,\mathbf{w}"""
    J = D(lambda t: f(t))(x)
    return Equal(J.matvec(D.xp, v + w), J.matvec(D.xp, v) + J.matvec(D.xp, w))


@law(f=TO_VECTOR, x=vector("n"), v=vector("n"), a=scalar(), source=AUTODIFF, at_edges=KINK_NOTE)
def tangents_scale(D, f, x, v, a):
    r"""Df(\mathbf{x})(\alpha\,\mathbf{v}) = \alpha\,Df(\mathbf{x})\,\mathbf{v}"""
    J = D(lambda t: f(t))(x)
    return Equal(J.matvec(D.xp, a * v), a * J.matvec(D.xp, v))


@law(f=TO_VECTOR, x=vector("n"), a=scalar(), b=scalar(), source=AUTODIFF, at_edges=KINK_NOTE)
def cotangents_add(D, f, x, a, b):
    r"""(\alpha\,\mathbf{u} + \beta\,\vec{1})^T Df(\mathbf{x}) = \alpha\,\mathbf{u}^T Df(\mathbf{x}) + \beta\,\vec{1}^T Df(\mathbf{x}) \text{ with } \mathbf{u} = \mathbf{f}(\mathbf{x})"""
    J, u = D(lambda t: f(t))(x), f(x)
    ones = D.xp.ones_like(u)
    return Equal(J.rmatvec(D.xp, a * u + b * ones), a * J.rmatvec(D.xp, u) + b * J.rmatvec(D.xp, ones))


@law(
    f=TO_VECTOR,
    x=vector("n"),
    v=vector("n"),
    source=AUTODIFF,
    title="JVP and VJP are adjoint",
    at_edges=KINK_NOTE,
)
def adjointness(D, f, x, v):
    r"""\langle \mathbf{u},\, J\,\mathbf{v} \rangle = \langle J^T \mathbf{u},\, \mathbf{v} \rangle \text{ with } \mathbf{u} = \mathbf{f}(\mathbf{x})"""
    xp, J, u = D.xp, D(lambda t: f(t))(x), f(x)
    return Equal(xp.sum(u * J.matvec(xp, v)), xp.sum(J.rmatvec(xp, u) * v))


@law(f=TO_VECTOR, x=vector("n"), source=AUTODIFF, title="zero tangent and zero cotangent", at_edges=KINK_NOTE)
def zero_directions(D, f, x):
    r"""Df(\mathbf{x})\,\vec{0} = \vec{0}, \quad \vec{0}^T Df(\mathbf{x}) = \vec{0}^T"""
    xp, J, y = D.xp, D(lambda t: f(t))(x), f(x)
    zeros = xp.zeros_like(y)
    return Equal(J.matvec(xp, xp.zeros_like(x)), zeros), Equal(J.rmatvec(xp, zeros), xp.zeros_like(x))


@law(f=TO_VECTOR, x=vector("n"), y=vector("k"), source=AUTODIFF, title="an unused input", at_edges=KINK_NOTE)
def unused_input(D, f, x, y):
    r"""\frac{\partial}{\partial \mathbf{y}} \mathbf{f}(\mathbf{x}) = 0"""
    by_x, by_y = D(lambda s, t: f(s))(x, y)
    return Equal(by_x, D(f)(x)), Equal(by_y, zero(f(x), y))


@law(f=TO_VECTOR, x=vector("n"), source=AUTODIFF, title="fan-out adds", at_edges=KINK_NOTE)
def fan_out(D, f, x):
    r"""D\bigl(\mathbf{x} \mapsto \mathbf{y} + \mathbf{y},\ \mathbf{y} = \mathbf{f}(\mathbf{x})\bigr) = 2\,Df(\mathbf{x})"""

    def twice(t):
        y = f(t)
        return y + y

    return Equal(D(twice)(x), 2 * D(f)(x))


@law(
    f=function((), (), at="xx", arity=2),
    x=scalar(),
    source=AUTODIFF,
    title="the same argument twice",
    at_edges=KINK_NOTE,
)
def repeated_argument(D, f, x):
    r"""\frac{d}{dx} f(x, x) = \frac{\partial f}{\partial a} + \frac{\partial f}{\partial b} \text{ at } a = b = x"""
    by_first, by_second = D(f)(x, x)
    return Equal(D(lambda t: f(t, t))(x), by_first + by_second)


@law(f=TO_VECTOR, x=vector("n"), v=vector("n"), source=CALCULUS, title="derivative along a line", at_edges=KINK_NOTE)
def along_a_line(D, f, x, v):
    r"""\frac{d}{dt} \mathbf{f}(\mathbf{x} + t\,\mathbf{v}) \Big|_{t = 0} = Df(\mathbf{x})\,\mathbf{v}"""
    origin = 0 * D.xp.sum(x)
    return Equal(D(lambda t: f(x + t * v))(origin), D(f)(x) @ column(v))


@law(
    f=_TO_NUMBER,
    x=vector("n"),
    s=scalar(nonzero),
    source=Source("Euler's theorem on homogeneous functions", "any text on calculus"),
    title="Euler's theorem, homogenised",
    at_edges=KINK_NOTE,
)
def euler(D, f, x, s):
    r"""h(\mathbf{y}, s) = s^2 f(\mathbf{y} / s): \quad \frac{\partial h}{\partial \mathbf{y}}\,\mathbf{y} + \frac{\partial h}{\partial s}\,s = 2\,h \text{ at } \mathbf{y} = \mathbf{x},\ s = 1;\quad D(s \mapsto s^2 f(\mathbf{x}))(s)\,s = 2\,s^2 f(\mathbf{x})"""
    xp = D.xp
    one = xp.ones_like(s)
    by_y, by_s = D(lambda y, r: r**2 * f(y / r))(x, one)
    value = f(x)
    joint = by_y @ column(x) + by_s @ column(one)
    alone = D(lambda r: r**2 * value)(s) @ column(s)
    return Equal(joint, column(2 * value)), Equal(alone, column(2 * (s**2 * value)))


def _inverse(name, domain, forward, backward, tex):
    """(f⁻¹)′(f(x)) f′(x) = 1 for one pair of inverse functions."""

    @law(
        x=vector("n", domain),
        source=Source("Inverse function theorem", "any text on calculus"),
        name=f"inverse_{name}",
        title=f"inverse functions: {name}",
        tex=tex,
    )
    def inverse_function(D, x):
        xp = D.xp
        outer = D(lambda y: backward(xp, y))(forward(xp, x))
        inner = D(lambda t: forward(xp, t))(x)
        return Equal(outer @ inner, eye(xp, x)), Equal(D(lambda t: backward(xp, forward(xp, t)))(x), eye(xp, x))


_MODERATE = within(4)
_RIGHT = Domain("in (0, 4)", low=0.0, high=4.0)
_UNIT = within(1)

_inverse("exp", _MODERATE, lambda xp, x: xp.exp(x), lambda xp, y: xp.log(y), r"(\ln)'(e^x)\,(e^x)' = 1")
_inverse("sqrt", _RIGHT, lambda xp, x: xp.sqrt(x), lambda xp, y: y**2, r"(y^2)'(\sqrt{x})\,(\sqrt{x})' = 1")
_inverse("tan", _UNIT, lambda xp, x: xp.tan(x), lambda xp, y: xp.atan(y), r"(\arctan)'(\tan x)\,(\tan x)' = 1")
_inverse("square", _RIGHT, lambda xp, x: x**2, lambda xp, y: xp.sqrt(y), r"(\sqrt{y})'(x^2)\,(x^2)' = 1")
_inverse(
    "expm1", _MODERATE, lambda xp, x: xp.expm1(x), lambda xp, y: xp.log1p(y), r"(\ln(1 + y))'(e^x - 1)\,(e^x - 1)' = 1"
)
_inverse(
    "tanh", _UNIT, lambda xp, x: xp.tanh(x), lambda xp, y: xp.atanh(y), r"(\mathrm{artanh})'(\tanh x)\,(\tanh x)' = 1"
)


@law(
    x=scalar(_MODERATE),
    source=Source("Implicit function theorem", "any text on calculus"),
    title="implicit function",
)
def implicit_function(D, x):
    r"""F(x, y) = y^2 - x^2 - 1 = 0,\ y > 0: \quad \frac{\partial F}{\partial y}\,\frac{dy}{dx} = -\frac{\partial F}{\partial x}"""
    xp = D.xp

    def solution(t):
        return xp.sqrt(t**2 + 1)

    by_x, by_y = D(lambda a, b: b**2 - a**2 - 1)(x, solution(x))
    return Equal(by_y @ D(solution)(x), -by_x)


@law(
    f=function((), (), at="x"),
    g=function((), (), at="x"),
    x=scalar(),
    source=Source("Leibniz' integral rule", "any text on calculus"),
    title="moving limits of an integral",
    at_edges=KINK_NOTE,
)
def leibniz(D, f, g, x):
    r"""\frac{d}{dx} \int_{f(x)}^{g(x)} \cos s\, ds = \cos g(x)\,g'(x) - \cos f(x)\,f'(x)"""
    xp = D.xp
    left = D(lambda t: xp.sin(g(t)) - xp.sin(f(t)))(x)
    return Equal(left, xp.cos(g(x)) * D(g)(x) - xp.cos(f(x)) * D(f)(x))
