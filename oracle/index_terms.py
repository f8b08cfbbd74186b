"""Terms of index notation: polynomials over atoms such as xᵢⱼ, δᵢₖ, exp(…) and Σᵢ(…), over symbolic sizes n, m, N.

A *polynomial* is a sum of monomials with rational coefficients, a *monomial* a product of powers of atoms. Two polynomials
are equal terms if they are the same dictionary. Statements are about generic points: what stands in a denominator is not 0,
what stands under a root or a logarithm is positive, no choice is tied, and every size is at least 1.

Bound names cannot collide: inside a binder a bound index is a *number* that points to its binder (locally nameless
terms), so what is put in from outside is never captured. Whoever looks inside opens the binder with fresh names.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

Exponent = Fraction


class Undecided(Exception):
    """The prover cannot go on; the message says why."""


# Sizes and indices.


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

    def poly(self) -> Poly:
        """The size as a number."""
        result = Poly.number(self.factor)
        for name in self.names:
            result = result * Poly.atom(SizeAtom(name))
        return result


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


# Atoms.


class Atom:
    """What a monomial is made of. ``key`` is a text that tells it from all other atoms; equal atoms have equal keys.

    Subclasses give their ``children`` (polynomials inside), for each child the sizes of the indices that it binds there
    (``binders``), and the ``indices`` on the atom itself.
    """

    __slots__ = ("_free", "_shape", "key")

    @property
    def label(self) -> str:
        """What kind of atom it is, whatever its indices and children are."""
        return type(self).__name__

    def described(self, mark: Mark) -> str:
        """A text that does not depend on the names of index variables, only on their marks."""
        indices = ",".join(index.described(mark) for index in self.indices)
        return f"{self.label}[{indices}]({';'.join(child.described(mark) for child in self.children)})"

    @property
    def shape(self) -> str:
        """The description in which all variables of a size are alike."""
        try:
            return self._shape
        except AttributeError:
            self._shape = self.described(lambda v: repr(v.size))
            return self._shape

    @property
    def children(self) -> tuple[Poly, ...]:
        """The polynomials inside."""
        return ()

    @property
    def binders(self) -> tuple[tuple[Size, ...], ...]:
        """For each child the sizes of the index variables bound in it."""
        return ((),) * len(self.children)

    @property
    def indices(self) -> tuple[Index, ...]:
        """The indices that stand on the atom itself."""
        return ()

    def with_parts(self, indices: tuple[Index, ...], children: tuple[Poly, ...]) -> Atom:
        """An atom of the same kind with other parts, taken as they are."""
        return self

    def raised(self, indices: tuple[Index, ...], children: tuple[Poly, ...], exponent: Exponent) -> Poly:
        """The normal form of this kind of atom with other parts, to a power."""
        return Poly.atom(self.with_parts(indices, children)).power(exponent)

    def normal_power(self, exponent: Exponent) -> Poly | None:
        """The power of the atom where it is not simply written as one: [p > 0]² = [p > 0]."""
        return None

    @property
    def positive(self) -> bool:
        """Whether it is known to be positive at every generic point."""
        return False

    @property
    def free(self) -> frozenset[Var]:
        """The free index variables."""
        try:
            return self._free
        except AttributeError:
            own = {v for index in self.indices for v, _ in index.parts if isinstance(v, Var)}
            self._free = frozenset(own).union(*(child.free for child in self.children))
            return self._free

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.key


class SizeAtom(Atom):
    """A size as a number."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name, self.key = name, f"|{name}|"

    @property
    def positive(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return self.key


class Prime(Atom):
    """A prime number, of which fractional powers are taken: √2."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number, self.key = number, f"p{number:09d}"

    @property
    def positive(self) -> bool:
        return True

    def normal_power(self, exponent: Exponent) -> Poly | None:
        whole = exponent.numerator // exponent.denominator
        if not whole:
            return None
        rest = exponent - whole
        return Poly.number(Fraction(self.number) ** whole) * (Poly.atom(self, rest) if rest else Poly.number(1))

    @property
    def label(self) -> str:
        return self.key


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


Monomial = tuple[tuple[Atom, Exponent], ...]


class Poly:
    """A polynomial over atoms: the normal form of every term."""

    __slots__ = ("_free", "_key", "terms")

    def __init__(self, terms: Mapping[Monomial, Fraction]) -> None:
        self.terms = {m: c for m, c in terms.items() if c}

    @classmethod
    def number(cls, value: Any) -> Poly:
        """A rational number."""
        return cls({(): Fraction(value)})

    @classmethod
    def atom(cls, atom: Atom, exponent: Any = 1) -> Poly:
        """A power of an atom, as it is."""
        return cls({((atom, Fraction(exponent)),): Fraction(1)})

    @property
    def key(self) -> str:
        """A text that tells it from all other polynomials."""
        try:
            return self._key
        except AttributeError:
            self._key = " + ".join(f"{c}{monomial_key(m)}" for m, c in self.sorted())
            return self._key

    def sorted(self) -> list[tuple[Monomial, Fraction]]:
        """The terms in a fixed order, as far as possible one that does not depend on the names of variables."""
        if len(self.terms) == 1:
            return list(self.terms.items())
        return sorted(self.terms.items(), key=lambda term: (_shape_of(term[0]), monomial_key(term[0])))

    def described(self, mark: Mark) -> str:
        """A text that does not depend on the names of index variables, only on their marks."""
        words = ("*".join(sorted(f"{a.described(mark)}^{e}" for a, e in m)) for m in self.terms)
        return "+".join(sorted(f"{c}*{word}" for word, c in zip(words, self.terms.values(), strict=True)))

    @property
    def free(self) -> frozenset[Var]:
        """The free index variables."""
        try:
            return self._free
        except AttributeError:
            self._free = frozenset().union(*(atom.free for m in self.terms for atom, _ in m))
            return self._free

    @property
    def constant(self) -> Fraction | None:
        """The value of a polynomial without atoms."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(()) if len(self.terms) == 1 else None

    def atoms(self) -> set[Atom]:
        """The atoms at the top."""
        return {atom for m in self.terms for atom, _ in m}

    # Commutative ring, and powers.

    def __add__(self, other: Poly) -> Poly:
        terms = dict(self.terms)
        for m, c in other.terms.items():
            terms[m] = terms.get(m, Fraction(0)) + c
        return Poly(terms)

    def __neg__(self) -> Poly:
        return Poly({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Poly) -> Poly:
        return self + (-other)

    def __mul__(self, other: Poly) -> Poly:
        plain: dict[Monomial, Fraction] = {}
        rest = Poly({})
        for a, c in self.terms.items():
            for b, d in other.terms.items():
                merged, extra = _merged(a, b)
                if extra is None:
                    plain[merged] = plain.get(merged, Fraction(0)) + c * d
                else:
                    rest = rest + Poly({merged: c * d}) * extra
        return rest + Poly(plain) if rest else Poly(plain)

    def __truediv__(self, other: Poly) -> Poly:
        return self * other.power(-1)

    def power(self, exponent: Any) -> Poly:
        """A rational power; a fractional one only of what is positive where it is real (√(x²) is not x)."""
        from .index_powers import power

        return power(self, Fraction(exponent))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.key)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __repr__(self) -> str:
        return self.key or "0"


def atom_power(atom: Atom, exponent: Exponent) -> Poly:
    """A power of an atom in normal form."""
    if not exponent:
        return Poly.number(1)
    normal = atom.normal_power(exponent)
    return Poly.atom(atom, exponent) if normal is None else normal


def _shape_of(m: Monomial) -> str:
    return "*".join(sorted(f"{atom.shape}^{e}" for atom, e in m))


def monomial_key(m: Monomial) -> str:
    """A text that tells a monomial from all others."""
    return "".join(f"*{atom.key}" if e == 1 else f"*{atom.key}^{e}" for atom, e in m)


def _merged(a: Monomial, b: Monomial) -> tuple[Monomial, Poly | None]:
    """The product of two monomials: a monomial, and what some atoms' powers come to where they are no monomials."""
    if not a or not b:
        return a or b, None
    exponents = dict(a)
    extra: Poly | None = None
    for atom, e in b:
        if atom not in exponents:
            exponents[atom] = e
            continue
        total = exponents.pop(atom) + e
        if total:
            normal = atom.normal_power(total)
            if normal is None:
                exponents[atom] = total
            else:
                extra = normal if extra is None else extra * normal
    return tuple(sorted(exponents.items(), key=lambda part: part[0].key)), extra
