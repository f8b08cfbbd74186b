"""The table of functions of several variables: orders first, then the arguments proper.

Derivatives: DLMF 5.9 and 5.15 (polygamma), 8.8 (incomplete gamma), 10.6 and 10.29 (Bessel), 25.11 (Hurwitz zeta).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb

from . import special, special_digits
from .table import Several


def _ln2(A: Any) -> Any:
    return A.call("log", A.two)


def _neighbours(name: str, sign: int, first: int) -> Callable[..., Any]:
    """½ (fₙ₋₁ ± fₙ₊₁), and ``first`` times f₁ for n = 0."""

    def rule(A: Any, n: int, x: Any, y: Any) -> Any:
        if n == 0:
            after = A.call(name, 1, x)
            return after if first > 0 else -after
        before, after = A.call(name, n - 1, x), A.call(name, n + 1, x)
        return A.divide(A.add(before, after) if sign > 0 else A.subtract(before, after), A.two)

    return rule


def _kv_rule(A: Any, n: int, x: Any, y: Any) -> Any:
    slope = _neighbours("kv", 1, 1)(A, n, x, y)
    return -slope


def _density(A: Any, a: Any, x: Any, y: Any) -> Any:
    """x^(a−1) e⁻ˣ/Γ(a)."""
    power = A.subtract(A.multiply(A.subtract(a, A.one), A.call("log", x)), x)
    return A.call("exp", A.subtract(power, A.call("gammaln", a)))


def _square_of_radius(A: Any, y: Any, x: Any) -> Any:
    return A.add(A.multiply(x, x), A.multiply(y, y))


def _share(A: Any, x: Any, y: Any) -> Any:
    """2ˣ/(2ˣ + 2ʸ)."""
    return A.call("expit", A.multiply(A.subtract(x, y), _ln2(A)))


def _complex_angle(y: Any, x: Any) -> Any:
    """The angle as an analytic function of both, on a neighbourhood of a real point off the negative axis."""
    radius = (x * x + y * y).sqrt(analytic=True)
    return 2 * (y / (radius + x)).atan()


def _complex_i1e(k: int, x: Any) -> Any:
    """The same on either side of 0, where it is analytic; not on a neighbourhood of 0 itself."""
    if not (x.real > 0 or x.real < 0):
        return acb("nan")
    found = special.scaled_derivative(lambda n, z: (-z).exp() * z.bessel_i(n), k, 1, x if x.real > 0 else -x)
    return -found if x.real < 0 and k % 2 == 0 else found


def _complex_sinc(k: int, x: Any) -> Any:
    return special.leibniz_sinc(k, x) if k else x.sinc_pi()


SEVERAL: dict[str, Several] = {
    "hypot": Several(
        lambda x, y: (x * x + y * y).sqrt(),
        lambda x, y: (x * x + y * y).sqrt(analytic=True),
        lambda s, x, y: s.sqrt(x**2 + y**2),
        lambda mp, x, y: mp.hypot(x, y),
        (lambda A, x, y, r: A.divide(x, r), lambda A, x, y, r: A.divide(y, r)),
        mixed=False,
    ),
    "atan2": Several(
        lambda y, x: arb.atan2(y, x),
        lambda y, x: _complex_angle(y, x),
        lambda s, y, x: s.atan2(y, x),
        lambda mp, y, x: mp.atan2(y, x),
        (
            lambda A, y, x, f: A.divide(x, _square_of_radius(A, y, x)),
            lambda A, y, x, f: -A.divide(y, _square_of_radius(A, y, x)),
        ),
        mixed=False,
    ),
    "logaddexp": Several(
        special.logaddexp,
        lambda x, y: x + (1 + (y - x).exp()).log(analytic=True),
        lambda s, x, y: s.log(s.exp(x) + s.exp(y)),
        special_digits.logaddexp,
        (
            lambda A, x, y, f: A.call("expit", A.subtract(x, y)),
            lambda A, x, y, f: A.call("expit", A.subtract(y, x)),
        ),
    ),
    "logaddexp2": Several(
        special.logaddexp2,
        lambda x, y: x + (1 + ((y - x) * arb.const_log2()).exp()).log(analytic=True) / arb.const_log2(),
        lambda s, x, y: s.log(s.Integer(2) ** x + s.Integer(2) ** y) / s.log(2),
        lambda mp, x, y: special_digits.logaddexp(mp, x * mp.log(2), y * mp.log(2)) / mp.log(2),
        (lambda A, x, y, f: _share(A, x, y), lambda A, x, y, f: _share(A, y, x)),
    ),
    "sinc_derivative": Several(
        special.sinc_derivative,
        _complex_sinc,
        None,
        special_digits.sinc_derivative,
        (None, lambda A, k, x, y: A.call("sinc_derivative", k + 1, x)),
    ),
    "polygamma": Several(
        special.polygamma,
        lambda n, x: x.polygamma(n),
        lambda s, n, x: s.polygamma(n, x),
        lambda mp, n, x: mp.psi(n, x),
        (None, lambda A, n, x, y: A.call("polygamma", n + 1, x)),
    ),
    "zeta": Several(
        special.zeta,
        lambda s, q: s.zeta(q),
        lambda m, s, q: m.zeta(s, q),
        lambda mp, s, q: mp.zeta(s, q),
        (None, lambda A, s, q, y: -A.multiply(s, A.call("zeta", A.add(s, A.one), q))),
    ),
    "jv": Several(
        special.jv,
        lambda n, x: x.bessel_j(n),
        lambda s, n, x: s.besselj(n, x),
        lambda mp, n, x: mp.besselj(n, x),
        (None, _neighbours("jv", -1, -1)),
    ),
    "yv": Several(
        special.yv,
        lambda n, x: x.bessel_y(n),
        lambda s, n, x: s.bessely(n, x),
        special_digits.bessely,
        (None, _neighbours("yv", -1, -1)),
    ),
    "iv": Several(
        special.iv,
        lambda n, x: x.bessel_i(n),
        lambda s, n, x: s.besseli(n, x),
        special_digits.besseli,
        (None, _neighbours("iv", 1, 1)),
    ),
    "kv": Several(
        special.kv,
        lambda n, x: x.bessel_k(n),
        lambda s, n, x: s.besselk(n, x),
        special_digits.besselk,
        (None, _kv_rule),
    ),
    "ive": Several(
        special.ive,
        lambda n, x: (-x).exp() * x.bessel_i(n),
        lambda s, n, x: s.exp(-x) * s.besseli(n, x),
        special_digits.ive,
        (None, lambda A, n, x, y: A.call("ive_slope", n, x)),
        lossy=(None, lambda A, n, x, y: A.subtract(_neighbours("ive", 1, 1)(A, n, x, y), y)),
    ),
    "ive_slope": Several(
        special.ive_slope,
        lambda n, x: (-x).exp() * ((x.bessel_i(n - 1) + x.bessel_i(n + 1)) / 2 - x.bessel_i(n)),
        None,
        special_digits.ive_slope,
        (None, lambda A, n, x, y: A.subtract(_neighbours("ive_slope", 1, 1)(A, n, x, y), y)),
    ),
    "i1e_derivative": Several(
        special.i1e_derivative,
        _complex_i1e,
        None,
        special_digits.i1e_derivative,
        (None, lambda A, k, x, y: A.call("i1e_derivative", k + 1, x)),
    ),
    "betaln": Several(
        special.betaln,
        lambda a, b: a.lgamma() + b.lgamma() - (a + b).lgamma(),
        lambda s, a, b: s.loggamma(a) + s.loggamma(b) - s.loggamma(a + b),
        special_digits.betaln,
        (
            lambda A, a, b, y: A.subtract(A.call("polygamma", 0, a), A.call("polygamma", 0, A.add(a, b))),
            lambda A, a, b, y: A.subtract(A.call("polygamma", 0, b), A.call("polygamma", 0, A.add(a, b))),
        ),
    ),
    "gammainc": Several(
        special.gammainc,
        lambda a, x: x.gamma_lower(a, regularized=1),
        None,  # SymPy has it, and takes twelve gigabytes to compare two
        lambda mp, a, x: mp.gammainc(a, 0, x, regularized=True),
        (None, _density),
    ),
    "gammaincc": Several(
        special.gammaincc,
        lambda a, x: x.gamma_upper(a, regularized=1),
        None,
        lambda mp, a, x: mp.gammainc(a, x, regularized=True),
        (None, lambda A, a, x, y: -_density(A, a, x, y)),
    ),
}
