"""Derivatives of higher order: derivatives of a derivative, in every nesting of forward and reverse mode.

The inner derivative h(x) is J(x)·v, or J(x)ᵀ·u by one argument; a library's derivative of h is judged. The truth is the
derivative of the rule's closed form. What rounding may do is taken from the function's own text: duals give the tangent as
nodes of a tape, which sweeps once more. Where mixed partial derivatives exist their order does not matter, so that the
tangent of a cotangent is enclosed as the cotangent of a tangent.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb

from ..identities.operators import Operator, total
from .arrays import Array, Namespace
from .balls import NAN, Balls, is_unbounded
from .derivative import seeds_of
from .duals import Dual, DualAlgebra
from .modes import HESSIAN, SECOND, nesting
from .problems import Derivative, Outputs
from .tape import Tape, Undecided, to_ball, values

LARGEST_HESSIAN = 8
"""Elements of the argument of a Hessian, which has the square of this many entries."""


MOST_KINKS = 2
"""Every kink has two sides and a middle; of more kinks together nothing is claimed."""

_COMMON = ("function", "arguments", "wrt", "partials", "forms", "texts", "reordered", "normwise", "regular")


@dataclass(frozen=True)
class Higher(Derivative):
    """The derivative of a derivative of ``function``. ``mode``, ``tangents``, ``cotangent``, ``out_shape`` are the outermost's.

    ``nested``: the whole mode; ``by``: the argument by which an inner reverse mode differentiates; ``inner_tangents``: of
    all arguments, for each inner forward mode from the innermost outwards; ``inner_cotangent``: of the function's value.
    """

    nested: str = SECOND[0]
    by: str = ""
    inner_tangents: Sequence[Mapping[str, np.ndarray]] = ()
    inner_cotangent: np.ndarray | None = None

    @property
    def tells(self) -> bool:
        """Whether there is something to judge: an empty Hessian says nothing, a large one nothing more."""
        return self.nested != HESSIAN or 0 < self.arguments[self.by].size <= LARGEST_HESSIAN

    @property
    def inner_mode(self) -> str:
        """The innermost mode."""
        return nesting(self.nested)[-1]

    def on(self, tape: Tape) -> Outputs:
        """The truth by the closed form on an exact tape, else what rounding may do to the function's own text.

        Where that text is singular and the function is not, as an entry with a regular text says, the closed form speaks.
        """
        if tape.exact:
            # Where the function jumps there is no derivative, of which the closed form need not know.
            with Tape(tape.balls, exact=True) as beside:
                xp, lifted = self.lifted_on(beside, leaves=True)
                self.function(xp, *lifted.values())
                tape.jumped |= beside.jumped
            return self.closed_on(tape)
        if self.regular is None:
            return self._text_on(tape)
        tape.balls.keeps_singularities = True
        written = self._text_on(tape)
        tape.balls.keeps_singularities = False
        if all(ball.is_finite() for ball in written.balls):
            return written
        closed = self.closed_on(tape).balls
        pairs = zip(written.balls, closed, strict=True)
        return replace(written, balls=[c if is_unbounded(w) else w for w, c in pairs])

    def settled(self, truth: Sequence[arb], bits: int) -> bool:
        """Whether the derivative exists at a kink of the closed form or of the text: each side of each kink gives ``truth``.

        Of a component for which the text has no number nothing is claimed, or the closed form speaks.
        """
        if self.nested == HESSIAN:  # meets every kink once for each column; the nestings tell as much
            return False
        try:
            return all(
                _agree(v, t) or (compute == self._text_on and not v.is_finite())
                for compute in (self.closed_on, self._text_on)
                for found in self._on_all_sides(compute, bits)
                for v, t in zip(found, truth, strict=True)
            )
        except Undecided:
            return False

    def _on_all_sides(self, compute: Callable[[Tape], Outputs], bits: int) -> Iterator[list[arb]]:
        """The components with every kink on each of its sides and in its middle. Raises Undecided where they are too many."""
        with Balls(None, bits) as balls:
            with Tape(balls, exact=True) as tape:
                compute(tape)
            if len(tape.kink_choices) > MOST_KINKS:
                raise Undecided(f"{len(tape.kink_choices)} kinks")
            for sides in itertools.product((balls.zero, balls.one / 2, balls.one), repeat=len(tape.kink_choices)):
                balls.keeps_singularities = self.regular is not None
                with Tape(balls, dict(zip(tape.kink_choices, sides, strict=True)), exact=True) as imposed:
                    found = compute(imposed).balls
                yield found

    # By the closed form.

    def _slope(self, number: int) -> Callable[..., Any]:
        """h as a function of a namespace and all arguments, by the closed forms (or equal forms) of the rule."""
        assert self.partials is not None
        forms = {name: [self.partials[name], *self.forms.get(name, ())] for name in self.wrt}

        def h(xp: Any, *arguments: Any) -> Any:
            def operator(name: str) -> Operator:
                return forms[name][min(number, len(forms[name]) - 1)](xp, *arguments)

            if self.inner_mode == "reverse":
                return operator(self.by).rmatvec(xp, xp.asarray(self.inner_cotangent))
            first = self.inner_tangents[0]
            return total(operator(name).matvec(xp, xp.asarray(first[name])) for name in self.wrt)

        return h

    def closed_on(self, tape: Tape, number: int = 0) -> Outputs:
        xp, lifted = self.lifted_on(tape, leaves=True)
        h = _Along(self._slope(number), lifted, self.wrt, self.inner_tangents[1:]).value(xp)
        result = Outputs([], [])
        result.add("primal", h.shape, values(h))
        self._sweep(tape, lifted, h, result)
        return result

    def _sweep(self, tape: Tape, lifted: Mapping[str, Any], h: Array, result: Outputs) -> None:
        """The derivative of h, which the tape has recorded."""
        if self.nested == HESSIAN:
            columns = [self._forward(tape, lifted, h, unit) for unit in self._units()]
            entries = [column[i] for i in range(len(h.flat())) for column in columns]
            result.add(HESSIAN, h.shape + lifted[self.by].shape, entries)
        elif self.mode == "forward":
            result.add("jvp", h.shape, self._forward(tape, lifted, h, self.tangents))
        else:
            assert self.cotangent is not None
            self._backward(tape, lifted, h, self.cotangent, self.wrt, result)

    def _units(self) -> list[dict[str, np.ndarray]]:
        x = self.arguments[self.by]
        return [{self.by: (np.arange(x.size) == k).astype(float).reshape(x.shape)} for k in range(x.size)]

    def _forward(self, tape: Tape, lifted: Mapping[str, Any], h: Array, tangents: Mapping[str, np.ndarray]) -> list:
        seeds = {
            node.index: to_ball(t)
            for name, along in tangents.items()
            for node, t in zip(lifted[name].flat(), along.reshape(-1), strict=True)
        }
        flowing, zero = tape.forward(seeds), tape.balls.zero
        found = [flowing[node.index] if node.index >= 0 else None for node in h.flat()]
        return [zero if v is None else v for v in found]

    def _backward(
        self,
        tape: Tape,
        lifted: Mapping[str, Any],
        h: Array,
        cotangent: np.ndarray,
        names: Sequence[str],
        result: Outputs,
        part: str = "",
    ) -> None:
        flowing = tape.backward(seeds_of(tape, h, [to_ball(u) for u in cotangent.reshape(-1)]))
        zero = tape.balls.zero
        for name in names:
            found = [flowing[node.index] for node in lifted[name].flat()]
            result.add(part or name, lifted[name].shape, [zero if v is None else v for v in found])

    # By the function's own text.

    def _text_on(self, tape: Tape) -> Outputs:
        xp, lifted = self.lifted_on(tape, leaves=True)
        result = Outputs([], [])
        if self.inner_mode == "forward":
            h = _Along(self.function, lifted, self.wrt, self.inner_tangents).value(xp)
            result.add("primal", h.shape, values(h))
            self._sweep(tape, lifted, h, result)
            return result
        assert self.inner_cotangent is not None
        y = xp.asarray(self.function(xp, *lifted.values()))
        self._backward(tape, lifted, y, self.inner_cotangent, [self.by], result, "primal")
        if self.nested == HESSIAN:
            columns = Outputs([], [])
            for unit in self._units():
                self._mixed(xp, lifted, unit, [self.by], columns)
            size = self.arguments[self.by].size
            entries = [columns.balls[j * size + i] for i in range(size) for j in range(size)]
            if not all(entry.is_finite() for entry in entries):
                # In another order of differentiation a plain 0 is 0 times what may overflow here.
                entries = [NAN if entry.is_zero() else entry for entry in entries]
            result.add(HESSIAN, lifted[self.by].shape * 2, entries)
        elif self.mode == "forward":
            self._mixed(xp, lifted, self.tangents, [self.by], result, "jvp")
        else:
            assert self.cotangent is not None
            self._mixed(xp, lifted, {self.by: self.cotangent}, self.wrt, result)
        return result

    def _mixed(
        self,
        xp: Namespace,
        lifted: Mapping[str, Any],
        along: Mapping[str, np.ndarray],
        names: Sequence[str],
        result: Outputs,
        part: str = "",
    ) -> None:
        """The cotangents of ``names`` under the function's tangent along a direction."""
        tape = xp.algebra
        assert isinstance(tape, Tape)
        assert self.inner_cotangent is not None
        h = _Along(self.function, lifted, tuple(along), [along]).value(xp)
        self._backward(tape, lifted, h, self.inner_cotangent, names, result, part)


