"""The functions of the Array API on arrays over symbolic sizes. What is missing makes a proof undecided, and is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from .elementary import FUNCTIONS, SEVERAL
from .index_arrays import IndexArray, as_array, broadcast, elementwise, map1, row_major
from .index_atoms import Applied, compare
from .index_binders import abstracted
from .index_linear_algebra import IndexMatrices
from .index_places import FIRST, Blocks, Place, Places, Shape, sum_over
from .index_powers import ONE, ZERO, call
from .index_sizes import Size, Var, index_of
from .index_symbols import PI
from .index_terms import Poly, Undecided
from .steps import STEPS


def generic(name: str, out: Sequence[Any], points: Sequence[IndexArray], shape: Shape) -> IndexArray:
    """A generic function of whole arrays, with values of ``shape``; ``out`` precedes the index of the value."""
    arguments, binders = [], []
    for point in points:
        if not all(isinstance(size, Size) for size in point.shape):
            raise Undecided(f"a generic function of an array of shape {point.shape}")
        names = [Var.fresh(size) for size in point.shape]
        arguments.append(abstracted(point.at(tuple(Place(index_of(name)) for name in names)), names))
        binders.append(tuple(point.shape))

    def at(where: Places) -> Poly:
        if any(place.block for place in where):
            raise Undecided("a generic function into a concatenation")
        return Poly.atom(Applied(name, (*out, *(place.index for place in where)), arguments, binders))

    return IndexArray(shape, at)


def elementwise_generic(name: str, point: IndexArray) -> IndexArray:
    """A generic function of which the i-th value depends on the i-th entry only."""

    def at(where: Places) -> Poly:
        return Poly.atom(Applied(name, tuple(place.index for place in where), [point.at(where)], [()]))

    return IndexArray(point.shape, at)


def _several(name: str, arguments: Sequence[Any]) -> IndexArray:
    """A function of several variables, element by element, after its orders."""
    orders = [a for a in arguments if isinstance(a, int)]
    arrays = [a for a in arguments if not isinstance(a, int)]
    return elementwise(lambda *terms: call(name, *orders, *terms), *arrays)


class IndexNamespace(IndexMatrices):
    """An Array API namespace whose arrays are ``IndexArray``."""

    @property
    def pi(self) -> IndexArray:
        """π."""
        return IndexArray((), lambda where: PI)

    def __getattr__(self, name: str) -> Any:
        if name in SEVERAL:
            return lambda *arguments: _several(name, arguments)
        if name in FUNCTIONS or name in STEPS:
            return lambda x: map1(lambda t: call(name, t), x)

        def missing(*_: Any, **__: Any) -> NoReturn:
            raise Undecided(f"uses {name}")

        return missing

    int64 = np.int64

    def asarray(self, value: Any, dtype: Any = None) -> Any:
        """A number or an array as an array; static integers with dtype ``int64`` are NumPy's own."""
        return np.asarray(value, np.int64) if dtype is self.int64 else as_array(value)

    def _choose(self, p: Any, x: Any, y: Any) -> IndexArray:
        return elementwise(lambda c, a, b: a if c == ONE else b if c == ZERO else c * a + (ONE - c) * b, p, x, y)

    def saved(self, value: IndexArray, *_: Any) -> IndexArray:
        """The value: a proof does not differentiate the forms of a derivative."""
        return value

    def where(self, p: Any, x: Any, y: Any) -> IndexArray:
        """x where the predicate holds, else y."""
        return self._choose(p, x, y)

    def maximum(self, x: Any, y: Any) -> IndexArray:
        """The larger element; the first at a tie."""
        return self._choose(self._compared(">=", x, y), x, y)

    def minimum(self, x: Any, y: Any) -> IndexArray:
        """The smaller element; the first at a tie."""
        return self._choose(self._compared("<=", x, y), x, y)

    def abs(self, x: Any) -> IndexArray:
        """The absolute value."""
        return self._choose(self._compared(">=", x, 0), x, -self.asarray(x))

    def _compared(self, kind: str, x: Any, y: Any) -> IndexArray:
        return elementwise(lambda a, b: compare(kind, a, b), x, y)

    def positive(self, x: Any) -> IndexArray:
        """x itself."""
        return self.asarray(x)

    def sign(self, x: Any) -> IndexArray:
        """1 for a positive element, else −1; 0 is not generic."""
        return self._choose(self._compared(">", x, 0), 1, -1)

    def square(self, x: Any) -> IndexArray:
        """x²."""
        return map1(lambda t: t * t, x)

    def sum(self, x: IndexArray, axis: Any = None, keepdims: bool = False) -> IndexArray:
        """The sum over axes."""
        x = self.asarray(x)
        axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        summed = sorted(k % x.ndim for k in axes)
        kept = [k for k in range(x.ndim) if k not in summed]

        def at(where: Places) -> Poly:
            def body(inner: Places) -> Poly:
                place = {**dict(zip(kept, where, strict=True)), **dict(zip(summed, inner, strict=True))}
                return x.at(tuple(place[k] for k in range(x.ndim)))

            return sum_over(tuple(x.shape[k] for k in summed), body)

        result = IndexArray([x.shape[k] for k in kept], at)
        if keepdims:
            shape = tuple(1 if k in summed else size for k, size in enumerate(x.shape))
            return IndexArray(shape, lambda where: result.at(tuple(where[k] for k in kept)))
        return result

    def mean(self, x: IndexArray, axis: Any = None, keepdims: bool = False) -> IndexArray:
        """The mean over axes."""
        axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        count: Any = 1
        for k in axes:
            count = count * x.shape[k]
        return self.sum(x, axis=axis, keepdims=keepdims) / count  # type: ignore[operator]

    def matmul(self, x: IndexArray, y: IndexArray) -> IndexArray:
        """The matrix product."""
        return x @ y

    def reshape(self, x: IndexArray, shape: Any) -> IndexArray:
        """Axes of size 1 put in or taken away; where sizes are symbolic any other reshaping is not known here."""
        shape = shape if isinstance(shape, tuple) else (shape,)
        if all(isinstance(size, int) for size in (*shape, *x.shape)):
            return row_major(x, shape)  # type: ignore[arg-type]
        if [s for s in shape if s != 1] != [s for s in x.shape if s != 1]:
            raise Undecided(f"uses reshape from {x.shape} to {shape}")

        def at(where: Places) -> Poly:
            longer = iter(place for size, place in zip(shape, where, strict=True) if size != 1)
            return x.at(tuple(FIRST if size == 1 else next(longer) for size in x.shape))

        return IndexArray(shape, at)

    def stack(self, arrays: Sequence[IndexArray], axis: int = 0) -> IndexArray:
        """Arrays along a new axis."""
        given = [self.asarray(a) for a in arrays]
        if any(a.shape != given[0].shape for a in given):
            raise ValueError(f"stack: shapes {[a.shape for a in given]}")
        axis = axis % (given[0].ndim + 1)
        shape = (*given[0].shape[:axis], len(given), *given[0].shape[axis:])

        def at(where: Places) -> Poly:
            if where[axis].index.parts:
                raise Undecided("a stack at an unknown index")
            return given[where[axis].index.const].at(where[:axis] + where[axis + 1 :])

        return IndexArray(shape, at)

    def concat(self, arrays: Sequence[IndexArray], axis: int = 0) -> IndexArray:
        """Arrays along an existing axis, which becomes one of blocks."""
        axis = axis % arrays[0].ndim
        sizes = [a.shape[axis] for a in arrays]
        if any(isinstance(size, Blocks) for size in sizes):
            raise Undecided("uses concat of a concatenation")
        before, after = arrays[0].shape[:axis], arrays[0].shape[axis + 1 :]
        if any((a.shape[:axis], a.shape[axis + 1 :]) != (before, after) for a in arrays):
            raise ValueError(f"concat: shapes {[a.shape for a in arrays]} along axis {axis}")
        # Where all sizes are integers, so is their sum.
        spots = [
            Place(index_of(k), block) for block, size in enumerate(sizes) if isinstance(size, int) for k in range(size)
        ]
        known = all(isinstance(size, int) for size in sizes)
        shape = (*before, len(spots) if known else Blocks(sizes), *after)

        def at(where: Places) -> Poly:
            place = where[axis]
            if known and place.index.parts:
                raise Undecided("a concatenation at an unknown index")
            place = spots[place.index.const] if known else place
            return arrays[place.block].at((*where[:axis], Place(place.index), *where[axis + 1 :]))

        return IndexArray(shape, at)

    def broadcast_to(self, x: Any, shape: Shape) -> IndexArray:
        """The array repeated to a shape."""
        return broadcast(self.asarray(x), shape)

    def expand_dims(self, x: IndexArray, axis: int = 0) -> IndexArray:
        """The array with a new axis of size 1."""
        axis = axis % (x.ndim + 1)
        return x[(slice(None),) * axis + (None,)]

    def permute_dims(self, x: IndexArray, axes: Sequence[int]) -> IndexArray:
        """The axes in another order."""
        order = [list(axes).index(k) for k in range(x.ndim)]
        return IndexArray([x.shape[k] for k in axes], lambda where: x.at(tuple(where[k] for k in order)))

    def full(self, shape: Any, value: Any) -> IndexArray:
        """An array of one number."""
        term = self.asarray(value).item()
        return IndexArray(shape if isinstance(shape, tuple) else (shape,), lambda where: term)

    def zeros(self, shape: Any, dtype: Any = None) -> IndexArray:
        """Zeros."""
        return self.full(shape, 0)

    def ones(self, shape: Any, dtype: Any = None) -> IndexArray:
        """Ones."""
        return self.full(shape, 1)

    def zeros_like(self, x: Any, dtype: Any = None) -> IndexArray:
        """Zeros of the shape of ``x``."""
        return self.full(x.shape, 0)

    def ones_like(self, x: Any, dtype: Any = None) -> IndexArray:
        """Ones of the shape of ``x``."""
        return self.full(x.shape, 1)
