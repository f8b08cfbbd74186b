"""The laws of a system fail on a system that breaks them, and need what they name."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from gradlaw.backends.reference import Reference
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.protocol import Backend, register
from gradlaw.oracle.status import CellStatus
from gradlaw.strategies.search import PROFILES

_NUMBER = itertools.count()
MODES = ("forward", "reverse")


def judged(factory: Callable[[], Backend], law: str, mode: str, chapter: str = "system_laws") -> Any:
    name = f"system{next(_NUMBER)}"
    register(name, factory)
    return run_cell(CellKey(f"{chapter}.{law}", name, "composed", mode, "float64"), profile=PROFILES["fast"])


class WrongJit(Reference):
    """A compiler that folds a factor in."""

    def jit(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *points: 2 * f(*points)


class WrongVmap(Reference):
    """Maps the first row over the whole batch."""

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda batch: self.xp.stack([f(batch[0]) for _ in range(batch.shape[0])])


class WrongStrides(Reference):
    """Reads a strided array backwards."""

    def strided(self, x: Any) -> Any:
        return x[::-1] if x.ndim else 2 * x


class Counting(Reference):
    """Knows how many calls came after the self-test's two."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = -2

    def late(self) -> int:
        self.calls += 1
        return max(self.calls, 0)


class WrongPrimal(Counting):
    """The value that comes with a derivative is another one."""

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, cotangents = super().vjp(f, primals, cotangent)
        return y + int(self.late() > 0), cotangents

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        y, tangent = super().jvp(f, primals, tangents)
        return y + int(self.late() > 0), tangent


PLANTED = [
    ("jit_is_eager", WrongJit),
    ("vmap_is_loop", WrongVmap),
    ("vmap_of_derivative", WrongVmap),
    ("layout", WrongStrides),
    ("primal_is_value", WrongPrimal),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("law", "factory"), PLANTED, ids=lambda value: getattr(value, "__name__", value))
def test_a_system_that_breaks_a_law_fails_it(law, factory, mode):
    result = judged(factory, law, mode)
    assert result.status is CellStatus.FAIL, (result.status, result.reason)
    assert result.counterexamples[0].confirmed


class Forgetful(Counting):
    """Every second product is another one."""

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, cotangents = super().vjp(f, primals, cotangent)
        odd = self.late() % 2
        return y, [c + odd for c in cotangents]

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        y, tangent = super().jvp(f, primals, tangents)
        return y, tangent + self.late() % 2


class WrongAtZero(Reference):
    """Answers the zero direction with ones, all others rightly: no cell of a rule sees it."""

    def _more(self, direction: Any) -> int:
        numbers = self.to_numpy(direction)
        return int(numbers.size > 0 and not numbers.any())

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, cotangents = super().vjp(f, primals, cotangent)
        return y, [c + self._more(cotangent) for c in cotangents]

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        y, tangent = super().jvp(f, primals, tangents)
        return y, tangent + self._more(tangents[0])


@pytest.mark.parametrize("mode", MODES)
def test_a_zero_direction_that_does_not_give_zero_is_found(mode):
    assert judged(WrongAtZero, "zero_directions", mode, "laws").status is CellStatus.FAIL


@pytest.mark.parametrize("mode", MODES)
def test_a_second_call_that_differs_is_found(mode):
    result = judged(Forgetful, "second_call", mode)
    assert result.status is CellStatus.FAIL
    assert "the second" in result.counterexamples[0].headline


class Plain(Reference):
    """Offers no transformation."""

    vmap = Backend.vmap
    jit = Backend.jit
    strided = Backend.strided


@pytest.mark.parametrize("law", ["jit_is_eager", "vmap_is_loop", "vmap_of_derivative", "layout"])
def test_what_a_library_lacks_is_unsupported(law):
    assert judged(Plain, law, "reverse").status is CellStatus.UNSUPPORTED
