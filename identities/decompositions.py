"""Cholesky's factor of a positive definite matrix, and what is made of it: solutions, inverse, determinant.

A factor is a function of a symmetric matrix, and libraries read one triangle or both: here it is one of ½(A + Aᵀ), in the
text and in native operations alike, so that A is any matrix. Source of the differential: Murray, Differentiation of
the Cholesky decomposition (arXiv 1602.07527). An entry is judged normwise: what is exact for slightly other matrices is not wrong.
"""

from typing import Any

from ..strategies import matrices, stacked
from .declare import rule
from .operators import Products, row
from .products import Dimensions, identity, transposed
from .sources import Source

MURRAY = Source("Murray, arXiv 1602.07527", "differentiation of the Cholesky decomposition")
DEFINITE = "the symmetric part of A is positive definite"
AT_THE_EDGE = "at a matrix that is not positive definite there is no factor: nothing is claimed"
FACTOR = "the diagonal of the lower triangle L of A is not 0"


def symmetric(xp: Any, a: Any) -> Any:
    """½(A + Aᵀ) of matrices."""
    return (a + transposed(xp, a)) / 2


def diagonal(xp: Any, a: Any) -> Any:
    """The diagonals of matrices."""
    return xp.sum(a * identity(xp, a), axis=-1)


def halved(xp: Any, a: Any) -> Any:
    """Murray's Φ: the lower triangle with halved diagonal."""
    return xp.tril(a) - a * identity(xp, a) / 2


def divided(xp: Any, b: Any, a: Any) -> Any:
    """B A⁻¹."""
    return transposed(xp, xp.linalg.solve(transposed(xp, a), transposed(xp, b)))


def _by_factor(xp: Any, lower: Any, b: Any) -> Any:
    """(L Lᵀ)⁻¹ B by two triangular systems."""
    return xp.linalg.solve(transposed(xp, lower), xp.linalg.solve(lower, b))


def _cholesky(name: str, title: str, shape: Dimensions, tex: str, *, upper: bool = False) -> None:
    def turned(xp: Any, y: Any) -> Any:
        return transposed(xp, y) if upper else y

    @rule(
        a=matrices(*shape, structure="positive definite", least=1, largest=3),
        source=MURRAY,
        name=name,
        title=title,
        tex=tex,
        domain=DEFINITE,
        at_edges=AT_THE_EDGE,
        normwise=True,
    )
    def factor(xp, a):
        return turned(xp, xp.linalg.cholesky(symmetric(xp, a)))

    @factor.partial("a", r"V \mapsto L\,\Phi(L^{-1} \tfrac{1}{2}(V + V^T)\,L^{-T})")
    def _(xp, a):
        lower = xp.linalg.cholesky(symmetric(xp, a))
        up = transposed(xp, lower)

        def jvp(v: Any) -> Any:
            inner = divided(xp, xp.linalg.solve(lower, symmetric(xp, v)), up)
            return turned(xp, lower @ halved(xp, inner))

        def vjp(u: Any) -> Any:
            inner = halved(xp, up @ turned(xp, u))
            return symmetric(xp, divided(xp, xp.linalg.solve(up, inner), lower))

        return Products(xp, a.shape, a.shape, jvp, vjp)


_cholesky("cholesky", "Cholesky's factor", ("n", "n"), r"Y = L \text{ with } L\,L^T = \tfrac{1}{2}(A + A^T)")
_cholesky(
    "cholesky_upper",
    "upper Cholesky factor",
    ("n", "n"),
    r"Y = U \text{ with } U^T U = \tfrac{1}{2}(A + A^T)",
    upper=True,
)
_cholesky(
    "cholesky_stack",
    "Cholesky's factors of a stack",
    (2, "n", "n"),
    r"Y_s = L_s \text{ with } L_s\,L_s^T = \tfrac{1}{2}(A_s + A_s^T)",
)


@rule(
    a=matrices("n", "n", structure="nonzero diagonal", least=1, largest=4),
    b=stacked("n", "k", least=1, largest=4),
    source=MURRAY,
    title="linear systems by a factor",
    domain=FACTOR,
    at_edges="where a diagonal element is 0 there is no solution: nothing is claimed",
    normwise=True,
)
def cholesky_solve(xp, a, b):
    r"""Y = (L\,L^T)^{-1} B,\quad L = \mathrm{tril}(A)"""
    return _by_factor(xp, xp.tril(a), b)


@cholesky_solve.partial("a")
def _(xp, a, b):
    r"""V \mapsto -(L\,L^T)^{-1} (\mathrm{tril}(V)\,L^T + L\,\mathrm{tril}(V)^T)\,Y"""
    lower = xp.tril(a)
    y = _by_factor(xp, lower, b)

    def jvp(v: Any) -> Any:
        moved = xp.tril(v)
        return -_by_factor(xp, lower, moved @ (lower.T @ y) + lower @ (moved.T @ y))

    def vjp(u: Any) -> Any:
        w = _by_factor(xp, lower, u)
        return -xp.tril(w @ (y.T @ lower) + y @ (w.T @ lower))

    return Products(xp, a.shape, b.shape, jvp, vjp)


