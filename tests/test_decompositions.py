"""Decompositions: the matrices that are drawn, wrong closed forms, the verdict at the edge, and simpler counterexamples."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.identities.decompositions import divided, symmetric
from gradlaw.identities.operators import Products, row
from gradlaw.oracle import field_proof, index_proof, ledger, symbolic
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import output_shape, problem_of
from gradlaw.oracle.index_arrays import variable
from gradlaw.oracle.index_namespace import IndexNamespace
from gradlaw.oracle.index_places import all_places
from gradlaw.oracle.index_sizes import Size
from gradlaw.oracle.index_terms import Undecided
from gradlaw.oracle.index_zero import is_zero
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.simplify import simplify
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.verdict import judge
from gradlaw.strategies import positive, specs
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.matrices import KINDS, STRUCTURES, has_structure, structured
from mutant_judges import backend_kill
from test_orders import evaluated, problems
from wrong_backends import planted_rule

BOTH = ("forward", "reverse")


def entry(name: str) -> Rule:
    found = CATALOGUE.entries[name]
    assert isinstance(found, Rule)
    return found


# Structures.


def _determinant(a: np.ndarray) -> Fraction:
    if len(a) == 0:
        return Fraction(1)
    minors = (np.delete(a[1:], k, axis=1) for k in range(len(a)))
    return sum(
        (Fraction(float(x)) * _determinant(m) * (-1) ** k for k, (x, m) in enumerate(zip(a[0], minors, strict=True))),
        Fraction(0),
    )


def _by_sylvester(a: np.ndarray) -> bool:
    """Sylvester's criterion for A + Aᵀ, whose elements are exact here."""
    s = a + a.T
    return all(_determinant(s[:k, :k]) > 0 for k in range(1, len(a) + 1))


def _eigenvalues_differ(a: np.ndarray) -> bool:
    s = a.astype(float) + a.T
    return np.trace(s) ** 2 - 4 * _determinant(s) > 0


def _singular_values_differ(a: np.ndarray) -> bool:
    return _eigenvalues_differ(a.T.astype(float) @ a)


def _of_sign(sign: int) -> Callable[[np.ndarray], bool]:
    return lambda a: sign * (Fraction(float(np.trace(a))) ** 2 - 4 * _determinant(a)) > 0


PROPERTIES: dict[str, tuple[int, Callable[[np.ndarray], bool]]] = {
    "positive diagonal": (3, lambda a: bool((np.diagonal(a) > 0).all())),
    "positive definite": (3, _by_sylvester),
    "distinct eigenvalues": (2, _eigenvalues_differ),
    "definite, distinct eigenvalues": (2, lambda a: _by_sylvester(a) and _eigenvalues_differ(a)),
    "distinct singular values": (2, _singular_values_differ),
    "regular, distinct singular values": (2, lambda a: _singular_values_differ(a) and _determinant(a) != 0),
    "real eigenvalues": (2, _of_sign(1)),
    "complex eigenvalues": (2, _of_sign(-1)),
    "varied lines": (3, lambda a: all(len(set(line.tolist())) > 1 for line in (*a, *a.T))),
}


@pytest.mark.parametrize("structure", PROPERTIES)
def test_every_matrix_has_the_structure(structure):
    """Of small integers, among them all special matrices but the one that is off by an ulp; others are left as drawn."""
    size, holds = PROPERTIES[structure]
    rng = np.random.default_rng(3)
    kept = 0
    for code in range(256):
        if code >= 128 and KINDS[(code - 128) % len(KINDS)].__name__ == "_nearly_singular":
            continue
        drawn = rng.integers(-3, 4, (1, size, size)).astype(np.float32)
        (a,) = structured(drawn, structure, code)
        assert holds(a), (code, drawn, a)
        assert has_structure(a, structure)
        if code < 128:
            assert np.array_equal(a, drawn[0]) or not holds(drawn[0])
            kept += np.array_equal(a, drawn[0])
    assert kept


