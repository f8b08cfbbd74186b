"""NumPy with the functions that it lacks, for shapes and rough values; what is judged is never computed here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from .elementary import FUNCTIONS


class Floats:
    """NumPy's namespace; a function of the table that NumPy lacks is evaluated on balls, element by element."""

    def __getattr__(self, name: str) -> Any:
        if name in FUNCTIONS and not hasattr(np, name):
            return _elementwise(lambda x: FUNCTIONS[name].of_ball(x))
        return getattr(np, name)


FLOATS = Floats()


def _elementwise(of_balls: Callable[..., arb]) -> Callable[..., np.ndarray]:
    def value(*numbers: Any) -> float:
        found = of_balls(*(arb(float(number)) for number in numbers))
        return float(found.mid()) if found.is_finite() else np.nan

    def on_arrays(*arrays: Any) -> np.ndarray:
        return np.vectorize(value, otypes=[float])(*arrays)

    return on_arrays
