"""What D means in index notation: entries ∂fᵢ/∂xₖ as terms, for the functions of rules and for generic ones.

Hypotheses of laws are kept as rewriting of indicators: where z > 0 is required, [zₐ > 0] is 1 for every a.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count, product
from typing import Any

from ..identities.operators import Operator
from .derivative import Derivation
from .index_arrays import IndexArray, as_array, broadcast, variable
from .index_atoms import Indicator, assuming
from .index_binders import relabelled
from .index_calculus import derivative, substituted
from .index_namespace import IndexNamespace
from .index_places import Place, Places, all_places, sum_over
from .index_powers import ONE
from .index_sizes import Index, Var
from .index_terms import Atom, Poly, Undecided

_names = count(1)


class IndexOperator(Operator):
    """The derivative of an array of terms by an array of symbols, which may then be replaced by other terms."""

    def __init__(self, y: IndexArray, name: str, shape: Any, finish: Callable[[Poly], Poly] = lambda p: p) -> None:
        self.y, self.name, self.finish = y, name, finish
        self.in_shape, self.out_shape = tuple(shape), y.shape

    def term(self, i: Places, k: Places) -> Poly:
        """∂yᵢ/∂xₖ."""
        blocks = "".join(f"⟨{place.block}⟩" for place in k if place.block)
        entry = derivative(self.y.at(i), self.name + blocks, tuple(place.index for place in k))
        return self.finish(entry)

    def entry(self, i: Any, j: Any) -> IndexArray:
        return IndexArray((), lambda at: self.term(i, j))

    def matvec(self, xp: Any, v: Any) -> IndexArray:
        v = broadcast(as_array(v), self.in_shape)
        return IndexArray(self.out_shape, lambda i: sum_over(self.in_shape, lambda k: self.term(i, k) * v.at(k)))

    def rmatvec(self, xp: Any, u: Any) -> IndexArray:
        u = broadcast(as_array(u), self.out_shape)
        return IndexArray(self.in_shape, lambda k: sum_over(self.out_shape, lambda i: u.at(i) * self.term(i, k)))


class IndexDerivation(Derivation):
    """D over symbolic sizes. Facts that are no hypotheses cannot be decided: inequalities are undecided."""

    def __init__(self, xp: IndexNamespace) -> None:
        self.xp = xp
        self.hypotheses: list[Hypothesis] = []

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        """Fresh symbols stand in for the points while f is differentiated, then the points are put in."""
        arrays = [as_array(point) for point in points]
        names = [f"·{next(_names)}" for _ in arrays]  # no name that an input can have
        stand_ins = [
            variable(name, array.shape, positive=array.positive) for name, array in zip(names, arrays, strict=True)
        ]
        y = as_array(f(*stand_ins))
        entries = {
            name + "".join(f"⟨{b}⟩" for b in blocks if b): _entries(array, blocks)
            for name, array in zip(names, arrays, strict=True)
            for blocks in _blocks(array)
        }

        def put_in(p: Poly) -> Poly:
            return substituted(p, entries)

        return [IndexOperator(y, name, array.shape, put_in) for name, array in zip(names, arrays, strict=True)]

    def truths(self, predicate: Any) -> list[bool]:
        raise Undecided("an inequality")

    def require(self, predicate: Any) -> None:
        """From now on the predicate holds, for every index."""
        self.require_same(predicate, IndexArray(predicate.shape, lambda at: ONE))

    def require_same(self, predicate: Any, other: Any) -> None:
        """From now on the second predicate, or the first where the second is a number, is replaced by the other."""
        for at in all_places(predicate.shape):
            p, q = predicate.at(at), other.at(at)
            if p == q:
                continue
            pattern, value = (q, p) if q.constant is None else (p, q)
            names = sorted(pattern.free, key=lambda v: v.key)
            self.hypotheses.append(Hypothesis(names, pattern, value))
            assuming([*self.hypotheses])


class Hypothesis:
    """An indicator with variables ``names`` equals ``value`` whatever index stands for the variables."""

    def __init__(self, names: Sequence[Var], pattern: Poly, value: Poly) -> None:
        self.names, self.pattern, self.value = list(names), pattern, value
        found = [atom for atom in pattern.atoms() if isinstance(atom, Indicator)]
        if len(found) != 1 or pattern not in (Poly.atom(found[0]), ONE - Poly.atom(found[0])):
            raise Undecided("a hypothesis that is no comparison")
        # What an indicator must look like, whatever its indices are called, for the hypothesis to speak of it.
        self.shapes = {found[0].shape, Indicator(-found[0].inside).shape}
        self.known: dict[str, Poly | None] = {}

    def apply(self, atom: Atom) -> Poly | None:
        """What the hypothesis makes of an indicator, or None."""
        if atom.shape not in self.shapes:
            return None
        if atom.key not in self.known:
            self.known[atom.key] = self._applied(atom)
        return self.known[atom.key]

    def _applied(self, atom: Atom) -> Poly | None:
        by_size = [[v for v in atom.free if v.size == name.size] for name in self.names]
        for choice in product(*by_size):
            by = {name: Index({v: 1}) for name, v in zip(self.names, choice, strict=True)}
            for sign, reading in ((1, Poly.atom(atom)), (-1, ONE - Poly.atom(atom))):
                if relabelled(self.pattern, by) == reading:
                    value = relabelled(self.value, by)
                    return value if sign > 0 else ONE - value
        return None


def _blocks(array: IndexArray) -> list[tuple[int, ...]]:
    return list(dict.fromkeys(tuple(place.block for place in at) for at in all_places(array.shape)))


def _entries(array: IndexArray, blocks: tuple[int, ...]) -> Callable[[tuple[Index, ...]], Poly]:
    return lambda at: array.at(tuple(Place(i, b) for i, b in zip(at, blocks, strict=True)))
