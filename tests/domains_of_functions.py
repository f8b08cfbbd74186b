"""Points at which an elementary function has a real value."""

from __future__ import annotations

from typing import Any


def into_domain(name: str, x: Any) -> Any:
    """Any real numbers moved into the domain of a function of ``oracle.elementary.FUNCTIONS``."""
    match name:
        case "log" | "sqrt" | "log1p" | "log2" | "log10":
            return abs(x)
        case "gamma" | "gammaln" | "spence" | "spence_slope" | "lambertw":
            return abs(x) + 0.3
        case "erfcx" | "erfcx_slope":
            return x / 4
        case "logit" | "ndtri":
            return (1 + x / (1 + abs(x))) / 2
        case "erfcinv":
            return 1 + x / (1 + abs(x))
        case "asin" | "acos" | "atanh" | "erfinv":
            return x / (1 + abs(x))
        case "acosh":
            return 1.25 + abs(x)  # nearer to 1 an enclosure is right but not tight
    return x
