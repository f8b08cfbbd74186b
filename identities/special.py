"""Special functions of one variable (names as in ``scipy.special``): error functions, the normal law, gamma and others.

``FUNCTIONS`` is the table. Where the usual formula for the derivative cancels, it stands as another form beside one
that does not.
"""

from collections.abc import Callable
from typing import Any

from ..strategies import Domain, positive, reals, within
from .sources import Source
from .unary import Unary, declare

Apply = Callable[[Any, Any], Any]


_UNIT = Domain("in (0, 1)", low=0.0, high=1.0)
_INSIDE = within(1)
_POLES = tuple(-float(k) for k in range(60))
_OFF_POLES = Domain("no integer ≤ 0; > −59", low=-59.0, excluded=_POLES)


def _bell(xp, x):
    return 2 * xp.exp(-(x**2)) / xp.sqrt(xp.pi)


def _gauss(xp, x):
    return xp.exp(-(x**2) / 2 - xp.log(2 * xp.pi) / 2)


def _half(xp, x):
    return xp.sqrt(xp.pi) / 2


FUNCTIONS = (
    Unary(
        "erf",
        lambda xp, x: xp.erf(x),
        _bell,
        reals.with_kinks(0.0, 0.5, 1.0, 3.0, 6.0),
        r"\mathrm{erf}\,x",
        r"\frac{2}{\sqrt{\pi}}\,e^{-x^2}",
        section="7.10.1",
    ),
    Unary(
        "erfc",
        lambda xp, x: xp.erfc(x),
        lambda xp, x: -_bell(xp, x),
        reals.with_kinks(0.0, 0.5, 1.0, 5.0, 10.0, 26.0),
        r"\mathrm{erfc}\,x",
        r"-\frac{2}{\sqrt{\pi}}\,e^{-x^2}",
        section="7.10.1",
    ),
    Unary(
        "erfcx",
        lambda xp, x: xp.erfcx(x),
        lambda xp, x: xp.erfcx_slope(x),
        reals.with_kinks(0.0, 1.0, 5.0, 10.0, 50.0, -5.0),
        r"e^{x^2}\,\mathrm{erfc}\,x",
        r"2\,x\,\mathrm{erfcx}\,x - \frac{2}{\sqrt{\pi}}",
        section="7.10",
        others=(lambda xp, x: 2 * x * xp.erfcx(x) - 2 / xp.sqrt(xp.pi),),
    ),
    Unary(
        "erfinv",
        lambda xp, x: xp.erfinv(x),
        lambda xp, x: _half(xp, x) * xp.exp(xp.erfinv(x) ** 2),
        _INSIDE.with_kinks(0.0, 0.5, -0.7, 0.95),
        r"\mathrm{erf}^{-1}\,x",
        r"\frac{\sqrt{\pi}}{2}\,e^{(\mathrm{erf}^{-1} x)^2}",
        section="7.17",
    ),
    Unary(
        "erfcinv",
        lambda xp, x: xp.erfcinv(x),
        lambda xp, x: -_half(xp, x) * xp.exp(xp.erfcinv(x) ** 2),
        Domain("in (0, 2)", low=0.0, high=2.0, kinks=(1.0, 0.5, 1e-4)),
        r"\mathrm{erfc}^{-1}\,x",
        r"-\frac{\sqrt{\pi}}{2}\,e^{(\mathrm{erfc}^{-1} x)^2}",
        section="7.17",
    ),
    Unary(
        "ndtr",
        lambda xp, x: xp.ndtr(x),
        _gauss,
        reals.with_kinks(0.0, 1.0, -1.0, -5.0, -14.0, 8.0),
        r"\Phi(x)",
        r"\frac{1}{\sqrt{2\pi}}\,e^{-x^2/2}",
        section="7.18",
        texts=(lambda xp, x: (1 + xp.erf(x / xp.sqrt(2 * xp.ones_like(x)))) / 2,),
    ),
    Unary(
        "log_ndtr",
        lambda xp, x: xp.log_ndtr(x),
        lambda xp, x: xp.log_ndtr_slope(x),
        reals.with_kinks(0.0, -1.0, -5.0, -10.0, -20.0, -50.0, 5.0, 8.0),
        r"\ln \Phi(x)",
        r"\frac{e^{-x^2/2}}{\sqrt{2\pi}\,\Phi(x)}",
        section="7.18",
        others=(
            lambda xp, x: xp.exp(-(x**2) / 2 - xp.log_ndtr(x)) / xp.sqrt(2 * xp.pi),
            lambda xp, x: _gauss(xp, x) / xp.ndtr(x),
        ),
    ),
    Unary(
        "ndtri",
        lambda xp, p: xp.ndtri(p),
        lambda xp, p: xp.exp(xp.ndtri(p) ** 2 / 2 + xp.log(2 * xp.pi) / 2),
        _UNIT.with_kinks(0.5, 0.02425, 1e-4, 0.97575),
        r"\Phi^{-1}(x)",
        r"\sqrt{2\pi}\,e^{(\Phi^{-1}(x))^2/2}",
        section="7.17",
    ),
    Unary(
        "gamma",
        lambda xp, x: xp.gamma(x),
        lambda xp, x: xp.gamma(x) * xp.polygamma(0, x),
        _OFF_POLES.with_kinks(0.5, 1.0, 2.0, 10.0, 33.0, -0.5, -1.5),
        r"\Gamma(x)",
        r"\Gamma(x)\,\psi(x)",
        section="5.2.2",
    ),
    Unary(
        "gammaln",
        lambda xp, x: xp.gammaln(x),
        lambda xp, x: xp.polygamma(0, x),
        _OFF_POLES.with_kinks(0.5, 3.0, 10.0, 1000.0, -0.5, -1.5),
        r"\ln |\Gamma(x)|",
        r"\psi(x)",
        section="5.2.2",
    ),
    Unary(
        "digamma",
        lambda xp, x: xp.polygamma(0, x),
        lambda xp, x: xp.polygamma(1, x),
        _OFF_POLES.with_kinks(0.5, 1.0, 2.0, 6.0, 10.0, -0.5, -1.5),
        r"\psi(x)",
        r"\psi'(x)",
        section="5.15",
    ),
    Unary(
        "expit",
        lambda xp, x: xp.expit(x),
        lambda xp, x: xp.expit(x) * xp.expit(-x),
        reals.with_kinks(0.0, 20.0, -20.0, 40.0),
        r"\sigma(x)",
        r"\sigma(x)\,\sigma(-x)",
        section="4.2",
        others=(lambda xp, x: xp.expit(x) * (1 - xp.expit(x)),),
    ),
    Unary(
        "logit",
        lambda xp, x: xp.logit(x),
        lambda xp, x: 1 / (x * (1 - x)),
        _UNIT.with_kinks(0.5, 0.25, 1e-4),
        r"\ln \frac{x}{1 - x}",
        r"\frac{1}{x\,(1 - x)}",
        section="4.2",
    ),
    Unary(
        "log_expit",
        lambda xp, x: -xp.softplus(-x),
        lambda xp, x: xp.expit(-x),
        reals.with_kinks(0.0, 20.0, -20.0, 40.0),
        r"\ln \sigma(x)",
        r"\sigma(-x)",
        section="4.2",
        others=(lambda xp, x: 1 - xp.expit(x),),
    ),
    Unary(
        "softplus",
        lambda xp, x: xp.softplus(x),
        lambda xp, x: xp.expit(x),
        reals.with_kinks(0.0, 20.0, -20.0, 40.0),
        r"\ln(1 + e^x)",
        r"\sigma(x)",
        section="4.2",
    ),
    Unary(
        "entr",
        lambda xp, x: -x * xp.log(x),
        lambda xp, x: -xp.log(x) - 1,
        positive.with_kinks(1.0),
        r"-x \ln x",
        r"-\ln x - 1",
        section="4.2",
    ),
    Unary(
        "lambertw",
        lambda xp, x: xp.lambertw(x),
        lambda xp, x: xp.exp(-xp.lambertw(x)) / (1 + xp.lambertw(x)),
        Domain("> −1/e", low=-0.367879, kinks=(0.0, 1.0)),
        r"W(x)",
        r"\frac{e^{-W(x)}}{1 + W(x)}",
        section="4.13.4",
    ),
    Unary(
        "spence",
        lambda xp, x: xp.spence(x),
        lambda xp, x: xp.spence_slope(x),
        positive.with_kinks(1.0, 0.5, 1.5, 2.0),
        r"\mathrm{Li}_2(1 - x)",
        r"\frac{\ln x}{1 - x}",
        section="25.12",
        others=(lambda xp, x: xp.log(x) / (1 - x),),
        at_edges="smooth also at 1, where the derivative is −1",
    ),
)


declare(FUNCTIONS, Source("DLMF", ""), __name__)
