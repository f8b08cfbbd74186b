"""The numeric check passes the whole catalogue, and fails on every kind of planted error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from chosen import CORE, sample
from flint import arb
from gradlaw.identities import CATALOGUE, Equal, Holds, Law, Registry, Rule, law, rule
from gradlaw.identities.operators import Dense, Elementwise, Operator, Reduction, Scaled, dense, diag, eye, row, zero
from gradlaw.identities.sources import PH
from gradlaw.oracle.comparisons import Comparison, Refuted, tangents
from gradlaw.oracle.constants import EXACT_BITS_LIMIT
from gradlaw.oracle.examples import rules_of
from gradlaw.oracle.numeric import NumericResult, check, check_example
from gradlaw.strategies import function, scalar, vector
from gradlaw.strategies.draw import Example
from gradlaw.strategies.search import seed_of

EVERY = list(CATALOGUE.entries.values())
RULES = rules_of()
PARTIALS = [(entry, name) for entry in RULES for name in entry.differentiable]
SOURCE = PH("2")


def example_of(**arguments: Any) -> Example:
    arrays = {k: np.asarray(v, np.float64) if not isinstance(v, int) else v for k, v in arguments.items()}
    return Example({}, arrays, {}, np.dtype("float64"), (200, 5))


def changed(identity: Rule, name: str, form: Callable[..., Operator]) -> NumericResult:
    """The check with one closed form replaced, the others left out."""
    return check(identity, examples=8, seed=1, partials={name: form})


@pytest.mark.parametrize("identity", [*CORE, *sample()], ids=lambda identity: identity.id)
def test_the_catalogue_passes(identity):
    result = check(identity, examples=4, seed=seed_of(identity.id))
    assert (result.status, result.reason) == ("pass", "")
    assert result.examples >= 4
    assert result.components + result.undecided >= 4
    assert result.shapes


class _Changed(Operator):
    """An operator of which one product is changed by a factor near 1 and a tiny term, in its first component."""

    def __init__(self, operator: Operator, product: str) -> None:
        self.operator, self.product = operator, product
        self.in_shape, self.out_shape = operator.in_shape, operator.out_shape

    def matvec(self, xp, v):
        found = self.operator.matvec(xp, v)
        return self._change(xp, found) if self.product == "matvec" else found

    def rmatvec(self, xp, u):
        found = self.operator.rmatvec(xp, u)
        return self._change(xp, found) if self.product == "rmatvec" else found

    @staticmethod
    def _change(xp, found):
        flat = list(found.flat())
        if flat:
            flat[0] = flat[0] * xp.asarray(1 + 2.0**-30).item() + xp.asarray(2.0**-30).item()
        return xp.wrap(flat, found.shape)


@pytest.mark.parametrize("product", ["matvec", "rmatvec"])
@pytest.mark.parametrize(("identity", "name"), PARTIALS, ids=lambda part: getattr(part, "id", part))
def test_a_small_change_of_any_closed_form_is_refuted(identity, name, product):
    right = identity.partials[name]
    result = changed(identity, name, lambda xp, *arguments: _Changed(right(xp, *arguments), product))
    assert result.status == "fail"
    assert result.reason.startswith(identity.id)
    assert name in result.reason


@pytest.mark.parametrize(("identity", "name"), PARTIALS, ids=lambda part: getattr(part, "id", part))
def test_a_closed_form_with_other_shapes_is_refuted(identity, name):
    def misshapen(xp, *arguments):
        operator = identity.partials[name](xp, *arguments)
        operator.in_shape = (*operator.in_shape, 1)
        return operator

    result = changed(identity, name, misshapen)
    assert result.status == "fail"
    assert "maps" in result.reason


def entry(name: str) -> Rule:
    found = CATALOGUE.entries[name]
    assert isinstance(found, Rule)
    return found


MUTANTS = [
    ("relu.relu", "z", lambda xp, z: diag(xp.where(z >= 0, 1, 0)), "z = 0."),
    ("relu.relu_broadcast", "z", lambda xp, z: diag(xp.where(z >= 0, 1, 0)), ""),
    ("elementwise.maximum", "w", lambda xp, w, x: diag(xp.where(w > x, 1, 0)), ""),
    ("elementwise.divide", "x", lambda xp, w, x: diag(w / x**2), ""),
    ("expansion.broadcast_add", "w", lambda xp, w, x: diag(1 + 0 * (w + x)), "maps"),
    ("expansion.multiply_scalar", "z", lambda xp, x, z: diag(x), "maps"),
    ("neuron.layer", "x", lambda xp, W, x, b: dense(W.T), ""),
    ("neuron.layer", "W", lambda xp, W, x, b: _ColumnMajor(W.shape[0], x), ""),
    ("neuron.affine", "b", lambda xp, w, x, b: zero(b, b), ""),
    ("reduction.sum_axes", "x", lambda xp, x, axis, keepdims: row(xp, xp.ones_like(x), axis, not keepdims), "maps"),
    ("reduction.mean", "x", lambda xp, x: row(xp, xp.ones_like(x)), ""),
    ("loss.neuron_loss", "b", lambda xp, w, b, X, y: diag(_all_samples(xp, w, b, X, y)), ""),
    ("jacobian.stacked_vector", "v", lambda xp, v: _transposed(xp, v), ""),
]


def _all_samples(xp, w, b, X, y):
    """The loss' derivative by b where samples with z = 0 count as active: wrong at kinks only."""
    z = X @ w + b
    return 2 * xp.sum(xp.where(z >= 0, z - y, xp.zeros_like(z))) / X.shape[0]


