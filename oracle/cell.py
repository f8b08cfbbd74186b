"""One cell: an identity on a backend, in one variant, mode and dtype, over many examples.

The examples are drawn until one is wrong; that one is shrunk, evaluated once more by the definition at 60 digits, and
written as a script. An accusation that the definition does not confirm is a bug of ours and is reported as such.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from ..identities import CATALOGUE, Identity, Rule
from ..strategies.draw import few_choices, with_choices
from ..strategies.formats import available, dtype_of
from ..strategies.search import PROFILES, Profile, search, seed_of
from ..strategies.specs import ArrayInput
from .bias import ROWS, biases
from .blame import failing_part
from .cell_result import CellResult
from .counterexample import COMPOSED, CellKey, counterexample
from .examples import draw_problem
from .judge import Outcome, try_example
from .limits import CellTimeout, memory_limit, time_limit
from .modes import FIRST, HESSIAN, nesting
from .natives import compiled
from .problems import Derivative, Statement
from .protocol import Backend, NotInstalled, load_backend
from .selftest import flushes_subnormals, problems
from .simplify import simplify
from .site import site_of
from .status import CellStatus, Verdict

_KINDS_A_CELL = 3

_BLOCKS = 32
"""Of identities that share the strings of their examples, where a profile is frugal."""

_MORE = 8
"""So many times as many examples are tried where the first ones tell nothing."""


@cache
def adapter_problems(backend: Backend, dtype: str) -> tuple[str, ...]:
    """The adapter's self-test, once a process."""
    try:
        return tuple(problems(backend, dtype_of(dtype)))
    except Exception as error:
        return (f"{type(error).__name__}: {error}",)


@cache
def flushing(backend: Backend, dtype: str) -> bool:
    """Whether the backend flushes subnormals, measured once a process."""
    return flushes_subnormals(backend, dtype_of(dtype))


def variants(identity: Identity, backend: Backend) -> dict[str, Callable[..., Any] | None]:
    """The composed form and the backend's native operations for this identity."""
    found: dict[str, Callable[..., Any] | None] = {COMPOSED: None}
    if isinstance(identity, Rule):
        for expression in backend.natives().get(identity.id, ()):
            found[f"native:{expression}"] = compiled(backend, expression, list(identity.inputs))
    return found


def keys(identity: Identity, name: str, modes: tuple[str, ...], dtypes: tuple[str, ...]) -> list[CellKey]:
    """The cells of an identity on a backend; without the library only the composed form is known."""
    try:
        offered = list(variants(identity, load_backend(name)))
    except NotInstalled:
        offered = [COMPOSED]
    # Laws speak of first derivatives; those of second ones say so themselves.
    chosen = [mode for mode in modes if mode in FIRST or isinstance(identity, Rule)]
    return [
        CellKey(identity.id, name, variant, mode, dtype) for dtype in dtypes for mode in chosen for variant in offered
    ]


def run_cell(key: CellKey, *, profile: Profile = PROFILES["ci"], seed: int = 0, memory: float = 0.0) -> CellResult:
    """Run a cell. Whatever the backend does becomes a status. ``memory``: GiB that it may map, 0 for no limit."""
    identity = CATALOGUE.entries[key.identity]
    result = CellResult(key, CellStatus.NOT_RUN)
    try:
        backend = load_backend(key.backend)
    except NotInstalled as error:
        result.reason = str(error)
        return result
    if key.dtype not in backend.dtypes or not backend.modes:
        result.status, result.reason = CellStatus.UNSUPPORTED, f"{key.backend} declares no {key.dtype}"
        return result
    if not available(key.dtype):
        result.reason = "NumPy has bfloat16 with the package ml_dtypes only"
        return result
    if "reverse" in nesting(key.mode) and "reverse" not in backend.modes:
        result.status, result.reason = CellStatus.UNSUPPORTED, f"{key.backend} has no reverse mode"
        return result
    result.derived = "forward" in nesting(key.mode) and backend.derived_forward
    try:
        with time_limit(profile.seconds):
            if broken := adapter_problems(backend, key.dtype):
                result.status, result.reason = CellStatus.ERROR, "adapter self-test: " + "; ".join(broken)
                return result
            with memory_limit(memory):
                _Runner(identity, backend, result, profile, seed).run()
    except CellTimeout as error:
        result.status, result.reason = CellStatus.TIMEOUT, str(error)
    except MemoryError as error:
        limit = f", with {memory:g} GiB more than before the cell" if memory else ""
        result.status, result.reason = CellStatus.ERROR, f"out of memory{limit}: {error or 'MemoryError'}"
    return result


