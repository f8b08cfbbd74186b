"""Domains: where an identity holds, and the places inside it where defects are.

A domain is a set of real numbers given by an interval and excluded points. ``landmarks`` are points of interest for the
search: edges of the interval, excluded points and kinks. A domain stands on the entry of the catalogue, not in a test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Domain:
    """The reals x with low < x < high (an end belongs to the domain when ``closed``), without ``excluded`` points."""

    words: str
    low: float = -np.inf
    high: float = np.inf
    closed: bool = False
    excluded: tuple[float, ...] = ()
    kinks: tuple[float, ...] = ()

    def contains(self, values: np.ndarray) -> np.ndarray:
        """Element-wise membership, shape of ``values``; NaN and the infinities belong to no domain."""
        above = values >= self.low if self.closed else values > self.low
        below = values <= self.high if self.closed else values < self.high
        inside = above & below & np.isfinite(values)
        for point in self.excluded:
            inside &= values != point
        return inside

    @property
    def landmarks(self) -> tuple[float, ...]:
        """Finite edges, excluded points and kinks: the search goes at and next to these."""
        edges = [edge for edge in (self.low, self.high) if np.isfinite(edge)]
        return tuple(dict.fromkeys([*self.kinks, *self.excluded, *edges]))

    def __and__(self, other: Domain) -> Domain:
        """The points of both; an end belongs to them where it belongs to both."""
        words = f"{self.words}, {other.words}"
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Domain(words, low, high, self.closed and other.closed, self.excluded + other.excluded)

    def with_kinks(self, *points: float) -> Domain:
        """The same set, with more points for the search to visit."""
        return replace(self, kinks=self.kinks + points)


reals = Domain("real")
nonzero = Domain("≠ 0", excluded=(0.0,))
positive = Domain("> 0", low=0.0)


def within(bound: float, *kinks: float) -> Domain:
    """The numbers of absolute value below ``bound``."""
    return Domain(f"in (−{bound:g}, {bound:g})", low=-float(bound), high=float(bound), kinks=kinks)
