"""A systematic error below the radius of one input is seen over a batch; correct roundings are not accused."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import pytest
from gradlaw.backends.reference import Reference
from gradlaw.identities import CATALOGUE
from gradlaw.oracle import bias
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.judge import run_derivative
from gradlaw.oracle.protocol import register
from gradlaw.oracle.status import CellStatus, Verdict
from gradlaw.oracle.verdict import judge
from gradlaw.reports import page
from gradlaw.reports.items import cell_of
from gradlaw.strategies.formats import NAMES, dtype_of
from gradlaw.strategies.search import PROFILES
from sample_report import sample_report

EXP, PRODUCT = CATALOGUE.entries["elementary.exp"], CATALOGUE.entries["elementwise.multiply"]
SMALL = {"float32": 1e-7, "float64": 2e-15}


class Scaled(Reference):
    """Correctly rounded, with a relative error in every derivative but at three numbers, as in the adapter's self-test."""

    name: ClassVar[str] = "scaled"

    def __init__(self, error=0.0):
        super().__init__()
        self.error = error

    def vjp(self, f, primals, cotangent):
        y, cotangents = super().vjp(f, primals, cotangent)
        if primals[0].shape == (3,):
            return y, cotangents
        return y, [c * self.xp.asarray(np.array(1 + self.error)) for c in cotangents]


@pytest.mark.parametrize("rule", [EXP, PRODUCT], ids=lambda rule: rule.id)
@pytest.mark.parametrize("dtype", NAMES)
def test_correct_rounding_has_no_bias(rule, dtype):
    found = bias.biases(Reference(), rule, "reverse", dtype_of(dtype), 256)
    assert [one.part for one in found] == ["primal", *rule.differentiable]
    for one in found:
        assert not one.found
        assert abs(one.mean) < 0.15
        assert one.count >= 200


@pytest.mark.parametrize("dtype", SMALL)
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_small_systematic_error_is_seen_though_no_component_shows_it(dtype, sign):
    kind, wrong = dtype_of(dtype), Scaled(sign * SMALL[dtype])
    made = bias.batch(EXP, kind, "reverse", 0, 256, False)
    with wrong.scope():
        got = run_derivative(wrong, made.problem, kind, None)
    assert {grade.verdict for grade in judge(made, got).grades} == {Verdict.RIGHT}
    primal, derivative = bias.of_batch(made, got)
    assert not primal.found
    assert derivative.found
    assert derivative.mean == pytest.approx(sign * SMALL[dtype] / derivative.unit_roundoff, abs=0.2)


@pytest.mark.parametrize("dtype", SMALL)
def test_a_biased_cell_is_inaccurate_and_says_so(dtype):
    key = CellKey("elementary.exp", "scaled", "composed", "reverse", dtype)
    register("scaled", lambda: Scaled(SMALL[dtype]))
    found = run_cell(key, profile=PROFILES["fast"])
    assert found.status is CellStatus.INACCURATE
    assert found.reason.startswith("biased: the derivative by x is off by +")
    assert not found.counterexamples
    assert cell_of(found).bias["x"] > 1.5
    register("scaled", Scaled)
    right = run_cell(key, profile=PROFILES["fast"])
    assert right.status is CellStatus.PASS
    assert abs(right.bias["x"]) < 0.2


def test_a_rounded_constant_is_no_bias():
    """A formula's constant may be rounded: the same error each time, of one unit round-off at most."""
    kind = dtype_of("float64")
    made = bias.batch(PRODUCT, kind, "reverse", 0, 256, False)
    wrong = Scaled(2.0**-53)
    with wrong.scope():
        got = run_derivative(wrong, made.problem, kind, None)
    assert not any(one.found for one in bias.of_batch(made, got))


def test_only_what_is_elementwise_has_a_batch():
    kind = dtype_of("float64")
    for name in ("reduction.sum_all", "jacobian.shape_law", "linear.matmul", "reduction.dot"):
        entry = CATALOGUE.entries.get(name)
        if entry is not None and hasattr(entry, "differentiable"):
            assert bias.batch(entry, kind, "reverse", 0, 64, False) is None
    assert bias.batch(CATALOGUE.entries["reduction.dot"], kind, "reverse", 0, 64, False) is None
    assert bias.batch(PRODUCT, kind, "forward", 0, 64, False) is not None


def test_the_standard_error_of_the_trimmed_mean_is_that_of_many_batches():
    rng = np.random.default_rng(5)
    for draw in (rng.standard_normal, lambda n: rng.standard_t(3, n)):
        pairs = np.array([bias.trimmed_mean(draw(256)) for _ in range(800)])
        assert pairs[:, 0].std() == pytest.approx(pairs[:, 1].mean(), rel=0.1)
        assert abs(pairs[:, 0].mean()) < 4 * pairs[:, 1].mean() / math.sqrt(len(pairs))


def test_a_few_heavy_errors_do_not_decide():
    values = np.random.default_rng(0).uniform(-1, 1, 256)
    values[:10] = 100
    mean, deviation = bias.trimmed_mean(values)
    assert abs(mean) < 0.2
    assert deviation < 0.1


def test_the_page_says_what_is_biased():
    report = sample_report()
    reason = bias.Bias("x", 1.68, 2.0**-24, 1.3, 0.02, 256).sentence
    report.cells[0].status, report.cells[0].failures, report.cells[0].reason = "inaccurate", [], reason
    assert reason == "biased: the derivative by x is off by +1e-07 (relative) on average over 256 inputs"
    assert reason in page.render(report)
