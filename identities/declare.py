"""How an entry of the catalogue is declared: ``@rule`` and ``@law``.

A *rule* is a function and the closed form of its derivative with respect to each argument. A *law* is a statement about
differentiation itself: it receives the derivative operator ``D``, functions drawn from the catalogue and points, and
returns what must hold. The docstring of a function is its statement in TeX.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..strategies.specs import ArrayInput, InputSpec
from .sources import Source

_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", re.ASCII)


class DeclarationError(Exception):
    """An entry of the catalogue is not well formed; raised at import."""


class Registry:
    """The entries by id, in order of declaration."""

    def __init__(self) -> None:
        self.entries: dict[str, Identity] = {}

    def add(self, entry: Identity) -> None:
        """Add an entry; ids are permanent, ASCII, ``chapter.name``, and unique."""
        if not _ID.fullmatch(entry.id):
            raise DeclarationError(f"{entry.id!r} is no id: lower-case ASCII letters, digits and _ in chapter.name")
        if entry.id in self.entries:
            raise DeclarationError(f"{entry.id} is declared twice")
        self.entries[entry.id] = entry

    def check(self) -> None:
        """Every rule has a closed form for every differentiable argument."""
        for entry in self.entries.values():
            if isinstance(entry, Rule):
                missing = [name for name in entry.differentiable if name not in entry.partials]
                if missing:
                    raise DeclarationError(f"{entry.id} has no closed form for its argument {', '.join(missing)}")


CATALOGUE = Registry()


@dataclass(eq=False)
class Identity:
    """What rules and laws have in common.

    ``kink_at``: for the search, inputs as functions of the others (float64 arrays by name) that put the example
    exactly at a kink.
    """

    id: str
    function: Callable[..., Any]
    inputs: dict[str, InputSpec]
    source: Source
    title: str
    tex: str
    domain: str
    at_edges: str
    kink_at: dict[str, Callable[..., Any]]

    @property
    def chapter(self) -> str:
        """The module in which the entry stands."""
        return self.id.partition(".")[0]


@dataclass(eq=False)
class Rule(Identity):
    """A function ``f(xp, *arguments)`` and the closed forms of its partial derivatives.

    ``jumps``: where the value itself jumps nothing is claimed. At a kink the closed forms follow the declared convention: ``maximum`` takes
    its first argument at a tie, so relu′(0) = 0. ``normwise``: linear algebra, in which what is exact for slightly other
    matrices is not wrong. ``regular``: another text of the function, the truth where the text itself is singular.
    """

    jumps: bool = False
    normwise: bool = False
    regular: Callable[..., Any] | None = None
    partials: dict[str, Callable[..., Any]] = field(default_factory=dict)
    partials_tex: dict[str, str] = field(default_factory=dict)
    forms: dict[str, list[Callable[..., Any]]] = field(default_factory=dict)
    texts: list[Callable[..., Any]] = field(default_factory=list)
    reordered: Callable[..., Any] | None = None

    kind = "rule"

    def __call__(self, xp: Any, *arguments: Any) -> Any:
        """The function itself, in the namespace ``xp``."""
        return self.function(xp, *arguments)

    def partial(self, name: str, tex: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorator: the closed form of ∂f/∂name; it takes the same arguments and returns an operator."""
        self._must_have(name)
        if name in self.partials:
            raise DeclarationError(f"{self.id} has two closed forms for {name!r}")

        def add(closed_form: Callable[..., Any]) -> Callable[..., Any]:
            _check_parameters(self.id, closed_form, self.inputs)
            self.partials[name] = closed_form
            self.partials_tex[name] = tex or inspect.cleandoc(closed_form.__doc__ or "")
            return closed_form

        return add

    def equal_form(self, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorator: another formula for ∂f/∂name that a library may use, equal to the closed form but rounding otherwise.

        What only such a form explains is inaccurate, not wrong: expm1′ = y + 1 loses the tail, but it is expm1′.
        """
        self._must_have(name)

        def add(form: Callable[..., Any]) -> Callable[..., Any]:
            _check_parameters(self.id, form, self.inputs)
            self.forms.setdefault(name, []).append(form)
            return form

        return add

    def equal_text(self, text: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: another text of the function itself, equal to it but rounding otherwise: 1 + tanh for 2σ."""
        _check_parameters(self.id, text, self.inputs)
        self.texts.append(text)
        return text

    def reordered_text(self, text: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: the text whose operations, in another order that a library may choose, underflow or overflow most.

        Where it overflows, an answer that is not finite is no claim.
        """
        self.reordered = self.equal_text(text)
        return text

    def _must_have(self, name: str) -> None:
        if name not in self.differentiable:
            raise DeclarationError(f"{self.id} has no differentiable argument {name!r}; it has {self.differentiable}")

    @property
    def differentiable(self) -> list[str]:
        """Names of the arguments with respect to which the rule is differentiated."""
        return [k for k, spec in self.inputs.items() if isinstance(spec, ArrayInput) and spec.differentiable]


@dataclass(eq=False)
class Law(Identity):
    """A statement ``law(D, *inputs)`` that holds for every drawn input; it returns ``Equal`` or ``Holds``.

    ``claim``: "equation", "shape law" or "inequality". ``order``: 2 where it differentiates a derivative.
    """

    claim: str = "equation"
    order: int = 1
    kind = "law"


def _check_parameters(name: str, function: Callable[..., Any], inputs: Mapping[str, InputSpec]) -> None:
    given = list(inspect.signature(function).parameters)[1:]
    if given != list(inputs):
        raise DeclarationError(f"{name}: the function takes {given}, but the inputs declared are {list(inputs)}")


def _common(
    function: Callable[..., Any],
    inputs: dict[str, InputSpec],
    *,
    source: Source,
    domain: str,
    at_edges: str,
    title: str,
    name: str,
    tex: str,
    kink_at: Mapping[str, Callable[..., Any]] | None,
) -> dict[str, Any]:
    short = name or function.__name__
    name = f"{function.__module__.rpartition('.')[2]}.{short}"
    _check_parameters(name, function, inputs)
    if not (tex := tex or inspect.cleandoc(function.__doc__ or "")).strip():
        raise DeclarationError(f"{name} has no statement: write it in TeX as the docstring")
    if unknown := set(kink_at or {}) - set(inputs):
        raise DeclarationError(f"{name}: kink_at names {sorted(unknown)}, which are no inputs")
    words = domain or "; ".join(
        f"{k} {spec.domain.words}"
        for k, spec in inputs.items()
        if isinstance(spec, ArrayInput) and spec.domain.words != "real"
    )
    return {
        "id": name,
        "function": function,
        "inputs": dict(inputs),
        "source": source,
        "title": title or short.replace("_", " "),
        "tex": tex,
        "domain": words or "all real inputs",
        "at_edges": at_edges or "smooth on the whole domain",
        "kink_at": dict(kink_at or {}),
    }


def rule(
    *,
    source: Source,
    name: str = "",
    tex: str = "",
    title: str = "",
    domain: str = "",
    at_edges: str = "",
    kink_at: Mapping[str, Callable[..., Any]] | None = None,
    jumps: bool = False,
    normwise: bool = False,
    regular: Callable[..., Any] | None = None,
    registry: Registry = CATALOGUE,
    **inputs: InputSpec,
) -> Callable[[Callable[..., Any]], Rule]:
    """Declare a rule. Its id is ``module.function``; ``inputs`` are named as the function's parameters after ``xp``.

    Raises DeclarationError where the names differ, the id is taken or not ASCII, or there is no TeX docstring.
    """

    def declare(function: Callable[..., Any]) -> Rule:
        made = Rule(
            **_common(
                function,
                inputs,
                source=source,
                domain=domain,
                at_edges=at_edges,
                title=title,
                name=name,
                tex=tex,
                kink_at=kink_at,
            ),
            jumps=jumps,
            normwise=normwise,
            regular=regular,
        )
        registry.add(made)
        return made

    return declare


def law(
    *,
    source: Source,
    name: str = "",
    tex: str = "",
    title: str = "",
    domain: str = "",
    at_edges: str = "",
    kink_at: Mapping[str, Callable[..., Any]] | None = None,
    claim: str = "equation",
    order: int = 1,
    registry: Registry = CATALOGUE,
    **inputs: InputSpec,
) -> Callable[[Callable[..., Any]], Law]:
    """Declare a law. Its function takes the derivative operator ``D`` and then ``inputs``; it returns a claim."""

    def declare(function: Callable[..., Any]) -> Law:
        made = Law(
            **_common(
                function,
                inputs,
                source=source,
                domain=domain,
                at_edges=at_edges,
                title=title,
                name=name,
                tex=tex,
                kink_at=kink_at,
            ),
            claim=claim,
            order=order,
        )
        registry.add(made)
        return made

    return declare
