"""A function in high precision at its arguments, moved along directions: what a definition of its derivative evaluates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .arrays import Array, Namespace
from .highprecision import MP, SPECIAL_STEPS, STEPS, MpmathAlgebra, Number
from .problems import Derivative

Direction = Mapping[str, np.ndarray]


def moved(problem: Derivative, directions: Sequence[Direction], t: Any, algebra: MpmathAlgebra) -> Array:
    """f(arguments + t·(the sum of the directions))."""
    xp = Namespace(algebra)
    arguments = []
    for name, x in problem.arguments.items():
        if isinstance(x, np.ndarray):
            x = xp.asarray(x)
            for direction in directions:
                if name in direction:
                    x = x + xp.asarray(direction[name]) * xp.wrap([Number(t)], ())
        arguments.append(x)
    return xp.asarray(problem.function(xp, *arguments))


def component(y: Array, index: tuple[int, ...], weights: np.ndarray | None) -> Any:
    """One component of y, or with weights ⟨weights, y⟩."""
    if weights is None:
        return y.elements[index].value
    pairs = zip(y.flat(), np.asarray(weights).reshape(-1), strict=True)
    return MP.fsum([node.value * MP.mpf(float(u)) for node, u in pairs if u])


def steps_for(problem: Derivative) -> Sequence[int]:
    """The steps for a problem's difference quotients, by what is evaluated at its arguments."""
    algebra = MpmathAlgebra()
    with MP.workprec(200):
        moved(problem, (), MP.mpf(0), algebra)
    return SPECIAL_STEPS if algebra.special else STEPS
