"""The formats of 16 bits: their constants, values, model and adapters, and that errors in them are seen."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from typing import Any, ClassVar

import numpy as np
import pytest
from flint import arb
from gradlaw.backends.reference import Reference
from gradlaw.identities import CATALOGUE
from gradlaw.oracle import check, truth
from gradlaw.oracle.balls import Balls, overflown
from gradlaw.oracle.cell import CellKey, adapter_problems, flushing, run_cell
from gradlaw.oracle.constants import INJECTED_BITS, format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.problems import Derivative, Label
from gradlaw.oracle.program import literal
from gradlaw.oracle.protocol import load_backend, register
from gradlaw.oracle.script import script
from gradlaw.oracle.status import CellStatus
from gradlaw.reports.selection import select
from gradlaw.strategies import nonzero, positive, reals
from gradlaw.strategies.formats import HALF, NAMES, USUAL, available, dtype_of, finfo, is_floating
from gradlaw.strategies.search import PROFILES
from gradlaw.strategies.values import CLASSES, elements, special_values

HALVES = pytest.mark.parametrize("name", HALF)
BACKENDS = [
    ("torch", "float16"),
    ("torch", "bfloat16"),
    ("jax", "float16"),
    ("jax", "bfloat16"),
    ("autograd", "float16"),
]
BACKENDS += [("reference", "float16"), ("reference", "bfloat16")]
COMPUTED = ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt")
OPERATIONS = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide}


def all_finite(name: str) -> np.ndarray:
    values = np.arange(2**16, dtype=np.uint16).view(dtype_of(name))
    return values[np.isfinite(values)]


@pytest.mark.parametrize("name", NAMES)
def test_the_constants_are_those_of_the_format(name):
    kind, model = dtype_of(name), format_of(name)
    one = np.array(1, kind)
    assert model.name == name == kind.name
    assert available(name)
    assert is_floating(kind)
    assert model.ulp == float(np.nextafter(one, np.array(2, kind))) - 1
    assert model.largest == float(np.nextafter(np.array(np.inf, kind), one))
    assert model.smallest_normal * 2.0 ** (1 - model.bits) == float(np.nextafter(np.array(0, kind), one))
    assert model.near <= model.half_the_digits == math.sqrt(model.unit_roundoff)
    assert model.looser * model.unit_roundoff <= model.half_the_digits


def test_a_number_of_another_kind_is_no_floating_point_number():
    assert not is_floating(np.dtype(np.int16))
    assert not is_floating(np.dtype(np.complex64))
    assert not is_floating(np.dtype("V2"))


@HALVES
def test_half_formats_are_looser_in_no_way_than_half_of_their_digits(name):
    """64 ulp of bfloat16 would be half of the number, and 2¹⁰ roundings four times it."""
    model = format_of(name)
    assert model.near < 64 * model.ulp
    assert model.looser < 2**10


@HALVES
@pytest.mark.parametrize("domain", [reals, positive, nonzero], ids=lambda d: d.words)
def test_values_are_finite_inside_the_domain_and_visit_the_edges(name, domain):
    kind = dtype_of(name)
    codes = np.array(list(itertools.product(range(256), range(0, 256, 5))), np.uint8)
    for of_class in CLASSES:
        values = elements(codes, of_class, kind, domain)
        assert values.dtype == kind
        assert np.isfinite(values).all()
        assert domain.contains(values).all()
    special = {float(v) for v in elements(codes, "special", kind, reals)}
    assert special == {float(v) for v in special_values(kind).astype(kind)}
    info = finfo(kind)
    assert {
        float(info.max),
        float(info.smallest_subnormal),
        float(info.smallest_normal),
        1 + float(info.eps),
    } <= special
    wide = np.abs(elements(codes, "wide", kind, reals).astype(np.float64))
    assert wide[wide > 0].min() < float(info.smallest_normal) < float(info.max) / 3 < wide.max()


@HALVES
@pytest.mark.parametrize("operation", OPERATIONS)
def test_correctly_rounded_arithmetic_is_inside_its_balls(name, operation):
    values, rng = all_finite(name), np.random.default_rng(0)
    a, b = rng.choice(values, 3000), rng.choice(values, 3000)
    # Exponents are uniform over all bit patterns: products and quotients overflow and underflow often enough.
    with np.errstate(all="ignore"):
        got = OPERATIONS[operation](a, b)
    seen = {"finite": 0, "overflows": 0, "subnormal": 0}
    with Balls(format_of(name), INJECTED_BITS) as A:
        for x, y, g in zip(a, b, got, strict=True):
            ball, result = getattr(A, operation)(arb(float(x)), arb(float(y))), float(g)
            if ball.is_finite():
                assert abs(arb(result) - ball.mid()) <= ball.rad(), (x, y, g, ball)
                seen["finite"] += 1
                seen["subnormal"] += 0 < abs(result) < format_of(name).smallest_normal
            elif sign := overflown(ball):
                assert result == sign * math.inf, (x, y, g)
                seen["overflows"] += 1
    assert seen["finite"] > 1000
    if operation in ("multiply", "divide"):
        assert seen["overflows"] > 100
        assert seen["subnormal"] > 30


@HALVES
def test_functions_computed_in_float32_and_rounded_once_are_inside_their_balls(name):
    kind, names = dtype_of(name), {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
    names |= {"asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"}
    x = np.random.default_rng(1).choice(all_finite(name), 500)
    claimed = 0
    with Balls(format_of(name), INJECTED_BITS) as A:
        for function in (*COMPUTED, *names):
            with np.errstate(all="ignore"):
                got = getattr(np, names.get(function, function))(x.astype(np.float32)).astype(kind)
            for value, g in zip(x, got, strict=True):
                ball = A.call(function, arb(float(value)))
                if ball.is_finite():
                    claimed += 1
                    assert abs(arb(float(g)) - ball.mid()) <= ball.rad(), (function, value, g)
    assert claimed > 3000


@pytest.mark.parametrize(("backend", "name"), BACKENDS)
def test_every_number_comes_to_the_library_and_back(backend, name):
    library, values = load_backend(backend), all_finite(name)
    with library.scope():
        back = library.to_numpy(library.asarray(values))
    assert back.dtype == values.dtype
    assert np.array_equal(back, values)
    assert adapter_problems(library, name) == ()


def test_bfloat16_is_float32s_range_and_jax_flushes_it():
    assert flushing(load_backend("jax"), "bfloat16") == flushing(load_backend("jax"), "float32")
    assert not flushing(load_backend("torch"), "bfloat16")
    assert not flushing(load_backend("torch"), "float16")


@pytest.mark.parametrize(("backend", "name"), BACKENDS)
def test_what_is_right_passes(backend, name):
    for identity in ("elementwise.multiply", "elementary.sin", "reduction.dot"):
        for mode in ("forward", "reverse"):
            found = run_cell(CellKey(identity, backend, "composed", mode, name), profile=PROFILES["fast"])
            assert found.status is CellStatus.PASS, (found.reason, found.counterexamples)
            assert found.strong


class Scaled(Reference):
    """Derivatives are wrong by a factor, but at three numbers, as in the adapter's self-test."""

    name: ClassVar[str] = "scaled half"
    factor: ClassVar[float] = 1.25

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, cotangents = super().vjp(f, primals, cotangent)
        if primals[0].shape == (3,):
            return y, cotangents
        return y, [c * self.xp.asarray(np.array(self.factor)) for c in cotangents]


