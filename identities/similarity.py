"""Similarities and distances of vectors, and the losses made of them.

Libraries put small constants under roots and quotients in ways of their own; the native operations are called with 0
for these, so that all compute the same function.
"""

from ..strategies import Domain, flag, nonzero, positive, vector, within
from .declare import rule
from .operators import Products, diag, row
from .sources import Source

SOURCE = Source("PyTorch documentation", "distance functions and loss functions")
MARGIN = 0.5


def _norm(xp, x):
    return xp.sqrt(xp.sum(x**2))


def _cosine(xp, x, y):
    return xp.sum(x * y) / (_norm(xp, x) * _norm(xp, y))


def _cosine_by_first(xp, x, y):
    """∂cos/∂x = y/(|x||y|) − cos·x/|x|²."""
    return y / (_norm(xp, x) * _norm(xp, y)) - _cosine(xp, x, y) * x / xp.sum(x**2)


@rule(x=vector("n", nonzero, minimum=1), y=vector("n", nonzero, minimum=1), source=SOURCE)
def cosine_similarity(xp, x, y):
    r"""\cos(\mathbf{x}, \mathbf{y}) = \frac{\mathbf{x} \cdot \mathbf{y}}{|\mathbf{x}|\,|\mathbf{y}|}"""
    return _cosine(xp, x, y)


@cosine_similarity.partial("x")
def _(xp, x, y):
    r"""\frac{\mathbf{y}^T}{|\mathbf{x}|\,|\mathbf{y}|} - \cos(\mathbf{x}, \mathbf{y}) \frac{\mathbf{x}^T}{|\mathbf{x}|^2}"""
    return row(xp, _cosine_by_first(xp, x, y))


@cosine_similarity.partial("y")
def _(xp, x, y):
    r"""\frac{\mathbf{x}^T}{|\mathbf{x}|\,|\mathbf{y}|} - \cos(\mathbf{x}, \mathbf{y}) \frac{\mathbf{y}^T}{|\mathbf{y}|^2}"""
    return row(xp, _cosine_by_first(xp, y, x))


@cosine_similarity.equal_text
def _(xp, x, y):
    return xp.sum((x / _norm(xp, x)) * (y / _norm(xp, y)))


@rule(x=vector("n", nonzero, minimum=1), source=SOURCE)
def normalize(xp, x):
    r"""\frac{\mathbf{x}}{|\mathbf{x}|}"""
    return x / _norm(xp, x)


@normalize.partial("x")
def _(xp, x):
    r"""\frac{1}{|\mathbf{x}|} \Bigl(I - \frac{\mathbf{x}\,\mathbf{x}^T}{|\mathbf{x}|^2}\Bigr)"""
    unit = x / _norm(xp, x)

    def product(v):
        return (v - unit * xp.sum(unit * v)) / _norm(xp, x)

    return Products(xp, x.shape, x.shape, product, product)


@rule(
    x=vector("n", Domain("> 1", low=1.0), minimum=1),
    y=vector("n", Domain("< 1", high=1.0), minimum=1),
    source=SOURCE,
    domain="x > 1 > y: the points differ",
)
def pairwise_distance(xp, x, y):
    r"""|\mathbf{x} - \mathbf{y}|"""
    return _norm(xp, x - y)


@pairwise_distance.partial("x")
def _(xp, x, y):
    r"""\frac{(\mathbf{x} - \mathbf{y})^T}{|\mathbf{x} - \mathbf{y}|}"""
    return row(xp, (x - y) / _norm(xp, x - y))


@pairwise_distance.partial("y")
def _(xp, x, y):
    r"""-\frac{(\mathbf{x} - \mathbf{y})^T}{|\mathbf{x} - \mathbf{y}|}"""
    return row(xp, (y - x) / _norm(xp, x - y))


def _step(xp, z):
    return xp.where(z > 0, xp.ones_like(z), xp.zeros_like(z))


def _rectified(xp, z):
    return xp.maximum(xp.zeros_like(z), z)


@rule(
    x=vector("n", nonzero, minimum=1),
    y=vector("n", nonzero, minimum=1),
    alike=flag(),
    source=SOURCE,
    at_edges="where the cosine is 1/2 the loss of an unlike pair has a kink",
)
def cosine_embedding(xp, x, y, alike):
    r"""1 - \cos(\mathbf{x}, \mathbf{y}) \text{ for a pair that is alike, else } \max\bigl(0, \cos(\mathbf{x}, \mathbf{y}) - \tfrac{1}{2}\bigr)"""
    cosine = _cosine(xp, x, y)
    return 1 - cosine if alike else _rectified(xp, cosine - MARGIN)


def _embedding_factor(xp, x, y, alike):
    cosine = _cosine(xp, x, y)
    return -xp.ones_like(cosine) if alike else _step(xp, cosine - MARGIN)


