"""Values: how bytes become numbers that find defects and that a person can read.

Two bytes make one element, and simpler bytes make simpler numbers, so that Hypothesis, which shrinks bytes towards
zero, shrinks an array towards 1, 0, −1, 2, …. The *class* of an array says which numbers its elements mostly are.
Everything is exactly representable in the dtype on trial.
"""

from __future__ import annotations

import numpy as np

from .domains import Domain
from .formats import finfo

CLASSES = ("simple", "generic", "ties", "special", "near", "wide", "zeros", "mixed")
# Ordinary magnitudes carry most of the evidence; far out, a format's limits often allow no claim.
_CLASS_OF_BYTE = np.repeat(np.arange(len(CLASSES)), (64, 64, 24, 24, 24, 16, 20, 20))

_SIMPLE = np.array([1, 0, -1, 2, -2, 3, -3, 0.5, -0.5, 4, -4, 1.5, -1.5, 5, -5, 0.25, -0.25, 10, -10, 7, -7, 100, -100])
_ULPS = np.array([0, 0, 1, -1, 2, -2, 1000, -1000])
_OFFSETS = np.array([1e-8, -1e-8, 1e-4, -1e-4])


def class_of(byte: int) -> str:
    """The value class that a header byte stands for; 0 is the simplest."""
    return CLASSES[_CLASS_OF_BYTE[byte]]


def special_values(dtype: np.dtype) -> np.ndarray:
    """Zeros of both signs, the edges of the format, and neighbours of 1."""
    info = finfo(dtype)
    top = float(info.max)
    root = 2.0 ** (info.maxexp // 2)
    magnitudes = [0.0, float(info.smallest_normal), float(info.smallest_subnormal), 1 + float(info.eps), top]
    magnitudes += [1 - float(info.epsneg), root, 1 / root, top / 4, float(info.smallest_normal) * 4, 1e4, 1e-4]
    return np.array([signed for size in magnitudes for signed in (size, -size)])


def _simple(codes: np.ndarray) -> np.ndarray:
    return _SIMPLE[codes[:, 0] % len(_SIMPLE)]


def _log_uniform(codes: np.ndarray, low: float, high: float) -> np.ndarray:
    """Sign, and a magnitude 2**e with e uniform between ``low`` and ``high``, on a grid of 2**15 points: no holes."""
    fraction = ((codes[:, 0] & 0x7F) * 256 + codes[:, 1]) / 2.0**15
    return np.where(codes[:, 0] & 0x80, -1.0, 1.0) * np.exp2(low + (high - low) * fraction)


def _near(codes: np.ndarray, dtype: np.dtype, landmarks: tuple[float, ...]) -> np.ndarray:
    """At a landmark, 1, 2 or 1000 ulp from it, or 1e-8 or 1e-4 from it (relative to 1)."""
    points = np.array(landmarks or (0.0, 1.0, -1.0)).astype(dtype).astype(np.float64)
    at = points[codes[:, 0] % len(points)]
    step = codes[:, 1] % (len(_ULPS) + len(_OFFSETS))
    ulps = _ULPS[np.minimum(step, len(_ULPS) - 1)]
    # One ulp in the direction of the step: below a power of two it is half as large as above.
    onward = np.nextafter(at.astype(dtype), np.copysign(np.inf, ulps).astype(dtype))
    spacing = np.abs(onward.astype(np.float64) - at)
    offset = _OFFSETS[np.maximum(step - len(_ULPS), 0)]
    return np.where(step < len(_ULPS), at + ulps * spacing, at + offset)


def _wide_exponents(dtype: np.dtype) -> tuple[float, float]:
    info = finfo(dtype)
    return info.minexp - 2.0, info.maxexp - 1.0


def _of_class(name: str, codes: np.ndarray, dtype: np.dtype, domain: Domain) -> np.ndarray:
    match name:
        case "simple":
            return _simple(codes)
        case "generic":
            return _log_uniform(codes, -4.0, 4.0)
        case "ties":
            tied = np.where(codes[:, 1:] & 1, codes, codes[:1])
            return np.where(codes[:1, 1] & 2, _log_uniform(tied, -4.0, 4.0), _simple(tied))
        case "special":
            values = special_values(dtype)
            return values[codes[:, 0] % len(values)]
        case "near":
            return _near(codes, dtype, domain.landmarks)
        case "wide":
            return _log_uniform(codes, *_wide_exponents(dtype))
        case "zeros":  # one of an array, or several: products and norms have special places there
            return np.where(codes[:, 1] & 1, 0.0, _simple(codes))
    # mixed: each element of a class of its own; what chose the class must not choose the value as well
    count = len(CLASSES) - 1
    rest = np.stack([codes[:, 0], codes[:, 1] // count], axis=1)
    return np.choose(codes[:, 1] % count, [_of_class(part, rest, dtype, domain) for part in CLASSES[:-1]])


def elements(codes: np.ndarray, name: str, dtype: np.dtype, domain: Domain) -> np.ndarray:
    """``codes`` (n, 2) of bytes as n values of class ``name`` in ``dtype``, all inside ``domain``."""
    if len(codes) == 0:
        return np.zeros(0, dtype)
    codes = codes.astype(np.int64)
    top = float(finfo(dtype).max)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        values = np.clip(_of_class(name, codes, dtype, domain), -top, top).astype(dtype)
        # Outside the domain: the mirror image, then the simple neighbours, then points of the domain itself.
        part = ((codes[:, 0] * 256 + codes[:, 1] + 2**15) % 2**16) / 2**16
        simple = _simple(codes).astype(dtype)
        inside = [_within(domain, p).astype(dtype) for p in (part, np.array(0.5), np.array(0.25), np.array(0.625))]
        for replacement in (-values, values + dtype.type(1), simple, -simple, *inside):
            values = np.where(domain.contains(values), values, replacement)
    return values.astype(dtype)


def _within(domain: Domain, part: np.ndarray) -> np.ndarray:
    """Points spread over the domain's interval, ``part`` from 0 to 1; ½ is the middle, or 1 beyond its only end."""
    if np.isfinite(domain.low) and np.isfinite(domain.high):
        return domain.low * (1 - part) + domain.high * part
    magnitude = np.exp2(8 * part - 4)
    if np.isfinite(domain.low):
        return domain.low + magnitude * max(1.0, abs(domain.low))
    if np.isfinite(domain.high):
        return domain.high - magnitude * max(1.0, abs(domain.high))
    return magnitude
