"""More guards: logarithms of what is clipped, a guarded entropy, the cube of a norm, an angle, and a safe unit vector."""

from ..strategies import nonzero, reals, vector, within
from .declare import rule
from .guards import EPSILON, SOURCE, where_positive
from .operators import Products, diag, row
from .unary import Unary, declare

_AT_0 = reals.with_kinks(0.0)


def _clipped(xp, x):
    """x between 2⁻¹⁰ and 1 − 2⁻¹⁰."""
    one = xp.ones_like(x)
    return xp.minimum(xp.maximum(x, EPSILON * one), (1 - EPSILON) * one)


def _where_inside(xp, x, d):
    """d where x is between the bounds, else 0."""
    above = xp.where(x >= EPSILON, d, xp.zeros_like(x))
    return xp.where(x <= 1 - EPSILON, above, xp.zeros_like(x))


def _entropy_slope(xp, x):
    return where_positive(xp, x, lambda t: xp.log(t) + 1)


TABLE = (
    Unary(
        "clip_then_log",
        lambda xp, x: xp.log(_clipped(xp, x)),
        lambda xp, x: _where_inside(xp, x, 1 / _clipped(xp, x)),
        reals.with_kinks(EPSILON, 1 - EPSILON, 0.0, 1.0),
        r"\ln c, \quad c = \min(\max(x, 2^{-10}), 1 - 2^{-10})",
        r"\frac{1}{x} \text{ inside the bounds, else } 0",
        at_edges="at a bound the Clarke set is [0, 1/x]",
    ),
    Unary(
        "guarded_entropy",
        lambda xp, x: where_positive(xp, x, lambda t: x * xp.log(t)),
        _entropy_slope,
        nonzero,
        r"x \ln x \text{ for } x > 0, \text{ else } 0",
        r"\ln x + 1 \text{ for } x > 0, \text{ else } 0",
        at_edges="at 0 the derivative from the right is −∞: 0 is excluded",
    ),
    Unary(
        "unguarded_entropy",
        lambda xp, x: xp.where(x > 0, x * xp.log(x), xp.zeros_like(x)),
        _entropy_slope,
        nonzero,
        r"x \ln x \text{ where } x > 0, \text{ else } 0 \text{, without a guard inside the logarithm}",
        r"\ln x + 1 \text{ for } x > 0, \text{ else } 0",
        at_edges="for x < 0 the derivative is 0: NaN from the branch that is not taken is wrong; 0 is excluded",
    ),
    Unary(
        "guarded_softplus",
        lambda xp, x: xp.where(x > 20, x, xp.log1p(xp.exp(xp.where(x > 20, xp.zeros_like(x), x)))),
        lambda xp, x: xp.where(x > 20, xp.ones_like(x), 1 / (1 + xp.exp(-xp.where(x > 20, xp.zeros_like(x), x)))),
        reals.with_kinks(0.0, 20.0),
        r"x \text{ for } x > 20, \text{ else } \ln(1 + e^x)",
        r"1 \text{ for } x > 20, \text{ else } \frac{1}{1 + e^{-x}}",
        at_edges="at 20 the value jumps by e⁻²⁰ and nothing is claimed",
    ),
)

declare(TABLE, SOURCE, __name__, aim=True)


@rule(
    x=vector("n", _AT_0, minimum=1),
    source=SOURCE,
    title="cube of the Euclidean norm",
    kink_at={"x": lambda: 0.0},
    at_edges="at 0 both derivatives exist and are 0: NaN is wrong there",
    regular=lambda xp, x: xp.sum(x**2) ** 1.5,
)
def norm_cubed(xp, x):
    r"""y = \Bigl(\sqrt{\textstyle\sum_i x_i^2}\Bigr)^3"""
    return xp.sqrt(xp.sum(x**2)) ** 3


@norm_cubed.partial("x")
def _(xp, x):
    r"""3\,\lVert\mathbf{x}\rVert\,\mathbf{x}^T"""
    return row(xp, 3 * xp.sqrt(xp.sum(x**2)) * x)


@rule(
    x=vector("n", nonzero),
    y=vector("n", _AT_0),
    source=SOURCE,
    title="an angle with a guarded denominator",
    at_edges="at x = 0 the value jumps: 0 is excluded",
)
def guarded_angle(xp, x, y):
    r"""\arctan(y / x) \text{ for } x > 0, \text{ else } 0"""
    return where_positive(xp, x, lambda t: xp.atan(y / t))


@guarded_angle.partial("x")
def _(xp, x, y):
    r"""\mathrm{diag}\Bigl(\frac{-y}{x^2 + y^2} \text{ for } x > 0, \text{ else } 0\Bigr)"""
    return diag(where_positive(xp, x, lambda t: -(y / t) / (t * (1 + (y / t) ** 2))))


@guarded_angle.partial("y")
def _(xp, x, y):
    r"""\mathrm{diag}\Bigl(\frac{x}{x^2 + y^2} \text{ for } x > 0, \text{ else } 0\Bigr)"""
    return diag(where_positive(xp, x, lambda t: 1 / (t * (1 + (y / t) ** 2))))


def _guarded_length(xp, x):
    """The norm where it is above 2⁻¹⁰, else 2⁻¹⁰, without a root of 0; and 1 or 0 for these two."""
    square = xp.sum(x**2)
    long = xp.sqrt(square) > EPSILON
    length = xp.where(long, xp.sqrt(xp.where(long, square, xp.asarray(1.0))), xp.asarray(EPSILON))
    return length, xp.where(long, xp.asarray(1.0), xp.asarray(0.0))


@rule(
    x=vector("n", within(64, 0.0), minimum=1),
    source=SOURCE,
    title="a unit vector with a guarded norm",
    kink_at={"x": lambda: 0.0},
    at_edges="at 0 the derivative is 2¹⁰ I: NaN is wrong there; at a norm of 2⁻¹⁰ it is between those of both sides",
    regular=lambda xp, x: x / _guarded_length(xp, x)[0],
)
def safe_unit(xp, x):
    r"""\frac{\mathbf{x}}{\max(\lVert\mathbf{x}\rVert, 2^{-10})}"""
    return x / xp.maximum(xp.sqrt(xp.sum(x**2)), xp.asarray(EPSILON))


@safe_unit.partial("x")
def _(xp, x):
    r"""\frac{1}{\lVert\mathbf{x}\rVert} \Bigl(I - \frac{\mathbf{x}\mathbf{x}^T}{\lVert\mathbf{x}\rVert^2}\Bigr) \text{ where } \lVert\mathbf{x}\rVert > 2^{-10}, \text{ else } 2^{10} I"""
    length, weight = _guarded_length(xp, x)

    def product(v):
        return v / length - x * (weight * xp.sum(x * v) / length**3)

    return Products(xp, x.shape, x.shape, product, product)
