"""Linear algebra over any kind of scalar: ``linalg`` of the array namespaces, and the structure of matrices.

Where arithmetic is exact, or precise enough, everything is made of minors (Laplace's expansion, Cramer's rule): without
a division but the one by the determinant, without a pivot to be decided, and right at singular matrices too. Where rounding
is injected matrices are factorised with partial pivoting, as libraries do: minors would round otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

Array = Any
Rows = list[list[Any]]


class Matrices:
    """The functions of a namespace that make matrices or move their elements."""

    wrap: Callable[..., Array]
    asarray: Callable[..., Array]
    _array: Callable[[np.ndarray], Array]

    @property
    def linalg(self) -> LinearAlgebra:
        """The extension ``linalg`` of the Array API."""
        return LinearAlgebra(self)

    def eye(self, n_rows: int, n_cols: int | None = None, dtype: Any = None) -> Array:
        """The identity matrix."""
        return self.asarray(np.eye(n_rows, n_cols, dtype=int))

    def matrix_transpose(self, x: Array) -> Array:
        """The last two axes exchanged."""
        return self._array(np.swapaxes(x.elements, -1, -2))

    def tril(self, x: Array, k: int = 0) -> Array:
        """The elements not above diagonal ``k``, and zeros."""
        return self._masked(x, np.tri(x.shape[-2], x.shape[-1], k, dtype=bool))

    def triu(self, x: Array, k: int = 0) -> Array:
        """The elements not below diagonal ``k``, and zeros."""
        return self._masked(x, ~np.tri(x.shape[-2], x.shape[-1], k - 1, dtype=bool))

    def _masked(self, x: Array, mask: np.ndarray) -> Array:
        zero = self.asarray(0).elements
        return self._array(np.where(np.broadcast_to(mask, x.shape), x.elements, zero))


class LinearAlgebra:
    """Determinant, inverse, linear systems and Cholesky's factor of stacks of matrices.

    All raise ValueError for shapes that do not fit.
    """

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def _each(self, f: Callable[..., Rows], x: Array, *more: Array) -> Array:
        """A function of square matrices, and of further matrices that belong to them, for every matrix of a stack."""
        if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
            raise ValueError(f"square matrices wanted, an array of shape {x.shape} given")
        arrays = [x.elements, *(y.elements for y in more)]
        stack = np.broadcast_shapes(*(a.shape[:-2] for a in arrays))
        arrays = [np.broadcast_to(a, stack + a.shape[-2:]) for a in arrays]
        found = [f(*(a[index].tolist() for a in arrays)) for index in np.ndindex(*stack)]
        shape = more[0].shape[-2:] if more else x.shape[-2:]
        return self.xp.wrap([scalar for rows in found for row in rows for scalar in row], stack + shape)

    @property
    def _factorises(self) -> bool:
        return self.xp.algebra.rounds

    def det(self, x: Array) -> Array:
        """The determinant."""
        if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
            raise ValueError(f"square matrices wanted, an array of shape {x.shape} given")
        determinant = self._det_by_factors if self._factorises else self._det_by_minors
        stack = x.elements.reshape(-1, *x.shape[-2:]) if x.elements.size else np.empty((0, 0, 0), object)
        count = int(np.prod(x.shape[:-2]))
        found = [determinant(a.tolist()) for a in stack] or [self.xp.algebra.lift(1)] * count
        return self.xp.wrap(found, x.shape[:-2])

    def inv(self, x: Array) -> Array:
        """The inverse."""
        if self._factorises:
            return self._each(lambda a: self._solved(a, self._identity(len(a))), x)
        return self._each(self._inverse_by_minors, x)

    def solve(self, x: Array, b: Array) -> Array:
        """The solution of x y = b; b a vector or matrices."""
        if x.shape[-1:] != b.shape[max(b.ndim - 2, 0) :][:1]:
            raise ValueError(f"solve: {x.shape} and {b.shape} do not fit")
        columns = b[..., None] if b.ndim == 1 else b
        if self._factorises:
            found = self._each(self._solved, x, columns)
        else:
            found = self.xp.matmul(self._each(self._inverse_by_minors, x), columns)
        return found[..., 0] if b.ndim == 1 else found

    def cholesky(self, x: Array, upper: bool = False) -> Array:
        """The lower triangular L with positive diagonal and L Lᵀ = x; only the lower triangle of x is read."""
        lower = self._each(self._cholesky, x)
        return self.xp.matrix_transpose(lower) if upper else lower

    # One matrix, as a list of rows.

    def _identity(self, n: int) -> Rows:
        zero, one = self.xp.algebra.lift(0), self.xp.algebra.lift(1)
        return [[one if i == j else zero for j in range(n)] for i in range(n)]

    def _minors(self, a: Rows) -> Callable[[tuple[int, ...], tuple[int, ...]], Any]:
        """The determinants of rows × columns, each expanded along its first row and computed once."""
        algebra = self.xp.algebra

        @cache
        def minor(rows: tuple[int, ...], columns: tuple[int, ...]) -> Any:
            if not rows:
                return algebra.lift(1)
            terms = []
            first, *rest = rows
            for k, column in enumerate(columns):
                term = a[first][column]
                if rest:
                    term = term * minor(tuple(rest), columns[:k] + columns[k + 1 :])
                terms.append(-term if k % 2 else term)
            return algebra.sum(terms)

        return minor

    def _det_by_minors(self, a: Rows) -> Any:
        whole = tuple(range(len(a)))
        return self._minors(a)(whole, whole)

    def _inverse_by_minors(self, a: Rows) -> Rows:
        whole = tuple(range(len(a)))
        minor = self._minors(a)
        det = minor(whole, whole) if a else None
        rest = [whole[:k] + whole[k + 1 :] for k in whole]

        def cofactor(i: int, j: int) -> Any:
            return -minor(rest[i], rest[j]) if (i + j) % 2 else minor(rest[i], rest[j])

        return [[cofactor(j, i) / det for j in whole] for i in whole]

    def _factorised(self, a: Rows, b: Rows) -> tuple[Rows, Rows, int] | None:
        """U and L⁻¹ P b by elimination with partial pivoting, and the sign of P.

        None where a pivot that is divided by may be 0.
        """
        a, b, sign, algebra = [list(row) for row in a], [list(row) for row in b], 1, self.xp.algebra
        for k in range(len(a) - 1):
            pivot = max(range(k, len(a)), key=lambda i: algebra.magnitude(a[i][k]))
            if pivot != k:
                a[k], a[pivot], b[k], b[pivot], sign = a[pivot], a[k], b[pivot], b[k], -sign
            if not algebra.is_invertible(a[k][k]):
                return None
            for i in range(k + 1, len(a)):
                factor = a[i][k] / a[k][k]
                a[i] = a[i][: k + 1] + [x - factor * y for x, y in zip(a[i][k + 1 :], a[k][k + 1 :], strict=True)]
                b[i] = [x - factor * y for x, y in zip(b[i], b[k], strict=True)]
        return a, b, sign

    def _unknown(self, a: Rows, right: Sequence[Any] = ()) -> Any:
        """What is said of a result where a pivot may be 0: it depends on all elements of the matrix and of its right
        side, and it and its derivatives may be anything.
        """
        algebra = self.xp.algebra
        elements = (x for row in (*a, right) for x in row)
        return algebra.sum([algebra.unknown, *(x * algebra.unknown for x in elements)])

    def _det_by_factors(self, a: Rows) -> Any:
        found = self._factorised(a, [[] for _ in a])
        if found is None:
            return self._unknown(a)
        product = self.xp.algebra.lift(1)
        for k in range(len(a)):
            product = found[0][k][k] if not k else product * found[0][k][k]
        return product if found[2] > 0 else -product

    def _solved(self, a: Rows, b: Rows) -> Rows:
        algebra, n = self.xp.algebra, len(a)
        found = self._factorised(a, b)
        if found is None or (n and not algebra.is_invertible(found[0][-1][-1])):
            columns = [self._unknown(a, [row[column] for row in b]) for column in range(len(b[0]) if b else 0)]
            return [columns for _ in b]
        upper, right, _ = found
        solution: Rows = [[] for _ in a]
        for i in reversed(range(n)):
            for column, x in enumerate(right[i]):
                terms = [x, *(-(upper[i][k] * solution[k][column]) for k in range(i + 1, n))]
                solution[i].append(algebra.sum(terms) / upper[i][i])
        return solution

    def _cholesky(self, a: Rows) -> Rows:
        algebra, n = self.xp.algebra, len(a)
        lower = [[algebra.lift(0)] * n for _ in a]

        def rest(i: int, j: int) -> Any:
            products: Sequence[Any] = [-(lower[i][k] * lower[j][k]) for k in range(j)]
            return algebra.sum([a[i][j], *products]) if products else a[i][j]

        for j in range(n):
            lower[j][j] = algebra.call("sqrt", rest(j, j))
            for i in range(j + 1, n):
                lower[i][j] = rest(i, j) / lower[j][j]
        return lower
