"""Dual numbers over a finite field: a random point of a formula and its exact derivative there, in machine integers.

Let p = 2q + 1 with p and q prime (a *safe prime*). A number that is a rational function of the inputs is represented by
its value at a random point of GF(p). Two different rational functions agree at few points, so that an equality seen at
a random one is true with a probability that is known (Schwartz and Zippel: a polynomial of total degree d ≠ 0 vanishes
with probability ≤ d / |S| at a point whose coordinates are uniform in S). Nothing is rounded.

A *dual number* v + t·ε with ε² = 0 carries beside the value v the derivative t along a direction: (v + t ε)(w + s ε) =
v w + (v s + t w) ε. The derivative of a formula is obtained by evaluating it.

Exponents. The squares of GF(p) are a cyclic group of the prime order q, so exponents of squares count modulo q. A number
that may become an exponent is therefore also carried modulo q, as the same rational function at a point of GF(q). Then
g^(a + b) = g^a g^b and (x^a)^b = x^(a b) hold exactly. An exponential or a power has no value modulo q.

Order. There is none in GF(p); ``known`` is the sign that the real number behind a value has at almost every point: 1 and
−1, or 0 where the sign is open. It follows from domains by the rules of signs, and squares are positive.

Degrees. ``n`` and ``d`` bound the total degrees of numerator and denominator in the random coordinates, ``tn`` and ``td``
those of the tangent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


class Redraw(Exception):
    """The random point is no point of the domain: it says nothing, and another is drawn."""


class ZeroDivisor(Redraw):
    """A division by 0. At random points it does not happen twice unless the divisor is 0 everywhere."""


@dataclass(frozen=True)
class Field:
    """The field GF(p) of a safe prime p."""

    p: int
    generator: int = 4
    """A square other than 1: every such element generates the group of squares, whose order is prime."""

    @cached_property
    def q(self) -> int:
        """The order of the group of squares, (p − 1) / 2."""
        return (self.p - 1) // 2

    def is_square(self, value: int) -> bool:
        """Whether a value other than 0 has a root (Euler's criterion)."""
        return pow(value, self.q, self.p) == 1

    def constant(self, numerator: int, denominator: int = 1) -> Dual:
        """A rational number."""
        p, q = self.p, self.q
        if denominator == 1:
            value, exponent = numerator % p, numerator % q
        else:
            value, exponent = numerator * pow(denominator, -1, p) % p, numerator * pow(denominator, -1, q) % q
        return Dual(self, value, exponent, None, (numerator > 0) - (numerator < 0), 0, 0)


class Dual:
    """v + t·ε. ``exponent``: v modulo q, or None; ``tangent``: t, or None where it is identically 0."""

    __slots__ = ("d", "exponent", "field", "known", "n", "tangent", "td", "tn", "value")

    def __init__(
        self,
        field: Field,
        value: int,
        exponent: int | None,
        tangent: int | None,
        known: int,
        n: int,
        d: int,
        tn: int = 0,
        td: int = 0,
    ) -> None:
        self.field, self.value, self.exponent, self.tangent, self.known = field, value, exponent, tangent, known
        self.n, self.d, self.tn, self.td = n, d, tn, td

    @property
    def plain(self) -> Dual:
        """The value without its tangent."""
        if self.tangent is None:
            return self
        return Dual(self.field, self.value, self.exponent, None, self.known, self.n, self.d)

    @property
    def slope(self) -> Dual:
        """The tangent as a number of its own."""
        if self.tangent is None:
            return self.field.constant(0)
        return Dual(self.field, self.tangent, None, None, 0, self.tn, self.td)

    def times_slope(self, x: Dual, slope: Dual) -> Dual:
        """This value f(x), without a tangent, with the tangent of x times ``slope`` = f′(x)."""
        if x.tangent is None:
            return self
        t = slope.value * x.tangent % self.field.p
        tn, td = slope.n + x.tn, slope.d + x.td
        return Dual(self.field, self.value, self.exponent, t, self.known, self.n, self.d, tn, td)

    def __bool__(self) -> bool:
        """Whether it is not 0: numbers stand for truth values in a mask."""
        return self.value != 0

    def __neg__(self) -> Dual:
        field, e, t = self.field, self.exponent, self.tangent
        return Dual(
            field,
            -self.value % field.p,
            None if e is None else -e % field.q,
            None if t is None else -t % field.p,
            -self.known,
            self.n,
            self.d,
            self.tn,
            self.td,
        )

    def __add__(self, other: Dual) -> Dual:
        return self._sum(other, 1)

    def __sub__(self, other: Dual) -> Dual:
        return self._sum(other, -1)

    def _sum(self, other: Dual, sign: int) -> Dual:
        a, b, field = self, other, self.field
        p = field.p
        value, e = (a.value + sign * b.value) % p, None
        if a.exponent is not None and b.exponent is not None:
            e = (a.exponent + sign * b.exponent) % field.q
        known = a.known
        if known != sign * b.known:
            # A sum with 0, which has no sign of its own, keeps the other's.
            known = sign * b.known if not a.value else known if not b.value else 0
        n, d = max(a.n + b.d, b.n + a.d), a.d + b.d
        if a.tangent is None:
            if b.tangent is None:
                return Dual(field, value, e, None, known, n, d)
            return Dual(field, value, e, sign * b.tangent % p, known, n, d, b.tn, b.td)
        if b.tangent is None:
            return Dual(field, value, e, a.tangent, known, n, d, a.tn, a.td)
        tn, td = max(a.tn + b.td, b.tn + a.td), a.td + b.td
        return Dual(field, value, e, (a.tangent + sign * b.tangent) % p, known, n, d, tn, td)

    def __mul__(self, other: Dual) -> Dual:
        a, b, field = self, other, self.field
        p = field.p
        value, e = a.value * b.value % p, None
        if a.exponent is not None and b.exponent is not None:
            e = a.exponent * b.exponent % field.q
        known = 1 if a.value == b.value != 0 else a.known * b.known
        n, d = a.n + b.n, a.d + b.d
        if a.tangent is None:
            if b.tangent is None:
                return Dual(field, value, e, None, known, n, d)
            return Dual(field, value, e, a.value * b.tangent % p, known, n, d, a.n + b.tn, a.d + b.td)
        if b.tangent is None:
            return Dual(field, value, e, a.tangent * b.value % p, known, n, d, a.tn + b.n, a.td + b.d)
        d1, d2 = a.td + b.d, a.d + b.td
        tn = max(a.tn + b.n + d2, a.n + b.tn + d1)
        return Dual(field, value, e, (a.tangent * b.value + a.value * b.tangent) % p, known, n, d, tn, d1 + d2)

    def __truediv__(self, other: Dual) -> Dual:
        return self * other.inverse()

    def inverse(self) -> Dual:
        """1 ÷ this; raises ZeroDivisor."""
        field = self.field
        if not self.value:
            raise ZeroDivisor("a division by 0")
        inverse = pow(self.value, -1, field.p)
        e = pow(self.exponent, -1, field.q) if self.exponent else None
        if self.tangent is None:
            return Dual(field, inverse, e, None, self.known, self.d, self.n)
        t = -self.tangent * inverse * inverse % field.p
        tn, td = self.tn + 2 * self.d, self.td + 2 * self.n
        return Dual(field, inverse, e, t, self.known, self.d, self.n, tn, td)

    def raised(self, k: int) -> Dual:
        """This to an integer power; x⁰ is 1 also at 0."""
        if k < 0:
            return self.raised(-k).inverse()
        field, e = self.field, self.exponent
        value = pow(self.value, k, field.p)
        known = 0 if not value else 1 if k % 2 == 0 else self.known
        made = Dual(field, value, None if e is None else pow(e, k, field.q), None, known, k * self.n, k * self.d)
        if not k or self.tangent is None:
            return made
        below = pow(self.value, k - 1, field.p) * k % field.p
        return made.times_slope(self, Dual(field, below, None, None, 0, (k - 1) * self.n, (k - 1) * self.d))

    def degree_of_difference(self, other: Dual) -> int:
        """A bound on the degree of the numerator of the difference of two values."""
        return max(self.n + other.d, other.n + self.d)


SAFE_PRIME = Field(2**61 - 3153)
"""The largest safe prime of 61 bits that is 7 mod 8: a product of two values is then a number of two machine words, and
√2 exists, as √3 does modulo every safe prime; the closed forms have both.
"""

_LARGEST_INTEGER_POWER = 64


def small_integer(y: Dual) -> int | None:
    """The integer that a constant is, where it is a small one."""
    if y.n or y.d or y.tangent is not None or y.exponent is None:
        return None
    k = y.value if y.known >= 0 else y.value - y.field.p
    return k if abs(k) <= _LARGEST_INTEGER_POWER and k % y.field.q == y.exponent else None
