"""The oracle for other libraries: is this derivative right? No tolerance is asked for.

``check`` and ``assert_derivative`` judge a function of a backend's arrays against the mathematics; ``truth`` gives
certified enclosures; ``laws`` is the whole catalogue as pytest parameters for a library's own test file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..identities import CATALOGUE
from ..strategies.formats import USUAL
from . import constants
from .arrays import Namespace
from .balls import Balls
from .cell import CellKey, CellResult, counterexample, flushing, keys, run_cell
from .enclosures import prepare
from .judge import Outcome, try_example
from .problems import Derivative
from .protocol import Backend, load_backend, register
from .status import Verdict as Status
from .tape import Tape

_DIRECTIONS = 3


@dataclass
class Verdict:
    """What the oracle says. ``status``: "right", "wrong", "inaccurate", "no claim", "vacuous" or "unsupported".

    ``headline`` is one line; ``got`` and ``expected`` are of the worst component, ``expected`` to 17 digits.
    """

    status: Status
    headline: str
    mode: str = ""
    component: str = ""
    got: float | None = None
    expected: str = ""
    confirmed: str = ""
    components: int = 0
    outcomes: list[Outcome] = field(default_factory=list, repr=False)

    def __str__(self) -> str:
        lines = [self.headline]
        if self.component:
            lines += [f"  component {self.component}", f"  got       {self.got!r}", f"  expected  {self.expected}"]
        if self.confirmed:
            lines.append(f"  confirmed {self.confirmed}")
        return "\n".join(lines)


def check(
    candidate: Callable[..., Any],
    reference: Callable[..., Any],
    args: Sequence[Any],
    *,
    backend: str | Backend,
    wrt: int | Sequence[int] | None = None,
    modes: Sequence[str] = ("forward", "reverse"),
    dtype: Any = None,
) -> Verdict:
    """Judge the derivative of ``candidate``, a function of the backend's arrays that the backend differentiates.

    ``reference(xp, *args)`` is the mathematics, written against the Array API. ``args``: NumPy arrays, and Python values
    that both take as they are. ``wrt``: positions to differentiate by (default: all floating-point arrays). ``dtype``:
    cast the arrays to it first (default: theirs; they must agree). Three directions a mode are tried: all ones and two
    Gaussian ones.

    Raises TypeError or ValueError for arguments that make no question, KeyError for an unknown backend.
    """
    library = load_backend(backend) if isinstance(backend, str) else backend
    arguments, chosen, format_ = prepare(args, wrt, dtype)
    if unknown := set(modes) - {"forward", "reverse"}:
        raise ValueError(f"unknown modes {sorted(unknown)}; known: forward, reverse")
    if not modes:
        raise ValueError("no mode is given: nothing would be judged")
    shape = _shape(reference, arguments)
    name = getattr(candidate, "__name__", "the function")
    worst: Verdict | None = None
    components = 0
    for mode in modes:
        for stream in range(_DIRECTIONS):
            problem = Derivative(
                reference,
                arguments,
                chosen,
                mode,
                {k: _direction(arguments[k], arguments[k].shape, stream, format_) for k in chosen},
                _direction(np.zeros(0), shape, stream + 100, format_),
                None,
                shape,
            )
            outcome = try_example(library, problem, format_, flush=flushing(library, format_.name), function=candidate)
            components += len(outcome.judgement.grades) if outcome.judgement else 0
            found = _verdict(library, name, mode, problem, outcome)
            if worst is None or _rank(found.status) < _rank(worst.status):
                worst = found
    assert worst is not None
    worst.components = components
    return worst


def assert_derivative(
    candidate: Callable[..., Any],
    reference: Callable[..., Any],
    args: Sequence[Any],
    *,
    backend: str | Backend,
    wrt: int | Sequence[int] | None = None,
    modes: Sequence[str] = ("forward", "reverse"),
    dtype: Any = None,
    accept: Collection[str] = ("right",),
) -> Verdict:
    """``check``, raising AssertionError, a one-line headline first, unless the status is in ``accept``."""
    verdict = check(candidate, reference, args, backend=backend, wrt=wrt, modes=modes, dtype=dtype)
    if verdict.status not in accept:
        raise AssertionError(str(verdict))
    return verdict


_ORDER = (Status.WRONG, Status.UNSUPPORTED, Status.INACCURATE, Status.RIGHT, Status.VACUOUS, Status.NO_CLAIM)


def _rank(status: Status) -> int:
    return _ORDER.index(status)


def _verdict(library: Backend, name: str, mode: str, problem: Derivative, outcome: Outcome) -> Verdict:
    where = f"{name} on {library.name}, {mode} mode"
    if outcome.judgement is None or outcome.verdict in (Status.RIGHT, Status.VACUOUS, Status.NO_CLAIM):
        why = f": {outcome.message}" if outcome.message else ""
        kind = f" ({outcome.kind})" if outcome.kind else ""
        text = {Status.VACUOUS: "vacuous: rounding or overflow may hide any error here", Status.RIGHT: "right"}
        headline = f"{text.get(outcome.verdict, outcome.verdict)}{kind}: {where}{why}"
        return Verdict(outcome.verdict, headline, mode, outcomes=[outcome])
    key = CellKey(name, library.name, "composed", mode, problem.arguments[problem.wrt[0]].dtype.name)
    found = counterexample(library, key, problem, outcome)
    return Verdict(
        outcome.verdict,
        found.headline,
        mode,
        found.worst_element,
        found.worst_got,
        found.worst_expected,
        found.confirmed,
        outcomes=[outcome],
    )


def _shape(reference: Callable[..., Any], arguments: dict[str, Any]) -> tuple[int, ...]:
    with Balls(None, constants.INJECTED_BITS) as balls:
        xp = Namespace(Tape(balls))
        lifted = [xp.asarray(a) if isinstance(a, np.ndarray) else a for a in arguments.values()]
        return xp.asarray(reference(xp, *lifted)).shape


def _direction(seed_from: np.ndarray, shape: tuple[int, ...], stream: int, dtype: np.dtype) -> np.ndarray:
    """All ones, then Gaussian ones that depend on the argument's values, so that they are redrawn with them."""
    if stream % 100 == 0:
        return np.ones(shape, dtype)
    seed = int.from_bytes(hashlib.sha256(seed_from.tobytes()).digest()[:8], "big")
    gaussian = np.random.default_rng([seed, stream]).standard_normal(shape)
    return (np.round(gaussian * 4096) / 4096).astype(dtype)


