"""Whatever a backend does becomes a named failure of its cell, never a crash and never a pass."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

import numpy as np
import pytest
from gradlaw.backends.reference import Reference
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.protocol import Backend, Unsupported, register
from gradlaw.strategies.formats import finfo
from gradlaw.strategies.search import PROFILES

_NUMBER = itertools.count()
RULE = "elementwise.multiply"


def judge(factory: Any, *, identity: str = RULE, mode: str = "reverse", dtype: str = "float64") -> Any:
    name = f"bad{next(_NUMBER)}"
    register(name, factory)
    return run_cell(CellKey(identity, name, "composed", mode, dtype), profile=PROFILES["fast"])


class Bad(Reference):
    """The reference backend with its answers spoilt by ``spoil``, after the self-test's calls."""

    honest_calls: ClassVar[int] = 2

    def __init__(self, spoil: Any) -> None:
        super().__init__()
        self.spoil, self.calls = spoil, 0

    def _honest(self) -> bool:
        self.calls += 1
        return self.calls <= self.honest_calls

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, cotangents = super().vjp(f, primals, cotangent)
        return (y, cotangents) if self._honest() else self.spoil(self, y, cotangents, primals, cotangent)

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        y, tangent = super().jvp(f, primals, tangents)
        return (y, tangent) if self._honest() else self.spoil(self, y, tangent, primals, tangents)


class Typed:
    """An array that knows better: passed through ``to_numpy`` as it is."""

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.shape, self.dtype = array, array.shape, array.dtype


class Loose(Bad):
    """Takes ``Typed`` results as they are."""

    def to_numpy(self, x: Any) -> np.ndarray:
        return x.array if isinstance(x, Typed) else super().to_numpy(x)


def typed(backend: Backend, x: Any, dtype: Any = None, shape: Any = None) -> Typed:
    array = backend.to_numpy(x)
    array = array.astype(dtype or array.dtype)
    return Typed(array if shape is None else np.resize(array, shape(array.shape)))


