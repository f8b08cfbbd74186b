"""Powers and elementary functions of polynomials, in normal form.

Laws used: (ab)ʳ = aʳbʳ for positive a (for every a ≠ 0 where r is an integer), exp(a + b) = exp a · exp b,
exp(c·log u) = uᶜ, log(ab) = log a + log b for positive a, log(exp a) = a, hypot(a, b) = √(a² + b²), and the parity of
sin, cos, tan and of inverse functions.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from .index_sizes import Index
from .index_symbols import Prime
from .index_terms import Atom, Exponent, Monomial, Poly, Undecided, atom_power

ONE, ZERO = Poly.number(1), Poly({})
_POSITIVE = {"exp", "log_ndtr_slope", "erfcx"}
_LARGEST_FACTORED = 10**12
_ODD, _EVEN = {"sin", "tan", "atan", "asin", "asinh", "atanh", "erf"}, {"cos"}


class Group(Atom):
    """A polynomial of several terms under a power that is no positive integer."""

    __slots__ = ("inside",)

    def __init__(self, inside: Poly) -> None:
        self.inside, self.key = inside, f"({inside.key})"

    @property
    def children(self) -> tuple[Poly, ...]:
        return (self.inside,)

    @property
    def positive(self) -> bool:
        return is_positive(self.inside)

    def with_parts(self, indices: tuple[Index, ...], children: tuple[Poly, ...]) -> Group:
        return Group(children[0])

    def raised(self, indices: tuple[Index, ...], children: tuple[Poly, ...], exponent: Exponent) -> Poly:
        return power(children[0], exponent)

    def normal_power(self, exponent: Exponent) -> Poly | None:
        whole = floor(exponent)
        if whole < 1:
            return None
        rest = exponent - whole
        return power(self.inside, Fraction(whole)) * (Poly.atom(self, rest) if rest else ONE)


class Function(Atom):
    """A function of polynomials; ``orders`` are the integers such as n of Jₙ that come first among its arguments."""

    __slots__ = ("inside", "insides", "name", "orders")

    def __init__(self, name: str, *insides: Poly, orders: tuple[int, ...] = ()) -> None:
        self.name, self.inside, self.insides, self.orders = name, insides[0], insides, orders
        self.key = f"{name}{list(orders) if orders else ''}({', '.join(inside.key for inside in insides)})"

    @property
    def label(self) -> str:
        return self.name

    @property
    def children(self) -> tuple[Poly, ...]:
        return self.insides

    @property
    def positive(self) -> bool:
        return self.name in _POSITIVE

    def with_parts(self, indices: tuple[Index, ...], children: tuple[Poly, ...]) -> Function:
        return Function(self.name, *children, orders=self.orders)

    def raised(self, indices: tuple[Index, ...], children: tuple[Poly, ...], exponent: Exponent) -> Poly:
        return power(call(self.name, *self.orders, *children), exponent)


def is_positive(p: Poly) -> bool:
    """Whether a polynomial is known to be positive: all its coefficients are, and its monomials."""
    return bool(p.terms) and all(c > 0 and _monomial_positive(m) for m, c in p.terms.items())


def _monomial_positive(m: Monomial) -> bool:
    # An even power of what is not 0 is positive, and generic points are not zeros.
    return all(atom.positive or (e.denominator == 1 and e.numerator % 2 == 0) for atom, e in m)


def content(p: Poly, *, positive: bool) -> tuple[Fraction, Monomial, Poly]:
    """p as number × monomial × rest; with ``positive`` the number and the monomial's atoms are positive.

    The rest has no monomial factor that could be taken out, and where it is 1 the other two are all of p.
    """
    terms = p.sorted()
    scale = abs(terms[0][1]) if positive else terms[0][1]
    common = dict(terms[0][0])
    for m, _ in terms[1:]:
        exponents = dict(m)
        common = {atom: min(e, exponents[atom]) for atom, e in common.items() if atom in exponents}
    if len(terms) > 1:
        common = {atom: e for atom, e in common.items() if e.denominator == 1}
    if positive:
        common = {atom: e for atom, e in common.items() if atom.positive}
    factor = tuple(sorted(common.items(), key=lambda part: part[0].key))
    inverse = tuple((atom, -e) for atom, e in factor)
    return scale, factor, p * Poly({inverse: 1 / scale})


def power(p: Poly, exponent: Exponent) -> Poly:
    """A rational power of a polynomial."""
    if exponent == 0:
        return ONE
    if not p:
        if exponent > 0:
            return ZERO
        raise Undecided("a division by 0")
    if exponent.denominator == 1 and exponent > 0:
        result, square, left = ONE, p, exponent.numerator
        while left:
            if left % 2:
                result = result * square
            left //= 2
            square = square * square if left else square
        return result
    whole = exponent.denominator == 1
    scale, factor, rest = content(p, positive=not whole)
    result = _number_power(scale, exponent)
    if not whole:
        known, rest = _even_powers(rest, exponent)
        result = result * known
    for atom, e in factor:
        result = result * atom_power(atom, e * exponent)
    if rest == ONE:
        return result
    if rest.constant is not None:
        raise Undecided("a root of a negative number")
    rest, sign = (rest, 1) if whole else _upright(rest)
    return result * Poly.atom(Group(rest), sign * exponent)


def _even_powers(p: Poly, exponent: Exponent) -> tuple[Poly, Poly]:
    """The product of (aᵉ)ʳ = |a|ᵉʳ for the factors aᵉ of a single monomial with e even and er whole; and what is left of p.

    |a| is a·(2[a > 0] − 1), and an even power of it needs no choice.
    """
    from .index_atoms import indicator

    if len(p.terms) != 1:
        return ONE, p
    ((m, c),) = p.terms.items()
    result, left = ONE, []
    for atom, e in m:
        power_of_it = e * exponent
        if e.denominator > 1 or e % 2 or power_of_it.denominator > 1:
            left.append((atom, e))
            continue
        result = result * atom_power(atom, power_of_it)
        if power_of_it % 2:
            result = result * (indicator(Poly.atom(atom)) * Poly.number(2) - ONE)
    return result, Poly({tuple(left): c})


def power_of(a: Poly, b: Poly) -> Poly:
    """a to the power b: exp(b·log a) where b is no number."""
    exponent = b.constant
    return power(a, exponent) if exponent is not None else call("exp", b * call("log", a))


def _number_power(value: Fraction, exponent: Exponent) -> Poly:
    if exponent.denominator == 1:
        return Poly.number(value**exponent.numerator)
    result = ONE
    for number, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, count in _factors(number):
            result = result * atom_power(Prime(prime), sign * count * exponent)
    return result


def _factors(number: int) -> list[tuple[int, int]]:
    if number > _LARGEST_FACTORED:
        raise Undecided(f"a root of the large number {number}")
    found, divisor = [], 2
    while divisor * divisor <= number:
        count = 0
        while number % divisor == 0:
            number //= divisor
            count += 1
        if count:
            found.append((divisor, count))
        divisor += 1
    return found + [(number, 1)] * (number > 1)


def call(name: str, *arguments: Poly | int) -> Poly:
    """A function of polynomials, after its orders."""
    orders = tuple(a for a in arguments if isinstance(a, int))
    p, *more = (a for a in arguments if not isinstance(a, int))
    if name == "hypot":
        return power(p * p + more[0] * more[0], Fraction(1, 2))
    if orders or more:
        return Poly.atom(Function(name, p, *more, orders=orders))
    match name:
        case "exp":
            return _exp(p)
        case "log":
            return _log(p)
        case "sqrt":
            return power(p, Fraction(1, 2))
        case "expm1":
            return _exp(p) - ONE
        case "log1p":
            return _log(ONE + p)
        case "expit":
            return power(ONE + _exp(-p), Fraction(-1))
        case "softplus":
            return _log(ONE + _exp(p))
        case "exp2":
            return _exp(p * _log(Poly.number(2)))
        case "log2":
            return _log(p) / _log(Poly.number(2))
        case "log10":
            return _log(p) / _log(Poly.number(10))
        case "ndtr":
            return (ONE + call("erf", p * power(Poly.number(2), Fraction(-1, 2)))) * Poly.number(Fraction(1, 2))
        case "erfc":
            return ONE - call("erf", p)
        case "sinh":
            return (_exp(p) - _exp(-p)) * Poly.number(Fraction(1, 2))
        case "cosh":
            return (_exp(p) + _exp(-p)) * Poly.number(Fraction(1, 2))
        case "tanh":
            twice = _exp(p + p)
            return (twice - ONE) / (twice + ONE)
    if not p and name in _ODD | _EVEN:
        return ZERO if name in _ODD else ONE
    if name in _ODD | _EVEN and p.sorted()[0][1] < 0:
        result = Poly.atom(Function(name, -p))
        return -result if name in _ODD else result
    return Poly.atom(Function(name, p))


def _exp(p: Poly) -> Poly:
    result = ONE
    for m, c in p.terms.items():
        if len(m) == 1 and m[0][1] == 1 and isinstance(m[0][0], Function) and m[0][0].name == "log":
            result = result * power(m[0][0].inside, c)
        else:
            result = result * Poly.atom(Function("exp", Poly({m: Fraction(1)})), c)
    return result


def _log(p: Poly) -> Poly:
    if not p:
        raise Undecided("the logarithm of 0")
    scale, factor, rest = content(p, positive=True)
    result = ZERO
    for number, sign in ((scale.numerator, 1), (scale.denominator, -1)):
        for prime, count in _factors(number):
            result = result + Poly({((Function("log", Poly.number(prime)), Fraction(1)),): Fraction(sign * count)})
    for atom, e in factor:
        if isinstance(atom, Function) and atom.name == "exp":
            result = result + atom.inside * Poly.number(e)
        elif isinstance(atom, Group):
            result = result + Poly({((Function("log", atom.inside), Fraction(1)),): e})
        else:
            result = result + Poly({((Function("log", Poly.atom(atom)), Fraction(1)),): e})
    if rest == ONE:
        return result
    if rest.constant is not None:
        raise Undecided("the logarithm of a negative number")
    rest, sign = _upright(rest)
    return result + Poly({((Function("log", rest), Fraction(1)),): Fraction(sign)})


def _upright(p: Poly) -> tuple[Poly, int]:
    """p and 1, or where p is a monomial of negative powers only, 1/p and −1."""
    (m, c), *more = p.terms.items()
    if more or not all(e < 0 for _, e in m):
        return p, 1
    return Poly({tuple((atom, -e) for atom, e in m): 1 / c}), -1
