"""One example on one backend: run it, check what comes back is an answer at all, then judge the numbers."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..identities import Equal, Holds, Unmet
from .answers import BadAnswer, Inputs, Lookup, answer, unpack
from .backend_derivation import BackendDerivation
from .constants import format_of
from .enclose import enclose
from .modes import HESSIAN, nesting
from .natives import MissingOperation
from .nested import hessian, nested
from .orders import Higher
from .problems import Derivative, Statement
from .protocol import Backend, Unsupported
from .status import Verdict
from .verdict import Judgement, judge


@dataclass
class Outcome:
    """What one example came to. ``kind`` of a failure: value, primal, shape, dtype, type, mutation, claim or exception;
    ``part``: which answer it concerns, where that is known.
    """

    verdict: Verdict
    kind: str = ""
    message: str = ""
    part: str = ""
    traceback: str = ""
    judgement: Judgement | None = None
    met: bool = True
    facts: int = 0


def run_derivative(
    backend: Backend, problem: Derivative, dtype: np.dtype, function: Callable[..., Any] | None
) -> list[float]:
    """The problem's components as the backend computes them. ``function`` replaces the text by a native operation."""
    inputs = Inputs(backend)
    xp = Lookup(backend.xp, backend.name)
    arrays = {name: inputs.make(name, x) if isinstance(x, np.ndarray) else x for name, x in problem.arguments.items()}
    primals = [arrays[name] for name in problem.wrt]

    def f(*points: Any) -> Any:
        given = {**arrays, **dict(zip(problem.wrt, points, strict=True))}
        return function(*given.values()) if function else problem.function(xp, *given.values())

    shape = problem.out_shape
    if isinstance(problem, Higher):
        if len(nesting(problem.nested)) > backend.order:
            raise Unsupported(f"{backend.name} does not differentiate {len(nesting(problem.nested))} times")
        if problem.nested == HESSIAN:
            parts = hessian(backend, xp, problem, inputs, f, primals, dtype)
            inputs.check()
            return [float(v) for part in parts for v in part.reshape(-1)]
        f = nested(backend, problem, inputs, f)
    if problem.mode == "forward":
        tangents = [inputs.make(f"tangent of {name}", problem.tangents[name]) for name in problem.wrt]
        y, t = unpack(backend.jvp(f, primals, tangents), "jvp")
        parts = [answer(backend, y, shape, dtype, "primal"), answer(backend, t, shape, dtype, "jvp")]
    else:
        assert problem.cotangent is not None
        y, cotangents = unpack(backend.vjp(f, primals, inputs.make("cotangent", problem.cotangent)), "vjp")
        if not isinstance(cotangents, list | tuple) or len(cotangents) != len(primals):
            raise BadAnswer("type", f"vjp gave no sequence of {len(primals)} cotangents")
        parts = [answer(backend, y, shape, dtype, "primal")]
        for name, got in zip(problem.wrt, cotangents, strict=True):
            parts.append(answer(backend, got, problem.arguments[name].shape, dtype, name))
    inputs.check()
    return [float(v) for part in parts for v in part.reshape(-1)]


def run_statement(backend: Backend, problem: Statement, dtype: np.dtype) -> list[float]:
    """Both sides of a law as the backend computes them. Raises BadAnswer where a fact does not hold."""
    if problem.law.order > backend.order:
        raise Unsupported(f"{backend.name} does not differentiate {problem.law.order} times")
    inputs = Inputs(backend)
    D = BackendDerivation(backend, problem.mode)
    count = iter(range(10**6))
    got: list[float] = []

    def convert(x: np.ndarray) -> Any:
        return inputs.make(f"array {next(count)}", np.asarray(x, dtype))

    for number, claim in enumerate(problem.claims(D, D.xp, convert)):
        if isinstance(claim, Holds):
            if not claim.exact and not claim.true:
                raise BadAnswer("claim", claim.what)
            continue
        assert isinstance(claim, Equal)
        for name, side in (("left", claim.left), ("right", claim.right)):
            array = problem.applied(D.xp, side, number, convert)
            part = f"{name} {number}"
            got += [float(v) for v in answer(backend, array, problem.shapes[part], dtype, part).reshape(-1)]
    inputs.check()
    return got


