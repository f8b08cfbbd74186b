"""Whether two expressions are equal in a region: a proof, a point at which they differ, or neither.

A proof is a difference that SymPy reduces to 0, on the kink's own surface where the region has one. A refutation is a
rational point inside the region and all domains at which the difference is certainly not 0: its value there is exact, or
correct to 60 digits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import sympy
from sympy.core.evalf import PrecisionExhausted
from sympy.polys.polyerrors import CoercionFailed

from ..strategies import Domain, reals
from .sympy_algebra import Region, SympyAlgebra

Expr = Any  # SymPy's own annotations say no more than Basic of most results
Point = dict[Any, Any]
Surface = list[tuple[Any, Any]]
_UNDEFINED = (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo)
_TRIES, _POINTS, _DIGITS = 300, 6, 60


class Refuted(Exception):
    """The two sides differ; the message shows them and the place."""


class Undecided(Exception):
    """Neither a proof nor a counterexample was found."""


def show_equal(left: Expr, right: Expr, what: str, algebra: SympyAlgebra) -> None:
    """Return where ``left`` = ``right`` is proved in the algebra's region; raises Refuted or Undecided, naming ``what``."""
    left, right = _with_signs(left, algebra.region), _with_signs(right, algebra.region)
    difference = left - right
    if difference == 0 or _expands_to_zero(difference):
        return
    if left.has(*_UNDEFINED) or right.has(*_UNDEFINED):
        raise (Undecided if left.has(*_UNDEFINED) else Refuted)(f"{what} is {_short(left)}, not {_short(right)}")
    surface = _surface(algebra.region)
    if surface is not None:
        difference = _on(surface, difference)
        if difference == 0 or _shown(difference, _CHEAP):
            return
        for point in _points(algebra, surface, difference):
            values = [_number(_on(surface, side), point) for side in (left, right)]
            gap = _number(difference, point)
            if gap is not None and gap != 0:
                shown = left.free_symbols | right.free_symbols
                place = ", ".join(f"{s} = {v}" for s, v in sorted(point.items(), key=str) if s in shown)
                numbers = " ≠ ".join("?" if v is None else str(v.evalf(6)) for v in values)
                region = f" where {_short(algebra.region)}" if algebra.region.signs else ""
                raise Refuted(
                    f"{what} is {_short(left)}, not {_short(right)}{region}; at {place or 'any point'}: {numbers}"
                )
    if not _shown(difference, _SIMPLIFICATIONS):
        raise Undecided(f"{what}: neither shown nor refuted that {_short(left)} is {_short(right)}")


def _with_signs(expression: Expr, region: Region) -> Expr:
    """|e| and the sign of e where the region says which; where e = 0, at the kink of |e|, its slope is 1 by convention."""
    found: dict[Any, Any] = {}
    for e in expression.atoms(sympy.Abs, sympy.sign):
        inside = e.args[0]
        if inside.is_real and (sign := region.known(inside)) is not None:
            found[e] = sign * inside if e.func is sympy.Abs else sympy.Integer(sign or 1)
    return expression.xreplace(found)


@lru_cache(maxsize=4096)
def _expands_to_zero(difference: Expr) -> bool:
    """Whether it is 0 as a polynomial in its symbols; where it is none, whether SymPy expands it to 0."""
    try:
        # Arithmetic in the polynomial ring is many times faster than expanding the expression.
        return not sympy.ring(sorted(difference.free_symbols, key=str), sympy.QQ)[0].from_expr(difference)
    except (ValueError, CoercionFailed):
        return sympy.expand(difference) == 0


def _numerator(expression: Expr) -> Expr:
    """The numerator over a common denominator, expanded: 0 exactly where the expression is, and no divisor is sought."""
    return sympy.expand(sympy.fraction(sympy.together(expression))[0])


def _in_exponentials(expression: Expr) -> Expr:
    """0 where it is 0 as a rational function of its exponentials and functions, each taken for a variable of its own.

    Hyperbolic functions are written in exponentials first, and exp(q a), q rational, as a power of one root exp(a/d).
    Another expression comes back as it is, as does what is no rational function.
    """
    e = expression.xreplace({f: f.rewrite(sympy.exp) for f in expression.atoms(*_HYPERBOLIC)})
    exponents = {f: f.args[0].as_coeff_Mul(rational=True) for f in e.atoms(sympy.exp)}
    roots: dict[Expr, tuple[Expr, Expr]] = {}
    for _, a in exponents.values():
        denominator = sympy.ilcm(1, *(q.q for q, b in exponents.values() if b == a))
        roots[a] = sympy.Dummy(), denominator
    e = e.xreplace({f: roots[a][0] ** (q * roots[a][1]) for f, (q, a) in exponents.items()})
    e = e.xreplace({f: sympy.Dummy() for f in e.atoms(sympy.Function)})
    try:
        zero = not sympy.QQ.frac_field(*sorted(e.free_symbols, key=str)).from_sympy(e)
    except (ValueError, CoercionFailed, ZeroDivisionError):
        return expression
    return sympy.Integer(0) if zero else expression


