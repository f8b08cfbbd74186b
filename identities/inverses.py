"""Determinant and inverse.

A determinant is differentiable at every matrix: its derivative is the matrix of cofactors, also where there is no
inverse. An entry is judged normwise: what is exact for slightly other matrices is not wrong.
"""

from typing import Any

from ..strategies import integer, matrices, vector
from .declare import rule
from .matrix_functions import COOKBOOK
from .operators import Products, row
from .products import STANDARD, Dimensions, transposed

REGULAR = "A regular"
SINGULAR = "at singular matrices there is no inverse: nothing is claimed"


def cofactors(xp: Any, a: Any) -> Any:
    """The cofactors of matrices: for each element the determinant with its row replaced by a unit vector."""
    e = xp.eye(a.shape[-1], dtype=a.dtype)
    here = e[:, None, :, None]
    return xp.linalg.det(a[..., None, None, :, :] * (1 - here) + here * e[None, :, None, :])


@rule(a=matrices("n", "n", least=1, largest=4, canonical=3), source=STANDARD, title="determinant", normwise=True)
def determinant(xp, a):
    r"""y = \det A"""
    return xp.linalg.det(a)


@determinant.partial("a")
def _(xp, a):
    r"""\mathrm{adj}(A)^T"""
    return row(xp, cofactors(xp, a))


@rule(
    a=matrices(2, "n", "n", least=1, largest=3),
    source=STANDARD,
    title="determinants of a stack",
    normwise=True,
)
def determinant_stack(xp, a):
    r"""y_s = \det A_s"""
    return xp.linalg.det(a)


@determinant_stack.partial("a")
def _(xp, a):
    r"""\mathrm{adj}(A_s)^T \text{ for each matrix}"""
    return row(xp, cofactors(xp, a), axis=(1, 2))


@rule(
    a=matrices("n", "n", structure="full rank", least=1, largest=4),
    source=STANDARD,
    title="logarithm of the absolute determinant",
    domain=REGULAR,
    at_edges="at singular matrices it tends to −∞: nothing is claimed",
    normwise=True,
)
def logabsdet(xp, a):
    r"""y = \ln |\det A|"""
    return xp.log(xp.abs(xp.linalg.det(a)))


@logabsdet.partial("a")
def _(xp, a):
    r"""A^{-T}"""
    return row(xp, xp.linalg.inv(a).T)


def _inverse(name: str, title: str, shape: Dimensions, tex: str) -> None:
    @rule(
        a=matrices(*shape, structure="full rank", least=1, largest=4),
        source=STANDARD,
        name=name,
        title=title,
        tex=tex,
        domain=REGULAR,
        at_edges=SINGULAR,
        normwise=True,
    )
    def inverse(xp, a):
        return xp.linalg.inv(a)

    @inverse.partial("a", r"V \mapsto -A^{-1}\,V A^{-1}")
    def _(xp, a):
        y = xp.linalg.inv(a)
        yt = transposed(xp, y)
        return Products(xp, a.shape, a.shape, lambda v: -(y @ v @ y), lambda u: -(yt @ u @ yt))


_inverse("inverse", "inverse", ("n", "n"), "Y = A^{-1}")
_inverse("inverse_stack", "inverses of a stack", (2, "n", "n"), "Y_s = A_s^{-1}")


@rule(
    a=matrices("n", "n", structure="full rank", least=1, largest=3),
    k=integer(1, 2),
    source=STANDARD,
    title="negative power of a matrix",
    domain=REGULAR,
    at_edges=SINGULAR,
    normwise=True,
)
def negative_power(xp, a, k):
    r"""Y = A^{-k}"""
    y = xp.linalg.inv(a)
    return y if k == 1 else y @ y


@negative_power.partial("a")
def _(xp, a, k):
    r"""V \mapsto -\sum_{i + j = k + 1,\; i, j \ge 1} A^{-i}\,V A^{-j}"""
    y = xp.linalg.inv(a)
    yt = y.T
    if k == 1:
        return Products(xp, a.shape, a.shape, lambda v: -(y @ v @ y), lambda u: -(yt @ u @ yt))

    def along(v: Any, y: Any) -> Any:
        inner = y @ v @ y
        return -(y @ inner + inner @ y)

    return Products(xp, a.shape, a.shape, lambda v: along(v, y), lambda u: along(u, yt))


@rule(
    x=vector("n"),
    a=matrices("n", "n", structure="full rank", least=1, largest=4),
    y=vector("n"),
    source=COOKBOOK,
    title="bilinear form of the inverse",
    domain=REGULAR,
    at_edges=SINGULAR,
    normwise=True,
)
def inverse_form(xp, x, a, y):
    r"""z = \mathbf{x}^T A^{-1}\,\mathbf{y}"""
    return xp.sum(x * xp.linalg.solve(a, y))


@inverse_form.partial("x")
def _(xp, x, a, y):
    r"""(A^{-1}\,\mathbf{y})^T"""
    return row(xp, xp.linalg.solve(a, y))


@inverse_form.partial("a")
def _(xp, x, a, y):
    r"""-A^{-T} \mathbf{x}\,\mathbf{y}^T A^{-T}"""
    left, right = xp.linalg.solve(a.T, x), xp.linalg.solve(a, y)
    return row(xp, -(left[:, None] * right[None, :]))


@inverse_form.partial("y")
def _(xp, x, a, y):
    r"""\mathbf{x}^T A^{-1}"""
    return row(xp, xp.linalg.solve(a.T, x))
