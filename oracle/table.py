"""What a line of the tables of functions says: one function for every kind of scalar, and its derivative.

A derivative is written with the operations of an arithmetic ``A``: add, subtract, multiply, divide, call, one, two, pi.
The arithmetic is that of rounded balls (as the tape of a library computes), of a finite field, or of index terms.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple


class Arithmetic:
    """The operations of a table, for numbers that have Python's operators."""

    add, subtract = staticmethod(operator.add), staticmethod(operator.sub)
    multiply, divide = staticmethod(operator.mul), staticmethod(operator.truediv)

    def __init__(self, call: Callable[..., Any], number: Callable[[int], Any], pi: Any) -> None:
        self.call, self.number, self.pi = call, number, pi
        self.one, self.two = number(1), number(2)


class Elementary(NamedTuple):
    """A function of one variable by its names in FLINT, SymPy and mpmath, and its derivative f′(x), given x and y = f(x).

    A function instead of a name takes a ball; the module SymPy, or a context of mpmath, and the argument. Without a SymPy
    name that judge says nothing. ``mixed``: an accurate library returns f at a point close to x, see ``Balls.call``.
    ``lossy``: another formula for f′ that libraries use, as a rule from the saved y that loses the tail.
    """

    arb: str | Callable[[Any], Any]
    sympy: str | Callable[[Any, Any], Any]
    mpmath: str | Callable[[Any, Any], Any]
    derivative: Callable[[Any, Any, Any], Any]
    mixed: bool = False
    lossy: Callable[[Any, Any, Any], Any] | None = None

    def of_ball(self, x: Any) -> Any:
        """f(x) for a ball."""
        return getattr(x, self.arb)() if isinstance(self.arb, str) else self.arb(x)

    def by_sympy(self, sympy: Any, x: Any) -> Any:
        """f(x) for an expression. Raises AttributeError where SymPy has no such function."""
        return getattr(sympy, self.sympy or "?")(x) if isinstance(self.sympy, str) else self.sympy(sympy, x)

    def by_mpmath(self, context: Any, x: Any) -> Any:
        """f(x) in a context of mpmath."""
        return getattr(context, self.mpmath)(x) if isinstance(self.mpmath, str) else self.mpmath(context, x)

    def partials(self, A: Any, arguments: tuple[Any, ...], y: Any, *, lossy: bool = False) -> list[Any]:
        """The derivative as a list of one; ``lossy`` by that rule, if there is one."""
        return [((lossy and self.lossy) or self.derivative)(A, arguments[0], y)]


class Several(NamedTuple):
    """A function of several variables; an order such as n of Jₙ is a Python int, and nothing is differentiated by it.

    ``arb``, ``acb`` take balls; ``sympy`` and ``mpmath`` the module or context first; ``rules`` has for every argument
    its partial derivative, as a function of A, the arguments and y, or None where there is none; ``lossy`` likewise others
    that libraries use and that lose accuracy.
    """

    arb: Callable[..., Any]
    acb: Callable[..., Any]
    sympy: Callable[..., Any] | None
    mpmath: Callable[..., Any]
    rules: tuple[Callable[..., Any] | None, ...]
    mixed: bool = True
    lossy: tuple[Callable[..., Any] | None, ...] | None = None

    def of_ball(self, *arguments: Any) -> Any:
        """f for balls."""
        return self.arb(*arguments)

    def by_sympy(self, sympy: Any, *arguments: Any) -> Any:
        """f for expressions. Raises AttributeError where SymPy has no such function."""
        if self.sympy is None:
            raise AttributeError("SymPy has no such function")
        return self.sympy(sympy, *arguments)

    def by_mpmath(self, context: Any, *arguments: Any) -> Any:
        """f in a context of mpmath."""
        return self.mpmath(context, *arguments)

    def partials(self, A: Any, arguments: tuple[Any, ...], y: Any, *, lossy: bool = False) -> list[Any]:
        """The partial derivatives by all arguments, None where there is none; ``lossy`` by those rules, if there are any."""
        return [rule and rule(A, *arguments, y) for rule in (lossy and self.lossy) or self.rules]
