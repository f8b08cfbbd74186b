"""Where an example fails: at generic points, in a tail, or only at special ones (0, a tie, a kink, an edge of the domain).

A shrunk example does not say: shrinking turns generic numbers into 0 and 1. So the example is varied, and what still
fails decides: other generic points; the neighbourhood; the neighbourhood with its zeros or with its ties kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from ..identities import Identity
from ..strategies.domains import Domain, reals
from ..strategies.formats import finfo
from ..strategies.specs import ArrayInput
from .problems import Derivative, Statement

GENERIC, SPECIAL, TIE, KINK = "generic point", "special point", "tie", "kink"
TAIL, SUBNORMAL, SINGULAR, EMPTY = "tail", "subnormal", "singular matrix", "empty array"

_TRIES = 4
_MODERATE = 8.0
"""Numbers between 1/8 and 8 in absolute value are moderate: what fails around others alone, fails in a tail."""
_EXTREME = 2.0**20
"""Beyond this no neighbour is tried: a neighbour may overflow."""

Problem = Derivative | Statement
Arrays = dict[str, np.ndarray]


def site_of(identity: Identity, problem: Problem, fails: Callable[[Problem], bool], *, at_kink: bool = False) -> str:
    """One of the words above, for a special point with its numbers. ``fails``: whether a problem fails in the same way."""
    arrays: Arrays = {name: x for name, x in problem.arguments.items() if isinstance(x, np.ndarray)}
    domains = {name: _domain(identity, name) for name in arrays}
    rng = np.random.default_rng(0)

    def still(varied: Arrays) -> bool:
        inside = all(np.isfinite(x).all() and domains[name].contains(x).all() for name, x in varied.items())
        return inside and fails(replace(problem, arguments={**problem.arguments, **varied}))

    if not all(x.size for x in arrays.values()):
        return EMPTY
    if any(still({name: _drawn(domains[name], x, rng) for name, x in arrays.items()}) for _ in range(_TRIES)):
        return GENERIC
    if at_kink:
        return KINK
    numbers = np.concatenate([np.abs(x.reshape(-1)).astype(np.float64) for x in arrays.values()] or [np.zeros(0)])
    numbers = numbers[numbers > 0]
    tiny = max((float(finfo(x.dtype).smallest_normal) for x in arrays.values()), default=0.0)
    if (numbers < tiny).any():
        return SUBNORMAL
    if (numbers > _EXTREME).any() or (numbers < 1 / _EXTREME).any():
        return TAIL
    if still({name: _near(x, rng, zeros=True) for name, x in arrays.items()}):
        return TAIL if (numbers > _MODERATE).any() or (numbers < 1 / _MODERATE).any() else GENERIC
    if any(_singular(x) for x in arrays.values()):
        return SINGULAR
    if still({name: _near(x, rng) for name, x in arrays.items()}):
        return f"{SPECIAL}: 0"
    if _tied(arrays) and still({name: np.asarray(x * x.dtype.type(1 - 2**-8)) for name, x in arrays.items()}):
        return TIE
    return f"{SPECIAL}: {', '.join(dict.fromkeys(_special(arrays, domains)))}"


def _domain(identity: Identity, name: str) -> Domain:
    spec = identity.inputs.get(name)
    return spec.domain if isinstance(spec, ArrayInput) else reals


def _drawn(domain: Domain, like: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Moderate numbers of the domain, away from its edges, none of them round and no two alike."""
    low = domain.low if np.isfinite(domain.low) else (domain.high - 3 if np.isfinite(domain.high) else -3.0)
    high = domain.high if np.isfinite(domain.high) else (low + 6 if domain.low == -np.inf else low + 3)
    margin = 0.05 * (high - low)
    return np.asarray(rng.uniform(low + margin, high - margin, like.shape)).astype(like.dtype)


def _near(x: np.ndarray, rng: np.random.Generator, *, zeros: bool = False) -> np.ndarray:
    """Each number a little smaller in absolute value, all by different amounts; with ``zeros`` they move as well."""
    moved = x * (1 - rng.uniform(2**-8, 2**-7, x.shape))
    if zeros:
        moved = np.where(x == 0, rng.uniform(-(2**-6), 2**-6, x.shape), moved)
    return np.asarray(moved).astype(x.dtype)


def _singular(x: np.ndarray) -> bool:
    if x.ndim < 2 or x.shape[-1] != x.shape[-2] or x.shape[-1] < 2:
        return False
    return bool((np.linalg.matrix_rank(x.astype(np.float64)) < x.shape[-1]).any())


def _tied(arrays: Arrays) -> bool:
    numbers = [float(v) for x in arrays.values() for v in x.reshape(-1)]
    return len(set(numbers)) < len(numbers)


def _special(arrays: Arrays, domains: dict[str, Domain]) -> Iterator[str]:
    """The numbers that make the point special: landmarks of the domain, else integers, else all."""
    numbers = [(float(v), domains[name].landmarks) for name, x in arrays.items() for v in x.reshape(-1)]
    landmarks = [v for v, marks in numbers if v in marks]
    integers = [v for v, _ in numbers if v == round(v)]
    yield from (f"{v:.6g}" for v in landmarks or integers or [v for v, _ in numbers])
