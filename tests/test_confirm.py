"""The definition at 60 digits: right derivatives are never called wrong, planted errors are confirmed."""

from __future__ import annotations

import math
from collections import Counter
from functools import partial

import mpmath
import numpy as np
import pytest
from chosen import CORE
from domains_of_functions import into_domain
from gradlaw.identities import CATALOGUE, Equal, Registry, Rule, Unmet, law
from gradlaw.identities.operators import diag, eye
from gradlaw.identities.sources import PH
from gradlaw.oracle.arrays import Namespace
from gradlaw.oracle.confirm import Confirmation, confirm
from gradlaw.oracle.constants import CONFIRMATION_DIGITS, format_of
from gradlaw.oracle.elementary import FUNCTIONS
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import draw_problem, problem_of
from gradlaw.oracle.highprecision import MP, STEPS, MpmathAlgebra, decimal, digits_of, precision
from gradlaw.oracle.problems import Derivative, Label, Statement
from gradlaw.oracle.quotients import MpmathDerivation
from gradlaw.oracle.special_digits import besseli
from gradlaw.strategies import scalar
from gradlaw.strategies.draw import LENGTH, Example

EVERY = list(CATALOGUE.entries.values())
ONE = np.array(1.0)
JVP = Label("jvp", ())


def derivative(function, mode="forward", cotangent=None, tangents=None, **arguments) -> Derivative:
    """A problem by its function of (xp, *arguments); tangents and cotangent are ones by default."""
    arrays = {name: np.asarray(x, np.float64) for name, x in arguments.items()}
    along = {name: np.ones_like(x) for name, x in arrays.items()} if tangents is None else tangents
    return Derivative(function, arrays, tuple(arrays), mode, along, cotangent)


def sixty(value) -> str:
    return mpmath.nstr(value, CONFIRMATION_DIGITS)


@pytest.fixture(autouse=True)
def _eighty_digits():
    with mpmath.workdps(80):
        yield


# Known derivatives.

mp = mpmath.mpf
KNOWN = [
    (lambda xp, x: xp.exp(x), {"x": 0.7}, lambda x: mpmath.exp(x)),
    (lambda xp, x: xp.sin(x**2), {"x": 1.3}, lambda x: 2 * x * mpmath.cos(x**2)),
    (lambda xp, x: xp.sin(x**3), {"x": 1e300}, lambda x: _huge_angle()),
    (lambda xp, x: x**0, {"x": 0.0}, lambda x: mp(0)),
    (lambda xp, x: x**-3, {"x": 0.1}, lambda x: -3 / x**4),
    (lambda xp, x: 1 / x, {"x": 5e-324}, lambda x: -1 / x**2),
    (lambda xp, x: 2 * x + x**8, {"x": 1e-200}, lambda x: 2 + 8 * x**7),
    (lambda xp, x: x**2 + x**3, {"x": 0.0}, lambda x: mp(0)),
    (lambda xp, x: xp.where(x > 0, x, 0 * x), {"x": 1e-300}, lambda x: mp(1)),
]


def _huge_angle():
    with mpmath.workdps(2000):
        x = mpmath.mpf(1e300)
        return 3 * x**2 * mpmath.cos(x**3)


@pytest.mark.parametrize(("function", "arguments", "expected"), KNOWN)
def test_known_derivatives_to_60_digits(function, arguments, expected):
    found = confirm(derivative(function, **arguments), JVP, 0.0, radius=math.inf)
    assert found.low == found.high == sixty(expected(mp(arguments["x"])))
    assert found.digits >= CONFIRMATION_DIGITS
    assert not found.confirmed


def test_a_power_by_base_and_exponent():
    problem = derivative(lambda xp, x, a: x**a, "reverse", ONE, x=2.5, a=1.75)
    x, a = mp(2.5), mp(1.75)
    assert confirm(problem, Label("x", ()), 0.0, radius=0.0).low == sixty(a * x ** (a - 1))
    assert confirm(problem, Label("a", ()), 0.0, radius=0.0).low == sixty(x**a * mpmath.log(x))


