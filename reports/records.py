"""The schema of ``report.json``: plain records, no behaviour.

A report answers four questions: which *run* was it, which *backends* were there, what is known of each *identity*
(its proofs and its numeric evidence), and what happened in each *cell* identity x backend x variant x mode x dtype.
Numbers that are not finite are written as the strings "nan", "inf" and "-inf", because JSON has no such numbers.
"""

from __future__ import annotations

from typing import Literal

import msgspec

SCHEMA_VERSION = 1

Status = Literal[
    "crash",
    "timeout",
    "error",
    "disputed",
    "fail",
    "inaccurate",
    "vacuous",
    "pass",
    "no_claim",
    "unsupported",
    "not_run",
]
Number = float | str


class Record(msgspec.Struct, kw_only=True, omit_defaults=False):
    """Base of all records: keyword-only fields."""


class Run(Record, kw_only=True):
    """The run as a whole. ``complete`` is False when a worker died or the run was interrupted."""

    gradlaw: str
    catalogue: str
    profile: str
    seed: int
    complete: bool
    exit_status: int
    command: str
    started: str = ""
    seconds: float = 0.0
    python: str = ""
    platform: str = ""
    selection: dict[str, list[str]] = {}
    problems: list[str] = []


class BackendInfo(Record, kw_only=True):
    """One backend: where ``installed`` is False its cells are ``not_run`` and ``reason`` says why."""

    name: str
    version: str
    installed: bool
    modes: list[str] = []
    dtypes: list[str] = []
    devices: list[str] = []
    derived_forward: bool = False
    flushes_subnormals: dict[str, bool] = {}
    self_test: list[str] = []
    reason: str = ""


class ProofStep(Record, kw_only=True):
    """One step in TeX: a definition where ``right`` is empty, else an equation of two normal forms, and its cases."""

    what: str
    left: str
    right: str = ""
    cases: list[str] = []


class Proof(Record, kw_only=True):
    """What one judge said: of this argument, for these sizes ("all", or the shapes).

    ``detail``: on which functions, or with what probability of error; ``steps``: the equations of the proof.
    """

    judge: str
    argument: str
    sizes: str
    status: Literal["proved", "randomized proof", "refuted", "undecided"]
    reason: str = ""
    ms: float = 0.0
    detail: str = ""
    steps: list[ProofStep] = []


class NumericEvidence(Record, kw_only=True):
    """The closed form against certified derivatives at drawn points."""

    status: Status
    examples: int = 0
    components: int = 0
    at_kinks: int = 0
    shapes: list[str] = []
    classes: dict[str, int] = {}
    reason: str = ""
    ms: float = 0.0


class Input(Record, kw_only=True):
    """One input of an identity, with its shape and domain in words."""

    name: str
    shape: str
    domain: str
    differentiable: bool


class Identity(Record, kw_only=True):
    """An identity and what is known of it apart from any backend."""

    id: str
    chapter: str
    kind: Literal["rule", "law"]
    title: str
    tex: str
    partials: dict[str, str]
    source: str
    inputs: list[Input]
    domain: str
    at_edges: str
    claim: str = "equation"
    assumptions: str = ""
    conclusion: str = ""
    proofs: list[Proof] = []
    numeric: NumericEvidence | None = None


class Failure(Record, kw_only=True):
    """A shrunk counterexample. ``script`` needs only the backend and NumPy; ``site``: the class of the point."""

    headline: str
    kind: str
    inputs: dict[str, str]
    direction: str
    got: list[Number]
    expected: list[str]
    worst_element: str
    worst_got: Number
    worst_expected: str
    allowed_radius: Number
    script: str
    site: str = ""
    confirmed: str = ""
    traceback: str = ""


class Cell(Record, kw_only=True):
    """One identity x backend x variant x mode x dtype.

    ``worst`` is the largest error seen, as a fraction of its allowed radius (above 1: outside). ``bias``: the mean signed
    error over a batch of inputs, in units round-off, of the value and of each derivative.
    """

    identity: str
    backend: str
    variant: str
    mode: str
    dtype: str
    status: Status
    derived: bool = False
    examples: int = 0
    components: int = 0
    verdicts: dict[str, int] = {}
    shapes: list[str] = []
    classes: dict[str, int] = {}
    worst: Number = 0.0
    conventions: dict[str, int] = {}
    bias: dict[str, Number] = {}
    reason: str = ""
    failures: list[Failure] = []
    seconds: float = 0.0


class Report(Record, kw_only=True):
    """The whole report."""

    schema: int = SCHEMA_VERSION
    run: Run
    backends: list[BackendInfo]
    identities: list[Identity]
    cells: list[Cell]
