"""A failing example in words and numbers: headline, both sides, confirmation by the definition, and a script."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from flint import arb

from .confirm import Confirmation
from .judge import Outcome
from .modes import HESSIAN, nesting
from .orders import Higher
from .problems import Derivative, Statement
from .program import literal
from .protocol import Backend
from .script import script, script_of_answer
from .status import Verdict
from .together import confirm_component

COMPOSED = "composed"


@dataclass(frozen=True)
class CellKey:
    """The coordinates of a cell. ``variant``: ``composed``, or ``native:`` and the library's own expression."""

    identity: str
    backend: str
    variant: str
    mode: str
    dtype: str

    def __str__(self) -> str:
        return "-".join((self.identity, self.backend, self.variant, self.mode, self.dtype))


@dataclass
class Counterexample:
    """A shrunk failing example, in words and numbers. ``site``: the class of the point, as in ``site.py``."""

    headline: str
    kind: str
    inputs: dict[str, str] = field(default_factory=dict)
    direction: str = ""
    site: str = ""
    got: list[float] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    worst_element: str = ""
    worst_got: float = math.nan
    worst_expected: str = ""
    allowed_radius: float = math.nan
    script: str = ""
    confirmed: str = ""
    traceback: str = ""


def counterexample(backend: Backend, key: CellKey, problem: Derivative | Statement, outcome: Outcome) -> Counterexample:
    """A bad outcome in words: headline, both sides, confirmation and script."""
    inputs = {name: literal(x) if isinstance(x, np.ndarray) else repr(x) for name, x in problem.arguments.items()}
    if isinstance(problem, Statement):
        inputs.update({name: str(section) for name, section in problem.functions.items()})
    where = f"{key.identity} on {key.backend} {backend.version} ({key.variant}, {key.mode}, {key.dtype})"
    found = Counterexample("", outcome.kind, inputs, _direction(problem), traceback=outcome.traceback)
    judgement = outcome.judgement
    native = key.variant.removeprefix("native:") if key.variant != COMPOSED else ""
    if judgement is None or judgement.worst is None:
        found.headline = f"{outcome.kind}: {where}: {outcome.message}"
        found.script = _script(found, lambda: script_of_answer(backend, problem, outcome, found.headline, native))
        return found
    k = judgement.worst
    label, truth = judgement.labels[k], judgement.truth[k]
    radius = float(judgement.radius[k])
    found.got = judgement.got
    found.expected = [_decimal(t) for t in judgement.truth]
    found.worst_element, found.worst_got, found.allowed_radius = str(label), judgement.got[k], radius
    confirmation = confirm_component(problem, judgement, k) if outcome.verdict is Verdict.WRONG else None
    found.worst_expected = _expected(truth, confirmation)
    if judgement.clarke is not None:
        low, high = map(_decimal, judgement.clarke.hull(k))
        found.worst_expected = low if low == high else f"between {low} and {high}"
    word = "inaccurate" if outcome.verdict is Verdict.INACCURATE else "wrong"
    what = _what(problem, label.part)
    found.headline = f"{word} {what}: {where}: {label} = {judgement.got[k]!r}, but it is {found.worst_expected}"
    found.script = _script(found, lambda: script(backend, problem, label, found.worst_expected, found.headline, native))
    if confirmation is not None:
        found.confirmed = confirmation.reason
        if not confirmation.confirmed:
            found.kind = "disputed"
            found.headline = f"disputed (a bug of gradlaw, please report it): {found.headline}"
    return found


def _what(problem: Derivative | Statement, part: str) -> str:
    if not isinstance(problem, Higher):
        return "primal value" if part == "primal" else "derivative"
    order = len(nesting(problem.nested)) - (part == "primal")
    return ("derivative", "second derivative", "third derivative")[order - 1]


def _script(found: Counterexample, write: Callable[[], str]) -> str:
    """The script; a bug in writing it must not hide the failure itself."""
    try:
        return write()
    except Exception:
        found.traceback += "\nthe script could not be written:\n" + traceback.format_exc()
        return ""


def _direction(problem: Derivative | Statement) -> str:
    if isinstance(problem, Statement):
        return f"{problem.mode}, along the drawn direction"
    words = []
    if isinstance(problem, Higher):
        for along in problem.inner_tangents:
            words += [f"inner tangent of {name} {literal(along[name])}" for name in problem.wrt]
        if problem.inner_cotangent is not None:
            words.append(f"inner cotangent {literal(problem.inner_cotangent)}, by {problem.by}")
    if isinstance(problem, Higher) and problem.nested == HESSIAN:
        return ", ".join(words)
    if problem.mode == "reverse" and problem.cotangent is not None:
        words.append(f"cotangent {literal(problem.cotangent)}")
    else:
        words += [f"tangent of {name} {literal(problem.tangents[name])}" for name in problem.wrt]
    return ", ".join(words)


def _expected(truth: arb, confirmation: Confirmation | None) -> str:
    """The truth in 17 digits: the definition's, where a ball that is wide beside a tiny truth does not hold so many."""
    wide = truth.is_finite() and not truth.contains(0) and truth.rel_accuracy_bits() < 64
    if wide and confirmation is not None and confirmation.confirmed and confirmation.low == confirmation.high:
        return f"{Decimal(confirmation.low):.16e}"
    return _decimal(truth)


def _decimal(ball: Any) -> str:
    if ball.is_finite() and ball.contains(0):
        return "0"  # the truth is narrow where something is claimed: this is 0, not the ball's midpoint
    return ball.str(17, radius=False) if ball.is_finite() else "undefined"
