"""Confirmation at a kink of an answer whose components are each possible, but not together.

At a tie of maximum(w, x) the derivatives (1, 0) and (0, 1) and all between them are right, and (1, 1) is wrong, though
each of its components occurs. Every tied choice has one weight in [0, 1], shared by all components: a component that
depends on one choice alone says which weights explain it, and two of them may have none in common.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .confirm import Confirmation, at_ties, confirm
from .highprecision import MP, STEPS, Unknown, decimal, precision, same
from .problems import Derivative, Label, Statement
from .verdict import Judgement

_PRECISION = precision(STEPS[-1], 1100)


def confirm_component(problem: Derivative | Statement, judgement: Judgement, k: int) -> Confirmation:
    """Whether component ``k`` of a judgement is certainly wrong: by itself, or at a kink together with the others."""
    radii = [float(radius) for radius in judgement.radius]
    found = confirm(problem, judgement.labels[k], judgement.got[k], radius=radii[k])
    if found.confirmed or not judgement.at_kink:
        return found
    return confirm_together(problem, judgement.labels, judgement.got, radii=radii)


def confirm_together(
    problem: Derivative | Statement, labels: Sequence[Label], got: Sequence[float], *, radii: Sequence[float]
) -> Confirmation:
    """Whether no weights of the tied choices explain all components ``got``, each within its radius. Never raises."""
    try:
        if isinstance(problem, Statement):
            raise Unknown("the law speaks of differentiable functions")
        with MP.workprec(_PRECISION):
            allowed: dict[int, tuple[Any, Any, Label]] = {}
            for label, value, radius in zip(labels, got, radii, strict=True):
                if label.part == "primal" or not (math.isfinite(value) and math.isfinite(radius)):
                    continue
                for choice, low, high in _weights(problem, label, MP.mpf(value), MP.mpf(radius)):
                    least, most, other = allowed.get(choice, (MP.mpf(0), MP.mpf(1), label))
                    if low > most or high < least:
                        where = f"{label} asks for a weight of {decimal(low, 6)} … {decimal(high, 6)}"
                        return Confirmation(
                            True,
                            reason=f"no common weight of a tied choice: {where}, "
                            f"{other} for one of {decimal(least, 6)} … {decimal(most, 6)}",
                        )
                    allowed[choice] = (max(low, least), min(high, most), label)
        return Confirmation(False, reason="no two components contradict each other")
    except Unknown as error:
        return Confirmation(False, reason=str(error))
    except Exception as error:
        return Confirmation(False, reason=f"the definition fails with {type(error).__name__}: {error}")


def _weights(problem: Derivative, label: Label, got: Any, radius: Any) -> list[tuple[int, Any, Any]]:
    """For a component that depends on one tied choice: the weights of its other outcome that explain ``got``."""
    base, changes = at_ties(problem, label)
    felt = {choice: change for choice, change in changes.items() if not same(change, MP.mpf(0), [base])}
    if len(felt) != 1:
        return []
    ((choice, change),) = felt.items()
    ends = sorted((got - base + sign * radius) / change for sign in (-1, 1))
    return [(choice, ends[0], ends[1])]
