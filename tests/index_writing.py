"""Short names to write identities of index notation with: arrays of symbols, sums, D, and the indices over n, m and N."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradlaw.oracle.index_atoms import Applied, delta, indicator
from gradlaw.oracle.index_binders import abstracted
from gradlaw.oracle.index_calculus import derivative
from gradlaw.oracle.index_powers import ONE, ZERO, call
from gradlaw.oracle.index_sizes import Index, Size, Var, index_of
from gradlaw.oracle.index_sums import total
from gradlaw.oracle.index_symbols import Entry, as_number
from gradlaw.oracle.index_terms import Poly, Undecided
from gradlaw.oracle.index_zero import is_zero

n, m, N, Z = Size("n"), Size("m"), Size("N"), Size("Z", whole=True)


def over(size: Size, letters: str) -> list[Var]:
    """Free index variables."""
    return [Var(f"@{letter}", size, f"@{letter}") for letter in letters]


i, j, k, l, r, s = over(n, "ijklrs")
a, b, c = over(N, "abc")
h, t, u = over(Z, "htu")


def num(value: int | Fraction | str) -> Poly:
    return Poly.number(Fraction(value))


def array(tensor: str, *, positive: bool = False) -> Callable[..., Poly]:
    """An array of symbols, called with its indices."""
    return lambda *at: Poly.atom(Entry(tensor, [index_of(one) for one in at], positive=positive))


def D(p: Poly, tensor: str, *at) -> Poly:
    """∂p / ∂tensor[at]."""
    return derivative(p, tensor, tuple(map(index_of, at)))


def S(names: list[Var], p: Poly) -> Poly:
    """The sum."""
    return total(names, p)


def dl(p, q) -> Poly:
    return delta(index_of(p), index_of(q))


def exp(p: Poly) -> Poly:
    return call("exp", p)


def log(p: Poly) -> Poly:
    return call("log", p)


def sqrt(p: Poly) -> Poly:
    return call("sqrt", p)


def inv(matrix: Callable[[Var, Var], Poly], p, q, size: Size = n) -> Poly:
    """The entry p, q of the inverse."""
    names = [Var.fresh(size), Var.fresh(size)]
    inside = abstracted(matrix(*names), names)
    return Poly.atom(Applied("inv", (index_of(p), index_of(q)), [inside], [(size, size)], (), "inverse"))


def det(matrix: Callable[[Var, Var], Poly], size: Size = n) -> Poly:
    names = [Var.fresh(size), Var.fresh(size)]
    return Poly.atom(Applied("det", (), [abstracted(matrix(*names), names)], [(size, size)], (), "determinant"))


def generic(name: str, *arguments: Poly, out: tuple = ()) -> Poly:
    """A generic function of numbers."""
    return Poly.atom(Applied(name, tuple(map(index_of, out)), arguments, [()] * len(arguments)))


def partial(name: str, argument: int, *arguments: Poly) -> Poly:
    """The derivative of a generic function of numbers by one of its arguments."""
    return Poly.atom(Applied(name, (), arguments, [()] * len(arguments), [(argument, ())]))


__all__ = [
    "ONE",
    "ZERO",
    "D",
    "Fraction",
    "Index",
    "N",
    "Poly",
    "S",
    "Size",
    "Undecided",
    "Var",
    "Z",
    "a",
    "array",
    "as_number",
    "b",
    "c",
    "call",
    "det",
    "dl",
    "exp",
    "generic",
    "h",
    "i",
    "index_of",
    "indicator",
    "inv",
    "is_zero",
    "j",
    "k",
    "l",
    "log",
    "m",
    "n",
    "num",
    "over",
    "partial",
    "r",
    "s",
    "sqrt",
    "t",
    "u",
]  # fmt: skip
