"""Invariants: what a symmetry of a function says of its derivative.

Where f does not change along a field w, the derivative vanishes along it: Df(x) w(x) = 0. It is stated as
Df(x)(v + w) = Df(x) v, whose sides have a size, so that a small error of the library is seen against it.
"""

from typing import Any

from ..strategies import nonzero, positive, reals, scalar, vector, within
from .claims import Equal
from .declare import law
from .operators import column, row
from .sources import Source

SYMMETRY = Source("Noether-type invariants of first order", "Df(x) w(x) = 0 where f is constant along w")
_MODERATE = within(8)


def unchanged(name, f, field, domain, title, tex, *, direction=reals, chapter=__name__):
    """f does not change along ``field``: Df(x)(v + w(x)) = Df(x) v; ``domain`` is that of x, ``direction`` that of v."""

    def invariant(D, x, v):
        J = D(lambda t: f(D.xp, t))(x)
        return Equal(J @ column(v + field(x)), J @ column(v))

    invariant.__module__ = chapter
    inputs: dict[str, Any] = {"x": vector("n", domain, minimum=1), "v": vector("n", direction)}
    law(**inputs, source=SYMMETRY, name=name, title=title, tex=tex)(invariant)


def shift(x):
    """The field of a shift: 1 everywhere."""
    return 1


def scale(x):
    """The field of a change of scale: x itself."""
    return x


def _softmax(xp, x):
    e = xp.exp(x)
    return e / xp.sum(e)


@law(x=vector("n", _MODERATE, minimum=1), u=vector("n"), source=SYMMETRY, title="softmax sums to one")
def softmax_sums_to_one(D, x, u):
    r"""(\mathbf{u} + \vec{1})^T D\,\mathrm{softmax}(\mathbf{x}) = \mathbf{u}^T D\,\mathrm{softmax}(\mathbf{x}): \quad \sum_i \partial p_i = 0"""
    xp = D.xp
    J = D(lambda t: _softmax(xp, t))(x)
    return Equal(row(xp, u + 1) @ J, row(xp, u) @ J)


unchanged(
    "softmax_shift",
    _softmax,
    shift,
    _MODERATE,
    "softmax is invariant to shifts",
    r"D\,\mathrm{softmax}(\mathbf{x})(\mathbf{v} + \vec{1}) = D\,\mathrm{softmax}(\mathbf{x})\,\mathbf{v}",
)


def logsumexp(xp, x):
    """ln Σ eˣ, by the plain formula."""
    return xp.log(xp.sum(xp.exp(x)))


@law(x=vector("n", _MODERATE, minimum=1), source=SYMMETRY, title="logsumexp moves with its inputs")
def logsumexp_sums_to_one(D, x):
    r"""\sum_i \frac{\partial}{\partial x_i} \ln \sum_j e^{x_j} = 1"""
    xp = D.xp
    J = D(lambda t: logsumexp(xp, t))(x)
    return Equal(J @ column(xp.ones_like(x)), column(xp.sum(_softmax(xp, x))))


unchanged(
    "log_softmax_shift",
    lambda xp, t: t - logsumexp(xp, t),
    shift,
    _MODERATE,
    "log-softmax is invariant to shifts",
    r"D\,\mathrm{logsoftmax}(\mathbf{x})(\mathbf{v} + \vec{1}) = D\,\mathrm{logsoftmax}(\mathbf{x})\,\mathbf{v}",
)


def _variance(xp, x):
    n = x.shape[0]
    return xp.sum((x - xp.sum(x) / n) ** 2) / n


unchanged(
    "variance_shift",
    _variance,
    shift,
    reals,
    "the variance is invariant to shifts",
    r"D\,\mathrm{var}(\mathbf{x})(\mathbf{v} + \vec{1}) = D\,\mathrm{var}(\mathbf{x})\,\mathbf{v}",
)


@law(x=vector("n", minimum=1), source=SYMMETRY, title="the variance is homogeneous of degree 2")
def variance_degree(D, x):
    r"""D\,\mathrm{var}(\mathbf{x})\,\mathbf{x} = 2\,\mathrm{var}(\mathbf{x})"""
    xp = D.xp
    return Equal(D(lambda t: _variance(xp, t))(x) @ column(x), column(2 * _variance(xp, x)))


@law(x=vector("n", positive, minimum=1), source=SYMMETRY, title="the norm is homogeneous of degree 1")
def norm_degree(D, x):
    r"""D\,\lVert\mathbf{x}\rVert\,\mathbf{x} = \lVert\mathbf{x}\rVert"""
    xp = D.xp
    return Equal(D(lambda t: xp.sqrt(xp.sum(t**2)))(x) @ column(x), column(xp.sqrt(xp.sum(x**2))))


unchanged(
    "normalise_scale",
    lambda xp, t: t / xp.sqrt(xp.sum(t**2)),
    scale,
    nonzero,
    "a unit vector is invariant to scale",
    r"f(\mathbf{x}) = \frac{\mathbf{x}}{\lVert\mathbf{x}\rVert}: \quad Df(\mathbf{x})(\mathbf{v} + \mathbf{x}) = Df(\mathbf{x})\,\mathbf{v}",
)


@law(
    x=vector("n", positive, minimum=1),
    y=vector("n", positive),
    source=SYMMETRY,
    title="cosine similarity is invariant to scale",
)
def cosine_scale(D, x, y):
    r"""c(\mathbf{x}, \mathbf{y}) = \frac{\mathbf{x} \cdot \mathbf{y}}{\lVert\mathbf{x}\rVert\,\lVert\mathbf{y}\rVert}: \quad \frac{\partial c}{\partial \mathbf{x}}(\mathbf{y} + \mathbf{x}) = \frac{\partial c}{\partial \mathbf{x}}\,\mathbf{y}"""
    xp = D.xp

    def cosine(t):
        return xp.sum(t * y) / (xp.sqrt(xp.sum(t**2)) * xp.sqrt(xp.sum(y**2)))

    J = D(cosine)(x)
    return Equal(J @ column(y + x), J @ column(y))


@law(x=vector(2, _MODERATE), v=vector(2), source=SYMMETRY, title="a radial function is invariant to rotation")
def rotation(D, x, v):
    r"""f(\mathbf{x}) = e^{-\lVert\mathbf{x}\rVert^2 / 16}: \quad Df(\mathbf{x})(\mathbf{v} + [-x_2, x_1]^T) = Df(\mathbf{x})\,\mathbf{v}"""
    xp = D.xp
    J = D(lambda t: xp.exp(-xp.sum(t**2) / 16))(x)
    return Equal(J @ column(v + xp.stack([-x[1], x[0]])), J @ column(v))


@law(x=vector(2), y=vector(2), t=scalar(), source=SYMMETRY, title="a difference is invariant to translation")
def translation(D, x, y, t):
    r"""f(\mathbf{x}, \mathbf{y}) = \lVert\mathbf{x} - \mathbf{y}\rVert^2: \quad \frac{\partial f}{\partial \mathbf{x}} = -\frac{\partial f}{\partial \mathbf{y}}, \text{ at } \mathbf{x} + t \text{ and } \mathbf{y}"""
    xp = D.xp
    by_x, by_y = D(lambda a, b: xp.sum((a - b) ** 2))(x + t, y)
    return Equal(by_x, -by_y)
