"""Ball arithmetic that models a floating-point format: every result is widened by what rounding may do to it.

A correctly rounded + − × ÷ √ gives v(1 ± u) ± u·η, a transcendental function v(1 ± 8u) ± 8u·η, a sum in any order the
true sum ± (n − 1)·u·Σ|tᵢ|; a backend that flushes subnormals may err by η. Where operands are exact and the result of
+ − × is representable, IEEE arithmetic is exact and nothing is widened. A result that may overflow is NaN, which
propagates: nothing is claimed of what depends on it. One that must overflow is an infinity, exactly.
With ``model=None`` nothing is widened: the same operations give certified enclosures of the truth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flint import arb, ctx

from .constants import Format
from .elementary import FUNCTIONS, SEVERAL
from .table import Elementary, Several

NAN = arb("nan")
"""What may overflow, or depends on what may: a library may have infinities and NaN here."""

OVERFLOWN = arb("inf")
"""What every evaluation in the format makes infinite."""

UNBOUNDED = arb(0, float("inf"))
"""What has no bound: at a singularity."""

_FAR = arb(64)

ENTIRE = {"exp", "expm1", "sinh", "cosh", "exp2", "softplus"}
"""Functions without a singularity: where they are beyond even FLINT's exponents they overflow."""


def nearest(ball: arb) -> int | None:
    """The integer nearest to all of a ball, either where two are as near; None for a wide ball."""
    if not ball.is_finite() or ball.rad() > 0.25:
        return None
    mantissa, exponent = (int(part) for part in ball.mid().man_exp())
    return mantissa << exponent if exponent >= 0 else (mantissa + (1 << (-exponent - 1))) >> -exponent


def overflown(v: arb) -> int:
    """The sign of what must overflow; 0 for anything else."""
    return 0 if v.is_finite() else (v > 0) - (v < 0)


def is_unbounded(v: arb) -> bool:
    """Whether v is at a singularity, rather than finite, overflown, or dependent on what may overflow."""
    return not (v.is_finite() or v.is_nan() or overflown(v))


