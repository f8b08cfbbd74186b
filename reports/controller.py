"""The controller's side of a run: records come in one by one, a report goes out sorted.

Only the controller writes, so ``-n 0`` and ``-n 2`` give the same file. A cell whose worker died is a ``crash``, or a
``timeout`` where the watchdog ended it. A run from which items are missing, or a worker for no known reason, is not
complete and does not pass.
"""

from __future__ import annotations

import datetime
import os
import platform
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from ..oracle import ledger
from . import baseline, findings, items, page, records, watchdog
from .plugin import RECORD, state_of
from .selection import in_order

_TESTS = ("test_backend[", "test_proof[", "test_numeric[", "test_cell[")


class ReportDirectoryError(Exception):
    """Nothing can be written where the report should go."""


def writable(directory: Path) -> Path:
    """The directory, made if need be. Raises ReportDirectoryError where it cannot be written to."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ReportDirectoryError(f"cannot write reports to {directory}: {error}") from error
    return directory


class Controller:
    """A pytest plugin object, registered where a report is asked for."""

    def __init__(self, config: Any, directory: Path) -> None:
        self.config, self.directory = config, writable(directory)
        place = config.getoption("gradlaw_findings")
        self.findings = writable(Path(config.invocation_params.dir, place)) if place else None
        self.received: dict[str, dict[str, Any]] = {}
        self.expected: set[str] = set()
        self.crashed: dict[str, tuple[str, str]] = {}
        self.died = False
        self.barren = 0
        self.notes = tempfile.TemporaryDirectory(prefix="gradlaw-notes-")
        self.problems: list[str] = []
        self.started = datetime.datetime.now(datetime.UTC)
        self.clock = time.perf_counter()
        self.changes: baseline.Changes | None = None
        self.report: records.Report | None = None

    # What is to come.

    def pytest_collection_finish(self, session: Any) -> None:
        """Without workers: the items."""
        self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """With workers: the same list from each."""
        self._expect(ids)

    def _expect(self, nodeids: Any) -> None:
        self.expected.update(nodeid for nodeid in nodeids if _is_ours(nodeid))

    # What comes.

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take the record that an item attached; note items whose worker died."""
        if not _is_ours(report.nodeid):
            return
        for name, value in report.user_properties:
            if name == RECORD:
                self.received[report.nodeid] = msgspec.json.decode(value)
        self.barren = 0
        if report.outcome == "failed" and report.nodeid not in self.received and report.nodeid not in self.crashed:
            self.problems.append(
                f"{report.nodeid}: {report.longreprtext.splitlines()[-1] if report.longreprtext else ''}"
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where its note is."""
        node.workerinput[watchdog.NOTES] = self.notes.name

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: Any) -> None:
        """An item whose worker died: why, and whether the baseline knows it."""
        if not _is_ours(crashitem):
            return
        status, reason = watchdog.cause(Path(self.notes.name, report.node.gateway.id))
        self.crashed[crashitem] = status, reason
        report.longrepr = f"{status}: {crashitem.partition('::')[2]}: {reason}"
        state = state_of(self.config)
        if state.baseline is not None and "test_cell[" in crashitem:
            cell = self._crashed_cell(crashitem)
            key = (cell.identity, cell.backend, cell.variant, cell.mode, cell.dtype)
            if why := baseline.excuse(state.baseline, key, status, state.catalogue):
                report.outcome, report.wasxfail = "skipped", f"{why}: {reason}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        """A death that its note explains is the cell's; any other means that the run was not as it should be."""
        if not error:
            return
        self.barren += 1
        note = Path(self.notes.name, node.gateway.id)
        if not (note.exists() and note.stat().st_size):
            self.died = True
            self.problems.append(f"a worker died: {error}")
        if self.barren >= watchdog.BARREN:
            self.died = True
            self.problems.append("the run was ended: the workers die before they come to a check")
            pytest.exit(self.problems[-1], returncode=1)

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Say so in the report."""
        self.problems.append(f"internal error: {str(excrepr).splitlines()[-1]}")

    # What goes out.

    def pytest_sessionfinish(self, session: Any, exitstatus: int) -> None:
        """Assemble, compare with the baseline, write."""
        if not self.expected and not self.received:
            return
        missing = sorted(self.expected - set(self.received) - set(self.crashed))
        complete = not (missing or self.died) and exitstatus in (0, 1)
        if missing:
            self.problems.append(f"{len(missing)} items were not run, the first is {missing[0]}")
        if not complete and exitstatus == 0:
            session.exitstatus = exitstatus = 1
        self.report = self._assemble(complete)
        state = state_of(self.config)
        if state.baseline is not None:
            selection = dict(self.report.run.selection)
            if all(":" in pattern for pattern in self.config.getoption("gradlaw_identity")):
                selection["all_identities"] = ["yes"]
            self.changes = baseline.compare(state.baseline, self.report.cells, selection, state.catalogue)
            self.report.run.problems += self.changes.lines()
            if complete and self.changes.gate and exitstatus == 0:
                session.exitstatus = exitstatus = 1
        self.report.run.exit_status = int(exitstatus)
        (self.directory / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(self.report), indent=1))
        page.write(self.report, self.directory / "report.html")
        if self.findings is not None:
            findings.write(self.report, self.findings)

    def _assemble(self, complete: bool) -> records.Report:
        state = state_of(self.config)
        selection = state.selection
        taken = list(self.received.values())
        cells = [msgspec.convert(one["record"], records.Cell) for one in taken if one["kind"] == "cell"]
        cells += [self._crashed_cell(nodeid) for nodeid in self.crashed if "test_cell[" in nodeid]
        identities = {identity.id: items.identity_record(identity) for identity in in_order(selection.identities)}
        for one in sorted(taken, key=_sizes):
            if one["kind"] == "proof":
                identities[one["owner"]].proofs.append(msgspec.convert(one["record"], records.Proof))
            elif one["kind"] == "numeric":
                identities[one["owner"]].numeric = msgspec.convert(one["record"], records.NumericEvidence)
        for identity in identities.values():
            identity.conclusion = items.conclude(identity)
            if identity.conclusion == ledger.DISAGREE:
                self.problems.append(f"the judges disagree about {identity.id}")
        order = {identity: position for position, identity in enumerate(identities)}
        cells.sort(key=lambda c: (order.get(c.identity, 0), c.backend, c.variant, c.mode, c.dtype))
        backends = [msgspec.convert(one["record"], records.BackendInfo) for one in taken if one["kind"] == "backend"]
        return records.Report(
            run=records.Run(
                gradlaw=_version(),
                catalogue=state.catalogue,
                profile=selection.profile,
                seed=selection.seed,
                complete=complete,
                exit_status=0,
                command=self._command(),
                started=self.started.isoformat(timespec="seconds"),
                seconds=round(time.perf_counter() - self.clock, 2),
                python=platform.python_version(),
                platform=f"{platform.system()} {platform.machine()}",
                selection=selection.describe(),
                problems=sorted(self.problems)
                + [f"{status}: {nodeid}: {why}" for nodeid, (status, why) in sorted(self.crashed.items())],
            ),
            backends=sorted(backends, key=lambda info: info.name),
            identities=list(identities.values()),
            cells=cells,
        )

    def _crashed_cell(self, nodeid: str) -> records.Cell:
        key = items.key_of(nodeid.partition("test_cell[")[2].removesuffix("]"))
        status, reason = self.crashed[nodeid]
        return records.Cell(**asdict(key), status=cast(Any, status), reason=reason)

    def _command(self) -> str:
        """The command that repeats this run; how many workers it has does not matter."""
        option = self.config.getoption
        selection = state_of(self.config).selection
        words = ["gradlaw run"]
        for name in selection.named:
            words.append(f"--backend {name}")
        for name in ("identity", "mode", "dtype"):
            words += [
                f"--{name} '{value}'" if "*" in value else f"--{name} {value}" for value in option(f"gradlaw_{name}")
            ]
        words += [f"--profile {selection.profile}", f"--seed {selection.seed}"]
        if option("gradlaw_baseline"):
            words.append(f"--baseline {option('gradlaw_baseline')}")
        return " ".join(words)


def _is_ours(nodeid: str) -> bool:
    # pytest makes one skipped item "[NOTSET]" of a test with nothing to run.
    return "test_catalogue.py::" in nodeid and any(test in nodeid for test in _TESTS) and "[NOTSET]" not in nodeid


def _sizes(one: dict[str, Any]) -> tuple[str, str, str, int, str]:
    record = one["record"]
    sizes = record.get("sizes", "")
    return one["owner"], record.get("argument", ""), record.get("judge", ""), len(sizes), sizes


def _version() -> str:
    from importlib.metadata import version

    return version("gradlaw")


def without_times(report: records.Report) -> records.Report:
    """A report without what differs between two runs of the same thing: times and the date."""
    plain = msgspec.convert(msgspec.to_builtins(report), records.Report)
    plain.run.started, plain.run.seconds = "", 0.0
    for identity in plain.identities:
        for proof in identity.proofs:
            proof.ms = 0.0
        if identity.numeric is not None:
            identity.numeric.ms = 0.0
    for cell in plain.cells:
        cell.seconds = 0.0
    return plain


def load(path: Path) -> records.Report:
    """Read a ``report.json``. Raises OSError or msgspec.MsgspecError."""
    return msgspec.json.decode(path.read_bytes(), type=records.Report)


__all__ = ["Controller", "ReportDirectoryError", "load", "without_times"]