# From cheap to dear; hyperbolic functions of the same argument are compared as rational functions of its exponential.
# The cheap ones cost less than the points at which a difference is sought, and come before them.
_CHEAP: tuple[Callable[[Expr], Expr], ...] = (
    _numerator,
    lambda e: _in_exponentials(e) if e.has(sympy.exp, *_HYPERBOLIC) else e,
)
_SIMPLIFICATIONS: tuple[Callable[[Expr], Expr], ...] = (
    *_CHEAP,
    lambda e: _numerator(sympy.expand(e)),
    lambda e: _numerator(sympy.expand(e.rewrite(sympy.exp))) if e.has(*_HYPERBOLIC) else e,
    sympy.simplify,
    lambda e: sympy.simplify(sympy.expand_log(sympy.expand_trig(e))),
)
_HYPERBOLIC = (sympy.sinh, sympy.cosh, sympy.tanh)


def _shown(difference: Expr, steps: tuple[Callable[[Expr], Expr], ...]) -> bool:
    """Whether one of the steps reduces the difference to 0."""
    return any(step(difference) == 0 for step in steps)


def _short(expression: object, width: int = 120) -> str:
    text = str(expression)
    return text if len(text) <= width else text[: width - 1] + "…"


def _surface(region: Region) -> Surface | None:
    """The set where all differences with the sign 0 vanish: a symbol of each by the others. None where unsolved or empty."""
    solved: Surface = []
    for d, sign in region.signs.items():
        if sign:
            continue
        rest = _on(solved, d)
        if rest == 0:
            continue
        slopes = {s: sympy.expand(rest.diff(s)) for s in rest.free_symbols}
        linear = [s for s, slope in slopes.items() if slope != 0 and s not in slope.free_symbols]
        if not linear:
            return None
        symbol = min(linear, key=lambda s: (not slopes[s].is_number, str(s)))
        solved.append((symbol, sympy.expand(symbol - rest / slopes[symbol])))
    return solved


def _on(surface: Surface, expression: Expr) -> Expr:
    """The expression where each solved symbol is replaced by the others."""
    for symbol, value in surface:
        expression = expression.xreplace({symbol: value})
    return sympy.expand(expression) if surface else expression


def _points(algebra: SympyAlgebra, surface: Surface, difference: Expr) -> Iterator[Point]:
    """Rational points of the region on the surface, inside all domains; the same ones in every run."""
    domains = {s: domain for s, domain in algebra.conditions if s.is_Symbol}
    asked = difference.free_symbols.union(*(e.free_symbols for e, _ in algebra.conditions))
    symbols = sorted(asked - {s for s, _ in surface}, key=str)
    dice, found = random.Random(0), 0
    for _ in range(_TRIES):
        point: Point = {s: _rational(dice, domains.get(s, reals)) for s in symbols}
        for symbol, value in reversed(surface):
            point[symbol] = value.xreplace(point)
        if _inside(algebra, point):
            yield point
            found += 1
        if found == _POINTS:
            return


def _rational(dice: random.Random, domain: Domain) -> Expr:
    """A number of the domain's interval, near 0 where that is possible; its denominator makes coincidences unlikely."""
    low = domain.low if np.isfinite(domain.low) else min(-4, domain.high - 4)
    high = min(domain.high, max(low, 0) + 4)
    low, high = (sympy.Rational(*float(end).as_integer_ratio()) for end in (low, high))
    return low + (high - low) * sympy.Rational(dice.randint(1, 96), 97)


def _inside(algebra: SympyAlgebra, point: Point) -> bool:
    for expression, domain in algebra.conditions:
        value = _number(expression, point)
        if value is None or not domain.contains(np.array(float(value))):
            return False
    signs = ((d, sign) for d, sign in algebra.region.signs.items() if sign)
    return all((value := _number(d, point)) is not None and value * sign > 0 for d, sign in signs)


def _number(expression: Expr, point: Point) -> Expr | None:
    """The value at a point, exact or certain in all digits; None where it is no real number or its digits are uncertain."""
    value = expression.xreplace(point)
    if value.is_Rational:
        return value
    try:
        value = sympy.N(value, _DIGITS, strict=True)
    except PrecisionExhausted:
        return None
    return value if value.is_Float and value.is_finite else None
