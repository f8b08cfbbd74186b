"""Choices that are tied whatever the entries are: [xᵢ − xₖ > 0] where i = k, [xᵢ − x̄ > 0] where n = 1, [−δᵢₖ > 0] where i ≠ k.

A tie between generic entries happens nowhere; these happen at every point, and the two readings of a predicate, [p > 0]
and 1 − [−p > 0], differ there. So p must not vanish in any case of equal indices, of sizes that are 1, or of other choices.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import lru_cache

from .index_atoms import Delta, Indicator, Sum, hypotheses
from .index_binders import relabelled, transformed
from .index_powers import ONE, ZERO, Function, Group
from .index_sizes import Index, Var
from .index_symbols import Entry, Prime, SizeAtom
from .index_terms import Atom, Monomial, Poly, Undecided

Case = tuple[str, Callable[[Poly], Poly]]


def tied(p: Poly) -> str:
    """A case in which p is 0 at every point, in words; empty where there is none."""
    if _stays(p):
        return ""
    # What hypotheses say of the choices in p may differ from one law to the next; without them the answer is p's alone.
    return _tied(p, "", set()) if hypotheses() else _tied_alone(p)


@lru_cache(maxsize=2**14)
def _tied_alone(p: Poly) -> str:
    return _tied(p, "", set())


def _tied(p: Poly, words: str, seen: set[str]) -> str:
    if p.key in seen:
        return ""
    seen.add(p.key)
    apart = transformed(p, lambda atom: ZERO if isinstance(atom, Delta) and _is_free(atom) else None, lambda i: i)
    if not p or not apart:
        return words or "indices differ"
    for said, case in _cases(p):
        try:
            found = _tied(case(p), f"{words}, {said}" if words else said, seen)
        except Undecided:  # a division by 0: nothing is claimed there
            continue
        if found:
            return found
    return ""


def _cases(p: Poly) -> Iterator[Case]:
    """What indices, sizes and choices may be, one step at a time."""
    atoms = p.all_atoms()
    for v, w in itertools.combinations(sorted(p.free, key=lambda one: one.key), 2):
        if v.size == w.size:
            yield f"{v} = {w}", lambda q, v=v, w=w: relabelled(q, {v: Index({w: 1})})
    integers = {i.const for atom in atoms for i in atom.indices if not i.parts}
    for v, k in itertools.product(sorted(p.free, key=lambda one: one.key), sorted(integers)):
        yield f"{v} = {k}", lambda q, v=v, k=k: relabelled(q, {v: Index({}, k)})
    for atom in sorted((one for one in atoms if isinstance(one, Indicator)), key=lambda one: one.key):
        for value in (ZERO, ONE):
            yield f"{atom} = {value}", lambda q, atom=atom, value=value: _with(q, atom, value)
    sizes = {atom.name for atom in atoms if isinstance(atom, SizeAtom)}
    sizes |= {name for atom in atoms if isinstance(atom, Sum) for size in atom.sizes for name in size.names}
    for name in sorted(sizes):
        yield f"{name} = 1", lambda q, name=name: _with_size_1(q, name)


def _with(p: Poly, old: Atom, new: Poly) -> Poly:
    return transformed(p, lambda atom: new if atom == old else None, lambda index: index)


def _with_size_1(p: Poly, name: str) -> Poly:
    """p where a size is 1: all indices that run over it are 0."""

    def index_0(index: Index) -> Index:
        over = [v for v, _ in index.parts if isinstance(v, Var) and v.size.names == (name,) and not v.size.whole]
        return index.replaced({v: Index({}, 0) for v in over if v.size.factor == 1})

    return _with(transformed(p, lambda atom: None, index_0), SizeAtom(name), ONE)


def _is_free(atom: Delta) -> bool:
    return all(isinstance(v, Var) for v, _ in atom.difference.parts)


def _stays(p: Poly) -> bool:
    """Whether p is easily seen to vanish in no case: one term that no case makes 0, and that no other can cancel."""
    if not all(_never_0(m) for m in p.terms):
        return False
    if len(p.terms) == 1:
        return True
    if not all(_is_plain(atom) for atom in p.all_atoms()):
        return False
    symbols = [_symbols(m) for m in p.terms]
    return any(symbols.count(one) == 1 for one in symbols)


def _never_0(m: Monomial) -> bool:
    """Whether no case makes a monomial 0: entries, and generic values of them, are not."""
    for atom, e in m:
        if isinstance(atom, Group) and e > 0 and tied(atom.inside):
            return False
        if isinstance(atom, Delta | Indicator) or (isinstance(atom, Function) and atom.name != "exp"):
            return False
        if isinstance(atom, Sum) and not all(_never_0(inner) for inner in atom.body.terms):
            return False
    return True


def _is_plain(atom: Atom) -> bool:
    return isinstance(atom, Entry | SizeAtom | Prime | Sum)


def _symbols(m: Monomial) -> frozenset[str]:
    """The arrays of symbols in a monomial, which no case changes."""
    return frozenset(atom.tensor for atom in Poly({m: 1}).all_atoms() if isinstance(atom, Entry))  # type: ignore[dict-item]
