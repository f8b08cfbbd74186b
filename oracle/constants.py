"""Every number in the verdict, each with its reason. There is no tolerance: these bound what rounding may do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from flint import arb

from ..strategies.formats import HALF, dtype_of, finfo

FUNCTION_ULPS = 8.0
"""A transcendental result is within this many units round-off of the true one (4 ulp): measured over NumPy, torch and
JAX on 20 million components, where the worst library function in the catalogue stayed below."""

FUNCTION_ULPS_OF = {"cosh": 20.0, "sinh": 20.0}
"""Functions whose library versions are known to be worse, in units round-off."""

HALF_FUNCTION_ULPS = 3.0
"""The same for the formats of 16 bits, whose functions are computed in float32 and rounded once: measured over every
float16 and bfloat16 and 17 functions, 1.0 units round-off at most in NumPy and torch, 2.8 in JAX."""

MARGIN_ULPS = 4.0
"""The enclosure is widened by this: a library may carry a constant or a scaling that costs a rounding or two more."""

NEAR_ULPS = 64.0
"""At most this, and never more than √u.

A result this close to the true one is right whatever formula it came from: silu's three formulas differ by 7 to 18
ulp, gammaln's by 80."""

INACCURACY_FACTOR = 2.0**10
"""At most this, and never more than 1/√u.

Inside the enclosure with every constant multiplied by this: a loss of accuracy, not a wrong formula. Likewise a result that
is not finite is only accused where nothing comes within this factor of the largest number: in another order of the same
operations an intermediate result may be as much larger."""

NORMWISE_UNITS = 8.0
"""Linear algebra: |ΔA| ≤ 8·n·u·max|A| for matrices of size n. LU with partial pivoting solves (A + ΔA) x = b exactly with
|ΔA| ≤ 3n·u·|L||U|, and a small growth of the elements is usual (Higham, Accuracy and Stability, 2002, section 9.3)."""

EXACT_BITS = 128
"""Working precision of the truth to begin with; doubled until its own error is negligible."""

EXACT_BITS_LIMIT = 8192
"""Enough to reduce arguments up to 2**1024 and to resolve cancellation of any products of a few float64 values."""

INJECTED_BITS = 96
"""Working precision of the enclosures: 43 bits below float64's unit round-off."""

NEGLIGIBLE = 2.0**-24
"""The truth's own error, as a fraction of the enclosure's radius or of one ulp, at which it is negligible."""

CONFIRMATION_DIGITS = 60
"""Digits of the independent evaluation of the definition that must agree before anybody is accused."""


@dataclass(frozen=True)
class Format:
    """A floating-point format: unit round-off u, smallest normal number η, largest number, bits of the significand."""

    name: str
    unit_roundoff: float
    smallest_normal: float
    largest: float
    bits: int

    @property
    def ulp(self) -> float:
        """Relative spacing above 1: two units round-off."""
        return 2 * self.unit_roundoff

    def function_ulps(self, name: str) -> float:
        """How far a library's function may be from the true one, in units round-off."""
        return HALF_FUNCTION_ULPS if self.name in HALF else FUNCTION_ULPS_OF.get(name, FUNCTION_ULPS)

    @property
    def half_the_digits(self) -> float:
        """√u: the relative error that leaves half of the digits. No constant of the verdict explains more than this."""
        return math.sqrt(self.unit_roundoff)

    @property
    def near(self) -> float:
        """The relative error at which a result is right whatever formula it came from."""
        return min(NEAR_ULPS * self.ulp, self.half_the_digits)

    @property
    def looser(self) -> float:
        """What all constants are multiplied by for *inaccurate*."""
        return min(INACCURACY_FACTOR, 1 / self.half_the_digits)


def format_of(dtype: np.dtype | str) -> Format:
    """The format of a NumPy dtype."""
    info = finfo(dtype)
    return Format(
        dtype_of(dtype).name, 2.0 ** -(info.nmant + 1), float(info.smallest_normal), float(info.max), info.nmant + 1
    )


def relative(units: float) -> arb:
    """The ball 1 ± units."""
    return arb(1, units)
