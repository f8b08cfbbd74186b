"""Norms of vectors: p = 1, 2, 3, 4, and the largest and the smallest absolute value; of matrices the operator norms 1 and ∞."""

from typing import Any

from ..strategies import nonzero, reals, stacked, vector
from .declare import rule
from .operators import row
from .sources import Source
from .statistics import extreme_of, first_extreme

SOURCE = Source("Array API standard", "linalg.vector_norm")
MATRIX_SOURCE = Source("Array API standard", "linalg.matrix_norm")
ORIGIN = "at x = 0 a norm is not differentiable: nothing is claimed"


def slope_of_abs(xp: Any, x: Any) -> Any:
    """The derivative of |x|; at 0 by convention 1."""
    return xp.where(x < 0, -xp.ones_like(x), xp.ones_like(x))


@rule(
    x=vector("n", reals.with_kinks(0.0), minimum=1),
    source=SOURCE,
    title="sum of absolute values",
    kink_at={"x": lambda: 0.0},
    at_edges="where an element is 0 the Clarke set of its derivative is [−1, 1]",
)
def norm1(xp, x):
    r"""y = \sum_i |x_i|"""
    return xp.sum(xp.abs(x))


@norm1.partial("x")
def _(xp, x):
    r"""\mathrm{sign}(x)^T"""
    return row(xp, slope_of_abs(xp, x))


@rule(
    x=vector("n", nonzero, minimum=1), source=SOURCE, title="Euclidean norm", domain="no element is 0", at_edges=ORIGIN
)
def norm2(xp, x):
    r"""y = \sqrt{\textstyle\sum_i x_i^2}"""
    return xp.sqrt(xp.sum(x**2))


@norm2.partial("x")
def _(xp, x):
    r"""\frac{\mathbf{x}^T}{\lVert \mathbf{x} \rVert}"""
    return row(xp, x / xp.sqrt(xp.sum(x**2)))


@rule(
    x=stacked("m", "n", least=1, domain=nonzero),
    source=SOURCE,
    title="Frobenius norm",
    domain="no element is 0",
    at_edges=ORIGIN,
)
def frobenius(xp, x):
    r"""y = \sqrt{\textstyle\sum_{ij} x_{ij}^2}"""
    return xp.sqrt(xp.sum(x**2))


@frobenius.partial("x")
def _(xp, x):
    r"""\frac{x}{\lVert x \rVert}"""
    return row(xp, x / xp.sqrt(xp.sum(x**2)))


@rule(x=vector("n", nonzero, minimum=1), source=SOURCE, title="4-norm", domain="no element is 0", at_edges=ORIGIN)
def norm4(xp, x):
    r"""y = \bigl(\textstyle\sum_i x_i^4\bigr)^{1/4}"""
    return xp.sqrt(xp.sqrt(xp.sum(x**4)))


@norm4.partial("x")
def _(xp, x):
    r"""\left(\frac{x_i}{y}\right)^3"""
    return row(xp, (x / xp.sqrt(xp.sqrt(xp.sum(x**4)))) ** 3)


@rule(x=vector("n", nonzero, minimum=1), source=SOURCE, title="3-norm", domain="no element is 0", at_edges=ORIGIN)
def norm3(xp, x):
    r"""y = \bigl(\textstyle\sum_i |x_i|^3\bigr)^{1/3}"""
    return xp.cbrt(xp.sum(xp.abs(x) ** 3))


@norm3.partial("x")
def _(xp, x):
    r"""\mathrm{sign}(x_i) \left(\frac{x_i}{y}\right)^2"""
    return row(xp, slope_of_abs(xp, x) * (x / xp.cbrt(xp.sum(xp.abs(x) ** 3))) ** 2)


def _declare_extreme(name: str, title: str, tex: str, largest: bool) -> None:
    @rule(
        x=stacked("n", least=1, largest=6, domain=nonzero),
        source=SOURCE,
        name=name,
        title=title,
        tex=tex,
        domain="no element is 0",
        at_edges="where several are equal in absolute value, the Clarke set",
    )
    def norm(xp, x):
        a = xp.abs(x)
        return extreme_of(xp, [a[k] for k in range(x.shape[0])], largest=largest)

    @norm.partial("x", r"\mathrm{sign}(x_i) \text{ at the first such element, 0 elsewhere}")
    def _(xp, x):
        a = xp.abs(x)
        chosen = first_extreme(xp, [a[k] for k in range(x.shape[0])], largest=largest)
        return row(xp, slope_of_abs(xp, x) * xp.stack(chosen))


_declare_extreme("norm_inf", "largest absolute value", r"y = \max_i |x_i|", True)
_declare_extreme("norm_minus_inf", "smallest absolute value", r"y = \min_i |x_i|", False)


def _declare_operator_norm(name: str, title: str, tex: str, slope: str, axis: int) -> None:
    """``axis``: that along which absolute values are summed; the largest sum is the norm."""

    def sums(xp: Any, x: Any) -> list[Any]:
        found = xp.sum(xp.abs(x), axis=axis)
        return [found[k] for k in range(x.shape[1 - axis])]

    @rule(
        x=stacked("m", "n", least=1, largest=4, domain=nonzero),
        source=MATRIX_SOURCE,
        name=name,
        title=title,
        tex=tex,
        domain="no element is 0",
        at_edges="where several sums are equal, the Clarke set",
    )
    def norm(xp, x):
        return extreme_of(xp, sums(xp, x), largest=True)

    @norm.partial("x", slope)
    def _(xp, x):
        chosen = xp.stack(first_extreme(xp, sums(xp, x), largest=True))
        return row(xp, slope_of_abs(xp, x) * (chosen[:, None] if axis else chosen))


_declare_operator_norm(
    "matrix_norm_1",
    "largest column sum",
    r"y = \max_j \sum_i |x_{ij}|",
    r"\mathrm{sign}(x_{ij}) \text{ in the first such column, 0 elsewhere}",
    0,
)
_declare_operator_norm(
    "matrix_norm_inf",
    "largest row sum",
    r"y = \max_i \sum_j |x_{ij}|",
    r"\mathrm{sign}(x_{ij}) \text{ in the first such row, 0 elsewhere}",
    1,
)
