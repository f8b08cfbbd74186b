"""What a run shows: a progress bar on a terminal, plain lines elsewhere, and a summary at the end."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..oracle.status import CellStatus
from .records import Report

GLYPHS = {
    CellStatus.CRASH: "[bold red]✗ crash[/]",
    CellStatus.TIMEOUT: "[bold red]✗ timeout[/]",
    CellStatus.ERROR: "[bold red]✗ error[/]",
    CellStatus.DISPUTED: "[bold magenta]? disputed[/]",
    CellStatus.FAIL: "[bold red]✗ fail[/]",
    CellStatus.INACCURATE: "[yellow]≈ inaccurate[/]",
    CellStatus.VACUOUS: "[red]∅ vacuous[/]",
    CellStatus.PASS: "[green]✓ pass[/]",
    CellStatus.NO_CLAIM: "[dim]· no claim[/]",
    CellStatus.UNSUPPORTED: "[dim]– unsupported[/]",
    CellStatus.NOT_RUN: "[dim]– not run[/]",
}


class ProgressPlugin:
    """A pytest plugin object: counts items as they end and prints the headline of each failure."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.config: Any = None
        self.total = self.done = self.failed = 0
        self._shown = 0
        self._uncollected = False
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("checking", total=None, failed="")

    def pytest_configure(self, config: Any) -> None:
        """Start the bar, on a terminal and in the controlling process only."""
        self.config = config
        if self.console.is_terminal:
            self._bar.start()

    def pytest_unconfigure(self) -> None:
        """Take the bar away."""
        with contextlib.suppress(Exception):
            self._bar.stop()

    def pytest_collection_finish(self, session: Any) -> None:
        """The number of items, without workers."""
        self._expect(len(session.items))

    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """The number of items, with workers."""
        self._expect(len(ids))

    def _expect(self, total: int) -> None:
        if total > self.total:
            self.total = total
            self._bar.update(self._task, total=total)
            if not self.console.is_terminal:
                self.console.print(f"{total} checks")

    def pytest_collectreport(self, report: Any) -> None:
        """The checks could not be made: each worker says so, and the last lines say why."""
        if report.failed and not self._uncollected:
            self._uncollected = True
            self.console.print("[red]✗[/] the checks could not be collected:")
            self.console.print(escape(report.longreprtext.strip()), highlight=False, soft_wrap=True)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One item ended."""
        ended = report.when == "call" or (report.when != "teardown" and report.outcome != "passed")
        if not ended:
            return
        self.done += 1
        if report.outcome == "failed":
            self.failed += 1
            self.console.print(f"[red]✗[/] {escape(_headline(report))}", highlight=False, soft_wrap=True)
        self._bar.update(self._task, completed=self.done, failed=f"[red]{self.failed} failed" if self.failed else "")
        if not self.console.is_terminal and self.total and self.done * 10 // self.total > self._shown:
            self._shown = self.done * 10 // self.total
            self.console.print(f"{self.done} of {self.total} checks, {self.failed} failed", highlight=False)

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Show what went wrong inside."""
        self.console.print(f"[bold red]internal error[/]\n{escape(str(excrepr))}", highlight=False)


def _headline(report: Any) -> str:
    """The first line of what a check says; of an exception inside gradlaw, where and which."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None and not crash.message.startswith("Failed: "):
        return f"internal error: {report.nodeid.rpartition('::')[2]}: {crash.message.splitlines()[0]}"
    # Workers put a line about themselves first.
    lines = [line for line in report.longreprtext.strip().splitlines() if line and not line.startswith("[gw")]
    return lines[0] if lines else report.nodeid


def summary(console: Console, report: Report, directory: Path) -> None:
    """The counts of a finished run, its changes against a baseline, and where the reports are."""
    proofs = Counter(proof.status for identity in report.identities for proof in identity.proofs)
    numeric = Counter(identity.numeric.status for identity in report.identities if identity.numeric)
    if proofs or numeric:
        parts = [f"{count} {word}" for word, count in sorted(proofs.items())]
        console.print(f"[bold]symbolic[/]  {', '.join(parts) or '–'}", highlight=False)
        parts = [f"{count} {word}" for word, count in sorted(numeric.items())]
        console.print(f"[bold]numeric [/]  {', '.join(parts) or '–'}", highlight=False)
    if report.cells:
        table = Table(box=None, pad_edge=False, header_style="bold")
        names = sorted({cell.backend for cell in report.cells})
        table.add_column("cells")
        for name in names:
            table.add_column(name, justify="right")
        counts = Counter((cell.backend, cell.status) for cell in report.cells)
        for status, glyph in GLYPHS.items():
            if any(counts[name, status.value] for name in names):
                table.add_row(glyph, *(str(counts[name, status.value] or "") for name in names))
        components = {name: sum(cell.components for cell in report.cells if cell.backend == name) for name in names}
        table.add_row("[dim]components judged[/]", *(f"[dim]{components[name]:,}[/]" for name in names))
        console.print(table)
    for info in report.backends:
        if not info.installed:
            console.print(f"[dim]{info.name} is not installed: its cells were not run[/]", highlight=False)
    for problem in report.run.problems:
        console.print(f"[yellow]![/] {escape(problem)}", highlight=False, soft_wrap=True)
    if not report.run.complete:
        console.print("[bold red]The run is not complete.[/]")
    console.print(f"reports: {directory / 'report.html'}, {directory / 'report.json'}", highlight=False, soft_wrap=True)
