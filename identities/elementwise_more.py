"""More element-wise functions of the Array API: steps, powers of 2 and 10, roots, sinc, and choices between arguments.

What has jumps or kinks names them, so that the search goes there: the derivative is 0 between jumps, and at a kink any
value between the one-sided derivatives is right.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import nonzero, positive, reals, vector
from .declare import rule
from .operators import diag, zero
from .sources import Source
from .unary import Unary, declare

_SOURCE = Source("Array API standard", "elementwise functions")
_INTEGERS = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
_HALVES = (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)


class Step(NamedTuple):
    """A function with jumps, the places of some of them, and how it is written."""

    name: str
    apply: Callable[[Any, Any], Any]
    jumps: tuple[float, ...]
    tex: str


STEPS = (
    Step("floor", lambda xp, x: xp.floor(x), _INTEGERS, r"\lfloor x \rfloor"),
    Step("ceil", lambda xp, x: xp.ceil(x), _INTEGERS, r"\lceil x \rceil"),
    Step("trunc", lambda xp, x: xp.trunc(x), _INTEGERS, r"\mathrm{trunc}\,x"),
    Step("round", lambda xp, x: xp.round(x), _HALVES, r"\mathrm{round}\,x"),
    Step("sign", lambda xp, x: xp.sign(x), (0.0,), r"\mathrm{sign}\,x"),
)


def _step(step: Step) -> None:
    @rule(
        x=vector("n", reals.with_kinks(*step.jumps)),
        source=_SOURCE,
        name=step.name,
        tex=step.tex,
        jumps=True,
        at_edges="the derivative is 0 between jumps; at a jump nothing is claimed",
    )
    def entry(xp, x):
        return step.apply(xp, x)

    @entry.partial("x", "0")
    def _(xp, x):
        return zero(x, x)


for _step_function in STEPS:
    _step(_step_function)


SMOOTH = (
    Unary("positive", lambda xp, x: xp.positive(x), lambda xp, x: xp.ones_like(x), reals, "+x", "1"),
    Unary(
        "exp2",
        lambda xp, x: xp.exp2(x),
        lambda xp, x: xp.exp2(x) * xp.log(2 * xp.ones_like(x)),
        reals,
        "2^x",
        r"2^x \ln 2",
    ),
    Unary(
        "log2",
        lambda xp, x: xp.log2(x),
        lambda xp, x: 1 / (x * xp.log(2 * xp.ones_like(x))),
        positive.with_kinks(1.0),
        r"\log_2 x",
        r"\frac{1}{x \ln 2}",
    ),
    Unary(
        "log10",
        lambda xp, x: xp.log10(x),
        lambda xp, x: 1 / (x * xp.log(10 * xp.ones_like(x))),
        positive.with_kinks(1.0),
        r"\log_{10} x",
        r"\frac{1}{x \ln 10}",
    ),
    Unary(
        "cbrt",
        lambda xp, x: xp.cbrt(x),
        lambda xp, x: 1 / (3 * xp.cbrt(x) ** 2),
        nonzero,
        r"\sqrt[3]{x}",
        r"\frac{1}{3\,\sqrt[3]{x}^2}",
        (lambda xp, x: xp.cbrt(x) / (3 * x),),
    ),
    Unary(
        "rsqrt",
        lambda xp, x: 1 / xp.sqrt(x),
        lambda xp, x: -1 / (2 * x * xp.sqrt(x)),
        positive,
        r"\frac{1}{\sqrt{x}}",
        r"-\frac{1}{2\,x\,\sqrt{x}}",
        (lambda xp, x: -((1 / xp.sqrt(x)) ** 3) / 2,),
    ),
    Unary(
        "deg2rad",
        lambda xp, x: x * (xp.pi / 180),
        lambda xp, x: xp.ones_like(x) * (xp.pi / 180),
        reals,
        r"\frac{\pi}{180}\,x",
        r"\frac{\pi}{180}",
    ),
    Unary(
        "rad2deg",
        lambda xp, x: x * (180 / xp.pi),
        lambda xp, x: xp.ones_like(x) * (180 / xp.pi),
        reals,
        r"\frac{180}{\pi}\,x",
        r"\frac{180}{\pi}",
    ),
    Unary(
        "sinc",
        lambda xp, x: xp.sinc_derivative(0, x),
        lambda xp, x: xp.sinc_derivative(1, x),
        reals.with_kinks(0.0, 1.0, -1.0, 0.5, 2.0, 1e-4),
        r"\frac{\sin \pi x}{\pi x},\; 1 \text{ at } 0",
        r"\frac{\cos \pi x - \mathrm{sinc}\,x}{x},\; 0 \text{ at } 0",
        (lambda xp, x: (xp.cos(xp.pi * x) - xp.sinc_derivative(0, x)) / x,),
    ),
)


declare(SMOOTH, _SOURCE, __name__)


@rule(
    x=vector("n", reals.with_kinks(0.0)),
    source=_SOURCE,
    at_edges="at 0 any value in [−1, 1]; the convention takes the derivative of x",
)
def abs(xp, x):
    r"""|x|"""
    return xp.abs(x)


@abs.partial("x")
def _(xp, x):
    r"""\mathrm{diag}(\mathrm{sign}\,x)"""
    return diag(xp.where(x < 0, -xp.ones_like(x), xp.ones_like(x)))


@rule(
    x=vector("n"),
    low=vector("n"),
    high=vector("n"),
    source=_SOURCE,
    kink_at={"low": lambda x, high: x},
    at_edges="at a tie the Clarke set joins the arguments that are equal; the convention takes x before its bounds",
)
def clip(xp, x, low, high):
    r"""\min(\max(x, l), h)"""
    return xp.minimum(xp.maximum(x, low), high)


def _clipped(xp, x, low, high, inside, below, above):
    return diag(xp.where(xp.maximum(x, low) > high, above, xp.where(x < low, below, inside)))


@clip.partial("x")
def _(xp, x, low, high):
    r"""\mathrm{diag}(l \le x \le h)"""
    return _clipped(xp, x, low, high, xp.ones_like(x), xp.zeros_like(x), xp.zeros_like(x))


@clip.partial("low")
def _(xp, x, low, high):
    r"""\mathrm{diag}(x < l \le h)"""
    return _clipped(xp, x, low, high, xp.zeros_like(x), xp.ones_like(x), xp.zeros_like(x))


@clip.partial("high")
def _(xp, x, low, high):
    r"""\mathrm{diag}(\max(x, l) > h)"""
    return _clipped(xp, x, low, high, xp.zeros_like(x), xp.zeros_like(x), xp.ones_like(x))


@rule(
    c=vector("n", nonzero, differentiable=False),
    x=vector("n"),
    y=vector("n"),
    source=Source("Array API standard", "searching functions"),
    title="where",
    domain="c ≠ 0",
    at_edges="the condition does not depend on x and y: there is no kink",
)
def where(xp, c, x, y):
    r"""x_i \text{ where } c_i > 0, \text{ else } y_i"""
    return xp.where(c > 0, x, y)


@where.partial("x")
def _(xp, c, x, y):
    r"""\mathrm{diag}(c > 0)"""
    return diag(xp.where(c > 0, xp.ones_like(x), xp.zeros_like(x)))


@where.partial("y")
def _(xp, c, x, y):
    r"""\mathrm{diag}(c \le 0)"""
    return diag(xp.where(c > 0, xp.zeros_like(x), xp.ones_like(x)))
