"""Functions for the laws: sections of the catalogue's own rules.

A *section* of a rule leaves one or two of its arguments free and fixes the others at drawn values: x ↦ w ⊘ x with w
given. Its derivative is the rule's closed form, so a law about all functions is tried on functions whose derivative is
known. Sections are found by trying: the shapes that a rule accepts and returns are those that it computes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .domains import Domain
from .draw import LENGTH, draw
from .shapes import choices, note_shapes, shape_of
from .specs import ArrayInput, FunctionInput, IntegerInput


@dataclass(frozen=True)
class Section:
    """A rule with the arguments named in ``free`` left open and the others fixed (arrays or static values)."""

    rule: Any
    free: tuple[str, ...]
    fixed: Mapping[str, Any]

    def arguments(self, *points: Any) -> list[Any]:
        """All arguments of the rule in order, with ``points`` in the free places."""
        given = {**self.fixed, **dict(zip(self.free, points, strict=True))}
        return [given[name] for name in self.rule.inputs]

    def __str__(self) -> str:
        fixed = ", ".join(f"{name}={np.array2string(np.asarray(v), separator=', ')}" for name, v in self.fixed.items())
        return f"{self.rule.id} of {', '.join(self.free)}" + (f" with {fixed}" if fixed else "")


@dataclass(frozen=True)
class Candidate:
    """A rule and the arguments left free: a family of sections."""

    rule: Any
    free: tuple[str, ...]

    @property
    def domain(self) -> Domain:
        """The domain of the (first) free argument."""
        return self.rule.inputs[self.free[0]].domain


def candidates(rules: Sequence[Any], wanted: FunctionInput, rank: int) -> list[Candidate]:
    """The sections that may serve as ``wanted`` at points of this rank, in the order of the catalogue."""
    found = []
    for rule in rules:
        if rule.jumps:
            continue
        names = [name for name in rule.differentiable if _fits(rule.inputs[name], rank)]
        if wanted.arity == 1:
            found += [Candidate(rule, (name,)) for name in names]
        elif len(names) == 2:
            found.append(Candidate(rule, (names[0], names[1])))
    return found


def _fits(spec: ArrayInput, rank: int) -> bool:
    return spec.members == 1 if spec.group else len(spec.shape) == rank


def draw_section(
    data: bytes,
    pool: Sequence[Candidate],
    points: Sequence[np.ndarray],
    wanted: FunctionInput,
    dtype: np.dtype,
    *,
    few: bool = False,
) -> Section | None:
    """A section from ``pool`` that is defined at ``points`` with values as ``wanted``; None where there is none.

    The first two bytes choose the candidate that is tried first, the others the fixed arguments.
    """
    if not pool:
        return None
    first = int.from_bytes(data[:2], "big") % len(pool)
    # Where it does not serve the next are taken in random order: its neighbour would inherit every refused draw.
    for number in (first, *np.random.default_rng(list(data[:2])).permutation(len(pool))):
        candidate = pool[number]
        section = _section(data, candidate, points, dtype, few)
        if section is not None and _serves(section, points, wanted):
            return section
    return None


def _section(
    data: bytes, candidate: Candidate, points: Sequence[np.ndarray], dtype: np.dtype, few: bool
) -> Section | None:
    if not _defined(candidate, points):
        return None
    rule = candidate.rule
    given: dict[str, Any] = {}
    for name, point in zip(candidate.free, points, strict=True):
        spec = rule.inputs[name]
        if spec.group:
            given[spec.group] = (point.shape,)
        else:
            sizes = zip(spec.shape, point.shape, strict=True)
            for size, actual in sizes:
                if given.setdefault(size, actual) != actual if isinstance(size, str) else size != actual:
                    return None
    for choice in choices(rule.inputs):
        if choice.name in given and min(np.ravel(given[choice.name]), default=choice.minimum) < choice.minimum:
            return None
    # Repeated and not padded with zeros, which would be the elements of all arguments but the first.
    repeated = (data[2:] * (LENGTH // len(data[2:]) + 1))[:LENGTH]
    # Moderate exponents: laws are about derivatives, and powers of powers leave the range of every format.
    small = {
        name: 2 + data[2] % 2 for name, spec in rule.inputs.items() if isinstance(spec, IntegerInput) and spec.high > 3
    }
    example = draw(repeated, rule.inputs, dtype, few=few, given={**given, **small})
    known = note_shapes(rule.inputs, example.assignment)
    for name, point in zip(candidate.free, points, strict=True):
        if shape_of(rule.inputs[name], known) != point.shape:
            return None
    return Section(rule, candidate.free, {k: v for k, v in example.arguments.items() if k not in candidate.free})


def value(section: Section, points: Sequence[np.ndarray]) -> np.ndarray:
    """The section's value in NumPy float64; NaN and infinities where it is not defined."""
    arguments = [a.astype(np.float64) if isinstance(a, np.ndarray) else a for a in section.arguments(*points)]
    with np.errstate(all="ignore"):
        return np.asarray(section.rule(np, *arguments))


