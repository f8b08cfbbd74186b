"""Removable singularities: sin x / x and the like, by a series near 0 and the formula elsewhere, with a guarded denominator.

The series is of so many terms that value and both derivatives are right in every format. Without the guard a library has 0/0
in the branch that is not taken.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..strategies.domains import Domain, reals
from .sources import Source
from .unary import Unary, declare

SOURCE = Source("Higham, Accuracy and Stability of Numerical Algorithms", "1.14, removable singularities")
NEAR = 2.0**-10
_AT_0 = reals.with_kinks(0.0, NEAR, -NEAR)
_ABOVE_MINUS_1 = Domain("> −1", low=-1.0).with_kinks(0.0, NEAR, -NEAR)
_AT_EDGES = "at 0 value and derivatives are those of the series; at ±2⁻¹⁰ nothing is claimed"


def _polynomial(x: Any, coefficients: Sequence[int], power: int) -> Any:
    """c₀ + c₁ xᵖ + c₂ x²ᵖ + … by Horner's scheme."""
    step, found = x**power, coefficients[-1]
    for c in reversed(coefficients[:-1]):
        found = c + step * found
    return found


def _slope(x: Any, coefficients: Sequence[int], power: int) -> Any:
    return x ** (power - 1) * _polynomial(x, [k * power * c for k, c in enumerate(coefficients)][1:], power)


class Removable(NamedTuple):
    """A function with a removable singularity at 0: the terms of its series in powers of x to the ``power``, with a common
    denominator, its formula and the formula's derivative.
    """

    name: str
    power: int
    series: tuple[int, ...]
    denominator: int
    formula: Callable[[Any, Any], Any]
    derivative: Callable[[Any, Any], Any]
    tex: str
    derivative_tex: str
    domain: Domain = _AT_0


TABLE = (
    Removable(
        "sin_over_x",
        2,
        (5040, -840, 42, -1),
        5040,
        lambda xp, x: xp.sin(x) / x,
        lambda xp, x: (xp.cos(x) - xp.sin(x) / x) / x,
        r"\frac{\sin x}{x}",
        r"\frac{x \cos x - \sin x}{x^2}",
    ),
    Removable(
        "one_minus_cos_over_square",
        2,
        (20160, -1680, 56, -1),
        40320,
        lambda xp, x: 2 * (xp.sin(x / 2) / x) ** 2,
        lambda xp, x: 2 * xp.sin(x / 2) * (xp.cos(x / 2) - 2 * xp.sin(x / 2) / x) / x**2,
        r"\frac{1 - \cos x}{x^2}",
        r"\frac{x \sin x - 2 (1 - \cos x)}{x^3}",
    ),
    Removable(
        "expm1_over_x",
        1,
        (40320, 20160, 6720, 1680, 336, 56, 8, 1),
        40320,
        lambda xp, x: xp.expm1(x) / x,
        lambda xp, x: (xp.exp(x) - xp.expm1(x) / x) / x,
        r"\frac{e^x - 1}{x}",
        r"\frac{x e^x - e^x + 1}{x^2}",
    ),
    Removable(
        "log1p_over_x",
        1,
        (840, -420, 280, -210, 168, -140, 120, -105),
        840,
        lambda xp, x: xp.log1p(x) / x,
        lambda xp, x: (1 / (1 + x) - xp.log1p(x) / x) / x,
        r"\frac{\ln(1 + x)}{x}",
        r"\frac{1}{x (1 + x)} - \frac{\ln(1 + x)}{x^2}",
        _ABOVE_MINUS_1,
    ),
    Removable(
        "tanh_over_x",
        2,
        (315, -105, 42, -17),
        315,
        lambda xp, x: xp.tanh(x) / x,
        lambda xp, x: (1 - xp.tanh(x) ** 2 - xp.tanh(x) / x) / x,
        r"\frac{\tanh x}{x}",
        r"\frac{x (1 - \tanh^2 x) - \tanh x}{x^2}",
    ),
    Removable(
        "x_over_tanh",
        2,
        (945, 315, -21, 2),
        945,
        lambda xp, x: x / xp.tanh(x),
        lambda xp, x: 1 / xp.tanh(x) + x - x / xp.tanh(x) ** 2,
        r"\frac{x}{\tanh x}",
        r"\frac{1}{\tanh x} + x - \frac{x}{\tanh^2 x}",
    ),
    Removable(
        "atan_over_x",
        2,
        (105, -35, 21, -15),
        105,
        lambda xp, x: xp.atan(x) / x,
        lambda xp, x: (1 / (1 + x**2) - xp.atan(x) / x) / x,
        r"\frac{\arctan x}{x}",
        r"\frac{1}{x (1 + x^2)} - \frac{\arctan x}{x^2}",
    ),
)


def _where_near(xp: Any, x: Any, near: Any, far: Any) -> Any:
    return xp.where(x < NEAR, xp.where(x > -NEAR, near, far), far)


def _guarded(xp: Any, x: Any, series: Callable[[Any], Any], formula: Callable[[Any, Any], Any]) -> Any:
    return _where_near(xp, x, series(x), formula(xp, _where_near(xp, x, xp.ones_like(x), x)))


def _rows(entry: Removable) -> tuple[Unary, Unary]:
    """The function with a guarded denominator, and without."""

    def series(x: Any) -> Any:
        return _polynomial(x, entry.series, entry.power) / entry.denominator

    def slope(x: Any) -> Any:
        return _slope(x, entry.series, entry.power) / entry.denominator

    def guarded(xp: Any, x: Any) -> Any:
        return _guarded(xp, x, series, entry.formula)

    def unguarded(xp: Any, x: Any) -> Any:
        return _where_near(xp, x, series(x), entry.formula(xp, x))

    def derivative(xp: Any, x: Any) -> Any:
        return _guarded(xp, x, slope, entry.derivative)

    near = r" \text{ for } |x| \ge 2^{-10}, \text{ else its series}"
    safe = Unary(
        entry.name, guarded, derivative, entry.domain, entry.tex + near, entry.derivative_tex + near, at_edges=_AT_EDGES
    )
    bare = safe._replace(
        name=f"unguarded_{entry.name}",
        apply=unguarded,
        tex=safe.tex + r"\text{, without a guard in the formula}",
        at_edges="at 0 NaN from the branch that is not taken is wrong; at ±2⁻¹⁰ nothing is claimed",
        regular=guarded,
    )
    return safe, bare


ROWS = [_rows(entry) for entry in TABLE]

declare([safe for safe, _ in ROWS] + [bare for _, bare in ROWS[:1]], SOURCE, __name__, aim=True)
