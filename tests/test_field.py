"""The finite-field judge: its arithmetic against exact rationals, its bound by counting, the catalogue, and what is wrong."""

from __future__ import annotations

import itertools
import operator
import random
import re
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy
from chosen import CORE, sample
from equivalence import law_witness, telling, witness
from gradlaw.identities import CATALOGUE, Equal, Holds, Registry, Rule, Unmet, law, rule
from gradlaw.identities.operators import column, dense, diag, eye, row, zero
from gradlaw.identities.sources import PH
from gradlaw.oracle.elementary import FUNCTIONS
from gradlaw.oracle.field import FieldAlgebra, FieldNamespace
from gradlaw.oracle.field_numbers import SAFE_PRIME, Dual, Field, Redraw, ZeroDivisor
from gradlaw.oracle.field_order import Region
from gradlaw.oracle.field_proof import RANDOMIZED, TRIES, check
from gradlaw.oracle.field_worlds import DefinedFunction, Differs, FieldWorld, RealWorld, WorldDerivation
from gradlaw.oracle.series import SeriesAlgebra
from gradlaw.oracle.symbolic import tasks
from gradlaw.strategies import function, nonzero, positive, reals, scalar, vector
from gradlaw.strategies.domains import Domain
from gradlaw.strategies.functions import Section
from mutants import wrong_forms
from mutants_of_laws import wrong_statements
from test_symbolic import ERRORS, INEQUALITIES, Planted, task

ENTRIES = list(CATALOGUE.entries.values())
P, Q = SAFE_PRIME.p, SAFE_PRIME.q


def algebra_of(seed=0, **more) -> FieldAlgebra:
    return FieldAlgebra(random.Random(seed), **more)


def moving(x: Dual, tangent: int, field: Field = SAFE_PRIME) -> Dual:
    return Dual(field, x.value, x.exponent, tangent % field.p, x.known, x.n, x.d, 1, 0)


def parts(x: Dual):
    return x.value, x.exponent, x.slope.value


# The field.


def test_the_prime_is_safe():
    assert P == 2 * Q + 1
    assert sympy.isprime(P)
    assert sympy.isprime(Q)
    assert P.bit_length() == 61
    assert SAFE_PRIME.is_square(4)
    assert not SAFE_PRIME.is_square(P - 1)


class FractionDual:
    """v + t·ε in exact rationals."""

    def __init__(self, v, t=0):
        self.v, self.t = Fraction(v), Fraction(t)

    def __add__(self, o):
        return FractionDual(self.v + o.v, self.t + o.t)

    def __sub__(self, o):
        return FractionDual(self.v - o.v, self.t - o.t)

    def __mul__(self, o):
        return FractionDual(self.v * o.v, self.t * o.v + self.v * o.t)

    def __truediv__(self, o):
        return FractionDual(self.v / o.v, (self.t * o.v - self.v * o.t) / o.v**2)

    def __neg__(self):
        return FractionDual(-self.v, -self.t)

    def raised(self, k):
        return FractionDual(self.v**k, k * self.v ** (k - 1) * self.t if k else 0)


def formula(dice, leaves, depth):
    """A random rational function, as a function of its leaves."""
    if depth == 0:
        k = dice.randrange(leaves)
        return lambda *x: x[k]
    a, b = formula(dice, leaves, depth - 1), formula(dice, leaves, dice.randrange(depth))
    kind = dice.randrange(6)
    if kind < 4:
        o = (operator.add, operator.sub, operator.mul, operator.truediv)[kind]
        return lambda *x: o(a(*x), b(*x))
    k = dice.randrange(-2, 4)
    return (lambda *x: a(*x).raised(k)) if kind == 4 else (lambda *x: -a(*x))


def test_rational_functions_and_their_derivatives_are_those_of_exact_rationals():
    dice, tried = random.Random(1), 0
    for _ in range(400):
        f = formula(dice, 4, 3)
        values = [(Fraction(dice.randrange(-9, 10), dice.randrange(1, 6)), dice.randrange(-5, 6)) for _ in range(3)]
        try:
            found = f(*(FractionDual(v, t) for v, t in values), FractionDual(Fraction(-7, 3)))
        except ZeroDivisionError:
            continue
        points = [moving(SAFE_PRIME.constant(v.numerator, v.denominator), t) for v, t in values]
        dual = f(*points, SAFE_PRIME.constant(-7, 3))
        expected = [x.numerator * pow(x.denominator, -1, m) % m for x, m in ((found.v, P), (found.v, Q), (found.t, P))]
        if dual.exponent is not None:
            assert list(parts(dual)) == expected
            assert dual.known in (0, (found.v > 0) - (found.v < 0))
            tried += 1
    assert tried > 300


