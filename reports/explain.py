"""An identity on a terminal: what it says, where it holds, how it is proved and tested."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..identities import Identity, Rule
from ..oracle import ledger
from .items import identity_record
from .prove import condensed
from .unicode_math import unicode_math


def explain(identity: Identity, *, with_proof: bool = False) -> None:
    """Print everything that is known of an identity; its proofs are made now, and their steps shown ``with_proof``."""
    console = Console()
    record = identity_record(identity)
    console.print(f"\n[bold]{identity.id}[/]  [dim]{record.kind}, {escape(identity.title)}[/]\n")
    console.print(f"    {escape(unicode_math(identity.tex))}\n", highlight=False)
    for name, tex in record.partials.items():
        console.print(f"    ∂/∂{name}:  {escape(unicode_math(tex))}", highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("source", escape(str(identity.source)))
    table.add_row("domain", escape(identity.domain))
    table.add_row("edges, kinks", escape(identity.at_edges))
    for spec in record.inputs:
        shape = f"shape {spec.shape}, " if spec.shape else ""
        table.add_row(f"input {spec.name}", escape(f"{shape}{spec.domain}"))
    table.add_row("TeX", escape(identity.tex))
    console.print()
    console.print(table, highlight=False)
    entries = [ledger.prove(identity, task, trials=2) for task in ledger.tasks(identity)]
    _proofs(console, identity, entries)
    if with_proof:
        _steps(console, entries)
    _tests(console, identity)


def _proofs(console: Console, identity: Identity, entries: list[ledger.Entry]) -> None:
    console.print("\n[bold]Proofs[/], made just now")
    for entry in condensed(entries):
        argument = f"∂/∂{entry.argument}" if entry.argument else "the law"
        count = entry.sizes.count(";") + 1
        sizes = entry.sizes if count < 5 else f"{count} choices of sizes"
        why = f": {entry.reason}" if entry.reason else ""
        console.print(f"    {entry.judge:18} {argument}: {entry.status} ({sizes}){escape(why)}", highlight=False)
        if entry.detail:
            console.print(f"    {'':18} [dim]{escape(entry.detail)}[/]", highlight=False)
    console.print(f"    together: {ledger.conclusion_of(entries)}", highlight=False)
    console.print(f"    [dim]assuming: {escape(ledger.assumptions_of(identity))}[/]", highlight=False)


def _steps(console: Console, entries: list[ledger.Entry]) -> None:
    """The equations of the proof in index notation."""
    for entry in entries:
        if entry.judge != ledger.INDEX:
            continue
        console.print(f"\n[bold]Proof[/] in index notation{f', ∂/∂{entry.argument}' if entry.argument else ''}")
        if not entry.steps:
            console.print(f"    none: {escape(entry.reason)}", highlight=False)
        for what, left, right, cases in entry.steps:
            console.print(f"    [dim]{escape(what)}[/]", highlight=False)
            console.print(f"      {escape(unicode_math(left))}", highlight=False, soft_wrap=True)
            if right == left:
                console.print("      [dim]the normal form of both sides[/]")
            elif right:
                console.print(f"      = {escape(unicode_math(right))}", highlight=False, soft_wrap=True)
            if cases:
                console.print(f"      [dim]in the cases {escape('; '.join(cases))}[/]", highlight=False)


def _tests(console: Console, identity: Identity) -> None:
    console.print("\n[bold]Tests[/]")
    if isinstance(identity, Rule):
        lines = [
            "numeric: the closed form against FLINT's Taylor series along drawn directions, in certified arithmetic;",
            "backends: primal value, then JVP and VJP, against what rounding may do to this formula (no tolerance).",
        ]
        if identity.kink_at:
            lines.append(
                "One example in three is moved exactly to a kink; there any element of the Clarke set is right."
            )
    else:
        lines = [
            "numeric: both sides, with functions drawn from the catalogue, the left by Taylor series;",
            "backends: each side as the library computes it, against the truth from the closed forms.",
        ]
    for line in lines:
        console.print(f"    {line}", highlight=False)
    console.print(f"\n    gradlaw run --identity {identity.id}\n", highlight=False)
