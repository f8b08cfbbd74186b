"""Functions of the tables as SymPy has them, and what it has not: step functions that are constant between their jumps."""

from __future__ import annotations

from typing import Any

import sympy

from .elementary import FUNCTIONS, SEVERAL


class UnknownFunction(AttributeError):
    """SymPy has no such function: nothing can be said of an entry that uses it."""


class Step(sympy.Function):
    """A step function, of its name and x: its derivative is 0 where it does not jump."""

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """0."""
        return sympy.S.Zero


def call(name: str, *arguments: Any) -> sympy.Expr:
    """A function of the tables; orders are Python ints. Raises UnknownFunction."""
    try:
        return (FUNCTIONS.get(name) or SEVERAL[name]).by_sympy(sympy, *arguments)
    except AttributeError as error:
        raise UnknownFunction(f"SymPy has no function {name!r}") from error
