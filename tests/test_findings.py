"""Findings: one a distinct defect, classed by the point at which it shows, each with a script that runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradlaw.backends.autograd import Autograd
from gradlaw.identities import CATALOGUE
from gradlaw.oracle.cell import CellKey, adapter_problems, flushing, run_cell
from gradlaw.oracle.protocol import register
from gradlaw.oracle.shorten import shorten
from gradlaw.reports import findings, items, records
from gradlaw.reports.called import called
from gradlaw.strategies.search import PROFILES

SPOILT = "elementwise.divide"


class Spoilt(Autograd):
    """autograd with wrong cotangents where ``at`` holds of the primals, once the self-test is passed."""

    name = "spoilt"
    distribution = "autograd"

    def __init__(self, at: Callable[..., Any], into: Callable[[Any], Any]) -> None:
        super().__init__()
        self.at, self.into, self.armed = at, into, False

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, found = super().vjp(f, primals, cotangent)
        values = [np.asarray(p) for p in primals]
        if self.armed and any(v.size for v in values) and self.at(*values):
            found = [self.into(c) for c in found]
        return y, found


def cells(at: Callable[..., Any], into: Callable[[Any], Any], *dtypes: str) -> list[records.Cell]:
    made = Spoilt(at, into)
    register(made.name, lambda: made)
    found = []
    for dtype in dtypes or ("float64",):
        made.armed = False
        assert not adapter_problems(made, dtype)
        assert not flushing(made, dtype)
        made.armed = True
        key = CellKey(SPOILT, made.name, "composed", "reverse", dtype)
        found.append(items.cell_of(run_cell(key, profile=PROFILES["ci"])))
    return found


def report_of(found: list[records.Cell]) -> records.Report:
    run = records.Run(
        gradlaw="0", catalogue="2", profile="ci", seed=0, complete=True, exit_status=1, command="gradlaw run"
    )
    identities = [items.identity_record(CATALOGUE.entries[name]) for name in dict.fromkeys(c.identity for c in found)]
    info = [records.BackendInfo(name=name, version="1.8", installed=True) for name in {c.backend for c in found}]
    return records.Report(run=run, backends=info, identities=identities, cells=found)


def twice(c: Any) -> Any:
    return 2 * c + 1


def nan(c: Any) -> Any:
    return c * np.nan


# Where the planted error shows, what it does, and the finding that it must become.
PLANTED = {
    "generic": (lambda *_: True, twice, "wrong value at a generic point"),
    "zero": (lambda w, x: bool((w == 0).any()), twice, "wrong value at a special point"),
    "one": (lambda w, x: bool((x == 1).any() and (w != 0).all()), twice, "wrong value at a special point"),
    "nan": (lambda w, x: bool((w == 0).any()), nan, "not finite where the value is finite"),
    "tail": (lambda w, x: bool((np.abs(w) > 10).any()), lambda c: np.zeros_like(c), "wrong in a tail"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_one_finding_of_its_severity(name: str, tmp_path: Path) -> None:
    at, into, severity = PLANTED[name]
    report = report_of(cells(at, into, "float32", "float64"))
    assert {cell.status for cell in report.cells} == {"fail"}
    findings.write(report, tmp_path)
    # autograd itself gives NaN for 0/x where x² underflows: another defect, and another finding.
    (found,) = (one for one in findings.findings_of(report) if one.site != "subnormal")
    assert found.severity == severity, found.title
    assert {cell.dtype for cell in found.cells} == {"float32", "float64"}
    index = (tmp_path / "README.md").read_text()
    assert f"## {severity.capitalize()} (1)" in index
    assert f"({found.name}), 2 cells" in index


def test_the_script_of_a_finding_runs_without_gradlaw(tmp_path: Path) -> None:
    report = report_of(cells(lambda *_: True, twice))
    findings.write(report, tmp_path)
    (found,) = findings.findings_of(report)
    text = (tmp_path / found.name).read_text()
    script = re.search(r"```python\n(.*?)\n```", text, re.DOTALL)
    assert script is not None
    code = script[1]
    assert len(code.splitlines()) <= 15
    assert "gradlaw" not in code
    assert "def vjp" not in code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    # The script asks the library itself, which is right; the planted error is not in it.
    got = re.search(r"got\s+\S*?\(?([-+.\deE]+)\)?$", done.stdout, re.MULTILINE)
    assert got is not None, done.stdout
    failure = found.failure
    assert f"expected {failure.worst_expected}" in done.stdout
    assert float(got[1]) == pytest.approx(float(failure.worst_expected), rel=1e-14)
    assert float(failure.worst_got) != float(got[1])


def test_names_are_the_same_in_every_run_and_old_findings_go(tmp_path: Path) -> None:
    report = report_of(cells(lambda *_: True, twice))
    findings.write(report, tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    (tmp_path / "mine.md").write_text("not a finding")
    findings.write(report, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.name != "mine.md"} == before
    findings.write(report_of([]), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", "mine.md"}


def test_a_traceback_is_shown_without_our_own_frames(tmp_path: Path) -> None:
    def fails(c: Any) -> Any:
        return np.zeros(2).reshape(3)

    (cell,) = cells(lambda *_: True, fails)
    (failure,) = cell.failures
    assert "oracle/judge.py" in failure.traceback
    findings.write(report_of([cell]), tmp_path)
    (path,) = tmp_path.glob("*exception*")
    text = path.read_text()
    assert "oracle/judge.py" not in text
    assert "in fails\n    return np.zeros(2).reshape(3)\n" in text
    assert "\nValueError: cannot reshape array of size 2 into shape (3,)\n```" in text


def test_disputed_and_silent_cells_are_in_the_index_alone(tmp_path: Path) -> None:
    (cell,) = cells(lambda *_: True, twice)
    for failure in cell.failures:
        failure.kind, failure.confirmed = "disputed", "the definition gives the same"
    crashed = records.Cell(
        identity=SPOILT, backend="x", variant="composed", mode="forward", dtype="float32", status="crash", reason="died"
    )
    assert findings.write(report_of([cell, crashed]), tmp_path) == 0
    index = (tmp_path / "README.md").read_text()
    assert "bugs of gradlaw" in index
    assert "the definition gives the same" in index
    assert "crash: x, elementwise.divide, composed, forward, float32: died" in index
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


HELPERS = """# a title
import numpy as np
import torch.nn.functional as F
import torch
import torch as xp

