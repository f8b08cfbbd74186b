"""Value and slope of a special function along a direction, from FLINT alone and from no derivative rule of ours.

Where FLINT has the Taylor series it is used; the series of an inverse function is that of the function turned round.
Elsewhere the derivative is a central difference in complex ball arithmetic with a bound on its remainder, by Cauchy's
estimate: for g analytic with |g| ≤ M on the disc of radius R, |g′(0) − (g(h) − g(−h))/2h| ≤ h² M/(R − h)³.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, arb_series, ctx

from . import special
from .elementary import SEVERAL

_HALVINGS = 200
_NAN = arb("nan")


def one(name: str, x: arb_series) -> arb_series:
    """A function of one variable of the table of special functions, of a series x + t·v."""
    value, slope = x[0], x[1]
    ln2 = arb.const_log2()
    root_2 = arb(2).sqrt()
    match name:
        case "exp2":
            return (x * ln2).exp()
        case "log2":
            return x.log() / ln2
        case "log10":
            return x.log() / arb.const_log10()
        case "cbrt":
            root = ((-x if value < 0 else x).log() / 3).exp()
            return -root if value < 0 else root
        case "erfcx":
            return (x * x).exp() * x.erfc()
        case "erfinv" | "erfcinv":
            y = value.erfinv() if name == "erfinv" else value.erfcinv()
            forward = arb_series([y, 1])
            forward = forward.erf() if name == "erfinv" else forward.erfc()
            return arb_series([y, slope / forward[1]])
        case "ndtri":
            return -root_2 * one("erfcinv", 2 * x)
        case "gammaln":
            if value > 0:
                return x.lgamma()
            sine = x.sin_pi()
            return arb.pi().log() - (sine if sine[0] > 0 else -sine).log() - (1 - x).lgamma()
        case "logit":
            return x.log() - (1 - x).log()
        case "ndtr":
            return (-x / root_2).erfc() / 2
        case "log_ndtr":
            found = (1 - (x / root_2).erfc() / 2).log() if value > 0 else ((-x / root_2).erfc() / 2).log()
            return arb_series([special.log_ndtr(value), found[1]])
        case "log_ndtr_slope":
            return (-x * x / 2).exp() / (2 * arb.pi()).sqrt() / one("ndtr", x)
        case "erfcx_slope":
            return 2 * x * one("erfcx", x) - 2 / arb.const_sqrt_pi()
        case "spence_slope":
            return x.log() / (1 - x)
        case "spence":
            return along(lambda z: (1 - z).polylog(2), [(value, slope)], abs(value))
    raise KeyError(name)


def several(name: str, arguments: list[int | arb_series]) -> arb_series:
    """A function of several variables, of series; orders are Python ints."""
    function = SEVERAL[name]
    if name in ("hypot", "atan2") and (known := _of_plane(name, *arguments)) is not None:
        return known
    lines = [(a[0], a[1]) for a in arguments if not isinstance(a, int)]

    def of_complex(*points: acb) -> acb:
        left = iter(points)
        return function.acb(*(a if isinstance(a, int) else next(left) for a in arguments))

    sizes = [abs(value) for value, slope in lines if not slope.is_zero() and not value.is_zero()]
    found = along(of_complex, lines, min(sizes, key=lambda s: s.mid()) if sizes else arb(1))
    real = function.of_ball(*(a if isinstance(a, int) else a[0] for a in arguments))
    return arb_series([real, found[1]])


def _of_plane(name: str, a: Any, b: Any) -> arb_series | None:
    """hypot and atan2 by FLINT's root and arctangent of series; None at the origin.

    A disc, as in ``along``, is too wide for slopes that are small beside the value.
    """
    far = abs(a[0]).mid() > abs(b[0]).mid()
    if (a if far else b)[0].contains(0):
        return None
    if name == "hypot":
        return (a * a + b * b).sqrt()
    slope = (-(b / a).atan() if far else (a / b).atan())[1]
    return arb_series([arb.atan2(a[0], b[0]), slope])


def along(f: Callable[..., Any], lines: list[tuple[arb, arb]], size: arb) -> arb_series:
    """f(x + t·v, …) up to t¹; ``size``: a length that the radius of the disc starts from, as a part of it."""
    speed = max((slope.abs_upper() for _, slope in lines), key=lambda s: s.mid())
    if speed.is_zero():
        return arb_series([f(*(acb(value) for value, _ in lines)).real, 0])
    if not (speed.is_finite() and size.is_finite()):
        return arb_series([_NAN, _NAN])

    def at(t: acb) -> acb:
        return f(*(acb(value) + t * slope for value, slope in lines))

    radius = arb((size / speed / 3).mid())
    for _ in range(_HALVINGS):
        reach = arb(0, radius)
        largest = abs(at(acb(reach, reach)))
        if largest.is_finite():
            break
        radius = radius / 2
    else:
        return arb_series([_NAN, _NAN])
    bits = ctx.prec
    try:
        ctx.prec = 3 * bits + 64
        h = radius * arb(2) ** -bits
        difference = (at(acb(h)).real - at(acb(-h)).real) / (2 * h)
        value = at(acb(0)).real
    finally:
        ctx.prec = bits
    remainder = (h * h * largest / (radius - h) ** 3).upper()
    return arb_series([value, difference + arb(0, remainder)])
