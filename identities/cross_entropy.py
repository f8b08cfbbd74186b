"""Cross-entropy of logits: against probabilities that need not sum to 1, smoothed, weighted by class, against classes.

x has one sample a row and one class a column. All losses are the mean over the samples, but where said otherwise.
"""

from ..strategies import integer, positive, stacked
from .declare import rule
from .operators import row
from .softmax import plain_log_softmax, softmax_of
from .sources import Source

SOURCE = Source("Goodfellow, Bengio, Courville, Deep Learning", "§6.2.2.3")


def _mean_of_rows(xp, per_element):
    return xp.sum(per_element) / per_element.shape[0]


def _against(xp, x, y):
    """The derivative of −Σ y log softmax(x) by x, per sample: (Σ y)·s − y."""
    return xp.sum(y, axis=1, keepdims=True) * softmax_of(xp, x, 1) - y


_LOGITS = stacked("m", "n", least=1)


@rule(x=_LOGITS, y=_LOGITS, source=SOURCE, title="cross-entropy against probabilities")
def probabilities(xp, x, y):
    r"""-\frac{1}{m} \sum_{i,j} y_{ij} \ln s_{ij},\; s_i = \mathrm{softmax}(x_i) \text{; } y \text{ need not sum to 1}"""
    return -_mean_of_rows(xp, y * plain_log_softmax(xp, x, 1))


@probabilities.partial("x")
def _(xp, x, y):
    r"""\frac{1}{m} \Bigl(\bigl(\textstyle\sum_j y_{ij}\bigr)\,s_i - y_i\Bigr)"""
    return row(xp, _against(xp, x, y) / x.shape[0])


@probabilities.partial("y")
def _(xp, x, y):
    r"""-\frac{1}{m} \ln s"""
    return row(xp, -plain_log_softmax(xp, x, 1) / x.shape[0])


SMOOTHING = 0.25


@rule(x=_LOGITS, y=_LOGITS, source=Source("Szegedy et al., arXiv 1512.00567", "§7"), title="label smoothing")
def smoothed(xp, x, y):
    r"""-\frac{1}{m} \sum_{i,j} \bigl((1 - \epsilon)\,y_{ij} + \tfrac{\epsilon}{n}\bigr) \ln s_{ij},\; \epsilon = \tfrac{1}{4}"""
    target = (1 - SMOOTHING) * y + SMOOTHING * xp.ones_like(x) / x.shape[1]
    return -_mean_of_rows(xp, target * plain_log_softmax(xp, x, 1))


@smoothed.partial("x")
def _(xp, x, y):
    r"""\frac{1}{m} \Bigl(\bigl(\textstyle\sum_j t_{ij}\bigr)\,s_i - t_i\Bigr),\; t = (1 - \epsilon)\,y + \tfrac{\epsilon}{n}"""
    target = (1 - SMOOTHING) * y + SMOOTHING * xp.ones_like(x) / x.shape[1]
    return row(xp, _against(xp, x, target) / x.shape[0])


@smoothed.partial("y")
def _(xp, x, y):
    r"""-\frac{1 - \epsilon}{m} \ln s"""
    return row(xp, -(1 - SMOOTHING) * plain_log_softmax(xp, x, 1) / x.shape[0])


@rule(
    x=_LOGITS,
    y=_LOGITS,
    w=stacked("n", domain=positive),
    source=SOURCE,
    title="class weights",
)
def weighted(xp, x, y, w):
    r"""-\frac{1}{m} \sum_{i,j} w_j\,y_{ij} \ln s_{ij}"""
    return -_mean_of_rows(xp, w * y * plain_log_softmax(xp, x, 1))


@weighted.partial("x")
def _(xp, x, y, w):
    r"""\frac{1}{m} \Bigl(\bigl(\textstyle\sum_j w_j\,y_{ij}\bigr)\,s_i - w \otimes y_i\Bigr)"""
    return row(xp, _against(xp, x, w * y) / x.shape[0])


