"""Linear algebra over symbolic sizes: inverse, determinant and linear systems of stacks of matrices, and masks.

An inverse and a determinant are known by their derivatives. Of a determinant one more thing is known, Cramer's rule: where row r
of a matrix A of symbols is replaced by c, the determinant is det A · Σₗ cₗ (A⁻¹)ₗᵣ. What ``tril`` and ``triu`` multiply
by is an array of constants of which nothing is assumed, so what is proved holds for every mask; where sizes are known so
are the masks, and Cholesky's factor is that of its recurrence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NoReturn

from .index_arrays import IndexArray, as_array, map2, variable
from .index_atoms import Applied, Delta, delta
from .index_binders import abstracted, relabelled
from .index_places import Place, Places
from .index_powers import ONE, ZERO, power
from .index_sizes import Index, Size, Var, index_of
from .index_sums import total
from .index_symbols import Entry
from .index_terms import Poly, Undecided
from .index_zero import apart


class IndexMatrices:
    """The functions of a namespace that make matrices or move their elements."""

    @property
    def linalg(self) -> IndexLinearAlgebra:
        """The extension ``linalg`` of the Array API."""
        return IndexLinearAlgebra()

    def eye(self, n_rows: Any, n_cols: Any = None, dtype: Any = None) -> IndexArray:
        """The identity matrix."""
        shape = (n_rows, n_rows if n_cols is None else n_cols)
        return IndexArray(shape, lambda at: delta(at[0].index, at[1].index))

    def matrix_transpose(self, x: IndexArray) -> IndexArray:
        """The last two axes exchanged."""
        shape = (*x.shape[:-2], x.shape[-1], x.shape[-2])
        return IndexArray(shape, lambda at: x.at((*at[:-2], at[-1], at[-2])))

    def tril(self, x: IndexArray, k: int = 0) -> IndexArray:
        """The elements not above diagonal ``k``, and zeros."""
        return self._masked(f"tril{k}", x, lambda d: d >= -k)

    def triu(self, x: IndexArray, k: int = 0) -> IndexArray:
        """The elements not below diagonal ``k``, and zeros."""
        return self._masked(f"triu{k}", x, lambda d: d <= -k)

    def _masked(self, name: str, x: IndexArray, kept: Callable[[int], bool]) -> IndexArray:
        """``kept``: whether elements with a difference of row and column stay, where sizes are known."""
        if all(isinstance(size, int) for size in x.shape[-2:]):

            def at(where: Places) -> Poly:
                difference = where[-2].index - where[-1].index
                if difference.parts:
                    raise Undecided("a triangle at an unknown index")
                return x.at(where) if kept(difference.const) else ZERO

            return IndexArray(x.shape, at)
        return map2(lambda p, q: p * q, variable(name, x.shape[-2:]), as_array(x))  # type: ignore[arg-type]


class IndexLinearAlgebra:
    """Inverse and determinant of stacks of matrices, and what is made of them."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Undecided(f"uses linalg.{name}")

    def inv(self, a: IndexArray) -> IndexArray:
        """A⁻¹."""
        if isinstance(_size(a, "inv"), int):
            return IndexArray(a.shape, lambda at: _inverse_by_minors(a, at))
        return IndexArray(a.shape, lambda at: _inverse(_Matrix(a, at[:-2]), at[-2].index, at[-1].index))

    def det(self, a: IndexArray) -> IndexArray:
        """det A."""
        if isinstance(size := _size(a, "det"), int):
            return IndexArray(a.shape[:-2], lambda at: _minor(a, at, range(size), range(size)))
        return IndexArray(a.shape[:-2], lambda at: _determinant(_Matrix(a, at)))

    def solve(self, a: IndexArray, b: IndexArray) -> IndexArray:
        """A⁻¹ b."""
        return self.inv(a) @ b

    def cholesky(self, a: IndexArray) -> IndexArray:
        """The lower triangular L with L Lᵀ = a, of a matrix of known size."""
        size = _size(a, "cholesky")
        if not isinstance(size, int):
            raise Undecided("uses cholesky of a symbolic size")
        return IndexArray(a.shape, lambda at: _factor(a, at[:-2], at[-2].index, at[-1].index))


