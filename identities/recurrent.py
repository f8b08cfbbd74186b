"""Cells of recurrent networks. Every gate k has a pre-activation aₖ = Wₖ x + bₖ + Uₖ h + dₖ.

All arguments enter through the pre-activations, and h (and the cell state) directly as well; so every closed form is
the cell's derivative by its pre-activations times their own.
"""

from collections.abc import Callable
from typing import Any

from ..strategies import stacked
from ..strategies.specs import ArrayInput
from .declare import Rule, rule
from .operators import Products, total
from .sources import Source

ROWS = r"\dot{y} = \textstyle\sum_k D_k\,\dot{a}_k"


def _small(*shape: str | int) -> ArrayInput:
    """An array of few units: the balls of a cell are dear."""
    return stacked(*shape, least=1, largest=3)


def _gate(xp: Any, k: int, x: Any, W: Any, b: Any) -> Any:
    return W[k, :, :] @ x + b[k, :]


def _tanh(xp: Any, x: Any, h: Any, W: Any, U: Any, b: Any, d: Any) -> tuple[Any, list[Any], list[Any], Any]:
    """The new state; its derivatives by the gates' input parts and by their state parts; and by h directly."""
    y = xp.tanh(_gate(xp, 0, x, W, b) + _gate(xp, 0, h, U, d))
    return y, [1 - y**2], [1 - y**2], 0 * y


def _relu(xp: Any, x: Any, h: Any, W: Any, U: Any, b: Any, d: Any) -> tuple[Any, list[Any], list[Any], Any]:
    a = _gate(xp, 0, x, W, b) + _gate(xp, 0, h, U, d)
    on = xp.where(a > 0, xp.ones_like(a), xp.zeros_like(a))
    return xp.maximum(xp.zeros_like(a), a), [on], [on], 0 * a


def _gru(xp: Any, x: Any, h: Any, W: Any, U: Any, b: Any, d: Any) -> tuple[Any, list[Any], list[Any], Any]:
    """Gates r, z and the candidate n = tanh(i + r ⊗ s), of which s is the part of the state."""
    r = xp.expit(_gate(xp, 0, x, W, b) + _gate(xp, 0, h, U, d))
    z = xp.expit(_gate(xp, 1, x, W, b) + _gate(xp, 1, h, U, d))
    s = _gate(xp, 2, h, U, d)
    n = xp.tanh(_gate(xp, 2, x, W, b) + r * s)
    by_n = (1 - z) * (1 - n**2)
    by_r, by_z = by_n * s * r * (1 - r), (h - n) * z * (1 - z)
    return (1 - z) * n + z * h, [by_r, by_z, by_n], [by_r, by_z, by_n * r], z


Cell = Callable[..., tuple[Any, list[Any], list[Any], Any]]


def _by_matrix(xp: Any, slopes: list[Any], x: Any, W: Any) -> Products:
    """By the matrices Wₖ that multiply x."""
    return Products(
        xp,
        W.shape,
        slopes[0].shape,
        lambda V: total([s * (V[k, :, :] @ x) for k, s in enumerate(slopes)]),
        lambda u: xp.stack([(s * u)[:, None] * x for s in slopes]),
    )


def _by_offset(xp: Any, slopes: list[Any], b: Any) -> Products:
    return Products(
        xp,
        b.shape,
        slopes[0].shape,
        lambda v: total([s * v[k, :] for k, s in enumerate(slopes)]),
        lambda u: xp.stack([s * u for s in slopes]),
    )


def _by_vector(xp: Any, slopes: list[Any], x: Any, W: Any, direct: Any) -> Products:
    """By the vector x that the matrices multiply; ``direct`` multiplies it as well, or is None."""

    def jvp(v):
        found = total([s * (W[k, :, :] @ v) for k, s in enumerate(slopes)])
        return found if direct is None else found + direct * v

    def vjp(u):
        found = total([xp.sum((s * u)[:, None] * W[k, :, :], axis=0) for k, s in enumerate(slopes)])
        return found if direct is None else found + direct * u

    return Products(xp, x.shape, slopes[0].shape, jvp, vjp)


def _declare(name: str, cell: Cell, gates: int, title: str, tex: str, source: Source, at_edges: str = "") -> Rule:
    @rule(
        x=_small("m"),
        h=_small("n"),
        W=_small(gates, "n", "m"),
        U=_small(gates, "n", "n"),
        b=_small(gates, "n"),
        d=_small(gates, "n"),
        source=source,
        name=name,
        title=title,
        tex=tex,
        at_edges=at_edges,
    )
    def entry(xp, x, h, W, U, b, d):
        return cell(xp, x, h, W, U, b, d)[0]

    @entry.partial("x", ROWS + r",\; \dot{a}_k = W_k\,\dot{x}")
    def _(xp, x, h, W, U, b, d):
        return _by_vector(xp, cell(xp, x, h, W, U, b, d)[1], x, W, None)

    @entry.partial("h", ROWS + r" + D\,\dot{h},\; \dot{a}_k = U_k\,\dot{h}")
    def _(xp, x, h, W, U, b, d):
        _, _, slopes, direct = cell(xp, x, h, W, U, b, d)
        return _by_vector(xp, slopes, h, U, direct)

    @entry.partial("W", ROWS + r",\; \dot{a}_k = \dot{W}_k\,x")
    def _(xp, x, h, W, U, b, d):
        return _by_matrix(xp, cell(xp, x, h, W, U, b, d)[1], x, W)

    @entry.partial("U", ROWS + r",\; \dot{a}_k = \dot{U}_k\,h")
    def _(xp, x, h, W, U, b, d):
        return _by_matrix(xp, cell(xp, x, h, W, U, b, d)[2], h, U)

    @entry.partial("b", ROWS + r",\; \dot{a}_k = \dot{b}_k")
    def _(xp, x, h, W, U, b, d):
        return _by_offset(xp, cell(xp, x, h, W, U, b, d)[1], b)

    @entry.partial("d", ROWS + r",\; \dot{a}_k = \dot{d}_k")
    def _(xp, x, h, W, U, b, d):
        return _by_offset(xp, cell(xp, x, h, W, U, b, d)[2], d)

    return entry


