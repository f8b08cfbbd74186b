"""The gradient of the neuron's loss function (Parr & Howard, section 6, and the article).

X holds one sample a row. A sample is *active* when z = w·x + b > 0; e = z − y is its error.
"""

from ..strategies import matrix, scalar, vector
from .claims import Equal
from .declare import law, rule
from .operators import diag, row
from .sources import PH

AT_KINK = "a sample with z = 0 is a kink unless its y is 0; the convention counts it as not active"


def _first_sample_at_zero(w, X, **_):
    return -(X[0] @ w)


def active_errors(xp, w, b, X, y):
    """e of the active samples, 0 of the others; shape (N,)."""
    z = X @ w + b
    return xp.where(z > 0, z - y, xp.zeros_like(z))


@rule(
    w=vector("n"),
    b=scalar(),
    X=matrix("N", "n", minimum=1),
    y=vector("N", minimum=1),
    source=PH("6"),
    domain="at least one sample",
    kink_at={"b": _first_sample_at_zero},
    at_edges=AT_KINK,
    title="loss of a neuron",
)
def neuron_loss(xp, w, b, X, y):
    r"""C(\mathbf{w}, b) = \frac{1}{N} \sum_i \bigl(y_i - \max(0, \mathbf{w} \cdot \mathbf{x}_i + b)\bigr)^2"""
    z = X @ w + b
    u = xp.maximum(xp.zeros_like(z), z)
    v = y - u
    return xp.sum(v**2) / X.shape[0]


@neuron_loss.partial("w")
def _(xp, w, b, X, y):
    r"""\frac{2}{N} \sum_{z_i > 0} e_i\,\mathbf{x}_i^T"""
    e = active_errors(xp, w, b, X, y)
    return row(xp, 2 * xp.sum(e[:, None] * X, axis=0) / X.shape[0])


@neuron_loss.partial("b")
def _(xp, w, b, X, y):
    r"""\frac{2}{N} \sum_{z_i > 0} e_i"""
    return diag(2 * xp.sum(active_errors(xp, w, b, X, y)) / X.shape[0])


@neuron_loss.partial("X")
def _(xp, w, b, X, y):
    r"""\frac{2}{N}\,e_i\,\mathbf{w}^T \text{ in row } i \text{ where } z_i > 0"""
    e = active_errors(xp, w, b, X, y)
    return row(xp, 2 * e[:, None] * w / X.shape[0])


@neuron_loss.partial("y")
def _(xp, w, b, X, y):
    r"""\frac{2}{N} \bigl(y_i - \max(0, z_i)\bigr)"""
    z = X @ w + b
    return row(xp, 2 * (y - xp.where(z > 0, z, xp.zeros_like(z))) / X.shape[0])


@law(
    w=vector("n"),
    b=scalar(),
    X=matrix("N", "n", minimum=1, differentiable=False),
    y=vector("N", minimum=1, differentiable=False),
    source=PH("6"),
    domain="at least one sample",
    title="the augmented form gives both gradients at once",
    at_edges=AT_KINK,
)
def augmented(D, w, b, X, y):
    r"""\frac{\partial C}{\partial \hat{\mathbf{w}}} = \frac{2}{N} \sum_{z_i > 0} e_i\,\hat{\mathbf{x}}_i^T,\quad \hat{\mathbf{w}} = [\mathbf{w}^T, b]^T,\; \hat{\mathbf{x}} = [\mathbf{x}^T, 1]^T"""
    xp = D.xp
    weights = xp.concat([w, xp.reshape(b, (1,))])
    samples = xp.concat([X, xp.ones_like(y)[:, None]], axis=1)

    def cost(v):
        z = samples @ v
        return xp.sum((y - xp.maximum(xp.zeros_like(z), z)) ** 2) / X.shape[0]

    e = active_errors(xp, w, b, X, y)
    return Equal(D(cost)(weights), row(xp, 2 * xp.sum(e[:, None] * samples, axis=0) / X.shape[0]))


@rule(
    p=vector("N", minimum=1),
    y=vector("N", minimum=1),
    source=PH("6"),
    domain="at least one sample",
    title="mean squared error",
)
def squared_error(xp, p, y):
    r"""C(\mathbf{p}) = \frac{1}{N} \sum_i (p_i - y_i)^2"""
    return xp.sum((p - y) ** 2) / p.shape[0]


@squared_error.partial("p")
def _(xp, p, y):
    r"""\frac{2}{N} (\mathbf{p} - \mathbf{y})^T"""
    return row(xp, 2 * (p - y) / p.shape[0])


@squared_error.partial("y")
def _(xp, p, y):
    r"""-\frac{2}{N} (\mathbf{p} - \mathbf{y})^T"""
    return row(xp, -2 * (p - y) / p.shape[0])
