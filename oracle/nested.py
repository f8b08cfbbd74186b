"""Derivatives of derivatives as a backend computes them, by its own modes nested in one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .answers import Inputs, answer, unpack
from .modes import HESSIAN
from .orders import Higher
from .protocol import Backend


def nested(backend: Backend, problem: Higher, inputs: Inputs, f: Callable[..., Any]) -> Callable[..., Any]:
    """The inner derivative as the backend computes it, a function of the arguments differentiated by."""
    if problem.inner_mode == "reverse":
        assert problem.inner_cotangent is not None
        u, position = inputs.make("inner cotangent", problem.inner_cotangent), problem.wrt.index(problem.by)
        return lambda *points: unpack(backend.vjp(f, points, u), "vjp")[1][position]
    for number, along in enumerate(problem.inner_tangents):
        v = [inputs.make(f"inner tangent {number} of {name}", along[name]) for name in problem.wrt]
        f = _tangent(backend, f, v)
    return f


def _tangent(backend: Backend, f: Callable[..., Any], v: Sequence[Any]) -> Callable[..., Any]:
    return lambda *points: unpack(backend.jvp(f, points, v), "jvp")[1]


def hessian(
    backend: Backend,
    xp: Any,
    problem: Higher,
    inputs: Inputs,
    f: Callable[..., Any],
    primals: Sequence[Any],
    dtype: np.dtype,
) -> list[np.ndarray]:
    """The gradient and the Hessian of ⟨u, f⟩ by one argument, by the library's own function for it."""
    assert problem.inner_cotangent is not None
    u, position = inputs.make("inner cotangent", problem.inner_cotangent), problem.wrt.index(problem.by)

    def weighed(x: Any) -> Any:
        return xp.sum(u * f(*primals[:position], x, *primals[position + 1 :]))

    point = primals[position]
    gradient = unpack(backend.vjp(weighed, [point], inputs.make("one", np.ones((), dtype))), "vjp")[1][0]
    shape = problem.arguments[problem.by].shape
    found = backend.hessian(weighed, point)
    return [answer(backend, gradient, shape, dtype, "primal"), answer(backend, found, shape * 2, dtype, HESSIAN)]
