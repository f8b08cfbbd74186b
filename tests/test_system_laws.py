"""The laws of a system fail on a system that breaks them, and need what they name."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from gradlaw.backends.reference import Reference
from gradlaw.identities.complex_numbers import Complex
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.complex_convention import convention
from gradlaw.oracle.protocol import CONJUGATE, CONVENTIONS, PLAIN, Backend, NotInstalled, load_backend, register
from gradlaw.oracle.status import CellStatus
from gradlaw.strategies.search import PROFILES

_NUMBER = itertools.count()
MODES = ("forward", "reverse")


def judged(factory: Callable[[], Backend], law: str, mode: str, chapter: str = "system_laws") -> Any:
    name = f"system{next(_NUMBER)}"
    register(name, factory)
    return run_cell(CellKey(f"{chapter}.{law}", name, "composed", mode, "float64"), profile=PROFILES["ci"])


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


class OtherConvention(Reference):
    """Conjugates, and declares that it does not."""

    complex_convention = PLAIN


class PlainGradients(Reference):
    """The reference with the other convention, declared as it is."""

    complex_convention = PLAIN

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        if not isinstance(primals[0], Complex):
            return super().vjp(f, primals, cotangent)
        y, found = super().vjp(f, primals, cotangent.conj() if isinstance(cotangent, Complex) else cotangent)
        return y, [z.conj() for z in found]


class HolomorphicOnly(Reference):
    """Drops the derivative by the conjugate: right for what is holomorphic."""

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        if not isinstance(primals[0], Complex) or not isinstance(cotangent, Complex):
            return super().vjp(f, primals, cotangent)
        y, (by_z,) = super().vjp(f, primals, cotangent)
        turned = Complex(self.xp, -cotangent.imag, cotangent.real)
        _, (of_turned,) = super().vjp(f, primals, turned)
        # (J̄ᵀu − i J̄ᵀ(iu))/2 keeps what is linear in u.
        return y, [(by_z - of_turned * 1j) * 0.5]


class NoComplexNumbers(Reference):
    """Declares none."""

    complex_convention = None


def test_a_wrongly_declared_convention_is_found():
    result = judged(OtherConvention, "complex_convention", "reverse")
    assert result.status is CellStatus.FAIL
    assert result.counterexamples[0].confirmed
    # Tangents are the same in both conventions.
    assert judged(OtherConvention, "complex_convention", "forward").status is CellStatus.PASS


def test_the_other_convention_is_right_where_it_is_declared():
    assert judged(PlainGradients, "complex_convention", "reverse").status is CellStatus.PASS


def test_a_lost_derivative_by_the_conjugate_is_found():
    assert judged(HolomorphicOnly, "complex_convention", "reverse").status is CellStatus.FAIL


@pytest.mark.parametrize("mode", MODES)
def test_where_no_complex_numbers_are_declared_nothing_is_judged(mode):
    assert judged(NoComplexNumbers, "complex_convention", mode).status is CellStatus.UNSUPPORTED


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        (Reference(), CONJUGATE),
        (PlainGradients(), PLAIN),
        (OtherConvention(), "plain declared, conjugate measured"),
        (NoComplexNumbers(), "–"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Reference) else "",
)
def test_the_convention_is_measured_where_backends_are_listed(backend: Backend, words: str):
    assert convention(backend) == words


@pytest.mark.parametrize("name", ["torch", "jax", "autograd"])
def test_libraries_follow_what_their_backends_declare(name: str):
    try:
        backend = load_backend(name)
    except NotInstalled as error:
        pytest.skip(str(error))
    assert convention(backend) == backend.complex_convention
    assert backend.complex_convention in CONVENTIONS