def test_the_axioms_of_a_field():
    algebra = algebra_of()
    for _ in range(200):
        a, b, c = (moving(algebra.variable(nonzero), algebra.dice.randrange(P)) for _ in range(3))
        one, none = algebra.lift(1), algebra.lift(0)
        equal = [
            ((a + b) + c, a + (b + c)),
            (a + b, b + a),
            (a * (b + c), a * b + a * c),
            ((a * b) * c, a * (b * c)),
            (a * b / b, a),
            (a - b, -(b - a)),
            (a / a, one),
            (a + none, a),
            (a.raised(3) * a.raised(-5), a.raised(-2)),
            (a.raised(0), one),
        ]
        for left, right in equal:
            assert parts(left) == parts(right)
        assert parts(a + b) != parts(a)


def test_what_is_no_number_and_what_is_divided_by_0():
    algebra = algebra_of()
    assert algebra.lift(0.1).value == 3602879701896397 * pow(2**55, -1, P) % P
    assert algebra.lift(np.float32(0.5)).value == algebra.lift(Fraction(1, 2)).value == (P + 1) // 2
    assert algebra.lift(np.True_).value == 1
    assert algebra.lift(-3).known == -1
    for wrong in (None, "x", 1j):
        with pytest.raises(TypeError):
            algebra.lift(wrong)
    with pytest.raises(ValueError, match="NaN"):
        algebra.lift(float("nan"))
    with pytest.raises(ZeroDivisor):
        algebra.lift(1) / algebra.lift(0)


# Functions.


def some(seed, domain=reals):
    algebra = algebra_of(seed)
    return algebra, *(moving(algebra.variable(domain), algebra.dice.randrange(P)) for _ in range(2))


LAWS = {
    "exp(a + b) = exp a exp b": lambda A, a, b: (A.call("exp", a + b), A.call("exp", a) * A.call("exp", b)),
    "exp(-a) = 1/exp a": lambda A, a, b: (A.call("exp", -a), A.lift(1) / A.call("exp", a)),
    "exp(a) to the b": lambda A, a, b: (A.power(A.call("exp", a), b), A.call("exp", a * b)),
    "x^(a+b)": lambda A, a, b: (A.power(a, a + b), A.power(a, a) * A.power(a, b)),
    "(x^a)^b": lambda A, a, b: (A.power(A.power(a, b), a), A.power(a, a * b)),
    "(x y)^a": lambda A, a, b: (A.power(a * b, a.plain), A.power(a, a.plain) * A.power(b, a.plain)),
    "x^3.0": lambda A, a, b: (A.power(a, A.lift(3.0)), a * a * a),
    "x^-2.0": lambda A, a, b: (A.power(a, A.lift(-2.0)), A.lift(1) / (a * a)),
    "sqrt squared": lambda A, a, b: (A.call("sqrt", a) * A.call("sqrt", a), a),
    "sqrt of a square": lambda A, a, b: (A.call("sqrt", a * a), a),
    "sqrt of a product": lambda A, a, b: (A.call("sqrt", a * b), A.call("sqrt", a) * A.call("sqrt", b)),
    "sqrt is a power": lambda A, a, b: (A.call("sqrt", a), A.power(a, A.lift(0.5))),
    "sin² + cos²": lambda A, a, b: (A.call("sin", a).raised(2) + A.call("cos", a).raised(2), A.lift(1)),
    "sin is odd": lambda A, a, b: (A.call("sin", a - b), -A.call("sin", b - a)),
    "cos is even": lambda A, a, b: (A.call("cos", a - b), A.call("cos", b - a)),
    "tan": lambda A, a, b: (A.call("tan", a) * A.call("cos", a), A.call("sin", a)),
    "cosh² - sinh²": lambda A, a, b: (A.call("cosh", a).raised(2) - A.call("sinh", a).raised(2), A.lift(1)),
    "tanh": lambda A, a, b: (A.call("tanh", a) * A.call("cosh", a), A.call("sinh", a)),
    "expm1": lambda A, a, b: (A.call("expm1", a) + A.lift(1), A.call("exp", a)),
    "log1p": lambda A, a, b: (A.call("log1p", a), A.call("log", A.lift(1) + a)),
    "log of exp": lambda A, a, b: (A.call("log", A.call("exp", a * b)), a * b),
    "log of a power": lambda A, a, b: (A.call("log", A.power(a, b)), b * A.call("log", a)),
    "log of a root": lambda A, a, b: (A.call("log", A.call("sqrt", a)) * A.lift(2), A.call("log", a)),
    "log of a root of a square": lambda A, a, b: (A.call("log", a), A.call("log", A.call("sqrt", a * a))),
    "sin 0": lambda A, a, b: (A.call("sin", a - a), A.lift(0)),
    "log 1": lambda A, a, b: (A.call("log", A.lift(1)), A.lift(0)),
}


def value_and_slope(x):
    return x.value, x.slope.value


