"""Special functions on balls: those that FLINT lacks under one name, written with those that it has.

Each is given in a form that neither overflows nor cancels, or is computed with more bits, so that the enclosure of a thin
ball is thin. Sources: NIST Digital Library of Mathematical Functions (DLMF), chapters 5, 7, 8, 10 and 25.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flint import acb, arb, ctx

_MORE_BITS = (64, 256, 1024, 4096)


def tight(f: Callable[..., arb]) -> Callable[..., arb]:
    """``f``, computed with more bits where a ball about exact arguments is wide."""

    @wraps(f)
    def with_more_bits(*arguments: Any) -> arb:
        found = f(*arguments)
        if not all(isinstance(a, int) or a.is_exact() for a in arguments):
            return found
        before = ctx.prec
        try:
            for more in _MORE_BITS:
                if found.is_zero() or (found.is_finite() and found.rel_accuracy_bits() >= before - 8):
                    break
                ctx.prec = before + more
                found = f(*arguments)
        finally:
            ctx.prec = before
        return found

    return with_more_bits


def expit(x: arb) -> arb:
    """1/(1 + e⁻ˣ), by the exponential that decays."""
    if x.mid() < 0:
        up = x.exp()
        return up / (1 + up)
    return 1 / (1 + (-x).exp())


def softplus(x: arb) -> arb:
    """ln(1 + eˣ), by the exponential that decays."""
    return (-x).exp().log1p() + x if x.mid() > 0 else x.exp().log1p()


def cbrt(x: arb) -> arb:
    """The real cube root."""
    return -(-x).root(3) if x.mid() < 0 else x.root(3)


@tight
def erfcx(x: arb) -> arb:
    """exp(x²) erfc x; for x > 1 as U(½, ½, x²)/√π (DLMF 7.11.5), which is free of exp(x²)."""
    if x.mid() > 1:
        return (x * x).hypgeom_u(arb(0.5), arb(0.5)) / arb.const_sqrt_pi()
    return (x * x).exp() * x.erfc()


@tight
def erfcx_slope(x: arb) -> arb:
    """d/dx exp(x²) erfc x = 2 x erfcx x − 2/√π, which is −x U(3/2, 3/2, x²)/√π for x > 0 and does not cancel."""
    if x.mid() > 1:
        return -x * (x * x).hypgeom_u(arb(1.5), arb(1.5)) / arb.const_sqrt_pi()
    return 2 * x * (x * x).exp() * x.erfc() - 2 / arb.const_sqrt_pi()


@tight
def gammaln(x: arb) -> arb:
    """ln |Γ(x)|; by reflection for x < 0 (DLMF 5.5.3)."""
    if x.mid() > 0:
        return x.lgamma()
    return (arb.pi() / abs(x.sin_pi())).log() - (1 - x).lgamma()


def ndtr(x: arb) -> arb:
    """The distribution function of the standard normal law, ½ erfc(−x/√2)."""
    return (-x / arb(2).sqrt()).erfc() / 2


@tight
def log_ndtr(x: arb) -> arb:
    """ln of the distribution function of the standard normal law."""
    if x.mid() > 0:
        return (-(x / arb(2).sqrt()).erfc() / 2).log1p()
    return (erfcx(-x / arb(2).sqrt()) / 2).log() - x * x / 2


@tight
def log_ndtr_slope(x: arb) -> arb:
    """φ(x)/Φ(x), the inverse of Mills' ratio at −x: √(2/π)/erfcx(−x/√2)."""
    if x.mid() > 0:
        return (-x * x / 2).exp() / (2 * arb.pi()).sqrt() / ndtr(x)
    return (2 / arb.pi()).sqrt() / erfcx(-x / arb(2).sqrt())


@tight
def ndtri(p: arb) -> arb:
    """The inverse of the distribution function of the standard normal law."""
    return -arb(2).sqrt() * (2 * p).erfcinv()


@tight
def logit(x: arb) -> arb:
    """ln(x/(1 − x))."""
    return (x / (1 - x)).log()


@tight
def spence(z: arb) -> arb:
    """Li₂(1 − z) for z > 0."""
    return (1 - z).polylog(2)


@tight
def spence_slope(z: arb) -> arb:
    """ln z/(1 − z), and −1 at z = 1."""
    return arb(-1) if z == 1 else z.log() / (1 - z)


