"""Values at concrete sizes, for those who distrust the index prover: exact rationals, balls, duals, and terms in numbers.

Nothing here uses the prover's rules: a term is walked through, its bound indices are looked up on a stack. Rational terms are
evaluated exactly; others in balls of 384 bits, so that "not 0" is a proof and "0" means within 1e-40.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq
from gradlaw.oracle.index_atoms import Applied, Delta, Indicator, Sum
from gradlaw.oracle.index_powers import Function, Group
from gradlaw.oracle.index_sizes import Bound, Index, Size
from gradlaw.oracle.index_symbols import Entry, Prime, SizeAtom
from gradlaw.oracle.index_terms import Poly

BITS = 384
TINY = arb("1e-40")


class Undefined(Exception):
    """A division by 0, or a root or logarithm of what is not positive: the point is not generic."""


class NeedsBalls(Exception):
    """The value is not rational."""


# Numbers.


@dataclass(frozen=True, slots=True)
class Dual:
    """a + b·ε with ε² = 0: an exact derivative along with a value."""

    real: Any
    slope: Any

    def __add__(self, other: Any) -> Dual:
        other = as_dual(other)
        return Dual(self.real + other.real, self.slope + other.slope)

    def __mul__(self, other: Any) -> Dual:
        other = as_dual(other)
        return Dual(self.real * other.real, self.slope * other.real + self.real * other.slope)

    __radd__, __rmul__ = __add__, __mul__


def as_dual(x: Any) -> Dual:
    return x if isinstance(x, Dual) else Dual(x, 0)


def sign(x: Any) -> int:
    """The sign; a ball that holds 0 is 0 where it is tiny."""
    if isinstance(x, Dual):
        return sign(x.real)
    if x > 0:
        return 1
    if x < 0:
        return -1
    if isinstance(x, arb) and not x.abs_upper() < TINY:
        raise Undefined("a ball too wide")
    return 0


def is_nil(x: Any) -> bool:
    """Whether a number is 0."""
    return not sign(x)


def raised(x: Any, exponent: Fraction) -> Any:
    """x to a rational power; a fractional one of positive x only."""
    if isinstance(x, Dual):
        return Dual(
            raised(x.real, exponent), fmpq(*exponent.as_integer_ratio()) * raised(x.real, exponent - 1) * x.slope
        )
    if exponent <= 0 and is_nil(x):
        if exponent == 0:
            return fmpq(1)
        raise Undefined("a division by 0")
    if exponent.denominator == 1:
        return x ** int(exponent)
    if sign(x) <= 0:
        raise Undefined("a root of a negative number")
    if not isinstance(x, arb):
        raise NeedsBalls
    return x.root(exponent.denominator) ** exponent.numerator


def applied(name: str, x: Any) -> Any:
    """An elementary function."""
    if isinstance(x, Dual):
        return Dual(applied(name, x.real), _SLOPES[name](x.real) * x.slope)
    if name in ("log", "sqrt") and sign(x) <= 0:
        raise Undefined(f"{name} of a number that is not positive")
    if not isinstance(x, arb):
        raise NeedsBalls
    return getattr(x, name)()


_SLOPES: Mapping[str, Callable[[arb], arb]] = {
    "exp": lambda x: x.exp(),
    "log": lambda x: 1 / x,
    "sqrt": lambda x: 1 / (2 * x.sqrt()),
    "sin": lambda x: x.cos(),
    "cos": lambda x: -x.sin(),
    "tan": lambda x: 1 / x.cos() ** 2,
    "atan": lambda x: 1 / (1 + x * x),
    "sinh": lambda x: x.cosh(),
    "cosh": lambda x: x.sinh(),
    "tanh": lambda x: 1 / x.cosh() ** 2,
}


def matrix_inverse(rows: list[list[Any]]) -> list[list[Any]]:
    """Gauss's elimination, on numbers of any kind."""
    n = len(rows)
    work = [[*row, *(fmpq(int(i == j)) for j in range(n))] for i, row in enumerate(rows)]
    for k in range(n):
        pivot = next((r for r in range(k, n) if not is_nil(work[r][k])), None)
        if pivot is None:
            raise Undefined("a singular matrix")
        work[k], work[pivot] = work[pivot], work[k]
        scale = raised(work[k][k], Fraction(-1))
        work[k] = [scale * x for x in work[k]]
        for r in range(n):
            if r != k:
                factor = work[r][k] * fmpq(-1)
                work[r] = [x + factor * y for x, y in zip(work[r], work[k], strict=True)]
    return [row[n:] for row in work]


