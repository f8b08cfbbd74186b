"""One weight for each tied choice, shared by all components of an answer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE
from gradlaw.oracle.confirm import confirm
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import draw_problem, rules_of
from gradlaw.oracle.problems import Derivative, Label
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.together import confirm_together
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.draw import LENGTH

EPSILON = 2.0**-50


def tied(name: str, wrt: tuple[str, ...], cotangent: object, **arguments: object) -> Derivative:
    rule = CATALOGUE.entries[name]
    arrays = {k: np.asarray(v, np.float64) for k, v in arguments.items()}
    return Derivative(rule.function, arrays, wrt, "reverse", {}, np.asarray(cotangent, np.float64))


MAXIMUM = tied("elementwise.maximum", ("w", "x"), [1.0, 1.0], w=[2.0, 5.0], x=[2.0, 3.0])
PLACES = [Label("w", (0,)), Label("w", (1,)), Label("x", (0,)), Label("x", (1,))]


def together(problem, labels, got):
    return confirm_together(problem, labels, got, radii=[EPSILON] * len(got))


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 1.0])
def test_a_common_weight_is_right(weight):
    assert not together(MAXIMUM, PLACES, [weight, 1.0, 1 - weight, 0.0]).confirmed


@pytest.mark.parametrize(("w", "x"), [(1.0, 1.0), (0.0, 0.0), (0.5, 0.25)])
def test_weights_that_differ_are_wrong_though_each_component_is_possible(w, x):
    for label, value in zip(PLACES, [w, 1.0, x, 0.0], strict=True):
        assert not confirm(MAXIMUM, label, value, radius=EPSILON).confirmed
    found = together(MAXIMUM, PLACES, [w, 1.0, x, 0.0])
    assert found.confirmed
    assert "x[0] asks for a weight" in found.reason


def test_what_the_radius_allows_is_not_wrong():
    got = [0.5 + EPSILON, 1.0, 0.5, 0.0]
    assert not together(MAXIMUM, PLACES, got).confirmed
    assert confirm_together(MAXIMUM, PLACES, got, radii=[EPSILON / 4] * 4).confirmed


def test_the_segment_of_a_neuron():
    neuron = tied("neuron.activation", ("w", "x", "b"), 1.0, w=[1.0, 2.0], x=[3.0, 1.0], b=-5.0)
    labels = [Label("w", (0,)), Label("w", (1,)), Label("x", (0,)), Label("x", (1,)), Label("b", ())]
    for t in (0.0, 0.5, 1.0):
        assert not together(neuron, labels, [3 * t, t, t, 2 * t, t]).confirmed
    assert together(neuron, labels, [3.0, 1.0, 1.0, 2.0, 0.5]).confirmed


def test_the_verdict_on_components_that_contradict_each_other_is_confirmed():
    verdict = judge(enclose(MAXIMUM, format_of("float64")), [2.0, 5.0, 1.0, 1.0, 1.0, 0.0])
    assert verdict.verdict is Verdict.WRONG
    radii = [float(radius) for radius in verdict.radius]
    assert confirm_together(MAXIMUM, verdict.labels, verdict.got, radii=radii).confirmed


def test_the_convention_is_never_confirmed_as_wrong():
    kinks = 0
    for rule in rules_of():
        for seed in range(12 if rule.kink_at else 0):
            data = np.random.default_rng([seed, 3]).integers(0, 256, LENGTH, np.uint8).tobytes()
            drawn = draw_problem(rule, data, np.dtype("float64"), "reverse")
            assert drawn is not None
            exact = enclose(drawn[1], format_of("float64")).exact
            if exact is None or not exact.choices:
                continue
            kinks += 1
            got = [float(ball.mid()) for ball in exact.outputs.balls]
            radii = [math.ulp(value) for value in got]
            assert not confirm_together(drawn[1], exact.outputs.labels, got, radii=radii).confirmed
    assert kinks > 5


def test_what_is_not_certain_confirms_nothing():
    smooth = tied("elementwise.maximum", ("w", "x"), [1.0], w=[2.0], x=[3.0])
    labels = [Label("w", (0,)), Label("x", (0,))]
    assert not together(smooth, labels, [9.0, 9.0]).confirmed
    assert not together(MAXIMUM, PLACES, [math.nan, 1.0, 1.0, 0.0]).confirmed
    assert not confirm_together(MAXIMUM, PLACES, [1.0, 1.0, 1.0, 0.0], radii=[math.nan] * 4).confirmed
    assert not together(MAXIMUM, [Label("z", ())], [1.0]).confirmed
    assert "ValueError" in confirm_together(MAXIMUM, PLACES, [1.0], radii=[1.0]).reason
