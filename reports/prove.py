"""``gradlaw prove``: the ledger of proofs, as a table on a terminal or as JSON."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from ..identities import CATALOGUE, Identity, Rule
from ..oracle import ledger
from .items import SECONDS_A_PROOF

_MARKS = {
    ledger.PROVED: "[green]∎[/]",
    ledger.RANDOMIZED: "[green]≈∎[/]",
    ledger.REFUTED: "[bold red]✗[/]",
    ledger.UNDECIDED: "[yellow]?[/]",
}


def prove_all(identities: Sequence[Identity], workers: int, trials: int) -> Iterator[tuple[str, list[ledger.Entry]]]:
    """The entries of every identity, in order; with ``workers`` processes, or in this one for 0."""
    jobs = [(identity.id, trials) for identity in identities]
    if not workers:
        yield from map(_prove, jobs)
        return
    # An interrupt is this process's business; workers that print tracebacks of their own would bury what was seen.
    pool = ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    try:
        yield from pool.map(_prove, jobs)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _prove(job: tuple[str, int]) -> tuple[str, list[ledger.Entry]]:
    name, trials = job
    identity = CATALOGUE.entries[name]
    found = [ledger.prove(identity, task, trials=trials, seconds=SECONDS_A_PROOF) for task in ledger.tasks(identity)]
    return name, found


def condensed(entries: Sequence[ledger.Entry]) -> list[ledger.Entry]:
    """Entries of one judge that differ only in their sizes, as one: all sizes, the time of all."""
    lines: dict[tuple[str, ...], list[ledger.Entry]] = {}
    for entry in entries:
        lines.setdefault((entry.judge, entry.argument, entry.status, entry.reason), []).append(entry)
    return [
        ledger.Entry(
            them[0].judge,
            them[0].argument,
            "; ".join(entry.sizes for entry in them),
            them[0].status,
            them[0].reason,
            them[-1].detail,
            sum(entry.ms for entry in them),
        )
        for them in lines.values()
    ]


def prove(identities: Sequence[Identity], *, workers: int, as_json: bool, trials: int) -> int:
    """Run all judges and print the ledger; 1 where one refutes, two disagree, or the run was cut short, else 0."""
    console = Console(stderr=as_json, width=None if sys.stdout.isatty() else 110)
    ran = track(
        prove_all(identities, workers, trials),
        "proving",
        len(identities),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    results: dict[str, list[ledger.Entry]] = {}
    stopped = ""
    try:
        for name, entries in ran:
            results[name] = entries
    except BrokenProcessPool:
        stopped = "a worker died"
    except KeyboardInterrupt:
        stopped = "interrupted"
    conclusions = {name: ledger.conclusion_of(entries) for name, entries in results.items()}
    if as_json:
        print(json.dumps([_object(name, results[name], conclusions[name]) for name in results], ensure_ascii=False))
    else:
        console.print(_table(results, conclusions))
        console.print("", _chapters(results, conclusions), sep="\n")
        for line in _notes(results, conclusions):
            console.print(line, highlight=False, soft_wrap=True)
    if stopped:
        console.print(f"[bold red]{stopped}: {len(results)} of {len(identities)} identities are in the ledger[/]")
    failed = any(said in (ledger.REFUTED, ledger.DISAGREE) for said in conclusions.values())
    return int(failed or bool(stopped))


def _object(name: str, entries: Sequence[ledger.Entry], conclusion: str) -> dict[str, object]:
    identity = CATALOGUE.entries[name]
    proofs = [
        {
            "judge": entry.judge,
            "argument": entry.argument or "statement",
            "sizes": entry.sizes,
            "status": entry.status,
            "ms": round(entry.ms, 3),
            "reason": entry.reason,
            "detail": entry.detail,
        }
        for entry in condensed(entries)
    ]
    return {
        "id": name,
        "claim": ledger.claim_of(identity),
        "conclusion": conclusion,
        "assumptions": ledger.assumptions_of(identity),
        "proofs": proofs,
    }


def _table(results: dict[str, list[ledger.Entry]], conclusions: dict[str, str]) -> Table:
    made = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("identity", "index", "field", "SymPy", "sizes", "conclusion"):
        made.add_column(title, no_wrap=True)
    made.add_column("ms", justify="right")
    for name, entries in results.items():
        identity = CATALOGUE.entries[name]
        marks = []
        for judge in ledger.JUDGES:
            counts = Counter(entry.status for entry in entries if entry.judge == judge)
            marks.append(" ".join(f"{_MARKS[status]} {count}" for status, count in sorted(counts.items())))
        by_index = [entry for entry in entries if entry.judge == ledger.INDEX]
        color = "green" if conclusions[name] == ledger.PROVED else "yellow"
        claim = "" if ledger.claim_of(identity) == "equation" else f" ({ledger.claim_of(identity)})"
        made.add_row(
            name,
            *marks,
            by_index[0].sizes if _everywhere(entries) else "–",
            f"[{color}]{conclusions[name]}{claim}[/]",
            f"{sum(entry.ms for entry in entries):.0f}",
        )
    return made


def _chapters(results: dict[str, list[ledger.Entry]], conclusions: dict[str, str]) -> Table:
    """Chapter by chapter: how many identities are proved, how many for all sizes, and the time of each judge."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column("chapter")
    for title in ("identities", "proved", "for all sizes", "index ms", "field ms", "SymPy ms"):
        made.add_column(title, justify="right")
    chapters = list(dict.fromkeys(CATALOGUE.entries[name].chapter for name in results))
    for chapter in (*chapters, "all"):
        names = [name for name in results if chapter in ("all", CATALOGUE.entries[name].chapter)]
        entries = [entry for name in names for entry in results[name]]
        made.add_row(
            chapter,
            str(len(names)),
            str(sum(conclusions[name] == ledger.PROVED for name in names)),
            str(sum(_everywhere(results[name]) for name in names)),
            *(f"{sum(entry.ms for entry in entries if entry.judge == judge):.0f}" for judge in ledger.JUDGES),
        )
    return made


def _everywhere(entries: Sequence[ledger.Entry]) -> bool:
    """Whether index notation proves it for all sizes, and not at the canonical ones only."""
    found = [entry for entry in entries if entry.judge == ledger.INDEX]
    return all(entry.status == ledger.PROVED and entry.sizes.startswith("all") for entry in found)


def _notes(results: dict[str, list[ledger.Entry]], conclusions: dict[str, str]) -> Iterator[str]:
    """Totals, and why judges are undecided or refute."""
    yield ""
    for name, entries in results.items():
        seen = set()
        for entry in entries:
            if entry.status in (ledger.REFUTED, ledger.UNDECIDED) and (entry.judge, entry.reason) not in seen:
                seen.add((entry.judge, entry.reason))
                where = f", {entry.argument}" if entry.argument else ""
                yield f"{_MARKS[entry.status]} {name}{where}, {entry.judge}: {escape(entry.reason)}"
    rules = [name for name in results if isinstance(CATALOGUE.entries[name], Rule)]
    for_all = [name for name in rules if _everywhere(results[name])]
    proved = sum(said == ledger.PROVED for said in conclusions.values())
    seconds = sum(entry.ms for entries in results.values() for entry in entries) / 1e3
    yield f"{proved} of {len(results)} identities proved by two independent judges; " + (
        f"{len(for_all)} of {len(rules)} rules for all sizes; {seconds:.1f} s of work"
    )
