"""Functions of one matrix that are linear or polynomial: transpose, trace, triangles, powers, quadratic forms."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import integer, matrices, stacked, vector
from .declare import rule
from .operators import Products, row
from .products import STANDARD, Dimensions, identity
from .sources import Source

COOKBOOK = Source("Petersen and Pedersen, The Matrix Cookbook (2012)", "2")


class Linear(NamedTuple):
    """A linear function of a matrix and its transpose; the last is given the matrix too, for its shape."""

    name: str
    title: str
    shape: Dimensions
    tex: str
    apply: Callable[[Any, Any], Any]
    vjp: Callable[[Any, Any, Any], Any]


LINEAR = (
    Linear("transpose", "transpose", ("m", "n"), "Y = A^T", lambda xp, a: a.T, lambda xp, u, a: u.T),
    Linear(
        "matrix_transpose",
        "transposes of a stack",
        (2, "m", "n"),
        "Y_s = A_s^T",
        lambda xp, a: xp.matrix_transpose(a),
        lambda xp, u, a: xp.matrix_transpose(u),
    ),
    Linear(
        "trace",
        "trace",
        ("n", "n"),
        r"y = \mathrm{tr}\,A",
        lambda xp, a: xp.sum(a * identity(xp, a)),
        lambda xp, u, a: u * identity(xp, a),
    ),
    Linear(
        "diagonal",
        "diagonal of a matrix",
        ("n", "n"),
        "y_i = a_{ii}",
        lambda xp, a: xp.sum(a * identity(xp, a), axis=-1),
        lambda xp, u, a: u[:, None] * identity(xp, a),
    ),
    Linear(
        "diagonal_matrix",
        "diagonal matrix of a vector",
        ("n",),
        r"Y = \mathrm{diag}(\mathbf{a})",
        lambda xp, a: a[:, None] * xp.eye(a.shape[0], dtype=a.dtype),
        lambda xp, u, a: xp.sum(u * xp.eye(a.shape[0], dtype=a.dtype), axis=-1),
    ),
    Linear(
        "lower_triangle",
        "lower triangle",
        ("m", "n"),
        r"y_{ij} = a_{ij} \text{ for } i \ge j \text{, else } 0",
        lambda xp, a: xp.tril(a),
        lambda xp, u, a: xp.tril(u),
    ),
    Linear(
        "upper_triangle",
        "strictly upper triangle",
        ("m", "n"),
        r"y_{ij} = a_{ij} \text{ for } i < j \text{, else } 0",
        lambda xp, a: xp.triu(a, k=1),
        lambda xp, u, a: xp.triu(u, k=1),
    ),
    Linear(
        "symmetric_part",
        "symmetric part",
        ("n", "n"),
        r"Y = \tfrac{1}{2}\,(A + A^T)",
        lambda xp, a: (a + a.T) / 2,
        lambda xp, u, a: (u + u.T) / 2,
    ),
)


def _linear(entry: Linear) -> None:
    @rule(
        a=stacked(*entry.shape, largest=5),
        source=STANDARD,
        name=entry.name,
        title=entry.title,
        tex=entry.tex,
    )
    def function(xp, a):
        return entry.apply(xp, a)

    @function.partial("a", r"V \mapsto f(V)")
    def _(xp, a):
        shape = entry.apply(xp, a).shape
        return Products(xp, a.shape, shape, lambda v: entry.apply(xp, v), lambda u: entry.vjp(xp, u, a))


for _entry in LINEAR:
    _linear(_entry)


@rule(a=matrices("n", "n"), x=vector("n"), source=COOKBOOK, title="quadratic form")
def quadratic(xp, a, x):
    r"""y = \mathbf{x}^T A\,\mathbf{x}"""
    return xp.sum(x * (a @ x))


@quadratic.partial("a")
def _(xp, a, x):
    r"""\mathbf{x}\,\mathbf{x}^T"""
    return row(xp, x[:, None] * x[None, :])


@quadratic.partial("x")
def _(xp, a, x):
    r"""\mathbf{x}^T (A + A^T)"""
    return row(xp, a @ x + x @ a)


@rule(x=vector("m"), a=matrices("m", "n"), y=vector("n"), source=COOKBOOK, title="bilinear form")
def bilinear(xp, x, a, y):
    r"""z = \mathbf{x}^T A\,\mathbf{y}"""
    return xp.sum(x * (a @ y))


@bilinear.partial("x")
def _(xp, x, a, y):
    r"""(A\,\mathbf{y})^T"""
    return row(xp, a @ y)


@bilinear.partial("a")
def _(xp, x, a, y):
    r"""\mathbf{x}\,\mathbf{y}^T"""
    return row(xp, x[:, None] * y[None, :])


@bilinear.partial("y")
def _(xp, x, a, y):
    r"""\mathbf{x}^T A"""
    return row(xp, x @ a)


@rule(a=matrices("m", "n"), source=COOKBOOK, title="Gram matrix of the columns")
def gram(xp, a):
    r"""Y = A^T A"""
    return a.T @ a


@gram.partial("a")
def _(xp, a):
    r"""V \mapsto V^T A + A^T V"""
    n = a.shape[1]
    return Products(xp, a.shape, (n, n), lambda v: v.T @ a + a.T @ v, lambda u: a @ (u + u.T))


@rule(a=matrices("m", "n"), source=COOKBOOK, title="Gram matrix of the rows")
def gram_of_rows(xp, a):
    r"""Y = A\,A^T"""
    return a @ a.T


@gram_of_rows.partial("a")
def _(xp, a):
    r"""V \mapsto V A^T + A\,V^T"""
    m = a.shape[0]
    return Products(xp, a.shape, (m, m), lambda v: v @ a.T + a @ v.T, lambda u: (u + u.T) @ a)


@rule(a=matrices("m", 2), b=matrices(2, "n"), c=matrices("n", "k"), source=STANDARD, title="product of three matrices")
def chain_of_three(xp, a, b, c):
    r"""Y = A\,B\,C"""
    return a @ b @ c


@chain_of_three.partial("a")
def _(xp, a, b, c):
    r"""V \mapsto V B\,C"""
    rest = b @ c
    return Products(xp, a.shape, (a.shape[0], c.shape[1]), lambda v: v @ rest, lambda u: u @ rest.T)


@chain_of_three.partial("b")
def _(xp, a, b, c):
    r"""V \mapsto A\,V C"""
    return Products(xp, b.shape, (a.shape[0], c.shape[1]), lambda v: a @ v @ c, lambda u: a.T @ u @ c.T)


@chain_of_three.partial("c")
def _(xp, a, b, c):
    r"""V \mapsto A\,B\,V"""
    first = a @ b
    return Products(xp, c.shape, (a.shape[0], c.shape[1]), lambda v: first @ v, lambda u: first.T @ u)


def _powers(xp: Any, a: Any, k: int) -> list[Any]:
    """A⁰, A¹, …, Aᵏ."""
    found = [identity(xp, a)]
    for _ in range(k):
        found.append(found[-1] @ a)
    return found


@rule(a=matrices("n", "n", largest=4), k=integer(0, 4), source=STANDARD, title="power of a matrix")
def matrix_power(xp, a, k):
    r"""Y = A^k"""
    return _powers(xp, a, k)[-1] + 0 * a


@matrix_power.partial("a")
def _(xp, a, k):
    r"""V \mapsto \sum_{i + j = k - 1} A^i V A^j"""
    powers = _powers(xp, a, k)

    def along(v: Any, factors: list[Any]) -> Any:
        return sum((factors[i] @ v @ factors[k - 1 - i] for i in range(k)), 0 * v)

    return Products(xp, a.shape, a.shape, lambda v: along(v, powers), lambda u: along(u, [power.T for power in powers]))


@rule(x=vector("n"), source=STANDARD, title="Vandermonde matrix")
def vandermonde(xp, x):
    r"""y_{ij} = x_i^j,\quad j = 0 \dots 3"""
    return xp.stack([xp.ones_like(x), x, x**2, x**3], axis=-1)


@vandermonde.partial("x")
def _(xp, x):
    r"""V \mapsto \mathrm{diag}(\mathbf{v})\,(j\,x_i^{j - 1})_{ij}"""
    slopes = xp.stack([xp.zeros_like(x), xp.ones_like(x), 2 * x, 3 * x**2], axis=-1)
    return Products(xp, x.shape, slopes.shape, lambda v: v[:, None] * slopes, lambda u: xp.sum(u * slopes, axis=-1))
