"""The reference backend with one mistake: wrong derivatives, or a bad habit in how it handles its arguments."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from equivalence import Form
from gradlaw.backends.reference import Reference
from gradlaw.identities import Rule
from gradlaw.identities.operators import Operator, total
from gradlaw.oracle.arrays import Array
from gradlaw.oracle.derivative import Bound
from wrong_operators import Change

Pair = tuple[Any, Any]


class Watched:
    """A rule's function that remembers the arguments of its last call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.arguments: tuple[Any, ...] | None = None

    def __call__(self, xp: Any, *arguments: Any) -> Any:
        self.arguments = arguments
        return self.function(xp, *arguments)


class Planted(Reference):
    """Wrong derivatives: of one rule, whose ``forms`` stand for its arguments in order, or of what laws compose."""

    name: ClassVar[str] = "planted"

    def __init__(
        self, watched: Watched | None = None, forms: Sequence[Form] = (), change: Change | None = None
    ) -> None:
        super().__init__()
        self.watched, self.forms, self.change = watched, forms, change

    def _wrong(self, f: Callable[..., Any], primals: Sequence[Any]) -> tuple[Any, list[Operator]]:
        """f at the primals and its wrong derivatives; none where f is not the function on trial."""
        if self.watched is not None:
            self.watched.arguments = None
        y = f(*primals)
        if self.watched is not None:
            arguments = self.watched.arguments
            return y, [] if arguments is None else [form(self.xp, *arguments) for form in self.forms]
        if self.change is None or not _is_composed(f):
            return y, []
        plain = super()
        right = [_Own(plain, f, primals, k, y.shape) for k in range(len(primals))]
        changed = [self.change(operator) for operator in right]
        return y, [b if a is None else a for a, b in zip(changed, right, strict=True)]

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Pair:
        y, operators = self._wrong(f, primals)
        if not operators:
            return super().jvp(f, primals, tangents)
        terms = [operator.matvec(self.xp, v) for operator, v in zip(operators, tangents, strict=True)]
        # A derivative in the wrong layout gives a tangent of another shape, which cannot be added.
        misshapen = [term for term in terms if term.shape != y.shape]
        return y, misshapen[0] if misshapen else total(terms)

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> Pair:
        y, operators = self._wrong(f, primals)
        if not operators:
            return super().vjp(f, primals, cotangent)
        return y, [operator.rmatvec(self.xp, cotangent) for operator in operators]


def _is_composed(f: Callable[..., Any]) -> bool:
    """Whether f is what a law differentiates, composed of drawn functions; it comes as a method of the derivative."""
    inner = getattr(getattr(f, "__self__", None), "f", None)
    return inner is not None and not isinstance(inner, Bound)


class _Own(Operator):
    """The derivative that a backend takes of f by one of its primals."""

    def __init__(self, backend: Any, f: Callable[..., Any], primals: Sequence[Any], which: int, shape: Any) -> None:
        self.backend, self.f, self.primals, self.which = backend, f, list(primals), which
        self.in_shape, self.out_shape = primals[which].shape, shape

    def matvec(self, xp: Any, v: Any) -> Any:
        tangents = [v if k == self.which else xp.zeros(p.shape) for k, p in enumerate(self.primals)]
        return self.backend.jvp(self.f, self.primals, tangents)[1]

    def rmatvec(self, xp: Any, u: Any) -> Any:
        return self.backend.vjp(self.f, self.primals, u)[1][self.which]


def planted_rule(rule: Rule, forms: Mapping[str, Form]) -> tuple[Planted, Rule]:
    """A backend on which the rule has these closed forms as derivatives, and the rule to be tried on it."""
    watched = Watched(rule.function)
    every = {**rule.partials, **forms}
    return Planted(watched, [every[name] for name in rule.differentiable]), replace(rule, function=watched)


class Stale(Reference):
    """``jvp`` takes the numbers of the tangents of the call before, as many as it needs, over and over."""

    name: ClassVar[str] = "stale"

    def __init__(self) -> None:
        super().__init__()
        self.before: list[Any] = []

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Pair:
        numbers = [node.value for tangent in tangents for node in tangent.flat()]
        stale, self.before = itertools.cycle(self.before or numbers or [0]), numbers
        used = [
            self.xp.wrap([self.xp.algebra.lift(next(stale)) for _ in tangent.flat()], tangent.shape)
            for tangent in tangents
        ]
        return super().jvp(f, primals, used)


def _overwrite(array: Array, change: Callable[[Any], Any]) -> None:
    flat = array.elements.reshape(-1)
    for k, element in enumerate(flat):
        flat[k] = change(element)


class OverwritesCotangent(Reference):
    """``vjp`` accumulates in the caller's cotangent."""

    name: ClassVar[str] = "overwrites cotangent"

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> Pair:
        result = super().vjp(f, primals, cotangent)
        _overwrite(cotangent, lambda element: element + 1)
        return result


class ScalesCotangent(Reference):
    """``vjp`` scales the caller's cotangent in place."""

    name: ClassVar[str] = "scales cotangent"

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> Pair:
        result = super().vjp(f, primals, cotangent)
        _overwrite(cotangent, lambda element: element * 2)
        return result


class OverwritesInput(Reference):
    """Both modes leave another first primal behind."""

    name: ClassVar[str] = "overwrites input"

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Pair:
        result = super().jvp(f, primals, tangents)
        _overwrite(primals[0], lambda element: element + 1)
        return result

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> Pair:
        result = super().vjp(f, primals, cotangent)
        _overwrite(primals[0], lambda element: element + 1)
        return result


HABITS: dict[str, dict[type[Reference], tuple[str, ...]]] = {
    "stale tangent": {Stale: ("forward",)},
    "mutated cotangent": {OverwritesCotangent: ("reverse",), ScalesCotangent: ("reverse",)},
    "mutated input": {OverwritesInput: ("forward", "reverse")},
}
"""Bad habits of a backend, and the modes in which they show."""