def _serves(section: Section, points: Sequence[np.ndarray], wanted: FunctionInput) -> bool:
    result = value(section, points)
    if not np.isfinite(result).all() or (wanted.nonzero and (np.abs(result) < 2.0**-20).any()):
        return False
    if wanted.codomain is not ... and len(wanted.codomain) != result.ndim:
        return False
    if wanted.curved and points[0].size and not _is_curved(section, points):
        return False
    if wanted.elementwise:
        if result.shape != points[0].shape:
            return False
        return all(_is_diagonal(section, points, name) for name in section.free)
    return True


def _is_diagonal(section: Section, points: Sequence[np.ndarray], name: str) -> bool:
    with np.errstate(all="ignore"):
        operator = section.rule.partials[name](np, *section.arguments(*points))
    return hasattr(operator, "d") and operator.in_shape == operator.out_shape


def _is_curved(section: Section, points: Sequence[np.ndarray]) -> bool:
    """Whether the derivative by some argument is another one nearby: a constant one is the same to the last bit."""
    found = []
    for step in (0.0, 2.0**-8):
        with np.errstate(all="ignore"):
            arguments = section.arguments(*(point.astype(np.float64) * (1 + step) + step for point in points))
            operators = [section.rule.partials[name](np, *arguments) for name in section.free]
            found.append([operator.matvec(np, np.ones(operator.in_shape)) for operator in operators])
    return any(not np.array_equal(here, nearby) for here, nearby in zip(*found, strict=True))


def draw_functions(
    data: bytes,
    inputs: Mapping[str, Any],
    rules: Sequence[Any],
    arguments: Mapping[str, np.ndarray],
    dtype: np.dtype,
    *,
    few: bool = False,
) -> dict[str, Section] | None:
    """The functions of a law at drawn points, each accepting what it is applied to; None where there is no choice.

    ``at`` and ``after`` are read letter by letter: names of points, and of functions already drawn.
    """
    drawn: dict[str, Section] = {}
    results: dict[str, np.ndarray] = {}
    wanted = [(name, spec) for name, spec in inputs.items() if isinstance(spec, FunctionInput)]
    for position, (name, spec) in enumerate(wanted):
        points = [results[k] if k in results else arguments[k] for k in spec.after or spec.at]
        part = data[position * 160 : position * 160 + 160]
        pool = candidates(rules, spec, points[0].ndim)
        section = draw_section(part, pool, points, spec, dtype, few=few)
        if section is None:
            return None
        drawn[name] = section
        results[name] = value(section, points)
    return drawn


def points_of(
    inputs: Mapping[str, Any], functions: Mapping[str, Section], arguments: Mapping[str, np.ndarray]
) -> list[tuple[Section, list[np.ndarray]]]:
    """Each drawn function of a law with the points that it is applied to, values of functions in float64."""
    known, found = dict(arguments), []
    for name, section in functions.items():
        spec = inputs[name]
        points = [known[k] for k in spec.after or spec.at]
        known[name] = value(section, points)
        found.append((section, points))
    return found


def serve(inputs: Mapping[str, Any], functions: Mapping[str, Section], arguments: Mapping[str, np.ndarray]) -> bool:
    """Whether the functions of a law are defined at its arguments, with values as the law asks for."""
    served = zip(functions, points_of(inputs, functions, arguments), strict=True)
    return all(
        _defined(section, points) and _serves(section, points, inputs[name]) for name, (section, points) in served
    )


def _defined(function: Candidate | Section, points: Sequence[np.ndarray]) -> bool:
    inputs = function.rule.inputs
    return all(inputs[name].domain.contains(point).all() for name, point in zip(function.free, points, strict=True))


def domains_of(inputs: Mapping[str, Any], functions: Mapping[str, Section]) -> dict[str, Domain]:
    """The domain of each array input of a law, inside those of the drawn functions that are applied to it."""
    domains = {name: spec.domain for name, spec in inputs.items() if isinstance(spec, ArrayInput)}
    for name, section in functions.items():
        for point, argument in zip(inputs[name].after or inputs[name].at, section.free, strict=True):
            if point in domains:
                domains[point] = domains[point] & section.rule.inputs[argument].domain
    return domains
