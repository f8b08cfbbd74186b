"""A wrong rule in a real library is found, shrunk, confirmed, and shown by a script that needs that library alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import PLANTS

HERE = Path(__file__).parent
LIBRARIES = sorted(PLANTS)


def python(*arguments: str) -> str:
    """What a fresh interpreter prints. The modules beside the tests can be imported there."""
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, cwd=HERE)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def cells(library: str, *options: str) -> list[dict[str, Any]]:
    pytest.importorskip(library)
    return json.loads(python("planted.py", library, *options))


def numbers(text: str) -> list[float]:
    """The numbers that a script prints, in the line of this name."""
    return [
        float(x)
        for x in re.findall(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?", text.replace("float32", "").replace("float64", ""))
    ]


def got_and_expected(output: str) -> tuple[float, float]:
    lines = dict(line.split(maxsplit=1) for line in output.splitlines() if line.startswith(("got", "expected")))
    (got,), (expected,) = numbers(lines["got"]), numbers(lines["expected"])
    return got, expected


@pytest.mark.parametrize("library", LIBRARIES)
def test_without_the_plant_the_cells_pass(library):
    assert [cell["status"] for cell in cells(library, "without")] == ["pass", "pass"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_plant_is_found_in_both_modes(library):
    assert len(cells(library)) == 2
    for cell in cells(library):
        assert cell["status"] == "fail", cell
        (found,) = cell["found"]
        assert found["kind"] == "value"
        assert found["headline"].startswith("wrong derivative")
        assert "from the definition, more than" in found["confirmed"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_counterexample_is_small_and_simple(library):
    for cell in cells(library):
        for found in cell["found"]:
            arrays = [eval(text, {"np": np}) for text in found["inputs"].values()]
            values = [float(x) for array in arrays for x in np.ravel(array)]
            assert 1 <= len(values) <= 4
            assert all(len(f"{x:g}") <= 4 for x in values), values


@pytest.mark.parametrize("library", LIBRARIES)
def test_its_script_shows_the_mistake_and_nothing_else(library, tmp_path):
    for cell in cells(library):
        script = tmp_path / f"{cell['mode']}_{cell['dtype']}.py"
        script.write_text(cell["found"][0]["script"], encoding="utf-8")
        assert "gradlaw" not in script.read_text(encoding="utf-8")
        plant = f"import planted; planted.apply({library!r}); exec(open({str(script)!r}).read())"
        got, expected = got_and_expected(python("-c", plant))
        assert abs(got - expected) > 1e-3 * abs(expected)
        right, expected = got_and_expected(python(str(script)))
        assert abs(right - expected) <= 1e-5 * abs(expected)