array = torch.tensor


def jvp(f, primals, tangents):
    return torch.func.jvp(f, tuple(primals), tuple(tangents))[1]


def vjp(f, primals, cotangent):
    if len(primals) == 1:
        return [torch.func.vjp(f, primals[0])[1](cotangent)]
    return torch.func.vjp(f, *primals)[1](cotangent)


def f(x):
    return xp.exp(x)


x = array(np.array(0.5))
cotangent = array(np.array(1.0))
"""


@pytest.mark.parametrize(
    ("call", "short"),
    [
        ("vjp(f, [x], cotangent)[0]", "torch.func.vjp(f, x)[1](cotangent)"),
        ("vjp(f, [x, x], cotangent)[1]", "torch.func.vjp(f, x, x)[1](cotangent)[1]"),
        ("jvp(f, [x], [cotangent])", "torch.func.jvp(f, (x,), (cotangent,))[1]"),
        ("f(*[x])", "torch.exp(x)"),
    ],
)
def test_a_script_is_shortened_to_the_one_call(call: str, short: str) -> None:
    found = shorten(f"{HELPERS}got = np.asarray({call})[()]\n")
    assert found.startswith("# a title\nimport numpy as np\nimport torch\n")
    assert f"got = np.asarray({short})[()]" in found
    assert "x = torch.tensor(np.array(0.5))" in found
    assert "jvp(f, primals" not in found


def test_what_computes_twice_is_not_inlined() -> None:
    source = "def g(t):\n    return t + t\n\nprint(g(h(1)), g(2))\n"
    found = shorten(source)
    assert "g(h(1))" in found
    assert "2 + 2" in found
    assert "def g(t)" in found


DETERMINANT = """import numpy as np
import torch
import torch as xp


def f(a):
    return xp.linalg.det(a)
