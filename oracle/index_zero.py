"""Whether a term is zero: cases for each Kronecker delta and indicator, then a polynomial identity over opaque atoms.

The answer True is a proof: the polynomial, multiplied by denominators that are not 0 at generic points, has no
term left, in every case. The answer False says only that no proof was found.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from math import floor

from .index_atoms import Delta
from .index_binders import transformed
from .index_powers import ONE, ZERO, Group
from .index_sizes import Index, Var
from .index_terms import Atom, Poly

_ROUNDS = 6


class Cases:
    """A zero test; ``tried`` collects the cases in words, for those who want to follow the proof."""

    def __init__(self) -> None:
        self.tried: list[tuple[str, Poly]] = []

    def is_zero(self, p: Poly, case: str = "") -> bool:
        """Whether p is 0 at all generic points, by splitting into cases until the polynomial identity decides."""
        cleared = without_denominators(p)
        if not cleared:
            self.tried.append((case, p))
            return True
        split = _delta(cleared)
        if split is not None:
            equal, apart = _cases_of(split)
            words = _words(split)
            return self.is_zero(equal(cleared), _join(case, words[0])) and self.is_zero(
                apart(cleared), _join(case, words[1])
            )
        self.tried.append((case, cleared))
        return False


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
        result: dict[int, Poly] = defaultdict(lambda: ZERO)
        for m, c in p.terms.items():
            exponent = dict(m).get(atom, Fraction(0)) - negative[atom]
            rest = Poly({tuple(part for part in m if part[0] != atom): c})
            whole = floor(exponent)
            fraction = exponent - whole
            result[whole] = result[whole] + rest * (Poly.atom(atom, fraction) if fraction else ONE)
        assert isinstance(atom, Group)
        p, factor = ZERO, ONE
        for whole in range(max(result) + 1):
            p = p + result[whole] * factor
            factor = factor * atom.inside
    return p


def _delta(p: Poly) -> Delta | None:
    """A delta of free indices, anywhere in the term where it can be decided."""
    found = sorted((a for a in _all_atoms(p) if isinstance(a, Delta) and _is_free(a)), key=lambda a: a.key)
    return found[0] if found else None


def _is_free(atom: Delta) -> bool:
    return all(isinstance(v, Var) for v, _ in atom.difference.parts)


def _all_atoms(p: Poly) -> set[Atom]:
    found: set[Atom] = set()
    for atom in p.atoms():
        found.add(atom)
        for child in atom.children:
            found |= _all_atoms(child)
    return found


def _cases_of(split: Delta):
    """The two cases of a delta: its indices are equal, and one is put for the other; or they are not."""
    name, count = split.difference.parts[-1]
    value = Index({v: -c * count for v, c in split.difference.parts[:-1]}, -split.difference.const * count)

    def equal(p: Poly) -> Poly:
        return transformed(p, lambda atom: None, lambda index: index.replaced({name: value}))

    def apart(p: Poly) -> Poly:
        return transformed(p, lambda atom: ZERO if atom == split else None, lambda index: index)

    return equal, apart


def _words(split: Delta) -> tuple[str, str]:
    name, count = split.difference.parts[-1]
    value = Index({v: -c * count for v, c in split.difference.parts[:-1]}, -split.difference.const * count)
    return f"{name} = {value}", f"{name} ≠ {value}"


def _join(*cases: str) -> str:
    return ", ".join(filter(None, cases))
