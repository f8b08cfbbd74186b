"""Where identities are tried: inputs and their domains, shapes, values at kinks and edges, directions.

Importing this package imports neither Hypothesis nor SymPy; ``gradlaw.strategies.search`` does the former.
"""

from .domains import Domain, nonzero, positive, reals
from .specs import array, axes, broadcastable, flag, function, indices, integer, matrix, scalar, stacked, vector

__all__ = [
    "Domain",
    "array",
    "axes",
    "broadcastable",
    "flag",
    "function",
    "indices",
    "integer",
    "matrix",
    "nonzero",
    "positive",
    "reals",
    "scalar",
    "stacked",
    "vector",
]
