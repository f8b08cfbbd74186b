"""Sizes and shapes: what is canonical, and that every drawn assignment has a canonical stand-in."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from chosen import smallest
from gradlaw.identities import CATALOGUE
from gradlaw.strategies import array, axes, broadcastable, flag, integer, matrix, scalar, vector
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.shapes import (
    broadcast_tuples,
    canonical_assignments,
    choices,
    describe,
    note_shapes,
    shape_of,
    stand_in,
)
from gradlaw.strategies.specs import ArrayInput, AxisInput

ENTRIES = list(CATALOGUE.entries.values())
BY_ID = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
THREE = {name: broadcastable("s", member, 3) for member, name in enumerate("abc")}
"""No entry of the catalogue broadcasts three arrays yet; the rules for it are tested all the same."""


def key(assignment):
    return tuple(sorted(assignment.items()))


def arrays_of(inputs):
    return {name: spec for name, spec in inputs.items() if isinstance(spec, ArrayInput)}


def assert_consistent(inputs, made):
    """Named sizes agree, groups broadcast, axes exist, integers are in their range."""
    assert set(made) == {choice.name for choice in choices(inputs)}
    groups: dict[str, list] = {}
    for name, spec in arrays_of(inputs).items():
        shape = shape_of(spec, made)
        assert all(isinstance(size, int) and size >= 0 for size in shape)
        if spec.group:
            groups.setdefault(spec.group, []).append(shape)
            assert min(shape, default=spec.minimum) >= spec.minimum
        else:
            assert len(shape) == len(spec.shape)
            for size, actual in zip(spec.shape, shape, strict=True):
                assert actual == (made[size] if isinstance(size, str) else size)
            assert not shape or shape[0] >= spec.minimum
        for axis in (a for a in inputs.values() if isinstance(a, AxisInput) and a.of == name):
            chosen = next(made[k] for k, v in inputs.items() if v is axis)
            np.sum(np.zeros(shape), axis=chosen)  # raises where the axis does not exist or stands twice
    for shapes in groups.values():
        np.broadcast_shapes(*shapes)
    for name, spec in inputs.items():
        if hasattr(spec, "low"):
            assert spec.low <= made[name] <= spec.high


@BY_ID
def test_canonical_assignments_are_consistent_and_distinct(entry):
    found = list(canonical_assignments(entry.inputs))
    assert found
    for made in found:
        assert_consistent(entry.inputs, made)
    assert max(Counter(map(key, found)).values()) == 1


@BY_ID
def test_canonical_shapes_are_small(entry):
    for made in canonical_assignments(entry.inputs):
        for spec in arrays_of(entry.inputs).values():
            assert all(size <= 3 or size in spec.shape for size in shape_of(spec, made))


@BY_ID
def test_describe_tells_canonical_assignments_apart(entry):
    words = Counter(describe(made) for made in canonical_assignments(entry.inputs))
    assert max(words.values()) == 1
    assert all(text and text.isascii() for text in words)


def assert_stand_ins(inputs, draws, seed, kink_at=None):
    canonical = {key(made) for made in canonical_assignments(inputs)}
    rng = np.random.default_rng(seed)
    seen = set()
    for number in range(draws):
        data = rng.integers(0, 256, LENGTH, np.uint8).tobytes()
        made = draw(data, inputs, np.dtype("float64"), kink_at, deep=number % 2 == 1).assignment
        assert_consistent(inputs, made)
        stand = stand_in(inputs, made)
        assert key(stand) in canonical, (made, stand)
        if key(made) in canonical:
            assert stand == made
        # A stand-in is itself stood for by itself, and keeps every axis that is expanded and every empty one.
        assert stand_in(inputs, stand) == stand
        seen.add(key(made))
    return seen


@BY_ID
def test_every_drawn_assignment_has_a_canonical_stand_in(entry):
    grouped = any(spec.group for spec in arrays_of(entry.inputs).values())
    seen = assert_stand_ins(entry.inputs, 800 if grouped else 200, 1, entry.kink_at)
    if choices(entry.inputs):
        assert len(seen) > 1


@pytest.mark.parametrize(
    "inputs",
    [
        THREE,
        {"x": array("s"), "axis": axes("x"), "keepdims": flag()},
        {"x": array("s", minimum=1), "axis": axes("x")},
        {"n": integer(-9, 9), "x": scalar()},
        {"A": matrix("m", "n", minimum=1), "B": matrix("n", "k"), "v": vector("k", minimum=1)},
    ],
    ids=["three", "axes", "axes-minimum", "integer", "matrices"],
)
def test_inputs_beyond_the_catalogue_have_stand_ins_too(inputs):
    assert_stand_ins(inputs, 150 if inputs is THREE else 1000, 2)


def expansions(shapes):
    """For each axis of the broadcast shape, counted from the last: who is expanded along it, and whether it is empty."""
    full = np.broadcast_shapes(*shapes)
    found = []
    for axis in range(1, len(full) + 1):
        sizes = [shape[-axis] if len(shape) >= axis else None for shape in shapes]
        found.append((tuple(size in (1, None) and full[-axis] != 1 for size in sizes), full[-axis] == 0))
    return found


@pytest.mark.parametrize("members", [1, 2, 3])
def test_a_stand_in_shows_expansions_that_the_drawn_shapes_have(members):
    inputs = {f"x{k}": broadcastable("s", k, members) for k in range(members)}
    for shapes in broadcast_tuples(members, wide=True)[:: 7 if members == 3 else 1]:
        stood = stand_in(inputs, {"s": shapes})["s"]
        if len(np.broadcast_shapes(*shapes)) <= 2:
            assert expansions(stood) == expansions(shapes)
        elif members <= 2:
            patterns, shown = ({p for p, _ in expansions(both) if any(p)} for both in (shapes, stood))
            assert patterns == shown, (shapes, stood)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("members", [1, 2, 3])
def test_broadcast_tuples_broadcast_and_are_complete(members, wide):
    found = broadcast_tuples(members, wide=wide)
    assert len(set(found)) == len(found)
    fulls = {np.broadcast_shapes(*shapes) for shapes in found}
    assert set(broadcast_tuples(members, wide=False)) <= set(found) or not wide
    assert fulls == {shapes[0] for shapes in broadcast_tuples(1, wide=wide)}
    if members > 1:
        # Whoever can be the smaller one is, in both places.
        flipped = {shapes[::-1] for shapes in found}
        assert flipped == set(found)
        rest = ((),) * (members - 2)
        for pair in [((2, 3), (3,)), ((), (2,)), ((2, 1), (1, 2)), ((1, 2), (2, 1)), ((0,), (1,)), ((0, 2), (1, 2))]:
            assert pair + rest in found


@pytest.mark.parametrize("members", [1, 2, 3])
def test_broadcast_tuples_go_from_simple_to_large(members):
    found = broadcast_tuples(members, wide=True)
    assert found[0] == ((),) * members
    filled = [shapes for shapes in found if not any(0 in shape for shape in shapes)]
    assert list(found[: len(filled)]) == filled, "empty arrays come last"
    counts = [sum(int(np.prod(shape)) for shape in shapes) for shapes in filled]
    assert counts == sorted(counts)


def test_the_first_option_is_a_small_one_and_not_empty():
    for entry in ENTRIES:
        made = {}
        for choice in choices(entry.inputs):
            made[choice.name] = choice.options(note_shapes(entry.inputs, made))[0]
        for spec in arrays_of(entry.inputs).values():
            shape = shape_of(spec, made)
            assert 1 <= int(np.prod(shape)) <= smallest(spec), (entry.id, shape)


def test_the_larger_minimum_of_a_shared_size_wins():
    for inputs in (
        {"x": vector("n"), "y": vector("n", minimum=2)},
        {"y": vector("n", minimum=2), "x": vector("n")},
    ):
        assert [made["n"] for made in canonical_assignments(inputs)] == [2, 3]


def test_a_minimum_is_of_the_first_dimension_and_of_all_in_a_group():
    found = [(made["m"], made["n"]) for made in canonical_assignments({"A": matrix("m", "n", minimum=1)})]
    assert min(m for m, _ in found) == 1
    assert min(n for _, n in found) == 0
    shapes = [made["s"][0] for made in canonical_assignments({"x": array("s", minimum=1)})]
    assert shapes
    assert all(0 not in shape for shape in shapes)


def test_describe_in_words():
    assert describe({}) == "scalar"
    assert describe({"n": 2, "N": 3}) == "n=2 N=3"
    assert describe({"s": ((2, 3), (3,), ())}) == "s=(2,3)+(3,)+()"
    texts = [describe({"axis": value}) for value in (None, 0, -1, (0,), (0, 1), False)]
    assert len(set(texts)) == len(texts)


def test_no_choice_is_made_for_a_function():
    from gradlaw.strategies import function

    assert choices({"f": function(("n",), ("m",)), "x": vector("n")}) == choices({"x": vector("n")})
