"""Where a text is singular but the function is not: the regular text is the truth, and NaN is wrong."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from gradlaw.identities import CATALOGUE
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.confirm import confirm
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose, exact
from gradlaw.oracle.index_atoms import indicator
from gradlaw.oracle.index_powers import ONE, power
from gradlaw.oracle.index_symbols import Entry
from gradlaw.oracle.index_terms import Poly
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.sympy_algebra import Region, SympyAlgebra
from gradlaw.oracle.sympy_equality import Refuted, show_equal
from gradlaw.oracle.verdict import judge

REGULAR = [entry for entry in CATALOGUE.entries.values() if getattr(entry, "regular", None) is not None]
NAN = float("nan")


def problem_at(name, regular=None, dtype="float64", **arguments):
    """The reverse-mode problem of an entry with a cotangent of ones; ``regular``: take its regular text as its text."""
    entry = CATALOGUE.entries[name]
    given = {k: np.asarray(v, dtype) for k, v in arguments.items()}
    with np.errstate(all="ignore"):
        shape = np.shape(entry.function(np, *given.values()))
    made = Derivative.of(entry, given, tuple(given), "reverse", given, np.ones(shape, dtype), shape)
    if regular:
        made = Derivative(entry.regular, given, tuple(given), "reverse", given, np.ones(shape, dtype))
    return made


def verdicts(problem, got, dtype="float64"):
    return [grade.verdict for grade in judge(enclose(problem, format_of(dtype)), got).grades]


@pytest.mark.parametrize("entry", REGULAR, ids=lambda entry: entry.id)
def test_the_regular_text_is_the_same_function(entry):
    """Value and derivatives of both texts agree to far more digits than any format has, wherever both have one."""
    points = [0.3, -1.7, 2.5], [1.1, -0.4, -2.0]
    arguments = dict(zip(entry.differentiable, points, strict=False))
    if ".unguarded_" in entry.id:
        arguments = {"x": [0.3, 1.7, 2.5]}
    texts = [exact(problem_at(entry.id, regular, **arguments).on, 300) for regular in (False, True)]
    assert not any(text.singular for text in texts)
    for left, right in zip(*(text.outputs.balls for text in texts), strict=True):
        with Balls(None, 300):
            assert left.overlaps(right)
            assert left.rad() <= 2.0**-250
            assert right.rad() <= 2.0**-250


@pytest.mark.parametrize(
    ("name", "arguments", "right"),
    [
        ("norm_squared", {"x": [0.0, 0.0]}, [0.0, 0.0, 0.0]),
        ("distance_squared", {"x": [1.0], "y": [1.0]}, [0.0, 0.0, 0.0]),
        ("hypot_squared", {"x": [0.0], "y": [0.0]}, [0.0, 0.0, 0.0]),
        ("std_squared", {"x": [2.0, 2.0]}, [0.0, 0.0, 0.0]),
        ("sqrt_fourth", {"x": [0.0]}, [0.0, 0.0]),
        ("matern", {"x": [0.0]}, [1.0, 0.0]),
        ("sqrt_square", {"x": [0.0]}, [0.0, 0.5]),
        ("sqrt_square", {"x": [0.0]}, [0.0, -1.0]),
        ("unguarded_sqrt", {"x": [-2.0]}, [0.0, 0.0]),
        ("unguarded_log", {"x": [-2.0]}, [0.0, 0.0]),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_at_the_singularity(name, arguments, right, dtype):
    """What is true is right; a NaN and a wrong number are wrong, and the definition confirms it."""
    problem = problem_at(f"guards.{name}", dtype=dtype, **arguments)
    assert set(verdicts(problem, right, dtype)) == {Verdict.RIGHT}
    for planted in (NAN, right[-1] + 2.5):
        judgement = judge(enclose(problem, format_of(dtype)), [*right[:-1], planted])
        assert [grade.verdict for grade in judgement.grades] == [Verdict.RIGHT] * (len(right) - 1) + [Verdict.WRONG]
        k = len(right) - 1
        found = confirm(problem, judgement.labels[k], planted, radius=float(judgement.radius[k]))
        assert found.confirmed, found.reason


def test_only_at_the_singularity_the_regular_text_is_the_truth():
    assert enclose(problem_at("guards.norm_squared", x=[0.0, 0.0]), format_of("float64")).written is not None
    assert enclose(problem_at("guards.norm_squared", x=[3.0, 4.0]), format_of("float64")).written is None


def test_what_the_written_text_may_overflow_is_not_accused():
    """The regular |x| does not overflow at 1e200, √(x²) as written does: a library that runs it is not to blame."""
    problem = problem_at("guards.sqrt_square", x=[0.0, 1e200])
    assert Verdict.WRONG not in verdicts(problem, [0.0, float("inf"), 0.0, NAN])


def test_the_rounding_of_the_written_text_is_allowed():
    """√(x²) and its derivative at x ≠ 0 are rounded, |x| is exact: beside an element that is 0 both are right."""
    x = np.asarray([0.0, 0.1])
    problem = problem_at("guards.sqrt_square", x=x)
    with np.errstate(all="ignore"):
        slope = x / np.sqrt(x * x)
    assert set(verdicts(problem, [0.0, 0.1, 0.3, slope[1] * (1 + 2e-16)])) == {Verdict.RIGHT}
    assert Verdict.WRONG in verdicts(problem, [0.0, 0.1, 0.3, 0.9])


def test_a_component_that_no_kink_moves_is_graded_as_elsewhere():
    """autograd computes |x|′ as x/|x|: that loses subnormal bits, beside a kink as elsewhere, and is not wrong."""
    tiny = float(np.float32(1e-45))
    alone = problem_at("guards.x_abs", dtype="float32", x=[tiny])
    beside = problem_at("guards.x_abs", dtype="float32", x=[0.0, tiny])
    (_, excused), (*_, same) = (
        verdicts(alone, [0.0, tiny], "float32"),
        verdicts(beside, [0.0, 0.0, 0.0, tiny], "float32"),
    )
    assert excused is same
    assert same is not Verdict.WRONG
    assert verdicts(beside, [0.0, 0.0, 0.0, 1.0], "float32")[-1] is Verdict.WRONG


def test_the_root_of_an_even_power_is_an_absolute_value():
    """In index notation √(a²) is a where a > 0 and −a elsewhere, never a alone; √(a⁴) is a²."""
    a = Poly.atom(Entry("x", ()))
    half = Fraction(1, 2)
    root = power(power(a, Fraction(2)), half)
    assert root - a * (indicator(a) * Poly.number(2) - ONE) == Poly({})
    assert root != a
    assert power(power(a, Fraction(4)), half) == power(a, Fraction(2))


def test_sympy_reads_signs_from_the_region():
    x = sympy.Symbol("x", real=True)
    negative = Region()
    negative.signs[x] = -1
    show_equal(sympy.Abs(x), -x, "|x|", SympyAlgebra(negative))
    show_equal(sympy.sign(x), sympy.Integer(-1), "sign x", SympyAlgebra(negative))
    with pytest.raises(Refuted):
        show_equal(sympy.Abs(x), x, "|x|", SympyAlgebra(negative))
