"""Places along the axes of an array over symbolic sizes, and sums over them.

An axis has a symbolic size, an integer, or ``Blocks``: several of these one after another, as a concatenation makes them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .index_atoms import delta
from .index_powers import ZERO
from .index_sizes import Index, Size, Var, index_of
from .index_sums import total
from .index_symbols import as_number
from .index_terms import Poly, Undecided


class Blocks:
    """The size of a concatenated axis. Its indices say which block, and which index in it."""

    def __init__(self, sizes: Sequence[Any]) -> None:
        self.sizes = tuple(sizes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Blocks) and self.sizes == other.sizes

    def __hash__(self) -> int:
        return hash(self.sizes)

    def __repr__(self) -> str:
        return "+".join(map(repr, self.sizes))

    def poly(self) -> Poly:
        """The size as a number."""
        return sum((Poly.number(s) if isinstance(s, int) else as_number(s) for s in self.sizes), ZERO)


class Place:
    """An index along one axis: in which block (0 where the axis is no concatenation), and where in it."""

    __slots__ = ("block", "index")

    def __init__(self, index: Index, block: int = 0) -> None:
        self.index, self.block = index, block

    def kronecker(self, other: Any) -> Any:
        """δ of two places of one axis as an array of shape (), as ``operators.kronecker`` asks for it."""
        from .index_arrays import scalar

        other = other if isinstance(other, Place) else Place(index_of(other))
        return scalar(delta(self.index, other.index) if self.block == other.block else ZERO)

    def __index__(self) -> int:
        """The number where the index is one; raises Undecided where it is symbolic."""
        if self.block or self.index.parts:
            raise Undecided(f"asks which number the index {self} is")
        return self.index.const

    def __repr__(self) -> str:
        return f"{self.block}:{self.index}" if self.block else repr(self.index)


AxisSize = int | Size | Blocks
Shape = tuple[AxisSize, ...]
Places = tuple[Place, ...]
FIRST = Place(index_of(0))


def places(size: AxisSize, name: str = "") -> Iterator[Place]:
    """Representatives of all indices of an axis: every integer, one variable a symbolic size."""
    match size:
        case int():
            yield from (Place(index_of(k)) for k in range(size))
        case Blocks():
            for number, part in enumerate(size.sizes):
                yield from (Place(place.index, number) for place in places(part, name and f"{name}{number}"))
        case Size():
            yield Place(index_of(Var(name, size, f"@{name}") if name else Var.fresh(size)))


def all_places(shape: Shape, names: str = "") -> Iterator[Places]:
    """Representatives of all multi-indices; ``names`` has a letter for each axis, else the variables are fresh."""
    letters = names[: len(shape)] if len(names) >= len(shape) else [""] * len(shape)
    yield from itertools.product(*(list(places(size, letter)) for size, letter in zip(shape, letters, strict=True)))


def sum_over(shape: Shape, body: Callable[[Places], Poly]) -> Poly:
    """Σ over all multi-indices of a shape."""
    result = ZERO
    for at in all_places(shape):
        names = [place.index.var for place in at if place.index.parts]
        result = result + total([name for name in names if isinstance(name, Var)], body(at))
    return result
