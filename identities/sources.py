"""Where identities are taken from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Where an identity is taken from."""

    work: str
    section: str

    def __str__(self) -> str:
        return f"{self.work}, {self.section}" if self.section else self.work


def PH(section: str) -> Source:
    """T. Parr and J. Howard, The Matrix Calculus You Need for Deep Learning (arXiv 1802.01528)."""
    return Source("Parr & Howard, arXiv 1802.01528", f"§{section}")
