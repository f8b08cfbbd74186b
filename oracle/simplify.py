"""The last step of shrinking, on the numbers themselves: fewer elements, rounder values, a plainer direction.

Hypothesis shrinks the bytes from which an example is decoded; an element in the middle of an array can keep its
neighbours alive there. Here one index of a dimension is kept where it alone fails, and every number is replaced by 1, 0 or
a rounding of itself where the example still fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..identities import Identity
from ..strategies.domains import Domain, reals
from ..strategies.functions import serve
from ..strategies.matrices import has_structure
from ..strategies.specs import ArrayInput, IndexInput
from .examples import output_shape
from .modes import HESSIAN
from .orders import Higher
from .problems import Derivative, Statement

Problem = Derivative | Statement


class _Spent(Exception):
    """The attempts are used up."""


def simplify(identity: Identity, problem: Problem, fails: Callable[[Problem], bool], attempts: int = 150) -> Problem:
    """The simplest problem found for which ``fails`` still holds; ``problem`` itself where nothing is simpler.

    ``fails`` is called ``attempts`` times at most.
    """
    best, left = problem, attempts

    def better(candidate: Problem) -> bool:
        nonlocal best, left
        if not _admitted(identity, candidate):
            return False
        if left == 0:
            raise _Spent
        left -= 1
        if not fails(candidate):
            return False
        best = candidate
        return True

    try:
        if isinstance(best, Derivative):
            _keep_single_indices(identity, best, better)
            _plain_directions(lambda: best, better)
        _plain_numbers(identity, lambda: best, better)
    except _Spent:
        pass
    return best


def _admitted(identity: Identity, problem: Problem) -> bool:
    """Whether the arrays have the least sizes and the structure that the identity asks of them, and a law's functions are
    defined there.
    """
    if isinstance(problem, Statement) and not serve(identity.inputs, problem.functions, problem.arguments):
        return False
    for name, spec in identity.inputs.items():
        x = problem.arguments.get(name)
        if not isinstance(spec, ArrayInput) or not isinstance(x, np.ndarray):
            continue
        named = [size for size, known in zip(x.shape, spec.shape, strict=False) if isinstance(known, str)]
        if min(named, default=spec.least) < spec.least or not has_structure(x, spec.structure):
            return False
    return True


def _keep_single_indices(identity: Identity, start: Derivative, better: Callable[[Problem], bool]) -> None:
    """Keep one index of each named dimension, the first at which the example still fails.

    Not where static indices point into an array: they would point elsewhere, or nowhere.
    """
    problem = start
    if any(isinstance(spec, IndexInput) for spec in identity.inputs.values()):
        return
    specs = {name: spec for name, spec in identity.inputs.items() if isinstance(spec, ArrayInput) and not spec.group}
    sizes = dict.fromkeys(size for spec in specs.values() for size in spec.shape if isinstance(size, str))
    for dimension in sizes:
        count = next(
            problem.arguments[name].shape[spec.shape.index(dimension)]
            for name, spec in specs.items()
            if dimension in spec.shape
        )
        for index in range(count if count > 1 else 0):
            candidate = _at(identity, problem, specs, dimension, index)
            if better(candidate):
                problem = candidate
                break


def _at(
    identity: Identity, problem: Derivative, specs: Mapping[str, ArrayInput], dimension: str, index: int
) -> Derivative:
    def cut(name: str, x: Any) -> Any:
        axes = [k for k, size in enumerate(specs[name].shape) if size == dimension] if name in specs else []
        for axis in axes:
            x = np.take(x, [index], axis=axis)
        return x

    arguments = {name: cut(name, x) for name, x in problem.arguments.items()}
    tangents = {name: cut(name, t) for name, t in problem.tangents.items()}
    shape = output_shape(identity, arguments)  # type: ignore[arg-type]
    dtype = arguments[problem.wrt[0]].dtype
    if isinstance(problem, Higher):
        if problem.inner_cotangent is not None:
            problem = replace(problem, inner_cotangent=np.ones(shape, dtype))
            shape = arguments[problem.by].shape
        inner = [{name: cut(name, t) for name, t in along.items()} for along in problem.inner_tangents]
        problem = replace(problem, inner_tangents=inner)
    return replace(problem, arguments=arguments, tangents=tangents, cotangent=np.ones(shape, dtype), out_shape=shape)


def _plain_directions(current: Callable[[], Any], better: Callable[[Problem], bool]) -> None:
    problem = current()
    if isinstance(problem, Higher):
        if problem.inner_cotangent is not None:
            better(replace(problem, inner_cotangent=np.ones_like(problem.inner_cotangent)))
        plain_inner = [{name: np.ones_like(t) for name, t in along.items()} for along in problem.inner_tangents]
        better(replace(current(), inner_tangents=plain_inner))
        if problem.nested == HESSIAN:
            return
        problem = current()
    if problem.mode == "reverse" and problem.cotangent is not None:
        better(replace(problem, cotangent=np.ones_like(problem.cotangent)))
        return
    for name in problem.wrt:
        for plain in (np.zeros_like, np.ones_like):
            problem = current()
            if better(replace(problem, tangents={**problem.tangents, name: plain(problem.tangents[name])})):
                break


def _plain_numbers(identity: Identity, current: Callable[[], Problem], better: Callable[[Problem], bool]) -> None:
    for name in list(current().arguments):
        x = current().arguments[name]
        if not isinstance(x, np.ndarray):
            continue
        spec = identity.inputs.get(name)
        domain = spec.domain if isinstance(spec, ArrayInput) else reals
        for index in np.ndindex(*x.shape):
            for value in _simpler(current().arguments[name][index], domain):
                changed = current().arguments[name].copy()
                changed[index] = value
                if better(replace(current(), arguments={**current().arguments, name: changed})):
                    break


def _simpler(value: np.floating, domain: Domain) -> Iterator[np.floating]:
    """1, 0 and roundings to one and two digits, as far as they lie in the domain and differ from the value."""
    if value in (0, 1):
        return
    dtype = value.dtype.type
    with np.errstate(over="ignore"):
        candidates = [dtype(1), dtype(0)] + [dtype(f"{float(value):.{digits}g}") for digits in (1, 2)]
    for candidate in candidates:
        if np.isfinite(candidate) and candidate != value and domain.contains(np.asarray(candidate)).all():
            yield candidate
