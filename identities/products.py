"""Products of vectors and matrices, and of stacks of them that broadcast: what is linear in each of its arguments.

``MATMUL`` is the table of the shapes that the matrix product knows. The cotangent of a stack that was repeated is summed.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import stacked
from .declare import rule
from .operators import Operator, Products, Shape
from .sources import Source

STANDARD = Source("Array API standard", "linear algebra functions")


def identity(xp: Any, a: Any) -> Any:
    """The identity matrix of the shape and dtype of a matrix."""
    return xp.eye(a.shape[-2], a.shape[-1], dtype=a.dtype)


def of_elements(xp: Any, p: Any, q: Any, r: Any, s: Any) -> Any:
    """The matrix with rows (p, q) and (r, s)."""
    return xp.stack([xp.stack([p, q]), xp.stack([r, s])])


def transposed(xp: Any, a: Any) -> Any:
    """The last two axes of a stack exchanged."""
    return xp.matrix_transpose(a) if len(a.shape) > 2 else a.T


def summed_to(xp: Any, u: Any, shape: Shape) -> Any:
    """The sum of ``u`` over the axes along which ``shape`` was expanded."""
    extra = len(u.shape) - len(shape)
    if extra:
        u = xp.sum(u, axis=tuple(range(extra)))
    # A size of its own 1 against another: an axis that is broadcast, whatever the named sizes are.
    pairs = enumerate(zip(shape, u.shape, strict=True))
    ones = tuple(k for k, (size, full) in pairs if size == 1 and full != 1)
    return xp.sum(u, axis=ones, keepdims=True) if ones else u


Dimensions = tuple[int | str, ...]
"""The dimensions of an input: names and sizes."""


class Matmul(NamedTuple):
    """The shapes of the two factors, and which entry of the result they make, in TeX."""

    name: str
    left: Dimensions
    right: Dimensions
    tex: str


MATMUL = (
    Matmul("vector_vector", ("n",), ("n",), r"y = \mathbf{a}^T \mathbf{b}"),
    Matmul("matrix_vector", ("m", "n"), ("n",), r"\mathbf{y} = A\,\mathbf{b}"),
    Matmul("vector_matrix", ("n",), ("n", "k"), r"\mathbf{y}^T = \mathbf{a}^T B"),
    Matmul("matrix_matrix", ("m", "n"), ("n", "k"), r"Y = A\,B"),
    Matmul("stacks", ("s", "m", "n"), ("s", "n", "k"), r"Y_s = A_s\,B_s"),
    Matmul("broadcast_left", ("m", "n"), (2, "n", "k"), r"Y_s = A\,B_s"),
    Matmul("broadcast_right", (2, "m", "n"), ("n", "k"), r"Y_s = A_s\,B"),
    Matmul("broadcast_both", (2, 1, "m", "n"), (3, "n", "k"), r"Y_{st} = A_s\,B_t"),
    Matmul("stack_vector", (2, "m", "n"), ("n",), r"\mathbf{y}_s = A_s\,\mathbf{b}"),
    Matmul("vector_stack", ("n",), (2, "n", "k"), r"\mathbf{y}_s^T = \mathbf{a}^T B_s"),
)


def _as_matrices(xp: Any, a: Any, b: Any, u: Any) -> tuple[Any, Any, Any]:
    """Factors and cotangent with vectors as matrices of one row (left) or one column (right)."""
    shape = tuple(u.shape)
    if len(b.shape) == 1:
        shape = (*shape, 1)
    if len(a.shape) == 1:
        shape = (*shape[:-1], 1, shape[-1])
    left = xp.reshape(a, (1, *a.shape)) if len(a.shape) == 1 else a
    right = xp.reshape(b, (*b.shape, 1)) if len(b.shape) == 1 else b
    return left, right, xp.reshape(u, shape) if len(shape) != len(u.shape) else u


def matmul_by_left(xp: Any, a: Any, b: Any) -> Operator:
    """∂(A B)/∂A: V ↦ V B and U ↦ U Bᵀ, summed over what was repeated."""

    def vjp(u: Any) -> Any:
        left, right, cotangent = _as_matrices(xp, a, b, u)
        found = summed_to(xp, cotangent @ transposed(xp, right), left.shape)
        return xp.reshape(found, a.shape) if len(a.shape) == 1 else found

    return Products(xp, a.shape, (a @ b).shape, lambda v: v @ b, vjp)


def matmul_by_right(xp: Any, a: Any, b: Any) -> Operator:
    """∂(A B)/∂B: V ↦ A V and U ↦ Aᵀ U, summed over what was repeated."""

    def vjp(u: Any) -> Any:
        left, right, cotangent = _as_matrices(xp, a, b, u)
        found = summed_to(xp, transposed(xp, left) @ cotangent, right.shape)
        return xp.reshape(found, b.shape) if len(b.shape) == 1 else found

    return Products(xp, b.shape, (a @ b).shape, lambda v: a @ v, vjp)


def _matmul(entry: Matmul) -> None:
    @rule(
        a=stacked(*entry.left, largest=5),
        b=stacked(*entry.right, largest=5),
        source=STANDARD,
        name=f"matmul_{entry.name}",
        title=f"matrix product, {entry.name.replace('_', ' ')}",
        tex=entry.tex,
    )
    def product(xp, a, b):
        return a @ b

    product.partial("a", r"V \mapsto V\,B,\quad U \mapsto U\,B^T")(matmul_by_left)
    product.partial("b", r"V \mapsto A\,V,\quad U \mapsto A^T\,U")(matmul_by_right)


for _entry in MATMUL:
    _matmul(_entry)


class Bilinear(NamedTuple):
    """f(a, b), linear in each; f by a transposed, as a function of the cotangent and b; f by b likewise, of a."""

    name: str
    title: str
    left: Dimensions
    right: Dimensions
    tex: str
    apply: Callable[[Any, Any, Any], Any]
    left_vjp: Callable[[Any, Any, Any], Any]
    right_vjp: Callable[[Any, Any, Any], Any]


def _cross(xp: Any, a: Any, b: Any) -> Any:
    """The cross product along the last axis."""
    x, y, z = (a[..., k] for k in range(3))
    p, q, r = (b[..., k] for k in range(3))
    return xp.stack([y * r - z * q, z * p - x * r, x * q - y * p], axis=-1)


def _kron_transposed(xp: Any, u: Any, other: Any, keep: int) -> Any:
    """Σ over the axes of the other factor of uᵢₖ,ⱼₗ times it; u is (2·2, 3·2) for factors of shapes (2, 3) and (2, 2)."""
    parts = xp.reshape(u, (2, 2, 3, 2))
    factor = other[:, None, :, None] if keep else other[None, :, None, :]
    return xp.sum(parts * factor, axis=(0, 2) if keep else (1, 3))


BILINEAR = (
    Bilinear(
        "outer",
        "outer product",
        ("m",),
        ("n",),
        r"Y = \mathbf{a}\,\mathbf{b}^T",
        lambda xp, a, b: a[:, None] * b[None, :],
        lambda xp, u, b: u @ b,
        lambda xp, u, a: u.T @ a,
    ),
    Bilinear(
        "vecdot",
        "dot products of rows",
        ("m", "n"),
        ("m", "n"),
        r"y_i = \sum_k a_{ik}\,b_{ik}",
        lambda xp, a, b: xp.sum(a * b, axis=-1),
        lambda xp, u, b: u[:, None] * b,
        lambda xp, u, a: u[:, None] * a,
    ),
    Bilinear(
        "inner",
        "inner products of rows",
        ("m", "n"),
        ("k", "n"),
        r"Y = A\,B^T",
        lambda xp, a, b: a @ b.T,
        lambda xp, u, b: u @ b,
        lambda xp, u, a: u.T @ a,
    ),
    Bilinear(
        "transposed_left",
        "product with a transposed matrix",
        ("n", "m"),
        ("n", "k"),
        r"Y = A^T\,B",
        lambda xp, a, b: a.T @ b,
        lambda xp, u, b: b @ u.T,
        lambda xp, u, a: a @ u,
    ),
    Bilinear(
        "frobenius_inner",
        "inner product of matrices",
        ("m", "n"),
        ("m", "n"),
        r"y = \mathrm{tr}(A^T B) = \sum_{ij} a_{ij}\,b_{ij}",
        lambda xp, a, b: xp.sum(a * b),
        lambda xp, u, b: u * b,
        lambda xp, u, a: u * a,
    ),
    Bilinear(
        "trace_of_product",
        "trace of a product",
        ("m", "n"),
        ("n", "m"),
        r"y = \mathrm{tr}(A\,B)",
        lambda xp, a, b: xp.sum(a * b.T),
        lambda xp, u, b: u * b.T,
        lambda xp, u, a: u * a.T,
    ),
    Bilinear(
        "tensordot",
        "contraction of two axes",
        ("m", 2, "n"),
        (2, "n", "k"),
        r"y_{ij} = \sum_{kl} a_{ikl}\,b_{klj}",
        lambda xp, a, b: xp.sum(a[..., None] * b[None, ...], axis=(1, 2)),
        lambda xp, u, b: xp.sum(u[:, None, None, :] * b[None, ...], axis=-1),
        lambda xp, u, a: xp.sum(u[:, None, None, :] * a[..., None], axis=0),
    ),
    *(
        Bilinear(
            name,
            title,
            shape,
            shape,
            tex,
            _cross,
            lambda xp, u, b: _cross(xp, b, u),
            lambda xp, u, a: _cross(xp, u, a),
        )
        for name, title, shape, tex in (
            ("cross", "cross product", (3,), r"\mathbf{y} = \mathbf{a} \times \mathbf{b}"),
            ("cross_rows", "cross products of rows", ("m", 3), r"\mathbf{y}_i = \mathbf{a}_i \times \mathbf{b}_i"),
        )
    ),
    Bilinear(
        "kron",
        "Kronecker product",
        (2, 3),
        (2, 2),
        r"Y = A \otimes B",
        lambda xp, a, b: xp.reshape(a[:, None, :, None] * b[None, :, None, :], (4, 6)),
        lambda xp, u, b: _kron_transposed(xp, u, b, 0),
        lambda xp, u, a: _kron_transposed(xp, u, a, 1),
    ),
)


def _bilinear(entry: Bilinear) -> None:
    @rule(
        a=stacked(*entry.left, largest=5),
        b=stacked(*entry.right, largest=5),
        source=STANDARD,
        name=entry.name,
        title=entry.title,
        tex=entry.tex,
    )
    def product(xp, a, b):
        return entry.apply(xp, a, b)

    @product.partial("a", r"V \mapsto f(V, B)")
    def _(xp, a, b):
        shape = entry.apply(xp, a, b).shape
        return Products(xp, a.shape, shape, lambda v: entry.apply(xp, v, b), lambda u: entry.left_vjp(xp, u, b))

    @product.partial("b", r"V \mapsto f(A, V)")
    def _(xp, a, b):
        shape = entry.apply(xp, a, b).shape
        return Products(xp, b.shape, shape, lambda v: entry.apply(xp, a, v), lambda u: entry.right_vjp(xp, u, a))


for _entry in BILINEAR:
    _bilinear(_entry)
