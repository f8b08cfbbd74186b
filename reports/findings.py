"""Findings: one Markdown file for each distinct defect of a library, ready to be pasted into its tracker.

Failures of one function at one class of points, in the same way, are one finding, whatever the dtype and mode in which
they showed, and in whichever rule. Only what the definition confirmed is a finding; what it did not is listed in the
index as ours.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..oracle import site
from ..oracle.counterexample import COMPOSED
from ..oracle.modes import nesting
from ..oracle.shorten import shorten
from .called import called
from .records import Cell, Failure, Identity, Report
from .unicode_math import unicode_math

SEVERITIES = (
    "wrong value at a generic point",
    "wrong value at a special point",
    "no answer",
    "another dtype or shape",
    "not finite where the value is finite",
    "wrong in a tail",
    "inaccurate",
)
"""Most serious first. What is chosen from the Clarke set at a kink is a convention: recorded in the report, no finding."""

_DERIVATIVES = ("value", "derivative", "second derivative", "third derivative")
_KINDS = {
    "value": "wrong {}",
    "shape": "{} of another shape",
    "dtype": "{} of another dtype",
    "type": "no array as {}",
    "mutation": "the call changes its input",
    "claim": "a wrong fact about the {}",
    "exception": "an exception instead of the {}",
}
_MARK = "<!-- a finding of gradlaw -->"


class Shown(NamedTuple):
    """A failure, where it was seen, and the one call of the library that it is of, or ""."""

    identity: Identity
    cell: Cell
    failure: Failure
    call: str


@dataclass
class Finding:
    """A distinct defect. ``what`` fails: the call of a library's function, or an identity and the variant of its text."""

    backend: str
    what: tuple[str, ...]
    order: int
    kind: str
    inaccurate: bool
    site: str
    shown: list[Shown] = field(default_factory=list)

    @property
    def plainest(self) -> Shown:
        """The failure that stands for all: at such a point, the plainest of the widest dtype."""

        def plain(one: Shown) -> tuple[Any, ...]:
            cell, failure = one.cell, one.failure
            lengths = len(one.call), len(failure.script)
            return _class(failure) != self.site, cell.dtype != "float64", *lengths, cell.identity, cell.mode

        return min(self.shown, key=plain)

    @property
    def failure(self) -> Failure:
        """That failure."""
        return self.plainest.failure

    @property
    def cells(self) -> list[Cell]:
        """Where the defect was seen."""
        return [one.cell for one in self.shown]

    @property
    def finite(self) -> bool:
        """Whether the library's number is one."""
        return math.isfinite(float(self.failure.worst_got))

    @property
    def severity(self) -> str:
        """One of ``SEVERITIES``."""
        if self.inaccurate:
            return "inaccurate"
        if self.kind in ("exception", "type"):
            return "no answer"
        if self.kind in ("dtype", "shape"):
            return "another dtype or shape"
        if self.site == site.GENERIC:
            return "wrong value at a generic point"
        if self.kind == "value" and not self.finite:
            return "not finite where the value is finite"
        in_tail = self.site in (site.TAIL, site.SUBNORMAL)
        return "wrong in a tail" if in_tail else "wrong value at a special point"

    @property
    def function(self) -> str:
        """The function in the library's words, or the identity's title where it is composed."""
        identity, cell, _, call = self.plainest
        text = call or cell.variant.removeprefix("native:")
        return f"`{text}`" if text != COMPOSED else identity.title

    @property
    def title(self) -> str:
        """One line."""
        what = _KINDS.get(self.kind, self.kind)
        if self.inaccurate:
            what = what.replace("wrong", "inaccurate")
        elif self.kind == "value" and not self.finite:
            what = f"{self.failure.worst_got} instead of the {{}}"
        where = self.failure.site or self.site
        return f"{self.backend}: {self.function}: {what.format(_DERIVATIVES[self.order])} ({where})"

    @property
    def name(self) -> str:
        """The file's name, the same for the same defect in every run."""
        key = (self.what, self.order, self.kind, self.inaccurate, self.site)
        words = [self.backend, *(word.removeprefix("native:")[:40] for word in self.what), self.kind, self.site]
        slug = re.sub(r"[^A-Za-z0-9.]+", "-", " ".join(words)).strip("-").lower()
        return f"{slug}-{hashlib.sha256(repr(key).encode()).hexdigest()[:6]}.md"


def findings_of(report: Report) -> list[Finding]:
    """The distinct defects of a report, most serious first."""
    identities = {identity.id: identity for identity in report.identities}
    groups: dict[tuple[Any, ...], list[Shown]] = {}
    for cell in report.cells:
        for failure in cell.failures:
            if failure.kind == "disputed":
                continue
            call, function = called(failure.script)
            what = (function,) if function else (cell.identity, cell.variant)
            # What a derivative of second order has as its value is one of first order.
            order, kind = len(nesting(cell.mode)), failure.kind
            if kind == "primal":
                order, kind = order - 1, "value"
            inaccurate = failure.headline.startswith("inaccurate")
            key = (cell.backend, what, order, kind, inaccurate)
            groups.setdefault(key, []).append(Shown(identities[cell.identity], cell, failure, call))
    found: dict[tuple[Any, ...], Finding] = {}
    for key, group in groups.items():
        backend, what, order, kind, inaccurate = key
        # What fails at generic points needs no other reason at special ones; a loss of accuracy has one cause.
        sites = Counter(_class(one.failure) for one in group)
        common = site.GENERIC if site.GENERIC in sites else sites.most_common(1)[0][0] if inaccurate else ""
        for one in group:
            where = common or _class(one.failure)
            finding = found.setdefault((*key, where), Finding(backend, what, order, kind, inaccurate, where))
            finding.shown.append(one)
    return sorted(found.values(), key=lambda one: (SEVERITIES.index(one.severity), one.name))


