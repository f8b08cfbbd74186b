"""Terms of index notation: polynomials over atoms such as xᵢⱼ, δᵢₖ, exp(…) and Σᵢ(…), over symbolic sizes n, m, N.

A *polynomial* is a sum of monomials with rational coefficients, a *monomial* a product of powers of atoms. Two polynomials
are equal terms if they are the same dictionary. Statements are about generic points: what stands in a denominator is not 0,
what stands under a root or a logarithm is positive, no choice is tied, and every size is at least 1.

Bound names cannot collide: inside a binder a bound index is a *number* that points to its binder (locally nameless
terms), so what is put in from outside is never captured. Whoever looks inside opens the binder with fresh names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from .index_sizes import Index, Mark, Size, Var

Exponent = Fraction


class Undecided(Exception):
    """The prover cannot go on; the message says why."""


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

    def all_atoms(self) -> set[Atom]:
        """The atoms at the top and inside of others."""
        found = self.atoms()
        for atom in list(found):
            for child in atom.children:
                found |= child.all_atoms()
        return found

    # Commutative ring, and powers.

    @classmethod
    def sum(cls, parts: Iterable[Poly]) -> Poly:
        """The sum of many, in time proportional to their terms."""
        terms: dict[Monomial, Fraction] = {}
        for part in parts:
            for m, c in part.terms.items():
                terms[m] = terms.get(m, Fraction(0)) + c
        return cls(terms)

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
        rest: list[Poly] = []
        for a, c in self.terms.items():
            for b, d in other.terms.items():
                merged, extra = _merged(a, b)
                if extra is None:
                    plain[merged] = plain.get(merged, Fraction(0)) + c * d
                else:
                    rest.append(Poly({merged: c * d}) * extra)
        return Poly.sum([*rest, Poly(plain)]) if rest else Poly(plain)

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
