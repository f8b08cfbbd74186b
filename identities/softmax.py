"""Softmax and its logarithm along an axis of a matrix, with and without a temperature.

The text is the definition, exp(x)/Σexp(x). Libraries shift x first, which changes neither value nor derivative; the closed
forms use differences xⱼ − xᵢ, which overflow only where the value itself underflows.
"""

from ..strategies import integer, positive, scalar, stacked
from .declare import rule
from .operators import Products, column
from .sources import Source

SOURCE = Source("Goodfellow, Bengio, Courville, Deep Learning", "§4.1 and §6.2.2")


def softmax_of(xp, x, axis):
    """exp(xᵢ)/Σⱼ exp(xⱼ) along an axis of an array, by differences."""
    axis = axis % len(x.shape)
    differences = xp.expand_dims(x, axis=axis) - xp.expand_dims(x, axis=axis + 1)
    return 1 / xp.sum(xp.exp(differences), axis=axis + 1)


def log_softmax_of(xp, x, axis):
    """Its logarithm."""
    axis = axis % len(x.shape)
    differences = xp.expand_dims(x, axis=axis) - xp.expand_dims(x, axis=axis + 1)
    return -xp.log(xp.sum(xp.exp(differences), axis=axis + 1))


def plain_softmax(xp, x, axis):
    """The same by exponentials of x itself."""
    return xp.exp(x) / xp.sum(xp.exp(x), axis=axis, keepdims=True)


def plain_log_softmax(xp, x, axis):
    """Its logarithm likewise."""
    return x - xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=True))


def softmax_slope(xp, s, v, axis):
    """(diag(s) − s sᵀ) v along an axis; the matrix is symmetric."""
    return s * (v - xp.sum(s * v, axis=axis, keepdims=True))


@rule(x=stacked("m", "n", minimum=1), axis=integer(0, 1), source=SOURCE)
def softmax(xp, x, axis):
    r"""s_i = \frac{e^{x_i}}{\sum_j e^{x_j}} \text{ along an axis}"""
    return plain_softmax(xp, x, axis)


@softmax.partial("x")
def _(xp, x, axis):
    r"""\mathrm{diag}(\mathbf{s}) - \mathbf{s}\,\mathbf{s}^T"""
    s = softmax_of(xp, x, axis)

    def product(v):
        return softmax_slope(xp, s, v, axis)

    return Products(xp, x.shape, x.shape, product, product)


softmax.equal_text(softmax_of)


@rule(x=stacked("m", "n", least=1), axis=integer(0, 1), source=SOURCE)
def log_softmax(xp, x, axis):
    r"""x_i - \ln \sum_j e^{x_j} \text{ along an axis}"""
    return plain_log_softmax(xp, x, axis)


@log_softmax.partial("x")
def _(xp, x, axis):
    r"""I - \vec{1}\,\mathbf{s}^T"""
    s = softmax_of(xp, x, axis)
    return Products(
        xp,
        x.shape,
        x.shape,
        lambda v: v - xp.sum(s * v, axis=axis, keepdims=True),
        lambda u: u - s * xp.sum(u, axis=axis, keepdims=True),
    )


log_softmax.equal_text(log_softmax_of)


@rule(
    x=stacked("m", "n", minimum=1),
    t=scalar(positive),
    axis=integer(0, 1),
    source=SOURCE,
    title="softmax with a temperature",
)
def softmax_temperature(xp, x, t, axis):
    r"""s_i = \frac{e^{x_i / t}}{\sum_j e^{x_j / t}} \text{ along an axis}"""
    return plain_softmax(xp, x / t, axis)


@softmax_temperature.partial("x")
def _(xp, x, t, axis):
    r"""\frac{1}{t} \bigl(\mathrm{diag}(\mathbf{s}) - \mathbf{s}\,\mathbf{s}^T\bigr)"""
    s = softmax_of(xp, x / t, axis)

    def product(v):
        return softmax_slope(xp, s, v, axis) / t

    return Products(xp, x.shape, x.shape, product, product)


@softmax_temperature.partial("t")
def _(xp, x, t, axis):
    r"""-\frac{1}{t^2} \bigl(\mathrm{diag}(\mathbf{s}) - \mathbf{s}\,\mathbf{s}^T\bigr)\,\mathbf{x}"""
    return column(-softmax_slope(xp, softmax_of(xp, x / t, axis), x, axis) / t**2)


@softmax_temperature.equal_text
def _(xp, x, t, axis):
    return softmax_of(xp, x / t, axis)
