"""The complex chapters: a conjugated derivative is proved by no judge, and a backend that returns one is wrong."""

from __future__ import annotations

import cmath
from typing import Any, ClassVar

import numpy as np
import pytest
from gradlaw.backends.reference import Reference
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.identities.complex_numbers import Complex, ComplexNamespace
from gradlaw.identities.operators import Products, Stack, diag
from gradlaw.oracle import field_proof, index_proof, ledger, symbolic
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.floats import FLOATS
from gradlaw.oracle.problems import Derivative, Label
from gradlaw.oracle.protocol import register
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.search import PROFILES

CHAPTERS = {"complex_functions", "complex_tangents", "complex_inverses"}
HOLOMORPHIC = [e for e in CATALOGUE.entries.values() if e.chapter in CHAPTERS and isinstance(e, Rule)]
CHOSEN = {"exp", "sinh", "log", "log10", "reciprocal", "atan", "tan", "asin_strip", "acosh"}
CONJUGATED = [e for e in HOLOMORPHIC if e.id.rpartition(".")[2] in CHOSEN]
IN_PYTHON = {
    "expm1": lambda z: cmath.exp(z) - 1,
    "log1p": lambda z: cmath.log(1 + z),
    "square": lambda z: z * z,
    "cube": lambda z: z**3,
    "rsqrt": lambda z: 1 / cmath.sqrt(z),
    "reciprocal": lambda z: 1 / z,
    "log2": lambda z: cmath.log(z, 2),
    "expit": lambda z: 1 / (1 + cmath.exp(-z)),
}


def conjugated(rule: Rule):
    """∂f/∂y of a function of z with the sign of i turned: −i f′ in place of i f′."""
    right = rule.partials["y"]

    def form(xp, x, y):
        u, v = right(xp, x, y).parts
        return Stack([diag(-u.d), diag(-v.d)])

    return form


@pytest.mark.parametrize("rule", HOLOMORPHIC, ids=lambda rule: rule.id)
def test_the_text_is_the_function(rule: Rule):
    short = rule.id.rpartition(".")[2]
    name = short.removesuffix("_right").removesuffix("_strip").removesuffix("_off_imaginary")
    function = IN_PYTHON.get(name) or getattr(cmath, name)
    right = short.endswith("_right")
    for z in (0.25 + 0.5j, 0.75 - 0.125j, 1.5 + 0.25j if right else -0.75 + 0.5j, 3 - 0.5j if right else -0.25 - 0.5j):
        found = rule(FLOATS, np.array([z.real]), np.array([z.imag]))
        assert complex(*found[:, 0]) == pytest.approx(function(z), rel=1e-13)


@pytest.mark.parametrize("rule", CONJUGATED, ids=lambda rule: rule.id)
def test_a_conjugated_derivative_is_proved_by_no_judge(rule: Rule):
    form = conjugated(rule)
    assert index_proof.check(rule, "y", partial=form).status in (ledger.UNDECIDED, ledger.REFUTED)
    every = [task for task in symbolic.tasks(rule) if task.argument == "y"]
    tasks = [task for task in every if "=2" in task.sizes] or [task for task in every if "=1" in task.sizes]
    assert tasks
    for task in tasks:
        assert field_proof.check(rule, task, partial=form).status != ledger.RANDOMIZED
        assert symbolic.check(rule, task, partial=form).status == ledger.REFUTED


class Conjugates(Reference):
    """The reference with the other sign of i in the derivatives of functions of x and y that return two rows."""

    name: ClassVar[str] = "conjugates"

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        y, tangent = super().jvp(f, primals, tangents)
        if len(primals) == 2 and y.shape[:1] == (2,):
            return super().jvp(f, primals, [tangents[0], -tangents[1]])
        return y, tangent

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, found = super().vjp(f, primals, cotangent)
        return (y, [found[0], -found[1]]) if len(primals) == 2 and y.shape[:1] == (2,) else (y, found)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("identity", ["complex_functions.exp", "complex_functions.log", "complex_pairs.sign"])
def test_a_backend_that_conjugates_is_wrong(identity: str, mode: str):
    register("conjugates", Conjugates)
    result = run_cell(CellKey(identity, "conjugates", "composed", mode, "float64"), profile=PROFILES["fast"])
    assert result.status == "fail"
    assert "wrong derivative" in result.counterexamples[0].headline


RNG = np.random.default_rng(5)
SHAPES = {"dot": ((3,), (3,)), "vecdot": ((3,), (3,)), "matmul": ((2, 3), (3, 4)), "trace_of_product": ((2, 3), (3, 2))}
IN_NUMPY = {"dot": np.dot, "vecdot": np.vdot, "matmul": np.matmul, "trace_of_product": lambda z, w: np.trace(z @ w)}


def random(shape: tuple[int, ...]) -> np.ndarray:
    return RNG.normal(size=shape) + 1j * RNG.normal(size=shape)


@pytest.mark.parametrize("name", SHAPES)
def test_the_products_are_those_of_numpy(name: str):
    z, w = map(random, SHAPES[name])
    u, v = CATALOGUE.entries[f"complex_algebra.{name}"](np, z.real, z.imag, w.real, w.imag)  # type: ignore[operator]
    np.testing.assert_allclose(u + 1j * v, IN_NUMPY[name](z, w), rtol=1e-13)


