"""Moving elements: flips, rolls, transposes, repeats, padding, diagonals, windows.

``MOVES`` is the table. The function is given as NumPy moves the positions of elements; the closed form, independently, by
the formula that says from where the element i of the result comes. Its transpose, the VJP, is what libraries write by hand.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..strategies import integer, stacked, vector
from ..strategies.specs import InputSpec
from .declare import rule
from .moves import Moved
from .sources import Source

SOURCE = Source("Array API standard", "manipulation functions")


class Move(NamedTuple):
    """``moved(positions, *statics)``: the positions as they are moved, −1 where a 0 comes in.

    ``source(i, shape, *statics)``: the multi-index in x, of this shape, of the element i of the result, or None.
    """

    name: str
    inputs: Mapping[str, InputSpec]
    moved: Callable[..., np.ndarray]
    source: Callable[..., Any]
    tex: str


def _taking(names: tuple[str, ...], function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with the parameters ``xp`` and ``names``, as a declaration asks for them."""
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("xp", *names)]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function


def gather(xp: Any, x: Any, positions: np.ndarray) -> Any:
    """The elements of x at these positions in row-major order, 0 where a position is −1; shape of ``positions``."""
    size = math.prod(x.shape)
    if (positions < 0).all():
        return xp.zeros(positions.shape, dtype=x.dtype)
    chosen = tuple(np.maximum(positions, 0).reshape(-1).tolist())
    moved = xp.reshape(xp.reshape(x, (size,))[xp.asarray(chosen, dtype=xp.int64)], positions.shape)
    if (positions >= 0).all():
        return moved
    # Odd numbers, so that the first position is no tie with 0.
    return xp.where(xp.asarray((2 * positions + 1).tolist()) > 0, moved, xp.zeros_like(moved))


