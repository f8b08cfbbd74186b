"""Normalisation layers: (x − mean)/√(variance + ε) or x/√(mean square + ε) over some axes, times a weight, plus a bias.

``LAYERS`` is the table of the layers, which differ in the axes of their statistics and in the axes along which weight
and bias are shared.
"""

from typing import Any, NamedTuple

from ..strategies import Domain, stacked
from .declare import rule
from .operators import Products
from .sources import Source

EPSILON = 2.0**-16
"""Near the usual 10⁻⁵, and the same number in every format."""


class Layer(NamedTuple):
    """``shape`` of x with dimension names; ``over``: the axes of the statistics; ``shared``: axes that weight and bias
    lack; ``centred``: whether the mean is taken away and a bias is added; ``minimum``: the least size of the first
    axis, ``least`` of all.
    """

    name: str
    shape: tuple[str, ...]
    over: tuple[int, ...]
    shared: tuple[int, ...]
    tex: str
    source: str
    centred: bool = True
    minimum: int = 1
    least: int = 1


_CENTRED = r"w \otimes \frac{{x - \mu}}{{\sqrt{{\sigma^2 + \varepsilon}}}} + b,\; \mu, \sigma^2 \text{{ {}}}"
LAYERS = (
    Layer("layer_norm", ("m", "n"), (1,), (0,), _CENTRED.format("over the features"), "Ba et al., arXiv 1607.06450"),
    Layer(
        "batch_norm",
        ("m", "c"),
        (0,),
        (0,),
        _CENTRED.format("over the batch"),
        "Ioffe and Szegedy, arXiv 1502.03167",
        minimum=2,
    ),
    Layer(
        "batch_norm_1d",
        ("m", "c", "l"),
        (0, 2),
        (0, 2),
        _CENTRED.format("over batch and places"),
        "Ioffe and Szegedy, arXiv 1502.03167",
        minimum=2,
    ),
    Layer(
        "instance_norm",
        ("m", "c", "l"),
        (2,),
        (0, 2),
        _CENTRED.format("over the places"),
        "Ulyanov et al., arXiv 1607.08022",
        least=2,
    ),
    Layer(
        "group_norm",
        ("m", "g", "c", "l"),
        (2, 3),
        (0, 3),
        _CENTRED.format("over the channels of a group and the places"),
        "Wu and He, arXiv 1803.08494",
        least=2,
    ),
    Layer(
        "rms_norm",
        ("m", "n"),
        (1,),
        (0,),
        r"w \otimes \frac{x}{\sqrt{\mathrm{mean}(x^2) + \varepsilon}}",
        "Zhang and Sennrich, arXiv 1910.07467",
        centred=False,
    ),
)


_MODERATE = Domain("in (−2²⁰, 2²⁰)", low=-(2.0**20), high=2.0**20)
"""Where no intermediate result overflows, in whatever order."""


def _mean(xp: Any, x: Any, over: tuple[int, ...]) -> Any:
    return xp.mean(x, axis=over, keepdims=True)


def _deviation(xp: Any, x: Any, over: tuple[int, ...], centred: bool) -> tuple[Any, Any]:
    """x without its mean, and √(variance + ε)."""
    d = x - _mean(xp, x, over) if centred else x
    return d, xp.sqrt(_mean(xp, d**2, over) + EPSILON)


def _aligned(xp: Any, w: Any, shared: tuple[int, ...]) -> Any:
    """A weight with axes of size 1 where it is shared."""
    for axis in shared:
        w = xp.expand_dims(w, axis=axis)
    return w


def _slope(xp: Any, x: Any, v: Any, over: tuple[int, ...], centred: bool) -> Any:
    """The symmetric Jacobian of the normalised x, times v."""
    d, deviation = _deviation(xp, x, over, centred)
    z = d / deviation
    v = v - _mean(xp, v, over) if centred else v
    return (v - z * _mean(xp, z * v, over)) / deviation


def _slope_by_moments(xp: Any, x: Any, v: Any, over: tuple[int, ...], centred: bool) -> Any:
    """The same from the means of v and x v alone, in one pass: PyTorch's formula. Far from 0 it cancels."""
    mean, (_, deviation) = _mean(xp, x, over), _deviation(xp, x, over, centred)
    factor = (_mean(xp, v, over) * mean - _mean(xp, x * v, over)) / deviation**3
    return v / deviation + factor * x + (-factor * mean - _mean(xp, v, over) / deviation)


