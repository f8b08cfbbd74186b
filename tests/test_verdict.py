"""Verdicts on numbers: right, inaccurate, wrong, no claim, weak and vacuous, and where the borders are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from chosen import CORE
from flint import arb
from gradlaw.identities import Rule
from gradlaw.identities.operators import diag
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.confirm import Confirmation
from gradlaw.oracle.constants import MARGIN_ULPS, NEAR_ULPS, format_of
from gradlaw.oracle.counterexample import _expected
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import output_shape
from gradlaw.oracle.problems import Derivative, Label
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.together import confirm_component
from gradlaw.oracle.verdict import Grade, Judgement, judge
from gradlaw.strategies.formats import dtype_of

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


def enclosed(f, dtype="float64", partials=None, cotangent=1.0, **arguments):
    kind = dtype_of(dtype)
    given = {k: np.asarray(v, kind) for k, v in arguments.items()}
    problem = Derivative(f, given, tuple(given), "reverse", {}, np.asarray(cotangent, kind), partials)
    return enclose(problem, format_of(dtype))


def test_what_is_exact_in_one_order_of_operations_may_be_rounded_in_another():
    """The derivative of Σ (x − mean x) is 1 − 4 · ¼: exactly 0, and 5·10⁻¹⁷ where weights of another kind are added up."""
    made = enclosed(lambda xp, x: xp.sum(x - xp.mean(x)), x=[1.0, 2.0, 3.0, 6.0])
    assert made.exact is not None
    truth = [float(ball.mid()) for ball in made.exact.outputs.balls]
    assert truth == [0.0] * 5
    assert judge(made, truth).verdict is Verdict.RIGHT
    assert judge(made, [0.0, 5e-17, *truth[2:]]).grades[1].verdict is Verdict.INACCURATE
    assert judge(made, [0.0, 1e-9, *truth[2:]]).grades[1].verdict is Verdict.WRONG


def product(dtype="float64", x=1.1, y=0.7):
    """x·y: two components beside the primal, both exact; the primal rounds once."""
    return enclosed(lambda xp, x, y: x * y, dtype, x=x, y=y)


def smooth(dtype="float64"):
    """sin(x)·exp(y) at a generic point."""
    return enclosed(lambda xp, x, y: xp.sin(x) * xp.exp(y), dtype, x=1.1, y=0.7)


def truths(made):
    return [float(ball.mid()) for ball in made.exact.outputs.balls]


def grade(made, component, value):
    """The grade of one component when all others are right."""
    got = truths(made)
    got[component] = value
    return judge(made, got).grades[component]


def radius(made, component):
    return float(made.outputs.balls[component].rad().mid())


# Right.


@DTYPES
def test_the_truth_is_right(dtype):
    for made in (product(dtype), smooth(dtype)):
        judgement = judge(made, truths(made))
        assert judgement.verdict is Verdict.RIGHT
        assert all(g.verdict is Verdict.RIGHT and not g.weak and g.error <= 1 for g in judgement.grades)


@DTYPES
@pytest.mark.parametrize("ulps", [-3, 3])
def test_three_ulp_from_the_truth_is_right(ulps, dtype):
    made = smooth(dtype)
    for k, t in enumerate(truths(made)):
        assert grade(made, k, t * (1 + ulps * format_of(dtype).ulp)).verdict is Verdict.RIGHT


@DTYPES
def test_numpys_own_result_is_right(dtype):
    made = smooth(dtype)
    x, y = np.asarray(1.1, dtype), np.asarray(0.7, dtype)
    got = [np.sin(x) * np.exp(y), np.exp(y) * np.cos(x), np.sin(x) * np.exp(y)]
    assert judge(made, [float(v) for v in got]).verdict is Verdict.RIGHT


@DTYPES
def test_an_exact_component_has_the_margin_of_four_ulp(dtype):
    made, ulp = product(dtype, 1.0, 1.0), format_of(dtype).ulp
    assert radius(made, 1) == 0
    inside, outside = 1 + MARGIN_ULPS * ulp, 1 + (MARGIN_ULPS + 1) * ulp
    assert grade(made, 1, inside).error <= 1 < 1.2 <= judge(made, [1.0, 1 + 2 * NEAR_ULPS * ulp, 1.0]).grades[1].error
    # A little further it is still right: other formulas err by as much.
    assert grade(made, 1, outside).verdict is Verdict.RIGHT
    assert grade(made, 1, 1 + NEAR_ULPS * ulp).verdict is Verdict.RIGHT
    assert grade(made, 1, 1 - NEAR_ULPS * ulp).verdict is Verdict.RIGHT
    assert grade(made, 1, 1 + (NEAR_ULPS + 1) * ulp).verdict is Verdict.INACCURATE


def test_zero_is_exactly_zero():
    """A derivative that is 0 by structure has radius 0, and no ulp."""
    made = enclosed(lambda xp, x, y: x * x + 0 * y, x=3.0, y=2.0)
    assert grade(made, 2, 0.0).verdict is Verdict.RIGHT
    assert grade(made, 2, -0.0).verdict is Verdict.RIGHT
    assert grade(made, 2, 5e-324).verdict is Verdict.WRONG
    assert math.isinf(grade(made, 2, 1e-300).error)


# Inaccurate.


@DTYPES
def test_within_the_square_root_of_the_roundoff_is_inaccurate(dtype):
    made = smooth(dtype)
    border = math.sqrt(format_of(dtype).unit_roundoff)
    for k, t in enumerate(truths(made)):
        for sign in (1, -1):
            found = grade(made, k, t * (1 + sign * 0.99 * border))
            assert found.verdict is Verdict.INACCURATE
            assert found.error > 1
            assert found.why
            # A little beyond, in float32, 2¹⁰ times the rounding errors explain it as well.
            beyond = Verdict.WRONG if dtype == "float64" else Verdict.INACCURATE
            assert grade(made, k, t * (1 + sign * 1.01 * border)).verdict is beyond
            assert grade(made, k, t * (1 + sign * 100 * border)).verdict is Verdict.WRONG


def test_an_error_of_a_millionth_is_an_accusation_in_double_precision_only():
    """2⁻²⁰ is far beyond √u = 2⁻²⁶·⁵ in float64; in float32, where u is 2⁻²⁴, it is 8 ulp."""
    made = smooth("float64")
    for k, t in enumerate(truths(made)):
        assert grade(made, k, t * (1 + 2.0**-20)).verdict is Verdict.WRONG
        assert grade(made, k, t * (1 + 2.0**-30)).verdict is Verdict.INACCURATE
    made = smooth("float32")
    for k, t in enumerate(truths(made)):
        assert grade(made, k, t * (1 + 2.0**-20)).verdict is Verdict.RIGHT


def cancelling(dtype="float64", shift=2.0**-30):
    """exp(x) − exp(x)(1 − s): value and derivative are s·exp(x), small differences of large numbers."""
    return enclosed(lambda xp, x: xp.exp(x) - xp.exp(x) * (1 - shift), dtype, x=1.3)


def test_a_larger_loss_in_cancellation_is_inaccurate():
    made = cancelling()
    for k, t in enumerate(truths(made)):
        scale = radius(made, k)
        assert scale > math.sqrt(2.0**-53) * t, "so that √u·|T| does not explain it"
        assert grade(made, k, t + 0.9 * scale).verdict is Verdict.RIGHT
        assert grade(made, k, t + 100 * scale).verdict is Verdict.INACCURATE
        assert grade(made, k, t + 1e5 * scale).verdict is Verdict.WRONG


def test_the_closed_form_may_explain_a_result():
    """x + (1 − x) is 1 with derivative 0; its second form is told to be a cancelling one."""

    def loose(xp, x):
        large = 2.0**40 + 0 * x
        return diag(3 * x**2 + (large * 0.1 - large * 0.1))

    made = enclosed(lambda xp, x: x**3, "float32", {"x": loose}, x=0.3)
    t = truths(made)[1]
    assert grade(made, 1, t + 1.0).why == "explained by the closed form's rounding"
    assert grade(made, 1, t + 1.0).verdict is Verdict.INACCURATE
    without = enclosed(lambda xp, x: x**3, "float32", x=0.3)
    assert grade(without, 1, t + 1.0).verdict is Verdict.WRONG


# Wrong.


@DTYPES
@pytest.mark.parametrize(
    "plant", [lambda t: -t, lambda t: 2 * t, lambda t: t / 2, lambda t: 0.0, lambda t: t + 1, lambda t: t * 1.01]
)
def test_planted_errors_are_wrong_at_generic_points(plant, dtype):
    for made in (smooth(dtype), product(dtype)):
        for k, t in enumerate(truths(made)):
            found = grade(made, k, plant(t))
            assert found.verdict is Verdict.WRONG
            assert found.error > 100


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_is_wrong_where_nothing_overflows(bad):
    made = smooth()
    for k in range(3):
        found = grade(made, k, bad)
        assert found.verdict is Verdict.WRONG
        assert found.why == "not finite"
        assert found.error == math.inf


def test_one_wrong_component_makes_the_example_wrong():
    made = smooth()
    got = truths(made)
    got[2] *= 1.5
    judgement = judge(made, got)
    assert judgement.verdict is Verdict.WRONG
    assert judgement.worst == 2
    assert [g.verdict for g in judgement.grades] == [Verdict.RIGHT, Verdict.RIGHT, Verdict.WRONG]
    assert [str(label) for label in judgement.labels] == ["primal", "x", "y"]


def test_swapped_components_are_wrong():
    made = product()
    primal, by_x, by_y = truths(made)
    assert judge(made, [primal, by_y, by_x]).verdict is Verdict.WRONG


# No claim.


def test_where_the_formula_may_overflow_nothing_is_claimed():
    made = enclosed(
        lambda xp, x: xp.exp(x), "float32", x=np.log(np.finfo(np.float32).max)
    )  # next to the logarithm of the largest number
    for bad in (math.inf, math.nan, 0.0, -1.0):
        assert judge(made, [bad, bad]).verdict is Verdict.NO_CLAIM
    fits = enclosed(lambda xp, x: xp.exp(x), "float32", x=20.0)
    assert judge(fits, [math.inf, math.inf]).verdict is Verdict.WRONG


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_what_must_overflow_is_infinite(dtype):
    largest = format_of(dtype).largest
    made = enclosed(lambda xp, x: -(x * x), dtype, x=2.0 ** math.ceil(math.log2(largest) / 2 + 2))
    slope = float(made.exact.outputs.balls[1].mid())
    assert judge(made, [-math.inf, slope]).verdict is Verdict.RIGHT
    for bad in (-largest, largest, math.inf, math.nan, 0.0):
        found = judge(made, [bad, slope])
        assert found.grades[0].verdict is Verdict.WRONG, bad
        assert confirm_component(made.problem, found, 0).confirmed
    assert judge(made, [-math.inf, -math.inf]).grades[1].verdict is Verdict.WRONG, "the derivative fits"


def test_a_sum_that_must_overflow_has_no_other_order():
    """In one order of 3·10³⁸ + 3·10³⁸ − 3·10³⁸ no sum overflows; without the last the result must."""
    whole = enclosed(lambda xp, x: xp.sum(xp.stack([x, x, x])), "float32", x=3e38)
    assert judge(whole, [3e38, 3.0]).grades[0].verdict is Verdict.WRONG
    back = enclosed(lambda xp, x: xp.sum(xp.stack([x, x, x, -x])), "float32", x=3e38)
    assert judge(back, [3.4e38, 2.0]).grades[0].verdict is Verdict.NO_CLAIM


def test_the_only_weak_thing_about_an_infinity_is_that_it_shows_no_digit():
    made = enclosed(lambda xp, x: xp.exp(x), "float32", x=200.0)
    found = judge(made, [math.inf, math.inf])
    assert found.verdict is Verdict.VACUOUS
    assert all(grade.weak for grade in found.grades)


def test_what_may_not_underflow_is_not_zero():
    """η² is 0 in the format, η/2 is not: 0 is right for that on a backend that flushes, and inaccurate on others."""
    tiny = format_of("float32").smallest_normal
    made = enclosed(lambda xp, x: x * 0.5, "float32", x=tiny)
    assert judge(made, [tiny / 2, 0.5]).verdict is Verdict.RIGHT
    assert judge(made, [0.0, 0.5]).grades[0].verdict is Verdict.INACCURATE
    assert judge(made, [0.0, 0.0]).grades[1].verdict is Verdict.WRONG
    flushing = enclose(made.problem, format_of("float32"), flush=True)
    assert judge(flushing, [0.0, 0.5]).grades[0].verdict is Verdict.RIGHT
    assert judge(flushing, [0.0, 0.0]).grades[1].verdict is Verdict.WRONG
    gone = enclosed(lambda xp, x: x * x, "float32", x=tiny)
    assert judge(gone, [0.0, 2 * tiny]).grades[0].verdict is Verdict.RIGHT
    assert judge(gone, [tiny / 2, 2 * tiny]).grades[0].verdict is Verdict.INACCURATE
    assert judge(gone, [2 * tiny, 2 * tiny]).grades[0].verdict is Verdict.WRONG


def test_overflow_of_an_intermediate_value_is_an_overflow():
    """(x·10³⁰)/10³⁰ is x, but a library may well have ∞."""

    def f(xp, x):
        return (x * 1e30) / 1e30

    made = enclosed(f, "float32", x=1e20)
    assert judge(made, [math.inf, 1.0]).grades[0].verdict is Verdict.NO_CLAIM
    assert judge(made, [7.0, 1.0]).grades[0].verdict is Verdict.NO_CLAIM
    exact = float(np.float32(1e20))
    found = judge(made, [exact, 1.0]).grades[0]
    assert found.verdict is Verdict.RIGHT, "what is right is called right all the same"
    assert not found.weak


def test_at_a_singularity_nothing_is_claimed():
    made = enclosed(lambda xp, x: xp.log(x), x=0.0)
    for bad in (math.inf, -math.inf, math.nan, 0.0):
        assert judge(made, [bad, bad]).verdict is Verdict.NO_CLAIM


def test_where_the_value_jumps_nothing_is_claimed_of_the_derivative():
    made = enclosed(lambda xp, x: xp.where(x > 1, 3 * x, x), x=1.0)
    for slope in (1.0, 3.0, math.nan, 17.0):
        assert judge(made, [1.0, slope]).grades[1].verdict is Verdict.NO_CLAIM
    assert judge(made, [2.0, 1.0]).grades[0].verdict is Verdict.WRONG


def test_a_closed_form_confirms_where_the_text_overflows():
    def f(xp, x):
        return xp.exp(x) / xp.exp(x)

    made = enclosed(f, "float32", {"x": lambda xp, x: diag(0 * x)}, x=200.0)
    assert judge(made, [1.0, 0.0]).grades[1].verdict is Verdict.RIGHT
    assert judge(made, [1.0, 0.5]).grades[1].verdict is Verdict.NO_CLAIM


# Weak and vacuous.


def test_evidence_in_cancellation_is_weak():
    made = cancelling()
    judgement = judge(made, truths(made))
    assert [g.verdict for g in judgement.grades] == [Verdict.RIGHT, Verdict.RIGHT]
    assert all(g.weak for g in judgement.grades)
    assert judgement.verdict is Verdict.VACUOUS, "nothing was really tried"


def test_one_strong_component_is_evidence():
    def f(xp, x, y):
        return xp.exp(x) - xp.exp(x) * (1 - 2.0**-30) + 2.0**-30 * y

    made = enclosed(f, x=1.3, y=0.5)
    judgement = judge(made, truths(made))
    assert [g.weak for g in judgement.grades] == [True, True, False]
    assert judgement.verdict is Verdict.RIGHT


def test_weak_evidence_still_convicts():
    made = cancelling()
    assert judge(made, [truths(made)[0], 1.0]).verdict is Verdict.WRONG


def test_the_border_of_weak_evidence():
    """A radius of √u·|T|: at u = 2⁻⁵³ a shift of about 2⁻²² separates the two."""
    weak = [
        judge(cancelling(shift=2.0**-k), truths(cancelling(shift=2.0**-k))).grades[0].weak for k in (12, 16, 30, 40)
    ]
    assert weak == [False, False, True, True]
    for k in (12, 16, 20, 24, 30):
        made = cancelling(shift=2.0**-k)
        t = abs(truths(made)[0])
        assert judge(made, truths(made)).grades[0].weak == (radius(made, 0) > math.sqrt(2.0**-53) * t)


# The judgement of an example.


def made_of(*grades):
    count = len(grades)
    return Judgement(
        [Label("x", (k,)) for k in range(count)], [0.0] * count, [arb(0)] * count, [arb(0)] * count, list(grades)
    )


RIGHT, WEAK = Grade(Verdict.RIGHT, 0.5), Grade(Verdict.RIGHT, 0.5, weak=True)
WRONG, INACCURATE, SILENT = Grade(Verdict.WRONG, 9.0), Grade(Verdict.INACCURATE, 3.0), Grade(Verdict.NO_CLAIM, 0.0)


@pytest.mark.parametrize(
    ("grades", "verdict", "worst"),
    [
        ([RIGHT, WRONG, INACCURATE], Verdict.WRONG, 1),
        ([RIGHT, INACCURATE, SILENT], Verdict.INACCURATE, 1),
        ([WEAK, RIGHT, SILENT], Verdict.RIGHT, 0),
        ([WEAK, SILENT], Verdict.VACUOUS, 0),
        ([WEAK, INACCURATE], Verdict.INACCURATE, 1),
        ([SILENT, SILENT], Verdict.NO_CLAIM, 0),
        ([SILENT, RIGHT], Verdict.RIGHT, 1),
        ([WRONG, Grade(Verdict.WRONG, 10.0), RIGHT], Verdict.WRONG, 1),
        ([], Verdict.RIGHT, None),
    ],
)
def test_the_example_is_as_bad_as_its_worst_component(grades, verdict, worst):
    judgement = made_of(*grades)
    assert judgement.verdict is verdict
    assert judgement.worst == worst


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_another_number_of_components_is_refused(count):
    with pytest.raises(ValueError, match=rf"3 components expected, {count} given"):
        judge(product(), [1.0] * count)


def test_another_number_of_components_is_refused_at_a_kink_too():
    made = enclosed(lambda xp, x: xp.abs(x), x=0.0)
    with pytest.raises(ValueError, match="2 components expected, 3 given"):
        judge(made, [0.0, 1.0, 1.0])


def test_an_empty_array_is_right():
    made = enclosed(lambda xp, x: 2 * x, x=np.zeros((0, 3)), cotangent=np.zeros((0, 3)))
    assert judge(made, []).verdict is Verdict.RIGHT


def _plain_number(domain, wanted: float) -> float:
    return next(x for x in (wanted, 0.5, 2.0) if domain.contains(np.array(x)).all())


@DTYPES
def test_a_correctly_rounded_derivative_of_every_rule_is_right(dtype):
    """At plain numbers, with cotangent 1: nothing in the catalogue accuses the nearest numbers to the truth."""
    for entry in CORE:
        if not isinstance(entry, Rule) or any(
            spec.group or not hasattr(spec, "shape") for spec in map(Grouped, entry.inputs.values())
        ):
            continue
        sizes = {"n": 2, "m": 2, "N": 2, "k": 2}
        shapes = {
            name: [sizes.get(s, 2 if isinstance(s, str) else s) for s in spec.shape]
            for name, spec in entry.inputs.items()
        }
        arguments = {
            name: np.full(shapes[name], _plain_number(spec.domain, 1.0 + k / 4), dtype)
            for k, (name, spec) in enumerate(entry.inputs.items())
        }
        shape = output_shape(entry, arguments)
        problem = Derivative(
            entry.function,
            arguments,
            tuple(entry.differentiable),
            "reverse",
            {},
            np.ones(shape, dtype),
            entry.partials,
            shape,
        )
        made = enclose(problem, format_of(dtype))
        nearest = [float(np.dtype(dtype).type(float(ball.mid()))) for ball in made.exact.outputs.balls]
        judgement = judge(made, nearest)
        assert judgement.verdict in (Verdict.RIGHT, Verdict.NO_CLAIM), entry.id
        if not made.exact.choices and not made.exact.jumped:
            assert judgement.verdict is Verdict.RIGHT
            k = max(range(len(nearest)), key=lambda j: abs(nearest[j]))
            nearest[k] = -nearest[k] or 1.0
            assert judge(made, nearest).verdict is Verdict.WRONG


class Grouped:
    """An input's spec, where what has no group counts as having none."""

    def __init__(self, spec):
        self.group = getattr(spec, "group", "")
        if hasattr(spec, "shape") and hasattr(spec, "domain"):
            self.shape = spec.shape


def test_the_precision_in_force_has_no_say():
    """Judging happens outside of any ball context: with few working bits the verdicts are the same."""
    made = smooth()
    got = truths(made)
    got[1] *= 1 + 2.0**-50
    for bits in (30, 53, 400):
        with Balls(None, bits):
            assert judge(made, got).verdict is Verdict.RIGHT
            assert judge(made, [got[0], got[1] * (1 + 2.0**-20), got[2]]).verdict is Verdict.WRONG


def test_what_is_expected_has_17_digits_where_the_ball_is_wide_beside_it() -> None:
    text = "1.2345678901234567890123e-72"
    wide, narrow = arb("1.2e-72", "1e-73"), arb(1.25)
    known = Confirmation(True, low=text, high=text)
    assert _expected(wide, known) == "1.2345678901234568e-72"
    for kept in (None, Confirmation(False, low=text, high=text), Confirmation(True, low=text, high="2.0e-72")):
        assert _expected(wide, kept) == "1e-72"
    assert _expected(narrow, known) == "1.2500000000000000"
    assert _expected(arb(0, "1e-80"), known) == "0"
    assert _expected(arb("nan"), known) == "undefined"