def _transposed(xp, v):
    right = entry("jacobian.stacked_vector").partials["v"](xp, v)
    assert isinstance(right, Dense)
    return dense(right.a.T)


class _ColumnMajor(Operator):
    """I ⊗ xᵀ with W flattened column by column."""

    def __init__(self, m, x):
        self.x, self.in_shape, self.out_shape = x, (m, *x.shape), (m,)

    def matvec(self, xp, v):
        return xp.sum(xp.reshape(v, (*self.x.shape, *self.out_shape)).T * self.x, axis=1)

    def rmatvec(self, xp, u):
        return xp.reshape((xp.reshape(u, (*self.out_shape, 1)) * self.x).T, self.in_shape)


@pytest.mark.parametrize(("name", "argument", "form", "words"), MUTANTS, ids=[f"{m[0]}-{m[1]}" for m in MUTANTS])
def test_typical_mistakes_are_refuted(name, argument, form, words):
    identity = entry(name)
    result = check(identity, examples=300, seed=3, partials={argument: form})
    assert result.status == "fail"
    assert words in result.reason
    assert check(identity, examples=8, seed=3, partials={argument: identity.partials[argument]}).status == "pass"


def test_zero_times_infinity_is_no_derivative():
    power = entry("scalar.power")
    at_0 = example_of(x=0.0, n=0)
    assert check_example(power, at_0).status == "agrees"
    found = check_example(power, at_0, partials={"x": lambda xp, x, n: diag(n * x ** (n - 1))})
    assert found.status == "refuted"
    assert "undefined" in found.reason


def test_an_integer_part_that_needs_more_digits_is_not_undefined():
    found = check_example(entry("binary.remainder"), example_of(x=np.array([1.3e154]), y=np.array([0.0625211])))
    assert found.status == "agrees"


class _ForgetsToSum(Elementwise):
    """The transpose of a broadcast without the sum over the expanded axes."""

    def rmatvec(self, xp, u):
        return self.d * u


class _SumsTheWrongAxes(Reduction):
    """A transpose that is right for tangents and wrong for cotangents."""

    def rmatvec(self, xp, u):
        return -super().rmatvec(xp, u)


