"""What several cells share: the same examples, each with its truth computed once, that no backend can spoil for another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gradlaw.backends.autograd import Autograd
from gradlaw.backends.reference import Reference
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.oracle import cell, enclose, judge
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.bias import ROWS
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.examples import draw_problem
from gradlaw.oracle.judge import run_derivative
from gradlaw.oracle.kinks import clarke_set
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.protocol import Backend, Unsupported, register
from gradlaw.oracle.status import CellStatus, Verdict
from gradlaw.oracle.tape import Tape
from gradlaw.strategies.draw import LENGTH
from gradlaw.strategies.search import PROFILES, _generated

RULE = "elementwise.multiply"
FAST = PROFILES["fast"]


def example() -> Derivative:
    """A new one each time, of which nothing is known yet."""
    data = np.random.default_rng(3).bytes(LENGTH)
    draw_problem.cache_clear()
    drawn = draw_problem(CATALOGUE.entries[RULE], data, np.dtype("float64"), "forward")
    assert drawn is not None
    assert isinstance(drawn[1], Derivative)
    return drawn[1]


def test_backends_are_put_to_the_same_examples_whose_truth_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    real = enclose._enclose
    monkeypatch.setattr(enclose, "_enclose", lambda problem, *more: made.append(problem) or real(problem, *more))
    draw_problem.cache_clear()
    results = []
    for name in ("first", "second"):
        register(f"sharing {name}", Reference)
        key = cell.CellKey(RULE, f"sharing {name}", "composed", "forward", "float64")
        results.append(cell.run_cell(key, profile=FAST))
    assert all(result.status == "pass" for result in results)
    assert results[0].shapes == results[1].shapes
    assert len([problem for problem in made if problem.out_shape != (ROWS["fast"],)]) == FAST.examples


@pytest.mark.parametrize("profile", ["fast", "ci"])
def test_in_profile_fast_all_modes_are_put_to_the_same_examples(profile: str) -> None:
    register("sharing", Reference)
    keys = [cell.CellKey(RULE, "sharing", "composed", mode, "float64") for mode in ("forward", "reverse")]
    forward, reverse = (cell.run_cell(key, profile=PROFILES[profile]) for key in keys)
    same = (forward.shapes, forward.classes) == (reverse.shapes, reverse.classes)
    assert same == (profile == "fast")
    forward = cell.run_cell(keys[0], profile=FAST)
    other = cell.run_cell(cell.CellKey(RULE, "sharing", "composed", "forward", "float32"), profile=FAST)
    assert other.shapes != forward.shapes


class Refusing(Reference):
    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        raise Unsupported("no forward mode")


class Nothing(Reference):
    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        return super().jvp(f, primals, tangents)[0], None


@pytest.mark.parametrize(
    ("backend", "verdict", "kind"), [(Refusing(), Verdict.UNSUPPORTED, ""), (Nothing(), Verdict.WRONG, "type")]
)
def test_where_a_library_has_no_number_no_truth_is_computed(
    monkeypatch: pytest.MonkeyPatch, backend: Backend, verdict: Verdict, kind: str
) -> None:
    monkeypatch.setattr(judge, "enclose", lambda *_, **__: pytest.fail("the truth is computed"))
    outcome = judge.try_example(backend, example(), np.dtype("float64"))
    assert (outcome.verdict, outcome.kind) == (verdict, kind)


def test_a_clarke_set_is_found_once() -> None:
    rule = CATALOGUE.entries["relu.relu"]
    assert isinstance(rule, Rule)
    problem = Derivative.of(rule, {"z": np.array(0.0)}, ("z",), "reverse", {}, np.array(1.0), ())
    enclosed = enclose.enclose(problem, format_of("float64"))
    assert clarke_set(enclosed) is clarke_set(enclosed) is not None


def test_a_tape_lets_go_of_its_nodes() -> None:
    with Balls(None, 100) as balls, Tape(balls) as tape:
        y = tape.variable(2.0) * tape.variable(3.0)
        assert len(tape.nodes) == 3
    assert not tape.nodes
    assert y.value == 6


def test_the_truth_is_kept_apart_for_backends_that_flush() -> None:
    problem, model = example(), format_of("float64")
    plain, flushed = (enclose.enclose(problem, model, flush=flush) for flush in (False, True))
    assert (plain.flush, flushed.flush) == (False, True)
    assert enclose.enclose(problem, model) is plain
    assert enclose.enclose(problem, format_of("float32")) is not plain


def test_an_adapter_that_shares_memory_does_not_spoil_an_example_for_others() -> None:
    class Sharing(Reference):
        def asarray(self, x: np.ndarray) -> Any:
            found = super().asarray(x)
            x[...] = 7  # what a library that works in place does to memory that it was given
            return found

    problem = example()
    before = {name: x.copy() for name, x in problem.arguments.items()}
    run_derivative(Sharing(), problem, np.dtype("float64"), None)
    assert all(np.array_equal(problem.arguments[name], x) for name, x in before.items())
    assert any((x != 7).any() for x in before.values())


@pytest.mark.parametrize(("mode", "order"), [("forward", 1), ("hessian", 2)])
def test_no_batch_is_made_row_by_row(monkeypatch: pytest.MonkeyPatch, mode: str, order: int) -> None:
    """A derived forward mode takes one run for each row, a Hessian one for each of its columns."""

    class ReverseOnly(Autograd):
        modes = ("reverse",)
        jvp = Backend.jvp

    monkeypatch.setattr(cell, "biases", lambda *_: pytest.fail("a whole batch was asked for"))
    name = f"sharing {mode}"
    register(name, ReverseOnly if order == 1 else Autograd)
    found = cell.run_cell(cell.CellKey(RULE, name, "composed", mode, "float64"), profile=FAST)
    assert found.status == "pass", found.reason


def test_a_cell_whose_few_examples_tell_nothing_is_given_more(monkeypatch: pytest.MonkeyPatch) -> None:
    register("sharing", Reference)
    real, calls, silent = cell.try_example, 0, 0

    def try_example(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        return real(*arguments, **options) if calls > silent else judge.Outcome(Verdict.NO_CLAIM)

    monkeypatch.setattr(cell, "try_example", try_example)
    key = cell.CellKey(RULE, "sharing", "composed", "forward", "float64")
    seed = cell._Runner(CATALOGUE.entries[RULE], Reference(), cell.CellResult(key, CellStatus.NOT_RUN), FAST, 0).seed
    first, more = (set(_generated(count, seed)) for count in (FAST.examples, 8 * FAST.examples))
    assert (len(first), len(more)) == (FAST.examples, 8 * FAST.examples)
    for count, status in ((FAST.examples, "pass"), (10**6, "vacuous")):
        calls, silent = 0, count
        found = cell.run_cell(key, profile=FAST)
        assert found.status == status
        assert found.examples == len(first | more)
