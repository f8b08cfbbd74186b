"""What is to be judged, as a computation on a tape: a rule's or a law's components at one example.

A *problem* names its components in order and computes them on any tape: the same computation gives the truth (exact
balls), the enclosure (balls with rounding), the equal forms, and the values at the branches of a kink.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flint import arb

from ..identities import Equal, Holds, Law, Rule
from ..identities.operators import Operator
from .arrays import Array, Namespace
from .balls import NAN
from .derivative import Derivation, TapeDerivation, bind, seeds_of
from .nested_derivation import NestedDerivation
from .tape import Tape, to_ball, values


@dataclass(frozen=True)
class Label:
    """The name of a component: ``primal`` or the argument or claim it belongs to, and its index there."""

    part: str
    index: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.part}[{', '.join(map(str, self.index))}]" if self.index else self.part


def labels(part: str, shape: tuple[int, ...]) -> list[Label]:
    """The labels of an array's components in row-major order."""
    return [Label(part, index) for index in np.ndindex(*shape)]


def _balls(x: np.ndarray, radius: Any) -> np.ndarray:
    """The numbers as balls of a radius, or of radii of the same shape."""
    made = np.empty(x.shape, object)
    radii = np.broadcast_to(radius, x.shape).reshape(-1)
    made.reshape(-1)[:] = [arb(float(v), float(r)) for v, r in zip(x.reshape(-1), radii, strict=True)]
    return made


@dataclass
class Outputs:
    """Named balls; ``facts`` counts the claims that are no numbers and are put to backends as well.

    ``mathematics_alone``: nothing at all is put to backends.
    """

    labels: list[Label]
    balls: list[arb]
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    facts: int = 0
    mathematics_alone: bool = False

    def add(self, part: str, shape: tuple[int, ...], balls: Sequence[arb]) -> None:
        """Append an array's components."""
        self.shapes[part] = shape
        self.labels += labels(part, shape)
        self.balls += balls


@dataclass(frozen=True)
class Derivative:
    """The primal value of ``function(xp, *arguments)`` and its JVP or VJP.

    ``arguments``: arrays or static values; ``wrt``: names differentiated; ``tangents`` (forward) or ``cotangent``
    (reverse) as NumPy arrays. ``partials``: closed forms, the second equal form of the derivative;
    ``forms``: further ones; ``texts``: other texts of the function; ``reordered``: the one of these in the order in which
    most overflows; ``regular``: the one without its singularities.
    ``enclosed`` keeps what ``enclose`` made of it.
    """

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    wrt: tuple[str, ...]
    mode: str
    tangents: Mapping[str, np.ndarray]
    cotangent: np.ndarray | None
    partials: Mapping[str, Callable[..., Operator]] | None = None
    out_shape: tuple[int, ...] = ()
    forms: Mapping[str, Sequence[Callable[..., Operator]]] = field(default_factory=dict)
    normwise: bool = False
    texts: Sequence[Callable[..., Any]] = ()
    reordered: Callable[..., Any] | None = None
    regular: Callable[..., Any] | None = None
    enclosed: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        rule: Rule,
        arguments: Mapping[str, Any],
        wrt: Sequence[str],
        mode: str,
        tangents: Mapping[str, np.ndarray],
        cotangent: np.ndarray | None,
        out_shape: tuple[int, ...],
    ) -> Derivative:
        """The derivative of a rule's function, with all that the rule says of it."""
        return cls(
            rule.function,
            arguments,
            tuple(wrt),
            mode,
            tangents,
            cotangent,
            rule.partials,
            out_shape,
            rule.forms,
            rule.normwise,
            rule.texts,
            rule.reordered,
            rule.regular,
        )

    @property
    def more_forms(self) -> int:
        """How many equal forms there are beside the closed one."""
        return max(map(len, self.forms.values()), default=0)

    def nearby(self, unit: float) -> Derivative:
        """The problem for all A + ΔA with |ΔA| ≤ ``unit``·n·max|A|, n the larger size of the matrix A, as balls, and for all
        directions with elements as near, relatively: of eigenvalues, say, whose sum is linear, no one is.
        """
        widened: dict[str, Any] = dict(self.arguments)
        for name in self.wrt:
            x = np.asarray(self.arguments[name])
            if x.size:
                widened[name] = _balls(x, unit * max(x.shape[-2:], default=1) * float(np.max(np.abs(x))))
        tangents = {name: _balls(v, unit * np.abs(v)) for name, v in self.tangents.items()}
        cotangent = None if self.cotangent is None else _balls(self.cotangent, unit * np.abs(self.cotangent))
        return replace(self, arguments=widened, tangents=tangents, cotangent=cotangent)

    def settled(self, truth: Sequence[arb], bits: int) -> bool:
        """Whether the derivative exists at a kink all the same, which a first derivative's Clarke set says by itself."""
        return False

    def note_shapes(self, outputs: Outputs) -> None:
        """Nothing to note: the shape of the output is given."""

    def lifted_on(self, tape: Tape, *, leaves: bool) -> tuple[Namespace, dict[str, Any]]:
        xp = Namespace(tape)
        lifted: dict[str, Any] = {}
        for name, argument in self.arguments.items():
            if not isinstance(argument, np.ndarray):
                lifted[name] = argument
            elif leaves and name in self.wrt:
                lifted[name] = xp.wrap([tape.variable(v) for v in argument.reshape(-1)], argument.shape)
            else:
                lifted[name] = xp.asarray(argument)
        return xp, lifted

    def on(self, tape: Tape) -> Outputs:
        """The components by the function's own text, differentiated by the tape."""
        xp, lifted = self.lifted_on(tape, leaves=True)
        y = xp.asarray(self.function(xp, *lifted.values()))
        result = Outputs([], [])
        result.add("primal", y.shape, values(y))
        zero = tape.balls.zero
        if self.mode == "forward":
            seeds = {
                node.index: to_ball(v)
                for name in self.wrt
                for node, v in zip(lifted[name].flat(), self.tangents[name].reshape(-1), strict=True)
            }
            flowing = tape.forward(seeds)
            found = [flowing[node.index] if node.index >= 0 else None for node in y.flat()]
            result.add("jvp", y.shape, [zero if v is None else v for v in found])
            return result
        assert self.cotangent is not None
        flowing = tape.backward(seeds_of(tape, y, [to_ball(v) for v in self.cotangent.reshape(-1)]))
        for name in self.wrt:
            found = [flowing[node.index] for node in lifted[name].flat()]
            result.add(name, lifted[name].shape, [zero if v is None else v for v in found])
        return result

    def operators(self, xp: Any, lifted: Mapping[str, Any], number: int = 0) -> dict[str, Operator]:
        """The closed forms at lifted arguments, or each argument's equal form ``number`` where it has one."""
        assert self.partials is not None
        chosen = {name: [self.partials[name], *self.forms.get(name, ())] for name in self.wrt}
        return {name: them[min(number, len(them) - 1)](xp, *lifted.values()) for name, them in chosen.items()}

    def closed_on(self, tape: Tape, number: int = 0) -> Outputs:
        """The derivative's components by the closed forms, or with each argument's equal form ``number`` where it has one."""
        assert self.partials is not None
        xp, lifted = self.lifted_on(tape, leaves=False)
        y = xp.asarray(self.function(xp, *lifted.values()))
        result = Outputs([], [])
        result.add("primal", y.shape, values(y))
        operators = self.operators(xp, lifted, number)
        if self.mode == "forward":
            terms = [operators[name].matvec(xp, xp.asarray(self.tangents[name])) for name in self.wrt]
            flat = [tape.balls.sum(list(column)) for column in zip(*(values(t) for t in terms), strict=True)]
            result.add("jvp", y.shape, flat)
            return result
        for name in self.wrt:
            gradient = operators[name].rmatvec(xp, xp.asarray(self.cotangent))
            result.add(name, gradient.shape, values(gradient))
        return result


