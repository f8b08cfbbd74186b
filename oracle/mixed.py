"""The definition of a derivative of higher order: mixed differences of the function itself, to 60 digits.

∂ᵥ∂_w f(x) is the limit of (f(x + hv + hw) − f(x + hv) − f(x + hw) + f(x)) / h², and likewise with three directions. No
derivative, of a closed form or otherwise, is used. Both signs of h must agree, and the function must not jump.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .arrays import Array, Namespace
from .highprecision import (
    MP,
    SPECIAL_STEPS,
    STEPS,
    MpmathAlgebra,
    Number,
    Unknown,
    limit,
    precision,
    reach_of,
    same,
)
from .modes import HESSIAN
from .orders import Higher
from .problems import Label

Direction = Mapping[str, np.ndarray]


def mixed_definition(problem: Higher, label: Label) -> tuple[Any, Any, int]:
    """Lowest and highest value of a component by the definition, and how many digits are right. Raises Unknown."""
    directions, weights = _parts(problem, label)
    arrays = [x for x in problem.arguments.values() if isinstance(x, np.ndarray)]
    moved = [x for direction in directions for x in direction.values()]
    reach = reach_of([*arrays, *moved, *([] if weights is None else [weights])])

    def quotients(step: int) -> list[Any]:
        # A quotient of order k needs k times the digits of a simple one.
        with MP.workprec(precision(step, reach) + (len(directions) - 1) * 2 * step):
            h = MP.ldexp(1, -step)
            return [_quotient(problem, label, directions, weights, sign * h) for sign in (1, -1)]

    with MP.workprec(200):
        steps = SPECIAL_STEPS if _moved(problem, (), MP.mpf(0))[1].special else STEPS
    (right, left), digits = limit(reach, quotients, steps)
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
    y, algebra = _moved(problem, moving, h)
    if weights is None:
        value = y.elements[label.index].value
    else:
        pairs = zip(y.flat(), np.asarray(weights).reshape(-1), strict=True)
        value = MP.fsum([node.value * MP.mpf(float(u)) for node, u in pairs if u])
    if algebra.jumped:
        raise Unknown("the function jumps there")
    if not MP.isfinite(value):
        raise Unknown("the function has no finite value there")
    return value


def _moved(problem: Higher, moving: Sequence[Direction], h: Any) -> tuple[Array, MpmathAlgebra]:
    """The function there, and the algebra, which has seen what is evaluated."""
    algebra = MpmathAlgebra()
    xp = Namespace(algebra)
    arguments = []
    for name, x in problem.arguments.items():
        if isinstance(x, np.ndarray):
            x = xp.asarray(x)
            for direction in moving:
                if name in direction:
                    x = x + xp.asarray(direction[name]) * xp.wrap([Number(h)], ())
        arguments.append(x)
    return xp.asarray(problem.function(xp, *arguments)), algebra
