"""One byte string, one example: deterministic, with every field in a place of its own."""

from __future__ import annotations

import numpy as np
import pytest
from chosen import CORE, smallest
from gradlaw.identities import CATALOGUE
from gradlaw.strategies import integer, matrix, nonzero, positive, reals, scalar, vector
from gradlaw.strategies.draw import LENGTH, draw, few_choices, with_choices
from gradlaw.strategies.shapes import choices, note_shapes, shape_of
from gradlaw.strategies.specs import ArrayInput
from gradlaw.strategies.values import CLASSES, class_of

DTYPES = pytest.mark.parametrize("dtype", [np.dtype("float32"), np.dtype("float64")], ids=str)
ENTRIES = list(CATALOGUE.entries.values())
BY_ID = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
KINKED = [
    CATALOGUE.entries[name] for name in ("relu.relu", "elementwise.maximum", "neuron.activation", "loss.neuron_loss")
]
HEADER, CLASS_BYTES, DIRECTION = 24, 24, 40
FLOAT64 = np.dtype("float64")


def random_bytes(seed):
    return np.random.default_rng(seed).integers(0, 256, LENGTH, np.uint8).tobytes()


def changed(data, position, value):
    return data[:position] + bytes([value]) + data[position + 1 :]


def of_class(name, data=None, position=0):
    """Bytes whose array number ``position`` is of class ``name``."""
    byte = next(k for k in range(256) if class_of(k) == name)
    return changed(bytes(LENGTH) if data is None else data, CLASS_BYTES + position, byte)


def same(a, b):
    return a.keys() == b.keys() and all(
        type(a[k]) is type(b[k])
        and (a[k].dtype == b[k].dtype and a[k].shape == b[k].shape and a[k].tobytes() == b[k].tobytes())
        if isinstance(a[k], np.ndarray)
        else a[k] == b[k]
        for k in a
    )


@DTYPES
@BY_ID
def test_examples_fit_the_declaration(entry, dtype):
    arrays = {name: spec for name, spec in entry.inputs.items() if isinstance(spec, ArrayInput)}
    for seed in range(60):
        example = draw(random_bytes(seed), entry.inputs, dtype, entry.kink_at)
        given = [name for name in entry.inputs if name in example.arguments]
        assert list(example.arguments) == given, "in the order of the declaration"
        for name, spec in arrays.items():
            value = example.arguments[name]
            assert value.dtype == dtype
            assert value.shape == shape_of(spec, example.assignment)
            assert spec.domain.contains(value).all()
        assert set(example.classes) == set(arrays)
        assert set(example.classes.values()) <= set(CLASSES)


@BY_ID
def test_the_same_bytes_give_the_same_example(entry):
    for seed in range(10):
        first, second = (draw(random_bytes(seed), entry.inputs, FLOAT64, entry.kink_at) for _ in range(2))
        assert first.assignment == second.assignment
        assert same(first.arguments, second.arguments)
        assert first.direction == second.direction
        assert first.at_kink == second.at_kink


@BY_ID
def test_all_zero_bytes_give_a_tiny_readable_example(entry):
    example = draw(bytes(LENGTH), entry.inputs, FLOAT64, entry.kink_at)
    arrays = {k: v for k, v in example.arguments.items() if isinstance(v, np.ndarray)}
    assert all(0 < array.size <= smallest(entry.inputs[name]) for name, array in arrays.items())
    for name, array in arrays.items() if entry in CORE else ():
        has_1 = entry.inputs[name].domain.contains(np.array(1.0)).all()
        assert (array == 1).all() if has_1 else np.isin(array, (0, 0.5, 2)).all(), name
    assert not example.at_kink
    assert (example.along((2, 2), 0) == 1).all()


def test_other_choices_do_not_move_the_elements_of_an_input():
    inputs = {"A": matrix("m", "n"), "x": vector("k", nonzero), "z": scalar(positive), "p": integer(0, 8)}
    names = [choice.name for choice in choices(inputs)]
    assert names == ["m", "n", "k", "p"]
    for seed in range(40):
        data = of_class("generic", of_class("generic", of_class("wide", random_bytes(seed)), 1), 2)
        before = draw(data, inputs, FLOAT64).arguments
        for value in (1, 3, 77, 200):
            m_changed = draw(changed(data, 0, value), inputs, FLOAT64).arguments
            assert same({k: m_changed[k] for k in "xzp"}, {k: before[k] for k in "xzp"})
            k_changed = draw(changed(data, 2, value), inputs, FLOAT64).arguments
            assert same({k: k_changed[k] for k in "Azp"}, {k: before[k] for k in "Azp"})
            # And the elements of x itself stay, as far as both have them.
            shared = min(len(k_changed["x"]), len(before["x"]))
            assert (k_changed["x"][:shared] == before["x"][:shared]).all()


