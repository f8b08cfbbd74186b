"""Automatic differentiation over balls: one linearised graph, swept forwards for the JVP and backwards for the VJP.

Evaluating a function on a tape records, for every operation, its value and its local partial derivatives, all as balls of
one arithmetic (``Balls``). With a rounding model the sweeps inject the rounding error of every multiplication and
addition that a library makes; without one they enclose the exact derivative.

Predicates are decided on the values. An exact tie of a continuous choice is a *kink*: its one multiplier θ, the weight of
the branch taken where the predicate holds, is shared by everything that depends on it. Where rounding may tip a
predicate either way, both branches are allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from flint import arb

from .arrays import Algebra, Array
from .balls import NAN, UNBOUNDED, Balls, nearest
from .elementary import FUNCTIONS, SEVERAL
from .nodes import Kink, Node, Predicate, Undecided, to_ball

EITHER = arb(0.5, 0.5)


class Tape(Algebra):
    """The algebra of nodes. ``thetas`` gives the multiplier of each kink by its number; others follow the convention.

    As a context manager it lets go of its nodes at the end. They refer to it, and would otherwise wait for the cyclic
    garbage collector.
    """

    def __init__(
        self, balls: Balls, thetas: Mapping[int, arb] | None = None, *, exact: bool = False, lossy: bool = False
    ) -> None:
        self.lossy = lossy
        self.balls = balls
        self.thetas = thetas or {}
        self.exact = exact
        self.nodes: list[Node] = []
        self.kinks: list[Kink] = []
        self.choices = 0
        self.kink_choices: list[int] = []
        self.imposed: dict[int, Node] = {}
        self.jumped = False
        self.rounds = balls.model is not None
        self.unknown = Node(self, UNBOUNDED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kinks.clear()
        self.imposed.clear()
        while self.nodes:  # the last first: none is left alone with all that it was made of
            self.nodes.pop()

    def magnitude(self, x: Node) -> float:
        return abs(float(x.value.mid()))

    def is_invertible(self, x: Node) -> bool:
        return bool(x.value > 0 or x.value < 0)

    def record(self, node: Node) -> int:
        """The number of a node that depends on a leaf."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def leaf(self, value: arb) -> Node:
        """A variable."""
        node = Node(self, value)
        node.index = self.record(node)
        return node

    def variable(self, value: Any) -> Node:
        """A leaf for a number of the example."""
        return self.leaf(self._given(value))

    def _given(self, value: Any) -> arb:
        """A number as the library gets it: exact; but where subnormal ones are lost it may be 0."""
        ball = to_ball(value)
        model = self.balls.model
        if model is not None and not self.balls.gradual and not ball.is_zero() and abs(ball) < model.smallest_normal:
            return ball.union(arb(0))
        return ball

    def lift(self, value: Any) -> Node:
        if isinstance(value, Node):
            return value if value.tape is self else Node(self, value.value)
        return Node(self, self._given(value))

    @property
    def pi(self) -> Node:
        return Node(self, self.balls.pi)

    def call(self, name: str, *arguments: Any) -> Node:
        A = self.balls
        nodes = [a if isinstance(a, int) else self.lift(a) for a in arguments]
        points = tuple(a if isinstance(a, int) else a.value for a in nodes)
        y = A.call(name, *points)
        if not any(isinstance(a, Node) and a.index >= 0 for a in nodes):
            return Node(self, y)
        slopes = (FUNCTIONS.get(name) or SEVERAL[name]).partials(A, points, y, lossy=self.lossy)
        pairs = [(a, NAN if s is None else s) for a, s in zip(nodes, slopes, strict=True) if isinstance(a, Node)]
        return Node(self, y, pairs)

    def whole(self, x: Node) -> int | None:
        return nearest(x.value)

    def power(self, x: Any, y: Any) -> Node:
        A = self.balls
        x = self.lift(x)
        if isinstance(y, int):
            if y == 0:
                return Node(self, A.one)
            partial = A.multiply(arb(y), A.power(x.value, y - 1)) if x.index >= 0 else A.zero
            return Node(self, A.power(x.value, y), [(x, partial)])
        y = self.lift(y)
        value = A.power(x.value, y.value)
        parents = []
        if x.index >= 0:
            parents.append((x, A.multiply(y.value, A.power(x.value, A.subtract(y.value, A.one)))))
        if y.index >= 0:
            parents.append((y, A.multiply(value, A.call("log", x.value))))
        return Node(self, value, parents)

    def saved(self, value: Node, slopes: Sequence[tuple[Node, Node]]) -> Node:
        return Node(self, value.value, [(x, slope.value) for x, slope in slopes])

    def sum(self, terms: Sequence[Node]) -> Node:
        one = self.balls.one
        return Node(self, self.balls.sum([term.value for term in terms]), [(term, one) for term in terms], linear=True)

    def compare(self, kind: str, x: Any, y: Any) -> Predicate:
        difference = self._difference(y, x) if kind in ("<", "<=") else self._difference(x, y)
        d = difference.value
        strict = kind in (">", "<", "!=")
        if d.is_zero():
            return Predicate(kind, difference, not strict, True)
        state = None
        if d.is_finite() and (d > 0 or d < 0):
            state = kind == "!=" or (kind != "==" and d > 0)
        elif self.exact:
            raise Undecided(f"{d} {kind} 0")
        return Predicate(kind, difference, state, False)

    def _difference(self, x: Any, y: Any) -> Node:
        """x − y without rounding: a comparison of two numbers of the format is exact."""
        x, y = self.lift(x), self.lift(y)
        one = self.balls.one
        return Node(self, x.value - y.value, [(x, one), (y, -one)], linear=True)

    def select(self, predicate: Any, x: Callable[[], Any], y: Callable[[], Any]) -> Node:
        a, b = self.lift(x()), self.lift(y())
        number, self.choices = self.choices, self.choices + 1
        if isinstance(predicate, bool):
            return a if predicate else b
        if number in self.thetas:
            # The exact evaluation met a kink here: its multiplier is imposed, whatever rounding did.
            theta, self.imposed[number] = self.thetas[number], predicate.difference
            value = a.value if a.value.is_exact() and a.value == b.value else _either(a.value, b.value)
            return Node(self, value, [(a, theta), (b, 1 - theta)])
        if predicate.tie and a is not b:
            return self._at_tie(number, predicate, a, b)
        if predicate.state is not None:
            chosen, other = (a, b) if predicate.state else (b, a)
            if self.exact or self.balls.model is None or other.index < 0:
                return chosen
            # A library multiplies what flows through the other branch by 0: where that overflows it has a NaN.
            return Node(self, chosen.value, [(chosen, self.balls.one), (other, self.balls.zero)])
        value = _either(a.value, b.value)
        return Node(self, value, [(a, EITHER), (b, EITHER)])

    def _at_tie(self, number: int, predicate: Predicate, a: Node, b: Node) -> Node:
        chosen = a if predicate.state else b
        gap = a.value - b.value
        if gap.is_zero():
            if a.index < 0 and b.index < 0:
                return chosen
            if predicate.difference.index >= 0:
                self.kinks.append(Kink(predicate.difference, 1 if predicate.kind in (">", ">=", "<", "<=") else 0))
                self.kink_choices.append(number)
            return Node(self, chosen.value, [(chosen, self.balls.one)])
        if self.exact and gap.contains(0):
            raise Undecided(f"{a.value} and {b.value} at a tie")
        # The value jumps: no derivative exists, and nothing is claimed of what depends on it.
        self.jumped = True
        return Node(self, chosen.value, [(predicate.difference, NAN), (chosen, self.balls.one)])

    # Sweeps.

    def forward(self, tangents: Mapping[int, arb]) -> list[arb | None]:
        """Tangents of all nodes, given those of leaves by number; None where nothing flows."""
        A = self.balls
        result: list[arb | None] = [None] * len(self.nodes)
        for k, node in enumerate(self.nodes):
            if not node.parents:
                result[k] = tangents.get(k)
                continue
            terms = []
            for parent, partial in node.parents:
                flowing = result[parent.index]
                if flowing is not None:
                    terms.append(A.multiply(partial, flowing))
            result[k] = A.sum(terms) if terms else None
        return result

    def backward(self, cotangents: Mapping[int, arb]) -> list[arb | None]:
        """Cotangents of all nodes, given those of outputs by number; None where nothing flows."""
        A = self.balls
        # Of a tape that holds many runs of a function, a sweep reaches few nodes.
        arriving = {k: [value] for k, value in cotangents.items()}
        result: list[arb | None] = [None] * len(self.nodes)
        for k in range(len(self.nodes) - 1, -1, -1):
            if k not in arriving:
                continue
            flowing = result[k] = A.sum(arriving.pop(k))
            for parent, partial in self.nodes[k].parents:
                arriving.setdefault(parent.index, []).append(A.multiply(flowing, partial))
        return result


def _either(a: arb, b: arb) -> arb:
    """Either of two values."""
    return a.union(b) if a.is_finite() and b.is_finite() else NAN


def values(x: Array) -> list[arb]:
    """The values of the nodes of an array."""
    return [node.value for node in x.flat()]
