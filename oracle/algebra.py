"""What a kind of scalar is: the few operations from which a whole array namespace is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .steps import step


class Algebra:
    """What a namespace must know of its scalars; their + − × ÷ are Python's operators on them.

    ``lossy``: derivatives of functions by the rules that lose accuracy, where there are such. ``rounds``: every
    operation may err by rounding, so that the order of operations matters; only then linear algebra asks for ``magnitude``
    and ``is_invertible`` to choose pivots, and for a scalar ``unknown`` where there is none.
    """

    lossy = False
    rounds: bool = False
    unknown: Any = None

    def lift(self, value: Any) -> Any:
        """A Python or NumPy number as a scalar, exactly."""
        raise NotImplementedError

    @property
    def pi(self) -> Any:
        """π as a scalar."""
        raise NotImplementedError

    def call(self, name: str, *arguments: Any) -> Any:
        """The function ``name`` of scalars (and Python ints, for orders): a key of ``FUNCTIONS`` or ``SEVERAL``."""
        raise NotImplementedError

    def whole(self, x: Any) -> int | None:
        """The integer nearest to x, either where two are as near; None where x is not known well enough."""
        raise NotImplementedError

    def step(self, kind: str, x: Any) -> Any:
        """A step function of one scalar: floor, ceil, trunc or round."""
        return step(self, kind, x)

    def power(self, x: Any, y: Any) -> Any:
        """x to the power y; y a scalar or a Python int."""
        raise NotImplementedError

    def compare(self, kind: str, x: Any, y: Any) -> Any:
        """The predicate x ``kind`` y with ``kind`` one of > >= < <= == !=."""
        raise NotImplementedError

    def select(self, predicate: Any, x: Callable[[], Any], y: Callable[[], Any]) -> Any:
        """``x()`` where the predicate holds, else ``y()``."""
        raise NotImplementedError

    def sum(self, terms: Sequence[Any]) -> Any:
        """The sum of scalars; that of none is 0."""
        result = self.lift(0)
        for term in terms:
            result = result + term
        return result

    def saved(self, value: Any, slopes: Sequence[tuple[Any, Any]]) -> Any:
        """``value``; its derivatives by other scalars are those of the pairs, where derivatives are differentiated."""
        return value

    def magnitude(self, x: Any) -> float:
        """How large a pivot is."""
        raise NotImplementedError

    def is_invertible(self, x: Any) -> bool:
        """Whether a pivot is certainly not 0."""
        raise NotImplementedError
