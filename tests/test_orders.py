"""Second and third derivatives: their truth, their definition, and what a wrong one looks like."""

from __future__ import annotations

import contextlib
import io
from functools import partial
from typing import ClassVar

import mpmath
import numpy as np
import pytest
from gradlaw.backends.jax import Jax
from gradlaw.identities import CATALOGUE, Unmet
from gradlaw.oracle import mixed
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.cell import run_cell
from gradlaw.oracle.confirm import confirm
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.counterexample import CellKey
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import draw_problem, rules_of
from gradlaw.oracle.highprecision import MP, SPECIAL_STEPS, Unknown, limit
from gradlaw.oracle.mixed import mixed_definition
from gradlaw.oracle.modes import ALL, FIRST, HESSIAN, SECOND, THIRD, nesting
from gradlaw.oracle.orders import Higher, higher
from gradlaw.oracle.problems import Derivative, Label
from gradlaw.oracle.protocol import register
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.tape import Tape, Undecided
from gradlaw.oracle.verdict import judge
from gradlaw.reports.items import key_of
from gradlaw.reports.selection import SelectionError, select
from gradlaw.strategies.draw import LENGTH
from gradlaw.strategies.search import PROFILES

RULES = rules_of()
HIGHER = (*SECOND, *THIRD)
SAVED = [
    CATALOGUE.entries[name]
    for name in ("complex_functions.expm1", *(f"complex_tangents.{f}" for f in ("tan", "tanh", "expit")))
]
"""Rules of which an equal form says what a library makes of the saved value when it differentiates once more."""

_BITS = 2000
"""Of inputs of every magnitude and cancelling sums of their products little is left of a few hundred."""


def problems(rule, mode, count):
    """Drawn examples of a rule, smooth points and others."""
    rng = np.random.default_rng([*rule.id.encode(), *mode.encode()])
    for _ in range(count):
        drawn = draw_problem(rule, rng.bytes(LENGTH), np.dtype("float64"), mode)
        assert drawn is not None
        problem = drawn[1]
        assert isinstance(problem, Higher)
        if problem.tells:
            yield problem


def evaluated(compute):
    """Components over exact balls; None at a kink or a jump."""
    with Balls(None, _BITS) as balls:
        tape = Tape(balls, exact=True)
        try:
            found = compute(tape)
        except (Undecided, Unmet):
            return None
        return None if tape.kinks or tape.jumped else found


@pytest.mark.parametrize("mode", HIGHER)
@pytest.mark.parametrize("rule", [*RULES, *SAVED], ids=lambda rule: rule.id)
def test_the_closed_form_differentiated_is_the_text_differentiated_again(rule, mode):
    compared = 0
    for problem in problems(rule, mode, 8):
        text = evaluated(problem._text_on)
        for number in range(problem.more_forms + 1):
            closed = evaluated(partial(problem.closed_on, number=number))
            if closed is None or text is None:
                continue
            assert closed.labels == text.labels
            assert closed.shapes == text.shapes
            for label, a, b in zip(closed.labels, closed.balls, text.balls, strict=True):
                if a.is_finite() and b.is_finite():
                    assert a.overlaps(b), (number, label, a, b)
                    compared += number == 0
    assert compared or rule.jumps


@pytest.mark.parametrize("mode", HIGHER)
@pytest.mark.parametrize(
    "name",
    ["elementary.tanh", "expansion.divide_by_scalar", "scalar.power_real", "loss.squared_error", "chain.log_square"],
)
def test_mixed_differences_give_the_truth(name, mode):
    known = 0
    for problem in problems(CATALOGUE.entries[name], mode, 8):
        found = evaluated(problem.closed_on)
        if found is None:
            continue
        for label, truth in list(zip(found.labels, found.balls, strict=True))[:6]:
            if label.part == "primal" and mode in THIRD:
                continue
            try:
                low, high, digits = mixed_definition(problem, label)
            except Unknown:
                continue
            known += 1
            assert digits >= 60
            with MP.workprec(3000):
                exact = MP.mpf(truth.mid().str(200, radius=False))
                assert abs(low - exact) <= abs(exact) * MP.mpf(10) ** -55 + MP.mpf(10) ** -380
                assert abs(high - exact) <= abs(exact) * MP.mpf(10) ** -55 + MP.mpf(10) ** -380
    assert known >= 3


