"""The command, the plugin, the gate and the reports, as a user meets them: in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from gradlaw.identities import CATALOGUE
from gradlaw.oracle import ledger
from gradlaw.reports import baseline as baselines
from gradlaw.reports import prove as proving
from gradlaw.reports.controller import load, without_times
from gradlaw.reports.items import planned_cells
from gradlaw.reports.selection import select
from gradlaw.reports.terminal import _headline

SMALL = ("--backend", "reference", "--identity", "relu.*", "--identity", "elementwise.max*", "--profile", "fast")


def command(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    done = [sys.executable, "-c", "from gradlaw.reports.cli import main; main()", *arguments]
    return subprocess.run(done, cwd=cwd, capture_output=True, text=True, check=False, env=os.environ | environment)


def plain_pytest(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    done = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(done, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    done = command("run", *SMALL, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ pass" in done.stdout
    return folder / "gradlaw-report"


def test_run_writes_both_reports(small_run: Path) -> None:
    report = load(small_run / "report.json")
    assert report.run.complete
    assert report.run.exit_status == 0
    assert {cell.backend for cell in report.cells} == {"reference"}
    assert {cell.mode for cell in report.cells} == {"forward", "reverse"}
    assert len(report.cells) == len(report.identities) * 4
    assert all(cell.status == "pass" and cell.components and cell.shapes and cell.classes for cell in report.cells)
    assert all(identity.conclusion == "proved" for identity in report.identities)
    judges = {(proof.judge, proof.status) for identity in report.identities for proof in identity.proofs}
    assert judges == {(ledger.INDEX, "proved"), (ledger.FIELD, "randomized proof"), (ledger.SYMPY, "proved")}
    assert all(
        identity.proofs and identity.numeric and identity.numeric.status == "pass" for identity in report.identities
    )
    html = (small_run / "report.html").read_text(encoding="utf-8")
    assert "relu.relu_broadcast" in html
    assert "<math" in html


def test_workers_do_not_change_the_report(small_run: Path, tmp_path: Path) -> None:
    for workers in ("0", "2"):
        done = command("run", *SMALL, "-n", workers, "--report-dir", str(tmp_path / workers), cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    first = msgspec.json.encode(without_times(load(small_run / "report.json")))
    for workers in ("0", "2"):
        assert msgspec.json.encode(without_times(load(tmp_path / workers / "report.json"))) == first


def test_another_seed_draws_other_examples(small_run: Path, tmp_path: Path) -> None:
    command("run", *SMALL, "--seed", "7", "--mode", "forward", cwd=tmp_path)
    other = load(tmp_path / "gradlaw-report" / "report.json")
    drawn = {(c.identity, c.dtype): (c.shapes, c.classes) for c in other.cells}
    first = [c for c in load(small_run / "report.json").cells if c.mode == "forward"]
    assert any(drawn[c.identity, c.dtype] != (c.shapes, c.classes) for c in first)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("run", "--backend", "autogad"), "autograd"),
        (("run", "--identity", "chain.vektor_chain"), "chain.vector_chain"),
        (("run", "--identity", "relu"), "relu.relu"),
        (("run", "--identity", "jacks:relu.*"), "jax"),
        (("run", "--identity", "jax:rellu.*"), "relu.relu"),
        (("run", "--mode", "revers"), "reverse"),
        (("run", "--dtype", "float23"), "float32"),
        (("run", "--profile", "fats"), "fast"),
        (("explain", "relu.rellu"), "relu.relu"),
        (("run", "--baseline", "nowhere.jsonl"), "nowhere.jsonl"),
        (("run", "-n", "-1"), "-1"),
        (("baseline", "update", "--report", "nowhere.json"), "nowhere.json"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_wrong_usage_is_status_2_with_near_matches(arguments: tuple[str, ...], hint: str, tmp_path: Path) -> None:
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert hint in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "gradlaw-report").exists()


def test_an_unwritable_report_directory_is_status_3_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in ("file", "file/below"):
        done = command("run", *SMALL, "--report-dir", place, cwd=tmp_path)
        assert done.returncode == 3
        assert "cannot write reports" in done.stderr
        assert "checks" not in done.stdout
    suite = Path(__file__).parent.parent / "reports" / "suite"
    done = plain_pytest(
        str(suite), "-c", str(suite / "pytest.ini"), f"--gradlaw-report-dir={tmp_path / 'file'}", cwd=tmp_path
    )
    assert done.returncode == 3


def test_a_named_backend_that_is_not_there_is_status_1(tmp_path: Path) -> None:
    (tmp_path / "autograd.py").write_text("raise ImportError('not here')\n")
    arguments = ("run", "--identity", "relu.relu", "--mode", "forward", "--profile", "fast")
    done = command(
        *arguments, "--backend", "autograd", "--backend", "reference", cwd=tmp_path, PYTHONPATH=str(tmp_path)
    )
    assert done.returncode == 1
    report = load(tmp_path / "gradlaw-report" / "report.json")
    assert {(c.backend, c.status) for c in report.cells} == {("autograd", "not_run"), ("reference", "pass")}
    missing = next(info for info in report.backends if info.name == "autograd")
    assert not missing.installed
    assert "not here" in missing.reason


def test_list_is_complete_and_light(tmp_path: Path) -> None:
    done = command("list", "--json", cwd=tmp_path)
    rows = json.loads(done.stdout)
    assert len(rows) >= 80
    assert all(set(row) == {"id", "chapter", "kind", "tex", "source", "inputs"} for row in rows)
    assert {row["kind"] for row in rows} == {"rule", "law"}
    code = (
        "import sys; from click.testing import CliRunner; from gradlaw.reports.cli import main; "
        "assert CliRunner().invoke(main, ['list']).exit_code == 0; "
        "print([m for m in ('sympy', 'hypothesis', 'flint', 'pytest', 'jax', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"


def test_prove_prints_the_ledger(tmp_path: Path) -> None:
    done = command("prove", "--identity", "relu.*", "-n", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"relu\.relu +∎ 1 +≈∎ 1 +∎ 1 +all +proved", done.stdout)
    assert "2 of 2 identities proved by two independent judges; 2 of 2 rules for all sizes" in done.stdout
    done = command("prove", "--identity", "loss.neuron_loss", "--json", cwd=tmp_path)
    (found,) = json.loads(done.stdout)
    assert found["id"] == "loss.neuron_loss"
    assert found["conclusion"] == "proved"
    assert "generic points" in found["assumptions"]
    by_index = [proof for proof in found["proofs"] if proof["judge"] == ledger.INDEX]
    assert {(proof["argument"], proof["sizes"], proof["status"]) for proof in by_index} == {
        (argument, "all", "proved") for argument in ("w", "b", "X", "y")
    }
    assert all(proof["ms"] > 0 for proof in found["proofs"])


@pytest.mark.parametrize(("error", "said"), [(BrokenProcessPool, "a worker died"), (KeyboardInterrupt, "interrupted")])
def test_a_ledger_that_is_cut_short_keeps_what_it_has(monkeypatch, capsys, error, said):
    chosen = [CATALOGUE.entries[name] for name in ("relu.relu", "scalar.power")]

    def interrupted(identities, workers, trials):
        yield identities[0].id, [ledger.prove(identities[0], task) for task in ledger.tasks(identities[0])]
        raise error

    monkeypatch.setattr(proving, "prove_all", interrupted)
    assert proving.prove(chosen, workers=2, as_json=False, trials=1) == 1
    shown = capsys.readouterr().out
    assert f"{said}: 1 of 2 identities are in the ledger" in shown
    assert "relu.relu" in shown


def test_prove_says_what_an_inequality_is(tmp_path: Path) -> None:
    done = command("prove", "--identity", "descent.lowers_the_loss", cwd=tmp_path)
    assert done.returncode == 0
    assert "undecided (inequality)" in done.stdout


def test_a_refutation_fails_and_a_disagreement_is_named(tmp_path: Path) -> None:
    """A wrong closed form that SymPy is made to accept: the others refute it, and the run says that judges disagree."""
    (tmp_path / "wrong_catalogue.py").write_text(
        "from gradlaw.identities import CATALOGUE\n"
        "from gradlaw.oracle import symbolic\n"
        "rule = CATALOGUE.entries['scalar.nine_x_plus_square']\n"
        "right = rule.partials['x']\n"
        "rule.partials['x'] = lambda xp, x: -right(xp, x)\n"
        "symbolic.check = lambda identity, task, **more: symbolic.Proved(symbolic.PROVED, '', 1)\n"
    )
    chosen = ("--identity", "scalar.nine_x_plus_square")
    prove = "import wrong_catalogue; from gradlaw.reports.cli import main; main()"
    arguments = [sys.executable, "-c", prove, "prove", *chosen]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the judges disagree" in done.stdout
    # The checks are in a process of their own, which is given the wrong catalogue as a plugin.
    plugin = {"PYTHONPATH": str(tmp_path), "PYTEST_PLUGINS": "wrong_catalogue"}
    done = command("run", *chosen, "--mode", "symbolic", "--profile", "fast", cwd=tmp_path, **plugin)
    assert done.returncode == 1
    assert "refuted by finite field: scalar.nine_x_plus_square-finite-x" in done.stdout
    assert "the judges disagree about scalar.nine_x_plus_square" in done.stdout


def test_why_checks_cannot_be_collected_is_said(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "from gradlaw.reports import items\n"
        "def planned_cells(selection):\n"
        "    raise ModuleNotFoundError('no module of that name')\n"
        "items.planned_cells = planned_cells\n"
    )
    plugin = {"PYTHONPATH": str(tmp_path), "PYTEST_PLUGINS": "broken"}
    done = command("run", "--identity", "relu.relu", "--profile", "fast", cwd=tmp_path, **plugin)
    assert done.returncode != 0
    assert "could not be collected" in done.stdout
    assert "no module of that name" in done.stdout


def test_explain_shows_a_proof(tmp_path: Path) -> None:
    done = command("explain", "neuron.layer", "--proof", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("Proof in index notation, ∂/∂W", "∂/∂W, entry", "δ_(i r) x_s", "∂/∂W, J v", "∂/∂W, uᵀ J"):
        assert words in done.stdout


def test_explain_and_backends(tmp_path: Path) -> None:
    done = command("explain", "elementwise.divide", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for word in ("Parr & Howard", "x ≠ 0", "index notation     ∂/∂x: proved (all)", "together: proved", "⊘", "∂/∂x"):
        assert word in done.stdout
    done = command("backends", cwd=tmp_path)
    assert done.returncode == 0
    assert "reference" in done.stdout


# The plugin in other people's projects.


def test_the_plugin_collects_nothing_unasked(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "__init__.py").write_text("")
    mine = f"import reports\n\ndef test_mine():\n    assert reports.__file__.startswith({str(tmp_path)!r})\n"
    (tmp_path / "test_mine.py").write_text(mine)
    done = plain_pytest(cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert not (tmp_path / "gradlaw-report").exists()


def test_loading_the_plugin_is_light() -> None:
    code = (
        "import sys; before = set(sys.modules); import pytest, _pytest.config; import gradlaw.reports.plugin; "
        "print(sorted(m for m in sys.modules if m.partition('.')[0] in "
        "('numpy', 'sympy', 'hypothesis', 'flint', 'jax', 'torch', 'autograd', 'msgspec', 'jinja2', 'rich', 'click')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# The gate.


def test_a_backend_may_be_limited_to_some_identities() -> None:
    chosen = select(backends=["reference", "autograd"], identities=["relu.*", "neuron.*", "reference:relu.*"])
    judged = {name: {key.identity for key in planned_cells(chosen) if key.backend == name} for name in chosen.backends}
    assert judged["reference"] == {"relu.relu", "relu.relu_broadcast"}
    assert judged["autograd"] > judged["reference"]
    # What lies outside the limit is not missed; what lies inside is.
    cells = {("relu.relu", "reference"): "pass", ("neuron.layer", "reference"): "pass"}
    recorded = {
        (identity, name, "composed", "forward", "float64"): status for (identity, name), status in cells.items()
    }
    head = baselines.Head(baselines.FORMAT, "1", "ci", 0)
    changes = baselines.compare(baselines.Baseline(head, recorded), [], chosen.describe(), "1")
    assert [text.split()[0] for text in changes.vanished] == ["relu.relu"]


def test_the_gate(small_run: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.jsonl"
    done = command(
        "baseline", "update", "--report", str(small_run / "report.json"), "--output", str(baseline), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in baseline.read_text().splitlines()]
    assert lines[0]["gradlaw_baseline"] == 1
    assert lines[0]["catalogue"]
    keys = [tuple(line[k] for k in ("identity", "backend", "variant", "mode", "dtype")) for line in lines[1:]]
    assert keys == sorted(keys)
    assert len(keys) == len(load(small_run / "report.json").cells)

    def gated(change: Any) -> subprocess.CompletedProcess[str]:
        head, *cells = lines
        changed = [dict(cell) for cell in cells]
        head = dict(head)
        change(head, changed)
        path = tmp_path / "changed.jsonl"
        path.write_text("\n".join(json.dumps(line) for line in [head, *changed]) + "\n")
        return command("run", *SMALL, "--mode", "forward", "--mode", "reverse", "--baseline", str(path), cwd=tmp_path)

    done = gated(lambda head, cells: None)
    assert done.returncode == 0, done.stdout
    # A recorded failure that now passes.
    done = gated(lambda head, cells: cells[0].update(status="fail"))
    assert done.returncode == 1
    assert "no longer fails" in done.stdout
    # A recorded cell that vanished.
    done = gated(lambda head, cells: cells.append({**cells[0], "identity": "relu.relu", "variant": "native:gone"}))
    assert done.returncode == 1
    assert "gone" in done.stdout
    # Cells that the baseline does not have are listed and do not gate.
    done = gated(lambda head, cells: cells.pop(0))
    assert done.returncode == 0, done.stdout
    assert "added since the baseline" in done.stdout


WRONG_BACKEND = """
from gradlaw.backends.reference import Reference

