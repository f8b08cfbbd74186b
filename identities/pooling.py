"""Pooling over windows of a fixed number of places: averages, and maxima, whose derivative goes to the largest element."""

from typing import Any

from ..strategies import integer, stacked
from .convolution import Window, all_taps, gathered, scattered
from .declare import rule
from .operators import Products, total
from .sources import Source

SOURCE = Source("Dumoulin and Visin, arXiv 1603.07285", "§3")
TIE = "where two elements of a window are both the largest there is a kink; the convention takes the first"
Windows = tuple[Window, ...]


def _average(xp: Any, x: Any, windows: Windows) -> Any:
    taps = all_taps(windows)
    return total(gathered(xp, x, windows, t) for t in taps) / len(taps)


def _spread_average(xp: Any, u: Any, windows: Windows) -> Any:
    taps = all_taps(windows)
    return total(scattered(xp, u, windows, t) for t in taps) / len(taps)


def _largest(xp: Any, x: Any, windows: Windows) -> Any:
    taps = all_taps(windows)
    best = gathered(xp, x, windows, taps[0])
    for t in taps[1:]:
        best = xp.maximum(best, gathered(xp, x, windows, t))
    return best


def _chosen(xp: Any, x: Any, windows: Windows) -> list[Any]:
    """For every tap 1 where it has the first of the largest elements of the window, else 0."""
    taps = all_taps(windows)
    best = gathered(xp, x, windows, taps[0])
    chosen = [xp.ones_like(best)]
    for t in taps[1:]:
        element = gathered(xp, x, windows, t)
        stays = xp.where(best >= element, xp.ones_like(best), xp.zeros_like(best))
        chosen = [one * stays for one in chosen] + [1 - stays]
        best = xp.maximum(best, element)
    return chosen


def _by_largest(xp: Any, x: Any, windows: Windows) -> Products:
    pairs = list(zip(_chosen(xp, x, windows), all_taps(windows), strict=True))

    def jvp(v):
        return total(one * gathered(xp, v, windows, t) for one, t in pairs)

    def vjp(u):
        return total(scattered(xp, one * u, windows, t) for one, t in pairs)

    return Products(xp, x.shape, (x.shape[0], *(window.stops for window in windows)), jvp, vjp)


def _by_average(xp: Any, x: Any, windows: Windows) -> Products:
    return Products(
        xp,
        x.shape,
        (x.shape[0], *(window.stops for window in windows)),
        lambda v: _average(xp, v, windows),
        lambda u: _spread_average(xp, u, windows),
    )


def _declare_average(name: str, title: str, sizes: tuple[int, ...], taps: tuple[int, ...]) -> None:
    def windows(stride: int, padding: int) -> Windows:
        return tuple(Window(size, t, stride, padding) for size, t in zip(sizes, taps, strict=True))

    @rule(
        x=stacked("c", *sizes, least=1, largest=3),
        stride=integer(1, 2),
        padding=integer(0, 1),
        source=SOURCE,
        name=name,
        title=title,
        tex=r"y_{c,i} = \frac{1}{k} \sum_t x_{c,\,s i + t - p} \text{; the zeros of the padding count}",
    )
    def average(xp, x, stride, padding):
        return _average(xp, x, windows(stride, padding))

    average.partial("x", r"\frac{1}{k} \text{ for every place under the window}")(
        lambda xp, x, stride, padding: _by_average(xp, x, windows(stride, padding))
    )


def _declare_largest(name: str, title: str, sizes: tuple[int, ...], taps: tuple[int, ...], canonical: int) -> None:
    def windows(stride: int) -> Windows:
        return tuple(Window(size, t, stride) for size, t in zip(sizes, taps, strict=True))

    @rule(
        x=stacked("c", *sizes, least=1, largest=3, canonical=canonical),
        stride=integer(1, 2),
        source=SOURCE,
        name=name,
        title=title,
        tex=r"y_{c,i} = \max_t x_{c,\,s i + t}",
        at_edges=TIE,
    )
    def largest(xp, x, stride):
        return _largest(xp, x, windows(stride))

    largest.partial("x", r"1 \text{ for the largest element under the window}")(
        lambda xp, x, stride: _by_largest(xp, x, windows(stride))
    )


_declare_average("average1d", "average pooling along one axis", (5,), (3,))
_declare_average("average2d", "average pooling along two axes", (3, 3), (2, 2))
_declare_largest("maximum1d", "maximum pooling along one axis", (4,), (2,), 2)
_declare_largest("maximum2d", "maximum pooling along two axes", (2, 2), (2, 2), 2)


@rule(x=stacked("c", 5, least=1), source=SOURCE, title="adaptive average pooling of 5 places to 2")
def adaptive_average1d(xp, x):
    r"""y_{c,0} = \tfrac{1}{3} (x_{c,0} + x_{c,1} + x_{c,2}),\; y_{c,1} = \tfrac{1}{3} (x_{c,2} + x_{c,3} + x_{c,4})"""
    return _average(xp, x, _ADAPTED)


_ADAPTED = (Window(5, 3, 2),)
"""Windows from ⌊5k/2⌋ to ⌈5(k + 1)/2⌉: they share the place in the middle."""


@adaptive_average1d.partial("x")
def _(xp, x):
    r"""\tfrac{1}{3} \text{ for every place under the window}"""
    return _by_average(xp, x, _ADAPTED)