@cholesky_solve.partial("b")
def _(xp, a, b):
    r"""V \mapsto (L\,L^T)^{-1} V"""
    lower = xp.tril(a)

    def apply(v: Any) -> Any:
        return _by_factor(xp, lower, v)

    return Products(xp, b.shape, b.shape, apply, apply)


@rule(
    a=matrices("n", "n", structure="nonzero diagonal", least=1, largest=4),
    source=MURRAY,
    title="inverse by a factor",
    domain=FACTOR,
    at_edges="where a diagonal element is 0 there is no inverse: nothing is claimed",
    normwise=True,
)
def cholesky_inverse(xp, a):
    r"""Y = (L\,L^T)^{-1},\quad L = \mathrm{tril}(A)"""
    inverse = xp.linalg.inv(xp.tril(a))
    return inverse.T @ inverse


@cholesky_inverse.partial("a")
def _(xp, a):
    r"""V \mapsto -Y\,(\mathrm{tril}(V)\,L^T + L\,\mathrm{tril}(V)^T)\,Y"""
    inverse = xp.linalg.inv(xp.tril(a))
    y = inverse.T @ inverse

    def jvp(v: Any) -> Any:
        moved = inverse.T @ (inverse @ xp.tril(v)) @ inverse
        return -(moved + moved.T)

    return Products(xp, a.shape, a.shape, jvp, lambda u: -xp.tril(y @ (u + u.T) @ inverse.T))


@cholesky_inverse.equal_form("a")
def _(xp, a):
    """By Y alone, which is what a library keeps: its condition is the square of that of L."""
    lower = xp.tril(a)
    inverse = xp.linalg.inv(lower)
    y = inverse.T @ inverse

    def jvp(v: Any) -> Any:
        moved = xp.tril(v) @ lower.T
        return -(y @ (moved + moved.T) @ y)

    return Products(xp, a.shape, a.shape, jvp, lambda u: -xp.tril(y @ (u + u.T) @ y @ lower))


@rule(
    a=matrices("n", "n", structure="positive definite", least=1, largest=4),
    b=stacked("n", "k", least=1, largest=4),
    source=MURRAY,
    title="linear systems of a positive definite matrix",
    domain=DEFINITE,
    at_edges=AT_THE_EDGE,
    normwise=True,
)
def solve_definite(xp, a, b):
    r"""Y = S^{-1} B,\quad S = \tfrac{1}{2}(A + A^T)"""
    return _by_factor(xp, xp.linalg.cholesky(symmetric(xp, a)), b)


@solve_definite.partial("a")
def _(xp, a, b):
    r"""V \mapsto -S^{-1} \tfrac{1}{2}(V + V^T)\,Y"""
    s = symmetric(xp, a)
    y = xp.linalg.solve(s, b)
    return Products(
        xp,
        a.shape,
        b.shape,
        lambda v: -xp.linalg.solve(s, symmetric(xp, v) @ y),
        lambda u: -symmetric(xp, xp.linalg.solve(s, u) @ y.T),
    )


@solve_definite.partial("b")
def _(xp, a, b):
    r"""V \mapsto S^{-1} V"""
    s = symmetric(xp, a)

    def apply(v: Any) -> Any:
        return xp.linalg.solve(s, v)

    return Products(xp, b.shape, b.shape, apply, apply)


def _logdet(name: str, title: str, shape: Dimensions, tex: str) -> None:
    @rule(
        a=matrices(*shape, structure="positive definite", least=1, largest=4),
        source=MURRAY,
        name=name,
        title=title,
        tex=tex,
        domain=DEFINITE,
        at_edges="where the determinant is 0 it tends to −∞: nothing is claimed",
        normwise=True,
    )
    def logdet(xp, a):
        lower = xp.linalg.cholesky(symmetric(xp, a))
        return 2 * xp.sum(xp.log(diagonal(xp, lower)), axis=-1)

    @logdet.partial("a", r"S^{-1}")
    def _(xp, a):
        return row(xp, xp.linalg.inv(symmetric(xp, a)), axis=(-2, -1))


_logdet(
    "logdet_definite",
    "logarithm of the determinant of a positive definite matrix",
    ("n", "n"),
    r"y = \ln \det S = 2 \sum_i \ln l_{ii},\quad S = L\,L^T = \tfrac{1}{2}(A + A^T)",
)
_logdet(
    "logdet_definite_stack",
    "logarithms of the determinants of positive definite matrices",
    (2, "n", "n"),
    r"y_s = \ln \det S_s,\quad S_s = \tfrac{1}{2}(A_s + A_s^T)",
)
