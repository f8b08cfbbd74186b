"""Sorting and what is read from the sorted vector: median and quantiles. Away from ties these are moves of elements."""

from typing import Any

from ..strategies import stacked
from .declare import rule
from .operators import dense, row
from .sources import Source

SOURCE = Source("Array API standard", "sorting functions")
TIE = "where elements are equal there is a kink; the convention keeps their order"
SHORT = stacked("n", least=1, largest=4, canonical=2)


def _exchanged(xp: Any, x: Any, carried: list[list[Any]]) -> tuple[list[Any], list[list[Any]]]:
    """The elements in order, by exchanges of neighbours, and the lists that go with them."""
    n = x.shape[0]
    values, rows = [x[k] for k in range(n)], list(carried)
    for end in range(n - 1, 0, -1):
        for k in range(end):
            a, b, swap = values[k], values[k + 1], values[k] > values[k + 1]
            values[k], values[k + 1] = xp.where(swap, b, a), xp.where(swap, a, b)
            pairs = list(zip(rows[k], rows[k + 1], strict=True))
            rows[k] = [xp.where(swap, q, p) for p, q in pairs]
            rows[k + 1] = [xp.where(swap, p, q) for p, q in pairs]
    return values, rows


def _sorted(xp: Any, x: Any) -> list[Any]:
    """The elements in order."""
    return _exchanged(xp, x, [[]] * x.shape[0])[0]


def _ranked(xp: Any, x: Any) -> Any:
    """The permutation matrix that sorts x."""
    n = x.shape[0]
    one, nothing = xp.ones_like(x[0]), xp.zeros_like(x[0])
    identity = [[one if j == k else nothing for j in range(n)] for k in range(n)]
    return xp.stack([xp.stack(line) for line in _exchanged(xp, x, identity)[1]])


@rule(x=SHORT, source=SOURCE, at_edges=TIE)
def sort(xp, x):
    r"""y = (x_{(1)}, \ldots, x_{(n)}) \text{, in increasing order}"""
    return xp.stack(_sorted(xp, x))


@sort.partial("x")
def _(xp, x):
    r"""\text{the permutation matrix that sorts } \mathbf{x}"""
    return dense(_ranked(xp, x))


@rule(x=SHORT, source=SOURCE, title="sort, largest first", at_edges=TIE)
def sort_descending(xp, x):
    r"""y = (x_{(n)}, \ldots, x_{(1)})"""
    return xp.stack(_sorted(xp, x)[::-1])


@sort_descending.partial("x")
def _(xp, x):
    r"""\text{the permutation matrix that sorts } \mathbf{x} \text{, from below}"""
    return dense(_ranked(xp, x)[::-1, ...])


@rule(x=SHORT, source=SOURCE, at_edges=TIE)
def median(xp, x):
    r"""y = \tfrac{1}{2}\,(x_{(\lfloor (n+1)/2 \rfloor)} + x_{(\lceil (n+1)/2 \rceil)})"""
    values, n = _sorted(xp, x), x.shape[0]
    return (values[(n - 1) // 2] + values[n // 2]) / 2


@median.partial("x")
def _(xp, x):
    r"""1 \text{ at the middle element, } \tfrac{1}{2} \text{ at each of two}"""
    rows, n = _ranked(xp, x), x.shape[0]
    return row(xp, (rows[(n - 1) // 2, ...] + rows[n // 2, ...]) / 2)


@rule(x=SHORT, source=SOURCE, title="lower median", at_edges=TIE)
def median_lower(xp, x):
    r"""y = x_{(\lfloor (n+1)/2 \rfloor)}"""
    return _sorted(xp, x)[(x.shape[0] - 1) // 2]


@median_lower.partial("x")
def _(xp, x):
    r"""1 \text{ at the middle element, the lower of two}"""
    return row(xp, _ranked(xp, x)[(x.shape[0] - 1) // 2, ...])


@rule(x=SHORT, source=SOURCE, title="lower quartile, interpolated", at_edges=TIE)
def quartile(xp, x):
    r"""y = (1 - t)\,x_{(k)} + t\,x_{(k+1)} \text{ with } k - 1 + t = \tfrac{1}{4}\,(n - 1)"""
    values, (k, t) = _sorted(xp, x), divmod(x.shape[0] - 1, 4)
    return values[k] if t == 0 else values[k] * (1 - t / 4) + values[k + 1] * (t / 4)


@quartile.partial("x")
def _(xp, x):
    r"""1 - t \text{ and } t \text{ at the two elements}"""
    rows, (k, t) = _ranked(xp, x), divmod(x.shape[0] - 1, 4)
    return row(xp, rows[k, ...] if t == 0 else rows[k, ...] * (1 - t / 4) + rows[k + 1, ...] * (t / 4))
