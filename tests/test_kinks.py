"""At a kink the derivative is Clarke's set: what is in it is right, what is not is wrong, what is unknown is unsaid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.kinks import clarke_set
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.verdict import judge

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
RIGHT, WRONG, NO_CLAIM = "right", "wrong", "no claim"


def relu(xp, x):
    return xp.maximum(xp.zeros_like(x), x)


def problem(f, arguments, dtype="float64", cotangent=None, tangents=None):
    """A VJP with ``cotangent``, or a JVP along ``tangents``."""
    given = {k: np.asarray(v, dtype) for k, v in arguments.items()}
    mode = "reverse" if tangents is None else "forward"
    along = {k: np.asarray(v, dtype) for k, v in (tangents or {}).items()}
    return Derivative(f, given, tuple(given), mode, along, np.asarray(1.0 if cotangent is None else cotangent, dtype))


def said(f, arguments, got, **more):
    """The verdict on components ``got``, the primal first."""
    made = problem(f, arguments, **more)
    judgement = judge(enclose(made, format_of(made.arguments[made.wrt[0]].dtype)), got)
    assert judgement.at_kink
    return judgement.verdict


def along(f, arguments, tangents, tangent, **more):
    return said(f, arguments, [more.pop("primal", 0.0), tangent], tangents=tangents, **more)


# One kink.


@DTYPES
@pytest.mark.parametrize(
    ("slope", "verdict"),
    [(0, RIGHT), (1, RIGHT), (0.5, RIGHT), (0.3, RIGHT), (1.001, WRONG), (-0.001, WRONG), (2, WRONG), (-1, WRONG)],
)
def test_relu_at_zero_is_any_number_from_0_to_1(slope, verdict, dtype):
    assert said(relu, {"x": 0.0}, [0.0, slope], dtype=dtype) == verdict
    assert along(relu, {"x": 0.0}, {"x": -2.0}, -2 * slope, dtype=dtype) == verdict


def test_an_infinitesimal_excess_is_outside():
    assert said(relu, {"x": 0.0}, [0.0, 1 + 2.0**-40]) == WRONG
    assert said(relu, {"x": 0.0}, [0.0, 1 + 2.0**-51]) == RIGHT  # rounding may do this
    assert said(relu, {"x": 0.0}, [0.0, -(2.0**-40)]) == WRONG


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_wrong_at_a_kink(bad):
    assert said(relu, {"x": 0.0}, [0.0, bad]) == WRONG
    assert along(relu, {"x": 0.0}, {"x": 1.0}, bad) == WRONG
    assert said(relu, {"x": 0.0}, [bad, 1.0]) == WRONG
    assert said(lambda xp, x: xp.abs(x), {"x": 0.0}, [0.0, bad]) == WRONG


def test_the_primal_value_is_judged_at_a_kink():
    assert said(lambda xp, x: 3 + relu(xp, x), {"x": 0.0}, [3.0, 0.5]) == RIGHT
    assert said(lambda xp, x: 3 + relu(xp, x), {"x": 0.0}, [3.5, 0.5]) == WRONG


@pytest.mark.parametrize(
    ("slope", "verdict"), [(-1, RIGHT), (0, RIGHT), (1, RIGHT), (0.3, RIGHT), (1.5, WRONG), (-2, WRONG)]
)
def test_abs_at_zero_is_any_number_from_minus_1_to_1(slope, verdict):
    assert said(lambda xp, x: xp.abs(x), {"x": 0.0}, [0.0, slope]) == verdict
    assert said(lambda xp, x: xp.where(x >= 0, x, -x), {"x": 0.0}, [0.0, slope]) == verdict
    assert said(lambda xp, x: xp.where(x < 0, -x, x), {"x": 0.0}, [0.0, slope]) == verdict
    assert said(lambda xp, x: xp.maximum(x, -x), {"x": 0.0}, [0.0, slope]) == verdict


# One kink, several components: one multiplier.


@DTYPES
@pytest.mark.parametrize(
    ("by_w", "by_x", "verdict"),
    [
        (0.5, 0.5, RIGHT),
        (1, 0, RIGHT),
        (0, 1, RIGHT),
        (0.25, 0.75, RIGHT),
        (0.3, 0.7, RIGHT),
        (1, 1, WRONG),
        (0, 0, WRONG),
        (0.5, 0.25, WRONG),
        (0.5, 0.75, WRONG),
        (2, -1, WRONG),
        (-0.5, 1.5, WRONG),
    ],
)
def test_a_tie_of_maximum_is_shared_among_both_arguments(by_w, by_x, verdict, dtype):
    maximum = CATALOGUE.entries["elementwise.maximum"].function
    made = {"w": [3.0], "x": [3.0]}
    assert said(maximum, made, [3.0, by_w, by_x], cotangent=[1.0], dtype=dtype) == verdict
    assert said(maximum, made, [3.0, -4 * by_w, -4 * by_x], cotangent=[-4.0], dtype=dtype) == verdict
    assert said(lambda xp, w, x: xp.minimum(w, x), made, [3.0, by_w, by_x], cotangent=[1.0], dtype=dtype) == verdict


@pytest.mark.parametrize(
    ("tangent", "verdict"), [(2, RIGHT), (5, RIGHT), (3.5, RIGHT), (2.3, RIGHT), (7, WRONG), (0, WRONG), (1.9, WRONG)]
)
def test_a_tie_of_maximum_forwards_is_between_both_tangents(tangent, verdict):
    assert (
        along(lambda xp, w, x: xp.maximum(w, x), {"w": 3.0, "x": 3.0}, {"w": 2.0, "x": 5.0}, tangent, primal=3.0)
        == verdict
    )


W, X = [1.0, 2.0], [4.0, -1.0]
NEURON = {"w": W, "x": X, "b": -2.0}


def segment(t_w, t_x, t_b):
    return [0.0, *(t_w * v for v in X), *(t_x * v for v in W), t_b]


activation = CATALOGUE.entries["neuron.activation"].function


@DTYPES
@pytest.mark.parametrize("t", [0, 0.3, 0.5, 1])
def test_the_activation_has_a_segment_at_its_kink(t, dtype):
    assert said(activation, NEURON, segment(t, t, t), dtype=dtype) == RIGHT
    tangents = {"w": [1.0, -1.0], "x": [3.0, 5.0], "b": 7.0}
    whole = np.dot(X, tangents["w"]) + np.dot(W, tangents["x"]) + 7.0
    assert along(activation, NEURON, tangents, t * whole, dtype=dtype) == RIGHT


@DTYPES
@pytest.mark.parametrize(
    "mixed", [(0, 0, 1), (1, 0, 0), (0, 1, 1), (1, 1, 0), (0.5, 0.5, 0.25), (0.5, 1, 1), (2, 2, 2), (-0.5, -0.5, -0.5)]
)
def test_the_activation_has_no_box_at_its_kink(mixed, dtype):
    assert said(activation, NEURON, segment(*mixed), dtype=dtype) == WRONG


def test_a_component_beside_the_segment_is_wrong():
    for place in range(1, 6):
        got = segment(0.5, 0.5, 0.5)
        got[place] += 0.01
        assert said(activation, NEURON, got) == WRONG


def test_forwards_the_ends_of_the_segment_bound_the_tangent():
    tangents = {"w": [1.0, 0.0], "x": [0.0, 0.0], "b": 1.0}
    for tangent, verdict in ((0, RIGHT), (2.5, RIGHT), (5, RIGHT), (5.1, WRONG), (-0.1, WRONG)):
        assert along(activation, NEURON, tangents, tangent) == verdict


# Several kinks.


@DTYPES
@pytest.mark.parametrize(("slope", "verdict"), [(1, RIGHT), (0, WRONG), (2, WRONG), (0.5, WRONG), (1.001, WRONG)])
def test_parallel_kinks_have_one_multiplier(slope, verdict, dtype):
    """relu(x) − relu(−x) is x: at 0 its derivative is 1 and nothing else."""

    def f(xp, x):
        return relu(xp, x) - relu(xp, -x)

    assert said(f, {"x": 0.0}, [0.0, slope], dtype=dtype) == verdict
    assert along(f, {"x": 0.0}, {"x": 3.0}, 3 * slope, dtype=dtype) == verdict


@pytest.mark.parametrize(("slope", "verdict"), [(5, RIGHT), (0, RIGHT), (2.5, RIGHT), (-0.1, WRONG), (5.1, WRONG)])
def test_kinks_at_multiples_of_one_difference_are_one(slope, verdict):
    assert said(lambda xp, x: relu(xp, 2 * x) + relu(xp, 3 * x), {"x": 0.0}, [0.0, slope]) == verdict


def test_kinks_at_one_nonlinear_difference_are_one():
    def f(xp, x, y):
        z = x * y
        return relu(xp, z) - relu(xp, -z)

    for by_y, verdict in ((2, RIGHT), (0, WRONG), (4, WRONG)):
        assert said(f, {"x": 2.0, "y": 0.0}, [0.0, 0.0, by_y]) == verdict


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_kinks_of_a_vector_are_independent(mode):
    x = {"x": np.zeros(3)}
    for point in itertools.product((0, 0.5, 1, 0.3), repeat=3):
        if mode == "reverse":
            assert (
                said(relu, x, [0.0] * 3 + [c * t for c, t in zip((1, 2, -3), point, strict=True)], cotangent=[1, 2, -3])
                == RIGHT
            )
        else:
            tangents = {"x": [1.0, 2.0, -3.0]}
            assert (
                said(relu, x, [0.0] * 3 + [c * t for c, t in zip((1, 2, -3), point, strict=True)], tangents=tangents)
                == RIGHT
            )
    assert said(relu, x, [0.0] * 3 + [0.5, 2.5, 0], cotangent=[1, 2, -3]) == WRONG
    assert said(relu, x, [0.0] * 3 + [0.5, 0.5, 0.5], cotangent=[1, 2, -3]) == WRONG


def test_some_elements_at_the_kink_and_some_not():
    x = {"x": [0.0, 2.0, -2.0, 0.0]}
    value = [0.0, 2.0, 0.0, 0.0]
    assert said(relu, x, [*value, 0.5, 1, 0, 1], cotangent=np.ones(4)) == RIGHT
    assert said(relu, x, [*value, 0.5, 0.5, 0, 1], cotangent=np.ones(4)) == WRONG
    assert said(relu, x, [*value, 0.5, 1, 0.5, 1], cotangent=np.ones(4)) == WRONG


def test_independent_kinks_may_meet_in_one_component():
    """s ↦ Σ relu(wᵢ + s): each wᵢ has its own multiplier, and that of s is their sum."""

    def f(xp, w, s):
        return xp.sum(relu(xp, w + s))

    at = {"w": np.zeros(2), "s": 0.0}
    assert said(f, at, [0, 0.25, 1, 1.25]) == RIGHT
    assert said(f, at, [0, 0, 0, 0]) == RIGHT
    assert said(f, at, [0, 0.25, 1, 2.5]) == WRONG, "outside the hull of s"
    # Inside every hull, explained by no multipliers, but only linear algebra could tell: it is not called right.
    assert said(f, at, [0, 0.25, 1, 0.25]) in (NO_CLAIM, WRONG)


@DTYPES
@pytest.mark.parametrize("seed", range(4))
def test_many_kinks_may_round_as_a_sum_of_many(seed, dtype):
    """With all multipliers 1 the sum of thirty terms rounds, though with a single one it is exact."""
    rng = np.random.default_rng(seed)
    a = (rng.standard_normal(30) * np.exp2(rng.integers(-8, 8, 30))).astype(dtype)

    def f(xp, w, s):
        return xp.sum(relu(xp, w + a * s))

    for weight in (1.0, 0.5):
        for _ in range(6):
            order = rng.permutation(30)
            total = a.dtype.type(0)
            for term in a[order]:
                total = total + a.dtype.type(weight) * term
            got = [0.0, *[weight] * 30, float(total)]
            assert said(f, {"w": np.zeros(30), "s": 0.0}, got, dtype=dtype) == RIGHT
    wrong = [0.0, *[1.0] * 30, float(np.abs(a).sum()) * 1.01]
    assert said(f, {"w": np.zeros(30), "s": 0.0}, wrong, dtype=dtype) == WRONG


def test_dependent_kinks_claim_nothing_inside_the_hull():
    """x, y and x + y change sign together in six of eight ways: the cube is too large a set."""

    def f(xp, x, y):
        return relu(xp, x) + relu(xp, y) + relu(xp, x + y)

    at = {"x": 0.0, "y": 0.0}
    for by in ((0, 0), (2, 2), (1, 1), (0.75, 0.75), (1, 0), (2, 1), (0, 1.5)):
        assert said(f, at, [0.0, *by]) == NO_CLAIM
    for by in ((2.1, 1), (-0.1, 0), (1, 3)):
        assert said(f, at, [0.0, *by]) == WRONG


def test_nearly_parallel_kinks_are_not_taken_for_parallel():
    """x and x + 2⁻²⁶ y: between the two lines the one is positive and the other is not."""
    tilt = 2.0**-26

    def f(xp, x, y):
        return xp.stack([relu(xp, x), relu(xp, x + tilt * y)])

    at = {"x": 0.0, "y": 0.0}
    for first, second in itertools.product((0, 0.5, 1), repeat=2):
        got = [0.0, 0.0, first + second, second * tilt]
        assert said(f, at, got, cotangent=np.ones(2)) in (RIGHT, NO_CLAIM)
    assert said(f, at, [0.0, 0.0, 2.5, 0.0], cotangent=np.ones(2)) == WRONG


def test_differences_that_only_touch_are_not_taken_for_one():
    """y and y − x² have the same gradient at 0, but between the line and the parabola they differ in sign."""

    def f(xp, x, y):
        return relu(xp, y) - relu(xp, y - x**2)

    at = {"x": 0.0, "y": 0.0}
    for by_y in (0, 1, 0.5):
        assert said(f, at, [0.0, 0.0, by_y]) in (RIGHT, NO_CLAIM)
    assert said(f, at, [0.0, 0.0, 1.5]) == WRONG


# Kinks inside kinks.


@pytest.mark.parametrize("slope", [0, 0.25, 0.5, 1])
def test_a_kink_inside_a_kink_accuses_nobody(slope):
    """relu(relu(x)) at 0: the set is [0, 1]; a library that halves at every tie has ¼."""
    assert said(lambda xp, x: relu(xp, relu(xp, x)), {"x": 0.0}, [0.0, slope]) in (RIGHT, NO_CLAIM)


@pytest.mark.parametrize("by", [(0, 0), (0, 1), (1, 1), (0.25, 0.5), (0.5, 0.5)])
def test_a_kink_that_moves_another_accuses_nobody(by):
    """relu(relu(x) + y) at 0: near it the gradients are (0, 0), (0, 1) and (1, 1)."""
    assert said(lambda xp, x, y: relu(xp, relu(xp, x) + y), {"x": 0.0, "y": 0.0}, [0.0, *by]) in (RIGHT, NO_CLAIM)


def test_of_a_kink_inside_a_kink_no_set_is_known():
    nested = problem(lambda xp, x: relu(xp, relu(xp, x)), {"x": 0.0})
    assert clarke_set(enclose(nested, format_of("float64"))) is None
    single = problem(relu, {"x": 0.0})
    assert clarke_set(enclose(single, format_of("float64"))) is not None


def test_a_product_of_kinks_at_zero_is_flat():
    f = lambda xp, x, y: relu(xp, x) * relu(xp, y)  # noqa: E731
    assert said(f, {"x": 0.0, "y": 0.0}, [0.0, 0.0, 0.0]) == RIGHT
    assert said(f, {"x": 0.0, "y": 0.0}, [0.0, 1.0, 1.0]) == WRONG
    assert said(f, {"x": 0.0, "y": 2.0}, [0.0, 1.0, 0.0]) == RIGHT
    assert said(f, {"x": 0.0, "y": 2.0}, [0.0, 1.0, 0.5]) == WRONG


# Formulas around a kink.


def test_the_loss_at_a_kink_of_one_sample():
    """X = (1, 2) with w·x + b = (0, 1), y = (3, 5): e is (−3, −4), and only the first sample is at its kink."""
    loss = CATALOGUE.entries["loss.neuron_loss"].function
    at = {"w": [1.0], "b": -1.0, "X": [[1.0], [2.0]], "y": [3.0, 5.0]}
    cost = (9 + 16) / 2
    for t, verdict in ((0, RIGHT), (1, RIGHT), (0.5, RIGHT), (1.5, WRONG)):
        by_w, by_b = t * -3 * 1 + -4 * 2, t * -3 + -4
        got = [cost, by_w, by_b, t * -3 * 1, -4, 3, 4]
        assert said(loss, at, got) == verdict
    mixed = [cost, -3 - 8, -4, -3, -4, 3, 4]
    assert said(loss, at, mixed) == WRONG


def test_a_sample_at_its_kink_with_y_zero_is_smooth():
    loss = CATALOGUE.entries["loss.neuron_loss"].function
    at = {"w": [1.0], "b": -1.0, "X": [[1.0]], "y": [0.0]}
    assert said(loss, at, [0.0, 0.0, 0.0, 0.0, 0.0]) == RIGHT
    assert said(loss, at, [0.0, 1.0, 0.0, 0.0, 0.0]) == WRONG


@DTYPES
def test_slopes_with_rounding_have_their_margin(dtype):
    """0.1 · relu at a kink, through sin and exp: the ends are numbers that round."""
    scale = np.exp(np.asarray(0.3, dtype)) * np.asarray(0.1, dtype)

    def f(xp, x):
        return relu(xp, x) * xp.exp(xp.asarray(np.asarray(0.3, dtype))) * np.asarray(0.1, dtype)

    for t, verdict in ((1.0, RIGHT), (0.5, RIGHT), (1.01, WRONG)):
        assert said(f, {"x": 0.0}, [0.0, float(scale) * t], dtype=dtype) == verdict


def test_slopes_at_the_limits_of_the_format():
    top = float(np.finfo(np.float64).max)
    f = lambda xp, x: xp.abs(x * (0.9 * top))  # noqa: E731
    assert said(f, {"x": 0.0}, [0.0, 0.9 * top]) == RIGHT
    assert said(f, {"x": 0.0}, [0.0, -0.9 * top]) == RIGHT
    assert said(f, {"x": 0.0}, [0.0, top]) == WRONG
    tiny = 5e-324
    assert said(lambda xp, x: relu(xp, x) * 1.0, {"x": 0.0}, [0.0, tiny]) == RIGHT


def test_what_may_overflow_beside_a_kink_claims_nothing():
    def f(xp, x, y):
        return relu(xp, x) + xp.exp(y)

    assert said(f, {"x": 0.0, "y": 200.0}, [np.inf, 0.5, np.inf], dtype="float32") == NO_CLAIM


def test_a_tie_decided_by_equality_claims_nothing_about_its_branch():
    f = lambda xp, x: xp.where(x == 0, 0 * x, x)  # noqa: E731
    for slope in (0, 1):
        assert said(f, {"x": 0.0}, [0.0, slope]) in (RIGHT, NO_CLAIM)


def test_the_multipliers_are_reported():
    judgement = judge(enclose(problem(relu, {"x": [0.0, 0.0]}, cotangent=[1, 1]), format_of("float64")), [0, 0, 0.5, 1])
    assert judgement.theta == [0.5, 1.0]
    assert judgement.clarke is not None
    low, high = judgement.clarke.hull(2)
    margin = 16 * format_of("float64").ulp
    assert -margin < float(low.mid()) <= 0
    assert 1 <= float(high.mid()) < 1 + margin


# Against sampled gradients: functions that are linear in each of some cones have all their gradients near 0 at hand.


def piecewise_linear(rng):
    """A random sum of rectifiers, maxima, absolute values and nested rectifiers of linear forms in two variables."""
    forms = rng.integers(-2, 3, (8, 2)).astype(float)
    weights = rng.integers(-2, 3, 5).astype(float)
    nested = rng.random() < 0.3

    def f(xp, x):
        z = [a * x[0] + b * x[1] for a, b in forms.tolist()]
        y = weights[0] * relu(xp, z[0]) + weights[1] * relu(xp, z[1])
        y = y + weights[2] * xp.maximum(z[2], z[3]) + weights[3] * xp.abs(z[4])
        return y + weights[4] * relu(xp, relu(xp, z[5]) + z[6]) if nested else y + weights[4] * z[7]

    return f


def gradients_near_zero(f, rng):
    """The gradients in sixty random directions from 0, where f is linear."""
    found = set()
    for direction in rng.standard_normal((60, 2)):
        away = enclose(problem(f, {"x": direction}), format_of("float64")).exact
        # Forms that are 0 everywhere tie everywhere, and nothing depends on them.
        assert not any(away.normals)
        found.add(tuple(float(ball.mid()) for ball in away.outputs.balls[1:]))
    return np.array(sorted(found))


def outside(point, vertices):
    """How far a point is from the convex hull, at least: the largest excess in any of many directions."""
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    normals = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return (normals @ point - (normals @ vertices.T).max(axis=1)).max()


@pytest.mark.parametrize("seed", range(40))
def test_no_limit_is_accused_and_nothing_else_is_right(seed):
    rng = np.random.default_rng(seed)
    f = piecewise_linear(rng)
    vertices = gradients_near_zero(f, rng)
    at_zero = enclose(problem(f, {"x": np.zeros(2)}), format_of("float64"))
    combinations = rng.dirichlet(np.ones(len(vertices)), 10) @ vertices
    beyond = [*(3 * rng.standard_normal((20, 2)) + vertices.mean(axis=0)), *(2 * vertices - vertices.mean(axis=0))]
    for point in (*vertices, *combinations, vertices.mean(axis=0)):
        assert judge(at_zero, [0.0, *point]).verdict != WRONG, point
    for point in beyond:
        if outside(point, vertices) > 1e-6:
            assert judge(at_zero, [0.0, *point]).verdict in (WRONG, NO_CLAIM), point


def test_sampled_gradients_are_mostly_called_right():
    """Otherwise the test above would be content with an oracle that never says anything."""
    verdicts = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        f = piecewise_linear(rng)
        at_zero = enclose(problem(f, {"x": np.zeros(2)}), format_of("float64"))
        verdicts += [judge(at_zero, [0.0, *point]).verdict for point in gradients_near_zero(f, rng)[:1]]
        verdicts.append(judge(at_zero, [0.0, 100.0, 100.0]).verdict)
    assert verdicts.count(RIGHT) >= 3
    assert verdicts.count(WRONG) >= 20
