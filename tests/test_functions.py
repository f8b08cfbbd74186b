"""Functions for the laws: sections of the catalogue's rules that are defined where they are applied."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE, Law, Registry, rule
from gradlaw.identities.operators import diag
from gradlaw.identities.sources import PH
from gradlaw.oracle.examples import rules_of
from gradlaw.strategies import function, nonzero, positive, reals, scalar, vector
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.functions import Candidate, candidates, draw_functions, draw_section, value
from gradlaw.strategies.specs import FunctionInput

DTYPES = pytest.mark.parametrize("dtype", [np.dtype("float32"), np.dtype("float64")], ids=str)
RULES = rules_of()
LAWS = [
    entry
    for entry in CATALOGUE.entries.values()
    if isinstance(entry, Law) and any(isinstance(spec, FunctionInput) for spec in entry.inputs.values())
]
BY_LAW = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
FLOAT64 = np.dtype("float64")


def random_bytes(seed):
    return np.random.default_rng(seed).integers(0, 256, LENGTH, np.uint8).tobytes()


def drawn(law, seed, dtype=FLOAT64):
    """Arguments and functions of a law."""
    data = random_bytes(seed)
    arguments = draw(data, law.inputs, dtype, law.kink_at).arguments
    return arguments, draw_functions(data[::-1], law.inputs, RULES, arguments, dtype)


def applied(law, arguments, functions):
    """Each function of a law with the points it is applied to and its value there."""
    known = dict(arguments)
    for name, spec in law.inputs.items():
        if isinstance(spec, FunctionInput):
            points = [known[letter] for letter in spec.after or spec.at]
            known[name] = value(functions[name], points)
            yield name, spec, functions[name], points, known[name]


@DTYPES
@BY_LAW
def test_nearly_all_examples_have_functions(law, dtype):
    found = sum(drawn(law, seed, dtype)[1] is not None for seed in range(100))
    assert found >= 90


@DTYPES
@BY_LAW
def test_functions_are_defined_finite_and_of_the_wanted_shape(law, dtype):
    for seed in range(40):
        arguments, functions = drawn(law, seed, dtype)
        if functions is None:
            continue
        assert list(functions) == [k for k, spec in law.inputs.items() if isinstance(spec, FunctionInput)]
        sizes = {}
        for _, spec, section, points, result in applied(law, arguments, functions):
            assert not section.rule.jumps
            assert len(section.free) == spec.arity == len(points)
            assert set(section.free) | set(section.fixed) == set(section.rule.inputs)
            assert not set(section.free) & set(section.fixed)
            assert set(section.free) <= set(section.rule.differentiable)
            for free, point in zip(section.free, points, strict=True):
                assert section.rule.inputs[free].domain.contains(point).all()
            assert np.isfinite(result).all()
            if spec.codomain is not ...:
                assert result.ndim == len(spec.codomain)
            if spec.domain is not ...:
                assert all(point.ndim == len(spec.domain) for point in points)
                for size, actual in zip(spec.domain, points[0].shape, strict=True):
                    if not spec.after:
                        assert sizes.setdefault(size, actual) == actual
            if spec.nonzero:
                assert (result != 0).all()


def jacobian(section, points, number):
    """The Jacobian of a section by its closed form, as a matrix."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        operator = section.rule.partials[section.free[number]](np, *section.arguments(*points))
        return np.array(operator.dense(), np.float64).reshape(operator.shape)


@BY_LAW
def test_elementwise_functions_are_diagonal(law):
    if not any(getattr(spec, "elementwise", False) for spec in law.inputs.values()):
        assert not any("element" in spec.words for spec in law.inputs.values() if isinstance(spec, FunctionInput))
        return
    checked = 0
    for seed in range(60):
        arguments, functions = drawn(law, seed)
        for _, spec, section, points, result in applied(law, arguments, functions or {}) if functions else ():
            if not spec.elementwise:
                continue
            assert result.shape == points[0].shape
            matrix = jacobian(section, points, 0)
            off = matrix[~np.eye(len(matrix), dtype=bool)]
            assert (np.isnan(off) | (off == 0)).all()
            checked += len(matrix) > 1
    assert checked > 20