def test_a_wrong_transpose_is_refuted_though_tangents_are_right():
    broadcast, total = entry("expansion.broadcast_multiply"), entry("reduction.sum_axes")
    result = changed(broadcast, "w", lambda xp, w, x: _ForgetsToSum(x + 0 * w, w.shape))
    assert result.status == "fail"
    assert "cotangent" in result.reason
    wrong = lambda xp, x, axis, keepdims: _SumsTheWrongAxes(xp, xp.ones_like(x), axis, keepdims)  # noqa: E731
    result = changed(total, "x", wrong)
    assert result.status == "fail"
    assert "cotangent" in result.reason


def test_a_counterexample_is_shrunk():
    result = check(entry("elementwise.divide"), examples=30, seed=1, partials={"x": lambda xp, w, x: diag(w / x**2)})
    assert "w = [1.], x = [1.] (float64)" in result.reason
    assert "-1.0" in result.reason


def test_a_closed_form_that_raises_is_refuted():
    result = changed(entry("scalar.constant_multiple"), "c", lambda xp, c, x: diag(x.reshape(2, 2)))
    assert result.status == "fail"
    assert "AttributeError" in result.reason


def test_one_closed_form_alone_can_be_checked():
    identity = entry("elementwise.divide")
    example = example_of(w=[1.0, 2.0], x=[4.0, 8.0])
    alone = check_example(identity, example, partials={"x": identity.partials["x"]})
    both = check_example(identity, example)
    assert alone.status == both.status == "agrees"
    assert 0 < alone.components < both.components


# Kinks, jumps, and what cannot be decided.


def test_at_a_kink_the_convention_is_checked():
    relu = entry("relu.relu")
    found = check_example(relu, example_of(z=0.0))
    assert (found.status, found.at_kink) == ("agrees", True)
    for factor in (0.5, 1.0):
        half = {"z": lambda xp, z, factor=factor: diag(xp.where(z > 0, 1, factor))}
        found = check_example(relu, example_of(z=0.0), partials=half)
        assert (found.status, found.at_kink) == ("refuted", True)
    assert not check_example(relu, example_of(z=1.0)).at_kink


def test_nothing_is_claimed_where_a_rule_with_jumps_is_tied():
    greater = entry("elementwise.greater")
    assert check_example(greater, example_of(w=[1.0, 2.0], x=[3.0, 2.0])).status == "unmet"
    assert check_example(greater, example_of(w=[1.0, 2.0], x=[3.0, 1.0])).status == "agrees"


def _own_rule(jumps: bool = False) -> Rule:
    @rule(
        x=scalar(), source=SOURCE, registry=Registry(), tex="sign", name="sign", jumps=jumps, kink_at={"x": lambda: 0.0}
    )
    def sign(xp, x):
        return xp.where(x > 0, xp.ones_like(x), -xp.ones_like(x))

    @sign.partial("x")
    def _(xp, x):
        return zero(x, x)

    return sign


def test_a_jump_must_be_declared():
    undeclared = check_example(_own_rule(), example_of(x=0.0))
    assert undeclared.status == "refuted"
    assert "jumps" in undeclared.reason
    assert check_example(_own_rule(jumps=True), example_of(x=0.0)).status == "unmet"
    assert check(_own_rule(), examples=30, seed=1).status == "fail"
    assert check(_own_rule(jumps=True), examples=30, seed=1).status == "pass"


@rule(x=scalar(), source=SOURCE, registry=Registry(), tex="0")
def cancelling(xp, x):
    """Its derivative is 0, but no working precision shows that √2 − √2 is exactly 0."""
    root = xp.sqrt(2 + 0 * x)
    return root * x - root * x


@cancelling.partial("x")
def _(xp, x):
    return zero(x, x)


def test_what_stays_wide_is_undecided_and_no_evidence():
    found = check_example(cancelling, example_of(x=1.0))
    assert (found.status, found.components) == ("undecided", 0)
    assert found.undecided > 0
    assert f"{EXACT_BITS_LIMIT} bits" in found.reason
    result = check(cancelling, examples=3, seed=1)
    assert result.status == "vacuous"
    assert result.undecided > 0


