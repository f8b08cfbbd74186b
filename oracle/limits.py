"""Limits on what a backend may take of this process: seconds and memory.

Both raise in the main thread, where the interpreter gets the chance. Native code that never returns to it is ended from
outside, with the whole process: ``reports/watchdog.py``.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import resource
except ImportError:  # not a POSIX system
    resource = None

GIB = 2**30


class CellTimeout(BaseException):
    """The time limit of a cell is over. No Exception, so that neither a backend nor the judge takes it for one."""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise CellTimeout in the main thread after so many seconds; no limit elsewhere.

    Again every second from then on: where the first is raised inside a finaliser, Python prints it and goes on.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def expire(*_: object) -> None:
        raise CellTimeout(f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def mapped() -> int | None:
    """The address space of this process in bytes; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pages * resource.getpagesize() if resource is not None else None


@contextmanager
def memory_limit(gib: float) -> Iterator[None]:
    """Let the address space grow by so many GiB at most; an allocation beyond raises MemoryError. 0: no limit.

    Counted from what is mapped now, since the libraries alone map between 0.2 GiB (autograd) and 2 GiB (JAX and torch).
    No limit on systems that do not say what is mapped.
    """
    base = mapped() if gib else None
    if base is None or resource is None:
        yield
        return
    soft, hard = before = resource.getrlimit(resource.RLIMIT_AS)
    limits = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([base + int(gib * GIB), *limits]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