def _by_x(layer: Layer, xp: Any, x: Any, w: Any, slope: Any = _slope) -> Products:
    scale = _aligned(xp, w, layer.shared)
    return Products(
        xp,
        x.shape,
        x.shape,
        lambda v: scale * slope(xp, x, v, layer.over, layer.centred),
        lambda u: slope(xp, x, scale * u, layer.over, layer.centred),
    )


def _by_weight(layer: Layer, xp: Any, factor: Any, w: Any) -> Products:
    """Of factor ⊗ w, with w shared: the transpose sums over the axes that w lacks."""
    return Products(
        xp,
        w.shape,
        factor.shape,
        lambda v: factor * _aligned(xp, v, layer.shared),
        lambda u: xp.sum(factor * u, axis=layer.shared),
    )


def _declare(layer: Layer) -> None:
    rank = len(layer.shape)
    largest = 4 if rank > 2 else 8
    x = stacked(*layer.shape, domain=_MODERATE, minimum=layer.minimum, least=layer.least, largest=largest)
    own = tuple(name for axis, name in enumerate(layer.shape) if axis not in layer.shared)
    w = stacked(*own, domain=_MODERATE)
    source = Source(layer.source, "")
    domain = f"x of shape ({', '.join(layer.shape)}), ε = 2⁻¹⁶"

    def normalised(xp, x):
        d, deviation = _deviation(xp, x, layer.over, layer.centred)
        return d / deviation

    if not layer.centred:

        @rule(x=x, w=w, source=source, name=layer.name, tex=layer.tex, domain=domain)
        def scaled(xp, x, w):
            return normalised(xp, x) * _aligned(xp, w, layer.shared)

        scaled.partial("x", _X_TEX)(lambda xp, x, w: _by_x(layer, xp, x, w))
        scaled.partial("w", _W_TEX)(lambda xp, x, w: _by_weight(layer, xp, normalised(xp, x), w))
        return

    @rule(x=x, w=w, b=w, source=source, name=layer.name, tex=layer.tex, domain=domain)
    def shifted(xp, x, w, b):
        return normalised(xp, x) * _aligned(xp, w, layer.shared) + _aligned(xp, b, layer.shared)

    shifted.partial("x", _X_TEX)(lambda xp, x, w, b: _by_x(layer, xp, x, w))
    shifted.equal_form("x")(lambda xp, x, w, b: _by_x(layer, xp, x, w, _slope_by_moments))
    shifted.partial("w", _W_TEX)(lambda xp, x, w, b: _by_weight(layer, xp, normalised(xp, x), w))
    shifted.partial("b", r"I \text{ along the axes of } b")(
        lambda xp, x, w, b: _by_weight(layer, xp, xp.ones_like(x), b)
    )

    @shifted.equal_text
    def _(xp, x, w, b):
        # The variance in one pass, as mean(x²) − mean(x)².
        mean = _mean(xp, x, layer.over)
        variance = _mean(xp, x**2, layer.over) - mean**2
        z = (x - mean) / xp.sqrt(variance + EPSILON)
        return z * _aligned(xp, w, layer.shared) + _aligned(xp, b, layer.shared)

    @shifted.equal_text
    def _(xp, x, w, b):
        # Scale and shift of x in one: x·r + (b − mean·r).
        mean, (_, deviation) = _mean(xp, x, layer.over), _deviation(xp, x, layer.over, True)
        scale = _aligned(xp, w, layer.shared) / deviation
        return x * scale + (_aligned(xp, b, layer.shared) - mean * scale)


_X_TEX = r"\frac{1}{\sqrt{\sigma^2 + \varepsilon}}\,\mathrm{diag}(w) \Bigl(I - \tfrac{1}{n} \vec{1}\,\vec{1}^T - \tfrac{1}{n} \mathbf{z}\,\mathbf{z}^T\Bigr)"
_W_TEX = r"\mathrm{diag}(\mathbf{z}) \text{ along the axes of } w"

for _layer in LAYERS:
    _declare(_layer)
