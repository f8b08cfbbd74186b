"""Composite guards: smooth functions written through a kink or a singularity, and ``where`` as a guard.

The rules of the parts give 0·∞ or NaN where the whole has a derivative: ‖x‖² at 0, √(x²) at 0, where(x > 0, √x, 0) at
x < 0. The truth is that of the whole: the entry's *regular* text says the same without the singularity, and it stands
for the written text where that has no finite derivative of its own.
"""

from collections.abc import Callable
from typing import Any

from ..strategies import nonzero, reals, vector
from .declare import rule
from .norms import slope_of_abs
from .operators import diag, row
from .sources import Source
from .unary import Unary, declare

SOURCE = Source("Griewank and Walther, Evaluating Derivatives", "chapter 14, Beyond C¹")
_AT_0 = reals.with_kinks(0.0)
_SMOOTH_AT_0 = "at 0 the derivative exists: NaN is wrong there"
_INFINITE_AT_0 = "at 0 the derivative from the right is infinite: 0 is excluded"
EPSILON = 2.0**-10
"""Where logarithms and norms are clipped."""


def where_positive(xp: Any, x: Any, inside: Callable[[Any], Any]) -> Any:
    """The safe guard: what is evaluated for x ≤ 0, and not chosen, is ``inside`` at 1."""
    return xp.where(x > 0, inside(xp.where(x > 0, x, xp.ones_like(x))), xp.zeros_like(x))


GUARDS = (
    Unary(
        "sqrt_square",
        lambda xp, x: xp.sqrt(x**2),
        slope_of_abs,
        _AT_0,
        r"\sqrt{x^2}",
        r"\mathrm{sign}\,x",
        at_edges="at 0 any value in [−1, 1], as for |x|; NaN is wrong",
        regular=lambda xp, x: xp.abs(x),
    ),
    Unary(
        "sqrt_fourth",
        lambda xp, x: xp.sqrt(x**4),
        lambda xp, x: 2 * x,
        _AT_0,
        r"\sqrt{x^4}",
        "2x",
        at_edges=_SMOOTH_AT_0,
        regular=lambda xp, x: x**2,
    ),
    Unary(
        "x_abs",
        lambda xp, x: x * xp.abs(x),
        lambda xp, x: 2 * xp.abs(x),
        _AT_0,
        r"x\,|x|",
        "2\\,|x|",
        at_edges=_SMOOTH_AT_0,
    ),
    Unary(
        "abs_cubed",
        lambda xp, x: xp.abs(x) ** 3,
        lambda xp, x: 3 * x * xp.abs(x),
        _AT_0,
        "|x|^3",
        r"3\,x\,|x|",
        at_edges=_SMOOTH_AT_0,
    ),
    Unary(
        "relu_squared",
        lambda xp, x: xp.maximum(x, xp.zeros_like(x)) ** 2,
        lambda xp, x: 2 * xp.maximum(x, xp.zeros_like(x)),
        _AT_0,
        r"\max(x, 0)^2",
        r"2 \max(x, 0)",
        at_edges=_SMOOTH_AT_0,
    ),
    Unary(
        "relu_cubed",
        lambda xp, x: xp.maximum(x, xp.zeros_like(x)) ** 3,
        lambda xp, x: 3 * xp.maximum(x, xp.zeros_like(x)) ** 2,
        _AT_0,
        r"\max(x, 0)^3",
        r"3 \max(x, 0)^2",
        at_edges=_SMOOTH_AT_0,
    ),
    Unary(
        "matern",
        lambda xp, x: (1 + xp.sqrt(x**2)) * xp.exp(-xp.sqrt(x**2)),
        lambda xp, x: -x * xp.exp(-xp.abs(x)),
        _AT_0,
        r"(1 + r)\,e^{-r}, \quad r = \sqrt{x^2}",
        r"-x\,e^{-|x|}",
        at_edges=_SMOOTH_AT_0,
        regular=lambda xp, x: (1 + xp.abs(x)) * xp.exp(-xp.abs(x)),
    ),
    Unary(
        "smooth_abs",
        lambda xp, x: xp.sqrt(x**2 + EPSILON),
        lambda xp, x: x / xp.sqrt(x**2 + EPSILON),
        _AT_0,
        r"\sqrt{x^2 + 2^{-10}}",
        r"\frac{x}{\sqrt{x^2 + 2^{-10}}}",
        at_edges=_SMOOTH_AT_0,
    ),
    Unary(
        "log_one_plus_square",
        lambda xp, x: xp.log1p(x**2),
        lambda xp, x: 2 * x / (1 + x**2),
        _AT_0,
        r"\ln(1 + x^2)",
        r"\frac{2x}{1 + x^2}",
        at_edges=_SMOOTH_AT_0,
    ),
    Unary(
        "guarded_sqrt",
        lambda xp, x: where_positive(xp, x, xp.sqrt),
        lambda xp, x: where_positive(xp, x, lambda t: 1 / (2 * xp.sqrt(t))),
        nonzero,
        r"\sqrt{x} \text{ for } x > 0, \text{ else } 0",
        r"\frac{1}{2\sqrt{x}} \text{ for } x > 0, \text{ else } 0",
        at_edges=_INFINITE_AT_0,
    ),
    Unary(
        "guarded_log",
        lambda xp, x: where_positive(xp, x, xp.log),
        lambda xp, x: where_positive(xp, x, lambda t: 1 / t),
        nonzero,
        r"\ln x \text{ for } x > 0, \text{ else } 0",
        r"\frac{1}{x} \text{ for } x > 0, \text{ else } 0",
        at_edges="at 0 the value jumps: 0 is excluded",
    ),
    Unary(
        "guarded_reciprocal",
        lambda xp, x: where_positive(xp, x, lambda t: 1 / t),
        lambda xp, x: where_positive(xp, x, lambda t: -1 / t**2),
        nonzero,
        r"\frac{1}{x} \text{ for } x > 0, \text{ else } 0",
        r"-\frac{1}{x^2} \text{ for } x > 0, \text{ else } 0",
        at_edges="at 0 the value jumps: 0 is excluded",
    ),
    Unary(
        "unguarded_sqrt",
        lambda xp, x: xp.where(x > 0, xp.sqrt(x), xp.zeros_like(x)),
        lambda xp, x: where_positive(xp, x, lambda t: 1 / (2 * xp.sqrt(t))),
        nonzero,
        r"\sqrt{x} \text{ where } x > 0, \text{ else } 0 \text{, without a guard inside the root}",
        r"\frac{1}{2\sqrt{x}} \text{ for } x > 0, \text{ else } 0",
        at_edges="for x < 0 the derivative is 0: NaN from the branch that is not taken is wrong; 0 is excluded",
        regular=lambda xp, x: where_positive(xp, x, xp.sqrt),
    ),
    Unary(
        "unguarded_log",
        lambda xp, x: xp.where(x > 0, xp.log(x), xp.zeros_like(x)),
        lambda xp, x: where_positive(xp, x, lambda t: 1 / t),
        nonzero,
        r"\ln x \text{ where } x > 0, \text{ else } 0 \text{, without a guard inside the logarithm}",
        r"\frac{1}{x} \text{ for } x > 0, \text{ else } 0",
        at_edges="for x < 0 the derivative is 0: NaN from the branch that is not taken is wrong; 0 is excluded",
    ),
    Unary(
        "clipped_log",
        lambda xp, x: xp.log(xp.maximum(x, EPSILON * xp.ones_like(x))),
        lambda xp, x: xp.where(x >= EPSILON, 1 / xp.maximum(x, EPSILON * xp.ones_like(x)), xp.zeros_like(x)),
        reals.with_kinks(EPSILON, 0.0),
        r"\ln \max(x, 2^{-10})",
        r"\frac{1}{x} \text{ for } x \ge 2^{-10}, \text{ else } 0",
        at_edges="at 2⁻¹⁰ the Clarke set is [0, 1/x]",
    ),
)


