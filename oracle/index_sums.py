"""Sums over index variables in normal form.

Laws used: linearity; Σᵢ c = n·c; Σᵢ δᵢₖ aᵢ = aₖ; a factor that does not depend on i leaves Σᵢ; a product of sums is one
sum over both variables; Σⱼ Aᵢⱼ (A⁻¹)ⱼₖ = δᵢₖ; Σᵢ aᵢ = Σᵢ aᵢ₊ₖ over all of ℤ. A sum that falls into independent parts
is the product of the sums of the parts; what then remains is an atom whose variables have a canonical order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from .index_atoms import Applied, Delta, Sum, delta
from .index_binders import canonical_names, closed, opened, relabelled
from .index_powers import ONE
from .index_sizes import Index, Mark, Var
from .index_symbols import Entry, as_number
from .index_terms import Atom, Exponent, Poly, Undecided

Factors = list[tuple[Atom, Exponent]]


def total(names: Sequence[Var], p: Poly) -> Poly:
    """Σ over the variables ``names`` of p."""
    if not names:
        return p
    result = Poly({})
    for m, c in p.terms.items():
        result = result + _sum_of(list(names), list(m)) * Poly.number(c)
    return result


def _sum_of(names: list[Var], factors: Factors) -> Poly:
    """Σ over ``names`` of a monomial."""
    for step in (_merge_inner_sum, _contract_delta, _contract_inverse):
        found = step(names, factors)
        if found is not None:
            return found
    bound = set(names)
    outside = ONE
    inside: Factors = []
    for atom, e in factors:
        if atom.free & bound:
            inside.append((atom, e))
        else:
            outside = outside * Poly.atom(atom, e)
    for name in names:
        if not any(name in atom.free for atom, _ in inside):
            if name.size.whole:
                raise Undecided("a sum without end")
            outside = outside * as_number(name.size)
            bound.discard(name)
    for part in _parts(inside, bound):
        outside = outside * _atom(part, [name for name in names if any(name in atom.free for atom, _ in part)])
    return outside


def _merge_inner_sum(names: list[Var], factors: Factors) -> Poly | None:
    """(Σⱼ aⱼ) inside Σᵢ, where aⱼ depends on i, becomes one sum over i and j."""
    for k, (atom, e) in enumerate(factors):
        if isinstance(atom, Sum) and e > 0 and e.denominator == 1 and atom.free & set(names):
            inner = [Var.fresh(size) for size in atom.sizes]
            body = opened(atom.body, inner)
            rest = _product(factors[:k] + factors[k + 1 :] + ([(atom, e - 1)] if e > 1 else []))
            return total([*names, *inner], body * rest)
    return None


def _contract_delta(names: list[Var], factors: Factors) -> Poly | None:
    """Σᵢ δᵢₖ aᵢ = aₖ."""
    for k, (atom, _) in enumerate(factors):
        if not isinstance(atom, Delta):
            continue
        difference = atom.difference
        for name, count in difference.parts:
            if name not in names or abs(count) != 1:
                continue
            assert isinstance(name, Var)
            value = Index({v: -c * count for v, c in difference.parts if v != name}, -difference.const * count)
            if not name.size.whole and not _in_range(value, name):
                continue
            rest = relabelled(_product(factors[:k] + factors[k + 1 :]), {name: value})
            return total([other for other in names if other != name], rest)
    return None


def _in_range(value: Index, name: Var) -> bool:
    """Whether an index runs over the range of a variable: another variable of the same size, or an integer that is in use."""
    if value.var is not None:
        return value.var.size == name.size
    return not value.parts and value.const >= 0


def _contract_inverse(names: list[Var], factors: Factors) -> Poly | None:
    """Σⱼ Aᵢⱼ (A⁻¹)ⱼₖ = δᵢₖ = Σⱼ (A⁻¹)ᵢⱼ Aⱼₖ, where j stands nowhere else."""
    for inverse, e in factors:
        if not (isinstance(inverse, Applied) and inverse.kind == "inverse" and e == 1):
            continue
        for matrix, f in factors:
            if not (isinstance(matrix, Entry) and f == 1 and _is_inverse_of(inverse, matrix)):
                continue
            for near, far in ((0, 1), (1, 0)):
                name = inverse.out[near].var
                if name not in names or matrix.indices[1 - near].var != name or matrix.indices[near].var == name:
                    continue
                if inverse.out[far].var == name or sum(name in atom.free for atom, _ in factors) != 2:
                    continue
                rest = [one for one in factors if one[0] not in (inverse, matrix)]
                found = delta(matrix.indices[near], inverse.out[far]) * _product(rest)
                return total([other for other in names if other != name], found)
    return None


def _is_inverse_of(inverse: Applied, matrix: Entry) -> bool:
    names = [Var.fresh(size) for size in inverse.binders[0]]
    return opened(inverse.arguments[0], names) == Poly.atom(
        Entry(matrix.tensor, [Index({name: 1}) for name in names], positive=matrix.positive)
    )


def _product(factors: Factors) -> Poly:
    result = ONE
    for atom, e in factors:
        result = result * Poly.atom(atom, e)
    return result


def _parts(factors: Factors, bound: set[Var]) -> Iterator[Factors]:
    """Factors in groups that share no bound variable."""
    left = list(factors)
    while left:
        part = [left.pop(0)]
        shared = set(part[0][0].free & bound)
        grown = True
        while grown:
            near = [one for one in left if one[0].free & shared]
            left = [one for one in left if not one[0].free & shared]
            part += near
            shared |= {v for atom, _ in near for v in atom.free & bound}
            grown = bool(near)
        yield part


def _atom(part: Factors, names: list[Var]) -> Poly:
    """One connected sum as an atom; of all names and orders of its variables the least is taken."""
    body = _product(part)
    best: Sum | None = None
    for shifted in _shifts(body, names):
        for order in _orders(shifted, names):
            sizes = tuple(name.size for name in order)
            canonical = canonical_names(shifted, sizes)
            by = {name: Index({new: 1}) for name, new in zip(order, canonical, strict=True)}
            candidate = closed(relabelled(shifted, by), canonical)
            if len(candidate.terms) != 1 or next(iter(candidate.terms.values())) != 1:
                raise Undecided("the sign of a term depends on the names of its indices")
            found = Sum(sizes, candidate)
            best = found if best is None or found.key < best.key else best
    assert best is not None
    return Poly.atom(best)


def _shifts(body: Poly, names: list[Var]) -> list[Poly]:
    """The body itself; where a variable runs over all of ℤ also with each index that holds it made the variable."""
    found = [body]
    for name in names:
        if not name.size.whole:
            continue
        for shifted in list(found):
            for index in _indices(shifted):
                count = dict(index.parts).get(name, 0)
                if abs(count) == 1 and index.var != name:
                    others = index - Index({name: count})
                    found.append(relabelled(shifted, {name: Index({name: count}) - (others if count > 0 else -others)}))
    return found


def _indices(p: Poly) -> list[Index]:
    found: dict[Index, None] = {}
    for atom in sorted(p.atoms(), key=lambda one: one.key):
        found.update(dict.fromkeys(atom.indices))
        for child in atom.children:
            found.update(dict.fromkeys(_indices(child)))
    return list(found)


def _orders(body: Poly, names: list[Var]) -> Iterator[tuple[Var, ...]]:
    """Orders of the variables, by size and by how they stand in the body; only alike ones in every order."""
    marks = {name: repr(name.size) for name in names}
    for _ in range(3):
        marks = {name: f"{marks[name]}|{body.described(_marked(marks, name))}" for name in names}
        ranks = {mark: f"{k:03d}" for k, mark in enumerate(sorted(set(marks.values())))}
        marks = {name: ranks[mark] for name, mark in marks.items()}
    groups = [list(group) for _, group in itertools.groupby(sorted(names, key=marks.__getitem__), marks.__getitem__)]
    for choice in itertools.product(*(itertools.permutations(group) for group in groups)):
        yield tuple(itertools.chain(*choice))


def _marked(marks: Mapping[Var, str], name: Var) -> Mark:
    """Variables by their marks, one of them singled out."""
    return lambda v: "me" if v == name else marks.get(v, v.key) if isinstance(v, Var) else repr(v.size)
