"""SymPy expressions as scalars, and the regions in which a function with predicates is one formula.

No Piecewise is ever made. A *region* fixes the sign (+1, −1 or 0) of every difference that a predicate asks about; inside
it the function and its closed form are smooth expressions, differentiated component by component. SymPy's derivatives of
whole matrices, of Max and of Abs are not used: they are silently wrong in places. A region with a sign 0 is a kink: there
the derivative of the branch that the declared convention takes is the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import sympy
from sympy.polys.polyerrors import CoercionFailed

from ..identities import Unmet
from ..identities.operators import Dense, Operator
from ..strategies import Domain
from .arrays import Algebra, Array, Namespace
from .derivative import Bound, Derivation
from .elementary import FUNCTIONS, SEVERAL
from .sympy_functions import Step, UnknownFunction, call

Signs = tuple[int, ...]
_ANY: Signs = (1, -1, 0)
_HOLDS: dict[str, Signs] = {">": (1,), ">=": (1, 0), "<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (1, -1)}
_RELATION = {1: ">", -1: "<", 0: "="}


class NotAnEquation(Exception):
    """An inequality is to be shown, which no simplification of a difference to 0 can do."""


@lru_cache(maxsize=4096)
def normal_form(difference: sympy.Expr) -> tuple[sympy.Expr, int]:
    """(d, s) with ``difference`` = s·d up to a positive factor; d is 1 where the sign is known without a region.

    So ``z > 0``, ``0 < z`` and ``-2 * z >= 0`` are all decided by the sign of the same d.
    """
    polynomial = _primitive(difference)
    if polynomial is not None:
        return polynomial
    expanded = sympy.expand(difference)
    sign, kept = 1, []
    for factor in sympy.Mul.make_args(expanded.as_content_primitive()[1]):
        if factor == 0:
            return sympy.S.One, 0
        known = _sign_of(factor)
        if known < 0 or (not known and factor.could_extract_minus_sign()):
            sign, factor = -sign, -factor
        if not known:
            kept.append(factor)
    return sympy.Mul(*kept), sign


def _primitive(difference: sympy.Expr) -> tuple[sympy.Expr, int] | None:
    """As ``normal_form``, for a polynomial of several terms in its symbols: by ring arithmetic, which is much faster."""
    try:
        ring = sympy.ring(sorted(difference.free_symbols, key=str), sympy.QQ)[0]
        polynomial = ring.from_expr(difference)
    except (ValueError, CoercionFailed):
        return None
    if len(polynomial) < 2:
        return (sympy.S.One, 0) if not polynomial else None
    primitive = polynomial.primitive()[1]
    sign = 1 if primitive.LC > 0 else -1
    d = (primitive if sign > 0 else -primitive).as_expr()
    known = _sign_of(d)
    return (sympy.S.One, known * sign) if known else (d, sign)


def _sign_of(factor: sympy.Expr) -> int:
    """The sign where it is known everywhere, else 0. Of a sum by its terms: SymPy's own search is many times slower."""
    terms = sympy.Add.make_args(factor)
    for sign, alike in ((1, "is_nonnegative"), (-1, "is_nonpositive")):
        if all(getattr(term, alike) for term in terms):
            return sign if any((sign * term).is_positive for term in terms) else 0
    return 0


