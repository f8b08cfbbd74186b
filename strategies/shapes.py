"""Sizes and shapes: which are tried, in an order in which earlier means simpler, and which of them stand for
the others.

Everything discrete about an example (sizes of named dimensions, whole shapes, integers, axes, flags) is a *choice*
among a list of options. A symbolic proof is made for every combination of *canonical* options (axes of 0, 1, 2 and 3);
a drawn combination points to the canonical one that stands for it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from .index_tuples import index_tuples, stand_in_index
from .specs import ArrayInput, AxisInput, FlagInput, IndexInput, InputSpec, IntegerInput

Shape = tuple[int, ...]
Assignment = dict[str, Any]

CANONICAL_SIZES = (0, 1, 2, 3)
SIZES = (1, 2, 3, 0, 4, 5, 6, 7, 8)
DEEP_SIZES = (*SIZES, 16, 33)
FEW_SIZES = (1, 2, 3, 0, 8)
"""For a library that compiles anew for every shape: the edge cases and one size that fills a vector register."""

_FLAT_SHAPES: tuple[Shape, ...] = ((), (1,), (2,), (3,), (0,))
_FULL_SHAPES = (*_FLAT_SHAPES, (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (0, 2), (2, 0))
_DEEP_SHAPES: tuple[Shape, ...] = ((2, 1, 3), (2, 2, 2))
_WIDE_SHAPES: tuple[Shape, ...] = ((5,), (8,), (3, 4), *_DEEP_SHAPES)


@cache
def broadcast_tuples(members: int, *, wide: bool) -> tuple[tuple[Shape, ...], ...]:
    """Tuples of ``members`` shapes that broadcast together, simplest first; ``wide`` adds larger ones."""
    found = set()
    for full in _FULL_SHAPES + (_WIDE_SHAPES if wide else ()):
        parts = {
            tuple(1 if one else size for one, size in zip(ones, full[len(full) - rank :], strict=True))
            for rank in range(len(full) + 1)
            for ones in itertools.product((False, True), repeat=rank)
        }
        for shapes in itertools.product(sorted(parts), repeat=members):
            if np.broadcast_shapes(*shapes) == full:
                found.add(shapes)

    def simplicity(shapes: tuple[Shape, ...]) -> tuple[Any, ...]:
        # Empty arrays say little: they come last, although they are the smallest.
        return any(0 in shape for shape in shapes), sum(map(math.prod, shapes)), sum(map(len, shapes)), shapes

    return tuple(sorted(found, key=simplicity))


@dataclass(frozen=True)
class Choice:
    """One discrete choice: its name in the assignment and its options, given the choices already made.

    ``ranked``: axes of this shape are chosen, so that its rank matters and rank 3 is canonical. ``minimum``: the least
    size, ``largest`` the largest, where it is not 0; ``canonical``: the largest canonical one.
    """

    name: str
    spec: InputSpec
    ranked: bool = False
    minimum: int = 0
    canonical: int = 3
    largest: int = 0

    def options(
        self, made: Assignment, *, canonical: bool = False, deep: bool = False, few: bool = False
    ) -> tuple[Any, ...]:
        """Options, simplest first."""
        match self.spec:
            case ArrayInput(group=""):
                small = CANONICAL_SIZES[: self.canonical + 1]
                sizes = small if canonical else DEEP_SIZES if deep else FEW_SIZES if few else SIZES
                return tuple(size for size in sizes if self.minimum <= size <= (self.largest or size))
            case ArrayInput(members=members):
                tuples = broadcast_tuples(members, wide=not canonical)
                if canonical and self.ranked:
                    tuples += tuple((shape,) for shape in _DEEP_SHAPES)
                fitting = tuple(shapes for shapes in tuples if all(min(s, default=1) >= self.minimum for s in shapes))
                return fitting[:: max(1, len(fitting) // 12)] if few else fitting
            case IntegerInput(low=low, high=high):
                values = range(low, high + 1)
                if canonical:
                    values = [value for value in values if abs(value) <= 3]
                return tuple(sorted(values, key=lambda value: (abs(value - 2), value)))
            case AxisInput(of=of):
                rank = len(made[f"shape of {of}"])
                subsets = (axes for k in range(1, rank + 1) for axes in itertools.combinations(range(rank), k))
                singles = [axis for k in range(rank) for axis in (k, k - rank)]
                return (None, *singles, *subsets)
            case FlagInput():
                return (False, True)
            case IndexInput():
                return index_tuples(*_indexed(self.spec, made), canonical=canonical)
        raise TypeError(f"no choice is made for {self.spec!r}")

    def stand_in(self, value: Any, made: Assignment) -> Any:
        """The canonical option that stands for ``value``: sizes above 3 are stood for by 3, exponents likewise."""
        if value in self.options(made, canonical=True):
            return value
        match self.spec:
            case ArrayInput(group=""):
                return max(self.options(made, canonical=True))
            case IntegerInput():
                return int(math.copysign(3, value))
            case ArrayInput():
                return _clip_shapes(value)
            case IndexInput():
                return stand_in_index(value, *_indexed(self.spec, made))
        return value


def _indexed(spec: IndexInput, made: Assignment) -> tuple[int, Shape]:
    """The size of the axis that is indexed, and the shape of the indices."""
    return made[f"shape of {spec.of}"][spec.axis], tuple(made[k] if isinstance(k, str) else k for k in spec.shape)


def _clip_shapes(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Shapes of rank 2 at most with sizes of 3 at most: broadcasting acts on each axis alone, so two axes are enough.

    Axes go first along which nobody is expanded, then those that repeat another's pattern: who is expanded stays visible.
    """
    clipped = [tuple(min(size, 3) for size in shape) for shape in shapes]
    while len(full := np.broadcast_shapes(*clipped)) > 2:
        padded = [(1,) * (len(full) - len(shape)) + shape for shape in clipped]
        patterns = [tuple(shape[axis] != size for shape in padded) for axis, size in enumerate(full)]
        axis = next((k for k, p in enumerate(patterns) if not any(p)), None)
        if axis is None:
            axis = next((k for k, p in enumerate(patterns) if p in patterns[k + 1 :]), 0)
        places = [axis - (len(full) - len(shape)) for shape in clipped]
        clipped = [s[:k] + s[k + 1 :] if k >= 0 else s for s, k in zip(clipped, places, strict=True)]
    if full not in _FULL_SHAPES:
        clipped = [(*shape[:-1], min(shape[-1], 2)) if shape else shape for shape in clipped]
    return tuple(clipped)


