"""The reference backend: this project's own tape in extended precision, rounded once to the dtype.

It must pass everything: what it fails is a defect of the catalogue or of the oracle.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from flint import arb

from ..identities.complex_numbers import Complex, ComplexNamespace
from ..oracle.arrays import Array, Namespace
from ..oracle.balls import Balls, overflown
from ..oracle.complex_convention import joined
from ..oracle.derivative import seeds_of
from ..oracle.protocol import CONJUGATE, Backend
from ..oracle.tape import Tape
from ..strategies.formats import NAMES

BITS = 2000


def _number(value: arb) -> float:
    """The nearest float64 or an infinity; NaN for what is undefined."""
    if value.is_finite():
        return float(value.mid())
    return overflown(value) * math.inf if overflown(value) else math.nan


class Reference(Backend):
    """Exact forward and reverse derivatives, rounded to nearest."""

    name: ClassVar[str] = "reference"
    distribution: ClassVar[str] = "gradlaw"
    order: ClassVar[int] = 1
    dtypes: ClassVar[tuple[str, ...]] = NAMES
    complex_convention: ClassVar[str | None] = CONJUGATE

    def __init__(self) -> None:
        self._fresh(np.dtype("float64"))

    def _fresh(self, dtype: np.dtype) -> None:
        self._tape, self._dtype = Tape(Balls(None, BITS)), dtype
        self._xp = Namespace(self._tape)

    @property
    def xp(self) -> Namespace:
        return self._xp

    @property
    def complex_xp(self) -> ComplexNamespace:
        return ComplexNamespace(self._xp)

    def scope(self) -> Balls:
        self._fresh(self._dtype)
        return Balls(None, BITS)

    def asarray(self, x: np.ndarray) -> Any:
        if x.dtype.kind == "c":
            return Complex(self._xp, self.asarray(np.real(x)), self.asarray(np.imag(x)))
        self._dtype = x.dtype
        return self._xp.asarray(x)

    def to_numpy(self, x: Any) -> np.ndarray:
        if isinstance(x, Complex):
            return joined(np.stack([self.to_numpy(x.real), self.to_numpy(x.imag)]))
        with np.errstate(over="ignore", under="ignore"):
            numbers = [_number(node.value) for node in x.flat()]
            return np.array(numbers, np.float64).reshape(x.shape).astype(self._dtype)

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda batch: self._xp.stack([f(batch[k]) for k in range(batch.shape[0])])

    def jit(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *points: f(*points)

    def strided(self, x: Array) -> Array:
        return self._xp.stack([x, x])[0]

    def _leaves(self, primals: Sequence[Array]) -> list[Array]:
        return [
            self._xp.wrap([self._tape.leaf(node.value) for node in primal.flat()], primal.shape) for primal in primals
        ]

    def _pick(self, flowing: list[Any], at: Array) -> Array:
        zero = self._tape.balls.zero
        found = [flowing[node.index] if node.index >= 0 else None for node in at.flat()]
        return self._xp.wrap([self._tape.lift(zero if v is None else v) for v in found], at.shape)

    def _of_parts(self, f: Callable[..., Any], primals: Sequence[Any]) -> Callable[..., Any]:
        """f of complex arrays as a function of their parts; a complex value as the pair of its parts, stacked."""

        def g(*parts: Array) -> Array:
            y = f(*(Complex(self._xp, *parts[2 * k : 2 * k + 2]) for k in range(len(primals))))
            return self._xp.stack([y.real, y.imag]) if isinstance(y, Complex) else y

        return g

    def _parts(self, arrays: Sequence[Complex]) -> list[Array]:
        return [part for z in arrays for part in (z.real, z.imag)]

    def _joined(self, y: Array, like: Any) -> Any:
        return Complex(self._xp, y[0], y[1]) if isinstance(like, Complex) else y

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> tuple[Any, Sequence[Any]]:
        if isinstance(primals[0], Complex):
            u = self._xp.stack(self._parts([cotangent])) if isinstance(cotangent, Complex) else cotangent
            y, found = self.vjp(self._of_parts(f, primals), self._parts(primals), u)
            pairs = zip(found[::2], found[1::2], strict=True)
            return self._joined(y, cotangent), [Complex(self._xp, *pair) for pair in pairs]
        leaves = self._leaves(primals)
        y = f(*leaves)
        flowing = self._tape.backward(seeds_of(self._tape, y, [node.value for node in cotangent.flat()]))
        return y, [self._pick(flowing, leaf) for leaf in leaves]

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        if isinstance(primals[0], Complex):
            _, tangent = self.jvp(self._of_parts(f, primals), self._parts(primals), self._parts(tangents))
            value = f(*primals)
            return value, self._joined(tangent, value)
        leaves = self._leaves(primals)
        y = f(*leaves)
        seeds = {
            node.index: v.value
            for leaf, tangent in zip(leaves, tangents, strict=True)
            for node, v in zip(leaf.flat(), tangent.flat(), strict=True)
        }
        return y, self._pick(self._tape.forward(seeds), y)
