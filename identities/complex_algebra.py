"""Products of complex vectors and matrices, as pairs of reals: bilinear maps, one of them conjugated in its first argument.

For a real bilinear map B the complex one is B(x, a) − B(y, b) + i (B(x, b) + B(y, a)), with z = x + iy and w = a + ib; the signs of y
turn where z is conjugated. ``BILINEAR`` is the table. All terms of a part are one sum, in no order.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import nonzero, reals, stacked, vector, within
from .declare import rule
from .operators import Operator, Products, row
from .sources import Source

Map = Callable[[Any, Any, Any], Any]
_FINITE = within(1e15)
"""Where no product overflows: a complex product makes NaN of infinities in its own ways, see ``complex_pairs.multiply``."""


class Bilinear(NamedTuple):
    """A real bilinear map B as the array of its terms and the axes over which they are summed, with its two adjoints.

    ``left(xp, u, q)`` is the gradient of u·B(p, q) by p, ``right(xp, u, p)`` that by q.
    """

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    terms: Map
    axes: tuple[int, ...]
    left: Map
    right: Map
    tex: str
    conjugated: bool = False

    def __call__(self, xp: Any, p: Any, q: Any) -> Any:
        """B(p, q)."""
        return xp.sum(self.terms(xp, p, q), axis=self.axes)

    def both(self, xp: Any, p: Any, q: Any, r: Any, s: Any) -> Any:
        """B(p, q) + B(r, s) as one sum."""
        terms = xp.stack([self.terms(xp, p, q), self.terms(xp, r, s)])
        return xp.sum(terms, axis=(0, *(axis + 1 for axis in self.axes)))


def _inner(xp: Any, p: Any, q: Any) -> Any:
    return p * q


def _rows_by_columns(xp: Any, p: Any, q: Any) -> Any:
    return xp.expand_dims(p, axis=2) * xp.expand_dims(q, axis=0)


BILINEAR = (
    Bilinear("dot", ("n",), ("n",), _inner, (0,), _inner, _inner, r"\sum_k z_k\,w_k"),
    Bilinear("vecdot", ("n",), ("n",), _inner, (0,), _inner, _inner, r"\sum_k \overline{z_k}\,w_k", conjugated=True),
    Bilinear(
        "matmul",
        ("m", "k"),
        ("k", "n"),
        _rows_by_columns,
        (1,),
        lambda xp, u, q: xp.matmul(u, q.T),
        lambda xp, u, p: xp.matmul(p.T, u),
        r"Z\,W",
    ),
    Bilinear(
        "trace_of_product",
        ("m", "n"),
        ("n", "m"),
        lambda xp, p, q: p * q.T,
        (0, 1),
        lambda xp, u, q: u * q.T,
        lambda xp, u, p: u * p.T,
        r"\mathrm{tr}(Z\,W)",
    ),
)


def _declare(B: Bilinear) -> None:
    sign = -1 if B.conjugated else 1

    @rule(
        x=stacked(*B.first, domain=_FINITE),
        y=stacked(*B.first, domain=_FINITE),
        a=stacked(*B.second, domain=_FINITE),
        b=stacked(*B.second, domain=_FINITE),
        source=Source("Hjørungnes, Complex-Valued Matrix Derivatives", "3.2"),
        name=B.name,
        tex=rf"\left[\mathrm{{Re}}, \mathrm{{Im}}\right] {B.tex},\; z = x + i\,y,\; w = a + i\,b",
    )
    def entry(xp, x, y, a, b):
        return xp.stack([B.both(xp, x, a, -sign * y, b), B.both(xp, x, b, sign * y, a)])

    def closed_form(jvp: Callable[..., Any], vjp: Callable[..., Any], which: int) -> Callable[..., Operator]:
        def partial(xp, x, y, a, b):
            shape = (2, *B(xp, x, a).shape)
            point = (x, y, a, b)[which]
            return Products(xp, point.shape, shape, lambda v: jvp(xp, v, x, y, a, b), lambda u: vjp(xp, u, x, y, a, b))

        return partial

    entry.partial("x", "V \\mapsto V\\,W")(
        closed_form(
            lambda xp, v, x, y, a, b: xp.stack([B(xp, v, a), B(xp, v, b)]),
            lambda xp, u, x, y, a, b: B.left(xp, u[0, ...], a) + B.left(xp, u[1, ...], b),
            0,
        )
    )
    entry.partial("y", "V \\mapsto " + ("-" if B.conjugated else "") + r"i\,V\,W")(
        closed_form(
            lambda xp, v, x, y, a, b: xp.stack([-sign * B(xp, v, b), sign * B(xp, v, a)]),
            lambda xp, u, x, y, a, b: sign * (B.left(xp, u[1, ...], a) - B.left(xp, u[0, ...], b)),
            1,
        )
    )
    entry.partial("a", "V \\mapsto Z\\,V")(
        closed_form(
            lambda xp, v, x, y, a, b: xp.stack([B(xp, x, v), sign * B(xp, y, v)]),
            lambda xp, u, x, y, a, b: B.right(xp, u[0, ...], x) + sign * B.right(xp, u[1, ...], y),
            2,
        )
    )
    entry.partial("b", r"V \mapsto i\,Z\,V")(
        closed_form(
            lambda xp, v, x, y, a, b: xp.stack([-sign * B(xp, y, v), B(xp, x, v)]),
            lambda xp, u, x, y, a, b: B.right(xp, u[1, ...], x) - sign * B.right(xp, u[0, ...], y),
            3,
        )
    )


for _map in BILINEAR:
    _declare(_map)


@rule(
    x=vector("n", nonzero, minimum=1),
    y=vector("n", reals.with_kinks(0.0)),
    source=Source("Array API standard", "linalg.vector_norm"),
    at_edges="smooth away from the zero vector, where nothing is claimed",
)
def vector_norm(xp, x, y):
    r"""\sqrt{\textstyle\sum_k |z_k|^2},\; z = x + i\,y"""
    return xp.sqrt(xp.sum(xp.stack([x**2, y**2])))


@vector_norm.partial("x")
def _(xp, x, y):
    r"""\mathbf{x}^T / \lVert \mathbf{z} \rVert"""
    return row(xp, x / vector_norm(xp, x, y))


@vector_norm.partial("y")
def _(xp, x, y):
    r"""\mathbf{y}^T / \lVert \mathbf{z} \rVert"""
    return row(xp, y / vector_norm(xp, x, y))
