"""The numeric check of the catalogue: closed forms against Taylor series, as certified enclosures, at drawn examples.

Two enclosures of the same number overlap. Where they do not, the entry is *refuted*: that is a proof and no tolerance.
Where they do, they are evidence only if both are narrow, so the working precision is raised until they are; what stays
wide is *undecided* and counted. At a kink the series follows the declared convention, and so must the closed form.
A law speaks of differentiable functions: examples at which a choice is tied are passed over, as are unmet hypotheses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..identities import Identity, Law, Rule, Unmet
from ..identities.operators import Operator
from ..strategies.draw import Example
from ..strategies.search import search
from ..strategies.shapes import describe
from .closed_forms import rule_comparisons
from .comparisons import Comparisons, Refuted, law_comparisons
from .constants import EXACT_BITS, EXACT_BITS_LIMIT
from .examples import Functions, draw_example, rules_of
from .tape import Undecided

Partials = Mapping[str, Callable[..., Operator]]

_DTYPE_BYTE = 47
"""Belongs to no field of an example: odd for float32 inputs, even for float64."""


@dataclass(frozen=True)
class NumericOutcome:
    """One example: ``agrees``, ``refuted``, ``undecided`` or ``unmet`` (nothing is claimed there).

    ``components`` (numbers and facts) were compared and agree, ``undecided`` ones stayed wide at the highest precision.
    """

    status: str
    reason: str = ""
    components: int = 0
    at_kink: bool = False
    undecided: int = 0


@dataclass
class NumericResult:
    """All examples of one identity: ``pass``, ``fail``, ``vacuous`` where nothing was compared, or ``error``."""

    identity: str
    status: str = "vacuous"
    reason: str = ""
    examples: int = 0
    components: int = 0
    undecided: int = 0
    unmet: int = 0
    at_kinks: int = 0
    shapes: set[str] = field(default_factory=set)
    classes: Counter[str] = field(default_factory=Counter)
    dtypes: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: NumericOutcome, example: Example | None) -> None:
        """Count one example."""
        if outcome.status == "unmet" or example is None:
            self.unmet += 1
            return
        self.examples += 1
        self.components += outcome.components
        self.undecided += outcome.undecided
        self.at_kinks += outcome.at_kink
        self.shapes.add(describe(example.assignment))
        self.classes.update(example.classes.values())
        self.dtypes[example.dtype.name] += 1


def check_example(
    identity: Identity, example: Example, functions: Functions | None = None, *, partials: Partials | None = None
) -> NumericOutcome:
    """Check one example; ``functions`` are those of a law, ``partials`` replace the closed forms of a rule."""

    def compared(bits: int) -> Comparisons:
        if isinstance(identity, Law):
            return law_comparisons(identity, example, functions or {}, bits)
        assert isinstance(identity, Rule)
        return rule_comparisons(identity, example, identity.partials if partials is None else partials, bits)

    reason, settled, wide, at_kink = "no predicate is decided", 0, 0, False
    bits = EXACT_BITS
    while bits <= EXACT_BITS_LIMIT:
        try:
            found = compared(bits)
            if found.ties and (isinstance(identity, Law) or identity.jumps):  # type: ignore[attr-defined]
                return NumericOutcome("unmet", "a choice is tied")
            at_kink = found.ties > 0
            if found.jumped:
                return NumericOutcome("refuted", "the value jumps here, which the entry does not say", at_kink=True)
            if found.false:
                return NumericOutcome("refuted", f"it does not hold that {found.false[0]}")
            open_ = [comparison for comparison in found.found if not comparison.settled]
            if 2 * bits > EXACT_BITS_LIMIT:
                for comparison in open_:
                    comparison.refuse_undefined()
        except Unmet:
            return NumericOutcome("unmet", "a hypothesis does not hold")
        except Refuted as error:
            return NumericOutcome("refuted", str(error), at_kink=at_kink)
        except Undecided as error:
            reason = f"undecided at {bits} bits: {error}"
        else:
            settled, wide = found.facts + len(found.found) - len(open_), len(open_)
            if not open_:
                return NumericOutcome("agrees", "", settled, at_kink)
            reason = f"too wide at {bits} bits: {open_[0].where()}"
        bits *= 2
    return NumericOutcome("agrees" if settled else "undecided", reason, settled, at_kink, max(wide, 1))


def check(
    identity: Identity,
    *,
    examples: int,
    seed: int,
    partials: Partials | None = None,
    deep: bool = False,
    rules: Sequence[Rule] | None = None,
) -> NumericResult:
    """Check drawn examples until one is refuted, which is then shrunk. A function of its arguments alone.

    ``examples``: how many are wanted at which there is a number or fact to compare; ``rules``: what the functions of a
    law are drawn from, by default the catalogue.
    """
    pool = rules_of() if rules is None else rules
    result = NumericResult(identity.id)
    known: dict[Hashable, NumericOutcome] = {}
    failed = False

    def attempt(data: bytes) -> bool | None:
        nonlocal failed
        example, _, outcome = _try(identity, data, partials, deep, pool, known)
        bad = outcome.status in ("refuted", "error")
        if not failed:
            result.add(outcome, example)
        failed = failed or bad
        if bad:
            return False
        # Where nothing was to be compared, unmet or empty, another example is drawn.
        return True if outcome.components or outcome.undecided else None

    smallest = search(attempt, examples=examples, seed=seed)
    if smallest is not None:
        example, functions, outcome = _try(identity, smallest, partials, deep, pool, known)
        result.status = "fail" if outcome.status == "refuted" else "error"
        result.reason = f"{identity.id}{_at(example, functions)}: {outcome.reason}"
    elif result.components:
        result.status = "pass"
    else:
        result.reason = (
            f"nothing was compared in {result.examples} examples; {result.unmet} met no hypothesis or were tied"
        )
    return result


def _try(
    identity: Identity,
    data: bytes,
    partials: Partials | None,
    deep: bool,
    rules: Sequence[Rule],
    known: dict[Hashable, NumericOutcome],
) -> tuple[Example | None, Functions, NumericOutcome]:
    """One byte string; what fails beside the closed forms is an ``error``, not an exception in the search.

    ``known`` outcomes are not computed again: most byte strings that shrinking tries stand for an example it has tried.
    """
    example: Example | None = None
    functions: Functions = {}
    try:
        drawn = draw_example(identity, data, np.dtype(("float64", "float32")[data[_DTYPE_BYTE] % 2]), rules, deep=deep)
        if drawn is None:
            return None, {}, NumericOutcome("unmet", "no function of the catalogue fits")
        example, functions = drawn
        key = _key(example, functions)
        if key not in known:
            known[key] = check_example(identity, example, functions, partials=partials)
        return example, functions, known[key]
    except Exception as error:
        return example, functions, NumericOutcome("error", f"{type(error).__name__}: {error}")


def _key(example: Example, functions: Functions) -> Hashable:
    """All that the outcome depends on."""
    fixed = [(name, section.rule.id, section.free, _exact(section.fixed)) for name, section in functions.items()]
    return example.dtype.name, example.direction, _exact(example.arguments), tuple(fixed)


def _exact(values: Mapping[str, Any]) -> Hashable:
    return tuple((k, x.shape, x.tobytes()) if isinstance(x, np.ndarray) else (k, x) for k, x in values.items())


def _at(example: Example | None, functions: Functions) -> str:
    if example is None:
        return ""
    given = [f"{name} = {section}" for name, section in functions.items()]
    for name, value in example.arguments.items():
        given.append(f"{name} = {np.array2string(np.asarray(value), separator=', ')}".replace("\n", ""))
    return f" at {', '.join(given)} ({example.dtype})"
