"""The discrete Fourier transform of a few points, in complex numbers as pairs of reals, written out.

fⱼ = Σₖ e^{−2πi jk/n} zₖ. For n = 3, 4 and 8 the cosines are 0, ±1, ±1/2, ±√3/2 and ±√(1/2), so that each output is a short sum.
The maps are linear: the derivative is the transform itself, its transpose the transform with the other sign. The inverse
of a transform of reals takes its values at 0 and, for even n, at n/2 for real: what their imaginary parts are does not matter.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ..strategies import vector, within
from .declare import rule
from .operators import Products
from .sources import Source

SIZES = (3, 4, 8)
_SOURCE = Source("DLMF", "1.8, 3.11")
_COSINES = {0: (1.0, 0), 2: (0.5, 3), 3: (0.5, 2), 4: (0.5, 0), 6: (0.0, 0)}
_COSINES |= {12 - k: (-factor, root) for k, (factor, root) in _COSINES.items()}
"""cos(2πk/24) = factor·√radicand for the k that occur; radicand 0 stands for no root."""

_FINITE = within(1e30)
"""Where no sum overflows: what a transform makes of infinities depends on the order of its sums."""

Terms = list[tuple[tuple[float, int], Any]]


def _cosine(numerator: int, n: int) -> tuple[float, int]:
    """cos(2π numerator/n) as a factor and a radicand, n a divisor of 24."""
    k = numerator * (24 // n) % 24
    return _COSINES[min(k, 24 - k)]


def _sine(numerator: int, n: int) -> tuple[float, int]:
    k = (numerator * (24 // n) - 6) % 24
    return _COSINES[min(k, 24 - k)]


def _scaled(coefficient: tuple[float, int], by: float) -> tuple[float, int]:
    return coefficient[0] * by, coefficient[1]


def _total(xp: Any, terms: Terms, like: Any) -> Any:
    """Σ factor·√radicand·x over terms that are not 0, a sum without an order: transforms add in orders of their own."""
    found = []
    for (factor, radicand), x in terms:
        if factor:
            coefficient = factor * xp.ones_like(x)
            found.append((coefficient * xp.sqrt(radicand * xp.ones_like(x)) if radicand else coefficient) * x)
    return xp.sum(xp.stack(found)) if found else xp.zeros_like(like)


def _transform(xp: Any, x: Sequence[Any], y: Sequence[Any], sign: int, outputs: int) -> list[list[Any]]:
    """Real and imaginary parts of Σₖ e^{sign 2πi jk/n} (xₖ + i yₖ) for j < outputs; an empty part is 0."""
    n = max(len(x), len(y))
    like = (x or y)[0]
    real, imag = [], []
    for j in range(outputs):
        cosines = [_cosine(j * k, n) for k in range(n)]
        sines = [_scaled(_sine(j * k, n), sign) for k in range(n)]
        real.append(
            _total(
                xp,
                [*zip(cosines, x, strict=False), *((_scaled(s, -1), b) for s, b in zip(sines, y, strict=False))],
                like,
            )
        )
        imag.append(_total(xp, [*zip(sines, x, strict=False), *zip(cosines, y, strict=False)], like))
    return [real, imag]


def _stacked(xp: Any, parts: Sequence[Sequence[Any]]) -> Any:
    return xp.stack([xp.stack(list(part)) for part in parts])


def _items(v: Any, n: int) -> list[Any]:
    return [v[k] for k in range(n)]


def _declare_complex(name: str, n: int, sign: int, scale: float, tex: str) -> None:
    @rule(x=vector(n, _FINITE), y=vector(n, _FINITE), source=_SOURCE, name=f"{name}_{n}", tex=tex)
    def entry(xp, x, y):
        return _stacked(xp, _transform(xp, _items(x, n), _items(y, n), sign, n)) * scale

    def partial(which: str) -> Callable[..., Any]:
        def closed_form(xp, x, y):
            def jvp(v):
                items = _items(v, n)
                return _stacked(xp, _transform(xp, *((items, []) if which == "x" else ([], items)), sign, n)) * scale

            def vjp(u):
                back = _transform(xp, _items(u[0, ...], n), _items(u[1, ...], n), -sign, n)
                return xp.stack(back[0 if which == "x" else 1]) * scale

            return Products(xp, (n,), (2, n), jvp, vjp)

        return closed_form

    entry.partial("x", "F")(partial("x"))
    entry.partial("y", r"i\,F")(partial("y"))


def _declare_real(n: int) -> None:
    half = n // 2 + 1

    @rule(
        x=vector(n, _FINITE),
        source=_SOURCE,
        name=f"rfft_{n}",
        tex=rf"f_j = \sum_k e^{{-2 \pi i j k/{n}}}\,x_k,\; j \le {half - 1}",
    )
    def entry(xp, x):
        return _stacked(xp, _transform(xp, _items(x, n), [], -1, half))

    @entry.partial("x", "F")
    def _(xp, x):
        def vjp(u):
            zeros = [xp.zeros_like(u[0, 0])] * (n - half)
            return xp.stack(
                _transform(xp, [*_items(u[0, ...], half), *zeros], [*_items(u[1, ...], half), *zeros], 1, n)[0]
            )

        return Products(xp, (n,), (2, half), lambda v: _stacked(xp, _transform(xp, _items(v, n), [], -1, half)), vjp)


def _declare_real_inverse(n: int) -> None:
    half = n // 2 + 1
    weights = [1 if k == 0 or 2 * k == n else 2 for k in range(half)]

    def transformed(xp: Any, x: Sequence[Any], y: Sequence[Any]) -> Any:
        """Σ over the half of wₖ (xₖ cos − yₖ sin)/n, w = 2 where the conjugate value at n − k is left out."""
        rows = []
        for j in range(n):
            terms: Terms = [
                (_scaled(_cosine(j * k, n), w / n), a) for k, (w, a) in enumerate(zip(weights, x, strict=False))
            ]
            terms += [(_scaled(_sine(j * k, n), -w / n), b) for k, (w, b) in enumerate(zip(weights, y, strict=False))]
            rows.append(_total(xp, terms, (x or y)[0]))
        return xp.stack(rows)

    @rule(
        x=vector(half, _FINITE),
        y=vector(half, _FINITE),
        source=_SOURCE,
        name=f"irfft_{n}",
        tex=rf"\frac{{1}}{{{n}}} \sum_k e^{{2 \pi i j k/{n}}}\,z_k,\; z_{{{n} - k}} = \overline{{z_k}}",
    )
    def entry(xp, x, y):
        return transformed(xp, _items(x, half), _items(y, half))

    def partial(which: str) -> Callable[..., Any]:
        def closed_form(xp, x, y):
            def jvp(v):
                items = _items(v, half)
                return transformed(xp, *((items, []) if which == "x" else ([], items)))

            def vjp(u):
                parts = _transform(xp, _items(u, n), [], -1, half)[0 if which == "x" else 1]
                return xp.stack([w / n * part for w, part in zip(weights, parts, strict=True)])

            return Products(xp, (half,), (n,), jvp, vjp)

        return closed_form

    entry.partial("x", r"F^{-1}")(partial("x"))
    entry.partial("y", r"i\,F^{-1}")(partial("y"))


for _n in SIZES:
    if _n <= 4:  # for 8 points the real transforms stand, which are proved six times as fast
        _declare_complex("fft", _n, -1, 1.0, rf"f_j = \sum_k e^{{-2 \pi i j k/{_n}}}\,z_k")
        _declare_complex("ifft", _n, 1, 1.0 / _n, rf"f_j = \frac{{1}}{{{_n}}} \sum_k e^{{2 \pi i j k/{_n}}}\,z_k")
    _declare_real(_n)
    _declare_real_inverse(_n)
