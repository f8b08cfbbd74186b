"""The HTML report: one file, no network, made from the records of ``report.json`` and nothing else.

Everything in a report is untrusted (names, messages, tracebacks come from the libraries on trial), so the template
escapes all of it, formulas go through the allow-list of ``mathml``, and the page's own policy admits exactly the one
script and the one style sheet that stand in it. Here the records are arranged; how they look is in ``report.html.j2``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..oracle import ledger
from .mathml import to_mathml
from .records import BackendInfo, Cell, Failure, Identity, Proof, Report, Status

HERE = Path(__file__).parent
# Worst first: a group of cells shows the first of these that occurs in it. Proofs have statuses of their own.
ORDER: list[str] = [*get_args(Status), "refuted", "undecided", "randomized proof", "proved", "none"]
FAILING, IDLE = {"crash", "timeout", "error", "disputed", "fail", "vacuous"}, {"unsupported", "not_run"}
LISTED = FAILING | {"inaccurate"}
UNLISTED: dict[str, Any] = {"chapter": "Not in the catalogue", "kind": "rule", "partials": {}, "inputs": []}
UNLISTED |= dict.fromkeys(("tex", "source", "domain", "at_edges"), "")
# Control and direction characters could make a script look other than it is; they are shown, not obeyed.
VISIBLE: dict[int, int | None] = {c: 0x2400 + c for c in range(0x20) if c not in (0x09, 0x0A)}
VISIBLE |= dict.fromkeys([*range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F)], 0xFFFD)
VISIBLE |= dict.fromkeys([*range(0x2066, 0x206A), *range(0xD800, 0xE000)], 0xFFFD) | {0x0D: None}


@dataclass
class Mark:
    """One chip of the matrix: the worst status of a group, how many of the group have it, and all that occur."""

    column: str
    key: str
    status: str
    count: int
    total: int
    statuses: list[str]


@dataclass
class Found:
    """A failure (or only a reason) and the cells of one backend that show it."""

    status: str
    headline: str
    failure: Failure | None = None
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Trial:
    """One identity in one column of the matrix: the cells, and what is wrong there, worst first."""

    anchor: str
    column: str
    cells: list[Cell]
    found: list[Found]
    tried: list[tuple[list[str], dict[str, int], list[Cell]]] = field(default_factory=list)


@dataclass
class Row:
    """One identity with everything that is known of it."""

    anchor: str
    identity: Identity
    marks: list[Mark]
    proofs: list[tuple[Proof, list[str], float]]
    trials: list[Trial]


def render(report: Report) -> str:
    """Return the report as the text of one self-contained HTML page."""
    env = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value.translate(VISIBLE) if isinstance(value, str) else value,
    )
    env.filters |= {"number": _number, "where": _where, "tex": lambda tex: Markup(to_mathml(tex, block=True))}
    style, script = (Markup((HERE / f"report.{kind}").read_text("utf-8")) for kind in ("css", "js"))
    rows = _rows(report)
    findings = sorted(((row, trial) for row in rows for trial in _findings(row)), key=lambda pair: _is_of_form(pair[1]))
    return env.get_template("report.html.j2").render(
        report=report,
        headline=_headline(report),
        script_hash=_hash(script),
        style_hash=_hash(style),
        style=style,
        script=script,
        columns=_columns(report),
        chapters=[(name, list(them)) for name, them in groupby(rows, lambda row: row.identity.chapter)],
        failures=[(row, trial) for row, trial in findings if trial.found[0].status != "inaccurate"],
        inaccuracies=[(row, trial) for row, trial in findings if trial.found[0].status == "inaccurate"],
        totals=Counter(cell.status for cell in report.cells),
        order=ORDER,
        statuses=get_args(Status),
    )


def write(report: Report, path: str | Path) -> None:
    """Write the page of ``report`` to ``path``, in UTF-8 and with the same bytes on every system."""
    Path(path).write_bytes(render(report).encode("utf-8", "replace"))


def _headline(report: Report) -> str:
    """One sentence that is true of the run, and no better than the run was."""
    ran = [cell for cell in report.cells if cell.status not in IDLE]
    bad = Counter(cell.backend for cell in ran if cell.status in FAILING)
    inaccurate = sum(cell.status == "inaccurate" for cell in ran)
    refuted = sum(
        any(proof.status == "refuted" for proof in identity.proofs)
        or (identity.numeric is not None and identity.numeric.status in FAILING)
        for identity in report.identities
    )
    catalogue = f"the catalogue contradicts itself in {refuted} identit{'y' if refuted == 1 else 'ies'}"
    if bad:
        each = ", ".join(f"{count:,} on {name}" for name, count in bad.most_common())
        sentence = f"{bad.total():,} of {len(ran):,} cells {'fails' if bad.total() == 1 else 'fail'}: {each}"
        return f"{sentence}; and {catalogue}." if refuted else f"{sentence}."
    if refuted:
        return f"{catalogue[0].upper()}{catalogue[1:]}."
    if not any(cell.status in ("pass", "inaccurate") for cell in ran):
        return "No cell was judged."
    loss = f"Nothing is wrong; {inaccurate:,} of {len(ran):,} cells {'is' if inaccurate == 1 else 'are'} inaccurate"
    sentence = loss if inaccurate else "Everything that was judged is right"
    ended = f", but the run ended with status {report.run.exit_status}" if report.run.exit_status else ""
    return f"{sentence}{ended if report.run.complete else ', but the run is incomplete'}."


def _columns(report: Report) -> list[BackendInfo]:
    """Every backend, those included that only a cell mentions: no cell may vanish from the page."""
    known = {backend.name: backend for backend in report.backends}
    for cell in report.cells:
        known.setdefault(cell.backend, BackendInfo(name=cell.backend, version="", installed=True))
    return list(known.values())


def _rows(report: Report) -> list[Row]:
    known = {identity.id: identity for identity in report.identities}
    missing = dict.fromkeys(cell.identity for cell in report.cells if cell.identity not in known)
    known |= {name: Identity(**UNLISTED, id=name, title=name) for name in missing}
    chapters = list(dict.fromkeys(identity.chapter for identity in known.values()))
    cells: dict[tuple[str, str], list[Cell]] = {}
    for cell in report.cells:
        cells.setdefault((cell.identity, cell.backend), []).append(cell)
    columns, taken = [backend.name for backend in _columns(report)], Counter[str]()
    rows: list[Row] = []
    for identity in sorted(known.values(), key=lambda identity: chapters.index(identity.chapter)):
        slug = "i-" + (re.sub(r"[^A-Za-z0-9.]+", "-", identity.id).strip("-") or "x")
        taken[slug] += 1
        anchor = slug if taken[slug] == 1 else f"{slug}--{taken[slug]}"
        numeric = [identity.numeric.status] if identity.numeric else []
        marks, trials = [_proof_mark(identity), _mark("numeric", "numeric", numeric)], list[Trial]()
        for index, name in enumerate(columns):
            mine = cells.get((identity.id, name), [])
            marks.append(_mark(name, str(index), [cell.status for cell in mine]))
            trials.append(Trial(f"{anchor}--b{index}", name, mine, _found(mine), _tried(mine)))
        rows.append(Row(anchor, identity, marks, _condensed(identity.proofs), trials))
    return rows


def _mark(column: str, key: str, statuses: Sequence[str]) -> Mark:
    worst = min(statuses, key=ORDER.index, default="none")
    return Mark(column, key, worst, statuses.count(worst), len(statuses), sorted({*statuses} or {worst}))


def _proof_mark(identity: Identity) -> Mark:
    """Count arguments: one is proved when two independent judges prove it, and one refutation outweighs every proof."""
    said: dict[str, list[tuple[str, str]]] = {}
    for proof in identity.proofs:
        said.setdefault(proof.argument, []).append((proof.judge, proof.status))
    words = {ledger.PROVED: "proved", ledger.REFUTED: "refuted", ledger.DISAGREE: "refuted"}
    return _mark("proofs", "proofs", [words.get(ledger.conclusion(them), "undecided") for them in said.values()])


def _condensed(proofs: Sequence[Proof]) -> list[tuple[Proof, list[str], float]]:
    """Proofs that differ only in their sizes, as one line: the first of them, all sizes, the time of all."""
    lines: dict[tuple[str, ...], list[Proof]] = {}
    for proof in proofs:
        lines.setdefault((proof.judge, proof.argument, proof.status, proof.reason), []).append(proof)
    return [
        (them[0], [one for proof in them for one in proof.sizes.split("; ")], sum(proof.ms for proof in them))
        for them in lines.values()
    ]


def _found(cells: Iterable[Cell]) -> list[Found]:
    """What is wrong in these cells, the same finding once, worst first."""
    found: dict[tuple[str, ...], Found] = {}
    for cell in cells:
        for failure in cell.failures:
            key = (cell.status, failure.headline, failure.kind, failure.script)
            found.setdefault(key, Found(cell.status, failure.headline, failure)).cells.append(cell)
        if not cell.failures and cell.status in LISTED:
            found.setdefault((cell.status, cell.reason), Found(cell.status, cell.reason)).cells.append(cell)
    return sorted(found.values(), key=lambda one: ORDER.index(one.status))


def _tried(cells: Iterable[Cell]) -> list[tuple[list[str], dict[str, int], list[Cell]]]:
    """Shapes and value classes, once for all the cells that share them."""
    tried: dict[str, tuple[list[str], dict[str, int], list[Cell]]] = {}
    for cell in cells:
        if cell.shapes or cell.classes:
            tried.setdefault(repr((cell.shapes, cell.classes)), (cell.shapes, cell.classes, []))[2].append(cell)
    return list(tried.values())


def _findings(row: Row) -> list[Trial]:
    """What is wrong with one identity, by column. Wrong and merely inaccurate are never mixed: both may be there."""
    refutations = [proof for proof, _, _ in row.proofs if proof.status == "refuted"]
    refuted = [Found("refuted", f"{proof.judge}, {proof.argument}: {proof.reason}") for proof in refutations]
    numeric = row.identity.numeric
    evidence = [Found(numeric.status, numeric.reason)] if numeric and numeric.status in LISTED else []
    trials = [Trial(row.anchor, "proofs", [], refuted), Trial(row.anchor, "numeric", [], evidence), *row.trials]
    split = [
        replace(trial, found=[one for one in trial.found if (one.status == "inaccurate") == inaccurate])
        for inaccurate in (False, True)
        for trial in trials
    ]
    return [trial for trial in split if trial.found]


def _is_of_form(trial: Trial) -> bool:
    """Whether nothing is wrong but dtypes and shapes: a reader looks for wrong numbers first."""
    return all(one.failure is not None and one.failure.kind in ("dtype", "shape") for one in trial.found)


def _where(cells: Sequence[Cell]) -> str:
    """Name cells of one backend: "composed: forward float32, reverse float32"."""
    variants: dict[str, list[str]] = {}
    for cell in cells:
        variants.setdefault(cell.variant, []).append(f"{cell.mode} {cell.dtype}")
    return "; ".join(f"{variant}: {', '.join(which)}" for variant, which in variants.items())


def _number(value: float | str, exact: bool = False) -> str:
    """A count with its thousands, a float to three digits, or, where it is evidence, exactly."""
    if isinstance(value, float):
        return repr(value) if exact else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else value


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
