"""Linear systems: one right side, many, stacks that broadcast; triangular ones; solved from the left and from the right.

``SYSTEMS`` is the table. An entry is judged normwise: what is exact for slightly other matrices is not wrong.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import matrices, stacked
from .declare import rule
from .inverses import REGULAR, SINGULAR
from .operators import Operator, Products
from .products import STANDARD, Dimensions, summed_to, transposed


def _all(xp: Any, a: Any) -> Any:
    return a


class System(NamedTuple):
    """A linear system M(A) X = B: the shapes of A and B, what M keeps of A, its transpose, and what A must be.

    M(A) is ``kept`` of A, which is linear; ``unit``: plus the identity matrix.
    """

    name: str
    title: str
    left: Dimensions
    right: Dimensions
    tex: str
    kept: Callable[[Any, Any], Any] = _all
    back: Callable[[Any, Any], Any] = _all
    structure: str = "full rank"
    unit: bool = False

    def matrix(self, xp: Any, a: Any) -> Any:
        """M(A)."""
        kept = self.kept(xp, a)
        return kept + xp.eye(a.shape[0], dtype=a.dtype) if self.unit else kept


SYSTEMS = (
    System("solve_vector", "linear system", ("n", "n"), ("n",), r"\mathbf{y} = A^{-1}\,\mathbf{b}"),
    System("solve", "linear systems", ("n", "n"), ("n", "k"), r"Y = A^{-1} B"),
    System("solve_stack", "stack of linear systems", (2, "n", "n"), (2, "n", "k"), r"Y_s = A_s^{-1} B_s"),
    System("solve_broadcast_left", "one matrix, a stack of right sides", ("n", "n"), (2, "n", "k"), "Y_s = A^{-1} B_s"),
    System(
        "solve_broadcast_right", "a stack of matrices, one right side", (2, "n", "n"), (1, "n", "k"), "Y_s = A_s^{-1} B"
    ),
    System(
        "solve_transposed",
        "transposed system",
        ("n", "n"),
        ("n", "k"),
        r"Y = A^{-T} B",
        lambda xp, a: a.T,
        lambda xp, u: u.T,
    ),
    System(
        "solve_lower",
        "lower triangular system",
        ("n", "n"),
        ("n", "k"),
        r"Y = \mathrm{tril}(A)^{-1} B",
        lambda xp, a: xp.tril(a),
        lambda xp, u: xp.tril(u),
        "nonzero diagonal",
    ),
    System(
        "solve_upper",
        "upper triangular system",
        ("n", "n"),
        ("n", "k"),
        r"Y = \mathrm{triu}(A)^{-1} B",
        lambda xp, a: xp.triu(a),
        lambda xp, u: xp.triu(u),
        "nonzero diagonal",
    ),
    System(
        "solve_lower_transposed",
        "transposed lower triangular system",
        ("n", "n"),
        ("n", "k"),
        r"Y = \mathrm{tril}(A)^{-T} B",
        lambda xp, a: xp.tril(a).T,
        lambda xp, u: xp.tril(u.T),
        "nonzero diagonal",
    ),
    System(
        "solve_unit_lower",
        "unit lower triangular system",
        ("n", "n"),
        ("n", "k"),
        r"Y = (\mathrm{tril}(A, -1) + I)^{-1} B",
        lambda xp, a: xp.tril(a, k=-1),
        lambda xp, u: xp.tril(u, k=-1),
        "any",
        unit=True,
    ),
)


def _by_matrix(xp: Any, system: System, a: Any, b: Any) -> Operator:
    m = system.matrix(xp, a)
    y = xp.linalg.solve(m, b)

    def jvp(v: Any) -> Any:
        return -xp.linalg.solve(m, system.kept(xp, v) @ y)

    def vjp(u: Any) -> Any:
        w = xp.linalg.solve(transposed(xp, m), u)
        outer = w[:, None] * y[None, :] if len(y.shape) == 1 else w @ transposed(xp, y)
        return system.back(xp, -summed_to(xp, outer, a.shape))

    return Products(xp, a.shape, y.shape, jvp, vjp)


def _system(system: System) -> None:
    @rule(
        a=matrices(*system.left, structure=system.structure, least=1, largest=4),
        b=stacked(*system.right, least=1, largest=4),
        source=STANDARD,
        name=system.name,
        title=system.title,
        tex=system.tex,
        domain="all matrices" if system.structure == "any" else f"A of {system.structure}",
        at_edges="smooth on the whole domain" if system.structure == "any" else SINGULAR,
        normwise=True,
    )
    def solution(xp, a, b):
        return xp.linalg.solve(system.matrix(xp, a), b)

    @solution.partial("a", r"V \mapsto -A^{-1}\,V\,Y,\quad U \mapsto -A^{-T} U\,Y^T")
    def _(xp, a, b):
        return _by_matrix(xp, system, a, b)

    @solution.partial("b", r"V \mapsto A^{-1}\,V,\quad U \mapsto A^{-T} U")
    def _(xp, a, b):
        m = system.matrix(xp, a)
        shape = xp.linalg.solve(m, b).shape
        return Products(
            xp,
            b.shape,
            shape,
            lambda v: xp.linalg.solve(m, v),
            lambda u: summed_to(xp, xp.linalg.solve(transposed(xp, m), u), b.shape),
        )


for _entry in SYSTEMS:
    _system(_entry)


@rule(
    a=matrices("n", "n", structure="full rank", least=1, largest=4),
    b=stacked("k", "n", least=1, largest=4),
    source=STANDARD,
    title="linear systems from the right",
    domain=REGULAR,
    at_edges=SINGULAR,
    normwise=True,
)
def solve_right(xp, a, b):
    r"""Y = B\,A^{-1}"""
    return xp.linalg.solve(a.T, b.T).T


@solve_right.partial("a")
def _(xp, a, b):
    r"""V \mapsto -Y\,V A^{-1}"""
    y = xp.linalg.solve(a.T, b.T).T
    return Products(
        xp,
        a.shape,
        y.shape,
        lambda v: -xp.linalg.solve(a.T, (y @ v).T).T,
        lambda u: -(y.T @ xp.linalg.solve(a, u.T).T),
    )


@solve_right.partial("b")
def _(xp, a, b):
    r"""V \mapsto V A^{-1}"""
    return Products(xp, b.shape, b.shape, lambda v: xp.linalg.solve(a.T, v.T).T, lambda u: xp.linalg.solve(a, u.T).T)