@rule(x=scalar(), source=SOURCE, registry=Registry(), tex="0")
def tied_for_ever(xp, x):
    """A predicate that no working precision decides."""
    return xp.where(x / 3 > (x + x) / 6, x, -x)


@tied_for_ever.partial("x")
def _(xp, x):
    return eye(xp, x)


def test_a_predicate_that_no_precision_decides_is_undecided():
    found = check_example(tied_for_ever, example_of(x=1.0))
    assert (found.status, found.components) == ("undecided", 0)
    assert "undecided" in found.reason


@rule(x=scalar(), source=SOURCE, registry=Registry(), tex="?")
def broken(xp, x):
    return xp.no_such_function(x)


@broken.partial("x")
def _(xp, x):
    return eye(xp, x)


def test_a_function_that_fails_is_an_error_and_not_a_refutation():
    result = check(broken, examples=2, seed=1)
    assert result.status == "error"
    assert "no_such_function" in result.reason


def test_an_empty_example_is_no_evidence():
    found = check_example(entry("elementwise.add"), example_of(w=[], x=[]))
    assert (found.status, found.components, found.undecided) == ("agrees", 0, 0)


def test_high_cancellation_raises_the_precision():
    loss = entry("loss.squared_error")
    far = example_of(p=[1e300, 1e-300], y=[-1e-300, 1e-308])
    found = check_example(loss, far)
    assert (found.status, found.undecided) == ("agrees", 0)
    wrong = {**loss.partials, "p": lambda xp, p, y: row(xp, 2 * p / p.shape[0])}
    assert check_example(loss, far, partials=wrong).status == "refuted"


def test_balls_that_do_not_overlap_refute_and_wide_ones_settle_nothing():
    def settled(closed: arb, found: arb, *terms: arb) -> bool:
        return Comparison(lambda: "here", closed, found, terms).settled

    tight = arb(1, 2.0**-60)
    assert settled(tight, arb(1))
    assert not settled(arb(1, 0.5), arb(1))
    assert not settled(arb(0, 2.0**-60), arb(0))
    assert settled(arb(0, 2.0**-60), arb(0), arb(1))
    assert not settled(arb(1), arb("nan"))
    for closed, found in [(tight, arb(1 + 2.0**-50)), (arb(1), arb(2))]:
        with pytest.raises(Refuted, match="here"):
            settled(closed, found)
    undefined = Comparison(lambda: "here", arb("nan"), arb(1))
    assert not undefined.settled
    with pytest.raises(Refuted, match="here: the closed form is undefined"):
        undefined.refuse_undefined()


def test_directions_span_small_spaces_and_are_random_in_large_ones():
    example = example_of()
    small = tangents(example, (2, 3), 0)
    assert np.linalg.matrix_rank(np.array([v.reshape(-1) for v in small])) == 6
    large = tangents(example, (33,), 0)
    assert np.linalg.matrix_rank(np.array(large)) == 3


# Laws.


def _law(statement: Callable[..., Any], **inputs: Any) -> Law:
    return law(source=SOURCE, registry=Registry(), tex="claim", name="claim", **inputs)(statement)


ONE = {"f": function((), (), at="x"), "x": scalar()}
TWO = {"f": function((), (), at="x"), "g": function((), (), at="x"), "x": scalar()}


def false_product(D, f, g, x):
    return Equal(D(lambda t: f(t) * g(t))(x), diag(g(x)) @ D(f)(x))


def false_array(D, f, x):
    return Equal(f(x), f(x) + D.xp.ones_like(x))


def false_shape(D, f, x):
    return Equal(D(lambda t: D.xp.stack([f(t), f(t)]))(x), D(f)(x))


def false_array_shape(D, f, x):
    return Equal(f(x), D.xp.stack([f(x), f(x)]))


def false_kind(D, f, x):
    return Equal(f(x), D(f)(x))


