"""The derivative of a neuron's activation (Parr & Howard, section 5, and the article)."""

from ..strategies import matrix, scalar, vector
from .claims import Equal
from .declare import law, rule
from .operators import KroneckerIdentity, dense, diag, eye, row, zero
from .relu import relu
from .sources import PH


@rule(w=vector("n"), x=vector("n"), b=scalar(), source=PH("5"), title="affine function of a neuron")
def affine(xp, w, x, b):
    r"""y = \mathbf{w} \cdot \mathbf{x} + b \text{, through } \mathbf{u} = \mathbf{w} \otimes \mathbf{x},\; y = \textstyle\sum_i u_i + b"""
    u = w * x
    return xp.sum(u) + b


@affine.partial("w")
def _(xp, w, x, b):
    r"""\mathbf{x}^T"""
    return row(xp, x)


@affine.partial("x")
def _(xp, w, x, b):
    r"""\mathbf{w}^T"""
    return row(xp, w)


@affine.partial("b")
def _(xp, w, x, b):
    r"""1"""
    return eye(xp, b)


@rule(
    w=vector("n"),
    x=vector("n"),
    b=scalar(),
    source=PH("5"),
    kink_at={"b": lambda w, x: -(w @ x)},
    at_edges="at z = w·x + b = 0 the Clarke set is the segment t·(xᵀ, wᵀ, 1), 0 ≤ t ≤ 1; the convention is t = 0",
)
def activation(xp, w, x, b):
    r"""y = \max(0, \mathbf{w} \cdot \mathbf{x} + b)"""
    return relu(xp, xp.sum(w * x) + b)


def _on(xp, w, x, b):
    """1 where the neuron is active, else 0."""
    return xp.where(xp.sum(w * x) + b > 0, xp.ones_like(b), xp.zeros_like(b))


@activation.partial("w")
def _(xp, w, x, b):
    r"""\vec{0}^T \text{ for } z \le 0, \quad \mathbf{x}^T \text{ for } z > 0"""
    return row(xp, _on(xp, w, x, b) * x)


@activation.partial("x")
def _(xp, w, x, b):
    r"""\vec{0}^T \text{ for } z \le 0, \quad \mathbf{w}^T \text{ for } z > 0"""
    return row(xp, _on(xp, w, x, b) * w)


@activation.partial("b")
def _(xp, w, x, b):
    r"""0 \text{ for } z \le 0, \quad 1 \text{ for } z > 0"""
    return diag(_on(xp, w, x, b))


@rule(
    W=matrix("m", "n"),
    x=vector("n"),
    b=vector("m"),
    source=PH("5"),
    title="a layer of neurons",
    domain="all real inputs; vec W is row-major",
)
def layer(xp, W, x, b):
    r"""\mathbf{y} = W \mathbf{x} + \mathbf{b}"""
    return W @ x + b


@layer.partial("W")
def _(xp, W, x, b):
    r"""\frac{\partial \mathbf{y}}{\partial\,\mathrm{vec}\,W} = I \otimes \mathbf{x}^T"""
    return KroneckerIdentity(W.shape[0], x)


@layer.partial("x")
def _(xp, W, x, b):
    r"""W"""
    return dense(W)


@layer.partial("b")
def _(xp, W, x, b):
    r"""I"""
    return eye(xp, b)


@law(w=vector("n"), x=vector("n"), b=scalar(), source=PH("5"), title="a clipped neuron has zero derivative")
def clipped(D, w, x, b):
    r"""\mathbf{w} \cdot \mathbf{x} + b < 0 \;\Rightarrow\; \frac{\partial}{\partial \mathbf{w}} \max(0, \mathbf{w} \cdot \mathbf{x} + b) = \vec{0}^T,\; \frac{\partial}{\partial b} = 0"""
    D.require(affine(D.xp, w, x, b) < 0)
    by_w, by_b = D(lambda s, t: activation(D.xp, s, x, t))(w, b)
    return Equal(by_w, zero(b, w)), Equal(by_b, zero(b, b))
