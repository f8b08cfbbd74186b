"""Convolution (cross-correlation, as libraries have it) of one sample: y[o, i] = Σ w[o, c, t]·x[c, s·i + d·t − p] + b[o].

The places of the input are fixed in number, the channels are not. The kernel's taps are a sum over strided slices of
the padded input; the transposes of these slices spread a cotangent over the places that it came from.
"""

import itertools
from typing import Any, NamedTuple

from ..strategies import integer, stacked
from .declare import rule
from .operators import Products, total
from .sources import Source

SOURCE = Source("Dumoulin and Visin, arXiv 1603.07285", "§2 and §4")


class Window(NamedTuple):
    """How a kernel of ``taps`` moves along an axis of ``size`` places."""

    size: int
    taps: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def stops(self) -> int:
        """How many places it stops at."""
        return (self.size + 2 * self.padding - self.dilation * (self.taps - 1) - 1) // self.stride + 1

    def seen(self, tap: int) -> list[int]:
        """The place under a tap at every stop; outside of 0…size − 1 it is padding."""
        return [k * self.stride + tap * self.dilation - self.padding for k in range(self.stops)]


def _moved(xp: Any, x: Any, axis: int, sources: list[int], size: int) -> Any:
    """Along an axis of ``size`` places the elements at ``sources``, 0 where there is no such place."""
    lead = (slice(None),) * (len(x.shape) + axis)
    nothing = xp.zeros_like(x[(*lead, slice(0, 1), ...)])
    parts = [x[(*lead, slice(k, k + 1), ...)] if 0 <= k < size else nothing for k in sources]
    return xp.concat(parts, axis=axis)


def gathered(xp: Any, x: Any, windows: tuple[Window, ...], taps: tuple[int, ...]) -> Any:
    """The places under one tap, along the last axes."""
    for axis, (window, tap) in enumerate(zip(windows, taps, strict=True), -len(windows)):
        x = _moved(xp, x, axis, window.seen(tap), window.size)
    return x


def scattered(xp: Any, u: Any, windows: tuple[Window, ...], taps: tuple[int, ...]) -> Any:
    """The transpose of ``gathered``: every element at the place that it came from."""
    for axis, (window, tap) in enumerate(zip(windows, taps, strict=True), -len(windows)):
        came_to = {place: k for k, place in enumerate(window.seen(tap))}
        u = _moved(xp, u, axis, [came_to.get(place, -1) for place in range(window.size)], window.stops)
    return u


def all_taps(windows: tuple[Window, ...]) -> list[tuple[int, ...]]:
    """The multi-indices of the kernel."""
    return list(itertools.product(*(range(window.taps) for window in windows)))


def _tap(xp: Any, w: Any, taps: tuple[int, ...]) -> Any:
    """The weights (o, c, …) of one tap, with axes of size 1 for the places."""
    matrix = w[(slice(None), slice(None), *taps)]
    for _ in taps:
        matrix = xp.expand_dims(matrix, axis=-1)
    return matrix


def correlate(xp: Any, x: Any, w: Any, windows: tuple[Window, ...]) -> Any:
    """Σ over channels and taps; x (c, places), w (o, c, taps)."""
    return total([xp.sum(_tap(xp, w, t) * gathered(xp, x, windows, t)[None, ...], axis=1) for t in all_taps(windows)])


def spread(xp: Any, u: Any, w: Any, windows: tuple[Window, ...]) -> Any:
    """Its transpose by x, the transposed convolution: u (o, stops) becomes (c, places)."""
    return total(
        [scattered(xp, xp.sum(_tap(xp, w, t) * u[:, None, ...], axis=0), windows, t) for t in all_taps(windows)]
    )


def _by_kernel(xp: Any, x: Any, u: Any, windows: tuple[Window, ...], spots: tuple[int, ...]) -> Any:
    """Its transpose by w: Σ over the stops of u[o]·x[c] for every tap."""
    places = tuple(range(-len(windows), 0))
    sums = [xp.sum(u[:, None, ...] * gathered(xp, x, windows, t)[None, ...], axis=places) for t in all_taps(windows)]
    for taps in reversed(spots):
        sums = [xp.stack(sums[k : k + taps], axis=2) for k in range(0, len(sums), taps)]
    return sums[0]


def _biased(xp: Any, y: Any, b: Any, rank: int) -> Any:
    for _ in range(rank):
        b = xp.expand_dims(b, axis=-1)
    return y + b


_TEX = r"y_{o,i} = \sum_{c,t} w_{o,c,t}\,x_{c,\,s i + d t - p} + b_o"


