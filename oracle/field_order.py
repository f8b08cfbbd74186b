"""Order over a finite field: which real numbers a random point stands for is chosen, sign by sign.

A predicate asks for the sign of a difference. Where it is not ``known`` from domains and the rules of signs it is chosen,
and kept under ± the difference: asked again, in whatever form, the same number has the same sign. All choices together
are a *region*. A difference that is 0 at a random point is 0 everywhere, a tie, which > and >= decide by themselves. Points
are generic: a kink is never met, and what a rule says there is not seen.

A region may contain no real point (x² + x + 1 < 0). What holds in all regions holds in the real ones; what fails in one
is not refuted by that.
"""

from __future__ import annotations

from ..identities import Unmet
from .field_numbers import Dual

Signs = tuple[int, ...]
_HOLDS: dict[str, Signs] = {">": (1,), ">=": (1, 0), "<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (1, -1)}


class Region:
    """The signs of differences, chosen as they are asked for and then kept, by value.

    ``script`` gives the first choices; after it the first possible sign is taken, and the scripts that lead to the others
    are left in ``others``.
    """

    def __init__(self, script: Signs = ()) -> None:
        self.script = script
        self.signs: dict[int, int] = {}
        self.others: list[Signs] = []

    def known(self, x: Dual) -> int | None:
        """The sign of a number where it is decided already."""
        if x.known or not x.value:
            return x.known if x.value else 0
        sign = self.signs.get(x.value)
        if sign is None:
            opposite = self.signs.get(x.field.p - x.value)
            return None if opposite is None else -opposite
        return sign

    def sign(self, x: Dual, admitted: Signs = (1, -1, 0)) -> int:
        """The sign of a number here, one of ``admitted``; raises Unmet where it is decided otherwise."""
        sign = self.known(x)
        if sign is None:
            sign = self.signs[x.value] = self._choose([s for s in (1, -1) if s in admitted])
        if sign not in admitted:
            raise Unmet
        x.known = sign
        return sign

    def _choose(self, options: list[int]) -> int:
        if not options:
            raise Unmet
        taken = tuple(self.signs.values())
        if len(taken) < len(self.script):
            return self.script[len(taken)]
        self.others += [(*taken, s) for s in options[1:]]
        return options[0]


class FieldPredicate:
    """``difference`` ○ 0 in a region; its truth is decided when it is asked for."""

    __slots__ = ("difference", "kind", "region")

    def __init__(self, region: Region, kind: str, difference: Dual) -> None:
        self.region, self.kind, self.difference = region, kind, difference

    def __bool__(self) -> bool:
        return self.region.sign(self.difference) in _HOLDS[self.kind]

    @property
    def decided(self) -> bool:
        """Whether the truth is known without a choice."""
        return self.region.known(self.difference) is not None

    def suppose(self, *, true: bool = True) -> None:
        """Stay in regions where this holds (or does not); raises Unmet where it is decided otherwise."""
        self.region.sign(self.difference, tuple(s for s in (1, -1, 0) if (s in _HOLDS[self.kind]) is true))