@pytest.mark.parametrize("name", LAWS)
def test_laws_of_functions_hold_with_their_derivatives(name):
    for seed in range(20):
        left, right = LAWS[name](*some(seed, positive))
        assert value_and_slope(left) == value_and_slope(right)
    wrong = LAWS[name](*some(99, positive))[0]
    assert value_and_slope(wrong) != value_and_slope(LAWS[name](*some(100, positive))[1] + SAFE_PRIME.constant(1))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_of_functions_are_those_of_the_table(name):
    class Rules:
        one, two = SAFE_PRIME.constant(1), SAFE_PRIME.constant(2)
        add, subtract = staticmethod(operator.add), staticmethod(operator.sub)
        multiply, divide = staticmethod(operator.mul), staticmethod(operator.truediv)

    found = 0
    for seed in range(40):
        algebra, x, _ = some(seed, positive)
        Rules.call, Rules.number, Rules.pi = staticmethod(algebra.call), SAFE_PRIME.constant, algebra.pi
        try:
            y = algebra.call(name, x)
            slope = FUNCTIONS[name].derivative(Rules, x.plain, y.plain)
        except Redraw:  # the derivatives of inverse functions have roots
            continue
        found += 1
        assert y.slope.value == slope.value * x.slope.value % P != 0
    assert found > 5


def test_the_derivative_of_a_logarithm_and_of_a_power_by_its_exponent():
    algebra, x, y = some(3, positive)
    assert algebra.call("log", x).slope.value == (x.slope / x.plain).value
    by_exponent = algebra.power(x.plain, y).slope
    assert by_exponent.value == (algebra.power(x.plain, y.plain) * algebra.call("log", x.plain) * y.slope).value


def test_outside_a_domain_another_point_is_drawn():
    algebra = algebra_of()
    other = next(x for x in (algebra.variable(reals) for _ in range(99)) if not SAFE_PRIME.is_square(x.value))
    for call in (
        lambda: algebra.call("sqrt", other),
        lambda: algebra.power(other, algebra.variable(reals)),
        lambda: algebra.call("log", algebra.lift(0)),
        lambda: algebra.call("sqrt", algebra.lift(0)),
        lambda: algebra.power(algebra.lift(0), algebra.variable(reals)),
    ):
        with pytest.raises(Redraw):
            call()


def test_positive_inputs_are_squares_and_known_to_be_positive():
    algebra = algebra_of()
    for _ in range(50):
        x = algebra.variable(positive)
        assert SAFE_PRIME.is_square(x.value)
        assert x.known == 1
        y = algebra.variable(Domain("< 0", high=0.0))
        assert not SAFE_PRIME.is_square(y.value)
        assert y.known == -1
        assert (x - y).known == (x * x + x).known == algebra.call("exp", y).known == (x / x).known == 1
        assert (x + y).known == 0


# Order.


def test_a_sign_is_kept_for_all_ways_of_asking():
    seen = set()
    for script in [(), (-1,)]:
        algebra = algebra_of(region=Region(script))
        x, y = algebra.variable(reals), algebra.variable(reals)
        above = bool(algebra.compare(">", x, y))
        seen.add(above)
        fresh = Dual(SAFE_PRIME, x.value, x.exponent, None, 0, 1, 0)
        assert bool(algebra.compare("<", y, fresh)) is above
        assert bool(algebra.compare("<=", fresh, y)) is not above
        assert bool(algebra.compare(">=", y - fresh, 0)) is not above
        assert bool(algebra.compare(">", 0, y - x)) is above
        assert not algebra.compare("==", x, y)
        assert algebra.compare("!=", x, y)
        assert len(algebra.region.signs) == 1
    assert seen == {True, False}


def test_a_tie_follows_the_relation():
    algebra = algebra_of()
    x, y = algebra.variable(reals), algebra.variable(reals)
    assert [bool(algebra.compare(k, x * y, y * x)) for k in (">", ">=", "<", "<=", "==", "!=")] == [
        False,
        True,
        False,
        True,
        True,
        False,
    ]
    assert not algebra.region.signs


def test_known_signs_need_no_region():
    algebra = algebra_of()
    x, p = algebra.variable(reals), algebra.variable(positive)
    assert algebra.compare(">", x * x + p, 0)
    assert algebra.compare("<", -(x.raised(4)) - algebra.call("exp", x), 0)
    assert algebra.compare(">", algebra.call("sqrt", p) + algebra.power(p, x), 0)
    assert algebra.compare("<", algebra.lift(-3), algebra.lift(2))
    assert not algebra.region.signs


def test_a_hypothesis_is_chosen_or_unmet():
    algebra = algebra_of(region=Region())
    x, p = algebra.variable(reals), algebra.variable(positive)
    algebra.compare("<", x, 0).suppose()
    assert algebra.region.others == []
    assert not algebra.compare(">", x, 0)
    with pytest.raises(Unmet):
        algebra.compare("<", p, 0).suppose()
    with pytest.raises(Unmet):
        algebra.compare("==", algebra.variable(reals), 0).suppose()


# The bound: degrees against those of polynomials, and probabilities by counting all points of small fields.