def test_zero_has_none_of_these_structures():
    zero = np.zeros((2, 2))
    assert [name for name in STRUCTURES if has_structure(zero, name)] == ["any"]


def test_positive_definite_is_decided_exactly():
    tiny = np.nextafter(1.0, 2.0)
    assert has_structure(np.array([[1.0, 1.0], [1.0, tiny]]), "positive definite")
    assert not has_structure(np.array([[1.0, 1.0], [1.0, 1.0]]), "positive definite")
    assert not has_structure(np.array([[1.0, tiny], [1.0, 1.0]]), "positive definite")


# Cholesky's factor in index notation.


def test_the_factor_in_index_notation_times_its_transpose_is_the_matrix():
    xp = IndexNamespace()
    a = variable("a", (3, 3))
    s = (a + a.T) / 2
    lower = xp.linalg.cholesky(s)
    product = lower @ lower.T
    for at in all_places((3, 3)):
        assert is_zero(product.at(at) - s.at(at))
        if at[1].index.const > at[0].index.const:
            assert is_zero(lower.at(at))
    with pytest.raises(Undecided):
        xp.linalg.cholesky(variable("a", (Size("n"), Size("n"))))


def test_triangles_of_known_size_are_what_they_say():
    xp = IndexNamespace()
    a = variable("a", (2, 3))
    zero = [[not xp.tril(a)[i, j].item() for j in range(3)] for i in range(2)]
    assert zero == [[False, True, True], [False, False, True]]
    zero = [[not xp.triu(a, k=1)[i, j].item() for j in range(3)] for i in range(2)]
    assert zero == [[True, False, False], [True, True, False]]


# Wrong closed forms.


def _diagonal_not_halved(xp, a):
    lower = xp.linalg.cholesky(symmetric(xp, a))

    def jvp(v: Any) -> Any:
        return lower @ xp.tril(divided(xp, xp.linalg.solve(lower, symmetric(xp, v)), lower.T))

    def vjp(u: Any) -> Any:
        return symmetric(xp, divided(xp, xp.linalg.solve(lower.T, xp.tril(lower.T @ u)), lower))

    return Products(xp, a.shape, a.shape, jvp, vjp)


def _cotangent_of_one_triangle(xp, a):
    right = entry("decompositions.cholesky").partials["a"](xp, a)

    def vjp(u: Any) -> Any:
        g = right.rmatvec(xp, u)
        return xp.tril(g) + xp.triu(g, k=1).T

    return Products(xp, a.shape, a.shape, lambda v: right.matvec(xp, v), vjp)


def _cholesky_inverse_of_torch(xp, a):
    """Both factors of the differential are the same product, not one and its transpose."""
    inverse = xp.linalg.inv(xp.tril(a))
    y = inverse.T @ inverse
    return Products(
        xp,
        a.shape,
        a.shape,
        lambda v: -2 * (y @ (xp.tril(v) @ xp.tril(a).T) @ y),
        lambda u: -2 * xp.tril(y @ u @ inverse.T),
    )


def _half_of_logdet(xp, a):
    return row(xp, xp.linalg.inv(symmetric(xp, a)) / 2, axis=(-2, -1))


def _without_logdet(xp, x, m, a):
    w = xp.linalg.solve(symmetric(xp, a), x - m)
    return row(xp, w[:, None] * w[None, :] / 2)


def _without_rest(xp, a):
    """The derivative of the pseudo-inverse as if it were an inverse."""
    p = xp.linalg.solve(a.T @ a, a.T)
    return Products(xp, a.shape, p.shape, lambda v: -(p @ v @ p), lambda u: -(p.T @ u @ p.T))


def _without_rotation(xp, a):
    """QR with Q fixed: R⁻¹ is taken for the only thing that changes."""
    q, r = (CATALOGUE.entries[f"least_squares.qr_{k}"].function(xp, a) for k in "qr")
    return Products(xp, a.shape, r.shape, lambda v: xp.triu(q.T @ v) + 0 * r, lambda u: q @ xp.triu(u) + 0 * (q @ r))


