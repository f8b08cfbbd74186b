"""Arrays over symbolic sizes: the namespace "index", in which a function of the catalogue becomes a term.

An array is its shape and a rule that gives the term at an index. Axes have a symbolic size, an integer, or ``Blocks`` (a
concatenation). Predicates are indicators, so ``where(p, x, y)`` is [p]·x + (1 − [p])·y at generic points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import index
from typing import Any, NoReturn

import numpy as np

from .index_atoms import compare
from .index_places import FIRST, AxisSize, Blocks, Place, Places, Shape, sum_over
from .index_powers import ONE, power_of
from .index_sizes import Size, index_of
from .index_symbols import Entry, as_number
from .index_terms import Poly, Undecided


class IndexArray:
    """An array given by its shape and ``at(places)``, the term at a multi-index."""

    __array_ufunc__ = None
    __hash__ = object.__hash__
    dtype = None

    def __init__(self, shape: Sequence[Any], at: Callable[[Places], Poly], *, positive: bool = False) -> None:
        self.shape, self.at, self.positive = tuple(shape), at, positive

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def T(self) -> IndexArray:
        """The axes in reverse order."""
        return IndexArray(self.shape[::-1], lambda at: self.at(at[::-1]))

    def __getitem__(self, keys: Any) -> IndexArray:
        keys = list(keys) if isinstance(keys, tuple) else [keys]
        if any(key is Ellipsis for key in keys):
            spot = next(k for k, key in enumerate(keys) if key is Ellipsis)
            used = sum(key is not None for key in keys) - 1
            keys[spot : spot + 1] = [slice(None)] * (self.ndim - used)
        missing = self.ndim - sum(key is not None for key in keys)
        if missing < 0:
            raise IndexError(f"too many indices for an array of shape {self.shape}")
        keys += [slice(None)] * missing
        shape: list[AxisSize] = []
        # For each own axis the place; or the axis of the result, and how its places are counted where it is a slice.
        sources: list[Place | tuple[int, Sequence[int] | None]] = []
        own = iter(self.shape)
        for key in keys:
            if key is None:
                shape.append(1)
                continue
            size = next(own)
            if isinstance(key, int) and isinstance(size, int) and not -size <= key < size:
                raise IndexError(f"index {key} along an axis of size {size}")
            if isinstance(key, Place):
                sources.append(key)
            elif isinstance(key, slice) and key == slice(None):
                sources.append((len(shape), None))
                shape.append(size)
            elif isinstance(key, slice) and isinstance(size, int):
                taken = range(*key.indices(size))
                sources.append((len(shape), taken))
                shape.append(len(taken))
            elif isinstance(key, np.ndarray) and key.ndim == 1 and isinstance(size, int):
                sources.append((len(shape), [range(size)[k] for k in key.tolist()]))
                shape.append(len(key))
            elif isinstance(key, int) and (key >= 0 or isinstance(size, int)) and not isinstance(size, Blocks):
                sources.append(Place(index_of(key if key >= 0 else key + size)))  # type: ignore[operator]
            else:
                raise Undecided(f"uses the index {key!r} along an axis of size {size!r}")
        return IndexArray(
            shape, lambda at: self.at(tuple(s if isinstance(s, Place) else _taken(at, *s) for s in sources))
        )

    def item(self) -> Poly:
        """The term of an array of shape ()."""
        if self.shape:
            raise ValueError(f"an array of shape {self.shape} is no number")
        return self.at(())

    def __eq__(self, other: object) -> NoReturn:
        raise Undecided("asks whether terms are equal")

    def __bool__(self) -> NoReturn:
        raise Undecided("asks for the truth of a term")

    def __float__(self) -> NoReturn:
        raise Undecided("makes a float of a term")

    def __pos__(self) -> IndexArray:
        return self

    def __neg__(self) -> IndexArray:
        return map1(lambda a: -a, self)

    def __pow__(self, other: Any) -> IndexArray:
        if isinstance(other, int):
            return map1(lambda a: a.power(other), self)
        return map2(power_of, self, other)

    def __invert__(self) -> IndexArray:
        return IndexArray(self.shape, lambda at: ONE - self.at(at))

    def __matmul__(self, other: IndexArray) -> IndexArray:
        a = self[None, :] if self.ndim == 1 else self
        b = other[:, None] if other.ndim == 1 else other
        if a.ndim != 2 or b.ndim != 2:
            raise Undecided("uses matmul on stacks of matrices")
        if a.shape[1] != b.shape[0]:
            raise ValueError(f"matmul: {a.shape[1]} columns of {self.shape} meet {b.shape[0]} rows of {other.shape}")
        terms = map2(lambda p, q: p * q, a[:, :, None], b[None, :, :])
        product = IndexArray(
            (a.shape[0], b.shape[1]),
            lambda at: sum_over((a.shape[1],), lambda k: terms.at((at[0], k[0], at[1]))),
        )
        product = product[0, :] if self.ndim == 1 else product
        return product[..., 0] if other.ndim == 1 else product


def _taken(at: Places, axis: int, taken: Sequence[int] | None) -> Place:
    """The place of an array at which its slice has the element ``at``."""
    if taken is None:
        return at[axis]
    if at[axis].index.parts:
        raise Undecided("a slice at an unknown index")
    return Place(index_of(taken[at[axis].index.const]))


def row_major(x: IndexArray, shape: tuple[int, ...]) -> IndexArray:
    """The same elements in row-major order, where all sizes are numbers; raises ValueError where these do not fit."""
    if math.prod(shape) != math.prod(x.shape):  # type: ignore[arg-type]
        raise ValueError(f"reshape: {x.shape} to {shape}")

    def at(where: Places) -> Poly:
        position = 0
        for size, place in zip(shape, where, strict=True):
            if place.index.parts:
                raise Undecided("a reshape at an unknown index")
            position = position * size + place.index.const
        found = []
        for size in reversed(x.shape):
            position, k = divmod(position, size)  # type: ignore[operator]
            found.append(Place(index_of(k)))
        return x.at(tuple(reversed(found)))

    return IndexArray(shape, at)


def as_array(value: Any) -> IndexArray:
    """A number, a size or an array as an array."""
    match value:
        case IndexArray():
            return value
        case Size() | Blocks():
            return scalar(as_number(value) if isinstance(value, Size) else value.poly())
        case int() | Fraction():
            return scalar(Poly.number(value))
        case float():
            return scalar(Poly.number(Fraction(value)))
        case list():
            return _numbers(np.asarray(value))
    raise Undecided(f"uses a {type(value).__name__} as an array")


def _numbers(values: np.ndarray) -> IndexArray:
    """An array of known numbers, exactly."""

    def at(where: Places) -> Poly:
        return Poly.number(Fraction(values[tuple(map(index, where))].item()))

    return IndexArray(values.shape, at)


def scalar(term: Poly) -> IndexArray:
    """An array of shape ()."""
    return IndexArray((), lambda at: term)


def variable(name: str, shape: Shape, *, positive: bool = False) -> IndexArray:
    """An array of symbols."""

    def at(where: Places) -> Poly:
        blocks = "".join(f"⟨{place.block}⟩" for place in where if place.block)
        return Poly.atom(Entry(name + blocks, [place.index for place in where], positive=positive))

    return IndexArray(shape, at, positive=positive)


def broadcast_shape(shapes: Sequence[Shape]) -> Shape:
    """The common shape; raises ValueError where there is none."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        found = list(dict.fromkeys(size for size in sizes if size != 1))
        if len(found) > 1:
            raise ValueError(f"shapes {', '.join(map(str, shapes))} do not broadcast together")
        result.append(found[0] if found else 1)
    return tuple(result)