def test_a_class_byte_belongs_to_one_array():
    inputs = {"w": vector("n"), "x": vector("n")}
    data = changed(random_bytes(4), 0, 7)
    before = draw(data, inputs, FLOAT64)
    for name in CLASSES:
        after = draw(of_class(name, data, 1), inputs, FLOAT64)
        assert after.classes == {"w": before.classes["w"], "x": name}
        assert after.arguments["w"].tobytes() == before.arguments["w"].tobytes()


def test_arrays_of_one_example_are_unrelated():
    inputs = {name: vector("n") for name in "abcd"}
    data = random_bytes(9)
    for position in range(4):
        data = of_class("generic", data, position)
    arrays = list(draw(data, inputs, FLOAT64, given={"n": 8}).arguments.values())
    assert np.linalg.matrix_rank(np.array(arrays)) == 4
    assert len(set(np.concatenate(arrays).tolist())) == 32


@DTYPES
def test_beyond_the_byte_slot_values_do_not_tile(dtype):
    matrices = {"A": matrix("n", "n"), "B": matrix("n", "n")}
    data = of_class("generic", of_class("generic", random_bytes(1)), 1)
    example = draw(data, matrices, dtype, given={"n": 40})
    for value in example.arguments.values():
        assert value.shape == (40, 40)
        assert np.linalg.matrix_rank(value.astype(np.float64)) == 40
        assert len(np.unique(value)) > 1500
    a, b = example.arguments.values()
    assert (a == b).mean() < 0.01
    other = draw(of_class("generic", random_bytes(2)), matrices, dtype, given={"n": 40}).arguments["A"]
    assert (a == other).mean() < 0.01


def test_given_choices_are_kept():
    entry = CATALOGUE.entries["reduction.sum_axes"]
    given = {"s": ((2, 1, 3),), "axis": (0, 2), "keepdims": True}
    for seed in range(20):
        example = draw(random_bytes(seed), entry.inputs, FLOAT64, given=given)
        assert example.assignment == given
        assert example.arguments["x"].shape == (2, 1, 3)
        assert example.arguments["axis"] == (0, 2)


def test_deep_examples_are_larger():
    inputs = {"x": vector("n")}
    sizes = {
        deep: {len(draw(random_bytes(k), inputs, FLOAT64, deep=deep).arguments["x"]) for k in range(300)}
        for deep in (0, 1)
    }
    assert max(sizes[0]) == 8
    assert max(sizes[1]) == 33
    assert min(sizes[0]) == min(sizes[1]) == 0


def test_every_option_of_every_choice_is_drawn():
    for entry in ENTRIES:
        todo = choices(entry.inputs)
        if len(todo) != 1:
            continue
        options = todo[0].options(note_shapes(entry.inputs, {}))
        assert len(options) <= 256, "one byte chooses"
        drawn = {
            draw(bytes([k]) + bytes(LENGTH - 1), entry.inputs, FLOAT64).assignment[todo[0].name] for k in range(256)
        }
        assert drawn == set(options), entry.id


# Kinks.


def difference(entry, arguments):
    """The numbers that decide at the entry's kink, in float64 on values that are exact there."""
    wide = {k: np.asarray(v, np.float64) for k, v in arguments.items()}
    with np.errstate(over="ignore", invalid="ignore"):
        return _difference(entry, wide)


def _difference(entry, wide):
    match entry.id:
        case "relu.relu" | "relu.relu_broadcast":
            return wide["z"]
        case "scalar.power":
            return wide["x"]
        case "elementwise.maximum" | "elementwise.greater":
            return wide["w"] - wide["x"]
        case "neuron.activation":
            return wide["w"] @ wide["x"] + wide["b"]
        case "loss.neuron_loss":
            return (wide["X"] @ wide["w"] + wide["b"])[:1]
    raise AssertionError(f"no kink is known of {entry.id}")


@DTYPES
@pytest.mark.parametrize("entry", [e for e in CORE if e.kink_at], ids=lambda entry: entry.id)
def test_an_example_at_a_kink_is_exactly_there(entry, dtype):
    met = 0
    for seed in range(400):
        example = draw(random_bytes(seed), entry.inputs, dtype, entry.kink_at)
        if example.at_kink:
            met += 1
            assert (difference(entry, example.arguments) == 0).all()
            assert any(v.size for v in example.arguments.values())
    assert met >= 20, "at least 5 % of the examples"


@DTYPES
@pytest.mark.parametrize("entry", KINKED, ids=lambda entry: entry.id)
def test_most_examples_are_away_from_the_kink(entry, dtype):
    examples = [draw(random_bytes(seed), entry.inputs, dtype, entry.kink_at) for seed in range(200)]
    assert sum(example.at_kink for example in examples) < 100
    generic = [e for e in examples if not e.at_kink and difference(entry, e.arguments).all()]
    assert len(generic) > 50


