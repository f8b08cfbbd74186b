"""Two worlds in which a statement is evaluated at a random point: the finite field, and the reals to confirm a refutation.

A world draws the inputs, knows the derivative of a function along a direction, and compares two numbers. In the finite
field that is exact, but a region may be empty and log lacks laws. Where a difference rests on either, the same statement
is evaluated at random real points, on Taylor series of balls (FLINT): a difference there excludes 0 for certain.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..identities import Unmet
from ..identities.operators import Operator
from ..strategies.domains import Domain
from ..strategies.functions import Section
from .arrays import Array, Namespace
from .derivative import Bound, Derivation
from .field import FieldAlgebra, FieldNamespace
from .field_numbers import SAFE_PRIME, Dual, Field, Redraw
from .field_order import FieldPredicate, Region
from .series import Series, SeriesAlgebra, directional, series

_REACH = 3.0
"""Real points are drawn from −3 … 3, where functions are of moderate size."""


class NotAnEquation(Exception):
    """An inequality is to be shown, of which a field knows nothing."""


class NestedDerivative(Exception):
    """A derivative is to be taken of a derivative, for which a dual number has no room."""


class Differs(Exception):
    """Two sides differ at a point: ``what`` is compared, ``values`` are the two in words where they have any."""

    def __init__(self, what: str, values: str = "") -> None:
        super().__init__(what, values)
        self.what, self.values = what, values


class World:
    """A random point; ``xp`` is the namespace of its numbers."""

    xp: Namespace

    def variable(self, shape: tuple[int, ...], domain: Domain) -> Array:
        """Random numbers of a domain."""
        return self.xp.wrap([self.number(domain) for _ in range(math.prod(shape))], shape)

    def number(self, domain: Domain) -> Any:
        """A random number of a domain."""
        raise NotImplementedError

    def inside(self, x: Any, domain: Domain) -> None:
        """Raise Unmet, or another point is drawn, where a number is not in a domain."""
        raise NotImplementedError

    def along(self, f: Callable[..., Any], points: Sequence[Array], directions: Sequence[Array]) -> Array:
        """The derivative of f at points along directions."""
        raise NotImplementedError

    def compare(self, left: Array, right: Array, what: str) -> None:
        """Raise Differs where two arrays of one shape differ for certain."""
        for index, a, b in zip(np.ndindex(*left.shape), left.flat(), right.flat(), strict=True):
            self.compare_numbers(a, b, lambda index=index: f"{what}{list(index) or ''}")

    def compare_numbers(self, a: Any, b: Any, what: Callable[[], str]) -> None:
        """Raise Differs where two numbers differ for certain."""
        raise NotImplementedError


class FieldWorld(World):
    """A random point over a finite field in the region of a script. ``degree``: of what was compared, at most."""

    def __init__(self, dice: random.Random, script: tuple[int, ...] = (), field: Field = SAFE_PRIME) -> None:
        self.region = Region(script)
        self.algebra = FieldAlgebra(dice, self.region, field)
        self.xp = FieldNamespace(self.algebra)
        self.degree = 0

    def number(self, domain: Domain) -> Dual:
        return self.algebra.variable(domain)

    def inside(self, x: Dual, domain: Domain) -> None:
        self.algebra.inside(x, domain)

    def along(self, f: Callable[..., Any], points: Sequence[Array], directions: Sequence[Array]) -> Array:
        moved = [
            self.xp.wrap([_moved(x, v) for x, v in zip(point.flat(), direction.flat(), strict=True)], point.shape)
            for point, direction in zip(points, directions, strict=True)
        ]
        return self.xp._map1(lambda y: y.slope, self.xp.asarray(f(*moved)))

    def compare_numbers(self, a: Dual, b: Dual, what: Callable[[], str]) -> None:
        self.degree = max(self.degree, a.degree_of_difference(b))
        if a.value != b.value:
            if not self.algebra.coherent:
                raise Redraw("signs and roots that do not go together")
            raise Differs(what())


def _moved(x: Dual, v: Dual) -> Dual:
    if x.tangent is not None or v.tangent is not None:
        raise NestedDerivative("a derivative of a derivative")
    # A direction that is 0 as written moves nothing.
    moving = v.value if v.value or v.n else None
    return Dual(x.field, x.value, x.exponent, moving, x.known, x.n, x.d, v.n, v.d)


class RealWorld(World):
    """A random real point; numbers are Taylor series of an algebra, whose context must be open."""

    def __init__(self, dice: random.Random, algebra: SeriesAlgebra) -> None:
        self.dice, self.algebra = dice, algebra
        self.xp = Namespace(algebra)

    def number(self, domain: Domain) -> Series:
        low = max(domain.low, min(-_REACH, domain.high - _REACH))
        return series(self.dice.uniform(low, min(domain.high, max(low + _REACH, _REACH))))

    def inside(self, x: Series, domain: Domain) -> None:
        if not (domain.low < x.value < domain.high) or any((x.value - point).contains(0) for point in domain.excluded):
            raise Unmet

    def along(self, f: Callable[..., Any], points: Sequence[Array], directions: Sequence[Array]) -> Array:
        moved = directional(self.algebra, f, points, directions)
        return self.xp.wrap([series(y.slope) for y in moved.flat()], moved.shape)

    def compare_numbers(self, a: Series, b: Series, what: Callable[[], str]) -> None:
        gap = a.value - b.value
        if gap.is_finite() and not gap.contains(0):
            for digits in (6, 12, 24, 48):
                left, right = (side.value.str(digits, radius=False) for side in (a, b))
                if left != right:
                    break
            raise Differs(what(), f"{left}, not {right}")


class Along(Operator):
    """The derivative of f by one of its points: a run of f for every direction that it is applied to."""

    def __init__(self, world: World, f: Callable[..., Any], points: Sequence[Array], which: int) -> None:
        self.world, self.f, self.points, self.which = world, f, list(points), which
        self.in_shape = points[which].shape
        self.out_shape = world.xp.asarray(f(*points)).shape
        self._columns: list[Array] | None = None

    def matvec(self, xp: Namespace, v: Array) -> Array:
        directions = [v if k == self.which else xp.zeros_like(point) for k, point in enumerate(self.points)]
        return self.world.along(self.f, self.points, directions)

    @property
    def columns(self) -> list[Array]:
        """The derivatives by the elements of the point."""
        if self._columns is None:
            size = math.prod(self.in_shape)
            units = np.eye(size, dtype=int).reshape(size, *self.in_shape)
            self._columns = [self.matvec(self.world.xp, self.world.xp.asarray(unit)) for unit in units]
        return self._columns

    def rmatvec(self, xp: Namespace, u: Array) -> Array:
        return xp.wrap([xp.sum(u * column).item() for column in self.columns], self.in_shape)

    def entry(self, i: tuple[int, ...], j: tuple[int, ...]) -> Array:
        return self.columns[int(np.ravel_multi_index(j, self.in_shape)) if j else 0][i]


class DefinedFunction(Bound):
    """A drawn function, which says nothing outside its domain, even where its formula has a value."""

    def __init__(self, world: World, section: Section) -> None:
        super().__init__(world.xp, section, world.xp.asarray)
        self.world = world

    def __call__(self, *points: Any) -> Any:
        self._inside(points)
        return super().__call__(*points)

    def closed_form(self, *points: Any) -> list[Operator]:
        self._inside(points)
        return super().closed_form(*points)

    def _inside(self, points: Sequence[Array]) -> None:
        for name, point in zip(self.section.free, points, strict=True):
            for x in point.flat():
                self.world.inside(x, self.section.rule.inputs[name].domain)


class WorldDerivation(Derivation):
    """D in a world. The derivatives of drawn functions are their closed forms, all others are those of the world."""

    def __init__(self, world: World) -> None:
        self.world, self.xp = world, world.xp

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        if isinstance(f, Bound):
            return f.closed_form(*points)
        arrays = [self.xp.asarray(point) for point in points]
        return [Along(self.world, f, arrays, k) for k in range(len(arrays))]

    def truths(self, predicate: Any) -> list[bool]:
        return [bool(p) for p in predicate.flat()]

    def true(self, predicate: Any) -> bool:
        """A fact, not a hypothesis: no region may be chosen to make it true."""
        if any(isinstance(p, FieldPredicate) and not p.decided for p in predicate.flat()):
            raise NotAnEquation
        return super().true(predicate)

    def require(self, predicate: Any) -> None:
        """Stay in the regions where the hypothesis holds."""
        for p in predicate.flat():
            if isinstance(p, FieldPredicate):
                p.suppose()
            elif not p:
                raise Unmet

    def require_same(self, predicate: Any, other: Any) -> None:
        for p, q in zip(predicate.flat(), other.flat(), strict=True):
            if isinstance(q, FieldPredicate):
                q.suppose(true=bool(p))
            elif bool(p) != bool(q):
                raise Unmet
