"""What the items of the suite do: run one check, give back its record.

Records travel from workers to the controller as JSON strings; nothing here writes a file.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any, cast

import msgspec

from ..identities import CATALOGUE, Identity, Rule
from ..oracle import ledger
from ..oracle.cell import CellKey, CellResult, adapter_problems, flushing, keys, run_cell
from ..oracle.modes import ALL
from ..oracle.protocol import NotInstalled, load_backend
from ..oracle.status import CellStatus
from ..strategies.formats import available
from ..strategies.search import PROFILES, seed_of
from ..strategies.specs import ArrayInput
from . import records
from .selection import Selection, reached

SECONDS_A_PROOF = 10.0
"""A proof that takes longer is undecided."""

STEPS_SHOWN = 8
"""Equations of a proof that a report shows: of a broadcast rule those of the largest shapes, which come last."""


def number(x: float) -> records.Number:
    """A float for JSON: not finite ones as strings."""
    return float(x) if math.isfinite(x) else {math.inf: "inf", -math.inf: "-inf"}.get(x, "nan")


def identity_record(identity: Identity) -> records.Identity:
    """An identity as the report shows it, without evidence."""
    inputs = []
    for name, spec in identity.inputs.items():
        if isinstance(spec, ArrayInput):
            inputs.append(
                records.Input(name=name, shape=spec.words, domain=spec.domain.words, differentiable=spec.differentiable)
            )
        else:
            inputs.append(records.Input(name=name, shape="", domain=spec.words, differentiable=False))
    return records.Identity(
        id=identity.id,
        chapter=identity.chapter,
        kind="rule" if isinstance(identity, Rule) else "law",
        title=identity.title,
        tex=identity.tex,
        partials=dict(identity.partials_tex) if isinstance(identity, Rule) else {},
        source=str(identity.source),
        inputs=inputs,
        domain=identity.domain,
        at_edges=identity.at_edges,
        claim=ledger.claim_of(identity),
        assumptions=ledger.assumptions_of(identity),
    )


def proof_record(identity: Identity, task: ledger.Task, profile: str) -> records.Proof:
    """What a judge says of a task."""
    limits = PROFILES[profile]
    found = ledger.prove(identity, task, trials=limits.trials, seconds=SECONDS_A_PROOF)
    return records.Proof(
        judge=found.judge,
        argument=found.argument or "statement",
        sizes=found.sizes,
        status=cast(Any, found.status),
        reason=found.reason,
        ms=found.ms,
        detail=found.detail,
        steps=[
            records.ProofStep(what=what, left=left, right=right, cases=cases)
            for what, left, right, cases in found.steps[-STEPS_SHOWN:]
        ],
    )


def proof_id(task: ledger.Task) -> str:
    """A short name: sizes only where they tell pieces of one judge's work apart."""
    judge = task.judge.partition(" ")[0].strip(",").lower()
    sizes = [task.sizes] if task.judge == ledger.SYMPY else []
    return "-".join([task.identity, judge, task.argument or "statement", *sizes])


def conclude(identity: records.Identity) -> str:
    """What the proofs on record come to; empty where no judge was asked."""
    entries = [ledger.Entry(proof.judge, proof.argument, proof.sizes, proof.status) for proof in identity.proofs]
    return ledger.conclusion_of(entries) if entries else ""


def numeric_record(identity: Identity, profile: str, seed: int) -> records.NumericEvidence:
    """The closed forms of an identity against certified derivatives at drawn points."""
    from ..oracle import numeric

    start = time.perf_counter()
    limits = PROFILES[profile]
    found = numeric.check(
        identity, examples=limits.examples, seed=seed_of(identity.id, "numeric", seed), deep=limits.deep
    )
    return records.NumericEvidence(
        status=cast(Any, found.status),
        examples=found.examples,
        components=found.components,
        at_kinks=found.at_kinks,
        shapes=sorted(found.shapes),
        classes=dict(sorted(found.classes.items())),
        reason=found.reason,
        ms=1e3 * (time.perf_counter() - start),
    )


