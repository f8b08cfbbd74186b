"""The verdict on numbers that a library returned: right, inaccurate, wrong, or no claim, component by component.

There is no tolerance. A number is *right* inside the enclosure of what rounding may do to this formula, or within 64
ulp of the truth; *inaccurate* where only a larger loss of accuracy, but no wrong formula, explains it; *wrong* otherwise.
Where the radius of the enclosure exceeds √u·|T| the component is *weak* evidence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from flint import arb

from . import constants
from .balls import overflown
from .cancellation import size_of_terms
from .enclose import Enclosed
from .kinks import ClarkeSet, clarke_set
from .orders import Higher
from .overflow import partial_overflows
from .problems import Label
from .status import Verdict

_POWER = 64
"""The largest number to this power is still written down digit by digit when an accusation is confirmed."""


@dataclass(frozen=True)
class Grade:
    """The verdict on one component. ``error`` is |g − T| as a fraction of the allowed radius; above 1 is outside."""

    verdict: Verdict
    error: float
    weak: bool = False
    why: str = ""


@dataclass
class Judgement:
    """The verdicts on one example, in the order of its components."""

    labels: list[Label]
    got: list[float]
    truth: list[arb]
    radius: list[arb]
    grades: list[Grade]
    theta: list[float] = field(default_factory=list)
    at_kink: bool = False
    clarke: ClarkeSet | None = None

    @property
    def verdict(self) -> Verdict:
        """Of the example: the worst of its components; vacuous where all evidence is weak."""
        found = Counter(grade.verdict for grade in self.grades)
        for serious in (Verdict.WRONG, Verdict.INACCURATE):
            if found[serious]:
                return serious
        if found[Verdict.RIGHT]:
            strong = any(grade.verdict is Verdict.RIGHT and not grade.weak for grade in self.grades)
            return Verdict.RIGHT if strong else Verdict.VACUOUS
        return Verdict.NO_CLAIM if self.grades else Verdict.RIGHT

    @property
    def worst(self) -> int | None:
        """The component with the most serious verdict, and among these the largest error."""
        if not self.grades:
            return None
        order = [Verdict.WRONG, Verdict.INACCURATE, Verdict.RIGHT, Verdict.NO_CLAIM]
        return min(range(len(self.grades)), key=lambda k: (order.index(self.grades[k].verdict), -self.grades[k].error))


def judge(enclosed: Enclosed, got: Sequence[float]) -> Judgement:
    """Judge the components that a library returned, in the order of the problem's labels.

    Raises ValueError where their number is not the problem's.
    """
    exact = enclosed.exact
    outputs = exact.outputs if exact is not None else enclosed.outputs
    if outputs is None:
        return Judgement([], [], [], [], [Grade(Verdict.NO_CLAIM, 0.0, why="a predicate stays undecided")])
    if len(got) != len(outputs.labels):
        raise ValueError(f"{len(outputs.labels)} components expected, {len(got)} given")
    unknown = arb("nan")
    if exact is None or enclosed.outputs is None:
        grades = [Grade(Verdict.NO_CLAIM, 0.0, why="a predicate stays undecided") for _ in got]
        return Judgement(outputs.labels, list(got), [unknown] * len(got), [unknown] * len(got), grades)
    truth, allowed = exact.outputs.balls, enclosed.outputs.balls
    if exact.choices:
        return _judge_at_kink(enclosed, got)
    if not enclosed.bounds:
        allowed = _with_nearby(enclosed, allowed)
        enclosed.bounds.extend(_bound(t, ball, enclosed.model) for t, ball in zip(truth, allowed, strict=True))
    grades = [_grade(enclosed, k, float(g), truth[k]) for k, g in enumerate(got)]
    return Judgement(outputs.labels, list(got), truth, [bound.shown for bound in enclosed.bounds], grades)


@dataclass(frozen=True)
class _Bound:
    """What the answers to one component are held against. ``sign``: of a truth that overflows, 0 for any other; the rest
    only where ``finite``: the middle of the enclosure, the margin, the radius with it; ``shown``: the radius in a report.
    """

    sign: int
    finite: bool
    shown: arb
    middle: arb
    margin: arb
    radius: arb
    weak: bool


def _bound(truth: arb, allowed: arb, model: constants.Format) -> _Bound:
    sign = overflown(allowed)
    # What overflows has no radius of its own: it is beyond the largest number by more than this.
    shown = arb(model.largest) * model.half_the_digits if sign else allowed.rad()
    sign = sign if sign and _clearly_beyond(truth, sign, model) else 0
    margin = constants.MARGIN_ULPS * model.ulp * abs(truth)
    weak = bool(allowed.rad() > model.half_the_digits * abs(truth))
    finite = allowed.is_finite() and truth.is_finite()
    return _Bound(sign, finite, shown, allowed.mid(), margin, allowed.rad() + margin, weak)


def _with_nearby(enclosed: Enclosed, allowed: list[arb]) -> list[arb]:
    """The enclosures; in linear algebra, where a pivot may be 0 but nothing overflows, what nearby matrices give."""
    if all(ball.is_finite() for ball in allowed) or not enclosed.normwise:
        return allowed
    near = enclosed.other("normwise")
    return [b if not (a.is_finite() or a.is_nan() or overflown(a)) else a for a, b in zip(allowed, near, strict=True)]


def _grade(enclosed: Enclosed, k: int, got: float, truth: arb) -> Grade:
    model, bound = enclosed.model, enclosed.bounds[k]
    if bound.sign:
        return _grade_overflow(enclosed, k, got, truth, bound.sign)
    if not bound.finite:
        return _grade_by_other_form(enclosed, k, got, truth)
    if not math.isfinite(got):
        if enclosed.refusable:
            return Grade(Verdict.NO_CLAIM, 0.0, why="numerically singular: a library may refuse the whole matrix")
        if enclosed.overflows_in_another_order(k):
            return Grade(Verdict.NO_CLAIM, 0.0, why="another order of operations may overflow here")
        return _grade_not_finite(enclosed, k)
    margin, weak = bound.margin, bound.weak
    distance = abs(arb(got) - bound.middle)
    error = _ratio(distance, bound.radius)
    if distance <= bound.radius:
        return Grade(Verdict.RIGHT, error, weak)
    if enclosed.normwise:
        near = enclosed.other("normwise")[k]
        if not near.is_finite():
            return Grade(Verdict.NO_CLAIM, 0.0, why="numerically singular")
        if near.contains(arb(got)):
            return Grade(Verdict.INACCURATE, error, weak, "exact for a nearby matrix")
    gap = abs(arb(got) - truth)
    if gap <= model.near * abs(truth):
        return Grade(Verdict.RIGHT, min(error, 1.0), weak)
    if gap <= model.half_the_digits * abs(truth):
        return Grade(Verdict.INACCURATE, error, weak, "close to the truth, outside the enclosure")
    closed = enclosed.other("closed")
    if closed and closed[k].is_finite() and abs(arb(got) - closed[k].mid()) <= closed[k].rad() + margin:
        return Grade(Verdict.INACCURATE, error, weak, "explained by the closed form's rounding")
    for form in enclosed.forms:
        found = enclosed.other(form)[k]
        if found.is_finite() and abs(arb(got) - found.mid()) <= found.rad() + margin:
            return Grade(Verdict.INACCURATE, error, weak, "explained by another formula for the same derivative")
    loose = [enclosed.other(name)[k] for name in ("loose", "loose normwise") if enclosed.other(name)]
    if not all(ball.is_finite() for ball in loose) or any(
        ball.is_finite() and abs(arb(got) - ball.mid()) <= ball.rad() + margin
        for ball in (*loose, enclosed.other("inexact")[k])
    ):
        return Grade(Verdict.INACCURATE, error, weak, "explained by rounding errors 2¹⁰ times as large")
    if isinstance(enclosed.problem, Higher) and truth.is_zero():
        assert enclosed.exact is not None
        terms = size_of_terms(enclosed.problem, enclosed.exact.outputs, k)
        if abs(got) <= model.looser * model.unit_roundoff * terms:
            return Grade(Verdict.INACCURATE, error, weak, "as small as the rounding errors of the first derivative")
    return Grade(Verdict.WRONG, error, weak)


def _grade_not_finite(enclosed: Enclosed, k: int) -> Grade:
    """The truth is finite, the answer is not: wrong, unless what the format cannot hold went into it."""
    assert enclosed.exact is not None
    outputs = enclosed.exact.outputs
    label = outputs.labels[k]
    if partial_overflows(enclosed.problem, label, outputs.shapes[label.part], enclosed.model):
        return Grade(Verdict.NO_CLAIM, 0.0, why="a partial derivative overflows here")
    return Grade(Verdict.WRONG, math.inf, why="not finite")


def _grade_overflow(enclosed: Enclosed, k: int, got: float, truth: arb, sign: int) -> Grade:
    """The main form and the truth overflow: the infinity is right. Weak evidence, since it shows no digit.

    A finite result is wrong where larger rounding errors overflow too and no other form stays finite; NaN or the other
    infinity only where no form may have it on its way.
    """
    if got == sign * math.inf:
        return Grade(Verdict.RIGHT, 0.0, weak=True, why="overflows")
    others = [enclosed.other(name) for name in ("closed", *enclosed.forms)]
    found = [enclosed.other("loose")[k], *(form[k] for form in others if form)]
    certain = [overflown(ball) == sign for ball in found]
    possible = certain[0] and not any(ball.is_finite() for ball in found)
    if all(certain) or (math.isfinite(got) and possible):
        return Grade(Verdict.WRONG, math.inf, why="the result overflows")
    return Grade(Verdict.NO_CLAIM, 0.0, why="another formula may not overflow here")


def _clearly_beyond(truth: arb, sign: int, model: constants.Format) -> bool:
    """Whether the truth is beyond the largest number by more than any rounding, and can still be written down."""
    most = arb(model.largest)
    return truth.is_finite() and bool(most * (1 + model.half_the_digits) < sign * truth < most**_POWER)


def _grade_by_other_form(enclosed: Enclosed, k: int, got: float, truth: arb) -> Grade:
    """The main form may overflow or is unbounded: the closed form may still confirm a finite result, never accuse."""
    if math.isfinite(got) and truth.is_finite():
        if abs(arb(got) - truth) <= enclosed.model.near * abs(truth):
            return Grade(Verdict.RIGHT, 0.0)
        closed = enclosed.other("closed")
        if closed and closed[k].is_finite() and closed[k].contains(arb(got)):
            return Grade(Verdict.RIGHT, 0.0, weak=True)
    return Grade(Verdict.NO_CLAIM, 0.0, why="the formula may overflow or is unbounded here")


def _judge_at_kink(enclosed: Enclosed, got: Sequence[float]) -> Judgement:
    """Membership of all components together in the Clarke set, with one multiplier per kink."""
    assert enclosed.exact is not None
    truth, names = enclosed.exact.outputs.balls, enclosed.exact.outputs.labels
    found = clarke_set(enclosed)
    nothing = Grade(Verdict.NO_CLAIM, 0.0, why="at a kink whose set of derivatives is not known")
    if found is None or not all(radius.is_finite() for radius in found.radius):
        return Judgement(names, list(got), truth, [arb("nan")] * len(got), [nothing] * len(got), at_kink=True)
    result = Judgement(names, list(got), truth, found.radius, [], at_kink=True, clarke=found)
    if not all(map(math.isfinite, got)):
        result.grades = [
            Grade(Verdict.RIGHT, 0.0) if math.isfinite(g) else _grade_not_finite(enclosed, k) for k, g in enumerate(got)
        ]
        return result
    theta = found.theta_for(got)
    if theta is not None:
        result.theta = [float(t) for t in theta]
        result.grades = [Grade(Verdict.RIGHT, 0.0) if found.cube else nothing for _ in got]
        return result
    if found.refutes(got):
        result.grades = [_grade_in_hull(enclosed, found, k, g) for k, g in enumerate(got)]
        if all(grade.verdict is Verdict.RIGHT for grade in result.grades):
            accused = Grade(Verdict.WRONG, math.inf, why="no common multiplier at the kink")
            result.grades = [Grade(Verdict.RIGHT, 0.0) if name.part == "primal" else accused for name in names]
        return result
    result.grades = [nothing] * len(got)
    return result


def _grade_in_hull(enclosed: Enclosed, found: ClarkeSet, k: int, got: float) -> Grade:
    low, high = found.hull(k)
    if low <= arb(got) and arb(got) <= high:
        return Grade(Verdict.RIGHT, 0.0)
    gap = low - arb(got) if arb(got) < low else arb(got) - high
    # The lossy rules are evaluated without a multiplier at the kink: they would excuse whatever is between the pieces.
    if any(enclosed.other(form)[k].contains(arb(got)) for form in enclosed.forms if form != "lossy"):
        error = 1 + _ratio(gap, found.radius[k])
        return Grade(Verdict.INACCURATE, error, why="explained by another formula for the same derivative")
    if found.is_fixed(k) and found.loose()[k].contains(arb(got)):
        return Grade(
            Verdict.INACCURATE, 1 + _ratio(gap, found.radius[k]), why="explained by rounding errors 2¹⁰ times as large"
        )
    return Grade(Verdict.WRONG, 1 + _ratio(gap, found.radius[k]), why="outside the Clarke set")


def _ratio(distance: arb, radius: arb) -> float:
    if radius.is_zero():
        return 0.0 if distance.is_zero() else math.inf
    return float((distance / radius).mid())
