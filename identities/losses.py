"""Loss functions of a prediction p and a target y, element by element; ``reduction`` 0 is none, 1 the sum, 2 the mean.

``LOSSES`` is the table. Where the target is a probability or a class, the losses of logits stand in ``cross_entropy``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import Domain, integer, nonzero, positive, reals, vector
from .declare import rule
from .norms import slope_of_abs
from .operators import diag, row
from .sources import Source

Formula = Callable[..., Any]


class Loss(NamedTuple):
    """ℓ(p, y) and its two partial derivatives as functions of the namespace, p and y; where they hold; and all in TeX.

    ``kink_at``: p as a function of y at a kink. ``texts``: other formulas for ℓ that libraries use.
    """

    name: str
    apply: Formula
    by_p: Formula
    by_y: Formula
    tex: str
    p_tex: str
    y_tex: str
    p_domain: Domain = reals
    y_domain: Domain = reals
    kink_at: Callable[..., Any] | None = None
    at_edges: str = ""
    texts: tuple[Formula, ...] = ()


INSIDE = Domain("in (2⁻³⁰, 1 − 2⁻²⁰)", low=2.0**-30, high=1 - 2.0**-20)
"""Probabilities that no library clamps before it takes their logarithm."""

SHARE = Domain("in [0, 1]", low=0.0, high=1.0, closed=True)


def _clipped(xp: Any, d: Any) -> Any:
    """The derivative of Huber's function: d between −1 and 1, the sign outside."""
    return xp.where(d > 1, xp.ones_like(d), xp.where(d < -1, -xp.ones_like(d), d))


def _huber(xp: Any, d: Any) -> Any:
    """d²/2 for |d| ≤ 1, else |d| − 1/2."""
    return xp.where(d > 1, d - 0.5, xp.where(d < -1, -d - 0.5, d**2 / 2))


def _step(xp: Any, d: Any) -> Any:
    """1 where d > 0, else 0."""
    return xp.where(d > 0, xp.ones_like(d), xp.zeros_like(d))


def _rectified(xp: Any, d: Any) -> Any:
    return xp.maximum(xp.zeros_like(d), d)


def _softplus_by_log(xp: Any, x: Any) -> Any:
    return _rectified(xp, x) + xp.log1p(xp.exp(-xp.abs(x)))