@tight
def sinc_derivative(k: int, x: arb) -> arb:
    """The k-th derivative of sin(πx)/(πx)."""
    if x.is_zero():
        return arb(0) if k % 2 else (-1) ** (k // 2) * arb.pi() ** k / (k + 1)
    return leibniz_sinc(k, x)


def leibniz_sinc(k: int, x: Any) -> Any:
    """The k-th derivative of sin(πx)·(πx)⁻¹ for x ≠ 0 by Leibniz' rule; x real or complex."""
    waves = [x.sin_pi(), x.cos_pi()]
    found, choose = 0, 1
    for j in range(k + 1):
        sine = (1, 1, -1, -1)[j % 4] * waves[j % 2] * arb.pi() ** j
        inverse = (-1) ** (k - j) * arb.fac_ui(k - j) / (arb.pi() * x ** (k - j + 1))
        found = found + choose * sine * inverse
        choose = choose * (k - j) // (j + 1)
    return found


@tight
def polygamma(n: int, x: arb) -> arb:
    """ψ⁽ⁿ⁾(x)."""
    return x.digamma() if n == 0 else acb(x).polygamma(n).real


@tight
def zeta(s: arb, q: arb) -> arb:
    """Hurwitz' ζ(s, q)."""
    return s.zeta(q)


@tight
def jv(n: int, x: arb) -> arb:
    """Jₙ(x)."""
    return x.bessel_j(n)


@tight
def yv(n: int, x: arb) -> arb:
    """Yₙ(x)."""
    return x.bessel_y(n)


@tight
def iv(n: int, x: arb) -> arb:
    """Iₙ(x)."""
    return x.bessel_i(n)


@tight
def kv(n: int, x: arb) -> arb:
    """Kₙ(x)."""
    return x.bessel_k(n)


@tight
def ive(n: int, x: arb) -> arb:
    """e⁻ˣ Iₙ(x); for x < 0 it grows: |x| is the business of who calls."""
    return x.bessel_i(n, scaled=True) if x > 0 else (-x).exp() * x.bessel_i(n)


@tight
def ive_slope(n: int, x: arb) -> arb:
    """d/dx e⁻ˣ Iₙ(x) = e⁻ˣ (½ (Iₙ₋₁ + Iₙ₊₁) − Iₙ), in which far out nearly everything cancels."""
    return (ive(n - 1, x) + ive(n + 1, x)) / 2 - ive(n, x)


@tight
def i1e_derivative(k: int, x: arb) -> arb:
    """The k-th derivative of e^(−|x|) I₁(x), which at 0 has two."""
    if k > 1 and x.contains(0):
        return arb("nan")
    found = scaled_derivative(ive, k, 1, abs(x))
    return -found if x < 0 and k % 2 == 0 else found


def scaled_derivative(scaled: Callable[[int, Any], Any], k: int, n: int, x: Any) -> Any:
    """The k-th derivative of ``scaled(n, x)`` = e⁻ˣ Iₙ(x); x real or complex."""
    if k == 0:
        return scaled(n, x)
    before, after = scaled_derivative(scaled, k - 1, n - 1, x), scaled_derivative(scaled, k - 1, n + 1, x)
    return (before + after) / 2 - scaled_derivative(scaled, k - 1, n, x)


@tight
def logaddexp(x: arb, y: arb) -> arb:
    """ln(eˣ + eʸ), by the exponential that decays."""
    return x + softplus(y - x) if x.mid() > y.mid() else y + softplus(x - y)


@tight
def logaddexp2(x: arb, y: arb) -> arb:
    """log₂(2ˣ + 2ʸ)."""
    ln2 = arb.const_log2()
    return logaddexp(x * ln2, y * ln2) / ln2


@tight
def betaln(a: arb, b: arb) -> arb:
    """ln B(a, b) for positive a and b."""
    return a.lgamma() + b.lgamma() - (a + b).lgamma()


@tight
def gammainc(a: arb, x: arb) -> arb:
    """P(a, x), the regularized lower incomplete gamma function."""
    return x.gamma_lower(a, regularized=1)


@tight
def gammaincc(a: arb, x: arb) -> arb:
    """Q(a, x), the regularized upper incomplete gamma function."""
    return x.gamma_upper(a, regularized=1)
