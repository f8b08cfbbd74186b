"""The pseudo-inverse, least squares and QR of matrices of full rank.

Pseudo-inverse and solution are written by normal equations, whose enclosure holds what better algorithms return. The
factors of QR are made unique: the diagonal of R is positive. Sources: Golub and Pereyra (1973) for the pseudo-inverse,
Walter and Lehmann, Algorithmic differentiation of linear algebra functions (2010), for QR.
"""

from typing import Any

from ..strategies import matrices, stacked
from .declare import rule
from .decompositions import divided
from .operators import Operator, Products
from .products import of_elements
from .sources import Source

PEREYRA = Source("Golub and Pereyra, The differentiation of pseudo-inverses (1973)", "4")
WALTER = Source("Walter and Lehmann, arXiv 1001.1654", "QR decomposition")
COLUMNS, ROWS = "A of full column rank", "A of full row rank"
DEFICIENT = "where the rank drops the pseudo-inverse jumps: nothing is claimed"
TALL = matrices("m", 2, structure="full rank", least=2, largest=5, canonical=3)
NO_FACTOR = "where the rank is not full QR is not unique: nothing is claimed"


def _of_columns(xp: Any, a: Any) -> Any:
    """(AᵀA)⁻¹Aᵀ."""
    return xp.linalg.solve(a.T @ a, a.T)


def _rest(xp: Any, a: Any, p: Any) -> Any:
    """I − A A⁺."""
    return xp.eye(a.shape[0], dtype=a.dtype) - a @ p


def _pinv_by_columns(xp: Any, a: Any) -> Operator:
    """V ↦ −P V P + P Pᵀ Vᵀ (I − A P) for P = A⁺ of full column rank."""
    p = _of_columns(xp, a)
    gram, rest = p @ p.T, _rest(xp, a, p)
    return Products(
        xp,
        a.shape,
        p.shape,
        lambda v: gram @ v.T @ rest - p @ v @ p,
        lambda u: rest @ u.T @ gram - p.T @ u @ p.T,
    )


@rule(
    a=TALL,
    source=PEREYRA,
    title="pseudo-inverse, full column rank",
    domain=COLUMNS,
    at_edges=DEFICIENT,
    normwise=True,
)
def pinv(xp, a):
    r"""Y = A^+ = (A^T A)^{-1} A^T"""
    return _of_columns(xp, a)


pinv.partial("a", r"V \mapsto -A^+ V A^+ + (A^T A)^{-1} V^T (I - A\,A^+)")(_pinv_by_columns)


@rule(
    a=matrices(2, "n", structure="full rank", least=2, largest=5, canonical=3),
    source=PEREYRA,
    title="pseudo-inverse, full row rank",
    domain=ROWS,
    at_edges=DEFICIENT,
    normwise=True,
)
def pinv_wide(xp, a):
    r"""Y = A^+ = A^T (A\,A^T)^{-1}"""
    return _of_columns(xp, a.T).T


@pinv_wide.partial("a")
def _(xp, a):
    r"""V \mapsto -A^+ V A^+ + (I - A^+ A)\,V^T (A\,A^T)^{-1}"""
    turned = _pinv_by_columns(xp, a.T)
    return Products(
        xp,
        a.shape,
        (a.shape[1], a.shape[0]),
        lambda v: turned.matvec(xp, v.T).T,
        lambda u: turned.rmatvec(xp, u.T).T,
    )


@rule(
    a=TALL,
    b=stacked("m", "k", least=2, largest=5, canonical=3),
    source=PEREYRA,
    title="least squares",
    domain=COLUMNS,
    at_edges=DEFICIENT,
    normwise=True,
)
def lstsq(xp, a, b):
    r"""X = \arg\min_X |A\,X - B|^2 = (A^T A)^{-1} A^T B"""
    return xp.linalg.solve(a.T @ a, a.T @ b)


@lstsq.partial("a")
def _(xp, a, b):
    r"""V \mapsto (A^T A)^{-1} V^T (B - A\,X) - A^+ V X"""
    p = _of_columns(xp, a)
    x, gram = p @ b, p @ p.T
    rest = b - a @ x
    return Products(
        xp,
        a.shape,
        x.shape,
        lambda v: gram @ (v.T @ rest) - p @ (v @ x),
        lambda u: rest @ (u.T @ gram) - p.T @ u @ x.T,
    )


@lstsq.partial("b")
def _(xp, a, b):
    r"""V \mapsto A^+ V"""
    p = _of_columns(xp, a)
    return Products(xp, b.shape, (2, b.shape[1]), lambda v: p @ v, lambda u: p.T @ u)


def _columns(xp: Any, a: Any) -> tuple[Any, Any]:
    """Q and R of two columns by Gram–Schmidt; the diagonal of R is positive."""
    first, second = a[:, 0], a[:, 1]
    r = xp.sqrt(xp.sum(first**2))
    q = first / r
    s = xp.sum(q * second)
    left = second - s * q
    t = xp.sqrt(xp.sum(left**2))
    return xp.stack([q, left / t], axis=-1), of_elements(xp, r, s, xp.zeros_like(r), t)


def _mirrored(xp: Any, a: Any) -> Any:
    """The symmetric matrix of an upper triangle."""
    return xp.triu(a) + xp.triu(a, k=1).T


def _folded(xp: Any, a: Any) -> Any:
    """The upper triangle with the rest added to it, transposed: the adjoint of ``_mirrored``."""
    return xp.triu(a) + xp.tril(a, k=-1).T


@rule(
    a=TALL,
    source=WALTER,
    title="orthonormal factor of QR",
    domain=COLUMNS,
    at_edges=NO_FACTOR,
    normwise=True,
)
def qr_q(xp, a):
    r"""Y = Q \text{ with } A = Q\,R,\; Q^T Q = I,\; r_{ij} = 0 \text{ for } i > j,\; r_{ii} > 0"""
    return _columns(xp, a)[0]


@qr_q.partial("a")
def _(xp, a):
    r"""V \mapsto V R^{-1} - Q\,(\mathrm{triu}(X) + \mathrm{tril}(X, -1)^T),\quad X = Q^T V R^{-1}"""
    q, r = _columns(xp, a)

    def jvp(v: Any) -> Any:
        w = divided(xp, v, r)
        x = q.T @ w
        return w - q @ _folded(xp, x)

    def vjp(u: Any) -> Any:
        return divided(xp, u - q @ _mirrored(xp, q.T @ u), r.T)

    return Products(xp, a.shape, a.shape, jvp, vjp)


@rule(
    a=TALL,
    source=WALTER,
    title="triangular factor of QR",
    domain=COLUMNS,
    at_edges=NO_FACTOR,
    normwise=True,
)
def qr_r(xp, a):
    r"""Y = R \text{ with } A = Q\,R,\; Q^T Q = I,\; r_{ij} = 0 \text{ for } i > j,\; r_{ii} > 0"""
    return _columns(xp, a)[1]


@qr_r.partial("a")
def _(xp, a):
    r"""V \mapsto (\mathrm{triu}(X) + \mathrm{tril}(X, -1)^T)\,R,\quad X = Q^T V R^{-1}"""
    q, r = _columns(xp, a)

    def jvp(v: Any) -> Any:
        x = q.T @ divided(xp, v, r)
        return _folded(xp, x) @ r

    def vjp(u: Any) -> Any:
        return divided(xp, q @ _mirrored(xp, u @ r.T), r.T)

    return Products(xp, a.shape, r.shape, jvp, vjp)
