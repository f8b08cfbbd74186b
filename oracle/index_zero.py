"""Whether a term is zero: cases for each Kronecker delta and choice, then a polynomial identity over opaque atoms.

The answer True is a proof: the polynomial, multiplied by denominators that are not 0 at generic points, has no
term left, in every case. The answer False says only that no proof was found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import floor
from typing import Any

from .index_atoms import Delta, Indicator, Sum, delta
from .index_binders import opened, transformed
from .index_powers import ONE, ZERO, Group
from .index_sizes import Index, Size, Var
from .index_sums import total
from .index_terms import Atom, Poly

_ROUNDS = 6
_CHOICES = 4
"""How many choices are split into their two cases: few formulas have more, and the cases double with each."""
Choices = Mapping[Atom, Poly]


class Cases:
    """A zero test; ``tried`` collects the cases in words, for those who want to follow the proof."""

    def __init__(self) -> None:
        self.tried: list[tuple[str, Poly]] = []

    def is_zero(
        self, p: Poly, case: str = "", differ: frozenset[Index] = frozenset(), choices: Choices | None = None
    ) -> bool:
        """Whether p is 0 at all generic points, by splitting into cases until the polynomial identity decides.

        ``differ``: differences of indices that are not 0 in this case; ``choices``: what predicates are in it.
        """
        cleared = without_denominators(p)
        if not cleared:
            self.tried.append((case, p))
            return True
        split = _delta(cleared)
        if split is None:
            return self._by_choice(cleared, case, differ, choices)
        name, value = _solved(split)
        moved = [index.replaced({name: value}) for index in differ]
        # Where i ≠ k is known and j = i, also j = k is excluded; where j = k is known too, the case does not occur.
        if all(index.parts or index.const for index in moved) and not self.is_zero(
            apart(_equal(cleared, name, value), moved), _join(case, f"{name} = {value}"), frozenset(moved), choices
        ):
            return False
        known = differ | {split.difference}
        return self.is_zero(apart(cleared, known), _join(case, f"{name} ≠ {value}"), known, choices)

    def _by_choice(self, p: Poly, case: str, differ: frozenset[Index], choices: Choices | None) -> bool:
        """Whether p is 0 both where a predicate holds and where it does not: [q > 0]·exp([q > 0]·x) is [q > 0]·exp(x)."""
        choice, choices = _choice(p), choices or {}
        if choice is None or choice in choices or len(choices) >= _CHOICES:
            left = _without_sums(p)
            self.tried.append((case, left))
            return not left
        for value in (ONE, ZERO):
            known = {**choices, choice: value}
            if not self.is_zero(_chosen(p, known), _join(case, f"{choice} = {value}"), differ, known):
                return False
        return True


def is_zero(p: Poly) -> bool:
    """Whether p is 0 at all generic points."""
    return Cases().is_zero(p)


def without_denominators(p: Poly) -> Poly:
    """p times the powers of groups that stand in its denominators, fully expanded.

    Terms with different fractional powers of a group are kept apart: each must vanish by itself, which is sufficient.
    """
    for _ in range(_ROUNDS):
        lowest: dict[Atom, Fraction] = {}
        for m in p.terms:
            for atom, e in m:
                if isinstance(atom, Group):
                    lowest[atom] = min(lowest.get(atom, Fraction(0)), e)
        negative = {atom: floor(e) for atom, e in lowest.items() if e < 0}
        if not negative:
            return p
        atom = min(negative, key=lambda one: one.key)
        result: dict[int, list[Poly]] = defaultdict(list)
        for m, c in p.terms.items():
            exponent = dict(m).get(atom, Fraction(0)) - negative[atom]
            rest = Poly({tuple(part for part in m if part[0] != atom): c})
            whole = floor(exponent)
            fraction = exponent - whole
            result[whole].append(rest * Poly.atom(atom, fraction) if fraction else rest)
        assert isinstance(atom, Group)
        found, factor = [], ONE
        for whole in range(max(result) + 1):
            found.append(Poly.sum(result[whole]) * factor)
            factor = factor * atom.inside
        p = Poly.sum(found)
    return p


def _delta(p: Poly) -> Delta | None:
    """A delta of free indices, anywhere in the term where it can be decided."""
    found = sorted((a for a in p.all_atoms() if isinstance(a, Delta) and _is_free(a)), key=lambda a: a.key)
    return found[0] if found else None


def _is_free(atom: Delta) -> bool:
    difference = atom.difference
    return all(isinstance(v, Var) for v, _ in difference.parts) and any(abs(c) == 1 for _, c in difference.parts)


def _solved(split: Delta) -> tuple[Any, Index]:
    """A variable and what it equals where the delta is 1."""
    difference = split.difference
    name, count = next(part for part in reversed(difference.parts) if abs(part[1]) == 1)
    return name, Index({v: -c * count for v, c in difference.parts if v != name}, -difference.const * count)


def _equal(p: Poly, name: Var, value: Index) -> Poly:
    """p where an index variable has a value."""
    return transformed(p, lambda atom: None, lambda index: index.replaced({name: value}))


def _choice(p: Poly) -> Indicator | None:
    """An indicator outside of all binders in which there is no other one."""
    pending, found = [p], set()
    while pending:
        for atom in pending.pop().atoms():
            if isinstance(atom, Indicator) and not any(isinstance(one, Indicator) for one in atom.inside.all_atoms()):
                found.add(atom)
            pending += [child for child, binder in zip(atom.children, atom.binders, strict=True) if not binder]
    return min(found, key=lambda atom: atom.key, default=None)


def _without_sums(p: Poly) -> Poly:
    """p without the sums over equal sizes that vanish together, because their bodies do at every index."""
    bodies: dict[tuple[Any, tuple[Size, ...]], list[Poly]] = defaultdict(list)
    rest: list[Poly] = []
    for m, c in p.terms.items():
        sums = [(atom, e) for atom, e in m if isinstance(atom, Sum)]
        if len(sums) != 1 or sums[0][1] != 1:
            rest.append(Poly({m: c}))
            continue
        key = tuple(part for part in m if part != sums[0]), sums[0][0].sizes
        bodies[key].append(sums[0][0].body * Poly.number(c))
    for (factor, sizes), parts in bodies.items():
        names = [Var.fresh(size) for size in sizes]
        body = opened(Poly.sum(parts), names)
        if not is_zero(body):
            rest.append(Poly({factor: Fraction(1)}) * total(names, body))
    return Poly.sum(rest)


def _chosen(p: Poly, choices: Choices) -> Poly:
    """p where predicates hold (1) or do not (0); what is chosen may come back from inside another predicate."""
    for _ in choices:
        p = transformed(p, choices.get, lambda index: index)
    return p


def apart(p: Poly, differ: Iterable[Index]) -> Poly:
    """p where differences of indices are not 0."""
    known = {delta(index, Index({})) for index in differ}

    def gone(atom: Atom) -> Poly | None:
        return ZERO if isinstance(atom, Delta) and delta(atom.difference, Index({})) in known else None

    return transformed(p, gone, lambda index: index) if known else p


def _join(*cases: str) -> str:
    return ", ".join(filter(None, cases))