@weighted.partial("y")
def _(xp, x, y, w):
    r"""-\frac{1}{m}\,w \otimes \ln s_i"""
    return row(xp, -w * plain_log_softmax(xp, x, 1) / x.shape[0])


@weighted.partial("w")
def _(xp, x, y, w):
    r"""-\frac{1}{m} \sum_i y_{ij} \ln s_{ij}"""
    return row(xp, -xp.sum(y * plain_log_softmax(xp, x, 1), axis=0) / x.shape[0])


@rule(x=stacked("m", 3, minimum=1), c=integer(0, 2), source=SOURCE, title="cross-entropy against classes")
def classes(xp, x, c):
    r"""-\frac{1}{m} \sum_i \ln s_{i c},\; c \text{ the class of every sample}"""
    return -_mean_of_rows(xp, plain_log_softmax(xp, x, 1)[:, c])


@classes.partial("x")
def _(xp, x, c):
    r"""\frac{1}{m} \bigl(s_i - e_c\bigr)"""
    one = xp.stack([xp.ones_like(x[:, k]) if k == c else xp.zeros_like(x[:, k]) for k in range(3)], axis=1)
    return row(xp, _against(xp, x, one) / x.shape[0])


@rule(x=stacked("m", 3, minimum=1), c=integer(0, 2), source=SOURCE, title="negative log-likelihood of classes")
def negative_log_likelihood(xp, x, c):
    r"""-\frac{1}{m} \sum_i x_{i c},\; x \text{ logarithms of probabilities},\; c \text{ the class of every sample}"""
    return -_mean_of_rows(xp, x[:, c])


@negative_log_likelihood.partial("x")
def _(xp, x, c):
    r"""-\frac{1}{m}\,e_c"""
    one = xp.stack([xp.ones_like(x[:, k]) if k == c else xp.zeros_like(x[:, k]) for k in range(3)], axis=1)
    return row(xp, -one / x.shape[0])


@rule(
    x=stacked("m", "n", least=1),
    y=stacked("m", "n", least=1),
    w=stacked("n", domain=positive),
    source=SOURCE,
    title="binary cross-entropy with a weight of the positive class",
)
def binary_weighted(xp, x, y, w):
    r"""\frac{1}{m n} \sum_{i,j} -w_j\,y_{ij} \ln \sigma(x_{ij}) - (1 - y_{ij}) \ln \sigma(-x_{ij})"""
    return xp.mean((1 - y) * xp.softplus(x) + w * y * xp.softplus(-x))


@binary_weighted.partial("x")
def _(xp, x, y, w):
    r"""\frac{1}{m n} \bigl((1 - y)\,\sigma(x) - w\,y\,\sigma(-x)\bigr)"""
    return row(xp, ((1 - y) * xp.expit(x) - w * y * xp.expit(-x)) / x.shape[0] / x.shape[1])


@binary_weighted.partial("y")
def _(xp, x, y, w):
    r"""\frac{1}{m n} \bigl(-\ln \sigma(-x) + w \ln \sigma(x)\bigr)"""
    return row(xp, (w * xp.softplus(-x) - xp.softplus(x)) / x.shape[0] / x.shape[1])


@binary_weighted.partial("w")
def _(xp, x, y, w):
    r"""-\frac{1}{m n} \sum_i y_{ij} \ln \sigma(x_{ij})"""
    return row(xp, xp.sum(y * xp.softplus(-x), axis=0) / x.shape[0] / x.shape[1])


@binary_weighted.equal_text
def _(xp, x, y, w):
    # The form of torch: (1 − y) x + (1 + (w − 1) y)·softplus(−x).
    return xp.mean((1 - y) * x + (1 + (w - 1) * y) * xp.softplus(-x))


@binary_weighted.equal_text
def _(xp, x, y, w):
    # With a logarithm of 1 + e^(−x), which loses the tail.
    return xp.mean((1 - y) * x + (1 + (w - 1) * y) * xp.log(1 + xp.exp(-x)))
