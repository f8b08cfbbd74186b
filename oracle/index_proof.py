"""The judge "index": an identity proved for all sizes at once.

Of a rule, for every argument: the entries of the closed form are the derivatives ∂fᵢ/∂xₖ that this prover finds by its
own rules, and the products J v and uᵀ J with arbitrary v and u are those of the entries. Of a law: both sides of its
equations agree, for generic functions f and g; that is a theorem about the prover's D. A shape of an array that is said to
be of any rank is tried at ranks up to 2, of which every axis has a size of its own or is expanded.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..identities import Holds, Identity, Law, Rule, Unmet
from ..identities.operators import NoEntries, Operator
from ..strategies.shapes import Assignment, Choice, canonical_assignments, choices, note_shapes, shape_of
from ..strategies.specs import ArrayInput, FunctionInput, IndexInput, IntegerInput
from .index_arrays import IndexArray, as_array, variable
from .index_derivation import IndexDerivation, IndexOperator
from .index_namespace import IndexNamespace, elementwise_generic, generic
from .index_places import Shape, all_places
from .index_sizes import Size
from .index_terms import Poly, Undecided
from .index_zero import Cases
from .symbolic import PROVED, REFUTED, UNDECIDED, Proved

_LETTERS, _OTHERS = "ijk", "rst"

SMALL = "at most 3, every size a number"
"""The sizes of a proof in which no size is symbolic."""


class Refuted(Exception):
    """A closed form that is none, or of other shapes than the derivative."""


@dataclass
class Step:
    """One step of a proof: a definition, or an equation with both normal forms and the cases in which it was shown."""

    what: str
    left: Poly
    right: Poly | None = None
    cases: list[str] = field(default_factory=list)


def sizes_of(identity: Identity) -> str:
    """For which sizes a proof holds, in words."""
    ranked = any(isinstance(spec, ArrayInput) and spec.group for spec in identity.inputs.values())
    return "all, at ranks 0…2" if ranked else "all"


def assignments(identity: Identity) -> Iterator[Assignment]:
    """All choices with symbolic sizes: integers, axes and flags run through their values."""

    def extend(made: Assignment, rest: list[Choice]) -> Iterator[Assignment]:
        if not rest:
            yield made
            return
        for option in _options(rest[0], note_shapes(identity.inputs, made)):
            yield from extend({**made, rest[0].name: option}, rest[1:])

    yield from extend({}, choices(identity.inputs))


def _options(choice: Choice, known: Assignment) -> Iterator[Any]:
    match choice.spec:
        case ArrayInput(group=""):
            yield Size(choice.name)
        case ArrayInput(members=members):
            yield from _shapes(members, 3 if choice.ranked else 2)
        case IntegerInput(low=low, high=high):
            yield from range(low, high + 1)
        case _:
            yield from choice.options(known)


def _shapes(members: int, rank: int) -> Iterator[tuple[Shape, ...]]:
    """Tuples of shapes that broadcast to (), (n,), (n, m), …; each axis of each has the full size or size 1."""
    full = tuple(Size(name) for name in ("n", "m", "k")[:rank])
    for r in range(rank + 1):
        parts = [
            tuple(1 if one else size for one, size in zip(ones, full[r - own : r], strict=True))
            for own in range(r + 1)
            for ones in itertools.product((False, True), repeat=own)
        ]
        for shapes in itertools.product(parts, repeat=members):
            if all(any(len(s) > k and s[-1 - k] == full[r - 1 - k] for s in shapes) for k in range(r)):
                yield shapes


def check(
    identity: Identity,
    argument: str,
    *,
    partial: Callable[..., Operator] | None = None,
    seconds: float = 10.0,
    steps: list[Step] | None = None,
) -> Proved:
    """Prove a rule's closed form for ``argument``, or a law (argument ""); ``steps`` receives the proof.

    A rule that cannot be followed with symbolic sizes, because it moves elements or runs through them one by one, is
    proved at the canonical sizes instead, and ``sizes`` says so. Nothing is raised: what the prover cannot do is
    ``undecided``, with the reason.
    """
    deadline = time.monotonic() + seconds

    def run(cases: Iterator[Assignment]) -> Proved:
        proof = _Proof(deadline, steps, seconds)
        return contextvars.copy_context().run(_check, identity, argument, partial, proof, cases)

    found = run(_symbolic(identity))
    if found.status == PROVED or not isinstance(identity, Rule) or time.monotonic() > deadline:
        return found
    noted = len(steps or ())
    small = run(canonical_assignments(identity.inputs))
    if small.status == PROVED:
        return replace(small, sizes=SMALL)
    if steps is not None:
        del steps[noted:]
    return found


def _symbolic(identity: Identity) -> Iterator[Assignment]:
    if any(isinstance(spec, IndexInput) for spec in identity.inputs.values()):
        return iter(())
    return assignments(identity)


def _check(identity: Identity, argument: str, partial: Any, proof: _Proof, cases: Iterator[Assignment]) -> Proved:
    status, reason = PROVED, ""
    try:
        for made in cases:
            if isinstance(identity, Rule):
                proof.of_rule(identity, made, argument, partial or identity.partials[argument])
            elif isinstance(identity, Law):
                proof.of_law(identity, made)
    except Refuted as error:
        status, reason = REFUTED, str(error)
    except Undecided as error:
        status, reason = UNDECIDED, str(error)
    except TimeoutError:
        status, reason = UNDECIDED, f"{proof.seconds:g} s"
    except Unmet:
        status, reason = UNDECIDED, "hypothesis never met"
    except Exception as error:
        status, reason = UNDECIDED, f"{type(error).__name__}: {error}"
    if status == PROVED and not proof.equations:
        status, reason = UNDECIDED, "nothing to prove"
    kind = "a theorem about D, for generic functions" if _is_generic(identity) else ""
    return Proved(status, reason, proof.equations, kind)


def _is_generic(identity: Identity) -> bool:
    return any(isinstance(spec, FunctionInput) for spec in identity.inputs.values())


class _Proof:
    """The work until ``deadline``, which is ``seconds`` long; ``equations`` counts those that are shown."""

    def __init__(self, deadline: float, steps: list[Step] | None, seconds: float) -> None:
        self.deadline, self.steps, self.seconds, self.equations = deadline, steps, seconds, 0

    def of_rule(self, rule: Rule, made: Assignment, name: str, partial: Callable[..., Operator]) -> None:
        xp = IndexNamespace()
        arguments = _arguments(rule, made, {})
        y, x = as_array(rule(xp, *arguments.values())), arguments[name]
        truth = IndexOperator(y, name, x.shape)
        for at in all_places(y.shape, _LETTERS) if self.steps is not None else ():
            self._note(Step("the function", y.at(at)))
        try:
            closed = partial(xp, *arguments.values())
        except (Undecided, TimeoutError, RecursionError, MemoryError):
            raise
        except Exception as error:
            raise Refuted(f"the closed form raises {type(error).__name__}: {error}") from error
        self._operators(xp, truth, closed, f"∂/∂{name}", entries=True)

    def of_law(self, law: Law, made: Assignment) -> None:
        xp = IndexNamespace()
        given = _arguments(law, made, _functions(law, made))
        found = law.function(IndexDerivation(xp), *(given[name] for name in law.inputs))
        claims = found if isinstance(found, tuple) else (found,)
        for number, claim in enumerate(claims, 1):
            what = f"claim {number}" if len(claims) > 1 else "the claim"
            if isinstance(claim, Holds):
                if not claim.true:
                    raise Refuted(f"{what}: {claim.what}")
                self.equations += 1
            elif isinstance(claim.left, Operator):
                self._operators(xp, claim.left, claim.right, what, entries=False)
            else:
                self._arrays(as_array(claim.left), as_array(claim.right), what)

    def _operators(self, xp: IndexNamespace, truth: Operator, closed: Any, what: str, *, entries: bool) -> None:
        if not isinstance(closed, Operator):
            raise Refuted(f"{what}: a {type(closed).__name__} is no operator")
        _same_shape(closed.in_shape, truth.in_shape, "the input of the operator")
        _same_shape(closed.out_shape, truth.out_shape, "the output of the operator")
        if entries:
            # Without entries the products below, with an arbitrary v and u, say the same.
            with contextlib.suppress(NoEntries):
                for i in all_places(truth.out_shape, _LETTERS):
                    for k in all_places(truth.in_shape, _OTHERS):  # type: ignore[arg-type]
                        right = as_array(closed.entry(tuple(i), tuple(k)))
                        self._equal(truth.entry(i, k).item(), right.item(), f"{what}, entry")
        tangent, cotangent = variable("v̇", truth.in_shape), variable("ū", truth.out_shape)  # type: ignore[arg-type]
        self._arrays(truth.matvec(xp, tangent), as_array(closed.matvec(xp, tangent)), f"{what}, J v")
        self._arrays(truth.rmatvec(xp, cotangent), as_array(closed.rmatvec(xp, cotangent)), f"{what}, uᵀ J")

    def _arrays(self, left: IndexArray, right: IndexArray, what: str) -> None:
        _same_shape(right.shape, left.shape, what)
        for at in all_places(left.shape, _LETTERS):
            self._equal(left.at(at), right.at(at), what)

    def _equal(self, left: Poly, right: Poly, what: str) -> None:
        if time.monotonic() > self.deadline:
            raise TimeoutError
        cases = Cases()
        if not cases.is_zero(left - right):
            case, rest = cases.tried[-1]
            raise Undecided(f"{what}: the normal forms differ{f' where {case}' if case else ''} by {str(rest)[:200]}")
        self.equations += 1
        self._note(Step(what, left, right, [case for case, _ in cases.tried if case]))

    def _note(self, step: Step) -> None:
        if self.steps is not None:
            self.steps.append(step)


def _arguments(identity: Identity, made: Assignment, functions: Mapping[str, Any]) -> dict[str, Any]:
    known = note_shapes(identity.inputs, made)
    found: dict[str, Any] = {}
    for name, spec in identity.inputs.items():
        if isinstance(spec, ArrayInput):
            # Every number of the domain x > 0 is positive; of other domains no sign is known.
            found[name] = variable(name, shape_of(spec, known), positive=spec.domain.low >= 0)  # type: ignore[arg-type]
        else:
            found[name] = functions[name] if name in functions else known[name]
    return found


def _functions(law: Law, made: Assignment) -> dict[str, Callable[..., IndexArray]]:
    """Generic functions of the shapes that the law asks for; a free shape is a vector of a size of its own."""

    def of(name: str, spec: FunctionInput) -> Callable[..., IndexArray]:
        if spec.elementwise:
            return lambda *points: elementwise_generic(name, as_array(points[0]))
        codomain = (f"|{name}|",) if spec.codomain is ... else spec.codomain
        shape = tuple(made.get(size, Size(size)) if isinstance(size, str) else size for size in codomain)
        return lambda *points: generic(name, (), [as_array(p) for p in points], shape)

    return {name: of(name, spec) for name, spec in law.inputs.items() if isinstance(spec, FunctionInput)}


def _same_shape(found: Any, wanted: Any, what: str) -> None:
    if tuple(found) != tuple(wanted):
        raise Refuted(f"{what} has shape {tuple(found)}, not {tuple(wanted)}")
