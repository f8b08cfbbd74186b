"""The script of a counterexample prints what the library computes: the same bits as when it is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE, Identity, Unmet
from gradlaw.oracle.cell import variants
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import draw_problem, rules_of
from gradlaw.oracle.judge import BadAnswer, run_derivative, run_statement
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.protocol import Backend, NotInstalled, load_backend
from gradlaw.oracle.script import literal, script
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


def one_script(backend: Backend, identity: Identity, variant: str, mode: str, seed: int) -> tuple[str, float] | None:
    """A script for the last component of a random example, and the value that the judge would see."""
    rng = np.random.default_rng([seed, *identity.id.encode()])
    dtype = np.dtype(("float32", "float64")[seed % 2])
    for _ in range(60):
        drawn = draw_problem(identity, rng.bytes(LENGTH), dtype, mode, rules_of())
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
        except BadAnswer:
            continue
        name = variant.removeprefix("native:") if variant != "composed" else ""
        text = script(backend, problem, exact.outputs.labels[-1], "whatever", identity.id, name)
        return text, got[-1]
    return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["autograd", "torch", "jax"])
def test_scripts_print_the_same_bits(name: str, tmp_path: Path) -> None:
    try:
        backend = load_backend(name)
    except NotInstalled as error:
        pytest.skip(str(error))
    chosen = list(CATALOGUE.entries.values())[:: 4 if name == "jax" else 1]
    made = []
    for number, identity in enumerate(chosen):
        for variant in variants(identity, backend):
            for mode in ("forward", "reverse"):
                found = one_script(backend, identity, variant, mode, number)
                if found is not None:
                    made.append((identity.id, variant, mode, *found))
    # Shape laws have no components, and autograd answers some float32 questions in float64.
    assert len(made) >= 1.7 * len(chosen)
    (tmp_path / "driver.py").write_text(DRIVER)
    (tmp_path / "scripts.json").write_text(json.dumps([text for *_, text, _ in made]))
    command = [sys.executable, "driver.py", "scripts.json", "printed.json"]
    subprocess.run(command, cwd=tmp_path, check=True)
    printed = json.loads((tmp_path / "printed.json").read_text())
    for (identity_id, variant, mode, _, got), text in zip(made, printed, strict=True):
        assert text.startswith("got "), f"{identity_id} {variant} {mode}: {text}"
        value = float(
            eval(text.splitlines()[0].split(None, 1)[1], {"np": np, "nan": np.nan, "inf": np.inf, "array": np.array})
        )
        assert np.array_equal(value, got, equal_nan=True), f"{identity_id} {variant} {mode}: {value!r}, not {got!r}"


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