@pytest.mark.parametrize(
    ("name", "given", "truth"),
    [
        ("special.spence", {"x": 0.3}, lambda z: 1 / (z * (1 - z)) + mpmath.log(z) / (1 - z) ** 2),
        ("special.spence", {"x": 2.0}, lambda z: 1 / (z * (1 - z)) + mpmath.log(z) / (1 - z) ** 2),
        ("special_binary.betaln", {"a": 1.0, "b": 1.0}, lambda a, b: mpmath.psi(1, a) - mpmath.psi(1, a + b)),
    ],
)
def test_mixed_differences_of_a_special_function_need_no_thousand_digits(name, given, truth, monkeypatch):
    """Its second derivative by its first argument, with the steps that a special function is given: others take minutes."""
    seen = []
    monkeypatch.setattr(
        mixed, "limit", lambda reach, quotients, steps: seen.append(steps) or limit(reach, quotients, steps)
    )
    arguments = {key: np.array([value]) for key, value in given.items()}
    by = next(iter(given))
    first = Derivative.of(CATALOGUE.entries[name], arguments, tuple(given), "reverse", {}, np.ones(1), (1,))
    problem = higher(first, "reverse-over-reverse", lambda shape, _: np.ones(shape), by)
    low, high, digits = mixed_definition(problem, Label(by, (0,)))
    assert seen == [SPECIAL_STEPS]
    assert digits >= 60
    with mpmath.workdps(70):
        exact = truth(*map(mpmath.mpf, given.values()))
        assert max(abs(low - exact), abs(high - exact)) < mpmath.mpf(10) ** -58


@pytest.mark.parametrize("mode", SECOND)
def test_the_definition_tells_a_kink_with_a_second_derivative_from_one_without(mode):
    """At 0 those of |x|³ and x|x|: the function's values are certain at a tie, only its jumps are not."""

    def at_zero(name):
        first = Derivative.of(CATALOGUE.entries[name], {"x": np.zeros(1)}, ("x",), "reverse", {}, np.ones(1), (1,))
        problem = higher(first, mode, lambda shape, _: np.ones(shape), "x")
        with Balls(None, 200) as balls:
            return problem, problem.closed_on(Tape(balls, exact=True)).labels[-1]

    low, high, digits = mixed_definition(*at_zero("guards.abs_cubed"))
    assert max(abs(low), abs(high)) < MP.mpf(10) ** -60
    assert digits >= 60
    with pytest.raises(Unknown, match="both signs disagree"):
        mixed_definition(*at_zero("guards.x_abs"))


def test_truth_is_not_confirmed_as_wrong_and_an_error_is():
    problem = next(problems(CATALOGUE.entries["elementary.sin"], "forward-over-forward", 1))
    found = evaluated(problem.closed_on)
    assert found is not None
    label, truth = found.labels[-1], float(found.balls[-1].mid())
    assert not confirm(problem, label, truth, radius=abs(truth) * 1e-15 + 1e-320).confirmed
    assert confirm(problem, label, truth + 1e-3, radius=abs(truth) * 1e-15 + 1e-320).confirmed


@pytest.mark.parametrize("name", ["tanh", "atanh"])
def test_a_second_derivative_lost_by_a_right_first_one_is_inaccurate_and_a_wrong_one_wrong(name):
    # By (1 + y)(1 − y) for 1 − y²: its derivative (1 − y) − (1 + y) is 0 at a small y.
    x = np.array([1e-20])
    one = {"x": np.ones(1)}
    rule = CATALOGUE.entries[f"elementary.{name}"]
    first = Derivative(rule.function, {"x": x}, ("x",), "forward", one, None, rule.partials, (1,))
    problem = higher(first, "forward-over-forward", lambda shape, _: np.ones(shape), "x")
    enclosed = enclose(problem, format_of(np.float64))
    truth = {"tanh": -2e-20, "atanh": 2e-20}[name]
    judged = {value: judge(enclosed, [1.0, value]).verdict for value in (truth, 0.0, 1e-13)}
    assert judged[truth] is Verdict.RIGHT
    assert judged[0.0] is Verdict.INACCURATE
    assert judged[1e-13] is Verdict.WRONG


