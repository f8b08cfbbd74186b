"""What a law's function returns, or raises where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Equal:
    """Both sides are the same derivative or array; each side is judged against the truth."""

    left: Any
    right: Any


@dataclass(frozen=True)
class Holds:
    """A fact that is not an equation of numbers: a shape, an inequality. ``what`` says it with its numbers.

    ``exact`` facts concern the mathematics alone and are not put to a backend.
    """

    true: bool
    what: str
    exact: bool = False


class Unmet(Exception):
    """A hypothesis of a law does not hold at this example: it says nothing here."""
