"""Is it the adapter or the library? A few calls with known answers, before anything is judged.

An adapter that does not bring arrays to the library and back unchanged, or whose ``jvp`` and ``vjp`` do not return
what the protocol asks for, would make every verdict a bug of ours called a bug of theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..strategies.formats import finfo
from .protocol import Backend


def _round_trips(dtype: np.dtype) -> list[np.ndarray]:
    info = finfo(dtype)
    edges = [0.0, -0.0, 1.0, float(info.max), float(info.smallest_normal), float(info.eps)]
    return [
        np.array(0.5, dtype),
        np.zeros((0, 3), dtype),
        np.array(edges, dtype),
        np.arange(6, dtype=dtype).reshape(2, 3),
        np.arange(6, dtype=dtype).reshape(2, 3).T,
    ]


def problems(backend: Backend, dtype: np.dtype) -> list[str]:
    """What is wrong with the adapter in this dtype, a sentence each; empty where it may judge."""
    found: list[str] = []
    with backend.scope(), np.errstate(all="ignore"):
        for x in _round_trips(dtype):
            back = backend.to_numpy(backend.asarray(x))
            if not isinstance(back, np.ndarray) or back.shape != x.shape or back.dtype != x.dtype:
                kind = f"{back.dtype} {back.shape}" if isinstance(back, np.ndarray) else type(back).__name__
                found.append(f"a {x.dtype} array of shape {x.shape} came back as {kind}")
            elif not np.array_equal(back, x):  # −0 may come back as 0: exact arithmetic has one zero
                found.append(f"an array of shape {x.shape} came back with other values")
        if found:
            return found
        x, t = np.array([1.0, 2.0, 4.0], dtype), np.array([1.0, -1.0, 0.5], dtype)

        def square_times_two(v: Any) -> Any:
            return 2 * v * v

        calls = {}
        if "reverse" in backend.modes:
            calls["vjp"] = lambda: _second(backend.vjp(square_times_two, [backend.asarray(x)], backend.asarray(t)), 0)
        if "forward" in backend.modes or "reverse" in backend.modes:
            calls["jvp"] = lambda: _second(backend.jvp(square_times_two, [backend.asarray(x)], [backend.asarray(t)]))
        for name, call in calls.items():
            primal, derivative = call()
            for what, got, expected in (("value", primal, 2 * x * x), ("derivative", derivative, 4 * x * t)):
                array = backend.to_numpy(got)
                if array.shape != x.shape or array.dtype != x.dtype:
                    found.append(f"{name}: the {what} of 2x² is {array.dtype} {array.shape}, not {x.dtype} {x.shape}")
                elif not np.array_equal(array, expected):
                    found.append(
                        f"{name}: the {what} of 2x² at {x.tolist()} is {array.tolist()}, not {expected.tolist()}"
                    )
    return found


def _second(pair: Any, index: int | None = None) -> tuple[Any, Any]:
    primal, other = pair
    return primal, other if index is None else other[index]


def flushes_subnormals(backend: Backend, dtype: np.dtype) -> bool:
    """Whether the backend replaces subnormal operands or results by 0: measured, declared, not accused."""
    info = finfo(dtype)
    with backend.scope(), np.errstate(all="ignore"):
        small = backend.asarray(np.full(3, float(info.smallest_normal), dtype))
        half = backend.asarray(np.full(3, 0.5, dtype))
        subnormal = backend.asarray(np.full(3, float(info.smallest_normal) / 4, dtype))
        large = backend.asarray(np.full(3, 2.0**10, dtype))
        results = [backend.to_numpy(small * half), backend.to_numpy(subnormal * large)]
    return any((np.asarray(result) == 0).any() for result in results)