"""


@pytest.mark.parametrize(
    ("body", "text", "key"),
    [
        ("xp.linalg.det(a)", "torch.linalg.det(a)", "torch.linalg.det(…)"),
        ("torch.linalg.det(a.T)", "torch.linalg.det(a.T)", "torch.linalg.det(…)"),
        ("torch.linalg.slogdet(a)[1]", "torch.linalg.slogdet(a)[1]", "torch.linalg.slogdet(…)[1]"),
        ("torch.std(a, correction=0)", "torch.std(a, correction=0)", "torch.std(…, correction=0)"),
        ("torch.norm(a, 2)", "torch.norm(a, 2)", "torch.norm(…, 2)"),
        ("torch.norm(a, 1)", "torch.norm(a, 1)", "torch.norm(…, 1)"),
        ("torch.exp(torch.log(a))", "", ""),
        ("torch.exp(a) + 1", "", ""),
        ("(lambda t: t.T)(torch.exp(a))", "", ""),
        ("torch.nn.GELU()(a)", "", ""),
    ],
)
def test_what_calls_one_function_of_the_library_is_that_function(body: str, text: str, key: str) -> None:
    assert called(DETERMINANT.replace("xp.linalg.det(a)", body)) == (text, key)


def test_what_does_more_than_return_a_call_is_no_function_of_the_library() -> None:
    assert called("") == called(DETERMINANT.replace("def f", "def g")) == ("", "")
    assert called(DETERMINANT.replace("    return", "    a = a + 1\n    return")) == ("", "")


def failing(identity: str, variant: str, mode: str, kind: str = "value", script: str = DETERMINANT) -> records.Cell:
    failure = records.Failure(
        headline="wrong", kind=kind, inputs={}, direction="", got=[], expected=[], worst_element="x[0]", worst_got=1.0,
        worst_expected="2", allowed_radius=0.0, script=script, site="generic point",
    )  # fmt: skip
    return records.Cell(
        identity=identity, backend="b", variant=variant, mode=mode, dtype="float64", status="fail", failures=[failure]
    )


def test_a_function_that_fails_in_many_rules_is_one_finding(tmp_path: Path) -> None:
    native = DETERMINANT.replace("xp.linalg", "torch.linalg")
    rules = [
        failing("inverses.determinant", "composed", "forward"),
        failing("inverses.determinant", "native:torch.linalg.det(a)", "forward", script=native),
        failing("inverses.determinant_stack", "composed", "reverse"),
        failing("elementwise.divide", "composed", "forward", script=""),
        failing("elementwise.multiply", "composed", "forward", script=""),
    ]
    sizes = {one.what: len(one.cells) for one in findings.findings_of(report_of(rules))}
    assert sizes == {
        ("torch.linalg.det(…)",): 3,
        ("elementwise.divide", "composed"): 1,
        ("elementwise.multiply", "composed"): 1,
    }
    findings.write(report_of(rules), tmp_path)
    (path,) = tmp_path.glob("*det*")
    text = path.read_text()
    assert text.startswith("# b: `torch.linalg.det(a)`: wrong derivative (generic point)")
    for cell in rules[:3]:
        assert f"- {cell.identity}, {cell.variant.removeprefix('native:')}, {cell.mode}, float64" in text


def test_the_value_of_a_second_derivative_is_a_first_derivative() -> None:
    rules = [
        failing("inverses.determinant", "composed", mode, kind)
        for mode, kind in [
            ("forward", "primal"),
            ("forward", "value"),
            ("forward-over-forward", "primal"),
            ("reverse-over-forward", "value"),
            ("hessian", "value"),
            ("forward-over-forward-over-forward", "value"),
        ]
    ]
    titles = {one.title.split(": ")[2]: len(one.cells) for one in findings.findings_of(report_of(rules))}
    assert titles == {
        "wrong value (generic point)": 1,
        "wrong derivative (generic point)": 2,
        "wrong second derivative (generic point)": 2,
        "wrong third derivative (generic point)": 1,
    }


def test_a_script_that_is_no_python_is_shown_as_it_is(tmp_path: Path) -> None:
    broken = failing("inverses.determinant", "composed", "forward", script="use torch;\n" + DETERMINANT)
    findings.write(report_of([broken]), tmp_path)
    (path,) = tmp_path.glob("*determinant-composed*")
    assert "use torch;\nimport numpy as np\n" in path.read_text()
