"""Coverage: what of a library is judged, what is lacking, and that a trial of a function cannot hurt."""

from __future__ import annotations

import json
import sys
import time
import types
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner
from gradlaw.backends.autograd import Autograd
from gradlaw.oracle import protocol
from gradlaw.oracle.protocol import load_backend, register
from gradlaw.reports import coverage as module
from gradlaw.reports.cli import main
from gradlaw.reports.coverage import called, coverage, differentiable, public_functions


class Planted(Autograd):
    """autograd with a public module of its own."""

    name: ClassVar[str] = "planted"
    distribution: ClassVar[str] = "autograd"
    imports: ClassVar[tuple[str, ...]] = ("import planted_library as lib",)
    public: ClassVar[tuple[str, ...]] = ("planted_library", "planted_library.absent")

    def natives(self) -> dict[str, list[str]]:
        return {"scalar.power": ["lib.power(x, n)"]}


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    import autograd.numpy as anp

    library = types.ModuleType("planted_library")

    def never(*_: Any) -> Any:
        calls.append(1)
        raise SystemExit("called")

    calls: list[int] = []
    functions: dict[str, Any] = {
        "power": lambda x, n: x**n,
        "tanh": lambda x: anp.tanh(x),
        "cube": lambda x: x**3,
        "same_cube": None,
        "step": lambda x: anp.floor(x),
        "leave": lambda *_: sys.exit(3),
        "hang": lambda *_: time.sleep(3600),
        "save": never,
        "cube_": never,
        "zeros_like": anp.zeros_like,
        "_private": lambda x: x,
        "Kind": int,
    }
    functions["same_cube"] = functions["cube"]
    library.__dict__.update(functions, calls=calls)
    monkeypatch.setitem(sys.modules, "planted_library", library)
    monkeypatch.setattr(module, "SECONDS", 1)
    return Planted()


def test_a_planted_library_is_sorted_rightly(planted: Planted) -> None:
    found = coverage(planted)
    # tanh stands in no table: the rule elementary.tanh calls it by the namespace.
    assert found.judged == ("planted_library.power", "planted_library.tanh")
    assert found.lacking == ("planted_library.cube",)
    assert found.undecided == ("planted_library.hang", "planted_library.leave", "planted_library.step")
    assert str(found) == "planted: 2 of 3 public differentiable functions are judged"
    assert sys.modules["planted_library"].calls == []
    assert found.as_json()["entries"] == {"scalar.power": ("lib.power(x, n)",)}


def test_the_command_prints_tables_and_json(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_entry_points", lambda: iter(()))
    monkeypatch.setattr(protocol, "_registered", {})
    register("planted", lambda: planted)
    done = CliRunner().invoke(main, ["backends", "--coverage"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert "  scalar.power: lib.power(x, n)" in lines
    assert "planted, lacking: planted_library.cube" in lines
    assert lines[-1] == "planted: 2 of 3 public differentiable functions are judged"
    done = CliRunner().invoke(main, ["backends", "--coverage", "--json"])
    (row,) = json.loads(done.output)
    assert (row["backend"], row["lacking"], row["summary"]) == ("planted", ["planted_library.cube"], lines[-1])
    assert CliRunner().invoke(main, ["backends", "--json"]).exit_code == 2
    protocol._loaded.pop("planted", None)


@pytest.mark.parametrize(
    ("name", "judged", "other"),
    [
        ("torch", {"torch.tanh", "torch.softmax", "torch.nn.functional.gelu"}, "torch.sinc"),
        ("jax", {"jax.numpy.tanh", "jax.nn.softplus"}, "jax.numpy.sinc"),
        ("autograd", {"autograd.numpy.tanh", "autograd.scipy.special.erf"}, "autograd.numpy.sinc"),
    ],
)
def test_the_libraries(name: str, judged: set[str], other: str) -> None:
    backend = load_backend(name)
    public = public_functions(backend)
    used = {id(function) for function in module._used(backend)}
    assert judged <= {dotted for dotted, function in public.items() if id(function) in used}
    assert other in public
    assert differentiable(backend, public[other])


def test_a_function_in_no_table_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch with its tables, and a new function of the library that no table names."""
    import torch

    monkeypatch.setattr(torch, "brand_new", lambda x: x * torch.sin(x), raising=False)
    monkeypatch.setattr(torch, "__all__", ["tanh", "brand_new", "argmax"])
    backend = load_backend("torch")
    monkeypatch.setattr(type(backend), "public", ("torch",))
    found = coverage(backend)
    assert (found.judged, found.lacking, found.undecided) == (("torch.tanh",), ("torch.brand_new",), ("torch.argmax",))


def test_what_a_rule_calls_is_found_through_its_table() -> None:
    from gradlaw.identities import CATALOGUE

    # The closed form 1 − tanh² is evaluated by the oracle, never by the library; cos is of the partial of sin.
    assert called(CATALOGUE.entries["elementary.sin"].function) == {"sin"}
