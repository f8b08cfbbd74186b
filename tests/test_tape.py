"""The tape: enclosures of derivatives against differences at high precision, forward against reverse, ties and jumps."""

from __future__ import annotations

from functools import partial

import mpmath
import numpy as np
import pytest
from domains_of_functions import into_domain
from flint import arb, ctx
from gradlaw.oracle.arrays import Namespace
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.constants import INJECTED_BITS, format_of
from gradlaw.oracle.derivative import seeds_of
from gradlaw.oracle.elementary import FUNCTIONS
from gradlaw.oracle.tape import Tape, Undecided, to_ball

BITS = 300


def balls(bits=BITS):
    return Balls(None, bits)


class Run:
    """A function on a tape at points: values, JVP and VJP as lists of balls."""

    def __init__(self, f, points, *, A=None, thetas=None, exact=True):
        self.tape = Tape(A or Balls(None, BITS), thetas, exact=exact)
        xp = Namespace(self.tape)
        self.leaves = [
            xp.wrap([self.tape.variable(v) for v in np.asarray(p).reshape(-1)], np.asarray(p).shape) for p in points
        ]
        self.out = xp.asarray(f(xp, *self.leaves))
        self.values = [node.value for node in self.out.flat()]

    def _found(self, flowing, node):
        value = flowing[node.index] if node.index >= 0 else None
        return self.tape.balls.zero if value is None else value

    def jvp(self, *tangents):
        seeds = {
            node.index: to_ball(v)
            for leaf, tangent in zip(self.leaves, tangents, strict=True)
            for node, v in zip(leaf.flat(), np.asarray(tangent).reshape(-1), strict=True)
        }
        flowing = self.tape.forward(seeds)
        return [self._found(flowing, node) for node in self.out.flat()]

    def vjp(self, cotangent):
        seeds = seeds_of(self.tape, self.out, [to_ball(v) for v in np.asarray(cotangent).reshape(-1)])
        flowing = self.tape.backward(seeds)
        return [[self._found(flowing, node) for node in leaf.flat()] for leaf in self.leaves]


def gradient(f, *points, **more):
    """The gradients of a scalar function as lists of balls, one a point."""
    return Run(f, points, **more).vjp(1.0)


# Random programs.

UNARY = {
    "sin": lambda xp, a: xp.sin(a),
    "cos": lambda xp, a: xp.cos(a),
    "tanh": lambda xp, a: xp.tanh(a),
    "atan": lambda xp, a: xp.atan(a),
    "exp": lambda xp, a: xp.exp(xp.sin(a)),
    "expm1": lambda xp, a: xp.expm1(xp.cos(a)),
    "log": lambda xp, a: xp.log(2 + xp.sin(a)),
    "log1p": lambda xp, a: xp.log1p(a * a),
    "sqrt": lambda xp, a: xp.sqrt(1 + a * a),
    "sinh": lambda xp, a: xp.sinh(xp.sin(a)),
    "cosh": lambda xp, a: xp.cosh(xp.cos(a)),
    "tan": lambda xp, a: xp.tan(xp.tanh(a)),
    "square": lambda xp, a: a**2,
    "cube": lambda xp, a: a**3,
    "inverse": lambda xp, a: (2 + xp.cos(a)) ** -2,
    "negative": lambda xp, a: -a,
    "affine": lambda xp, a: 3 - 0.5 * a,
    "reciprocal": lambda xp, a: 2 / (2 + xp.sin(a)),
}
BINARY = {
    "add": lambda xp, a, b: a + b,
    "subtract": lambda xp, a, b: a - b,
    "multiply": lambda xp, a, b: a * b,
    "divide": lambda xp, a, b: a / (1 + b * b),
    "power": lambda xp, a, b: (1 + a * a) ** xp.sin(b),
    "larger": lambda xp, a, b: xp.where(a > b + 0.375, a * b, a - b),
}


class Mp:
    """The functions of a program for numbers of mpmath: no array, no tape, no derivative rule."""

    def __getattr__(self, name):
        return partial(FUNCTIONS[name].by_mpmath, mpmath)

    def where(self, condition, a, b):
        return a if condition else b


def program(seed, inputs, steps):
    """A random straight-line program: each step applies a function to earlier values, which it may use again and again."""
    rng = np.random.default_rng(seed)
    lines = []
    for k in range(inputs, inputs + steps):
        table = BINARY if rng.random() < 0.5 else UNARY
        name = sorted(table)[rng.integers(len(table))]
        # One operand is recent, so that programs are deep; the other any, so that values fan out.
        operands = [max(0, k - 1 - int(rng.integers(3))), int(rng.integers(k))][: 1 + (table is BINARY)]
        lines.append((table[name], operands))

    def run(xp, *points):
        values = list(points)
        for function, operands in lines:
            values.append(function(xp, *(values[k] for k in operands)))
        return [values[-1], values[-2], values[inputs]]

    return run


