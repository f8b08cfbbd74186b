"""Special functions with an order or of two variables: Bessel, polygamma, zeta, beta, incomplete and multivariate gamma.

An order n is a static integer: nothing is differentiated by it. So is, in this version, the first argument of zeta and of
the incomplete gamma functions, by which most libraries do not differentiate.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import Domain, integer, positive, reals, vector
from .declare import Rule, rule
from .operators import diag
from .sources import Source

_OFF_POLES = Domain("no integer ≤ 0; > −59", low=-59.0, excluded=tuple(-float(k) for k in range(60)))


class Ordered(NamedTuple):
    """fₙ and fₙ′ as functions of the namespace, n and x; the orders, the domain of x, both in TeX, the DLMF's section."""

    name: str
    apply: Callable[[Any, int, Any], Any]
    derivative: Callable[[Any, int, Any], Any]
    orders: tuple[int, int]
    domain: Domain
    tex: str
    derivative_tex: str
    source: str
    other: Callable[[Any, int, Any], Any] | None = None


def _neighbours(f: str, sign: int, first: int) -> Callable[[Any, int, Any], Any]:
    """½ (fₙ₋₁ ± fₙ₊₁), and ±f₁ for n = 0."""

    def slope(xp, n, x):
        g = getattr(xp, f)
        return first * g(1, x) if n == 0 else (g(n - 1, x) + sign * g(n + 1, x)) / 2

    return slope


def _recurrence(f: str, sign: int, first: int) -> Callable[[Any, int, Any], Any]:
    """fₙ₋₁ − (n/x) fₙ, which is 0·∞ at x = 0."""

    def slope(xp, n, x):
        g = getattr(xp, f)
        return first * g(1, x) if n == 0 else sign * g(n - 1, x) - n * g(n, x) / x

    return slope


_WAVES = reals.with_kinks(0.0, 2.0, 5.0, 8.0, -5.0, 20.0)
_AWAY = positive.with_kinks(1.0, 2.0, 5.0, 8.0, 20.0)

ORDERED = (
    Ordered(
        "jn",
        lambda xp, n, x: xp.jv(n, x),
        _neighbours("jv", -1, -1),
        (0, 4),
        _WAVES,
        "J_n(x)",
        r"\tfrac{1}{2}\bigl(J_{n-1}(x) - J_{n+1}(x)\bigr)",
        "10.6.1",
        _recurrence("jv", 1, -1),
    ),
    Ordered(
        "yn",
        lambda xp, n, x: xp.yv(n, x),
        _neighbours("yv", -1, -1),
        (0, 3),
        _AWAY,
        "Y_n(x)",
        r"\tfrac{1}{2}\bigl(Y_{n-1}(x) - Y_{n+1}(x)\bigr)",
        "10.6.1",
        _recurrence("yv", 1, -1),
    ),
    Ordered(
        "iv",
        lambda xp, n, x: xp.iv(n, x),
        _neighbours("iv", 1, 1),
        (0, 4),
        _WAVES,
        "I_n(x)",
        r"\tfrac{1}{2}\bigl(I_{n-1}(x) + I_{n+1}(x)\bigr)",
        "10.29.1",
        _recurrence("iv", 1, 1),
    ),
    Ordered(
        "kn",
        lambda xp, n, x: xp.kv(n, x),
        lambda xp, n, x: -xp.kv(1, x) if n == 0 else -(xp.kv(n - 1, x) + xp.kv(n + 1, x)) / 2,
        (0, 3),
        _AWAY,
        "K_n(x)",
        r"-\tfrac{1}{2}\bigl(K_{n-1}(x) + K_{n+1}(x)\bigr)",
        "10.29.1",
        _recurrence("kv", -1, -1),
    ),
    Ordered(
        "polygamma",
        lambda xp, n, x: xp.polygamma(n, x),
        lambda xp, n, x: xp.polygamma(n + 1, x),
        (0, 4),
        _OFF_POLES.with_kinks(0.5, 1.0, 2.0, 6.0, 10.0, -0.5, -1.5),
        r"\psi^{(n)}(x)",
        r"\psi^{(n+1)}(x)",
        "5.15",
    ),
)


def _ordered(function: Ordered) -> None:
    @rule(
        n=integer(*function.orders),
        x=vector("m", function.domain),
        source=Source("DLMF", function.source),
        name=function.name,
        tex=function.tex,
    )
    def entry(xp, n, x):
        return function.apply(xp, n, x)

    @entry.partial("x", rf"\mathrm{{diag}}\Bigl({function.derivative_tex}\Bigr)")
    def _(xp, n, x):
        return diag(function.derivative(xp, n, x))

    if other := function.other:
        entry.equal_form("x")(lambda xp, n, x: diag(other(xp, n, x)))


