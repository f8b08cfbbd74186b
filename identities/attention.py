"""Scaled dot-product attention, softmax(q kᵀ/√d) v: plain, with heads, with a bias on the scores, and causal.

Every matrix product is written as a sum over broadcast arrays, so that leading axes may be anything.
"""

from ..strategies import Domain, stacked, within
from .declare import rule
from .operators import Products
from .softmax import plain_softmax, softmax_slope
from .sources import Source

SOURCE = Source("Vaswani et al., arXiv 1706.03762", "§3.2.1")


_SMALL = within(8)
"""Queries and keys whose scores have exponentials in every format."""
_VALUES = Domain("in (−2²⁰, 2²⁰)", low=-(2.0**20), high=2.0**20)
"""Values of which no multiple by a weight and a cotangent overflows."""


def _inner(xp, a, b):
    """a bᵀ over the last two axes."""
    return xp.sum(xp.expand_dims(a, axis=-2) * xp.expand_dims(b, axis=-3), axis=-1)


def _outer(xp, s, b):
    """s b over the last two axes."""
    return xp.sum(xp.expand_dims(s, axis=-1) * xp.expand_dims(b, axis=-3), axis=-2)


def _transposed(xp, s, b):
    """sᵀ b over the last two axes."""
    return xp.sum(xp.expand_dims(s, axis=-1) * xp.expand_dims(b, axis=-2), axis=-3)


def _by_root(xp, x, d):
    """x/√d."""
    return x / xp.sqrt(d * xp.ones_like(x))


def _by_half(xp, x, d):
    """x/2, the scale of the entries that have one of their own."""
    return x / 2


def _weights(xp, q, k, scaled, bias=0):
    """The weights of the keys: the softmax of the scaled scores plus bias, along the last axis."""
    return plain_softmax(xp, scaled(xp, _inner(xp, q, k), q.shape[-1]) + bias, -1)


def _of_scaled(xp, q, k, scaled, bias=0):
    """The same with √c in both factors of the scores, as libraries have it against overflow."""
    root = xp.sqrt(scaled(xp, xp.ones_like(q), q.shape[-1]))
    other = xp.sqrt(scaled(xp, xp.ones_like(k), q.shape[-1]))
    return plain_softmax(xp, _inner(xp, q * root, k * other) + bias, -1)


def _by_query(xp, a, q, k, v, scaled):
    """The derivative by q, where a are the weights."""
    return Products(
        xp,
        q.shape,
        (*q.shape[:-1], v.shape[-1]),
        lambda t: _outer(xp, softmax_slope(xp, a, scaled(xp, _inner(xp, t, k), q.shape[-1]), -1), v),
        lambda u: scaled(xp, _outer(xp, softmax_slope(xp, a, _inner(xp, u, v), -1), k), q.shape[-1]),
    )


def _by_key(xp, a, q, k, v, scaled):
    return Products(
        xp,
        k.shape,
        (*q.shape[:-1], v.shape[-1]),
        lambda t: _outer(xp, softmax_slope(xp, a, scaled(xp, _inner(xp, q, t), q.shape[-1]), -1), v),
        lambda u: scaled(xp, _transposed(xp, softmax_slope(xp, a, _inner(xp, u, v), -1), q), q.shape[-1]),
    )


def _by_value(xp, a, q, k, v, scaled):
    shape = (*q.shape[:-1], v.shape[-1])
    return Products(xp, v.shape, shape, lambda t: _outer(xp, a, t), lambda u: _transposed(xp, a, u))


_BY = {"q": _by_query, "k": _by_key, "v": _by_value}
_SLOPE = r"\dot{y} = \dot{A}\,v,\; \dot{A} = A \otimes (\dot{S} - \textstyle\sum A\,\dot{S}),\; \dot{S} = "
_TEX = {"q": _SLOPE + r"c\,\dot{q}\,k^T", "k": _SLOPE + r"c\,q\,\dot{k}^T", "v": r"\dot{y} = A\,\dot{v}"}


def _given(by, weights, scaled):
    """A closed form with these weights."""
    return lambda xp, q, k, v: by(xp, weights(xp, q, k), q, k, v, scaled)


