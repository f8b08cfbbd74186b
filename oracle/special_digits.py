"""Special functions to any number of digits, by mpmath alone: for the definition that confirms an accusation."""

from __future__ import annotations

from typing import Any


def expit(mp: Any, x: Any) -> Any:
    """1/(1 + e⁻ˣ)."""
    return 1 / (1 + mp.exp(-x))


def softplus(mp: Any, x: Any) -> Any:
    """ln(1 + eˣ)."""
    return mp.log1p(mp.exp(-abs(x))) + max(x, mp.mpf(0))


def cbrt(mp: Any, x: Any) -> Any:
    """The real cube root."""
    return mp.sign(x) * mp.cbrt(abs(x))


def erfcx(mp: Any, x: Any) -> Any:
    """exp(x²) erfc x, for large x by the asymptotic series DLMF 7.12.1, whose terms alternate."""
    if x > 0 and mp.mag(x) > 30:
        term = total = mp.mpf(1)
        n = 1
        while mp.mag(term) > -mp.prec:
            term *= (1 - 2 * n) / (2 * x * x)
            total, n = total + term, n + 1
        return total / (x * mp.sqrt(mp.pi))
    return mp.exp(x * x) * mp.erfc(x)


def erfcx_slope(mp: Any, x: Any) -> Any:
    """2 x erfcx x − 2/√π, with the bits that cancel for large x."""
    with mp.extraprec(4 * max(0, mp.mag(x)) + 32):
        return 2 * x * erfcx(mp, x) - 2 / mp.sqrt(mp.pi)


def erfcinv(mp: Any, x: Any) -> Any:
    """The inverse of erfc."""
    with mp.extraprec(max(0, -mp.mag(x)) + 32):
        return mp.erfinv(1 - x)


def gammaln(mp: Any, x: Any) -> Any:
    """ln |Γ(x)|."""
    return mp.re(mp.loggamma(x))


def logit(mp: Any, x: Any) -> Any:
    """ln(x/(1 − x))."""
    return mp.log(x / (1 - x)) if 0 < x < 1 else mp.nan


def ndtr(mp: Any, x: Any) -> Any:
    """The distribution function of the standard normal law."""
    return mp.erfc(-x / mp.sqrt(2)) / 2


def log_ndtr(mp: Any, x: Any) -> Any:
    """Its logarithm."""
    return mp.log1p(-ndtr(mp, -x)) if x > 0 else mp.log(ndtr(mp, x))


def log_ndtr_slope(mp: Any, x: Any) -> Any:
    """φ(x)/Φ(x)."""
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) / ndtr(mp, x)


def ndtri(mp: Any, p: Any) -> Any:
    """The inverse of the distribution function of the standard normal law."""
    return -mp.sqrt(2) * erfcinv(mp, 2 * p)


def lambertw(mp: Any, x: Any) -> Any:
    """The principal branch of W."""
    return mp.re(mp.lambertw(x))


def spence(mp: Any, z: Any) -> Any:
    """Li₂(1 − z) by its series at |1 − z| ≤ ½, to which the formulas DLMF 25.12.3, 4 and 6 lead from elsewhere."""
    if z > 2:
        return -(mp.pi**2 / 6) - mp.log(z - 1) ** 2 / 2 - spence(mp, z / (z - 1))
    if z > 1.5:
        return -(mp.log(z) ** 2) / 2 - spence(mp, 1 / z)
    if 0 < z < 0.5:
        return mp.pi**2 / 6 - mp.log(z) * mp.log1p(-z) - mp.polylog(2, z)
    return mp.re(mp.polylog(2, 1 - z))


def spence_slope(mp: Any, z: Any) -> Any:
    """ln z/(1 − z)."""
    if z == 1:
        return mp.mpf(-1)
    with mp.extraprec(max(0, -mp.mag(1 - z)) + 32):
        return mp.log(z) / (1 - z)


