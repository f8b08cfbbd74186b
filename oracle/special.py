"""Functions that FLINT or mpmath lack under one name, written with those that they have.

Each is given in a form that neither overflows nor cancels, so that the enclosure of a thin ball is thin.
"""

from __future__ import annotations

from typing import Any

from flint import arb


def expit(x: arb) -> arb:
    """1/(1 + e⁻ˣ), by the exponential that decays."""
    if x.mid() < 0:
        up = x.exp()
        return up / (1 + up)
    return 1 / (1 + (-x).exp())


def softplus(x: arb) -> arb:
    """ln(1 + eˣ), by the exponential that decays."""
    return (-x).exp().log1p() + x if x.mid() > 0 else x.exp().log1p()


def mp_expit(mp: Any, x: Any) -> Any:
    """1/(1 + e⁻ˣ) by mpmath."""
    return 1 / (1 + mp.exp(-x))


def mp_softplus(mp: Any, x: Any) -> Any:
    """ln(1 + eˣ) by mpmath."""
    return mp.log1p(mp.exp(-abs(x))) + max(x, mp.mpf(0))
