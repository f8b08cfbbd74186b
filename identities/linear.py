"""The algebra of linear operators: what a derivative is, and sums, products, multiples and stacks of derivatives.

A derivative maps a tangent of shape ``in_shape`` to one of shape ``out_shape``. Every operator knows its product with a
tangent (``matvec``, the JVP), with a cotangent (``rmatvec``, the VJP) and its entry (i, j); ``dense`` is the Jacobian in
numerator layout, rows outputs and columns inputs, both flattened in row-major order. The arrays inside may belong to any
namespace ``xp``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

Shape = tuple[int, ...]
Index = tuple[Any, ...]


def indices(shape: Shape) -> list[Index]:
    """All multi-indices of a shape in row-major order; ``[()]`` for a scalar."""
    return list(itertools.product(*map(range, shape)))


def kronecker(i: Index, j: Index) -> Any:
    """δᵢⱼ: 1 for equal multi-indices, else 0. The indices of a prover are symbols, which know their own δ."""
    result: Any = 1
    for a, b in zip(i, j, strict=True):
        symbol, other = (a, b) if hasattr(a, "kronecker") else (b, a)
        if hasattr(symbol, "kronecker"):
            result = symbol.kronecker(other) * result  # type: ignore[union-attr]
        elif a != b:
            return 0
    return result


class NoEntries(Exception):
    """The entries of an operator at symbolic indices are not known; its products with vectors determine it as well."""


class Operator:
    """A linear map from arrays of ``in_shape`` to arrays of ``out_shape``."""

    in_shape: Shape
    out_shape: Shape
    # NumPy arrays would otherwise take an operator for an object to be multiplied element by element.
    __array_ufunc__ = None

    def matvec(self, xp: Any, v: Any) -> Any:
        """The product J v; ``v`` of shape ``in_shape``."""
        raise NotImplementedError

    def rmatvec(self, xp: Any, u: Any) -> Any:
        """The product uᵀ J, as an array of shape ``in_shape``; ``u`` of shape ``out_shape``."""
        raise NotImplementedError

    def entry(self, i: Index, j: Index) -> Any:
        """∂yᵢ/∂xⱼ for multi-indices i of the output and j of the input."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, int]:
        """(outputs, inputs) as counts: the shape of the Jacobian."""
        return math.prod(self.out_shape), math.prod(self.in_shape)

    def dense(self) -> list[list[Any]]:
        """The Jacobian as a list of rows."""
        columns = indices(self.in_shape)
        return [[self.entry(i, j) for j in columns] for i in indices(self.out_shape)]

    def __matmul__(self, other: Operator) -> Operator:
        if self.in_shape != other.out_shape:
            raise ValueError(f"cannot compose: {self.in_shape} wanted, {other.out_shape} given")
        return Composition(self, other)

    def __add__(self, other: Operator) -> Operator:
        if (self.in_shape, self.out_shape) != (other.in_shape, other.out_shape):
            raise ValueError(
                f"cannot add derivatives {other.in_shape}→{other.out_shape} to {self.in_shape}→{self.out_shape}"
            )
        return Sum(self, other)

    def __neg__(self) -> Operator:
        return Scaled(-1, self)

    def __sub__(self, other: Operator) -> Operator:
        return self + (-other)

    def __rmul__(self, factor: Any) -> Operator:
        return Scaled(factor, self)


def _of_one_shape(parts: Sequence[Operator]) -> list[Operator]:
    shapes = list(dict.fromkeys((part.in_shape, part.out_shape) for part in parts))
    if len(shapes) != 1:
        raise ValueError(f"parts of one shape wanted, {', '.join(f'{i}→{o}' for i, o in shapes) or 'none'} given")
    return list(parts)


class Stack(Operator):
    """Derivatives of equal shapes stacked along a new first axis of the output: gradients stacked to a Jacobian."""

    def __init__(self, parts: Sequence[Operator]) -> None:
        self.parts = _of_one_shape(parts)
        self.in_shape, self.out_shape = parts[0].in_shape, (len(parts), *parts[0].out_shape)

    def matvec(self, xp: Any, v: Any) -> Any:
        return xp.stack([part.matvec(xp, v) for part in self.parts])

    def rmatvec(self, xp: Any, u: Any) -> Any:
        every = (slice(None),) * (len(self.out_shape) - 1)  # the Array API asks for an index of every axis
        return total(part.rmatvec(xp, u[(k, *every)]) for k, part in enumerate(self.parts))

    def entry(self, i: Index, j: Index) -> Any:
        return self.parts[i[0]].entry(i[1:], j)


class Row(Operator):
    """Derivatives with respect to scalar arguments side by side: the gradient [∂f/∂x₀, ∂f/∂x₁, …]."""

    def __init__(self, parts: Sequence[Operator]) -> None:
        self.parts = _of_one_shape(parts)
        self.in_shape, self.out_shape = (len(parts), *parts[0].in_shape), parts[0].out_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return total(part.matvec(xp, v[k]) for k, part in enumerate(self.parts))

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return xp.stack([part.rmatvec(xp, u) for part in self.parts])

    def entry(self, i: Index, j: Index) -> Any:
        return self.parts[j[0]].entry(i, j[1:])


class Composition(Operator):
    """The product of two derivatives: ``outer`` after ``inner``."""

    def __init__(self, outer: Operator, inner: Operator) -> None:
        self.outer, self.inner = outer, inner
        self.in_shape, self.out_shape = inner.in_shape, outer.out_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.outer.matvec(xp, self.inner.matvec(xp, v))

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.inner.rmatvec(xp, self.outer.rmatvec(xp, u))

    def entry(self, i: Index, j: Index) -> Any:
        return total(self.outer.entry(i, k) * self.inner.entry(k, j) for k in indices(self.inner.out_shape))


class Sum(Operator):
    """The sum of two derivatives of the same shapes."""

    def __init__(self, left: Operator, right: Operator) -> None:
        self.left, self.right = left, right
        self.in_shape, self.out_shape = left.in_shape, left.out_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.left.matvec(xp, v) + self.right.matvec(xp, v)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.left.rmatvec(xp, u) + self.right.rmatvec(xp, u)

    def entry(self, i: Index, j: Index) -> Any:
        return self.left.entry(i, j) + self.right.entry(i, j)


class Scaled(Operator):
    """A derivative times a number."""

    def __init__(self, factor: Any, operator: Operator) -> None:
        self.factor, self.operator = factor, operator
        self.in_shape, self.out_shape = operator.in_shape, operator.out_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.factor * self.operator.matvec(xp, v)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.factor * self.operator.rmatvec(xp, u)

    def entry(self, i: Index, j: Index) -> Any:
        return self.factor * self.operator.entry(i, j)


def total(terms: Any) -> Any:
    """The sum of an iterable; 0 where it is empty. Unlike ``sum`` it adds no leading 0."""
    iterator = iter(terms)
    result = next(iterator, 0)
    for term in iterator:
        result = result + term
    return result
