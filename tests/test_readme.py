"""What the README shows runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def block(word: str) -> str:
    found = [text for text in BLOCKS if word in text]
    assert len(found) == 1, f"one example with {word!r}"
    return found[0]


def test_the_oracle_example_runs() -> None:
    pytest.importorskip("autograd")
    subprocess.run([sys.executable, "-c", block("assert_derivative")], check=True)


def test_the_oracle_example_would_notice(tmp_path: Path) -> None:
    pytest.importorskip("autograd")
    wrong = block("assert_derivative").replace("xp.log(1 + xp.exp(x))", "xp.log(2 + xp.exp(x))")
    done = subprocess.run([sys.executable, "-c", wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "AssertionError: wrong primal value" in done.stderr


def test_the_five_line_test_file_runs(tmp_path: Path) -> None:
    pytest.importorskip("autograd")
    (tmp_path / "test_laws.py").write_text(block("oracle.laws").replace("chain.*", "chain.sin_square"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_identity_example_declares_and_is_proved() -> None:
    from gradlaw.identities import declare, sources
    from gradlaw.identities.operators import diag
    from gradlaw.oracle import symbolic
    from gradlaw.strategies import nonzero, vector

    registry = declare.Registry()

    def rule(**options: object) -> object:
        return declare.rule(registry=registry, **options)  # type: ignore[arg-type]

    scope = {
        "rule": rule,
        "vector": vector,
        "nonzero": nonzero,
        "diag": diag,
        "PH": sources.PH,
        "__name__": "readme.example",
    }
    exec(block("def quotient"), scope)
    registry.check()
    (entry,) = registry.entries.values()
    assert entry.id == "example.quotient"
    assert {symbolic.check(entry, task, seconds=60).status for task in symbolic.tasks(entry)} == {"proved"}


def test_the_law_example_is_the_catalogues() -> None:
    from gradlaw.identities import CATALOGUE, Equal

    text = block("def vector_chain").split("return ")[1].strip()
    import inspect

    source = inspect.getsource(CATALOGUE.entries["chain.vector_chain"].function)
    assert text in source
    assert Equal.__name__ in text


def test_every_command_line_option_is_named() -> None:
    from gradlaw.reports.cli import run

    for option in run.params:
        assert option.opts[0] in README, option.opts[0]
