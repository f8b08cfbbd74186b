"""Gradient descent on the neuron's loss (Parr & Howard, section 6, and the article): w ← w − η (∂C/∂w)ᵀ.

``D.gradient`` gives the gradients as arrays, (∂C/∂w)ᵀ, because ∂C/∂w is a row. X̂ is X with a column of ones.
"""

from typing import Any

from ..strategies import matrix, positive, scalar, vector
from .claims import Equal, Holds
from .declare import law
from .loss import active_errors, neuron_loss
from .sources import PH

_STEP: dict[str, Any] = {
    "w": vector("n"),
    "b": scalar(),
    "X": matrix("N", "n", minimum=1, differentiable=False),
    "y": vector("N", minimum=1, differentiable=False),
    "eta": scalar(positive, differentiable=False),
}


def _cost(D, X, y):
    return lambda w, b: neuron_loss(D.xp, w, b, X, y)


@law(**_STEP, source=PH("6"), title="a step in the weights")
def step_weights(D, w, b, X, y, eta):
    r"""\mathbf{w} - \eta\,\Bigl(\frac{\partial C}{\partial \mathbf{w}}\Bigr)^T = \mathbf{w} - \frac{2\,\eta}{N} \sum_{z_i > 0} e_i\,\mathbf{x}_i"""
    xp = D.xp
    by_w, _ = D.gradient(_cost(D, X, y))(w, b)
    e = active_errors(xp, w, b, X, y)
    return Equal(w - eta * by_w, w - eta * (2 * xp.sum(e[:, None] * X, axis=0) / X.shape[0]))


@law(**_STEP, source=PH("6"), title="a step in the bias")
def step_bias(D, w, b, X, y, eta):
    r"""b - \eta\,\frac{\partial C}{\partial b} = b - \frac{2\,\eta}{N} \sum_{z_i > 0} e_i"""
    _, by_b = D.gradient(_cost(D, X, y))(w, b)
    return Equal(b - eta * by_b, b - eta * (2 * D.xp.sum(active_errors(D.xp, w, b, X, y)) / X.shape[0]))


@law(
    w=vector("n"),
    b=scalar(),
    X=matrix("N", "n", minimum=1, differentiable=False),
    source=PH("6"),
    title="zero error, zero gradient",
)
def zero_error(D, w, b, X):
    r"""\forall i: y_i = \max(0, z_i) \;\Rightarrow\; \frac{\partial C}{\partial \mathbf{w}} = \vec{0}^T,\; \frac{\partial C}{\partial b} = 0"""
    xp = D.xp
    z = X @ w + b
    y = xp.maximum(xp.zeros_like(z), z)
    by_w, by_b = D.gradient(_cost(D, X, y))(w, b)
    return Equal(by_w, xp.zeros_like(w)), Equal(by_b, xp.zeros_like(b))


@law(
    w=vector("n"),
    b=scalar(),
    x=vector("n", differentiable=False),
    y=scalar(differentiable=False),
    eta=scalar(positive, differentiable=False),
    source=PH("6"),
    domain="one sample, and it is active",
    title="the step of one sample is along x",
)
def one_sample_step(D, w, b, x, y, eta):
    r"""N = 1,\; z > 0: \quad \Delta \mathbf{w} = -2\,\eta\,e\,\mathbf{x}"""
    xp = D.xp
    z = xp.sum(w * x) + b
    D.require(z > 0)
    by_w, _ = D.gradient(_cost(D, x[None, :], xp.reshape(y, (1,))))(w, b)
    return Equal(-eta * by_w, -2 * eta * (z - y) * x)


@law(
    w=vector("n"),
    b=scalar(),
    X=matrix("N", "n", minimum=1, differentiable=False),
    y=vector("N", minimum=1, differentiable=False),
    eta=scalar(positive, differentiable=False),
    source=PH("6"),
    domain="the active set is the same at both ends of the step",
    title="the loss along a step is a parabola",
)
def parabola(D, w, b, X, y, eta):
    r"""C(\theta - \eta g) = C(\theta) - \eta\,g^T g + \frac{\eta^2}{2}\,g^T H g,\quad H = \frac{2}{N} \hat{X}^T \hat{X} \text{ over the active samples}"""
    cost = _cost(D, X, y)
    by_w, by_b = D.gradient(cost)(w, b)
    square, curvature = _same_active_set(D, w, b, X, eta, by_w, by_b)
    model = cost(w, b) - eta * square + eta**2 * curvature / 2
    return Equal(cost(w - eta * by_w, b - eta * by_b), model)


