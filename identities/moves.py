"""The derivative of a map that moves elements: every element of the result is one of the argument, or a constant.

Such a map is linear, so it is its own derivative. Transposed, every cotangent goes back to where its element came from,
and those of an element that was taken several times are added.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

from .linear import Index, Operator, Shape, indices

Source = Callable[[Index], Index | None]


class Moved(Operator):
    """y_i = x at ``source(i)``, or a constant where that is None; multi-indices of numbers, not of a prover's symbols."""

    def __init__(self, in_shape: Shape, out_shape: Shape, source: Source) -> None:
        self.in_shape, self.out_shape, self.source = tuple(in_shape), tuple(out_shape), source

    def matvec(self, xp: Any, v: Any) -> Any:
        nothing = xp.zeros((), dtype=v.dtype)
        sources = [self.source(i) for i in indices(self.out_shape)]
        return _array(xp, [nothing if j is None else v[j] for j in sources], self.out_shape, v.dtype)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        arriving: dict[Index, list[Any]] = {j: [] for j in indices(self.in_shape)}
        for i in indices(self.out_shape):
            if (j := self.source(i)) is not None:
                arriving[j].append(u[i])
        nothing = xp.zeros((), dtype=u.dtype)
        totals = [xp.sum(xp.stack(them)) if them else nothing for them in arriving.values()]
        return _array(xp, totals, self.in_shape, u.dtype)

    def entry(self, i: Index, j: Index) -> Any:
        return int(self.source(tuple(map(index, i))) == tuple(map(index, j)))


def _array(xp: Any, scalars: list[Any], shape: Shape, dtype: Any) -> Any:
    return xp.reshape(xp.stack(scalars), shape) if scalars else xp.zeros(shape, dtype=dtype)
