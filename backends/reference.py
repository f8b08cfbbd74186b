"""The reference backend: this project's own tape in extended precision, rounded once to the dtype.

It must pass everything: what it fails is a defect of the catalogue or of the oracle.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from flint import arb

from ..oracle.arrays import Array, Namespace
from ..oracle.balls import Balls, overflown
from ..oracle.derivative import seeds_of
from ..oracle.protocol import Backend
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

    def __init__(self) -> None:
        self._fresh(np.dtype("float64"))

    def _fresh(self, dtype: np.dtype) -> None:
        self._tape, self._dtype = Tape(Balls(None, BITS)), dtype
        self._xp = Namespace(self._tape)

    @property
    def xp(self) -> Namespace:
        return self._xp

    def scope(self) -> Balls:
        self._fresh(self._dtype)
        return Balls(None, BITS)

    def asarray(self, x: np.ndarray) -> Array:
        self._dtype = x.dtype
        return self._xp.asarray(x)

    def to_numpy(self, x: Array) -> np.ndarray:
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

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> tuple[Any, Sequence[Any]]:
        leaves = self._leaves(primals)
        y = f(*leaves)
        flowing = self._tape.backward(seeds_of(self._tape, y, [node.value for node in cotangent.flat()]))
        return y, [self._pick(flowing, leaf) for leaf in leaves]

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        leaves = self._leaves(primals)
        y = f(*leaves)
        seeds = {
            node.index: v.value
            for leaf, tangent in zip(leaves, tangents, strict=True)
            for node, v in zip(leaf.flat(), tangent.flat(), strict=True)
        }
        return y, self._pick(self._tape.forward(seeds), y)
