"""Static indices: which are tried, that repeats and both ends are among them, and what stands for them."""

from __future__ import annotations

import numpy as np
import pytest
from gradlaw.identities import rule
from gradlaw.identities.declare import Registry
from gradlaw.identities.operators import diag
from gradlaw.identities.sources import PH
from gradlaw.strategies import indices, matrix, vector
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.index_tuples import index_tuples, stand_in_index
from gradlaw.strategies.shapes import canonical_assignments, choices, describe, note_shapes, shape_of, stand_in

FREE = {"x": vector("n"), "i": indices("x", "k")}
CLASSES = {"z": matrix("N", "C"), "i": indices("z", "N", axis=1)}
SQUARE = {"x": matrix("n", "m"), "i": indices("x", "k", "m")}


@pytest.mark.parametrize("size", [1, 2, 3, 8])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (4,), (2, 3)])
@pytest.mark.parametrize("canonical", [False, True])
def test_indices_have_the_shape_and_are_in_range(size, shape, canonical):
    found = index_tuples(size, shape, canonical=canonical)
    assert len(found) == len(set(found)) >= 1
    for value in found:
        assert np.shape(value) == shape
        assert np.size(value) == 0 or 0 <= np.min(value) <= np.max(value) < size


def test_repeats_both_ends_and_the_reversed_order_are_among_them():
    found = index_tuples(4, (4,), canonical=False)
    assert {(0, 1, 2, 3), (3, 2, 1, 0), (0, 0, 0, 0), (3, 3, 3, 3), (3, 3, 2, 2)} <= set(found)


def test_an_empty_axis_has_no_index():
    assert index_tuples(0, (0,), canonical=False) == ((),)
    with pytest.raises(ValueError, match="no index into an axis of size 0"):
        index_tuples(0, (1,), canonical=False)


def test_repeated_indices_are_stood_for_by_repeated_ones():
    assert stand_in_index((7, 7, 1), 3, (3,)) in ((2, 2, 1),)
    assert stand_in_index((7, 4, 1), 3, (3,)) in ((0, 1, 2), (2, 1, 0))
    assert stand_in_index((0, 1, 2), 3, (3,)) == (0, 1, 2)


@pytest.mark.parametrize("inputs", [FREE, CLASSES, SQUARE], ids=["free", "classes", "matrix"])
def test_drawn_indices_point_into_their_axis_and_have_a_canonical_stand_in(inputs):
    canonical = list(canonical_assignments(inputs))
    assert len({describe(made) for made in canonical}) == len(canonical)
    rng, seen, spec = np.random.default_rng(5), set(), inputs["i"]
    for _ in range(300):
        example = draw(rng.integers(0, 256, LENGTH, np.uint8).tobytes(), inputs, np.dtype("float64"))
        made = note_shapes(inputs, example.assignment)
        value, size = example.arguments["i"], made[f"shape of {spec.of}"][spec.axis]
        assert np.shape(value)[0] == made[spec.shape[0]]
        assert np.size(value) == 0 or 0 <= np.min(value) <= np.max(value) < size
        assert stand_in(inputs, example.assignment) in canonical
        seen.add(len(np.ravel(value)) > len(set(np.ravel(value).tolist())))
    assert seen == {False, True}


def test_the_axis_pointed_into_is_never_empty():
    assert {choice.name: choice.minimum for choice in choices(CLASSES)} == {"N": 0, "C": 1, "i": 0}
    assert all(0 not in shape_of(CLASSES["z"], made)[1:] for made in canonical_assignments(CLASSES))


def test_an_index_is_no_argument_to_differentiate_by():
    def picked(xp, x, i):
        r"""x_i"""
        return x[xp.asarray(i, dtype=xp.int64)]

    made = rule(source=PH("a test"), registry=Registry(), **FREE)(picked)
    made.partial("x")(lambda xp, x, i: diag(x))
    assert made.differentiable == ["x"]
    np.testing.assert_array_equal(made(np, np.arange(5.0), (4, 0, 4)), [4.0, 0.0, 4.0])
