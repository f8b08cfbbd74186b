"""Counterexamples become the simplest numbers that still fail, and stay in their domains."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from gradlaw.identities import CATALOGUE
from gradlaw.oracle.examples import problem_of
from gradlaw.oracle.problems import Statement
from gradlaw.oracle.simplify import simplify
from gradlaw.oracle.site import TIE, site_of
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.functions import Section

DTYPE = np.dtype("float64")


def problem(identity: str, mode: str = "reverse", **sizes: int) -> Any:
    entry = CATALOGUE.entries[identity]
    data = np.random.default_rng(5).bytes(LENGTH)
    example = draw(data, entry.inputs, DTYPE, given=sizes)
    return problem_of(entry, example, {}, mode)


def test_one_index_is_kept_wherever_it_stands() -> None:
    entry = CATALOGUE.entries["elementwise.divide"]
    start = problem("elementwise.divide", n=7)
    start.arguments["x"][4] = 12345.678

    def fails(candidate: Any) -> bool:
        return bool((candidate.arguments["x"] > 10_000).any())

    found = simplify(entry, start, fails)
    assert found.arguments["x"].tolist() == [10000.0] or found.arguments["x"].tolist() == [12000.0]
    assert found.arguments["w"].tolist() == [1.0]
    assert found.cotangent.tolist() == [1.0]
    assert found.out_shape == (1,)
    assert fails(found)


def test_two_dimensions_are_cut_alike() -> None:
    entry = CATALOGUE.entries["neuron.layer"]
    found = simplify(entry, problem("neuron.layer", m=3, n=4), lambda candidate: True)
    assert {name: x.shape for name, x in found.arguments.items()} == {"W": (1, 1), "x": (1,), "b": (1,)}
    assert found.cotangent.shape == (1,)


def test_what_needs_its_neighbours_keeps_them() -> None:
    entry = CATALOGUE.entries["elementwise.divide"]
    found = simplify(entry, problem("elementwise.divide", n=5), lambda candidate: candidate.arguments["x"].size >= 5)
    assert found.arguments["x"].tolist() == [1.0] * 5
    assert found.arguments["w"].tolist() == [1.0] * 5


def test_the_domain_is_respected() -> None:
    entry = CATALOGUE.entries["elementwise.divide"]
    seen: list[float] = []

    def fails(candidate: Any) -> bool:
        seen.extend(candidate.arguments["x"])
        return bool((candidate.arguments["x"] != 1).all())

    simplify(entry, problem("elementwise.divide", n=3), fails)
    assert 0.0 not in seen


def test_the_functions_of_a_law_stay_defined() -> None:
    seen: list[float] = []

    def fails(candidate: Any) -> bool:
        seen.append(float(candidate.arguments["x"]))
        return False

    entry, nothing = CATALOGUE.entries["scalar.quotient_law"], np.zeros(0)
    b = Section(CATALOGUE.entries["neuron.affine"], ("b",), {"w": nothing, "x": nothing})
    start = Statement(entry, {"x": np.array(0.123)}, {"f": b, "g": b}, "forward", lambda shape, _: np.ones(shape))
    simplify(entry, start, fails)
    assert 1.0 in seen
    assert 0.0 not in seen


def test_nothing_simpler_is_the_problem_itself() -> None:
    entry = CATALOGUE.entries["elementwise.divide"]
    start = problem("elementwise.divide", n=3)
    assert simplify(entry, start, lambda candidate: False) is start


def test_the_attempts_are_limited() -> None:
    calls = 0

    def fails(candidate: Any) -> bool:
        nonlocal calls
        calls += 1
        return False

    entry = CATALOGUE.entries["neuron.layer"]
    simplify(entry, problem("neuron.layer", m=8, n=8), fails, 20)
    assert calls == 20


def test_a_tie_of_a_vector_with_a_scalar_is_looked_for_among_arrays() -> None:
    entry, start = CATALOGUE.entries["expansion.scalar_over"], problem("expansion.scalar_over", n=1)
    start = replace(start, arguments={"x": np.array([2.0]), "z": np.array(2.0)})

    def fails(candidate: Any) -> bool:
        assert all(isinstance(x, np.ndarray) for x in candidate.arguments.values())
        return bool((candidate.arguments["x"] == candidate.arguments["z"]).all())

    assert site_of(entry, start, fails) == TIE
