"""Points at which an elementary function has a real value."""

from __future__ import annotations

from typing import Any


def into_domain(name: str, x: Any) -> Any:
    """Any real numbers moved into the domain of a function of ``oracle.elementary.FUNCTIONS``."""
    match name:
        case "log" | "sqrt" | "log1p":
            return abs(x)
        case "asin" | "acos" | "atanh":
            return x / (1 + abs(x))
        case "acosh":
            return 1.25 + abs(x)  # nearer to 1 an enclosure is right but not tight
    return x
