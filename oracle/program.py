"""The text of a script: definitions of functions and arrays in the order in which they are needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from .text import Text, code_of


class Program:
    """Function definitions and arrays, in the order in which the script needs them; ``convention``: of the library's
    complex gradients.
    """

    def __init__(self, convention: str | None = None) -> None:
        self.convention = convention
        self.functions: dict[str, str] = {}
        self.arrays: dict[str, str] = {}
        self.dtype = np.dtype("float64")

    def array(self, name: str, x: np.ndarray) -> Text:
        self.dtype = x.dtype
        self.arrays[name] = f"{name} = array({literal(x)})"
        return Text(name, x)

    def function(self, name: str, parameters: Sequence[str], body: Any) -> str:
        code = code_of(body)
        if code.startswith("(") and code.endswith(")") and _balanced(code[1:-1]):
            code = code[1:-1]
        self.functions[name] = f"def {name}({', '.join(parameters)}):\n    return {code}\n"
        return name

    def used_by(self, code: str) -> tuple[list[str], list[str]]:
        """The definitions of the functions and of the arrays that ``code`` needs, directly or not."""
        needed: set[str] = set()
        pending = [code]
        while pending:
            words = set(re.findall(r"\w+", pending.pop()))
            new = {name for name in (*self.functions, *self.arrays) if name in words} - needed
            needed |= new
            pending += [self.functions[name] for name in new if name in self.functions]
        functions = [text for name, text in self.functions.items() if name in needed]
        return functions, [text for name, text in self.arrays.items() if name in needed]


def _balanced(code: str) -> bool:
    depth = 0
    for character in code:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def literal(x: np.ndarray) -> str:
    """NumPy source that makes exactly this array."""
    if x.size == 0:
        return f"np.zeros({x.shape}, dtype={dtype_source(x.dtype)})"
    numbers = np.array2string(x, separator=", ", threshold=10**9, floatmode="unique", max_line_width=110)
    return f"np.array({numbers}, dtype={dtype_source(x.dtype)})"


def dtype_source(dtype: np.dtype) -> str:
    """NumPy source for a dtype."""
    return "ml_dtypes.bfloat16" if dtype.name == "bfloat16" else f"np.{dtype.name}"
