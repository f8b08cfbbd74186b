"""A systematic error far below the radius of one input, which a batch of inputs shows: rounding errors have no sign.

An enclosure is what the worst roundings may do to one number. A relative error of 10⁻⁷ in float32, or a constant that is
wrong in the 15th digit, hides in it at every single input. Over a thousand inputs the roundings of a correct library
cancel and such an error does not: it stays as the mean of the signed errors.

The statistic: e = (g − T)/(u·T) for each component that is right and strong, divided by what a correct library may have on
average, 1 + r/32, where r is the radius of its enclosure in the same units. Of these the mean without the tenth at
either end (a few heavy cancellations must not decide), studentised with Tukey and McLaughlin's standard error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..identities import Rule
from ..identities.operators import Elementwise
from ..strategies.draw import LENGTH, draw
from ..strategies.search import seed_of
from ..strategies.shapes import choices
from ..strategies.specs import ArrayInput
from .balls import Balls
from .constants import EXACT_BITS, format_of
from .enclose import Enclosed, enclose
from .examples import problem_of
from .judge import run_derivative
from .problems import Derivative
from .protocol import Backend
from .status import Verdict
from .tape import Tape, Undecided
from .verdict import judge

ROWS = {"fast": 256, "ci": 1024, "deep": 4096}
"""Inputs in a batch, by profile: the mean of a thousand rounding errors is known to a thirtieth of one."""

FEWEST = 64
"""Strong and right components below which nothing is said."""

CONSTANT = 1.0
"""A mean that is always allowed, in units round-off: a constant of the formula may itself be rounded, the same each time."""

PART_OF_RADIUS = 1 / 32
"""And this part of the radius: measured on 17 functions in NumPy, torch and JAX the mean error of a function is at most
0.41 units round-off, a twentieth of the 8 that its enclosure has."""

TRIMMED = 0.1
DEVIATIONS = 6.0
"""The mean must be beyond what is allowed by so many standard errors."""

_FEW = 3
"""A size at which the structure of a rule is seen."""

_GENERIC = 100
"""A header byte for values of the class *generic*; see ``strategies.values``."""


@dataclass(frozen=True)
class Bias:
    """The mean signed error of one part (``primal``, ``jvp`` or an argument) over ``count`` components.

    ``mean`` is in units round-off of the truth; ``relative`` is the mean as a fraction of what is allowed, known to its
    standard error ``deviation``.
    """

    part: str
    mean: float
    unit_roundoff: float
    relative: float
    deviation: float
    count: int

    @property
    def found(self) -> bool:
        """Whether the mean is certainly more than a correct library may have."""
        return abs(self.relative) > 1 + DEVIATIONS * self.deviation

    @property
    def sentence(self) -> str:
        """In words."""
        size = self.mean * self.unit_roundoff
        what = {"primal": "the value", "jvp": "the tangent"}.get(self.part, f"the derivative by {self.part}")
        return f"biased: {what} is off by {size:+.2g} (relative) on average over {self.count} inputs"


def _batch(rule: Rule, dtype: np.dtype, mode: str, seed: int, rows: int) -> Derivative:
    """Ordinary inputs of one size as one problem along all ones."""
    data = bytearray(np.random.default_rng(seed).bytes(LENGTH))
    data[23] = 0  # not at a kink
    data[24:40] = bytes([_GENERIC] * 16)
    data[40] = 0  # along all ones
    given: dict[str, Any] = {}
    for choice in choices(rule.inputs):
        if isinstance(choice.spec, ArrayInput):
            given[choice.name] = ((rows,),) * choice.spec.members if choice.spec.group else rows
    problem = problem_of(rule, draw(bytes(data), rule.inputs, dtype, given=given), {}, mode)
    assert isinstance(problem, Derivative)
    return problem


@lru_cache(maxsize=1024)
def elementwise(rule: Rule) -> bool:
    """Whether component k of the value depends on entry k alone: one vector is then a whole batch."""
    if rule.jumps:
        return False
    problem = _batch(rule, np.dtype("float64"), "reverse", 0, _FEW)
    shapes = {x.shape for x in problem.arguments.values() if isinstance(x, np.ndarray)}
    if problem.out_shape != (_FEW,) or not shapes <= {(_FEW,), ()}:
        return False
    with Balls(None, EXACT_BITS) as balls:
        try:
            operators = problem.operators(*problem.lifted_on(Tape(balls, exact=True), leaves=False)).values()
        except Undecided:
            return False
    return all(isinstance(one, Elementwise) and one.in_shape == one.out_shape for one in operators)


@lru_cache(maxsize=16)
def batch(rule: Rule, dtype: np.dtype, mode: str, seed: int, rows: int, flush: bool) -> Enclosed | None:
    """A batch with its truth and enclosure; the same for all backends. None where the rule is not element-wise."""
    if not elementwise(rule):
        return None
    problem = _batch(rule, dtype, mode, seed_of(rule.id, "bias", seed), rows)
    return enclose(problem, format_of(dtype), flush=flush)


def biases(
    backend: Backend,
    rule: Rule,
    mode: str,
    dtype: np.dtype,
    rows: int,
    flush: bool = False,
    function: Callable[..., Any] | None = None,
    seed: int = 0,
) -> list[Bias]:
    """The biases of a rule's parts on a backend; empty where it is not element-wise or the backend has no answer."""
    made = batch(rule, dtype, mode, seed, rows, flush)
    if made is None or made.exact is None or made.outputs is None or made.exact.choices:
        return []
    assert isinstance(made.problem, Derivative)
    try:
        with backend.scope(), np.errstate(all="ignore"):
            got = run_derivative(backend, made.problem, dtype, function)
    except Exception:
        return []  # the cell's own examples say what is the matter
    return of_batch(made, got)


def of_batch(made: Enclosed, got: Sequence[float]) -> list[Bias]:
    """The biases in the components of a batch that are right and strong, part by part."""
    found = judge(made, got)
    model = made.model
    errors: dict[str, list[tuple[float, float]]] = {}
    for label, g, t, radius, grade in zip(
        found.labels, found.got, found.truth, found.radius, found.grades, strict=True
    ):
        if grade.verdict is Verdict.RIGHT and not grade.weak and abs(t) > model.smallest_normal:
            unit = model.unit_roundoff * t
            pair = float(((g - t) / unit).mid()), abs(float((radius / unit).mid()))
            errors.setdefault(label.part, []).append(pair)
    result = []
    for part, pairs in errors.items():
        if len(pairs) >= FEWEST:
            error, radius = np.array(pairs).T
            relative = trimmed_mean(error / (CONSTANT + PART_OF_RADIUS * radius))
            result.append(Bias(part, trimmed_mean(error)[0], model.unit_roundoff, *relative, len(error)))
    return result


def trimmed_mean(values: np.ndarray) -> tuple[float, float]:
    """The mean without a tenth of the values at either end, and its standard error (Tukey and McLaughlin, 1963)."""
    ordered = np.sort(values)
    cut = int(TRIMMED * len(ordered))
    kept = ordered[cut : len(ordered) - cut]
    winsorised = np.clip(ordered, kept[0], kept[-1])
    spread = winsorised.std(ddof=1) / ((1 - 2 * TRIMMED) * math.sqrt(len(ordered)))
    return float(kept.mean()), float(spread)