def _declare(name: str, title: str, sizes: tuple[int, ...], taps: tuple[int, ...], statics: dict[str, Any]) -> None:
    rank = len(sizes)

    def windows(stride: int, padding: int, dilation: int) -> tuple[Window, ...]:
        return tuple(Window(size, t, stride, padding, dilation) for size, t in zip(sizes, taps, strict=True))

    @rule(
        x=stacked("c", *sizes, least=1, largest=3),
        w=stacked("o", "c", *taps, least=1, largest=3),
        b=stacked("o", least=1, largest=3),
        **statics,
        source=SOURCE,
        name=name,
        title=title,
        tex=_TEX,
    )
    def entry(xp, x, w, b, stride, padding, dilation):
        return _biased(xp, correlate(xp, x, w, windows(stride, padding, dilation)), b, rank)

    def shape(w: Any, found: tuple[Window, ...]) -> tuple[Any, ...]:
        return (w.shape[0], *(window.stops for window in found))

    @entry.partial("x", r"\text{the transposed convolution of the cotangent with } w")
    def _(xp, x, w, b, stride, padding, dilation):
        found = windows(stride, padding, dilation)
        return Products(
            xp,
            x.shape,
            shape(w, found),
            lambda v: correlate(xp, v, w, found),
            lambda u: spread(xp, u, w, found),
        )

    @entry.partial("w", r"\text{the correlation of } x \text{ with the cotangent}")
    def _(xp, x, w, b, stride, padding, dilation):
        found = windows(stride, padding, dilation)
        return Products(
            xp,
            w.shape,
            shape(w, found),
            lambda v: correlate(xp, x, v, found),
            lambda u: _by_kernel(xp, x, u, found, taps),
        )

    @entry.partial("b", r"\vec{1} \text{ along the places}")
    def _(xp, x, w, b, stride, padding, dilation):
        found = windows(stride, padding, dilation)
        y = correlate(xp, x, w, found)
        return Products(
            xp,
            b.shape,
            shape(w, found),
            lambda v: _biased(xp, xp.zeros_like(y), v, rank),
            lambda u: xp.sum(u, axis=tuple(range(1, rank + 1))),
        )


_STATICS = {"stride": integer(1, 2), "padding": integer(0, 1), "dilation": integer(1, 2)}
_declare("conv1d", "convolution along one axis", (5,), (3,), _STATICS)
_declare("conv2d", "convolution along two axes", (3, 3), (2, 2), _STATICS)


@rule(
    x=stacked("c", 3, least=1, largest=3),
    w=stacked("c", "o", 2, least=1, largest=3),
    stride=integer(1, 2),
    padding=integer(0, 1),
    source=SOURCE,
    title="transposed convolution along one axis",
)
def transposed1d(xp, x, w, stride, padding):
    r"""y_{o,j} = \sum_{s i + t - p = j} w_{c,o,t}\,x_{c,i}"""
    return spread(xp, x, w, _back(stride, padding))


def _back(stride: int, padding: int) -> tuple[Window]:
    """The window whose transpose takes 3 places to as many as it has."""
    return (Window((3 - 1) * stride + 2 - 2 * padding, 2, stride, padding),)


@transposed1d.partial("x")
def _(xp, x, w, stride, padding):
    r"""\text{the convolution of the cotangent with } w"""
    found = _back(stride, padding)
    return Products(
        xp,
        x.shape,
        (w.shape[1], found[0].size),
        lambda v: spread(xp, v, w, found),
        lambda u: correlate(xp, u, w, found),
    )


@transposed1d.partial("w")
def _(xp, x, w, stride, padding):
    r"""\text{the correlation of the cotangent with } x"""
    found = _back(stride, padding)
    return Products(
        xp,
        w.shape,
        (w.shape[1], found[0].size),
        lambda v: spread(xp, x, v, found),
        lambda u: _by_kernel(xp, u, x, found, (2,)),
    )


@rule(
    x=stacked("c", 5, least=1, largest=3),
    w=stacked("c", 3, least=1, largest=3),
    stride=integer(1, 2),
    source=Source("Howard et al., arXiv 1704.04861", "§3.1"),
    title="depthwise convolution: as many groups as channels",
)
def depthwise1d(xp, x, w, stride):
    r"""y_{c,i} = \sum_t w_{c,t}\,x_{c,\,s i + t}"""
    window = (Window(5, 3, stride),)
    return total([w[:, t : t + 1] * gathered(xp, x, window, (t,)) for t in range(3)])


@depthwise1d.partial("x")
def _(xp, x, w, stride):
    r"""\text{the transposed convolution of the cotangent with } w \text{, channel by channel}"""
    window = (Window(5, 3, stride),)
    return Products(
        xp,
        x.shape,
        (x.shape[0], window[0].stops),
        lambda v: total([w[:, t : t + 1] * gathered(xp, v, window, (t,)) for t in range(3)]),
        lambda u: total([scattered(xp, w[:, t : t + 1] * u, window, (t,)) for t in range(3)]),
    )


@depthwise1d.partial("w")
def _(xp, x, w, stride):
    r"""\text{the correlation of } x \text{ with the cotangent, channel by channel}"""
    window = (Window(5, 3, stride),)
    return Products(
        xp,
        w.shape,
        (x.shape[0], window[0].stops),
        lambda v: total([v[:, t : t + 1] * gathered(xp, x, window, (t,)) for t in range(3)]),
        lambda u: xp.stack([xp.sum(u * gathered(xp, x, window, (t,)), axis=1) for t in range(3)], axis=1),
    )
