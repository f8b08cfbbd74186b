"""Directional derivatives without a derivative rule: a function run on Taylor series x + t·v of FLINT's own arithmetic.

A scalar is a power series in t up to t¹ whose coefficients are balls. Running a function of the catalogue at x + t·v
encloses f(x) in the constant coefficients and f′(x)·v in the first ones; the chain rule is FLINT's, not this project's.
Predicates are decided on the constant coefficients. At an exact tie the declared convention decides, and it is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from flint import arb, arb_series, ctx

from ..identities.operators import Operator
from .arrays import Algebra, Array, Namespace
from .balls import nearest
from .derivative import Bound, Derivation
from .elementary import FUNCTIONS, SEVERAL
from .tape import Undecided, to_ball

_LENGTH = 2
_NAN = arb("nan")
_LARGEST_INTEGER_POWER = 64


class Series:
    """A series value + slope·t + O(t²)."""

    __slots__ = ("inner",)

    def __init__(self, inner: arb_series) -> None:
        self.inner = inner

    @property
    def value(self) -> arb:
        """The constant coefficient."""
        return self.inner[0]

    @property
    def slope(self) -> arb:
        """The coefficient of t: the derivative along the direction."""
        return self.inner[1]

    def __add__(self, other: Series) -> Series:
        return Series(self.inner + other.inner)

    def __sub__(self, other: Series) -> Series:
        return Series(self.inner - other.inner)

    def __mul__(self, other: Series) -> Series:
        return Series(self.inner * other.inner)

    def __truediv__(self, other: Series) -> Series:
        # FLINT would raise, or cancel a common factor t and lose the first coefficient.
        return undefined() if other.value.contains(0) else Series(self.inner / other.inner)

    def __neg__(self) -> Series:
        return Series(-self.inner)

    def __bool__(self) -> NoReturn:
        raise TypeError("a series has no truth value")


def series(value: Any, slope: Any = 0) -> Series:
    """The series value + slope·t."""
    return Series(arb_series([to_ball(value), to_ball(slope)], _LENGTH))


def undefined() -> Series:
    """The value of a function where it has none."""
    return series(_NAN, _NAN)


@dataclass(frozen=True)
class Decided:
    """The truth of a predicate, and whether its two sides are exactly equal."""

    state: bool
    tie: bool

    def __bool__(self) -> bool:
        return self.state


class SeriesAlgebra(Algebra):
    """The algebra of series, a context in which FLINT works with ``bits``.

    ``ties`` counts choices at an exact tie; ``jumped`` says that the two sides differed there, so that the value jumps.
    """

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.ties = 0
        self.jumped = False

    def __enter__(self) -> SeriesAlgebra:
        self._saved = ctx.prec, ctx.cap
        ctx.prec, ctx.cap = self.bits, _LENGTH
        return self

    def __exit__(self, *_: object) -> None:
        ctx.prec, ctx.cap = self._saved

    def lift(self, value: Any) -> Series:
        """A number as a constant series."""
        return value if isinstance(value, Series) else series(value)

    @property
    def pi(self) -> Series:
        """π."""
        return series(arb.pi())

    def call(self, name: str, *arguments: Any) -> Series:
        """A function of the table: FLINT's own, or written with its exp and log, or see ``special_series``."""
        from . import special_series

        if name in SEVERAL:
            made = [a if isinstance(a, int) else self.lift(a).inner for a in arguments]
            return Series(special_series.several(name, made))
        (x,) = arguments
        match name:
            case "expm1":
                return self.call("exp", x) - series(1)
            case "log1p":
                return self.call("log", series(1) + x)
            case "sinh" | "cosh":
                up, down = self.call("exp", x), self.call("exp", -x)
                return (up - down if name == "sinh" else up + down) / series(2)
            case "asinh":
                # By the positive branch, which leaves nothing to cancel far out.
                far = x.value.mid() < 0
                whole = self.call("log", (u := -x if far else x) + self.call("sqrt", u * u + series(1)))
                return -whole if far else whole
            case "acosh":
                return self.call("log", x + self.call("sqrt", x * x - series(1)))
            case "atanh":
                return (self.call("log1p", x) - self.call("log1p", -x)) / series(2)
            case "expit":
                # By the decaying exponential, as the next one.
                decayed = self.call("exp", x if x.value.mid() < 0 else -x)
                return (decayed if x.value.mid() < 0 else series(1)) / (series(1) + decayed)
            case "softplus":
                if x.value.mid() > 0:
                    return x + self.call("log1p", self.call("exp", -x))
                return self.call("log1p", self.call("exp", x))
            case "tanh":
                # By the decaying exponential, which leaves nothing to cancel far out.
                far = x.value.mid() > 0
                decayed = self.call("exp", series(-2 if far else 2) * x)
                rising = (series(1) - decayed) / (series(1) + decayed)
                return rising if far else -rising
        found = getattr(x.inner, str(FUNCTIONS[name].arb), None)
        return Series(found() if found else special_series.one(name, x.inner))

    def whole(self, x: Series) -> int | None:
        """The integer nearest to the constant coefficient."""
        return nearest(x.value)

    def power(self, x: Any, y: Any) -> Series:
        """x to the power y: a product for an integer y, exp(y·log x) otherwise; x⁰ is 1 also at 0."""
        x = self.lift(x)
        if not isinstance(y, int):
            y = self.lift(y)
            moderate = y.slope.is_zero() and y.value.is_exact() and abs(y.value) <= _LARGEST_INTEGER_POWER
            whole = y.value.unique_fmpz() if moderate else None
            if whole is None:
                return self.call("exp", y * self.call("log", x))
            y = int(whole)
        result = series(1)
        for _ in range(abs(y)):
            result = result * x
        return series(1) / result if y < 0 else result

    def compare(self, kind: str, x: Any, y: Any) -> Decided:
        """x ``kind`` y for the constant coefficients. Raises Undecided where the precision does not decide."""
        difference = self.lift(x).value - self.lift(y).value
        if difference.is_zero():
            return Decided(kind in (">=", "<=", "=="), True)
        if difference.contains(0):
            raise Undecided(f"{difference} {kind} 0")
        if kind in ("==", "!="):
            return Decided(kind == "!=", False)
        return Decided(bool(difference > 0) == (kind in (">", ">=")), False)

    def select(self, predicate: Any, x: Callable[[], Any], y: Callable[[], Any]) -> Series:
        """The side that the predicate takes; ties are counted."""
        a, b = self.lift(x()), self.lift(y())
        if isinstance(predicate, Decided) and predicate.tie and a is not b:
            gap = a.value - b.value
            if gap.contains(0) and not gap.is_zero():
                raise Undecided(f"{a.value} and {b.value} at a tie")
            self.ties += 1
            self.jumped = self.jumped or not gap.is_zero()
        return a if predicate else b