def _size(a: IndexArray, name: str) -> int | Size:
    if a.ndim < 2 or a.shape[-1] != a.shape[-2] or not isinstance(a.shape[-1], Size | int):
        raise Undecided(f"uses {name} of an array of shape {a.shape}")
    return a.shape[-1]


def _minor(a: IndexArray, stack: Places, rows: Sequence[int], columns: Sequence[int]) -> Poly:
    """The determinant of some rows and columns of a matrix of known size, expanded along the first row."""
    if not rows:
        return ONE
    result = ZERO
    for k, column in enumerate(columns):
        entry = a.at((*stack, Place(index_of(rows[0])), Place(index_of(column))))
        term = entry * _minor(a, stack, rows[1:], [c for c in columns if c != column])
        result = result - term if k % 2 else result + term
    return result


def _inverse_by_minors(a: IndexArray, at: Places) -> Poly:
    """Cramer's rule for a matrix of known size."""
    *stack, row, column = at
    if row.index.parts or column.index.parts:
        raise Undecided("an inverse at an unknown index")
    whole, i, j = range(a.shape[-1]), row.index.const, column.index.const  # type: ignore[arg-type]
    cofactor = _minor(a, tuple(stack), [k for k in whole if k != j], [k for k in whole if k != i])
    return (-cofactor if (i + j) % 2 else cofactor) / _minor(a, tuple(stack), whole, whole)


def _factor(a: IndexArray, stack: Places, row: Index, column: Index) -> Poly:
    """An element of Cholesky's factor, by the recurrence for its columns."""
    if row.parts or column.parts:
        raise Undecided("a factor at an unknown index")

    @cache
    def element(i: int, j: int) -> Poly:
        if j > i:
            return ZERO
        rest = a.at((*stack, Place(index_of(i)), Place(index_of(j))))
        for k in range(j):
            rest = rest - element(i, k) * element(j, k)
        return power(rest, Fraction(1, 2)) if i == j else rest / element(j, j)

    return element(row.const, column.const)


class _Matrix:
    """One matrix of a stack: its element at indices of its own, and that element as the body of a binder."""

    def __init__(self, a: IndexArray, stack: Places) -> None:
        size = a.shape[-1]
        assert isinstance(size, Size)
        self.row, self.column = Var.fresh(size), Var.fresh(size)
        self.element = a.at((*stack, Place(index_of(self.row)), Place(index_of(self.column))))
        self.binder = (size, size)

    @property
    def body(self) -> Poly:
        return abstracted(self.element, [self.row, self.column])


def _inverse(a: _Matrix, i: Index, j: Index) -> Poly:
    return Poly.atom(Applied("inv", (i, j), [a.body], [a.binder], (), "inverse"))


def _determinant(a: _Matrix) -> Poly:
    replaced = _replaced_row(a)
    if replaced is not None:
        return replaced
    return Poly.atom(Applied("det", (), [a.body], [a.binder], (), "determinant"))


def _replaced_row(a: _Matrix) -> Poly | None:
    """Cramer's rule where the matrix is one of symbols but for a row; None where it is not."""
    found = [atom for atom in a.element.all_atoms() if isinstance(atom, Delta) and _of_row(atom, a.row)]
    if not found:
        return None
    difference = found[0].difference
    count = dict(difference.parts)[a.row]
    row = Index({v: -c * count for v, c in difference.parts if v != a.row}, -difference.const * count)
    new = relabelled(a.element, {a.row: row})
    a.element = apart(a.element, [difference])
    (monomial, coefficient), *more = a.element.terms.items() or [((), 0)]
    if more or coefficient != 1 or len(monomial) != 1 or not isinstance(monomial[0][0], Entry) or monomial[0][1] != 1:
        raise Undecided("a determinant that is none of symbols but for a row")
    if not {a.row, a.column} <= a.element.free:
        raise Undecided("a determinant that is none of symbols but for a row")
    return _determinant(a) * total([a.column], new * _inverse(a, index_of(a.column), row))


def _of_row(atom: Delta, row: Var) -> bool:
    return abs(dict(atom.difference.parts).get(row, 0)) == 1
