"""The arrays that SymPy, the finite field and the balls share, against another implementation: array-api-strict.

Shapes, broadcasting, axes and indexing are the work of one module, ``oracle.arrays``; a mistake in it would fool all three. So
every rule, and its closed forms applied to a tangent and a cotangent, is computed by array-api-strict in float64 at
every canonical size too. Its numbers must lie in what rounding may make of the same computation.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.oracle import constants
from gradlaw.oracle.arrays import Namespace
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.elementary import FUNCTIONS
from gradlaw.oracle.floats import FLOATS
from gradlaw.oracle.tape import Tape, values
from gradlaw.strategies.matrices import structured
from gradlaw.strategies.shapes import Assignment, canonical_assignments, describe, note_shapes, shape_of
from gradlaw.strategies.specs import ArrayInput

strict = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")


class Strict:
    """array-api-strict, with the functions of the table that it lacks element by element."""

    def __getattr__(self, name: str) -> Any:
        if hasattr(strict, name) or name not in FUNCTIONS:
            return getattr(strict, name)
        return lambda x: strict.asarray(getattr(FLOATS, name)(np.asarray(x)))


BEYOND_THE_STANDARD = {"bessel", "binary", "elementwise_more", "powers", "special", "special_binary"}
"""Chapters of element-wise functions, most of which the Array API lacks."""

RULES = [
    entry
    for entry in CATALOGUE.entries.values()
    if isinstance(entry, Rule) and entry.chapter not in BEYOND_THE_STANDARD
]
FLOAT64 = constants.format_of("float64")


def numbers(dice: random.Random, shape: tuple[int, ...]) -> np.ndarray:
    """Different numbers that lie in every domain and that no operation on them rounds away: multiples of ⅛ above 0."""
    size = int(np.prod(shape))
    return np.array([dice.randint(1, 80) / 8 for _ in range(size)]).reshape(shape)


def computed(rule: Rule, made: Assignment, seed: str, xp: Any, convert: Callable[[np.ndarray], Any]) -> list[Any]:
    """The function, and for each argument J v and uᵀ J, in a namespace; the same numbers for every namespace."""
    dice = random.Random(seed)
    known = note_shapes(rule.inputs, made)
    arguments: dict[str, Any] = {}
    for name, spec in rule.inputs.items():
        arguments[name] = known.get(name)
        if isinstance(spec, ArrayInput):
            drawn = numbers(dice, shape_of(spec, known))
            arguments[name] = convert(structured(drawn, spec.structure, 0) if spec.structure else drawn)
    y = rule(xp, *arguments.values())
    found = [y]
    for name in rule.differentiable:
        operator = rule.partials[name](xp, *arguments.values())
        found.append(operator.matvec(xp, convert(numbers(dice, tuple(arguments[name].shape)))))
        found.append(operator.rmatvec(xp, convert(numbers(dice, tuple(y.shape)))))
    return found


def disagreement(rule: Rule, made: Assignment, xp: Any) -> str:
    """Where the two implementations differ, '' where they agree."""
    seed = f"{rule.id} {describe(made)}"
    try:
        with np.errstate(all="ignore"):
            plain = computed(rule, made, seed, xp, strict.asarray)
    except Exception as error:
        return f"array-api-strict raises {type(error).__name__}: {error}"
    with Balls(FLOAT64, constants.INJECTED_BITS) as balls:
        ours = Namespace(Tape(balls))
        for number, (theirs, mine) in enumerate(
            zip(plain, computed(rule, made, seed, ours, ours.asarray), strict=True)
        ):
            mine = ours.asarray(mine)
            if tuple(theirs.shape) != mine.shape:
                return f"result {number}: shape {tuple(theirs.shape)}, ours {mine.shape}"
            for value, ball in zip(np.asarray(theirs).reshape(-1), values(mine), strict=True):
                if rule.normwise:  # another order of elimination: LAPACK's result is near, not inside
                    ball = ball + arb(0, 2.0**-40) * (1 + abs(ball))
                if ball.is_finite() and not ball.contains(float(value)):
                    return f"result {number}: {value!r} is not in {ball}"
    return ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_our_arrays_agree_with_array_api_strict(rule):
    tried = 0
    for made in canonical_assignments(rule.inputs):
        assert disagreement(rule, made, Strict()) == "", describe(made)
        tried += 1
    assert tried


def test_a_wrong_axis_is_noticed():
    class WrongAxis:
        """array-api-strict with sums over the wrong axis of a matrix."""

        def __getattr__(self, name: str) -> Any:
            return getattr(strict, name)

        def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
            return strict.sum(x, axis=1 - axis if x.ndim == 2 and axis in (0, 1) else axis, keepdims=keepdims)

    rule = CATALOGUE.entries["reduction.sum_axes"]
    assert isinstance(rule, Rule)
    found = [disagreement(rule, made, WrongAxis()) for made in canonical_assignments(rule.inputs)]
    assert any(text.startswith("result 0: shape") or "raises ValueError" in text for text in found)


def test_a_wrong_number_is_noticed():
    class WrongSum:
        """array-api-strict with a sum that forgets nothing but adds one."""

        def __getattr__(self, name: str) -> Any:
            return getattr(strict, name)

        def sum(self, x: Any, **more: Any) -> Any:
            return strict.sum(x, **more) + 1.0

    rule = CATALOGUE.entries["neuron.affine"]
    assert isinstance(rule, Rule)
    found = [disagreement(rule, made, WrongSum()) for made in canonical_assignments(rule.inputs)]
    assert any("is not in" in text for text in found)
