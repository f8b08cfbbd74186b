"""Inverse sines and cosines of a complex variable, in elliptic coordinates, as functions of pairs of reals.

A = (|z + 1| + |z − 1|)/2 and S = √(A² − 1) are the semi-axes of the ellipse with foci ±1 through z. Then arcosh A is the
modulus of the imaginary part of arcsin z and the real part of arcosh z (Hull, Fairgrieve and Tang, *Implementing the complex
arcsine and arccosine functions using exception handling*, 1997). That is stable away from the segment of the foci; there,
between the cuts, K = √(A² − x²) = |Re √(1 − z²)| takes its place. arsinh z = −i arcsin(i z) is the same, turned.
"""

from typing import Any

from ..strategies import Domain, reals, within
from .complex_functions import OFF_IMAGINARY, OFF_REAL, Holomorphic, Region, declare, polar_power
from .pairs import Of, Pair, negative, times


def _foci(xp: Any, x: Any, y: Any) -> Pair:
    """|z + 1| and |z − 1|."""
    return xp.hypot(x + 1, y), xp.hypot(x - 1, y)


def _axes(xp: Any, x: Any, y: Any) -> Pair:
    """A and S."""
    right, left = _foci(xp, x, y)
    A = (right + left) / 2
    return A, xp.sqrt((A - 1) * (A + 1))


def _over_foci(xp: Any, parts: Pair, x: Any, y: Any) -> Pair:
    """The quotient by |z + 1||z − 1| = |1 − z²|, which does not overflow where this does."""
    right, left = _foci(xp, x, y)
    return parts[0] / right / left, parts[1] / right / left


def _asin(xp: Any, x: Any, y: Any) -> Pair:
    A, S = _axes(xp, x, y)
    return xp.atan2(x, xp.abs(y) * (A / S)), xp.sign(y) * xp.acosh(A)


def _asin_slope(xp: Any, x: Any, y: Any) -> Pair:
    A, S = _axes(xp, x, y)
    return _over_foci(xp, (xp.abs(y) * (A / S), xp.sign(y) * x * (S / A)), x, y)


def _acos(xp: Any, x: Any, y: Any) -> Pair:
    A, S = _axes(xp, x, y)
    return xp.atan2(xp.abs(y) * (A / S), x), -xp.sign(y) * xp.acosh(A)


def _acosh(xp: Any, x: Any, y: Any) -> Pair:
    A, S = _axes(xp, x, y)
    return xp.acosh(A), xp.atan2(y * (A / S), x)


def _acosh_slope(xp: Any, x: Any, y: Any) -> Pair:
    A, S = _axes(xp, x, y)
    return _over_foci(xp, (x * (S / A), -y * (A / S)), x, y)


def _between(xp: Any, x: Any, y: Any) -> Any:
    """K where |x| < 1: A² − x² is half of |1 − z²| + 1 − x² + y², all of it positive."""
    right, left = _foci(xp, x, y)
    return xp.sqrt((right * left + (1 - x) * (1 + x) + y * y) / 2)


def _asin_strip(xp: Any, x: Any, y: Any) -> Pair:
    K = _between(xp, x, y)
    return xp.atan2(x, K), xp.atanh(y / K)


def _acos_strip(xp: Any, x: Any, y: Any) -> Pair:
    K = _between(xp, x, y)
    return xp.atan2(K, x), -xp.atanh(y / K)


def _asin_slope_strip(xp: Any, x: Any, y: Any) -> Pair:
    K = _between(xp, x, y)
    return _over_foci(xp, (K, x * y / K), x, y)


def _opposite(f: Of) -> Of:
    return lambda xp, x, y: negative(f(xp, x, y))


def _turned(f: Of) -> Of:
    """−i f(i z): from arcsin to arsinh."""

    def value(xp: Any, x: Any, y: Any) -> Pair:
        u, v = f(xp, -y, x)
        return v, -u

    return value


def _at_turned(f: Of) -> Of:
    """f(i z), the derivative of −i F(i z) where f is that of F."""
    return lambda xp, x, y: f(xp, -y, x)


def _product(xp: Any, x: Any, y: Any) -> Pair:
    """(1 − z)^(−1/2) (1 + z)^(−1/2)."""
    return times(_RSQRT(xp, 1 - x, -y), _RSQRT(xp, 1 + x, y))


def _whole(xp: Any, x: Any, y: Any) -> Pair:
    """(1 − z²)^(−1/2)."""
    return _RSQRT(xp, 1 - (x - y) * (x + y), -2 * x * y)


def _acosh_product(xp: Any, x: Any, y: Any) -> Pair:
    """(z − 1)^(−1/2) (z + 1)^(−1/2)."""
    return times(_RSQRT(xp, x - 1, y), _RSQRT(xp, x + 1, y))


_RSQRT = polar_power(-0.5)
_FORMS = (_product, _whole)
_UNIT, _NEAR = within(1, 0.0), within(2, 0.0)
_STRIP, _STRIP_TURNED = Region("_strip", _UNIT, _NEAR), Region("_strip", _NEAR, _UNIT)
_RIGHT_OF_1 = Region("_right", Domain("> 1", low=1.0), reals.with_kinks(0.0))
_ASIN, _ACOS = r"\frac{1}{\sqrt{1 - z^2}}", r"-\frac{1}{\sqrt{1 - z^2}}"
_ASINH, _ACOSH = r"\frac{1}{\sqrt{1 + z^2}}", r"\frac{1}{\sqrt{z - 1}\,\sqrt{z + 1}}"


def _complement(xp: Any, x: Any, y: Any) -> Pair:
    """arccos z = π/2 − arcsin z, whose real part cancels."""
    u, v = _asin(xp, x, y)
    return xp.pi / 2 - u, -v


def _row(
    name: str,
    tex: tuple[str, str],
    region: Region,
    f: Of,
    slope: Of,
    forms: tuple[Of, ...],
    texts: tuple[Of, ...] = (),
) -> Holomorphic:
    return Holomorphic(name, f, slope, tex, (region,), texts, forms, canonical=1)


def _rows(
    region: Region, strip: Region, name: str, tex: tuple[str, str], turn: Any, f: Of, in_strip: Of, *texts: Of
) -> Any:
    """The entries of a function off its cuts and between them; ``turn`` takes the derivative of arcsin to that of f."""
    forms = tuple(map(turn, _FORMS))
    yield _row(name, tex, region, f, turn(_asin_slope), forms, texts)
    yield _row(name, tex, strip, in_strip, turn(_asin_slope_strip), forms)


FUNCTIONS = (
    *_rows(OFF_REAL, _STRIP, "asin", (r"\arcsin z", _ASIN), lambda f: f, _asin, _asin_strip),
    *_rows(OFF_REAL, _STRIP, "acos", (r"\arccos z", _ACOS), _opposite, _acos, _acos_strip, _complement),
    *_rows(
        Region("", OFF_IMAGINARY.x, OFF_IMAGINARY.y),
        _STRIP_TURNED,
        "asinh",
        (r"\mathrm{arsinh}\,z", _ASINH),
        _at_turned,
        _turned(_asin),
        _turned(_asin_strip),
    ),
    *(
        _row("acosh", (r"\mathrm{arcosh}\,z", _ACOSH), region, _acosh, _acosh_slope, (_acosh_product,))
        for region in (OFF_REAL, _RIGHT_OF_1)
    ),
)

declare(FUNCTIONS, __name__)
