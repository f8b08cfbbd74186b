"""What is to be run: backends, identities, modes and dtypes, validated, with near matches for what is misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..identities import BEYOND, CATALOGUE, CHAPTERS, Identity
from ..oracle.modes import ALL, FIRST, SECOND, THIRD
from ..strategies.formats import NAMES as DTYPES
from ..strategies.formats import USUAL, available

GROUPS = {"first": FIRST, "second": SECOND, "third": THIRD}
MODES = ("symbolic", "numeric", *ALL)
BY_PROFILE = {"fast": ("symbolic", "numeric", *FIRST), "ci": ("symbolic", "numeric", *FIRST, *SECOND), "deep": MODES}
"""What is run where no mode is named."""

PROFILES = ("fast", "ci", "deep")
REFERENCE = "reference"


class SelectionError(Exception):
    """A name that selects nothing; the message has the near matches."""


@dataclass(frozen=True)
class Selection:
    """A validated selection. ``named``: the backends that were asked for by name; empty means all but the reference.

    ``limits``: ``backend:pattern`` for backends that are judged on some of the identities only.
    """

    backends: tuple[str, ...]
    named: tuple[str, ...]
    identities: tuple[Identity, ...]
    modes: tuple[str, ...]
    dtypes: tuple[str, ...]
    profile: str
    seed: int
    limits: tuple[str, ...] = ()

    @property
    def derivative_modes(self) -> tuple[str, ...]:
        """The modes in which backends are judged."""
        return tuple(mode for mode in self.modes if mode in ALL)

    def describe(self) -> dict[str, list[str]]:
        """The selection in words, for the report and for the comparison with a baseline."""
        return {
            "backends": list(self.backends),
            "identities": [identity.id for identity in self.identities],
            "modes": list(self.modes),
            "dtypes": list(self.dtypes),
            "limits": list(self.limits),
        }


def in_order(identities: Iterable[Identity]) -> list[Identity]:
    """Identities chapter by chapter as in the book, within a chapter as declared."""
    chapters = [module.__name__.rpartition(".")[2] for module in CHAPTERS]
    known = {chapter: position for position, chapter in enumerate(chapters)}
    return sorted(identities, key=lambda identity: known.get(identity.chapter, len(known)))


def select(
    *,
    backends: Sequence[str] = (),
    identities: Sequence[str] = (),
    modes: Sequence[str] = (),
    dtypes: Sequence[str] = (),
    profile: str = "ci",
    seed: int = 0,
) -> Selection:
    """Validate names and globs. Raises SelectionError for a name or glob that selects nothing."""
    from ..oracle.protocol import backend_names

    known = backend_names()
    for name in backends:
        _check("backend", name, known)
    for mode in modes:
        _check("mode", mode, [*MODES, *GROUPS])
    wanted = {one for mode in modes for one in GROUPS.get(mode, (mode,))}
    for dtype in dtypes:
        _check("dtype", dtype, DTYPES)
    _check("profile", profile, PROFILES)
    limits = tuple(pattern for pattern in identities if ":" in pattern)
    for limit in limits:
        backend, _, pattern = limit.partition(":")
        _check("backend", backend, known)
        _matching(pattern)
    found: dict[str, Identity] = {}
    for pattern in [pattern for pattern in identities if pattern not in limits] or ["*"]:
        found.update((entry.id, entry) for entry in _matching(pattern))
    chosen = tuple(dict.fromkeys(backends)) or tuple(name for name in known if name != REFERENCE)
    return Selection(
        chosen,
        tuple(dict.fromkeys(backends)),
        tuple(in_order(found.values())),
        tuple(mode for mode in MODES if mode in (wanted or BY_PROFILE[profile])),
        tuple(dtype for dtype in DTYPES if dtype in (dtypes or _usual(profile))),
        profile,
        seed,
        limits,
    )


def _matching(pattern: str) -> list[Identity]:
    found = [entry for entry in CATALOGUE.entries.values() if _matches(entry.id, pattern)]
    if not found:
        raise SelectionError(_message("identity", pattern, list(CATALOGUE.entries)))
    return found


def _usual(profile: str) -> Sequence[str]:
    """The formats judged where none is named: those of 16 bits in the deep profile only, which has the time for them."""
    return [dtype for dtype in DTYPES if available(dtype)] if profile == "deep" else USUAL


CORE = "core"
"""Stands for the chapters of the paper and the elementary functions, whose rules the laws draw."""


def _matches(identity: str, pattern: str) -> bool:
    return identity.partition(".")[0] not in BEYOND if pattern == CORE else fnmatchcase(identity, pattern)


def reached(limits: Sequence[str], backend: str, identity: str) -> bool:
    """Whether a backend is judged on an identity, as far as its limits say: ``backend:pattern``, any of them."""
    patterns = [limit.removeprefix(f"{backend}:") for limit in limits if limit.startswith(f"{backend}:")]
    return not patterns or any(_matches(identity, pattern) for pattern in patterns)


def _check(kind: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise SelectionError(_message(kind, name, known))


def _message(kind: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    # A mistyped chapter or a bare name is near what contains it, whatever the edit distance.
    near += [other for other in known if name.strip("*?.") and name.strip("*?.") in other and other not in near][:3]
    hint = (
        f"; did you mean {' or '.join(near)}?"
        if near
        else f"; known: {', '.join(known[:8])}" + (", …" if len(known) > 8 else "")
    )
    return f"unknown {kind} {name!r}{hint}"


def selection_of(config: Any) -> Selection:
    """The selection that the options of a pytest run make."""
    option = config.getoption
    return select(
        backends=option("gradlaw_backend"),
        identities=option("gradlaw_identity"),
        modes=option("gradlaw_mode"),
        dtypes=option("gradlaw_dtype"),
        profile=option("gradlaw_profile"),
        seed=option("gradlaw_seed"),
    )