def test_one_entry_of_a_quotient_and_of_a_loss():
    arrays = {"w": [1.0, 2.0], "x": [3.0, 7.0]}
    problem = derivative(lambda xp, w, x: w / x, "reverse", np.array([1.0, 10.0]), **arrays)
    assert confirm(problem, Label("x", (1,)), 0.0, radius=0.0).low == sixty(mp(-20) / 49)
    assert confirm(problem, Label("w", (0,)), 0.0, radius=0.0).low == sixty(mp(1) / 3)
    rule = CATALOGUE.entries["loss.neuron_loss"]
    data = {"w": [1.0, 2.0], "b": 0.5, "X": [[1.0, 1.0], [-3.0, 0.0], [0.25, 1.0]], "y": [1.0, 1.0, 1.0]}
    problem = derivative(rule.function, "reverse", ONE, **data)
    # z = 3.5, −2.5, 2.75: the second sample is not active.
    assert confirm(problem, Label("w", (0,)), 0.0, radius=0.0).low == sixty(mp(2) / 3 * (mp(2.5) + mp(1.75) / 4))
    assert confirm(problem, Label("y", (1,)), 0.0, radius=0.0).low == sixty(mp(2) / 3)


def test_the_primal_value():
    problem = derivative(lambda xp, x: xp.exp(x) / 3, x=[0.0, 0.7])
    found = confirm(problem, Label("primal", (1,)), float(mpmath.exp(0.7) / 3), radius=1e-15)
    assert found.low == found.high == sixty(mpmath.exp(mp(0.7)) / 3)
    assert not found.confirmed
    assert confirm(problem, Label("primal", (1,)), 0.67, radius=1e-15).confirmed


@pytest.mark.parametrize("summed", [False, True], ids=["beside", "in one sum"])
@pytest.mark.parametrize("large", [5000.0, 50_000.0, 1e9])
def test_a_number_beside_a_huge_one_is_not_lost(summed, large):
    """The slope of e^0.3 beside e^5000 is below the last bit of their sum: it is found with more bits or not known."""

    def f(xp, x):
        return xp.sum(xp.exp(x)) if summed else xp.exp(x)

    problem = derivative(f, "reverse", np.ones(() if summed else 2), x=[large, 0.3])
    truth = float(mpmath.exp(mp(0.3)))
    found = confirm(problem, Label("x", (1,)), truth, radius=1e-15)
    assert not found.confirmed
    assert found.low in ("", sixty(mpmath.exp(mp(0.3))))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_elementary_function_has_a_value_and_a_derivative(name):
    x = into_domain(name, 0.375)
    problem = derivative(lambda xp, x: getattr(xp, name)(x), x=x)
    exact = partial(FUNCTIONS[name].by_mpmath, mpmath)
    with mpmath.workdps(300):
        h = mpmath.mpf(10) ** -100
        slope = (exact(mp(x) + h) - exact(mp(x) - h)) / (2 * h)
        assert confirm(problem, Label("primal", ()), 0.0, radius=0.0).low == sixty(exact(mp(x)))
        assert confirm(problem, JVP, 0.0, radius=0.0).low == sixty(slope)


# A right number is never confirmed as wrong; a wrong one is.