@dataclass(frozen=True)
class LawCase:
    """One cell of the catalogue, to be checked by a test of another project."""

    key: CellKey
    profile: str
    seed: int

    def check(self) -> CellResult:
        """Run the cell. Raises AssertionError where it fails, and skips the pytest test where it is unsupported."""
        from ..strategies.search import PROFILES

        result = run_cell(self.key, profile=PROFILES[self.profile], seed=self.seed)
        if result.status.gates:
            texts = [found.headline + "\n\n" + found.script for found in result.counterexamples]
            raise AssertionError("\n".join(texts) or f"{result.status}: {self.key}: {result.reason}")
        if result.status in ("unsupported", "not_run"):
            import pytest

            pytest.skip(f"{result.status}: {result.reason}")
        return result


def laws(
    backend: str | Backend,
    *,
    identity: str = "*",
    modes: Sequence[str] = ("forward", "reverse"),
    dtypes: Sequence[str] | None = None,
    profile: str = "fast",
    seed: int = 0,
) -> list[Any]:
    """The catalogue as ``pytest.param`` objects, one a cell, whose value has a method ``check()``.

    ``identity`` is a glob of ids; without ``dtypes`` float32 and float64 are tried, where the backend has them.
    Raises ValueError where it matches nothing, KeyError for an unknown backend.
    """
    from fnmatch import fnmatchcase

    import pytest

    if isinstance(backend, Backend):
        register(backend.name, lambda: backend)
        name = backend.name
    else:
        name = backend
    library = load_backend(name)
    chosen = [entry for entry in CATALOGUE.entries.values() if fnmatchcase(entry.id, identity)]
    if not chosen:
        raise ValueError(f"no identity matches {identity!r}")
    usual = [dtype for dtype in library.dtypes if dtype in USUAL] or library.dtypes
    found = [key for entry in chosen for key in keys(entry, name, tuple(modes), tuple(dtypes or usual))]
    return [pytest.param(LawCase(key, profile, seed), id=str(key)) for key in found]