class Quotient:
    """A rational function of SymPy, with the operations of a random formula."""

    def __init__(self, e):
        self.e = e

    def __add__(self, o):
        return Quotient(self.e + o.e)

    def __sub__(self, o):
        return Quotient(self.e - o.e)

    def __mul__(self, o):
        return Quotient(self.e * o.e)

    def __truediv__(self, o):
        return Quotient(self.e / o.e)

    def __neg__(self):
        return Quotient(-self.e)

    def raised(self, k):
        return Quotient(self.e**k)


def degrees(expression, symbols):
    """Total degrees of numerator and denominator in lowest terms."""
    parts_ = sympy.fraction(sympy.cancel(expression))
    return [max(sympy.Poly(part, *symbols).total_degree(), 0) for part in parts_]


def test_degrees_are_bounds_of_those_of_the_polynomials():
    symbols = x, y, v, w = sympy.symbols("x y v w")
    dice, reached = random.Random(8), [0] * 4
    for _ in range(400):
        f = formula(dice, 2, 2)
        exact = f(Quotient(x), Quotient(y)).e
        if exact.has(sympy.zoo, sympy.nan):
            continue
        tangent = exact.diff(x) * v + exact.diff(y) * w
        algebra = algebra_of()
        dual = f(*(moving(algebra.variable(reals), 1 + algebra.dice.randrange(P - 1)) for _ in range(2)))
        bounds = [dual.n, dual.d, dual.tn, dual.td]
        found = [*degrees(exact, symbols), *degrees(tangent, symbols)]
        assert all(a <= b for a, b in zip(found, bounds, strict=True)), exact
        reached = [count + (a == b > 1) for count, a, b in zip(reached, found, bounds, strict=True)]
    assert min(reached) > 8, "the bounds are loose: too small ones would not be noticed"


def zeros(field, left, right, points):
    """The number of points at which two formulas agree, among those where both are defined; and the degree tracked."""
    equal = defined = degree = 0
    for point in points:
        try:
            a, b = left(*point), right(*point)
        except ZeroDivisor:
            continue
        defined += 1
        equal += a.value == b.value
        degree = max(degree, a.degree_of_difference(b))
    return equal, defined, degree


def line(field):
    return [Dual(field, v, None, None, 0, 1, 0) for v in range(field.p)]


def test_no_difference_vanishes_more_often_than_its_degree_allows():
    field, dice, tight = Field(47), random.Random(5), 0
    pairs = list(itertools.product(line(field), repeat=2))
    for _ in range(60):
        f, g = formula(dice, 2, 3), formula(dice, 2, 2)
        equal, defined, degree = zeros(field, f, g, pairs)
        if equal < defined and degree < field.p:
            assert equal <= degree * field.p
            tight += equal * 3 > degree * field.p
    assert tight > 5, "the bound is far from what happens: nothing was tested"


def test_no_derivative_agrees_more_often_than_its_degree_allows():
    """The tangents of two formulas, as functions of the point and the direction."""
    field, dice, tried = Field(47), random.Random(6), 0
    pairs = [(moving(x, v.value, field),) for x, v in itertools.product(line(field), repeat=2)]
    for _ in range(60):
        f, g = formula(dice, 1, 3), formula(dice, 1, 2)
        equal, defined, degree = zeros(field, lambda x, f=f: f(x).slope, lambda x, g=g: g(x).slope, pairs)
        if equal < defined and degree < field.p:
            assert equal <= degree * field.p
            tried += equal > field.p
    assert tried > 5


def test_the_degree_of_a_product_of_linear_factors_is_reached():
    field = Field(47)

    def product(x):
        result = field.constant(1)
        for k in range(9):
            result = result * (x - field.constant(k))
        return result

    assert zeros(field, product, lambda x: field.constant(0), [(x,) for x in line(field)]) == (9, 47, 9)


def test_roots_double_the_bound():
    field, reached = Field(1019), 0
    for k in range(1, 40):
        equal = degree = 0
        for x in line(field)[1:]:
            algebra = FieldAlgebra(random.Random(0), field=field)
            try:
                left, right = algebra.call("sqrt", x) + algebra.lift(k), x.raised(2) - algebra.lift(k) * x
            except Redraw:
                continue
            equal += left.value == right.value
            degree = left.degree_of_difference(right)
            roots = len(algebra.roots)
        assert roots == 1
        assert equal <= degree * 2**roots
        reached += equal > 0
    assert reached > 10


def test_a_false_equation_is_accepted_as_rarely_as_the_bound_says():
    field, dice, degree, draws, accepted = Field(1019), random.Random(7), 50, 4000, 0
    for _ in range(draws):
        world = FieldWorld(dice, field=field)
        x, product = world.number(reals), world.algebra.lift(1)
        for k in range(1, degree + 1):
            product = product * (x - world.algebra.lift(k))
        try:
            world.compare_numbers(product, world.algebra.lift(0), lambda: "this")
        except Differs:
            assert world.degree == degree
        else:
            accepted += 1
    assert 0 < accepted <= draws * degree / field.q


# The catalogue.


