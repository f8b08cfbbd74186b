"""The linear operators: one matrix in three forms (entries, product with a tangent, product with a cotangent)."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from gradlaw.identities.operators import (
    Composition,
    Dense,
    Elementwise,
    KroneckerIdentity,
    Operator,
    Reduction,
    Row,
    Scaled,
    Stack,
    Sum,
    Zero,
    column,
    dense,
    diag,
    eye,
    indices,
    row,
    spread,
    total,
    zero,
)
from hypothesis import given, settings
from hypothesis import strategies as st

SETTINGS = settings(max_examples=60, deadline=None, database=None, derandomize=True)
SIDES = st.integers(0, 3)
SHAPES = st.lists(SIDES, max_size=3).map(tuple)
INTEGERS = st.integers(-9, 9)


@st.composite
def integers(draw, shape):
    """An array of small integers: products and sums of them are exact."""
    size = math.prod(shape)
    return np.array(draw(st.lists(INTEGERS, min_size=size, max_size=size)), np.int64).reshape(shape)


@st.composite
def elementwise(draw, shapes=SHAPES):
    """An element-wise derivative whose argument is expanded at the front or along axes of size 1."""
    out = draw(shapes)
    rank = draw(st.integers(0, len(out)))
    ones = draw(st.lists(st.booleans(), min_size=rank, max_size=rank))
    into = tuple(1 if one else size for one, size in zip(ones, out[len(out) - rank :], strict=True))
    return Elementwise(draw(integers(out)), into)


@st.composite
def reductions(draw):
    shape = draw(SHAPES)
    subset = st.lists(st.sampled_from(range(len(shape))), unique=True).map(tuple) if shape else st.just(())
    choices = [st.none(), subset]
    if shape:
        choices.append(st.integers(-len(shape), len(shape) - 1))
    return Reduction(np, draw(integers(shape)), draw(st.one_of(choices)), draw(st.booleans()))


@st.composite
def denses(draw):
    out, into = draw(st.lists(SIDES, max_size=2)), draw(st.lists(SIDES, max_size=2))
    return Dense(draw(integers((*out, *into))), len(out))


@st.composite
def kroneckers(draw):
    return KroneckerIdentity(draw(SIDES), draw(integers((draw(SIDES),))))


@st.composite
def stacks(draw):
    shape = draw(st.lists(SIDES, max_size=2).map(tuple))
    count = draw(st.integers(1, 3))
    return Stack([diag(draw(integers(shape))) for _ in range(count)])


@st.composite
def rows(draw):
    shape = draw(st.lists(SIDES, max_size=2).map(tuple))
    return Row([column(draw(integers(shape))) for _ in range(draw(st.integers(1, 3)))])


ZEROS = st.builds(Zero, SHAPES, SHAPES)


def matrix(operator):
    """The Jacobian from the entries, as a NumPy matrix."""
    rows_ = operator.dense()
    assert len(rows_) == operator.shape[0]
    return np.array(rows_, np.int64).reshape(operator.shape)


@st.composite
def compositions(draw):
    inner = draw(st.one_of(elementwise(), reductions(), kroneckers()))
    return Composition(diag(draw(integers(inner.out_shape))), inner)


@st.composite
def sums(draw):
    left = draw(elementwise())
    right = Dense(draw(integers(left.out_shape + left.in_shape)), len(left.out_shape))
    return left + right if draw(st.booleans()) else left - right


@st.composite
def scaled(draw):
    return draw(INTEGERS) * draw(st.one_of(elementwise(), reductions(), denses()))


KINDS = {
    "elementwise": elementwise(),
    "reduction": reductions(),
    "dense": denses(),
    "kronecker": kroneckers(),
    "zero": ZEROS,
    "stack": stacks(),
    "row": rows(),
    "composition": compositions(),
    "sum": sums(),
    "scaled": scaled(),
}
BY_KIND = pytest.mark.parametrize("kind", KINDS)


def agree(operator):
    """Raise unless entries, products with unit tangents and products with unit cotangents give one matrix."""
    expected = matrix(operator)
    by_columns = np.zeros(operator.shape, np.int64)
    for k, j in enumerate(indices(operator.in_shape)):
        unit = np.zeros(operator.in_shape, np.int64)
        unit[j] = 1
        product = np.asarray(operator.matvec(np, unit))
        assert product.shape == operator.out_shape, "matvec gives the shape of the output"
        by_columns[:, k] = product.reshape(-1)
    by_rows = np.zeros(operator.shape, np.int64)
    for k, i in enumerate(indices(operator.out_shape)):
        unit = np.zeros(operator.out_shape, np.int64)
        unit[i] = 1
        product = np.asarray(operator.rmatvec(np, unit))
        assert product.shape == operator.in_shape, "rmatvec gives the shape of the input"
        by_rows[k] = product.reshape(-1)
    np.testing.assert_array_equal(by_columns, expected, "matvec and entry")
    np.testing.assert_array_equal(by_rows, expected, "rmatvec and entry")
    return expected


@BY_KIND
def test_entries_tangents_and_cotangents_agree(kind):
    @SETTINGS
    @given(KINDS[kind])
    def holds(operator):
        agree(operator)

    holds()


@BY_KIND
def test_the_two_products_are_adjoint(kind):
    @SETTINGS
    @given(st.data())
    def holds(data):
        operator = data.draw(KINDS[kind])
        v, u = data.draw(integers(operator.in_shape)), data.draw(integers(operator.out_shape))
        assert np.sum(u * operator.matvec(np, v)) == np.sum(operator.rmatvec(np, u) * v)

    holds()


class Transposed(Elementwise):
    """A planted error: the expanded axes are not summed but their first element is taken."""

    def rmatvec(self, xp, u):
        product = self.d * u
        for axis in reversed(self.expanded):
            product = np.take(product, 0, axis=axis)
        return product.reshape(self.in_shape)


class Shifted(Dense):
    """A planted error: the entry of another column."""

    def entry(self, i, j):
        return self.a[(*i, j[0] - 1)]


@pytest.mark.parametrize(
    "operator",
    [Transposed(np.array([[1, 2], [3, 4]]), (2,)), Shifted(np.array([[1, 2], [3, 4]]))],
    ids=["rmatvec", "entry"],
)
def test_a_planted_error_is_seen(operator):
    with pytest.raises(AssertionError):
        agree(operator)


# What each of them is, by known matrices.


def test_known_matrices():
    d = np.array([2, 3, 5])
    assert matrix(diag(d)).tolist() == [[2, 0, 0], [0, 3, 0], [0, 0, 5]]
    assert matrix(column(d)).tolist() == [[2], [3], [5]]
    assert matrix(row(np, d)).tolist() == [[2, 3, 5]]
    assert matrix(eye(np, d)).tolist() == np.eye(3).tolist()
    assert matrix(zero(np.zeros(2), d)).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert matrix(dense(np.array([[1, 2], [3, 4]]))).tolist() == [[1, 2], [3, 4]]
    assert matrix(spread(np.array([[1, 2], [3, 4]]), np.zeros(2))).tolist() == [[1, 0], [0, 2], [3, 0], [0, 4]]
    assert matrix(spread(np.array([[1, 2], [3, 4]]), np.zeros((2, 1)))).tolist() == [[1, 0], [2, 0], [0, 3], [0, 4]]
    assert matrix(KroneckerIdentity(2, d)).tolist() == [[2, 3, 5, 0, 0, 0], [0, 0, 0, 2, 3, 5]]
    assert matrix(Stack([row(np, d), row(np, -d)])).tolist() == [[2, 3, 5], [-2, -3, -5]]
    assert matrix(Row([column(d), column(-d)])).tolist() == [[2, -2], [3, -3], [5, -5]]
    assert matrix(row(np, np.array([[1, 2], [3, 4]]), axis=0)).tolist() == [[1, 0, 3, 0], [0, 2, 0, 4]]
    assert matrix(row(np, np.array([[1, 2], [3, 4]]), axis=-1, keepdims=True)).tolist() == [[1, 2, 0, 0], [0, 0, 3, 4]]


def test_the_kronecker_identity_is_numpys():
    x = np.array([7, 11])
    assert matrix(KroneckerIdentity(3, x)).tolist() == np.kron(np.eye(3, dtype=int), x[None, :]).tolist()


def test_algebra_is_that_of_matrices():
    rng = np.random.default_rng(0)
    a, b, c = (dense(rng.integers(-5, 6, (3, 3))) for _ in range(3))
    A, B, C = matrix(a), matrix(b), matrix(c)
    np.testing.assert_array_equal(agree(a @ b), A @ B)
    np.testing.assert_array_equal(agree(a @ b @ c), A @ B @ C)
    np.testing.assert_array_equal(agree(a @ (b + c)), A @ (B + C))
    np.testing.assert_array_equal(agree(a - b), A - B)
    np.testing.assert_array_equal(agree(-a), -A)
    np.testing.assert_array_equal(agree(3 * a), 3 * A)
    np.testing.assert_array_equal(agree(np.int64(3) * a), 3 * A)
    np.testing.assert_array_equal(agree(np.array(3) * a), 3 * A)
    assert isinstance(np.array([3]) * a, Scaled), "NumPy does not spread an operator over its elements"
    assert isinstance(a - b, Sum)


def test_an_empty_middle_gives_zeros():
    wide, tall = zero(np.zeros(2), np.zeros(0)), zero(np.zeros(0), np.zeros(3))
    assert agree(wide @ tall).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_shapes_that_do_not_compose_are_named():
    a, b = zero(np.zeros((4, 5)), np.zeros((2, 3))), zero(np.zeros((3, 2)), np.zeros(7))
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        _ = a @ b
    for combine in (lambda p, q: p + q, lambda p, q: p - q):
        with pytest.raises(ValueError, match=r"\(7,\)→\(3, 2\).*\(2, 3\)→\(4, 5\)"):
            combine(a, b)
    with pytest.raises(ValueError, match="cannot add"):
        _ = row(np, np.ones(3)) + column(np.ones(3))


@pytest.mark.parametrize("kind", [Stack, Row])
def test_parts_of_different_shapes_are_refused(kind):
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        kind([diag(np.ones(2)), diag(np.ones(3))])


def test_an_argument_that_does_not_broadcast_is_refused():
    for d, into in (((3,), (2,)), ((3,), (2, 3)), ((2, 3), (2,)), ((1, 3), (2, 3))):
        with pytest.raises(ValueError, match=r"."):
            Elementwise(np.ones(d), into)


def test_counts():
    operator = zero(np.zeros((2, 3)), np.zeros((4,)))
    assert operator.shape == (6, 4)
    assert zero(np.zeros(()), np.zeros(())).shape == (1, 1)
    assert indices(()) == [()]
    assert indices((2, 0)) == []
    assert indices((2, 2)) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_the_total_adds_no_leading_zero():
    assert total([]) == 0
    assert total(iter(["a", "b"])) == "ab"


def test_an_abstract_operator_computes_nothing():
    for method in (lambda o: o.matvec(np, 1), lambda o: o.rmatvec(np, 1), lambda o: o.entry((), ())):
        with pytest.raises(NotImplementedError):
            method(Operator())


@pytest.mark.parametrize(
    "make",
    [lambda d: diag(d), lambda d: 2.0 * diag(d) @ diag(d) + diag(d), lambda d: row(np, d), lambda d: column(d)],
    ids=["diag", "algebra", "row", "column"],
)
def test_a_million_elements_need_no_matrix(make):
    size = 10**6
    operator = make(np.full(size, 3.0))
    into, out = np.ones(operator.in_shape), np.ones(operator.out_shape)
    tracemalloc.start()
    try:
        forwards, backwards = operator.matvec(np, into), operator.rmatvec(np, out)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert forwards.shape == operator.out_shape
    assert backwards.shape == operator.in_shape
    assert peak < 10 * size * 8, "a few vectors, where the matrix has 8 terabytes"