def sinc_derivative(mp: Any, k: int, x: Any) -> Any:
    """The k-th derivative of sin(πx)/(πx): ∫₀¹ d^k/dx^k cos(πxt) dt, by parts as far as no digits are lost."""
    if x == 0:
        return mp.mpf(0) if k % 2 else (-1) ** (k // 2) * mp.pi**k / (k + 1)
    with mp.extraprec((k + 1) * max(0, -mp.mag(x)) * 2 + 64):
        z = mp.pi * x
        found = mp.sin(z) / z
        for j in range(1, k + 1):
            # f⁽ʲ⁾(z) = (sin⁽ʲ⁾(z) − j f⁽ʲ⁻¹⁾(z))/z, by differentiating z f(z) = sin z.
            found = (mp.sin(z + j * mp.pi / 2) - j * found) / z
        return found * mp.pi**k


_SERIES = 14
"""Binary magnitude of an argument up to which a series of about as many terms is summed."""


def besseli(mp: Any, n: int, x: Any) -> Any:
    """Iₙ(x) for an integer n by the ascending series DLMF 10.25.2, whose terms have one sign.

    At thousands of bits mpmath loses a second with an asymptotic series that does not reach them.
    """
    if x == 0 or mp.mag(x) > _SERIES:
        return mp.besseli(n, x)
    with mp.extraprec(32):
        k, square = 0, x * x / 4
        term = (x / 2) ** abs(n) / mp.factorial(abs(n))
        total = term
        while mp.mag(term) > mp.mag(total) - mp.prec:
            k += 1
            term = term * square / (k * (k + abs(n)))
            total += term
        return total


def ive(mp: Any, n: int, x: Any) -> Any:
    """e⁻ˣ Iₙ(x)."""
    return mp.exp(-x) * besseli(mp, n, x)


def ive_slope(mp: Any, n: int, x: Any) -> Any:
    """d/dx e⁻ˣ Iₙ(x)."""
    with mp.extraprec(2 * max(0, mp.mag(x)) + 32):
        return (ive(mp, n - 1, x) + ive(mp, n + 1, x)) / 2 - ive(mp, n, x)


def i1e_derivative(mp: Any, k: int, x: Any) -> Any:
    """The k-th derivative of e^(−|x|) I₁(x), k ≤ 1."""
    if k > 1:
        raise ValueError("a derivative of order 2 is not needed for the definition of the first")
    return ive_slope(mp, 1, abs(x)) if k else (-1 if x < 0 else 1) * ive(mp, 1, abs(x))


def logaddexp(mp: Any, x: Any, y: Any) -> Any:
    """ln(eˣ + eʸ)."""
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


def betaln(mp: Any, a: Any, b: Any) -> Any:
    """ln B(a, b)."""
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def bessely(mp: Any, n: int, x: Any) -> Any:
    """Yₙ(x) for an integer n by the ascending series DLMF 10.8.1, with the digits that cancel in it."""
    if n < 0:
        return (-1) ** n * bessely(mp, -n, x)
    with mp.extraprec(int(4 * abs(x)) + 64):
        return 2 / mp.pi * mp.log(x / 2) * mp.besselj(n, x) - _two_sums(mp, n, x, -1) / mp.pi


def besselk(mp: Any, n: int, x: Any) -> Any:
    """Kₙ(x) for an integer n by the ascending series DLMF 10.31.1, with the digits that cancel in it."""
    n = abs(n)
    with mp.extraprec(int(6 * abs(x)) + 64):
        half = _two_sums(mp, n, x, 1) / 2
        return (-1) ** (n + 1) * mp.log(x / 2) * mp.besseli(n, x) + half


def _two_sums(mp: Any, n: int, x: Any, sign: int) -> Any:
    """(x/2)⁻ⁿ Σ (n−k−1)!/k! (∓x²/4)^k, k < n, and ± of (x/2)ⁿ Σ (ψ(k+1) + ψ(n+k+1)) (±x²/4)^k/(k! (n+k)!)."""
    square, factor = x * x / 4, (x / 2) ** n
    first = mp.fsum(mp.factorial(n - k - 1) / mp.factorial(k) * (-sign * square) ** k for k in range(n)) / factor
    k, term, second = 0, factor / mp.factorial(n), mp.mpf(0)
    digamma = -2 * mp.euler + mp.fsum(mp.mpf(1) / j for j in range(1, n + 1))
    while True:
        added = digamma * term
        second += added
        if k > abs(x) and abs(added) <= mp.eps * abs(second) * mp.mpf(2) ** -32:
            break
        k += 1
        term = term * sign * square / (k * (n + k))
        digamma += mp.mpf(1) / k + mp.mpf(1) / (n + k)
    return first + second * ((-1) ** n if sign > 0 else 1)
