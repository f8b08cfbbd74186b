"""The script of a failure under jit, vmap, strides or in the value under differentiation shows the failure, alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradlaw.backends.autograd import Autograd
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.protocol import NotInstalled, load_backend, register
from gradlaw.oracle.status import CellStatus
from gradlaw.strategies.search import PROFILES
from test_script import one_script, run_all

JIT = "def jit(f):\n    return lambda *points: 2 * f(*points)\n"
VMAP = "def vmap(f):\n    return lambda batch: xp.stack([f(batch[0]) for _ in range(batch.shape[0])])\n"
STRIDED = "def strided(x):\n    return x[::-1] if x.ndim else 2 * x\n"
PRIMAL_OF_JVP = "def primal_of_jvp(f, primals, tangents):\n    return f(*primals) + 1\n"
PRIMAL_OF_VJP = "def primal_of_vjp(f, primals):\n    return f(*primals) + 1\n"


class WrongSystem(Autograd):
    """autograd with a wrong compiler, a wrong vectoriser and wrong strides, of which the scripts have the same source."""

    def _own(self, source: str) -> dict[str, Any]:
        scope: dict[str, Any] = {"np": np, "xp": self.xp}
        exec(source, scope)
        return scope

    def jit(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return self._own(JIT)["jit"](f)

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return self._own(VMAP)["vmap"](f)

    def strided(self, x: Any) -> Any:
        return self._own(STRIDED)["strided"](x)

    def transformations(self) -> Mapping[str, str]:
        return {"jit": JIT, "vmap": VMAP, "strided": STRIDED}


class WrongValue(Autograd):
    """autograd with another value beside each derivative, from the third call on: the first two are the self-test's."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, cotangents = super().vjp(f, primals, cotangent)
        self.calls += 1
        return y + int(self.calls > 2), cotangents

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        y, tangent = super().jvp(f, primals, tangents)
        self.calls += 1
        return y + int(self.calls > 2), tangent

    def transformations(self) -> Mapping[str, str]:
        return {"primal_of_jvp": PRIMAL_OF_JVP, "primal_of_vjp": PRIMAL_OF_VJP}


class Sourceless(WrongSystem):
    """The same without the source."""

    def transformations(self) -> Mapping[str, str]:
        return {}


def counterexample_of(factory: Callable[[], Any], law: str, mode: str) -> Any:
    register(factory.__name__.lower(), factory)
    key = CellKey(f"system_laws.{law}", factory.__name__.lower(), "composed", mode, "float64")
    result = run_cell(key, profile=PROFILES["ci"])
    assert result.status is CellStatus.FAIL, (result.status, result.reason)
    return result.counterexamples[0]


SECOND_ORDER = ("second_order.quadratic_form", "second_order.second_product", "second_order.taylor_quadratic")
"""Laws with a derivative inside a derivative."""

PLANTED = [
    ("jit_is_eager", WrongSystem),
    ("vmap_is_loop", WrongSystem),
    ("vmap_of_derivative", WrongSystem),
    ("layout", WrongSystem),
    ("primal_is_value", WrongValue),
]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("law", "factory"), PLANTED, ids=lambda value: getattr(value, "__name__", value))
def test_the_script_of_a_system_shows_its_failure_alone(law, factory, mode, tmp_path: Path) -> None:
    found = counterexample_of(factory, law, mode)
    (printed,) = run_all([found.script], tmp_path)
    got, expected = (line.split(None, 1)[1] for line in printed.splitlines())
    value = float(eval(got, {"np": np, "array": np.array, "nan": np.nan, "inf": np.inf}))
    assert value == found.worst_got
    assert expected == found.worst_expected
    assert value != float(expected)


def test_without_the_source_of_a_transformation_there_is_no_script() -> None:
    assert counterexample_of(Sourceless, "jit_is_eager", "forward").script == ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["autograd", "torch", "jax"])
def test_scripts_of_systems_print_the_same_bits(name: str, tmp_path: Path) -> None:
    from gradlaw.identities import CATALOGUE

    try:
        backend = load_backend(name)
    except NotInstalled as error:
        pytest.skip(str(error))
    made = []
    for law in (*(f"system_laws.{law}" for law, _ in PLANTED), *SECOND_ORDER):
        for mode in ("forward", "reverse"):
            found = one_script(backend, CATALOGUE.entries[law], "composed", mode, 1)
            if found is not None:
                made.append((law, mode, *found))
    wanted = {"autograd": {"layout"}, "torch": {"layout", "vmap_is_loop"}}
    expected = wanted.get(name, {"jit_is_eager", "vmap_is_loop", "vmap_of_derivative"})
    assert {law for law, *_ in made} >= {f"system_laws.{law}" for law in expected} | set(SECOND_ORDER)
    for (law, mode, _, got), text in zip(made, run_all([text for *_, text, _ in made], tmp_path), strict=True):
        assert text.startswith("got "), f"{law} {mode}: {text}"
        value = float(eval(text.splitlines()[0].split(None, 1)[1], {"np": np, "array": np.array}))
        assert value == got, f"{law} {mode}: {value!r}, not {got!r}"