def difference(run, points, direction):
    """The directional derivative by a central difference at 160 digits, with an error below 10⁻⁷⁰."""
    with mpmath.workdps(160):
        h = mpmath.mpf(10) ** -45
        ahead, behind = (
            run(
                Mp(),
                *(
                    mpmath.mpf(float(p)) + side * h * mpmath.mpf(float(v))
                    for p, v in zip(points, direction, strict=True)
                ),
            )
            for side in (1, -1)
        )
        return [(a - b) / (2 * h) for a, b in zip(ahead, behind, strict=True)]


def contains(ball, value, digits=60):
    """Whether a tight ball contains a number of mpmath up to its own error."""
    with mpmath.workdps(digits + 10), Balls(None, BITS):
        number = arb(mpmath.nstr(value, digits + 5))
        assert ball.rad() < 2.0**-200 * (1 + abs(ball.mid())), "a wide ball would contain anything"
        return bool(abs(ball.mid() - number) <= ball.rad() + (1 + abs(number)) * arb(10) ** -digits)


def stacked(run):
    return lambda xp, *points: xp.stack(run(xp, *points))


@pytest.mark.parametrize("seed", range(40))
def test_derivatives_of_random_programs_are_those_of_differences(seed):
    rng = np.random.default_rng([seed, 1])
    run = program(seed, 3, int(rng.integers(3, 12)))
    points, direction, weights = rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal(3)
    wanted = difference(run, points, direction)
    with balls():
        on_tape = Run(stacked(run), points)
        forward = on_tape.jvp(*direction)
        reverse = [found[0] for found in on_tape.vjp(weights)]
        for ball, value in zip(forward, wanted, strict=True):
            assert contains(ball, value)
        with mpmath.workdps(160):
            primal = run(Mp(), *map(mpmath.mpf, points.tolist()))
            for ball, value in zip(on_tape.values, primal, strict=True):
                assert contains(ball, value)
            for k in range(3):
                unit = [float(j == k) for j in range(3)]
                rows = difference(run, points, unit)
                assert contains(reverse[k], sum(mpmath.mpf(w) * r for w, r in zip(weights.tolist(), rows, strict=True)))
        left = sum((arb(float(w)) * j for w, j in zip(weights, forward, strict=True)), arb(0))
        right = sum((r * arb(float(v)) for r, v in zip(reverse, direction, strict=True)), arb(0))
        assert left.overlaps(right)


def test_a_planted_wrong_derivative_is_outside():
    run = program(3, 3, 8)
    points, direction = np.array([0.3, -0.7, 1.1]), np.array([1.0, 2.0, -1.0])
    with balls():
        found = Run(stacked(run), points).jvp(*direction)
    wanted = difference(run, points, direction)
    assert contains(found[0], wanted[0])
    assert not contains(found[0], wanted[0] * (1 + mpmath.mpf(10) ** -50))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_each_function_has_its_derivative(name):
    for x in (0.3, 0.9, 2.5, -0.4):
        x = into_domain(name, x)
        with balls():
            [[found]] = gradient(lambda xp, a: getattr(xp, name)(a), x)
        with mpmath.workdps(160):
            assert contains(found, difference(lambda xp, a: [getattr(xp, name)(a)], [x], [1.0])[0])


@pytest.mark.parametrize("exponent", [-3, -1, 0, 1, 2, 5, 0.5, -1.5, 3.0])
def test_powers_have_their_derivatives(exponent):
    with balls():
        [[found]] = gradient(lambda xp, a: a**exponent, 1.7)
        with mpmath.workdps(80):
            assert contains(found, exponent * mpmath.mpf(1.7) ** (exponent - 1))
        by_base, by_exponent = gradient(lambda xp, a, b: a**b, 1.7, exponent)
        with mpmath.workdps(80):
            base = mpmath.mpf(1.7)
            assert contains(by_base[0], exponent * base ** (exponent - 1))
            assert contains(by_exponent[0], base**exponent * mpmath.log(base))


def test_a_power_of_zero_is_constant_also_at_zero():
    with balls():
        [[found]] = gradient(lambda xp, x: x**0 + 0 * x, 0.0)
        assert found.is_zero()
        [[found]] = gradient(lambda xp, x: x**1, 0.0)
        assert found == 1


# Structure.


