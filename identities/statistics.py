"""Statistics along an axis of a matrix: product, variance, largest and smallest element, logsumexp.

``axis`` and ``keepdims`` are the reductions' own. At ties of the largest element the convention takes the first.
"""

from functools import reduce
from operator import mul
from typing import Any

from ..strategies import flag, integer, matrices, stacked
from .declare import rule
from .operators import row
from .softmax import softmax_of
from .sources import Source

SOURCE = Source("Array API standard", "statistical functions")
TIE = "where several elements are the largest (smallest) the Clarke set is the hull of their unit vectors"
AXIS = integer(-2, 1)


def slices(x: Any, axis: int) -> list[Any]:
    """The slices of an array across an axis, in order; each has size 1 there."""
    axis = axis % len(x.shape)
    lead = (slice(None),) * axis
    return [x[(*lead, slice(k, k + 1), ...)] for k in range(x.shape[axis])]


def _kept(xp: Any, y: Any, axis: int, keepdims: bool) -> Any:
    """``y`` of size 1 along the axis, as it is or without it."""
    if keepdims:
        return y
    axis = axis % len(y.shape)
    return xp.reshape(y, (*y.shape[:axis], *y.shape[axis + 1 :]))


@rule(x=stacked("m", "n", least=1), axis=AXIS, keepdims=flag(), source=SOURCE, title="product along an axis")
def prod(xp, x, axis, keepdims):
    r"""y = \prod_i x_i \text{ along an axis}"""
    return _kept(xp, _product(slices(x, axis)), axis, keepdims)


def _product(parts: list[Any]) -> Any:
    return reduce(mul, parts)


@prod.reordered_text
def _(xp, x, axis, keepdims):
    small, large = (_product(slices(part, axis)) for part in by_size(xp, x))
    return _kept(xp, small * large, axis, keepdims)


def by_size(xp: Any, x: Any) -> tuple[Any, Any]:
    """The factors of a product that are below 1 in absolute value, and the others, with 1 in place of those left out.

    Multiplied apart, they are the product in the order in which most underflows or overflows on the way.
    """
    small, one = xp.abs(x) < 1, xp.ones_like(x)
    return xp.where(small, x, one), xp.where(small, one, x)


@prod.partial("x")
def _(xp, x, axis, keepdims):
    r"""\frac{\partial y}{\partial x_i} = \prod_{j \ne i} x_j \text{, also where elements are 0}"""
    return row(xp, xp.concat(others(xp, slices(x, axis)), axis=axis), axis, keepdims)


def others(xp: Any, parts: list[Any]) -> list[Any]:
    """For each of several arrays the product of all the others, by products from the left and from the right."""
    left, right = [xp.ones_like(parts[0])], [xp.ones_like(parts[0])]
    for part in parts[:-1]:
        left.append(left[-1] * part)
    for part in parts[:0:-1]:
        right.append(right[-1] * part)
    return [a * b for a, b in zip(left, reversed(right), strict=True)]


def _centred(xp: Any, x: Any, axis: int) -> Any:
    return x - xp.mean(x, axis=axis, keepdims=True)


@rule(
    x=stacked("m", "n", least=2),
    axis=AXIS,
    correction=integer(0, 1),
    keepdims=flag(),
    source=SOURCE,
    title="variance along an axis",
    domain="more elements than the correction",
)
def var(xp, x, axis, correction, keepdims):
    r"""y = \frac{1}{n - c} \sum_i (x_i - \bar{x})^2 \text{ along an axis}"""
    return xp.sum(_centred(xp, x, axis) ** 2, axis=axis, keepdims=keepdims) / (x.shape[axis] - correction)


@var.partial("x")
def _(xp, x, axis, correction, keepdims):
    r"""\frac{\partial y}{\partial x_i} = \frac{2\,(x_i - \bar{x})}{n - c}"""
    return row(xp, 2 * _centred(xp, x, axis) / (x.shape[axis] - correction), axis, keepdims)


@rule(
    x=matrices("m", "n", structure="varied lines", least=2),
    axis=AXIS,
    correction=integer(0, 1),
    keepdims=flag(),
    source=SOURCE,
    title="standard deviation along an axis",
    domain="more elements than the correction, not all of them equal",
    at_edges="where all elements are equal it is not differentiable: nothing is claimed",
)
def std(xp, x, axis, correction, keepdims):
    r"""\sigma = \sqrt{\frac{1}{n - c} \sum_i (x_i - \bar{x})^2} \text{ along an axis}"""
    return xp.sqrt(var(xp, x, axis, correction, keepdims))


@std.partial("x")
def _(xp, x, axis, correction, keepdims):
    r"""\frac{\partial \sigma}{\partial x_i} = \frac{x_i - \bar{x}}{(n - c)\,\sigma}"""
    sigma = std(xp, x, axis, correction, True)
    return row(xp, _centred(xp, x, axis) / (sigma * (x.shape[axis] - correction)), axis, keepdims)


def extreme_of(xp: Any, parts: list[Any], *, largest: bool) -> Any:
    """The largest (smallest) of several arrays, element by element."""
    return reduce(xp.maximum if largest else xp.minimum, parts)


def first_extreme(xp: Any, parts: list[Any], *, largest: bool) -> list[Any]:
    """For each of several arrays 1 where it is the first of the largest (smallest), else 0."""
    best, chosen = parts[0], [xp.ones_like(parts[0])]
    for part in parts[1:]:
        stays = best >= part if largest else best <= part
        keep = xp.where(stays, xp.ones_like(best), xp.zeros_like(best))
        chosen = [one * keep for one in chosen] + [1 - keep]
        best = extreme_of(xp, [best, part], largest=largest)
    return chosen


def _declare_extreme(name: str, title: str, tex: str, largest: bool) -> None:
    @rule(
        x=stacked("m", "n", least=1, largest=6),
        axis=AXIS,
        keepdims=flag(),
        source=SOURCE,
        name=name,
        title=title,
        tex=tex,
        at_edges=TIE,
    )
    def extreme(xp, x, axis, keepdims):
        return _kept(xp, extreme_of(xp, slices(x, axis), largest=largest), axis, keepdims)

    @extreme.partial("x", r"1 \text{ at the first such element, 0 elsewhere}")
    def _(xp, x, axis, keepdims):
        chosen = first_extreme(xp, slices(x, axis), largest=largest)
        return row(xp, xp.concat(chosen, axis=axis), axis, keepdims)


_declare_extreme("max", "largest element along an axis", r"y = \max_i x_i \text{ along an axis}", True)
_declare_extreme("min", "smallest element along an axis", r"y = \min_i x_i \text{ along an axis}", False)


@rule(x=stacked("m", "n", least=1), axis=AXIS, keepdims=flag(), source=SOURCE, title="logsumexp along an axis")
def logsumexp(xp, x, axis, keepdims):
    r"""y = \ln \sum_i e^{x_i} \text{ along an axis}"""
    return xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=keepdims))


@logsumexp.partial("x")
def _(xp, x, axis, keepdims):
    r"""\frac{\partial y}{\partial x_i} = \frac{e^{x_i}}{\sum_j e^{x_j}}"""
    return row(xp, softmax_of(xp, x, axis), axis, keepdims)
