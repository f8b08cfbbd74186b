"""Element-wise functions of one argument as rows of a table, and how a chapter declares its table."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..strategies import Domain, vector
from .declare import rule
from .operators import diag
from .sources import Source

Apply = Callable[[Any, Any], Any]


class Unary(NamedTuple):
    """f and f′ as functions of the namespace and x, the domain, and both in TeX.

    ``others``: formulas for f′ that libraries use and that may lose accuracy; ``texts``: such formulas for f;
    ``regular``: the text without its singularity. ``section`` of the chapter's source, where that is one book.
    """

    name: str
    apply: Apply
    derivative: Apply
    domain: Domain
    tex: str
    derivative_tex: str
    others: tuple[Apply, ...] = ()
    texts: tuple[Apply, ...] = ()
    at_edges: str = ""
    regular: Apply | None = None
    section: str = ""


def declare(table: Iterable[Unary], source: Source, chapter: str, *, aim: bool = False) -> None:
    """Declare the rows as entries of a chapter, the module ``chapter``. ``aim``: examples go to the first kink of a domain."""
    for row in table:
        _declare(row, source if not row.section else Source(source.work, row.section), chapter, aim)


def _declare(row: Unary, source: Source, chapter: str, aim: bool) -> None:
    def of_one(xp, x):
        return row.apply(xp, x)

    of_one.__module__ = chapter
    entry = rule(
        x=vector("n", row.domain),
        source=source,
        name=row.name,
        tex=row.tex,
        at_edges=row.at_edges,
        kink_at={"x": lambda: row.domain.kinks[0]} if aim and row.domain.kinks else None,
        regular=row.regular,
    )(of_one)
    entry.partial("x", rf"\mathrm{{diag}}\Bigl({row.derivative_tex}\Bigr)")(_diagonal(row.derivative))
    for other in row.others:
        entry.equal_form("x")(_diagonal(other))
    for text in row.texts:
        entry.equal_text(text)


def _diagonal(d: Apply) -> Callable[..., Any]:
    return lambda xp, x: diag(d(xp, x))
