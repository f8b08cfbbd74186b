"""What is wrong is proved by no judge: the plausible mistakes of ``wrong_variants``, put to each of the three."""

from __future__ import annotations

import pytest
from gradlaw.identities import Rule
from gradlaw.oracle import field_proof, index_proof, ledger, symbolic
from wrong_variants import OWN, VARIANTS, Variant

RIGHT = [(rule, name) for rule in {id(v.rule): v.rule for v in VARIANTS}.values() for name in rule.differentiable]


def test_there_are_enough_and_no_two_alike():
    assert len(VARIANTS) >= 40
    assert len({str(variant) for variant in VARIANTS}) == len(VARIANTS)


def tasks(rule: Rule, name: str) -> list[symbolic.Task]:
    """The canonical sizes for one argument, those without axes of 0 and 1 first: they tell most."""
    found = [task for task in symbolic.tasks(rule) if task.argument == name]
    return sorted(found, key=lambda task: sum(task.sizes.count(f"={size}") for size in (0, 1)))


@pytest.mark.parametrize(("rule", "name"), RIGHT, ids=lambda value: getattr(value, "id", value))
def test_the_right_closed_form_is_accepted_by_all_judges(rule, name):
    assert index_proof.check(rule, name).status == ledger.PROVED
    for task in tasks(rule, name):
        assert field_proof.check(rule, task).status == ledger.RANDOMIZED, task.sizes
        assert symbolic.check(rule, task).status == ledger.PROVED, task.sizes


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_wrong_variant_is_not_proved_in_index_notation(variant: Variant):
    found = index_proof.check(variant.rule, variant.argument, partial=variant.form)
    assert found.status in (ledger.UNDECIDED, ledger.REFUTED)
    # It is the mathematics that is rejected, not a construct that the judge does not know.
    assert "the normal forms differ" in found.reason, found.reason


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_wrong_variant_is_refuted_over_the_finite_field(variant: Variant):
    said = {
        task.sizes: field_proof.check(variant.rule, task, partial=variant.form)
        for task in tasks(variant.rule, variant.argument)
    }
    assert ledger.REFUTED in {found.status for found in said.values()}, said


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_wrong_variant_is_refuted_by_sympy(variant: Variant):
    statuses = (
        symbolic.check(variant.rule, task, partial=variant.form).status
        for task in tasks(variant.rule, variant.argument)
    )
    assert ledger.REFUTED in statuses


def test_the_rules_of_this_file_are_not_in_the_catalogue():
    from gradlaw.identities import CATALOGUE

    assert not set(OWN.entries) & set(CATALOGUE.entries)