for _function in ORDERED:
    _ordered(_function)


@rule(
    s=vector("n", Domain("> 1", low=1.0), differentiable=False),
    q=vector("n", positive.with_kinks(1.0, 0.5, 10.0)),
    source=Source("DLMF", "25.11.17"),
)
def zeta(xp, s, q):
    r"""\zeta(s, q) = \sum_{k \ge 0} (q + k)^{-s}"""
    return xp.zeta(s, q)


@zeta.partial("q")
def _(xp, s, q):
    r"""\mathrm{diag}(-s\,\zeta(s + 1, q))"""
    return diag(-s * xp.zeta(s + 1, q))


def _by_digamma(xp, a, b):
    return xp.polygamma(0, a) - xp.polygamma(0, a + b)


@rule(
    a=vector("n", positive.with_kinks(0.5, 1.0, 10.0)),
    b=vector("n", positive.with_kinks(0.5, 1.0, 10.0)),
    source=Source("DLMF", "5.12.1"),
)
def betaln(xp, a, b):
    r"""\ln B(a, b)"""
    return xp.betaln(a, b)


@betaln.partial("a")
def _(xp, a, b):
    r"""\mathrm{diag}(\psi(a) - \psi(a + b))"""
    return diag(_by_digamma(xp, a, b))


@betaln.partial("b")
def _(xp, a, b):
    r"""\mathrm{diag}(\psi(b) - \psi(a + b))"""
    return diag(_by_digamma(xp, b, a))


@rule(
    a=vector("n", positive.with_kinks(0.5, 1.0, 10.0)),
    b=vector("n", positive.with_kinks(0.5, 1.0, 10.0)),
    source=Source("DLMF", "5.12.1"),
)
def beta(xp, a, b):
    r"""B(a, b)"""
    return xp.exp(xp.betaln(a, b))


@beta.partial("a")
def _(xp, a, b):
    r"""\mathrm{diag}(B(a, b)\,(\psi(a) - \psi(a + b)))"""
    return diag(xp.exp(xp.betaln(a, b)) * _by_digamma(xp, a, b))


@beta.partial("b")
def _(xp, a, b):
    r"""\mathrm{diag}(B(a, b)\,(\psi(b) - \psi(a + b)))"""
    return diag(xp.exp(xp.betaln(a, b)) * _by_digamma(xp, b, a))


def _density(xp, a, x):
    """x^(a−1) e⁻ˣ/Γ(a)."""
    return xp.exp((a - 1) * xp.log(x) - x - xp.gammaln(a))


def _incomplete(name: str, sign: int, tex: str) -> Rule:
    @rule(
        a=vector("n", Domain("in (0, 200)", low=0.0, high=200.0, kinks=(0.5, 1.0, 20.0)), differentiable=False),
        x=vector("n", positive.with_kinks(0.5, 1.0, 20.0)),
        source=Source("DLMF", "8.8.13"),
        name=name,
        tex=tex,
    )
    def entry(xp, a, x):
        return getattr(xp, name)(a, x)

    @entry.partial(
        "x", rf"\mathrm{{diag}}\Bigl({'' if sign > 0 else '-'}\frac{{x^{{a-1}} e^{{-x}}}}{{\Gamma(a)}}\Bigr)"
    )
    def _(xp, a, x):
        return diag(sign * _density(xp, a, x))

    return entry


_incomplete("gammainc", 1, r"P(a, x) = \frac{1}{\Gamma(a)} \int_0^x t^{a-1} e^{-t}\,dt")
_incomplete("gammaincc", -1, r"Q(a, x) = \frac{1}{\Gamma(a)} \int_x^\infty t^{a-1} e^{-t}\,dt")


@rule(a=vector("n", Domain("> 3/2", low=1.5)), d=integer(1, 4), source=Source("DLMF", "35.3.4"))
def multigammaln(xp, a, d):
    r"""\ln \Gamma_d(a) = \frac{d(d-1)}{4} \ln \pi + \sum_{j=1}^{d} \ln \Gamma\bigl(a + \tfrac{1 - j}{2}\bigr)"""
    value = d * (d - 1) / 4 * xp.log(xp.pi * xp.ones_like(a))
    for j in range(d):
        value = value + xp.gammaln(a - j / 2)
    return value


@multigammaln.partial("a")
def _(xp, a, d):
    r"""\mathrm{diag}\Bigl(\sum_{j=1}^{d} \psi\bigl(a + \tfrac{1 - j}{2}\bigr)\Bigr)"""
    slope = xp.polygamma(0, a)
    for j in range(1, d):
        slope = slope + xp.polygamma(0, a - j / 2)
    return diag(slope)
