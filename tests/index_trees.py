"""Formulas as naive trees with names as people write them: shadowing, reuse and all. They share nothing with the prover.

A tree has two readings: into a term of the prover (``Reader``), and straight into a number (``Calculator``). The size of a
variable is told by its letter: i, j, k, l run over n; a, c over m; b, d over N.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from gradlaw.oracle.index_atoms import Applied, delta, indicator
from gradlaw.oracle.index_binders import abstracted, relabelled
from gradlaw.oracle.index_calculus import substituted
from gradlaw.oracle.index_powers import ONE, call
from gradlaw.oracle.index_sizes import Index, Size, Var, index_of
from gradlaw.oracle.index_sums import total
from gradlaw.oracle.index_symbols import Entry, as_number
from gradlaw.oracle.index_terms import Poly
from index_values import Point, applied, determinant, in_numbers, matrix_inverse, raised, sign

SIZES = {**dict.fromkeys("ijkl", "n"), **dict.fromkeys("ac", "m"), **dict.fromkeys("bd", "N")}
SHAPES = {
    "x": "n", "y": "n", "p": "n", "u": "m", "z": "", "q": "", "A": "nn", "B": "nm", "X": "Nn", "v": "N",
}  # fmt: skip
POSITIVE = {"p", "q"}
Ix = str | int


class Tree:
    """A formula."""

    @property
    def children(self) -> tuple[Tree, ...]:
        return tuple(
            child
            for one in fields(self)  # type: ignore[arg-type]
            for child in _listed(getattr(self, one.name))
            if isinstance(child, Tree)
        )

    def with_children(self, children: Iterator[Tree]) -> Tree:
        """The same with other children, taken from an iterator in order."""
        changed: dict[str, Any] = {}
        for one in fields(self):  # type: ignore[arg-type]
            value = getattr(self, one.name)
            if isinstance(value, Tree):
                changed[one.name] = next(children)
            elif isinstance(value, tuple) and value and isinstance(value[0], Tree):
                changed[one.name] = tuple(next(children) for _ in value)
        return replace(self, **changed)  # type: ignore[type-var]

    @property
    def names(self) -> tuple[Ix, ...]:
        """The indices that stand on the node itself."""
        return ()

    def with_names(self, names: tuple[Ix, ...]) -> Tree:
        return self

    def bound(self, child: int) -> tuple[str, ...]:
        """The names bound in a child."""
        return ()


def _listed(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


@dataclass(frozen=True)
class Num(Tree):
    value: Fraction


@dataclass(frozen=True)
class Count(Tree):
    """A size as a number."""

    size: str


@dataclass(frozen=True)
class Ent(Tree):
    tensor: str
    at: tuple[Ix, ...]

    @property
    def names(self) -> tuple[Ix, ...]:
        return self.at

    def with_names(self, names: tuple[Ix, ...]) -> Ent:
        return Ent(self.tensor, names)


@dataclass(frozen=True)
class Dl(Tree):
    i: Ix
    j: Ix

    @property
    def names(self) -> tuple[Ix, ...]:
        return (self.i, self.j)

    def with_names(self, names: tuple[Ix, ...]) -> Dl:
        return Dl(*names)


@dataclass(frozen=True)
class Add(Tree):
    args: tuple[Tree, ...]


@dataclass(frozen=True)
class Mul(Tree):
    args: tuple[Tree, ...]


@dataclass(frozen=True)
class Pow(Tree):
    base: Tree
    exponent: Fraction


@dataclass(frozen=True)
class Fn(Tree):
    name: str
    arg: Tree


@dataclass(frozen=True)
class Where(Tree):
    """``yes`` where ``test`` is positive, else ``no``; only the one chosen is evaluated."""

    test: Tree
    yes: Tree
    no: Tree


@dataclass(frozen=True)
class SumOver(Tree):
    name: str
    body: Tree

    def bound(self, child: int) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True)
class Gen(Tree):
    """A generic function of one array, whose entry at ``params`` is ``body``."""

    name: str
    out: tuple[Ix, ...]
    params: tuple[str, ...]
    body: Tree

    @property
    def names(self) -> tuple[Ix, ...]:
        return self.out

    def with_names(self, names: tuple[Ix, ...]) -> Gen:
        return replace(self, out=names)

    def bound(self, child: int) -> tuple[str, ...]:
        return self.params


@dataclass(frozen=True)
class Inv(Tree):
    """The entry ``out`` of the inverse of the n × n matrix whose entry at ``params`` is ``body``."""

    out: tuple[Ix, ...]
    params: tuple[str, ...]
    body: Tree

    names, with_names, bound = Gen.names, Gen.with_names, Gen.bound


@dataclass(frozen=True)
class Det(Tree):
    params: tuple[str, ...]
    body: Tree

    bound = Gen.bound


@dataclass(frozen=True)
class Let(Tree):
    """``body`` with the entry of ``tensor`` at ``params`` replaced by ``value``, whose other names mean what they mean here."""

    tensor: str
    params: tuple[str, ...]
    value: Tree
    body: Tree

    def bound(self, child: int) -> tuple[str, ...]:
        return self.params if child == 0 else ()


def free(tree: Tree) -> frozenset[str]:
    """The free index names."""
    own = frozenset(name for name in tree.names if isinstance(name, str))
    return own.union(*(free(child) - set(tree.bound(k)) for k, child in enumerate(tree.children)))


def everything(tree: Tree) -> Iterator[Tree]:
    """The tree and all below it."""
    yield tree
    for child in tree.children:
        yield from everything(child)


def every_name(tree: Tree) -> set[Ix]:
    """All names and integers in a tree, bound ones too."""
    return {name for t in everything(tree) for k in range(3) for name in (*t.names, *t.bound(k))}


def renamed(tree: Tree, by: Mapping[str, Ix]) -> Tree:
    """Free names replaced; a bound name that would capture gets another letter first."""
    if not by:
        return tree
    children = []
    for k, child in enumerate(tree.children):
        bound = tree.bound(k)
        inner = {old: new for old, new in by.items() if old not in bound and old in free(child)}
        if set(bound) & set(inner.values()):
            raise ValueError("would capture")
        children.append(renamed(child, inner))
    names = tuple(by.get(name, name) if isinstance(name, str) else name for name in tree.names)
    return tree.with_children(iter(children)).with_names(names)


# A tree as a term of the prover.


class Reader:
    """Trees into terms. ``fresh``: bound names become variables that occur nowhere else; else they keep their letters, so
    that the same variable is bound again and again."""

    def __init__(self, *, fresh: bool) -> None:
        self.fresh = fresh

    def variable(self, name: str) -> Var:
        size = Size(SIZES[name])
        return Var.fresh(size) if self.fresh else Var(name, size, f"@{name}")

    def read(self, t: Tree, env: Mapping[str, Var]) -> Poly:
        """The term; ``env``: the variables that the names stand for."""
        match t:
            case Num(value):
                return Poly.number(value)
            case Count(size):
                return as_number(Size(size))
            case Ent(tensor, at):
                return Poly.atom(Entry(tensor, [self.index(i, env) for i in at], positive=tensor in POSITIVE))
            case Dl(i, j):
                return delta(self.index(i, env), self.index(j, env))
            case Add(args):
                result = Poly({})
                for arg in args:
                    result = result + self.read(arg, env)
                return result
            case Mul(args):
                result = ONE
                for arg in args:
                    result = result * self.read(arg, env)
                return result
            case Pow(base, exponent):
                return self.read(base, env).power(exponent)
            case Fn(name, arg):
                return call(name, self.read(arg, env))
            case Where(test, yes, no):
                chosen = indicator(self.read(test, env))
                return chosen * self.read(yes, env) + (ONE - chosen) * self.read(no, env)
            case SumOver(name, body):
                v = self.variable(name)
                return total([v], self.read(body, {**env, name: v}))
        return self.read_binder(t, env)

    def read_binder(self, t: Any, env: Mapping[str, Var]) -> Poly:
        names = [self.variable(name) for name in t.params]
        inside = self.read(
            t.value if isinstance(t, Let) else t.body, {**env, **dict(zip(t.params, names, strict=True))}
        )
        if isinstance(t, Let):

            def put_in(at: tuple[Index, ...]) -> Poly:
                return relabelled(inside, dict(zip(names, at, strict=True)))

            return substituted(self.read(t.body, env), {t.tensor: put_in})
        name, kind = {Gen: (getattr(t, "name", ""), "function"), Inv: ("inv", "inverse"), Det: ("det", "determinant")}[
            type(t)
        ]
        out = tuple(self.index(i, env) for i in t.names)
        binder = tuple(v.size for v in names)
        return Poly.atom(Applied(name, out, [abstracted(inside, names)], [binder], (), kind))

    def index(self, i: Ix, env: Mapping[str, Var]) -> Index:
        return index_of(env[i] if isinstance(i, str) else i)


def read(tree: Tree, *, fresh: bool = True) -> Poly:
    """The tree as a term; its free names are the variables @i, @j, …"""
    return Reader(fresh=fresh).read(tree, {name: outer(name) for name in free(tree)})


def outer(name: str) -> Var:
    """The variable for a free name."""
    return Var(name, Size(SIZES[name]), f"@{name}")


# A tree as a number.


class Calculator:
    """Trees into numbers, by the definitions."""

    def __init__(self, point: Point) -> None:
        self.point = point

    def range(self, name: str) -> range:
        return range(self.point.sizes[SIZES[name]])

    def value(self, t: Tree, env: Mapping[str, int], lets: Mapping[str, Callable[[tuple[int, ...]], Any]]) -> Any:
        """The value; ``env``: the values of the names; ``lets``: arrays that are given by formulas."""
        point = self.point
        match t:
            case Num(value):
                return point.number(value)
            case Count(size):
                return point.number(point.sizes[size])
            case Ent(tensor, at):
                where = self.at(at, env)
                return (
                    lets[tensor](where) if tensor in lets else point.entry(tensor, where, positive=tensor in POSITIVE)
                )
            case Dl():
                i, j = self.at(t.names, env)
                return point.number(i == j)
            case Add(args):
                result: Any = point.number(0)
                for arg in args:
                    result = result + self.value(arg, env, lets)
                return result
            case Mul(args):
                return self.product(args, env, lets)
            case Pow(base, exponent):
                return raised(self.value(base, env, lets), exponent)
            case Fn(name, arg):
                return applied(name, self.value(arg, env, lets))
            case Where(test, yes, no):
                return self.value(yes if sign(self.value(test, env, lets)) > 0 else no, env, lets)
            case SumOver(name, body):
                result = point.number(0)
                for k in self.range(name):
                    result = result + self.value(body, {**env, name: k}, lets)
                return result
            case Let(tensor, params, inside, body):
                given = {
                    **lets,
                    tensor: lambda at: self.value(inside, {**env, **dict(zip(params, at, strict=True))}, lets),
                }
                return self.value(body, env, given)
        return self.of_array(t, env, lets)

    def product(self, args: tuple[Tree, ...], env: Any, lets: Any) -> Any:
        result: Any = self.point.number(1)
        # A delta that is 0 hides what stands beside it, as a choice does.
        for arg in sorted(args, key=lambda one: not isinstance(one, Dl)):
            factor = self.value(arg, env, lets)
            if isinstance(arg, Dl) and factor == 0:
                return factor
            result = result * factor
        return result

    def of_array(self, t: Any, env: Any, lets: Any) -> Any:
        table = {
            at: self.value(t.body, {**env, **dict(zip(t.params, at, strict=True))}, lets)
            for at in itertools.product(*map(self.range, t.params))
        }
        if isinstance(t, Gen):
            return self.point.generic(t.name, self.at(t.out, env), [table])
        n = len(self.range(t.params[0]))
        rows = [[table[i, j] for j in range(n)] for i in range(n)]
        if isinstance(t, Det):
            return determinant(rows)
        i, j = self.at(t.out, env)
        return matrix_inverse(rows)[i][j]

    def at(self, indices: tuple[Ix, ...], env: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(env[i] if isinstance(i, str) else i for i in indices)


def calculated(tree: Tree, point: Point, env: Mapping[str, int]) -> Any:
    """The value of a tree, exact where it can be."""
    return in_numbers(point, lambda at: Calculator(at).value(tree, env, {}))


def difference(a: Tree, b: Tree) -> Tree:
    """a − b."""
    return Add((a, Mul((Num(Fraction(-1)), b))))
