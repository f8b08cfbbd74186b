"""Mutants of every law: statements that are not true, and derivatives that break the law.

A wrong statement has one of the changes of ``wrong_operators`` on the right side of one of its equations, leaves out a
term there, denies a fact, or speaks of transposed derivatives. A wrong derivative is what a library would take by mistake:
of what the law composes, and not of the drawn functions themselves, for which a law is never blamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from equivalence import claims as evaluate
from equivalence import points
from gradlaw.identities import Equal, Holds, Law
from gradlaw.identities.operators import Dense, Operator
from gradlaw.oracle.derivative import Bound, Derivation, TapeDerivation
from wrong_operators import CHANGES, Change, Transposed, terms, without_term

_LOOKS = 30
"""Points at which it is seen what a law consists of."""


@dataclass(frozen=True, eq=False)
class WrongStatement:
    """A law that says something else; ``wrong`` has the id and the inputs of the right one."""

    identity: Law
    kind: str
    what: str
    wrong: Law

    def __str__(self) -> str:
        return f"{self.identity.id}, {self.kind}: {self.what}"


@dataclass(frozen=True, eq=False)
class WrongDerivative:
    """A change of the derivatives that a library takes of what a law composes."""

    identity: Law
    kind: str
    what: str
    change: Change

    def __str__(self) -> str:
        return f"{self.identity.id}, its derivatives with {self.kind}: {self.what}"


class WrongD(Derivation):
    """Another derivation whose operators are changed, those of ``drawn`` functions only if asked for."""

    def __init__(self, inner: Any, change: Change, *, drawn: bool = False) -> None:
        self.inner, self.change, self.drawn, self.xp = inner, change, drawn, inner.xp

    def operators(self, f: Any, points_: Any) -> list[Operator]:
        right = self.inner.operators(f, points_)
        if isinstance(f, Bound) and not self.drawn:
            return right
        return [operator if (wrong := self.change(operator)) is None else wrong for operator in right]

    def truths(self, predicate: Any) -> list[bool]:
        return self.inner.truths(predicate)

    def true(self, predicate: Any) -> bool:
        return self.inner.true(predicate)

    def require(self, predicate: Any) -> None:
        self.inner.require(predicate)

    def require_same(self, predicate: Any, other: Any) -> None:
        self.inner.require_same(predicate, other)


def wrong_statements(law: Law) -> Iterator[WrongStatement]:
    """The mutants of a law that apply somewhere."""
    for number, claims in enumerate(claims_of(law)):
        place = f"claim {number + 1}"
        if isinstance(claims[0], Holds):
            yield WrongStatement(law, "denied", place, replace(law, function=_denying(law, number)))
            if not claims[0].exact:
                yield WrongStatement(law, "transposed", "every derivative", replace(law, function=_transposing(law)))
            continue
        sides = [_as_operator(claim.right) for claim in claims]
        for kind, changes in CHANGES.items():
            for what, change in changes.items():
                arrays = not isinstance(claims[0].right, Operator)
                if not (arrays and kind == "transposed") and any(change(side) is not None for side in sides):
                    yield WrongStatement(law, kind, f"{place}, {what}", _with_right_side(law, number, change))
        count = max(len(list(terms(side))) for side in sides)
        for k in range(count):
            what = f"{place}, term {k + 1} of {count} of the right side"
            yield WrongStatement(law, "dropped term", what, _with_right_side(law, number, without_term(k)))


def wrong_derivatives(law: Law) -> Iterator[WrongDerivative]:
    """What a library may do to derivatives while a law is tried on it, where that applies somewhere."""
    for kind, ways in CHANGES.items():
        for what, change in ways.items():
            if any(change(operator) is not None for operator in composed(law)):
                yield WrongDerivative(law, kind, what, change)


def changed_tape(change: Change) -> Callable[..., Any]:
    """Derivation on a tape with this change of the derivatives of what the law composes."""
    return lambda xp, tape, closed: WrongD(TapeDerivation(xp, tape, closed=closed), change)


@cache
def composed(law: Law) -> list[Operator]:
    """The derivatives that the law takes of what it composes, recorded on tapes as a library would."""
    seen: list[Operator] = []

    def record(operator: Operator) -> None:
        seen.append(operator)

    for point in points(law)[:_LOOKS]:
        evaluate(law, point, lambda xp, tape, closed: WrongD(TapeDerivation(xp, tape, closed=False), record))
    return seen


@cache
def claims_of(law: Law) -> list[list[Any]]:
    """What the law claims at all points, claim by claim."""
    seen: list[list[Any]] = []

    def watched(D: Any, *inputs: Any) -> Any:
        found = law.function(D, *inputs)
        seen.append(list(found) if isinstance(found, tuple) else [found])
        return found

    for point in points(law)[:_LOOKS]:
        evaluate(replace(law, function=watched), point)
    return [list(claim) for claim in zip(*seen, strict=True)]


def _as_operator(side: Any) -> Operator:
    """A side of an equation; an array as the row of its elements."""
    return side if isinstance(side, Operator) else Dense(side, 0)


def _with_right_side(law: Law, number: int, change: Change) -> Law:
    """The law with its claim ``number`` changed on the right."""

    def function(D: Any, *inputs: Any) -> Any:
        found = law.function(D, *inputs)
        claims = list(found) if isinstance(found, tuple) else [found]
        left, right = claims[number].left, claims[number].right
        wrong = change(_as_operator(right))
        if wrong is not None:
            array = not isinstance(right, Operator)
            claims[number] = Equal(left, wrong.rmatvec(D.xp, D.xp.asarray(1)) if array else wrong)
        return tuple(claims)

    return replace(law, function=function)


def _denying(law: Law, number: int) -> Callable[..., Any]:
    def function(D: Any, *inputs: Any) -> Any:
        found = law.function(D, *inputs)
        claims = list(found) if isinstance(found, tuple) else [found]
        claims[number] = replace(claims[number], true=not claims[number].true, what=f"not: {claims[number].what}")
        return tuple(claims)

    return function


def _transposing(law: Law) -> Callable[..., Any]:
    return lambda D, *inputs: law.function(WrongD(D, Transposed, drawn=True), *inputs)
