"""The namespace over a plain algebra of fractions does what NumPy does with numbers."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from gradlaw.identities.operators import diag
from gradlaw.oracle.arrays import Algebra, Array, Namespace
from hypothesis import given, settings
from hypothesis import strategies as st

SETTINGS = settings(max_examples=60, deadline=None, database=None, derandomize=True)


class Fractions(Algebra):
    """Exact rational numbers; predicates are plain truth values."""

    def lift(self, value):
        return value if isinstance(value, Fraction) else Fraction(value.item() if hasattr(value, "item") else value)

    def call(self, name, x):
        return Fraction({"exp": 2, "log": 3}[name]) * x  # not what exp is, but a function of one number

    def power(self, x, y):
        return x ** int(y)

    def compare(self, kind, x, y):
        return {">": x > y, ">=": x >= y, "<": x < y, "<=": x <= y, "==": x == y, "!=": x != y}[kind]

    def select(self, predicate, x, y):
        return x() if predicate else y()


xp = Namespace(Fractions())


def lower(array):
    """An array of fractions as one of float64; exact for the small numbers of these tests."""
    assert isinstance(array, Array)
    assert array.elements.dtype == object
    assert all(isinstance(scalar, (Fraction, bool)) for scalar in array.flat())
    return np.array([float(scalar) for scalar in array.flat()]).reshape(array.shape)


def same(ours, numpys):
    numpys = np.asarray(numpys, np.float64)
    assert ours.shape == numpys.shape
    np.testing.assert_array_equal(lower(ours), numpys)


def numbers(*shape, seed=0):
    """Small integers and halves, without 0."""
    rng = np.random.default_rng([seed, *shape])
    return rng.choice([-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 2.0, 4.0], shape)


SHAPES = [(), (1,), (3,), (0,), (2, 3), (1, 3), (2, 0), (0, 2), (2, 1, 3), (2, 3, 2)]
BY_SHAPE = pytest.mark.parametrize("shape", SHAPES, ids=str)
PAIRS = [
    pair
    for pair in itertools.product(SHAPES, repeat=2)
    if all(1 in sizes or len(set(sizes)) == 1 for sizes in zip(*(s[::-1] for s in pair), strict=False))
]
BY_PAIR = pytest.mark.parametrize("pair", PAIRS, ids=str)


def all_axes(rank):
    subsets = [c for k in range(rank + 1) for c in itertools.combinations(range(rank), k)]
    return [None, *range(-rank, rank), *subsets, *([(-1,)] if rank else []), *([(1, 0), (0, -1)] if rank > 1 else [])]


# Making arrays.


@BY_SHAPE
def test_numbers_become_scalars_exactly(shape):
    x = numbers(*shape)
    array = xp.asarray(x)
    same(array, x)
    assert xp.asarray(array) is array
    assert array.ndim == x.ndim
    assert array.dtype is None
    assert len(array.flat()) == x.size


def test_a_float_keeps_every_bit():
    tenth = np.float32(0.1)
    assert xp.asarray(np.array([0.1])).flat() == [Fraction(0.1)]
    assert xp.asarray(tenth).item() == Fraction(float(tenth)) != Fraction(1, 10)
    assert xp.asarray(3).item() == 3
    assert xp.asarray([[1, 2], [3, 4]]).shape == (2, 2)
    assert xp.asarray(np.float64(5e-324)).item() == Fraction(5e-324)


def test_item_is_the_only_scalar():
    assert xp.asarray(np.ones((1, 1))).item() == 1
    with pytest.raises(ValueError, match="size 1"):
        xp.asarray(np.ones(2)).item()


def test_a_scalar_that_is_a_sequence_is_still_a_scalar():
    boxed = Array(xp, (1, 2, 3))
    assert boxed.shape == ()
    assert boxed.item() == (1, 2, 3)
    assert xp.wrap([(1, 2), (3, 4)], (2,)).flat() == [(1, 2), (3, 4)]
    assert xp.stack([boxed, boxed]).shape == (2,)


@BY_SHAPE
def test_zeros_and_ones(shape):
    same(xp.zeros(shape), np.zeros(shape))
    same(xp.ones(shape), np.ones(shape))
    like = xp.asarray(numbers(*shape))
    same(xp.zeros_like(like), np.zeros(shape))
    same(xp.ones_like(like), np.ones(shape))


# Element by element.


@BY_PAIR
def test_arithmetic_broadcasts_as_numpys(pair):
    x, y = numbers(*pair[0], seed=1), numbers(*pair[1], seed=2)
    a, b = xp.asarray(x), xp.asarray(y)
    same(a + b, x + y)
    same(a - b, x - y)
    same(a * b, x * y)
    same(a / b, x / y)
    same(xp.maximum(a, b), np.maximum(x, y))
    same(xp.minimum(a, b), np.minimum(x, y))
    same(xp.where(a > b, a, b), np.where(x > y, x, y))
    for ours, numpys in (
        (a > b, x > y),
        (a >= b, x >= y),
        (a < b, x < y),
        (a <= b, x <= y),
        (a == b, x == y),
        (a != b, x != y),
    ):
        same(ours, numpys)


@BY_PAIR
def test_arrays_of_numpy_mix_with_arrays_of_scalars(pair):
    x, y = numbers(*pair[0], seed=3), numbers(*pair[1], seed=4)
    a, b = xp.asarray(x), xp.asarray(y)
    for mixed, plain in (
        (a + y, x + y),
        (x + b, x + y),
        (x - b, x - y),
        (x * b, x * y),
        (x / b, x / y),
        (a / y, x / y),
    ):
        same(mixed, plain)


@BY_SHAPE
def test_python_numbers_mix_with_arrays(shape):
    x = numbers(*shape)
    a = xp.asarray(x)
    same(2 + a, 2 + x)
    same(a + 2, x + 2)
    same(2 - a, 2 - x)
    same(a - 0.5, x - 0.5)
    same(3 * a, 3 * x)
    same(a * np.float32(1.5), x * 1.5)
    same(1 / a, 1 / x)
    same(a / 2, x / 2)
    same(-a, -x)
    same(+a, x)
    same(abs(a), abs(x))
    same(xp.abs(a), np.abs(x))
    same(a**2, x**2)
    same(a**-1, 1 / x)
    same(a**0, x**0)
    same(2 ** xp.asarray(np.full(shape, 3)), np.full(shape, 8.0))
    same(a > 1, x > 1)
    same(1 > a, x < 1)  # noqa: SIM300 - the reflected comparison is what is tested


def test_shapes_that_do_not_broadcast_are_refused():
    for x, y in (((2,), (3,)), ((2, 3), (2,)), ((0,), (2,))):
        with pytest.raises(ValueError, match="broadcast"):
            _ = xp.zeros(x) + xp.zeros(y)


class Tagged(Fractions):
    """Fractions that remember by name where they come from."""

    def lift(self, value):
        return value if isinstance(value, tuple) else (Fraction(value), "number")

    def compare(self, kind, x, y):
        return super().compare(kind, x[0], y[0])


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_at_a_tie_the_first_argument_is_taken(name):
    space = Namespace(Tagged())
    first, second = Array(space, (Fraction(1), "first")), Array(space, (Fraction(1), "second"))
    assert getattr(space, name)(first, second).item()[1] == "first"
    assert getattr(space, name)(second, first).item()[1] == "second"


def test_where_evaluates_the_chosen_side_only():
    class Lazy(Fractions):
        def select(self, predicate, x, y):
            chosen.append(predicate)
            return super().select(predicate, x, y)

    chosen: list[bool] = []
    space = Namespace(Lazy())
    x = space.asarray(np.array([1.0, -1.0]))
    assert space.where(x > 0, x, 0).flat() == [1, 0]
    assert chosen == [True, False]


def test_functions_of_one_variable_come_from_the_table():
    x = numbers(2, 3)
    same(xp.exp(xp.asarray(x)), 2 * x)
    same(xp.log(xp.asarray(x[0])), 3 * x[0])
    same(xp.exp(xp.asarray(np.zeros((0, 2)))), np.zeros((0, 2)))


@pytest.mark.parametrize("name", ["sinus", "Exp", "", "fft", "__array_namespace_info__"])
def test_an_unknown_function_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=f"no function '{name}'"):
        getattr(xp, name)
    assert not hasattr(xp, name)


def test_an_array_has_no_truth_value_and_no_hash():
    with pytest.raises(TypeError, match=r"xp\.where"):
        bool(xp.asarray(1) > 0)
    with pytest.raises(TypeError, match="hash"):
        hash(xp.asarray(1))


def test_an_array_leaves_multiplication_to_an_operator():
    a = xp.asarray(np.array(3.0))
    operator = a * diag(xp.asarray(np.array([1.0, 2.0])))
    same(operator.matvec(xp, xp.ones((2,))), [3.0, 6.0])


# Reductions and products.


@BY_SHAPE
def test_sums_over_all_choices_of_axes(shape):
    x = numbers(*shape)
    for axis in all_axes(len(shape)):
        for keepdims in (False, True):
            same(xp.sum(xp.asarray(x), axis=axis, keepdims=keepdims), np.sum(x, axis=axis, keepdims=keepdims))
    same(xp.sum(xp.asarray(x)), np.sum(x))


@BY_SHAPE
def test_means_over_all_choices_of_axes(shape):
    """The mean times the count is the sum, exactly; of no elements there is none."""
    x = numbers(*shape)
    for axis in all_axes(len(shape)):
        total = np.sum(x, axis=axis)
        count = x.size // total.size if total.size else 1
        if count:
            same(xp.mean(xp.asarray(x), axis=axis) * count, total)
        else:
            with pytest.raises(ZeroDivisionError):
                xp.mean(xp.asarray(x), axis=axis)


@pytest.mark.parametrize(
    ("shape", "axis"), [((2, 3), 2), ((2, 3), -3), ((2, 3), (0, 0)), ((2, 3), (0, -2)), ((), 0), ((3,), (0, 1))]
)
def test_axes_that_do_not_exist_or_stand_twice_are_refused(shape, axis):
    """NumPy refuses them too; to wrap them around would sum over another axis than the text says."""
    if shape:  # NumPy alone lets axis 0 of a number pass
        with pytest.raises(ValueError, match=r"axis"):
            np.sum(np.ones(shape), axis=axis)
    with pytest.raises(ValueError, match=r"axis"):
        xp.sum(xp.ones(shape), axis=axis)


def test_a_sum_is_one_operation_of_the_algebra():
    class Counting(Fractions):
        def sum(self, terms):
            lengths.append(len(terms))
            return super().sum(terms)

    lengths: list[int] = []
    space = Namespace(Counting())
    space.sum(space.ones((2, 3)), axis=1)
    space.sum(space.ones((2, 3)))
    space.sum(space.ones((0,)))
    space.matmul(space.ones((2, 4)), space.ones((4,)))
    assert lengths == [3, 3, 6, 0, 4, 4]


def test_the_default_sum_of_nothing_is_zero():
    assert Fractions().sum([]) == 0
    assert Fractions().sum([Fraction(1), Fraction(2)]) == 3


PRODUCTS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (6, 3, 4)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)),
    ((0,), (0,)),
    ((2, 0), (0, 3)),
    ((0, 3), (3, 2)),
    ((1, 1), (1, 1)),
    ((2, 1), (1, 3)),
]


@pytest.mark.parametrize("shapes", PRODUCTS, ids=str)
def test_matrix_products(shapes):
    x, y = numbers(*shapes[0], seed=5), numbers(*shapes[1], seed=6)
    same(xp.matmul(xp.asarray(x), xp.asarray(y)), x @ y)
    same(xp.asarray(x) @ xp.asarray(y), x @ y)


@pytest.mark.parametrize(
    "shapes",
    [((2, 1), (3, 4)), ((2, 3), (1, 4)), ((1,), (3,)), ((3,), (1,)), ((2, 3), (2,)), ((), (2,)), ((2,), ())],
    ids=str,
)
def test_matrix_products_of_wrong_sizes_are_refused(shapes):
    """An inner size of 1 must not be broadcast: NumPy refuses it."""
    with pytest.raises(ValueError, match="matmul"):
        np.matmul(np.ones(shapes[0]), np.ones(shapes[1]))
    with pytest.raises(ValueError, match="matmul"):
        xp.matmul(xp.ones(shapes[0]), xp.ones(shapes[1]))


# Structure.


@SETTINGS
@given(st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple), st.data())
def test_structure_is_numpys(shape, data):
    x = numbers(*shape)
    a = xp.asarray(x)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    order = tuple(data.draw(st.permutations(range(len(shape)))))
    same(xp.permute_dims(a, order), np.transpose(x, order))
    same(xp.stack([a, a + 1], axis=axis), np.stack([x, x + 1], axis=axis))
    same(xp.concat([a, a + 1], axis=axis), np.concatenate([x, x + 1], axis=axis))
    same(xp.expand_dims(a, axis), np.expand_dims(x, axis))
    same(xp.reshape(a, (-1,) if x.size else (0,)), x.reshape((-1,) if x.size else (0,)))
    same(xp.reshape(a, shape[::-1]), x.reshape(shape[::-1]))
    same(xp.broadcast_to(a, (2, *shape)), np.broadcast_to(x, (2, *shape)))


def test_structure_of_numbers():
    a = xp.asarray(2.0)
    same(xp.reshape(a, (1, 1)), [[2.0]])
    same(xp.stack([a, a]), [2.0, 2.0])
    same(xp.expand_dims(a), [2.0])
    same(xp.broadcast_to(a, (2, 0)), np.zeros((2, 0)))
    same(xp.asarray(numbers(2, 3)).T, numbers(2, 3).T)
    with pytest.raises(ValueError, match="reshape"):
        xp.reshape(a, (2,))


INDICES = [
    0,
    -1,
    slice(None),
    slice(None, None, -1),
    (slice(None), None),
    (0, 1),
    (..., 0),
    (None, 1),
    (slice(0, 1), -1),
    [1, 0, 1],
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_indexing(index):
    x = numbers(2, 3)
    same(xp.asarray(x)[index], x[index])


def test_an_array_is_iterated_along_its_first_axis():
    x = numbers(2, 3)
    a = xp.asarray(x)
    assert len(a) == 2
    for ours, numpys in zip(a, x, strict=True):
        same(ours, numpys)
    with pytest.raises(TypeError, match="unsized"):
        list(xp.asarray(1.0))  # and not an empty list
    with pytest.raises(IndexError, match="out of bounds"):
        _ = a[2]


def test_results_do_not_share_what_may_be_written():
    x = np.array([1.0, 2.0])
    a = xp.asarray(x)
    x[0] = 5.0
    assert a.flat() == [1, 2]
    a.flat()[0] = 7
    assert a.flat() == [1, 2]


def test_a_planted_error_in_the_algebra_is_seen():
    class Wrong(Fractions):
        def sum(self, terms):
            return super().sum(terms[1:])

    with pytest.raises(AssertionError):
        same(Namespace(Wrong()).sum(xp.ones((2, 3)), axis=0), np.full(3, 2.0))
