"""What the numeric check compares for a rule: its closed forms, on exact balls, against Taylor series of the function.

Every closed form times tangents against the series along them, one argument at a time and all together, and cotangents
times it against the same series; with unit vectors where sizes are small, so that every entry of the Jacobian is seen
both ways. A closed form whose shapes are not those of argument and value is refuted before any number is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from flint import arb

from ..identities import Rule
from ..identities.operators import Operator, indices
from ..strategies.draw import Example
from .arrays import Array, Namespace
from .balls import ENTIRE, NAN, UNBOUNDED, Balls
from .comparisons import Comparison, Comparisons, Refuted, array_words, tangents
from .examples import PRIMAL_STREAM
from .series import SeriesAlgebra, directional
from .tape import Tape, to_ball, values

Direction = dict[str, np.ndarray]


class StrictBalls(Balls):
    """Exact balls in which a singularity at an exact 0 stays undefined: 0·∞ is not 0 in a closed form."""

    def multiply(self, a: arb, b: arb) -> arb:
        """a × b."""
        v = a * b
        return v if v.is_finite() else NAN if a.is_nan() or b.is_nan() else UNBOUNDED

    def divide(self, a: arb, b: arb) -> arb:
        """a ÷ b; undefined for b = 0."""
        return NAN if b.is_zero() else super().divide(a, b)

    def call(self, name: str, *arguments: arb | int) -> arb:
        """A function of the table; undefined where it is singular at 0, and merely too large where an entire one overflows."""
        v = super().call(name, *arguments)
        x = [a for a in arguments if not isinstance(a, int)]
        if name in ENTIRE and all(a.is_finite() for a in x) and not v.is_finite():
            return UNBOUNDED
        return NAN if not v.is_finite() and any(a.is_zero() for a in x) else v

    def power(self, x: arb, n: int | arb) -> arb:
        """x to the power n; undefined where it is singular at 0."""
        v = super().power(x, n)
        return NAN if x.is_zero() and not v.is_finite() else v


def rule_comparisons(
    rule: Rule, example: Example, partials: Mapping[str, Callable[..., Operator]], bits: int
) -> Comparisons:
    """Every closed form in ``partials`` against the series at a precision. Raises Refuted for wrong shapes."""
    names = [name for name in rule.differentiable if name in partials]
    shapes = {name: example.arguments[name].shape for name in names}
    result = Comparisons()
    directions = [{name: v} for j, name in enumerate(names) for v in tangents(example, shapes[name], j)]
    joint = {name: example.along(shapes[name], j) for j, name in enumerate(names)}
    slopes: list[list[arb]] = []
    shape: tuple[int, ...] = ()
    for direction in [*directions, joint]:
        with SeriesAlgebra(bits) as algebra:
            y = _series(rule, example, direction, algebra)
            slopes.append([node.slope for node in y.flat()])
            result.ties, result.jumped, shape = algebra.ties, algebra.jumped, y.shape
    with StrictBalls(None, bits) as balls:
        xp = Namespace(Tape(balls, exact=True))
        closed = _Closed(rule, example, partials, xp, shape, names)
        parts = [closed.forward(direction) for direction in directions]
        for direction, found, expected in zip(directions, parts, slopes, strict=False):
            result.found += [
                Comparison(_where(direction, i), c, s) for i, c, s in zip(indices(shape), found, expected, strict=True)
            ]
        if len(names) > 1:
            whole = [parts[k] for k, direction in enumerate(directions) if _is_drawn(direction, joint)]
            for i, c, s, *terms in zip(indices(shape), closed.forward(joint), slopes[-1], *whole, strict=True):
                result.found.append(Comparison(_where(joint, i), c, s, terms))
        cotangents = tangents(example, shape, PRIMAL_STREAM)
        for name in names:
            own = [(d[name], s) for d, s in zip(directions, slopes, strict=False) if name in d]
            for u in cotangents:
                result.found += _transposed(name, closed.reverse(name, u), u, own)
    return result


def _is_drawn(direction: Direction, joint: Direction) -> bool:
    return all(np.array_equal(v, joint[name]) for name, v in direction.items())


def _where(direction: Direction, index: tuple[int, ...]) -> Callable[[], str]:
    def words() -> str:
        along = ", ".join(f"{name} along {array_words(v)}" for name, v in direction.items())
        return f"component {list(index)} of the derivative by {along}" if index else f"the derivative by {along}"

    return words


def _series(rule: Rule, example: Example, direction: Direction, algebra: SeriesAlgebra) -> Array:
    xp = Namespace(algebra)
    arrays = {name: xp.asarray(x) if isinstance(x, np.ndarray) else x for name, x in example.arguments.items()}
    moving = list(direction)

    def f(*points: Any) -> Any:
        return rule(xp, *{**arrays, **dict(zip(moving, points, strict=True))}.values())

    return directional(algebra, f, [arrays[name] for name in moving], [xp.asarray(v) for v in direction.values()])


class _Closed:
    """The closed forms of a rule at an example, with the shapes of all that they are and give checked."""

    def __init__(
        self,
        rule: Rule,
        example: Example,
        partials: Mapping[str, Callable[..., Operator]],
        xp: Namespace,
        shape: tuple[int, ...],
        names: Sequence[str],
    ) -> None:
        self.xp, self.shape = xp, shape
        arguments = [xp.asarray(x) if isinstance(x, np.ndarray) else x for x in example.arguments.values()]
        self.operators: dict[str, Operator] = {}
        for name in names:
            operator = _called(f"the closed form by {name}", partials[name], xp, *arguments)
            wanted, has = (shape, example.arguments[name].shape), (tuple(operator.out_shape), tuple(operator.in_shape))
            if has != wanted:
                raise Refuted(
                    f"the closed form by {name} maps {has[1]} to {has[0]}, the derivative {wanted[1]} to {wanted[0]}"
                )
            self.operators[name] = operator

    def forward(self, direction: Direction) -> list[arb]:
        """The sum of the closed forms times tangents."""
        columns = []
        for name, v in direction.items():
            what = f"the closed form by {name} times a tangent"
            columns.append(self._values(what, self.operators[name].matvec, v, self.shape))
        balls = self.xp.algebra.balls  # type: ignore[attr-defined]
        return [balls.sum(list(terms)) for terms in zip(*columns, strict=True)]

    def reverse(self, name: str, u: np.ndarray) -> list[arb]:
        """A cotangent times a closed form."""
        operator = self.operators[name]
        return self._values(f"a cotangent times the closed form by {name}", operator.rmatvec, u, operator.in_shape)

    def _values(self, what: str, product: Callable[..., Any], vector: np.ndarray, shape: tuple[int, ...]) -> list[arb]:
        found = _called(what, lambda: self.xp.asarray(product(self.xp, self.xp.asarray(vector))))
        if found.shape != tuple(shape):
            raise Refuted(f"{what} has shape {found.shape}, not {tuple(shape)}")
        return values(found)


def _called(what: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """A call of a closed form, which may not fail on shapes where the rule itself does not."""
    try:
        return function(*arguments)
    except (ValueError, IndexError, TypeError, AttributeError, NotImplementedError) as error:
        raise Refuted(f"{what} fails with {type(error).__name__}: {error}") from error


def _transposed(
    name: str, gradient: list[arb], u: np.ndarray, own: Sequence[tuple[np.ndarray, list[arb]]]
) -> list[Comparison]:
    """⟨uᵀJ, v⟩ against ⟨u, series along v⟩ for every direction v of one argument."""
    found = []
    for v, slope in own:
        left, right = _products(gradient, v), _products(slope, u)
        if not left and not right:
            continue
        where = f"cotangent {array_words(u)} times the derivative by {name} times {array_words(v)}"
        zero = arb(0)
        found.append(Comparison(lambda where=where: where, sum(left, zero), sum(right, zero), [*left, *right]))
    return found


def _products(balls: Sequence[arb], weights: np.ndarray) -> list[arb]:
    return [ball * to_ball(w) for ball, w in zip(balls, weights.reshape(-1), strict=True) if w != 0]
