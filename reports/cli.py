"""The command ``gradlaw``: a thin front on the pytest suite, and ways to read the catalogue.

Exit status: 0 all is well; 1 a cell failed, crashed, timed out, raised, was disputed or vacuous, a baseline changed, a
named backend is not there, or the run was cut short; 2 wrong usage; 3 an internal error, or the reports cannot be written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

DEFAULT_DIRECTORY = "gradlaw-report"
_EXIT = {0: 0, 1: 1, 2: 1, 3: 3, 4: 2, 5: 2}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradlaw", prog_name="gradlaw")
def main() -> None:
    """The laws of calculus that every autodiff library must obey, as executable properties."""


@main.command()
@click.option(
    "--backend", "backends", multiple=True, metavar="NAME", help="Judge this backend (repeatable; default: all)."
)
@click.option(
    "--identity",
    "identities",
    multiple=True,
    metavar="GLOB",
    help="Identities, as 'chain.*'; or for one backend, as 'jax:chain.*' (repeatable).",
)
@click.option(
    "--mode",
    "modes",
    multiple=True,
    metavar="MODE",
    help="symbolic, numeric, forward, reverse, forward-over-forward …; or first, second, third (repeatable).",
)
@click.option(
    "--dtype",
    "dtypes",
    multiple=True,
    metavar="DTYPE",
    help="float16, bfloat16, float32 or float64 (repeatable; by default the last two, in profile deep all).",
)
@click.option("--profile", default="ci", show_default=True, metavar="NAME", help="How much is tried: fast, ci or deep.")
@click.option("-n", "workers", type=click.IntRange(0), default=0, show_default=True, help="Parallel worker processes.")
@click.option(
    "--timeout", type=click.IntRange(1), metavar="SECONDS", help="What a cell may take (default: by profile)."
)
@click.option(
    "--memory",
    type=click.FloatRange(0),
    default=4.0,
    show_default=True,
    metavar="GIB",
    help="What a cell may map; 0: all.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything that is drawn.")
@click.option("--report-dir", default=DEFAULT_DIRECTORY, show_default=True, metavar="DIR", help="Where the reports go.")
@click.option("--findings", metavar="DIR", help="Write each distinct defect as a Markdown file there.")
@click.option("--baseline", metavar="FILE", help="Compare with this baseline; recorded failures pass.")
def run(
    backends: Sequence[str],
    identities: Sequence[str],
    modes: Sequence[str],
    dtypes: Sequence[str],
    profile: str,
    workers: int,
    timeout: int | None,
    memory: float,
    seed: int,
    report_dir: str,
    findings: str | None,
    baseline: str | None,
) -> None:
    """Check the catalogue and judge backends; write report.json and report.html."""
    from . import baseline as gate
    from .controller import ReportDirectoryError, writable
    from .selection import SelectionError, select

    try:
        select(backends=backends, identities=identities, modes=modes, dtypes=dtypes, profile=profile, seed=seed)
        if baseline:
            baseline = str(Path(baseline).absolute())
            gate.read(Path(baseline))
        directory = writable(Path(report_dir).absolute())
        findings = findings and str(writable(Path(findings).absolute()))
    except (SelectionError, gate.BaselineError) as error:
        raise click.UsageError(str(error)) from error
    except ReportDirectoryError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(3)
    arguments = [f"--gradlaw-profile={profile}", f"--gradlaw-seed={seed}", f"--gradlaw-report-dir={directory}"]
    for option, given in (("backend", backends), ("identity", identities), ("mode", modes), ("dtype", dtypes)):
        arguments += [f"--gradlaw-{option}={value}" for value in given]
    arguments += [f"--gradlaw-timeout={timeout or 0}", f"--gradlaw-memory={memory}"]
    if findings:
        arguments.append(f"--gradlaw-findings={findings}")
    if baseline:
        arguments.append(f"--gradlaw-baseline={baseline}")
    sys.exit(run_suite(arguments, workers, directory))


def run_suite(arguments: Sequence[str], workers: int, directory: Path) -> int:
    """Run the suite by pytest in its own configuration, away from whatever project this is; the exit status."""
    import pytest
    from rich.console import Console

    from .terminal import ProgressPlugin, summary
    from .watchdog import RESTARTS

    console = Console()
    progress = ProgressPlugin(console)
    suite = Path(__file__).parent / "suite"
    # Neither the options nor the plugins of the surrounding project belong into this run.
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    plugins = ["-p", "no:terminal", "-p", "xdist.plugin", "-p", "gradlaw.reports.plugin"]
    command = [
        str(suite),
        "-c",
        str(suite / "pytest.ini"),
        f"--rootdir={suite}",
        *plugins,
        # One worker at least: a cell may end its process, and the run goes on.
        *("-n", str(max(workers, 1)), f"--max-worker-restart={RESTARTS}"),
        *arguments,
    ]
    status = int(pytest.main(command, plugins=[progress]))
    controller = progress.config and progress.config.pluginmanager.get_plugin("gradlaw-controller")
    if controller is not None and controller.report is not None:
        summary(console, controller.report, directory)
    if status == 5:
        console.print("nothing was selected")
    return _EXIT.get(status, 3)


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of objects.")
def list_(as_json: bool) -> None:
    """List the identities of the catalogue."""
    from ..identities import CATALOGUE, Identity, Rule
    from ..strategies.specs import ArrayInput
    from .selection import in_order

    def inputs(identity: Identity) -> list[dict[str, Any]]:
        return [
            {"name": name, "shape": spec.words, "domain": spec.domain.words}
            if isinstance(spec, ArrayInput)
            else {"name": name, "shape": None, "domain": spec.words}
            for name, spec in identity.inputs.items()
        ]

    entries = in_order(CATALOGUE.entries.values())
    if as_json:
        rows = [
            {
                "id": entry.id,
                "chapter": entry.chapter,
                "kind": "rule" if isinstance(entry, Rule) else "law",
                "tex": entry.tex,
                "source": str(entry.source),
                "inputs": inputs(entry),
            }
            for entry in entries
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    width = max(len(entry.id) for entry in entries)
    for entry in entries:
        kind = "rule" if isinstance(entry, Rule) else "law "
        click.echo(f"{entry.id:{width}}  {kind}  {entry.title}")
    rules = sum(isinstance(entry, Rule) for entry in entries)
    click.echo(f"{rules} rules, {len(entries) - rules} laws")


@main.command()
@click.option("--identity", "identities", multiple=True, metavar="GLOB", help="Identities, as 'chain.*' (repeatable).")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of objects with the proofs of each identity.")
@click.option("-n", "workers", type=click.IntRange(0), default=0, show_default=True, help="Parallel worker processes.")
@click.option(
    "--trials", type=click.IntRange(1), default=2, show_default=True, help="Random points a region, over GF(p)."
)
def prove(identities: Sequence[str], as_json: bool, workers: int, trials: int) -> None:
    """Prove the catalogue by all judges; status 1 where one refutes or two disagree."""
    from .prove import prove as prove_
    from .selection import SelectionError, select

    try:
        chosen = select(identities=identities).identities
    except SelectionError as error:
        raise click.UsageError(str(error)) from error
    sys.exit(prove_(chosen, workers=workers, as_json=as_json, trials=trials))


@main.command()
@click.argument("identity", metavar="ID")
@click.option("--proof", "with_proof", is_flag=True, help="Print the steps of the proof for all sizes.")
def explain(identity: str, with_proof: bool) -> None:
    """Show an identity: statement, source, domain, proof, and how it is tested."""
    from .explain import explain as show
    from .selection import SelectionError, select

    try:
        found = select(identities=[identity]).identities
    except SelectionError as error:
        raise click.UsageError(str(error)) from error
    for entry in found:
        show(entry, with_proof=with_proof)


@main.command()
@click.option("--coverage", "with_coverage", is_flag=True, help="What is judged of each library, and what is lacking.")
@click.option("--json", "as_json", is_flag=True, help="With --coverage: a JSON list of objects.")
def backends(with_coverage: bool, as_json: bool) -> None:
    """List the backends: version, modes, dtypes, convention, native operations; or why one is not there."""
    if as_json and not with_coverage:
        raise click.UsageError("--json goes with --coverage")
    if with_coverage:
        from .coverage import show

        show(as_json=as_json)
        return
    from rich.console import Console
    from rich.table import Table

    from ..oracle.complex_convention import convention
    from ..oracle.protocol import NotInstalled, backend_names, load_backend

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("backend", "version", "modes", "dtypes", "complex gradients", "native operations"):
        table.add_column(column)
    for name in backend_names():
        try:
            backend = load_backend(name)
        except NotInstalled as error:
            table.add_row(name, "–", "not installed", "", "", str(error))
            continue
        modes = ", ".join(mode + (" (derived)" if mode not in backend.modes else "") for mode in ("forward", "reverse"))
        natives = len({operation for operations in backend.natives().values() for operation in operations})
        table.add_row(name, backend.version, modes, ", ".join(backend.dtypes), convention(backend), str(natives or "–"))
    Console().print(table)


@main.group()
def baseline() -> None:
    """Record the states of all cells, for the gate in CI."""


@baseline.command()
@click.option(
    "--report", default=f"{DEFAULT_DIRECTORY}/report.json", show_default=True, metavar="FILE", help="The run to record."
)
@click.option("--output", default="baseline.jsonl", show_default=True, metavar="FILE", help="The baseline to write.")
def update(report: str, output: str) -> None:
    """Write the baseline from the last run's report.json."""
    import msgspec

    from . import baseline as gate
    from .controller import load

    try:
        found = load(Path(report))
    except (OSError, msgspec.MsgspecError) as error:
        raise click.UsageError(f"cannot read {report}: {error}; run 'gradlaw run' first") from error
    if not found.run.complete:
        raise click.UsageError(f"{report} is of a run that is not complete: it is no baseline")
    try:
        count = gate.write(found, Path(output))
    except OSError as error:
        click.echo(f"Error: cannot write {output}: {error}", err=True)
        sys.exit(3)
    click.echo(f"{count} cells recorded in {output}")
