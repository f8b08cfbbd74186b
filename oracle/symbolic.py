"""The symbolic check: at canonical sizes the closed form of a rule is proved against SymPy's derivative of the function.

A *task* is one proof: a rule, one of its arguments and the sizes; or a law and the sizes. All numbers are symbols. A law
about functions is proved on instances: functions of the catalogue, with symbols for their other arguments; what is said
of it holds for these, and they are listed. SymPy is imported by ``check`` only, so that listing tasks is cheap.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..identities import Identity, Law, Rule
from ..identities.operators import Operator
from ..strategies.draw import LENGTH, draw
from ..strategies.functions import Section, draw_functions
from ..strategies.shapes import Assignment, canonical_assignments, describe, stand_in
from ..strategies.specs import FunctionInput

SECONDS = 60.0
"""A proof that takes longer is given up as undecided."""

INSTANCES = 4
"""Choices of functions on which a law is proved at each size, each with one that the others have not."""
_DRAWS = 60
_ELEMENTS = 4

PROVED, REFUTED, UNDECIDED = "proved", "refuted", "undecided"


@dataclass(frozen=True)
class Task:
    """One proof: the id of an identity, the argument differentiated by ("" for a law), and the sizes in words."""

    identity: str
    argument: str
    sizes: str
    choices: tuple[tuple[str, Any], ...] = ()

    @property
    def assignment(self) -> Assignment:
        """The sizes, shapes, integers, axes and flags by name."""
        return dict(self.choices)


@dataclass(frozen=True)
class Proved:
    """The outcome: ``status`` proved, refuted or undecided, and why; in how many regions; ``detail``: on which functions.

    ``sizes``: for which sizes, where these are not those of the task.
    """

    status: str
    reason: str = ""
    regions: int = 0
    detail: str = ""
    sizes: str = ""


def tasks(identity: Identity) -> list[Task]:
    """All proofs of an identity: every canonical assignment, for a rule with every differentiable argument."""
    return [task for made in canonical_assignments(identity.inputs) for task in _tasks_at(identity, made)]


def stands_for(identity: Identity, assignment: Assignment) -> list[Task]:
    """The proofs that stand for a drawn assignment."""
    return _tasks_at(identity, stand_in(identity.inputs, assignment))


def _tasks_at(identity: Identity, made: Assignment) -> list[Task]:
    arguments = identity.differentiable if isinstance(identity, Rule) else [""]
    return [Task(identity.id, argument, describe(made), tuple(made.items())) for argument in arguments]


def check(
    identity: Identity, task: Task, *, partial: Callable[..., Operator] | None = None, seconds: float = SECONDS
) -> Proved:
    """Prove or refute a task; ``partial`` replaces the rule's closed form. Nothing is raised: an error is undecided."""
    from .sympy_algebra import NotAnEquation
    from .sympy_equality import Refuted, Undecided
    from .sympy_proof import Proof

    proof = Proof(task.assignment, time.monotonic() + seconds)
    tried: list[str] = []
    status, reason = UNDECIDED, ""
    try:
        if isinstance(identity, Rule):
            proof.of_rule(identity, task.argument, partial or identity.partials[task.argument])
        elif isinstance(identity, Law):
            for functions in instances(identity, task.assignment):
                tried += [", ".join(f"{k} = {s.rule.id} of {' and '.join(s.free)}" for k, s in functions.items())]
                proof.of_law(identity, functions)
        status = PROVED if proof.regions else UNDECIDED
        if not proof.regions:
            reason = "hypothesis never met" if tried else "no function of the catalogue fits"
    except Refuted as error:
        status, reason = REFUTED, str(error)
    except Undecided as error:
        reason = str(error)
    except NotAnEquation:
        reason = "an inequality"
    except TimeoutError:
        reason = f"{seconds:g} s"
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    return Proved(status, reason, proof.regions, "; ".join(filter(None, tried)))


def instances(law: Law, made: Assignment) -> Iterator[dict[str, Section]]:
    """Choices of functions for a law at these sizes, the same in every run; a single empty one where it has none."""
    if not any(isinstance(spec, FunctionInput) for spec in law.inputs.values()):
        yield {}
        return
    from .examples import rules_of

    rules = rules_of()
    dtype = np.dtype(np.float64)
    seen: set[tuple[str, tuple[str, ...]]] = set()
    count = 0
    for attempt in range(_DRAWS):
        dice = random.Random(f"{law.id} {describe(made)} {attempt}")
        # Small bytes are the simple numbers; the arrays among the functions' own arguments become symbols anyway.
        data = bytes(dice.randrange(64) for _ in range(LENGTH))
        arguments = draw(data, law.inputs, dtype, given=made).arguments
        found = draw_functions(data[::-1], law.inputs, rules, arguments, dtype)
        if found is None or not all(map(_small, found.values())):
            continue
        families = {(section.rule.id, section.free) for section in found.values()}
        if not families <= seen:
            seen |= families
            count += 1
            yield found
        if count == INSTANCES:
            return


def _small(section: Section) -> bool:
    """Whether its fixed arrays are small: the number of regions grows exponentially with the number of samples."""
    return all(math.prod(value.shape) <= _ELEMENTS for value in section.fixed.values() if isinstance(value, np.ndarray))
