"""One array namespace over any kind of scalar: SymPy expressions, tape nodes, Taylor series, high-precision numbers.

Structure (shapes, broadcasting, indexing) is NumPy's own on object arrays; what a number *means* is the business of the
``Algebra``. A function of the catalogue, written against the Array API, runs unchanged in such a namespace.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from .algebra import Algebra
from .linear_algebra import Matrices
from .steps import Steps
from .structure import Structure

Axis = int | tuple[int, ...] | None


_NUMBERS = (int, float, np.ndarray, np.generic)


def _box(scalar: Any) -> np.ndarray:
    """A 0-d object array; ``np.asarray`` would look inside scalars that are sequences."""
    boxed = np.empty((), object)
    boxed[()] = scalar
    return boxed


class Array:
    """An array of scalars of one algebra, with the operators of the Array API."""

    __slots__ = ("elements", "xp")
    __array_priority__ = 1000
    __array_ufunc__ = None
    dtype = None

    def __init__(self, xp: Namespace, elements: Any) -> None:
        self.xp = xp
        self.elements = elements if isinstance(elements, np.ndarray) else _box(elements)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return self.elements.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.elements.ndim

    @property
    def T(self) -> Array:
        """The transpose of a matrix."""
        return Array(self.xp, self.elements.T)

    def item(self) -> Any:
        """The only scalar."""
        return self.elements.reshape(-1)[0] if self.elements.size == 1 else self.elements.item()

    def flat(self) -> list[Any]:
        """The scalars in row-major order."""
        return list(self.elements.reshape(-1))

    def __getitem__(self, key: Any) -> Array:
        return Array(self.xp, self.elements[key])

    def __add__(self, other: Any) -> Array:
        return self.xp._map2(lambda a, b: a + b, self, other)

    def __radd__(self, other: Any) -> Array:
        return self.xp._map2(lambda a, b: a + b, other, self)

    def __sub__(self, other: Any) -> Array:
        return self.xp._map2(lambda a, b: a - b, self, other)

    def __rsub__(self, other: Any) -> Array:
        return self.xp._map2(lambda a, b: a - b, other, self)

    def __mul__(self, other: Any) -> Array:
        # A linear operator knows how to be multiplied by an array; NotImplemented lets it.
        return (
            self.xp._map2(lambda a, b: a * b, self, other) if isinstance(other, (Array, *_NUMBERS)) else NotImplemented
        )

    def __rmul__(self, other: Any) -> Array:
        return self.xp._map2(lambda a, b: a * b, other, self)

    def __truediv__(self, other: Any) -> Array:
        return self.xp._map2(lambda a, b: a / b, self, other)

    def __rtruediv__(self, other: Any) -> Array:
        return self.xp._map2(lambda a, b: a / b, other, self)

    def __pow__(self, other: Any) -> Array:
        if isinstance(other, int):
            return self.xp._map1(lambda a: self.xp.algebra.power(a, other), self)
        return self.xp._map2(self.xp.algebra.power, self, other)

    def __rpow__(self, other: Any) -> Array:
        return self.xp._map2(self.xp.algebra.power, other, self)

    def __neg__(self) -> Array:
        return self.xp._map1(lambda a: -a, self)

    def __pos__(self) -> Array:
        return self

    def __abs__(self) -> Array:
        return self.xp.abs(self)

    def __matmul__(self, other: Any) -> Array:
        return self.xp.matmul(self, other)

    def __gt__(self, other: Any) -> Array:
        return self.xp._compare(">", self, other)

    def __ge__(self, other: Any) -> Array:
        return self.xp._compare(">=", self, other)

    def __lt__(self, other: Any) -> Array:
        return self.xp._compare("<", self, other)

    def __le__(self, other: Any) -> Array:
        return self.xp._compare("<=", self, other)

    def __eq__(self, other: object) -> Array:  # type: ignore[override]
        return self.xp._compare("==", self, other)

    def __ne__(self, other: object) -> Array:  # type: ignore[override]
        return self.xp._compare("!=", self, other)

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise TypeError("the truth of an array is no mathematics: use xp.where")

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[Array]:
        return (self[k] for k in range(len(self)))


class Namespace(Steps, Structure, Matrices):
    """The Array API functions that the catalogue uses, over the scalars of ``algebra``."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra

    @property
    def pi(self) -> Array:
        """π, as exactly as the scalars allow."""
        return self.wrap([self.algebra.pi], ())

    def __getattr__(self, name: str) -> Callable[[Array], Array]:
        from .elementary import FUNCTIONS, SEVERAL

        if name in SEVERAL:
            return lambda *arguments: self._map_several(name, arguments)
        if name not in FUNCTIONS:
            raise AttributeError(f"this namespace has no function {name!r}")
        return lambda x: self._map1(lambda a: self.algebra.call(name, a), x)

    def _map_several(self, name: str, arguments: Sequence[Any]) -> Array:
        """A function of several variables element by element; Python ints are orders and stay."""
        arrays = [self.asarray(a).elements for a in arguments if not isinstance(a, int)]
        broadcast = np.broadcast_arrays(*arrays)

        def at(numbers: Sequence[Any]) -> Any:
            left = iter(numbers)
            return self.algebra.call(name, *(a if isinstance(a, int) else next(left) for a in arguments))

        rows = zip(*(a.reshape(-1) for a in broadcast), strict=True)
        return self.wrap([at(row) for row in rows], broadcast[0].shape)

    def asarray(self, x: Any, dtype: Any = None) -> Array:
        """Numbers as an array of scalars, exactly; as static integers with dtype ``int64``."""
        if isinstance(x, Array):
            return x
        if dtype is self.int64:
            return np.asarray(x, np.int64)  # type: ignore[return-value]
        if isinstance(x, int | float):
            return self.wrap([self.algebra.lift(x)], ())
        values = np.asarray(x)
        lifted = np.empty(values.shape, object)
        flat = lifted.reshape(-1)
        for k, value in enumerate(values.reshape(-1)):
            flat[k] = self.algebra.lift(value)
        return Array(self, flat.reshape(values.shape))

    def wrap(self, scalars: Sequence[Any], shape: tuple[int, ...]) -> Array:
        """Scalars in row-major order as an array."""
        elements = np.empty(len(scalars), object)
        for k, scalar in enumerate(scalars):
            elements[k] = scalar
        return Array(self, elements.reshape(shape))

    def _array(self, elements: np.ndarray) -> Array:
        return Array(self, elements)

    def _map1(self, f: Callable[[Any], Any], x: Any) -> Array:
        x = self.asarray(x)
        return self.wrap([f(a) for a in x.elements.reshape(-1)], x.shape)

    def _map2(self, f: Callable[[Any, Any], Any], x: Any, y: Any) -> Array:
        a, b = self.asarray(x).elements, self.asarray(y).elements
        if a.shape != b.shape:
            a, b = np.broadcast_arrays(a, b)
        return self.wrap([f(p, q) for p, q in zip(a.reshape(-1), b.reshape(-1), strict=True)], a.shape)

    def _compare(self, kind: str, x: Any, y: Any) -> Array:
        return self._map2(lambda p, q: self.algebra.compare(kind, p, q), x, y)

    def saved(self, value: Array, *slopes: tuple[Array, Array]) -> Array:
        """``value`` element by element, of which a library has saved the derivatives by arguments too: pairs of these. Only
        what differentiates an equal form of a derivative once more asks for them, and takes over their rounding errors.
        """
        rows = zip(*(x.flat() for pair in slopes for x in pair), strict=True)
        pairs = [list(zip(row[::2], row[1::2], strict=True)) for row in rows]
        return self.wrap([self.algebra.saved(v, p) for v, p in zip(value.flat(), pairs, strict=True)], value.shape)

    def where(self, condition: Array, x: Any, y: Any) -> Array:
        """Elements of ``x`` where the condition holds, else of ``y``."""
        c, a, b = np.broadcast_arrays(condition.elements, self.asarray(x).elements, self.asarray(y).elements)
        picked = [
            self.algebra.select(p, lambda q=q: q, lambda r=r: r)
            for p, q, r in zip(c.reshape(-1), a.reshape(-1), b.reshape(-1), strict=True)
        ]
        return self.wrap(picked, c.shape)

    def maximum(self, x: Any, y: Any) -> Array:
        """The larger of two; the first argument at a tie (the declared convention)."""
        x, y = self.asarray(x), self.asarray(y)
        return self.where(y > x, y, x)

    def minimum(self, x: Any, y: Any) -> Array:
        """The smaller of two; the first argument at a tie."""
        x, y = self.asarray(x), self.asarray(y)
        return self.where(y < x, y, x)

    def abs(self, x: Any) -> Array:
        """The absolute value; its derivative at 0 is by convention that of x."""
        x = self.asarray(x)
        return self.where(x < 0, -x, x)

    def sum(self, x: Array, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Array:
        """The sum over axes."""
        summed = sorted(range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim))
        kept = [k for k in range(x.ndim) if k not in summed]
        aligned = np.transpose(x.elements, kept + summed)
        shape = tuple(x.shape[k] for k in kept)
        width = math.prod(x.shape[k] for k in summed)
        rows = aligned.reshape(math.prod(shape), width)
        result = self.wrap([self.algebra.sum(list(line)) for line in rows], shape)
        if keepdims:
            return self.reshape(result, tuple(1 if k in summed else size for k, size in enumerate(x.shape)))
        return result

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        """The mean over axes."""
        total = self.sum(x, axis=axis, keepdims=keepdims)
        return total / (math.prod(x.shape) // max(1, math.prod(total.shape)))

    def matmul(self, x: Array, y: Array) -> Array:
        """The matrix product; each entry is a sum of products in any order."""
        a, b = x.elements, y.elements
        if not (a.ndim and b.ndim):
            raise ValueError("matmul: a number is no matrix")
        left = a[None, :] if a.ndim == 1 else a
        right = b[:, None] if b.ndim == 1 else b
        if left.shape[-1] != right.shape[-2]:
            raise ValueError(f"matmul: {left.shape[-1]} columns of {a.shape} meet {right.shape[-2]} rows of {b.shape}")
        products = self._map2(
            lambda p, q: p * q, Array(self, left[..., :, :, None]), Array(self, right[..., None, :, :])
        )
        result = self.sum(products, axis=-2)
        if a.ndim == 1:
            result = result[..., 0, :]
        return result[..., 0] if b.ndim == 1 else result
