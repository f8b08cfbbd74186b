"""Is a mutant another way to write the same derivative? Decided by exact evaluation, not by the checks under test.

Closed forms are evaluated in exact ball arithmetic (256 bits and no rounding model) at points of every canonical size,
at generic values and at kinks, and both operators are compared whole: shapes, entries, products with unit vectors both
ways. What differs somewhere is no equivalent. What agrees everywhere is called one, with a reason in words.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from flint import arb
from gradlaw.identities import Equal, Holds, Identity, Law, Rule, Unmet
from gradlaw.identities.operators import Operator, indices
from gradlaw.oracle.arrays import Array, Namespace
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.derivative import TapeDerivation, bind
from gradlaw.oracle.examples import draw_example, rules_of
from gradlaw.oracle.nested_derivation import NestedDerivation
from gradlaw.oracle.tape import Tape, Undecided, values
from gradlaw.strategies.draw import LENGTH, Example, draw
from gradlaw.strategies.functions import Section
from gradlaw.strategies.shapes import Assignment, canonical_assignments

BITS = 256
_SIZES, _POINTS = 40, 48
"""Canonical sizes that are tried, evenly spaced among all, and the least number of points: generic ones, and every
second one at a kink where the identity has one."""
_LAW_POINTS, _LAW_DRAWS = 60, 600
_CLASS_BYTES, _GENERIC, _AIM_BYTE, _AIMED = slice(24, 39), 100, 23, 5
"""The bytes of an example that choose classes of values and whether to go to a kink, and what they are set to."""

Form = Callable[..., Operator]
Matrix = tuple[object, ...]
"""All that an operator says, as numbers."""


@dataclass(frozen=True, eq=False)
class Point:
    """A point at which identities are evaluated; ``functions`` are those of a law."""

    example: Example
    functions: Mapping[str, Section]

    @property
    def size(self) -> int:
        """The number of elements of all arrays."""
        return sum(x.size for x in self.example.arguments.values() if isinstance(x, np.ndarray))


def bytes_for(identity: Identity, number: int, *, aim: bool, generic: bool = True) -> bytes:
    """The bytes of an example: the same in every run; ``aim`` at a kink, of ``generic`` magnitudes or any."""
    data = bytearray(random.Random(f"{identity.id} {number}").randbytes(LENGTH))
    if generic:
        data[_CLASS_BYTES] = bytes([_GENERIC] * 15)
    data[_AIM_BYTE] = _AIMED if aim else 0
    return bytes(data)


def spread_evenly(items: list[Any], count: int) -> list[Any]:
    """At most ``count`` of the items, evenly spaced, in their order."""
    return items if len(items) <= count else [items[k * len(items) // count] for k in range(count)]


@cache
def points(identity: Identity) -> tuple[Point, ...]:
    """Where an identity is evaluated, sizes of two and more first, because one and none hide most errors."""
    found = list(_law_points(identity) if isinstance(identity, Law) else _rule_points(identity))
    return tuple(sorted(found, key=lambda point: telling(point.example.assignment)))


def _rule_points(identity: Identity) -> Iterator[Point]:
    sizes = spread_evenly(list(canonical_assignments(identity.inputs)), _SIZES)
    for number in range(max(_POINTS, 2 * len(sizes))):
        aim = bool(identity.kink_at) and number // len(sizes) % 2 == 1
        data = bytes_for(identity, number, aim=aim)
        made = sizes[number % len(sizes)]
        kink_at = identity.kink_at if aim else None
        yield Point(draw(data, identity.inputs, np.dtype("float64"), kink_at, given=made), {})


def _law_points(law: Law) -> Iterator[Point]:
    """Examples that meet the law's hypotheses and at which no choice is tied."""
    found = 0
    for number in range(_LAW_DRAWS):
        data = bytes_for(law, number, aim=False, generic=number % 2 == 0)
        drawn = draw_example(law, data, np.dtype("float64"), rules_of())
        if drawn is not None and claims(law, point := Point(*drawn)) is not None:
            yield point
            found += 1
        if found == _LAW_POINTS:
            return


def telling(made: Assignment) -> tuple[int, int]:
    """A sorting key: assignments without sizes of 0 and 1 first, among these small ones first."""
    sizes = [size for value in made.values() for size in _sizes(value)]
    return sum(size < 2 for size in sizes), sum(sizes)


