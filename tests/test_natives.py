"""The tables of native operations: every expression stands for an identity, compiles, and does what it says."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from gradlaw.backends.reference import Reference
from gradlaw.identities import CATALOGUE
from gradlaw.oracle.cell import run_cell, variants
from gradlaw.oracle.counterexample import CellKey
from gradlaw.oracle.natives import MissingOperation, compiled, imports_for, read_table
from gradlaw.oracle.protocol import load_backend, register
from gradlaw.strategies.search import PROFILES

LIBRARIES = ("autograd", "jax", "torch")


class Small(Reference):
    """The reference with a table of its own."""

    name: ClassVar[str] = "small"
    imports: ClassVar[tuple[str, ...]] = ("import math", "import numpy as np", "import os.path as paths")
    table: ClassVar[dict[str, list[str]]] = {}

    def natives(self) -> dict[str, list[str]]:
        return self.table


@pytest.mark.parametrize("name", LIBRARIES)
def test_tables_speak_of_the_catalogue_and_compile(name):
    backend = load_backend(name)
    table = backend.natives()
    assert table
    for identity, expressions in table.items():
        assert identity in CATALOGUE.entries, identity
        assert expressions, identity
        assert len(set(expressions)) == len(expressions), identity
        for expression in expressions:
            compiled(backend, expression, list(CATALOGUE.entries[identity].inputs))


def test_an_expression_is_a_function_of_the_inputs_in_order():
    assert compiled(Small(), "math.hypot(x, y) - y", ["x", "y"])(3.0, 4.0) == 1.0
    assert compiled(Small(), "[k + x for k in range(2)]", ["x"])(1) == [1, 2]


@pytest.mark.parametrize(
    ("expression", "error"), [("np.sin(", SyntaxError), ("np.sin(z)", NameError), ("(lambda t: t + q)(x)", NameError)]
)
def test_what_is_no_expression_of_the_inputs_is_refused(expression, error):
    with pytest.raises(error):
        compiled(Small(), expression, ["x"])


def test_an_operation_that_the_library_lacks_is_not_its_fault():
    with pytest.raises(MissingOperation, match=r"no numpy\.frobnicate"):
        compiled(Small(), "np.frobnicate(x)", ["x"])(1.0)
    with pytest.raises(AttributeError, match="shape"):
        compiled(Small(), "x.shape", ["x"])(1.0)


def test_a_module_that_is_not_installed_leaves_the_others():
    class Partly(Small):
        imports: ClassVar[tuple[str, ...]] = ("import math", "import no_such_module as other")

    assert compiled(Partly(), "math.sqrt(x)", ["x"])(4.0) == 2.0
    with pytest.raises(MissingOperation, match="no_such_module"):
        compiled(Partly(), "other.sqrt(x)", ["x"])(4.0)


def test_scripts_import_what_the_expression_uses():
    assert imports_for(Small(), "np.sin(x) + paths.sep") == ["import numpy as np", "import os.path as paths"]


def test_a_table_is_read_by_chapter(tmp_path, monkeypatch):
    package = tmp_path / "tabled"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "good.toml").write_text('[relu]\nrelu = ["f(z)", "g(z)"]\n')
    (package / "bad.toml").write_text('[relu]\nrelu = "f(z)"\n')
    monkeypatch.syspath_prepend(tmp_path)
    assert read_table("tabled", "good.toml") == {"relu.relu": ("f(z)", "g(z)")}
    with pytest.raises(ValueError, match=r"relu\.relu is no list"):
        read_table("tabled", "bad.toml")


@pytest.mark.parametrize(
    ("expression", "status"),
    [
        ("w.xp.sum(w * x)", "pass"),
        ("w.xp.sum(w * w)", "fail"),
        ("np.frobnicate(w)", "unsupported"),
        ("math.sqrt(w)", "error"),
    ],
)
def test_a_native_operation_is_judged_beside_the_composed_form(expression: str, status: str, monkeypatch: Any):
    monkeypatch.setattr(Small, "table", {"reduction.dot": [expression]})
    register("small", Small)
    identity, backend = CATALOGUE.entries["reduction.dot"], load_backend("small")
    assert list(variants(identity, backend)) == ["composed", f"native:{expression}"]
    with np.errstate(all="ignore"):
        key = CellKey("reduction.dot", "small", f"native:{expression}", "reverse", "float64")
        assert run_cell(key, profile=PROFILES["fast"]).status == status
