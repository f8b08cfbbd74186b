"""A counterexample as a script: the function's own text, the shrunk inputs, one library and NumPy, nothing of ours.

The function (or the law) is run once in a namespace whose arrays are pieces of source code, so that whatever it
composes comes out as plain array expressions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..identities import Equal
from ..identities.operators import Operator
from .derivative import Derivation
from .problems import Derivative, Label, Statement
from .protocol import Backend
from .text import Text, TextNamespace, code_of, value_of


class _Program:
    """Function definitions and arrays, in the order in which the script needs them."""

    def __init__(self) -> None:
        self.functions: dict[str, str] = {}
        self.arrays: dict[str, str] = {}

    def array(self, name: str, x: np.ndarray) -> Text:
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
        return f"np.zeros({x.shape}, dtype=np.{x.dtype.name})"
    numbers = np.array2string(x, separator=", ", threshold=10**9, floatmode="unique", max_line_width=110)
    return f"np.array({numbers}, dtype=np.{x.dtype.name})"


class _TextOperator(Operator):
    """The derivative of a function of the script, applied by its ``jvp`` and ``vjp``."""

    def __init__(self, name: str, points: Sequence[Text], which: int, value: np.ndarray) -> None:
        self.name, self.points, self.which, self.value = name, points, which, value
        self.in_shape, self.out_shape = points[which].shape, value.shape

    def _primals(self) -> str:
        return "[" + ", ".join(point.code for point in self.points) + "]"

    def matvec(self, xp: Any, v: Text) -> Text:
        zeros = [f"xp.zeros_like({point.code})" for point in self.points]
        zeros[self.which] = v.code
        return Text(f"jvp({self.name}, {self._primals()}, [{', '.join(zeros)}])", self.value)

    def rmatvec(self, xp: Any, u: Text) -> Text:
        return Text(f"vjp({self.name}, {self._primals()}, {u.code})[{self.which}]", self.points[self.which].value)


class _TextDerivation(Derivation):
    """D as calls of the script's ``jvp``, ``vjp`` and ``gradient``."""

    def __init__(self, program: _Program) -> None:
        self.program, self.xp = program, TextNamespace()

    def _define(self, f: Callable[..., Any], points: Sequence[Any]) -> tuple[str, np.ndarray]:
        name = f"f{len(self.program.functions) + 1}"
        parameters = [f"t{k}" for k in range(len(points))]
        body = f(*(Text(p, point.value) for p, point in zip(parameters, points, strict=True)))
        return self.program.function(name, parameters, body), np.asarray(value_of(body))

    def operators(self, f: Callable[..., Any], points: Sequence[Any]) -> list[Operator]:
        name, value = self._define(f, points)
        return [_TextOperator(name, points, k, value) for k in range(len(points))]

    def gradient(self, f: Callable[..., Any]) -> Callable[..., list[Any]]:
        def at(*points: Any) -> list[Any]:
            name, _ = self._define(f, points)
            codes = ", ".join(point.code for point in points)
            return [Text(f"gradient({name}, [{codes}])[{k}]", point.value) for k, point in enumerate(points)]

        return at

    def truths(self, predicate: Any) -> list[bool]:
        return []


_GRADIENT = {
    "reverse": "def gradient(f, primals):\n    return vjp(f, primals, xp.ones_like(f(*primals)))\n",
    "forward": """def gradient(f, primals):
    found = []
    for k, primal in enumerate(primals):
        entries = np.zeros_like(np.asarray(primal))
        for index in np.ndindex(*entries.shape):
            tangents = [np.zeros_like(np.asarray(p)) for p in primals]
            tangents[k][index] = 1
            entries[index] = np.asarray(jvp(f, primals, [array(t) for t in tangents]))
        found.append(array(entries))
    return found
""",
}


def script(
    backend: Backend, problem: Derivative | Statement, label: Label, expected: str, title: str, native: str = ""
) -> str:
    """A runnable script that prints the component ``label`` as the library computes it, and what it should be.

    ``native`` replaces the function's text by the library's own operation, as source code. Empty for a backend that
    gives no script.
    """
    try:
        preamble = backend.script()
    except NotImplementedError:
        return ""
    program = _Program()
    side = (
        _derivative(program, problem, label, native)
        if isinstance(problem, Derivative)
        else _side(program, problem, label)
    )
    index = f"[{', '.join(map(str, label.index))}]" if label.index else "[()]"
    parts = [f"# {title}", "import numpy as np", preamble.rstrip() + "\n"]
    functions, arrays = program.used_by(side)
    if "gradient(" in side:
        parts.append("\n" + _GRADIENT[problem.mode])
    parts += ["\n" + text for text in functions]
    parts += ["\n" + "\n".join(arrays)]
    parts += [
        f"got = np.asarray({side}){index}",
        'print("got     ", repr(got))',
        f'print("expected", "{expected}")',
        "",
    ]
    return "\n".join(parts)


def _derivative(program: _Program, problem: Derivative, label: Label, native: str) -> str:
    arrays = {name: program.array(name, x) if isinstance(x, np.ndarray) else x for name, x in problem.arguments.items()}
    if native:
        given = {name: x for name, x in problem.arguments.items() if not isinstance(x, np.ndarray)}
        static = "".join(f", {name}={x!r}" for name, x in given.items() if x is not None and x is not False)
        body = Text(f"{native}({', '.join(n for n, x in arrays.items() if isinstance(x, Text))}{static})", 0)
    else:
        body = problem.function(TextNamespace(), *arrays.values())
    program.function("f", problem.wrt, body)
    primals = "[" + ", ".join(problem.wrt) + "]"
    if label.part == "primal":
        return f"f(*{primals})"
    if problem.mode == "forward":
        tangents = [program.array(f"tangent_{name}", problem.tangents[name]).code for name in problem.wrt]
        return f"jvp(f, {primals}, [{', '.join(tangents)}])"
    assert problem.cotangent is not None
    cotangent = program.array("cotangent", problem.cotangent).code
    return f"vjp(f, {primals}, {cotangent})[{problem.wrt.index(label.part)}]"


def _side(program: _Program, problem: Statement, label: Label) -> str:
    D = _TextDerivation(program)
    names = iter(range(10**6))
    given = {id(x): name for name, x in problem.arguments.items() if isinstance(x, np.ndarray)}

    def convert(x: np.ndarray) -> Text:
        return program.array(given.get(id(x)) or f"a{next(names)}", x)

    claims = problem.claims(D, D.xp, convert)
    name, _, number = label.part.partition(" ")
    claim = claims[int(number)]
    assert isinstance(claim, Equal)
    return code_of(problem.applied(D.xp, getattr(claim, name), int(number), convert))
