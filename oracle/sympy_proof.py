"""What is compared in a symbolic check, component by component and region by region.

For a rule: every entry of the closed form with SymPy's derivative, and the operator's products with an arbitrary tangent
and an arbitrary cotangent with its entries. The last catch a transposed operator and a broadcast axis that is not summed.
For a law: both sides of each of its equations, in the same way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..identities import Equal, Holds, Identity, Law, Rule, Unmet
from ..identities.operators import Operator, indices
from ..strategies.domains import reals
from ..strategies.functions import Section, domains_of
from ..strategies.shapes import Assignment, Shape, note_shapes, shape_of
from ..strategies.specs import ArrayInput, FunctionInput
from .arrays import Array
from .sympy_algebra import DefinedFunction, SympyDerivation, SympyNamespace, UnknownFunction, jacobian, regions
from .sympy_equality import Refuted, show_equal


class Proof:
    """The work on one task until ``deadline`` (of ``time.monotonic``); ``regions`` counts those that are done.

    Its methods return where the statement is proved and raise Refuted, Undecided, TimeoutError or what SymPy raises.
    """

    def __init__(self, assignment: Assignment, deadline: float) -> None:
        self.assignment, self.deadline = assignment, deadline
        self.regions = 0

    def of_rule(self, rule: Rule, name: str, partial: Callable[..., Operator]) -> None:
        """The closed form ``partial`` of ∂/∂name against the derivative; where the value jumps nothing is claimed."""

        def statement(xp: SympyNamespace) -> None:
            arguments = self._arguments(xp, rule, {})
            x, y = arguments[name], xp.asarray(rule(xp, *arguments.values()))
            truth = jacobian(xp, y, x).a
            try:
                closed = Components.of(xp, partial(xp, *arguments.values()), y.shape, x.shape)
            except (Unmet, UnknownFunction, Refuted, MemoryError, RecursionError):
                raise
            except Exception as error:
                raise Refuted(f"the closed form raises {type(error).__name__}: {error}") from error
            self._components(xp, truth, closed, f"∂/∂{name}")

        self._everywhere(statement, kinks=not rule.jumps)

    def of_law(self, law: Law, functions: Mapping[str, Section]) -> None:
        """The law's claims about these functions; nothing is claimed where a drawn function has a kink."""

        def statement(xp: SympyNamespace) -> None:
            given = self._arguments(xp, law, functions)
            given |= {name: _bind(xp, name, section) for name, section in functions.items()}
            found = law.function(SympyDerivation(xp), *(given[name] for name in law.inputs))
            claims = found if isinstance(found, tuple) else (found,)
            for number, claim in enumerate(claims, 1):
                self._claim(xp, claim, f"claim {number}" if len(claims) > 1 else "the claim")

        self._everywhere(statement, kinks=not functions)

    def _everywhere(self, statement: Callable[[SympyNamespace], None], *, kinks: bool) -> None:
        for region in regions(kinks=kinks):
            try:
                statement(SympyNamespace(region))
            except Unmet:
                continue
            self.regions += 1

    def _arguments(self, xp: SympyNamespace, identity: Identity, functions: Mapping[str, Section]) -> dict[str, Any]:
        """Symbols for the arrays, the static values of the task, in the order of the inputs."""
        known = note_shapes(identity.inputs, self.assignment)
        domains = domains_of(identity.inputs, functions)
        return {
            name: xp.variable(name, shape_of(spec, known), domains[name])
            if isinstance(spec, ArrayInput)
            else known[name]
            for name, spec in identity.inputs.items()
            if not isinstance(spec, FunctionInput)
        }

    def _claim(self, xp: SympyNamespace, claim: Equal | Holds, what: str) -> None:
        if isinstance(claim, Holds):
            if not claim.true:
                raise Refuted(f"{what}: {claim.what}")
        elif isinstance(claim.left, Operator):
            left = Components.of(xp, claim.left, claim.left.out_shape, claim.left.in_shape)
            self._products(xp, left, f"{what}, left side")
            right = Components.of(xp, claim.right, claim.left.out_shape, claim.left.in_shape)
            self._components(xp, left.entries, right, what)
        else:
            left, right = xp.asarray(claim.left), xp.asarray(claim.right)
            _same_shape(right.shape, left.shape, f"{what}: the right side")
            self._elements(xp, left.flat(), right, f"{what}, element")

    def _components(self, xp: SympyNamespace, truth: Array, found: Components, what: str) -> None:
        self._elements(xp, truth.flat(), found.entries, f"{what}, entry")
        self._products(xp, found, what)

    def _products(self, xp: SympyNamespace, found: Components, what: str) -> None:
        """J v and uᵀ J are the sums of the entries times v and u: then they are so for every v and u."""
        v, u = found.tangent.flat(), found.cotangent.flat()
        matrix = found.entries.elements.reshape(len(u), len(v))
        rows = [xp.algebra.sum([e * t for e, t in zip(row, v, strict=True)]) for row in matrix]
        columns = [xp.algebra.sum([e * t for e, t in zip(column, u, strict=True)]) for column in matrix.T]
        self._elements(xp, rows, found.forward, f"{what}, matvec")
        self._elements(xp, columns, found.backward, f"{what}, rmatvec")

    def _elements(self, xp: SympyNamespace, left: Sequence[Any], right: Array, what: str) -> None:
        for index, a, b in zip(indices(right.shape), left, right.flat(), strict=True):
            if time.monotonic() > self.deadline:
                raise TimeoutError
            show_equal(a, b, f"{what}{list(index) or ''}", xp.algebra)


@dataclass(frozen=True)
class Components:
    """What an operator says of itself: its entries (shape out + in), J v and uᵀ J for symbols v and u."""

    entries: Array
    tangent: Array
    forward: Array
    cotangent: Array
    backward: Array

    @classmethod
    def of(cls, xp: SympyNamespace, operator: Any, out_shape: Shape, in_shape: Shape) -> Components:
        """Evaluate an operator; raises Refuted where it is none, or one between other shapes."""
        if not isinstance(operator, Operator):
            raise Refuted(f"a {type(operator).__name__} is no operator")
        _same_shape(operator.in_shape, in_shape, "the input of the operator")
        _same_shape(operator.out_shape, out_shape, "the output of the operator")
        entries = [xp.asarray(operator.entry(i, j)) for i in indices(out_shape) for j in indices(in_shape)]
        for entry in entries:
            _same_shape(entry.shape, (), "an entry")
        # No input has such a name.
        tangent, cotangent = xp.variable("~v", in_shape, reals), xp.variable("~u", out_shape, reals)
        forward = xp.asarray(operator.matvec(xp, tangent))
        backward = xp.asarray(operator.rmatvec(xp, cotangent))
        _same_shape(forward.shape, out_shape, "matvec")
        _same_shape(backward.shape, in_shape, "rmatvec")
        matrix = xp.wrap([entry.item() for entry in entries], (*out_shape, *in_shape))
        return cls(matrix, tangent, forward, cotangent, backward)


def _same_shape(found: Shape, wanted: Shape, what: str) -> None:
    if tuple(found) != tuple(wanted):
        raise Refuted(f"{what} has shape {found}, not {wanted}")


def _bind(xp: SympyNamespace, name: str, section: Section) -> DefinedFunction:
    """A drawn function with symbols for the arrays among its fixed arguments."""
    fixed = {
        k: xp.variable(f"{name}.{k}", value.shape, section.rule.inputs[k].domain) if hasattr(value, "shape") else value
        for k, value in section.fixed.items()
    }
    return DefinedFunction(xp, Section(section.rule, section.free, fixed), xp.asarray)
