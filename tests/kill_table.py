"""Who tests the tests? ``python tests/kill_table.py`` tries every mutant of every identity on every judge.

S: refuted by SymPy; F: over the finite field; I: not proved in index notation; N: refuted by the numeric check; B: a
backend with the mistake is called wrong, in every mode in which the mistake shows. The same table every time, by as many
processes as there are processors. A survivor without a reason fails. Identities, as for ``gradlaw run``, restrict it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from gradlaw.identities import CATALOGUE, Identity
from gradlaw.reports.selection import select
from mutants import KINDS
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from trials import Trial, trials, unused
from wrong_backends import HABITS

COLUMNS = (*KINDS, *HABITS)


def cell(found: list[Trial]) -> str:
    """The mutants of one identity and kind in a few letters."""
    real = [trial for trial in found if not trial.equivalent]
    judges = sorted({judge[0] for trial in real for judge in trial.verdicts}, key="SFINB".index)
    text = ""
    for letter in judges:
        survived = [(t, j) for t in real for j in t.survives if j[0] == letter]
        bad = any(not trial.excuse(judge) for trial, judge in survived)
        text += "[bold red]![/]" if bad else "[yellow]*[/]" if survived else letter
    return (text + ("[dim]=[/]" if len(real) < len(found) else "")) or "[dim]·[/]"


def table(results: dict[str, list[Trial]]) -> Table:
    """Identity × kind."""
    made = Table(box=None, header_style="bold", pad_edge=False)
    made.add_column("identity", no_wrap=True)
    for kind in COLUMNS:
        made.add_column("\n".join(kind.split()), no_wrap=True)
    made.add_column("mutants", justify="right")
    for name, found in results.items():
        by_kind = [[trial for trial in found if trial.kind == kind] for kind in COLUMNS]
        made.add_row(name, *map(cell, by_kind), str(len(found)))
    return made


def totals(results: dict[str, list[Trial]]) -> Table:
    """Per kind: mutants, equivalents, and what each judge rejected of what it was given."""
    made = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("kind", "mutants", "equivalent", "S", "F", "I", "N", "B", "excused", "survivors"):
        made.add_column(name, justify="left" if name == "kind" else "right")
    everything = [trial for found in results.values() for trial in found]
    for kind in (*COLUMNS, ""):
        found = [trial for trial in everything if kind in ("", trial.kind)]
        given, killed = Counter[str](), Counter[str]()
        for trial in found:
            for judge, said in trial.verdicts.items():
                given[judge[0]] += 1
                killed[judge[0]] += bool(said)
        made.add_row(
            kind or "[bold]all[/]",
            str(len(found)),
            str(sum(bool(trial.equivalent) for trial in found)),
            *(f"{killed[letter]}/{given[letter]}" if given[letter] else "" for letter in "SFINB"),
            str(sum(len(trial.survives) - len(trial.unexcused) for trial in found if not trial.equivalent)),
            str(sum(len(trial.unexcused) for trial in found)),
        )
    return made


def notes(results: dict[str, list[Trial]]) -> Iterator[str]:
    """Why mutants are equivalent, why survivors survive, which backends raised, and which reasons nobody needs."""
    everything = [trial for found in results.values() for trial in found]
    reasons = Counter((trial.kind, trial.equivalent) for trial in everything if trial.equivalent)
    for (kind, reason), count in sorted(reasons.items()):
        yield f"=  {kind}: {reason} ({count})"
    excused: dict[tuple[str, str], Counter[str]] = {}
    for trial in everything:
        for judge in trial.survives:
            if reason := trial.excuse(judge):
                excused.setdefault((trial.kind, reason), Counter())[trial.identity] += 1
    for (kind, reason), names in sorted(excused.items()):
        yield f"*  {kind}: {reason}: {', '.join(names)}"
    raised = Counter(trial.identity for trial in everything if "exception" in "".join(trial.verdicts.values()))
    if raised:
        yield f"B  rejected as an exception, which wrong shapes cause inside the law: {', '.join(raised)}"
    for trial in everything:
        if trial.unexcused:
            yield f"[bold red]![/]  {escape(str(trial.words))}: not rejected by {', '.join(trial.unexcused)}"


def _trials_of(name: str) -> list[Trial]:
    return trials(CATALOGUE.entries[name])


def main(identities: Sequence[Identity] | None = None) -> int:
    """Print the table; 1 where a mutant survives without a reason, or a reason is written for nothing."""
    console = Console(width=None if sys.stdout.isatty() else 180, highlight=False)
    names = [identity.id for identity in identities or CATALOGUE.entries.values()]
    with ProcessPoolExecutor() as pool:
        results = dict(zip(names, (pool.map if len(names) > 1 else map)(_trials_of, names), strict=True))
    console.print(table(results), "", totals(results), "", sep="\n")
    for line in notes(results):
        console.print(line)
    idle = unused(results) if identities is None else []
    for key in idle:
        console.print(f"[bold red]a reason that nobody needs[/]: {key}")
    failed = any(trial.unexcused for found in results.values() for trial in found) or bool(idle)
    console.print("there are survivors" if failed else "every mutant is rejected, equivalent or explained")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(select(identities=sys.argv[1:]).identities if sys.argv[1:] else None))