@dataclass(frozen=True)
class Statement:
    """Both sides of a law's equations at an example, applied to a tangent (forward) or a cotangent (reverse)."""

    law: Law
    arguments: Mapping[str, Any]
    functions: Mapping[str, Any]
    mode: str
    along: Callable[[tuple[int, ...], int], np.ndarray]
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    enclosed: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def note_shapes(self, outputs: Outputs) -> None:
        """Remember the shapes of all sides."""
        self.shapes.update(outputs.shapes)

    def claims(self, D: Any, xp: Any, convert: Callable[[Any], Any]) -> list[Equal | Holds]:
        """The law's claims under a meaning of D."""
        lifted: dict[str, Any] = dict(bind(xp, self.functions, convert))
        for name, value in self.arguments.items():
            lifted[name] = convert(value) if isinstance(value, np.ndarray) else value
        found = self.law.function(D, *(lifted[name] for name in self.law.inputs))
        return list(found) if isinstance(found, tuple) else [found]

    def applied(self, xp: Any, side: Any, number: int, convert: Callable[[Any], Any]) -> Any:
        """A side as an array: an operator's product with the drawn direction, or the side itself."""
        if not isinstance(side, Operator):
            return side
        if self.mode == "forward":
            return side.matvec(xp, convert(self.along(side.in_shape, number)))
        return side.rmatvec(xp, convert(self.along(side.out_shape, number)))

    def on(self, tape: Tape, *, closed: bool = False) -> Outputs:
        """The components of both sides: ``left 0``, ``right 0``, ``left 1``, …"""
        D, down = self.derivation(tape, closed=closed)
        xp = D.xp
        result = Outputs([], [])
        claims = self.claims(D, xp, xp.asarray)
        result.mathematics_alone = all(isinstance(claim, Holds) and claim.exact for claim in claims)
        for number, claim in enumerate(claims):
            if isinstance(claim, Equal):
                for name, side in (("left", claim.left), ("right", claim.right)):
                    array: Array = down(self.applied(xp, side, number, xp.asarray))
                    result.add(f"{name} {number}", array.shape, values(array))
                continue
            if not claim.true:
                raise AssertionError(f"{self.law.id}: {claim.what}")
            result.facts += not claim.exact
        return result

    @staticmethod
    def claimed(outputs: Outputs) -> list[arb]:
        """The balls, NaN where one side has no value: there an equation says nothing. (x/x)′ at 0 is not 0 · x′ / 0²."""
        places = [(label.part.partition(" ")[2], label.index) for label in outputs.labels]
        undefined = {place for place, ball in zip(places, outputs.balls, strict=True) if not ball.is_finite()}
        return [NAN if place in undefined else ball for place, ball in zip(places, outputs.balls, strict=True)]

    def derivation(self, tape: Tape, *, closed: bool) -> tuple[Derivation, Callable[[Any], Array]]:
        """What D means on a tape, and how an array of its namespace becomes one of the tape's nodes."""
        xp = Namespace(tape)
        D = TapeDerivation(xp, tape, closed=closed, mode=self.mode)
        if self.law.order == 1:
            return D, xp.asarray
        nested = NestedDerivation(D, closed=closed)
        return nested, nested.down

    def closed_on(self, tape: Tape) -> Outputs:
        """The same with the closed forms for the derivatives of catalogue functions."""
        return self.on(tape, closed=True)
