"""NumPy with the functions that it lacks, for shapes and rough values; what is judged is never computed here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from .elementary import FUNCTIONS, SEVERAL


class Floats:
    """NumPy's namespace; a function of the table that NumPy lacks is evaluated on balls, element by element."""

    def __getattr__(self, name: str) -> Any:
        function = FUNCTIONS.get(name) or SEVERAL.get(name)
        if function is not None and not hasattr(np, name):
            return _elementwise(function.of_ball)
        return getattr(np, name)


FLOATS = Floats()


def _elementwise(of_balls: Callable[..., arb]) -> Callable[..., np.ndarray]:
    def value(*numbers: Any) -> float:
        found = of_balls(*(n if isinstance(n, int) else arb(float(n)) for n in numbers))
        return float(found.mid()) if found.is_finite() else np.nan

    def on_arrays(*arrays: Any) -> np.ndarray:
        orders = {k for k, a in enumerate(arrays) if isinstance(a, int)}
        return np.vectorize(value, otypes=[float], excluded=orders)(*arrays)

    return on_arrays
