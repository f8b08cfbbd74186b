"""Matrices with structure: where linear algebra has its special cases, exactly representable in the dtype on trial.

The identity, zero, diagonal, permutation and triangular matrices, singular ones of every kind, nearly singular ones,
and those with repeated eigenvalues. A byte chooses the kind; 0 leaves the matrix as it was drawn. What an entry asks of
all its matrices (``STRUCTURES``) is decided in exact arithmetic, and a matrix that lacks it is replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

Matrix = np.ndarray


def _filled(a: Matrix, values: np.ndarray) -> Matrix:
    """A diagonal matrix of the shape of ``a``."""
    made = np.zeros_like(a)
    np.fill_diagonal(made, values)
    return made


def _permutation(a: Matrix) -> Matrix:
    made = np.zeros_like(a)
    order = np.argsort(np.abs(a).sum(axis=1), kind="stable")
    for row, column in enumerate(order):
        if column < a.shape[1]:
            made[row, column] = 1
    return made


def _repeated_row(a: Matrix) -> Matrix:
    made = a.copy()
    made[-1] = a[0]
    return made


def _zero_row(a: Matrix) -> Matrix:
    made = a.copy()
    made[-1] = 0
    return made


def _nearly_singular(a: Matrix) -> Matrix:
    """The last row is the first one but for one ulp of one element."""
    made = _repeated_row(a)
    made[-1, -1] = np.nextafter(made[-1, -1], a.dtype.type(np.inf))
    return made if np.isfinite(made).all() else a


def _rank_one(a: Matrix) -> Matrix:
    """Rows that are the first one times 1, −1 or 0: products that are exact."""
    return (np.sign(a[:, :1]) * a[:1]).astype(a.dtype)


def _symmetric(a: Matrix) -> Matrix:
    size = min(a.shape)
    made = a.copy()
    lower = np.tril(a[:size, :size])
    made[:size, :size] = lower + np.tril(a[:size, :size], -1).T
    return made


KINDS: tuple[Callable[[Matrix], Matrix], ...] = (
    lambda a: _filled(a, np.ones(min(a.shape))),
    np.zeros_like,
    lambda a: _filled(a, a.reshape(-1)[: min(a.shape)]),
    lambda a: _filled(a, a[0, 0]),
    _permutation,
    np.tril,
    np.triu,
    _repeated_row,
    _rank_one,
    _zero_row,
    _symmetric,
    _nearly_singular,
    lambda a: _filled(a, 2 * np.abs(a).max()) + np.clip(a, -1, 1),
)
"""The special matrices, each made of the drawn one."""


def rank(a: Matrix) -> int:
    """The rank, in exact arithmetic."""
    rows = [[Fraction(float(x)) for x in row] for row in a]
    found = 0
    for column in range(a.shape[1]):
        pivot = next((row for row in rows[found:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows = [
            [x - row[column] / pivot[column] * y for x, y in zip(row, pivot, strict=True)] if k >= found else row
            for k, row in enumerate(rows)
        ]
        rows.insert(found, pivot)
        found += 1
    return found


def _of_full_rank(a: Matrix) -> Matrix:
    """The matrix, or where it is rank-deficient one with a dominant diagonal."""
    if rank(a) == min(a.shape):
        return a
    with np.errstate(over="ignore"):
        dominant = a.copy()
        for k in range(min(a.shape)):
            dominant[k, k] = 2 * np.abs(a).sum() + 1
    return (
        dominant
        if np.isfinite(dominant).all() and rank(dominant) == min(a.shape)
        else _filled(a, np.ones(min(a.shape)))
    )


def _of_nonzero_diagonal(a: Matrix) -> Matrix:
    made = a.copy()
    diagonal = np.diagonal(a)
    np.fill_diagonal(made, np.where(diagonal == 0, 1, diagonal))
    return made


def _of_positive_diagonal(a: Matrix) -> Matrix:
    made = a.copy()
    diagonal = np.abs(np.diagonal(a))
    np.fill_diagonal(made, np.where(diagonal == 0, 1, diagonal))
    return made


def is_positive_definite(a: Matrix) -> bool:
    """Whether the symmetric part is, in exact arithmetic: all pivots of its elimination are positive."""
    rows = [[Fraction(float(x)) for x in row] for row in a]
    rest = [[x + rows[j][i] for j, x in enumerate(row)] for i, row in enumerate(rows)]
    while rest:
        first, *others = rest
        if first[0] <= 0:
            return False
        rest = [[x - row[0] / first[0] * y for x, y in zip(row[1:], first[1:], strict=True)] for row in others]
    return True


def _positive_definite(a: Matrix) -> Matrix:
    """The matrix, or where its symmetric part is not positive definite one whose diagonal is just dominant."""
    if is_positive_definite(a):
        return a
    made = a.copy()
    with np.errstate(over="ignore"):
        size = np.abs(a)
        others = (size + size.T).sum(axis=1) / 2 - np.diagonal(size)
        np.fill_diagonal(made, others + np.where(np.diagonal(a) == 0, 1, np.diagonal(size)))
    return made if np.isfinite(made).all() and is_positive_definite(made) else _filled(a, np.ones(len(a)))


def _until(holds: Callable[[Matrix], bool]) -> Callable[[Matrix], Matrix]:
    """The matrix with its first element larger by 0, 1, 2 or 3, whichever has the property first; else diag(2, 1)."""

    def mend(a: Matrix) -> Matrix:
        for more in range(4):
            made = a.copy()
            made[0, 0] += more
            if holds(made):
                return made
        return _filled(a, np.array([2, 1]))

    return mend


def _has_distinct_eigenvalues(a: Matrix) -> bool:
    """Whether the symmetric part of a 2×2 matrix is no multiple of the identity."""
    return bool(a[0, 0] != a[1, 1] or a[0, 1] != -a[1, 0])


def _has_distinct_singular_values(a: Matrix) -> bool:
    """Whether a 2×2 matrix is no multiple of an orthogonal one: neither of a rotation nor of a reflection."""
    rotation = a[0, 0] == a[1, 1] and a[0, 1] == -a[1, 0]
    reflection = a[0, 0] == -a[1, 1] and a[0, 1] == a[1, 0]
    return not (rotation or reflection)


def discriminant(a: Matrix) -> Fraction:
    """(a₀₀ − a₁₁)² + 4 a₀₁ a₁₀ of a 2×2 matrix, exactly: positive where its eigenvalues are real and distinct."""
    p, q, r, s = (Fraction(float(x)) for x in a.reshape(-1))
    return (p - s) ** 2 + 4 * q * r


def _of_real_eigenvalues(a: Matrix) -> Matrix:
    if discriminant(a) > 0:
        return a
    made = a.copy()
    made[1, 0] = np.copysign(a[1, 0], a[0, 1])
    return _until(lambda m: discriminant(m) > 0)(made)


def _of_complex_eigenvalues(a: Matrix) -> Matrix:
    if discriminant(a) < 0:
        return a
    made = a.copy()
    made[0, 1], made[1, 0] = a[0, 1] or 1, -np.copysign(a[1, 0] or 1, a[0, 1] or 1)
    made[1, 1] = made[0, 0]
    return made


def _has_varied_lines(a: Matrix) -> bool:
    """Whether no row and no column has equal elements only."""
    return bool((a != a[:, :1]).any(axis=1).all() and (a != a[:1]).any(axis=0).all())


def _of_varied_lines(a: Matrix) -> Matrix:
    """The matrix, or one with other elements on its diagonal, or where there are too few of these a chessboard."""
    if _has_varied_lines(a):
        return a
    made = a.copy()
    np.fill_diagonal(made, np.diagonal(a) + 1)
    rows, columns = np.indices(a.shape)
    return made if _has_varied_lines(made) else ((rows + columns) % 2).astype(a.dtype)


STRUCTURES: dict[str, Callable[[Matrix], Matrix]] = {
    "any": lambda a: a,
    "full rank": _of_full_rank,
    "nonzero diagonal": _of_nonzero_diagonal,
    "positive diagonal": _of_positive_diagonal,
    "positive definite": _positive_definite,
    "distinct eigenvalues": _until(_has_distinct_eigenvalues),
    "definite, distinct eigenvalues": lambda a: _until(
        lambda m: is_positive_definite(m) and _has_distinct_eigenvalues(m)
    )(_positive_definite(a)),
    "distinct singular values": _until(_has_distinct_singular_values),
    "regular, distinct singular values": _until(lambda a: rank(a) == 2 and _has_distinct_singular_values(a)),
    "real eigenvalues": _of_real_eigenvalues,
    "complex eigenvalues": _of_complex_eigenvalues,
    "varied lines": _of_varied_lines,
}
"""What an entry asks of its matrices, by name: a function that mends a matrix which lacks it."""


def has_structure(values: np.ndarray, structure: str) -> bool:
    """Whether every matrix of a stack has what the structure asks for: there is nothing to mend; "" asks for nothing."""
    if not structure or not values.size:
        return True
    mend = STRUCTURES[structure]
    return all(np.array_equal(mend(a), a) for a in values.reshape(-1, *values.shape[-2:]))


_LIMIT = 10
"""Binary magnitude of an element: far out a library may overflow on its way, in whatever order it eliminates."""


def ordinary(values: np.ndarray) -> np.ndarray:
    """The values with those beyond 2^±10 scaled by a power of two to between ½ and 1; zeros stay."""
    mantissa, exponent = np.frexp(values)
    return np.where(np.abs(exponent) > _LIMIT, mantissa, values).astype(values.dtype)


def structured(values: np.ndarray, structure: str, code: int) -> np.ndarray:
    """A stack of drawn matrices with the structure; ``code`` 0…255 chooses the kind, half of them leave it alone."""
    if values.size == 0:
        return values
    stack = values.reshape(-1, *values.shape[-2:])
    made = np.empty_like(stack)
    with np.errstate(over="ignore", invalid="ignore"):
        for k, a in enumerate(stack):
            number = (code + 3 * k) % 256 - 128
            special = a if number < 0 else KINDS[number % len(KINDS)](a)
            if not np.isfinite(special).all():
                special = a
            made[k] = STRUCTURES[structure](special)
    return made.reshape(values.shape)
