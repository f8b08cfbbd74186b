"""Which identities a slow test runs over: all of the core chapters, and of each chapter beyond them a few.

Every identity of every chapter is proved, checked numerically and judged by the suite itself (``reports/suite``).
"""

from __future__ import annotations

from gradlaw.identities import BEYOND, CATALOGUE, Identity

CORE: list[Identity] = [entry for entry in CATALOGUE.entries.values() if entry.chapter not in BEYOND]


def sample(count: int = 1) -> list[Identity]:
    """The first entries of every chapter beyond the core."""
    found: list[Identity] = []
    for chapter in BEYOND:
        found += [entry for entry in CATALOGUE.entries.values() if entry.chapter == chapter][:count]
    return found
