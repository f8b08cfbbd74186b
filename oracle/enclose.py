"""The truth and what a correct library may return: two evaluations of one problem.

The truth T is the problem over exact balls, with more bits until its own error is negligible. The enclosure E is
the problem over balls with rounding injected. At a kink the truth is a set; see ``kinks``.

Where the text is singular but the function is not (√(x²)² at 0), both are those of its regular text, if it has one, and
a component of E is widened by the rounding of the text as written.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flint import arb

from . import constants
from .balls import NAN, Balls, overflown
from .constants import Format
from .orders import Higher
from .problems import Derivative, Outputs, Statement
from .tape import Node, Tape, Undecided

Problem = Derivative | Statement
Thetas = dict[int, arb]


@dataclass
class Exact:
    """The truth: components, and the kinks met: the numbers of their choices, and what decides at them.

    ``normals``: the gradients of the differences whose signs decide, by the numbers of the leaves; ``forms``: the
    differences as linear combinations of nodes that are none themselves. ``imposed``: the normals at imposed kinks.
    ``singular``: some operation has no finite value or derivative here, whether the whole has one or not.
    """

    outputs: Outputs
    choices: list[int]
    normals: list[dict[int, arb]]
    forms: list[dict[int, arb]]
    imposed: dict[int, dict[int, arb]]
    jumped: bool
    singular: bool = False


@dataclass
class Enclosed:
    """Truth and enclosure of all components of a problem in one format.

    ``written``: where ``problem`` is of a regular text, the one of the text as written. ``bounds`` and ``clarke`` keep what
    the verdict makes of these, for all libraries that are asked the same.
    """

    problem: Problem
    model: Format
    flush: bool
    exact: Exact | None
    outputs: Outputs | None
    written: Derivative | None = None
    bounds: list[Any] = field(default_factory=list, init=False)
    clarke: list[Any] = field(default_factory=list, init=False)
    _more: dict[str, list[arb]] = field(default_factory=dict, init=False)

    @property
    def forms(self) -> list[str]:
        """The names of the equal forms beside the closed one, and of the other texts; ``lossy``: by rules of single functions
        that lose accuracy, in higher orders also of the forms, which are differentiated there.
        """
        if not isinstance(self.problem, Derivative):
            return ["lossy"]
        forms = [f"form {k + 1}" for k in range(self.problem.more_forms)]
        lossy = [f"lossy {form}" for form in forms] if isinstance(self.problem, Higher) else []
        return [*forms, *lossy, *(f"text {k + 1}" for k in range(len(self.problem.texts))), "lossy"]

    @property
    def normwise(self) -> bool:
        """Whether the problem is one of linear algebra, where results for nearby matrices are not wrong."""
        return isinstance(self.problem, Derivative) and self.problem.normwise

    @property
    def refusable(self) -> bool:
        """Whether the matrix is numerically singular, one of those nearby being so: a library may refuse it whole."""
        return self.normwise and not all(ball.is_finite() for ball in self.other("normwise"))

    def overflows_in_another_order(self, k: int) -> bool:
        """Whether an intermediate result of component ``k`` may overflow where the order of operations is the library's own."""
        names = ["loose"]
        if isinstance(self.problem, Derivative) and self.problem.reordered is not None:
            names.append(f"text {1 + list(self.problem.texts).index(self.problem.reordered)}")
        return not all(self.other(name)[k].is_finite() for name in names)

    def other(self, name: str) -> list[arb]:
        """A further enclosure, made when first asked for: ``loose`` (constants × 2¹⁰), ``inexact`` (the same, and nothing is
        exact by being representable), ``closed`` (closed forms), ``form k`` (the equal forms of number k; ``lossy form k``:
        with the rules of ``lossy``) or ``text k`` (another text of the function, differentiated by the tape), or ``normwise``:
        the results for all nearby matrices by minors, rounded (``loose normwise``: 2¹⁰ times as far); empty where it is not
        about matrices.
        """
        if name in ("normwise", "loose normwise") and name not in self._more:
            self._more[name] = self._nearby(self.model.looser if name.startswith("loose") else 1.0)
        if name not in self._more:
            lossy, strict = name.startswith("lossy"), name != "inexact"
            form = name.removeprefix("lossy ")
            factor = self.model.looser if name in ("loose", "inexact") else 1.0
            compute = self.problem.on
            if name == "closed":
                if isinstance(self.problem, Derivative) and self.problem.partials is None:
                    self._more[name] = []
                    return []
                compute = self.problem.closed_on
            elif form.startswith("form "):
                assert isinstance(self.problem, Derivative)
                compute = functools.partial(self.problem.closed_on, number=int(form.removeprefix("form ")))
            elif name.startswith("text "):
                assert isinstance(self.problem, Derivative)
                compute = replace(self.problem, function=self.problem.texts[int(name.removeprefix("text ")) - 1]).on
            try:
                found = _rounded(compute, self.model, self.flush, factor, lossy=lossy, strict=strict).balls
                if self.written is not None and name in ("loose", "inexact", "lossy"):
                    written = _rounded(self.written.on, self.model, self.flush, factor, lossy=lossy, strict=strict)
                    found = _joined(written.balls, found)
                self._more[name] = found
            except Undecided:  # a hypothesis that this much rounding may break
                assert self.exact is not None
                self._more[name] = [NAN] * len(self.exact.outputs.balls)
        return self._more[name]

    def _nearby(self, factor: float) -> list[arb]:
        if not isinstance(self.problem, Derivative) or not self.problem.normwise:
            return []
        near = self.problem.nearby(factor * constants.NORMWISE_UNITS * self.model.unit_roundoff)
        with Balls(self.model, constants.INJECTED_BITS, flush=self.flush) as balls, Tape(balls) as tape:
            tape.rounds = False
            return near.on(tape).balls


