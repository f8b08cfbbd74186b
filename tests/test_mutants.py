"""Every mutant of every identity is rejected by every judge, and nothing that is right is."""

from __future__ import annotations

from fnmatch import fnmatchcase

import kill_table
import pytest
import trials as trying
from chosen import CORE, sample
from equivalence import Form, witness
from gradlaw.identities import CATALOGUE, Holds, Identity, Law, Rule
from gradlaw.oracle import numeric
from gradlaw.oracle.cell import CellKey, CellResult, run_cell
from gradlaw.oracle.protocol import register
from gradlaw.oracle.status import CellStatus, Verdict
from gradlaw.strategies.search import PROFILES
from mutant_judges import backend_kill, outcomes
from mutants import KINDS, altered, changed, weighted, wrong_forms
from mutants_of_laws import claims_of, composed
from trials import SURVIVORS, Trial, trials, unused
from wrong_backends import HABITS, Planted, planted_rule
from wrong_operators import Offset

EVERY = [*CORE, *sample()]
RULES = [entry for entry in (*CORE, *sample()) if isinstance(entry, Rule)]
# The value of a series near 0 jumps, by less than any rounding, where the formula takes over; inverse sines have |y| where
# y = 0 is a cut, which is not in their domain: no kinks.
KINKED = [
    rule
    for rule in RULES
    if rule.chapter not in ("removable", "complex_inverses")
    and any(mutant.kind == "wrong branch" for mutant in wrong_forms(rule))
]
MODES = ("forward", "reverse")
SILENT = {
    "descent.lowers_the_loss": {"S", "F", "B"},  # an inequality, and of exact numbers
    "jacobian.shape_scalar_of_scalar": {"B"},  # these speak of drawn functions alone, which have cells of their own
    "jacobian.shape_scalar_of_vector": {"B"},
    "jacobian.shape_vector_of_scalar": {"B"},
    "jacobian.shape_vector_of_vector": {"B"},
    "system_laws.primal_is_value": {
        "B"
    },  # it speaks of values, and the next of bits: tests/test_system_laws.py breaks both
    "system_laws.second_call": {"B"},
    "second_order.hessian_symmetry": {
        "B"
    },  # it differentiates twice: tests/test_second_order_laws.py breaks the chapter
}
"""Judges that have nothing to reject, because nothing wrong of that kind can be said of the identity."""


def can_be_broken(identity: Identity) -> bool:
    """Whether a library can contradict it: not an inequality of exact numbers, nor what is said of drawn functions alone."""
    if isinstance(identity, Rule):
        return True
    assert isinstance(identity, Law)
    if (
        identity.id == "laws.zero_directions"
    ):  # every linear mistake makes 0 of 0; test_system_laws plants one that is not
        return False
    if identity.order > 1:  # the reference, of which mistakes are made, differentiates once
        return False
    return bool(composed(identity)) and not all(isinstance(c[0], Holds) for c in claims_of(identity))


@pytest.mark.parametrize("identity", [*CORE, *sample()], ids=lambda identity: identity.id)
def test_every_mutant_is_rejected_by_every_judge(identity):
    found = trials(identity)
    assert [f"{trial.words}: not rejected by {trial.unexcused}" for trial in found if trial.unexcused] == []
    rejecting = {judge[0] for trial in found for judge, said in trial.verdicts.items() if said}
    assert rejecting == {"S", "F", "I", "N", "B"} - SILENT.get(identity.id, set())


def test_every_reason_is_needed():
    """Of the reasons for survivors; identities that one of them names are tried, and of "*" those of this module."""
    globs = {glob for glob, _, _ in SURVIVORS} - {"*"}
    named = [e for e in CATALOGUE.entries.values() if e in EVERY or any(fnmatchcase(e.id, glob) for glob in globs)]
    assert unused({entry.id: trials(entry) for entry in named}) == []


def test_all_kinds_of_mistakes_are_made():
    made = {
        trial.kind for name in ("loss.neuron_loss", "expansion.add_scalar") for trial in trials(CATALOGUE.entries[name])
    }
    made |= {trial.kind for trial in trials(CATALOGUE.entries["jacobian.shape_scalar_of_vector"])}
    assert made == {*KINDS, *HABITS}


@pytest.mark.parametrize(
    "identity", [e for e in EVERY if getattr(e, "order", 1) == 1], ids=lambda identity: identity.id
)
@pytest.mark.parametrize("mode", MODES)
def test_a_backend_without_a_mistake_is_not_rejected(identity, mode):
    """The same machinery with right derivatives: what is rejected elsewhere is rejected for the mistake alone."""
    if isinstance(identity, Rule):
        backend, tried = planted_rule(identity, {})
    else:
        backend, tried = Planted(change=lambda operator: operator), identity
    said = [outcome.verdict for outcome in outcomes(backend, tried, mode, 6)]
    assert set(said) <= {Verdict.RIGHT, Verdict.NO_CLAIM, Verdict.VACUOUS}
    assert Verdict.RIGHT in said or identity.id == "descent.lowers_the_loss"