def determinant(rows: list[list[Any]]) -> Any:
    """Leibniz's formula."""
    result: Any = fmpq(0)
    for order in itertools.permutations(range(len(rows))):
        odd = sum(a > b for a, b in itertools.combinations(order, 2)) % 2
        product: Any = fmpq(-1 if odd else 1)
        for i, j in enumerate(order):
            product = product * rows[i][j]
        result = result + product
    return result


# Points.


@dataclass
class Point:
    """Sizes, and a value for every entry and every generic function; the same seed gives the same values.

    ``along``: the entry by which is differentiated. ``window``: the half width of what stands for ℤ; arrays of symbols
    vanish outside −1, 0, 1 there.
    """

    seed: int
    sizes: dict[str, int]
    exact: bool = True
    along: tuple[str, tuple[int, ...]] | None = None
    window: int = 6
    known: dict[Any, Any] = field(default_factory=dict)
    given: Mapping[str, Callable[[tuple[int, ...]], Any]] = field(default_factory=dict)

    def number(self, value: Fraction | int) -> Any:
        exact = fmpq(*Fraction(value).as_integer_ratio())
        return exact if self.exact else arb(exact)

    def random(self, *what: Any, positive: bool = False) -> Any:
        key = (what, positive)
        if key not in self.known:
            rng = random.Random(f"{self.seed} {what}")
            top = rng.randint(60, 499)
            self.known[key] = self.number(
                Fraction(top if positive or rng.random() < 0.5 else -top, rng.choice(_PRIMES))
            )
        return self.known[key]

    def entry(self, tensor: str, at: tuple[int, ...], *, positive: bool = False) -> Any:
        found = self.given[tensor](at) if tensor in self.given else self.random(tensor, at, positive=positive)
        return Dual(found, self.number(1)) if self.along == (tensor, at) else found

    def indices(self, size: Size) -> range:
        """The indices of an axis."""
        if size.whole:
            return range(-self.window, self.window + 1)
        count = size.factor
        for name in size.names:
            count *= self.sizes[name]
        return range(count)

    def generic(self, name: str, out: tuple[int, ...], arguments: list[dict], derivatives: tuple = ()) -> Any:
        """A cubic of all entries of its arguments, or a partial derivative of it.

        f(t) = c₀ + c₁s + c₂s² + c₃s³ + Σₑ dₑtₑ³ with s = Σₑ wₑtₑ, where all coefficients depend on f and its index.
        """
        entries = {(number, at): t for number, one in enumerate(arguments) for at, t in one.items()}
        if any(isinstance(t, Dual) for t in entries.values()):
            plain = [{at: as_dual(t).real for at, t in one.items()} for one in arguments]
            slope: Any = self.number(0)
            for e, t in entries.items():
                if isinstance(t, Dual):
                    slope = slope + self.generic(name, out, plain, (*derivatives, e)) * t.slope
            return Dual(self.generic(name, out, plain, derivatives), slope)
        weights = {e: self.random(name, out, "w", e) for e in entries}
        s: Any = self.number(0)
        for e, t in entries.items():
            s = s + weights[e] * t
        order = len(derivatives)
        result: Any = self.number(0)
        for degree in range(order, 4):
            falling = 1
            for k in range(order):
                falling *= degree - k
            result = result + self.random(name, out, "c", degree) * falling * s ** (degree - order)
        for e in derivatives:
            result = result * weights[e]
        for e, t in entries.items():
            if order <= 3 and all(one == e for one in derivatives):
                result = result + self.random(name, out, "d", e) * (1, 3, 6, 6)[order] * t ** (3 - order)
        return result


_PRIMES = (101, 103, 107, 109, 113, 127, 131, 137, 139, 149)


