"""Functions with jumps: floor, ceil, trunc, round and sign, and what is made of them; for every kind of scalar.

Their derivative is 0 where they do not jump. A step is chosen by comparing x with the places of its jumps, so that a
scalar at a jump is noticed as a tie at which the value differs.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

Array = Any

STEPS = ("floor", "ceil", "trunc", "round")
_HALF = Fraction(1, 2)
_WHOLE = 2**60
"""Every number of a format that is as large is an integer."""


class Steps:
    """Step functions of a namespace over an algebra that knows ``whole``."""

    algebra: Any

    def _map1(self, f: Any, x: Any) -> Array:
        raise NotImplementedError

    def where(self, condition: Any, x: Any, y: Any) -> Array:
        """Elements of ``x`` where the condition holds, else of ``y``."""
        raise NotImplementedError

    def floor(self, x: Any) -> Array:
        """The largest integer that is not larger."""
        return self._map1(lambda a: self.algebra.step("floor", a), x)

    def ceil(self, x: Any) -> Array:
        """The smallest integer that is not smaller."""
        return self._map1(lambda a: self.algebra.step("ceil", a), x)

    def trunc(self, x: Any) -> Array:
        """The integer part, towards 0."""
        return self._map1(lambda a: self.algebra.step("trunc", a), x)

    def round(self, x: Any) -> Array:
        """The nearest integer; the even one where two are as near."""
        return self._map1(lambda a: self.algebra.step("round", a), x)

    def positive(self, x: Array) -> Array:
        """x itself."""
        return x

    def sign(self, x: Array) -> Array:
        """1 for a positive number, −1 for a negative one, 0 for 0."""
        return self.where(x > 0, 1, self.where(x < 0, -1, 0))


def step(algebra: Any, kind: str, x: Any) -> Any:
    """A step function of one scalar, by comparison with the places of the jumps next to x.

    ``algebra.whole(x)`` is the integer next to x, or None where x is not known well enough to say.
    """
    near = algebra.whole(x)
    if near is None:
        return algebra.lift(float("nan"))
    if kind == "trunc":
        kind = "ceil" if near < 0 or (near == 0 and not algebra.compare(">=", x, algebra.lift(0))) else "floor"
    if kind == "floor":
        places = [("<", near, near - 1, near)]
    elif kind == "ceil":
        places = [("<=", near, near, near + 1)]
    elif abs(near) >= _WHOLE:
        return algebra.lift(near)
    else:  # at a half the even neighbour
        kinds = ("<=", "<") if near % 2 else ("<", "<=")
        places = [(kinds[0], near - _HALF, near - 1, near), (kinds[1], near + _HALF, near, near + 1)]
    result = algebra.lift(places[0][2])
    for compared, place, _, above in places:
        before, after = result, algebra.lift(above)
        result = algebra.select(
            algebra.compare(compared, x, algebra.lift(place)), lambda before=before: before, lambda after=after: after
        )
    return result