def broadcast(array: IndexArray, shape: Shape) -> IndexArray:
    """The array repeated to a shape."""
    if broadcast_shape([array.shape, shape]) != tuple(shape):
        raise ValueError(f"{array.shape} does not broadcast to {shape}")
    own, extra = array.shape, len(shape) - array.ndim

    def at(where: Places) -> Poly:
        pairs = zip(own, where[extra:], strict=True)
        return array.at(tuple(FIRST if size == 1 else place for size, place in pairs))

    return IndexArray(shape, at)


def elementwise(f: Callable[..., Poly], *arrays: Any) -> IndexArray:
    """A function of terms applied to arrays that broadcast together."""
    given = [as_array(a) for a in arrays]
    shape = broadcast_shape([a.shape for a in given])
    wide = [broadcast(a, shape) for a in given]
    return IndexArray(shape, lambda at: f(*(a.at(at) for a in wide)))


def map1(f: Callable[[Poly], Poly], x: Any) -> IndexArray:
    """Arithmetic and elementary functions of one array."""
    return elementwise(f, x)


def map2(f: Callable[[Poly, Poly], Poly], x: Any, y: Any) -> IndexArray:
    """Arithmetic of two arrays."""
    return elementwise(f, x, y)


def _operators() -> None:
    table: dict[str, Callable[[Poly, Poly], Poly]] = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "truediv": lambda a, b: a / b,
    }

    def known(other: Any) -> bool:
        return isinstance(other, IndexArray | Size | Blocks | int | float | Fraction)

    def plain(f: Callable[[Poly, Poly], Poly]) -> Callable[[Any, Any], Any]:
        return lambda self, other: map2(f, self, other) if known(other) else NotImplemented

    def reflected(f: Callable[[Poly, Poly], Poly]) -> Callable[[Any, Any], Any]:
        return lambda self, other: map2(f, other, self) if known(other) else NotImplemented

    def logical(f: Callable[[Poly, Poly], Poly]) -> Callable[[Any, Any], Any]:
        return lambda self, other: elementwise(f, self, other) if known(other) else NotImplemented

    for name, f in table.items():
        setattr(IndexArray, f"__{name}__", plain(f))
        setattr(IndexArray, f"__r{name}__", reflected(f))
    IndexArray.__rpow__ = reflected(power_of)  # type: ignore[attr-defined]
    IndexArray.__and__ = logical(lambda a, b: a * b)  # type: ignore[attr-defined]
    IndexArray.__or__ = logical(lambda a, b: a + b - a * b)  # type: ignore[attr-defined]
    for name, kind in (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<=")):
        setattr(IndexArray, f"__{name}__", logical(lambda a, b, k=kind: compare(k, a, b)))


_operators()
