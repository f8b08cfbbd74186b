"""Where identities are tried: inputs and their domains, shapes, values at kinks and edges, directions.

Importing this package imports neither Hypothesis nor SymPy; ``gradlaw.strategies.search`` does the former.
"""

from .domains import Domain, nonzero, positive, reals, within
from .specs import (
    array,
    axes,
    broadcastable,
    flag,
    function,
    indices,
    integer,
    matrices,
    matrix,
    scalar,
    stacked,
    vector,
)

__all__ = [
    "Domain",
    "array",
    "axes",
    "broadcastable",
    "flag",
    "function",
    "indices",
    "integer",
    "matrices",
    "matrix",
    "nonzero",
    "positive",
    "reals",
    "scalar",
    "stacked",
    "vector",
    "within",
]
