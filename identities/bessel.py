"""Bessel functions Jₙ, Yₙ, Iₙ, Kₙ of an integer order n, which is static, and the scaled e^(−|x|) Iₙ.

The form fₙ₋₁ − (n/x) fₙ of a derivative, which libraries use, is 0·∞ at 0 and loses near it; half a sum or difference of
the neighbours does not.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import Domain, integer, vector
from .declare import rule
from .operators import diag
from .sources import Source


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


# Further out an argument must be reduced modulo 2π to hundreds of digits, which is not what these functions are used for.
_WAVES = Domain("|x| < 10⁵", low=-1e5, high=1e5, kinks=(0.0, 2.0, 5.0, 8.0, -5.0, 20.0))
_AWAY = Domain("in (0, 10⁵)", low=0.0, high=1e5, kinks=(1.0, 2.0, 5.0, 8.0, 20.0))

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


FIXED = ("j", "y", "i", "k")
"""The orders 0 and 1 of these, which libraries have as functions of their own: J₀, J₁, Y₀, …"""


def _of_order(function: Ordered, n: int) -> None:
    @rule(
        x=vector("n", function.domain),
        source=Source("DLMF", function.source),
        name=f"{function.name[0]}{n}",
        tex=function.tex.replace("_n", f"_{n}"),
    )
    def entry(xp, x):
        return function.apply(xp, n, x)

    @entry.partial("x", rf"\mathrm{{diag}}\Bigl({function.derivative_tex}\Bigr), \quad n = {n}")
    def _(xp, x):
        return diag(function.derivative(xp, n, x))

    if n and (other := function.other):
        entry.equal_form("x")(lambda xp, x: diag(other(xp, n, x)))


for _function in ORDERED:
    _ordered(_function)
    for _n in (0, 1):
        _of_order(_function, _n)


@rule(
    x=vector("n", Domain("|x| < 10⁵", low=-1e5, high=1e5, kinks=(0.0, 8.0, -8.0, 30.0))),
    source=Source("DLMF", "10.29"),
    at_edges="at 0 any value in [−1, 1]",
)
def i0e(xp, x):
    r"""e^{-|x|} I_0(x)"""
    return xp.ive(0, xp.abs(x))


@i0e.partial("x")
def _(xp, x):
    r"""\mathrm{diag}\bigl(e^{-|x|} (I_1(x) - \mathrm{sign}(x)\,I_0(x))\bigr)"""
    return diag(xp.where(x < 0, -1, 1) * xp.ive_slope(0, xp.abs(x)))


@i0e.equal_form("x")
def _(xp, x):
    return diag(xp.where(x < 0, -1, 1) * (xp.ive(1, xp.abs(x)) - xp.ive(0, xp.abs(x))))


@rule(
    x=vector("n", Domain("|x| < 10⁵", low=-1e5, high=1e5, kinks=(0.0, 8.0, -8.0, 30.0))),
    source=Source("DLMF", "10.29"),
    at_edges="smooth also at 0, where the derivative is ½",
)
def i1e(xp, x):
    r"""e^{-|x|} I_1(x)"""
    return xp.i1e_derivative(0, x)


@i1e.partial("x")
def _(xp, x):
    r"""\mathrm{diag}\bigl(e^{-|x|} (\tfrac{1}{2}(I_0(x) + I_2(x)) - |I_1(x)|)\bigr)"""
    return diag(xp.i1e_derivative(1, x))


@i1e.equal_form("x")
def _(xp, x):
    return diag(xp.ive(0, xp.abs(x)) - xp.ive(1, xp.abs(x)) * (1 + 1 / xp.abs(x)))
