"""Complex numbers as pairs of real arrays: their arithmetic, and what a library makes of it."""

from collections.abc import Callable
from typing import Any

Pair = tuple[Any, Any]
Of = Callable[[Any, Any, Any], Pair]
"""A function of the namespace and the two parts."""


def times(z: Pair, w: Pair) -> Pair:
    """The product of two complex numbers."""
    return z[0] * w[0] - z[1] * w[1], z[0] * w[1] + z[1] * w[0]


def negative(z: Pair) -> Pair:
    """The opposite of a complex number."""
    return -z[0], -z[1]


def by_real(f: Of) -> Of:
    """f as a product with a real number leaves it in complex arithmetic: each part has 0 times the other added.

    Where one part overflows the other becomes NaN by this.
    """

    def product(xp, x, y):
        u, v = f(xp, x, y)
        return u + 0 * v, v + 0 * u

    return product


def over(xp: Any, w: Pair, z: Pair) -> Pair:
    """The quotient w/z, which does not overflow where |z|² does."""
    r = xp.hypot(*z)
    real, imag = times(w, (z[0] / r, -z[1] / r))
    return real / r, imag / r


def saved(xp: Any, value: Pair, slope: Pair, x: Any, y: Any) -> Pair:
    """The value f(x + iy), of which a library has saved the derivative f′ as well."""
    (u, v), (a, b) = value, slope
    return xp.saved(u, (x, a), (y, -b)), xp.saved(v, (x, b), (y, a))
