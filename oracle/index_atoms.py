"""Kronecker deltas, indicators, sums, generic functions, matrix inverses and determinants as atoms.

δᵢₖ² = δᵢₖ and [p > 0]² = [p > 0]; [c·p > 0] = [p > 0] for c > 0, and [−p > 0] = 1 − [p > 0] at generic points.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from math import gcd
from typing import Protocol

from .index_powers import ONE, ZERO, content, is_positive
from .index_sizes import Index, Size
from .index_terms import Atom, Exponent, Poly, Undecided


class Delta(Atom):
    """Kronecker's delta: 1 where the index ``difference`` is 0, else 0."""

    __slots__ = ("difference",)

    def __init__(self, difference: Index) -> None:
        self.difference, self.key = difference, f"δ({difference.key})"

    @property
    def indices(self) -> tuple[Index, ...]:
        return (self.difference,)

    def with_parts(self, indices: tuple[Index, ...], children: tuple[Poly, ...]) -> Delta:
        return Delta(indices[0])

    def raised(self, indices: tuple[Index, ...], children: tuple[Poly, ...], exponent: Exponent) -> Poly:
        return delta(indices[0], Index({}))

    def normal_power(self, exponent: Exponent) -> Poly | None:
        if exponent < 0:
            raise Undecided("a division by a Kronecker delta")
        return Poly.atom(self)