@pytest.mark.parametrize("identity", [*CORE, *sample(2)], ids=lambda identity: identity.id)
def test_the_catalogue_is_accepted_at_all_canonical_sizes(identity):
    for one in tasks(identity):
        found = check(identity, one)
        if identity.id in INEQUALITIES:
            assert (found.status, found.reason) == ("undecided", "an inequality")
            continue
        assert (found.status, found.reason) == (RANDOMIZED, ""), one
        assert found.regions > 0
        bits, degree = re.match(r"error probability ≤ 2\^-(\d+): degree ≤ (\d+), ", found.detail).groups()
        assert int(bits) >= 80
        assert int(degree) > 0


def test_every_region_is_visited():
    assert check(CATALOGUE.entries["relu.relu_broadcast"], task("relu.relu_broadcast", "z", "s=(2,3)")).regions == 64
    assert check(CATALOGUE.entries["neuron.clipped"], task("neuron.clipped", "", "n=2")).regions == 1


def test_the_bound_in_words():
    found = check(CATALOGUE.entries["elementwise.multiply"], task("elementwise.multiply", "w", "n=2"))
    # x v and u x v have degree 2 and 3; u and v are random too. q has 60 bits, 256 tries take 8 of them.
    assert TRIES == 256
    assert found.detail == "error probability ≤ 2^-100: degree ≤ 3, 2 trials"
    assert (
        "independent" in check(CATALOGUE.entries["scalar.power_real"], task("scalar.power_real", "a", "scalar")).detail
    )
    assert check(CATALOGUE.entries["scalar.sum_law"], task("scalar.sum_law", "", "scalar")).detail.count("f = ") == 4


SAMPLE = [
    ("elementwise.divide", "x", "n=2"),
    ("scalar.power_real", "x", "scalar"),
    ("scalar.power_real", "a", "scalar"),
    ("chain.log_sin_cube_square", "x", "scalar"),
    ("loss.neuron_loss", "w", "n=1 N=2"),
    ("relu.relu_broadcast", "z", "s=(2,)"),
    ("elementwise.maximum", "x", "n=2"),
    ("descent.parabola", "", "n=1 N=1"),
    ("descent.least_squares", "", "n=1 k=1"),
    ("scalar.quotient_law", "", "scalar"),
    ("chain.total_derivative", "", "scalar"),
]


@pytest.mark.parametrize(("identity", "argument", "sizes"), SAMPLE)
def test_no_seed_refutes_what_is_true(identity, argument, sizes):
    entry, one = CATALOGUE.entries[identity], task(identity, argument, sizes)
    assert {check(entry, one, seed=seed).status for seed in range(200)} == {RANDOMIZED}


def test_the_same_seed_gives_the_same_answer():
    entry, one = CATALOGUE.entries["reduction.dot"], task("reduction.dot", "w", "n=3")
    first, again, other = (check(entry, one, partial=lambda xp, w, x: row(xp, 2 * x), seed=s) for s in (1, 1, 2))
    assert first == again != other


# What is wrong.

ROOT = "a constant under a root of the mutant is no square in the field"
SURVIVORS = {
    ("descent.lowers_the_loss", "denied"): "an inequality",
    ("normalisation.layer_norm", "dropped term"): ROOT,
    ("normalisation.batch_norm", "dropped term"): ROOT,
}
"""Mutants that are not refuted, by identity and kind, and why."""


def refuted(mutant):
    """Whether a mutant is refuted at some canonical size."""
    identity = mutant.identity
    for one in sorted(tasks(identity), key=lambda one: telling(one.assignment)):
        if isinstance(identity, Rule):
            if one.argument == mutant.argument and check(identity, one, partial=mutant.form).status == "refuted":
                return True
        elif check(mutant.wrong, one).status == "refuted":
            return True
    return False


@pytest.mark.parametrize("identity", [*CORE, *sample(2)], ids=lambda identity: identity.id)
def test_every_mutant_is_refuted(identity):
    survivors, made = set(), 0
    for mutant in wrong_forms(identity) if isinstance(identity, Rule) else wrong_statements(identity):
        made += 1
        if refuted(mutant):
            continue
        if isinstance(identity, Rule):
            different = witness(identity, mutant.argument, mutant.form)
        else:
            different = law_witness(identity, mutant.wrong)
        if different is not None and mutant.kind != "wrong branch":  # a judge of generic points does not see a kink
            survivors.add((identity.id, mutant.kind))
    assert made
    assert survivors == {key for key in SURVIVORS if key[0] == identity.id}