def exactly(found, *wanted):
    assert len(found) == len(wanted)
    for ball, value in zip(found, wanted, strict=True):
        assert ball.is_exact()
        assert ball == value


def test_what_is_used_twice_counts_twice():
    with balls():
        exactly(*gradient(lambda xp, x: x * x, 3.0), 6)
        exactly(*gradient(lambda xp, x: x + x + x, 3.0), 3)
        exactly(*gradient(lambda xp, x: x - x, 3.0), 0)
        exactly(*gradient(lambda xp, x: (x * x) * (x * x), 2.0), 32)
        exactly(*gradient(lambda xp, x: x / x, 4.0), 0)
        exactly(*gradient(lambda xp, x: xp.sum(xp.stack([x, x, 2 * x])), 4.0), 4)
        exactly(Run(lambda xp, x: x * x + x, [3.0]).jvp(2.0), 14)


def test_one_array_given_as_two_arguments_has_two_derivatives():
    def f(xp, a, b):
        return a * a * b

    with balls():
        by_a, by_b = gradient(f, 3.0, 3.0)
        exactly(by_a, 18)
        exactly(by_b, 9)
        exactly(*gradient(lambda xp, x: f(xp, x, x), 3.0), 27)


def test_what_is_not_used_has_the_derivative_zero():
    with balls():
        x, y = gradient(lambda xp, x, y: x * x, 3.0, 5.0)
        exactly(x, 6)
        exactly(y, 0)
        exactly(Run(lambda xp, x, y: y * 2, [3.0, 5.0]).jvp(1.0, 0.0), 0)
        constant = Run(lambda xp, x: xp.ones((2,)), [3.0])
        exactly(constant.jvp(1.0), 0, 0)
        exactly(*constant.vjp(np.ones(2)), 0)


def test_an_output_that_is_the_input_itself():
    with balls():
        run = Run(lambda xp, x: xp.stack([x, x]), [3.0])
        exactly(run.jvp(2.0), 2, 2)
        exactly(*run.vjp([5.0, 7.0]), 12)


def test_arrays_are_differentiated_element_by_element():
    w, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 7.0])
    with balls():
        run = Run(lambda xp, w, x: w @ x, [w, x])
        exactly(run.values, 19, 43)
        by_w, by_x = run.vjp([1.0, 10.0])
        exactly(by_w, 5, 7, 50, 70)
        exactly(by_x, 31, 42)
        exactly(run.jvp(np.ones((2, 2)), np.ones(2)), 12 + 3, 12 + 7)


def test_empty_arrays():
    with balls():
        run = Run(lambda xp, x: xp.sum(x), [np.zeros(0)])
        exactly(run.values, 0)
        exactly(*run.vjp(1.0))
        exactly(run.jvp(np.zeros(0)), 0)
        assert Run(lambda xp, x: 2 * x, [np.zeros((0, 3))]).values == []


def test_nothing_is_recorded_of_constants():
    with balls():
        tape = Tape(Balls(None, BITS))
        xp = Namespace(tape)
        _ = xp.sum(xp.asarray(np.ones(5)) * 3 + 1)
        assert tape.nodes == []
        leaf = tape.variable(2.0)
        assert [node is leaf for node in tape.nodes] == [True]


def test_numbers_of_every_kind_are_exact():
    from fractions import Fraction

    for value, wanted in [
        (3, 3),
        (True, 1),
        (0.1, arb(0.1)),
        (np.float32(0.1), arb(float(np.float32(0.1)))),
        (np.int64(2**60 + 1), 2**60 + 1),
        (np.bool_(True), 1),
        (5e-324, arb(5e-324)),
        (Fraction(3, 4), arb(0.75)),
    ]:
        with balls():
            ball = to_ball(value)
            assert ball.is_exact()
            assert ball == wanted
    with balls():
        third = to_ball(Fraction(1, 3))
        assert (third * 3).contains(1)
        assert 0 < third.rad() < 2.0**-200
        assert to_ball(third) is third


def test_a_node_of_another_tape_is_a_constant():
    with balls():
        inner, outer = Tape(Balls(None, BITS)), Tape(Balls(None, BITS))
        x, y = inner.variable(3.0), outer.variable(5.0)
        product = y * outer.lift(x)
        assert product.parents == [(y, x.value)]
        assert outer.lift(y) is y


def test_a_number_on_the_tape_has_no_truth_value():
    with balls():
        x = Tape(Balls(None, BITS)).variable(3.0)
        with pytest.raises(TypeError, match="truth"):
            bool(x)


# Predicates, kinks and jumps.