# Terms in numbers.


class Evaluator:
    """Values of normal forms at a point. ``free``: the value of every free index variable, by its key."""

    def __init__(self, point: Point, free: Mapping[str, int]) -> None:
        self.point, self.free = point, free

    def value(self, p: Poly, stack: tuple[tuple[int, ...], ...] = ()) -> Any:
        """The value of a polynomial; ``stack``: the values of the bound indices, the innermost binder first."""
        result: Any = self.point.number(0)
        for m, c in p.terms.items():
            # A choice that is not made hides what stands beside it.
            if any(isinstance(a, Delta | Indicator) and is_nil(self.of_atom(a, stack)) for a, _ in m):
                continue
            product: Any = self.point.number(c)
            for atom, e in m:
                product = product * raised(self.of_atom(atom, stack), e)
            result = result + product
        return result

    def index(self, index: Index, stack: tuple[tuple[int, ...], ...]) -> int:
        result = index.const
        for v, c in index.parts:
            result += c * (stack[v.depth][v.slot] if isinstance(v, Bound) else self.free[v.key])
        return result

    def tables(self, atom: Applied, stack: tuple[tuple[int, ...], ...]) -> list[dict[tuple[int, ...], Any]]:
        """The entries of the arguments of a generic function."""
        return [
            {at: self.value(p, (at, *stack) if binder else stack) for at in self.all(binder)}
            for p, binder in zip(atom.arguments, atom.binders, strict=True)
        ]

    def all(self, sizes: Sequence[Size]) -> Iterator[tuple[int, ...]]:
        return itertools.product(*(self.point.indices(size) for size in sizes))

    def of_atom(self, atom: Any, stack: tuple[tuple[int, ...], ...]) -> Any:
        point = self.point
        match atom:
            case Entry():
                at = tuple(self.index(i, stack) for i in atom.indices)
                return point.entry(atom.tensor, at, positive=atom.positive)
            case Delta():
                return point.number(self.index(atom.difference, stack) == 0)
            case Indicator():
                return point.number(sign(self.value(atom.inside, stack)) > 0)
            case Sum():
                result: Any = point.number(0)
                for at in self.all(atom.sizes):
                    result = result + self.value(atom.body, (at, *stack))
                return result
            case Group():
                return self.value(atom.inside, stack)
            case Function():
                return applied(atom.name, self.value(atom.inside, stack))
            case SizeAtom():
                return point.number(point.sizes[atom.name])
            case Prime():
                return point.number(atom.number)
            case Applied(kind="function"):
                out = tuple(self.index(i, stack) for i in atom.out)
                derivatives = tuple((a, tuple(self.index(i, stack) for i in at)) for a, at in atom.derivatives)
                return point.generic(atom.name, out, self.tables(atom, stack), derivatives)
            case Applied():
                (table,) = self.tables(atom, stack)
                n = 1 + max(i for i, _ in table)
                rows = [[table[i, j] for j in range(n)] for i in range(n)]
                if atom.kind == "determinant":
                    return determinant(rows)
                i, j = (self.index(one, stack) for one in atom.out)
                return matrix_inverse(rows)[i][j]
        raise TypeError(f"no value of {atom!r}")


def value_of(p: Poly, point: Point, free: Mapping[str, int]) -> Any:
    """The value of a term, exact where it can be."""
    return in_numbers(point, lambda at: Evaluator(at, free).value(p))


def in_numbers(point: Point, of: Callable[[Point], Any]) -> Any:
    """A value in rationals, or where it is not rational in balls."""
    before, ctx.prec = ctx.prec, BITS
    try:
        if point.exact:
            try:
                return of(point)
            except NeedsBalls:
                pass
        inexact = Point(point.seed, point.sizes, False, point.along, point.window, {}, point.given)
        return of(inexact)
    finally:
        ctx.prec = before


def agree(a: Any, b: Any) -> bool:
    """Whether two values are the same number."""
    before, ctx.prec = ctx.prec, BITS
    try:
        return is_nil(as_dual(a).real + as_dual(b).real * fmpq(-1))
    finally:
        ctx.prec = before