_TIE = "at p = y the Clarke set is [−1, 1]"
LOSSES = (
    Loss(
        "squared_error",
        lambda xp, p, y: (p - y) ** 2,
        lambda xp, p, y: 2 * (p - y),
        lambda xp, p, y: -2 * (p - y),
        r"(p - y)^2",
        r"2\,(p - y)",
        r"-2\,(p - y)",
    ),
    Loss(
        "absolute_error",
        lambda xp, p, y: xp.abs(p - y),
        lambda xp, p, y: slope_of_abs(xp, p - y),
        lambda xp, p, y: -slope_of_abs(xp, p - y),
        r"|p - y|",
        r"\mathrm{sign}(p - y)",
        r"-\mathrm{sign}(p - y)",
        kink_at=lambda y, **_: y,
        at_edges=_TIE,
    ),
    Loss(
        "huber",
        lambda xp, p, y: _huber(xp, p - y),
        lambda xp, p, y: _clipped(xp, p - y),
        lambda xp, p, y: -_clipped(xp, p - y),
        r"\tfrac{1}{2} d^2 \text{ for } |d| \le 1 \text{, else } |d| - \tfrac{1}{2};\; d = p - y",
        r"\min(\max(d, -1), 1)",
        r"-\min(\max(d, -1), 1)",
        kink_at=lambda y, **_: y + 1,
        at_edges="continuously differentiable, also where |p − y| = 1",
    ),
    Loss(
        "log_cosh",
        lambda xp, p, y: xp.softplus(2 * (p - y)) - (p - y) - xp.log(2 * xp.ones_like(p)),
        lambda xp, p, y: xp.tanh(p - y),
        lambda xp, p, y: -xp.tanh(p - y),
        r"\ln \cosh(p - y)",
        r"\tanh(p - y)",
        r"-\tanh(p - y)",
    ),
    Loss(
        "hinge",
        lambda xp, p, y: _rectified(xp, 1 - y * p),
        lambda xp, p, y: -y * _step(xp, 1 - y * p),
        lambda xp, p, y: -p * _step(xp, 1 - y * p),
        r"\max(0, 1 - y\,p)",
        r"-y \text{ where } y\,p < 1 \text{, else } 0",
        r"-p \text{ where } y\,p < 1 \text{, else } 0",
        y_domain=nonzero,
        kink_at=lambda y, **_: 1 / y,
        at_edges="at y p = 1 the Clarke set is the segment from 0 to −(y, p)",
    ),
    Loss(
        "squared_hinge",
        lambda xp, p, y: _rectified(xp, 1 - y * p) ** 2,
        lambda xp, p, y: -2 * y * _rectified(xp, 1 - y * p),
        lambda xp, p, y: -2 * p * _rectified(xp, 1 - y * p),
        r"\max(0, 1 - y\,p)^2",
        r"-2\,y \max(0, 1 - y\,p)",
        r"-2\,p \max(0, 1 - y\,p)",
        y_domain=nonzero,
        kink_at=lambda y, **_: 1 / y,
        at_edges="differentiable also at y p = 1, where the derivative is 0",
    ),
    Loss(
        "soft_margin",
        lambda xp, p, y: xp.softplus(-y * p),
        lambda xp, p, y: -y * xp.expit(-y * p),
        lambda xp, p, y: -p * xp.expit(-y * p),
        r"\ln(1 + e^{-y\,p})",
        r"-y\,\sigma(-y\,p)",
        r"-p\,\sigma(-y\,p)",
        texts=(lambda xp, p, y: xp.log(1 + xp.exp(-y * p)), lambda xp, p, y: _softplus_by_log(xp, -y * p)),
    ),
    Loss(
        "binary_cross_entropy",
        lambda xp, p, y: -(y * xp.log(p) + (1 - y) * xp.log1p(-p)),
        lambda xp, p, y: (1 - y) / (1 - p) - y / p,
        lambda xp, p, y: xp.log1p(-p) - xp.log(p),
        r"-y \ln p - (1 - y) \ln(1 - p)",
        r"\frac{1 - y}{1 - p} - \frac{y}{p}",
        r"\ln \frac{1 - p}{p}",
        p_domain=INSIDE,
        y_domain=SHARE,
        texts=(lambda xp, p, y: -(y * xp.log(p) + (1 - y) * xp.log(1 - p)),),
    ),
    Loss(
        "binary_cross_entropy_logits",
        lambda xp, p, y: (1 - y) * p + xp.softplus(-p),
        lambda xp, p, y: xp.expit(p) - y,
        lambda xp, p, y: -p,
        r"-y \ln \sigma(p) - (1 - y) \ln \sigma(-p)",
        r"\sigma(p) - y",
        r"-p",
        texts=(
            lambda xp, p, y: _rectified(xp, p) - y * p + xp.log1p(xp.exp(-xp.abs(p))),
            lambda xp, p, y: (1 - y) * p + _softplus_by_log(xp, -p),
        ),
    ),
    Loss(
        "kl_divergence",
        lambda xp, p, y: y * (xp.log(y) - p),
        lambda xp, p, y: -y,
        lambda xp, p, y: 1 + xp.log(y) - p,
        r"y\,(\ln y - p),\; p \text{ a logarithm}",
        r"-y",
        r"1 + \ln y - p",
        y_domain=positive,
    ),
    Loss(
        "kl_divergence_log",
        lambda xp, p, y: xp.exp(y) * (y - p),
        lambda xp, p, y: -xp.exp(y),
        lambda xp, p, y: xp.exp(y) * (y - p) + xp.exp(y),
        r"e^y\,(y - p),\; p \text{ and } y \text{ logarithms}",
        r"-e^y",
        r"e^y\,(y - p + 1)",
    ),
    Loss(
        "poisson_nll_log",
        lambda xp, p, y: xp.exp(p) - y * p,
        lambda xp, p, y: xp.exp(p) - y,
        lambda xp, p, y: -p,
        r"e^p - y\,p",
        r"e^p - y",
        r"-p",
    ),
    Loss(
        "poisson_nll",
        lambda xp, p, y: p - y * xp.log(p),
        lambda xp, p, y: 1 - y / p,
        lambda xp, p, y: -xp.log(p),
        r"p - y \ln p",
        r"1 - \frac{y}{p}",
        r"-\ln p",
        p_domain=positive,
    ),
)

REDUCTIONS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda xp, values: values,
    lambda xp, values: xp.sum(values),
    lambda xp, values: xp.sum(values) / values.shape[0],
)


def by_reduction(xp: Any, factor: Any, reduction: int) -> Any:
    """The derivative of a reduced element-wise loss with this derivative of its elements."""
    if reduction == 0:
        return diag(factor)
    return row(xp, factor / factor.shape[0] if reduction == 2 else factor)


def _declare(loss: Loss) -> None:
    @rule(
        p=vector("n", loss.p_domain, minimum=1),
        y=vector("n", loss.y_domain, minimum=1),
        reduction=integer(0, 2),
        source=Source("PyTorch documentation", "loss functions"),
        name=loss.name,
        tex=loss.tex,
        at_edges=loss.at_edges,
        kink_at={"p": loss.kink_at} if loss.kink_at else None,
    )
    def entry(xp, p, y, reduction):
        return REDUCTIONS[reduction](xp, loss.apply(xp, p, y))

    @entry.partial("p", loss.p_tex)
    def _(xp, p, y, reduction):
        return by_reduction(xp, loss.by_p(xp, p, y), reduction)

    @entry.partial("y", loss.y_tex)
    def _(xp, p, y, reduction):
        return by_reduction(xp, loss.by_y(xp, p, y), reduction)

    for text in loss.texts:
        entry.equal_text(_reduced(text))


def _reduced(text: Formula) -> Formula:
    def of(xp, p, y, reduction):
        return REDUCTIONS[reduction](xp, text(xp, p, y))

    return of


for _loss in LOSSES:
    _declare(_loss)