class Region:
    """The signs of differences, decided as they are asked for and then kept.

    ``script`` gives the first decisions; after it the first possible sign is taken, and the scripts that lead to the
    others are left in ``others``. ``kinks`` False leaves out the sign 0 wherever another is possible.
    """

    def __init__(self, script: Signs = (), *, kinks: bool = True) -> None:
        self.script, self.kinks = script, kinks
        self.signs: dict[sympy.Expr, int] = {}
        self.others: list[Signs] = []

    def __str__(self) -> str:
        return " and ".join(f"{d} {_RELATION[sign]} 0" for d, sign in self.signs.items())

    def known(self, difference: sympy.Expr) -> int | None:
        """The sign where it is decided already."""
        d, orientation = normal_form(difference)
        return orientation if d == 1 else orientation * self.signs[d] if d in self.signs else None

    def sign(self, difference: sympy.Expr, admitted: Signs = _ANY) -> int:
        """The sign of a difference here, one of ``admitted``; raises Unmet where it is decided otherwise."""
        known = self.known(difference)
        if known is None:
            d, orientation = normal_form(difference)
            self.signs[d] = self._choose([s for s in _possible(d) if s * orientation in admitted])
            known = orientation * self.signs[d]
        if known not in admitted:
            raise Unmet
        return known

    def _choose(self, options: list[int]) -> int:
        taken = tuple(self.signs.values())
        # Kinks of two predicates are crossed with each other; among many, one kink at a time is enough.
        if len(options) > 1 and not (self.kinks and (0 not in taken or len(taken) < 2)):
            options = [s for s in options if s]
        if not options:
            raise Unmet
        if len(taken) < len(self.script):
            return self.script[len(taken)]
        self.others += [(*taken, s) for s in options[1:]]
        return options[0]


def _possible(d: sympy.Expr) -> Iterator[int]:
    """The signs that the assumptions on the symbols leave open."""
    facts = {1: d.is_nonpositive, -1: d.is_nonnegative, 0: d.is_nonzero}
    return (s for s in _ANY if not facts[s])


def regions(*, kinks: bool) -> Iterator[Region]:
    """All regions, depth first: what is evaluated with one before the next is asked for opens further ones."""
    waiting: list[Signs] = [()]
    while waiting:
        region = Region(waiting.pop(), kinks=kinks)
        yield region
        waiting += reversed(region.others)


@dataclass(frozen=True)
class Predicate:
    """``difference`` ○ 0 in a region; its truth is decided when it is asked for."""

    region: Region
    kind: str
    difference: sympy.Expr

    def __bool__(self) -> bool:
        return self.region.sign(self.difference) in _HOLDS[self.kind]

    def suppose(self, *, true: bool = True) -> None:
        """Stay in regions where this holds (or does not); raises Unmet where it is decided otherwise."""
        self.region.sign(self.difference, tuple(s for s in _ANY if (s in _HOLDS[self.kind]) is true))


@dataclass
class SympyAlgebra(Algebra):
    """Scalars are SymPy expressions. ``stands_for``: what the symbols of differentiation will be replaced by.

    ``conditions``: expressions and the domains in which they lie.
    """

    region: Region
    stands_for: dict[sympy.Symbol, sympy.Expr] = field(default_factory=dict)
    conditions: list[tuple[sympy.Expr, Domain]] = field(default_factory=list)

    def lift(self, value: Any) -> sympy.Expr:
        if isinstance(value, sympy.Expr):
            return value
        if isinstance(value, (float, np.floating)):
            return sympy.Rational(*value.as_integer_ratio())
        if hasattr(value, "numerator"):
            return sympy.Rational(int(value.numerator), int(value.denominator))
        if isinstance(value, np.bool_):
            return sympy.Integer(bool(value))
        raise TypeError(f"a {type(value).__name__} is no number")

    @property
    def pi(self) -> sympy.Expr:
        return sympy.pi

    def call(self, name: str, *arguments: Any) -> sympy.Expr:
        return call(name, *(a if isinstance(a, int) else self.lift(a) for a in arguments))

    def step(self, kind: str, x: Any) -> sympy.Expr:
        return Step(sympy.Symbol(kind), x)  # type: ignore[return-value]

    def power(self, x: Any, y: Any) -> sympy.Expr:
        return self.lift(x) ** self.lift(y)

    def sum(self, terms: Sequence[Any]) -> sympy.Expr:
        return sympy.Add(*terms)

    def compare(self, kind: str, x: Any, y: Any) -> Predicate:
        return Predicate(self.region, kind, (x - y).xreplace(self.stands_for))

    def select(self, predicate: Any, x: Callable[[], Any], y: Callable[[], Any]) -> sympy.Expr:
        return x() if predicate else y()