def _same_active_set(D, w, b, X, eta, by_w, by_b):
    """gᵀg and gᵀHg, where the step −η g leaves the set of active samples as it is."""
    xp = D.xp
    z = X @ w + b
    slope = X @ by_w + by_b
    D.require_same(z > 0, z - eta * slope > 0)
    on_slope = xp.where(z > 0, slope, xp.zeros_like(slope))
    return xp.sum(by_w * by_w) + by_b * by_b, 2 * xp.sum(on_slope * on_slope) / X.shape[0]


@law(
    w=vector("n"),
    b=scalar(),
    X=matrix("N", "n", minimum=1, differentiable=False),
    y=vector("N", minimum=1, differentiable=False),
    fraction=scalar(positive, differentiable=False),
    source=PH("6"),
    domain="0 < η < 2/L, and the active set is the same at both ends of the step",
    title="a step below 2/L lowers the loss",
    claim="inequality",
)
def lowers_the_loss(D, w, b, X, y, fraction):
    r"""0 < \eta < 2 / L,\; g \ne 0 \;\Rightarrow\; C(\theta - \eta g) < C(\theta),\quad L = \lambda_{\max}\Bigl(\frac{2}{N} \hat{X}^T \hat{X}\Bigr) \text{ over the active samples}"""
    xp = D.xp
    cost = _cost(D, X, y)
    by_w, by_b = D.gradient(cost)(w, b)
    D.require(xp.sum(by_w * by_w) + by_b * by_b > 0)
    z = X @ w + b
    active = xp.where(z > 0, xp.ones_like(z), xp.zeros_like(z))
    samples = xp.concat([X, xp.ones_like(y)[:, None]], axis=1) * active[:, None]
    # The trace bounds λmax from above; fraction / (1 + fraction) runs through (0, 1), and 2/L may be exceeded by
    # up to the factor trace / λmax: those steps are kept where 2 I − η H is still positive definite.
    hessian = 2 * (samples.T @ samples) / X.shape[0]
    eta = fraction / (1 + fraction) * 4 / _trace(hessian)
    D.require(_positive_definite(D, 2 * _unit(hessian, xp) - eta * hessian))
    _same_active_set(D, w, b, X, eta, by_w, by_b)
    before, after = cost(w, b), cost(w - eta * by_w, b - eta * by_b)
    return Holds(D.true(after < before), "the loss after the step is below the loss before it", exact=True)


def _trace(matrix_):
    trace = matrix_[0, 0]
    for k in range(1, matrix_.shape[0]):
        trace = trace + matrix_[k, k]
    return trace


def _unit(matrix_, xp):
    size = matrix_.shape[0]
    ones = xp.ones_like(matrix_[0, 0])
    return xp.stack([xp.stack([ones if i == j else 0 * ones for j in range(size)]) for i in range(size)])


def _positive_definite(D, matrix_):
    """Whether all pivots of the symmetric matrix are positive, by elimination."""
    size = matrix_.shape[0]
    rows = [[matrix_[i, j] for j in range(size)] for i in range(size)]
    for k in range(size):
        if not D.true(rows[k][k] > 0):
            return rows[k][k] > 0
        for i in range(k + 1, size):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * p for a, p in zip(rows[i], rows[k], strict=True)]
    return rows[0][0] > 0


@law(
    w=vector("n", positive),
    b=scalar(positive),
    A=matrix("k", "n", positive, minimum=1, differentiable=False),
    s=vector("k", minimum=1, differentiable=False),
    source=PH("6"),
    domain="every sample is active",
    title="at a least-squares solution the gradient is 0",
)
def least_squares(D, w, b, A, s):
    r"""X = \begin{bmatrix} A \\ A \end{bmatrix},\; \mathbf{y} = X \mathbf{w} + b + \begin{bmatrix} \mathbf{s} \\ -\mathbf{s} \end{bmatrix} \;\Rightarrow\; \frac{\partial C}{\partial \mathbf{w}} = \vec{0}^T,\; \frac{\partial C}{\partial b} = 0"""
    xp = D.xp
    X = xp.concat([A, A])
    z = X @ w + b
    D.require(z > 0)
    y = z + xp.concat([s, -s])
    by_w, by_b = D.gradient(_cost(D, X, y))(w, b)
    return Equal(by_w, xp.zeros_like(w)), Equal(by_b, xp.zeros_like(b))
