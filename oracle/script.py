"""A counterexample as a script: the function's own text, the shrunk inputs, one library and NumPy, nothing of ours.

The function (or the law) is run once in a namespace whose arrays are pieces of source code, so that whatever it
composes comes out as plain array expressions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np

from ..identities import Equal
from .judge import Outcome
from .modes import HESSIAN
from .natives import imports_for
from .orders import Higher
from .problems import Derivative, Label, Statement
from .program import Program, dtype_source
from .protocol import Backend
from .script_derivation import TextDerivation
from .text import Text, TextNamespace, code_of

_GRADIENT = {
    "reverse": """def gradient(f, primals):
    one = xp.ones_like(f(*primals))
    return [
        vjp(lambda t, k=k: f(*primals[:k], t, *primals[k + 1 :]), [primal], one)[0]
        for k, primal in enumerate(primals)
    ]
""",
    "forward": """def gradient(f, primals):
    found = []
    for k, primal in enumerate(primals):
        entries = np.zeros(tuple(primal.shape), DTYPE)
        for index in np.ndindex(*entries.shape):
            unit = np.zeros_like(entries)
            unit[index] = 1
            of_one = lambda t: f(*primals[:k], t, *primals[k + 1 :])
            entries[index] = float(jvp(of_one, [primal], [array(unit)]))
        found.append(array(entries))
    return found
""",
}


def script(
    backend: Backend, problem: Derivative | Statement, label: Label, expected: str, title: str, native: str = ""
) -> str:
    """A runnable script that prints the component ``label`` as the library computes it, and what it should be.

    ``native`` replaces the function's text by an expression for the library's own operation. Empty for a backend that
    gives no script.
    """
    program = Program(backend.complex_convention)
    side = _answer(program, problem, label.part, native)
    index = f"[{', '.join(map(str, label.index))}]" if label.index else "[()]"
    bfloat16 = any("ml_dtypes." in text for text in program.arrays.values())
    lines = [
        # Not every library gives NumPy a bfloat16.
        f"got = float(({side}){index})" if bfloat16 else f"got = np.asarray({side}){index}",
        'print("got     ", repr(got))',
        f'print("expected", "{expected}")',
    ]
    return _assembled(backend, program, problem.mode, title, lines, native)


def script_of_answer(
    backend: Backend, problem: Derivative | Statement, outcome: Outcome, title: str, native: str = ""
) -> str:
    """A runnable script for an answer that is none: it prints type, shape and dtype, what changed, or raises."""
    program = Program(backend.complex_convention)
    if isinstance(problem, Derivative):
        derivative = "jvp" if problem.mode == "forward" else problem.wrt[0]
        if isinstance(problem, Higher) and problem.nested == HESSIAN:
            derivative = HESSIAN
        sides = [_answer(program, problem, outcome.part or derivative, native)]
    elif outcome.kind == "claim":
        sides = _differentiated(program, problem)
    else:
        sides = _sides(program, problem, outcome.part)
    lines = []
    for side in sides:
        lines += [f"got = {side}", 'print("got     ", type(got), getattr(got, "shape", ""), getattr(got, "dtype", ""))']
    if outcome.kind == "mutation":
        _, arrays = program.used_by("\n".join(lines))
        names = ", ".join(line.partition(" = ")[0] for line in arrays)
        lines = [f"before = [np.array(a) for a in ({names},)]", *lines]
        lines += [
            f"for a, b in zip(({names},), before):",
            "    if not np.array_equal(np.asarray(a), b, equal_nan=True):",
            '        print("changed ", b, "into", a)',
        ]
    lines.append(f'print("wrong:  ", {json.dumps(outcome.message, ensure_ascii=False)})')
    return _assembled(backend, program, problem.mode, title, lines, native)


def _assembled(backend: Backend, program: Program, mode: str, title: str, lines: Sequence[str], native: str) -> str:
    try:
        preamble = backend.script()
    except NotImplementedError:
        return ""
    code = "\n".join(lines)
    functions, arrays = program.used_by(code)
    own = _transformations(backend, "".join([*functions, code]))
    if own is None:
        return ""
    for name, word in backend.renamed.items():
        functions = [text.replace(f"xp.{name}(", f"{word}(") for text in functions]
        code = code.replace(f"xp.{name}(", f"{word}(")
    used = "".join([*arrays, code])
    head = ["import ml_dtypes"] if "ml_dtypes." in used else []
    head += ["import numpy as np", *(line for line in imports_for(backend, native) if f"{line}\n" not in preamble)]
    parts = ["# " + " ".join(title.split()), *head, preamble.rstrip() + "\n", *own]
    if "gradient(" in code:
        parts.append("\n" + _GRADIENT[mode].replace("DTYPE", dtype_source(program.dtype)))
    parts += ["\n" + text for text in functions]
    return "\n".join([*parts, "\n" + "\n".join(arrays), code, ""])


_TRANSFORMATIONS = ("jit", "vmap", "strided", "primal_of_jvp", "primal_of_vjp")


def _transformations(backend: Backend, text: str) -> list[str] | None:
    """The definitions of the backend's transformations that a text calls; None where it has no source for one."""
    used = [name for name in _TRANSFORMATIONS if f"{name}(" in text]
    known = backend.transformations()
    return None if set(used) - set(known) else ["\n" + known[name] for name in used]