class SympyNamespace(Namespace):
    """Arrays of SymPy expressions in one region."""

    algebra: SympyAlgebra

    def __init__(self, region: Region) -> None:
        super().__init__(SympyAlgebra(region))

    def __getattr__(self, name: str) -> Callable[[Array], Array]:
        if name not in FUNCTIONS and name not in SEVERAL:
            raise UnknownFunction(f"this namespace has no function {name!r}")
        return super().__getattr__(name)

    def variable(self, name: str, shape: tuple[int, ...], domain: Domain) -> Array:
        """An array of symbols ``name[i, j]`` for the reals of a domain."""
        facts = {"real": True}
        if domain.low >= 0:
            facts["nonnegative" if domain.closed else "positive"] = True
        if domain.high <= 0:
            facts["nonpositive" if domain.closed else "negative"] = True
        if 0.0 in domain.excluded:
            facts["nonzero"] = True
        made = [sympy.Symbol(f"{name}{list(index) or ''}", **facts) for index in np.ndindex(*shape)]
        self.algebra.conditions += [(symbol, domain) for symbol in made]
        return self.wrap(made, shape)

    def stand_ins(self, point: Array) -> tuple[Array, dict[sympy.Symbol, sympy.Expr]]:
        """Symbols to differentiate by, each for one scalar of ``point``, with what is known of that scalar."""
        known, values = self.algebra.stands_for, {}
        for value in point.flat():
            facts = {"positive": value.is_positive or None, "nonzero": value.is_nonzero or None, "real": True}
            # Numbered, not Dummy: the same names in every region let SymPy's own cache work. No input has such a name.
            symbol = sympy.Symbol(f"~t{len(known) + len(values)}", **facts)
            values[symbol] = value
        known |= {symbol: value.xreplace(known) for symbol, value in values.items()}
        return self.wrap(list(values), point.shape), values


def jacobian(xp: SympyNamespace, y: Array, x: Array, at: dict[sympy.Symbol, sympy.Expr] | None = None) -> Dense:
    """∂y/∂x for an array x of symbols, entry by entry, and then the symbols replaced as ``at`` says."""
    pairs = [(b, a) for b in y.flat() for a in x.flat()]
    entries = [b.diff(a).xreplace(at or {}) if a in b.free_symbols else sympy.S.Zero for b, a in pairs]
    return Dense(xp.wrap(entries, (*y.shape, *x.shape)), y.ndim)


class DefinedFunction(Bound):
    """A drawn function that notes where it is evaluated: its points lie in its domain."""

    def __call__(self, *points: Any) -> Any:
        algebra = self.xp.algebra
        for name, point in zip(self.section.free, points, strict=True):
            domain = self.section.rule.inputs[name].domain
            algebra.conditions += [(value.xreplace(algebra.stands_for), domain) for value in point.flat()]
        return super().__call__(*points)


class SympyDerivation(Derivation):
    """D by SymPy. The derivatives of drawn functions are their closed forms, all others are SymPy's."""

    def __init__(self, xp: SympyNamespace) -> None:
        self.xp = xp

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        if isinstance(f, Bound):
            return f.closed_form(*points)
        made = [self.xp.stand_ins(self.xp.asarray(point)) for point in points]
        at = {symbol: value for _, values in made for symbol, value in values.items()}
        y = self.xp.asarray(f(*(leaf for leaf, _ in made)))
        return [jacobian(self.xp, y, leaf, at) for leaf, _ in made]

    def truths(self, predicate: Any) -> list[bool]:
        return [bool(p) for p in predicate.flat()]

    def true(self, predicate: Any) -> bool:
        """A fact, not a hypothesis: no region may be chosen to make it true."""
        if any(isinstance(p, Predicate) and p.region.known(p.difference) is None for p in predicate.flat()):
            raise NotAnEquation
        return super().true(predicate)

    def require(self, predicate: Any) -> None:
        """Stay in the regions where the hypothesis holds."""
        for p in predicate.flat():
            if isinstance(p, Predicate):
                p.suppose()
            elif not p:
                raise Unmet

    def require_same(self, predicate: Any, other: Any) -> None:
        for p, q in zip(predicate.flat(), other.flat(), strict=True):
            q.suppose(true=bool(p))
