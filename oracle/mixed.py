"""The definition of a derivative of higher order: mixed differences of the function itself, to 60 digits.

∂ᵥ∂_w f(x) is the limit of (f(x + hv + hw) − f(x + hv) − f(x + hw) + f(x)) / h², and likewise with three directions. No
derivative, of a closed form or otherwise, is used. Both signs of h must agree, and the function must not jump.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from .highprecision import MP, MpmathAlgebra, Unknown, limit, precision, reach_of, same
from .modes import HESSIAN
from .moved import Direction, component, moved, steps_for
from .orders import Higher
from .problems import Label


def mixed_definition(problem: Higher, label: Label) -> tuple[Any, Any, int]:
    """Lowest and highest value of a component by the definition, and how many digits are right. Raises Unknown."""
    directions, weights = _parts(problem, label)
    arrays = [x for x in problem.arguments.values() if isinstance(x, np.ndarray)]
    along = [x for direction in directions for x in direction.values()]
    reach = reach_of([*arrays, *along, *([] if weights is None else [weights])])

    def quotients(step: int) -> list[Any]:
        # A quotient of order k needs k times the digits of a simple one.
        with MP.workprec(precision(step, reach) + (len(directions) - 1) * 2 * step):
            h = MP.ldexp(1, -step)
            return [_quotient(problem, label, directions, weights, sign * h) for sign in (1, -1)]

    (right, left), digits = limit(reach, quotients, steps_for(problem))
    with MP.workprec(precision(0, reach)):
        if not same(left, right):
            raise Unknown("the differences of both signs disagree")
        return min(left, right), max(left, right), digits


def _parts(problem: Higher, label: Label) -> tuple[list[Direction], np.ndarray | None]:
    """The directions, and the weights of the function's components; None for the one component of the label."""

    def unit(name: str, index: tuple[int, ...]) -> Direction:
        x = np.zeros(problem.arguments[name].shape)
        x[index] = 1
        return {name: x}

    inner: list[Direction] = list(problem.inner_tangents)
    reverse = problem.inner_mode == "reverse"
    if label.part == "primal":
        return ([unit(problem.by, label.index)], problem.inner_cotangent) if reverse else (inner, None)
    if label.part == HESSIAN:
        half = len(label.index) // 2
        return [unit(problem.by, label.index[:half]), unit(problem.by, label.index[half:])], problem.inner_cotangent
    if label.part == "jvp":
        return (
            ([unit(problem.by, label.index), problem.tangents], problem.inner_cotangent)
            if reverse
            else ([*inner, problem.tangents], None)
        )
    if label.part not in problem.wrt or problem.cotangent is None:
        raise Unknown(f"no component is called {label}")
    along = unit(label.part, label.index)
    if reverse:
        return [{problem.by: problem.cotangent}, along], problem.inner_cotangent
    return [*inner, along], problem.cotangent


def _quotient(
    problem: Higher, label: Label, directions: Sequence[Direction], weights: np.ndarray | None, h: Any
) -> Any:
    total, largest = MP.mpf(0), MP.mpf(0)
    for chosen in itertools.product((0, 1), repeat=len(directions)):
        value = _at(problem, label, [d for d, on in zip(directions, chosen, strict=True) if on], weights, h)
        total += value * (-1) ** (len(directions) - sum(chosen))
        largest = max(largest, abs(value))
    power = abs(h) ** len(directions)
    found = total / h ** len(directions)
    if not same(found + MP.ldexp(largest, 8 - MP.prec) / power, found):
        raise Unknown("the values are too large for the working precision")
    return found


def _at(problem: Higher, label: Label, moving: Sequence[Direction], weights: np.ndarray | None, h: Any) -> Any:
    """The component, or ⟨weights, f⟩, at the arguments + h·(the sum of the directions)."""
    algebra = MpmathAlgebra()
    value = component(moved(problem, moving, h, algebra), label.index, weights)
    if algebra.jumped:
        raise Unknown("the function jumps there")
    if not MP.isfinite(value):
        raise Unknown("the function has no finite value there")
    return value