_ELMAN = Source("Elman, Cognitive Science 14 (1990)", "p. 179")
tanh_cell = _declare("tanh_cell", _tanh, 1, "recurrent cell with tanh", r"\tanh(W x + b + U h + d)", _ELMAN)
relu_cell = _declare(
    "relu_cell",
    _relu,
    1,
    "recurrent cell with relu",
    r"\max(0, W x + b + U h + d)",
    _ELMAN,
    at_edges="where a pre-activation is 0 there is a kink; the convention there is the derivative 0",
)
gru_cell = _declare(
    "gru_cell",
    _gru,
    3,
    "gated recurrent unit, reset after the product",
    r"(1 - z) \otimes \tanh(W_2 x + b_2 + r \otimes (U_2 h + d_2)) + z \otimes h,\; r = \sigma(a_0),\; z = \sigma(a_1)",
    Source("Cho et al., arXiv 1406.1078", "§2.3"),
)


def _lstm(xp: Any, x: Any, h: Any, c: Any, W: Any, U: Any, b: Any) -> tuple[Any, Any, list[Any], list[Any], Any, Any]:
    """h′ and c′, their derivatives by the gates, and by c."""
    i, f, g, o = (_gate(xp, k, x, W, b) + U[k, :, :] @ h for k in range(4))
    i, f, g, o = xp.expit(i), xp.expit(f), xp.tanh(g), xp.expit(o)
    state = f * c + i * g
    t = xp.tanh(state)
    slopes = [g * i * (1 - i), c * f * (1 - f), i * (1 - g**2)]
    through = o * (1 - t**2)
    return o * t, state, [through * s for s in slopes] + [t * o * (1 - o)], [*slopes, 0 * t], through * f, f


@rule(
    x=_small("m"),
    h=_small("n"),
    c=_small("n"),
    W=_small(4, "n", "m"),
    U=_small(4, "n", "n"),
    b=_small(4, "n"),
    source=Source("Hochreiter and Schmidhuber, Neural Computation 9 (1997); Gers et al. (2000)", "forget gate"),
    title="long short-term memory",
)
def lstm_cell(xp, x, h, c, W, U, b):
    r"""(h', c'),\; c' = \sigma(a_1) \otimes c + \sigma(a_0) \otimes \tanh a_2,\; h' = \sigma(a_3) \otimes \tanh c'"""
    found = _lstm(xp, x, h, c, W, U, b)
    return xp.stack([found[0], found[1]])


def _both(xp: Any, make: Callable[..., Products], x: Any, slopes: tuple[list[Any], list[Any]]) -> Products:
    """The derivative of the pair (h′, c′), of the derivatives of both."""
    first, second = (make(one) for one in slopes)
    return Products(
        xp,
        x.shape,
        (2, *slopes[0][0].shape),
        lambda v: xp.stack([first.jvp(v), second.jvp(v)]),
        lambda u: first.vjp(u[0, :]) + second.vjp(u[1, :]),
    )


def _lstm_slopes(xp: Any, *arguments: Any) -> tuple[list[Any], list[Any]]:
    found = _lstm(xp, *arguments)
    return found[2], found[3]


@lstm_cell.partial("x", ROWS + r",\; \dot{a}_k = W_k\,\dot{x}")
def _(xp, x, h, c, W, U, b):
    return _both(xp, lambda s: _by_vector(xp, s, x, W, None), x, _lstm_slopes(xp, x, h, c, W, U, b))


@lstm_cell.partial("h", ROWS + r",\; \dot{a}_k = U_k\,\dot{h}")
def _(xp, x, h, c, W, U, b):
    return _both(xp, lambda s: _by_vector(xp, s, h, U, None), h, _lstm_slopes(xp, x, h, c, W, U, b))


@lstm_cell.partial("c", r"\dot{c}' = \sigma(a_1)\,\dot{c},\; \dot{h}' = \sigma(a_3)\,(1 - \tanh^2 c')\,\dot{c}'")
def _(xp, x, h, c, W, U, b):
    *_, by_h, by_c = _lstm(xp, x, h, c, W, U, b)
    return Products(
        xp,
        c.shape,
        (2, *c.shape),
        lambda v: xp.stack([by_h * v, by_c * v]),
        lambda u: by_h * u[0, :] + by_c * u[1, :],
    )


@lstm_cell.partial("W", ROWS + r",\; \dot{a}_k = \dot{W}_k\,x")
def _(xp, x, h, c, W, U, b):
    return _both(xp, lambda s: _by_matrix(xp, s, x, W), W, _lstm_slopes(xp, x, h, c, W, U, b))


@lstm_cell.partial("U", ROWS + r",\; \dot{a}_k = \dot{U}_k\,h")
def _(xp, x, h, c, W, U, b):
    return _both(xp, lambda s: _by_matrix(xp, s, h, U), U, _lstm_slopes(xp, x, h, c, W, U, b))


@lstm_cell.partial("b", ROWS + r",\; \dot{a}_k = \dot{b}_k")
def _(xp, x, h, c, W, U, b):
    return _both(xp, lambda s: _by_offset(xp, s, b), b, _lstm_slopes(xp, x, h, c, W, U, b))
