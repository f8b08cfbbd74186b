"""Second derivatives where a text is singular, or at a kink that the derivative does not see: the closed form is the truth."""

from __future__ import annotations

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE
from gradlaw.identities.operators import diag
from gradlaw.oracle.confirm import confirm
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.modes import SECOND
from gradlaw.oracle.orders import higher
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.verdict import judge

NAN = float("nan")
AT_SINGULARITY = [
    ("norm_squared", {"x": [0.0, 0.0]}, ()),
    ("distance_squared", {"x": [1.0, 2.0], "y": [1.0, 2.0]}, ()),
    ("hypot_squared", {"x": [0.0], "y": [0.0]}, (1,)),
    ("std_squared", {"x": [2.0, 2.0]}, ()),
    ("sqrt_fourth", {"x": [0.0]}, (1,)),
    ("matern", {"x": [0.0]}, (1,)),
    ("unguarded_sqrt", {"x": [-2.0]}, (1,)),
    ("unguarded_log", {"x": [-2.0]}, (1,)),
]


def problem_at(name, mode, arguments, shape):
    entry = CATALOGUE.entries[f"guards.{name}"]
    given = {k: np.asarray(v) for k, v in arguments.items()}
    ones = {k: np.ones(v.shape) for k, v in given.items()}
    made = Derivative.of(entry, given, tuple(given), "forward", ones, None, shape)
    return higher(made, mode, lambda size, stream: np.random.default_rng(stream).normal(size=size), "x")


def graded(problem, got):
    return [grade.verdict for grade in judge(enclose(problem, format_of("float64")), got).grades]


@pytest.mark.parametrize("mode", SECOND)
@pytest.mark.parametrize(("name", "arguments", "shape"), AT_SINGULARITY, ids=lambda value: str(value))
def test_at_the_singularity_the_second_derivative_is_that_of_the_closed_form(name, arguments, shape, mode):
    """The truth is right; NaN and another number are wrong, and mixed differences of the written text confirm it."""
    problem = problem_at(name, mode, arguments, shape)
    made = enclose(problem, format_of("float64"))
    right = [float(ball.mid()) for ball in made.exact.outputs.balls]
    assert set(graded(problem, right)) == {Verdict.RIGHT}
    k = next(k for k, label in enumerate(made.exact.outputs.labels) if label.part != "primal")
    for planted in (NAN, right[k] + 2.5):
        judgement = judge(made, [*right[:k], planted, *right[k + 1 :]])
        assert judgement.grades[k].verdict is Verdict.WRONG
        found = confirm(problem, judgement.labels[k], planted, radius=float(judgement.radius[k]))
        assert found.confirmed, found.reason


def test_beside_the_singularity_the_written_text_says_what_rounding_may_do():
    """The second derivative of √(x⁴) at 1.5 is 2, rounded by the text as written, beside an element that is 0."""
    problem = problem_at("sqrt_fourth", "forward-over-forward", {"x": [0.0, 1.5]}, (2,))
    made = enclose(problem, format_of("float64"))
    assert made.outputs.balls[3].rad() > 0
    right = [float(ball.mid()) for ball in made.exact.outputs.balls]
    assert set(graded(problem, right)) == {Verdict.RIGHT}
    assert graded(problem, [*right[:3], right[3] * 1.01])[3] is Verdict.WRONG


def test_zero_times_what_is_unbounded_is_no_second_derivative():
    """√(x²)² at 0: 2·s·ds with s = 0 and ds unbounded is not 0, as the text alone would have it."""
    problem = problem_at("norm_squared", "forward-over-forward", {"x": [0.0]}, ())
    assert graded(problem, [0.0, 0.0])[1] is Verdict.WRONG


@pytest.mark.parametrize("mode", SECOND[:4])
def test_at_a_kink_that_the_second_derivative_has_nothing_is_claimed(mode):
    problem = problem_at("x_abs", mode, {"x": [0.0]}, (1,))
    made = enclose(problem, format_of("float64"))
    assert made.exact.choices
    assert problem.settled(made.exact.outputs.balls, 128) is False


def cubic(text, slope, x=0.0):
    """x³ by a text and by the text ``slope`` for its derivative, differentiated twice."""
    given = {"x": np.array([x])}
    partials = {"x": lambda xp, x: diag(slope(xp, x))}
    made = Derivative(text, given, ("x",), "forward", {"x": np.ones(1)}, None, partials, (1,))
    return higher(made, "forward-over-forward", lambda shape, stream: np.ones(shape), "x")


def test_at_a_kink_with_one_second_derivative_it_is_claimed():
    problem = cubic(lambda xp, x: x**3, lambda xp, x: 3 * xp.abs(x) * xp.abs(x))
    assert enclose(problem, format_of("float64")).exact.choices == []
    assert graded(problem, [0.0, 0.0])[1] is Verdict.RIGHT
    for planted in (NAN, 1.0):
        assert graded(problem, [0.0, planted])[1] is Verdict.WRONG


def test_a_text_whose_slope_jumps_at_the_kink_has_no_say_there():
    """x·x·|x| has the second derivative 6·|x|, of which its text knows nothing at 0: 0·(a jump)."""
    problem = cubic(lambda xp, x: x * x * xp.abs(x), lambda xp, x: 3 * x * xp.abs(x))
    assert Verdict.WRONG not in graded(problem, [0.0, NAN])


def test_a_closed_form_whose_sides_differ_settles_nothing():
    problem = cubic(lambda xp, x: x**3, lambda xp, x: xp.maximum(x, xp.zeros_like(x)))
    assert enclose(problem, format_of("float64")).exact.choices


def test_a_text_whose_sides_differ_settles_nothing():
    problem = cubic(lambda xp, x: x**3 + xp.maximum(x, xp.zeros_like(x)) ** 2, lambda xp, x: 3 * xp.abs(x) * xp.abs(x))
    made = enclose(problem, format_of("float64"))
    assert made.exact.choices or not made.outputs.balls[1].is_finite()
