"""Complex numbers as pairs of real arrays, and a namespace of functions of them over any namespace of real arrays.

What is written once for complex arrays, ``z * xp.conj(z)``, is by these a function of pairs of reals: that is what a
derivative in complex numbers means, whatever a library's convention for complex gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .complex_functions import FUNCTIONS
from .pairs import over, times

_HOLOMORPHIC = {function.name: function.apply for function in FUNCTIONS}


class Complex:
    """x + iy, for real arrays x and y of one shape."""

    def __init__(self, xp: Any, real: Any, imag: Any) -> None:
        self.xp, self.real, self.imag = xp, real, imag

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of either part."""
        return tuple(self.real.shape)

    def _made(self, parts: tuple[Any, Any]) -> Complex:
        return Complex(self.xp, *parts)

    def _pair(self, other: Any) -> tuple[Any, Any]:
        """The parts of another operand: a complex array, a real one or a Python number."""
        if isinstance(other, Complex):
            return other.real, other.imag
        if isinstance(other, complex):
            return other.real, other.imag
        return other, 0

    def __add__(self, other: Any) -> Complex:
        a, b = self._pair(other)
        return self._made((self.real + a, self.imag + b))

    def __sub__(self, other: Any) -> Complex:
        a, b = self._pair(other)
        return self._made((self.real - a, self.imag - b))

    def __mul__(self, other: Any) -> Complex:
        return self._made(times((self.real, self.imag), self._pair(other)))

    def __truediv__(self, other: Complex) -> Complex:
        return self._made(over(self.xp, (self.real, self.imag), self._pair(other)))

    def __neg__(self) -> Complex:
        return self._made((-self.real, -self.imag))

    def conj(self) -> Complex:
        """The conjugate."""
        return self._made((self.real, -self.imag))

    __radd__, __rmul__ = __add__, __mul__


class ComplexNamespace:
    """Functions of ``Complex`` by the names of the Array API: ``real``, ``imag``, ``conj`` and the holomorphic ones."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def real(self, z: Complex) -> Any:
        """The real part, a real array."""
        return z.real

    def imag(self, z: Complex) -> Any:
        """The imaginary part, a real array."""
        return z.imag

    def conj(self, z: Complex) -> Complex:
        """The conjugate."""
        return z.conj()

    def __getattr__(self, name: str) -> Callable[[Complex], Complex]:
        try:
            apply = _HOLOMORPHIC[name]
        except KeyError:
            raise AttributeError(f"no function {name!r} of complex numbers is known") from None
        return lambda z: Complex(self.xp, *apply(self.xp, z.real, z.imag))


def of_pairs(xp: Any, f: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """f(namespace, z) as a function of the array [x, y], shape (2, …): its value is [Re f, Im f], or f where f is real."""

    def g(z: Any) -> Any:
        found = f(ComplexNamespace(xp), Complex(xp, z[0, ...], z[1, ...]))
        return xp.stack([found.real, found.imag]) if isinstance(found, Complex) else found

    return g
