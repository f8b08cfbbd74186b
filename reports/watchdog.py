"""How a run outlives a cell that ends its process, or never returns from native code.

Checks run in worker processes, and xdist replaces a worker that died. Each worker has a *note*, a file that is empty but
while its process is dying: ``faulthandler`` writes there which fatal signal came, and its watchdog, a thread that needs
no interpreter, writes there that time is over before it ends the process. The controller reads the note.
"""

from __future__ import annotations

import faulthandler
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NOTES = "gradlaw_notes"
"""The key in a worker's input under which it finds the directory of the notes."""

LONGER = 10
"""Seconds, beyond its time limit, that a cell has to notice it: the limit is a signal, which the interpreter handles
between two instructions. A cell with a shorter limit than this has its limit once more."""

RESTARTS = "1000000"
"""Workers may be replaced as often as cells kill them."""

BARREN = 4
"""So many deaths in a row without a check between them end the run: the workers die before they come to one."""


def isolate(config: Any, suite: Path) -> None:
    """Give a plain pytest run over the suite a worker process, unless ``-n`` or ``--pdb`` says otherwise.

    To be called before xdist configures itself.
    """
    option = config.option
    if not hasattr(option, "numprocesses") or option.collectonly or not _names(config, suite):
        return
    if option.numprocesses is None and option.dist == "no" and not option.usepdb:
        option.dist, option.tx = "load", ["popen"]
    if option.maxworkerrestart is None:
        option.maxworkerrestart = RESTARTS


def _names(config: Any, suite: Path) -> bool:
    """Whether the arguments of a run name the suite, or a folder of a project that it is a part of."""
    for argument in config.args:
        path = Path(config.invocation_params.dir, argument.partition("::")[0]).resolve()
        if path.is_relative_to(suite):
            return True
        if suite.is_relative_to(path) and "site-packages" not in suite.relative_to(path).parts:
            return True
    return config.option.pyargs and any(argument.startswith("gradlaw.reports.suite") for argument in config.args)


class Watchdog:
    """A pytest plugin object in each worker: ends the process where a cell does not return."""

    def __init__(self, directory: Path, worker: str) -> None:
        self.note = (directory / worker).open("wb", buffering=0)

    @contextmanager
    def over(self, seconds: int) -> Iterator[None]:
        """Watch for fatal signals, and, where ``seconds`` is not 0, for the end of a time limit of so many."""
        faulthandler.enable(self.note)
        if seconds:
            faulthandler.dump_traceback_later(seconds + min(seconds, LONGER), exit=True, file=self.note)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Any:
        """What runs a backend's code has a time limit."""
        from .plugin import state_of

        limited = item.name.startswith(("test_cell[", "test_backend["))
        with self.over(state_of(item.config).seconds if limited else 0):
            return (yield)


def cause(note: Path) -> tuple[str, str]:
    """The status of a cell whose worker died, and why: from the worker's note, which may be missing or empty."""
    try:
        text = note.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    # Threads come newest first, so the main thread is the last; a fatal signal names the one that it hit.
    start = max(text.find("Current thread"), 0) or text.rfind("most recent call first")
    frame = re.search(r'File "([^"]*)", line (\d+) in (.*)', text[max(start, 0) :])
    where = f", in {frame[3]} ({Path(frame[1]).name}:{frame[2]})" if frame else ""
    if text.startswith("Timeout"):
        return "timeout", f"no return from native code{where}"
    fatal = re.search(r"Fatal Python error: (.*)", text)
    return "crash", f"{fatal[1]}{where}" if fatal else "the process died without a word"
