"""Static indices: which tuples of integers are tried, simplest first.

Defects of gathering and scattering are where an index stands twice, where the first or last element is met, and where
the order is reversed; a drawn tuple has one of these patterns or is random.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

RANDOM = 6
"""Random tuples for every shape and size."""


@cache
def index_tuples(size: int, shape: tuple[int, ...], *, canonical: bool) -> tuple[Any, ...]:
    """Nested tuples of ``shape`` with integers in 0…size − 1, each once; of the canonical ones there are three at most."""
    count = math.prod(shape)
    found = dict.fromkeys(_nested(np.reshape(flat, shape)) for flat in _patterns(size, count, canonical))
    return tuple(found)


def stand_in_index(value: Any, size: int, shape: tuple[int, ...]) -> Any:
    """The canonical indices that stand for ``value``: repeated ones stand for repeated ones, as far as there is a choice."""
    options = index_tuples(size, shape, canonical=True)
    if value in options:
        return value
    alike = [option for option in options if _repeats(option) == _repeats(value)]
    return (alike or options)[-1]


def _patterns(size: int, count: int, canonical: bool) -> Iterator[np.ndarray]:
    if size == 0 and count:
        raise ValueError("no index into an axis of size 0")
    places, size = np.arange(count), max(size, 1)
    yield places % size
    yield (size - 1 - places // 2) % size
    yield size - 1 - places % size
    if canonical:
        return
    yield np.zeros(count, int)
    yield np.full(count, size - 1)
    for seed in range(RANDOM):
        yield np.random.default_rng([size, count, seed]).integers(0, size, count)


def _nested(values: np.ndarray) -> Any:
    return tuple(map(_nested, values)) if values.ndim else int(values)


def _repeats(value: Any) -> bool:
    flat = np.ravel(np.asarray(value, int))
    return len(set(flat.tolist())) < len(flat)
