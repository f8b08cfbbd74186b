"""The pytest plugin: options, and on the controller the collection of records into a report.

Loading it imports neither SymPy, Hypothesis nor any backend, and it collects nothing by itself: the items are those of
``gradlaw.reports.suite``, which a run must name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

RECORD = "gradlaw"
"""The name of the user property by which an item hands its record to the controller."""


def pytest_addoption(parser: Any) -> None:
    """The options; all start with ``--gradlaw``."""
    group = parser.getgroup("gradlaw", "the laws of calculus, judged on autodiff libraries")
    add = group.addoption
    add("--gradlaw-backend", action="append", default=[], metavar="NAME", help="judge this backend (repeatable)")
    add(
        "--gradlaw-identity",
        action="append",
        default=[],
        metavar="GLOB",
        help="identities to check, as 'chain.*'; or for one backend, as 'jax:chain.*' (repeatable)",
    )
    add(
        "--gradlaw-mode",
        action="append",
        default=[],
        metavar="MODE",
        help="symbolic, numeric, forward, reverse, forward-over-forward …; or first, second, third",
    )
    add(
        "--gradlaw-dtype",
        action="append",
        default=[],
        metavar="DTYPE",
        help="float16, bfloat16, float32 or float64 (repeatable; default: the last two, in profile deep all)",
    )
    add("--gradlaw-profile", default="ci", metavar="NAME", help="how much is tried: fast, ci or deep (default: ci)")
    add("--gradlaw-seed", type=int, default=0, metavar="N", help="seed of everything drawn (default: 0)")
    add("--gradlaw-timeout", type=int, default=0, metavar="SECONDS", help="limit of a cell (default: by the profile)")
    add(
        "--gradlaw-memory", type=float, default=4.0, metavar="GIB", help="what a cell may map; 0: no limit (default: 4)"
    )
    add("--gradlaw-report-dir", default="", metavar="DIR", help="write report.json and report.html there")
    add("--gradlaw-findings", default="", metavar="DIR", help="write each distinct defect as Markdown there")
    add("--gradlaw-baseline", default="", metavar="FILE", help="compare with this baseline; recorded failures pass")


_STATE = pytest.StashKey[Any]()


class State:
    """What the options say, validated; made when the first item of the suite asks for it."""

    def __init__(self, config: Any) -> None:
        from ..identities import CATALOGUE_VERSION
        from ..strategies.search import PROFILES
        from . import baseline
        from .selection import SelectionError, selection_of

        self.catalogue = CATALOGUE_VERSION
        self.memory: float = config.getoption("gradlaw_memory")
        try:
            self.selection = selection_of(config)
            path = config.getoption("gradlaw_baseline")
            self.baseline = baseline.read(Path(config.rootpath, path)) if path else None
        except (SelectionError, baseline.BaselineError) as error:
            raise pytest.UsageError(str(error)) from error
        self.seconds: int = config.getoption("gradlaw_timeout") or PROFILES[self.selection.profile].seconds


def state_of(config: Any) -> State:
    """The state of a run, made once."""
    if _STATE not in config.stash:
        config.stash[_STATE] = State(config)
    return config.stash[_STATE]


def pytest_configure(config: Any) -> None:
    """Where a report is written: see that it can be, before any work, and that the run outlives its cells."""
    from . import watchdog

    if hasattr(config, "workerinput"):
        if notes := config.workerinput.get(watchdog.NOTES):
            guard = watchdog.Watchdog(Path(notes), config.workerinput["workerid"])
            config.pluginmanager.register(guard, "gradlaw-watchdog")
        return
    directory = config.getoption("gradlaw_report_dir")
    if not directory:
        return
    from .controller import Controller, ReportDirectoryError

    try:
        controller = Controller(config, Path(config.invocation_params.dir, directory))
    except ReportDirectoryError as error:
        pytest.exit(str(error), returncode=3)
    config.pluginmanager.register(controller, "gradlaw-controller")
    watchdog.isolate(config, Path(__file__).parent / "suite")