COMPARISONS = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("kind", COMPARISONS)
def test_predicates_on_numbers_are_pythons(kind, exact):
    compare = COMPARISONS[kind]
    with balls():
        for a, b in [
            (1.0, 2.0),
            (2.0, 1.0),
            (1.0, 1.0),
            (-1.0, 1.0),
            (0.0, -0.0),
            (1.0, np.nextafter(1.0, 2)),
            (0.0, 5e-324),
        ]:
            tape = Tape(Balls(None, BITS), exact=exact)
            xp = Namespace(tape)
            x, y = (xp.wrap([tape.variable(v)], ()) for v in (a, b))
            predicate = compare(x, y).item()
            assert bool(predicate) == compare(a, b)
            assert predicate.tie == (a == b)


@pytest.mark.parametrize("kind", COMPARISONS)
def test_a_predicate_that_rounding_may_tip_allows_both_branches(kind):
    """1 + 2⁻³⁰ is 1 or next to it in float32; to compare it with 1 may give either."""
    compare = COMPARISONS[kind]

    def f(xp, x):
        return xp.where(compare(x + 2.0**-30, 1), 2 * x, 5 * x)

    with Balls(format_of("float32"), INJECTED_BITS) as A:
        run = Run(f, [1.0], A=A, exact=False)
        [[found]] = run.vjp(1.0)
        assert found.contains(2)
        assert found.contains(5)
        assert run.values[0].contains(2)
        assert run.values[0].contains(5)
        assert not found.contains(-0.1)
        assert not found.contains(7.1)
        with pytest.raises(Undecided):
            bool(compare(Namespace(run.tape).asarray(run.leaves[0]) + 2.0**-30, 1).item())
    with balls():
        branch = 2 if compare(1 + 2.0**-30, 1) else 5
        exactly(*gradient(f, 1.0), branch)


def test_a_predicate_that_few_bits_do_not_decide_asks_for_more():
    def f(xp, x):
        return xp.where(xp.sin(x) > xp.sin(x) + 2.0**-400 * x, x, 2 * x)

    with balls(100) as A, pytest.raises(Undecided):
        Run(f, [1.0], A=A)
    with balls(600) as A:
        exactly(*Run(f, [1.0], A=A).vjp(1.0), 2)


def test_away_from_the_kink_the_branch_is_taken():
    with balls():
        for x, slope in ((2.0, 1), (-2.0, 0), (5e-324, 1), (-5e-324, 0)):
            run = Run(lambda xp, a: xp.maximum(xp.zeros_like(a), a), [x])
            exactly(*run.vjp(1.0), slope)
            assert not run.tape.kinks
            assert not run.tape.jumped


def test_an_exact_tie_of_a_continuous_choice_is_a_kink():
    with balls():
        run = Run(lambda xp, a: xp.maximum(xp.zeros_like(a), a), [0.0])
        assert len(run.tape.kinks) == 1
        assert run.tape.kink_choices == [0]
        exactly(*run.vjp(1.0), 0)  # the declared convention: the first argument
        exactly(*gradient(lambda xp, a: xp.maximum(a, xp.zeros_like(a)), 0.0), 1)
        by_w, by_x = gradient(lambda xp, w, x: xp.maximum(w, x), 3.0, 3.0)
        exactly(by_w, 1)
        exactly(by_x, 0)


@pytest.mark.parametrize("theta", [0, 0.25, 0.5, 1])
def test_an_imposed_multiplier_weighs_the_branch_where_the_predicate_holds(theta):
    with balls():
        run = Run(lambda xp, a: xp.maximum(xp.zeros_like(a), a), [0.0], thetas={0: arb(theta)})
        exactly(run.values, 0)
        exactly(*run.vjp(1.0), theta)
        exactly(run.jvp(2.0), 2 * theta)
        assert run.tape.kinks == []
        assert list(run.tape.imposed) == [0]
        swapped = Run(lambda xp, a: xp.where(a < 0, -a, a), [0.0], thetas={0: arb(theta)})
        exactly(*swapped.vjp(1.0), (1 - theta) - theta)


def test_choices_are_numbered_whether_they_tie_or_not():
    def f(xp, x):
        return xp.maximum(x, xp.zeros_like(x)) + xp.maximum(x - 1, xp.zeros_like(x)) + xp.maximum(-x, x + 2)

    with balls():
        for x, kinks in ((0.0, [0]), (1.0, [1]), (-1.0, [2]), (7.0, [])):
            assert Run(f, [x]).tape.kink_choices == kinks
        at_three = Run(lambda xp, x: xp.sum(xp.abs(x)), [np.array([0.0, 1.0, 0.0])])
        assert at_three.tape.kink_choices == [0, 2]


