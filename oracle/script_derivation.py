"""D as a script writes it: calls of its ``jvp``, ``vjp``, ``gradient`` and of the library's own transformations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np

from ..identities.operators import Operator
from .complex_text import NAMESPACE, ComplexText, complex_point
from .derivative import Derivation
from .program import Program
from .text import Text, TextNamespace, code_of, value_of


class _TextOperator(Operator):
    """The derivative of a function of the script, applied by its ``jvp`` and ``vjp``."""

    def __init__(self, name: str, points: Sequence[Text], which: int, value: np.ndarray) -> None:
        self.name, self.points, self.which, self.value = name, points, which, value
        self.in_shape, self.out_shape = points[which].shape, value.shape

    def _called(self) -> str:
        """The function of the one argument, and its point: as the oracle asks, one argument at a time."""
        codes = [point.code for point in self.points]
        # A name that no input has: the other points are written in the names of the inputs.
        given = [*codes[: self.which], "moved", *codes[self.which + 1 :]]
        f = self.name if len(codes) == 1 else f"lambda moved: {self.name}({', '.join(given)})"
        return f"{f}, [{codes[self.which]}]"

    def matvec(self, xp: Any, v: Text) -> Text:
        return Text(f"jvp({self._called()}, [{v.code}])", self.value)

    def rmatvec(self, xp: Any, u: Text) -> Text:
        return Text(f"vjp({self._called()}, {u.code})[0]", self.points[self.which].value)


class TextDerivation(Derivation):
    """D as calls of the script's ``jvp``, ``vjp`` and ``gradient``."""

    def __init__(self, program: Program, mode: str) -> None:
        self.program, self.mode, self.xp = program, mode, TextNamespace()
        self.made: list[_TextOperator] = []
        self._names = count()

    def _define(self, f: Callable[..., Any], points: Sequence[Any]) -> tuple[str, np.ndarray]:
        parameters = [f"t{k}" for k in range(len(points))]
        body = f(*(Text(p, point.value) for p, point in zip(parameters, points, strict=True)))
        name = f"f{len(self.program.functions) + 1}"  # after those that the body defines, which differentiates too
        return self.program.function(name, parameters, body), np.asarray(value_of(body))

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        name, value = self._define(f, points)
        found = [_TextOperator(name, points, k, value) for k in range(len(points))]
        self.made += found
        return list(found)

    def complex(self, f: Callable[[Any, Any], Any]) -> Callable[[Any], Operator]:
        def at(point: Text) -> Operator:
            name, value = self._define(lambda z: f(NAMESPACE, z), [complex_point(point)])
            return ComplexText(self.program, name, point, value)

        return at

    def gradient(self, f: Callable[..., Any]) -> Callable[..., list[Any]]:
        def at(*points: Any) -> list[Any]:
            name, _ = self._define(f, points)
            codes = ", ".join(point.code for point in points)
            return [Text(f"gradient({name}, [{codes}])[{k}]", point.value) for k, point in enumerate(points)]

        return at

    def truths(self, predicate: Any) -> list[bool]:
        return []

    # By the library's own transformations. Functions are written as lambdas, which see the names around them.

    def jit(self, f: Callable[..., Any]) -> Callable[..., Any]:
        def compiled(*points: Any) -> Any:
            function, value = self._lambda(f, [point.value for point in points])
            return Text(f"jit({function})({', '.join(point.code for point in points)})", value)

        return compiled

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def mapped(batch: Any) -> Any:
            made = [self._lambda(f, [row]) for row in batch.value]
            return Text(f"vmap({made[0][0]})({batch.code})", np.stack([value for _, value in made]))

        return mapped

    def strided(self, x: Any) -> Any:
        return Text(f"strided({x.code})", x.value)

    def primal(self, f: Callable[..., Any]) -> Callable[..., Any]:
        def at(x: Any) -> Any:
            name, value = self._define(f, [x])
            if self.mode == "reverse":
                return Text(f"primal_of_vjp({name}, [{x.code}])", value)
            return Text(f"primal_of_jvp({name}, [{x.code}], [xp.ones_like({x.code})])", value)

        return at

    def _lambda(self, f: Callable[..., Any], points: Sequence[np.ndarray]) -> tuple[str, np.ndarray]:
        names = [f"s{next(self._names)}" for _ in points]  # not those of a function around this one
        body = f(*(Text(name, value) for name, value in zip(names, points, strict=True)))
        return f"lambda {', '.join(names)}: {code_of(body)}", np.asarray(value_of(body))
