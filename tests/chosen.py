"""Which identities a slow test runs over: all of the core chapters, and of each chapter beyond them a few.

Every identity of every chapter is proved, checked numerically and judged by the suite itself (``reports/suite``).
"""

from __future__ import annotations

import math

from gradlaw.identities import BEYOND, CATALOGUE, Identity

CORE: list[Identity] = [entry for entry in CATALOGUE.entries.values() if entry.chapter not in BEYOND]


def smallest(spec) -> int:
    """How many elements a small array of an input may have: two, where its own sizes and minimum do not ask for more.

    A size may be larger because another input of the entry asks for it: two of two then.
    """
    fixed = [size for size in spec.shape if isinstance(size, int)]
    least = max(1, spec.minimum, spec.least)
    return max(
        4 if len(spec.shape) > 1 else 2,
        2 * math.prod(fixed) * least ** sum(isinstance(size, str) for size in spec.shape),
    )


def sample(count: int = 1) -> list[Identity]:
    """The first entries of every chapter beyond the core."""
    found: list[Identity] = []
    for chapter in BEYOND:
        found += [entry for entry in CATALOGUE.entries.values() if entry.chapter == chapter][:count]
    return found
