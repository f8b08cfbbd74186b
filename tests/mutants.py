"""Mutants of every rule, made from tables of mistakes and not by hand: wrong closed forms that a check must reject.

One closed form goes wrong at a time: by every change of ``wrong_operators``, by leaving out one arithmetic operation of
its text, or by taking ties to the other side. Those of laws are in ``mutants_of_laws``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from equivalence import Form, Point, operator_at, points
from gradlaw.identities import Rule
from gradlaw.identities.operators import Operator, Scaled
from gradlaw.oracle import index_arrays, index_namespace
from gradlaw.oracle.arrays import Array, Namespace
from wrong_operators import CHANGES, Change

KINDS = (
    "sign",
    "factor 2",
    "dropped entry",
    "dropped term",
    "transposed",
    "off by one",
    "unsummed broadcast",
    "wrong branch",
    "offset",
    "denied",
)
"""All kinds of mistakes, those of laws included."""

_SWAPPED = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}


@dataclass(frozen=True, eq=False)
class WrongForm:
    """A wrong closed form of ∂rule/∂argument."""

    identity: Rule
    kind: str
    argument: str
    what: str
    form: Form

    def __str__(self) -> str:
        return f"{self.identity.id} ∂/∂{self.argument}, {self.kind}: {self.what}"


class Altered(Namespace):
    """A namespace over another's scalars in which arithmetic goes wrong once, or ties go to the other side.

    Operations are counted; number ``forget`` is left out and its operand ``kept`` stands instead, in the result's shape.
    """

    def __init__(self, xp: Namespace, *, forget: int = -1, kept: int = 0, swap: bool = False) -> None:
        super().__init__(xp.algebra)
        self.forget, self.kept, self.swap = forget, kept, swap
        self.operands: list[int] = []
        self.comparisons = 0
        self._inside = False

    def adopt(self, x: Any) -> Any:
        """An array of the other namespace as one of this."""
        return Array(self, x.elements) if isinstance(x, Array) else x

    def _forgets(self, operands: int) -> bool:
        if self._inside:
            return False
        self.operands.append(operands)
        return len(self.operands) - 1 == self.forget

    def _map1(self, f: Callable[[Any], Any], x: Any) -> Array:
        return super()._map1((lambda a: a) if self._forgets(1) else f, x)

    def _map2(self, f: Callable[[Any, Any], Any], x: Any, y: Any) -> Array:
        return super()._map2((lambda *both: self.algebra.lift(both[self.kept])) if self._forgets(2) else f, x, y)

    def _compare(self, kind: str, x: Any, y: Any) -> Array:
        self.comparisons += 1
        self._inside = True
        try:
            return super()._compare(_SWAPPED.get(kind, kind) if self.swap else kind, x, y)
        finally:
            self._inside = False


@contextmanager
def forgetful(*, forget: int = -1, kept: int = 0, swap: bool = False) -> Iterator[None]:
    """In index notation, where arrays do not ask the namespace for their arithmetic: as ``Altered``, operation by operation."""
    count = itertools.count()
    map1, map2 = index_arrays.map1, index_arrays.map2

    def one(f: Callable[[Any], Any], x: Any) -> Any:
        return map1((lambda a: a) if next(count) == forget else f, x)

    def two(f: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
        return map2((lambda *both: both[kept]) if next(count) == forget else f, x, y)

    with patch.multiple(index_arrays, map1=one, map2=two), patch.object(index_namespace, "map1", one):
        yield


def altered(form: Form, **how: Any) -> Form:
    """A closed form run in an altered namespace; what becomes of the operator later is not altered."""

    def wrong(xp: Any, *arguments: Any) -> Operator:
        if isinstance(xp, index_namespace.IndexNamespace):
            with forgetful(**how):
                return form(xp, *arguments)
        namespace = Altered(xp, **how)
        operator = form(namespace, *map(namespace.adopt, arguments))
        namespace.forget = -1
        return operator

    return wrong


def changed(form: Form, change: Change) -> Form:
    """A closed form with a change of its operator wherever that applies."""

    def wrong(xp: Any, *arguments: Any) -> Operator:
        operator = form(xp, *arguments)
        found = change(operator)
        return operator if found is None else found

    return wrong


def weighted(form: Form, theta: float) -> Form:
    """A closed form that gives the other side of a tie the weight ``theta`` and the declared one the rest."""
    other = altered(form, swap=True)
    return lambda xp, *arguments: Scaled(1 - theta, form(xp, *arguments)) + Scaled(theta, other(xp, *arguments))


def wrong_forms(rule: Rule) -> Iterator[WrongForm]:
    """The mutants of a rule that apply somewhere."""
    for name, form in rule.partials.items():
        operators = [operator_at(form, point) for point in points(rule)]
        for kind, ways in CHANGES.items():
            for what, change in ways.items():
                if any(change(operator) is not None for operator in operators):
                    yield WrongForm(rule, kind, name, what, changed(form, change))
        operands, comparisons = _operations(rule, form)
        for number, count in enumerate(operands):
            for kept in range(count):
                what = f"operation {number + 1} of {len(operands)} left out for its {('left', 'right')[kept]} operand"
                yield WrongForm(rule, "dropped term", name, what, altered(form, forget=number, kept=kept))
        if comparisons:
            yield WrongForm(rule, "wrong branch", name, "ties to the other side", altered(form, swap=True))


def _operations(rule: Rule, form: Form) -> tuple[list[int], int]:
    """The operations of a closed form by the number of operands, and how many comparisons it makes, at most."""
    found: tuple[list[int], int] = [], 0

    def count(point: Point) -> tuple[list[int], int]:
        seen: list[Altered] = []

        def counted(xp: Namespace, *arguments: Any) -> Operator:
            seen.append(Altered(xp))
            return form(seen[0], *map(seen[0].adopt, arguments))

        operator_at(counted, point)
        return seen[0].operands, seen[0].comparisons

    for point in points(rule):
        found = max(found, count(point), key=lambda pair: len(pair[0]) + pair[1])
    return found
