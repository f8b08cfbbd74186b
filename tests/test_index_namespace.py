"""The functions of the namespace "index" against NumPy: the same text, terms at all indices against arrays of numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from flint import ctx, fmpq
from gradlaw.oracle.index_arrays import IndexArray, as_array, variable
from gradlaw.oracle.index_derivation import IndexOperator
from gradlaw.oracle.index_namespace import IndexNamespace
from gradlaw.oracle.index_places import Blocks, Place, places
from gradlaw.oracle.index_sizes import Size, Var, index_of
from gradlaw.oracle.index_terms import Undecided
from index_values import BITS, Dual, Point, as_dual, determinant, is_nil, matrix_inverse, value_of

n, m, N = Size("n"), Size("m"), Size("N")
SHAPES = {
    "x": (n,), "y": (n,), "u": (m,), "A": (n, m), "B": (m, N), "C": (n, m), "M": (n, n), "z": (), "R": (1, m), "col": (n, 1),
    "pair": (2,), "trio": (n, 3), "lift": (n, 1, m), "p": (n,), "three": (3,),
}  # fmt: skip
SIZES = [{"n": 1, "m": 2, "N": 3}, {"n": 2, "m": 3, "N": 1}, {"n": 3, "m": 1, "N": 2}, {"n": 3, "m": 2, "N": 2}]
XP = IndexNamespace()


def along(size, letter: str):
    """For each concrete index of an axis: the place, and what its variable is."""

    def of(point: Point):
        for place in places(size, letter):
            variables = [v for v, _ in place.index.parts]
            count = len(point.indices(variables[0].size)) if variables else 1
            for value in range(count):
                yield place, {v.key: value for v in variables}

    return of


def all_values(array: IndexArray, point: Point) -> np.ndarray:
    """The numbers of an array of terms."""
    axes = [list(along(size, f"axis{number}")(point)) for number, size in enumerate(array.shape)]
    result = np.empty([len(axis) for axis in axes], object)
    for at in itertools.product(*(range(len(axis)) for axis in axes)):
        chosen = [axis[k] for axis, k in zip(axes, at, strict=True)]
        free = {key: value for _, names in chosen for key, value in names.items()}
        result[at] = value_of(array.at(tuple(place for place, _ in chosen)), point, free)
    return result


def numbers(name: str, point: Point) -> np.ndarray:
    """The same array in numbers."""
    shape = [size if isinstance(size, int) else len(point.indices(size)) for size in SHAPES[name]]
    result = np.empty(shape, object)
    for at in np.ndindex(*shape):
        result[at] = point.entry(name, at, positive=name == "p")
    return result


def inputs(names: str) -> list[IndexArray]:
    return [variable(name, SHAPES[name], positive=name == "p") for name in names.split()]


def values_in_numpy(f, names: str, point: Point) -> np.ndarray:
    before, ctx.prec = ctx.prec, BITS
    try:
        return np.asarray(f(np, *(numbers(name, point) for name in names.split())), dtype=object)
    finally:
        ctx.prec = before


EXACT = {
    "where": ("x y", lambda xp, x, y: xp.where(x > 0, x * y, y)),
    "where, two conditions": ("x y", lambda xp, x, y: xp.where((x > 0) & (y > x), x, 2 * y)),
    "where, either": ("x y", lambda xp, x, y: xp.where((x > 0) | (y > 0), x, -y)),
    "where, not": ("x y", lambda xp, x, y: xp.where(~(x > 0), x, -y)),
    "where, a scalar condition": ("z x", lambda xp, z, x: xp.where(z > 1, x, 3 * x)),
    "where, arms that broadcast": ("x col R", lambda xp, x, c, r: xp.where(c > r, c, r)),
    "where, less": ("x y", lambda xp, x, y: xp.where(x < y, x, y)),
    "where, at least": ("x y", lambda xp, x, y: xp.where(x >= y, 1, y)),
    "where, at most": ("x y", lambda xp, x, y: xp.where(x <= 2, 1, y)),
    "a tie everywhere": ("x", lambda xp, x: xp.where(x > x, 1, 2) + xp.where(x >= x, 3, 4) + xp.where(x < x, 5, 6)),
    "maximum": ("x y", lambda xp, x, y: xp.maximum(x, y)),
    "maximum with 0": ("A", lambda xp, A: xp.maximum(A, xp.asarray(0))),
    "maximum, negated": ("x", lambda xp, x: xp.maximum(-x, 1 - 2 * x)),
    "minimum": ("x z", lambda xp, x, z: xp.minimum(x, z)),
    "abs": ("x", lambda xp, x: xp.abs(x) + xp.abs(-2 * x)),
    "square": ("A", lambda xp, A: xp.square(A)),
    "sum": ("A", lambda xp, A: xp.sum(A)),
    "sum along 0": ("A", lambda xp, A: xp.sum(A, axis=0)),
    "sum along 1": ("A", lambda xp, A: xp.sum(A, axis=1)),
    "sum along −1": ("A", lambda xp, A: xp.sum(A, axis=-1)),
    "sum along both": ("A", lambda xp, A: xp.sum(A, axis=(0, 1))),
    "sum along one of three": ("lift", lambda xp, a: xp.sum(a, axis=(0, -2))),
    "sum, kept": ("A", lambda xp, A: A / xp.sum(A, axis=1, keepdims=True)),
    "sum, all kept": ("A", lambda xp, A: xp.sum(A, keepdims=True) - A),
    "sum along an integer axis": ("trio", lambda xp, a: xp.sum(a, axis=1) * 2),
    "sum of what depends on nothing": ("A", lambda xp, A: xp.sum(xp.ones_like(A), axis=0)),
    "mean": ("A", lambda xp, A: xp.mean(A)),
    "mean along 0, kept": ("A", lambda xp, A: A - xp.mean(A, axis=0, keepdims=True)),
    "mean along −1": ("A", lambda xp, A: xp.mean(A, axis=-1)),
    "matmul": ("A B", lambda xp, A, B: A @ B),
    "matmul, by name": ("A B", lambda xp, A, B: xp.matmul(A, B)),
    "matrix times vector": ("A u", lambda xp, A, u: A @ u),
    "vector times matrix": ("x A", lambda xp, x, A: x @ A),
    "inner product": ("x y", lambda xp, x, y: x @ y),
    "matrix times itself": ("M x", lambda xp, M, x: M @ (M @ x) - (M @ M) @ x + M.T @ x),
    "transposed": ("A", lambda xp, A: A.T + 1),
    "stack": ("x y", lambda xp, x, y: xp.stack([x, y, x * y])),
    "stack along 1": ("A C", lambda xp, A, C: xp.stack([A, C], axis=1)),
    "stack along −1": ("A C", lambda xp, A, C: xp.stack([A, C], axis=-1)),
    "a sum of a stack": ("x y", lambda xp, x, y: xp.sum(xp.stack([x, 2 * y]), axis=0)),
    "concat": ("x u", lambda xp, x, u: xp.concat([x, 2 * u, x])),
    "concat along 1": ("A col", lambda xp, A, c: xp.concat([A, c], axis=1)),
    "concat along −1": ("A M", lambda xp, A, M: xp.concat([M, A], axis=-1)),
    "a sum of a concatenation": ("x u", lambda xp, x, u: xp.sum(xp.square(xp.concat([x, u])))),
    "a mean of a concatenation": ("A col", lambda xp, A, c: xp.sum(xp.concat([A, c], axis=1), axis=1)),
    "concat of integer axes": ("pair three", lambda xp, a, b: xp.concat([a, b])[3] * xp.concat([a, b])),
    "reshape to a row": ("x", lambda xp, x: xp.reshape(x, (1, x.shape[0])) * 2),
    "reshape to a column": ("x u", lambda xp, x, u: xp.reshape(x, (x.shape[0], 1)) * u),
    "reshape away": ("lift", lambda xp, a: xp.reshape(a, (a.shape[0], a.shape[2]))),
    "reshape a number": ("z", lambda xp, z: xp.reshape(z, (1, 1))),
    "new axes": ("x u", lambda xp, x, u: x[:, None] * u[None, :]),
    "an index": ("trio", lambda xp, a: a[:, 2] - a[..., 0] + a[:, -2]),
    "the first": ("A", lambda xp, A: A[0] + A[0, 0]),
    "an ellipsis": ("lift", lambda xp, a: a[..., 0] + a[..., 0, 0][:, None]),
    "a pair": ("pair", lambda xp, a: a[0] * a[1] - a),
    "broadcasting": ("col R z", lambda xp, c, r, z: c * r + z / c),
    "broadcasting of ranks": ("A u", lambda xp, A, u: A - u + A * 3),
    "broadcast_to": ("R x", lambda xp, r, x: xp.broadcast_to(r, (x.shape[0], r.shape[1])) * 1),
    "expand_dims": ("A", lambda xp, A: xp.expand_dims(A, axis=1) + xp.expand_dims(A, axis=-2)),
    "permute_dims": ("lift", lambda xp, a: xp.permute_dims(a, (2, 0, 1))),
    "full": ("x", lambda xp, x: xp.full(x.shape[0], 3) + xp.full((x.shape[0],), 4) * x),
    "ones": ("A", lambda xp, A: A * xp.ones(A.shape, dtype=object) + xp.ones_like(A)),
    "zeros": ("A", lambda xp, A: A * xp.zeros(A.shape, dtype=object) - xp.zeros_like(A)),
    "operators": ("x y", lambda xp, x, y: 2 - x / y + 3 / x - (-y) ** 2 + x**3),
    "a negative power": ("x", lambda xp, x: x**-2),
    "sizes as numbers": ("A", lambda xp, A: xp.sum(A, axis=0) / A.shape[0] + A.shape[1] * A[0]),
}  # fmt: skip
IN_BALLS = {
    "exp": ("x", lambda xp, x: xp.exp(x) * xp.exp(-2 * x)),
    "expm1": ("x", lambda xp, x: xp.expm1(x)),
    "log": ("p", lambda xp, p: xp.log(p * p / 3)),
    "log1p": ("p", lambda xp, p: xp.log1p(p)),
    "sqrt": ("p", lambda xp, p: xp.sqrt(8 * p)),
    "sin, cos": ("x", lambda xp, x: xp.sin(-x) * xp.cos(x - 1)),
    "tan": ("x", lambda xp, x: xp.tan(x)),
    "sinh, cosh": ("x", lambda xp, x: xp.sinh(x) / xp.cosh(x)),
    "tanh": ("A", lambda xp, A: xp.tanh(A)),
    "softmax": ("A", lambda xp, A: xp.exp(A) / xp.sum(xp.exp(A), axis=1, keepdims=True)),
    "logsumexp": ("A", lambda xp, A: xp.log(xp.sum(xp.exp(A), axis=0))),
    "layer norm": ("A", lambda xp, A: _layer_norm(xp, A)),
    "2-norm": ("A", lambda xp, A: xp.sqrt(xp.sum(xp.square(A), axis=-1))),
}  # fmt: skip


def _layer_norm(xp, A):
    centred = A - xp.mean(A, axis=1, keepdims=True)
    return centred / xp.sqrt(xp.mean(xp.square(centred), axis=1, keepdims=True) + 1)


def same(a, b) -> bool:
    before, ctx.prec = ctx.prec, BITS
    try:
        return is_nil(a - (int(b) if isinstance(b, bool | np.bool_) else b))
    finally:
        ctx.prec = before


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("case", EXACT)
def test_a_function_is_what_it_is_in_numpy(case, sizes):
    names, f = EXACT[case]
    point = Point(11, sizes)
    found, wanted = all_values(as_array(f(XP, *inputs(names))), point), values_in_numpy(f, names, point)
    assert found.shape == wanted.shape
    assert all(isinstance(value, fmpq) for value in found.flat)
    assert all(same(a, b) for a, b in zip(found.flat, wanted.flat, strict=True))


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("case", IN_BALLS)
def test_an_elementary_function_is_what_it_is_in_balls(case, sizes):
    names, f = IN_BALLS[case]
    point = Point(12, sizes, exact=False)
    found, wanted = all_values(f(XP, *inputs(names)), point), values_in_numpy(f, names, Ball(12, sizes, exact=False))
    assert found.shape == wanted.shape
    assert all(same(a, b) for a, b in zip(found.flat, wanted.flat, strict=True))


class Ball(Point):
    """A point whose numbers have the precision of the test."""

    def entry(self, tensor, at, *, positive=False):
        before, ctx.prec = ctx.prec, BITS
        try:
            return super().entry(tensor, at, positive=positive)
        finally:
            ctx.prec = before


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_inverse_and_determinant_are_those_of_the_numbers(sizes):
    (M,) = inputs("M")
    point = Point(13, sizes)
    rows = [list(row) for row in numbers("M", point)]
    inverse = all_values(XP.linalg.inv(M), point)
    assert all(same(a, b) for a, b in zip(inverse.flat, itertools.chain(*matrix_inverse(rows)), strict=True))
    assert same(all_values(XP.linalg.det(M), point)[()], determinant(rows))


# Derivatives of arrays.


@pytest.mark.parametrize(
    "case", ["where", "sum, kept", "matmul", "concat", "stack along 1", "mean along 0, kept", "an index"]
)
def test_the_derivative_of_an_array_is_that_of_dual_numbers(case):
    names, f = EXACT[case]
    name = names.split()[0]
    array = f(XP, *inputs(names))
    operator = IndexOperator(array, name, SHAPES[name])
    point = Point(14, {"n": 2, "m": 3, "N": 1})
    for k in np.ndindex(*numbers(name, point).shape):
        point.along = None
        at = tuple(Place(index_of(v)) for v in k)
        entries = IndexArray(array.shape, lambda i, at=at: operator.term(i, at))
        found = all_values(entries, point)
        point.along = (name, k)
        wanted = values_in_numpy(lambda xp, *args: f(np, *map(of_duals, args)), names, point)
        assert all(same(a, dual_of(b).slope) for a, b in zip(found.flat, wanted.flat, strict=True))


class Number:
    """A dual number with the operators that a formula uses."""

    def __init__(self, dual):
        self.dual = as_dual(dual)

    @property
    def slope(self):
        return self.dual.slope

    def __add__(self, other):
        return Number(self.dual + dual_of(other))

    def __mul__(self, other):
        return Number(self.dual * dual_of(other))

    def __sub__(self, other):
        return self + Number(dual_of(other)) * fmpq(-1)

    def __truediv__(self, other):
        d = dual_of(other)
        return self * Number(Dual(1 / d.real, -d.slope / d.real**2)) if d.slope else self * (fmpq(1) / d.real)

    def __gt__(self, other):
        return self.dual.real > dual_of(other).real

    __radd__, __rmul__ = __add__, __mul__


def dual_of(x):
    return x.dual if isinstance(x, Number) else as_dual(x)


def of_duals(array):
    return np.vectorize(Number, otypes=[object])(array)


# What is not allowed, and what is not known.


@pytest.mark.parametrize(
    ("names", "f", "error"),
    [
        ("x u", lambda xp, x, u: x + u, ValueError),
        ("A x", lambda xp, A, x: A * x, ValueError),
        ("A B", lambda xp, A, B: xp.where(A > 0, A, B), ValueError),
        ("A x", lambda xp, A, x: A @ x, ValueError),
        ("A C", lambda xp, A, C: A @ C, ValueError),
        ("x u", lambda xp, x, u: xp.stack([x, u]), ValueError),
        ("A B", lambda xp, A, B: xp.concat([A, B], axis=0), ValueError),
        ("A x", lambda xp, A, x: xp.concat([A, x], axis=0), ValueError),
        ("A u", lambda xp, A, u: xp.broadcast_to(A, u.shape), ValueError),
        ("trio", lambda xp, a: a[:, 3], IndexError),
        ("pair", lambda xp, a: a[-3], IndexError),
        ("x", lambda xp, x: x[:, 0], IndexError),
        ("col", lambda xp, c: c[:, 1], IndexError),
    ],
)
def test_shapes_that_do_not_fit_are_errors_as_in_numpy(names, f, error):
    point = Point(15, {"n": 2, "m": 3, "N": 4})
    with pytest.raises(error):
        f(np, *(numbers(name, point) for name in names.split()))
    with pytest.raises(error):
        f(XP, *inputs(names))


@pytest.mark.parametrize(
    ("names", "f", "why"),
    [
        ("A", lambda xp, A: xp.reshape(A, (A.shape[0] * A.shape[1],)), r"uses reshape from \(n, m\) to \(m·n,\)"),
        ("A", lambda xp, A: xp.reshape(A, (-1,)), r"uses reshape from \(n, m\) to \(-1,\)"),
        ("x", lambda xp, x: xp.cumsum(x), "uses cumsum"),
        ("x", lambda xp, x: xp.sort(x), "uses sort"),
        ("M", lambda xp, M: xp.linalg.qr(M), "uses linalg.qr"),
        ("A", lambda xp, A: xp.linalg.det(A), r"uses det of an array of shape \(n, m\)"),
        ("x", lambda xp, x: x[1:], "uses the index slice"),
        ("x", lambda xp, x: x[-1], "uses the index -1 along an axis of size n"),
        ("x", lambda xp, x: x[x > 0], "uses the index"),
        ("x", lambda xp, x: xp.concat([xp.concat([x, x]), x]), "uses concat of a concatenation"),
        ("x", lambda xp, x: 1 if x[0] > 0 else 2, "asks for the truth of a term"),
        ("x y", lambda xp, x, y: xp.where(x == y, x, y), "asks whether terms are equal"),
        ("x y", lambda xp, x, y: x != y, "asks whether terms are equal"),
        ("z", lambda xp, z: float(z), "makes a float of a term"),
        ("x", lambda xp, x: x + xp.asarray("3"), "uses a str as an array"),
        (
            "x",
            lambda xp, x: xp.where(x - xp.mean(x) > 0, x, 0).at((Place(index_of(0)),)),
            "a choice is tied where n = 1",
        ),
    ],
)
def test_what_is_not_known_is_undecided_and_named(names, f, why):
    with pytest.raises(Undecided, match=why):
        f(XP, *inputs(names))


def test_a_concatenation_has_one_place_for_each_block():
    size = Blocks([n, 2])
    found = list(places(size, "k"))
    assert [(place.block, bool(place.index.parts)) for place in found] == [(0, True), (1, False), (1, False)]
    assert all(isinstance(v, Var) for v, _ in found[0].index.parts)
    assert same(value_of(size.poly(), Point(16, {"n": 3}), {}), fmpq(5))
