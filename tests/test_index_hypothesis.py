"""The index prover under Hypothesis: the same formulas as in the fuzz, drawn and shrunk by it instead of from a seed."""

from __future__ import annotations

import random

from gradlaw.oracle.index_terms import Undecided
from gradlaw.oracle.index_zero import is_zero
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from index_fuzz import Maker, Rewriter, spoiled
from index_trees import calculated, difference, free, read
from index_values import Undefined, agree, value_of
from test_index_fuzz import keys, points, zeros

DICE = st.randoms(use_true_random=False)
CHOSEN = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def maker_with(dice: random.Random) -> Maker:
    maker = Maker(0)
    maker.rng = dice
    return maker


@CHOSEN
@given(DICE, st.booleans())
def test_a_normal_form_has_the_value_of_the_formula(dice, fresh):
    t = maker_with(dice).formula(2)
    try:
        p = read(t, fresh=fresh)
    except Undecided:
        assume(False)
    for point, env in points(free(t), 1, 2):
        try:
            assert agree(calculated(t, point, env), value_of(p, point, keys(env)))
            event("compared")
        except Undefined:
            event("undefined")


@CHOSEN
@given(DICE, st.integers(0, 2))
def test_what_is_called_zero_is_zero(dice, rewritings):
    maker = maker_with(dice)
    t = maker.formula(2)
    w = spoiled(Rewriter(maker).rewritten(t, rewritings), maker.rng)
    assume(w is not None)
    try:
        shown = is_zero(read(t, fresh=True) - read(w, fresh=False))
    except Undecided:
        assume(False)
    event("called zero" if shown else "not called zero")
    assert not shown or all(zeros(difference(t, w), 1, 4))
