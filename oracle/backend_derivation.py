"""D as a backend differentiates: its operators, gradients, transformations and array layouts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..identities.operators import Operator
from .answers import BadAnswer, Lookup, unpack
from .complex_convention import ComplexDerivative
from .derivative import Derivation
from .protocol import Backend


class _Differentiated(Operator):
    """A derivative that the backend computes when it is applied."""

    def __init__(
        self, D: BackendDerivation, f: Callable[..., Any], points: Sequence[Any], which: int, shape: tuple
    ) -> None:
        self.D, self.f, self.points, self.which = D, f, list(points), which
        self.in_shape, self.out_shape = tuple(points[which].shape), shape

    def _of_one(self, point: Any) -> Any:
        return self.f(*(point if k == self.which else p for k, p in enumerate(self.points)))

    def matvec(self, xp: Any, v: Any) -> Any:
        _, tangent = unpack(self.D.backend.jvp(self._of_one, [self.points[self.which]], [v]), "jvp")
        return tangent

    def rmatvec(self, xp: Any, u: Any) -> Any:
        _, cotangents = unpack(self.D.backend.vjp(self._of_one, [self.points[self.which]], u), "vjp")
        return cotangents[0]

    @property
    def shape(self) -> tuple[int, int]:
        """(outputs, inputs), each read off what the backend returns, not off what was asked for."""
        backend, point = self.D.backend, self.points[self.which]
        ones = backend.asarray(np.ones(self.out_shape, backend.to_numpy(point).dtype))
        if self.D.mode == "forward":
            out, into = self.matvec(None, backend.asarray(np.ones_like(backend.to_numpy(point)))), point
        else:
            out, into = ones, self.rmatvec(None, ones)
        return int(np.prod(backend.to_numpy(out).shape)), int(np.prod(backend.to_numpy(into).shape))


class BackendDerivation(Derivation):
    """D as the backend differentiates, in one mode. A gradient in forward mode is assembled from unit tangents."""

    def __init__(self, backend: Backend, mode: str) -> None:
        self.backend, self.mode = backend, mode
        self.xp = Lookup(backend.xp, backend.name)

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        shape = tuple(f(*points).shape)
        return [_Differentiated(self, f, points, k, shape) for k in range(len(points))]

    def gradient(self, f: Callable[..., Any]) -> Callable[..., list[Any]]:
        if self.mode == "reverse":
            return super().gradient(f)

        def at(*points: Any) -> list[Any]:
            return [
                self._assembled(operator, point)
                for operator, point in zip(self.operators(f, points), points, strict=True)
            ]

        return at

    def _assembled(self, operator: Operator, point: Any) -> Any:
        zeros = np.zeros_like(self.backend.to_numpy(point))
        result = np.zeros_like(zeros)
        for index in np.ndindex(*zeros.shape):
            unit = zeros.copy()
            unit[index] = 1
            column = self.backend.to_numpy(operator.matvec(self.xp, self.backend.asarray(unit)))
            if column.shape != ():
                raise BadAnswer("shape", f"the tangent of a number has shape {column.shape}")
            result[index] = column
        return self.backend.asarray(result)

    def jit(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return self.backend.jit(f)

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return self.backend.vmap(f)

    def strided(self, x: Any) -> Any:
        return self.backend.strided(x)

    def primal(self, f: Callable[..., Any]) -> Callable[..., Any]:
        def at(x: Any) -> Any:
            backend, like = self.backend, f(x) if self.mode == "reverse" else x
            ones = backend.asarray(np.ones_like(backend.to_numpy(like)))
            call = backend.vjp(f, [x], ones) if self.mode == "reverse" else backend.jvp(f, [x], [ones])
            return unpack(call, "vjp" if self.mode == "reverse" else "jvp")[0]

        return at

    def complex(self, f: Callable[[Any, Any], Any]) -> Callable[[Any], Operator]:
        return lambda z: ComplexDerivative(self.backend, f, z)

    def same_bits(self, first: Any, second: Any) -> bool:
        a, b = self.backend.to_numpy(first), self.backend.to_numpy(second)
        return a.shape == b.shape and a.tobytes() == b.tobytes()

    def truths(self, predicate: Any) -> list[bool]:
        return []  # hypotheses were checked in exact arithmetic before the backend was called
