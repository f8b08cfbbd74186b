"""Gathering by static indices, where repeated ones accumulate in the VJP, and scattering, its transpose; joining arrays."""

from typing import Any

import numpy as np

from ..strategies import indices, integer, stacked, vector
from .declare import rule
from .manipulation import Move, declare_move
from .moves import Moved
from .operators import eye
from .sources import Source

SOURCE = Source("Array API standard", "indexing and manipulation functions")

GATHERS = (
    Move("take", {"x": vector("n"), "i": indices("x", "k")}, lambda p, i: p[_static(i)],
         lambda j, s, i: (i[j[0]],), r"y_j = x_{i_j}"),
    Move("take_rows", {"x": stacked("n", "m"), "i": indices("x", "k")}, lambda p, i: p[_static(i)],
         lambda j, s, i: (i[j[0]], j[1]), r"y_{jk} = x_{i_j,\,k}"),
    Move("take_columns", {"x": stacked("m", "n"), "i": indices("x", "k", axis=1)}, lambda p, i: p[:, _static(i)],
         lambda j, s, i: (j[0], i[j[1]]), r"y_{jk} = x_{j,\,i_k}"),
    Move("take_along_rows", {"x": stacked("n", "m", least=1), "i": indices("x", "k", "m")},
         lambda p, i: np.take_along_axis(p, _static(i).reshape(-1, p.shape[1]), axis=0),
         lambda j, s, i: (i[j[0]][j[1]], j[1]), r"y_{jk} = x_{i_{jk},\,k}"),
    Move("pick_class", {"x": stacked("m", "n"), "i": indices("x", "m", axis=1)},
         lambda p, i: p[np.arange(p.shape[0]), _static(i)], lambda j, s, i: (j[0], i[j[0]]), r"y_j = x_{j,\,i_j}"),
)  # fmt: skip


def _static(i: Any) -> np.ndarray:
    return np.asarray(i, np.int64)


for _move in GATHERS:
    declare_move(_move, SOURCE, __name__)


def _scattered(xp: Any, u: Any, i: tuple[int, ...], size: int) -> list[Any]:
    """For every place the sum of the elements of u that are sent there."""
    sent = [[u[k] for k, place in enumerate(i) if place == j] for j in range(size)]
    return [xp.sum(xp.stack(them)) if them else xp.zeros((), dtype=u.dtype) for them in sent]


class _Sent(Moved):
    """The transpose of a move: y is a scattered sum."""

    def __init__(self, moved: Moved) -> None:
        self.moved, self.in_shape, self.out_shape = moved, moved.out_shape, moved.in_shape

    def matvec(self, xp: Any, v: Any) -> Any:
        return self.moved.rmatvec(xp, v)

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.moved.matvec(xp, u)

    def entry(self, i: Any, j: Any) -> Any:
        return self.moved.entry(j, i)


@rule(x=vector("n"), u=vector("k"), i=indices("x", "k"), source=SOURCE, title="scatter-add")
def scatter_add(xp, x, u, i):
    r"""y_j = x_j + \sum_{k:\,i_k = j} u_k"""
    return x + xp.stack(_scattered(xp, u, i, x.shape[0]))


@scatter_add.partial("x")
def _(xp, x, u, i):
    r"""I"""
    return eye(xp, x)


@scatter_add.partial("u")
def _(xp, x, u, i):
    r"""\frac{\partial y_j}{\partial u_k} = \delta_{j\,i_k}"""
    return _Sent(Moved(x.shape, u.shape, lambda k: (i[k[0]],)))


@rule(x=vector("n", minimum=2), u=vector("n", minimum=2), source=SOURCE, title="every second element replaced")
def set_strided(xp, x, u):
    r"""y_{2k} = u_{2k},\; y_{2k+1} = x_{2k+1}"""
    rows = range(x.shape[0])
    return xp.stack([(x if k % 2 else u)[k] for k in rows])


@set_strided.partial("x")
def _(xp, x, u):
    r"""\mathrm{diag}(0, 1, 0, 1, \ldots)"""
    return Moved(x.shape, x.shape, lambda i: i if i[0] % 2 else None)


@set_strided.partial("u")
def _(xp, x, u):
    r"""\mathrm{diag}(1, 0, 1, 0, \ldots)"""
    return Moved(x.shape, x.shape, lambda i: None if i[0] % 2 else i)


def _joined(sizes: tuple[int, ...], shape: tuple[int, ...], axis: int, which: int) -> Moved:
    """The derivative of a concatenation along an axis by its argument number ``which``, of this shape."""
    axis, start = axis % len(shape), sum(sizes[:which])
    out_shape = (*shape[:axis], sum(sizes), *shape[axis + 1 :])

    def source(i):
        k = i[axis] - start
        return (*i[:axis], k, *i[axis + 1 :]) if 0 <= k < sizes[which] else None

    return Moved(shape, out_shape, source)


@rule(a=stacked("m", "n"), b=stacked("k", "n"), source=SOURCE, title="concatenation of rows")
def concat_rows(xp, a, b):
    r"""y = \begin{bmatrix} a \\ b \end{bmatrix}"""
    return xp.concat([a, b], axis=0)


@rule(a=stacked("n", "m"), b=stacked("n", "k"), source=SOURCE, title="concatenation of columns")
def concat_columns(xp, a, b):
    r"""y = [\,a \; b\,]"""
    return xp.concat([a, b], axis=1)


@rule(a=stacked("m", "n"), b=stacked("m", "n"), axis=integer(-3, 2), source=SOURCE, title="stack along an axis")
def stack(xp, a, b, axis):
    r"""y = (a, b) \text{ along a new axis}"""
    return xp.stack([a, b], axis=axis)


def _sizes(a: Any, b: Any, axis: int) -> tuple[int, int]:
    return a.shape[axis], b.shape[axis]


concat_rows.partial("a", r"[\,I \; 0\,]")(lambda xp, a, b: _joined(_sizes(a, b, 0), a.shape, 0, 0))
concat_rows.partial("b", r"[\,0 \; I\,]")(lambda xp, a, b: _joined(_sizes(a, b, 0), b.shape, 0, 1))
concat_columns.partial("a", r"[\,I \; 0\,]")(lambda xp, a, b: _joined(_sizes(a, b, 1), a.shape, 1, 0))
concat_columns.partial("b", r"[\,0 \; I\,]")(lambda xp, a, b: _joined(_sizes(a, b, 1), b.shape, 1, 1))


def _in_stack(x: Any, axis: int, which: int) -> Moved:
    axis = axis % 3
    out_shape = (*x.shape[:axis], 2, *x.shape[axis:])
    return Moved(x.shape, out_shape, lambda i: (*i[:axis], *i[axis + 1 :]) if i[axis] == which else None)


stack.partial("a", r"\dot{y} = (\dot{a}, 0)")(lambda xp, a, b, axis: _in_stack(a, axis, 0))
stack.partial("b", r"\dot{y} = (0, \dot{b})")(lambda xp, a, b, axis: _in_stack(b, axis, 1))
