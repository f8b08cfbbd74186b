"""Whether a partial derivative overflows in the format, though its product with the direction asked for does not.

A library that computes the partial derivative first has 0·∞ there, or a tiny direction times ∞. By the letter its NaN is wrong;
but the format cannot hold what it was to multiply with, and no formula for the derivative is at fault. So an answer that is not
finite is no claim where a partial derivative that it is made of is beyond the largest number, whatever the direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb

from ..identities.operators import Operator
from .constants import EXACT_BITS, EXACT_BITS_LIMIT, Format
from .enclose import exact
from .modes import HESSIAN
from .orders import Higher
from .problems import Derivative, Label, Outputs, Statement
from .tape import Tape, Undecided, values


def partial_overflows(problem: Derivative | Statement, label: Label, shape: tuple[int, ...], model: Format) -> bool:
    """Whether a true partial derivative that goes into the component ``label`` of an answer of this shape is beyond the
    largest number, or nearer to it than √u. True also where predicates stay undecided.
    """
    if label.part == "primal":
        return False
    most = arb(model.largest) * (1 - model.half_the_digits)
    return any(abs(v) > most for v in _decided(lambda tape: _partials(problem, label, shape, tape)))


def _decided(compute: Callable[[Tape], Outputs]) -> list[arb]:
    bits = EXACT_BITS
    while bits <= EXACT_BITS_LIMIT:
        try:
            return exact(compute, bits).outputs.balls
        except Undecided:
            bits *= 2
    return [arb("inf")]


def _partials(problem: Derivative | Statement, label: Label, shape: tuple[int, ...], tape: Tape) -> Outputs:
    """The partial derivatives that a component is made of: those of what was differentiated before among them, the value of
    the function not.
    """
    if isinstance(problem, Statement):
        return _of_statement(problem, tape)
    if isinstance(problem, Higher):
        problem = replace(
            problem,
            inner_tangents=[{name: _nowhere_zero(v) for name, v in along.items()} for along in problem.inner_tangents],
            inner_cotangent=None if problem.inner_cotangent is None else _nowhere_zero(problem.inner_cotangent),
        )
    turned = problem if label.part == HESSIAN else _across(problem, label, shape)
    found = turned.on(tape)
    result = Outputs([], [])
    for part, ball in zip(found.labels, found.balls, strict=True):
        before = isinstance(problem, Higher) and (label.part != "jvp" or part.index == label.index)
        if part.part != "primal" or before:
            result.labels.append(part)
            result.balls.append(ball)
    return result


def _across(problem: Derivative, label: Label, shape: tuple[int, ...]) -> Derivative:
    """The problem in the other mode, whose components are the partial derivatives that go into this one: a row of the
    Jacobian for a component of a tangent, a column for one of a cotangent.
    """
    if label.part == "jvp":
        return replace(problem, mode="reverse", cotangent=_unit(shape, label.index), tangents={})
    shapes = {name: np.shape(problem.arguments[name]) for name in problem.wrt}
    along = {name: _unit(shape, label.index if name == label.part else None) for name, shape in shapes.items()}
    return replace(problem, mode="forward", cotangent=None, tangents=along)


def _unit(shape: Sequence[int], index: tuple[int, ...] | None) -> np.ndarray:
    unit = np.zeros(tuple(shape))
    if index is not None:
        unit[index] = 1
    return unit


def _nowhere_zero(direction: np.ndarray) -> np.ndarray:
    return np.where(direction == 0, np.ones_like(direction), direction)


def _of_statement(problem: Statement, tape: Tape) -> Outputs:
    """All entries of all derivatives that a law speaks of."""
    D, down = problem.derivation(tape, closed=False)
    made: list[Operator] = []
    operators = D.operators

    def noting(f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        found = operators(f, points)
        if not getattr(D, "inside", False):
            made.extend(found)
        return found

    D.operators = noting  # type: ignore[method-assign]
    problem.claims(D, D.xp, D.xp.asarray)
    result = Outputs([], [])
    for number, operator in enumerate(made):
        for index in np.ndindex(*operator.in_shape):
            column = down(operator.matvec(D.xp, D.xp.asarray(_unit(operator.in_shape, index))))
            result.add(f"column {number} {index}", column.shape, values(column))
    return result