@cosine_embedding.partial("x")
def _(xp, x, y, alike):
    r"""\mp \frac{\partial \cos}{\partial \mathbf{x}} \text{, or 0 where } \cos < \tfrac{1}{2}"""
    return row(xp, _embedding_factor(xp, x, y, alike) * _cosine_by_first(xp, x, y))


@cosine_embedding.partial("y")
def _(xp, x, y, alike):
    r"""\mp \frac{\partial \cos}{\partial \mathbf{y}} \text{, or 0 where } \cos < \tfrac{1}{2}"""
    return row(xp, _embedding_factor(xp, x, y, alike) * _cosine_by_first(xp, y, x))


@rule(
    a=vector("n"),
    b=vector("n"),
    first=flag(),
    source=SOURCE,
    kink_at={"a": lambda b, first, **_: b + (0.5 if first else -0.5)},
    at_edges="where the margin is met exactly the Clarke set is the segment from 0 to ±(1, −1)",
)
def margin_ranking(xp, a, b, first):
    r"""\max\bigl(0, \mp(\mathbf{a} - \mathbf{b}) + \tfrac{1}{2}\bigr) \text{: which one is to be the larger}"""
    return _rectified(xp, (b - a if first else a - b) + MARGIN)


def _ranked(xp, a, b, first):
    return -_step(xp, b - a + MARGIN) if first else _step(xp, a - b + MARGIN)


@margin_ranking.partial("a")
def _(xp, a, b, first):
    r"""\mathrm{diag}(\mp 1 \text{ where the margin is not kept})"""
    return diag(_ranked(xp, a, b, first))


@margin_ranking.partial("b")
def _(xp, a, b, first):
    r"""\mathrm{diag}(\pm 1 \text{ where the margin is not kept})"""
    return diag(-_ranked(xp, a, b, first))


_ANCHOR = within(1)
_ABOVE, _BELOW = Domain("> 1", low=1.0), Domain("< −1", high=-1.0)


@rule(
    a=vector("n", _ANCHOR, minimum=1),
    p=vector("n", _ABOVE, minimum=1),
    q=vector("n", _BELOW, minimum=1),
    source=SOURCE,
    domain="q < −1 < a < 1 < p: the points differ",
    at_edges="where the margin is met exactly the loss has a kink",
)
def triplet_margin(xp, a, p, q):
    r"""\max\bigl(0, |\mathbf{a} - \mathbf{p}| - |\mathbf{a} - \mathbf{q}| + 1\bigr)"""
    return _rectified(xp, _norm(xp, a - p) - _norm(xp, a - q) + 1)


def _active(xp, a, p, q):
    return _step(xp, _norm(xp, a - p) - _norm(xp, a - q) + 1)


def _direction(xp, a, b):
    return (a - b) / _norm(xp, a - b)


@triplet_margin.partial("a")
def _(xp, a, p, q):
    r"""\frac{(\mathbf{a} - \mathbf{p})^T}{|\mathbf{a} - \mathbf{p}|} - \frac{(\mathbf{a} - \mathbf{q})^T}{|\mathbf{a} - \mathbf{q}|} \text{ where active}"""
    return row(xp, _active(xp, a, p, q) * (_direction(xp, a, p) - _direction(xp, a, q)))


@triplet_margin.partial("p")
def _(xp, a, p, q):
    r"""-\frac{(\mathbf{a} - \mathbf{p})^T}{|\mathbf{a} - \mathbf{p}|} \text{ where active}"""
    return row(xp, -_active(xp, a, p, q) * _direction(xp, a, p))


@triplet_margin.partial("q")
def _(xp, a, p, q):
    r"""\frac{(\mathbf{a} - \mathbf{q})^T}{|\mathbf{a} - \mathbf{q}|} \text{ where active}"""
    return row(xp, _active(xp, a, p, q) * _direction(xp, a, q))


@rule(m=vector("n"), y=vector("n"), s=vector("n", positive), source=SOURCE, title="Gaussian negative log-likelihood")
def gaussian_nll(xp, m, y, s):
    r"""\tfrac{1}{2} \Bigl(\ln s + \frac{(m - y)^2}{s}\Bigr),\; s \text{ the variance}"""
    return (xp.log(s) + (m - y) ** 2 / s) / 2


@gaussian_nll.partial("m")
def _(xp, m, y, s):
    r"""\mathrm{diag}\Bigl(\frac{m - y}{s}\Bigr)"""
    return diag((m - y) / s)


@gaussian_nll.partial("y")
def _(xp, m, y, s):
    r"""\mathrm{diag}\Bigl(\frac{y - m}{s}\Bigr)"""
    return diag((y - m) / s)


@gaussian_nll.partial("s")
def _(xp, m, y, s):
    r"""\mathrm{diag}\Bigl(\frac{1}{2s} - \frac{(m - y)^2}{2s^2}\Bigr)"""
    return diag((1 / s - ((m - y) / s) ** 2) / 2)