def cell_record(key: CellKey, profile: str, seed: int, seconds: int = 0, memory: float = 0.0) -> records.Cell:
    """Judge one cell, in so many seconds (0: by the profile) and GiB (0: no limit)."""
    start = time.perf_counter()
    limits = replace(PROFILES[profile], seconds=seconds or PROFILES[profile].seconds)
    found = run_cell(key, profile=limits, seed=seed, memory=memory)
    return cell_of(found, time.perf_counter() - start)


def cell_of(result: CellResult, seconds: float = 0.0) -> records.Cell:
    """A cell's result as its record."""
    key = result.key
    return records.Cell(
        identity=key.identity,
        backend=key.backend,
        variant=key.variant,
        mode=key.mode,
        dtype=key.dtype,
        status=result.status.value,
        derived=result.derived,
        examples=result.examples,
        components=result.components,
        verdicts=dict(sorted(result.verdicts.items())),
        shapes=sorted(result.shapes),
        classes=dict(sorted(result.classes.items())),
        worst=number(result.worst),
        conventions=dict(sorted(result.conventions.items())),
        bias={part: number(round(mean, 3)) for part, mean in sorted(result.bias.items())},
        reason=result.reason,
        failures=[_failure(found) for found in result.counterexamples],
        seconds=seconds,
    )


def _failure(found: Any) -> records.Failure:
    return records.Failure(
        headline=found.headline,
        kind=found.kind,
        inputs=found.inputs,
        direction=found.direction,
        got=[number(x) for x in found.got],
        expected=found.expected,
        worst_element=found.worst_element,
        worst_got=number(found.worst_got),
        worst_expected=found.worst_expected,
        allowed_radius=number(found.allowed_radius),
        script=found.script,
        site=found.site,
        confirmed=found.confirmed,
        traceback=found.traceback,
    )


def backend_record(name: str) -> records.BackendInfo:
    """A backend: its version and what it declares, or why it is not there."""
    try:
        backend = load_backend(name)
    except NotInstalled as error:
        return records.BackendInfo(name=name, version="", installed=False, reason=str(error))
    dtypes = [dtype for dtype in backend.dtypes if available(dtype)]
    broken = [f"{dtype}: {text}" for dtype in dtypes for text in adapter_problems(backend, dtype)]
    return records.BackendInfo(
        name=name,
        version=backend.version,
        installed=True,
        modes=list(backend.modes),
        dtypes=dtypes,
        devices=list(backend.devices),
        derived_forward=backend.derived_forward,
        flushes_subnormals={} if broken else {dtype: flushing(backend, dtype) for dtype in dtypes},
        self_test=broken,
    )


def planned_cells(selection: Selection) -> list[CellKey]:
    """All cells of a selection, identity by identity; those that are put to the same examples follow each other."""
    modes = selection.derivative_modes
    planned = []
    for identity in selection.identities:
        judged = [name for name in selection.backends if reached(selection.limits, name, identity.id)]
        its = [key for name in judged for key in keys(identity, name, modes, selection.dtypes)]
        planned += sorted(its, key=lambda key: (selection.dtypes.index(key.dtype), modes.index(key.mode)))
    return planned


def planned_proofs(selection: Selection) -> list[tuple[Identity, ledger.Task]]:
    """The work for the judges of a selection: in profile deep for all, else for those without whom nothing is proved."""
    if "symbolic" not in selection.modes:
        return []
    planned = []
    for identity in selection.identities:
        judges = ledger.JUDGES if selection.profile == "deep" else ledger.judges_needed(identity)
        planned += [(identity, task) for task in ledger.tasks(identity, judges)]
    return planned


def key_of(text: str) -> CellKey:
    """The key that ``str(key)`` writes."""
    identity, backend, rest = text.split("-", 2)
    rest, _, dtype = rest.rpartition("-")
    mode = max((mode for mode in ALL if rest.endswith(f"-{mode}")), key=len)
    variant = rest.removesuffix(f"-{mode}")
    return CellKey(identity, backend, variant, mode, dtype)


def entry(identity: str) -> Identity:
    """An identity of the catalogue by its id."""
    return CATALOGUE.entries[identity]


def fails(status: str) -> bool:
    """Whether a state fails a run."""
    return CellStatus(status).gates


def encode(kind: str, owner: str, record: msgspec.Struct) -> str:
    """A record with its kind and the identity it belongs to, as one JSON string."""
    return msgspec.json.encode({"kind": kind, "owner": owner, "record": record}).decode()
