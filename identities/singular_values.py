"""Singular values, and the norms that are made of them.

Those of a 2×2 matrix have closed forms; the sum of their squares is a polynomial in any size. Source: Horn and Johnson,
Matrix Analysis (2013). An entry is judged normwise.
"""

from typing import Any

from ..strategies import matrices
from .declare import rule
from .operators import dense, row
from .products import of_elements
from .sources import Source

ANALYSIS = Source("Horn and Johnson, Matrix Analysis (2013)", "7.3")
SINGULAR_VALUES = "the singular values of A are distinct"
DOUBLE_SINGULAR = "at a double singular value single ones are not differentiable: nothing is claimed"


def _similarities(xp: Any, a: Any) -> tuple[Any, Any]:
    """σ₀ + σ₁ and ±(σ₀ − σ₁) of a 2×2 matrix: the lengths of its parts that turn and reflect."""
    p, q, r, s = a[0, 0], a[0, 1], a[1, 0], a[1, 1]
    return xp.sqrt((p + s) ** 2 + (q - r) ** 2), xp.sqrt((p - s) ** 2 + (q + r) ** 2)


def _slopes(xp: Any, a: Any) -> tuple[Any, Any]:
    """The derivatives of both lengths."""
    p, q, r, s = a[0, 0], a[0, 1], a[1, 0], a[1, 1]
    turn, reflect = _similarities(xp, a)
    return (
        of_elements(xp, p + s, q - r, r - q, p + s) / turn,
        of_elements(xp, p - s, q + r, q + r, s - p) / reflect,
    )


@rule(
    a=matrices(2, 2, structure="distinct singular values"),
    source=ANALYSIS,
    title="spectral norm",
    domain=SINGULAR_VALUES,
    at_edges=DOUBLE_SINGULAR,
    normwise=True,
)
def spectral_norm(xp, a):
    r"""y = \sigma_0 = \tfrac{1}{2}(s + t),\quad s = |(a_{00} + a_{11}, a_{01} - a_{10})|,\; t = |(a_{00} - a_{11}, a_{01} + a_{10})|"""
    turn, reflect = _similarities(xp, a)
    return (turn + reflect) / 2


@spectral_norm.partial("a")
def _(xp, a):
    r"""\mathbf{u}_0\,\mathbf{v}_0^T"""
    turn, reflect = _slopes(xp, a)
    return row(xp, (turn + reflect) / 2)


@rule(
    a=matrices(2, 2, structure="regular, distinct singular values"),
    source=ANALYSIS,
    title="singular values",
    domain="A regular, its singular values distinct",
    at_edges="at singular matrices the smallest has a kink, at double ones none is differentiable: nothing is claimed",
    normwise=True,
)
def svdvals(xp, a):
    r"""y = (\sigma_0, |\det A| / \sigma_0),\quad \sigma_0 = \tfrac{1}{2}(s + t) \text{ the spectral norm}"""
    turn, reflect = _similarities(xp, a)
    largest = (turn + reflect) / 2
    return xp.stack([largest, xp.abs(_determinant(a)) / largest])


def _determinant(a: Any) -> Any:
    """That of a 2×2 matrix."""
    return a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]


def _orientation(xp: Any, a: Any) -> Any:
    """The sign of the determinant."""
    det = _determinant(a)
    return xp.where(det < 0, -xp.ones_like(det), xp.ones_like(det))


@svdvals.partial("a")
def _(xp, a):
    r"""(\mathbf{u}_i\,\mathbf{v}_i^T)_i"""
    turn, reflect = _slopes(xp, a)
    return dense(xp.stack([turn + reflect, _orientation(xp, a) * (turn - reflect)]) / 2)


@rule(
    a=matrices(2, 2, structure="full rank"),
    source=ANALYSIS,
    title="nuclear norm",
    domain="A regular",
    at_edges="at singular matrices it has a kink: nothing is claimed",
    normwise=True,
)
def nuclear_norm(xp, a):
    r"""y = \sigma_0 + \sigma_1 = \sqrt{\textstyle\sum_{ij} a_{ij}^2 + 2\,|\det A|}"""
    return xp.sqrt(xp.sum(a**2) + 2 * xp.abs(_determinant(a)))


@nuclear_norm.partial("a")
def _(xp, a):
    r"""U\,V^T"""
    cofactors = of_elements(xp, a[1, 1], -a[1, 0], -a[0, 1], a[0, 0])
    return row(xp, (a + _orientation(xp, a) * cofactors) / nuclear_norm(xp, a))


@rule(
    a=matrices("m", "n", least=1, largest=4),
    source=ANALYSIS,
    title="sum of the squares of the singular values",
    normwise=True,
)
def squared_singular_values(xp, a):
    r"""y = \sum_i \sigma_i^2 = \sum_{ij} a_{ij}^2"""
    return xp.sum(a**2)


@squared_singular_values.partial("a")
def _(xp, a):
    r"""2 A"""
    return row(xp, 2 * a)
