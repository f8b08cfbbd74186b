"""Balls contain what correct floating-point arithmetic returns, say so exactly where it is exact, and claim nothing beyond."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from domains_of_functions import into_domain
from flint import arb, ctx
from gradlaw.oracle.balls import NAN, OVERFLOWN, UNBOUNDED, Balls, overflown
from gradlaw.oracle.constants import FUNCTION_ULPS, INJECTED_BITS, format_of
from gradlaw.oracle.elementary import FUNCTIONS

DTYPES = pytest.mark.parametrize("dtype", [np.dtype("float32"), np.dtype("float64")], ids=str)
ARITHMETIC = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide}
NUMPY_NAMES = {"atan": "arctan"}
FACTORS = {"add": np.add, "multiply": np.multiply}


def balls(dtype, **more):
    return Balls(format_of(dtype), INJECTED_BITS, **more)


def operands(dtype, count, seed):
    """Of every magnitude: subnormal, huge, exact integers, special numbers and neighbours of the largest."""
    rng, info = np.random.default_rng(seed), np.finfo(dtype)
    sign = rng.choice([-1, 1], count)
    kinds = [
        sign * np.exp2(rng.uniform(info.minexp - info.nmant, info.maxexp - 0.001, count)),
        rng.standard_normal(count),
        rng.integers(-50, 50, count),
        rng.integers(-9, 9, count) * float(info.smallest_subnormal),
        rng.choice(
            [0.0, -0.0, 1.0, float(info.max), -float(info.max), float(info.smallest_normal), float(info.eps)], count
        ),
        sign * float(info.max) * rng.uniform(0, 1, count),
        sign * (1 + rng.integers(0, 9, count) * float(info.eps)),
    ]
    return np.choose(rng.integers(0, len(kinds), count), kinds).astype(dtype)


def exact(value):
    return arb(float(value))


def inside(ball, got):
    return math.isfinite(got) and ball.contains(exact(got))


def check_all(compute, got, *inputs):
    """All results inside their balls, none of which overflows, and how many balls claimed anything."""
    claimed = 0
    for numbers in zip(*inputs, got, strict=True):
        ball = compute(*map(exact, numbers[:-1]))
        if ball.is_finite():
            claimed += 1
            assert inside(ball, float(numbers[-1])), (*numbers, ball)
            if ball.is_exact():
                assert ball == exact(numbers[-1]), "radius 0: the only result"
    return claimed


# Arithmetic on numbers of the format.


@DTYPES
@pytest.mark.parametrize("name", ARITHMETIC)
def test_correctly_rounded_arithmetic_is_into_domain(name, dtype):
    x, y = operands(dtype, 4000, 1), operands(dtype, 4000, 2)
    y[::9] = x[::9]
    with np.errstate(all="ignore"):
        got = ARITHMETIC[name](x, y)
    assert got.dtype == dtype
    with balls(dtype) as A:
        assert check_all(getattr(A, name), got, x, y) > 2500


@DTYPES
@pytest.mark.parametrize("name", sorted(name for name in FUNCTIONS if hasattr(np, NUMPY_NAMES.get(name, name))))
def test_numpys_functions_are_into_domain(name, dtype):
    rng = np.random.default_rng(3)
    x = np.concatenate([operands(dtype, 1500, 4), (10 * rng.standard_normal(1500)).astype(dtype)])
    with np.errstate(all="ignore"):
        x = into_domain(name, x)
        x = x[np.isfinite(x)]
        got = getattr(np, NUMPY_NAMES.get(name, name))(x)
    assert got.dtype == dtype
    with balls(dtype) as A:
        assert check_all(lambda a: A.call(name, a), got, x) > 1500


@DTYPES
@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 8, 13, -1, -2, -3, -6])
def test_integer_powers_are_inside_however_they_are_computed(n, dtype):
    x = operands(dtype, 600, 5)
    with np.errstate(all="ignore"):
        ways = [np.power(x.astype(dtype), dtype.type(n))]
        product = np.ones_like(x)
        for _ in range(abs(n)):
            product = product * x
        ways.append(product if n >= 0 else 1 / product)
        if n < 0:
            inverse, product = 1 / x, np.ones_like(x)
            for _ in range(-n):
                product = product * inverse
            ways.append(product)
    with balls(dtype) as A:
        for k, got in enumerate(ways):
            # Powers of the rounded inverse overflow and underflow where x to the n does not: not a form in use.
            usual = np.isfinite(got) & (np.abs(got) > np.finfo(dtype).smallest_normal * 2) if k == 2 else np.isfinite(x)
            assert check_all(lambda a: A.power(a, n), got[usual], x[usual]) > 100


@DTYPES
def test_real_powers_are_inside(dtype):
    rng = np.random.default_rng(6)
    x = np.abs(operands(dtype, 1500, 7))
    y = np.where(rng.random(1500) < 0.5, rng.integers(-8, 9, 1500) / 2, 3 * rng.standard_normal(1500)).astype(dtype)
    with np.errstate(all="ignore"):
        got = np.power(x, y)
    with balls(dtype) as A:
        assert check_all(A.power, got, x, y) > 700


@DTYPES
def test_chains_of_operations_are_inside(dtype):
    """Operands that are balls themselves: w·x + b over √(1 + x²), four roundings deep."""
    w, x, b = ((3 * np.random.default_rng(k).standard_normal(800)).astype(dtype) for k in range(3))
    got = (w * x + b) / np.sqrt(1 + x * x)
    with balls(dtype) as A:

        def chain(p, q, r):
            root = A.call("sqrt", A.add(A.one, A.multiply(q, q)))
            return A.divide(A.add(A.multiply(p, q), r), root)

        assert check_all(chain, got, w, x, b) == 800


@DTYPES
def test_a_planted_error_of_a_few_ulp_is_outside(dtype):
    x, y = (np.abs(np.random.default_rng(k).standard_normal(300)).astype(dtype) + dtype.type(0.1) for k in (1, 2))
    with balls(dtype) as A:
        for name, function in ARITHMETIC.items():
            ball_of, outside = getattr(A, name), 0
            for a, b, g in zip(x, y, function(x, y), strict=True):
                wrong = np.nextafter(
                    np.nextafter(np.nextafter(g, dtype.type(np.inf)), dtype.type(np.inf)), dtype.type(np.inf)
                )
                outside += not inside(ball_of(exact(a), exact(b)), float(wrong))
            assert outside == 300, name
        many = [np.exp(a) * (1 + 16 * dtype.type(np.finfo(dtype).eps)) for a in x]
        assert not any(inside(A.call("exp", exact(a)), float(g)) for a, g in zip(x, many, strict=True))


# Sums.


def orders(terms, rng):
    """The sum from left to right, in random orders, in pairs, by NumPy, in halves, and with a fused lane of four."""
    yield from_left(terms)
    for _ in range(4):
        yield from_left(rng.permutation(terms))
    yield in_pairs(list(terms))
    yield terms.dtype.type(np.sum(terms))
    yield from_left(np.array([from_left(terms[k::4]) for k in range(4)], terms.dtype))


def from_left(terms):
    total = terms.dtype.type(0)
    for term in terms:
        total = total + term
    return total


def in_pairs(terms):
    while len(terms) > 1:
        terms = [sum(terms[k + 1 : k + 2], terms[k]) for k in range(0, len(terms), 2)]
    return terms[0]


@DTYPES
@pytest.mark.parametrize("length", [1, 2, 3, 7, 33, 200])
@pytest.mark.parametrize("kind", ["normal", "cancelling", "integers", "wide", "special", "sparse"])
def test_sums_in_every_order_are_inside(kind, length, dtype):
    rng = np.random.default_rng([length, len(kind)])
    claimed = exactly = 0
    with balls(dtype) as A, np.errstate(all="ignore"):
        for _ in range(12):
            terms = {
                "normal": lambda: rng.standard_normal(length),
                "cancelling": lambda: np.resize(
                    np.repeat(rng.standard_normal(length), 2) * np.resize([1, -1], 2 * length), length
                ),
                "integers": lambda: rng.integers(-1000, 1000, length) / 4,
                "wide": lambda: rng.standard_normal(length) * np.exp2(rng.integers(-60, 60, length)),
                "special": lambda: operands(dtype, length, int(rng.integers(10**6))),
                "sparse": lambda: rng.standard_normal(length) * (rng.random(length) < 0.2),
            }[kind]().astype(dtype)
            ball = A.sum([exact(term) for term in terms])
            if not ball.is_finite():
                assert kind == "special"
                continue
            claimed += 1
            exactly += ball.is_exact()
            for got in orders(terms, rng):
                assert inside(ball, float(got)), (terms, got, ball)
                assert not ball.is_exact() or ball == exact(got)
    assert claimed or kind == "special"
    if kind == "integers":
        assert exactly == claimed, "all partial sums are representable: the model knows it"


def test_a_wrong_sum_is_outside():
    terms = np.random.default_rng(0).uniform(1, 2, 50).astype(np.float32)
    with balls(np.dtype("float32")) as A:
        ball = A.sum([exact(term) for term in terms])
        assert inside(ball, float(from_left(terms)))
        assert not inside(ball, float(from_left(terms[1:])))
        assert not inside(ball, float(from_left(terms)) * (1 + 1e-5))


def test_the_sum_of_few():
    with balls(np.dtype("float32")) as A:
        assert A.sum([]).is_zero()
        wide = arb(1, 0.25)
        assert A.sum([wide]).rad() == wide.rad()
        assert A.sum([A.zero, wide, A.zero]).rad() == wide.rad()
        two = A.sum([exact(np.float32(0.1)), exact(np.float32(0.7))])
        assert two.contains(exact(np.float32(0.1) + np.float32(0.7)))


@DTYPES
def test_sums_that_may_overflow_claim_nothing(dtype):
    top = float(np.finfo(dtype).max)
    with balls(dtype) as A:
        assert A.sum([arb(top), arb(top)]) == OVERFLOWN
        assert A.sum([arb(-top), arb(-top), arb(1)]) == -OVERFLOWN
        assert A.sum([arb(top), arb(top), OVERFLOWN]) == OVERFLOWN
        assert A.sum([OVERFLOWN, -OVERFLOWN]).is_nan()
        assert A.sum([arb(top), arb(top * (1 - 2**-4)), OVERFLOWN * -1]).is_nan()
        assert A.sum([arb(top), arb(top), arb(-top)]).is_nan(), "in one of its orders"
        assert A.sum([arb(top), arb(top / 4)]) == OVERFLOWN
        assert A.sum([arb(top), arb(top / 2**60)]).is_nan(), "it may round down"
        assert A.sum([arb(top / 2), arb(top / 4)]).is_finite()


# Exactness.


@DTYPES
def test_exact_results_have_radius_zero(dtype):
    tiny, top = float(np.finfo(dtype).smallest_normal), float(np.finfo(dtype).max)
    with balls(dtype) as A:
        for ball, value in [
            (A.add(arb(3), arb(4)), 7),
            (A.subtract(arb(0.1), arb(0.1)), 0),
            (A.multiply(arb(3), arb(0.25)), 0.75),
            (A.multiply(arb(0), arb(0.1)), 0),
            (A.multiply(arb(-1), arb(top)), -top),
            (A.divide(arb(3), arb(-4)), -0.75),
            (A.divide(arb(0), arb(3)), 0),
            (A.divide(arb(tiny), arb(1)), tiny),
            (A.power(arb(3), 4), 81),
            (A.power(arb(-1), -5), -1),
            (A.power(arb(0), 3), 0),
            (A.call("exp", arb(0)), 1),
            (A.call("sin", arb(0)), 0),
            (A.sum([arb(1), arb(2), arb(-3)]), 0),
        ]:
            assert ball.is_exact()
            assert ball == value


@DTYPES
def test_inexact_results_have_a_radius(dtype):
    tenth, third = exact(dtype.type(0.1)), exact(dtype.type(1) / dtype.type(3))
    subnormal = arb(float(np.finfo(dtype).smallest_subnormal))
    with balls(dtype) as A:
        for ball in [
            A.add(tenth, third),
            A.multiply(tenth, third),
            A.multiply(subnormal, arb(0.75)),
            A.divide(arb(1), arb(3)),
            A.divide(subnormal, arb(2)),
            A.power(tenth, 3),
            A.power(tenth, -1),
            A.call("exp", arb(1)),
            A.call("cos", arb(1)),
            A.sum([tenth, third, third]),
        ]:
            assert ball.is_finite()
            assert ball.rad() > 0


# Overflow, singularities, and what depends on them.


@DTYPES
def test_what_may_overflow_claims_nothing(dtype):
    top, tiny = arb(float(np.finfo(dtype).max)), arb(float(np.finfo(dtype).smallest_subnormal))
    with balls(dtype) as A:
        for ball in [
            A.multiply(top, arb(1) + arb(2) ** -200),
            A.power(tiny, -1),
            A.power(top, -2),
            A.call("exp", top.log()),
            A.call("exp", arb(1e300)),  # beyond the exponents of FLINT itself
            A.call("cosh", arb(-1e300)),
            A.power(top, arb(1e300)),
            A.divide(A.one, A.add(top, top)),  # a library has 0
            A.call("log", A.add(top, top)),
        ]:
            assert ball.is_nan()
            assert A.multiply(A.zero, ball).is_nan(), "a library has 0 · ∞ here"


@DTYPES
def test_what_must_overflow_is_infinite(dtype):
    top, tiny = arb(float(np.finfo(dtype).max)), arb(float(np.finfo(dtype).smallest_subnormal))
    with balls(dtype) as A:
        for ball in [
            A.add(top, top),
            A.multiply(top, arb(2)),
            A.divide(top, arb(0.5)),
            A.divide(arb(1), tiny),
            A.power(top, 2),
            A.power(-top, 4),
            A.power(top, arb(1.5)),
            A.call("exp", arb(1e6)),
            A.multiply(A.add(top, top), arb(-2)) * -1,
            A.divide(A.add(top, top), tiny),
            A.power(A.multiply(top, arb(-2)), 2),
            A.add(A.add(top, top), -top),
        ]:
            assert overflown(ball) == 1
            assert overflown(-ball) == -1
            assert A.multiply(A.zero, ball).is_nan(), "a library has 0 · ∞ here"
            assert A.multiply(arb(0, 1), ball).is_nan()
            assert A.add(ball, -ball).is_nan()
            assert A.subtract(ball, A.multiply(ball, arb(3))).is_nan()


def test_the_truth_does_not_overflow():
    top = arb(float(np.finfo(np.float64).max))
    with Balls(None, 128) as A:
        for ball in [A.add(top, top), A.multiply(top, top), A.call("exp", arb(1e6)), A.power(top, 2)]:
            assert ball.is_finite()


@pytest.mark.parametrize(
    "model", [None, format_of("float32"), format_of("float64")], ids=["truth", "float32", "float64"]
)
def test_singularities_are_unbounded(model):
    with Balls(model, INJECTED_BITS) as A:
        for ball in [
            A.divide(A.one, A.zero),
            A.divide(A.zero, A.zero),
            A.power(A.zero, -1),
            A.call("log", A.zero),
            A.call("log", arb(-1)),
            A.call("sqrt", arb(-1)),
            A.call("log1p", arb(-1)),
        ]:
            assert not ball.is_finite()
            assert not ball.is_nan()


@pytest.mark.parametrize("model", [None, format_of("float32")], ids=["truth", "float32"])
def test_a_singularity_that_only_rounding_reaches_may_be_an_infinity(model):
    """x² that underflows, under a logarithm: to a library it may be log 0, and 0 times that is NaN, as after overflow."""
    wide = arb(0, 1)
    with Balls(model, INJECTED_BITS) as A:
        for ball in [A.divide(A.one, wide), A.power(wide, -2), A.call("log", wide), A.call("sqrt", wide)]:
            assert not ball.is_finite()
            assert ball.is_nan() == (model is not None)


@pytest.mark.parametrize("model", [None, format_of("float32")], ids=["truth", "float32"])
def test_zero_times_what_is_unbounded_is_zero_but_not_times_what_overflows(model):
    with Balls(model, INJECTED_BITS) as A:
        assert A.multiply(A.zero, UNBOUNDED).is_zero()
        assert A.multiply(UNBOUNDED, A.zero).is_zero()
        assert A.multiply(A.zero, NAN).is_nan()
        assert A.multiply(NAN, A.zero).is_nan()
        assert not A.multiply(arb(0, 1), UNBOUNDED).is_finite()


@pytest.mark.parametrize("model", [None, format_of("float32")], ids=["truth", "float32"])
def test_what_depends_on_nothing_known_is_nothing_known(model):
    with Balls(model, INJECTED_BITS) as A:
        for bad, is_nan in ((NAN, True), (UNBOUNDED, False)):
            found = [
                *(
                    operation(*pair)
                    for operation in (A.add, A.subtract, A.multiply, A.divide)
                    for pair in ((bad, A.two), (A.two, bad))
                ),
                *(A.call(name, bad) for name in FUNCTIONS),
                A.power(bad, 2),
                A.power(bad, -1),
                A.power(bad, arb(0.5)),
                A.power(A.two, bad),
                A.sum([A.one, bad]),
            ]
            for ball in found:
                assert not ball.is_finite()
                assert ball.is_nan() == is_nan
        assert A.add(NAN, UNBOUNDED).is_nan()
        assert A.sum([UNBOUNDED, NAN, A.one]).is_nan()


# Flushing.


@pytest.mark.parametrize("dtype", [np.dtype("float32"), np.dtype("float64")], ids=str)
def test_flushed_results_are_inside_with_flush_only(dtype):
    info = np.finfo(dtype)
    rng = np.random.default_rng(8)
    tiny = float(info.smallest_normal)
    x = (rng.uniform(1, 4, 500) * tiny * rng.choice([-1, 1], 500)).astype(dtype)
    y = (rng.uniform(1, 4, 500) * tiny * rng.choice([-1, 1], 500)).astype(dtype)
    factor = rng.uniform(0.01, 1, 500).astype(dtype)
    outside = 0
    for flush in (True, False):
        with balls(dtype, flush=flush) as A:
            for a, b, c in zip(x, y, factor, strict=True):
                for ball, result in (
                    (A.add(exact(a), exact(b)), a + b),
                    (A.sum([exact(a), exact(b)]), a + b),
                    (A.multiply(exact(a), exact(c)), a * c),
                    (A.divide(exact(a), exact(1 / c)), a / (1 / c)),
                ):
                    flushed = dtype.type(0) if abs(result) < info.smallest_normal else result
                    if flush:
                        assert inside(ball, float(result))
                        assert inside(ball, float(flushed))
                    else:
                        outside += not inside(ball, float(flushed))
    assert outside > 100, "IEEE addition has no flush: without the declaration it is an error"


# The model and its context.


def test_a_larger_factor_widens_everything():
    with balls(np.dtype("float32")) as A, balls(np.dtype("float32"), factor=1024.0) as B:
        for one, many in [
            (A.multiply(arb(0.1), arb(0.3)), B.multiply(arb(0.1), arb(0.3))),
            (A.add(arb(0.1), arb(0.3)), B.add(arb(0.1), arb(0.3))),
            (A.divide(arb(1), arb(3)), B.divide(arb(1), arb(3))),
            (A.call("exp", arb(1)), B.call("exp", arb(1))),
            (A.power(arb(0.1), 3), B.power(arb(0.1), 3)),
            (A.power(arb(0.1), arb(0.3)), B.power(arb(0.1), arb(0.3))),
            (A.sum([arb(0.1)] * 9), B.sum([arb(0.1)] * 9)),
        ]:
            assert 900 * one.rad() < many.rad() < 1200 * one.rad()


def test_unless_strict_nothing_is_exact_because_it_is_representable():
    """Another order of operations may have had to round: 3 · ⅓ − 1 where the text has 1 − 1."""
    with balls(np.dtype("float32")) as A, balls(np.dtype("float32"), strict=False) as B:
        for exact, loose in [
            (A.add(arb(3), arb(4)), B.add(arb(3), arb(4))),
            (A.multiply(arb(3), arb(5)), B.multiply(arb(3), arb(5))),
            (A.sum([arb(1), arb(2), arb(-3)]), B.sum([arb(1), arb(2), arb(-3)])),
        ]:
            assert exact.is_exact()
            assert loose.rad() > 0
        assert B.add(arb(3), arb(0)).is_exact()
        assert B.multiply(arb(3), arb(0)).is_exact()


def test_radii_are_those_of_the_model():
    u = 2.0**-24
    with balls(np.dtype("float32")) as A:
        x, y = arb(0.1), arb(0.3)
        for ball, units in [
            (A.multiply(x, y), 1),
            (A.add(x, y), 1),
            (A.divide(x, y), 1),
            (A.call("exp", x), FUNCTION_ULPS),
            (A.power(x, 2), FUNCTION_ULPS),
            (A.power(x, 20), 20),
        ]:
            relative = float((ball.rad() / abs(ball.mid())).mid())
            assert 0.99 * units * u < relative < 1.02 * units * u


def test_the_working_precision_is_entered_and_left():
    before = ctx.prec
    with balls(np.dtype("float32")):
        assert ctx.prec == INJECTED_BITS
        with Balls(None, 500):
            assert ctx.prec == 500
        assert ctx.prec == INJECTED_BITS
    assert ctx.prec == before
    with pytest.raises(ZeroDivisionError), Balls(None, 77):
        raise ZeroDivisionError
    assert ctx.prec == before


# Without a model: certified enclosures of the truth.


def overlaps(ball, value):
    """Whether a ball contains a value that mpmath computed at 60 digits, and is a tight one."""
    with mpmath.workdps(60), Balls(None, 400):
        distance = abs(ball.mid() - arb(mpmath.nstr(value, 60)))
        assert ball.rad() <= abs(ball.mid()) * 2.0**-60 + 2.0**-140
        return bool(distance <= ball.rad() + abs(arb(mpmath.nstr(value, 60))) * arb(10) ** -57)


@pytest.mark.parametrize("bits", [80, 128])
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_enclosures_contain_mpmaths_values(name, bits):
    rng = np.random.default_rng(9)
    points = [*rng.standard_normal(60), *(100 * rng.standard_normal(20)), 1e-9, 0.5, 1.0, 2.0]
    with mpmath.workdps(60):
        for x in points:
            x = into_domain(name, x)
            with Balls(None, bits) as A:
                ball = A.call(name, arb(float(x)))
            assert overlaps(ball, FUNCTIONS[name].by_mpmath(mpmath, mpmath.mpf(float(x)))), x


def test_arithmetic_without_a_model_is_the_truth():
    rng = np.random.default_rng(10)
    with mpmath.workdps(60):
        for a, b in rng.standard_normal((100, 2)).tolist():
            p, q = mpmath.mpf(a), mpmath.mpf(b)
            with Balls(None, 200) as A:
                x, y = arb(a), arb(b)
                found = [A.add(x, y), A.subtract(x, y), A.multiply(x, y), A.divide(x, y), A.power(x, 5), A.power(x, -3)]
                found += [A.power(abs(x), y), A.sum([x, y, x])]
            for ball, value in zip(
                found, [p + q, p - q, p * q, p / q, p**5, p**-3, abs(p) ** q, p + q + p], strict=True
            ):
                assert overlaps(ball, value)


def test_a_wrong_value_is_not_inside_an_enclosure():
    with mpmath.workdps(60), Balls(None, 128) as A:
        assert not overlaps(A.call("sin", arb(1)), mpmath.sin(1) * (1 + mpmath.mpf(2) ** -100))


@pytest.mark.parametrize(("name", "other"), list(itertools.combinations(["exp", "sin", "tanh"], 2)))
def test_functions_are_told_apart(name, other):
    with Balls(None, 128) as A, mpmath.workdps(60):
        assert not overlaps(A.call(name, arb(0.7)), getattr(mpmath, other)(mpmath.mpf(0.7)))
