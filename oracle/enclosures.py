"""Certified enclosures of a function's value and Jacobians, for anybody who needs the truth at a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from ..strategies.formats import NAMES, dtype_of, is_floating
from . import constants
from .arrays import Array, Namespace
from .balls import Balls
from .derivative import seeds_of
from .tape import EITHER, Tape, Undecided, to_ball, values


@dataclass(frozen=True)
class Enclosure:
    """A certified enclosure: ``lower`` ≤ the true value ≤ ``upper`` element by element, as float64 arrays."""

    lower: np.ndarray
    upper: np.ndarray


@dataclass(frozen=True)
class Truth:
    """The value and the Jacobians, output axes before input axes; at a kink these enclose every admissible one."""

    value: Enclosure
    jacobians: tuple[Enclosure, ...]
    at_kink: bool


def truth(reference: Callable[..., Any], args: Sequence[Any], *, wrt: int | Sequence[int] | None = None) -> Truth:
    """Certified enclosures of ``reference(xp, *args)`` and of its Jacobian by each argument in ``wrt``.

    The arguments are taken as exact. Raises ValueError where a predicate stays undecided, as for an equality of two
    transcendental numbers. What is undefined is enclosed by −∞ and ∞.
    """
    arguments, chosen, _ = prepare(args, wrt, None)
    bits = constants.EXACT_BITS
    while bits <= constants.EXACT_BITS_LIMIT:
        try:
            return _truth(reference, arguments, chosen, bits)
        except Undecided:
            bits *= 2
    raise ValueError("a predicate stays undecided: the arguments may lie at a kink that no precision decides")


def _truth(reference: Callable[..., Any], arguments: dict[str, Any], chosen: tuple[str, ...], bits: int) -> Truth:
    with Balls(None, bits) as balls:
        thetas: dict[int, arb] = {}
        tape, lifted, y = _recorded(reference, arguments, Tape(balls, exact=True))
        while tape.kinks:  # once more, with every multiplier anywhere in [0, 1]; that may open kinks inside kinks
            thetas |= dict.fromkeys(tape.kink_choices, EITHER)
            tape, lifted, y = _recorded(reference, arguments, Tape(balls, thetas, exact=True))
        rows: dict[str, list[arb]] = {name: [] for name in chosen}
        for k in range(len(y.flat())):
            unit = [balls.one if j == k else balls.zero for j in range(len(y.flat()))]
            flowing = tape.backward(seeds_of(tape, y, unit))
            for name in chosen:
                found = [flowing[node.index] for node in lifted[name].flat()]
                rows[name] += [balls.zero if v is None else v for v in found]
        jacobians = tuple(_enclosure(rows[name], y.shape + lifted[name].shape) for name in chosen)
        return Truth(_enclosure(values(y), y.shape), jacobians, bool(thetas))


def _recorded(
    reference: Callable[..., Any], arguments: dict[str, Any], tape: Tape
) -> tuple[Tape, dict[str, Any], Array]:
    """The reference run on a tape: the tape, its arguments and its value there."""
    xp = Namespace(tape)
    lifted = {
        name: xp.wrap([tape.leaf(to_ball(v)) for v in a.reshape(-1)], a.shape) if isinstance(a, np.ndarray) else a
        for name, a in arguments.items()
    }
    return tape, lifted, xp.asarray(reference(xp, *lifted.values()))


def _enclosure(balls: Sequence[arb], shape: tuple[int, ...]) -> Enclosure:
    lower, upper = np.full(len(balls), -np.inf), np.full(len(balls), np.inf)
    for k, ball in enumerate(balls):
        if ball.is_finite():
            lower[k], upper[k] = _outward(ball.lower(), -np.inf), _outward(ball.upper(), np.inf)
    return Enclosure(lower.reshape(shape), upper.reshape(shape))


def _outward(end: arb, direction: float) -> float:
    """The float64 next to ``end`` on the side of ``direction``; ``end`` itself where it is one."""
    near = float(end.mid())
    exact = arb(near)
    beyond = exact <= end if direction < 0 else exact >= end
    return near if beyond else float(np.nextafter(near, direction))


def prepare(
    args: Sequence[Any], wrt: int | Sequence[int] | None, dtype: Any
) -> tuple[dict[str, Any], tuple[str, ...], np.dtype]:
    """Arguments by name, the names differentiated by, and the dtype on trial."""
    given = [np.asarray(a) if isinstance(a, np.ndarray | np.generic | float) else a for a in args]
    floating = [k for k, a in enumerate(given) if isinstance(a, np.ndarray) and is_floating(a.dtype)]
    if not floating:
        raise TypeError("no argument is a floating-point array: there is nothing to differentiate by")
    dtypes = {given[k].dtype for k in floating}
    if dtype is None and len(dtypes) > 1:
        raise TypeError(f"arguments of different dtypes {sorted(map(str, dtypes))}: choose one by dtype=")
    chosen_dtype = dtype_of(dtype) if dtype is not None else dtypes.pop()
    if chosen_dtype.name not in NAMES:
        raise TypeError(f"dtype {chosen_dtype} is not judged; judged are {', '.join(NAMES)}")
    positions = floating if wrt is None else [wrt] if isinstance(wrt, int) else list(wrt)
    if bad := [k for k in positions if k not in floating]:
        raise ValueError(f"wrt names positions {bad}, which are no floating-point arrays; those are {floating}")
    if not positions:
        raise ValueError("wrt is empty: nothing would be judged")
    for k in floating:
        given[k] = given[k].astype(chosen_dtype)
        if not np.isfinite(given[k]).all():
            raise ValueError(f"argument {k} is not finite in {chosen_dtype}")
    names = [f"x{k}" for k in range(len(given))]
    return dict(zip(names, given, strict=True)), tuple(names[k] for k in positions), chosen_dtype