def _given_bias(by):
    return lambda xp, q, k, v, m: by(xp, _weights(xp, q, k, _by_half, m), q, k, v, _by_half)


def _declare(name, title, lead, scaled, scale):
    q, k = stacked(*lead, "l", "d", domain=_SMALL, least=1), stacked(*lead, "s", "d", domain=_SMALL, least=1)
    v = stacked(*lead, "s", "e", domain=_VALUES, least=1, largest=4)
    tex = rf"y = A\,v,\; A = \mathrm{{softmax}}(c\,q\,k^T),\; c = {scale}"

    @rule(q=q, k=k, v=v, source=SOURCE, name=name, title=title, tex=tex)
    def entry(xp, q, k, v):
        return _outer(xp, _weights(xp, q, k, scaled), v)

    for argument, by in _BY.items():
        entry.partial(argument, _TEX[argument])(_given(by, lambda xp, q, k: _weights(xp, q, k, scaled), scaled))

    @entry.equal_text
    def _(xp, q, k, v):
        return _outer(xp, _of_scaled(xp, q, k, scaled), v)


_declare("attention", "attention", (), _by_root, r"\tfrac{1}{\sqrt{d}}")
_declare("heads", "attention with several heads and a scale", ("h",), _by_half, r"\tfrac{1}{2}")


@rule(
    q=stacked("l", "d", domain=_SMALL, least=1),
    k=stacked("s", "d", domain=_SMALL, least=1),
    v=stacked("s", "e", domain=_VALUES, least=1, largest=4),
    m=stacked("l", "s", domain=_SMALL, least=1),
    source=SOURCE,
    title="attention with a bias on the scores",
)
def biased(xp, q, k, v, m):
    r"""y = A\,v,\; A = \mathrm{softmax}(c\,q\,k^T + m),\; c = \tfrac{1}{2}"""
    return _outer(xp, _weights(xp, q, k, _by_half, m), v)


for _argument, _by in _BY.items():
    biased.partial(_argument, _TEX[_argument])(_given_bias(_by))


@biased.partial("m")
def _(xp, q, k, v, m):
    r"""\dot{y} = \dot{A}\,v,\; \dot{A} = A \otimes (\dot{m} - \textstyle\sum A\,\dot{m})"""
    a = _weights(xp, q, k, _by_half, m)
    return Products(
        xp,
        m.shape,
        (*a.shape[:-1], v.shape[-1]),
        lambda t: _outer(xp, softmax_slope(xp, a, t, -1), v),
        lambda u: softmax_slope(xp, a, _inner(xp, u, v), -1),
    )


@biased.equal_text
def _(xp, q, k, v, m):
    return _outer(xp, _of_scaled(xp, q, k, _by_half, m), v)


LENGTH = 3
"""Of the causal one: which keys a query sees is a matter of the places, so their number is fixed."""


def _causal(xp, q, k, weights=_weights):
    """The weights of the keys up to the query's own place, 0 of the later ones."""
    rows = []
    for i in range(LENGTH):
        query, later = q[i : i + 1, :], k[i + 1 :, :]
        seen = weights(xp, query, k[: i + 1, :], _by_half)
        rows.append(xp.concat([seen, xp.zeros_like(_inner(xp, query, later))], axis=1))
    return xp.concat(rows, axis=0)


@rule(
    q=stacked(LENGTH, "d", domain=_SMALL, least=1, canonical=1),
    k=stacked(LENGTH, "d", domain=_SMALL, least=1, canonical=1),
    v=stacked(LENGTH, "e", domain=_VALUES, least=1, largest=4),
    source=SOURCE,
    title="causal attention",
)
def causal(xp, q, k, v):
    r"""y_i = \sum_{j \le i} A_{ij}\,v_j,\; A_{i,\cdot} = \mathrm{softmax}_{j \le i}(c\,q_i \cdot k_j),\; c = \tfrac{1}{2}"""
    return _outer(xp, _causal(xp, q, k), v)


for _argument, _by in _BY.items():
    causal.partial(_argument, _TEX[_argument])(_given(_by, _causal, _by_half))


@causal.equal_text
def _(xp, q, k, v):
    return _outer(xp, _causal(xp, q, k, _of_scaled), v)