def _eigenvalues_of_one_triangle(xp, a):
    right = entry("spectra.eigvalsh").partials["a"](xp, a)

    def vjp(u: Any) -> Any:
        g = right.rmatvec(xp, u)
        return xp.tril(g) + xp.triu(g, k=1).T

    return Products(xp, a.shape, (2,), lambda v: right.matvec(xp, xp.tril(v) + xp.tril(v, k=-1).T), vjp)


def _only_u(xp, a):
    """The nuclear norm without the sign of the determinant."""
    det = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
    cofactors = xp.stack([xp.stack([a[1, 1], -a[1, 0]]), xp.stack([-a[0, 1], a[0, 0]])])
    return row(xp, (a + cofactors) / xp.sqrt(xp.sum(a**2) + 2 * xp.abs(det)))


def _commuting(xp, a):
    """The exponential as if the direction commuted with the matrix: V ↦ e^A V."""
    y = entry("exponentials.expm_real").function(xp, a)
    return Products(xp, a.shape, a.shape, lambda v: y @ v, lambda u: y.T @ u)


WRONG = [
    ("decompositions.cholesky", "a", _diagonal_not_halved, BOTH),
    ("decompositions.cholesky", "a", _cotangent_of_one_triangle, ("reverse",)),
    ("decompositions.cholesky_inverse", "a", _cholesky_inverse_of_torch, BOTH),
    ("decompositions.logdet_definite", "a", _half_of_logdet, BOTH),
    ("gaussian.log_density", "a", _without_logdet, BOTH),
    ("least_squares.pinv", "a", _without_rest, BOTH),
    ("least_squares.qr_r", "a", _without_rotation, BOTH),
    ("spectra.eigvalsh", "a", _eigenvalues_of_one_triangle, BOTH),
    ("singular_values.nuclear_norm", "a", _only_u, BOTH),
    ("exponentials.expm_real", "a", _commuting, BOTH),
]


@pytest.mark.parametrize(("name", "argument", "form", "modes"), WRONG, ids=lambda x: getattr(x, "__name__", None))
def test_a_wrong_closed_form_is_refuted_and_a_backend_that_has_it_is_wrong(name, argument, form, modes):
    rule = entry(name)
    assert index_proof.check(rule, argument, partial=form).status != symbolic.PROVED
    tasks = [task for task in symbolic.tasks(rule) if task.argument == argument]
    found = [field_proof.check(rule, task, partial=form).status for task in tasks]
    assert symbolic.REFUTED in found
    for mode in BOTH:
        rejected = backend_kill(*planted_rule(rule, {argument: form}), mode)
        assert (rejected is not None) == (mode in modes)


# Second derivatives.

CHAPTERS = ("decompositions", "exponentials", "gaussian", "least_squares", "singular_values", "spectra")
OURS = [rule for rule in CATALOGUE.entries.values() if isinstance(rule, Rule) and rule.chapter in CHAPTERS]


@pytest.mark.parametrize("mode", ["forward-over-reverse", "forward-over-forward"])
@pytest.mark.parametrize("rule", OURS, ids=lambda rule: rule.id)
def test_the_closed_form_differentiated_is_the_text_differentiated_again(rule, mode):
    """And it is known sharply: a second derivative that is known to be 0 is exactly 0, or nothing would be claimed."""
    compared = claimed = 0
    for problem in problems(rule, mode, 6):
        closed, text = evaluated(problem.closed_on), evaluated(problem._text_on)
        if closed is None or text is None:
            continue
        for label, a, b in zip(closed.labels, closed.balls, text.balls, strict=True):
            if a.is_finite() and b.is_finite():
                assert a.overlaps(b), (label, a, b)
                compared += 1
        claimed += enclose(problem, format_of("float64")).exact is not None
    assert compared
    assert claimed


