"""A derivative in complex arrays as source code: what ``complex_convention`` does, in the words of a script."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..identities.linear import Operator
from .program import Program
from .protocol import PLAIN
from .text import Text, TextNamespace

_JOINED = """def joined(pair):
    x, y = np.asarray(pair)
    z = np.empty(x.shape, "complex64" if x.dtype == np.float32 else "complex128")
    z.real, z.imag = x, y
    return array(z)
"""
_SPLIT = """def split(z):
    return xp.stack([xp.real(z), xp.imag(z)])
"""


class ComplexText(Operator):
    """The derivative of a function ``name`` of a complex array at the pair ``point``; ``value``: that of the function."""

    def __init__(self, program: Program, name: str, point: Text, value: np.ndarray) -> None:
        program.functions |= {"joined": _JOINED, "split": _SPLIT}
        self.name, self.point, self.plain = name, point, program.convention == PLAIN
        self.real = value.dtype.kind != "c"
        self.value = value if self.real else np.stack([np.real(value), np.imag(value)])
        self.in_shape, self.out_shape = point.shape, self.value.shape

    def matvec(self, xp: Any, v: Text) -> Text:
        code = f"jvp({self.name}, [joined({self.point.code})], [joined({v.code})])"
        return Text(code if self.real else f"split({code})", self.value)

    def rmatvec(self, xp: Any, u: Text) -> Text:
        cotangent = u.code if self.real else self._conjugated(f"joined({u.code})")
        found = self._conjugated(f"vjp({self.name}, [joined({self.point.code})], {cotangent})[0]")
        return Text(f"split({found})", self.point.value)

    def _conjugated(self, code: str) -> str:
        return f"xp.conj({code})" if self.plain else code


def complex_point(point: Text) -> Text:
    """z = x + iy of the pair, for its value and for the name of a parameter."""
    return Text("z", point.value[0] + 1j * point.value[1])


NAMESPACE = TextNamespace(functions=np)