SPOILT = {
    "shape": lambda b, y, r, *_: (y, [typed(b, x, shape=lambda s: (*s, 1)) for x in r]),
    "dtype": lambda b, y, r, *_: (y, [typed(b, x, dtype="float32") for x in r]),
    "type": lambda b, y, r, *_: (y, [None for _ in r]),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_named_failure(kind: str) -> None:
    result = judge(lambda: Loose(SPOILT[kind]))
    assert result.status == "fail"
    assert [found.kind for found in result.counterexamples] == [kind]
    assert kind in result.counterexamples[0].headline


@pytest.mark.parametrize("value", [0.0, 1, True, 1j])
def test_a_bare_number_is_no_array(value: Any) -> None:
    result = judge(lambda: Bad(lambda b, y, r, *_: (y, [value for _ in r])))
    assert result.status == "fail"
    assert type(value).__name__ in result.counterexamples[0].headline


def test_nan_is_wrong_where_the_derivative_is_finite() -> None:
    def spoil(b: Any, y: Any, r: Any, *_: Any) -> Any:
        return y, [Typed(np.full(x.shape, np.nan)) for x in r]

    result = judge(lambda: Loose(spoil))
    assert result.status == "fail"
    assert result.counterexamples[0].kind == "value"
    assert "not finite" in result.counterexamples[0].confirmed


@pytest.mark.parametrize("wrong", [1, 2, 5, 10])
def test_an_answer_that_is_wrong_once_is_reported_as_it_was(wrong: int) -> None:
    """Wrong in the first calls only: what a second call gives is neither shown nor confirmed as the wrong one."""

    def spoil(backend: Bad, y: Any, found: Any, *_: Any) -> Any:
        return y, found if backend.calls > Bad.honest_calls + wrong else [3 * c + 1 for c in found]

    result = judge(lambda: Bad(spoil))
    assert result.status == "fail"
    (found,) = result.counterexamples
    assert found.headline.startswith("wrong derivative")
    # While it is made simpler it is asked as often.
    assert found.headline.endswith(" (not in every call)") == (wrong < 5)
    assert "from the definition, more than" in found.confirmed
    assert abs(found.worst_got - float(found.worst_expected)) > 0.5


def test_a_wrong_primal_is_named_before_the_derivative() -> None:
    def spoil(b: Any, y: Any, r: Any, *_: Any) -> Any:
        return Typed(2 * b.to_numpy(y) + 1), r

    result = judge(lambda: Loose(spoil))
    assert result.status == "fail"
    assert result.counterexamples[0].kind == "primal"
    assert "primal value" in result.counterexamples[0].headline


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_changing_an_input_is_named(mode: str) -> None:
    def spoil(b: Any, y: Any, r: Any, primals: Any, direction: Any) -> Any:
        target = (direction if mode == "reverse" else direction[0]).elements
        if target.size:
            target.reshape(-1)[0] = b.xp.asarray(np.array(7.25)).item()
        return y, r

    result = judge(lambda: Bad(spoil), mode=mode)
    assert result.status == "fail"
    assert result.counterexamples[0].kind == "mutation"
    assert ("cotangent" if mode == "reverse" else "tangent of w") in result.counterexamples[0].headline


@pytest.mark.parametrize("answer", [None, 3.0, (), (1,), (1, 2, 3)])
def test_no_pair_is_named(answer: Any) -> None:
    result = judge(lambda: Bad(lambda *_: answer))
    assert result.status == "fail"
    assert result.counterexamples[0].kind == "type"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_wrong_number_of_cotangents_is_named(count: int) -> None:
    result = judge(lambda: Bad(lambda b, y, r, *_: (y, (list(r) * 2)[:count])))
    assert result.status == "fail"
    assert "2 cotangents" in result.counterexamples[0].headline


def test_an_exception_is_an_error_with_its_traceback() -> None:
    def spoil(*_: Any) -> Any:
        raise ZeroDivisionError("in the library")

    result = judge(lambda: Bad(spoil))
    assert result.status == "error"
    assert "ZeroDivisionError: in the library" in result.counterexamples[0].headline
    assert "in spoil" in result.counterexamples[0].traceback


def test_only_what_the_adapter_declares_is_unsupported() -> None:
    class Partial(Bad):
        unsupported = (NotImplementedError,)

    def lacks(*_: Any) -> Any:
        raise NotImplementedError("no rule")

    def unsupported(*_: Any) -> Any:
        raise Unsupported("no such thing")

    assert judge(lambda: Partial(lacks)).status == "unsupported"
    assert judge(lambda: Bad(unsupported)).status == "unsupported"
    assert judge(lambda: Bad(lacks)).status == "error"


def test_a_missing_function_of_the_namespace_is_unsupported() -> None:
    class Small(Reference):
        @property
        def xp(self) -> Any:
            class Nothing:
                def asarray(self, x: Any) -> Any:
                    return x

            return Nothing()

    assert judge(Small, identity="chain.sin_square").status == "unsupported"
    # An AttributeError of the library's own is no missing operation.

    class Broken(Reference):
        def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
            return f(*primals), primals[0].no_such_attribute

    result = judge(Broken)
    assert result.status == "error"
    assert "no_such_attribute" in result.reason + "".join(found.headline for found in result.counterexamples)


def test_the_self_test_finds_a_bug_of_the_adapter() -> None:
    class Narrow(Reference):
        def to_numpy(self, x: Any) -> np.ndarray:
            return super().to_numpy(x).astype("float32")

    class Flat(Reference):
        def asarray(self, x: np.ndarray) -> Any:
            return super().asarray(x.reshape(-1))

    class Wrong(Reference):
        def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
            y, cotangents = super().vjp(f, primals, cotangent)
            return y, [-c for c in cotangents]

    for broken, word in ((Narrow, "float32"), (Flat, "shape"), (Wrong, "derivative")):
        result = judge(broken)
        assert result.status == "error"
        assert result.reason.startswith("adapter self-test")
        assert word in result.reason


def test_forward_mode_is_derived_from_a_reverse_only_backend() -> None:
    class ReverseOnly(Reference):
        modes: ClassVar[tuple[str, ...]] = ("reverse",)
        jvp = Backend.jvp

    result = judge(ReverseOnly, mode="forward")
    assert result.status == "pass"
    assert result.derived
    assert not judge(ReverseOnly, mode="reverse").derived


def test_a_backend_without_a_dtype_or_a_mode_is_unsupported() -> None:
    class Single(Reference):
        dtypes: ClassVar[tuple[str, ...]] = ("float32",)
        modes: ClassVar[tuple[str, ...]] = ("forward",)

    assert judge(Single, dtype="float64").status == "unsupported"
    assert judge(Single, mode="reverse", dtype="float32").status == "unsupported"
    assert judge(Single, mode="forward", dtype="float32").status == "pass"


def test_what_is_not_installed_is_not_run() -> None:
    def factory() -> Backend:
        raise ImportError("No module named 'nothing'")

    result = judge(factory)
    assert result.status == "not_run"
    assert "nothing" in result.reason


def test_a_hanging_backend_times_out() -> None:
    from dataclasses import replace

    def spoil(*_: Any) -> Any:
        while True:
            pass

    name = f"bad{next(_NUMBER)}"
    register(name, lambda: Bad(spoil))
    key = CellKey(RULE, name, "composed", "reverse", "float64")
    result = run_cell(key, profile=replace(PROFILES["fast"], seconds=1))
    assert result.status == "timeout"
    assert "1 s" in result.reason


def test_flushing_is_measured_and_not_accused() -> None:
    class Flushing(Reference):
        def to_numpy(self, x: Any) -> np.ndarray:
            array = super().to_numpy(x)
            return np.where(np.abs(array) < np.finfo(array.dtype).smallest_normal, array.dtype.type(0), array)

    from gradlaw.oracle.cell import flushing

    name = f"bad{next(_NUMBER)}"
    made = Flushing()
    register(name, lambda: made)
    assert flushing(made, "float64")
    assert not flushing(Reference(), "float64")
    for mode, dtype in itertools.product(("forward", "reverse"), ("float32", "float64")):
        for identity in (RULE, "relu.relu_broadcast", "elementwise.divide", "scalar.power"):
            result = run_cell(CellKey(identity, name, "composed", mode, dtype), profile=PROFILES["fast"])
            assert result.status == "pass", result.counterexamples


SELF_TEST = (3, 6)
"""Sizes of the arrays by which an adapter is tested and flushing is measured."""


class Changed(Reference):
    """The reference backend whose numbers are changed by ``change`` on their way out."""

    def __init__(self, change: Any) -> None:
        super().__init__()
        self.change = change

    def to_numpy(self, x: Any) -> np.ndarray:
        array = super().to_numpy(x)
        return self.change(array, finfo(array.dtype)).astype(array.dtype)


def saturates(array: np.ndarray, info: Any) -> np.ndarray:
    """The largest number in place of infinity."""
    return np.asarray(np.clip(array.astype(np.float64), -float(info.max), float(info.max)))


def vanishes(array: np.ndarray, info: Any) -> np.ndarray:
    """0 for what is a hundred times the smallest normal number, and cannot underflow."""
    size = np.abs(array.astype(np.float64))
    tiny = float(info.smallest_normal)
    return np.where((size > tiny) & (size < 100 * tiny) & (array.size not in SELF_TEST), 0, array)


def flushes_some(array: np.ndarray, info: Any) -> np.ndarray:
    """Subnormal results are 0, but not where flushing is measured."""
    size = np.abs(array.astype(np.float64))
    return np.where((size > 0) & (size < float(info.smallest_normal)) & (array.size not in SELF_TEST), 0, array)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("change", [saturates, vanishes, flushes_some], ids=lambda change: change.__name__)
def test_overflow_and_underflow_are_not_free(change: Any, dtype: str) -> None:
    """What must overflow is infinite, what cannot underflow is not 0, and losing subnormals is a loss of accuracy."""
    name = f"bad{next(_NUMBER)}"
    register(name, lambda: Changed(change))
    seen = set()
    for identity in ("elementwise.multiply", "elementwise.divide", "elementary.square", "scalar.power"):
        for mode in ("forward", "reverse"):
            result = run_cell(CellKey(identity, name, "composed", mode, dtype), profile=PROFILES["ci"])
            seen.add(str(result.status))
            for found in result.counterexamples:
                assert found.confirmed or found.headline.startswith("inaccurate"), found
    assert ("inaccurate" if change is flushes_some else "fail") in seen
    assert change is not flushes_some or "fail" not in seen


def test_kinks_are_recorded_as_conventions() -> None:
    result = judge(Reference, identity="relu.relu")
    assert result.status == "pass"
    assert result.conventions["θ = 0"] > 0
