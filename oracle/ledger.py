"""The ledger of proofs: three judges of different make, what each of them proves, and when an identity counts as proved.

*Index notation* proves for all sizes, by terms and rules of its own. The *finite field* tests an equality exactly at
random points, at concrete sizes, with a stated probability of error. *SymPy* proves at concrete sizes. The last two run on
the same arrays (``arrays.Namespace``), so a mistake in these would fool both: an identity is *proved* when two judges say
so that do not share their arrays, for every argument. That a judge refutes what another proves is an error of its own kind.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..identities import BEYOND, Identity, Law, Rule
from . import symbolic
from .symbolic import PROVED, REFUTED, UNDECIDED

if TYPE_CHECKING:
    from .index_proof import Step

INDEX, FIELD, SYMPY = "index notation", "finite field", "SymPy, components"
JUDGES = (INDEX, FIELD, SYMPY)
RANDOMIZED = "randomized proof"
STATUSES = (PROVED, RANDOMIZED, REFUTED, UNDECIDED)

COMPONENTS = 6
"""Of a chapter beyond the core SymPy, which is slow, is asked about so many sizes, the smallest; the others about all."""

UNSETTLED = (
    "activations.gelu",
    "activations.gelu_tanh",
    "binary.broadcast_hypot",
    "guards.matern",
    "guards.std_squared",
    *(f"second_order.{name}" for name in ("quadratic_form", "second_linearity", "second_product", "second_chain")),
    *(f"second_order.{name}" for name in ("taylor_quadratic", "taylor_remainder")),
)
"""Beyond the core, what index notation and the finite field do not prove together."""

DEAR = frozenset(
    {
        "decompositions.solve_definite",
        "gaussian.log_densities",
        *(f"least_squares.{name}" for name in ("pinv", "pinv_wide", "lstsq", "qr_q", "qr_r")),
        *(f"spectra.{name}" for name in ("square", "expm_symmetric", "sqrtm", "logm")),
    }
)
"""Entries of which SymPy is not asked: roots and inverses in every component, which it simplifies for many seconds, or for
minutes. The other two judges prove them.
"""

_ARRAYS = {INDEX: "arrays of terms", FIELD: "object arrays", SYMPY: "object arrays"}
DISAGREE, SHARED, SINGLE = "the judges disagree", "proved on shared arrays only", "proved by one judge only"


@dataclass(frozen=True)
class Task:
    """One piece of work for one judge: an identity, one of its arguments ("" for a law), and sizes."""

    judge: str
    identity: str
    argument: str
    sizes: str
    parts: tuple[symbolic.Task, ...] = ()


@dataclass(frozen=True)
class Entry:
    """What a judge said. ``detail``: on which functions, with what probability of error; ``ms``: milliseconds.

    ``steps``: the equations of the proof as (what, left, right, cases) in TeX, where the judge shows them.
    """

    judge: str
    argument: str
    sizes: str
    status: str
    reason: str = ""
    detail: str = ""
    ms: float = 0.0
    steps: tuple[tuple[str, str, str, list[str]], ...] = ()


def claim_of(identity: Identity) -> str:
    """What kind of statement it is: an equation, a shape law or an inequality. Only the first is for all judges."""
    return identity.claim if isinstance(identity, Law) else "equation"


def assumptions_of(identity: Identity) -> str:
    """Under which assumptions a proof of it holds."""
    sizes = "sizes of at least 1 in index notation"
    return f"{identity.domain}; generic points: no choice is tied, no denominator is 0; {sizes}"


def tasks(identity: Identity, judges: Sequence[str] = JUDGES) -> list[Task]:
    """All work on an identity. The first two judges have one piece an argument, SymPy one a canonical size, if any."""
    from . import index_proof

    made = symbolic.tasks(identity)
    arguments = identity.differentiable if isinstance(identity, Rule) else [""]
    found: list[Task] = []
    for argument in arguments:
        parts = tuple(task for task in made if task.argument == argument)
        if INDEX in judges:
            found.append(Task(INDEX, identity.id, argument, index_proof.sizes_of(identity)))
        if FIELD in judges:
            found.append(Task(FIELD, identity.id, argument, "; ".join(part.sizes for part in parts), parts))
        if SYMPY in judges and identity.id not in DEAR:
            few = parts[:COMPONENTS] if identity.chapter in BEYOND else parts
            found += [Task(SYMPY, identity.id, argument, part.sizes, (part,)) for part in few]
    return found


def judges_needed(identity: Identity) -> Sequence[str]:
    """The judges without whom an identity does not count as proved; all of them for the core.

    SymPy, which takes two thirds of the time of all, proves little that the first two do not.
    """
    return JUDGES if identity.chapter not in BEYOND or identity.id in UNSETTLED else (INDEX, FIELD)


def prove(identity: Identity, task: Task, *, trials: int = 8, seconds: float = 10.0) -> Entry:
    """Do a piece of work. Nothing is raised: what a judge cannot do is undecided, with the reason.

    ``trials``: random points of the finite field in each region; ``seconds``: the limit of a single proof.
    """
    start = time.perf_counter()
    shown: list[Step] = []
    if claim_of(identity) == "inequality":
        found = symbolic.Proved(
            UNDECIDED, "an inequality, which no judge of equations proves; see its numeric evidence"
        )
    elif task.judge == INDEX:
        from . import index_proof

        found = index_proof.check(identity, task.argument, seconds=seconds, steps=shown)
    elif task.judge == FIELD:
        found = _by_field(identity, task, trials, seconds)
    else:
        found = symbolic.check(identity, task.parts[0], seconds=seconds)
    ms = 1e3 * (time.perf_counter() - start)
    return Entry(
        task.judge,
        task.argument,
        found.sizes or task.sizes,
        found.status,
        found.reason,
        found.detail,
        ms,
        tuple(_in_tex(shown)),
    )


def _in_tex(steps: Sequence[Step]) -> Iterator[tuple[str, str, str, list[str]]]:
    from .index_text import tex

    for step in steps:
        yield step.what, tex(step.left), "" if step.right is None else tex(step.right), step.cases


def _by_field(identity: Identity, task: Task, trials: int, seconds: float) -> symbolic.Proved:
    from . import field_proof

    found = []
    for part in task.parts:
        found.append(field_proof.check(identity, part, trials=trials, seconds=seconds))
        if found[-1].status == REFUTED:
            break
    worst = min(found, key=lambda one: (REFUTED, UNDECIDED, RANDOMIZED).index(one.status))
    details = list(dict.fromkeys(one.detail for one in found if one.detail))
    return symbolic.Proved(worst.status, worst.reason, sum(one.regions for one in found), "".join(details[-1:]))


def conclusion(said: Iterable[tuple[str, str]]) -> str:
    """What (judge, status) pairs about one argument come to.

    A judge has proved it if all that it said is a proof. The answer is ``proved``, ``refuted``, ``undecided``, or one of
    the sentences DISAGREE, SHARED, SINGLE.
    """
    by_judge: dict[str, set[str]] = {}
    for judge, status in said:
        by_judge.setdefault(judge, set()).add(status)
    refuting = [judge for judge, statuses in by_judge.items() if REFUTED in statuses]
    proving = [judge for judge, statuses in by_judge.items() if statuses <= {PROVED, RANDOMIZED}]
    if refuting:
        return DISAGREE if proving else REFUTED
    if len({_ARRAYS.get(judge, judge) for judge in proving}) > 1:
        return PROVED
    return {0: UNDECIDED, 1: SINGLE}.get(len(proving), SHARED)


def conclusion_of(entries: Iterable[Entry]) -> str:
    """What the entries about an identity come to: the worst over its arguments."""
    arguments: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        arguments.setdefault(entry.argument, []).append((entry.judge, entry.status))
    order = (DISAGREE, REFUTED, UNDECIDED, SINGLE, SHARED, PROVED)
    return min(map(conclusion, arguments.values()), key=order.index, default=UNDECIDED)
