"""The logarithm of the density of a normal distribution, by covariance, by precision and by Cholesky's factor.

Source: Petersen and Pedersen, The Matrix Cookbook, 8. A covariance is the symmetric part of its argument; see
``decompositions``. The constants are part of the function.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import matrices, stacked, vector
from .declare import rule
from .decompositions import AT_THE_EDGE, DEFINITE, diagonal, symmetric
from .operators import Products, row
from .sources import Source

COOKBOOK = Source("Petersen and Pedersen, The Matrix Cookbook (2012)", "8")


def _log_density(xp: Any, z: Any, half_logdet: Any) -> Any:
    """−½ Σ zᵢ² − ½ ln det Σ − ½ n ln 2π for whitened z, along the last axis."""
    return -xp.sum(z**2 + xp.log(2 * xp.pi * xp.ones_like(z)), axis=-1) / 2 - half_logdet


class Parameter(NamedTuple):
    """How the spread is given: the factor L of the covariance, whitened by L⁻¹, or that of the precision, by Lᵀ.

    ``factor``: L of the argument; ``inner``: the derivative of −½|z|² and of ∓Σ ln lᵢᵢ by the argument, given whitened z
    and the deviation d = x − μ.
    """

    name: str
    title: str
    tex: str
    structure: str
    domain: str
    at_edges: str
    factor: Callable[[Any, Any], Any]
    precision: bool
    slope: Callable[[Any, Any, Any, Any], Any]
    slope_tex: str

    def whitened(self, xp: Any, lower: Any, d: Any) -> Any:
        """L⁻¹ d, or Lᵀ d."""
        return lower.T @ d if self.precision else xp.linalg.solve(lower, d)

    def pulled(self, xp: Any, lower: Any, z: Any) -> Any:
        """The transpose of ``whitened``."""
        return lower @ z if self.precision else xp.linalg.solve(lower.T, z)


def _of_symmetric(xp: Any, a: Any) -> Any:
    return xp.linalg.cholesky(symmetric(xp, a))


def _by_covariance(xp: Any, a: Any, d: Any, w: Any) -> Any:
    return (w[:, None] * w[None, :] - xp.linalg.inv(symmetric(xp, a))) / 2


def _by_precision(xp: Any, a: Any, d: Any, w: Any) -> Any:
    return (xp.linalg.inv(symmetric(xp, a)) - d[:, None] * d[None, :]) / 2


def _by_factor(xp: Any, a: Any, d: Any, w: Any) -> Any:
    lower = xp.tril(a)
    z = xp.linalg.solve(lower, d)
    inverse = xp.eye(a.shape[0], dtype=a.dtype) / diagonal(xp, a)
    return xp.tril(w[:, None] * z[None, :]) - inverse


PARAMETERS = (
    Parameter(
        "log_density",
        "normal log density by covariance",
        r"y = -\tfrac{1}{2} \mathbf{d}^T \Sigma^{-1} \mathbf{d} - \tfrac{1}{2} \ln \det 2 \pi \Sigma,\quad "
        r"\mathbf{d} = \mathbf{x} - \mathbf{m},\; \Sigma = \tfrac{1}{2}(A + A^T)",
        "positive definite",
        DEFINITE,
        AT_THE_EDGE,
        _of_symmetric,
        False,
        _by_covariance,
        r"\tfrac{1}{2}(\mathbf{w}\,\mathbf{w}^T - \Sigma^{-1}),\quad \mathbf{w} = \Sigma^{-1} \mathbf{d}",
    ),
    Parameter(
        "log_density_precision",
        "normal log density by precision",
        r"y = -\tfrac{1}{2} \mathbf{d}^T P\,\mathbf{d} + \tfrac{1}{2} \ln \det \frac{P}{2 \pi},\quad "
        r"\mathbf{d} = \mathbf{x} - \mathbf{m},\; P = \tfrac{1}{2}(A + A^T)",
        "positive definite",
        DEFINITE,
        AT_THE_EDGE,
        _of_symmetric,
        True,
        _by_precision,
        r"\tfrac{1}{2}(P^{-1} - \mathbf{d}\,\mathbf{d}^T)",
    ),
    Parameter(
        "log_density_factor",
        "normal log density by Cholesky's factor",
        r"y = -\tfrac{1}{2} |L^{-1} \mathbf{d}|^2 - \textstyle\sum_i \ln l_{ii} - \tfrac{n}{2} \ln 2 \pi,\quad "
        r"\mathbf{d} = \mathbf{x} - \mathbf{m},\; L = \mathrm{tril}(A)",
        "positive diagonal",
        "the diagonal of A is positive",
        "where a diagonal element is 0 there is no density: nothing is claimed",
        lambda xp, a: xp.tril(a),
        False,
        _by_factor,
        r"\mathrm{tril}(L^{-T} \mathbf{z}\,\mathbf{z}^T) - \mathrm{diag}(1 / l_{ii}),\quad "
        r"\mathbf{z} = L^{-1} \mathbf{d}",
    ),
)


def _density(entry: Parameter) -> None:
    def slope_of_deviation(xp: Any, x: Any, m: Any, a: Any) -> Any:
        lower = entry.factor(xp, a)
        return -entry.pulled(xp, lower, entry.whitened(xp, lower, x - m))

    @rule(
        x=vector("n"),
        m=vector("n"),
        a=matrices("n", "n", structure=entry.structure, least=1, largest=4),
        source=COOKBOOK,
        name=entry.name,
        title=entry.title,
        tex=entry.tex,
        domain=entry.domain,
        at_edges=entry.at_edges,
        normwise=True,
    )
    def density(xp, x, m, a):
        lower = entry.factor(xp, a)
        half = xp.sum(xp.log(diagonal(xp, lower)))
        return _log_density(xp, entry.whitened(xp, lower, x - m), -half if entry.precision else half)

    @density.partial("x", r"-(\Sigma^{-1} \mathbf{d})^T")
    def _(xp, x, m, a):
        return row(xp, slope_of_deviation(xp, x, m, a))

    @density.partial("m", r"(\Sigma^{-1} \mathbf{d})^T")
    def _(xp, x, m, a):
        return row(xp, -slope_of_deviation(xp, x, m, a))

    @density.partial("a", entry.slope_tex)
    def _(xp, x, m, a):
        return row(xp, entry.slope(xp, a, x - m, -slope_of_deviation(xp, x, m, a)))


for _entry in PARAMETERS:
    _density(_entry)


@rule(
    x=stacked("k", "n", least=1, largest=4),
    m=vector("n"),
    a=matrices("n", "n", structure="positive definite", least=1, largest=3),
    source=COOKBOOK,
    title="normal log densities of a batch",
    domain=DEFINITE,
    at_edges=AT_THE_EDGE,
    normwise=True,
)
def log_densities(xp, x, m, a):
    r"""y_k = \ln \mathcal{N}(\mathbf{x}_k \mid \mathbf{m}, \tfrac{1}{2}(A + A^T))"""
    lower = _of_symmetric(xp, a)
    z = xp.linalg.solve(lower, (x - m).T).T
    return _log_density(xp, z, xp.sum(xp.log(diagonal(xp, lower))))


def _weights(xp: Any, x: Any, m: Any, a: Any) -> Any:
    """Σ⁻¹(xₖ − μ), row by row."""
    return xp.linalg.solve(symmetric(xp, a), (x - m).T).T


@log_densities.partial("x")
def _(xp, x, m, a):
    r"""-(\Sigma^{-1} \mathbf{d}_k)^T \text{ for each sample}"""
    return row(xp, -_weights(xp, x, m, a), axis=1)


@log_densities.partial("m")
def _(xp, x, m, a):
    r"""((\Sigma^{-1} \mathbf{d}_k)^T)_k"""
    w = _weights(xp, x, m, a)
    return Products(xp, m.shape, (x.shape[0],), lambda v: w @ v, lambda u: u @ w)


@log_densities.partial("a")
def _(xp, x, m, a):
    r"""(\tfrac{1}{2}(\mathbf{w}_k\,\mathbf{w}_k^T - \Sigma^{-1}))_k,\quad \mathbf{w}_k = \Sigma^{-1} \mathbf{d}_k"""
    w, inverse = _weights(xp, x, m, a), xp.linalg.inv(symmetric(xp, a))
    return Products(
        xp,
        a.shape,
        (x.shape[0],),
        lambda v: (xp.sum((w @ v) * w, axis=1) - xp.sum(inverse * v)) / 2,
        lambda u: ((u[:, None] * w).T @ w - xp.sum(u) * inverse) / 2,
    )
