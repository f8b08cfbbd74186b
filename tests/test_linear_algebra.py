"""Linear algebra: the matrices that are drawn, the verdict for nearby matrices, and errors that libraries make."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.identities.operators import Products
from gradlaw.oracle.constants import NORMWISE_UNITS, format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import output_shape
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.matrices import KINDS, rank, structured
from mutant_judges import backend_kill
from wrong_backends import planted_rule

BOTH = ("forward", "reverse")


def entry(name: str) -> Rule:
    found = CATALOGUE.entries[name]
    assert isinstance(found, Rule)
    return found


# Matrices.


def test_special_matrices_are_drawn():
    """Over many examples of a determinant: zero, identity, diagonal, triangular, singular and symmetric matrices."""
    rng = np.random.default_rng(1)
    spec = entry("inverses.determinant")
    seen = dict.fromkeys(("zero", "identity", "diagonal", "lower", "singular", "symmetric", "generic"), 0)
    for _ in range(400):
        a = draw(rng.bytes(LENGTH), spec.inputs, np.dtype("float64")).arguments["a"]
        if len(a) < 2:
            continue
        seen["zero"] += not a.any()
        seen["identity"] += np.array_equal(a, np.eye(len(a)))
        seen["diagonal"] += np.array_equal(a, np.diag(np.diag(a))) and np.unique(np.diag(a)).size > 1
        seen["lower"] += np.array_equal(a, np.tril(a)) and np.tril(a, -1).any()
        seen["singular"] += bool(a.any()) and rank(a) < len(a)
        seen["symmetric"] += np.array_equal(a, a.T) and np.tril(a, -1).any()
        seen["generic"] += rank(a) == len(a)
    assert min(seen.values()) >= 5, seen


@pytest.mark.parametrize("code", range(128, 128 + len(KINDS)))
def test_a_matrix_of_full_rank_has_it(code):
    rng = np.random.default_rng(code)
    for _ in range(5):
        a = structured(rng.integers(-3, 4, (2, 3, 3)).astype(np.float32), "full rank", code)
        assert [rank(one) for one in a] == [3, 3]


def test_the_rank_is_exact():
    a = np.array([[1.0, 1.0], [1.0, np.nextafter(1.0, 2.0)]])
    assert rank(a) == 2
    assert rank(a[:, [0, 0]]) == 1
    assert rank(np.array([[0.1, 0.2], [0.2, 0.4]])) == 1


# The verdict.


def inverse_of(a: np.ndarray) -> Derivative:
    rule = entry("inverses.inverse")
    along = {"a": np.ones_like(a)}
    return Derivative.of(rule, {"a": a}, ("a",), "forward", along, None, output_shape(rule, {"a": a}))


@pytest.mark.parametrize(
    ("small", "units", "verdict"),
    [
        (2.0**-30, 0.0, Verdict.RIGHT),
        (2.0**-30, 1.0, Verdict.INACCURATE),
        (2.0**-30, 1e3, Verdict.INACCURATE),
        (2.0**-30, 3e3, Verdict.WRONG),
        (2.0**-30, 1e6, Verdict.WRONG),
        (2.0**-42, 0.0, Verdict.RIGHT),
        (2.0**-42, 1.0, Verdict.INACCURATE),
        (2.0**-42, 1e6, Verdict.INACCURATE),
    ],
)
def test_what_is_exact_for_a_nearby_matrix_is_inaccurate_and_no_more(small, units, verdict):
    """Of a diagonal matrix with a small element, which a change of n ulp of the largest one moves in an early digit: in the
    sixth of 2⁻³⁰; of 2⁻⁴² nothing is left by errors 2¹⁰ times as large, and an error is no wrong formula.
    """
    a = np.diag([1.0, small])
    moved = a + np.diag([0, 0.99 * units * NORMWISE_UNITS * len(a) * 2.0**-53])
    exact = enclose(inverse_of(a), format_of("float64"))
    truth = enclose(inverse_of(moved), format_of("float64")).exact
    assert truth is not None
    got = [float(ball.mid()) for ball in truth.outputs.balls]
    assert judge(exact, got).verdict is verdict


def test_only_entries_of_linear_algebra_have_nearby_matrices():
    x = np.array(2.0)
    rule = entry("scalar.power")
    problem = Derivative.of(rule, {"x": x, "n": 2}, ("x",), "forward", {"x": x}, None, ())
    assert enclose(problem, format_of("float64")).other("normwise") == []


def test_a_numerically_singular_matrix_is_no_claim_but_not_for_a_determinant():
    a = np.array([[1.0, 1.0], [1.0, np.nextafter(1.0, 2.0)]])
    made = enclose(inverse_of(a), format_of("float64"))
    assert judge(made, [math.nan] * 8).verdict is Verdict.NO_CLAIM
    rule = entry("inverses.determinant")
    for matrix in (a, np.ones((2, 2)), np.zeros((1, 1))):
        given = {"a": matrix}
        problem = Derivative.of(rule, given, ("a",), "forward", {"a": np.eye(len(matrix))}, None, ())
        made = enclose(problem, format_of("float64"))
        assert made.exact is not None
        truth = [float(ball.mid()) for ball in made.exact.outputs.balls]
        assert judge(made, truth).verdict is Verdict.RIGHT
        assert judge(made, [truth[0], math.nan]).verdict is Verdict.WRONG
        assert judge(made, [truth[0], truth[1] + 1]).verdict is Verdict.WRONG


# Errors that libraries make.


def _untransposed(xp, a):
    """The VJP of the inverse without its transposes."""
    y = xp.linalg.inv(a)
    return Products(xp, a.shape, a.shape, lambda v: -(y @ v @ y), lambda u: -(y @ u @ y))


def _by_inverse(xp, a):
    """det A · A⁻ᵀ, made 0 where A is singular."""
    right = entry("inverses.determinant").partials["a"](xp, a)
    singular = xp.linalg.det(a) == 0

    def unless(x):
        return xp.where(singular, xp.zeros_like(x), x)

    return Products(xp, a.shape, (), lambda v: unless(right.matvec(xp, v)), lambda u: unless(right.rmatvec(xp, u)))


def _first_of_the_stack(xp, a, b):
    """The cotangent of a right side that is broadcast, of the first matrix alone."""
    right = entry("linear_systems.solve_broadcast_right").partials["b"](xp, a, b)
    m = xp.linalg.inv(a[0])
    return Products(xp, b.shape, right.out_shape, lambda v: right.matvec(xp, v), lambda u: (m.T @ u[0])[None, :, :])


def _not_masked(xp, a, b):
    """A triangular system that gives a cotangent to the other triangle."""
    right = entry("linear_systems.solve_lower").partials["a"](xp, a, b)
    y = xp.linalg.solve(xp.tril(a), b)

    def vjp(u):
        return -(xp.linalg.solve(xp.tril(a).T, u) @ y.T)

    return Products(xp, a.shape, right.out_shape, lambda v: right.matvec(xp, v), vjp)


@pytest.mark.parametrize(
    ("name", "argument", "form", "modes"),
    [
        ("inverses.inverse", "a", _untransposed, ("reverse",)),
        ("inverses.determinant", "a", _by_inverse, BOTH),
        ("linear_systems.solve_broadcast_right", "b", _first_of_the_stack, ("reverse",)),
        ("linear_systems.solve_lower", "a", _not_masked, ("reverse",)),
    ],
)
def test_a_planted_error_is_wrong(name, argument, form, modes):
    for mode in BOTH:
        found = backend_kill(*planted_rule(entry(name), {argument: form}), mode)
        assert (found is not None) == (mode in modes)