def test_a_rule_that_mixes_entries_is_not_taken_for_an_elementwise_one():
    """W x has the shape of x when W is square; its Jacobian is not diagonal."""
    layer = CATALOGUE.entries["neuron.layer"]
    wanted = function(("n",), ("n",), at="x", elementwise=True)
    point = np.array([1.0, 2.0])
    mixing = draw_section(random_bytes(1), [Candidate(layer, ("x",))], [point], function(("n",), ("m",)), FLOAT64)
    assert mixing is not None
    served = 0
    for seed in range(60):
        assert draw_section(random_bytes(seed), [Candidate(layer, ("x",))], [point], wanted, FLOAT64) is None
        served += draw_section(random_bytes(seed), [Candidate(layer, ("b",))], [point], wanted, FLOAT64) is not None
    assert served > 45


@BY_LAW
def test_the_same_bytes_give_the_same_functions(law):
    for seed in range(5):
        first, second = drawn(law, seed)[1], drawn(law, seed)[1]
        assert (first is None) == (second is None)
        if first and second:
            assert [str(s) for s in first.values()] == [str(s) for s in second.values()]


def distribution(identity, name, draws=400):
    law = CATALOGUE.entries[identity]
    sections = [functions[name] for _, functions in (drawn(law, seed) for seed in range(draws)) if functions]
    return Counter(section.rule.id for section in sections), sections


