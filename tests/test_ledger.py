"""The ledger: what several judges come to together, and why one judge is not trusted alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sympy
from chosen import CORE
from gradlaw.identities import CATALOGUE, CHAPTERS, Rule, rule
from gradlaw.identities.declare import Registry
from gradlaw.identities.operators import diag
from gradlaw.identities.sources import PH
from gradlaw.oracle import index_proof, ledger, symbolic
from gradlaw.strategies import matrix, vector

EVERY = list(CATALOGUE.entries.values())
INEQUALITIES = {"descent.lowers_the_loss"}


@pytest.mark.parametrize(
    ("said", "together"),
    [
        ([], ledger.UNDECIDED),
        ([(ledger.INDEX, "proved")], ledger.SINGLE),
        ([(ledger.SYMPY, "proved")], ledger.SINGLE),
        ([(ledger.FIELD, "randomized proof"), (ledger.SYMPY, "proved")], ledger.SHARED),
        ([(ledger.INDEX, "proved"), (ledger.SYMPY, "proved")], "proved"),
        ([(ledger.INDEX, "proved"), (ledger.FIELD, "randomized proof")], "proved"),
        ([(ledger.INDEX, "proved"), (ledger.SYMPY, "proved"), (ledger.SYMPY, "undecided")], ledger.SINGLE),
        ([(ledger.INDEX, "undecided"), (ledger.SYMPY, "undecided")], ledger.UNDECIDED),
        ([(ledger.INDEX, "undecided"), (ledger.SYMPY, "refuted")], "refuted"),
        ([(ledger.SYMPY, "proved"), (ledger.SYMPY, "refuted")], "refuted"),
        ([(ledger.INDEX, "proved"), (ledger.FIELD, "refuted")], ledger.DISAGREE),
        ([(ledger.INDEX, "proved"), (ledger.SYMPY, "proved"), (ledger.FIELD, "refuted")], ledger.DISAGREE),
    ],
)
def test_what_judges_come_to_together(said, together):
    assert ledger.conclusion(said) == together


def test_an_identity_is_as_proved_as_its_worst_argument():
    def entries(*pairs):
        return [ledger.Entry(judge, argument, "all", status) for judge, argument, status in pairs]

    both = [(judge, name, "proved") for judge in (ledger.INDEX, ledger.SYMPY) for name in "wx"]
    assert ledger.conclusion_of(entries(*both)) == "proved"
    assert ledger.conclusion_of(entries(*both[:-1])) == ledger.SINGLE
    assert ledger.conclusion_of(entries(*both, (ledger.FIELD, "x", "refuted"))) == ledger.DISAGREE


def proved(identity, judges=(ledger.INDEX, ledger.FIELD)):
    """What judges say, by default index notation and the finite field: two independent ones."""
    found = [ledger.prove(identity, task, trials=2) for task in ledger.tasks(identity, judges)]
    return ledger.conclusion_of(found), found


UNSETTLED = [CATALOGUE.entries[name] for name in ledger.UNSETTLED]


@pytest.mark.parametrize("identity", EVERY, ids=lambda identity: identity.id)
def test_every_identity_is_proved_by_the_judges_that_a_run_asks(identity):
    together, found = proved(identity, ledger.judges_needed(identity))
    if identity.id in INEQUALITIES:
        assert ledger.claim_of(identity) == "inequality"
        assert together == ledger.UNDECIDED
        assert all(entry.reason.startswith("an inequality") for entry in found)
    else:
        assert together == "proved", found


@pytest.mark.parametrize("identity", UNSETTLED, ids=lambda identity: identity.id)
def test_a_third_judge_is_needed_where_a_run_asks_it(identity):
    assert proved(identity)[0] != "proved"


def _everywhere(found):
    return found.status == symbolic.PROVED and found.sizes != index_proof.SMALL


def test_the_rules_are_proved_for_all_sizes():
    rules = [entry for entry in CORE if isinstance(entry, Rule)]
    everywhere = [
        entry for entry in rules if all(_everywhere(index_proof.check(entry, name)) for name in entry.differentiable)
    ]
    assert everywhere == rules


def test_laws_about_functions_say_of_what_they_are_theorems():
    generic = ledger.prove(CATALOGUE.entries["chain.vector_chain"], _index_task("chain.vector_chain"))
    assert "for generic functions" in generic.detail
    assert ledger.prove(CATALOGUE.entries["loss.neuron_loss"], _index_task("loss.neuron_loss")).detail == ""
    (task, *_) = ledger.tasks(CATALOGUE.entries["chain.vector_chain"], (ledger.SYMPY,))
    assert "f = " in ledger.prove(CATALOGUE.entries["chain.vector_chain"], task).detail  # on instances, and on which


def _index_task(name):
    return ledger.tasks(CATALOGUE.entries[name], (ledger.INDEX,))[0]


def test_steps_of_a_proof_are_equations_in_tex():
    found = ledger.prove(CATALOGUE.entries["neuron.layer"], _index_task("neuron.layer"))
    whats = [what for what, *_ in found.steps]
    assert whats == ["the function", "∂/∂W, entry", "∂/∂W, J v", "∂/∂W, uᵀ J"]
    assert found.steps[1][1] == r"\delta_{i r}\,x_{s}"


def test_no_chapter_branches_on_a_size():
    """A branch on ``x.shape[0] == 1`` would be decided once, for a symbolic size: the proof would not be for all sizes.

    A branch on the number of axes is decided by the declaration.
    """

    def branches(text: str) -> list[str]:
        lines = (re.sub(r"len\(\w+\.shape\)", "rank", line) for line in text.splitlines())
        return [line for line in lines if re.search(r"\bif\b.*\.shape", line)]

    for chapter in CHAPTERS:
        assert branches(Path(str(chapter.__file__)).read_text(encoding="utf-8")) == [], chapter.__name__
    assert branches("    return x if x.shape[0] == 1 else y")
    assert not branches("    return x if len(x.shape) == 1 else y")


# What a judge cannot do is undecided, and said; nothing is raised.


def _declared(function, **inputs):
    return rule(source=PH("a test"), registry=Registry(), **inputs)(function)


def test_what_is_outside_the_language_is_named():
    def flattened(xp, A):
        r"""\mathrm{vec}\,A"""
        return xp.reshape(A, (A.shape[0] * A.shape[1],))

    made = _declared(flattened, A=matrix("m", "n"))
    made.partial("A")(lambda xp, A: diag(A))
    found = index_proof.check(made, "A")
    assert (found.status, found.reason) == ("undecided", "uses reshape from (m, n) to (m·n,)")

    def accumulated(xp, x):
        r"""\textstyle\sum_{j \le i} x_j"""
        return xp.cumulative_sum(x)

    made = _declared(accumulated, x=vector("n"))
    made.partial("x")(lambda xp, x: diag(x))
    found = index_proof.check(made, "x")
    assert (found.status, found.reason) == ("undecided", "uses cumulative_sum")


@pytest.mark.parametrize("judge", ledger.JUDGES)
def test_a_proof_over_its_time_is_undecided(judge):
    identity = CATALOGUE.entries["descent.parabola"]
    task = ledger.tasks(identity, (judge,))[-1]
    found = ledger.prove(identity, task, seconds=1e-9)
    assert (found.status, found.reason) == ("undecided", "1e-09 s")


@pytest.mark.parametrize("judge", ledger.JUDGES)
@pytest.mark.parametrize("mistake", [None, 3, "diag", ZeroDivisionError], ids=str)
def test_a_closed_form_that_is_none_is_not_proved_and_raises_nothing(judge, mistake):
    def broken(xp, x):
        if isinstance(mistake, type):
            raise mistake
        return mistake

    right = CATALOGUE.entries["reduction.sum_all"]
    made = _declared(lambda xp, x: xp.sum(x), name="broken", tex="y", x=vector("n"))
    assert isinstance(right, Rule)
    made.partial("x", "?")(broken)
    for task in ledger.tasks(made, (judge,)):
        assert ledger.prove(made, task).status in ("refuted", "undecided")


# Why two judges: SymPy alone is silently wrong about derivatives of whole matrices.


def test_sympy_is_silently_wrong_about_functions_of_matrices():
    X = sympy.MatrixSymbol("X", 2, 2)
    determinant, trace = sympy.Determinant(X), sympy.Trace(X)
    for expression in (sympy.log(determinant), sympy.log(trace), sympy.exp(trace)):
        assert expression.diff(X) == sympy.ZeroMatrix(2, 2) or expression.diff(X) == 0
    # Component by component, which is how it judges here, it is right: the derivatives are not 0.
    entries = sympy.Matrix(2, 2, sympy.symbols("a:4", real=True))
    assert sympy.simplify(sympy.log(entries.det()).diff(entries[0])) != 0
    assert sympy.exp(entries.trace()).diff(entries[0]) == sympy.exp(entries.trace())
