"""Random formulas, formulas that say the same in other words, and formulas that nearly do."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from index_trees import (
    SHAPES,
    SIZES,
    Add,
    Count,
    Det,
    Dl,
    Ent,
    Fn,
    Gen,
    Inv,
    Let,
    Mul,
    Num,
    Pow,
    SumOver,
    Tree,
    Where,
    every_name,
    everything,
    free,
    renamed,
)

LETTERS = {size: [letter for letter, of in SIZES.items() if of == size] for size in ("n", "m", "N")}
MINUS, HALF = Fraction(-1), Fraction(1, 2)
HEAVY = 24.0


def weight(t: Tree) -> float:
    """About how many terms the expanded formula has."""
    inside = [weight(child) for child in t.children]
    match t:
        case Add():
            return sum(inside)
        case Mul():
            result = 1.0
            for one in inside:
                result *= one
            return result
        case Pow(exponent=e):
            return inside[0] ** int(e) if e.denominator == 1 and e > 0 else max(1.0, inside[0] / 2)
        case Where():
            return inside[1] + 2 * inside[2]
        case Let(tensor, _, _, body):
            uses = sum(isinstance(one, Ent) and one.tensor == tensor for one in everything(body))
            return inside[1] * inside[0] ** min(uses, 4)
        case Fn(name="log"):
            return 2 * inside[0]
    return max(inside, default=1.0)


def depth_of_sums(t: Tree) -> int:
    """How many sums stand inside each other, sums in arrays that are put in included."""
    inside = [depth_of_sums(child) for child in t.children]
    own = 2 if isinstance(t, Gen | Inv | Det) else isinstance(t, SumOver)
    return own + (sum(inside) if isinstance(t, Let) else max(inside, default=0))


class Maker:
    """Random formulas. The same seed makes the same ones."""

    def __init__(self, seed: Any) -> None:
        self.rng = random.Random(f"formula {seed}")
        self.serial = 0

    def formula(self, depth: int | None = None) -> Tree:
        """A formula of moderate size."""
        rng = self.rng
        while True:
            scope = rng.sample("ijk", rng.randint(0, 3)) + rng.sample("a", rng.randint(0, 1))
            found = self.any(rng.choice((2, 3, 3, 4)) if depth is None else depth, tuple(scope))
            if weight(found) <= HEAVY and depth_of_sums(found) <= 4:
                return found

    def index(self, size: str, scope: tuple[str, ...]) -> str | int:
        """An index in range: a name in scope, or the integer 0."""
        names = [name for name in scope if SIZES[name] == size]
        return self.rng.choice(names) if names and self.rng.random() < 0.96 else 0

    def entry(self, scope: tuple[str, ...], tensors: str = "xxxyyppuzqAAABXv") -> Tree:
        tensor = self.rng.choice(tensors)
        return Ent(tensor, tuple(self.index(size, scope) for size in SHAPES[tensor]))

    def any(self, depth: int, scope: tuple[str, ...]) -> Tree:
        """A formula; its free names are in ``scope``."""
        rng = self.rng
        if depth <= 0:
            return self.leaf(scope)
        return rng.choices(
            [self.leaf, *(lambda s, make=make: make(depth - 1, s) for make, _ in self.table)],
            [3, *(often for _, often in self.table)],
        )[0](scope)

    @property
    def table(self) -> list[tuple[Callable[[int, tuple[str, ...]], Tree], int]]:
        return [
            (self.sum, 10),
            (self.product, 7),
            (self.addition, 5),
            (self.power, 4),
            (self.function, 5),
            (self.choice, 2),
            (self.put_in, 5),
            (self.array, 2),
        ]

    def leaf(self, scope: tuple[str, ...]) -> Tree:
        rng = self.rng
        roll = rng.random()
        if roll < 0.08:
            return Num(Fraction(rng.choice((-3, -2, -1, 1, 2, 3, 4)), rng.choice((1, 1, 2, 3))))
        if roll < 0.12:
            return Count(rng.choice(("n", "m")))
        if roll < 0.22:
            return Dl(self.index("n", scope), self.index("n", scope))
        return self.entry(scope)

    def sum(self, depth: int, scope: tuple[str, ...]) -> Tree:
        name = self.rng.choice("iiijjjkkaacb")
        return SumOver(name, self.any(depth, (*scope, name, name)))

    def product(self, depth: int, scope: tuple[str, ...]) -> Tree:
        return Mul(tuple(self.any(depth, scope) for _ in range(self.rng.choice((2, 2, 3)))))

    def addition(self, depth: int, scope: tuple[str, ...]) -> Tree:
        return Add(tuple(self.any(depth, scope) for _ in range(self.rng.choice((2, 2, 3)))))

    def power(self, depth: int, scope: tuple[str, ...]) -> Tree:
        if self.rng.random() < 0.35:
            exponent = self.rng.choice((HALF, -HALF, Fraction(3, 2), Fraction(1, 3)))
            return Pow(self.above_0(depth, scope), exponent)
        return Pow(self.any(depth, scope), Fraction(self.rng.choice((2, 2, 3, -1, -1, -2))))

    def above_0(self, depth: int, scope: tuple[str, ...]) -> Tree:
        """What is often positive: sometimes known to be, sometimes not."""
        rng = self.rng
        match rng.randrange(6):
            case 0:
                return Pow(self.any(depth, scope), Fraction(2))
            case 1:
                return Add((Num(Fraction(1)), Pow(self.entry(scope), Fraction(2))))
            case 2:
                return Mul((self.entry(scope), self.entry(scope, "pqx")))
            case 3:
                name = rng.choice("ijk")
                return SumOver(name, Fn("exp", self.entry((*scope, name, name))))
            case 4:
                return self.entry(scope, "pq")
        return self.any(depth, scope)

    def function(self, depth: int, scope: tuple[str, ...]) -> Tree:
        name = self.rng.choice(("exp", "exp", "exp", "log", "log", "sqrt", "sin", "cos", "tanh", "atan", "sinh"))
        inside = self.above_0(depth, scope) if name in ("log", "sqrt") else self.any(min(depth, 2), scope)
        return Fn(name, inside)

    def choice(self, depth: int, scope: tuple[str, ...]) -> Tree:
        return Where(self.any(min(depth, 1), scope), self.any(depth, scope), self.any(min(depth, 1), scope))

    def put_in(self, depth: int, scope: tuple[str, ...]) -> Tree:
        """A formula with an array put in, the formula and the array made apart."""
        rng = self.rng
        tensor = rng.choice("xxyA")
        params = tuple(rng.sample("ijk", len(SHAPES[tensor])))
        inside = self.any(min(depth, 2), (*scope, *params, *params))
        return Let(tensor, params, inside, self.any(depth, scope))

    def array(self, depth: int, scope: tuple[str, ...]) -> Tree:
        rng = self.rng
        roll = rng.random()
        if roll < 0.5:
            params = tuple(rng.sample("ijk", 1))
            inside = self.any(min(depth, 2), (*scope, *params))
            return Gen(rng.choice("fg"), (self.index("n", scope),), params, inside)
        params = tuple(rng.sample("ijk", 2))
        matrix: Tree = Ent("A", params)
        if roll > 0.85:
            matrix = Add((matrix, Mul((Dl(*params), self.leaf((*scope, *params))))))
        if roll > 0.8:
            return Det(params, matrix)
        return Inv((self.index("n", scope), self.index("n", scope)), params, matrix)


# The same in other words.


class Rewriter:
    """Formulas that say the same. ``kinds`` counts what was done."""

    def __init__(self, maker: Maker) -> None:
        self.maker, self.rng = maker, maker.rng
        self.done: list[str] = []

    def rewritten(self, t: Tree, times: int, only: tuple[str, ...] = ()) -> Tree:
        """``times`` rewritings at random places."""
        rules = {name: rule for name, rule in self.rules.items() if not only or name in only}
        for _ in range(times * 4):
            name = self.rng.choice(list(rules))
            changed = self.somewhere(t, rules[name])
            if changed is None or weight(changed) > 2.5 * HEAVY or depth_of_sums(changed) > 5:
                continue
            t = changed
            self.done.append(name)
            if len(self.done) >= times:
                break
        return t

    def somewhere(self, t: Tree, rule: Callable[[Tree], Tree | None]) -> Tree | None:
        """The formula after one rule, at the first of its places in random order where the rule says something."""
        spots = list(everything(t))
        for spot in self.rng.sample(spots, min(len(spots), 12)):
            try:
                new = rule(spot)
            except ValueError:  # a name would be captured
                continue
            if new is not None and new != spot:
                return put_at(t, spot, new)
        return None

    @property
    def rules(self) -> dict[str, Callable[[Tree], Tree | None]]:
        return {
            "relabel": self.relabel,
            "commute": self.commute,
            "distribute": self.distribute,
            "plus and minus": self.plus_and_minus,
            "swap sums": self.swap_sums,
            "split sum": self.split_sum,
            "pull out": self.pull_out,
            "insert delta": self.insert_delta,
            "multiply out": self.multiply_out,
            "exp of sum": self.exp_of_sum,
            "log of exp": lambda t: Fn("log", Fn("exp", t)),
            "name a part": self.name_a_part,
            "times t over t": self.times_t_over_t,
        }

    def relabel(self, t: Tree) -> Tree | None:
        if not (isinstance(t, SumOver | Gen | Inv | Det | Let) and t.bound(0)):
            return None
        old = self.rng.choice(t.bound(0))
        inside = t.children[0]
        choices = [name for name in LETTERS[SIZES[old]] if name not in every_name(inside) | set(t.bound(0))]
        if not choices:
            return None
        new = self.rng.choice(choices)
        changed = renamed(inside, {old: new})
        if isinstance(t, SumOver):
            return SumOver(new, changed)
        params = tuple(new if name == old else name for name in t.params)
        match t:
            case Let():
                return Let(t.tensor, params, changed, t.body)
            case Gen():
                return Gen(t.name, t.out, params, changed)
            case Inv():
                return Inv(t.out, params, changed)
        return Det(params, changed)

    def commute(self, t: Tree) -> Tree | None:
        if not isinstance(t, Add | Mul):
            return None
        args = list(t.args)
        self.rng.shuffle(args)
        return type(t)(tuple(args))

    def distribute(self, t: Tree) -> Tree | None:
        if not isinstance(t, Mul):
            return None
        spots = [k for k, arg in enumerate(t.args) if isinstance(arg, Add)]
        if not spots:
            return None
        k = self.rng.choice(spots)
        return Add(tuple(Mul((*t.args[:k], one, *t.args[k + 1 :])) for one in t.args[k].children))

    def plus_and_minus(self, t: Tree) -> Tree | None:
        extra = self.maker.any(2, tuple(free(t)))
        if weight(extra) > 4:
            return None
        other = Rewriter(self.maker).rewritten(extra, 1, ("relabel", "commute"))
        return Add((t, extra, Mul((Num(MINUS), other))))

    def swap_sums(self, t: Tree) -> Tree | None:
        if isinstance(t, SumOver) and isinstance(t.body, SumOver) and t.name != t.body.name:
            return SumOver(t.body.name, SumOver(t.name, t.body.body))
        return None

    def split_sum(self, t: Tree) -> Tree | None:
        if isinstance(t, SumOver) and isinstance(t.body, Add):
            return Add(tuple(SumOver(t.name, arg) for arg in t.body.args))
        return None

    def pull_out(self, t: Tree) -> Tree | None:
        if not (isinstance(t, SumOver) and isinstance(t.body, Mul)):
            return None
        outside = tuple(arg for arg in t.body.args if t.name not in free(arg))
        inside = tuple(arg for arg in t.body.args if t.name in free(arg))
        return Mul((*outside, SumOver(t.name, Mul(inside)) if inside else Count(SIZES[t.name])))

    def insert_delta(self, t: Tree) -> Tree | None:
        names = sorted(free(t))
        if not names:
            return None
        old = self.rng.choice(names)
        choices = [name for name in LETTERS[SIZES[old]] if name not in every_name(t)]
        if not choices:
            return None
        new = self.rng.choice(choices)
        return SumOver(new, Mul((Dl(*self.rng.sample((old, new), 2)), renamed(t, {old: new}))))

    def multiply_out(self, t: Tree) -> Tree | None:
        if isinstance(t, Pow) and t.exponent.denominator == 1 and t.exponent > 1:
            return Mul((t.base,) * int(t.exponent))
        if isinstance(t, Mul) and all(isinstance(arg, Pow) and arg.exponent == MINUS for arg in t.args):
            return Pow(Mul(tuple(arg.children[0] for arg in t.args)), MINUS)
        return None

    def exp_of_sum(self, t: Tree) -> Tree | None:
        if isinstance(t, Fn) and t.name == "exp" and isinstance(t.arg, Add):
            return Mul(tuple(Fn("exp", arg) for arg in t.arg.args))
        return None

    def name_a_part(self, t: Tree) -> Tree | None:
        """A part becomes an array of its own, which is put in again: through all sums that stand around it."""
        spots = [one for one in everything(t) if not isinstance(one, Num)]
        if not spots or any(isinstance(one, Let) for one in everything(t)):
            return None
        spot = self.rng.choice(spots)
        params = tuple(sorted(free(spot)))
        self.maker.serial += 1
        tensor = f"h{self.maker.serial}"
        return Let(tensor, params, spot, put_at(t, spot, Ent(tensor, params), everywhere=True))

    def times_t_over_t(self, t: Tree) -> Tree | None:
        factor = self.maker.entry(tuple(free(t)))
        return Mul((factor, t, Pow(factor, MINUS)))


def put_at(t: Tree, spot: Tree, new: Tree, *, everywhere: bool = False) -> Tree:
    """The tree with one of its parts (this very object, or all equal to it) replaced."""
    if t is spot or (everywhere and t == spot):
        return new
    return t.with_children(iter([put_at(child, spot, new, everywhere=everywhere) for child in t.children]))


# Nearly the same.


def spoiled(t: Tree, rng: random.Random) -> Tree | None:
    """The formula with one mistake in it, of the kinds that people and programs make."""
    spots = list(everything(t))
    rng.shuffle(spots)
    for spot in spots[:12]:
        new = _mistake(spot, t, rng)
        if new is not None and new != spot:
            return put_at(t, spot, new)
    return None


def _mistake(t: Tree, whole: Tree, rng: random.Random) -> Tree | None:
    match t:
        case Ent(tensor, (i, j)) if SHAPES.get(tensor) == "nn" and rng.random() < 0.5:
            return Ent(tensor, (j, i))
        case Ent() | Dl() if t.names:
            k = rng.randrange(len(t.names))
            size = SIZES.get(str(t.names[k]), "n")
            names = [name for name in every_name(whole) | {"i", "j"} if SIZES.get(str(name)) == size]
            if isinstance(t.names[k], int) or not names:
                return None
            return t.with_names((*t.names[:k], rng.choice(sorted(map(str, names))), *t.names[k + 1 :]))
        case Num(value):
            return Num(-value)
        case Mul(args) if len(args) > 1:
            return Mul(args[1:])
        case SumOver(name, body):
            others = [one for one in LETTERS[SIZES[name]] if one != name]
            return rng.choice((Mul((Count(SIZES[name]), body)), SumOver(rng.choice(others), body)))
        case Pow(base, exponent):
            return rng.choice((base, Pow(base, -exponent)))
        case Pow(Pow(base, _), _):
            return base
        case Fn(_, arg):
            return arg
        case Where(test, yes, no):
            return Where(test, no, yes)
    return None
