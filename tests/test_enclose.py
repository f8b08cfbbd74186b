"""Truth and enclosure of a problem: the truth is inside, gets sharp, and a correct library is inside too."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb
from gradlaw.identities import CATALOGUE, Law, Unmet
from gradlaw.oracle import constants
from gradlaw.oracle.balls import Balls, overflown
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose, exact
from gradlaw.oracle.examples import output_shape
from gradlaw.oracle.problems import Derivative, Statement
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.functions import Section

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])


def derivative(f, mode="reverse", cotangent=1.0, tangents=None, partials=None, dtype="float64", **arguments):
    """The problem of f at float arguments."""
    given = {k: np.asarray(v, dtype) for k, v in arguments.items()}
    along = {k: np.asarray((tangents or {}).get(k, np.ones_like(v)), dtype) for k, v in given.items()}
    return Derivative(f, given, tuple(given), mode, along, np.asarray(cotangent, dtype), partials)


def balls_of(enclosed):
    return enclosed.exact.outputs.balls, enclosed.outputs.balls


def test_truth_and_enclosure_of_a_square():
    enclosed = enclose(derivative(lambda xp, x: x * x, x=0.1), format_of("float64"))
    truth, allowed = balls_of(enclosed)
    assert [str(label) for label in enclosed.outputs.labels] == ["primal", "x"]
    with Balls(None, 200):
        assert truth[0].overlaps(arb(0.1) * arb(0.1))
        assert truth[1] == arb(0.1) + arb(0.1)
    for t, e in zip(truth, allowed, strict=True):
        assert e.contains(t)
        assert e.rad() <= 1e-15 * abs(t)
    assert enclosed.exact.choices == []
    assert not enclosed.exact.jumped


@DTYPES
@MODES
def test_the_truth_is_inside_the_enclosure(mode, dtype):
    """Over the whole catalogue of rules: the enclosure widens the truth, it never moves it."""
    rng = np.random.default_rng(1)
    claimed = 0
    for entry in CATALOGUE.entries.values():
        if isinstance(entry, Law):
            continue
        for _ in range(4):
            example = draw(rng.integers(0, 256, LENGTH, np.uint8).tobytes(), entry.inputs, np.dtype(dtype))
            shape = output_shape(entry, example.arguments)
            wrt = tuple(entry.differentiable)
            tangents = {name: example.along(example.arguments[name].shape, k) for k, name in enumerate(wrt)}
            problem = Derivative.of(entry, example.arguments, wrt, mode, tangents, example.along(shape, 9), shape)
            enclosed = enclose(problem, format_of(dtype))
            if enclosed.exact is None or enclosed.exact.choices or enclosed.exact.jumped:
                continue
            truth, allowed = balls_of(enclosed)
            for t, e in zip(truth, allowed, strict=True):
                if e.is_finite():
                    claimed += 1
                    assert t.is_finite(), entry.id
                    assert e.overlaps(t), entry.id
                    assert t.rad() <= constants.NEGLIGIBLE * (e.rad() + abs(t.mid()) * format_of(dtype).ulp)
            # The closed form is another formula for the same derivative: both enclose the truth.
            for t, c in zip(truth, enclosed.other("closed"), strict=True):
                assert not c.is_finite() or c.overlaps(t), entry.id
    assert claimed > 300


@DTYPES
@pytest.mark.parametrize("seed", range(12))
def test_a_correct_library_is_inside(seed, dtype):
    """PyTorch's derivatives of random expressions, in both modes: right, and with strong evidence."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    unary = [
        lambda xp, a: xp.sin(a),
        lambda xp, a: xp.exp(a / 4),
        lambda xp, a: xp.tanh(a),
        lambda xp, a: xp.log(a * a + 1),
        lambda xp, a: a**3,
        lambda xp, a: xp.sqrt(a * a + 2),
        lambda xp, a: 1 / (a * a + 1),
    ]
    first, second, third = (unary[k] for k in rng.integers(len(unary), size=3))

    def f(xp, w, x):
        return xp.sum(first(xp, w) * second(xp, x)) + xp.sum(third(xp, w - x)) / 3

    arguments = {k: rng.standard_normal(4).astype(dtype) for k in ("w", "x")}
    leaves = {k: torch.tensor(v, requires_grad=True) for k, v in arguments.items()}
    value = f(torch, *leaves.values())
    by = torch.autograd.grad(value, list(leaves.values()))
    got = [value.item(), *by[0].tolist(), *by[1].tolist()]
    judgement = judge(enclose(derivative(f, dtype=dtype, **arguments), format_of(dtype)), got)
    assert {grade.verdict.value for grade in judgement.grades} == {"right"}
    assert not any(grade.weak for grade in judgement.grades)
    tangents = {k: rng.standard_normal(4).astype(dtype) for k in arguments}
    primal, tangent = torch.func.jvp(
        lambda w, x: f(torch, w, x),
        tuple(torch.tensor(v) for v in arguments.values()),
        tuple(torch.tensor(v) for v in tangents.values()),
    )
    problem = derivative(f, "forward", tangents=tangents, dtype=dtype, **arguments)
    judgement = judge(enclose(problem, format_of(dtype)), [primal.item(), tangent.item()])
    assert judgement.verdict == "right"
    doubled = judge(enclose(problem, format_of(dtype)), [primal.item(), 2 * tangent.item() + 1e-3])
    assert doubled.verdict == "wrong"