def false_fact(D, f, x):
    return Holds(D.true(f(x) < f(x)), "a number is below itself")


def false_second(D, f, x):
    return Equal(f(x), f(x)), Equal(f(x), f(x) + f(x) + D.xp.ones_like(x) * 2.0**-40)


@pytest.mark.parametrize(
    ("statement", "inputs", "words"),
    [
        (false_product, TWO, "of the sides"),
        (false_array, ONE, "of the sides"),
        (false_shape, ONE, "maps"),
        (false_array_shape, ONE, "shapes"),
        (false_kind, ONE, "one side is a derivative"),
        (false_fact, ONE, "below itself"),
        (false_second, ONE, "of the sides"),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_false_laws_are_refuted(statement, inputs, words):
    result = check(_law(statement, **inputs), examples=20, seed=1)
    assert result.status == "fail"
    assert words in result.reason
    assert "f = " in result.reason


def test_a_wrong_transpose_in_a_law_is_refuted():
    def claim(D, x):
        return Equal(D(D.xp.sum)(x), _SumsTheWrongAxes(D.xp, D.xp.ones_like(x), None, False))

    result = check(_law(claim, x=vector("n", minimum=1)), examples=5, seed=1)
    assert result.status == "fail"
    assert "transposed" in result.reason


def test_a_law_is_passed_over_where_a_choice_is_tied():
    def claim(D, x):
        zero_ = D.xp.zeros_like(x)
        return Equal(D(lambda t: D.xp.maximum(zero_, t))(x), diag(D.xp.where(x >= 0, 1, 0)))

    wrong_at_0 = _law(claim, x=scalar())
    assert check_example(wrong_at_0, example_of(x=0.0)).status == "unmet"
    assert check_example(wrong_at_0, example_of(x=2.0)).status == "agrees"


def test_a_false_fact_at_a_tie_is_passed_over():
    def claim(D, x):
        y = D.xp.maximum(D.xp.zeros_like(x), x)
        return Holds(D.true(x != 0), "x is not 0"), Equal(y, y)

    assert check_example(_law(claim, x=scalar()), example_of(x=0.0)).status == "unmet"
    assert check_example(_law(claim, x=scalar()), example_of(x=1.0)).status == "agrees"


def test_unmet_hypotheses_are_counted_and_never_evidence():
    def claim(D, x):
        D.require(x > x)
        return Equal(x, x + x)

    result = check(_law(claim, x=scalar()), examples=3, seed=1)
    assert (result.status, result.examples, result.components) == ("vacuous", 0, 0)
    assert result.unmet > 0


def test_catalogue_functions_in_laws_are_their_closed_forms():
    registry = Registry()

    @rule(x=scalar(), source=SOURCE, registry=registry, tex="2x", name="twice")
    def twice(xp, x):
        return x + x

    @twice.partial("x")
    def _(xp, x):
        return Scaled(3, eye(xp, x))

    sum_law = CATALOGUE.entries["scalar.sum_law"]
    assert check(sum_law, examples=3, seed=1, rules=[twice]).status == "fail"


# Search.


def test_the_same_seed_gives_the_same_result():
    identity = CATALOGUE.entries["loss.neuron_loss"]
    first, second, other = (check(identity, examples=6, seed=seed) for seed in (5, 5, 6))
    assert first == second
    assert (first.components, first.classes) != (other.components, other.classes)


def test_what_was_tried_is_told():
    result = check(entry("elementwise.maximum"), examples=60, seed=2)
    assert result.at_kinks > 0
    assert {"n=1", "n=0"} < result.shapes
    assert {"simple", "generic"} < set(result.classes)
    assert sum(result.classes.values()) == 2 * result.examples


def test_inputs_of_both_formats_are_drawn():
    result = check(entry("scalar.constant_multiple"), examples=30, seed=2)
    assert set(result.dtypes) == {"float32", "float64"}
    assert sum(result.dtypes.values()) == result.examples >= 30