@cache
def _few_choices(identity: Identity, examples: int) -> list[bytes]:
    """Of so many examples a quarter have sizes of their own; half where only exponents and flags are chosen."""
    sizes = any(isinstance(spec, ArrayInput) and (spec.shape or spec.group) for spec in identity.inputs.values())
    count = max(3, examples // 4 if sizes else examples // 2)
    return few_choices(identity.inputs, count, seed_of(identity.id, "shapes") % 2**32)


Tried = tuple[Any, Any, Outcome]
"""An example, its problem and what it came to."""


class _Runner:
    """The search in one cell."""

    def __init__(self, identity: Identity, backend: Backend, result: CellResult, profile: Profile, seed: int) -> None:
        self.identity, self.backend, self.result, self.profile = identity, backend, result, profile
        self.key = result.key
        # Where examples are few, to generate them takes as long as to judge them: the same strings serve all modes, and
        # those identities that fall into one block.
        parts = (seed_of(identity.id) % _BLOCKS,) if profile.frugal else (identity.id, self.key.mode)
        self.seed = seed_of(*parts, self.key.dtype, seed)
        self.dtype = dtype_of(self.key.dtype)
        self.function = variants(identity, backend)[self.key.variant]
        self.tried: dict[bytes, Tried | None] = {}
        self.seen: set[bytes] = set()
        self.starved: MemoryError | None = None

    def attempt(self, data: bytes) -> Tried | None:
        """The example of ``data``, its problem and what it came to; None where no function fits. Tried once a cell, where
        these are not too many to be kept.
        """
        if self.profile.deep:
            return self._try(data)
        if data not in self.tried:
            self.tried[data] = self._try(data)
        return self.tried[data]

    def _try(self, data: bytes) -> Tried | None:
        deep = self.profile.deep
        few = self.backend.compiles and not deep
        if few:
            # The same in all cells of an identity, so that what is compiled for one serves the others.
            data = with_choices(data, _few_choices(self.identity, self.profile.examples))
        drawn = draw_problem(self.identity, data, self.dtype, self.key.mode, deep=deep, few=few)
        return drawn and (*drawn, self.judge(drawn[1]))

    def judge(self, problem: Derivative | Statement) -> Outcome:
        """What a problem comes to; a law is not blamed for a function that fails alone."""
        flush = flushing(self.backend, self.key.dtype)
        outcome = try_example(self.backend, problem, self.dtype, flush=flush, function=self.function)
        bad = outcome.verdict in (Verdict.WRONG, Verdict.INACCURATE)
        if isinstance(problem, Statement) and bad and problem.functions:
            part = failing_part(self.backend, problem, self.dtype, outcome.kind, flush=flush)
            if part:
                return Outcome(Verdict.NO_CLAIM, message=part, met=False)
        return outcome

    def run(self) -> None:
        known = self._failures()
        if not known and self.result.examples and not self._tells():
            # Few examples may all be at kinks, or without a digit left: vacuous is where more of them are as well.
            known = self._failures(_MORE)
        if not known and self.result.verdicts[str(Verdict.INACCURATE)]:
            few = self.profile.shrink // 4  # it fails no run
            found = self._search(lambda outcome: outcome.verdict is Verdict.INACCURATE, few)
            if found is not None:
                self._report(found, self.profile.simplify // 4)
        self.result.status = self._status()
        # A whole batch is no input for what is made row by row: a Hessian, or a forward mode derived from reverse ones.
        by_rows = self.key.mode == HESSIAN or self.result.derived
        left_out = self.profile.frugal and self.key.mode == "forward"  # batches would be an eighth of the work
        if self.result.status is CellStatus.PASS and isinstance(self.identity, Rule) and not (by_rows or left_out):
            flush = flushing(self.backend, self.key.dtype)
            rows = ROWS[self.profile.name]
            found = biases(self.backend, self.identity, self.key.mode, self.dtype, rows, flush, self.function)
            self.result.bias = {one.part: one.mean for one in found}
            if reasons := [one.sentence for one in found if one.found]:
                self.result.status, self.result.reason = CellStatus.INACCURATE, "; ".join(reasons)

    def _failures(self, more: int = 1) -> set[str]:
        """Find, shrink and report failures, one of a kind; the kinds."""
        known: set[str] = set()
        for _ in range(_KINDS_A_CELL):
            found = self._search(
                lambda out: out.verdict is Verdict.WRONG and out.kind not in known, self.profile.shrink, more
            )
            if found is None:
                break
            known.add(self._report(found, self.profile.simplify))
        return known

    def _tells(self) -> bool:
        """Whether the examples say something of the library, if only that it lacks the function."""
        return bool(self.result.strong or self.result.reason or self.result.verdicts[str(Verdict.UNSUPPORTED)])

    def _search(self, bad: Callable[[Outcome], bool], shrink: int, more: int = 1) -> Tried | None:
        """The smallest example with a bad outcome. Each example drawn is counted once, whatever search draws it."""
        shrinking = False
        met: dict[bytes, Tried] = {}

        def good(data: bytes) -> bool | None:
            nonlocal shrinking
            if self.result.reason or self.starved:
                return True
            try:
                tried = self.attempt(data)
            except MemoryError as error:
                # Kept from Hypothesis, which would replay the example and ask for all the memory again.
                self.starved = error
                return True
            if tried is None:
                return None
            example, _, outcome = tried
            if not shrinking and data not in self.seen:
                self.seen.add(data)
                self.result.tally(example, outcome)
            if not outcome.met:
                return None
            if outcome.kind == "mathematics":
                self.result.reason = outcome.message
            if bad(outcome):
                shrinking, met[data] = True, tried
            return not bad(outcome)

        examples = self.profile.examples if self.key.mode in FIRST else self.profile.further
        found = search(good, examples=more * examples, seed=self.seed, shrink=shrink)
        if self.starved:
            raise self.starved
        return None if found is None else met[found]

    def _report(self, met: Tried, attempts: int) -> str:
        """Report the bad outcome that the search met: a library need not answer twice alike."""
        _, problem, outcome = met
        bad = outcome.verdict, outcome.kind

        def fails(candidate: Derivative | Statement) -> bool:
            found = self.judge(candidate)
            return (found.verdict, found.kind) == bad

        simpler = simplify(self.identity, problem, fails, attempts)
        again = self.judge(simpler)
        repeats = (again.verdict, again.kind) == bad
        if repeats:
            problem, outcome = simpler, again
        found = counterexample(self.backend, self.key, problem, outcome)
        if not repeats:
            found.headline += " (not in every call)"
        at_kink = outcome.judgement is not None and outcome.judgement.at_kink
        found.site = site_of(self.identity, problem, fails, at_kink=at_kink)
        self.result.counterexamples.append(found)
        return outcome.kind

    def _status(self) -> CellStatus:
        kinds = {found.kind for found in self.result.counterexamples}
        counted = self.result.verdicts
        if "exception" in kinds:
            return CellStatus.ERROR
        if "disputed" in kinds:
            return CellStatus.DISPUTED
        if kinds and not all(found.headline.startswith("inaccurate") for found in self.result.counterexamples):
            return CellStatus.FAIL
        if counted[str(Verdict.INACCURATE)]:
            return CellStatus.INACCURATE
        if counted[str(Verdict.UNSUPPORTED)] and not counted[str(Verdict.RIGHT)]:
            return CellStatus.UNSUPPORTED
        if self.result.strong:
            return CellStatus.PASS
        if self.key.mode == HESSIAN and not self.result.examples:
            self.result.reason = "no Hessian of a size that tells something was drawn"
        if self.result.reason:
            return CellStatus.NO_CLAIM
        return CellStatus.VACUOUS