def test_precision_is_added_until_the_truth_is_sharp():
    """sin 10³⁰⁰ needs a thousand bits of π. What is lost in cancellation anyway need not be known to the last digit."""
    enclosed = enclose(derivative(lambda xp, x: xp.sin(x), x=1e300), format_of("float64"))
    truth, _ = balls_of(enclosed)
    with Balls(None, 2000):
        assert truth[0].overlaps(arb(1e300).sin())
        assert truth[1].overlaps(arb(1e300).cos())
        assert truth[0].rad() < 1e-20
    cancel = enclose(derivative(lambda xp, x: (x + 1) - x, x=1e160), format_of("float64"))
    truth, allowed = balls_of(cancel)
    assert truth[0].contains(1)
    assert truth[0].rad() <= constants.NEGLIGIBLE * allowed[0].rad()
    assert allowed[0].contains(0), "in double precision the 1 is lost"
    assert truth[1] == 0


def test_a_tie_that_no_precision_decides_is_given_up():
    def f(xp, x):
        return xp.where(xp.sin(x) ** 2 + xp.cos(x) ** 2 > 1, x, 2 * x)

    enclosed = enclose(derivative(f, x=1.0), format_of("float64"))
    assert enclosed.exact is None
    assert judge(enclosed, [1.0, 1.0]).verdict == "no claim"


def test_more_bits_decide_a_close_comparison():
    def f(xp, x):
        return xp.where(x * x * x * x > 1 + 2.0**-50, x, 2 * x)

    x = 1 + 2.0**-52
    enclosed = enclose(derivative(f, x=x), format_of("float64"))
    assert enclosed.exact is not None
    assert enclosed.exact.outputs.balls[1] == 1  # (1 + 2⁻⁵²)⁴ > 1 + 4·2⁻⁵² by 6·2⁻¹⁰⁴
    assert enclosed.outputs.balls[1].contains(1)
    assert enclosed.outputs.balls[1].contains(2), "in double precision it may come out equal"


def test_bits_are_doubled_until_a_predicate_is_decided():
    """x² and x² + 2⁻²⁰⁰ are told apart by 256 bits, not by the 128 of the beginning."""

    def f(xp, x, y):
        return xp.where(x * x + y > x * x, 3 * x, 5 * x)

    assert constants.EXACT_BITS < 200
    for y, slope in ((2.0**-200, 3), (-(2.0**-200), 5)):
        enclosed = enclose(derivative(f, x=1.1, y=y), format_of("float64"))
        assert enclosed.exact is not None
        assert enclosed.exact.outputs.balls[1] == slope


def test_bits_are_doubled_until_the_truth_is_sharp(monkeypatch):
    """The beginning is precise enough for every format there is; from fewer bits on the search goes to as many."""
    monkeypatch.setattr(constants, "EXACT_BITS", 20)
    enclosed = enclose(derivative(lambda xp, x: xp.sin(x) * x, x=1.3), format_of("float64"))
    for t, e in zip(*balls_of(enclosed), strict=True):
        assert t.rad() <= constants.NEGLIGIBLE * (e.rad() + abs(t.mid()) * 2.0**-52)
        assert e.contains(t)


def test_the_loose_enclosure_is_much_wider():
    enclosed = enclose(derivative(lambda xp, x: xp.sin(x) * x, x=1.3), format_of("float32"))
    for tight, loose in zip(enclosed.outputs.balls, enclosed.other("loose"), strict=True):
        assert 500 * tight.rad() < loose.rad() < 2000 * tight.rad()
    assert enclosed.other("loose") is enclosed.other("loose"), "computed once"


def test_without_closed_forms_there_is_no_closed_enclosure():
    enclosed = enclose(derivative(lambda xp, x: x * x, x=1.0), format_of("float32"))
    assert enclosed.other("closed") == []


def test_overflow_is_seen():
    enclosed = enclose(derivative(lambda xp, x: xp.exp(x), x=200.0, dtype="float32"), format_of("float32"))
    truth, allowed = balls_of(enclosed)
    assert all(t.is_finite() for t in truth)
    assert all(overflown(e) == 1 for e in allowed)
    wide = enclose(derivative(lambda xp, x: xp.exp(x), x=200.0), format_of("float64"))
    assert all(e.is_finite() for e in wide.outputs.balls)