def _answer(program: Program, problem: Derivative | Statement, part: str, native: str) -> str:
    if isinstance(problem, Derivative):
        return _derivative(program, problem, part, native)
    return _sides(program, problem, part)[0]


def _derivative(program: Program, problem: Derivative, part: str, native: str) -> str:
    arrays = {name: program.array(name, x) if isinstance(x, np.ndarray) else x for name, x in problem.arguments.items()}
    if native:
        for name, x in problem.arguments.items():
            if not isinstance(x, np.ndarray):
                program.arrays[name] = f"{name} = {x!r}"
        body = Text(native, 0)
    else:
        body = problem.function(TextNamespace(), *arrays.values())
    program.function("f", problem.wrt, body)
    f = _nested(program, problem) if isinstance(problem, Higher) else "f"
    primals = "[" + ", ".join(problem.wrt) + "]"
    if part == "primal":
        return f"{f}(*{primals})"
    if isinstance(problem, Higher) and problem.nested == HESSIAN:
        program.functions["hessian"] = _HESSIAN
        return f"hessian({f}, {primals}, {problem.wrt.index(problem.by)})"
    if problem.mode == "forward":
        tangents = [program.array(f"tangent_{name}", problem.tangents[name]).code for name in problem.wrt]
        return f"jvp({f}, {primals}, [{', '.join(tangents)}])"
    assert problem.cotangent is not None
    cotangent = program.array("cotangent", problem.cotangent).code
    return f"vjp({f}, {primals}, {cotangent})[{problem.wrt.index(part)}]"


_HESSIAN = """def hessian(g, primals, by):
    rows = []
    for index in np.ndindex(*primals[by].shape):
        tangents = [np.zeros(p.shape, dtype=np.asarray(p).dtype) for p in primals]
        tangents[by][index] = 1
        rows.append(np.asarray(jvp(g, primals, [array(t) for t in tangents])))
    return np.moveaxis(np.reshape(rows, primals[by].shape * 2), range(primals[by].ndim), range(-primals[by].ndim, 0))
"""


def _nested(program: Program, problem: Higher) -> str:
    """The name of the function that the outermost mode differentiates."""
    names = ", ".join(problem.wrt)
    if problem.inner_mode == "reverse":
        assert problem.inner_cotangent is not None
        u = program.array("inner_cotangent", problem.inner_cotangent).code
        body = f"vjp(f, [{names}], {u})[{problem.wrt.index(problem.by)}]"
        return program.function("g", problem.wrt, Text(body, 0))
    f = "f"
    for number, along in enumerate(problem.inner_tangents):
        word = "inner_tangent" + (str(number + 1) if number else "")
        v = [program.array(f"{word}_{name}", along[name]).code for name in problem.wrt]
        body = f"jvp({f}, [{names}], [{', '.join(v)}])"
        f = program.function("gh"[number], problem.wrt, Text(body, 0))
    return f


def _sides(program: Program, problem: Statement, part: str) -> list[str]:
    """The side ``part`` ("left 0") of a law's claims; all sides where it is empty."""
    D, convert = TextDerivation(program, problem.mode), _converter(program, problem)
    found = []
    for number, claim in enumerate(problem.claims(D, D.xp, convert)):
        for name in ("left", "right"):
            if isinstance(claim, Equal) and part in ("", f"{name} {number}"):
                found.append(code_of(problem.applied(D.xp, getattr(claim, name), number, convert)))
    return found


def _differentiated(program: Program, problem: Statement) -> list[str]:
    """The derivatives whose shapes a law speaks of, applied to ones."""
    D = TextDerivation(program, problem.mode)
    problem.claims(D, D.xp, _converter(program, problem))
    if problem.mode == "forward":
        points = [Text(f"xp.ones_like({f.points[f.which].code})", f.points[f.which].value) for f in D.made]
        return [f.matvec(D.xp, v).code for f, v in zip(D.made, points, strict=True)]
    ones = [program.array(f"ones{k}", np.ones_like(f.value)) for k, f in enumerate(D.made)]
    return [f.rmatvec(D.xp, u).code for f, u in zip(D.made, ones, strict=True)]


def _converter(program: Program, problem: Statement) -> Callable[[np.ndarray], Text]:
    names = iter(range(10**6))
    given = {id(x): name for name, x in problem.arguments.items() if isinstance(x, np.ndarray)}
    return lambda x: program.array(given.get(id(x)) or f"a{next(names)}", x)
