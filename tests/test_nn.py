"""Neural-network functions: other texts of a function, and what the index prover learnt for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gradlaw.identities import BEYOND, CATALOGUE, Rule, activations, losses, normalisation, rectifiers, rule
from gradlaw.identities.convolution import Window, all_taps, correlate, spread
from gradlaw.identities.declare import DeclarationError, Registry
from gradlaw.identities.operators import Products, diag, row
from gradlaw.identities.sources import PH
from gradlaw.oracle import index_proof, ledger, numeric
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.floats import FLOATS
from gradlaw.oracle.index_arrays import variable
from gradlaw.oracle.index_sizes import Size
from gradlaw.oracle.index_terms import Undecided
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.verdict import judge
from gradlaw.strategies import integer, stacked, vector
from gradlaw.strategies.draw import draw
from gradlaw.strategies.shapes import canonical_assignments, choices, stand_in

RULES = {name: entry for name, entry in CATALOGUE.entries.items() if isinstance(entry, Rule)}
TEXTS = [(entry, text) for entry in RULES.values() for text in (*entry.texts, entry.regular) if text is not None]


@pytest.mark.parametrize(
    "entry", [e for e in RULES.values() if e.chapter == "normalisation" and e.forms], ids=lambda e: e.id
)
def test_the_derivative_by_moments_is_proved_equal(entry):
    ((name, (form,)),) = entry.forms.items()
    assert index_proof.check(entry, name, partial=form).status == ledger.PROVED


@pytest.mark.parametrize("module", [activations, rectifiers, losses, normalisation], ids=lambda m: m.__name__)
def test_every_line_of_a_table_is_a_rule(module):
    chapter = module.__name__.rpartition(".")[2]
    table = getattr(module, {"losses": "LOSSES", "normalisation": "LAYERS"}.get(chapter, "FUNCTIONS"))
    declared = [name.partition(".")[2] for name in RULES if name.startswith(f"{chapter}.")]
    assert declared == [line.name for line in table]


# Other texts of a function.


BY_SERIES = {"cross_entropy.binary_weighted"}
"""ln(1 + e⁻ˣ) = ln(1 + eˣ) − x is beyond the index prover; the texts are compared by certified derivatives."""


@pytest.mark.parametrize(("entry", "text"), TEXTS, ids=lambda value: getattr(value, "id", ""))
def test_another_text_is_the_same_function(entry, text):
    """It has the same derivative by every argument, for all sizes, and the same value at a point."""
    other = replace(entry, function=text)
    if entry.id in BY_SERIES:
        assert numeric.check(other, examples=40, seed=0).status == "pass"
    else:
        found = [index_proof.check(other, name) for name in entry.differentiable]
        assert [(one.status, one.reason) for one in found] == [(ledger.PROVED, "")] * len(found)
    assert np.allclose(*values(entry, text), rtol=1e-12, atol=1e-14)


def values(entry: Rule, text):
    """Both texts at an example of small numbers."""
    arguments = draw(bytes(range(1, 129)) * 4, entry.inputs, np.dtype("float64")).arguments
    return [np.asarray(f(FLOATS, *arguments.values())) for f in (entry.function, text)]


def test_a_wrong_text_is_not_the_same_function():
    sigmoid, wrong = RULES["activations.sigmoid"], lambda xp, x: (1 + xp.tanh(x)) / 2
    found = index_proof.check(replace(sigmoid, function=wrong), "x")
    assert found.status == ledger.UNDECIDED
    assert "the normal forms differ" in found.reason
    assert not np.allclose(*values(sigmoid, wrong))


def test_a_text_has_the_parameters_of_its_entry():
    with pytest.raises(DeclarationError, match=r"activations\.gelu"):
        RULES["activations.gelu"].equal_text(lambda xp, z: z)


def gelu_judged(got: list[float], *, texts: bool = True):
    gelu = RULES["activations.gelu"]
    point, one = np.array([-5.5], "float32"), np.ones(1, "float32")
    problem = Derivative(gelu.function, {"x": point}, ("x",), "reverse", {}, one, gelu.partials, (1,))
    problem = replace(problem, texts=gelu.texts if texts else ())
    return [grade.verdict for grade in judge(enclose(problem, format_of("float32")), got).grades]


def test_what_another_text_explains_is_inaccurate_and_not_wrong():
    """At −5.5 the sum 1 + erf is 0 in float32, while x Φ(x) is −1.0e-7."""

    truth = enclose_gelu()
    assert gelu_judged(truth) == [Verdict.RIGHT, Verdict.RIGHT]
    assert gelu_judged([-0.0, truth[1]])[0] is Verdict.INACCURATE
    assert gelu_judged([-0.0, truth[1]], texts=False)[0] is Verdict.WRONG
    assert gelu_judged([-0.01, truth[1]])[0] is Verdict.WRONG


def enclose_gelu() -> list[float]:
    """x Φ(x) and its derivative at −5.5 by mpmath."""
    import mpmath

    x = mpmath.mpf(-5.5)
    return [float(np.float32(float(v))) for v in (x * mpmath.ncdf(x), mpmath.ncdf(x) + x * mpmath.npdf(x))]


def selu_judged(got: list[float]):
    """At (0, −90), where the first entry is at the kink; the last two components are the derivative."""
    selu = RULES["rectifiers.selu"]
    point, one = np.array([0.0, -90.0]), np.ones(2)
    problem = Derivative(selu.function, {"x": point}, ("x",), "reverse", {}, one, selu.partials, (2,))
    found = judge(enclose(replace(problem, forms=selu.forms), format_of("float64")), [0.0, -SATURATED, *got])
    return [grade.verdict for grade in found.grades]


SATURATED = rectifiers.SELU_SCALE * rectifiers.SELU_ALPHA
TAIL = SATURATED * np.exp(-90.0)


def test_beside_a_kink_a_lost_tail_is_inaccurate_as_elsewhere():
    assert selu_judged([1.2, TAIL]) == [Verdict.RIGHT] * 4
    assert selu_judged([1.2, 0.0]) == [Verdict.RIGHT] * 3 + [Verdict.INACCURATE]
    assert selu_judged([1.2, 1e-3])[3] is Verdict.WRONG
    assert selu_judged([2.5, TAIL])[2] is Verdict.WRONG


# The index prover: choices, sums and slices.

WRONG = {
    "rectifiers.hardtanh": lambda xp, x: diag(xp.where(x < 1, xp.ones_like(x), xp.zeros_like(x))),
    "rectifiers.hardsigmoid": lambda xp, x: diag(
        xp.where(x < -3, xp.zeros_like(x), xp.where(x > 4, xp.zeros_like(x), xp.ones_like(x) / 6))
    ),
    "rectifiers.elu": lambda xp, x, k: diag(xp.where(x > 0, xp.ones_like(x), xp.exp(x))),
    "rectifiers.celu": lambda xp, x, k: diag(xp.where(x > 0, xp.ones_like(x), xp.exp(x / k) / k)),
    "activations.silu": lambda xp, x: diag(xp.expit(x) * (1 + x)),
    "softmax.log_softmax": lambda xp, x, axis: Products(xp, x.shape, x.shape, lambda v: v - xp.sum(v), lambda u: u),
    "losses.soft_margin": lambda xp, p, y, reduction: losses.by_reduction(xp, y * xp.expit(-y * p), reduction),
    "losses.huber": lambda xp, p, y, reduction: losses.by_reduction(xp, p - y, reduction),
    "cross_entropy.probabilities": lambda xp, x, y: row(xp, (xp.exp(x) - y) / x.shape[0]),
    "similarity.normalize": lambda xp, x: diag(1 / xp.sqrt(xp.sum(x**2)) + 0 * x),
    "pooling.maximum1d": lambda xp, x, stride: Products(
        xp, x.shape, (x.shape[0], 4 - stride), lambda v: v[:, : 4 - stride], lambda u: u
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_closed_form_is_not_proved(name):
    entry = RULES[name]
    found = index_proof.check(entry, entry.differentiable[0], partial=WRONG[name])
    assert found.status in (ledger.UNDECIDED, ledger.REFUTED)
    assert "differ" in found.reason or "shape" in found.reason, found.reason


def own(function, **inputs) -> Rule:
    function.__doc__ = "f"
    return rule(source=PH("1"), registry=Registry(), name="own", **inputs)(function)


def test_a_choice_is_split_into_its_two_cases():
    """e^min(x, 0) where x ≤ 0 is e^x, and not where x > 0."""
    below = own(lambda xp, x: xp.where(x > 0, x, xp.exp(xp.minimum(x, xp.zeros_like(x)))), x=vector("n"))

    def form(above):
        return lambda xp, x: diag(xp.where(x > 0, above(xp, x), xp.exp(x)))

    right, wrong = form(lambda xp, x: xp.ones_like(x)), form(lambda xp, x: xp.exp(x))
    assert index_proof.check(below, "x", partial=right).status == ledger.PROVED
    assert index_proof.check(below, "x", partial=wrong).status == ledger.UNDECIDED


def test_sums_are_compared_by_their_bodies():
    """Σ e^x/(1 + e^x) = Σ 1/(1 + e^−x), which no normal form of its own shows."""
    whole = own(lambda xp, x: xp.sum(xp.log(1 + xp.exp(x))), x=vector("n"))

    def form(sign):
        return lambda xp, x: row(xp, 1 / (1 + xp.exp(sign * x)))

    right, wrong = form(-1), form(1)
    assert index_proof.check(whole, "x", partial=right).status == ledger.PROVED
    assert index_proof.check(whole, "x", partial=wrong).status == ledger.UNDECIDED


def test_slices_of_an_axis_of_known_size():
    x = variable("x", (Size("n"), 5))  # type: ignore[arg-type]
    assert x[:, 1:4].shape == (Size("n"), 3)
    assert x[:, ::-2].shape == (Size("n"), 3)
    row_ = x[0, :]
    assert [row_[1:4][k].item() for k in range(3)] == [row_[k].item() for k in (1, 2, 3)]
    assert [row_[::-2][k].item() for k in range(3)] == [row_[k].item() for k in (4, 2, 0)]
    assert row_[3:][0].item() != row_[2].item()
    assert x[:, 5:].shape == (Size("n"), 0)
    with pytest.raises(Undecided, match="uses the index"):
        x[1:, :]


def test_sympy_is_asked_about_few_sizes_beyond_the_core():
    entry = RULES["recurrent.gru_cell"]
    assert entry.chapter in BEYOND
    per_argument = [task for task in ledger.tasks(entry, (ledger.SYMPY,)) if task.argument == "W"]
    assert len(per_argument) <= ledger.COMPONENTS
    (field,) = (task for task in ledger.tasks(entry, (ledger.FIELD,)) if task.argument == "W")
    assert len(field.parts) == sum(1 for _ in canonical_assignments(entry.inputs))


# Sizes, and the windows of a convolution.


def test_sizes_of_stacked_arrays():
    inputs = {"x": stacked("m", "n", minimum=2, least=1, largest=4), "y": stacked("n", canonical=1), "k": integer(1, 1)}
    options = {choice.name: choice.options({}) for choice in choices(inputs)}
    assert set(options["m"]) == {2, 3, 4}
    assert set(options["n"]) == {1, 2, 3, 4}
    assert [(made["m"], made["n"]) for made in canonical_assignments(inputs)] == [(2, 1)]
    assert stand_in(inputs, {"m": 4, "n": 3, "k": 1}) == {"m": 2, "n": 1, "k": 1}


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (1, 1, 2), (2, 0, 2)])
def test_convolution_is_the_sum_over_its_taps_and_spread_is_its_transpose(stride, padding, dilation):
    dice = np.random.default_rng(stride + 2 * padding + 4 * dilation)
    x, w = dice.standard_normal((2, 6)), dice.standard_normal((3, 2, 3))
    window = Window(6, 3, stride, padding, dilation)
    y = correlate(np, x, w, (window,))
    padded = np.pad(x, ((0, 0), (padding, padding)))
    expected = [
        [
            sum(w[o, c, t] * padded[c, i * stride + t * dilation] for c in range(2) for t in range(3))
            for i in range(window.stops)
        ]
        for o in range(3)
    ]
    assert np.allclose(y, expected, rtol=1e-13, atol=0)
    u = dice.standard_normal(y.shape)
    back = spread(np, u, w, (window,))
    assert np.isclose(np.sum(u * y), np.sum(back * x), rtol=1e-12, atol=0)
    assert not np.isclose(np.sum(u * y), np.sum(back[:, ::-1] * x), rtol=1e-3, atol=0)
    assert all_taps((window,)) == [(0,), (1,), (2,)]
