"""One byte string, one example: the same problem for everybody who decodes it."""

from __future__ import annotations

import numpy as np
import pytest
from chosen import CORE, sample
from gradlaw.identities import CATALOGUE, Law, Rule
from gradlaw.oracle import examples
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import draw_example, draw_problem, output_shape, rules_of
from gradlaw.oracle.problems import Derivative, Statement
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.draw import LENGTH

RULES = rules_of()
EVERY = list(CATALOGUE.entries.values())


def random_bytes(seed: int) -> bytes:
    return np.random.default_rng(seed).integers(0, 256, LENGTH, np.uint8).tobytes()


@pytest.mark.parametrize("identity", [*CORE, *sample(2)], ids=lambda identity: identity.id)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_every_entry_becomes_a_problem(identity, mode):
    made = [draw_problem(identity, random_bytes(k), np.dtype("float32"), mode) for k in range(6)]
    found = [pair for pair in made if pair is not None]
    assert found, "no bytes gave a problem"
    for example, problem in found:
        assert isinstance(problem, Statement if isinstance(identity, Law) else Derivative)
        assert problem.mode == mode
        assert problem.arguments is example.arguments
        assert all(x.dtype == np.float32 for x in problem.arguments.values() if isinstance(x, np.ndarray))


@pytest.mark.parametrize("identity", [e for e in EVERY if isinstance(e, Rule)], ids=lambda identity: identity.id)
def test_directions_have_the_shapes_of_arguments_and_value(identity):
    for seed in range(4):
        drawn = draw_problem(identity, random_bytes(seed), np.dtype("float64"), "forward")
        assert drawn is not None
        _, problem = drawn
        assert isinstance(problem, Derivative)
        assert problem.wrt == tuple(identity.differentiable)
        assert {name: t.shape for name, t in problem.tangents.items()} == {
            name: problem.arguments[name].shape for name in problem.wrt
        }
        assert problem.cotangent is not None
        assert problem.cotangent.shape == problem.out_shape == output_shape(identity, problem.arguments)


def test_the_same_bytes_give_the_same_problem():
    for identity in EVERY:
        first, second = (draw_example(identity, random_bytes(3), np.dtype("float64"), RULES) for _ in range(2))
        assert (first is None) == (second is None)
        if first is None or second is None:
            continue
        assert str(first[0].arguments) == str(second[0].arguments)
        assert {k: str(f) for k, f in first[1].items()} == {k: str(f) for k, f in second[1].items()}
        assert first[0].direction == second[0].direction


def test_laws_have_functions_and_rules_have_none():
    law, rule = CATALOGUE.entries["scalar.sum_law"], CATALOGUE.entries["scalar.power"]
    drawn = [draw_example(law, random_bytes(k), np.dtype("float64"), RULES) for k in range(5)]
    assert {frozenset(pair[1]) for pair in drawn if pair} == {frozenset("fg")}
    drawn_rule = draw_example(rule, random_bytes(0), np.dtype("float64"), RULES)
    assert drawn_rule is not None
    assert drawn_rule[1] == {}


def test_no_rules_no_functions(monkeypatch):
    law = CATALOGUE.entries["scalar.sum_law"]
    assert draw_example(law, random_bytes(0), np.dtype("float64"), []) is None
    monkeypatch.setattr(examples, "rules_of", lambda: ())
    data = random_bytes(10**6)  # of which nothing is kept
    assert draw_problem(law, data, np.dtype("float64"), "forward") is None


def test_kinks_are_met():
    relu = CATALOGUE.entries["relu.relu"]
    examples = [draw_example(relu, random_bytes(k), np.dtype("float32"), RULES) for k in range(60)]
    at_kink = [pair[0] for pair in examples if pair and pair[0].at_kink]
    assert at_kink
    assert all(example.arguments["z"] == 0 for example in at_kink)


def test_a_problem_can_be_judged():
    drawn = draw_problem(CATALOGUE.entries["chain.sin_square"], bytes(LENGTH), np.dtype("float64"), "forward")
    assert drawn is not None
    enclosed = enclose(drawn[1], format_of("float64"))
    value, slope = float(np.sin(1.0)), float(2 * np.cos(1.0))
    assert judge(enclosed, [value, slope]).verdict == "right"
    assert judge(enclosed, [value, -slope]).verdict == "wrong"
