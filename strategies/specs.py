"""What an entry of the catalogue says of its inputs: plain data, read by the strategies and by the judges.

A shape is a tuple of dimension names ("n") and numbers; the same name is the same size in all inputs of an entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .domains import Domain, reals


@dataclass(frozen=True)
class ArrayInput:
    """A floating-point array. ``shape``: dimension names and sizes; ``minimum``: the least size of the first
    dimension; of a group of shapes, of every dimension.

    ``group`` and ``member`` replace ``shape`` where it is drawn as a whole: member k of a tuple of shapes that
    broadcast together (or the only one, of any rank).

    ``structure``: which special matrices are drawn and what all of them are, see ``matrices``.

    ``canonical``: the largest size of a dimension named here for which components are proved, where 3 is dear;
    ``least``: the least size of every dimension named here, ``largest`` the largest (0: no limit).
    """

    shape: tuple[str | int, ...] = ()
    domain: Domain = reals
    differentiable: bool = True
    minimum: int = 0
    group: str = ""
    member: int = 0
    members: int = 1
    canonical: int = 3
    least: int = 0
    largest: int = 0
    structure: str = ""

    @property
    def words(self) -> str:
        """The shape in words for tables: ``(n, 3)``, or ``broadcastable`` for a member of a group."""
        if self.group:
            return "any shape" if self.members == 1 else f"broadcastable ({self.group})"
        return "(" + ", ".join(map(str, self.shape)) + ("," if len(self.shape) == 1 else "") + ")"


@dataclass(frozen=True)
class IntegerInput:
    """A Python int in low…high (both included); static: nothing is differentiated with respect to it."""

    low: int
    high: int
    words: str = "integer"


@dataclass(frozen=True)
class AxisInput:
    """None, an axis or a tuple of axes of the array input named ``of``."""

    of: str
    words: str = "axes"


@dataclass(frozen=True)
class FlagInput:
    """True or False."""

    words: str = "True or False"


@dataclass(frozen=True)
class FunctionInput:
    """A function drawn from the catalogue, from the shape ``domain`` to the shape ``codomain``.

    ``...`` in place of a shape leaves it free. ``arity`` is the number of arguments; a function of two arguments has
    both of shape ``domain``. ``at`` names the points that it must accept, one letter each; ``after`` points and
    functions of the law whose values it must accept. With ``elementwise`` the i-th result depends on the i-th entry
    only. ``nonzero`` asks that no value be 0, ``curved`` that the derivative be another one nearby.
    """

    domain: tuple[str | int, ...] | Any = ()
    codomain: tuple[str | int, ...] | Any = ()
    arity: int = 1
    elementwise: bool = False
    at: str = ""
    after: str = ""
    nonzero: bool = False
    curved: bool = False
    words: str = "a function of the catalogue"


@dataclass(frozen=True)
class IndexInput:
    """Static integers in 0…size − 1, where size is that of axis ``axis`` of the array input named ``of``.

    A tuple of Python ints, nested for a ``shape`` of several dimensions; dimensions are named as in ``ArrayInput``. The
    axis has at least one element.
    """

    of: str
    axis: int
    shape: tuple[str | int, ...]
    words: str = "indices"


InputSpec = ArrayInput | IntegerInput | AxisInput | FlagInput | FunctionInput | IndexInput


def scalar(domain: Domain = reals, *, differentiable: bool = True) -> ArrayInput:
    """A number: an array of shape ()."""
    return ArrayInput((), domain, differentiable)


def vector(
    size: str | int, domain: Domain = reals, *, minimum: int = 0, canonical: int = 3, differentiable: bool = True
) -> ArrayInput:
    """A vector of shape (size,)."""
    return ArrayInput((size,), domain, differentiable, minimum, canonical=canonical)


def matrix(
    rows: str | int, columns: str | int, domain: Domain = reals, *, minimum: int = 0, differentiable: bool = True
) -> ArrayInput:
    """A matrix of shape (rows, columns)."""
    return ArrayInput((rows, columns), domain, differentiable, minimum)


def stacked(
    *shape: str | int,
    domain: Domain = reals,
    minimum: int = 0,
    least: int = 0,
    largest: int = 0,
    canonical: int = 2,
    differentiable: bool = True,
) -> ArrayInput:
    """An array of the given dimensions (samples, channels, places, …), of which small ones stand for all."""
    return ArrayInput(shape, domain, differentiable, minimum, canonical=canonical, least=least, largest=largest)


def matrices(
    *shape: str | int,
    structure: str = "any",
    domain: Domain = reals,
    largest: int = 5,
    least: int = 0,
    canonical: int = 2,
) -> ArrayInput:
    """A matrix or a stack of them, often a special one; ``structure`` is a key of ``matrices.STRUCTURES``.

    Raises ValueError for a domain without 0: a structured matrix is scaled into it.
    """
    if not domain.contains(np.zeros(1)).all():
        raise ValueError(f"a structured matrix has elements that are not {domain.words}")
    return ArrayInput(shape, domain, least=least, largest=largest, canonical=canonical, structure=structure)


def array(group: str = "s", domain: Domain = reals, *, minimum: int = 0) -> ArrayInput:
    """An array of any rank; ``minimum`` 1 excludes empty ones."""
    return ArrayInput((), domain, True, minimum, group)


def broadcastable(group: str, member: int, members: int, domain: Domain = reals) -> ArrayInput:
    """Member number ``member`` of ``members`` arrays whose shapes broadcast together."""
    return ArrayInput((), domain, True, 0, group, member, members)


def integer(low: int, high: int) -> IntegerInput:
    """A static integer, low ≤ value ≤ high."""
    return IntegerInput(low, high, f"integer, {low}…{high}")


def axes(of: str) -> AxisInput:
    """Axes to reduce over of the input ``of``; static."""
    return AxisInput(of, f"axes of {of}")


def flag() -> FlagInput:
    """A static truth value."""
    return FlagInput()


def indices(of: str, *shape: str | int, axis: int = 0) -> IndexInput:
    """Static indices into an axis of the input ``of``, with repeats; ``xp.asarray(i, dtype=xp.int64)`` makes the array."""
    return IndexInput(of, axis, shape, f"indices into axis {axis} of {of}, shape ({', '.join(map(str, shape))})")


def function(domain: Any = (), codomain: Any = (), **more: Any) -> FunctionInput:
    """A function drawn from the catalogue; dimensions as in ``vector``, ``...`` where the shape is free."""
    return FunctionInput(domain, codomain, **more)
