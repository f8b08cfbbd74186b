"""An identity on a terminal: what it says, where it holds, how it is proved and tested."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..identities import Identity, Rule
from .items import identity_record


def unicode_math(tex: str) -> str:
    """TeX as a line of Unicode text."""
    from pylatexenc.latex2text import LatexNodes2Text

    text = LatexNodes2Text(math_mode="text", strict_latex_spaces=False).latex_to_text(tex)
    return " ".join(text.split())


def explain(identity: Identity) -> None:
    """Print everything that is known of an identity; its proofs are made now."""
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
    _proofs(console, identity)
    _tests(console, identity)


def _proofs(console: Console, identity: Identity) -> None:
    from ..oracle import symbolic

    console.print("\n[bold]Proof[/], by SymPy on components at canonical sizes, made just now:")
    verdicts: dict[str, Counter[str]] = {}
    reasons: list[str] = []
    for task in symbolic.tasks(identity):
        found = symbolic.check(identity, task, seconds=20)
        verdicts.setdefault(task.argument or "statement", Counter())[found.status] += 1
        if found.status != "proved":
            reasons.append(f"{task.sizes}: {found.status}: {found.reason}")
    for argument, counts in verdicts.items():
        words = ", ".join(f"{status} at {count} sizes" for status, count in counts.items())
        console.print(f"    {argument}: {words}", highlight=False)
    for reason in reasons[:5]:
        console.print(f"    {escape(reason)}", highlight=False)


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
        if identity.native:
            lines.append(f"Libraries that have it as one operation ({identity.native}) are judged on that as well.")
    else:
        lines = [
            "numeric: both sides, with functions drawn from the catalogue, the left by Taylor series;",
            "backends: each side as the library computes it, against the truth from the closed forms.",
        ]
    for line in lines:
        console.print(f"    {line}", highlight=False)
    console.print(f"\n    gradlaw run --identity {identity.id}\n", highlight=False)