declare(GUARDS, SOURCE, __name__, aim=True)


@rule(
    x=vector("n", _AT_0, minimum=1),
    source=SOURCE,
    title="square of the Euclidean norm",
    kink_at={"x": lambda: 0.0},
    at_edges=_SMOOTH_AT_0,
    regular=lambda xp, x: xp.sum(x**2),
)
def norm_squared(xp, x):
    r"""y = \Bigl(\sqrt{\textstyle\sum_i x_i^2}\Bigr)^2"""
    return xp.sqrt(xp.sum(x**2)) ** 2


@norm_squared.partial("x")
def _(xp, x):
    r"""2\,\mathbf{x}^T"""
    return row(xp, 2 * x)


@rule(
    x=vector("n", _AT_0, minimum=1),
    y=vector("n", _AT_0, minimum=1),
    source=SOURCE,
    title="square of the Euclidean distance",
    kink_at={"y": lambda x: x},
    at_edges="at x = y the derivative exists and is 0: NaN is wrong there",
    regular=lambda xp, x, y: xp.sum((x - y) ** 2),
)
def distance_squared(xp, x, y):
    r"""\Bigl(\sqrt{\textstyle\sum_i (x_i - y_i)^2}\Bigr)^2"""
    return xp.sqrt(xp.sum((x - y) ** 2)) ** 2


@distance_squared.partial("x")
def _(xp, x, y):
    r"""2\,(\mathbf{x} - \mathbf{y})^T"""
    return row(xp, 2 * (x - y))


@distance_squared.partial("y")
def _(xp, x, y):
    r"""2\,(\mathbf{y} - \mathbf{x})^T"""
    return row(xp, 2 * (y - x))


@rule(
    x=vector("n", _AT_0),
    y=vector("n", _AT_0),
    source=SOURCE,
    title="square of the hypotenuse",
    kink_at={"x": lambda **_: 0.0, "y": lambda **_: 0.0},
    at_edges=_SMOOTH_AT_0,
    regular=lambda xp, x, y: x**2 + y**2,
)
def hypot_squared(xp, x, y):
    r"""\Bigl(\sqrt{x^2 + y^2}\Bigr)^2"""
    return xp.sqrt(x**2 + y**2) ** 2


@hypot_squared.partial("x")
def _(xp, x, y):
    r"""\mathrm{diag}(2x)"""
    return diag(2 * x)


@hypot_squared.partial("y")
def _(xp, x, y):
    r"""\mathrm{diag}(2y)"""
    return diag(2 * y)


@rule(
    x=vector("n", _AT_0, minimum=1),
    source=SOURCE,
    title="square of the standard deviation",
    kink_at={"x": lambda: 0.0},
    at_edges="where all elements are equal the derivative exists and is 0: NaN is wrong there",
    regular=lambda xp, x: xp.mean((x - xp.mean(x)) ** 2),
)
def std_squared(xp, x):
    r"""\sigma^2, \quad \sigma = \sqrt{\tfrac{1}{n} \textstyle\sum_i (x_i - \bar{x})^2}"""
    return xp.sqrt(xp.mean((x - xp.mean(x)) ** 2)) ** 2


@std_squared.partial("x")
def _(xp, x):
    r"""\tfrac{2}{n}\,(\mathbf{x} - \bar{x})^T"""
    return row(xp, 2 * (x - xp.mean(x)) / x.shape[0])