def delta(i: Index, j: Index) -> Poly:
    """δᵢⱼ = δⱼᵢ: 1 for equal indices, 0 for different integers. 2i = 2j says i = j, and 2i = 2j + 1 nothing does."""
    difference = i - j
    if not difference.parts:
        return ZERO if difference.const else ONE
    common = gcd(*(count for _, count in difference.parts))
    if difference.const % common:
        return ZERO
    common = common if difference.parts[0][1] > 0 else -common
    parts = {v: count // common for v, count in difference.parts}
    return Poly.atom(Delta(Index(parts, difference.const // common)))


class Indicator(Atom):
    """[p > 0]: 1 where p is positive, else 0."""

    __slots__ = ("inside",)

    def __init__(self, inside: Poly) -> None:
        self.inside, self.key = inside, f"[{inside.key}>0]"

    @property
    def children(self) -> tuple[Poly, ...]:
        return (self.inside,)

    def with_parts(self, indices: tuple[Index, ...], children: tuple[Poly, ...]) -> Indicator:
        return Indicator(children[0])

    def raised(self, indices: tuple[Index, ...], children: tuple[Poly, ...], exponent: Exponent) -> Poly:
        found = indicator(children[0])
        if exponent < 0:
            raise Undecided("a division by an indicator")
        return found

    def normal_power(self, exponent: Exponent) -> Poly | None:
        if exponent < 0:
            raise Undecided("a division by an indicator")
        return Poly.atom(self)


def indicator(p: Poly) -> Poly:
    """[p > 0] at a generic point; raises Undecided where p is 0 everywhere, or in some case everywhere: that is a tie."""
    from .index_ties import tied

    if not p:
        raise Undecided("a choice is tied everywhere")
    case = tied(p)
    if case:
        raise Undecided(f"a choice is tied where {case}")
    _, _, rest = content(p, positive=True)
    if is_positive(rest):
        return ONE
    if is_positive(-rest):
        return ZERO
    if rest.sorted()[0][1] < 0:
        return ONE - _known(Indicator(-rest))
    return _known(Indicator(rest))


def _known(atom: Indicator) -> Poly:
    """The indicator, or what a hypothesis says of it."""
    hypotheses = _HYPOTHESES.get()
    token = _HYPOTHESES.set(())  # a hypothesis is not read with its own help
    try:
        for hypothesis in hypotheses:
            found = hypothesis.apply(atom)
            if found is not None:
                return found
    finally:
        _HYPOTHESES.reset(token)
    return Poly.atom(atom)


class _Applies(Protocol):
    def apply(self, atom: Atom) -> Poly | None: ...


_HYPOTHESES: ContextVar[Sequence[_Applies]] = ContextVar("hypotheses", default=())


def hypotheses() -> Sequence[_Applies]:
    """What is assumed of indicators in this context."""
    return _HYPOTHESES.get()


def assuming(hypotheses: Sequence[_Applies]) -> None:
    """Use these hypotheses on indicators from now on, in this context."""
    _HYPOTHESES.set(tuple(hypotheses))


def compare(kind: str, a: Poly, b: Poly) -> Poly:
    """The predicate a ``kind`` b as an indicator; a tie everywhere is decided, all others are not generic."""
    if kind in ("<", "<="):
        a, b, kind = b, a, ">" if kind == "<" else ">="
    if a == b:
        return ONE if kind == ">=" else ZERO
    return indicator(a - b)


class Sum(Atom):
    """A sum over index variables of a monomial that none of them leaves; made by ``index_sums.total``."""

    __slots__ = ("body", "sizes")

    def __init__(self, sizes: tuple[Size, ...], body: Poly) -> None:
        self.sizes, self.body = sizes, body
        self.key = f"Σ{{{','.join(map(repr, sizes))}}}({body.key})"

    @property
    def label(self) -> str:
        return f"Σ{self.sizes}"

    @property
    def children(self) -> tuple[Poly, ...]:
        return (self.body,)

    @property
    def binders(self) -> tuple[tuple[Size, ...], ...]:
        return (self.sizes,)

    @property
    def positive(self) -> bool:
        return is_positive(self.body)

    def with_parts(self, indices: tuple[Index, ...], children: tuple[Poly, ...]) -> Sum:
        return Sum(self.sizes, children[0])


class Applied(Atom):
    """A generic function of arrays, or one of its partial derivatives: ∂ᵈ f_out(g, h, …).

    ``arguments``: the arrays' entries, each with the sizes of its axes as binder. ``derivatives``: for each
    differentiation the number of the argument and the index of the entry in it; their order does not matter (Schwarz).
    ``kind``: ``function``, or ``inverse`` or ``determinant`` of a matrix.
    """

    __slots__ = ("_binders", "arguments", "derivatives", "kind", "name", "out")

    def __init__(
        self,
        name: str,
        out: tuple[Index, ...],
        arguments: Sequence[Poly],
        binders: Sequence[tuple[Size, ...]],
        derivatives: Sequence[tuple[int, tuple[Index, ...]]] = (),
        kind: str = "function",
    ) -> None:
        self.name, self.out, self.arguments, self._binders, self.kind = (
            name,
            out,
            tuple(arguments),
            tuple(binders),
            kind,
        )
        self.derivatives = tuple(sorted(derivatives, key=lambda one: (one[0], [i.key for i in one[1]])))
        marks = "".join(f";{a}:{','.join(i.key for i in at)}" for a, at in self.derivatives)
        inside = "; ".join(f"{shape}{p.key}" for shape, p in zip(self._binders, self.arguments, strict=True))
        self.key = f"{name}[{','.join(i.key for i in out)}{marks}]({inside})"

    @property
    def label(self) -> str:
        return f"{self.name}{[a for a, _ in self.derivatives]}"

    @property
    def children(self) -> tuple[Poly, ...]:
        return self.arguments

    @property
    def binders(self) -> tuple[tuple[Size, ...], ...]:
        return self._binders

    @property
    def indices(self) -> tuple[Index, ...]:
        return self.out + tuple(i for _, at in self.derivatives for i in at)

    def with_parts(self, indices: tuple[Index, ...], children: tuple[Poly, ...]) -> Applied:
        left = iter(indices)
        out = tuple(next(left) for _ in self.out)
        derivatives = [(a, tuple(next(left) for _ in at)) for a, at in self.derivatives]
        return Applied(self.name, out, children, self._binders, derivatives, self.kind)

    def derived(self, argument: int, at: tuple[Index, ...]) -> Applied:
        """Its partial derivative by the entry ``at`` of an argument."""
        return Applied(
            self.name, self.out, self.arguments, self._binders, (*self.derivatives, (argument, at)), self.kind
        )