def _numbers(
    backend: Backend, problem: Derivative | Statement, dtype: np.dtype, function: Callable[..., Any] | None
) -> list[float] | Outcome:
    """The components that the backend returns, or what the example comes to where there are none.

    Of what a backend raises only MemoryError, KeyboardInterrupt and the like escape.
    """
    try:
        with backend.scope(), np.errstate(all="ignore"):
            if isinstance(problem, Derivative):
                return run_derivative(backend, problem, dtype, function)
            return run_statement(backend, problem, dtype)
    except (Unsupported, MissingOperation) as error:
        return Outcome(Verdict.UNSUPPORTED, message=str(error))
    except BadAnswer as error:
        return Outcome(Verdict.WRONG, error.kind, str(error), error.part)
    except MemoryError:
        raise  # concerns the cell: shrinking would only ask for all the memory again
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        if backend.lacks(error):
            return Outcome(Verdict.UNSUPPORTED, message=message)
        return Outcome(Verdict.WRONG, "exception", message, traceback=traceback.format_exc())


def try_example(
    backend: Backend,
    problem: Derivative | Statement,
    dtype: np.dtype,
    *,
    flush: bool = False,
    function: Callable[..., Any] | None = None,
) -> Outcome:
    """Judge one example."""
    if isinstance(problem, Higher) and not problem.tells:
        return Outcome(Verdict.NO_CLAIM, met=False)
    answered = None
    if isinstance(problem, Derivative):
        # The library first: where it has no number no truth is needed.
        answered = _numbers(backend, problem, dtype, function)
        if isinstance(answered, Outcome) and _final(answered, problem):
            return answered
    try:
        enclosed = enclose(problem, format_of(dtype), flush=flush)
    except Unmet:
        return Outcome(Verdict.NO_CLAIM, met=False)
    kinked = enclosed.exact is not None and (enclosed.exact.choices or enclosed.exact.jumped)
    if kinked and isinstance(problem, Statement):
        return Outcome(Verdict.NO_CLAIM, met=False, message="a drawn function has a kink here")
    if kinked and isinstance(problem, Higher):
        return Outcome(Verdict.NO_CLAIM, met=False, message="the derivative has a kink or a jump here")
    outputs = (enclosed.exact and enclosed.exact.outputs) or enclosed.outputs
    if outputs is None:
        return Outcome(Verdict.NO_CLAIM, message="a predicate stays undecided")
    if outputs.mathematics_alone:
        return Outcome(Verdict.NO_CLAIM, kind="mathematics", message="the law concerns the mathematics alone")
    problem.note_shapes(outputs)
    if answered is None:
        answered = _numbers(backend, problem, dtype, function)
    if isinstance(answered, Outcome):
        if answered.kind == "exception" and enclosed.refusable:
            return Outcome(Verdict.NO_CLAIM, message=answered.message)
        return answered
    judgement = judge(enclosed, answered)
    kind = ""
    if judgement.verdict in (Verdict.WRONG, Verdict.INACCURATE) and judgement.worst is not None:
        kind = "primal" if judgement.labels[judgement.worst].part == "primal" else "value"
    return Outcome(judgement.verdict, kind, judgement=judgement, facts=outputs.facts)


def _final(outcome: Outcome, problem: Derivative) -> bool:
    """Whether the mathematics has no say: an exception may be a refusal, and at kinks nothing is claimed of higher orders."""
    if outcome.verdict is Verdict.UNSUPPORTED:
        return True
    return outcome.kind != "exception" and not isinstance(problem, Higher)
