"""The script of a counterexample prints what the library computes: the same bits as when it is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from chosen import CORE, sample
from gradlaw.identities import CATALOGUE, Identity, Unmet
from gradlaw.oracle.answers import BadAnswer
from gradlaw.oracle.cell import variants
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.counterexample import CellKey, counterexample
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import draw_problem
from gradlaw.oracle.judge import Outcome, run_derivative, run_statement, try_example
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.program import literal
from gradlaw.oracle.protocol import Backend, NotInstalled, load_backend
from gradlaw.oracle.script import script, script_of_answer
from gradlaw.oracle.status import Verdict
from gradlaw.strategies.draw import LENGTH

DRIVER = """
import contextlib, io, json, sys, traceback, warnings
warnings.simplefilter("ignore")
printed = []
for text in json.load(open(sys.argv[1])):
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(text, "script", "exec"), {})
    except Exception:
        out.write(traceback.format_exc() + text)
    printed.append(out.getvalue())
json.dump(printed, open(sys.argv[2], "w"))
"""


NAMES = (
    "invariants.translation",  # an input that is called t
    "matrix_functions.matrix_transpose",  # names and keywords that a library has otherwise
    "matrix_functions.upper_triangle",
    "linear_systems.solve_unit_lower",  # a matrix made in the dtype of another
)


TWICE = ("invariants.softmax_sums_to_one", "gaussian.log_density", "symmetries.layer_norm_shift")
"""What computes an exponential, a factor or a mean once, and its script, which has no names of its own for such things,
twice: the reverse sweep adds in another order, and the last bit may differ.
"""


def native_name(variant: str) -> str:
    return variant.removeprefix("native:") if variant != "composed" else ""


def one_script(
    backend: Backend, identity: Identity, variant: str, mode: str, seed: int, *, bad: bool = False, part: str = ""
) -> tuple[str, Any] | None:
    """A script for the last component of a random example, and the value that the judge would see.

    ``bad``: of an example to which the backend has no answer, and what is said of it. ``part``: the last component of it.
    """
    rng = np.random.default_rng([seed, *identity.id.encode()])
    dtype = np.dtype(("float32", "float64")[seed % 2])
    for _ in range(60):
        drawn = draw_problem(identity, rng.bytes(LENGTH), dtype, mode)
        if drawn is None:
            continue
        problem = drawn[1]
        try:
            exact = enclose(problem, format_of(dtype)).exact
        except Unmet:
            continue
        if exact is None or not exact.outputs.labels or exact.outputs.mathematics_alone:
            continue
        problem.note_shapes(exact.outputs)
        try:
            with backend.scope(), np.errstate(all="ignore"):
                if isinstance(problem, Derivative):
                    got = run_derivative(backend, problem, dtype, variants(identity, backend)[variant])
                else:
                    got = run_statement(backend, problem, dtype)
        except BadAnswer as error:
            if not bad:
                continue
            outcome = Outcome(Verdict.WRONG, error.kind, str(error), error.part)
            return script_of_answer(backend, problem, outcome, identity.id, native_name(variant)), error
        except Exception:  # no answer: a state of the cell
            return None
        if bad:
            continue
        name = native_name(variant)
        numbered = [k for k, label in enumerate(exact.outputs.labels) if part in ("", label.part)]
        text = script(backend, problem, exact.outputs.labels[numbered[-1]], "whatever", identity.id, name)
        return text, got[numbered[-1]]
    return None


def run_all(texts: list[str], folder: Path) -> list[str]:
    """What the scripts print, run in one process that has nothing of ours."""
    (folder / "driver.py").write_text(DRIVER)
    (folder / "scripts.json").write_text(json.dumps(texts))
    subprocess.run([sys.executable, "driver.py", "scripts.json", "printed.json"], cwd=folder, check=True)
    return json.loads((folder / "printed.json").read_text())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["autograd", "torch", "jax"])
def test_scripts_print_the_same_bits(name: str, tmp_path: Path) -> None:
    try:
        backend = load_backend(name)
    except NotInstalled as error:
        pytest.skip(str(error))
    beyond = [entry for entry in sample() if entry.id not in TWICE]
    chosen = [*CORE, *beyond, *map(CATALOGUE.entries.__getitem__, NAMES)][:: 4 if name == "jax" else 1]
    made = []
    for number, identity in enumerate(chosen):
        for variant in variants(identity, backend):
            for mode in ("forward", "reverse"):
                found = one_script(backend, identity, variant, mode, number)
                if found is not None:
                    made.append((identity.id, variant, mode, *found))
    # Shape laws have no components, and autograd answers some float32 questions in float64.
    assert len(made) >= 1.7 * len(chosen)
    printed = run_all([text for *_, text, _ in made], tmp_path)
    for (identity_id, variant, mode, _, got), text in zip(made, printed, strict=True):
        assert text.startswith("got "), f"{identity_id} {variant} {mode}: {text}"
        value = float(
            eval(text.splitlines()[0].split(None, 1)[1], {"np": np, "nan": np.nan, "inf": np.inf, "array": np.array})
        )
        assert np.array_equal(value, got, equal_nan=True), f"{identity_id} {variant} {mode}: {value!r}, not {got!r}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["autograd", "torch", "jax"])
def test_scripts_differentiate_in_complex_arrays(name: str, tmp_path: Path) -> None:
    try:
        backend = load_backend(name)
    except NotInstalled as error:
        pytest.skip(str(error))
    law = CATALOGUE.entries["system_laws.complex_convention"]
    # The second function is complex, the sixth real; float32 and float64.
    cases = [(mode, part, seed) for mode in ("forward", "reverse") for part in ("left 1", "left 5") for seed in (2, 3)]
    made = [one_script(backend, law, "composed", mode, seed, part=part) for mode, part, seed in cases]
    assert all(made)
    printed = run_all([text for text, _ in filter(None, made)], tmp_path)
    for case, text, (_, got) in zip(cases, printed, filter(None, made), strict=True):
        assert text.startswith("got "), f"{case}: {text}"
        value = eval(text.splitlines()[0].split(None, 1)[1], {"np": np, "array": np.array})
        assert float(value) == got, f"{case}: {value!r}, not {got!r}"


@pytest.mark.filterwarnings("ignore")
def test_scripts_show_answers_of_a_wrong_dtype(tmp_path: Path) -> None:
    backend = load_backend("autograd")
    made = []
    for identity in CORE:
        for variant in variants(identity, backend):
            for mode in ("forward", "reverse"):
                found = one_script(backend, identity, variant, mode, 0, bad=True)
                if found is not None:
                    made.append((identity.id, variant, mode, *found))
    assert {mode for _, _, mode, *_ in made} == {"forward", "reverse"}
    assert {"relu.relu", "reduction.mean", "descent.step_bias"} <= {identity_id for identity_id, *_ in made}
    for (identity_id, _, mode, _, error), text in zip(
        made, run_all([text for *_, text, _ in made], tmp_path), strict=True
    ):
        assert error.kind == "dtype", identity_id
        assert text.splitlines()[0].endswith("float64"), f"{identity_id} {mode}: {text}"
        assert str(error) in text


class Broken(Backend):
    """NumPy with derivatives that are none; ``kind`` says in which way. Its script does what it does."""

    name = "broken"
    distribution = "numpy"
    xp = np
    MISTAKES: ClassVar = {
        "shape": "return np.zeros(7)",
        "type": "return None",
        "exception": 'raise RuntimeError("no derivative today")',
        "mutation": "primals[0][...] = 5\n    return np.zeros_like(f(*primals))",
    }

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.source = f"def jvp(f, primals, tangents):\n    {self.MISTAKES[kind]}\n"

    def asarray(self, x: np.ndarray) -> np.ndarray:
        return np.array(x)

    def to_numpy(self, x: Any) -> np.ndarray:
        return np.asarray(x)

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        scope: dict[str, Any] = {"np": np}
        exec(self.source, scope)
        y = np.array(f(*primals))
        return y, scope["jvp"](f, primals, tangents)

    def script(self) -> str:
        return f"xp = np\narray = np.array\n\n\n{self.source}"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("shape", "got      <class 'numpy.ndarray'> (7,) float64"),
        ("type", "got      <class 'NoneType'>"),
        ("exception", "RuntimeError: no derivative today"),
        ("mutation", "changed  [1.] into [5.]"),
    ],
)
def test_scripts_show_what_is_no_answer(kind: str, shown: str, tmp_path: Path) -> None:
    backend = Broken(kind)
    entry = CATALOGUE.entries["reduction.sum_all"]
    x = np.array([1.0])
    problem = Derivative(entry.function, {"x": x}, ("x",), "forward", {"x": x}, None, None, ())
    outcome = try_example(backend, problem, x.dtype)
    assert outcome.kind == kind
    found = counterexample(backend, CellKey(entry.id, "broken", "composed", "forward", "float64"), problem, outcome)
    (printed,) = run_all([found.script], tmp_path)
    assert shown in printed
    assert kind == "exception" or outcome.message in printed


def test_scripts_show_shapes_that_a_law_denies(tmp_path: Path) -> None:
    backend = load_backend("autograd")
    for mode in ("forward", "reverse"):
        found = None
        for seed in range(40):
            rng = np.random.default_rng(seed)
            law = CATALOGUE.entries["jacobian.shape_vector_of_vector"]
            drawn = draw_problem(law, rng.bytes(LENGTH), np.dtype("float64"), mode)
            found = drawn and drawn[1]
            if found is not None and found.arguments["x"].shape == (3,):
                break
        assert found is not None
        outcome = Outcome(Verdict.WRONG, "claim", "the Jacobian is other")
        (printed,) = run_all([script_of_answer(backend, found, outcome, "a shape")], tmp_path)
        assert printed.startswith("got      <class 'numpy.ndarray'> (")
        assert mode == "forward" or printed.startswith("got      <class 'numpy.ndarray'> (3,)")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_literals_are_exact(dtype: str) -> None:
    info = np.finfo(dtype)
    edges = [0.1, 1 / 3, -0.0, info.max, info.smallest_subnormal, 1 + info.eps]
    for x in (
        np.array(edges, dtype),
        np.zeros((0, 3), dtype),
        np.array(0.1, dtype),
        np.array(edges, dtype).reshape(2, 3),
    ):
        back = eval(literal(x), {"np": np})
        assert back.dtype == x.dtype
        assert back.shape == x.shape
        assert back.tobytes() == x.tobytes()


def test_scripts_need_only_the_library() -> None:
    backend = load_backend("reference")
    found = one_script(backend, CATALOGUE.entries["chain.vector_chain"], "composed", "reverse", 1)
    assert found is not None
    assert found[0] == ""  # the reference is no library that a maintainer has
