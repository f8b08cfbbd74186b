"""Derivatives of vector element-wise binary operators (Parr & Howard, section 4.2): diagonal Jacobians.

``ARITHMETIC`` is the table of the four operations with their partial derivatives; section 4.3 (scalar expansion and
broadcasting) is the same table with other shapes.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import Domain, function, nonzero, reals, vector
from .claims import Equal
from .declare import law, rule
from .operators import diag, spread, zero
from .scalar import KINK_NOTE
from .sources import PH


class Operation(NamedTuple):
    """a ○ b, the factors that multiply the tangents of a and of b, and how all this is written."""

    name: str
    apply: Callable[[Any, Any], Any]
    by_left: Callable[[Any, Any], Any]
    by_right: Callable[[Any, Any], Any]
    right_domain: Domain
    tex: str
    left_tex: str
    right_tex: str


def _one(a, b):
    return 1 + 0 * (a + b)


ARITHMETIC = (
    Operation("add", lambda a, b: a + b, _one, _one, reals, "{a} + {b}", "I", "I"),
    Operation("subtract", lambda a, b: a - b, _one, lambda a, b: -_one(a, b), reals, "{a} - {b}", "I", "-I"),
    Operation(
        "multiply",
        lambda a, b: a * b,
        lambda a, b: b + 0 * a,
        lambda a, b: a + 0 * b,
        reals,
        r"{a} \otimes {b}",
        r"\mathrm{{diag}}({b})",
        r"\mathrm{{diag}}({a})",
    ),
    Operation(
        "divide",
        lambda a, b: a / b,
        lambda a, b: 1 / b + 0 * a,
        lambda a, b: -a / b**2,
        nonzero,
        r"{a} \oslash {b}",
        r"\mathrm{{diag}}(1 \oslash {b})",
        r"\mathrm{{diag}}(-{a} \oslash {b}^2)",
    ),
)
_NAMES = {"a": r"\mathbf{w}", "b": r"\mathbf{x}"}


def _vector_rule(operation: Operation) -> None:
    """w ○ x for vectors of the same size."""

    @rule(
        w=vector("n"),
        x=vector("n", operation.right_domain),
        source=PH("4.2"),
        name=operation.name,
        tex=operation.tex.format(**_NAMES),
    )
    def entry(xp, w, x):
        return operation.apply(w, x)

    @entry.partial("w", operation.left_tex.format(**_NAMES))
    def _(xp, w, x):
        return spread(operation.by_left(w, x), w)

    @entry.partial("x", operation.right_tex.format(**_NAMES))
    def _(xp, w, x):
        return spread(operation.by_right(w, x), x)


for _operation in ARITHMETIC:
    _vector_rule(_operation)


@rule(
    w=vector("n"),
    x=vector("n"),
    source=PH("4.2"),
    kink_at={"x": lambda w: w},
    at_edges="at a tie the Clarke set is the segment from (1, 0) to (0, 1); the convention takes the first argument",
)
def maximum(xp, w, x):
    r"""\max(\mathbf{w}, \mathbf{x})"""
    return xp.maximum(w, x)


@maximum.partial("w")
def _(xp, w, x):
    r"""\mathrm{diag}(\mathbf{w} \ge \mathbf{x})"""
    return diag(xp.where(w >= x, xp.ones_like(w), xp.zeros_like(w)))


@maximum.partial("x")
def _(xp, w, x):
    r"""\mathrm{diag}(\mathbf{w} < \mathbf{x})"""
    return diag(xp.where(w >= x, xp.zeros_like(w), xp.ones_like(w)))


@rule(
    w=vector("n"),
    x=vector("n"),
    source=PH("4.2"),
    kink_at={"x": lambda w: w},
    jumps=True,
    domain="w ≠ x",
    at_edges="the value jumps at w = x: nothing is claimed there",
)
def greater(xp, w, x):
    r"""\mathbf{y}_i = 1 \text{ where } w_i > x_i \text{, else } 0"""
    return xp.where(w > x, xp.ones_like(x), xp.zeros_like(x))


@greater.partial("w")
def _(xp, w, x):
    r"""0"""
    return zero(x, w)


@greater.partial("x")
def _(xp, w, x):
    r"""0"""
    return zero(x, x)


def _diagonal_law(operation: Operation) -> None:
    """f(w) ○ g(x) has a diagonal Jacobian when f and g are element-wise."""

    @law(
        f=function(("n",), ("n",), at="w", elementwise=True),
        g=function(("n",), ("n",), at="x", elementwise=True, nonzero=operation.name == "divide"),
        w=vector("n", differentiable=False),
        x=vector("n", differentiable=False),
        source=PH("4.2"),
        name=f"diagonal_{operation.name}",
        tex=r"\frac{\partial}{\partial \mathbf{w}}\,"
        + operation.tex.format(a=r"\mathbf{f}(\mathbf{w})", b=r"\mathbf{g}(\mathbf{x})")
        + r" = \mathrm{diag}\Bigl(\frac{\partial}{\partial w_i}\, f_i(w_i) \bigcirc g_i(x_i)\Bigr)",
        at_edges=KINK_NOTE,
    )
    def diagonal(D, f, g, w, x):
        a, b = f(w), g(x)
        return (
            Equal(D(lambda t: operation.apply(f(t), b))(w), spread(operation.by_left(a, b), w) @ D(f)(w)),
            Equal(D(lambda t: operation.apply(a, g(t)))(x), spread(operation.by_right(a, b), x) @ D(g)(x)),
        )


for _operation in ARITHMETIC:
    _diagonal_law(_operation)
