"""From bytes to a problem: the one place where an entry of the catalogue, rule or law, is put together for a trial.

A rule's example is its arguments; a law's has functions as well, drawn from the catalogue so that they are defined at
the law's points. Everything is a function of the bytes alone, so that an example can be replayed and shrunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ..identities import BEYOND, CATALOGUE, Identity, Law, Registry, Rule
from ..strategies.draw import Example, draw
from ..strategies.formats import dtype_of
from ..strategies.functions import Section, draw_functions
from .floats import FLOATS
from .modes import FIRST
from .orders import higher
from .problems import Derivative, Statement

Functions = dict[str, Section]

PRIMAL_STREAM = 99
"""The number of the direction that is a rule's cotangent; those of its tangents are 0, 1, …"""


@cache
def rules_of(registry: Registry = CATALOGUE) -> tuple[Rule, ...]:
    """The rules in order that the functions of a law are drawn from: those of all chapters but the ones ``BEYOND``."""
    rules = (entry for entry in registry.entries.values() if isinstance(entry, Rule))
    return tuple(entry for entry in rules if entry.chapter not in BEYOND)


def draw_example(
    identity: Identity, data: bytes, dtype: np.dtype, rules: Sequence[Rule], *, deep: bool = False, few: bool = False
) -> tuple[Example, Functions] | None:
    """The example that ``data`` stands for, and a law's functions; None where no function of the catalogue fits.

    ``rules``: the rules that a law's functions are drawn from. ``deep`` admits larger shapes, ``few`` only a few.
    """
    dtype = dtype_of(dtype)
    example = draw(data, identity.inputs, dtype, identity.kink_at, deep=deep, few=few)
    if not isinstance(identity, Law):
        return example, {}
    # Read backwards, so that the functions have bytes of their own.
    functions = draw_functions(data[::-1], identity.inputs, rules, example.arguments, dtype, few=few)
    return None if functions is None else (example, functions)


@lru_cache(maxsize=128)
def _shared_example(
    identity: Identity, data: bytes, dtype: np.dtype, deep: bool, few: bool
) -> tuple[Example, Functions] | None:
    return draw_example(identity, data, dtype, rules_of(), deep=deep, few=few)


@lru_cache(maxsize=128)
def draw_problem(
    identity: Identity, data: bytes, dtype: np.dtype, mode: str, *, deep: bool = False, few: bool = False
) -> tuple[Example, Derivative | Statement] | None:
    """The example of ``data``, functions drawn from the catalogue, and its problem in ``mode``; None as in ``draw_example``.

    Both are kept for a while: all modes are put to the same example, and all variants and backends to the same problem,
    whose truth is worth keeping.
    """
    drawn = _shared_example(identity, data, dtype, deep, few)
    return drawn and (drawn[0], problem_of(identity, *drawn, mode))


def problem_of(identity: Identity, example: Example, functions: Functions, mode: str) -> Derivative | Statement:
    """A drawn example as a problem, with its own tangents and cotangent."""
    if isinstance(identity, Law):
        return Statement(identity, example.arguments, functions, mode, example.along)
    assert isinstance(identity, Rule)
    wrt = tuple(identity.differentiable)
    shape = output_shape(identity, example.arguments)
    tangents = {name: example.along(example.arguments[name].shape, stream) for stream, name in enumerate(wrt)}
    cotangent = example.along(shape, PRIMAL_STREAM)
    made = Derivative.of(identity, example.arguments, wrt, mode, tangents, cotangent, shape)
    return made if mode in FIRST else higher(made, mode, example.along_all, wrt[example.direction[1] % len(wrt)])


def output_shape(rule: Rule, arguments: dict[str, Any]) -> tuple[int, ...]:
    """The shape of the rule's value at these arguments, as NumPy computes it in float64."""
    wide = [x.astype(np.float64) if isinstance(x, np.ndarray) else x for x in arguments.values()]
    with np.errstate(all="ignore"):
        return np.asarray(rule(FLOATS, *wide)).shape