def choices(inputs: Mapping[str, InputSpec]) -> list[Choice]:
    """The discrete choices of an entry, each once, sizes before what depends on them."""
    made: dict[str, Choice] = {}
    reduced = {spec.of for spec in inputs.values() if isinstance(spec, AxisInput)}
    for name, spec in inputs.items():
        match spec:
            case ArrayInput(group=""):
                for axis, size in enumerate(spec.shape):
                    minimum = spec.minimum if axis == 0 else 0
                    if isinstance(size, str):
                        known = made.get(size, Choice(size, spec))
                        limits = [limit for limit in (known.largest, spec.largest) if limit]
                        made[size] = replace(
                            known,
                            minimum=max(known.minimum, minimum, spec.least),
                            canonical=min(known.canonical, spec.canonical),
                            largest=min(limits, default=0),
                        )
            case ArrayInput():
                ranked = spec.members == 1 and name in reduced
                made.setdefault(spec.group, Choice(spec.group, spec, ranked, spec.minimum))
            case IntegerInput() | AxisInput() | FlagInput():
                made[name] = Choice(name, spec)
            case IndexInput(shape=shape):
                for size in shape:
                    if isinstance(size, str) and size not in made:
                        made[size] = Choice(size, ArrayInput((size,)), canonical=2)
    # Indices last: they depend on the sizes of what they point into, which has elements.
    for name, spec in inputs.items():
        if isinstance(spec, IndexInput):
            source = inputs[spec.of]
            assert isinstance(source, ArrayInput)
            size = source.group or source.shape[spec.axis]
            if isinstance(size, str):
                made[size] = replace(made[size], minimum=max(1, made[size].minimum))
            made[name] = Choice(name, spec)
    return list(made.values())


def shape_of(spec: ArrayInput, made: Assignment) -> Shape:
    """The shape that an assignment gives to an array input."""
    if spec.group:
        return made[spec.group][spec.member]
    return tuple(made[size] if isinstance(size, str) else size for size in spec.shape)


def note_shapes(inputs: Mapping[str, InputSpec], made: Assignment) -> Assignment:
    """The assignment with the entries ``shape of NAME`` that axis choices look up, as far as they are known."""
    known = dict(made)
    for name, spec in inputs.items():
        if isinstance(spec, ArrayInput):
            try:
                known[f"shape of {name}"] = shape_of(spec, made)
            except KeyError:
                continue
    return known


def canonical_assignments(inputs: Mapping[str, InputSpec]) -> Iterator[Assignment]:
    """Every combination of canonical options: one symbolic proof each."""

    def extend(made: Assignment, rest: list[Choice]) -> Iterator[Assignment]:
        if not rest:
            yield made
            return
        for option in rest[0].options(note_shapes(inputs, made), canonical=True):
            yield from extend({**made, rest[0].name: option}, rest[1:])

    yield from extend({}, choices(inputs))


def stand_in(inputs: Mapping[str, InputSpec], made: Assignment) -> Assignment:
    """The canonical assignment whose proof stands for a drawn one."""
    result: Assignment = {}
    for choice in choices(inputs):
        result[choice.name] = choice.stand_in(made[choice.name], note_shapes(inputs, result))
    return result


def describe(made: Assignment) -> str:
    """An assignment in words, for ids and tables: ``n=2 N=3``, ``s=(2,3)+(3,)``."""

    def words(value: Any) -> str:
        if isinstance(value, tuple) and value and isinstance(value[0], tuple):
            return "+".join("(" + ",".join(map(str, s)) + ("," if len(s) == 1 else "") + ")" for s in value)
        if isinstance(value, tuple):
            return "(" + ",".join(map(str, value)) + ")"
        return str(value)

    return " ".join(f"{name}={words(value)}" for name, value in made.items()) or "scalar"
