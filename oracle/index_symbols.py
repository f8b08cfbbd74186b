"""The atoms that terms begin with: sizes and primes as numbers, and the entries of arrays of symbols."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from .index_sizes import Index, Size
from .index_terms import Atom, Exponent, Poly


class _PositiveNumber(Atom):
    """A positive number that its key alone tells from others."""

    __slots__ = ()

    @property
    def positive(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return self.key


class SizeAtom(_PositiveNumber):
    """A size as a number."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name, self.key = name, f"|{name}|"


class Constant(_PositiveNumber):
    """A positive number that has a name: π."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name, self.key = name, f"constant {name}"


PI = Poly.atom(Constant("π"))


class Prime(_PositiveNumber):
    """A prime number, of which fractional powers are taken: √2."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number, self.key = number, f"p{number:09d}"

    def normal_power(self, exponent: Exponent) -> Poly | None:
        whole = exponent.numerator // exponent.denominator
        if not whole:
            return None
        rest = exponent - whole
        return Poly.number(Fraction(self.number) ** whole) * (Poly.atom(self, rest) if rest else Poly.number(1))


class Entry(Atom):
    """The entry xᵢⱼ of an array of symbols. ``positive``: all entries are."""

    __slots__ = ("_indices", "_positive", "tensor")

    def __init__(self, tensor: str, indices: Iterable[Index] = (), *, positive: bool = False) -> None:
        self.tensor, self._indices, self._positive = tensor, tuple(indices), positive
        self.key = f"{tensor}[{','.join(i.key for i in self._indices)}]"

    @property
    def label(self) -> str:
        return self.tensor

    @property
    def indices(self) -> tuple[Index, ...]:
        return self._indices

    @property
    def positive(self) -> bool:
        return self._positive

    def with_parts(self, indices: tuple[Index, ...], children: tuple[Poly, ...]) -> Entry:
        return Entry(self.tensor, indices, positive=self._positive)


def as_number(size: Size) -> Poly:
    """A size as a number."""
    result = Poly.number(size.factor)
    for name in size.names:
        result = result * Poly.atom(SizeAtom(name))
    return result