def test_a_kink_that_is_not_representable_is_not_claimed():
    inputs = {"w": scalar(), "x": scalar()}
    third = {"x": lambda w: w / 3}
    aimed = [draw(changed(random_bytes(k), HEADER - 1, 5), inputs, np.dtype("float32"), third) for k in range(60)]
    for example in aimed:
        value = float(example.arguments["w"]) / 3
        assert example.at_kink == (float(np.float32(value)) == value)
    assert {example.at_kink for example in aimed} == {True, False}


def test_a_kink_outside_the_domain_is_not_claimed():
    inputs = {"w": vector("n"), "x": vector("n", positive)}
    for seed in range(80):
        data = changed(random_bytes(seed), HEADER - 1, 5)
        example = draw(data, inputs, FLOAT64, {"x": lambda w: w})
        assert (example.arguments["x"] > 0).all()
        if example.at_kink:
            assert (example.arguments["x"] == example.arguments["w"]).all()
            assert example.arguments["x"].size
        else:
            assert example.arguments["w"].size == 0 or (example.arguments["w"] <= 0).any()


def test_without_a_kink_none_is_met():
    assert not any(draw(random_bytes(k), {"x": vector("n", reals)}, FLOAT64).at_kink for k in range(100))


# Directions.


def directions(kind):
    return [draw(changed(random_bytes(k), DIRECTION, kind), {"x": scalar()}, FLOAT64) for k in range(50)]


@DTYPES
def test_directions_have_shape_and_dtype(dtype):
    for seed in range(30):
        example = draw(random_bytes(seed), {"x": scalar()}, dtype)
        for shape in ((), (3,), (2, 0), (2, 3, 1)):
            along = example.along(shape, 0)
            assert along.shape == shape
            assert along.dtype == dtype
            assert np.isfinite(along).all()


def test_some_directions_are_ones_some_units_and_most_gaussian():
    kinds = {"ones": 0, "unit": 0, "gaussian": 0}
    for seed in range(400):
        along = draw(random_bytes(seed), {"x": scalar()}, FLOAT64).along((5,), 0)
        if (along == 1).all():
            kinds["ones"] += 1
        elif sorted(along.tolist()) == [0, 0, 0, 0, 1]:
            kinds["unit"] += 1
        else:
            kinds["gaussian"] += 1
    assert kinds["ones"] >= 8
    assert kinds["unit"] >= 20
    assert kinds["gaussian"] >= 280


def test_unit_vectors_visit_every_place():
    places = {
        int(np.flatnonzero(example.along((2, 3), stream))[0]) for example in directions(20) for stream in range(2)
    }
    assert places == set(range(6))


def test_gaussian_directions_are_redrawn_for_every_example_and_every_stream():
    rows = np.array([example.along((8,), stream) for example in directions(200) for stream in (0, 1, 99)])
    assert len({tuple(row) for row in rows.tolist()}) == len(rows)
    assert np.linalg.matrix_rank(rows) == 8
    assert abs(rows.mean()) < 0.15
    assert 0.85 < rows.std() < 1.15
    assert 0.4 < (rows < 0).mean() < 0.6
    correlation = np.corrcoef(rows[0::3].reshape(-1), rows[1::3].reshape(-1))[0, 1]
    assert abs(correlation) < 0.2


@DTYPES
def test_gaussian_directions_are_exact_and_short_to_print(dtype):
    example = draw(changed(random_bytes(3), DIRECTION, 200), {"x": scalar()}, dtype)
    along = example.along((50,), 0).astype(np.float64)
    assert (along * 4096 == np.round(along * 4096)).all()


def test_a_direction_is_the_same_when_asked_for_again():
    example = directions(200)[0]
    assert (example.along((4,), 1) == example.along((4,), 1)).all()


def test_few_choices_are_telling_but_for_the_simplest_and_the_last():
    """Of a loss of several classes: one class alone shows nothing, and no more than the last may be empty."""
    inputs = CATALOGUE.entries["cross_entropy.smoothed"].inputs
    headers = few_choices(inputs, 6, 1)
    assert headers == few_choices(inputs, 6, 1)
    assert len(set(headers)) == 6
    data = bytes(range(256)) * 2
    used = {with_choices(data[:22] + bytes([k]) + data[23:], headers)[:22] for k in range(12)}
    assert used == set(headers)
    for header in headers[1:-1]:
        example = draw(header.ljust(LENGTH, b"\0"), inputs, np.dtype("float64"), few=True)
        assert all(min(x.shape, default=2) >= 2 for x in example.arguments.values() if isinstance(x, np.ndarray))