def test_a_flushing_backend_may_return_zero():
    tiny = float(np.float32(1e-40))
    for flush in (False, True):
        problem = derivative(lambda xp, x: x * 1.0, x=tiny, dtype="float32")
        enclosed = enclose(problem, format_of("float32"), flush=flush)
        assert enclosed.outputs.balls[0].contains(0) == flush
        assert judge(enclosed, [tiny, 1.0]).grades[0].verdict == "right"
        # A subnormal number lost by a backend that flushes nothing else is a loss of accuracy, a normal one is wrong.
        assert judge(enclosed, [0.0, 1.0]).grades[0].verdict == ("right" if flush else "inaccurate")
    normal = enclose(derivative(lambda xp, x: x * 1.0, x=2e-38, dtype="float32"), format_of("float32"), flush=True)
    assert judge(normal, [0.0, 1.0]).grades[0].verdict == "wrong"


def test_kinks_and_jumps_are_noted_in_the_truth():
    at_kink = enclose(derivative(lambda xp, x: xp.maximum(xp.zeros_like(x), 3 * x), x=0.0), format_of("float32")).exact
    assert at_kink.choices == [0]
    assert not at_kink.jumped
    assert [[float(v.mid()) for v in normal.values()] for normal in at_kink.normals] == [[3.0]]
    jump = enclose(derivative(lambda xp, x: xp.where(x > 0, 1 + x, x), x=0.0), format_of("float32")).exact
    assert jump.jumped
    assert jump.choices == []


def test_a_multiplier_is_imposed_on_the_exact_evaluation():
    problem = derivative(lambda xp, x: xp.maximum(xp.zeros_like(x), x), x=0.0)
    for theta in (0.0, 0.25, 1.0):
        found = exact(problem.on, 128, {0: arb(theta)})
        assert found.outputs.balls[1] == theta
        assert [float(v.mid()) for v in found.imposed[0].values()] == [1.0]


def clipped(w, b):
    """The law of the clipped neuron at x = 3, whose hypothesis is 3 w + b < 0."""
    law = CATALOGUE.entries["neuron.clipped"]
    arguments = {"w": np.array([w]), "x": np.array([3.0]), "b": np.array(b)}
    return Statement(law, arguments, {}, "reverse", lambda shape, _: np.ones(shape))


def test_a_hypothesis_that_is_not_met_says_nothing():
    assert enclose(clipped(-1.0, 0.5), format_of("float64")).exact is not None
    with pytest.raises(Unmet):
        enclose(clipped(1.0, 0.5), format_of("float64"))


def test_an_equation_says_nothing_where_one_of_its_sides_has_no_value():
    nothing = np.zeros(0)
    b = Section(CATALOGUE.entries["neuron.affine"], ("b",), {"w": nothing, "x": nothing})
    law = CATALOGUE.entries["scalar.quotient_law"]
    for x, claimed in ((0.0, False), (2.0, True)):
        problem = Statement(law, {"x": np.array(x)}, {"f": b, "g": b}, "forward", lambda shape, _: np.ones(shape))
        enclosed = enclose(problem, format_of("float64"))
        assert enclosed.exact is not None
        assert [ball.is_finite() for ball in enclosed.exact.outputs.balls] == [claimed] * 2
        assert judge(enclosed, [7.0, 0.0]).verdict == ("wrong" if claimed else "no claim")


def test_a_hypothesis_that_only_larger_rounding_breaks_stops_no_judgement():
    """3 w + b is −2⁻⁴⁶: certainly negative in double precision, but not with 2¹⁰ times its rounding errors."""
    enclosed = enclose(clipped(-0.1 - 2.0**-48, 0.3), format_of("float64"))
    assert enclosed.outputs is not None
    assert not any(ball.is_finite() for ball in enclosed.other("loose"))
    got = [1.0] * len(enclosed.outputs.labels)
    assert judge(enclosed, got).verdict in ("inaccurate", "wrong")


def test_a_hypothesis_that_rounding_may_break_claims_nothing():
    enclosed = enclose(clipped(-0.1, 0.3), format_of("float64"))
    assert enclosed.exact is not None, "3 · fl(−0.1) + fl(0.3) is −2⁻⁵⁴ or so"
    assert enclosed.outputs is None
    assert judge(enclosed, [0.0] * len(enclosed.exact.outputs.labels)).verdict == "no claim"


def test_statements_name_both_sides():
    enclosed = enclose(clipped(-1.0, 0.5), format_of("float64"))
    parts = [label.part for label in enclosed.outputs.labels]
    assert parts == ["left 0", "right 0", "left 1", "right 1"]
    assert all(ball.is_zero() for ball in enclosed.exact.outputs.balls)
