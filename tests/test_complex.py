"""The complex chapters: a conjugated derivative is proved by no judge, and a backend that returns one is wrong."""

from __future__ import annotations

import cmath
from typing import Any, ClassVar

import numpy as np
import pytest
from gradlaw.backends.reference import Reference
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.identities.operators import Stack, diag
from gradlaw.oracle import field_proof, index_proof, ledger, symbolic
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.protocol import register
from gradlaw.strategies.search import PROFILES

HOLOMORPHIC = [e for k, e in CATALOGUE.entries.items() if k.startswith("complex_functions.") and isinstance(e, Rule)]
CONJUGATED = [e for e in HOLOMORPHIC if e.id.rpartition(".")[2] in {"exp", "sinh", "log", "reciprocal", "atan"}]
IN_PYTHON = {
    "expm1": lambda z: cmath.exp(z) - 1,
    "log1p": lambda z: cmath.log(1 + z),
    "square": lambda z: z * z,
    "cube": lambda z: z**3,
    "rsqrt": lambda z: 1 / cmath.sqrt(z),
    "reciprocal": lambda z: 1 / z,
}


def conjugated(rule: Rule):
    """∂f/∂y of a function of z with the sign of i turned: −i f′ in place of i f′."""
    right = rule.partials["y"]

    def form(xp, x, y):
        u, v = right(xp, x, y).parts
        return Stack([diag(-u.d), diag(-v.d)])

    return form


@pytest.mark.parametrize("rule", HOLOMORPHIC, ids=lambda rule: rule.id)
def test_the_text_is_the_function(rule: Rule):
    short = rule.id.rpartition(".")[2]
    name = short.removesuffix("_right").removesuffix("_strip").removesuffix("_off_imaginary")
    function = IN_PYTHON.get(name) or getattr(cmath, name)
    for z in (0.25 + 0.5j, 0.75 - 0.125j):
        found = rule(np, np.array([z.real]), np.array([z.imag]))
        assert complex(*found[:, 0]) == pytest.approx(function(z), rel=1e-13)


@pytest.mark.parametrize("rule", CONJUGATED, ids=lambda rule: rule.id)
def test_a_conjugated_derivative_is_proved_by_no_judge(rule: Rule):
    form = conjugated(rule)
    assert index_proof.check(rule, "y", partial=form).status in (ledger.UNDECIDED, ledger.REFUTED)
    tasks = [task for task in symbolic.tasks(rule) if task.argument == "y" and "=2" in task.sizes]
    assert tasks
    for task in tasks:
        assert field_proof.check(rule, task, partial=form).status != ledger.RANDOMIZED
        assert symbolic.check(rule, task, partial=form).status == ledger.REFUTED


class Conjugates(Reference):
    """The reference with the other sign of i in the derivatives of functions of x and y that return two rows."""

    name: ClassVar[str] = "conjugates"

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        y, tangent = super().jvp(f, primals, tangents)
        if len(primals) == 2 and y.shape[:1] == (2,):
            return super().jvp(f, primals, [tangents[0], -tangents[1]])
        return y, tangent

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, found = super().vjp(f, primals, cotangent)
        return (y, [found[0], -found[1]]) if len(primals) == 2 and y.shape[:1] == (2,) else (y, found)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("identity", ["complex_functions.exp", "complex_functions.log", "complex_pairs.sign"])
def test_a_backend_that_conjugates_is_wrong(identity: str, mode: str):
    register("conjugates", Conjugates)
    result = run_cell(CellKey(identity, "conjugates", "composed", mode, "float64"), profile=PROFILES["fast"])
    assert result.status == "fail"
    assert "wrong derivative" in result.counterexamples[0].headline