def _sizes(value: Any) -> list[int]:
    if isinstance(value, tuple):
        return [size for part in value for size in _sizes(part)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else []


def operator_at(form: Form, point: Point) -> Operator:
    """A closed form on exact balls."""
    with Balls(None, BITS) as balls:
        xp = Namespace(Tape(balls, exact=True))
        arguments = [xp.asarray(x) if isinstance(x, np.ndarray) else x for x in point.example.arguments.values()]
        return form(xp, *arguments)


def matrix_of(operator: Operator, xp: Namespace) -> Matrix:
    """Shapes, entries, J e for all unit tangents and eᵀ J for all unit cotangents."""
    inputs, outputs = indices(operator.in_shape), indices(operator.out_shape)
    entries = [xp.asarray(operator.entry(i, j)) for i in outputs for j in inputs]
    forward = [xp.asarray(operator.matvec(xp, unit)) for unit in _units(xp, operator.in_shape)]
    backward = [xp.asarray(operator.rmatvec(xp, unit)) for unit in _units(xp, operator.out_shape)]
    arrays = [*entries, *forward, *backward]
    return (operator.in_shape, operator.out_shape, *((array.shape, *values(array)) for array in arrays))


def _units(xp: Namespace, shape: tuple[int, ...]) -> list[Array]:
    size = int(np.prod(shape))
    return [xp.asarray(unit) for unit in np.eye(size, dtype=int).reshape(size, *shape)]


def differ(a: Any, b: Any) -> bool:
    """Whether two nested tuples of numbers differ for certain: balls without a common number, or other shapes."""
    if isinstance(a, arb) and isinstance(b, arb):
        return a.is_nan() != b.is_nan() or not (a.is_nan() or a.overlaps(b))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) != len(b) or any(map(differ, a, b))
    return a != b


@cache
def _truth(rule: Rule, name: str) -> tuple[tuple[Point, Matrix], ...]:
    found = []
    with Balls(None, BITS) as balls:
        xp = Namespace(Tape(balls, exact=True))
        for point in points(rule):
            try:
                found.append((point, matrix_of(operator_at(rule.partials[name], point), xp)))
            except Undecided:
                continue
    return tuple(found)


def witness(rule: Rule, name: str, form: Form) -> Point | None:
    """The first point at which ``form`` is not the closed form of ∂/∂name; None where it is equivalent."""
    with Balls(None, BITS) as balls:
        xp = Namespace(Tape(balls, exact=True))
        for point, expected in _truth(rule, name):
            try:
                if differ(matrix_of(operator_at(form, point), xp), expected):
                    return point
            except Undecided:  # a predicate of the wrong form alone
                continue
    return None


def is_zero(rule: Rule, name: str) -> bool:
    """Whether ∂/∂name is 0 at all points."""
    return not any(
        differ(entry, zero) for _, (_, _, *arrays) in _truth(rule, name) for entry, zero in _beside_zero(arrays)
    )


def _beside_zero(arrays: Any) -> Iterator[tuple[arb, arb]]:
    return ((number, arb(0)) for _, *numbers in arrays for number in numbers)


Side = tuple[str, Any]


def claims(law: Law, point: Point, derivation: Callable[..., TapeDerivation] = TapeDerivation) -> list[Side] | None:
    """Both sides of a law's equations and its facts as numbers, on exact balls; None where nothing is claimed."""
    with Balls(None, BITS) as balls:
        tape = Tape(balls, exact=True)
        D: Any = derivation(Namespace(tape), tape, closed=True)
        D = NestedDerivation(D, closed=True) if law.order > 1 else D
        xp, down = D.xp, getattr(D, "down", D.xp.asarray)
        given: dict[str, Any] = dict(bind(xp, point.functions, xp.asarray))
        given |= {k: xp.asarray(x) if isinstance(x, np.ndarray) else x for k, x in point.example.arguments.items()}
        try:
            found = law.function(D, *(given[name] for name in law.inputs))
            sides: list[Side] = []
            for claim in found if isinstance(found, tuple) else (found,):
                if isinstance(claim, Holds):
                    sides.append(("fact", claim.true))
                    continue
                assert isinstance(claim, Equal)
                for name, side in (("left", claim.left), ("right", claim.right)):
                    numbers = (
                        _products(side, xp, down) if isinstance(side, Operator) else (side.shape, *values(down(side)))
                    )
                    sides.append((name, numbers))
        except (Unmet, Undecided):
            return None
        return None if tape.kinks or tape.jumped else sides


def _products(side: Operator, xp: Namespace, down: Callable[[Any], Array]) -> Matrix:
    """As ``matrix_of`` without entries, which derivatives recorded on a tape do not have."""
    forward = [down(side.matvec(xp, unit)) for unit in _units(xp, side.in_shape)]
    backward = [down(side.rmatvec(xp, unit)) for unit in _units(xp, side.out_shape)]
    return (side.in_shape, side.out_shape, *((array.shape, *values(array)) for array in [*forward, *backward]))


@cache
def _law_truth(law: Law) -> tuple[tuple[Point, list[Side]], ...]:
    return tuple((point, sides) for point in points(law) if (sides := claims(law, point)) is not None)


def law_witness(law: Law, wrong: Law, derivation: Callable[..., TapeDerivation] = TapeDerivation) -> Point | None:
    """The first point at which ``wrong`` says something else than ``law``; None where it never does."""
    for point, expected in _law_truth(law):
        try:
            found = claims(wrong, point, derivation)
        except (ValueError, TypeError, IndexError):  # shapes that no longer fit
            return point
        if found is not None and differ(tuple(found), tuple(expected)):
            return point
    return None
