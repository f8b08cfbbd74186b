"""Backends that end their process, never return or eat memory: each costs its own cell and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from gradlaw.oracle.limits import GIB, mapped, memory_limit
from gradlaw.reports.controller import load
from gradlaw.reports.watchdog import cause

BACKENDS = """
import ctypes
import signal

import numpy as np
from gradlaw.backends.reference import Reference


class Bad(Reference):
    calls = 0

    def vjp(self, f, primals, cotangent):
        type(self).calls += 1
        if self.calls > 8:  # after the self-test
            self.misbehave()
        return super().vjp(f, primals, cotangent)


class Segfault(Bad):
    name = "segfault"

    def misbehave(self):
        ctypes.string_at(0)


class Hang(Bad):
    name = "hang"

    def misbehave(self):
        while True:
            pass


class Native(Bad):
    name = "native"

    def misbehave(self):
        # A PyDLL keeps the interpreter's lock, and a blocked signal does not wake the sleeper.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        ctypes.PyDLL(None).sleep(10**6)


class Lists(Bad):
    name = "lists"

    def misbehave(self):
        found = []
        while True:
            found.append([0.0] * 10**6)


class Arrays(Bad):
    name = "arrays"
    kept = []

    def misbehave(self):
        while True:
            self.kept.append(np.ones(10**7))
"""
EXPECTED = {
    "segfault": ("crash", "Segmentation fault, in "),
    "hang": ("timeout", "no end after 6 s"),
    "native": ("timeout", "no return from native code, in misbehave"),
    "lists": ("error", "out of memory, with 0.25 GiB more than before the cell"),
    "arrays": ("error", "out of memory, with 0.25 GiB more than before the cell"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that, on the path, is an installed distribution with the backends."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "badlib.py").write_text(BACKENDS)
    info = folder / "badlib-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: badlib\nVersion: 1.0\n")
    points = "\n".join(f"{name} = badlib:{name.capitalize()}" for name in EXPECTED)
    (info / "entry_points.txt").write_text(f"[gradlaw.backends]\n{points}\n")
    return folder


def check(done: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    report = load(folder / "report.json")
    assert len(report.cells) == 2 * (len(EXPECTED) + 1)
    states = {cell.status for cell in report.cells if cell.backend == "reference" or cell.mode == "forward"}
    assert states == {"pass"}
    for name, (status, reason) in EXPECTED.items():
        (found,) = (cell for cell in report.cells if (cell.backend, cell.mode) == (name, "reverse"))
        assert found.status == status, found
        assert found.reason.startswith(reason), found
    # Every cell has its state, and every death its reason.
    assert report.run.complete


def options(prefix: str) -> list[str]:
    chosen = [("backend", name) for name in ("reference", *EXPECTED)]
    chosen += [("identity", "relu.relu"), ("mode", "forward"), ("mode", "reverse")]
    chosen += [("profile", "fast"), ("timeout", "6"), ("memory", "0.25"), ("dtype", "float64")]
    return [f"--{prefix}{name}={value}" for name, value in chosen]


def run(words: list[str], site: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(site)}
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("workers", ["0", "1", "2"])
def test_the_command_outlives_bad_operations(workers: str, site: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", "from gradlaw.reports.cli import main; main()", "run", "-n", workers]
    done = run([*words, *options("")], site, tmp_path)
    check(done, tmp_path / "gradlaw-report")
    assert "timeout: relu.relu on hang (composed, reverse, float64): no end after 6 s" in done.stdout
    assert "timeout: test_cell[relu.relu-native-composed-reverse-float64]: no return from native code" in done.stdout


def test_plain_pytest_outlives_them(site: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "pytest", "--pyargs", "gradlaw.reports.suite", "-p", "no:cacheprovider"]
    done = run([*words, "--gradlaw-report-dir=out", *options("gradlaw-")], site, tmp_path)
    check(done, tmp_path / "out")


def test_a_recorded_crash_does_not_gate(site: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", "from gradlaw.reports.cli import main; main()"]
    chosen = ["run", "--backend=segfault", "--identity=relu.relu", "--mode=reverse", "--profile=fast"]
    assert run([*words, *chosen], site, tmp_path).returncode == 1
    assert run([*words, "baseline", "update"], site, tmp_path).returncode == 0
    done = run([*words, *chosen, "--baseline=baseline.jsonl"], site, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "crash" in done.stdout


def test_workers_that_die_before_any_check_end_the_run(site: Path, tmp_path: Path) -> None:
    (tmp_path / "badlib.py").write_text(BACKENDS + "\nctypes.string_at(0)\n")
    words = [sys.executable, "-c", "from gradlaw.reports.cli import main; main()", "run", "--backend=segfault"]
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{site}"}
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1, done.stdout + done.stderr


def test_memory_is_limited_inside_the_block_alone() -> None:
    if mapped() is None:
        pytest.skip("this system does not say what is mapped")
    with memory_limit(0.25), pytest.raises(MemoryError):
        bytearray(GIB)
    assert len(bytearray(GIB // 2)) == GIB // 2
    with memory_limit(2):
        assert len(bytearray(GIB)) == GIB


def test_the_note_tells_a_timeout_from_a_crash(tmp_path: Path) -> None:
    note = tmp_path / "gw0"
    assert cause(note) == ("crash", "the process died without a word")
    frames = (
        'Thread 0x1 (most recent call first):\n  File "/lib/some/fft.py", line 12 in rfft\n  File "x", line 1 in f\n'
    )
    note.write_text(f"Timeout (0:00:06)!\n{frames}")
    assert cause(note) == ("timeout", "no return from native code, in rfft (fft.py:12)")
    note.write_text(f"Fatal Python error: Floating-point exception\n\n{frames}")
    assert cause(note) == ("crash", "Floating-point exception, in rfft (fft.py:12)")
