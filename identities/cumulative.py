"""Running sums, products, maxima and logsumexp of a vector; differences and the trapezoidal rule."""

from operator import mul
from typing import Any

from ..strategies import stacked, vector
from .declare import rule
from .operators import Products, dense, row
from .sources import Source
from .statistics import by_size, first_extreme, others

SOURCE = Source("Array API standard", "statistical functions")
SHORT = stacked("n", least=1, largest=6, canonical=3)


def _running(xp: Any, x: Any, combine: Any) -> Any:
    """All partial results of combining the elements from the left."""
    found = [x[0]]
    for k in range(1, x.shape[0]):
        found.append(combine(found[-1], x[k]))
    return xp.stack(found)


def _triangle(xp: Any, rows: list[list[Any]], n: int) -> Any:
    """The lower triangular matrix with these rows."""
    return dense(xp.stack([xp.stack([*line, *[0 * line[0]] * (n - len(line))]) for line in rows]))


@rule(x=vector("n", minimum=1), source=SOURCE, title="cumulative sum")
def cumulative_sum(xp, x):
    r"""y_i = \sum_{j \le i} x_j"""
    return _running(xp, x, lambda a, b: a + b)


@cumulative_sum.partial("x")
def _(xp, x):
    r"""\frac{\partial y_i}{\partial x_j} = [\,j \le i\,]"""
    n = x.shape[0]

    def sums(v, inside):
        return xp.stack([xp.sum(xp.stack([v[j] for j in range(n) if inside(i, j)])) for i in range(n)])

    return Products(
        xp, x.shape, x.shape, lambda v: sums(v, lambda i, j: j <= i), lambda u: sums(u, lambda i, j: j >= i)
    )


@rule(x=SHORT, source=SOURCE, title="cumulative product")
def cumulative_prod(xp, x):
    r"""y_i = \prod_{j \le i} x_j"""
    return _running(xp, x, mul)


@cumulative_prod.reordered_text
def _(xp, x):
    small, large = (_running(xp, part, mul) for part in by_size(xp, x))
    return small * large


@cumulative_prod.partial("x")
def _(xp, x):
    r"""\frac{\partial y_i}{\partial x_j} = \prod_{k \le i,\, k \ne j} x_k \text{ for } j \le i"""
    n = x.shape[0]
    return _triangle(xp, [others(xp, [x[k] for k in range(i + 1)]) for i in range(n)], n)


@rule(x=SHORT, source=SOURCE, title="cumulative logsumexp")
def cumulative_logsumexp(xp, x):
    r"""y_i = \ln \sum_{j \le i} e^{x_j}"""
    return xp.log(_running(xp, xp.exp(x), lambda a, b: a + b))


@cumulative_logsumexp.partial("x")
def _(xp, x):
    r"""\frac{\partial y_i}{\partial x_j} = \frac{e^{x_j}}{\sum_{k \le i} e^{x_k}} \text{ for } j \le i"""
    n = x.shape[0]
    rows = [[1 / xp.sum(xp.exp(x[: i + 1] - x[j])) for j in range(i + 1)] for i in range(n)]
    return _triangle(xp, rows, n)


def _declare_running(name: str, title: str, tex: str, largest: bool) -> None:
    @rule(
        x=SHORT,
        source=SOURCE,
        name=name,
        title=title,
        tex=tex,
        at_edges="at ties the Clarke set; the convention takes the first",
    )
    def running(xp, x):
        return _running(xp, x, xp.maximum if largest else xp.minimum)

    @running.partial("x", r"1 \text{ at the first such element, 0 elsewhere}")
    def _(xp, x):
        n = x.shape[0]
        parts = [x[k] for k in range(n)]
        return _triangle(xp, [first_extreme(xp, parts[: i + 1], largest=largest) for i in range(n)], n)


_declare_running("cummax", "cumulative maximum", r"y_i = \max_{j \le i} x_j", True)
_declare_running("cummin", "cumulative minimum", r"y_i = \min_{j \le i} x_j", False)


@rule(x=vector("n", minimum=2), source=SOURCE, title="differences of neighbours")
def diff(xp, x):
    r"""y_i = x_{i+1} - x_i"""
    return x[1:] - x[:-1]


@diff.partial("x")
def _(xp, x):
    r"""\frac{\partial y_i}{\partial x_j} = \delta_{i+1,\,j} - \delta_{ij}"""
    n = x.shape[0]

    def transposed(u):
        inner = [u[k - 1] - u[k] for k in range(1, n - 1)]
        return xp.stack([-u[0], *inner, u[n - 2]])

    return Products(xp, x.shape, (n - 1,), lambda v: xp.stack([v[k + 1] - v[k] for k in range(n - 1)]), transposed)


@rule(y=vector("n", minimum=2), x=vector("n", minimum=2), source=SOURCE, title="trapezoidal rule")
def trapezoid(xp, y, x):
    r"""T = \tfrac{1}{2} \sum_i (x_{i+1} - x_i)\,(y_i + y_{i+1})"""
    return xp.sum((x[1:] - x[:-1]) * (y[1:] + y[:-1])) / 2


@trapezoid.partial("y")
def _(xp, y, x):
    r"""\frac{\partial T}{\partial y_i} = \tfrac{1}{2}\,(x_{i+1} - x_{i-1}) \text{, with } x_{-1} = x_0 \text{ and } x_n = x_{n-1}"""
    n = x.shape[0]
    return row(xp, xp.stack([(x[min(k + 1, n - 1)] - x[max(k - 1, 0)]) / 2 for k in range(n)]))


@trapezoid.partial("x")
def _(xp, y, x):
    r"""\frac{\partial T}{\partial x_i} = \tfrac{1}{2}\,(y_{i-1} - y_{i+1}) \text{, at the ends } \mp\tfrac{1}{2}\,(y + y')"""
    n = x.shape[0]
    inner = [(y[k - 1] - y[k + 1]) / 2 for k in range(1, n - 1)]
    return row(xp, xp.stack([-(y[0] + y[1]) / 2, *inner, (y[n - 2] + y[n - 1]) / 2]))
