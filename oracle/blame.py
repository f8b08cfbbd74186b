"""Is it the law or one of its parts? A law speaks of functions whose derivative the library gets right, and accurately.

Where a library fails a law at functions one of which it already fails alone, in the same way, the defect belongs to that
function's rule, which has a cell of its own. Without this one wrong rule would fail every law that may draw it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..strategies.functions import Section, points_of
from .examples import output_shape
from .judge import try_example
from .modes import HESSIAN, SECOND
from .orders import Higher, higher
from .problems import Derivative, Statement
from .protocol import Backend
from .status import Verdict


def failing_part(backend: Backend, problem: Statement, dtype: np.dtype, kind: str, *, flush: bool) -> str:
    """The first drawn function whose own derivative fails on the backend, with the same kind of failure; '' for none."""
    arrays = {k: v for k, v in problem.arguments.items() if isinstance(v, np.ndarray)}
    for section, points in points_of(problem.law.inputs, problem.functions, arrays):
        with np.errstate(over="ignore"):
            rounded = [point.astype(dtype) for point in points]
        if not all(np.isfinite(point).all() for point in rounded):
            if kind in ("value", "primal"):
                continue  # beyond the format: nothing can be said of the function's numbers there
            rounded = [np.asarray(np.nan_to_num(point)) for point in rounded]
        for alone in _alone(section, rounded, problem):
            outcome = try_example(backend, alone, dtype, flush=flush)
            numbers = isinstance(alone, Higher) and {outcome.kind, kind} <= {"value", "primal"}
            if outcome.verdict in (Verdict.WRONG, Verdict.INACCURATE) and (outcome.kind == kind or numbers):
                return f"{section.rule.id} alone fails there: {outcome.message or 'a wrong derivative'}"
    return ""


def _alone(section: Section, points: list[np.ndarray], problem: Statement) -> Iterator[Derivative]:
    """The derivative of a drawn function itself, and for a law of second order its second derivatives in all nestings."""
    rule = section.rule
    arguments = dict(zip(rule.inputs, section.arguments(*points), strict=True))
    shape = output_shape(rule, arguments)
    tangents = {name: problem.along(arguments[name].shape, k) for k, name in enumerate(section.free)}
    cotangent = problem.along(shape, 0)
    alone = Derivative.of(rule, arguments, section.free, problem.mode, tangents, cotangent, shape)
    yield alone
    if problem.law.order > 1:
        for nested in SECOND:
            if nested != HESSIAN:
                yield from (higher(alone, nested, problem.along, name) for name in section.free)
