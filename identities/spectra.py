"""Eigenvalues of symmetric matrices, and functions of matrices that are made of them.

Those of a 2×2 matrix have closed forms; symmetric functions of them are polynomials in any size. A symmetric matrix is
½(A + Aᵀ), see ``decompositions``. Source: Horn and Johnson, Matrix Analysis (2013). An entry is judged normwise.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import integer, matrices, reals, within
from ..strategies.domains import Domain
from .declare import rule
from .decompositions import symmetric
from .operators import Products, dense, row
from .products import of_elements
from .sources import Source

ANALYSIS = Source("Horn and Johnson, Matrix Analysis (2013)", "6.3")
DISTINCT = "the eigenvalues of the symmetric part of A are distinct"
DEFINITE_AND_DISTINCT = "the symmetric part of A is positive definite, its eigenvalues distinct"
DOUBLE = "at a double eigenvalue single eigenvalues are not differentiable: nothing is claimed"


class Plane(NamedTuple):
    """A symmetric 2×2 matrix m·I + r·(cos, sin; sin, −cos): mean and radius of its eigenvalues, and the direction."""

    mean: Any
    radius: Any
    cos: Any
    sin: Any

    @classmethod
    def of(cls, xp: Any, a: Any) -> "Plane":
        """That of ½(A + Aᵀ)."""
        half, off = (a[0, 0] - a[1, 1]) / 2, (a[0, 1] + a[1, 0]) / 2
        radius = xp.sqrt(half**2 + off**2)
        return cls((a[0, 0] + a[1, 1]) / 2, radius, half / radius, off / radius)

    def gradients(self, xp: Any) -> tuple[Any, Any]:
        """Of the mean and of the radius, by the elements of A."""
        half, zero = xp.ones_like(self.cos) / 2, xp.zeros_like(self.cos)
        return of_elements(xp, half, zero, zero, half), self.reflection(xp) / 2

    def reflection(self, xp: Any) -> Any:
        """The symmetric matrix with eigenvalues 1 and −1."""
        return of_elements(xp, self.cos, self.sin, self.sin, -self.cos)

    def tangent(self, xp: Any) -> Any:
        """The derivative of the reflection by its angle."""
        return of_elements(xp, -self.sin, self.cos, self.cos, self.sin)


@rule(
    a=matrices(2, 2, structure="distinct eigenvalues"),
    source=ANALYSIS,
    title="eigenvalues of a symmetric matrix",
    domain=DISTINCT,
    at_edges=DOUBLE,
    normwise=True,
)
def eigvalsh(xp, a):
    r"""y = (m - r, m + r),\quad m = \tfrac{1}{2} \mathrm{tr}\,S,\; r^2 = \tfrac{1}{4}(s_{00} - s_{11})^2 + s_{01}^2"""
    plane = Plane.of(xp, a)
    return xp.stack([plane.mean - plane.radius, plane.mean + plane.radius])


@eigvalsh.partial("a")
def _(xp, a):
    r"""(\mathbf{v}_i\,\mathbf{v}_i^T)_i"""
    mean, radius = Plane.of(xp, a).gradients(xp)
    return dense(xp.stack([mean - radius, mean + radius]))


@rule(
    a=matrices(2, 2, structure="distinct eigenvalues"),
    source=ANALYSIS,
    title="projector on an eigenvector",
    domain=DISTINCT,
    at_edges=DOUBLE,
    normwise=True,
)
def projector(xp, a):
    r"""Y = \mathbf{v}\,\mathbf{v}^T,\quad \mathbf{v} \text{ the unit eigenvector of the largest eigenvalue}"""
    return (xp.eye(2, dtype=a.dtype) + Plane.of(xp, a).reflection(xp)) / 2


@projector.partial("a")
def _(xp, a):
    r"""V \mapsto \frac{\mathbf{w}^T V\,\mathbf{v} + \mathbf{v}^T V\,\mathbf{w}}{2\,(\lambda_1 - \lambda_0)} (\mathbf{v}\,\mathbf{w}^T + \mathbf{w}\,\mathbf{v}^T)"""
    plane = Plane.of(xp, a)
    turning = plane.tangent(xp)

    def apply(v: Any) -> Any:
        return turning * (xp.sum(turning * v) / (4 * plane.radius))

    return Products(xp, a.shape, a.shape, apply, apply)


@rule(a=matrices("n", "n", least=1, largest=4), k=integer(2, 3), source=ANALYSIS, normwise=True)
def power_sum(xp, a, k):
    r"""y = \sum_i \lambda_i^k = \mathrm{tr}\,S^k,\quad S = \tfrac{1}{2}(A + A^T)"""
    return xp.sum(_power(xp, symmetric(xp, a), k) * xp.eye(a.shape[0], dtype=a.dtype))


def _power(xp: Any, s: Any, k: int) -> Any:
    found = s
    for _ in range(k - 1):
        found = found @ s
    return found


@power_sum.partial("a")
def _(xp, a, k):
    r"""k\,S^{k - 1}"""
    return row(xp, k * _power(xp, symmetric(xp, a), k - 1))


# Functions of symmetric matrices by their eigenvalues.


class Function(NamedTuple):
    """f(S) = ½(f(λ₁) + f(λ₀))·I + ½(f(λ₁) − f(λ₀))·reflection, with f and f′ of one variable; ``elements``: the
    domain of those of A.
    """

    name: str
    title: str
    tex: str
    structure: str
    domain: str
    at_edges: str
    f: Callable[[Any, Any], Any]
    slope: Callable[[Any, Any], Any]
    elements: Domain = reals


FUNCTIONS = (
    Function(
        "square",
        "square of a symmetric matrix",
        r"Y = V\,\mathrm{diag}(\lambda_i^2)\,V^T",
        "distinct eigenvalues",
        DISTINCT,
        DOUBLE,
        lambda xp, t: t**2,
        lambda xp, t: 2 * t,
    ),
    Function(
        "expm_symmetric",
        "exponential of a symmetric matrix",
        r"Y = e^S = V\,\mathrm{diag}(e^{\lambda_i})\,V^T",
        "distinct eigenvalues",
        DISTINCT,
        DOUBLE,
        lambda xp, t: xp.exp(t),
        lambda xp, t: xp.exp(t),
        within(8.0),
    ),
    Function(
        "sqrtm",
        "square root of a positive definite matrix",
        r"Y = \sqrt{S} = V\,\mathrm{diag}(\sqrt{\lambda_i})\,V^T",
        "definite, distinct eigenvalues",
        DEFINITE_AND_DISTINCT,
        DOUBLE,
        lambda xp, t: xp.sqrt(t),
        lambda xp, t: 1 / (2 * xp.sqrt(t)),
    ),
    Function(
        "logm",
        "logarithm of a positive definite matrix",
        r"Y = \ln S = V\,\mathrm{diag}(\ln \lambda_i)\,V^T",
        "definite, distinct eigenvalues",
        DEFINITE_AND_DISTINCT,
        DOUBLE,
        lambda xp, t: xp.log(t),
        lambda xp, t: 1 / t,
    ),
)


def _function(entry: Function) -> None:
    @rule(
        a=matrices(2, 2, structure=entry.structure, domain=entry.elements),
        source=ANALYSIS,
        name=entry.name,
        title=entry.title,
        tex=entry.tex,
        domain=entry.domain,
        at_edges=entry.at_edges,
        normwise=True,
    )
    def function(xp, a):
        plane = Plane.of(xp, a)
        low, high = (entry.f(xp, value) for value in (plane.mean - plane.radius, plane.mean + plane.radius))
        return (xp.eye(2, dtype=a.dtype) * (high + low) + plane.reflection(xp) * (high - low)) / 2

    @function.partial("a", r"V \mapsto \sum_{ij} \frac{f(\lambda_i) - f(\lambda_j)}{\lambda_i - \lambda_j} P_i V P_j")
    def _(xp, a):
        plane = Plane.of(xp, a)
        values = (plane.mean - plane.radius, plane.mean + plane.radius)
        low, high = (entry.f(xp, value) for value in values)
        slow, shigh = (entry.slope(xp, value) for value in values)
        unit, reflection, turning = xp.eye(2, dtype=a.dtype), plane.reflection(xp), plane.tangent(xp)
        lower, upper = (unit - reflection) / 2, (unit + reflection) / 2

        def apply(v: Any) -> Any:
            along = lower * (slow * xp.sum(lower * v)) + upper * (shigh * xp.sum(upper * v))
            return along + turning * ((high - low) / (4 * plane.radius) * xp.sum(turning * v))

        return Products(xp, a.shape, a.shape, apply, apply)


for _entry in FUNCTIONS:
    _function(_entry)
