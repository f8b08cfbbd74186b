"""What stands on a tape: nodes with their local partial derivatives, predicates, and kinks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from flint import arb, fmpq

if TYPE_CHECKING:
    from .tape import Tape


class Undecided(Exception):
    """The working precision does not decide a predicate on exact inputs; more bits may."""


class Node:
    """A value on the tape with its parents and the local partial derivatives with respect to them.

    ``linear``: it is a combination of its parents with constant coefficients, up to a constant.
    """

    __slots__ = ("index", "linear", "parents", "tape", "value")

    def __init__(
        self, tape: Tape, value: arb, parents: Sequence[tuple[Node, arb]] = (), *, linear: bool = False
    ) -> None:
        self.tape, self.value, self.linear = tape, value, linear
        self.parents = [pair for pair in parents if pair[0].index >= 0] if parents else []
        # Constants are not recorded: nothing flows through them.
        self.index = tape.record(self) if self.parents else -1

    def __add__(self, other: Any) -> Node:
        other = self.tape.lift(other)
        A = self.tape.balls
        return Node(self.tape, A.add(self.value, other.value), [(self, A.one), (other, A.one)], linear=True)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Node:
        other = self.tape.lift(other)
        A = self.tape.balls
        parents = [(self, A.one), (other, -A.one)]
        return Node(self.tape, A.subtract(self.value, other.value), parents, linear=True)

    def __rsub__(self, other: Any) -> Node:
        return self.tape.lift(other) - self

    def __mul__(self, other: Any) -> Node:
        other = self.tape.lift(other)
        parents = [(self, other.value), (other, self.value)]
        by_constant = self.index < 0 or other.index < 0
        return Node(self.tape, self.tape.balls.multiply(self.value, other.value), parents, linear=by_constant)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Node:
        other = self.tape.lift(other)
        A = self.tape.balls
        y = A.divide(self.value, other.value)
        parents = []
        if self.index >= 0:
            parents.append((self, A.divide(A.one, other.value)))
        if other.index >= 0:
            parents.append((other, -A.divide(y, other.value)))
        return Node(self.tape, y, parents, linear=other.index < 0)

    def __rtruediv__(self, other: Any) -> Node:
        return self.tape.lift(other) / self

    def __neg__(self) -> Node:
        return Node(self.tape, -self.value, [(self, -self.tape.balls.one)], linear=True)

    def __bool__(self) -> NoReturn:
        raise TypeError("a number on the tape has no truth value")


@dataclass(frozen=True)
class Predicate:
    """difference ○ 0 for ○ in > >= < <= == !=; ``state``: True, False, or None where rounding may tip it."""

    kind: str
    difference: Node
    state: bool | None
    tie: bool

    def __bool__(self) -> bool:
        if self.state is None:
            raise Undecided(f"{self.difference.value} {self.kind} 0")
        return self.state


@dataclass
class Kink:
    """An exact tie of a continuous choice: the difference whose sign decides, and the orientation of θ."""

    difference: Node
    sign: int


def to_ball(value: Any) -> arb:
    """A Python or NumPy number as an exact ball; a Fraction as a tight one."""
    if isinstance(value, arb):
        return value
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return arb(int(value) if isinstance(value, int | np.integer | np.bool_) else float(value))
