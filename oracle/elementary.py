"""The table of elementary functions: one line each, for every kind of scalar.

``arb`` is the method of a ball (and of a FLINT Taylor series), or a function of a ball; ``derivative`` writes f′(x) with
the operations of a rounded ball arithmetic ``A``, given x and y = f(x), as the tape of a library would compute it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from . import special


class Elementary(NamedTuple):
    """A function of one variable by its names in FLINT, SymPy and mpmath, and its derivative.

    A function instead of a name takes a ball; the module SymPy, or a context of mpmath, and the argument.
    """

    arb: str | Callable[[Any], Any]
    sympy: str | Callable[[Any, Any], Any]
    mpmath: str | Callable[[Any, Any], Any]
    derivative: Callable[[Any, Any, Any], Any]

    def of_ball(self, x: Any) -> Any:
        """f(x) for a ball."""
        return getattr(x, self.arb)() if isinstance(self.arb, str) else self.arb(x)

    def by_sympy(self, sympy: Any, x: Any) -> Any:
        """f(x) for an expression."""
        return getattr(sympy, self.sympy)(x) if isinstance(self.sympy, str) else self.sympy(sympy, x)

    def by_mpmath(self, context: Any, x: Any) -> Any:
        """f(x) in a context of mpmath."""
        return getattr(context, self.mpmath)(x) if isinstance(self.mpmath, str) else self.mpmath(context, x)


def _reciprocal_root(A: Any, inside: Any) -> Any:
    return A.divide(A.one, A.call("sqrt", inside))


def _bell(A: Any, x: Any) -> Any:
    """2/√π·exp(−x²)."""
    return A.multiply(A.divide(A.two, A.call("sqrt", A.pi)), A.call("exp", -A.multiply(x, x)))


FUNCTIONS: dict[str, Elementary] = {
    "exp": Elementary("exp", "exp", "exp", lambda A, x, y: y),
    "expm1": Elementary("expm1", lambda s, x: s.exp(x) - 1, "expm1", lambda A, x, y: A.call("exp", x)),
    "log": Elementary("log", "log", "log", lambda A, x, y: A.divide(A.one, x)),
    "log1p": Elementary("log1p", lambda s, x: s.log(1 + x), "log1p", lambda A, x, y: A.divide(A.one, A.add(A.one, x))),
    "sin": Elementary("sin", "sin", "sin", lambda A, x, y: A.call("cos", x)),
    "cos": Elementary("cos", "cos", "cos", lambda A, x, y: -A.call("sin", x)),
    "tan": Elementary("tan", "tan", "tan", lambda A, x, y: A.add(A.one, A.multiply(y, y))),
    "sinh": Elementary("sinh", "sinh", "sinh", lambda A, x, y: A.call("cosh", x)),
    "cosh": Elementary("cosh", "cosh", "cosh", lambda A, x, y: A.call("sinh", x)),
    "tanh": Elementary("tanh", "tanh", "tanh", lambda A, x, y: A.subtract(A.one, A.multiply(y, y))),
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
        "atanh", "atanh", "atanh", lambda A, x, y: A.divide(A.one, A.subtract(A.one, A.multiply(x, x)))
    ),
    "sqrt": Elementary("sqrt", "sqrt", "sqrt", lambda A, x, y: A.divide(A.one, A.multiply(A.two, y))),
    "erf": Elementary("erf", "erf", "erf", lambda A, x, y: _bell(A, x)),
    "erfc": Elementary("erfc", "erfc", "erfc", lambda A, x, y: -_bell(A, x)),
    "expit": Elementary(
        special.expit,
        lambda s, x: 1 / (1 + s.exp(-x)),
        special.mp_expit,
        lambda A, x, y: A.multiply(y, A.subtract(A.one, y)),
    ),
    "softplus": Elementary(
        special.softplus, lambda s, x: s.log(1 + s.exp(x)), special.mp_softplus, lambda A, x, y: A.call("expit", x)
    ),
}
