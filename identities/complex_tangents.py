"""Complex tangents: tan, tanh and the logistic function, with their poles, as functions of pairs of reals.

The textbook quotient (sin 2x + i sinh 2y)/(cos 2x + cosh 2y) overflows far from the axis, where tan z is ±i. Here it is
written with t = tan x and T = tanh y: all denominators are 1 + t²T², sums of positive numbers, and 1 − T² is the product of
two logistic functions. There are no cuts; the poles are no floating-point numbers.
"""

from typing import Any

from ..strategies import reals
from .complex_functions import WHOLE, Holomorphic, Region, declare
from .pairs import Pair, saved, times


def _sech2(xp: Any, x: Any) -> Any:
    """1/cosh² x, which neither cancels nor overflows."""
    return 4 * xp.expit(2 * x) * xp.expit(-2 * x)


def tan_parts(xp: Any, x: Any, y: Any) -> Pair:
    """tan(x + iy)."""
    t, T = xp.tan(x), xp.tanh(y)
    d = 1 + t * t * T * T
    return t * _sech2(xp, y) / d, T * ((1 + t * t) / d)


def _sec2(xp: Any, x: Any, y: Any) -> Pair:
    """1/cos² z = sec² x sech² y ((1 + i t T)/(1 + t²T²))²."""
    t, T = xp.tan(x), xp.tanh(y)
    d = 1 + t * t * T * T
    modulus = (1 + t * t) / d * _sech2(xp, y)
    return modulus * ((1 - t * T) * (1 + t * T) / d), modulus * (2 * t * T / d)


def _turned(parts: Pair) -> Pair:
    """−i f, of the real and the imaginary part of f at i z: from tan to tanh."""
    return parts[1], parts[0]


def _tanh(xp: Any, x: Any, y: Any) -> Pair:
    return _turned(tan_parts(xp, y, x))


def _sech_squared(xp: Any, x: Any, y: Any) -> Pair:
    u, v = _sec2(xp, y, x)
    return u, -v


def _plus(number: float, square: float, f: Any) -> Any:
    """number + square·f², as libraries compute the derivative from the value."""

    def form(xp: Any, x: Any, y: Any) -> Pair:
        def slope(value: Pair) -> Pair:
            u, v = times(value, value)
            return number + square * u, square * v

        value = f(xp, x, y)
        return slope(saved(xp, value, slope(value), x, y))

    return form


def _expit(xp: Any, x: Any, y: Any) -> Pair:
    t, T = xp.tan(y / 2), xp.tanh(x / 2)
    d = 1 + t * t * T * T
    return xp.expit(x) * ((1 + t * t * T) / d), 2 * xp.expit(x) * xp.expit(-x) * (t / d)


def _expit_slope(xp: Any, x: Any, y: Any) -> Pair:
    """1/(4 cosh²(z/2))."""
    u, v = _sech_squared(xp, x / 2, y / 2)
    return u / 4, v / 4


def _value_times_rest(xp: Any, x: Any, y: Any) -> Pair:
    """s(1 − s)."""

    def slope(value: Pair) -> Pair:
        u, v = value
        return times(value, (1 - u, -v))

    value = _expit(xp, x, y)
    return slope(saved(xp, value, slope(value), x, y))


_FAR = Region("", reals.with_kinks(0.0, 20.0, -20.0, 100.0), reals.with_kinks(0.0, 1.0))

FUNCTIONS = (
    Holomorphic("tan", tan_parts, _sec2, (r"\tan z", r"\frac{1}{\cos^2 z}"), (WHOLE,), forms=(_plus(1, 1, tan_parts),)),
    Holomorphic(
        "tanh", _tanh, _sech_squared, (r"\tanh z", r"\frac{1}{\cosh^2 z}"), (WHOLE,), forms=(_plus(1, -1, _tanh),)
    ),
    Holomorphic(
        "expit",
        _expit,
        _expit_slope,
        (r"\frac{1}{1 + e^{-z}}", r"\frac{1}{4 \cosh^2 (z/2)}"),
        (_FAR,),
        forms=(_value_times_rest,),
    ),
)

declare(FUNCTIONS, __name__)