@HALVES
@pytest.mark.parametrize("identity", ["elementwise.multiply", "elementary.sin", "elementary.tanh", "reduction.dot"])
def test_a_factor_is_wrong_in_a_few_bits_too(name, identity):
    register("scaled half", Scaled)
    found = run_cell(CellKey(identity, "scaled half", "composed", "reverse", name), profile=PROFILES["ci"])
    assert found.status is CellStatus.FAIL
    assert "more than" in found.counterexamples[0].confirmed


class Wider(Reference):
    """Answers in float32 whatever it is asked in."""

    name: ClassVar[str] = "wider"

    def to_numpy(self, x: Any) -> np.ndarray:
        array = super().to_numpy(x)
        return array.astype(np.float32) if array.size in (1, 2, 4, 5) and array.ndim else array


@HALVES
def test_an_answer_in_another_dtype_is_named(name):
    register("wider", Wider)
    found = run_cell(CellKey("elementwise.multiply", "wider", "composed", "reverse", name), profile=PROFILES["ci"])
    assert found.status is CellStatus.FAIL
    assert f"has dtype float32, not {name}" in found.counterexamples[0].headline


@HALVES
def test_the_public_oracle_judges_half_formats(name):
    x = np.array([0.5, 1.5], dtype_of(name))
    torch = pytest.importorskip("torch")
    assert check(torch.sin, lambda xp, x: xp.sin(x), [x], backend="torch").status == "right"
    assert check(lambda x: torch.sin(x) * 1.25, lambda xp, x: xp.sin(x), [x], backend="torch").status == "wrong"
    assert truth(lambda xp, x: x * x, [x]).value.lower.tolist() == [0.25, 2.25]
    with pytest.raises(TypeError, match="float16, bfloat16, float32, float64"):
        check(torch.sin, lambda xp, x: xp.sin(x), [np.array(1.0)], backend="torch", dtype=np.longdouble)