def _class(failure: Failure) -> str:
    return failure.site.partition(":")[0]


def text_of(finding: Finding, report: Report) -> str:
    """A finding as Markdown."""
    identity, _, failure, _ = finding.plainest
    lines = [f"# {finding.title}", "", f"Severity: {finding.severity}.", "", "## Mathematics", ""]
    lines += [f"$${identity.tex}$$", "", f"`{unicode_math(identity.tex)}`", ""]
    for name, tex in identity.partials.items():
        lines += [f"- by `{name}`: ${tex}$, `{unicode_math(tex)}`"]
    lines += [
        "",
        f"Domain: {identity.domain or 'all reals'}. Source: {identity.source}.",
        "",
        "## Got and expected",
        "",
    ]
    if failure.worst_element:
        got, expected = _digits(failure.worst_got), failure.worst_expected
        lines += ["| component | got | expected |", "|---|---|---|"]
        lines += [f"| `{failure.worst_element}` | `{got}` | `{expected}` |", ""]
    else:
        lines += [f"{' '.join(failure.headline.split())}", ""]
    lines += [f"- `{name}` = `{value}`" for name, value in failure.inputs.items()]
    lines += [f"- {failure.direction}"] if failure.direction else []
    lines += ["", f"The definition, evaluated at 60 digits, agrees: {failure.confirmed}."] if failure.confirmed else []
    if failure.script:
        lines += ["", "## Script", "", "```python", _script(failure), "```"]
    if failure.traceback:
        lines += ["", "## Traceback", "", "```", _of_the_library(failure.traceback.strip()), "```"]
    lines += ["", "## Where", ""]
    lines += [f"- {_where(cell)}" for cell in finding.cells]
    run, versions = report.run, {info.name: info.version for info in report.backends}
    lines += ["", "## Versions", "", f"- {finding.backend} {versions.get(finding.backend, '')}, NumPy {np.__version__}"]
    lines += [f"- Python {run.python}, {run.platform}", f"- found by `{run.command}` of gradlaw {run.gradlaw}"]
    return "\n".join([*lines, "", _MARK, ""])


def _script(failure: Failure) -> str:
    """The short script without its title, which the finding has already; whole where a backend's part is no Python."""
    try:
        lines = shorten(failure.script).splitlines()
    except SyntaxError:
        lines = failure.script.splitlines()
    return "\n".join(line for line in lines if not line.startswith("# ") and line.strip())


def _of_the_library(traceback: str) -> str:
    """A traceback without the frames that are gradlaw's own."""
    root, kept, own = Path(__file__).parents[1], list[str](), False
    parts = tuple(f'  File "{root / part}/' for part in ("backends", "identities", "oracle", "reports", "strategies"))
    for line in traceback.splitlines():
        if line.startswith('  File "') or not line.startswith(" "):
            own = line.startswith(parts)
        if not own:
            kept.append(line)
    return "\n".join(kept)


def _digits(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.17g}"


def index_of(findings: Sequence[Finding], report: Report) -> str:
    """The index: findings by severity, cells without an answer, and accusations that are not confirmed."""
    counts = Counter(finding.severity for finding in findings)
    lines = ["# Findings", "", f"`{report.run.command}`, {len(findings)} distinct.", ""]
    for severity in SEVERITIES:
        if not counts[severity]:
            continue
        lines += [f"## {severity.capitalize()} ({counts[severity]})", ""]
        for finding in findings:
            if finding.severity == severity:
                cells = f"{len(finding.cells)} cell{'s' if len(finding.cells) > 1 else ''}"
                lines.append(f"- [{finding.title}]({finding.name}), {cells}")
        lines.append("")
    silent = [cell for cell in report.cells if cell.status in ("crash", "timeout", "error") and not cell.failures]
    if silent:
        lines += ["## Cells that ended without an answer", ""]
        lines += [
            f"- {cell.status}: {cell.backend}, {_where(cell)}: {' '.join(cell.reason.split())}" for cell in silent
        ] + [""]
    disputed = [(cell, one) for cell in report.cells for one in cell.failures if one.kind == "disputed"]
    if disputed:
        lines += ["## Disputed: bugs of gradlaw, not of the libraries", ""]
        lines += [f"- {cell.backend}, {_where(cell)}: {one.confirmed or one.headline}" for cell, one in disputed] + [""]
    return "\n".join([*lines, _MARK, ""])


def _where(cell: Cell) -> str:
    return f"{cell.identity}, {cell.variant.removeprefix('native:')}, {cell.mode}, {cell.dtype}"


def write(report: Report, directory: Path) -> int:
    """Write the findings and their index, in place of those of an earlier run; the number of findings."""
    for old in directory.glob("*.md"):
        if _MARK in old.read_text(encoding="utf-8"):
            old.unlink()
    findings = findings_of(report)
    for finding in findings:
        (directory / finding.name).write_text(text_of(finding, report), encoding="utf-8")
    (directory / "README.md").write_text(index_of(findings, report), encoding="utf-8")
    return len(findings)
