"""Powers with a static integer: xᵏ also at 0, where x⁰ is 1 and its derivative 0; (c²)ˣ; and x·2ᵏ."""

from ..strategies import integer, nonzero, reals, vector
from .declare import rule
from .operators import diag, zero
from .sources import Source

_SOURCE = Source("Array API standard", "elementwise functions")


@rule(
    x=vector("n", reals.with_kinks(0.0, 1.0, -1.0)),
    k=integer(0, 6),
    source=_SOURCE,
    at_edges="the derivative of x⁰ is 0 also at x = 0, and that of x¹ is 1",
)
def integer_power(xp, x, k):
    r"""x^k, \quad k \ge 0"""
    return x**k


@integer_power.partial("x")
def _(xp, x, k):
    r"""\mathrm{diag}(k\,x^{k-1})"""
    return zero(x, x) if k == 0 else diag(k * x ** (k - 1))


@rule(x=vector("n", nonzero), k=integer(-4, -1), source=_SOURCE)
def negative_power(xp, x, k):
    r"""x^k, \quad k < 0"""
    return x**k


@negative_power.partial("x")
def _(xp, x, k):
    r"""\mathrm{diag}(k\,x^{k-1})"""
    return diag(k * x ** (k - 1))


@rule(x=vector("n", reals.with_kinks(0.0)), c=integer(1, 3), source=_SOURCE)
def exponential(xp, x, c):
    r"""(c^2)^x"""
    return (c * c) ** x


@exponential.partial("x")
def _(xp, x, c):
    r"""\mathrm{diag}\bigl((c^2)^x \ln c^2\bigr)"""
    return diag((c * c) ** x * xp.log(c * c * xp.ones_like(x)))


@rule(x=vector("n", reals.with_kinks(0.0)), k=integer(-3, 3), source=Source("C standard", "math.h"))
def ldexp(xp, x, k):
    r"""x \cdot 2^k"""
    return x * 2.0**k


@ldexp.partial("x")
def _(xp, x, k):
    r"""\mathrm{diag}(2^k)"""
    return diag(2.0**k * xp.ones_like(x))
