"""Where a partial derivative overflows in the format an answer that is not finite is no claim; everywhere else it is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.orders import higher
from gradlaw.oracle.problems import Derivative, Statement
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.functions import Section

# 1/√x: the derivative −x^(−3/2)/2 overflows in float64 at 1e-250 and does not at 1e-100.
BEYOND, WITHIN = 1e-250, 1e-100
RSQRT = CATALOGUE.entries["elementwise_more.rsqrt"]
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])
NOT_FINITE = pytest.mark.parametrize("bad", [math.nan, math.inf])


def first(x, mode, direction=0.0):
    x = np.array(x)
    along = np.full(x.shape, direction)
    tangents, cotangent = ({"x": along}, None) if mode == "forward" else ({}, along)
    return Derivative.of(RSQRT, {"x": x}, ["x"], mode, tangents, cotangent, x.shape)


def verdicts(problem, put, bad, dtype="float64"):
    """The verdicts where the component number ``put`` is ``bad`` and all others are right."""
    made = enclose(problem, format_of(dtype))
    got = [float(ball.mid()) for ball in made.exact.outputs.balls]
    got[put] = bad
    return [grade.verdict for grade in judge(made, got).grades]


@NOT_FINITE
@MODES
def test_zero_times_an_overflowing_partial_is_no_claim(mode, bad):
    assert verdicts(first([BEYOND], mode), 1, bad)[1] is Verdict.NO_CLAIM


@MODES
@pytest.mark.parametrize(("part", "expected"), [(0.99, Verdict.WRONG), (1.01, Verdict.NO_CLAIM)])
def test_the_largest_number_is_the_border(mode, part, expected):
    x = (2 * part) ** (-2 / 3) * np.finfo(np.float64).max ** (
        -2 / 3
    )  # where the partial is this part of the largest number
    assert verdicts(first([x], mode), 1, math.nan)[1] is expected


@NOT_FINITE
@MODES
def test_zero_times_a_partial_within_the_format_is_wrong(mode, bad):
    assert verdicts(first([WITHIN], mode), 1, bad)[1] is Verdict.WRONG


@MODES
def test_only_the_component_whose_partial_overflows_is_excused(mode):
    problem = first([BEYOND, WITHIN], mode)
    assert verdicts(problem, 2, math.nan)[2] is Verdict.NO_CLAIM
    assert verdicts(problem, 3, math.nan)[3] is Verdict.WRONG


@MODES
def test_a_small_direction_is_as_good_as_zero(mode):
    # The product of −5·10³⁷⁴ and 10⁻²⁰⁰ can be written down; that of an infinity and 10⁻²⁰⁰ cannot.
    assert verdicts(first([BEYOND], mode, 1e-200), 1, -math.inf)[1] is Verdict.NO_CLAIM


@MODES
def test_a_finite_answer_is_not_excused(mode):
    assert verdicts(first([BEYOND], mode), 1, 1.0)[1] is Verdict.WRONG


def test_the_value_itself_is_not_excused():
    assert verdicts(first([BEYOND], "forward"), 0, math.nan)[0] is Verdict.WRONG


@pytest.mark.parametrize("mode", ["forward-over-forward", "reverse-over-forward", "forward-over-reverse"])
def test_a_second_derivative_is_excused_by_its_own_partial(mode):
    # 3/4 x^(−5/2): within the format at 1e-100, beyond it at 1e-150; where the inner direction is 0 there is no other sign.
    for x, wanted in ((1e-150, Verdict.NO_CLAIM), (1e-100, Verdict.WRONG)):
        problem = higher(first([x], "forward"), mode, lambda shape, stream: np.zeros(shape), "x")
        assert verdicts(problem, 1, math.nan)[1] is wanted


def test_a_second_derivative_is_excused_by_the_first_where_that_overflows():
    """Of |x|³: 3x|x| is beyond the largest number at 10¹⁵⁴, and 6|x| is not; the other element is not excused."""
    x = np.array([1e154, 1e100])
    cubed = Derivative.of(CATALOGUE.entries["guards.abs_cubed"], {"x": x}, ["x"], "forward", {"x": 0 * x}, None, (2,))
    problem = higher(cubed, "forward-over-reverse", lambda shape, stream: np.full(shape, float(stream < 200)), "x")
    assert verdicts(problem, 2, math.nan)[2] is Verdict.NO_CLAIM
    assert verdicts(problem, 3, math.nan)[3] is Verdict.WRONG


@MODES
def test_a_law_is_excused_by_the_derivatives_that_it_speaks_of(mode):
    law = CATALOGUE.entries["laws.zero_directions"]
    for x, wanted in ((BEYOND, Verdict.NO_CLAIM), (WITHIN, Verdict.WRONG)):
        function = Section(RSQRT, ("x",), {})
        problem = Statement(law, {"x": np.array([x])}, {"f": function}, mode, lambda shape, stream: np.ones(shape))
        assert verdicts(problem, 0, math.nan)[0] is wanted


def product(name, x, flush=False):
    """The derivative of a product, enclosed, and where its last value is among the components."""
    x = np.array(x, np.float32)
    running = name.startswith("cumulative")
    given = {"x": x} if running else {"x": x[None], "axis": 1, "keepdims": False}
    shape = x.shape if running else (1,)
    problem = Derivative.of(CATALOGUE.entries[name], given, ("x",), "reverse", {}, np.ones(shape, np.float32), shape)
    made = enclose(problem, format_of("float32"), flush=flush)
    return made, max(k for k, label in enumerate(made.exact.outputs.labels) if label.part == "primal")


def verdict_of(made, put, value):
    got = [float(ball.mid()) for ball in made.exact.outputs.balls]
    return judge(made, [value if k == put else right for k, right in enumerate(got)]).grades[put].verdict


PRODUCTS = pytest.mark.parametrize("name", ["statistics.prod", "cumulative.cumulative_prod"])


@PRODUCTS
@pytest.mark.parametrize(("flush", "verdict"), [(True, Verdict.INACCURATE), (False, Verdict.WRONG)])
def test_a_product_that_underflows_in_another_order_is_inaccurate(name, flush, verdict):
    """7·10⁻³² × 10⁹ × 3·10⁻⁸, the small factors first: the product of these is below the normal numbers."""
    made, put = product(name, [7e-32, 1e9, 3e-8], flush)
    assert verdict_of(made, put, 2.0999999e-30) is Verdict.RIGHT
    assert verdict_of(made, put, 0.0) is verdict
    assert verdict_of(made, put, 1e-20) is Verdict.WRONG


@PRODUCTS
@pytest.mark.parametrize(
    ("x", "verdict"), [([1e30, 1e-30, 1e20], Verdict.NO_CLAIM), ([1e10, 1e-30, 1e20], Verdict.WRONG)]
)
def test_a_product_that_overflows_in_another_order_may_be_not_finite(name, x, verdict):
    """10³⁰ × 10²⁰ is beyond float32, 10¹⁰ × 10²⁰ is not."""
    made, put = product(name, x)
    for bad in (math.nan, math.inf):
        assert verdict_of(made, put, bad) is verdict
    assert verdict_of(made, put, 0.0) is Verdict.WRONG
