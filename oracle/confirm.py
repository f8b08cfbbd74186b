"""Before anybody is accused: the definition of the derivative, to 60 digits, sharing nothing with the other judges.

A component is a difference quotient in mpmath, with a step so small and so many digits that at least 60 of them are
right. That they are is checked: the quotient is computed again with a far smaller step and more digits, and counts when
both agree; and it is the derivative only where the quotients of both sides agree. No derivative rule, ball, series or
closed form is used. At a kink the two outcomes of each tied choice are imposed in turn: a library may return what lies
between the values. What is not certain is not confirmed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..identities import Equal, Unmet
from ..strategies.formats import finfo
from .arrays import Namespace
from .constants import CONFIRMATION_DIGITS
from .highprecision import (
    MP,
    STEPS,
    MpmathAlgebra,
    Unknown,
    decimal,
    digits_of,
    limit,
    precision,
    quotient,
    reach_of,
    same,
    size,
)
from .mixed import mixed_definition
from .moved import component, moved, steps_for
from .orders import Higher
from .problems import Derivative, Label, Statement
from .quotients import MpmathDerivation

_LARGEST = 100_000
"""Binary magnitude beyond which a value is not written down, far beyond every format; the reciprocal is 0 in all of them."""


@dataclass(frozen=True)
class Confirmation:
    """Whether a number is certainly wrong. ``low`` and ``high``: the definition's value, or its values at a kink, to 60
    digits (empty where it is not known); ``digits``: how many digits are known to be right.
    """

    confirmed: bool
    low: str = ""
    high: str = ""
    digits: int = 0
    reason: str = ""


def confirm(problem: Derivative | Statement, label: Label, got: float, *, radius: float) -> Confirmation:
    """Whether ``got`` is certainly wrong for the component ``label``: further than ``radius`` from the definition.

    Not a finite number is wrong where the definition gives one that the format holds, or overflows with another sign.
    Never raises.
    """
    try:
        got, radius = float(got), float(radius)
        low, high, digits = definition(problem, label)
        low, high = (MP.mpf(0) if x and MP.mag(x) < -_LARGEST else x for x in (low, high))
        if size([low, high]) > _LARGEST:
            return Confirmation(False, reason="the value is beyond every format")
        with MP.workprec(precision(STEPS[0], 1100)):
            texts = decimal(low), decimal(high)
            if not math.isfinite(got):
                largest = MP.mpf(_largest(problem))
                fits = max(abs(low), abs(high)) <= largest
                sign = (low > largest) - (high < -largest)
                other = not fits and sign != 0 and got != sign * math.inf
                reason = "not finite, but the definition is" if fits else "it overflows" + other * " the other way"
                return Confirmation(fits or other, *texts, digits, reason)
            if math.isnan(radius):
                return Confirmation(False, *texts, digits, "no radius is known")
            gap = max(low - MP.mpf(got), MP.mpf(got) - high, MP.mpf(0))
            outside = gap > MP.mpf(radius)
            reason = f"{decimal(gap, 3)} from the definition, {'more' if outside else 'not more'} than {radius:.3g}"
            return Confirmation(bool(outside), *texts, digits, reason)
    except (Unknown, Unmet) as error:
        return Confirmation(False, reason=str(error) or "a hypothesis does not hold")
    except Exception as error:
        return Confirmation(False, reason=f"the definition fails with {type(error).__name__}: {error}")


def _largest(problem: Derivative | Statement) -> float:
    """The largest number of the format on trial."""
    return next((float(finfo(x.dtype).max) for x in problem.arguments.values() if isinstance(x, np.ndarray)), math.inf)


def definition(problem: Derivative | Statement, label: Label) -> tuple[Any, Any, int]:
    """Lowest and highest value of the component by the definition (mpmath numbers), and how many digits are right.

    Raises Unknown where fewer than 60 digits are certain.
    """
    if isinstance(problem, Statement):
        return _of_statement(problem, label)
    if isinstance(problem, Higher):
        return mixed_definition(problem, label)
    line = _Line(problem, label)
    if label.part == "primal":
        (value,), digits = limit(line.reach, lambda step: [line.at(MP.mpf(0), {})[0]], line.steps)
        return value, value, digits
    return _of_line(line)


# Rules: the function on a line through the example.


class _Line:
    """t ↦ the component of f at arguments + t·direction: of f itself, or of ⟨cotangent, f⟩ along one entry."""

    def __init__(self, problem: Derivative, label: Label) -> None:
        self.problem = problem
        self.weights: np.ndarray | None = None
        self.index = label.index
        self.directions: Mapping[str, np.ndarray] = {}
        if label.part == "jvp":
            self.directions = {name: np.asarray(problem.tangents[name]) for name in problem.wrt}
        elif label.part in problem.wrt:
            unit = np.zeros(problem.arguments[label.part].shape)
            unit[label.index] = 1
            self.directions = {label.part: unit}
            self.weights = np.asarray(problem.cotangent)
        elif label.part != "primal":
            raise Unknown(f"no component is called {label}")
        arrays = [x for x in problem.arguments.values() if isinstance(x, np.ndarray)]
        self.reach = reach_of([*arrays, *self.directions.values(), *([] if self.weights is None else [self.weights])])
        self.steps = steps_for(problem)

    def at(self, t: Any, forced: Mapping[int, bool]) -> tuple[Any, MpmathAlgebra]:
        """The value at t, and the algebra with the ties that it met. Raises Unknown where it is not finite."""
        algebra = MpmathAlgebra(forced)
        value = component(moved(self.problem, (self.directions,), t, algebra), self.index, self.weights)
        if not MP.isfinite(value):
            raise Unknown("the function has no finite value there")
        if algebra.jumped:
            raise Unknown("the value jumps there")
        return value, algebra

    def ties(self) -> dict[int, bool]:
        """The choices tied at the example, and their outcome by the convention."""
        with MP.workprec(precision(self.steps[0], self.reach)):
            return self.at(MP.mpf(0), {})[1].ties

    def quotients(self, forced: Mapping[int, bool], step: int) -> list[Any]:
        """The difference quotients to the left and to the right, with imposed outcomes of choices."""
        h = MP.ldexp(1, -step)
        before, here, after = (self.at(t, forced)[0] for t in (-h, MP.mpf(0), h))
        return [quotient(here, before, h), quotient(after, here, h)]


def _of_line(line: _Line) -> tuple[Any, Any, int]:
    ties = line.ties()
    if not ties:
        (left, right), digits = limit(line.reach, lambda step: line.quotients({}, step), line.steps)
        if same(left, right):
            with MP.workprec(precision(STEPS[-1], line.reach)):
                left = right = (left + right) / 2
        return min(left, right), max(left, right), digits
    base, changes, digits = _at_ties(line, ties)
    with MP.workprec(precision(STEPS[-1], line.reach)):
        low, high = (base + MP.fsum(c for c in changes.values() if sign * c > 0) for sign in (-1, 1))
    return low, high, digits


def _at_ties(line: _Line, ties: Mapping[int, bool]) -> tuple[Any, dict[int, Any], int]:
    """The quotient by the convention, and what it changes by when one tied choice is made the other way."""
    flipped = {k: not state for k, state in ties.items()}
    patterns = [ties, *({**ties, k: flipped[k]} for k in ties), flipped]
    found, digits = limit(
        line.reach, lambda step: [q for forced in patterns for q in line.quotients(forced, step)], line.steps
    )
    with MP.workprec(precision(STEPS[-1], line.reach)):
        if not all(same(left, right) for left, right in zip(found[::2], found[1::2], strict=True)):
            raise Unknown("not differentiable on either side of a tied choice")
        base, *singles, all_flipped = found[::2]
        changes = {k: value - base for k, value in zip(ties, singles, strict=True)}
        # One choice must not hide another: then the values between all outcomes are known from single ones.
        if not same(base + MP.fsum(changes.values()), all_flipped, [base, *changes.values()]):
            raise Unknown("tied choices inside one another")
        return base, changes, digits


def at_ties(problem: Derivative, label: Label) -> tuple[Any, dict[int, Any]]:
    """A component at a kink: its value by the convention, and its change for each tied choice made the other way.

    Choices are numbered in the order in which the function makes them, the same for all components. Raises Unknown.
    """
    line = _Line(problem, label)
    base, changes, _ = _at_ties(line, line.ties())
    return base, changes


# Laws: both sides, with D by difference quotients.


def _of_statement(problem: Statement, label: Label) -> tuple[Any, Any, int]:
    side, _, number = label.part.partition(" ")
    if side not in ("left", "right") or not number.isdecimal():
        raise Unknown(f"no component is called {label}")
    fixed = [x for section in problem.functions.values() for x in section.fixed.values()]
    reach = reach_of([x for x in (*problem.arguments.values(), *fixed) if isinstance(x, np.ndarray)])

    def sides(step: int) -> list[Any]:
        algebra = MpmathAlgebra()
        xp = Namespace(algebra)
        claim = problem.claims(MpmathDerivation(xp, algebra, step), xp, xp.asarray)[int(number)]
        if not isinstance(claim, Equal):
            raise Unknown("the claim is no equation")
        arrays = [xp.asarray(problem.applied(xp, one, int(number), xp.asarray)) for one in (claim.left, claim.right)]
        if algebra.ties or algebra.jumped:
            raise Unknown("a choice is tied: the law speaks of differentiable functions")
        found = [array.elements[label.index].value for array in arrays]
        if not all(map(MP.isfinite, found)):
            raise Unknown("a side has no finite value there")
        return found

    (left, right), digits = limit(reach, sides)
    digits = min(digits, digits_of(left, right))
    if digits < CONFIRMATION_DIGITS:
        raise Unknown(f"the two sides agree to {digits} digits only: the law is in doubt, not the library")
    return min(left, right), max(left, right), digits
