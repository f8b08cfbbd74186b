"""Special functions with an order or of two variables: polygamma, zeta, beta, incomplete and multivariate gamma.

An order n is a static integer: nothing is differentiated by it. So is, in this version, the first argument of zeta and of
the incomplete gamma functions, by which most libraries do not differentiate.
"""

from ..strategies import Domain, integer, positive, vector
from .declare import Rule, rule
from .operators import diag, total
from .sources import Source

_OFF_POLES = Domain("no integer ≤ 0; > −59", low=-59.0, excluded=tuple(-float(k) for k in range(60)))


@rule(
    n=integer(0, 4),
    x=vector("m", _OFF_POLES.with_kinks(0.5, 1.0, 2.0, 6.0, 10.0, -0.5, -1.5)),
    source=Source("DLMF", "5.15"),
)
def polygamma(xp, n, x):
    r"""\psi^{(n)}(x)"""
    return xp.polygamma(n, x)


@polygamma.partial("x")
def _(xp, n, x):
    r"""\mathrm{diag}(\psi^{(n+1)}(x))"""
    return diag(xp.polygamma(n + 1, x))


@rule(
    s=vector("n", Domain("in (1, 64)", low=1.0, high=64.0, kinks=(2.0,)), differentiable=False),
    q=vector("n", Domain("in (0, 10⁶)", low=0.0, high=1e6, kinks=(1.0, 0.5, 10.0))),
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
        a=vector("n", Domain("in (10⁻³, 200)", low=1e-3, high=200.0, kinks=(0.5, 1.0, 20.0)), differentiable=False),
        x=vector("n", Domain("in (0, 10⁴)", low=0.0, high=1e4, kinks=(0.5, 1.0, 20.0))),
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
    return d * (d - 1) / 4 * xp.log(xp.pi * xp.ones_like(a)) + total(xp.gammaln(a - j / 2) for j in range(d))


@multigammaln.partial("a")
def _(xp, a, d):
    r"""\mathrm{diag}\Bigl(\sum_{j=1}^{d} \psi\bigl(a + \tfrac{1 - j}{2}\bigr)\Bigr)"""
    return diag(total(xp.polygamma(0, a - j / 2) for j in range(d)))
