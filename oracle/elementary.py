"""The table of functions: one line each, for every kind of scalar. Here the elementary ones of the Array API."""

from __future__ import annotations

from typing import Any

from .several_table import SEVERAL
from .special_table import SPECIAL
from .table import Elementary

__all__ = ["FUNCTIONS", "SEVERAL", "Elementary"]


def _reciprocal_root(A: Any, inside: Any) -> Any:
    return A.divide(A.one, A.call("sqrt", inside))


def _factors(A: Any, x: Any) -> Any:
    """(1 + x)(1 − x), accurate itself, whose derivative (1 − x) − (1 + x) loses a small x."""
    return A.multiply(A.add(A.one, x), A.subtract(A.one, x))


FUNCTIONS: dict[str, Elementary] = {
    "exp": Elementary("exp", "exp", "exp", lambda A, x, y: y),
    "expm1": Elementary(
        "expm1",
        lambda s, x: s.exp(x) - 1,
        "expm1",
        lambda A, x, y: A.call("exp", x),
        lossy=lambda A, x, y: A.add(y, A.one),
    ),
    "log": Elementary("log", "log", "log", lambda A, x, y: A.divide(A.one, x)),
    "log1p": Elementary("log1p", lambda s, x: s.log(1 + x), "log1p", lambda A, x, y: A.divide(A.one, A.add(A.one, x))),
    "sin": Elementary("sin", "sin", "sin", lambda A, x, y: A.call("cos", x)),
    "cos": Elementary("cos", "cos", "cos", lambda A, x, y: -A.call("sin", x)),
    "tan": Elementary("tan", "tan", "tan", lambda A, x, y: A.add(A.one, A.multiply(y, y))),
    "sinh": Elementary("sinh", "sinh", "sinh", lambda A, x, y: A.call("cosh", x)),
    "cosh": Elementary("cosh", "cosh", "cosh", lambda A, x, y: A.call("sinh", x)),
    "tanh": Elementary(
        "tanh",
        "tanh",
        "tanh",
        lambda A, x, y: A.subtract(A.one, A.multiply(y, y)),
        lossy=lambda A, x, y: _factors(A, y),
    ),
    "atan": Elementary("atan", "atan", "atan", lambda A, x, y: A.divide(A.one, A.add(A.one, A.multiply(x, x)))),
    "asin": Elementary(
        "asin", "asin", "asin", lambda A, x, y: _reciprocal_root(A, A.subtract(A.one, A.multiply(x, x)))
    ),
    "acos": Elementary(
        "acos", "acos", "acos", lambda A, x, y: -_reciprocal_root(A, A.subtract(A.one, A.multiply(x, x)))
    ),
    "asinh": Elementary("asinh", "asinh", "asinh", lambda A, x, y: _reciprocal_root(A, A.add(A.multiply(x, x), A.one))),
    "acosh": Elementary(
        "acosh", "acosh", "acosh", lambda A, x, y: _reciprocal_root(A, A.subtract(A.multiply(x, x), A.one))
    ),
    "atanh": Elementary(
        "atanh",
        "atanh",
        "atanh",
        lambda A, x, y: A.divide(A.one, A.subtract(A.one, A.multiply(x, x))),
        lossy=lambda A, x, y: A.divide(A.one, _factors(A, x)),
    ),
    "sqrt": Elementary("sqrt", "sqrt", "sqrt", lambda A, x, y: A.divide(A.one, A.multiply(A.two, y))),
    **SPECIAL,
}
