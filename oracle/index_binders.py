"""Opening and closing binders, and rebuilding terms: the only place where bound indices are touched.

Outside a binder its indices are variables, inside they are numbers. ``opened`` puts fresh variables in place of the numbers,
``closed`` numbers in place of variables. Everything in between works on terms without loose numbers, so a substitution
cannot capture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from .index_atoms import Sum
from .index_sizes import Bound, Index, Size, Var
from .index_terms import Atom, Poly

Renaming = Callable[[Var | Bound, int], Index | None]
Sizes = tuple[Size, ...]


def _renamed(p: Poly, f: Renaming, depth: int = 0) -> Poly:
    """The same polynomial with other indices, not normalised anew. ``f`` receives how many binders are passed."""
    terms: dict = {}
    for m, c in p.terms.items():
        atoms = [(_renamed_atom(atom, f, depth), e) for atom, e in m]
        key = tuple(sorted(atoms, key=lambda part: part[0].key))
        terms[key] = terms.get(key, Fraction(0)) + c
    return Poly(terms)


def _renamed_atom(atom: Atom, f: Renaming, depth: int) -> Atom:
    if not atom.indices and not atom.children:
        return atom
    indices = tuple(_renamed_index(index, f, depth) for index in atom.indices)
    inside = zip(atom.children, atom.binders, strict=True)
    return atom.with_parts(indices, tuple(_renamed(child, f, depth + bool(binder)) for child, binder in inside))


def _renamed_index(index: Index, f: Renaming, depth: int) -> Index:
    found = {v: new for v, _ in index.parts if (new := f(v, depth)) is not None}
    return index.replaced(found) if found else index


def opened(body: Poly, names: Sequence[Var]) -> Poly:
    """The body of a binder with variables in place of its indices."""

    def rename(v: Var | Bound, depth: int) -> Index | None:
        return Index({names[v.slot]: 1}) if isinstance(v, Bound) and v.depth == depth else None

    return _renamed(body, rename)


def closed(body: Poly, names: Sequence[Var]) -> Poly:
    """The body of a binder: numbers in place of the variables."""
    slots = {v: slot for slot, v in enumerate(names)}

    def rename(v: Var | Bound, depth: int) -> Index | None:
        return Index({Bound(depth, slots[v], v.size): 1}) if isinstance(v, Var) and v in slots else None

    return _renamed(body, rename)


def canonical_names(body: Poly, sizes: Sizes) -> list[Var]:
    """Names that depend on the term alone and occur nowhere in it."""
    used = [int(v.key[1:].partition(".")[0]) for v in body.free if v.key.startswith("~")]
    level = max(used, default=-1) + 1
    return [Var("·", size, f"~{level}.{slot}") for slot, size in enumerate(sizes)]


def relabelled(p: Poly, by: Mapping[Var, Index]) -> Poly:
    """The normal form with index variables replaced."""
    return transformed(p, lambda atom: None, lambda index: index.replaced(by)) if by else p


def abstracted(body: Poly, names: Sequence[Var]) -> Poly:
    """The body of a binder whose variables have an order of their own, as the axes of an argument."""
    canonical = canonical_names(body, tuple(v.size for v in names))
    by = {v: Index({new: 1}) for v, new in zip(names, canonical, strict=True)}
    return closed(relabelled(body, by), canonical)


def transformed(p: Poly, on_atom: Callable[[Atom], Poly | None], on_index: Callable[[Index], Index]) -> Poly:
    """Rebuild a term in normal form. ``on_atom`` may replace an atom as a whole; others get new indices and children."""
    result = Poly({})
    for m, c in p.terms.items():
        product = Poly.number(c)
        for atom, e in m:
            found = on_atom(atom)
            product = product * (found.power(e) if found is not None else _transformed_atom(atom, e, on_atom, on_index))
        result = result + product
    return result


def _transformed_atom(
    atom: Atom, e: Fraction, on_atom: Callable[[Atom], Poly | None], on_index: Callable[[Index], Index]
) -> Poly:
    from .index_sums import total

    if not atom.indices and not atom.children:
        return Poly.atom(atom, e)
    indices = tuple(map(on_index, atom.indices))
    children = []
    for child, binder in zip(atom.children, atom.binders, strict=True):
        names = [Var.fresh(size) for size in binder]
        body = transformed(opened(child, names) if names else child, on_atom, on_index)
        if isinstance(atom, Sum):
            return total(names, body).power(e)
        children.append(abstracted(body, names) if names else body)
    return atom.raised(indices, tuple(children), e)