def exact(compute: Callable[[Tape], Outputs], bits: int, thetas: Thetas | None = None) -> Exact:
    """The components without rounding at a working precision. Raises Undecided where it does not decide a predicate."""
    with Balls(None, bits) as balls, Tape(balls, thetas, exact=True) as tape:
        outputs = compute(tape)
        signed = [(kink.difference, arb(kink.sign)) for kink in tape.kinks]
        normals, forms = [_normal(tape, *one) for one in signed], [_form(tape, *one) for one in signed]
        imposed = {k: _normal(tape, node, balls.one) for k, node in tape.imposed.items()}
        singular = not all(partial.is_finite() for node in tape.nodes for _, partial in node.parents)
        return Exact(outputs, tape.kink_choices, normals, forms, imposed, tape.jumped, singular)


def _normal(tape: Tape, node: Node, sign: arb) -> dict[int, arb]:
    """The gradient of a node times ``sign``, by the numbers of the leaves; a constant has none."""
    if node.index < 0:
        return {}
    flowing = tape.backward({node.index: sign})
    return {
        k: value
        for k, (other, value) in enumerate(zip(tape.nodes, flowing, strict=True))
        if not other.parents and value is not None and not value.is_zero()
    }


def _form(tape: Tape, node: Node, sign: arb) -> dict[int, arb]:
    """A node times ``sign`` as a linear combination, up to a constant, of nodes that are none themselves."""
    pending, found = {node.index: sign}, {}
    while pending:
        k = max(pending)
        weight = pending.pop(k)
        if not (tape.nodes[k].linear and tape.nodes[k].parents):
            found[k] = weight
            continue
        for parent, partial in tape.nodes[k].parents:
            pending[parent.index] = pending.get(parent.index, arb(0)) + weight * partial
    return {k: weight for k, weight in found.items() if not weight.is_zero()}


def _rounded(
    compute: Callable[[Tape], Outputs],
    model: Format,
    flush: bool,
    factor: float = 1.0,
    thetas: Thetas | None = None,
    *,
    lossy: bool = False,
    strict: bool = True,
) -> Outputs:
    with (
        Balls(model, constants.INJECTED_BITS, factor=factor, flush=flush, strict=strict) as balls,
        Tape(balls, thetas, lossy=lossy) as tape,
    ):
        return compute(tape)


def rounded(
    problem: Problem, model: Format, flush: bool, thetas: Thetas | None = None, *, factor: float = 1.0
) -> Outputs:
    """What rounding may make of the components; ``factor`` multiplies its constants."""
    return _rounded(problem.on, model, flush, factor, thetas)


def enclose(problem: Problem, model: Format, *, flush: bool = False) -> Enclosed:
    """Truth and enclosure of a problem, made once. ``exact`` is None where a predicate stays undecided: nothing is claimed
    then.
    """
    key = (model.name, flush)
    if key not in problem.enclosed:
        problem.enclosed[key] = _enclose(problem, model, flush)
    return problem.enclosed[key]


def _enclose(problem: Problem, model: Format, flush: bool) -> Enclosed:
    try:
        outputs = rounded(problem, model, flush)
    except Undecided:
        outputs = None
    bits = constants.EXACT_BITS
    while bits <= constants.EXACT_BITS_LIMIT:
        try:
            found = exact(problem.on, bits)
        except Undecided:
            bits *= 2
            continue
        kinked = found.choices and not found.jumped
        if isinstance(problem, Derivative) and kinked and problem.settled(found.outputs.balls, bits):
            found = replace(found, choices=[])
        elif isinstance(problem, Derivative) and problem.regular is not None and found.singular:
            return _by_regular_text(problem, outputs, model, flush)
        if outputs is None or _sharp(found.outputs.balls, outputs.balls, model):
            if isinstance(problem, Statement):
                found.outputs.balls = problem.claimed(found.outputs)
            return Enclosed(problem, model, flush, found, outputs)
        bits *= 2
    return Enclosed(problem, model, flush, None, outputs)


def _by_regular_text(problem: Derivative, outputs: Outputs | None, model: Format, flush: bool) -> Enclosed:
    """The problem of the regular text; ``outputs``: what rounding may make of the text as written."""
    assert problem.regular is not None
    enclosed = enclose(replace(problem, function=problem.regular, regular=None), model, flush=flush)
    if outputs is None or enclosed.outputs is None:
        return replace(enclosed, outputs=None)
    joined = replace(enclosed.outputs, balls=_joined(outputs.balls, enclosed.outputs.balls))
    return replace(enclosed, outputs=joined, written=problem)


def _joined(written: list[arb], regular: list[arb]) -> list[arb]:
    """What two texts of one function may give. At a singularity the text as written has no bound, and has no say: what
    may overflow, which is NaN, remains NaN.
    """
    return [
        w.union(r) if w.is_finite() and r.is_finite() else w if w.is_nan() or overflown(w) else r
        for w, r in zip(written, regular, strict=True)
    ]


def _sharp(truth: list[arb], allowed: list[arb], model: Format) -> bool:
    """Whether the truth's own error is negligible wherever something is claimed."""
    for t, e in zip(truth, allowed, strict=True):
        if not e.is_finite() or t.is_exact():
            continue
        if not t.is_finite():
            return False
        if t.rad() > constants.NEGLIGIBLE * (e.rad() + abs(t.mid()) * model.ulp):
            return False
    return True
