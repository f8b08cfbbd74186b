"""Derivatives that a library takes in complex arrays, read by the convention that its backend declares.

A complex array is taken to the pair [Re, Im] of shape (2, …) and back. A cotangent of a library that is ``plain`` is conjugated
on the way in and on the way out: then it is the gradient by x and y, as it is in one that is ``conjugate``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..identities.linear import Operator
from .answers import BadAnswer, Lookup, unpack
from .protocol import CONJUGATE, CONVENTIONS, PLAIN, Backend, Unsupported

_COMPLEX = {"float32": np.dtype("complex64"), "float64": np.dtype("complex128")}


def joined(pair: np.ndarray) -> np.ndarray:
    """x + iy of the pair [x, y], in complex64 or complex128. Raises Unsupported for numbers of 16 bits."""
    if pair.dtype.name not in _COMPLEX:
        raise Unsupported(f"no complex numbers are made of {pair.dtype}")
    # Not x + 1j·y, which makes NaN of an infinite y.
    z = np.empty(pair.shape[1:], _COMPLEX[pair.dtype.name])
    z.real, z.imag = pair
    return z


def split(z: np.ndarray) -> np.ndarray:
    """[Re z, Im z]."""
    return np.stack([np.real(z), np.imag(z)])


class ComplexDerivative(Operator):
    """The derivative of f(namespace, z) at z = x + iy by the library's ``jvp`` and ``vjp`` for complex arrays.

    It acts on pairs [x, y]; where f is real its output is a real array.
    """

    def __init__(self, backend: Backend, f: Callable[[Any, Any], Any], point: Any) -> None:
        if backend.complex_convention is None:
            raise Unsupported(f"{backend.name} declares no complex numbers")
        self.backend, self.in_shape = backend, tuple(point.shape)
        xp = Lookup(backend.complex_xp, backend.name)
        self.f = lambda z: f(xp, z)
        self.z = backend.asarray(joined(backend.to_numpy(point)))
        y = self.f(self.z)
        self.real = backend.to_numpy(y).dtype.kind != "c"
        self.out_shape = tuple(y.shape) if self.real else (2, *y.shape)

    def matvec(self, xp: Any, v: Any) -> Any:
        if self.backend.derived_forward:
            raise Unsupported(f"the forward mode of {self.backend.name} is derived, for real numbers only")
        tangent = self.backend.asarray(joined(self.backend.to_numpy(v)))
        _, found = unpack(self.backend.jvp(self.f, [self.z], [tangent]), "jvp")
        return found if self.real else self._split(found, "the tangent")

    def rmatvec(self, xp: Any, u: Any) -> Any:
        plain = self.backend.complex_convention == PLAIN
        cotangent = self.backend.to_numpy(u)
        if not self.real:
            cotangent = joined(cotangent)
            cotangent = cotangent.conj() if plain else cotangent
        _, found = unpack(self.backend.vjp(self.f, [self.z], self.backend.asarray(cotangent)), "vjp")
        return self._split(found[0], "the cotangent", conjugated=plain)

    def _split(self, found: Any, what: str, *, conjugated: bool = False) -> Any:
        array = self.backend.to_numpy(found)
        if array.dtype.kind != "c":
            raise BadAnswer("dtype", f"{what} of a complex number has dtype {array.dtype}, which is not complex")
        return self.backend.asarray(split(array.conj() if conjugated else array))


def measured(backend: Backend) -> str:
    """The convention that the backend follows: a key of ``CONVENTIONS``, or "neither".

    From f(z) = z² and from |z|², whose gradient is 2z or 2·conj(z), with cotangents that tell i from −i.
    """
    z, u = np.array([1 + 2j, -0.5 + 0.25j]), np.array([1 + 1j, 2 - 1j])
    with backend.scope():
        xp, point = backend.complex_xp, backend.asarray(z)
        square = backend.vjp(lambda t: t * t, [point], backend.asarray(u))[1][0]
        modulus = backend.vjp(lambda t: xp.real(t * xp.conj(t)), [point], backend.asarray(np.ones(2)))[1][0]
        found = backend.to_numpy(square), backend.to_numpy(modulus)
    expected = {PLAIN: (u * 2 * z, 2 * z.conj()), CONJUGATE: (u * (2 * z).conj(), 2 * z)}
    # Products and sums of small binary fractions: every correct answer is exact.
    return next((name for name, both in expected.items() if all(map(np.array_equal, found, both))), "neither")


def convention(backend: Backend) -> str:
    """The declared convention in a word, and the one that is measured where this is another; "–" for none."""
    declared = backend.complex_convention
    if declared is None:
        return "–"
    if declared not in CONVENTIONS:
        raise ValueError(f"{backend.name} declares {declared!r}; conventions are {', '.join(CONVENTIONS)}")
    found = measured(backend)
    return declared if found == declared else f"{declared} declared, {found} measured"