def run_planted(
    monkeypatch: pytest.MonkeyPatch, identity: Identity, backend: Planted, mode: str, dtype: str, profile: str
) -> CellResult:
    """The whole cell of an identity on a backend with a mistake."""
    monkeypatch.setitem(CATALOGUE.entries, identity.id, identity)
    register("planted", lambda: backend)
    return run_cell(CellKey(identity.id, "planted", "composed", mode, dtype), profile=PROFILES[profile])


@pytest.mark.parametrize(
    ("number", "identity"),
    [pair for pair in enumerate(EVERY) if can_be_broken(pair[1])],
    ids=lambda value: value.id if isinstance(value, Rule | Law) else "",
)
def test_a_whole_cell_fails_and_is_confirmed(monkeypatch, number, identity):
    """With search, shrinking and confirmation; modes and dtypes take turns."""
    if isinstance(identity, Rule):
        name = identity.differentiable[-1]
        backend, tried = planted_rule(identity, {name: changed(identity.partials[name], Offset)})
    else:
        backend, tried = Planted(change=Offset), identity
    mode, dtype = MODES[number % 2], ("float32", "float64")[number // 2 % 2]
    result = run_planted(monkeypatch, tried, backend, mode, dtype, "fast")
    assert result.status is CellStatus.FAIL
    assert {found.kind for found in result.counterexamples} == {"value"}
    assert all(found.headline.startswith("wrong derivative") for found in result.counterexamples)
    assert all("from the definition, more than" in found.confirmed for found in result.counterexamples)


@pytest.mark.parametrize("rule", [e for e in (*CORE, *sample()) if isinstance(e, Rule)], ids=lambda rule: rule.id)
def test_a_whole_numeric_check_fails(rule):
    name = rule.differentiable[0]
    result = numeric.check(rule, examples=8, seed=1, partials={name: changed(rule.partials[name], Offset)})
    assert result.status == "fail"
    assert result.reason.startswith(rule.id)


def _at_ties(rule: Rule, theta: float) -> dict[str, Form]:
    return {name: weighted(form, theta) for name, form in rule.partials.items()}


@pytest.mark.parametrize("rule", KINKED, ids=lambda rule: rule.id)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("theta", [0.5, 1.0])
def test_another_convention_at_the_kink_is_accepted_and_recorded(monkeypatch, rule, mode, theta):
    backend, tried = planted_rule(rule, _at_ties(rule, theta))
    result = run_planted(monkeypatch, tried, backend, mode, "float64", "ci")
    assert result.status is CellStatus.PASS, result.counterexamples
    if rule.id != "order.sort":  # which meets a tie in several comparisons at once
        assert result.conventions[f"θ = {theta:.4g}"] > 0


@pytest.mark.parametrize("rule", KINKED, ids=lambda rule: rule.id)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("theta", [2.0, -1.0])
def test_what_leaves_the_clarke_set_is_wrong(rule, mode, theta):
    rejection = backend_kill(*planted_rule(rule, _at_ties(rule, theta)), mode)
    assert rejection is not None
    assert rejection.kind == "value"


def test_a_cell_fails_for_a_kink_alone(monkeypatch):
    relu = CATALOGUE.entries["relu.relu"]
    assert isinstance(relu, Rule)
    backend, tried = planted_rule(relu, _at_ties(relu, 2.0))
    result = run_planted(monkeypatch, tried, backend, "reverse", "float64", "ci")
    assert result.status is CellStatus.FAIL
    (found,) = result.counterexamples
    assert found.inputs == {"z": "np.array(0., dtype=np.float64)"}
    assert "between" in found.headline


def test_two_arguments_with_two_conventions_are_wrong(monkeypatch):
    """At a tie the derivative by w is 0 as if x were larger, and the one by x is 0 too: each is admissible, not both."""
    rule = CATALOGUE.entries["elementwise.maximum"]
    assert isinstance(rule, Rule)
    backend, tried = planted_rule(rule, {"w": altered(rule.partials["w"], swap=True)})
    assert run_planted(monkeypatch, tried, backend, "reverse", "float64", "ci").status is CellStatus.FAIL


def test_equivalence_sees_a_difference_at_one_kink_and_none_where_there_is_none():
    relu = CATALOGUE.entries["relu.relu"]
    assert isinstance(relu, Rule)
    right = relu.partials["z"]
    assert witness(relu, "z", lambda xp, z: 1 * right(xp, z)) is None
    at = witness(relu, "z", altered(right, swap=True))
    assert at is not None
    assert at.example.arguments["z"] == 0


def test_the_table_fails_on_a_survivor(monkeypatch, capsys):
    relu = CATALOGUE.entries["relu.relu"]
    assert kill_table.main([relu]) == 0
    monkeypatch.setattr(trying, "SURVIVORS", {})
    assert kill_table.main([relu]) == 1
    assert "!  relu.relu ∂/∂z, wrong branch" in capsys.readouterr().out


def test_an_equivalent_without_a_reason_is_a_survivor():
    relu = CATALOGUE.entries["relu.relu"]
    assert Trial(relu.id, "sign", "", equivalent=trying.UNEXPLAINED).unexcused == ["="]
    assert Trial(relu.id, "sign", "").unexcused == ["="]
    assert Trial(relu.id, "sign", "", verdicts={"S": "", "N": "example 1"}).unexcused == ["S"]
    assert Trial(relu.id, "sign", "", equivalent="the derivative is 0").unexcused == []
