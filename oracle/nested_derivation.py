"""D inside a D: the inner derivative by dual numbers over the scalars of the outer one, which differentiates it as it would
any function. For laws of second order, in every world whose own D does not nest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..identities.operators import Operator
from .arrays import Array, Namespace
from .derivative import Bound, Derivation
from .duals import Dual, DualAlgebra


class NestedDerivation(Derivation):
    """D of ``outer``, and inside a function that it differentiates D by duals. ``closed``: of drawn functions the closed forms.

    A D inside that is not allowed: a dual has room for one tangent. Arrays are of duals throughout.
    """

    def __init__(self, outer: Derivation, *, closed: bool) -> None:
        self.outer, self.closed, self.mode, self.inside = outer, closed, outer.mode, False
        base = outer.xp.algebra
        self.algebra: DualAlgebra = DualAlgebra(base)
        self.xp = Namespace(self.algebra)

    def up(self, x: Array) -> Array:
        """An array of the outer world's scalars as constants."""
        return self.xp.wrap([self.algebra.lift(value) for value in x.flat()], x.shape)

    def down(self, x: Any) -> Array:
        """The values of an array of duals, as an array of the outer world."""
        array = self.xp.asarray(x)
        return self.outer.xp.wrap([dual.value for dual in array.flat()], array.shape)

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        if self.closed and isinstance(f, Bound):
            return f.closed_form(*points)
        arrays = [self.xp.asarray(point) for point in points]
        if self.inside:
            shape = self.xp.asarray(f(*arrays)).shape
            return [_Inner(self, f, arrays, k, shape) for k in range(len(arrays))]

        def below(*leaves: Array) -> Array:
            self.inside = True
            try:
                return self.down(f(*map(self.up, leaves)))
            finally:
                self.inside = False

        return [_Outer(self, operator) for operator in self.outer.operators(below, [self.down(a) for a in arrays])]

    def truths(self, predicate: Any) -> list[bool]:
        return self.outer.truths(predicate)


class _Outer(Operator):
    """A derivative of the outer world, for arrays of duals."""

    def __init__(self, D: NestedDerivation, operator: Operator) -> None:
        self.D, self.operator = D, operator
        self.in_shape, self.out_shape = operator.in_shape, operator.out_shape

    def matvec(self, xp: Namespace, v: Any) -> Array:
        return self.D.up(self.operator.matvec(self.D.outer.xp, self.D.down(v)))

    def rmatvec(self, xp: Namespace, u: Any) -> Array:
        return self.D.up(self.operator.rmatvec(self.D.outer.xp, self.D.down(u)))


class _Inner(Operator):
    """The derivative of f by one of its points, by duals: a run of f for every direction."""

    def __init__(
        self, D: NestedDerivation, f: Callable[..., Any], points: Sequence[Array], which: int, shape: tuple[int, ...]
    ) -> None:
        self.D, self.f, self.points, self.which = D, f, list(points), which
        self.in_shape, self.out_shape = points[which].shape, shape

    def matvec(self, xp: Namespace, v: Any) -> Array:
        algebra, point = self.D.algebra, self.points[self.which]
        pairs = list(zip(point.flat(), self.D.xp.asarray(v).flat(), strict=True))
        if any(p.tangent is not None or t.tangent is not None for p, t in pairs):
            raise ValueError("a dual number has no room for a third derivative")
        moved = [*self.points]
        moved[self.which] = self.D.xp.wrap([Dual(algebra, p.value, t.value) for p, t in pairs], point.shape)
        y = self.D.xp.asarray(self.f(*moved))
        tangents = [algebra.base.lift(0) if dual.tangent is None else dual.tangent for dual in y.flat()]
        return self.D.xp.wrap([algebra.lift(t) for t in tangents], y.shape)

    def rmatvec(self, xp: Namespace, u: Any) -> Array:
        size = math.prod(self.in_shape)
        units = np.eye(size, dtype=int).reshape(size, *self.in_shape)
        columns = [self.matvec(xp, self.D.xp.asarray(unit)) for unit in units]
        return self.D.xp.wrap([self.D.xp.sum(u * column).item() for column in columns], self.in_shape)
