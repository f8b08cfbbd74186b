"""Dual numbers over any algebra: a value and its tangent, each a scalar of that algebra.

A function run on duals over a tape gives its tangent as nodes of the tape, which the tape differentiates once more: forward
over forward, reverse over forward. Duals over duals give the third derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from .algebra import Algebra
from .elementary import FUNCTIONS, SEVERAL
from .table import Arithmetic


class Dual:
    """value + tangent·ε with ε² = 0; the tangent of a constant is None."""

    __slots__ = ("algebra", "tangent", "value")

    def __init__(self, algebra: DualAlgebra, value: Any, tangent: Any = None) -> None:
        self.algebra, self.value, self.tangent = algebra, value, tangent

    def __add__(self, other: Any) -> Dual:
        other = self.algebra.lift(other)
        return Dual(self.algebra, self.value + other.value, _total(self.tangent, other.tangent))

    def __sub__(self, other: Any) -> Dual:
        other = self.algebra.lift(other)
        minus = None if other.tangent is None else -other.tangent
        return Dual(self.algebra, self.value - other.value, _total(self.tangent, minus))

    def __mul__(self, other: Any) -> Dual:
        other = self.algebra.lift(other)
        tangent = _total(_times(self.tangent, other.value), _times(other.tangent, self.value))
        return Dual(self.algebra, self.value * other.value, tangent)

    def __truediv__(self, other: Any) -> Dual:
        other = self.algebra.lift(other)
        y = self.value / other.value
        tangent = None if self.tangent is None else self.tangent / other.value
        if other.tangent is not None:
            tangent = _total(tangent, -((y / other.value) * other.tangent))
        return Dual(self.algebra, y, tangent)

    def __neg__(self) -> Dual:
        return Dual(self.algebra, -self.value, None if self.tangent is None else -self.tangent)

    def __bool__(self) -> NoReturn:
        raise TypeError("a dual number has no truth value")


def _total(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def _times(tangent: Any, factor: Any) -> Any:
    return None if tangent is None else tangent * factor


class DualAlgebra(Algebra):
    """The algebra of duals over ``base``."""

    def __init__(self, base: Algebra) -> None:
        self.base, self.lossy = base, base.lossy
        self.arithmetic = Arithmetic(base.call, base.lift, base.pi)
        self.rounds = base.rounds
        self.unknown = self.lift(base.unknown) if base.rounds else None

    def magnitude(self, x: Dual) -> float:
        """How large a pivot is."""
        return self.base.magnitude(x.value)

    def is_invertible(self, x: Dual) -> bool:
        """Whether a pivot is certainly not 0."""
        return self.base.is_invertible(x.value)

    def lift(self, value: Any) -> Dual:
        """A number, or a scalar of the base, as a constant."""
        return value if isinstance(value, Dual) and value.algebra is self else Dual(self, self.base.lift(value))

    @property
    def pi(self) -> Dual:
        """π."""
        return Dual(self, self.base.pi)

    def call(self, name: str, *arguments: Any) -> Dual:
        """A function of the tables by its rule."""
        given = [a if isinstance(a, int) else self.lift(a) for a in arguments]
        points = tuple(a if isinstance(a, int) else a.value for a in given)
        y = self.base.call(name, *points)
        tangent = None
        if any(isinstance(a, Dual) and a.tangent is not None for a in given):
            slopes = (FUNCTIONS.get(name) or SEVERAL[name]).partials(self.arithmetic, points, y, lossy=self.lossy)
            for a, s in zip(given, slopes, strict=True):
                if isinstance(a, Dual) and a.tangent is not None:
                    tangent = _total(tangent, a.tangent * (self.base.lift(float("nan")) if s is None else s))
        return Dual(self, y, tangent)

    def whole(self, x: Dual) -> int | None:
        """The nearest integer."""
        return self.base.whole(x.value)

    def power(self, x: Any, y: Any) -> Dual:
        """x to the power y."""
        x, base = self.lift(x), self.base
        if isinstance(y, int):
            value = base.power(x.value, y)
            if y == 0 or x.tangent is None:
                return Dual(self, value)
            return Dual(self, value, base.lift(y) * base.power(x.value, y - 1) * x.tangent)
        y = self.lift(y)
        value = base.power(x.value, y.value)
        tangent = None
        if x.tangent is not None:
            tangent = y.value * base.power(x.value, y.value - base.lift(1)) * x.tangent
        if y.tangent is not None:
            tangent = _total(tangent, value * base.call("log", x.value) * y.tangent)
        return Dual(self, value, tangent)

    def saved(self, value: Dual, slopes: Sequence[tuple[Dual, Dual]]) -> Dual:
        """The value, with its tangent by the given derivatives."""
        pairs = [(x.value, slope.value) for x, slope in slopes]
        tangent = None
        for x, slope in slopes:
            tangent = _total(tangent, _times(x.tangent, slope.value))
        return Dual(self, self.base.saved(value.value, pairs), tangent)

    def sum(self, terms: Sequence[Dual]) -> Dual:
        """The sum."""
        tangents = [term.tangent for term in terms if term.tangent is not None]
        return Dual(self, self.base.sum([term.value for term in terms]), self.base.sum(tangents) if tangents else None)

    def compare(self, kind: str, x: Any, y: Any) -> Any:
        """A comparison of the values."""
        return self.base.compare(kind, self.lift(x).value, self.lift(y).value)

    def select(self, predicate: Any, x: Callable[[], Any], y: Callable[[], Any]) -> Dual:
        """The side that the predicate takes; the tangent may jump where the value does not."""
        a, b = self.lift(x()), self.lift(y())
        value = self.base.select(predicate, lambda: a.value, lambda: b.value)
        if a.tangent is None and b.tangent is None:
            return Dual(self, value)
        zero = self.base.lift(0)
        left, right = (zero if side.tangent is None else side.tangent for side in (a, b))
        tangent = self.base.select(predicate, lambda: left, lambda: right)
        if self.rounds and not all(math.isfinite(self.base.magnitude(side)) for side in (left, right)):
            # A library multiplies the tangent of the other branch by 0: where that overflows it has a NaN.
            tangent = tangent + zero * left + zero * right
        return Dual(self, value, tangent)