class Wrong(Reference):
    name = "wrong"

    def vjp(self, f, primals, cotangent):  # right for one argument, as in the adapter's self-test
        y, found = super().vjp(f, primals, cotangent)
        return y, found if len(primals) == 1 else [2 * c for c in found]

class Crashing(Reference):
    name = "crashing"
    calls = 0

    def vjp(self, f, primals, cotangent):
        self.calls += 1
        if self.calls > 8:
            import os
            os._exit(9)
        return super().vjp(f, primals, cotangent)

class Slow(Reference):
    name = "slow"

    def vjp(self, f, primals, cotangent):
        import time
        time.sleep(0.2)
        return super().vjp(f, primals, cotangent)
"""


@pytest.fixture(scope="module")
def third_party(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that, on the path, is an installed distribution with backends in the entry-point group."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "wronglib.py").write_text(WRONG_BACKEND)
    info = folder / "wronglib-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wronglib\nVersion: 1.0\n")
    points = "\n".join(f"{name.lower()} = wronglib:{name}" for name in ("Wrong", "Crashing", "Slow"))
    (info / "entry_points.txt").write_text(f"[gradlaw.backends]\n{points}\n")
    return folder


def test_a_new_failure_gates_and_a_recorded_one_does_not(third_party: Path, tmp_path: Path) -> None:
    arguments = ("run", "--backend", "wrong", "--identity", "neuron.affine", "--profile", "fast")
    done = command(*arguments, cwd=tmp_path, PYTHONPATH=str(third_party))
    assert done.returncode == 1
    assert "wrong derivative: neuron.affine on wrong" in done.stdout
    report = load(tmp_path / "gradlaw-report" / "report.json")
    assert {(c.mode, c.status) for c in report.cells} == {("forward", "pass"), ("reverse", "fail")}
    assert command("baseline", "update", cwd=tmp_path).returncode == 0
    gated = (*arguments, "--baseline", "baseline.jsonl")
    done = command(*gated, cwd=tmp_path, PYTHONPATH=str(third_party))
    assert done.returncode == 0, done.stdout
    text = (tmp_path / "baseline.jsonl").read_text()
    (tmp_path / "baseline.jsonl").write_text(text.replace('"fail"', '"pass"'))
    done = command(*gated, cwd=tmp_path, PYTHONPATH=str(third_party))
    assert done.returncode == 1
    assert "new failure" in done.stdout
    (tmp_path / "baseline.jsonl").write_text(
        text.splitlines()[0].replace('"catalogue":"', '"catalogue":"older ') + "\n"
    )
    done = command(*gated, cwd=tmp_path, PYTHONPATH=str(third_party))
    assert done.returncode == 0, done.stdout
    assert "added since the baseline" in done.stdout


def test_a_third_party_backend_installed_in_an_environment(tmp_path: Path) -> None:
    """A real package in a real environment: found by its entry point, listed and judged."""
    environment = tmp_path / "venv"
    subprocess.run(
        [sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", str(environment)], check=True
    )
    python = environment / "bin" / "python"
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    # The packages that gradlaw needs are those of this environment; what is installed there is the third party's.
    import sysconfig

    (Path(purelib) / "base.pth").write_text(f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n")
    project = tmp_path / "thirdparty"
    project.mkdir()
    (project / "otherlib.py").write_text(WRONG_BACKEND.replace('"slow"', '"otherlib"').replace("0.2", "0.0"))
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "otherlib"\nversion = "3.1"\n'
        '[project.entry-points."gradlaw.backends"]\notherlib = "otherlib:Slow"\n'
        '[tool.setuptools]\npy-modules = ["otherlib"]\n'
    )
    installed = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-build-isolation",
            "--no-deps",
            "--target",
            purelib,
            str(project),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    script = "from gradlaw.reports.cli import main; main()"
    listed = subprocess.run(
        [python, "-c", script, "backends"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "otherlib" in listed.stdout
    arguments = ["run", "--backend", "otherlib", "--identity", "relu.relu", "--mode", "reverse", "--profile", "fast"]
    done = subprocess.run([python, "-c", script, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    report = load(tmp_path / "gradlaw-report" / "report.json")
    assert {(c.backend, c.status) for c in report.cells} == {("otherlib", "pass")}


# Runs that are cut short.


@pytest.mark.parametrize(
    ("raised", "headline"),
    [
        (TypeError("no such thing\nand more"), "internal error: test_cell[one]: TypeError: no such thing"),
        (pytest.fail.Exception("wrong derivative: one\nand more", pytrace=False), "wrong derivative: one"),
    ],
)
def test_an_exception_inside_gradlaw_is_told_from_a_failure(raised: BaseException, headline: str) -> None:
    try:
        raise raised
    except BaseException:
        found = pytest.ExceptionInfo.from_current()
    said = found.getrepr(style="value" if isinstance(raised, pytest.fail.Exception) else "long")
    for worker in ("", "[gw0] linux -- Python 3.11 python\n"):
        report = SimpleNamespace(nodeid="suite.py::test_cell[one]", longrepr=said, longreprtext=f"{worker}{said}")
        assert _headline(report) == headline


def test_a_crashing_worker_is_a_crash_and_nothing_else_is_lost(third_party: Path, tmp_path: Path) -> None:
    arguments = (
        "run",
        "--backend",
        "crashing",
        "--backend",
        "reference",
        "--identity",
        "relu.*",
        "--profile",
        "fast",
        "-n",
        "2",
    )
    done = command(*arguments, cwd=tmp_path, PYTHONPATH=str(third_party))
    assert done.returncode == 1, done.stdout + done.stderr
    report = load(tmp_path / "gradlaw-report" / "report.json")
    assert not report.run.complete
    states = {(c.backend, c.mode): c.status for c in report.cells}
    assert states["crashing", "reverse"] == "crash"
    assert {c.status for c in report.cells if c.backend == "reference"} == {"pass"}
    assert len([c for c in report.cells if c.backend == "reference"]) == 8
    assert "not complete" in done.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_an_interrupted_run_keeps_what_it_saw(third_party: Path, tmp_path: Path, workers: str) -> None:
    arguments = (
        "run",
        "--backend",
        "slow",
        "--identity",
        "scalar.*",
        "--mode",
        "forward",
        "--mode",
        "reverse",
        "--profile",
        "fast",
        "-n",
        workers,
    )
    # What was started in the background, as a nightly job may be, ignores interrupts, and so do its children.
    heeds = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = [sys.executable, "-u", "-c", f"{heeds}; from gradlaw.reports.cli import main; main()", *arguments]
    environment = os.environ | {"PYTHONPATH": str(third_party)}
    with subprocess.Popen(script, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if " of " in line and "checks" in line:
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait() == 1
    report = load(tmp_path / "gradlaw-report" / "report.json")
    assert not report.run.complete
    assert report.cells
    assert any("not run" in problem for problem in report.run.problems)
    html = (tmp_path / "gradlaw-report" / "report.html").read_text(encoding="utf-8")
    assert "incomplete" in html.lower()


def test_a_killed_worker_does_not_lose_the_run(third_party: Path, tmp_path: Path) -> None:
    # Slow in reverse mode alone: each worker has work for seconds when the first check is done.
    chosen = ("--backend", "slow", "--identity", "relu.*", "--identity", "scalar.power*", "--mode", "reverse")
    arguments = ("run", *chosen, "--profile", "fast", "-n", "2")
    script = [sys.executable, "-u", "-c", "from gradlaw.reports.cli import main; main()", *arguments]
    environment = os.environ | {"PYTHONPATH": str(third_party)}
    with subprocess.Popen(script, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if " of " in line and "checks" in line:
                break
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            process.kill()
            pytest.skip("this system does not list a process's children")
        deadline = time.monotonic() + 60
        while not (workers := children.read_text().split()) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(int(workers[0]), signal.SIGKILL)
        process.stdout.read()
        assert process.wait() == 1
    report = load(tmp_path / "gradlaw-report" / "report.json")
    assert not report.run.complete
    assert len(report.cells) == 10
    assert {c.status for c in report.cells} <= {"pass", "crash"}