class Balls:
    """Operations on ``flint.arb`` under a rounding model.

    ``factor`` multiplies every constant of the model, and divides the largest number; above 1 subnormal results may be
    lost as well. Unless ``strict``, nothing is exact because its result is representable: with another order of operations
    it need not be. ``flush``: the backend replaces subnormal operands and results by 0, so additions may err by η as well
    and any operand may. ``keeps_singularities``: 0 times what is unbounded is unbounded, not 0.
    """

    def __init__(
        self, model: Format | None, bits: int, *, factor: float = 1.0, flush: bool = False, strict: bool = True
    ) -> None:
        self.model, self.bits, self.flush = model, bits, flush
        self.keeps_singularities = False
        self.zero, self.one, self.two = arb(0), arb(1), arb(2)
        self.unit, self._largest, self._overflows = 0.0, OVERFLOWN, OVERFLOWN
        if model is not None:
            u = model.unit_roundoff * factor
            self.unit = u
            # Half the smallest subnormal number, which float64 does not hold for float64.
            self._tiny = arb(0, u) * model.smallest_normal
            self.gradual = not flush and factor <= 1
            self._strict = strict
            self._eta = arb(0, model.smallest_normal * (factor if flush else 1))
            self._ulps = {name: model.function_ulps(name) for name in (*FUNCTIONS, *SEVERAL, "power")}
            self._largest = arb(model.largest / factor)
            self._overflows = arb(model.largest) * (1 + arb(model.unit_roundoff))
            self._quantum = 1 - model.bits + round(math.log2(model.smallest_normal))

    def __enter__(self) -> Balls:
        self._saved = ctx.prec
        ctx.prec = self.bits
        return self

    def __exit__(self, *_: object) -> None:
        ctx.prec = self._saved

    @property
    def pi(self) -> arb:
        """π, rounded to the format."""
        return arb.pi() if self.model is None else arb.pi() * arb(1, self.unit)

    def _beyond(self, *operands: arb) -> arb:
        """The result of an operation that is not finite.

        At a singularity that the operands are exactly at, it is unbounded. Where only rounding may reach one (x² that
        underflows, under a logarithm), a library may have an infinity as after an overflow.
        """
        if not all(operand.is_finite() for operand in operands):
            return NAN if any(operand.is_nan() or overflown(operand) for operand in operands) else UNBOUNDED
        return UNBOUNDED if self.model is None or all(operand.is_exact() for operand in operands) else NAN

    def _representable(self, v: arb) -> bool:
        """Whether an exact v is a number of the format: IEEE + − × of exact operands then give v."""
        assert self.model is not None
        if not v.is_exact():
            return False
        if v.is_zero():
            return True
        mantissa, exponent = v.man_exp()
        if mantissa.bit_length() > self.model.bits or abs(v) > self._largest:
            return False
        return abs(v) >= self.model.smallest_normal or (self.gradual and exponent >= self._quantum)

    def _exact(self, v: arb) -> arb:
        """A representable result of + − ×, which IEEE arithmetic gives exactly."""
        return v if self._strict else v * arb(1, self.unit)

    def _finish(self, v: arb, ulps: float, *, underflows: bool = True) -> arb:
        """An operation's result v, rounded with an error of so many units round-off."""
        v = v * arb(1, ulps * self.unit)
        if not self.gradual:
            v = v + self._eta
        elif underflows:
            v = v + ulps * self._tiny
        if abs(v) < self._largest:
            return v
        if abs(v) > self._overflows:
            return OVERFLOWN if v > 0 else -OVERFLOWN
        return NAN

    def _overflown_product(self, a: arb, b: arb) -> arb:
        """a × b where one of them must overflow: so must the product by anything but 0."""
        signs = [overflown(v) or (0 if not v.is_finite() else (v > 0) - (v < 0)) for v in (a, b)]
        return signs[0] * signs[1] * OVERFLOWN if all(signs) else NAN

    def add(self, a: arb, b: arb) -> arb:
        """a + b."""
        v = a + b
        if not v.is_finite():
            return self._overflown_sum([a, b])
        if self.model is None or a.is_zero() or b.is_zero():
            return v
        return self._exact(v) if self._representable(v) else self._finish(v, 1, underflows=False)

    def subtract(self, a: arb, b: arb) -> arb:
        """a − b."""
        return self.add(a, -b)

    def multiply(self, a: arb, b: arb) -> arb:
        """a × b; a factor of 0, 1 or −1 is exact, and 0 times what is unbounded is 0 (but not what overflows)."""
        if overflown(a) or overflown(b):
            return self._overflown_product(a, b)
        v = a * b
        if not v.is_finite():
            nothing = (a.is_zero() or b.is_zero()) and not (a.is_nan() or b.is_nan()) and not self.keeps_singularities
            return self.zero if nothing else self._beyond(a, b)
        if self.model is None or v.is_zero() or abs(a) == 1 or abs(b) == 1:
            return v
        return self._exact(v) if self._representable(v) else self._finish(v, 1)

    def divide(self, a: arb, b: arb) -> arb:
        """a ÷ b; 0 ÷ b is exact, and dividing by a power of two where the result is representable."""
        if overflown(a):
            return self._overflown_product(a, b) if b.is_finite() else NAN
        v = a / b
        if not v.is_finite() or not b.is_finite():
            return self._beyond(a, b)
        if self.model is None or (a.is_zero() and v.is_zero()):
            return v
        if b.is_exact() and b.is_finite() and abs(b.man_exp()[0]) == 1 and (abs(b) == 1 or self._representable(v)):
            return v
        return self._finish(v, 1)

    def number(self, value: int) -> arb:
        """An integer, exactly."""
        return arb(value)

    def call(self, name: str, *arguments: arb | int) -> arb:
        """A function of the table; exact where the arguments are 0 and the value is an integer.

        A special function is conditioned as badly as it likes: near a zero of its own, or far out, an accurate library
        returns the value at a point close by. So the widening by c is of the value and of |xᵢ ∂f/∂xᵢ|: mixed stability.
        """
        x = [a for a in arguments if not isinstance(a, int)]
        if not all(a.is_finite() for a in x):
            return self._beyond(*x)
        function = FUNCTIONS.get(name) or SEVERAL[name]
        v = function.of_ball(*arguments)
        if not v.is_finite():
            return NAN if name in ENTIRE or (function.mixed and self._far(x)) else self._beyond(*x)
        if self.model is None or (v.is_exact() and all(a.is_zero() for a in x)):
            return v
        if function.mixed:
            v = v + self._moved(function, arguments, v) * arb(0, self._ulps[name] * self.unit)
        return self._finish(v, self._ulps[name])

    @staticmethod
    def _far(x: Sequence[arb]) -> bool:
        """Whether a special function that is not finite at x is merely too large, or too hard, to be evaluated there."""
        return any(abs(a) > _FAR for a in x)

    def _moved(self, function: Elementary | Several, arguments: Sequence[arb | int], v: arb) -> arb:
        """Σ |xᵢ ∂f/∂xᵢ|: how f changes when its arguments do, relatively."""
        found = self.zero
        for x, partial in zip(arguments, function.partials(_EXACTLY, tuple(arguments), v), strict=True):
            if partial is not None and not isinstance(x, int):
                change = abs(x * partial)
                found = found + (change if change.is_finite() else 0)
        return found

    def power(self, x: arb, n: int | arb) -> arb:
        """x to the power n: repeated multiplication or a library function, whichever errs more."""
        if not x.is_finite():
            if isinstance(n, int) and n > 0 and (sign := overflown(x)):
                return sign**n * OVERFLOWN
            return self._beyond(x)
        if not isinstance(n, int):
            v = x**n
            if not v.is_finite():
                return NAN if x > 0 and n.is_finite() else self._beyond(x, n)
            return v if self.model is None else self._finish(v, self._ulps["power"])
        if n in (0, 1):
            return x if n else self.one
        whole = x ** abs(n)
        v = whole if n > 0 else 1 / whole
        if not v.is_finite():
            return self._beyond(x)
        if self.model is None or v.is_zero() or abs(x) == 1 or (n > 0 and self._representable(v)):
            return v
        if n < 0 and not self.model.smallest_normal < abs(whole) < self._largest:
            return NAN
        return self._finish(v, max(self._ulps["power"], abs(n)))

    def sum(self, terms: Sequence[arb]) -> arb:
        """The sum in any order."""
        if not terms:
            return self.zero
        v = terms[0]
        for term in terms[1:]:
            v = v + term
        if not v.is_finite():
            return self._overflown_sum(terms)
        if self.model is None or len(terms) == 1:
            return v
        present = [term for term in terms if not term.is_zero()]
        if len(present) <= 1:
            return v
        exact = self._exact_in_any_order(present)
        if exact and self._strict:
            return v
        size = sum((abs(term) for term in present), self.zero)
        if not (exact or size < self._largest):
            return self._overflown_sum(present)
        spread = size * arb(0, (len(present) - 1) * self.unit * (1 + len(present) * self.unit))
        v = v + spread
        if not self.gradual:
            v = v + len(present) * self._eta
        return v

    def _overflown_sum(self, terms: Sequence[arb]) -> arb:
        """A sum that is not finite or may overflow: infinite where it must be, whatever the order."""
        signs = {sign for term in terms if (sign := overflown(term))}
        rest = [term for term in terms if not overflown(term)]
        if len(signs) == 2 or not all(term.is_finite() for term in rest):
            return self._beyond(*terms)
        v = sum(rest, self.zero)
        v = v + sum((abs(term) for term in rest), self.zero) * arb(0, len(rest) * self.unit)
        if not signs and abs(v) > self._overflows:
            signs = {1 if v > 0 else -1}
        for sign in signs:  # no partial sum may overflow the other way
            if sum((abs(term) for term in rest if not sign * term > 0), self.zero) <= self._largest:
                return sign * OVERFLOWN
        return NAN

    def _exact_in_any_order(self, terms: Sequence[arb]) -> bool:
        """Whether every partial sum is representable: exact terms, multiples of one quantum, of small total."""
        assert self.model is not None
        if not all(term.is_exact() and term.is_finite() for term in terms):
            return False
        parts = [term.man_exp() for term in terms]
        low = min(int(exponent) for _, exponent in parts)
        high = max(int(exponent) + mantissa.bit_length() for mantissa, exponent in parts)
        if high - low > 2 * self.model.bits or (not self.gradual and 2.0**low < self.model.smallest_normal):
            return False
        return sum(abs(int(mantissa)) << (int(exponent) - low) for mantissa, exponent in parts) < 2**self.model.bits


_EXACTLY = Balls(None, 0)
"""Arithmetic in which nothing is widened, at whatever precision is set."""