@pytest.mark.parametrize(("backend", "name"), [pair for pair in BACKENDS if pair[0] != "reference"])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_script_prints_the_librarys_number(backend, name, mode, tmp_path):
    library, kind = load_backend(backend), dtype_of(name)
    x = np.array([0.3, -1.7, 2.5], kind)
    ones = np.ones(3, kind)
    problem = Derivative(lambda xp, x: xp.sin(x) * x, {"x": x}, ("x",), mode, {"x": ones}, ones, None, (3,))
    label = Label("jvp" if mode == "forward" else "x", (1,))
    text = script(library, problem, label, "something", "title")
    (tmp_path / "one.py").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", tmp_path / "one.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + text
    shown = float(done.stdout.split()[1].removeprefix(f"np.{name}(").rstrip(")"))
    expected = enclose(problem, format_of(name)).exact.outputs.balls[4]
    assert abs(expected - shown) <= 4 * format_of(name).ulp * abs(expected)
    printed = kind.type(shown)
    assert printed.dtype == kind
    assert math.isclose(float(printed), shown, rel_tol=1e-3 if name == "float16" else 0), "a number of the format"


@HALVES
def test_a_literal_makes_exactly_the_array(name):
    values = np.random.default_rng(0).choice(all_finite(name), (4, 5))
    given: dict[str, Any] = {"np": np}
    if name == "bfloat16":
        import ml_dtypes

        given["ml_dtypes"] = ml_dtypes
    back = eval(literal(values), given)
    assert back.dtype == values.dtype
    assert back.tobytes() == values.tobytes()


def test_half_formats_run_when_asked_for_and_in_the_deep_profile():
    assert select().dtypes == USUAL
    assert select(profile="fast").dtypes == USUAL
    assert select(profile="deep").dtypes == NAMES
    assert select(profile="deep", dtypes=["float32"]).dtypes == ("float32",)
    assert select(dtypes=["bfloat16"]).dtypes == ("bfloat16",)
    found = run_cell(CellKey("elementary.sin", "autograd", "composed", "reverse", "bfloat16"), profile=PROFILES["fast"])
    assert found.status is CellStatus.UNSUPPORTED
    assert len(CATALOGUE.entries) > 50


@pytest.mark.parametrize(
    ("backend", "function"),
    [
        ("torch", lambda torch, x: torch.linalg.det(x)),
        ("torch", lambda torch, x: torch.linalg.inv(x)),
        ("torch", lambda torch, x: torch.special.ndtri(x)),
        ("jax", lambda jax, x: jax.numpy.linalg.inv(x)),
        ("jax", lambda jax, x: jax.scipy.special.ndtri(x)),
        ("autograd", lambda autograd, x: autograd.numpy.linalg.inv(x)),
    ],
)
def test_what_a_library_does_not_have_in_16_bits_is_unsupported(backend, function):
    import importlib

    library = importlib.import_module(backend)
    importlib.import_module({"jax": "jax.scipy.special", "autograd": "autograd.numpy"}.get(backend, backend))
    x = np.array([[0.5, 0.25], [0.125, 0.5]], np.float16)
    found = check(lambda x: function(library, x), lambda xp, x: x, [x], backend=backend)
    assert found.status == "unsupported", found


def test_an_error_that_names_no_format_or_no_lack_is_an_error():
    library = load_backend("torch")
    assert library.lacks(RuntimeError("\"lu_cpu\" not implemented for 'BFloat16'"))
    assert not library.lacks(RuntimeError("float16 and float32 do not match"))
    assert not library.lacks(RuntimeError("broadcasting is not supported here"))
    assert not library.lacks(ValueError("half of the axes are missing"))


def test_the_zeros_without_memory_of_torch_are_zeros():
    """Forward mode returns them; what ``Tensor.numpy`` reads of a strided one is whatever lies there, or ends the process."""
    torch = pytest.importorskip("torch")
    zeros = torch._efficientzerotensor((1000, 2))[:, 0]
    assert not load_backend("torch").to_numpy(zeros).any()