@pytest.mark.parametrize(
    ("name", "x", "y", "inner", "outer", "part"),
    [
        ("complex_functions.expm1", -25.0, 0.5, "x", "x", "real"),
        ("complex_functions.expm1", -25.0, 0.5, "y", "y", "real"),
        ("complex_tangents.tanh", 12.0, 0.5, "x", "y", "imaginary"),
        ("complex_tangents.tan", 0.5, 12.0, "y", "x", "real"),
        ("complex_tangents.expit", 25.0, 0.5, "x", "y", "imaginary"),
    ],
)
def test_a_loss_of_the_rule_for_the_first_derivative_is_one_of_the_second_derivative_too(
    name, x, y, inner, outer, part
):
    """1 of (e^z − 1) + 1 or 1 − tanh² z, as libraries differentiate from the value: of the 10⁻¹¹ that is left, u is lost.

    In these directions, of the second derivative by ``inner`` and ``outer``, only a saved derivative has this loss.
    """
    rule, given = CATALOGUE.entries[name], {"x": np.array([x]), "y": np.array([y])}

    def along(shape, stream):
        return np.full(shape, float("xy"[stream % 2] == (inner if stream >= 300 else outer)))

    first = Derivative.of(rule, given, ("x", "y"), "forward", {}, None, (2, 1))
    enclosed = enclose(higher(first, "forward-over-forward", along, "x"), format_of("float64"))
    assert enclosed.exact is not None
    truth = [float(ball.mid()) for ball in enclosed.exact.outputs.balls]
    lost = enclosed.exact.outputs.labels.index(Label("jvp", (("real", "imaginary").index(part), 0)))

    def verdict(error):
        return judge(enclosed, [value + error * (k == lost) for k, value in enumerate(truth)]).verdict

    assert [verdict(0.0), verdict(1e-16), verdict(1e-12)] == ["right", "inaccurate", "wrong"]


@pytest.mark.parametrize("x", [1.79e308, -1.79e308])
def test_a_second_derivative_below_every_exponent_is_0(x):
    """Of ln(1 + eˣ) far out: e to the power −10³⁰⁸ has an exponent that is no float."""
    rule = CATALOGUE.entries["special.softplus"]
    first = Derivative.of(rule, {"x": np.array([x])}, ("x",), "reverse", {}, np.ones(1), (1,))
    problem = higher(first, "reverse-over-reverse", lambda shape, _: np.ones(shape), "x")
    found = confirm(problem, Label("x", (0,)), np.nan, radius=0.0)
    assert found.confirmed, found.reason


class Planted(Jax):
    """JAX, with sin natively by a rule whose second derivative is wrong."""

    name: ClassVar[str] = "planted"
    distribution: ClassVar[str] = "jax"
    imports: ClassVar[tuple[str, ...]] = ("import wrong_seconds",)

    def natives(self):
        return {"elementary.sin": ["wrong_seconds.sin(x)"]}


@pytest.fixture
def planted():
    register("planted", Planted)
    return "native:wrong_seconds.sin(x)"


@pytest.mark.parametrize("mode", HIGHER)
def test_a_wrong_second_derivative_is_found_in_every_nesting(mode, planted):
    result = run_cell(CellKey("elementary.sin", "planted", planted, mode, "float64"), profile=PROFILES["ci"])
    assert result.status == "fail"
    found = result.counterexamples[0]
    assert found.confirmed
    assert "derivative" in found.headline
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(found.script, "script", "exec"), {})
    got = out.getvalue().splitlines()[0]
    assert float(got.removeprefix("got").split("(")[-1].split(",")[0].rstrip(")")) == pytest.approx(
        found.worst_got, rel=1e-9
    )


@pytest.mark.parametrize("mode", FIRST)
def test_its_first_derivative_is_right(mode, planted):
    result = run_cell(CellKey("elementary.sin", "planted", planted, mode, "float64"), profile=PROFILES["ci"])
    assert result.status == "pass"


@pytest.mark.parametrize("mode", HIGHER)
def test_the_right_one_passes(mode):
    result = run_cell(CellKey("elementary.sin", "jax", "composed", mode, "float64"), profile=PROFILES["fast"])
    assert result.status == "pass"


@pytest.mark.parametrize("mode", SECOND[:1])
def test_an_example_at_a_kink_does_not_count_where_nothing_is_claimed_of_it(mode):
    """Else the few examples of the profile fast may all be such, and the cell says nothing."""
    key = CellKey("elementwise.maximum", "jax", "composed", mode, "float32")
    result = run_cell(key, profile=PROFILES["fast"])
    assert result.status == "pass"
    assert result.verdicts["hypothesis not met"] > 0
    assert result.examples == PROFILES["fast"].further