TRANSFORMS = {"fft": np.fft.fft, "ifft": np.fft.ifft, "rfft": np.fft.rfft, "irfft": np.fft.irfft}
FOURIER = [e for e in CATALOGUE.entries.values() if e.chapter == "complex_fourier" and isinstance(e, Rule)]


@pytest.mark.parametrize("rule", FOURIER, ids=lambda rule: rule.id)
def test_the_transforms_are_those_of_numpy(rule: Rule):
    name, size = rule.id.rpartition(".")[2].split("_")
    z = random(tuple(rule.inputs["x"].shape))  # type: ignore[union-attr]
    found = rule(np, *(z.real, z.imag)[: len(rule.inputs)])
    given = z.real if name == "rfft" else z
    expected = TRANSFORMS[name](given, n=int(size))
    np.testing.assert_allclose(found if name == "irfft" else found[0] + 1j * found[1], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", ["fft_4", "ifft_3", "irfft_4"])
def test_a_transform_that_is_its_own_transpose_with_the_other_sign_is_proved_by_no_judge(name: str):
    """The transpose of the imaginary part turned: what a conjugated cotangent gives."""
    rule = CATALOGUE.entries[f"complex_fourier.{name}"]
    assert isinstance(rule, Rule)

    def form(xp, x, y):
        right = rule.partials["y"](xp, x, y)
        return Products(xp, right.in_shape, right.out_shape, right.jvp, lambda u: -right.vjp(u))

    assert index_proof.check(rule, "y", partial=form).status != ledger.PROVED
    (task,) = (task for task in symbolic.tasks(rule) if task.argument == "y")
    assert field_proof.check(rule, task, partial=form).status == ledger.REFUTED
    assert symbolic.check(rule, task, partial=form).status == ledger.REFUTED


def test_pairs_of_reals_calculate_like_complex_numbers():
    z, w = random((5,)), random((5,))
    C = ComplexNamespace(np)

    def pair(v: np.ndarray) -> Complex:
        return Complex(np, v.real, v.imag)

    a, b = pair(z), pair(w)
    for found, expected in (
        (a + b, z + w),
        (a - b, z - w),
        (a * b, z * w),
        (a / b, z / w),
        (-a, -z),
        (2.0 * a + 1, 2 * z + 1),
        (a * 1j, z * 1j),
        (C.conj(a), z.conj()),
        (C.exp(a), np.exp(z)),
        (C.sin(a), np.sin(z)),
    ):
        np.testing.assert_allclose(found.real + 1j * found.imag, expected, rtol=1e-13)
    assert C.real(a) is a.real
    assert C.imag(a) is a.imag
    with pytest.raises(AttributeError, match="no function 'gamma'"):
        C.gamma(a)


@pytest.mark.parametrize("identity", ["complex_tangents.tan", "complex_inverses.acosh", "complex_inverses.asin"])
def test_a_backend_that_takes_the_other_root_is_wrong(identity: str):
    """−f′ in the left half-plane: the other branch of the root."""

    class OtherRoot(Reference):
        name: ClassVar[str] = "other root"

        def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
            y, found = super().vjp(f, primals, cotangent)
            if len(primals) == 2 and y.shape[:1] == (2,):
                zero = self.xp.zeros_like(primals[0])
                sign = self.xp.where(primals[0] < zero, -1 + zero, 1 + zero)
                found = [sign * part for part in found]
            return y, found

    register("other root", OtherRoot)
    result = run_cell(CellKey(identity, "other root", "composed", "reverse", "float64"), profile=PROFILES["fast"])
    assert result.status == "fail"
    assert "wrong derivative" in result.counterexamples[0].headline


@pytest.mark.parametrize(
    ("name", "x", "y", "part"),
    [("sinh", 1e-20, 0.5, 0), ("cosh", 1e-20, 0.5, 1), ("sin", 0.5, 1e-20, 1), ("cos", 0.5, 1e-20, 1)],
)
def test_what_the_difference_of_exponentials_loses_is_inaccurate(name: str, x: float, y: float, part: int):
    """(e^t − e^(−t))/2 for sinh t is 0 or u at a small t: all digits of this part of the value, and no more."""
    rule, given = CATALOGUE.entries[f"complex_functions.{name}"], {"x": np.array([x]), "y": np.array([y])}
    problem = Derivative.of(rule, given, ("x", "y"), "forward", {"x": np.ones(1), "y": np.ones(1)}, None, (2, 1))
    enclosed = enclose(problem, format_of("float64"))
    assert enclosed.exact is not None
    truth = [float(ball.mid()) for ball in enclosed.exact.outputs.balls]
    lost = enclosed.exact.outputs.labels.index(Label("primal", (part, 0)))

    def verdict(value: float) -> str:
        return judge(enclosed, [value if k == lost else right for k, right in enumerate(truth)]).verdict

    assert [verdict(truth[lost]), verdict(0.0), verdict(1e-16), verdict(1e-14)] == [
        "right",
        "inaccurate",
        "inaccurate",
        "wrong",
    ]