# The verdict at the edge.


def _problem(name: str, a: np.ndarray) -> Derivative:
    rule, given = entry(name), {"a": a}
    return Derivative.of(rule, given, ("a",), "forward", {"a": np.ones_like(a)}, None, output_shape(rule, given))


@pytest.mark.parametrize("name", ["cholesky", "logdet_definite"])
def test_of_a_matrix_that_is_hardly_definite_nothing_is_claimed(name):
    edge = np.array([[1.0, 1.0], [1.0, np.nextafter(1.0, 2.0)]])
    made = enclose(_problem(f"decompositions.{name}", edge), format_of("float64"))
    assert made.exact is not None
    count = len(made.exact.outputs.balls)
    assert judge(made, [math.nan] * count).verdict is Verdict.NO_CLAIM
    inside = enclose(_problem(f"decompositions.{name}", np.array([[2.0, 1.0], [1.0, 2.0]])), format_of("float64"))
    assert judge(inside, [math.nan] * count).verdict is Verdict.WRONG


def test_rounding_of_eigenvectors_is_no_wrong_second_derivative():
    """The sum of both eigenvalues is linear: where they are added the second derivative is 0, but for the rounding of each."""
    rule = entry("spectra.eigvalsh")
    a = np.array([[1.0, 1.0], [1.0, 0.0]])
    example = draw(bytes(LENGTH), rule.inputs, np.dtype("float64"))
    example = replace(example, arguments={"a": a})
    problem = problem_of(rule, example, {}, "reverse-over-forward")
    made = enclose(problem, format_of("float64"))
    assert made.exact is not None
    truth = [float(ball.mid()) for ball in made.exact.outputs.balls]
    assert truth[2:] == [0.0] * 4
    assert judge(made, truth).verdict is Verdict.RIGHT
    assert judge(made, [*truth[:2], 4e-17, 0.0, 0.0, 0.0]).verdict is Verdict.INACCURATE
    assert judge(made, [*truth[:2], 4e-12, 0.0, 0.0, 0.0]).verdict is Verdict.WRONG


# Counterexamples keep what is asked of their matrices.


@pytest.mark.parametrize(
    ("name", "sizes", "left"),
    [("decompositions.cholesky", {"n": 3}, 1), ("least_squares.qr_r", {"m": 4}, 4), ("spectra.eigvalsh", {}, 2)],
)
def test_a_simpler_counterexample_has_the_structure(name, sizes, left):
    """One row has no full column rank: of the four none is left out."""
    rule = entry(name)
    spec = rule.inputs["a"]
    example = draw(np.random.default_rng(4).bytes(LENGTH), rule.inputs, np.dtype("float64"), given=sizes)
    seen: list[np.ndarray] = []

    def fails(candidate: Any) -> bool:
        seen.append(candidate.arguments["a"])
        return True

    found = simplify(rule, problem_of(rule, example, {}, "reverse"), fails).arguments["a"]  # type: ignore[arg-type]
    assert len(seen) > 1
    assert all(has_structure(a, spec.structure) for a in [found, *seen])  # type: ignore[union-attr]
    assert {len(a) for a in [found, *seen]} <= {left, sizes.get("n", left)}
    assert len(found) == left


# The ledger.


def test_where_sympy_is_not_asked_the_other_judges_prove():
    """The names are entries, and of them the ledger has work for two judges that do not share arrays."""
    for name in ledger.DEAR:
        judges = {task.judge for task in ledger.tasks(entry(name))}
        assert judges == {ledger.INDEX, ledger.FIELD}
    assert {task.judge for task in ledger.tasks(entry("decompositions.cholesky"))} == set(ledger.JUDGES)


def test_a_structure_in_a_domain_without_0_is_refused():
    with pytest.raises(ValueError, match="elements that are not > 0"):
        specs.matrices(2, 2, structure="positive definite", domain=positive)