@pytest.mark.parametrize("identity", CORE, ids=lambda identity: identity.id)
def test_truth_is_never_confirmed_as_wrong_and_errors_are(identity):
    seen: Counter[str] = Counter()
    for seed in range(12 if isinstance(identity, Rule) else 6):
        data = np.random.default_rng([seed, 5]).integers(0, 256, LENGTH, np.uint8).tobytes()
        dtype, mode = np.dtype(("float64", "float32")[seed // 2 % 2]), ("forward", "reverse")[seed % 2]
        drawn = draw_problem(identity, data, dtype, mode)
        if drawn is None:
            continue
        try:
            exact = enclose(drawn[1], format_of(dtype)).exact
        except Unmet:
            continue
        if exact is None or not exact.outputs.labels:
            seen["nothing to compare"] += 1
            continue
        place = int(np.random.default_rng(seed).integers(len(exact.outputs.labels)))
        label, truth = exact.outputs.labels[place], exact.outputs.balls[place]
        right = float(truth.mid()) if truth.is_finite() else math.inf
        if not math.isfinite(right) or (isinstance(drawn[1], Statement) and exact.choices):
            continue
        radius = math.ulp(right) + float(truth.rad())
        found = confirm(drawn[1], label, right, radius=radius)
        assert not found.confirmed, (seed, label, found)
        if not found.low:
            continue
        seen["known"] += 1
        assert found.digits >= CONFIRMATION_DIGITS
        if seed < 4 and found.low == found.high:
            wrong = right * (1 + 2.0**-12) + 4 * radius
            assert confirm(drawn[1], label, wrong, radius=radius).confirmed, (seed, label, found)
    shape_laws = identity.id.startswith("jacobian.shape") or identity.id in (
        "chain.chain_shapes",
        "descent.lowers_the_loss",
        "system_laws.second_call",
    )
    assert seen["nothing to compare" if shape_laws else "known"] > 0


def test_a_planted_error_of_one_part_in_10_to_15_is_confirmed():
    problem = derivative(lambda xp, x: xp.sin(x**2), x=1.3)
    right = float(2 * mp(1.3) * mpmath.cos(mp(1.3) ** 2))
    assert not confirm(problem, JVP, right, radius=math.ulp(right)).confirmed
    found = confirm(problem, JVP, right + 8 * math.ulp(right), radius=4 * math.ulp(right))
    assert found.confirmed
    assert "from the definition" in found.reason


@pytest.mark.parametrize("got", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_wrong_where_the_definition_is_finite(got):
    assert confirm(derivative(lambda xp, x: x * x, x=3.0), JVP, got, radius=1.0).confirmed
    overflows = confirm(derivative(lambda xp, x: x * x * x, x=1e300), JVP, got, radius=1.0)
    assert overflows.confirmed == (got != math.inf), "the other infinity and NaN are wrong"
    assert overflows.low


def test_a_radius_that_is_not_known_confirms_nothing():
    problem = derivative(lambda xp, x: x * x, x=3.0)
    assert confirm(problem, JVP, 7.0, radius=0.5).confirmed
    assert not confirm(problem, JVP, 7.0, radius=math.nan).confirmed
    assert not confirm(problem, JVP, 7.0, radius=math.inf).confirmed


# Kinks.


def relu(xp, x):
    return xp.maximum(xp.zeros_like(x), x)


def interval(found: Confirmation) -> tuple[float, float]:
    return float(mp(found.low)), float(mp(found.high))


@pytest.mark.parametrize(("tangent", "low", "high"), [(1.0, 0.0, 1.0), (-2.0, -2.0, 0.0), (0.0, 0.0, 0.0)])
def test_both_sides_of_a_kink(tangent, low, high):
    problem = derivative(relu, x=0.0, tangents={"x": np.array(tangent)})
    for inside in (low, (low + high) / 2, high):
        found = confirm(problem, JVP, inside, radius=1e-9)
        assert interval(found) == (low, high)
        assert not found.confirmed
    for outside in (low - 0.001, high + 0.001):
        assert confirm(problem, JVP, outside, radius=1e-9).confirmed


def test_next_to_a_kink_there_is_one_value():
    for x, slope in ((5e-324, 1.0), (-5e-324, 0.0)):
        assert interval(confirm(derivative(relu, x=x), JVP, 0.5, radius=0.1)) == (slope, slope)


def test_kinks_that_the_line_does_not_cross_do_not_matter():
    problem = derivative(lambda xp, w, x: xp.maximum(w, x), w=[2.0, 3.0], x=[2.0, 3.0])
    assert interval(confirm(problem, Label("jvp", (0,)), 0.0, radius=0.1)) == (1.0, 1.0)


def test_several_kinks_allow_all_that_lies_between():
    def loss(xp, w, X):
        return xp.sum((1 - relu(xp, X @ w)) ** 2) / 2

    def of(rows):
        problem = derivative(loss, w=[0.0], X=rows, tangents={"w": np.ones(1), "X": np.zeros((2, 1))})
        return confirm(problem, JVP, 0.0, radius=1e-9)

    # The two one-sided values are −1 and 1 (opposite samples), and 0 is the convention's: neither alone bounds it.
    assert interval(of([[1.0], [-1.0]])) == (-1.0, 1.0)
    assert interval(of([[1.0], [2.0]])) == (-3.0, 0.0)
    assert not of([[1.0], [-1.0]]).confirmed
    assert interval(of([[1.0], [0.0]])) == (-1.0, 0.0)


def test_a_kink_inside_a_kink_is_not_certain():
    def nested(xp, x):
        return xp.maximum(xp.maximum(xp.zeros_like(x), x), 2 * x)

    found = confirm(derivative(nested, x=0.0), JVP, 77.0, radius=1.0)
    assert (found.confirmed, found.low) == (False, "")
    assert "inside one another" in found.reason


def test_a_kink_that_is_no_choice_has_two_sides():
    absolute = derivative(lambda xp, x: xp.sqrt(x**2), x=0.0)
    assert interval(confirm(absolute, JVP, 0.0, radius=0.1)) == (-1.0, 1.0)
    assert confirm(absolute, JVP, 1.5, radius=0.1).confirmed


@pytest.mark.parametrize(
    ("function", "x", "words"),
    [
        (lambda xp, x: xp.sqrt(xp.sqrt(x**2)), 0.0, "digits"),
        (lambda xp, x: xp.where(x > 0, xp.ones_like(x), xp.zeros_like(x)), 0.0, "jumps"),
        (lambda xp, x: xp.log(x), 0.0, "no finite value"),
        (lambda xp, x: 1 / x, 0.0, "no finite value"),
        (lambda xp, x: xp.sqrt(x), -1.0, "no finite value"),
        (lambda xp, x: (0 * x - 1) ** (x / 2), 1.0, "no finite value"),
        (lambda xp, x: xp.exp(x), 1e6, "beyond every format"),
        (lambda xp, x: xp.exp(xp.exp(xp.exp(x))), 1e3, "no finite value"),
        (lambda xp, x: xp.no_such_function(x), 1.0, "AttributeError"),
    ],
)
def test_where_the_definition_has_no_certain_value_nothing_is_confirmed(function, x, words):
    for got in (1.0, math.nan):
        found = confirm(derivative(function, x=x), JVP, got, radius=0.0)
        assert (found.confirmed, found.low, found.high) == (False, "", "")
        assert words in found.reason


def test_what_is_below_every_format_is_0():
    tiny = derivative(lambda xp, x: xp.exp(x), x=-1e6)
    assert confirm(tiny, JVP, math.nan, radius=0.0).confirmed
    assert confirm(tiny, JVP, 1e-300, radius=0.0).confirmed
    assert not confirm(tiny, JVP, 0.0, radius=0.0).confirmed


def test_an_unknown_label_confirms_nothing():
    problem = derivative(relu, x=1.0)
    for label in (Label("z", ()), Label("jvp", (3,)), Label("left 0", ())):
        assert not confirm(problem, label, 5.0, radius=0.0).confirmed


def test_a_choice_that_is_not_taken_may_be_undefined():
    problem = derivative(lambda xp, x: xp.where(x > 0, xp.log(x), x), x=-2.0)
    assert interval(confirm(problem, JVP, 1.0, radius=0.0)) == (1.0, 1.0)


def test_too_few_digits_are_noticed():
    # The second step is the first that resolves an oscillation of this frequency.
    def fast(xp, x):
        return xp.sin(x * 2.0**1000 * 2.0**1000) / 2.0**1000

    found = confirm(derivative(fast, x=0.0), JVP, 0.0, radius=0.0)
    assert found.low == sixty(mpmath.ldexp(1, 1000))
    with MP.workprec(1000):
        assert digits_of(MP.mpf(1), MP.mpf(1) + MP.mpf(10) ** -30) in (29, 30)
        assert digits_of(MP.mpf(1), MP.mpf(-1)) == 0
        assert digits_of(MP.mpf(1), MP.mpf(1)) == 999


# Laws.


def statement(claim, mode="forward", **arguments) -> Statement:
    declared = law(
        source=PH("2"), registry=Registry(), tex="claim", name="claim", **dict.fromkeys(arguments, scalar())
    )(claim)
    example = Example({}, {k: np.asarray(x) for k, x in arguments.items()}, {}, np.dtype("float64"))
    found = problem_of(declared, example, {}, mode)
    assert isinstance(found, Statement)
    return found


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_both_sides_of_a_law(mode):
    def claim(D, x):
        return Equal(x, x), Equal(D(lambda t: D.xp.sin(t**2))(x), diag(2 * x * D.xp.cos(x**2)))

    problem = statement(claim, mode, x=1.3)
    right = 2 * mp(1.3) * mpmath.cos(mp(1.3) ** 2)
    for side in ("left 1", "right 1"):
        found = confirm(problem, Label(side, ()), float(right), radius=1e-15)
        assert found.low == found.high == sixty(right)
        assert not found.confirmed
        assert confirm(problem, Label(side, ()), float(right) + 1e-12, radius=1e-15).confirmed
    assert confirm(problem, Label("left 0", ()), 1.3, radius=0.0).low == sixty(mp(1.3))


def test_a_false_law_accuses_nobody():
    problem = statement(lambda D, x: Equal(D(lambda t: t * t)(x), 3 * eye(D.xp, x)), x=1.25)
    found = confirm(problem, Label("left 0", ()), 99.0, radius=0.0)
    assert not found.confirmed
    assert "the law is in doubt" in found.reason


def test_a_law_at_a_kink_accuses_nobody():
    def claim(D, x):
        return Equal(D(lambda t: relu(D.xp, t))(x), diag(0 * x))

    found = confirm(statement(claim, x=0.0), Label("left 0", ()), 99.0, radius=0.0)
    assert not found.confirmed
    assert found.reason
    assert confirm(statement(claim, x=-1.0), Label("left 0", ()), 99.0, radius=0.0).confirmed


def test_an_unmet_hypothesis_accuses_nobody():
    def claim(D, x):
        D.require(x > 0)
        return Equal(x, x)

    assert not confirm(statement(claim, x=-1.0), Label("left 0", ()), 99.0, radius=0.0).confirmed
    assert confirm(statement(claim, x=1.0), Label("left 0", ()), 99.0, radius=0.0).confirmed


def test_a_derivative_of_a_derivative():
    with MP.workprec(precision(STEPS[0], 1)):
        algebra = MpmathAlgebra()
        xp = Namespace(algebra)
        D = MpmathDerivation(xp, algebra, STEPS[0])
        x, one = xp.asarray(np.array(0.75)), xp.ones(())

        def slope(t):
            return D(xp.sin)(t).matvec(xp, one)

        second = D(slope)(x).matvec(xp, one).item().value
        by_both = D.gradient(lambda a, b: xp.sin(a) * b)(x, one)
        assert decimal(second) == sixty(-mpmath.sin(mp(0.75)))
        assert [decimal(g.item().value) for g in by_both] == [sixty(mpmath.cos(mp(0.75))), sixty(mpmath.sin(mp(0.75)))]


def test_the_global_precision_of_mpmath_neither_matters_nor_changes():
    with mpmath.workdps(7):
        found = confirm(derivative(lambda xp, x: xp.exp(x), x=1.0), JVP, 0.0, radius=0.0)
        assert mpmath.mp.dps == 7
    assert found.low == sixty(mpmath.e)


FAR_OUT = {
    "special.spence": [{"x": x} for x in (3.4e38, 1e19, 5.0, 2.0, 1.7, 1.2, 0.3, 1e-3)],  # at the first JAX gives NaN
    "special.erfcx": [{"x": x} for x in (1.7e308, 2.0**31, 2.0**29, 3.0)],  # at the first torch gives −∞ for the slope
    "special_binary.betaln": [{"a": 1e240, "b": 4e307}, {"a": 1e-300, "b": 1e154}],  # at the first SciPy gives NaN
}


@pytest.mark.parametrize(
    ("identity", "arguments"), [(name, point) for name, points in FAR_OUT.items() for point in points]
)
def test_a_wrong_value_of_a_special_function_is_confirmed_however_far_out(identity, arguments):
    rule = CATALOGUE.entries[identity]
    given = {name: np.array([x]) for name, x in arguments.items()}
    problem = Derivative.of(rule, given, tuple(given), "reverse", {}, np.ones(1), (1,))
    exact = enclose(problem, format_of("float64")).exact
    assert exact is not None
    label, ball = exact.outputs.labels[0], exact.outputs.balls[0]
    value = float(ball.mid())
    assert not confirm(problem, label, value, radius=abs(value) * 1e-9).confirmed
    for wrong in (1.001 * value, float("nan")):
        assert confirm(problem, label, wrong, radius=abs(value) * 1e-9).confirmed
    for label in exact.outputs.labels[1:]:
        assert confirm(problem, label, float("inf"), radius=1.0).confirmed


@pytest.mark.parametrize("n", [0, 1, -3, 5])
def test_modified_bessel_functions_by_their_series(n):
    for x in (-100.0, 1e-30, 0.0, 0.5, 3.0, 12000.0, 1e6):
        with mpmath.workprec(240):
            found, known = besseli(mpmath.mp, n, mpmath.mpf(x)), mpmath.besseli(n, mpmath.mpf(x))
            assert abs(found - known) <= abs(known) * mpmath.mpf(2) ** -230
