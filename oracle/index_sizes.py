"""Symbolic sizes and the indices that run over them.

An index is an integer combination of variables; nearly always it is one variable or one integer. Inside a binder a bound
variable is a number that points to its binder; everywhere else variables have names.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any


class Size:
    """A symbolic size: a product of named sizes and a positive integer. ``whole``: the axis is all of ℤ (convolutions)."""

    __slots__ = ("factor", "names", "whole")

    def __init__(self, *names: str, factor: int = 1, whole: bool = False) -> None:
        self.names, self.factor, self.whole = tuple(sorted(names)), factor, whole

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Size):
            return Size(*self.names, *other.names, factor=self.factor * other.factor)
        if isinstance(other, int):
            return Size(*self.names, factor=self.factor * other) if other else 0
        return NotImplemented

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and (self.names, self.factor) == (other.names, other.factor)

    def __hash__(self) -> int:
        return hash((self.names, self.factor))

    def __repr__(self) -> str:
        return "·".join([str(self.factor)] * (self.factor != 1) + list(self.names))


_serial = itertools.count(1)


class Var:
    """An index variable that runs over a symbolic size. Variables made by ``fresh`` occur nowhere else."""

    __slots__ = ("key", "name", "size")

    def __init__(self, name: str, size: Size, key: str = "") -> None:
        self.name, self.size, self.key = name, size, key or name

    @classmethod
    def fresh(cls, like: Var | Size) -> Var:
        """A variable that occurs nowhere else, over the same size."""
        size = like.size if isinstance(like, Var) else like
        return cls("·", size, f"_{next(_serial)}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Var) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.key


class Bound:
    """The index variable number ``slot`` of the binder that is ``depth`` binders further out."""

    __slots__ = ("depth", "key", "size", "slot")

    def __init__(self, depth: int, slot: int, size: Size) -> None:
        self.depth, self.slot, self.size, self.key = depth, slot, size, f"#{depth}.{slot}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bound) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


Mark = Callable[["Var | Bound"], str]


class Index:
    """An index: an integer combination of variables plus an integer; nearly always one variable or one integer."""

    __slots__ = ("const", "key", "parts")

    def __init__(self, parts: Mapping[Var | Bound, int], const: int = 0) -> None:
        kept = [(v, c) for v, c in parts.items() if c]
        self.parts = tuple(sorted(kept, key=lambda part: part[0].key))
        self.const = const
        words = [v.key if c == 1 else f"{c}{v.key}" for v, c in self.parts]
        self.key = "+".join(words + [str(const)] * (const != 0 or not words))

    @property
    def var(self) -> Var | Bound | None:
        """The variable where the index is nothing else."""
        return self.parts[0][0] if len(self.parts) == 1 and self.parts[0][1] == 1 and not self.const else None

    def __add__(self, other: Index) -> Index:
        parts = dict(self.parts)
        for v, c in other.parts:
            parts[v] = parts.get(v, 0) + c
        return Index(parts, self.const + other.const)

    def __neg__(self) -> Index:
        return Index({v: -c for v, c in self.parts}, -self.const)

    def __sub__(self, other: Index) -> Index:
        return self + (-other)

    def replaced(self, by: Mapping[Any, Index]) -> Index:
        """The index with variables replaced by indices."""
        result = Index({v: c for v, c in self.parts if v not in by}, self.const)
        for v, c in self.parts:
            for _ in range(abs(c) if v in by else 0):
                result = result + (by[v] if c > 0 else -by[v])
        return result

    def described(self, mark: Mark) -> str:
        """The index with its variables by their marks; the same for an index and its negative."""
        words = [
            "+".join(sorted(f"{sign * c}{mark(v)}" for v, c in self.parts)) + f"+{sign * self.const}"
            for sign in (1, -1)
        ]
        return min(words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Index) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.key


def index_of(value: Var | Bound | int | Index) -> Index:
    """A variable or an integer as an index."""
    if isinstance(value, Index):
        return value
    return Index({}, value) if isinstance(value, int) else Index({value: 1})
