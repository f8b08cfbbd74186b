"""What a kind of scalar is: the few operations from which a whole array namespace is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class Algebra:
    """What a namespace must know of its scalars; their + − × ÷ are Python's operators on them."""

    def lift(self, value: Any) -> Any:
        """A Python or NumPy number as a scalar, exactly."""
        raise NotImplementedError

    @property
    def pi(self) -> Any:
        """π as a scalar."""
        raise NotImplementedError

    def call(self, name: str, x: Any) -> Any:
        """The elementary function ``name`` (a key of ``elementary.FUNCTIONS``) of one scalar."""
        raise NotImplementedError

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
