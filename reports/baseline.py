"""The gate: the states of all cells as they were accepted, one cell a line, and what has changed since.

``baseline.jsonl`` starts with a head (format, catalogue version, profile, seed), then one cell a line, sorted, so
that a diff of two baselines reads as a list of changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ..oracle.status import CellStatus
from .records import Cell, Report
from .selection import reached

FORMAT = 1
Key = tuple[str, str, str, str, str]


class BaselineError(Exception):
    """A baseline file cannot be read; the message says why."""


class Head(msgspec.Struct):
    """The first line."""

    gradlaw_baseline: int
    catalogue: str
    profile: str
    seed: int


class Line(msgspec.Struct):
    """One recorded cell."""

    identity: str
    backend: str
    variant: str
    mode: str
    dtype: str
    status: str

    @property
    def key(self) -> Key:
        """The cell's coordinates."""
        return self.identity, self.backend, self.variant, self.mode, self.dtype


@dataclass
class Baseline:
    """A recorded state."""

    head: Head
    cells: dict[Key, str]

    def status(self, key: Key) -> str | None:
        """The recorded state of a cell, None where it is not recorded."""
        return self.cells.get(key)


@dataclass
class Changes:
    """What differs from the baseline. The first three gate."""

    new_failures: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    @property
    def gate(self) -> bool:
        """Whether the run must exit with status 1."""
        return bool(self.new_failures or self.fixed or self.vanished)

    def lines(self) -> list[str]:
        """The changes in words."""
        return (
            [f"new failure: {text}" for text in self.new_failures]
            + [f"recorded as failing, no longer fails (update the baseline): {text}" for text in self.fixed]
            + [f"recorded, but gone: {text}" for text in self.vanished]
            + [f"added since the baseline: {text}" for text in self.added]
        )


def write(report: Report, path: Path) -> int:
    """Write the states of a report's cells; the number of cells. Cells that were not run are not recorded."""
    head = Head(FORMAT, report.run.catalogue, report.run.profile, report.run.seed)
    lines = [
        Line(cell.identity, cell.backend, cell.variant, cell.mode, cell.dtype, cell.status)
        for cell in report.cells
        if cell.status != CellStatus.NOT_RUN
    ]
    lines.sort(key=lambda line: line.key)
    encoded = [msgspec.json.encode(item).decode() for item in (head, *lines)]
    path.write_text("\n".join(encoded) + "\n", encoding="utf-8")
    return len(lines)


def read(path: Path) -> Baseline:
    """Read a baseline. Raises BaselineError where the file is missing or is none."""
    try:
        text = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"cannot read the baseline {path}: {error}") from error
    try:
        head = msgspec.json.decode(text[0], type=Head)
        if head.gradlaw_baseline != FORMAT:
            raise BaselineError(f"{path} has format {head.gradlaw_baseline}; this gradlaw reads format {FORMAT}")
        lines = [msgspec.json.decode(line, type=Line) for line in text[1:] if line.strip()]
    except (IndexError, msgspec.MsgspecError) as error:
        raise BaselineError(f"{path} is no gradlaw baseline: {error}") from error
    return Baseline(head, {line.key: line.status for line in lines})


def gates(status: str) -> bool:
    """Whether a state fails a run."""
    return CellStatus(status).gates


def excuse(baseline: Baseline, key: Key, status: str, catalogue: str) -> str:
    """Why a failing cell does not fail the run: recorded as it is, or newer than the baseline's catalogue; else ''."""
    recorded = baseline.status(key)
    if recorded == status:
        return "recorded in the baseline"
    if recorded is None and baseline.head.catalogue != catalogue:
        return f"not in the baseline, which has catalogue {baseline.head.catalogue}"
    return ""


def compare(baseline: Baseline, cells: Iterable[Cell], selection: dict[str, list[str]], catalogue: str) -> Changes:
    """What changed, as far as the selection of this run reaches; cells of libraries that are not installed stay out."""
    changes = Changes()
    seen: set[Key] = set()
    absent = {cell.backend for cell in cells if cell.status == CellStatus.NOT_RUN}
    for cell in cells:
        key = (cell.identity, cell.backend, cell.variant, cell.mode, cell.dtype)
        seen.add(key)
        recorded, text = baseline.status(key), " ".join(key) + f": {cell.status}"
        if cell.status == CellStatus.NOT_RUN:
            continue
        if recorded is None:
            if gates(cell.status) and not excuse(baseline, key, cell.status, catalogue):
                changes.new_failures.append(text)
            else:
                changes.added.append(text)
        elif recorded != cell.status:
            if gates(cell.status):
                changes.new_failures.append(f"{text}, recorded as {recorded}")
            elif gates(recorded):
                changes.fixed.append(f"{text}, recorded as {recorded}")
    for key, recorded in baseline.cells.items():
        identity, backend, _, mode, dtype = key
        # An identity that left the catalogue cannot be selected any more: it counts as selected when all are.
        selected = (
            backend in selection["backends"]
            and reached(selection.get("limits", []), backend, identity)
            and mode in selection["modes"]
            and dtype in selection["dtypes"]
            and (identity in selection["identities"] or selection.get("all_identities") == ["yes"])
        )
        if selected and key not in seen and backend not in absent:
            changes.vanished.append(" ".join(key) + f", recorded as {recorded}")
    return changes
