"""Layers without a chapter of their own: linear and bilinear, gated, looked up, dropped out, and relu with a learnt slope."""

from typing import Any

from ..strategies import Domain, nonzero, reals, stacked, vector
from .declare import rule
from .operators import Products, diag, spread
from .sources import Source

SOURCE = Source("PyTorch documentation", "linear, sparse and dropout functions")


@rule(
    x=stacked("m", "n", least=1),
    W=stacked("o", "n", least=1),
    b=stacked("o", least=1),
    source=SOURCE,
    title="linear layer on a batch",
)
def linear(xp, x, W, b):
    r"""y = x\,W^T + b"""
    return x @ W.T + b


@linear.partial("x")
def _(xp, x, W, b):
    r"""\dot{y} = \dot{x}\,W^T"""
    return Products(xp, x.shape, (x.shape[0], W.shape[0]), lambda v: v @ W.T, lambda u: u @ W)


@linear.partial("W")
def _(xp, x, W, b):
    r"""\dot{y} = x\,\dot{W}^T"""
    return Products(xp, W.shape, (x.shape[0], W.shape[0]), lambda v: x @ v.T, lambda u: u.T @ x)


@linear.partial("b")
def _(xp, x, W, b):
    r"""\dot{y} = \vec{1}\,\dot{b}^T"""
    return spread(xp.ones_like(x @ W.T), b)


def _bilinear(xp: Any, x: Any, A: Any, y: Any) -> Any:
    """Σᵢⱼ xᵢ Aₖᵢⱼ yⱼ."""
    return xp.sum(A * x[:, None] * y, axis=(1, 2))


_MODERATE = Domain("in (−2²⁰, 2²⁰)", low=-(2.0**20), high=2.0**20)
"""Where a product of three overflows in no order."""


@rule(
    x=stacked("n", domain=_MODERATE, least=1, largest=4),
    y=stacked("m", domain=_MODERATE, least=1, largest=4),
    A=stacked("o", "n", "m", domain=_MODERATE, least=1, largest=4),
    b=stacked("o", least=1, largest=4),
    source=SOURCE,
    title="bilinear layer",
)
def bilinear(xp, x, y, A, b):
    r"""z_k = \mathbf{x}^T A_k\,\mathbf{y} + b_k"""
    return _bilinear(xp, x, A, y) + b


@bilinear.partial("x")
def _(xp, x, y, A, b):
    r"""\dot{z}_k = \dot{\mathbf{x}}^T A_k\,\mathbf{y}"""
    return Products(
        xp,
        x.shape,
        b.shape,
        lambda v: _bilinear(xp, v, A, y),
        lambda u: xp.sum(u[:, None, None] * A * y, axis=(0, 2)),
    )


@bilinear.partial("y")
def _(xp, x, y, A, b):
    r"""\dot{z}_k = \mathbf{x}^T A_k\,\dot{\mathbf{y}}"""
    return Products(
        xp,
        y.shape,
        b.shape,
        lambda v: _bilinear(xp, x, A, v),
        lambda u: xp.sum(u[:, None, None] * A * x[:, None], axis=(0, 1)),
    )


@bilinear.partial("A")
def _(xp, x, y, A, b):
    r"""\dot{z}_k = \mathbf{x}^T \dot{A}_k\,\mathbf{y}"""
    return Products(
        xp, A.shape, b.shape, lambda v: _bilinear(xp, x, v, y), lambda u: u[:, None, None] * (x[:, None] * y)
    )


@bilinear.partial("b")
def _(xp, x, y, A, b):
    r"""I"""
    return diag(xp.ones_like(b))


@rule(
    x=stacked("m", 2, "n", least=1), source=Source("Dauphin et al., arXiv 1612.08083", "§2"), title="gated linear unit"
)
def glu(xp, x):
    r"""a \otimes \sigma(b),\; x = (a, b)"""
    return x[:, 0, :] * xp.expit(x[:, 1, :])


@glu.partial("x")
def _(xp, x):
    r"""\dot{y} = \sigma(b)\,\dot{a} + a\,\sigma(b)\,\sigma(-b)\,\dot{b}"""
    by_a = xp.expit(x[:, 1, :])
    by_b = x[:, 0, :] * by_a * xp.expit(-x[:, 1, :])
    return Products(
        xp,
        x.shape,
        (x.shape[0], x.shape[2]),
        lambda v: by_a * v[:, 0, :] + by_b * v[:, 1, :],
        lambda u: xp.stack([by_a * u, by_b * u], axis=1),
    )


_LOOKED_UP = (2, 0, 2, 1)
"""The rows that are looked up, one of them twice."""


@rule(W=stacked(3, "n", least=1), source=SOURCE, title="embedding of the words 2, 0, 2, 1")
def embedding(xp, W):
    r"""y_i = W_{k_i},\; k = (2, 0, 2, 1)"""
    return xp.stack([W[k, :] for k in _LOOKED_UP])


@embedding.partial("W")
def _(xp, W):
    r"""\dot{y}_i = \dot{W}_{k_i} \text{; the transpose adds up what was looked up twice}"""
    return Products(
        xp,
        W.shape,
        (len(_LOOKED_UP), W.shape[1]),
        lambda v: xp.stack([v[k, :] for k in _LOOKED_UP]),
        lambda u: xp.stack([u[1, :], u[3, :], u[0, :] + u[2, :]]),
    )


@rule(
    x=vector("n"),
    mask=vector("n", nonzero, differentiable=False),
    source=Source("Srivastava et al., JMLR 15 (2014)", "§4"),
    title="dropout with a fixed mask",
    domain="what is positive in the mask is kept; the rate is 1/2",
)
def dropout(xp, x, mask):
    r"""2\,x \text{ where the mask is positive, else } 0"""
    return xp.where(mask > 0, 2 * x, xp.zeros_like(x))


@dropout.partial("x")
def _(xp, x, mask):
    r"""\mathrm{diag}(2 \text{ where the mask is positive, else } 0)"""
    return diag(xp.where(mask > 0, 2 * xp.ones_like(x), xp.zeros_like(x)))


@rule(
    x=stacked("m", "c", domain=reals.with_kinks(0.0), least=1),
    a=stacked("c", least=1),
    source=Source("He et al., arXiv 1502.01852", "§2.1"),
    kink_at={"x": lambda **_: 0.0},
    at_edges="at x = 0 the Clarke set by x is [a, 1]; the convention there is a",
    title="relu with a learnt slope",
)
def prelu(xp, x, a):
    r"""\max(0, x) + a \min(0, x)"""
    return xp.where(x > 0, x, a * x)


@prelu.partial("x")
def _(xp, x, a):
    r"""\mathrm{diag}(1 \text{ for } x > 0 \text{, else } a)"""
    return diag(xp.where(x > 0, xp.ones_like(x), a + 0 * x))


@prelu.partial("a")
def _(xp, x, a):
    r"""\min(0, x)"""
    return spread(xp.where(x > 0, xp.zeros_like(x), x), a)
