"""What the numeric check compares at one example: two enclosures of the same number; here for laws.

A comparison settles when both balls are narrow and overlap, and refutes when they do not overlap. For a law the two are
its sides; operators are applied to the drawn direction and, where sizes are small, to every unit vector, both ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb

from ..identities import Holds, Law
from ..identities.operators import Operator, indices
from ..strategies.draw import Example
from .arrays import Namespace
from .derivative import Derivation
from .duals import Dual
from .examples import Functions
from .nested_derivation import NestedDerivation
from .problems import Statement
from .series import SeriesAlgebra, SeriesDerivation

UNITS = 12
"""Arguments and values of at most this many elements are tried with every unit vector."""

NARROW = arb(2) ** -40
"""A ball is evidence when its radius is at most this part of the numbers compared: no wrong factor is that near 1."""


class Refuted(Exception):
    """A closed form or a law does not hold; the message says where."""


@dataclass(frozen=True)
class Comparison:
    """Two enclosures of one number. ``terms`` are the numbers that it is a sum of: they give its scale."""

    where: Callable[[], str]
    closed: arb
    series: arb
    terms: Sequence[arb] = ()

    @property
    def settled(self) -> bool:
        """Whether both are narrow. Raises Refuted where they have no number in common."""
        if not (self.series.is_finite() and self.closed.is_finite()):
            return False
        if not self.closed.overlaps(self.series):
            raise Refuted(f"{self.where()}: {_words(self.closed)} and not {_words(self.series)}")
        numbers = [self.closed, self.series, *(term for term in self.terms if term.is_finite())]
        return self._narrow(self.closed, numbers) and self._narrow(self.series, numbers)

    def refuse_undefined(self) -> None:
        """Raises Refuted where the derivative is known and the closed form is NaN: at the highest precision, since it is
        also where an integer part cannot be told.
        """
        if self.series.is_finite() and self.closed.is_nan() and self._narrow(self.series, [self.series]):
            raise Refuted(f"{self.where()}: the closed form is undefined where the derivative is {_words(self.series)}")

    @staticmethod
    def _narrow(ball: arb, numbers: Sequence[arb]) -> bool:
        return ball.is_exact() or any(ball.rad() <= abs(number.mid()) * NARROW for number in numbers)


def _words(ball: arb) -> str:
    return ball.str(17, radius=False)


@dataclass
class Comparisons:
    """The comparisons of one example at one precision, the ties that the series met, and whether a value jumped.

    ``facts`` counts the facts that a law claims beside its equations, ``false`` says which of them do not hold.
    """

    found: list[Comparison] = field(default_factory=list)
    facts: int = 0
    false: list[str] = field(default_factory=list)
    ties: int = 0
    jumped: bool = False


def tangents(example: Example, shape: tuple[int, ...], stream: int) -> list[np.ndarray]:
    """The drawn direction first, then every unit vector of a small shape, or two more random ones of a large shape."""
    size = math.prod(shape)
    drawn = example.along(shape, stream)
    if size <= UNITS:
        return [drawn, *np.eye(size).reshape(size, *shape)]
    generator = np.random.default_rng([*example.direction, stream, 1])
    return [drawn, *(np.round(generator.standard_normal((2, *shape)) * 4096) / 4096)]


def array_words(x: np.ndarray) -> str:
    """An array in words, on one line."""
    return np.array2string(np.asarray(x), separator=", ", threshold=24).replace("\n", "")


def law_comparisons(law: Law, example: Example, functions: Functions, bits: int) -> Comparisons:
    """Both sides of a law's equations at a precision. Raises Unmet, and Refuted where the sides differ in shape."""
    statement = Statement(law, example.arguments, functions, "forward", example.along)
    result = Comparisons()
    with SeriesAlgebra(bits) as algebra:
        D: Derivation = SeriesDerivation(Namespace(algebra), algebra)
        if law.order > 1:
            D = NestedDerivation(D, closed=True)
        xp = D.xp
        for number, claim in enumerate(statement.claims(D, xp, xp.asarray)):
            if isinstance(claim, Holds):
                result.facts += 1
                if not claim.true:
                    result.false.append(claim.what)
            else:
                for what, left, right in _applied(xp, claim.left, claim.right, example, number):
                    result.found += _sides(xp, what, left, right)
        result.ties, result.jumped = algebra.ties, algebra.jumped
    return result


def _applied(xp: Namespace, left: Any, right: Any, example: Example, number: int) -> list[tuple[str, Any, Any]]:
    """Both sides as arrays: operators times tangents and cotangents."""
    if isinstance(left, Operator) != isinstance(right, Operator):
        raise Refuted("one side is a derivative and the other is an array")
    if not isinstance(left, Operator):
        return [("", left, right)]
    if (left.in_shape, left.out_shape) != (right.in_shape, right.out_shape):
        shapes = [f"{side.in_shape} to {side.out_shape}" for side in (left, right)]
        raise Refuted(f"the left side maps {shapes[0]}, the right side {shapes[1]}")
    found = []
    for v in tangents(example, left.in_shape, number):
        w = xp.asarray(v)
        found.append((f"times {array_words(v)}", left.matvec(xp, w), right.matvec(xp, w)))
    for u in tangents(example, left.out_shape, number):
        w = xp.asarray(u)
        found.append((f"transposed, times {array_words(u)}", left.rmatvec(xp, w), right.rmatvec(xp, w)))
    return found


def _sides(xp: Namespace, what: str, left: Any, right: Any) -> list[Comparison]:
    a, b = xp.asarray(left), xp.asarray(right)
    if a.shape != b.shape:
        raise Refuted(f"the sides {what} have shapes {a.shape} and {b.shape}")
    return [
        Comparison(lambda i=i: f"component {list(i)} of the sides {what}".strip(), _ball(p), _ball(q))
        for i, p, q in zip(indices(a.shape), a.flat(), b.flat(), strict=True)
    ]


def _ball(scalar: Any) -> arb:
    """The value of a series, or of a dual number over series."""
    return scalar.value.value if isinstance(scalar, Dual) else scalar.value
