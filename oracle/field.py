"""Elementary functions over a finite field: what is exact, and what is left to an oracle.

Exact. exp u = g^u with u modulo q, so exp(a + b) = exp a · exp b; x^a with x a square and a modulo q; √x is the root that
is itself a square, so √(x y) = √x √y and x^½ = √x. Of the two roots ±r exactly one is a square, because −1 is none. A
positive input is drawn as a square; where another positive number stands under a root and is no square, the point is
drawn again. sinh, cosh, tanh and expit are written with exp; sin and cos are 2 s/(1 + s²) and (1 − s²)/(1 + s²), so that
sin² + cos² = 1.

Oracles. The value of log at x, of the s above at u, of any other function, of exp at an exponent that has no value modulo
q: a random number that is kept for the function and its argument. Such functions have their derivatives, log′ = 1/x, and
few other laws: f(−x) = ±f(x), sin 0 = 0, log 1 = 0, log exp u = u, log x^a = a log x. What is shown with oracles holds
for *all* functions with these laws. What needs another, such as log(x y) = log x + log y, seems false here, and is not
refuted by that.

Order is the business of a *region*, see ``field_order``.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..strategies.domains import Domain
from .arrays import Algebra, Array, Namespace
from .elementary import FUNCTIONS, SEVERAL
from .field_numbers import SAFE_PRIME, Dual, Field, Redraw, ZeroDivisor, small_integer
from .field_order import FieldPredicate, Region
from .table import Arithmetic

_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
_ODD = {"half angle", "atan", "erf"}


class Unsupported(AttributeError):
    """This namespace lacks a function: nothing can be said of an entry that uses it."""


class FieldAlgebra(Algebra):
    """Scalars are dual numbers at a random point drawn with ``dice``, in a region.

    ``roots``: the arguments of square roots and real powers; ``oracles``: whether a function was used that obeys fewer
    laws here than the real one; ``assumes``: whether values count as independent that are not rational functions;
    ``conditions``: how many a variable was to meet, each by half of the numbers.
    """

    def __init__(self, dice: random.Random, region: Region | None = None, field: Field = SAFE_PRIME) -> None:
        self.dice, self.field = dice, field
        self.region = region or Region()
        self.roots: set[int] = set()
        self.oracles = False
        self.assumes = False
        self.conditions = 0
        self._answers: dict[tuple[Any, ...], tuple[int, int]] = {}
        self._constants: dict[int, Dual] = {}
        self._logarithms: dict[int, Callable[[], Dual]] = {1: lambda: self.lift(0)}

    # Numbers.

    def lift(self, value: Any) -> Dual:
        """A number, exactly."""
        if isinstance(value, Dual):
            return value
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, int):
            if value not in self._constants:
                self._constants[value] = self.field.constant(int(value))
            return self._constants[value]
        if isinstance(value, float):
            return self.field.constant(*value.as_integer_ratio())
        if hasattr(value, "numerator"):
            return self.field.constant(int(value.numerator), int(value.denominator))
        raise TypeError(f"a {type(value).__name__} is no number")

    def variable(self, domain: Domain) -> Dual:
        """A random number for the reals of a domain: a square where it is positive, the opposite of one where negative.

        Its distances from the ends of the domain are squares as well, or no root would go together with their signs.
        """
        field, known = self.field, (domain.low >= 0) - (domain.high <= 0)
        ends = [
            (s, self.lift(end).value) for s, end in ((1, domain.low), (-1, domain.high)) if end and math.isfinite(end)
        ]
        self.conditions = max(self.conditions, len(ends))
        while True:
            value, exponent = self.dice.randrange(1, field.p), self.dice.randrange(1, field.q)
            if known:
                value = known * value * value % field.p
            if all(field.is_square(s * (value - end) % field.p) for s, end in ends):
                break
        made = Dual(field, value, exponent, None, known, 1, 0)
        self.inside(made, domain)
        return made

    def sum(self, terms: Sequence[Any]) -> Dual:
        result = terms[0] if terms else self.lift(0)
        for term in terms[1:]:
            result = result + term
        return result

    @property
    def pi(self) -> Dual:
        """A positive number that is no ratio of integers: a random square, always the same."""
        value, exponent = self._oracle("pi")
        return Dual(self.field, value * value % self.field.p, exponent, None, 1, 1, 0)

    @property
    def _arithmetic(self) -> Arithmetic:
        return Arithmetic(self.call, self.lift, self.pi)

    # Functions.

    def call(self, name: str, *arguments: Any) -> Dual:
        if name == "hypot":  # not a function without laws: its square is known
            return self._sqrt(self.sum([self.lift(a) * self.lift(a) for a in arguments]))
        if name in SEVERAL:
            return self._several(name, [a if isinstance(a, int) else self.lift(a) for a in arguments])
        own = getattr(self, f"_{name}", None) if name in FUNCTIONS else None
        return own(self.lift(arguments[0])) if own else self._by_table(name, self.lift(arguments[0]))

    def _exp(self, x: Dual) -> Dual:
        field, e = self.field, x.exponent
        self.assumes = True
        value = self._oracle("exp", x)[0] ** 2 if e is None else pow(field.generator, e, field.p)
        y = Dual(field, value % field.p, None, None, 1, 1 if x.n or x.d else 0, 0)
        self._logarithms.setdefault(y.value, lambda: x.plain)
        return y.times_slope(x, y)

    def _expm1(self, x: Dual) -> Dual:
        return self._exp(x) - self.lift(1)

    def _expit(self, x: Dual) -> Dual:
        up = self._exp(x)
        return up / (self.lift(1) + up)

    def _erfc(self, x: Dual) -> Dual:
        return self.lift(1) - self._by_table("erf", x)

    def _softplus(self, x: Dual) -> Dual:
        return self._log(self.lift(1) + self._exp(x))

    def _log(self, x: Dual) -> Dual:
        if not x.value:
            raise Redraw("the logarithm of 0")
        # The first answer is kept: a number may be found to be a power after its logarithm was asked for.
        y = self._logarithms.setdefault(x.value, lambda: self._atom("log", x))()
        return y if x.tangent is None else y.times_slope(x, x.plain.inverse())

    def _log1p(self, x: Dual) -> Dual:
        return self._log(self.lift(1) + x)

    def _sin_cos(self, x: Dual) -> tuple[Dual, Dual]:
        one, s = self.lift(1), self._atom("half angle", x) if x.value else self.lift(0)
        over = (one + s * s).inverse()
        sin, cos = self.lift(2) * s * over, (one - s * s) * over
        return sin.times_slope(x, cos), cos.times_slope(x, -sin)

    def _sin(self, x: Dual) -> Dual:
        return self._sin_cos(x)[0]

    def _cos(self, x: Dual) -> Dual:
        return self._sin_cos(x)[1]

    def _tan(self, x: Dual) -> Dual:
        sin, cos = self._sin_cos(x)
        return sin / cos

    def _sinh(self, x: Dual) -> Dual:
        up = self._exp(x)
        return (up - up.inverse()) / self.lift(2)

    def _cosh(self, x: Dual) -> Dual:
        up = self._exp(x)
        return (up + up.inverse()) / self.lift(2)

    def _tanh(self, x: Dual) -> Dual:
        square, one = self._exp(self.lift(2) * x), self.lift(1)
        return (square - one) / (square + one)

    def _sqrt(self, x: Dual) -> Dual:
        field = self.field
        if not x.value:
            raise Redraw("a root of 0, where it has no derivative")
        self._must_be_square(x)
        root = pow(x.value, (field.q + 1) // 2, field.p)
        # √(N/D) = √(N D)/D; the root of a polynomial is counted with the degree of the polynomial.
        y = Dual(field, root, None, None, 1, x.n + x.d, x.d)
        self._logarithms.setdefault(root, lambda: self._log(x.plain) / self.lift(2))
        return y if x.tangent is None else y.times_slope(x, (self.lift(2) * y).inverse())

    def _must_be_square(self, x: Dual) -> None:
        self.roots.add(x.value)
        if not self.field.is_square(x.value):
            raise Redraw("what is under a root is no square")

    def _by_table(self, name: str, x: Dual) -> Dual:
        """A function without laws; its derivative is that of the table of elementary functions."""
        y, plain = self._atom(name, x), x.plain
        return y if x.tangent is None else y.times_slope(x, FUNCTIONS[name].derivative(self._arithmetic, plain, y))

    def _several(self, name: str, arguments: Sequence[Any]) -> Dual:
        """A function of several variables without laws, with the partial derivatives of the table."""
        points = tuple(a if isinstance(a, int) else a.plain for a in arguments)
        orders = tuple(a for a in arguments if isinstance(a, int))
        value, exponent = self._oracle(f"{name}{orders}", *(p for p in points if not isinstance(p, int)))
        y = Dual(self.field, value, exponent, None, 0, 1, 0)
        if all(isinstance(a, int) or a.tangent is None for a in arguments):
            return y
        slopes, slope = SEVERAL[name].partials(self._arithmetic, points, y), self.lift(0)
        for a, s in zip(arguments, slopes, strict=True):
            if isinstance(a, Dual) and a.tangent is not None:
                slope = slope + s * a.slope
        return Dual(self.field, value, exponent, slope.value, 0, 1, 0, slope.n, slope.d)

    def step(self, kind: str, x: Any) -> Dual:
        """Any number, with derivative 0."""
        return self._atom(kind, self.lift(x).plain)

    def _atom(self, name: str, x: Dual) -> Dual:
        value, exponent = self._oracle(name, x)
        return Dual(self.field, value, exponent, None, 0, 1, 0)

    def _oracle(self, name: str, *arguments: Dual) -> tuple[int, int]:
        """Random values modulo p and q, always the same for a function and its arguments."""
        self.oracles = self.assumes = True
        field, key, sign = self.field, (name, *(x.value for x in arguments)), 1
        if name in _ODD and arguments[0].value > field.q:
            key, sign = (name, field.p - arguments[0].value), -1
        if key not in self._answers:
            self._answers[key] = self.dice.randrange(1, field.p), self.dice.randrange(1, field.q)
        value, exponent = self._answers[key]
        return sign * value % field.p, sign * exponent % field.q

    def power(self, x: Any, y: Any) -> Dual:
        x, field = self.lift(x), self.field
        k = y if isinstance(y, int) else small_integer(self.lift(y))
        if k is not None:
            return x.raised(k)
        y = self.lift(y)
        if not x.value:
            raise Redraw("a power of 0")
        self._must_be_square(x)
        self.assumes = True
        value = self._oracle("power", x, y)[0] ** 2 if y.exponent is None else pow(x.value, y.exponent, field.p)
        made = Dual(field, value % field.p, None, None, 1, 1 if x.n or x.d or y.n or y.d else 0, 0)
        self._logarithms.setdefault(made.value, lambda: y.plain * self._log(x.plain))
        if x.tangent is None and y.tangent is None:
            return made
        # (x^y)′ = x^y (y x′/x + y′ log x)
        relative = y.plain * x.slope / x.plain
        if y.tangent is not None:
            relative = relative + y.slope * self._log(x.plain)
        slope = made * relative
        return Dual(field, made.value, None, slope.value, 1, made.n, 0, slope.n, slope.d)

    # Order.

    def compare(self, kind: str, x: Any, y: Any) -> FieldPredicate:
        x, y = self.lift(x), self.lift(y)
        if not x.value:
            x, y, kind = y, x, _TURNED[kind]
        # Compared with 0 the number itself is asked for its sign, and keeps it.
        return FieldPredicate(self.region, kind, x if not y.value else x - y)

    def inside(self, x: Dual, domain: Domain) -> None:
        """Stay where a number lies in a domain; raises Unmet where it does not."""
        for kind, end in ((">", domain.low), ("<", domain.high)):
            if math.isfinite(end):
                self.compare(kind, x, end).suppose()
        if any(x.value == self.lift(point).value for point in domain.excluded):
            raise ZeroDivisor("a number that is excluded from the domain")

    def select(self, predicate: Any, x: Callable[[], Any], y: Callable[[], Any]) -> Any:
        return x() if predicate else y()

    @property
    def exact(self) -> bool:
        """Whether two values that differ here belong to functions that differ: no sign was chosen, no law is lacking."""
        return not (self.region.signs or self.roots or self.oracles)

    @property
    def coherent(self) -> bool:
        """Whether the signs chosen agree with the roots taken: √x², say, is |x| where x > 0 means that x is a square."""
        return not self.roots or all(self.field.is_square(v) == (s > 0) for v, s in self.region.signs.items())


class FieldNamespace(Namespace):
    """Arrays of dual numbers over a finite field."""

    algebra: FieldAlgebra

    def __getattr__(self, name: str) -> Callable[[Array], Array]:
        if name not in FUNCTIONS and name not in SEVERAL:
            raise Unsupported(f"this namespace has no function {name!r}")
        return super().__getattr__(name)
