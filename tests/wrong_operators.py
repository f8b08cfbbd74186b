"""Derivatives gone wrong: what one mistake makes of a linear operator. Each change gives None where it does not apply.

The mistakes are those of authors of derivative rules: a sign, a factor, a forgotten entry, numerator for denominator
layout, an index off by one, a broadcast axis that is not summed, a constant too much, yesterday's tangent.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gradlaw.identities.operators import (
    Composition,
    Dense,
    Elementwise,
    Index,
    KroneckerIdentity,
    Operator,
    Reduction,
    Row,
    Scaled,
    Stack,
    Sum,
)
from gradlaw.oracle.arrays import Array

Change = Callable[[Operator], Operator | None]


def rolled(array: Array, shift: int) -> Array:
    """The elements moved by ``shift`` along the last axis."""
    return array.xp.wrap(list(np.roll(array.elements, shift, axis=-1).reshape(-1)), array.shape)


class Forgetful(Operator):
    """The last element of the argument contributes nothing."""

    def __init__(self, inner: Operator) -> None:
        self.inner, self.in_shape, self.out_shape = inner, inner.in_shape, inner.out_shape
        self.last = tuple(size - 1 for size in self.in_shape)

    def _kept(self, xp: Any) -> Any:
        mask = np.ones(self.in_shape, int)
        if mask.size:
            mask[self.last] = 0
        return xp.asarray(mask)

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.inner.matvec(xp, self._kept(xp) * v)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self._kept(xp) * self.inner.rmatvec(xp, u)

    def entry(self, i: Index, j: Index) -> Any:
        return 0 if j == self.last else self.inner.entry(i, j)


class Shifted(Operator):
    """Every column stands where its left neighbour belongs, along the last axis of the argument."""

    def __init__(self, inner: Operator) -> None:
        self.inner, self.in_shape, self.out_shape = inner, inner.in_shape, inner.out_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.inner.matvec(xp, rolled(v, 1))

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return rolled(self.inner.rmatvec(xp, u), -1)

    def entry(self, i: Index, j: Index) -> Any:
        return self.inner.entry(i, (*j[:-1], (j[-1] + 1) % self.in_shape[-1]))


class Transposed(Operator):
    """Columns for rows: the derivative in denominator layout. Of a vector that does not fit it makes zeros that do not."""

    def __init__(self, inner: Operator) -> None:
        self.inner, self.in_shape, self.out_shape = inner, inner.out_shape, inner.in_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.inner.rmatvec(xp, v) if tuple(v.shape) == self.in_shape else xp.zeros(self.out_shape)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.inner.matvec(xp, u) if tuple(u.shape) == self.out_shape else xp.zeros(self.in_shape)

    def entry(self, i: Index, j: Index) -> Any:
        return self.inner.entry(j, i)


class Offset(Operator):
    """1 too much in every entry."""

    def __init__(self, inner: Operator) -> None:
        self.inner, self.in_shape, self.out_shape = inner, inner.in_shape, inner.out_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.inner.matvec(xp, v) + xp.sum(v)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.inner.rmatvec(xp, u) + xp.sum(u)

    def entry(self, i: Index, j: Index) -> Any:
        return self.inner.entry(i, j) + 1


class Unsummed(Operator):
    """The transpose of a broadcast: the product is not summed over the expanded axes, or only its first part is kept."""

    def __init__(self, inner: Elementwise, *, first: bool) -> None:
        self.inner, self.first, self.in_shape, self.out_shape = inner, first, inner.in_shape, inner.out_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.inner.matvec(xp, v)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        product = self.inner.d * u
        if not self.first:
            return product
        part = product[tuple(slice(1) if k in self.inner.expanded else slice(None) for k in range(len(product.shape)))]
        return xp.reshape(part, self.in_shape) if 0 not in product.shape else self.inner.rmatvec(xp, u)

    def entry(self, i: Index, j: Index) -> Any:
        return self.inner.entry(i, j)


def _shifted(operator: Operator) -> Operator | None:
    return Shifted(operator) if operator.in_shape else None


_HELD = {Elementwise: "d", Reduction: "r", Dense: "a", KroneckerIdentity: "x"}
"""The array that an operator is made of."""


def _neighbours(operator: Operator) -> Operator | None:
    """The array that the operator is made of, rolled by one along its last axis."""
    name = _HELD.get(type(operator))
    if name is None or not getattr(operator, name).shape:
        return None
    wrong = copy.copy(operator)
    setattr(wrong, name, rolled(getattr(operator, name), 1))
    return wrong


def _unsummed(first: bool) -> Change:
    def change(operator: Operator) -> Operator | None:
        return Unsummed(operator, first=first) if isinstance(operator, Elementwise) and operator.expanded else None

    return change


CHANGES: dict[str, dict[str, Change]] = {
    "sign": {"−J": lambda J: Scaled(-1, J)},
    "factor 2": {"2 J": lambda J: Scaled(2, J)},
    "dropped entry": {"the last element of the argument": Forgetful},
    "transposed": {"Jᵀ": Transposed},
    "off by one": {"columns moved": _shifted, "values moved": _neighbours},
    "unsummed broadcast": {"not summed": _unsummed(False), "first part": _unsummed(True)},
    "offset": {"J + 1": Offset},
}
"""Kinds of mistakes, and for each the ways to make it."""


def terms(operator: Operator) -> Iterator[Operator]:
    """The operator with one summand, factor or number of its expression left out, wherever the shapes allow it."""
    match operator:
        case Sum(left=left, right=right):
            yield from (left, right)
            yield from (Sum(part, right) for part in terms(left))
            yield from (Sum(left, part) for part in terms(right))
        case Composition(outer=outer, inner=inner):
            if outer.in_shape == outer.out_shape:
                yield inner
            if inner.in_shape == inner.out_shape:
                yield outer
            yield from (Composition(part, inner) for part in terms(outer))
            yield from (Composition(outer, part) for part in terms(inner))
        case Scaled(factor=factor, operator=inner):
            yield inner
            yield from (Scaled(factor, part) for part in terms(inner))
        case Stack(parts=parts) | Row(parts=parts):
            for k, part in enumerate(parts):
                yield from (type(operator)([*parts[:k], wrong, *parts[k + 1 :]]) for wrong in terms(part))


def without_term(number: int) -> Change:
    """The change that leaves out term ``number`` of an expression of operators."""
    return lambda operator: next(itertools.islice(terms(operator), number, None), None)