@pytest.mark.parametrize("kind", COMPARISONS)
def test_a_tie_where_the_value_jumps_has_no_derivative(kind):
    with balls():
        run = Run(lambda xp, x: xp.where(COMPARISONS[kind](x, 1), x, x + 3), [1.0])
        assert run.tape.jumped
        assert not run.tape.kinks
        [[found]] = run.vjp(1.0)
        assert found.is_nan()
        assert run.jvp(1.0)[0].is_nan()
        away = Run(lambda xp, x: xp.where(COMPARISONS[kind](x, 1), x, x + 3), [1.5])
        assert not away.tape.jumped
        exactly(*away.vjp(1.0), 1)


def test_a_tie_between_constants_is_neither():
    with balls():
        run = Run(lambda xp, x: xp.where(xp.ones_like(x) > 1, x, 2 * x), [4.0])
        assert not run.tape.kinks
        exactly(*run.vjp(1.0), 2)
        constant = Run(lambda xp, x: x + xp.maximum(xp.zeros_like(x), xp.zeros_like(x)), [4.0])
        assert not constant.tape.kinks
        exactly(*constant.vjp(1.0), 1)


def test_a_choice_of_one_and_the_same_number_is_none():
    with balls():
        run = Run(lambda xp, x: xp.where(x > 3, x, x), [3.0])
        assert not run.tape.kinks
        exactly(*run.vjp(1.0), 1)


def test_a_condition_may_be_a_truth_value():
    with balls():
        tape = Tape(Balls(None, BITS))
        x = tape.variable(3.0)
        assert tape.select(True, lambda: x, lambda: tape.lift(0)) is x
        assert tape.select(False, lambda: tape.lift(7), lambda: x) is x


# Rounding.


def test_the_sweeps_inject_the_rounding_of_a_library():
    x = np.float32(1.1)
    with Balls(format_of("float32"), INJECTED_BITS) as A:
        run = Run(lambda xp, a: a * a * a, [x], A=A, exact=False)
        [[found]] = run.vjp(np.float32(0.7))
        assert found.contains(arb(float(np.float32(0.7) * (x * x) + np.float32(0.7) * x * x + np.float32(0.7) * x * x)))
        assert 0 < found.rad() < 2.0**-20
        # (0.7·(x·x)) + (0.7·x)·x + (0.7·x)·x, every operation in float32, as a reverse sweep computes it
        step = np.float32(0.7) * x
        assert found.contains(arb(float((np.float32(0.7) * (x * x)) + ((step * x) + (step * x)))))
    with balls():
        [[truth]] = gradient(lambda xp, a: a * a * a, x)
        assert found.contains(truth * arb(float(np.float32(0.7))))


def test_linear_operations_of_exact_numbers_stay_exact():
    with Balls(format_of("float32"), INJECTED_BITS) as A:
        run = Run(lambda xp, w, x: xp.sum(w * x), [np.array([1.0, 2.0]), np.array([3.0, 4.0])], A=A, exact=False)
        exactly(run.values, 11)
        by_w, by_x = run.vjp(2.0)
        exactly(by_w, 6, 8)
        exactly(by_x, 2, 4)


def test_zero_flows_through_the_branch_not_taken_and_meets_what_overflows():
    """A library multiplies by 0 there; with an infinity it has a NaN, which is no error of its derivative rules."""

    def f(xp, x):
        return xp.where(x > 0, x, xp.exp(x * 1000))

    with Balls(format_of("float32"), INJECTED_BITS) as A:
        assert Run(f, [2.0], A=A, exact=False).vjp(1.0)[0][0].is_nan()
        exactly(*Run(f, [2.0**-7], A=A, exact=False).vjp(1.0), 1)
    with balls():
        exactly(*gradient(f, 2.0), 1)


def test_a_flushing_backend_may_take_a_subnormal_number_for_zero():
    tiny = np.float32(1e-40)
    for flush, contains_zero in ((True, True), (False, False)):
        with Balls(format_of("float32"), INJECTED_BITS, flush=flush) as A:
            for given in ("variable", "lift"):
                tape = Tape(A)
                node = getattr(tape, given)(tiny)
                assert node.value.contains(arb(float(tiny)))
                assert node.value.contains(0) == contains_zero
            product = Run(lambda xp, x: x * 1e20, [tiny], A=A, exact=False)
            assert product.values[0].contains(0) == contains_zero
            exactly([Tape(A).variable(np.float32(0.1)).value], arb(float(np.float32(0.1))))


def test_the_precision_is_left_as_it_was():
    before = ctx.prec
    with balls():
        gradient(lambda xp, x: xp.sin(x), 1.0)
    assert ctx.prec == before
