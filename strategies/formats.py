"""The floating-point formats on trial, by name: NumPy's own, and bfloat16, which ``ml_dtypes`` adds to NumPy.

``ml_dtypes`` is imported where bfloat16 is asked for and not before; who has JAX has it.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

NAMES = ("float16", "bfloat16", "float32", "float64")
"""All formats that can be judged, the narrowest first."""

USUAL = ("float32", "float64")
"""The formats that are judged where none is asked for."""

HALF = ("float16", "bfloat16")
"""The formats of 16 bits: in these every input of a function of one variable can be tried."""


def available(name: str) -> bool:
    """Whether NumPy has the format here."""
    return name != "bfloat16" or find_spec("ml_dtypes") is not None


def dtype_of(name: Any) -> np.dtype:
    """The NumPy dtype of a name or dtype. Raises ImportError for bfloat16 without ml_dtypes, TypeError for no dtype."""
    if isinstance(name, str) and name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def finfo(dtype: Any) -> Any:
    """NumPy's ``finfo``, for bfloat16 that of ml_dtypes: ``nmant``, ``maxexp``, ``smallest_normal``, ``max``, …"""
    dtype = dtype_of(dtype)
    if dtype.name != "bfloat16":
        return np.finfo(dtype)
    import ml_dtypes

    return ml_dtypes.finfo(dtype)


def is_floating(dtype: np.dtype) -> bool:
    """Whether a dtype is one of real floating-point numbers; NumPy itself takes bfloat16 for bytes."""
    return dtype.kind == "f" or dtype.name == "bfloat16"
