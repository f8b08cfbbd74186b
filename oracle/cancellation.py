"""What a derivative of a derivative h is a difference of, where it is exactly 0.

The derivative of sign x is 0. A library that has x / |x| for it returns 1/|x| − x²/|x|³, in which the rounding errors of two
terms as large as |h|/|x| remain: a loss of accuracy and no wrong formula, of which the function's own text shows nothing.
"""

from __future__ import annotations

import math

import numpy as np

from .modes import HESSIAN
from .orders import Higher
from .problems import Outputs


def size_of_terms(problem: Higher, truth: Outputs, k: int) -> float:
    """|h|·|v|/|x|, summed: what a relative change of the arguments makes of component k. 0 for the components of h."""
    label, shape = truth.labels[k], truth.shapes["primal"]
    h = np.abs([float(ball.mid()) for ball in truth.balls[: math.prod(shape)]]).reshape(shape)
    if label.part == "primal" or not h.size:
        return 0.0
    if problem.normwise:
        h = np.full_like(h, h.max())
    inverse = {name: _inverse_sizes(problem.arguments[name]) for name in problem.wrt}
    if label.part == HESSIAN:
        i, j = label.index[: h.ndim], label.index[h.ndim :]
        return float(max(h[i] * inverse[problem.by][j], h[j] * inverse[problem.by][i]))
    if label.part == "jvp":
        return float(h[label.index] * sum(np.sum(np.abs(t) * inverse[name]) for name, t in problem.tangents.items()))
    assert problem.cotangent is not None
    return float(np.sum(np.abs(problem.cotangent) * h) * inverse[label.part][label.index])


def _inverse_sizes(x: np.ndarray) -> np.ndarray:
    """1 / |x|, of a 0 by the largest element; 0 where all are 0."""
    size = np.abs(x.astype(float))
    size = np.where(size == 0, size.max(initial=0.0), size)
    return np.divide(1, size, out=np.zeros_like(size), where=size > 0)
