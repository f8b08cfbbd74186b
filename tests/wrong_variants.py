"""Wrong closed forms of the plausible kind, written by hand: what a tired author of a derivative rule would write.

Each is a rule, one of its arguments and a wrong closed form. Besides the rules of the catalogue there are a few of their
own, beyond the core, whose right closed forms all judges accept: softmax, norms, variance, layer norm, quadratic forms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gradlaw.identities import CATALOGUE, Registry, Rule, rule
from gradlaw.identities.operators import Operator, column, dense, diag, eye, row, zero
from gradlaw.identities.sources import PH
from gradlaw.strategies import matrix, positive, scalar, vector

OWN = Registry()
_HERE = PH("beyond the core")


@rule(x=vector("n", minimum=1), source=_HERE, registry=OWN)
def softmax(xp, x):
    r"""e^{x_i} / \sum_j e^{x_j}"""
    e = xp.exp(x)
    return e / xp.sum(e)


@softmax.partial("x")
def _(xp, x):
    r"""\mathrm{diag}(s) - s s^T"""
    s = softmax(xp, x)
    return diag(s) - dense(s[:, None] * s[None, :])


@rule(x=vector("n", minimum=1), source=_HERE, registry=OWN)
def logsumexp(xp, x):
    r"""\ln \sum_i e^{x_i}"""
    return xp.log(xp.sum(xp.exp(x)))


@logsumexp.partial("x")
def _(xp, x):
    r"""s^T"""
    return row(xp, softmax(xp, x))


@rule(x=vector("n", positive, minimum=1), source=_HERE, registry=OWN)
def norm(xp, x):
    r"""\lVert x \rVert"""
    return xp.sqrt(xp.sum(x**2))


@norm.partial("x")
def _(xp, x):
    r"""x^T / \lVert x \rVert"""
    return row(xp, x / norm(xp, x))


@rule(x=vector("n", minimum=1), source=_HERE, registry=OWN)
def variance(xp, x):
    r"""\frac{1}{n} \sum_i (x_i - \mu)^2"""
    mu = xp.sum(x) / x.shape[0]
    return xp.sum((x - mu) ** 2) / x.shape[0]


@variance.partial("x")
def _(xp, x):
    r"""\frac{2}{n} (x - \mu)^T"""
    return row(xp, 2 * (x - xp.sum(x) / x.shape[0]) / x.shape[0])


@rule(x=vector("n", minimum=1), eps=scalar(positive), source=_HERE, registry=OWN)
def rms_norm(xp, x, eps):
    r"""x / \sqrt{\frac{1}{n} \sum_i x_i^2 + \varepsilon}"""
    return x / _rms(xp, x, eps)


def _rms(xp, x, eps):
    return xp.sqrt(xp.sum(x**2) / x.shape[0] + eps)


def _rms_by_x(xp, x, r, scale=1):
    return diag(xp.ones_like(x) / r) - dense(scale * x[:, None] * x[None, :] / (x.shape[0] * r**3))


@rms_norm.partial("x")
def _(xp, x, eps):
    r"""I / r - x x^T / (n r^3)"""
    return _rms_by_x(xp, x, _rms(xp, x, eps))


@rms_norm.partial("eps")
def _(xp, x, eps):
    r"""-x / (2 r^3)"""
    return column(-x / (2 * _rms(xp, x, eps) ** 3))


@rule(x=vector("n"), A=matrix("n", "n"), source=_HERE, registry=OWN)
def quadratic(xp, x, A):
    r"""x^T A x"""
    return xp.sum(x * (A @ x))


@quadratic.partial("x")
def _(xp, x, A):
    r"""x^T (A + A^T)"""
    return row(xp, (A + A.T) @ x)


@quadratic.partial("A")
def _(xp, x, A):
    r"""x x^T"""
    return row(xp, x[:, None] * x[None, :])


@rule(a=vector("n"), x=vector("n"), source=_HERE, registry=OWN)
def sum_squared(xp, a, x):
    r"""\sqrt{(\sum_i a_i x_i)^2 + 1}"""
    return xp.sqrt(xp.sum(a * x) ** 2 + 1)


@sum_squared.partial("x")
def _(xp, a, x):
    r"""(\sum_i a_i x_i)\,a^T / f"""
    return row(xp, xp.sum(a * x) * a / sum_squared(xp, a, x))


@sum_squared.partial("a")
def _(xp, a, x):
    r"""(\sum_i a_i x_i)\,x^T / f"""
    return row(xp, xp.sum(a * x) * x / sum_squared(xp, a, x))


@rule(A=matrix("n", "n"), B=matrix("n", "n"), source=_HERE, registry=OWN)
def trace_of_product(xp, A, B):
    r"""\mathrm{tr}(A B)"""
    return xp.sum(A * B.T)


@trace_of_product.partial("A")
def _(xp, A, B):
    r"""B^T"""
    return row(xp, B.T)


@trace_of_product.partial("B")
def _(xp, A, B):
    r"""A^T"""
    return row(xp, A.T)


OWN.check()


class Variant(NamedTuple):
    """A wrong closed form of a rule by one argument, and the mistake in words."""

    rule: Rule
    argument: str
    mistake: str
    form: Callable[..., Operator]

    def __str__(self) -> str:
        return f"{self.rule.id} by {self.argument}: {self.mistake}"


def _core(name: str) -> Rule:
    found = CATALOGUE.entries[name]
    assert isinstance(found, Rule)
    return found


def _on(xp: Any, w: Any, x: Any, b: Any) -> Any:
    return xp.where(xp.sum(w * x) + b > 0, 1, 0)


def _errors(xp: Any, w: Any, b: Any, X: Any, y: Any) -> Any:
    z = X @ w + b
    return xp.where(z > 0, z - y, xp.zeros_like(z))


def _scores(xp: Any, x: Any) -> Any:
    return softmax(xp, x)


VARIANTS = [
    Variant(_core("scalar.power"), "x", "xⁿ⁻¹ without the n", lambda xp, x, n: diag(x ** max(n - 1, 0))),
    Variant(_core("scalar.power_negative"), "x", "exponent n + 1", lambda xp, x, n: diag(n * x ** (n + 1))),
    Variant(_core("scalar.power_real"), "x", "xᵃ for xᵃ⁻¹", lambda xp, x, a: diag(a * x**a)),
    Variant(_core("scalar.power_real"), "a", "ln x forgotten", lambda xp, x, a: diag(x**a)),
    Variant(_core("scalar.nine_x_plus_square"), "x", "inner derivative 1 + x", lambda xp, x: diag(9 * (1 + x))),
    Variant(_core("scalar.constant"), "c", "0 for both", lambda xp, x, c: zero(c, c)),
    Variant(_core("partial.three_x_square_y"), "x", "y treated as 1", lambda xp, x, y: diag(6 * x)),
    Variant(_core("partial.three_x_square_y"), "y", "the derivative by x", lambda xp, x, y: diag(6 * x * y)),
    Variant(_core("partial.two_x_plus_power"), "y", "8 y⁸", lambda xp, x, y: diag(8 * y**8)),
    Variant(
        _core("jacobian.stacked_vector"),
        "v",
        "gradients as columns",
        lambda xp, v: dense(
            xp.stack(
                [
                    xp.stack([6 * v[0] * v[1], 2 * xp.ones_like(v[0])]),
                    xp.stack([3 * v[0] ** 2, 8 * v[1] ** 7]),
                ]
            )
        ),
    ),
    Variant(_core("elementwise.multiply"), "w", "w for x", lambda xp, w, x: diag(w)),
    Variant(
        _core("elementwise.multiply"), "w", "a row for a diagonal", lambda xp, w, x: dense(x[None, :] + 0 * w[:, None])
    ),
    Variant(_core("elementwise.divide"), "x", "sign", lambda xp, w, x: diag(w / x**2)),
    Variant(_core("elementwise.divide"), "x", "1 / x", lambda xp, w, x: diag(-w / x)),
    Variant(_core("elementwise.divide"), "w", "−1 / x²", lambda xp, w, x: diag(-1 / x**2)),
    Variant(_core("elementwise.subtract"), "x", "+I", lambda xp, w, x: eye(xp, x)),
    Variant(_core("elementwise.maximum"), "w", "where w < x", lambda xp, w, x: diag(xp.where(w >= x, 0, 1))),
    Variant(_core("elementwise.maximum"), "x", "half everywhere", lambda xp, w, x: diag(xp.ones_like(x) / 2)),
    Variant(_core("expansion.multiply_scalar"), "z", "z for x", lambda xp, x, z: column(z + 0 * x)),
    Variant(_core("expansion.divide_by_scalar"), "z", "−x / z", lambda xp, x, z: column(-x / z)),
    Variant(_core("expansion.scalar_over"), "x", "not squared", lambda xp, x, z: diag(-z / x)),
    Variant(_core("reduction.sum_all"), "x", "½ for 1", lambda xp, x: row(xp, xp.ones_like(x) / 2)),
    Variant(_core("reduction.sum_scaled"), "z", "the sum of ones", lambda xp, x, z: diag(xp.sum(xp.ones_like(x)))),
    Variant(_core("reduction.sum_scaled"), "x", "z forgotten", lambda xp, x, z: row(xp, xp.ones_like(x))),
    Variant(_core("reduction.dot"), "w", "w for x", lambda xp, w, x: row(xp, w)),
    Variant(
        _core("reduction.mean"),
        "x",
        "1/(n + 1)",
        lambda xp, x: row(xp, xp.ones_like(x) / (xp.sum(xp.ones_like(x)) + 1)),
    ),
    Variant(_core("reduction.mean"), "x", "1 for 1/n", lambda xp, x: row(xp, xp.ones_like(x))),
    Variant(_core("chain.sin_square"), "x", "inner derivative forgotten", lambda xp, x: diag(xp.cos(x**2))),
    Variant(_core("chain.sin_square"), "x", "cos(2x)", lambda xp, x: diag(2 * x * xp.cos(2 * x))),
    Variant(
        _core("chain.log_sin_cube_square"),
        "x",
        "the square forgotten",
        lambda xp, x: diag(3 * x**2 * xp.cos(x**3) / xp.sin(x**3)),
    ),
    Variant(_core("chain.log_square"), "x", "ln x for ln 4x", lambda xp, x: diag(2 * xp.log(x) / x)),
    Variant(_core("chain.total_sin"), "x", "one path only", lambda xp, x: diag(xp.cos(x + x**2))),
    Variant(_core("chain.total_product"), "x", "one path only", lambda xp, x: diag(x**2)),
    Variant(
        _core("chain.log_square_and_sin"), "x", "3 forgotten", lambda xp, x: column(xp.stack([2 / x, xp.cos(3 * x)]))
    ),
    Variant(_core("relu.relu"), "z", "1 below 0", lambda xp, z: diag(xp.where(z > 0, 0, 1))),
    Variant(_core("relu.relu"), "z", "z for 1", lambda xp, z: diag(xp.where(z > 0, z, xp.zeros_like(z)))),
    Variant(_core("neuron.affine"), "w", "w for x", lambda xp, w, x, b: row(xp, w)),
    Variant(_core("neuron.activation"), "w", "never clipped", lambda xp, w, x, b: row(xp, x)),
    Variant(
        _core("neuron.activation"), "x", "active when clipped", lambda xp, w, x, b: row(xp, (1 - _on(xp, w, x, b)) * w)
    ),
    Variant(_core("neuron.activation"), "b", "z > b", lambda xp, w, x, b: diag(xp.where(xp.sum(w * x) > b, 1, 0))),
    Variant(_core("neuron.layer"), "x", "1 too much in every entry", lambda xp, W, x, b: dense(W + 1)),
    Variant(
        _core("loss.neuron_loss"),
        "w",
        "missing 2",
        lambda xp, w, b, X, y: row(xp, xp.sum(_errors(xp, w, b, X, y)[:, None] * X, axis=0) / X.shape[0]),
    ),
    Variant(
        _core("loss.neuron_loss"),
        "w",
        "missing 1/N",
        lambda xp, w, b, X, y: row(xp, 2 * xp.sum(_errors(xp, w, b, X, y)[:, None] * X, axis=0)),
    ),
    Variant(
        _core("loss.neuron_loss"),
        "b",
        "errors of clipped samples too",
        lambda xp, w, b, X, y: diag(2 * xp.sum(X @ w + b - y) / X.shape[0]),
    ),
    Variant(
        _core("loss.neuron_loss"),
        "y",
        "sign",
        lambda xp, w, b, X, y: row(xp, 2 * (xp.maximum(xp.zeros_like(y), X @ w + b) - y) / X.shape[0]),
    ),
    Variant(_core("loss.squared_error"), "p", "missing 2", lambda xp, p, y: row(xp, (p - y) / p.shape[0])),
    Variant(
        softmax,
        "x",
        "sign of s sᵀ",
        lambda xp, x: diag(_scores(xp, x)) + dense(_scores(xp, x)[:, None] * _scores(xp, x)[None, :]),
    ),
    Variant(softmax, "x", "the diagonal alone", lambda xp, x: diag(_scores(xp, x) * (1 - _scores(xp, x)))),
    Variant(logsumexp, "x", "not normalised", lambda xp, x: row(xp, xp.exp(x))),
    Variant(norm, "x", "√(Σ x²) = Σ x", lambda xp, x: row(xp, x / xp.sum(x))),
    Variant(norm, "x", "2 x", lambda xp, x: row(xp, 2 * x)),
    Variant(
        variance,
        "x",
        "1/(n − 1) for 1/n",
        lambda xp, x: row(xp, 2 * (x - xp.sum(x) / x.shape[0]) / (xp.sum(xp.ones_like(x)) + 1)),
    ),
    Variant(variance, "x", "mean forgotten", lambda xp, x: row(xp, 2 * x / x.shape[0])),
    Variant(rms_norm, "x", "ε dropped", lambda xp, x, eps: _rms_by_x(xp, x, _rms(xp, x, 0 * eps))),
    Variant(rms_norm, "x", "factor 2", lambda xp, x, eps: _rms_by_x(xp, x, _rms(xp, x, eps), 2)),
    Variant(rms_norm, "eps", "r² for r³", lambda xp, x, eps: column(-x / (2 * _rms(xp, x, eps) ** 2))),
    Variant(quadratic, "x", "missing transpose", lambda xp, x, A: row(xp, 2 * (A @ x))),
    Variant(quadratic, "A", "captured index: Σᵢ xᵢ²", lambda xp, x, A: row(xp, xp.sum(x * x) + 0 * A)),
    Variant(sum_squared, "x", "√(S² + 1) = S + 1", lambda xp, a, x: row(xp, a)),
    Variant(sum_squared, "a", "captured index: aᵢ xᵢ", lambda xp, a, x: row(xp, a * x * x / sum_squared(xp, a, x))),
    Variant(trace_of_product, "A", "missing transpose", lambda xp, A, B: row(xp, B)),
    Variant(trace_of_product, "B", "its own argument", lambda xp, A, B: row(xp, B.T)),
]