def _agree(a: arb, b: arb) -> bool:
    return a.is_finite() and b.is_finite() and a.overlaps(b)


class _Along:
    """The derivative of a function along directions, one after another, as an array of nodes of a tape."""

    def __init__(
        self,
        function: Callable[..., Any],
        lifted: Mapping[str, Any],
        moving: Sequence[str],
        directions: Sequence[Mapping[str, np.ndarray]],
    ) -> None:
        self.function, self.lifted, self.moving, self.directions = function, lifted, moving, directions

    def value(self, xp: Namespace) -> Array:
        """The derivative in the namespace of the tape; the function itself where there is no direction."""
        spaces = [xp]
        for _ in self.directions:
            spaces.append(Namespace(DualAlgebra(spaces[-1].algebra)))
        top = spaces[-1]
        arguments = {name: self._moved(spaces, name, x) for name, x in self.lifted.items()}
        y = top.asarray(self.function(top, *arguments.values()))
        for space in reversed(spaces[:-1]):
            nodes = [space.algebra.lift(0) if dual.tangent is None else dual.tangent for dual in y.flat()]
            y = space.wrap(nodes, y.shape)
        return y

    def _moved(self, spaces: Sequence[Namespace], name: str, x: Any) -> Any:
        if not isinstance(x, Array):
            return x
        scalars = x.flat()
        for space, direction in zip(spaces[1:], self.directions, strict=True):
            algebra = space.algebra
            assert isinstance(algebra, DualAlgebra)
            along = direction[name].reshape(-1) if name in direction and name in self.moving else [None] * len(scalars)
            scalars = [
                Dual(algebra, s, None if t is None else algebra.base.lift(t))
                for s, t in zip(scalars, along, strict=True)
            ]
        return spaces[-1].wrap(scalars, x.shape)


def higher(problem: Derivative, nested: str, along: Callable[[tuple[int, ...], int], np.ndarray], by: str) -> Higher:
    """A first-order problem differentiated further in the nesting ``nested``.

    ``along(shape, stream)`` draws directions; ``by`` is the argument of an inner reverse mode.
    """
    outer, *_, inner = nesting(nested)
    common = {k: getattr(problem, k) for k in _COMMON}

    def tangents(stream: int) -> dict[str, np.ndarray]:
        return {name: along(problem.arguments[name].shape, stream + k) for k, name in enumerate(problem.wrt)}

    reverse = inner == "reverse"
    shape = problem.arguments[by].shape if reverse else problem.out_shape
    depth = len(nesting(nested)) - 1
    return Higher(
        **common,
        mode=outer,
        tangents=tangents(200) if outer == "forward" else {},
        cotangent=along(shape, 98) if outer == "reverse" else None,
        out_shape=shape,
        nested=nested,
        by=by if reverse else "",
        inner_tangents=() if reverse else [tangents(300 + 100 * k) for k in range(depth)],
        inner_cotangent=along(problem.out_shape, 99) if reverse else None,
    )