AT_A_KINK = {
    "the wrong branch at the kink",
    "the wrong argument at a tie",
    "a sample at z = 0 that counts as active",
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_planted_error_is_refuted(name):
    identity, argument, sizes, closed_form, _ = ERRORS[name]
    found = check(CATALOGUE.entries[identity], task(identity, argument, sizes), partial=closed_form)
    assert found.status == (RANDOMIZED if name in AT_A_KINK else "refuted"), found
    assert found.reason or name in AT_A_KINK


def test_a_refutation_names_the_component_and_the_numbers():
    entry, one = CATALOGUE.entries["elementwise.subtract"], task("elementwise.subtract", "x", "n=2")
    found = check(entry, one, partial=lambda xp, w, x: eye(xp, x))
    pattern = r"∂/∂x, matvec\[0\] is (-?)([\d.]+), not (-?)\2, at a random real point"
    match = re.fullmatch(pattern, found.reason)
    assert match, found.reason
    assert match[1] != match[3]
    tiny = check(entry, one, partial=lambda xp, w, x: diag(-1 - 1e-40 * x))
    left, right = re.search(r"is (\S+), not (\S+), at", tiny.reason).groups()
    assert left != right


def wrong_entry(xp, w, x):
    return Planted(row(xp, x), entry=lambda i, j: x[j] if j == (0,) else 0)


def test_entries_are_seen_as_well():
    found = check(CATALOGUE.entries["reduction.dot"], task("reduction.dot", "w", "n=2"), partial=wrong_entry)
    assert found.status == "refuted"
    assert "the entries of row" in found.reason


def raising(error):
    def closed_form(xp, z):
        raise error

    return closed_form


@pytest.mark.parametrize(
    ("closed_form", "status", "words"),
    [
        (raising(RuntimeError("no")), "refuted", "RuntimeError: no"),
        (raising(Unmet("no")), "refuted", "Unmet: no"),
        (raising(RecursionError("deep")), "undecided", "RecursionError: deep"),
        (lambda xp, z: None, "refuted", "a NoneType is no operator"),
        (lambda xp, z: 1.0, "refuted", "a float is no operator"),
        (lambda xp: None, "refuted", "TypeError"),
        (lambda xp, z: diag(xp.stack([z, z])), "refuted", "has shape (2,), not ()"),
        (lambda xp, z: Planted(eye(xp, z), entry=lambda i, j: None), "refuted", "TypeError"),
        (lambda xp, z: Planted(eye(xp, z), entry=lambda i, j: xp.ones((2,))), "refuted", "an entry has shape (2,)"),
        (lambda xp, z: Planted(eye(xp, z), matvec=lambda xp, v: "v"), "refuted", "TypeError"),
        (lambda xp, z: Planted(eye(xp, z), matvec=lambda xp, v: None), "refuted", "TypeError"),
        (lambda xp, z: Planted(eye(xp, z), rmatvec=lambda xp, u: xp.stack([u])), "refuted", "rmatvec has shape (1,)"),
        (lambda xp, z: diag(xp.no_such_function(z)), "undecided", "no function 'no_such_function'"),
        (lambda xp, z: diag(1 + 0 * xp.log(0 * z)), "undecided", "the logarithm of 0 at every point"),
        (lambda xp, z: diag(1 / (0 * z)), "undecided", "the closed form makes a division by 0"),
    ],
)
def test_nothing_escapes_from_a_closed_form(closed_form, status, words):
    found = check(CATALOGUE.entries["relu.relu"], task("relu.relu", "z", "scalar"), partial=closed_form)
    assert (found.status, words in found.reason) == (status, True), found


def test_a_closed_form_that_divides_by_0_is_refuted():
    entry, one = CATALOGUE.entries["chain.total_sum"], task("chain.total_sum", "x", "scalar")
    found = check(entry, one, partial=lambda xp, x: diag((1 + 2 * x) * (x / (x - x))))
    assert (found.status, found.reason) == ("refuted", "the closed form makes a division by 0")


def test_a_test_that_takes_too_long_is_given_up():
    found = check(CATALOGUE.entries["relu.relu"], task("relu.relu", "z", "scalar"), seconds=-1)
    assert (found.status, found.reason, found.regions) == ("undecided", "-1 s", 0)


# Rules and laws of our own.


def only(entry, **more):
    """The outcome of the last and largest task of an entry."""
    return check(entry, tasks(entry)[-1], **more)


def of(function_, closed_form, **inputs):
    """The judge's word on a rule that is made for a test."""
    function_.__doc__ = "f"
    made = rule(source=PH("0"), name="f", registry=Registry(), **inputs)(function_)
    made.partial(next(iter(inputs)), "f'")(closed_form)
    for name in list(inputs)[1:]:
        made.partial(name, "")(lambda xp, *arguments: None)
    one = [t for t in tasks(made) if t.argument == next(iter(inputs))][-1]
    return check(made, one)


def softmax(xp, x):
    e = xp.exp(x)
    return e / xp.sum(e)


def shifted_softmax(xp, x):
    e = xp.exp(x - x[0])
    return e / xp.sum(e)


def softmax_jacobian(xp, x, sign=1):
    y = softmax(xp, x)
    n = x.shape[0]
    return dense(
        xp.stack([xp.stack([y[i] * ((1 if i == j else 0) - sign * y[j]) for j in range(n)]) for i in range(n)])
    )


def norm(xp, x):
    return xp.sqrt(xp.sum(x * x))


OTHERS = {
    "softmax": (softmax, softmax_jacobian, {"x": vector("n", minimum=1)}),
    "shifted softmax": (shifted_softmax, softmax_jacobian, {"x": vector("n", minimum=1)}),
    "logsumexp": (lambda xp, x: xp.log(xp.sum(xp.exp(x))), lambda xp, x: row(xp, softmax(xp, x)), {"x": vector(3)}),
    "norm": (norm, lambda xp, x: row(xp, x / norm(xp, x)), {"x": vector(3)}),
    "tanh": (lambda xp, x: xp.tanh(x), lambda xp, x: diag(1 - xp.tanh(x) ** 2), {"x": scalar()}),
    "tanh by cosh": (lambda xp, x: xp.tanh(x), lambda xp, x: diag(1 / xp.cosh(x) ** 2), {"x": scalar()}),
    "atan": (lambda xp, x: xp.atan(x), lambda xp, x: diag(1 / (1 + x * x)), {"x": scalar()}),
    "abs": (lambda xp, x: xp.abs(x), lambda xp, x: diag(xp.where(x < 0, -1, 1)), {"x": vector("n")}),
    "root of a square": (
        lambda xp, x: xp.sqrt(x * x),
        lambda xp, x: diag(xp.where(x < 0, -1, 1)),
        {"x": scalar(nonzero)},
    ),
    "reciprocal root": (lambda xp, x: 1 / xp.sqrt(x), lambda xp, x: diag(-(x**-1.5) / 2), {"x": scalar(positive)}),
    "tower": (lambda xp, x: x**x, lambda xp, x: diag(x**x * (1 + xp.log(x))), {"x": scalar(positive)}),
    "exp of exp": (lambda xp, x: xp.exp(xp.exp(x)), lambda xp, x: diag(xp.exp(x) * xp.exp(xp.exp(x))), {"x": scalar()}),
    "sin of 2 x": (lambda xp, x: xp.sin(2 * x), lambda xp, x: diag(2 * xp.cos(2 * x)), {"x": scalar()}),
    "above 1": (
        lambda xp, x: xp.abs(x - 1),
        lambda xp, x: eye(xp, x),
        {"x": scalar(Domain("> 1", low=1.0))},
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_rules_beyond_the_core_are_accepted_and_their_opposites_refuted(name):
    f, closed_form, inputs = OTHERS[name]
    found = of(lambda xp, x: f(xp, x), lambda xp, x: closed_form(xp, x), **inputs)
    assert (found.status, found.reason) == (RANDOMIZED, "")
    wrong = of(lambda xp, x: f(xp, x), lambda xp, x: -closed_form(xp, x), **inputs)
    assert wrong.status == "refuted", wrong


def test_a_region_that_may_be_empty_refutes_nothing():
    found = of(lambda xp, x: xp.where(x * x + x + 1 > 0, x, -x), lambda xp, x: eye(xp, x), x=scalar())
    assert found.status == "undecided"
    assert "a region that may be empty" in found.reason
    seen = of(lambda xp, x: xp.where(x * x + x - 1 > 0, x, -x), lambda xp, x: eye(xp, x), x=scalar())
    assert seen.status == "refuted"


def test_a_law_of_logarithms_that_is_lacking_refutes_nothing():
    found = of(
        lambda xp, x: xp.log(4 * x) ** 2,
        lambda xp, x: diag(2 * (xp.log(x) + xp.log(xp.asarray(4))) / x),
        x=scalar(positive),
    )
    assert found.status == "undecided"
    assert "a law of roots or logarithms" in found.reason
    wrong = of(
        lambda xp, x: xp.log(4 * x) ** 2,
        lambda xp, x: diag(2 * (xp.log(x) + xp.log(xp.asarray(5))) / x),
        x=scalar(positive),
    )
    assert wrong.status == "refuted"


def test_a_difference_too_small_for_real_points_refutes_where_the_field_is_exact():
    found = of(lambda xp, x: x**2, lambda xp, x: diag(2 * x + 2.0**-800), x=scalar())
    assert (found.status, found.reason) == ("refuted", "∂/∂x, matvec: the two sides are different functions")
    found = of(lambda xp, x: xp.abs(x) * x, lambda xp, x: diag(2 * xp.abs(x) + 2.0**-800), x=scalar())
    assert found.status == "undecided"


def test_more_regions_than_are_visited():
    def many(xp, x):
        return sum((xp.maximum(0 * x, x - k) for k in range(1, 12)), 0 * x)

    found = of(
        many, lambda xp, x: diag(sum((xp.where(x > k, 1, 0) for k in range(1, 12)), xp.zeros_like(x))), x=scalar()
    )
    assert (found.status, found.reason) == ("undecided", "more than 1024 regions")


def test_a_function_that_raises_is_undecided():
    found = of(lambda xp, x: xp.zeros((2,)) + xp.zeros((3,)), lambda xp, x: eye(xp, x), x=scalar())
    assert found.status == "undecided"
    assert found.reason.startswith("ValueError")


def law_of(statement, **inputs):
    statement.__doc__ = "f"
    made = law(source=PH("0"), name="f", registry=Registry(), **inputs)(statement)
    return only(made)


SCALAR_FUNCTIONS = {"f": function((), (), at="x"), "g": function((), (), at="x"), "x": scalar()}


def test_true_and_false_laws():
    right = law_of(
        lambda D, f, g, x: Equal(D(lambda t: f(t) * g(t))(x), diag(f(x)) @ D(g)(x) + diag(g(x)) @ D(f)(x)),
        **SCALAR_FUNCTIONS,
    )
    wrong = law_of(
        lambda D, f, g, x: Equal(D(lambda t: f(t) * g(t))(x), D(f)(x) @ D(g)(x)),
        **SCALAR_FUNCTIONS,
    )
    assert (right.status, wrong.status) == (RANDOMIZED, "refuted")
    assert right.detail.count("f = ") == 4


def test_derivatives_in_laws():
    enclosed = law_of(lambda D, x: Equal(D(lambda t: t * x)(x), diag(x)), x=scalar())
    total = law_of(lambda D, x: Equal(D(lambda t: t * x)(x), diag(2 * x)), x=scalar())
    nested = law_of(
        lambda D, x: Equal(D(lambda t: D(lambda s: s * t)(t).matvec(D.xp, D.xp.ones_like(t)))(x), eye(D.xp, x)),
        x=scalar(),
    )
    assert [enclosed.status, total.status, nested.status] == [RANDOMIZED, "refuted", "undecided"]
    assert nested.reason == "NestedDerivative: a derivative of a derivative"


def test_the_derivative_of_a_law_has_entries():
    world = FieldWorld(random.Random(3))
    x = world.variable((2,), reals)
    found = WorldDerivation(world)(lambda t: world.xp.stack([t[0] * t[1], t[0], t[1] ** 2]))(x)
    assert found.shape == (3, 2)
    entries = [[entry.item().value for entry in line_] for line_ in found.dense()]
    a, b = (t.value for t in x.flat())
    assert entries == [[b, a], [1, 0], [0, 2 * b % P]]


def test_hypotheses_and_facts():
    def positive_part(D, x):
        D.require(x > 0)
        return Equal(D.xp.maximum(0 * x, x), x)

    def never(D, x):
        D.require(x > 0)
        D.require(x < 0)
        return Equal(x, x)

    def same_side(D, x):
        D.require_same(x > 0, 1 + x > 0)
        return Equal(D.xp.where(x > 0, 1 + x, 0 * x), D.xp.maximum(0 * x, 1 + x))

    assert (law_of(positive_part, x=scalar()).status, law_of(positive_part, x=scalar()).regions) == (RANDOMIZED, 1)
    everywhere = law_of(lambda D, x: Equal(D.xp.maximum(0 * x, x), x), x=scalar())
    assert everywhere.status == "refuted"
    assert law_of(never, x=scalar()).reason == "hypothesis never met"
    assert law_of(same_side, x=vector("n", minimum=1)).status == RANDOMIZED
    assert law_of(lambda D, x: Holds(x.shape == (7,), "seven"), x=vector("n")).reason == "the claim: seven"
    means = law_of(lambda D, x: Holds(D.true(2 * x <= x**2 + 1), "means", exact=True), x=scalar())
    assert (means.status, means.reason) == ("undecided", "an inequality")
    assert law_of(lambda D, x: Holds(D.true(x > 0), "positive"), x=scalar(positive)).status == RANDOMIZED


def test_sides_of_different_shapes():
    for statement in (
        lambda D, x: Equal(D(lambda t: t)(x), column(x)),
        lambda D, x: Equal(x, x[None, :]),
        lambda D, x: Equal(zero(x, x), x),
    ):
        assert law_of(statement, x=vector("n")).status == "refuted"
    assert law_of(lambda D, x: x.no_such_thing, x=scalar()).reason.startswith("AttributeError")


def test_a_drawn_function_says_nothing_outside_its_domain():
    """x^a of a number that may be negative: the law is tried where it is positive, in both worlds."""
    root = CATALOGUE.entries["scalar.power_real"]
    with SeriesAlgebra(100) as series_algebra:
        for world in (FieldWorld(random.Random(0)), RealWorld(random.Random(0), series_algebra)):
            section = Section(root, ("x",), {"a": world.xp.asarray(2)})
            f = DefinedFunction(world, section)
            assert f(world.xp.asarray(3)).shape == ()
            for use in (f, f.closed_form):
                with pytest.raises(Unmet):
                    use(world.xp.asarray(-3))


def test_nothing_loads_sympy():
    code = (
        "import sys, gradlaw.oracle.field_proof as f; from gradlaw.identities import CATALOGUE; "
        "from gradlaw.oracle.symbolic import tasks; e = CATALOGUE.entries['reduction.dot']; "
        "print(f.check(e, tasks(e)[-1]).status, 'sympy' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "randomized proof False\n"


def test_unknown_functions_are_named():
    with pytest.raises(AttributeError, match="no function 'airy'"):
        FieldNamespace(algebra_of()).airy  # noqa: B018