def at_a_point(identity, mode, **arguments):
    """The enclosure of the derivative by the last argument along all ones."""
    rule = CATALOGUE.entries[identity]
    given = {name: np.array([x]) for name, x in arguments.items()}
    first = Derivative.of(rule, given, tuple(given), "reverse", {}, np.ones(1), (1,))
    return enclose(higher(first, mode, lambda shape, _: np.ones(shape), list(given)[-1]), format_of("float64"))


@pytest.mark.parametrize("mode", SECOND)
def test_at_a_jump_of_the_function_there_is_no_derivative_of_any_order(mode):
    """Of which the closed form, 0 on both sides, knows nothing."""
    assert at_a_point("binary.floor_divide", mode, x=1.0, y=0.5).exact.jumped
    beside = at_a_point("binary.floor_divide", mode, x=1.0, y=0.4).exact
    assert not beside.jumped
    assert all(ball.is_zero() for ball in beside.outputs.balls)


@pytest.mark.parametrize("mode", [*SECOND, HESSIAN])
def test_where_it_is_0_what_another_formula_cancels_is_inaccurate_and_more_is_wrong(mode):
    """The second derivative of |x| is 0; 1/|x| − x²/|x|³ leaves some 10⁻¹⁶/|x|."""
    enclosed = at_a_point("elementwise_more.abs", mode, x=1e5)
    for got, verdict in ((0.0, "right"), (1e-21, "inaccurate"), (1e-12, "wrong"), (1e-5, "wrong")):
        assert judge(enclosed, [1.0, got]).verdict == verdict


@pytest.mark.parametrize("mode", SECOND)
@pytest.mark.parametrize(
    ("name", "x", "lost", "wrong"),
    [
        ("bessel.i0e", 9e4, 1e-19, 1e-15),
        ("bessel.i1e", 9e4, 1e-19, 1e-15),
        ("special.erfcx", 1e4, 1e-12, 1e-9),
        ("special.log_ndtr", -1e3, 1e-5, 0.1),
    ],
)
def test_what_cancels_in_the_usual_rule_is_inaccurate(mode, name, x, lost, wrong):
    """e⁻ˣ (½ (Iₙ₋₁ + Iₙ₊₁) − Iₙ), differentiated so twice: of terms of 10⁻³ some 10⁻¹³ is left. Of erfcx likewise."""
    enclosed = at_a_point(name, mode, x=x)
    slope, truth = (float(ball.mid()) for ball in enclosed.exact.outputs.balls)
    for error, verdict in ((0.0, "right"), (lost, "inaccurate"), (wrong, "wrong")):
        assert judge(enclosed, [slope, truth + error]).verdict == verdict


@pytest.mark.parametrize("mode", SECOND)
def test_a_second_derivative_that_differs_on_both_sides_is_not_claimed(mode):
    """e^(−|x|) I₁(x) is x/2 − x|x|/2 + … at 0."""
    assert not at_a_point("bessel.i1e", mode, x=0.0).exact.outputs.balls[-1].is_finite()
    for x in (1e-9, -1e-9):
        second = at_a_point("bessel.i1e", mode, x=x).exact.outputs.balls[-1]
        assert abs(second + np.sign(x)) < 1e-8


def test_a_backend_says_how_often_it_differentiates():
    result = run_cell(CellKey("elementary.sin", "reference", "composed", SECOND[0], "float64"))
    assert result.status == "unsupported"


@pytest.mark.parametrize("mode", ALL)
def test_cell_ids_are_read_back(mode):
    key = CellKey("nn.softmax", "torch", "native:torch.softmax(x - 1, dim=-1)", mode, "float64")
    assert key_of(str(key)) == key


def test_groups_of_modes():
    assert select(modes=["second"]).modes == SECOND
    assert select(modes=["first", "hessian"]).modes == (*FIRST, HESSIAN)
    assert set(select(profile="fast").derivative_modes) == set(FIRST)
    assert set(select(profile="ci").derivative_modes) == {*FIRST, *SECOND}
    assert set(select(profile="deep").derivative_modes) == set(ALL)
    with pytest.raises(SelectionError, match="forward-over-forward"):
        select(modes=["forward-over"])


def test_nestings_are_read_from_outside():
    assert nesting("forward-over-reverse") == ["forward", "reverse"]
    assert nesting("reverse") == ["reverse"]