def directional(
    algebra: SeriesAlgebra, f: Callable[..., Any], points: Sequence[Array], directions: Sequence[Array]
) -> Array:
    """f at points + t·directions, as an array of series. Raises ValueError unless all given numbers are constants."""
    xp = Namespace(algebra)
    moved = []
    for point, direction in zip(points, directions, strict=True):
        pairs = list(zip(point.flat(), direction.flat(), strict=True))
        if not all(p.slope.is_zero() and v.slope.is_zero() for p, v in pairs):
            raise ValueError("a series in one variable has no derivative of a derivative")
        moved.append(xp.wrap([series(p.value, v.value) for p, v in pairs], point.shape))
    return xp.asarray(f(*moved))


class _Along(Operator):
    """The derivative of f by one of its points: a run of f for every direction that it is applied to."""

    def __init__(
        self, algebra: SeriesAlgebra, f: Callable[..., Any], points: Sequence[Array], which: int, shape: tuple[int, ...]
    ) -> None:
        self.algebra, self.f, self.points, self.which = algebra, f, list(points), which
        self.in_shape, self.out_shape = points[which].shape, shape
        self._columns: list[Array] | None = None

    def matvec(self, xp: Namespace, v: Array) -> Array:
        directions = [v if k == self.which else xp.zeros_like(point) for k, point in enumerate(self.points)]
        moved = directional(self.algebra, self.f, self.points, directions)
        return xp.wrap([series(node.slope) for node in moved.flat()], moved.shape)

    def rmatvec(self, xp: Namespace, u: Array) -> Array:
        if self._columns is None:
            size = self.points[self.which].elements.size
            units = np.eye(size, dtype=int).reshape(size, *self.in_shape)
            self._columns = [self.matvec(xp, xp.asarray(unit)) for unit in units]
        return xp.wrap([xp.sum(u * column).item() for column in self._columns], self.in_shape)


class SeriesDerivation(Derivation):
    """D by series; the derivatives of catalogue functions themselves are their closed forms."""

    def __init__(self, xp: Namespace, algebra: SeriesAlgebra) -> None:
        self.xp, self.algebra = xp, algebra

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        """The derivatives of f at the points: the closed forms of a catalogue function, else by series."""
        if isinstance(f, Bound):
            return f.closed_form(*points)
        arrays = [self.xp.asarray(point) for point in points]
        shape = self.xp.asarray(f(*arrays)).shape
        return [_Along(self.algebra, f, arrays, k, shape) for k in range(len(arrays))]

    def truths(self, predicate: Any) -> list[bool]:
        """The truth of a comparison of constant coefficients, element by element."""
        return [bool(p) for p in predicate.flat()]
