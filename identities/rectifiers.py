"""Activation functions made of pieces, element by element: where the pieces meet there is a kink, or a jump."""

from typing import Any

from .activations import Activation, declare, lower, upper

SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
"""λ and α of Klambauer et al. (arXiv 1706.02515), the nearest float64 numbers."""


def _clip(xp: Any, x: Any, low: float, high: float) -> Any:
    return xp.minimum(xp.maximum(x, low * xp.ones_like(x)), high * xp.ones_like(x))


def _inside(xp: Any, x: Any, low: float, high: float) -> Any:
    """1 between two kinks, else 0; as the convention of maximum and minimum has it also at them."""
    one, none = xp.ones_like(x), xp.zeros_like(x)
    return xp.where(x < low, none, xp.where(x > high, none, one))


def _outside(xp: Any, x: Any, bound: float) -> Any:
    """1 where |x| > bound, else 0."""
    one, none = xp.ones_like(x), xp.zeros_like(x)
    return xp.where(x > bound, one, xp.where(x < -bound, one, none))


_SEGMENT = "at {} the Clarke set is {}"

FUNCTIONS = (
    Activation(
        "selu",
        lambda xp, x: SELU_SCALE * (upper(xp, x) + SELU_ALPHA * xp.expm1(lower(xp, x))),
        lambda xp, x: SELU_SCALE * xp.where(x > 0, xp.ones_like(x), SELU_ALPHA * xp.exp(lower(xp, x))),
        r"\lambda \bigl(\max(0, x) + \alpha\,(e^{\min(0, x)} - 1)\bigr)",
        r"\lambda \text{ for } x > 0, \quad \lambda\,\alpha\,e^x \text{ for } x \le 0",
        (0.0, -88.0),
        _SEGMENT.format("x = 0", "[λ, λα]"),
        forms=(lambda xp, x: SELU_SCALE * xp.where(x > 0, xp.ones_like(x), SELU_ALPHA * (xp.expm1(lower(xp, x)) + 1)),),
    ),
    Activation(
        "elu",
        lambda xp, x, k: upper(xp, x) + k * xp.expm1(lower(xp, x)),
        lambda xp, x, k: xp.where(x > 0, xp.ones_like(x), k * xp.exp(lower(xp, x))),
        r"\max(0, x) + k\,(e^{\min(0, x)} - 1)",
        r"1 \text{ for } x > 0, \quad k\,e^x \text{ for } x \le 0",
        (0.0, -88.0),
        _SEGMENT.format("x = 0", "[1, k]; for k = 1 the function is differentiable there"),
        parametric=True,
        forms=(lambda xp, x, k: xp.where(x > 0, xp.ones_like(x), k * (xp.expm1(lower(xp, x)) + 1)),),
    ),
    Activation(
        "celu",
        lambda xp, x, k: upper(xp, x) + k * xp.expm1(lower(xp, x) / k),
        lambda xp, x, k: xp.where(x > 0, xp.ones_like(x), xp.exp(lower(xp, x) / k)),
        r"\max(0, x) + k\,(e^{\min(0, x) / k} - 1)",
        r"1 \text{ for } x > 0, \quad e^{x / k} \text{ for } x \le 0",
        (0.0, -88.0),
        "differentiable also at 0, where the formula changes",
        parametric=True,
        forms=(lambda xp, x, k: xp.where(x > 0, xp.ones_like(x), xp.expm1(lower(xp, x) / k) + 1),),
    ),
    Activation(
        "leaky_relu",
        lambda xp, x, k: upper(xp, x) + k * lower(xp, x) / 4,
        lambda xp, x, k: xp.where(x > 0, xp.ones_like(x), k * xp.ones_like(x) / 4),
        r"\max(0, x) + \tfrac{k}{4} \min(0, x)",
        r"1 \text{ for } x > 0, \quad \tfrac{k}{4} \text{ for } x \le 0",
        (0.0,),
        _SEGMENT.format("x = 0", "[k/4, 1]"),
        parametric=True,
    ),
    Activation(
        "relu6",
        lambda xp, x: _clip(xp, x, 0.0, 6.0),
        lambda xp, x: _inside(xp, x, 0.0, 6.0),
        r"\min(\max(0, x), 6)",
        r"1 \text{ for } 0 \le x \le 6, \quad 0 \text{ else}",
        (0.0, 6.0),
        _SEGMENT.format("x = 0 and x = 6", "[0, 1]"),
    ),
    Activation(
        "hardtanh",
        lambda xp, x: _clip(xp, x, -1.0, 1.0),
        lambda xp, x: _inside(xp, x, -1.0, 1.0),
        r"\min(\max(x, -1), 1)",
        r"1 \text{ for } |x| \le 1, \quad 0 \text{ else}",
        (-1.0, 1.0),
        _SEGMENT.format("x = ±1", "[0, 1]"),
    ),
    Activation(
        "hardsigmoid",
        lambda xp, x: _clip(xp, x + 3, 0.0, 6.0) / 6,
        lambda xp, x: _inside(xp, x + 3, 0.0, 6.0) / 6,
        r"\tfrac{1}{6} \min(\max(x + 3, 0), 6)",
        r"\tfrac{1}{6} \text{ for } |x| \le 3, \quad 0 \text{ else}",
        (-3.0, 3.0),
        _SEGMENT.format("x = ±3", "[0, 1/6]"),
    ),
    Activation(
        "hardswish",
        lambda xp, x: x * (_clip(xp, x + 3, 0.0, 6.0) / 6),
        lambda xp, x: _clip(xp, x + 3, 0.0, 6.0) / 6 + x * _inside(xp, x + 3, 0.0, 6.0) / 6,
        r"\tfrac{x}{6} \min(\max(x + 3, 0), 6)",
        r"\tfrac{1}{6} (2x + 3) \text{ for } |x| \le 3, \quad 0 \text{ below}, \quad 1 \text{ above}",
        (-3.0, 3.0),
        "at x = −3 the Clarke set is [−1/2, 0], at x = 3 [1, 3/2]",
        forms=(
            lambda xp, x: xp.where(
                x < -3, xp.zeros_like(x), xp.where(x > 3, xp.ones_like(x), x / 3 + xp.ones_like(x) / 2)
            ),
        ),
    ),
    Activation(
        "softshrink",
        lambda xp, x, k: x - _clip(xp, x, -k, k),
        lambda xp, x, k: _outside(xp, x, k),
        r"x - \min(\max(x, -k), k)",
        r"1 \text{ for } |x| > k, \quad 0 \text{ else}",
        (1.0, -1.0, 2.0, -2.0, 3.0, -3.0),
        _SEGMENT.format("x = ±k", "[0, 1]"),
        parametric=True,
    ),
    Activation(
        "hardshrink",
        lambda xp, x, k: x * _outside(xp, x, k),
        lambda xp, x, k: _outside(xp, x, k),
        r"x \text{ for } |x| > k, \quad 0 \text{ else}",
        r"1 \text{ for } |x| > k, \quad 0 \text{ else}",
        (1.0, -1.0, 2.0, -2.0, 3.0, -3.0),
        "the value jumps at x = ±k: nothing is claimed there",
        parametric=True,
        jumps=True,
    ),
    Activation(
        "threshold",
        lambda xp, x, k: xp.where(x > k, x, -k * xp.ones_like(x)),
        lambda xp, x, k: xp.where(x > k, xp.ones_like(x), xp.zeros_like(x)),
        r"x \text{ for } x > k, \quad -k \text{ else}",
        r"1 \text{ for } x > k, \quad 0 \text{ else}",
        (1.0, 2.0, 3.0),
        "the value jumps at x = k: nothing is claimed there",
        parametric=True,
        jumps=True,
    ),
)

for _function in FUNCTIONS:
    declare(_function)
