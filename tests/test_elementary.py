"""The elementary functions, and the equal forms of a derivative: proved equal, and what only they explain is inaccurate."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from flint import arb
from gradlaw.identities import CATALOGUE, DeclarationError, Rule
from gradlaw.identities.elementary import FUNCTIONS
from gradlaw.oracle import field_proof, index_proof, ledger, symbolic
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.elementary import FUNCTIONS as TABLE
from gradlaw.oracle.elementary import SEVERAL
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.status import CellStatus, Verdict
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.search import PROFILES

EXPM1 = CATALOGUE.entries["elementary.expm1"]
assert isinstance(EXPM1, Rule)
FORMS = [
    (rule, name, form)
    for rule in CATALOGUE.entries.values()
    if isinstance(rule, Rule)
    for name, forms in rule.forms.items()
    for form in forms
]


def test_every_line_of_the_table_is_a_rule():
    declared = [name.partition(".")[2] for name in CATALOGUE.entries if name.startswith("elementary.")]
    assert declared == [function.name for function in FUNCTIONS]
    with_forms = [rule.id for rule, _, _ in FORMS if rule.chapter == "elementary"]
    assert with_forms == [f"elementary.{f.name}" for f in FUNCTIONS if f.others]


@pytest.mark.parametrize(
    ("rule", "name", "form"),
    [one for one in FORMS if one[0].chapter == "elementary"],
    ids=lambda value: getattr(value, "id", ""),
)
def test_equal_forms_are_proved_equal(rule, name, form):
    assert index_proof.check(rule, name, partial=form).status == ledger.PROVED
    for task in symbolic.tasks(rule):
        assert field_proof.check(rule, task, partial=form).status == ledger.RANDOMIZED
        assert symbolic.check(rule, task, partial=form).status == ledger.PROVED


def test_an_equal_form_is_of_an_argument():
    with pytest.raises(DeclarationError, match="has no differentiable argument 'y'"):
        EXPM1.equal_form("y")


def judged(dtype: str, x: float, derivative: float, *, forms: bool = True):
    point, one = np.array([x], dtype), np.ones(1, dtype)
    problem = Derivative(
        EXPM1.function, {"x": point}, ("x",), "reverse", {}, one, EXPM1.partials, (1,), EXPM1.forms if forms else {}
    )
    primal = float(np.expm1(point)[0])
    return judge(enclose(problem, format_of(dtype)), [primal, derivative]).grades[1]


@pytest.mark.parametrize(("dtype", "x"), [("float32", -10.374717), ("float64", -36.0), ("float64", -100.0)])
def test_what_another_formula_explains_is_inaccurate_and_not_wrong(monkeypatch, dtype, x):
    lossy = float(np.expm1(np.array(x, dtype)) + np.array(1, dtype))
    assert judged(dtype, x, lossy).verdict is Verdict.INACCURATE
    assert "another formula" in judged(dtype, x, lossy).why
    # Without the entry's forms the function's own lossy rule still explains it.
    assert judged(dtype, x, lossy, forms=False).verdict is Verdict.INACCURATE
    assert judged(dtype, x, float(np.exp(np.array(x, dtype)))).verdict is Verdict.RIGHT
    # Without either nothing does.
    monkeypatch.setitem(TABLE, "expm1", TABLE["expm1"]._replace(lossy=None))
    assert judged(dtype, x, lossy, forms=False).verdict is Verdict.WRONG


LOSSY = [name for name, function in TABLE.items() if function.lossy is not None]


@pytest.mark.parametrize("name", LOSSY)
def test_a_lossy_rule_is_the_derivative(name):
    """On exact balls: a wrong one would excuse wrong results."""
    assert {"expm1", "tanh", "atanh"} <= set(LOSSY)
    function = TABLE[name]
    with Balls(None, 256) as balls:
        for number in (0.3, -0.7, 0.01, 0.9):
            x = arb(number)
            y = balls.call(name, x)
            exact, lossy = function.derivative(balls, x, y), function.lossy(balls, x, y)
            assert exact.overlaps(lossy)
            assert (exact - lossy).rad() < 1e-60


@pytest.mark.parametrize("name", [name for name, function in SEVERAL.items() if function.lossy is not None])
def test_a_lossy_rule_of_a_function_with_an_order_is_the_derivative(name):
    with Balls(None, 256) as balls:
        for order, number in itertools.product((0, 1, 2), (0.3, 2.5, 900.0)):
            x = arb(number)
            y = balls.call(name, order, x)
            exact, lossy = (SEVERAL[name].partials(balls, (order, x), y, lossy=k)[1] for k in (False, True))
            assert exact.overlaps(lossy)
            assert (exact - lossy).rad() < 1e-60


@pytest.mark.parametrize(("dtype", "x"), [("float32", -10.374717), ("float64", -10.0)])
def test_a_wrong_derivative_is_wrong_whatever_forms_there_are(dtype, x):
    lossy = float(np.expm1(np.array(x, dtype)) + np.array(1, dtype))
    for wrong in (-lossy, 2 * lossy, 1.0, np.nan):
        assert judged(dtype, x, wrong).verdict is Verdict.WRONG


def test_a_law_is_not_called_inaccurate_for_a_part_that_is():
    """autograd computes expm1′ as y + 1; laws draw expm1 too, and the loss is no fact about them."""
    pytest.importorskip("autograd")
    key = CellKey("elementwise.diagonal_subtract", "autograd", "composed", "forward", "float64")
    found = run_cell(key, profile=PROFILES["ci"])
    assert found.status is CellStatus.PASS
    alone = CellKey("elementary.expm1", "autograd", "composed", "reverse", "float64")
    assert run_cell(alone, profile=PROFILES["ci"]).status is CellStatus.INACCURATE


def test_forms_of_a_rule_with_several_arguments_keep_the_others():
    dot = CATALOGUE.entries["reduction.dot"]
    assert isinstance(dot, Rule)
    x = np.array([1.0, 2.0])
    problem = Derivative(dot.function, {"w": x, "x": x}, ("w", "x"), "reverse", {}, np.array(1.0), dot.partials, ())
    other = replace(problem, forms={"w": [dot.partials["w"], dot.partials["w"]]})
    assert (problem.more_forms, other.more_forms) == (0, 2)
    assert enclose(other, format_of("float64")).forms == ["form 1", "form 2", "lossy"]
    assert len(enclose(other, format_of("float64")).other("form 2")) == 5
