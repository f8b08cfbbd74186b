"""Derivatives as the paper writes them: small linear operators instead of matrices.

Each kind is a pattern of zeros: diagonal, a row, a column, I ⊗ xᵀ, dense. An element-wise derivative of a million elements
costs O(n). What operators have in common is in ``linear``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .linear import Composition, Index, NoEntries, Operator, Row, Scaled, Shape, Stack, Sum, indices, kronecker, total

__all__ = [
    "Composition",
    "Dense",
    "Elementwise",
    "Index",
    "KroneckerIdentity",
    "NoEntries",
    "Operator",
    "Products",
    "Reduction",
    "Row",
    "Scaled",
    "Shape",
    "Stack",
    "Sum",
    "Zero",
    "column",
    "dense",
    "diag",
    "eye",
    "indices",
    "kronecker",
    "row",
    "spread",
    "total",
    "zero",
]


class Elementwise(Operator):
    """y = f(x) with x broadcast to the shape of ``d``: the tangent is broadcast and multiplied by ``d``.

    The transpose sums over the expanded axes; where nothing is expanded it is the diagonal matrix of ``d``.
    """

    def __init__(self, d: Any, in_shape: Shape) -> None:
        self.d, self.in_shape, self.out_shape = d, tuple(in_shape), tuple(d.shape)
        extra = len(self.out_shape) - len(self.in_shape)
        kept = list(zip(self.in_shape, self.out_shape[max(extra, 0) :], strict=extra >= 0))
        if extra < 0 or any(size not in (1, full) for size, full in kept):
            raise ValueError(f"{self.in_shape} does not broadcast to {self.out_shape}")
        self.expanded = tuple(range(extra)) + tuple(
            extra + k for k, (size, full) in enumerate(kept) if size == 1 and full != 1
        )

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.d * v

    def rmatvec(self, xp: Any, u: Any) -> Any:
        product = self.d * u
        if self.expanded:
            product = xp.reshape(xp.sum(product, axis=self.expanded), self.in_shape)
        return product

    def entry(self, i: Index, j: Index) -> Any:
        extra = len(self.out_shape) - len(self.in_shape)
        source = tuple(0 if size == 1 else k for size, k in zip(self.in_shape, i[extra:], strict=True))
        return kronecker(source, j) * self.d[i]


class Reduction(Operator):
    """y = sum over ``axis`` of f(x): the tangent is multiplied by ``r`` and summed."""

    def __init__(self, xp: Any, r: Any, axis: int | tuple[int, ...] | None, keepdims: bool) -> None:
        self.r, self.in_shape, rank = r, tuple(r.shape), len(r.shape)
        axes = range(rank) if axis is None else (axis,) if isinstance(axis, int) else axis
        self.axes = tuple(sorted(k % rank for k in axes))
        self.kept_shape = tuple(1 if k in self.axes else size for k, size in enumerate(self.in_shape))
        self.out_shape = self.kept_shape if keepdims else self._drop(self.in_shape)

    def _drop(self, index: Index) -> Index:
        return tuple(k for position, k in enumerate(index) if position not in self.axes)

    def matvec(self, xp: Any, v: Any) -> Any:
        return xp.reshape(xp.sum(self.r * v, axis=self.axes), self.out_shape)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.r * xp.reshape(u, self.kept_shape)

    def entry(self, i: Index, j: Index) -> Any:
        survivors = self._drop(i) if len(i) == len(self.in_shape) else i
        return kronecker(self._drop(j), survivors) * self.r[j]


class Dense(Operator):
    """A Jacobian given by its entries: an array of shape ``out_shape`` + ``in_shape``."""

    def __init__(self, a: Any, out_rank: int = 1) -> None:
        self.a, self.out_shape, self.in_shape = a, tuple(a.shape[:out_rank]), tuple(a.shape[out_rank:])

    def matvec(self, xp: Any, v: Any) -> Any:
        last = tuple(range(len(self.out_shape), len(self.out_shape) + len(self.in_shape)))
        return xp.sum(self.a * v, axis=last) if last else self.a * v

    def rmatvec(self, xp: Any, u: Any) -> Any:
        first = tuple(range(len(self.out_shape)))
        aligned = xp.reshape(u, self.out_shape + (1,) * len(self.in_shape))
        return xp.sum(self.a * aligned, axis=first) if first else self.a * aligned

    def entry(self, i: Index, j: Index) -> Any:
        return self.a[i + j]


class KroneckerIdentity(Operator):
    """I ⊗ xᵀ for W ↦ W x, with W of shape (m, n) flattened row by row and x of shape (n,)."""

    def __init__(self, m: int, x: Any) -> None:
        self.x, self.in_shape, self.out_shape = x, (m, *x.shape), (m,)

    def matvec(self, xp: Any, v: Any) -> Any:
        return xp.sum(v * self.x, axis=1)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return xp.reshape(u, (*self.out_shape, 1)) * self.x

    def entry(self, i: Index, j: Index) -> Any:
        return kronecker(i, j[:1]) * self.x[j[1:]]


class Products(Operator):
    """A linear map given by its two products: ``jvp(v)`` is J v, ``vjp(u)`` is uᵀ J; its entries follow from the first.

    For maps between matrices, such as V ↦ A⁻¹ V A⁻¹, which nobody writes entry by entry.
    """

    def __init__(
        self, xp: Any, in_shape: Shape, out_shape: Shape, jvp: Callable[[Any], Any], vjp: Callable[[Any], Any]
    ) -> None:
        self.xp, self.in_shape, self.out_shape, self.jvp, self.vjp = xp, tuple(in_shape), tuple(out_shape), jvp, vjp

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.jvp(v)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.vjp(u)

    def entry(self, i: Index, j: Index) -> Any:
        if not all(isinstance(k, int) for k in (*i, *j)):
            raise NoEntries
        unit = self.xp.asarray([float(k == j) for k in indices(self.in_shape)])
        return self.jvp(self.xp.reshape(unit, self.in_shape))[i]


class Zero(Operator):
    """The derivative of what does not depend on its argument."""

    def __init__(self, out_shape: Shape, in_shape: Shape) -> None:
        self.out_shape, self.in_shape = tuple(out_shape), tuple(in_shape)

    def matvec(self, xp: Any, v: Any) -> Any:
        return xp.zeros(self.out_shape, dtype=v.dtype)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return xp.zeros(self.in_shape, dtype=u.dtype)

    def entry(self, i: Index, j: Index) -> Any:
        return 0


def diag(d: Any) -> Operator:
    """The diagonal Jacobian of an element-wise function; ``d`` has the shape of input and output."""
    return Elementwise(d, d.shape)


def spread(d: Any, like: Any) -> Operator:
    """Element-wise with the argument ``like`` broadcast to the shape of ``d``."""
    return Elementwise(d, like.shape)


def column(c: Any) -> Operator:
    """The derivative of an array with respect to a scalar."""
    return Elementwise(c, ())


def row(xp: Any, r: Any, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Operator:
    """The derivative rᵀ of a scalar with respect to an array; with ``axis`` of a reduction over these axes."""
    return Reduction(xp, r, axis, keepdims)


def eye(xp: Any, x: Any) -> Operator:
    """The identity on arrays of the shape of ``x``."""
    return diag(xp.ones_like(x))


def zero(y: Any, x: Any) -> Operator:
    """The zero derivative of an output of the shape of ``y`` with respect to ``x``."""
    return Zero(y.shape, x.shape)


def dense(a: Any, out_rank: int = 1) -> Operator:
    """A Jacobian by its entries; the first ``out_rank`` axes of ``a`` are the output's."""
    return Dense(a, out_rank)
