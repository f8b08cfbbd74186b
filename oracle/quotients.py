"""D by the definition: difference quotients of high precision in place of derivatives, for both sides of a law.

The quotients of both sides must agree, or nothing is certain. A D inside a D takes a smaller step and more digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..identities.operators import Operator
from .arrays import Array, Namespace
from .derivative import Derivation
from .highprecision import MP, MpmathAlgebra, Number, Unknown, precision, quotient, same, scaled, size


class _Quotient(Operator):
    """The derivative of f by one of its points, as a difference quotient whenever it is applied."""

    def __init__(
        self, D: MpmathDerivation, f: Callable[..., Any], points: Sequence[Array], which: int, shape: Any
    ) -> None:
        self.D, self.f, self.points, self.which = D, f, list(points), which
        self.in_shape, self.out_shape = points[which].shape, shape

    def matvec(self, xp: Namespace, v: Array) -> Array:
        reach = size(node.value for array in (*self.points, v) for node in array.flat())
        depth = self.D.depth
        step = scaled(self.D.step * 3**depth, reach)
        with MP.workprec(MP.prec + 2 * step if depth else max(MP.prec, precision(step, reach))):
            self.D.depth += 1
            try:
                h = xp.wrap([Number(MP.ldexp(1, -step))], ())
                before, here, after = self._at(-h * v), self._at(0 * v), self._at(h * v)
                left, right = _slopes(here, before, h), _slopes(after, here, h)
                if not all(same(a.value, b.value) for a, b in zip(left.flat(), right.flat(), strict=True)):
                    raise Unknown("not differentiable there")
                return (left + right) / 2
            finally:
                self.D.depth -= 1

    def _at(self, change: Array) -> Array:
        moved = [point + change if k == self.which else point for k, point in enumerate(self.points)]
        return self.D.xp.asarray(self.f(*moved))

    def rmatvec(self, xp: Namespace, u: Array) -> Array:
        count = math.prod(self.in_shape)
        units = np.eye(count, dtype=int).reshape(count, *self.in_shape)
        return xp.wrap([xp.sum(u * self.matvec(xp, xp.asarray(unit))).item() for unit in units], self.in_shape)


def _slopes(after: Array, before: Array, h: Array) -> Array:
    """The quotients of two arrays, element by element."""
    found = [quotient(a.value, b.value, h.item().value) for a, b in zip(after.flat(), before.flat(), strict=True)]
    return after.xp.wrap([Number(q) for q in found], after.shape)


class MpmathDerivation(Derivation):
    """D by the definition, also of catalogue functions. A D inside a D takes a smaller step and more digits."""

    def __init__(self, xp: Namespace, algebra: MpmathAlgebra, step: int) -> None:
        self.xp, self.algebra, self.step, self.depth = xp, algebra, step, 0

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        """The difference quotients of f by each of its points; f at the points themselves notes ties."""
        arrays = [self.xp.asarray(point) for point in points]
        shape = self.xp.asarray(f(*arrays)).shape
        return [_Quotient(self, f, arrays, k, shape) for k in range(len(arrays))]

    def truths(self, predicate: Any) -> list[bool]:
        """The truth of a comparison, element by element."""
        return [bool(p) for p in predicate.flat()]
