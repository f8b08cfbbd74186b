"""The judges of a mutant: those of the ledger, the numeric check, and the verdict on a backend that has the mistake.

Each is given what it would draw itself, example by example, until it says no. A judge's answer is how many examples it
took, or None where it never says no. The backend is the reference backend with one mistake planted in it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from equivalence import Point, bytes_for, telling
from gradlaw.backends.reference import Reference
from gradlaw.identities import CATALOGUE, Identity, Rule
from gradlaw.oracle import index_proof, numeric, symbolic
from gradlaw.oracle.blame import failing_part
from gradlaw.oracle.examples import Functions, draw_example, problem_of, rules_of
from gradlaw.oracle.judge import Outcome, try_example
from gradlaw.oracle.problems import Statement
from gradlaw.oracle.status import Verdict
from gradlaw.strategies.draw import Example
from gradlaw.strategies.specs import FunctionInput
from mutants import WrongForm
from mutants_of_laws import WrongDerivative, WrongStatement
from wrong_backends import Planted, planted_rule

EXAMPLES = 120
"""As many as a run in the profile ``ci`` draws, in both modes and both dtypes. A third of them aim at a kink where the
identity has one.
"""
_DRAWS = 600

# The provers.


def over_sizes(
    check: Callable[..., symbolic.Proved], mutant: WrongForm | WrongStatement, at: Point, count: int | None = None
) -> tuple[str, bool]:
    """The sizes at which a prover refutes the mutant, "" if nowhere, and whether it leaves any of the others undecided.

    Those of the witness ``at`` are tried first, then all (or ``count``).
    """
    undecided = False
    of_form = {"partial": mutant.form} if isinstance(mutant, WrongForm) else {}
    tried = mutant.identity if isinstance(mutant, WrongForm) else mutant.wrong
    for task in _tasks(mutant, at)[:count]:
        found = check(tried, task, **of_form)
        if found.status == symbolic.REFUTED:
            return task.sizes, False
        undecided |= found.status == symbolic.UNDECIDED
    return "", undecided


def _tasks(mutant: WrongForm | WrongStatement, at: Point) -> list[symbolic.Task]:
    """The sizes of the witness, then all others, the telling ones first."""
    identity, argument = mutant.identity, mutant.argument if isinstance(mutant, WrongForm) else ""
    first = symbolic.stands_for(identity, at.example.assignment)
    rest = sorted(symbolic.tasks(identity), key=lambda task: telling(task.assignment))
    return [task for task in dict.fromkeys([*first, *rest]) if task.argument == argument]


def index_kill(mutant: WrongForm | WrongStatement) -> str | None:
    """Why the prover for all sizes does not prove the mutant; None where it does. It proves and seldom refutes."""
    if isinstance(mutant, WrongForm):
        found = index_proof.check(mutant.identity, mutant.argument, partial=mutant.form)
    else:
        found = index_proof.check(mutant.wrong, "")
    return None if found.status == symbolic.PROVED else f"{found.status}: {found.reason}"


# The numeric check.


class Drawn:
    """The examples of an identity, drawn as they are asked for and kept; of a law those at which it claims something."""

    def __init__(self, identity: Identity) -> None:
        self.known: list[tuple[Example, Functions]] = []
        self._more = self._draw(identity)

    def __iter__(self) -> Iterator[tuple[Example, Functions]]:
        for number in range(EXAMPLES):
            while len(self.known) <= number:
                try:
                    self.known.append(next(self._more))
                except StopIteration:
                    return
            yield self.known[number]

    @staticmethod
    def _draw(identity: Identity) -> Iterator[tuple[Example, Functions]]:
        for number in range(_DRAWS):
            data = bytes_for(identity, number, aim=bool(identity.kink_at) and number % 3 == 2, generic=False)
            drawn = draw_example(identity, data, np.dtype(("float64", "float32")[number % 2]), rules_of())
            if drawn is not None and (isinstance(identity, Rule) or _claims(identity, drawn)):
                yield drawn


@cache
def examples(identity: Identity) -> Drawn:
    """What the numeric check and the verdict try, the dtypes in turn."""
    return Drawn(identity)


def _claims(law: Identity, drawn: tuple[Example, Functions]) -> bool:
    outcome = numeric.check_example(law, *drawn)
    return outcome.status == "agrees" and outcome.components > 0


def numeric_kill(mutant: WrongForm | WrongStatement) -> int | None:
    """The number of the first example that refutes the mutant."""
    for number, (example, functions) in enumerate(examples(mutant.identity), 1):
        if isinstance(mutant, WrongForm):
            only = {mutant.argument: mutant.form}
            outcome = numeric.check_example(mutant.identity, example, partials=only)
        else:
            outcome = numeric.check_example(mutant.wrong, example, functions)
        if outcome.status == "refuted":
            return number
    return None


# The verdict on a backend.


@dataclass(frozen=True)
class Rejection:
    """The number of the example on which a backend is called wrong, and what is said of it."""

    number: int
    kind: str

    def __str__(self) -> str:
        return f"example {self.number}: {self.kind}"


def planted(mutant: WrongForm | WrongDerivative) -> tuple[Planted, Identity]:
    """The backend that has the mistake, and the identity to be tried on it."""
    if isinstance(mutant, WrongForm):
        return planted_rule(mutant.identity, {mutant.argument: mutant.form})
    return Planted(change=mutant.change), mutant.identity


def outcomes(backend: Reference, identity: Identity, mode: str, count: int = EXAMPLES) -> Iterator[Outcome]:
    """The verdicts on the backend, example by example; the dtypes take turns."""
    for example, functions in itertools.islice(examples(CATALOGUE.entries[identity.id]), count):
        problem = problem_of(identity, example, functions, mode)
        outcome = try_example(backend, problem, example.dtype)
        if isinstance(problem, Statement) and outcome.verdict is Verdict.WRONG and functions:
            part = failing_part(backend, problem, example.dtype, outcome.kind, flush=False)
            assert not part, f"the mistake is planted in what the law composes, but {part}"
        yield outcome


def backend_kill(backend: Reference, identity: Identity, mode: str, count: int = EXAMPLES) -> Rejection | None:
    """The first example on which the backend is called wrong."""
    for number, outcome in enumerate(outcomes(backend, identity, mode, count), 1):
        if outcome.verdict is Verdict.WRONG:
            return Rejection(number, outcome.kind)
    return None


def has_functions(identity: Identity) -> bool:
    """Whether functions are drawn for it: what these fail alone is no failure of a law."""
    return any(isinstance(spec, FunctionInput) for spec in identity.inputs.values())