@pytest.mark.parametrize("name", ["f", "g"])
@pytest.mark.parametrize("identity", ["chain.vector_chain", "chain.elementwise_chain", "scalar.chain_law"])
def test_many_rules_serve_and_none_dominates(identity, name):
    rules, _ = distribution(identity, name)
    assert len(rules) >= 10
    assert rules.most_common(1)[0][1] < 0.25 * rules.total()
    assert sorted(rules.values())[len(rules) // 2] >= 5, "half of the rules are drawn again and again"


def test_every_chapter_of_smooth_rules_serves_some_law():
    seen = set()
    for law in LAWS:
        for name in [k for k, spec in law.inputs.items() if isinstance(spec, FunctionInput)]:
            seen |= set(distribution(law.id, name, 60)[0])
    chapters = {rule.chapter for rule in RULES if not rule.jumps}
    assert {identity.partition(".")[0] for identity in seen} == chapters
    assert len(seen) >= 0.8 * len([rule for rule in RULES if not rule.jumps])


def test_fixed_arguments_are_varied():
    """All of them: the first argument of a section and the last ones have elements of their own."""
    _, sections = distribution("jacobian.gradients_stack", "f")
    varied: dict[tuple[str, str], list[bool]] = {}
    for section in sections:
        for name, fixed in section.fixed.items():
            if isinstance(fixed, np.ndarray) and fixed.size > 1:
                varied.setdefault((section.rule.id, name), []).append(len(np.unique(fixed)) > 1)
    assert len(varied) >= 8
    for place, found in varied.items():
        assert np.mean(found) > 0.5, place


def test_zero_bytes_give_the_first_rule_with_ones():
    x = np.array([1.0, 1.0])
    wanted = function(("n",), ("n",), at="x")
    pool = candidates(RULES, wanted, 1)
    section = draw_section(bytes(LENGTH), pool, [x], wanted, FLOAT64)
    assert section is not None
    first = next(c for c in pool if draw_section(bytes(LENGTH), [c], [x], wanted, FLOAT64) is not None)
    assert draw_section(bytes(LENGTH), [first], [x], wanted, FLOAT64).rule is first.rule
    assert all((np.asarray(fixed) == 1).all() for fixed in section.fixed.values() if isinstance(fixed, np.ndarray))


def test_no_candidate_no_function():
    wanted = function(("n",), ("m",), at="x")
    assert draw_section(random_bytes(1), [], [np.ones(2)], wanted, FLOAT64) is None
    inputs = {"f": function(("n", "n", "n"), (), at="x"), "x": vector("n")}
    rules = [rule for rule in RULES if all(not spec.group for spec in rule.inputs.values() if hasattr(spec, "group"))]
    assert draw_functions(random_bytes(1), inputs, rules, {"x": np.ones((1, 1, 1))}, FLOAT64) is None


def test_rules_that_jump_never_serve():
    jumping = [rule for rule in RULES if rule.jumps]
    assert jumping
    assert candidates(jumping, function(("n",), ("m",)), 1) == []


def test_a_function_of_two_arguments_leaves_exactly_two_open():
    for candidate in candidates(RULES, function((), (), arity=2), 0):
        assert len(candidate.free) == 2
        assert all(candidate.rule.inputs[name].shape == () for name in candidate.free)


@pytest.mark.parametrize(("domain", "outside"), [(positive, -1.0), (nonzero, 0.0)], ids=["positive", "nonzero"])
def test_a_point_outside_the_domain_is_refused(domain, outside):
    pool = [c for c in candidates(RULES, function((), ()), 0) if c.domain.words == domain.words]
    assert pool
    for candidate in pool:
        for seed in range(10):
            data = random_bytes(seed)
            assert draw_section(data, [candidate], [np.array(outside)], function((), ...), FLOAT64) is None


def test_sizes_of_a_rule_are_taken_from_the_point():
    stacked = Candidate(CATALOGUE.entries["jacobian.stacked_vector"], ("v",))
    wanted = function(("n",), ("m",))
    assert draw_section(random_bytes(0), [stacked], [np.ones(3)], wanted, FLOAT64) is None
    assert draw_section(random_bytes(0), [stacked], [np.ones(2)], wanted, FLOAT64) is not None
    mean = Candidate(CATALOGUE.entries["reduction.mean"], ("x",))
    assert draw_section(random_bytes(0), [mean], [np.ones(0)], function(("n",), ()), FLOAT64) is None


def test_the_minimum_of_a_size_holds_for_whoever_shares_it():
    """x needs an element; so w, which shares its size, cannot be the open argument at an empty point."""

    @rule(w=vector("n"), x=vector("n", minimum=1), source=PH("1"), registry=Registry())
    def shared(xp, w, x):
        """w + x"""
        return w + x

    shared.partial("w", "I")(lambda xp, w, x: diag(np.ones_like(w)))
    shared.partial("x", "I")(lambda xp, w, x: diag(np.ones_like(w)))
    for name in ("w", "x"):
        pool = [Candidate(shared, (name,))]
        assert draw_section(random_bytes(0), pool, [np.ones(0)], function(("n",), ("n",)), FLOAT64) is None
        assert draw_section(random_bytes(0), pool, [np.ones(1)], function(("n",), ("n",)), FLOAT64) is not None


def test_nonzero_functions_are_away_from_zero_and_others_need_not_be():
    x = np.array(0.0)
    pool = candidates(RULES, function((), ()), 0)
    zeros = 0
    for seed in range(200):
        free = draw_section(random_bytes(seed), pool, [x], function((), ()), FLOAT64)
        away = draw_section(random_bytes(seed), pool, [x], function((), (), nonzero=True), FLOAT64)
        zeros += free is not None and bool(value(free, [x]) == 0)
        assert away is None or abs(value(away, [x])) >= 2.0**-20
    assert zeros > 10


def test_a_section_prints_its_rule_and_its_fixed_arguments():
    wanted = function((), (), at="x")
    multiple = Candidate(CATALOGUE.entries["scalar.constant_multiple"], ("x",))
    section = draw_section(bytes(LENGTH), [multiple], [np.array(2.0)], wanted, FLOAT64)
    assert str(section) == "scalar.constant_multiple of x with c=1."
    assert section.arguments(7) == [section.fixed["c"], 7]


def test_drawing_functions_warns_of_nothing():
    """In a suite that turns warnings into errors a NumPy warning would be taken for a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for law in LAWS:
            for seed in range(40):
                drawn(law, seed, np.dtype("float32"))


def test_inputs_that_are_no_functions_are_left_alone():
    inputs = {"x": scalar(reals), "f": function((), (), at="x")}
    functions = draw_functions(random_bytes(2), inputs, RULES, {"x": np.array(1.5)}, FLOAT64)
    assert functions is not None
    assert list(functions) == ["f"]
