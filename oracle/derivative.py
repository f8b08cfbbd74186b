"""What ``D`` means: the derivative operator that the laws of the catalogue receive, for each way of differentiating.

``D(f)(x)`` is an operator, for a function of several arguments a list of them. ``D.gradient(f)(…)`` gives gradients
as arrays. ``D.require`` drops an example that does not meet a hypothesis; ``D.true`` is the truth of a comparison.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..identities import Unmet
from ..identities.complex_numbers import of_pairs
from ..identities.operators import Operator
from ..strategies.functions import Section
from .arrays import Array, Namespace
from .tape import Tape


class Bound:
    """A section of a rule in a namespace: callable, and its closed form is known."""

    def __init__(self, xp: Any, section: Section, convert: Callable[[Any], Any]) -> None:
        self.xp, self.section = xp, section
        fixed = {k: convert(v) if isinstance(v, np.ndarray) else v for k, v in section.fixed.items()}
        self._section = Section(section.rule, section.free, fixed)

    def __call__(self, *points: Any) -> Any:
        return self.section.rule(self.xp, *self._section.arguments(*points))

    def closed_form(self, *points: Any) -> list[Operator]:
        """The rule's closed forms with respect to the free arguments."""
        arguments = self._section.arguments(*points)
        return [self.section.rule.partials[name](self.xp, *arguments) for name in self.section.free]


class Derivation:
    """Base of all meanings of ``D``; ``mode`` is the one in which derivatives are taken where the law leaves it open."""

    xp: Any
    mode: str = "reverse"

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        """The derivatives of f at the points, one for each argument."""
        raise NotImplementedError

    def truths(self, predicate: Any) -> list[bool]:
        """The truth of a comparison, element by element."""
        raise NotImplementedError

    def true(self, predicate: Any) -> bool:
        """Whether a comparison holds for all elements."""
        return all(self.truths(predicate))

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        def at(*points: Any) -> Any:
            found = self.operators(f, points)
            return found if len(points) > 1 else found[0]

        return at

    def gradient(self, f: Callable[..., Any]) -> Callable[..., list[Any]]:
        """Gradients of a scalar function as arrays of the shapes of its arguments."""

        def at(*points: Any) -> list[Any]:
            found = self.operators(f, points)
            return [operator.rmatvec(self.xp, self.xp.ones((), dtype=points[0].dtype)) for operator in found]

        return at

    def diagonal(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The derivatives ∂fᵢ/∂xᵢ of an element-wise function, as an array of the shape of x."""

        def at(x: Any) -> Any:
            operator, ones = self.operators(f, [x])[0], self.xp.ones_like(x)
            return operator.matvec(self.xp, ones) if self.mode == "forward" else operator.rmatvec(self.xp, ones)

        return at

    # Transformations and layouts of a system. Mathematics knows none of them: there they are trivial.

    def jit(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The function compiled: another function with the same values."""
        return lambda *points: f(*points)

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The function over the first axis of its argument, of a fixed size."""
        return lambda batch: self.xp.stack([f(batch[k]) for k in range(batch.shape[0])])

    def strided(self, x: Any) -> Any:
        """The same array, laid out with gaps."""
        return x

    def primal(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The value that comes with the derivative."""
        return f

    def complex(self, f: Callable[[Any, Any], Any]) -> Callable[[Any], Operator]:
        """The derivative of f(namespace, z) in complex numbers, as an operator on the pairs [x, y] of z = x + iy."""
        return self(of_pairs(self.xp, f))

    def same_bits(self, first: Any, second: Any) -> bool:
        """Whether two results of one computation are the same bit by bit."""
        return True

    def require(self, predicate: Any) -> None:
        """Raise Unmet unless the comparison holds for all elements."""
        if not self.true(predicate):
            raise Unmet

    def require_same(self, predicate: Any, other: Any) -> None:
        """Raise Unmet unless two comparisons agree in every element."""
        if self.truths(predicate) != self.truths(other):
            raise Unmet


class _Swept(Operator):
    """The derivative recorded on a tape between a leaf array and an output array."""

    def __init__(self, tape: Tape, leaf: Array, out: Array) -> None:
        self.tape, self.leaf, self.out = tape, leaf, out
        self.in_shape, self.out_shape = leaf.shape, out.shape

    def _ball(self, values: Any) -> list[Any]:
        return [self.tape.lift(value).value for value in values.flat()]

    def matvec(self, xp: Namespace, v: Array) -> Array:
        seeds = {node.index: value for node, value in zip(self.leaf.flat(), self._ball(v), strict=True)}
        flowing = self.tape.forward(seeds)
        return self._pick(xp, flowing, self.out)

    def rmatvec(self, xp: Namespace, u: Array) -> Array:
        flowing = self.tape.backward(seeds_of(self.tape, self.out, self._ball(u)))
        return self._pick(xp, flowing, self.leaf)

    def _pick(self, xp: Namespace, flowing: list[Any], at: Array) -> Array:
        found = [flowing[node.index] if node.index >= 0 else None for node in at.flat()]
        return xp.wrap([self.tape.lift(self.tape.balls.zero if v is None else v) for v in found], at.shape)


def seeds_of(tape: Tape, out: Array, values: Sequence[Any]) -> dict[int, Any]:
    """Cotangents by node number; a node that stands in several places of the output receives their sum."""
    arriving: dict[int, list[Any]] = {}
    for node, value in zip(out.flat(), values, strict=True):
        if node.index >= 0:
            arriving.setdefault(node.index, []).append(value)
    return {index: tape.balls.sum(terms) for index, terms in arriving.items()}


class TapeDerivation(Derivation):
    """D over balls. With ``closed`` the derivatives of catalogue functions are their closed forms.

    In ``mode`` forward a gradient is assembled from unit tangents, as it is on a backend: it rounds differently.
    """

    def __init__(self, xp: Namespace, tape: Tape, *, closed: bool, mode: str = "reverse") -> None:
        self.xp, self.tape, self.closed, self.mode = xp, tape, closed, mode

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        if self.closed and isinstance(f, Bound):
            return f.closed_form(*points)
        leaves = [
            self.xp.wrap([self.tape.leaf(node.value) for node in self.xp.asarray(point).flat()], point.shape)
            for point in points
        ]
        out = self.xp.asarray(f(*leaves))
        return [_Swept(self.tape, leaf, out) for leaf in leaves]

    def gradient(self, f: Callable[..., Any]) -> Callable[..., list[Any]]:
        if self.mode == "reverse":
            return super().gradient(f)
        return lambda *points: [self._assembled(operator) for operator in self.operators(f, points)]

    def _assembled(self, operator: Operator) -> Array:
        count = math.prod(operator.in_shape)
        units = [[int(j == k) for j in range(count)] for k in range(count)]
        entries = [
            operator.matvec(self.xp, self.xp.asarray(np.reshape(unit, operator.in_shape))).item() for unit in units
        ]
        return self.xp.wrap(entries, operator.in_shape)

    def truths(self, predicate: Any) -> list[bool]:
        return [bool(p) for p in predicate.flat()]


def bind(xp: Any, functions: Mapping[str, Section], convert: Callable[[Any], Any]) -> dict[str, Bound]:
    """The drawn functions of a law in a namespace."""
    return {name: Bound(xp, section, convert) for name, section in functions.items()}