def _positions(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(math.prod(shape)).reshape(shape)


def declare_move(move: Move, source: Source = SOURCE, module: str = __name__) -> None:
    """Declare the rule of a row of the table, in the chapter ``module``."""
    names = tuple(move.inputs)

    def function(xp, x, *statics):
        return gather(xp, x, move.moved(_positions(x.shape), *statics))

    def closed_form(xp, x, *statics):
        out_shape = move.moved(_positions(x.shape), *statics).shape
        return Moved(x.shape, out_shape, lambda i: move.source(i, x.shape, *statics))

    function.__module__ = module
    made = rule(source=source, name=move.name, tex=move.tex, **dict[str, Any](move.inputs))(_taking(names, function))
    made.partial("x", r"\dot{y} \text{ is moved as } y \text{ is}")(_taking(names, closed_form))


def put(i: tuple[int, ...], axis: int, value: int) -> tuple[int, ...]:
    """The multi-index with another entry at an axis."""
    axis = axis % len(i)
    return (*i[:axis], value, *i[axis + 1 :])


def _pad_source(i, shape, left, right, inside):
    k = inside(i[1] - left, shape[1])
    return None if k is None else (i[0], k)


def _diagonal_source(i, shape, offset):
    return i[0] + max(-offset, 0), i[0] + max(offset, 0)


_X = stacked("m", "n")
_FULL = stacked("m", "n", least=1)
_CUBE = stacked("m", "n", "k")
_AXIS = integer(-2, 1)
_SHORT = {"left": integer(0, 2), "right": integer(0, 2)}

MOVES = (
    Move("flip", {"x": _X, "axis": _AXIS}, lambda p, axis: np.flip(p, axis),
         lambda i, s, axis: put(i, axis, s[axis] - 1 - i[axis]), r"y_i = x_{n-1-i} \text{ along an axis}"),
    Move("flip_all", {"x": _X}, np.flip,
         lambda i, s: (s[0] - 1 - i[0], s[1] - 1 - i[1]), r"y_{ij} = x_{m-1-i,\,n-1-j}"),
    Move("roll", {"x": _X, "shift": integer(-3, 3), "axis": _AXIS}, lambda p, shift, axis: np.roll(p, shift, axis),
         lambda i, s, shift, axis: put(i, axis, (i[axis] - shift) % s[axis]), r"y_i = x_{(i - s) \bmod n} \text{ along an axis}"),
    Move("roll_flat", {"x": _X, "shift": integer(-3, 3)}, lambda p, shift: np.roll(p, shift),
         lambda i, s, shift: divmod((i[0] * s[1] + i[1] - shift) % (s[0] * s[1]), s[1]),
         r"\mathrm{vec}(y)_i = \mathrm{vec}(x)_{(i - s) \bmod m n}"),
    Move("rot90", {"x": _X, "k": integer(-1, 3)}, lambda p, k: np.rot90(p, k),
         lambda i, s, k: ((i[0], i[1]), (i[1], s[1] - 1 - i[0]), (s[0] - 1 - i[0], s[1] - 1 - i[1]),
                          (s[0] - 1 - i[1], i[0]))[k % 4],
         r"y = x \text{ turned by } k \text{ quarters, } y_{ij} = x_{j,\,n-1-i} \text{ for } k = 1"),
    Move("transpose", {"x": _X}, lambda p: p.T, lambda i, s: (i[1], i[0]), r"y_{ij} = x_{ji}"),
    Move("permute", {"x": _CUBE}, lambda p: np.transpose(p, (2, 0, 1)),
         lambda i, s: (i[1], i[2], i[0]), r"y_{ijk} = x_{jki}"),
    Move("moveaxis", {"x": _CUBE, "start": integer(-3, 2)}, lambda p, start: np.moveaxis(p, start, 0),
         lambda i, s, start: (*i[1 : start % 3 + 1], i[0], *i[start % 3 + 1 :]), r"\text{an axis of } x \text{ becomes the first of } y"),
    Move("swapaxes", {"x": _CUBE, "axis": integer(-3, 2)}, lambda p, axis: np.swapaxes(p, axis, -1),
         lambda i, s, axis: put(put(i, axis, i[2]), 2, i[axis % 3]), r"\text{an axis of } x \text{ and the last are exchanged}"),
    Move("flatten", {"x": _CUBE}, lambda p: p.reshape(-1),
         lambda i, s: (i[0] // (s[1] * s[2]), i[0] // s[2] % s[1], i[0] % s[2]), r"y = \mathrm{vec}(x) \text{, row by row}"),
    Move("reshape", {"x": stacked("m", "n", 4)}, lambda p: p.reshape(p.shape[0], p.shape[1] * 2, 2),
         lambda i, s: (i[0], i[1] // 2, i[1] % 2 * 2 + i[2]), r"y_{i,\,2j + a,\,b} = x_{i,\,j,\,2a + b}"),
    Move("expand_dims", {"x": _X, "axis": integer(-3, 2)}, lambda p, axis: np.expand_dims(p, axis),
         lambda i, s, axis: (*i[: axis % 3], *i[axis % 3 + 1 :]), r"y = x \text{ with a new axis of size 1}"),
    Move("squeeze", {"x": stacked("m", 1, "n")}, lambda p: np.squeeze(p, 1), lambda i, s: (i[0], 0, i[1]), r"y_{ij} = x_{i0j}"),
    Move("broadcast_to", {"x": stacked("m", 1)}, lambda p: np.broadcast_to(p, (2, p.shape[0], 3)),
         lambda i, s: (i[1], 0), r"y_{ijk} = x_{j0}"),
    Move("tile", {"x": _X, "rows": integer(0, 3), "columns": integer(0, 3)}, lambda p, rows, columns: np.tile(p, (rows, columns)),
         lambda i, s, rows, columns: (i[0] % s[0], i[1] % s[1]), r"y_{ij} = x_{i \bmod m,\, j \bmod n}"),
    Move("repeat", {"x": _X, "times": integer(0, 3), "axis": _AXIS}, lambda p, times, axis: np.repeat(p, times, axis),
         lambda i, s, times, axis: put(i, axis, i[axis] // times), r"y_i = x_{\lfloor i / r \rfloor} \text{ along an axis}"),
    Move("strided", {"x": vector("n", minimum=1)}, lambda p: p[1::2], lambda i, s: (1 + 2 * i[0],), r"y_i = x_{1 + 2i}"),
    Move("reversed_slice", {"x": vector("n", minimum=1)}, lambda p: p[-2::-2], lambda i, s: (s[0] - 2 - 2 * i[0],), r"y_i = x_{n - 2 - 2i}"),
    Move("column", {"x": stacked("m", "n", 3), "k": integer(-3, 2)}, lambda p, k: p[..., k],
         lambda i, s, k: (*i, k % 3), r"y_{ij} = x_{ijk}"),
    Move("first_half", {"x": stacked("m", 4)}, lambda p: p[:, :2], lambda i, s: i, r"y_{ij} = x_{ij} \text{ for } j < 2"),
    Move("second_half", {"x": stacked("m", 4)}, lambda p: p[:, 2:], lambda i, s: (i[0], i[1] + 2), r"y_{ij} = x_{i,\,j+2}"),
    Move("pad_zeros", {"x": _X, **_SHORT}, lambda p, left, right: np.pad(p, ((0, 0), (left, right)), constant_values=-1),
         lambda i, s, left, right: _pad_source(i, s, left, right, lambda k, n: k if 0 <= k < n else None),
         r"y_{ij} = x_{i,\,j-l} \text{, and 0 where there is none}"),
    Move("pad_edge", {"x": _FULL, **_SHORT}, lambda p, left, right: np.pad(p, ((0, 0), (left, right)), mode="edge"),
         lambda i, s, left, right: _pad_source(i, s, left, right, lambda k, n: min(max(k, 0), n - 1)),
         r"y_{ij} = x_{i,\,\min(\max(j - l,\,0),\,n - 1)}"),
    Move("pad_wrap", {"x": stacked("m", "n", least=2), **_SHORT}, lambda p, left, right: np.pad(p, ((0, 0), (left, right)), mode="wrap"),
         lambda i, s, left, right: _pad_source(i, s, left, right, lambda k, n: k % n), r"y_{ij} = x_{i,\,(j - l) \bmod n}"),
    Move("pad_reflect", {"x": stacked("m", "n", least=3, canonical=3), **_SHORT},
         lambda p, left, right: np.pad(p, ((0, 0), (left, right)), mode="reflect"),
         lambda i, s, left, right: _pad_source(i, s, left, right, lambda k, n: n - 1 - abs(n - 1 - abs(k))),
         r"y_{ij} = x_{i,\,|j - l|} \text{, mirrored at both ends}"),
    Move("diagonal", {"x": _FULL, "offset": integer(-1, 1)}, lambda p, offset: np.diagonal(p, offset),
         _diagonal_source, r"y_i = x_{i,\,i+k}"),
    Move("diag_embed", {"x": vector("n", minimum=1), "offset": integer(-2, 2)}, lambda p, offset: np.diag(p + 1, offset) - 1,
         lambda i, s, offset: (min(i),) if i[1] - i[0] == offset else None, r"y_{i,\,i+k} = x_{\cdot} \text{, and 0 elsewhere}"),
    Move("tril", {"x": _X, "k": integer(-2, 2)}, lambda p, k: np.tril(p + 1, k) - 1,
         lambda i, s, k: i if i[1] - i[0] <= k else None, r"y_{ij} = [\,j - i \le k\,]\,x_{ij}"),
    Move("triu", {"x": _X, "k": integer(-2, 2)}, lambda p, k: np.triu(p + 1, k) - 1,
         lambda i, s, k: i if i[1] - i[0] >= k else None, r"y_{ij} = [\,j - i \ge k\,]\,x_{ij}"),
    Move("windows", {"x": vector("n", minimum=2)}, lambda p: np.lib.stride_tricks.sliding_window_view(p, 2),
         lambda i, s: (i[0] + i[1],), r"y_{ij} = x_{i+j} \text{, } j < 2"),
    Move("meshgrid_rows", {"x": vector("n")}, lambda p: np.meshgrid(p, np.arange(3), indexing="ij")[0],
         lambda i, s: (i[0],), r"y_{ij} = x_i"),
)  # fmt: skip
"""One row a function. Sizes that stand as numbers make halves and reshapings fit."""

for _move in MOVES:
    declare_move(_move)
