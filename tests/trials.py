"""Every mutant of an identity put to every judge, and the reasons for those that are not rejected.

S: SymPy; F: the finite field; I: index notation, which rejects by not proving; N: the numeric check; B: the verdict on a
backend, in every mode in which the mistake shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache

from equivalence import Form, Point, law_witness, witness
from gradlaw.backends.reference import Reference
from gradlaw.identities import Holds, Identity, Law, Rule
from gradlaw.oracle import field_proof, symbolic
from mutant_judges import (
    EXAMPLES,
    backend_kill,
    has_functions,
    index_kill,
    numeric_kill,
    over_sizes,
    planted,
)
from mutants import WrongForm, wrong_forms
from mutants_of_laws import WrongStatement, changed_tape, claims_of, wrong_derivatives, wrong_statements
from wrong_backends import HABITS

BOTH = ("forward", "reverse")

_EXACT = "an inequality of exact arithmetic (Holds with exact=True), which is not put to a backend"
_SIZES = "a factor can be left out only where sizes coincide, and in a proof for all sizes they are all different"
_GENERIC = "a wrong value at a kink alone: a judge of generic points does not see it, the check of the convention does"
_HELD = "values of a closed form are moved; in index notation the derivative of a generic function holds none: nothing is changed"
_INSIDE = "the cotangent is made inside the law, which hands it to one call only: nobody else has it"
_CLARKE = "the other side's slope at the kink is in the Clarke set: a library may return it, and it is recorded"
_TRANSPOSE = "an operation of the transpose alone: without it the products with tangents are still right"
_HALF = "the slopes differ by e⁻²⁰ at most, less than half the digits: that is inaccurate, not wrong"
SURVIVORS: dict[tuple[str, str, str], str] = {
    ("*", "wrong branch", "F"): _GENERIC,
    ("*", "wrong branch", "I"): _GENERIC,
    ("chain.vector_chain*", "dropped term", "I"): _SIZES,
    ("reduction.sum_of_function", "dropped term", "I"): _SIZES,
    ("descent.lowers_the_loss", "*", "B"): _EXACT,
    ("descent.*", "mutated cotangent", "B"): "the cotangent is a 1 that D.gradient makes, and nobody else has it",
    ("loss.augmented", "mutated input", "B"): "the law differentiates by ŵ, which it makes itself: no input is changed",
    ("laws.along_a_line", "dropped term", "I"): _SIZES,
    ("laws.unused_input", "off by one", "I"): _HELD,
    ("system_laws.jit_is_eager", "off by one", "I"): _HELD,
    ("system_laws.layout", "off by one", "I"): _HELD,
    ("invariants.softmax_sums_to_one", "mutated cotangent", "B"): _INSIDE,
    ("system_laws.vmap_of_derivative", "mutated cotangent", "B"): _INSIDE,
    ("relu.*", "wrong branch", "B"): _CLARKE,
    ("rectifiers.*", "wrong branch", "B"): _CLARKE,
    ("layers.prelu", "wrong branch", "B"): _CLARKE,
    ("decompositions.cholesky_inverse", "dropped term", "B"): _TRANSPOSE,
    ("norms.norm1", "wrong branch", "B"): _CLARKE,
    ("guards.*", "wrong branch", "B"): _CLARKE,
    ("guards_more.*", "wrong branch", "B"): _CLARKE,
    ("activations.softplus_threshold", "dropped term", "B"): _HALF,
    (
        "second_order.*",
        "*",
        "B",
    ): "the reference differentiates once; tests/test_second_order_laws.py breaks these laws",
    ("guards.sqrt_square", "wrong branch", "N"): "at the tie its text has a root of 0, and no series",
}
"""Why a judge does not reject a mutant: (identity, kind, judge), globs but for the judge."""

UNDECIDED = "not rejected, and not proved at all sizes either: the judge gives no opinion"
UNEXPLAINED = "no reason is written"
EXCUSED = 4
"""Examples or sizes that a judge is shown which is not expected to reject."""


@dataclass
class Trial:
    """One mutant: ``equivalent`` says why it is none, ``verdicts`` what each judge says, '' where it does not reject;
    ``undecided``: those that do not prove it either.
    """

    identity: str
    kind: str
    words: str
    equivalent: str = ""
    verdicts: dict[str, str] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)

    def by_proof_and_numbers(self, mutant: WrongForm | WrongStatement, at: Point) -> None:
        """Try both checks of the catalogue."""
        for judge, check in (("S", symbolic.check), ("F", field_proof.check)):
            self.verdicts[judge], undecided = over_sizes(check, mutant, at, EXCUSED if self.excuse(judge) else None)
            self.undecided += [judge] * undecided
        self.verdicts["I"] = index_kill(mutant) or ""
        number = numeric_kill(mutant)
        self.verdicts["N"] = "" if number is None else f"example {number}"

    def on_backend(self, backend: Reference, identity: Identity, mode: str) -> None:
        """Try a backend that has the mistake."""
        count = EXCUSED if self.excuse("B") else EXAMPLES
        self.verdicts[f"B {mode}"] = str(backend_kill(backend, identity, mode, count) or "")

    @property
    def survives(self) -> list[str]:
        """The judges that do not reject it."""
        return [judge for judge, said in self.verdicts.items() if not said]

    def excuse(self, judge: str) -> str:
        """The reason why a judge does not reject it, '' where none is known."""
        if judge in self.undecided:
            return UNDECIDED
        for (identity, kind, letter), reason in SURVIVORS.items():
            if letter == judge[0] and fnmatchcase(self.identity, identity) and fnmatchcase(self.kind, kind):
                return reason
        return ""

    @property
    def unexcused(self) -> list[str]:
        """The judges that should reject it and do not; "=" for an equivalent that nobody explains."""
        if self.equivalent == UNEXPLAINED or not (self.equivalent or self.verdicts):
            return ["="]
        return [judge for judge in self.survives if not self.excuse(judge)]


@cache
def trials(identity: Identity) -> list[Trial]:
    """All mutants of an identity, tried; once a process."""
    if isinstance(identity, Rule):
        found = list(_forms(identity))
    else:
        assert isinstance(identity, Law)
        found = [*_statements(identity), *_derivatives(identity)]
    return [*found, *_habits(identity, found)]


def _forms(rule: Rule) -> Iterator[Trial]:
    zero = {name: witness(rule, name, _negative(rule, name)) is None for name in rule.partials}
    for mutant in wrong_forms(rule):
        trial = Trial(rule.id, mutant.kind, str(mutant))
        at = witness(rule, mutant.argument, mutant.form)
        if rule.jumps and mutant.kind == "wrong branch":
            trial.equivalent = "the function jumps at the tie, and has no derivative there"
        elif at is None:
            trial.equivalent = _why(mutant.kind, zero[mutant.argument])
        else:
            trial.by_proof_and_numbers(mutant, at)
            # The product with a tangent is right where only the transpose is not summed.
            for mode in ("reverse",) if mutant.kind == "unsummed broadcast" else BOTH:
                trial.on_backend(*planted(mutant), mode)
        yield trial


def _negative(rule: Rule, name: str) -> Form:
    return lambda xp, *arguments: -rule.partials[name](xp, *arguments)


def _statements(law: Law) -> Iterator[Trial]:
    zero: set[str] = set()
    for mutant in wrong_statements(law):
        trial = Trial(law.id, mutant.kind, str(mutant))
        at = law_witness(law, mutant.wrong)
        claim = mutant.what.partition(",")[0]
        if at is None:
            zero |= {claim} if mutant.kind == "sign" else set()
            trial.equivalent = _why(mutant.kind, claim in zero)
        else:
            trial.by_proof_and_numbers(mutant, at)
        yield trial


def _derivatives(law: Law) -> Iterator[Trial]:
    zero, facts = False, all(isinstance(claim[0], Holds) for claim in claims_of(law))
    for mutant in wrong_derivatives(law):
        trial = Trial(law.id, mutant.kind, str(mutant))
        if law_witness(law, law, changed_tape(mutant.change)) is None:
            zero |= mutant.kind == "sign" and not facts
            trial.equivalent = "the fact stays true" if facts else _why(mutant.kind, zero)
        else:
            for mode in BOTH:
                trial.on_backend(*planted(mutant), mode)
        yield trial


def _habits(identity: Identity, others: list[Trial]) -> Iterator[Trial]:
    """Where functions are drawn every one of them shows the habit alone, and the law is not blamed for it."""
    if has_functions(identity):
        return
    signs = [trial for trial in others if trial.kind == "sign" and any(judge[0] == "B" for judge in trial.verdicts)]
    for kind, backends in HABITS.items():
        for backend, modes in backends.items():
            trial = Trial(identity.id, kind, f"{identity.id} on a backend that {backend.name}")
            if kind == "stale tangent" and not signs:
                trial.equivalent = _why(kind, True)
            else:
                for mode in modes:
                    trial.on_backend(backend(), identity, mode)
            yield trial


def _why(kind: str, zero: bool) -> str:
    """In words, why a mutant that agrees everywhere is no mutant."""
    if zero:
        return "the derivative is 0"
    return {
        "transposed": "one number, or a diagonal: its own transpose",
        "dropped entry": "the value does not depend on the last element",
        "off by one": "all numbers along the axis are equal, or there is only one",
        "dropped term": "a factor 1 or I, or a term 0, that only gives the shape",
        "wrong branch": "both sides agree at the tie, and the derivative is continuous there",
    }.get(kind, UNEXPLAINED)


def unused(results: dict[str, list[Trial]]) -> list[tuple[str, str, str]]:
    """Written reasons that excuse nothing."""
    needed = {t.excuse(judge) for found in results.values() for t in found for judge in t.survives}
    return [key for key, reason in SURVIVORS.items() if reason not in needed]
