"""The modes in which a backend is judged: how forward and reverse mode are nested in one another."""

from __future__ import annotations

FIRST = ("forward", "reverse")
HESSIAN = "hessian"
SECOND = (
    "forward-over-forward",
    "forward-over-reverse",
    "reverse-over-forward",
    "reverse-over-reverse",
    HESSIAN,
)
THIRD = ("forward-over-forward-over-forward",)
ALL = (*FIRST, *SECOND, *THIRD)


def nesting(mode: str) -> list[str]:
    """The modes from the outermost inwards. A Hessian is whatever the library makes of it, here forward over reverse."""
    return ["forward", "reverse"] if mode == HESSIAN else mode.split("-over-")
