"""What a backend's answer must be before its numbers are judged: an array of the right shape and dtype, of a call that
changed none of its inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .protocol import Backend, Unsupported


class BadAnswer(Exception):
    """A backend's answer is no array of the right shape and dtype, or the call changed its input.

    ``kind`` names the failure, ``part`` the answer, as in the labels of components; it is empty where it is not known.
    """

    def __init__(self, kind: str, message: str, part: str = "") -> None:
        super().__init__(message)
        self.kind, self.part = kind, part


class Lookup:
    """A namespace in which a missing name is Unsupported: the only look-up failure that is not the library's fault."""

    def __init__(self, xp: Any, name: str) -> None:
        self._xp, self._name = xp, name

    def __getattr__(self, name: str) -> Any:
        try:
            found = getattr(self._xp, name)
            return Lookup(found, f"{self._name}.linalg") if name == "linalg" else found
        except AttributeError as error:
            raise Unsupported(f"{self._name} has no {name}") from error


def answer(backend: Backend, got: Any, shape: tuple[int, ...], dtype: np.dtype, part: str) -> np.ndarray:
    """``got`` as a NumPy array; raises BadAnswer where it is not the array that was asked for."""
    side = part.partition(" ")[0]
    what = {"primal": "the primal value", "jvp": "the tangent", "left": "the left side", "right": "the right side"}.get(
        side, f"the derivative by {part}"
    )
    if got is None or type(got) in (float, int, complex, bool):
        kind = "None" if got is None else f"a bare {type(got).__name__}"
        raise BadAnswer("type", f"{what} is {kind}, not an array", part)
    try:
        array = backend.to_numpy(got)
    except Exception as error:
        raise BadAnswer("type", f"{what} is a {type(got).__name__} and no array: {error}", part) from error
    if array.shape != shape:
        raise BadAnswer("shape", f"{what} has shape {array.shape}, not {shape}", part)
    if array.dtype != dtype:
        raise BadAnswer("dtype", f"{what} has dtype {array.dtype}, not {dtype}", part)
    return array


class Inputs:
    """The library's arrays made of NumPy ones, and whether a call left them as they were."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.made: list[tuple[str, np.ndarray, Any]] = []

    def make(self, name: str, x: np.ndarray) -> Any:
        array = self.backend.asarray(x.copy())  # an example serves several cells, even if an adapter shares memory
        self.made.append((name, self.backend.to_numpy(array).copy(), array))
        return array

    def check(self) -> None:
        for name, before, array in self.made:
            after = self.backend.to_numpy(array)
            if after.shape != before.shape or after.tobytes() != before.tobytes():
                raise BadAnswer("mutation", f"the call changed its input {name}")


def unpack(pair: Any, what: str) -> tuple[Any, Any]:
    """The two results of ``jvp`` or ``vjp``."""
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise BadAnswer("type", f"{what} gave no pair of results")
    return pair[0], pair[1]
