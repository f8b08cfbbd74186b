"""The finite-field judge: an equality of derivatives is tested at random points of GF(p), where it is exact.

A *rule* is right if its closed form J, applied to a random tangent v, is the tangent of the function at a random point
along v; if uᵀJ times v is u times that tangent; and if every row of entries of J times v is. A *law* is right if both
sides of each of its equations agree on a random tangent and a random cotangent. Every region of signs is visited, with
``trials`` random points in each.

The probability of error. Suppose that two of the compared numbers are not equal as rational functions, in some region.
Their difference has a numerator of degree ≤ d (tracked, see ``field_numbers``) which vanishes at a random point with
probability ≤ d/q, because the coordinates are uniform on sets of q elements at least. A square root is counted with the
degree of its argument, and k roots make it 2ᵏ d/q, since the product over all signs of the roots is a polynomial in the
coordinates. A point outside the domain is drawn again, at most 256 times, so that a trial errs with probability ≤
256 · 2ᵏ d/q, and all trials of a region with that to the power ``trials``. It is enough that one component shows the
difference, so d is the largest degree and nothing is added up.

What is assumed. (1) Of an exponential, a real power and an oracle each value counts as a new independent coordinate of
degree 1. For oracles this is so by construction, apart from two different arguments with the same value, which
happens with probability ≤ d/q. For exponentials of linear functions of the inputs it is so with the degree of the
exponents' integer coefficients in place of 1; for other exponents it is an assumption. ``detail`` says where it is made.
(2) The integer coefficients of a difference are not all multiples of p, a number that nobody writes by chance.

A refutation is certain. Where no sign was chosen, no root taken and no oracle asked, two values that differ belong to
rational or exponential functions that differ. Otherwise a real point is sought at which the statement fails for certain; if
none is found the task is undecided: the region may be empty, or a law of logarithms be lacking here.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable

from ..identities import Identity, Law, Rule, Unmet
from ..identities.operators import Operator
from .field_numbers import SAFE_PRIME, Redraw, ZeroDivisor
from .field_statements import Refuted, Statement, UndefinedForm, of_law, of_rule
from .field_worlds import Differs, FieldWorld, NotAnEquation, RealWorld
from .series import SeriesAlgebra
from .symbolic import REFUTED, UNDECIDED, Proved, Task, instances

RANDOMIZED = "randomized proof"

TRIES = 256
"""Random points that are drawn for one inside the domain: of eight independent roots all exist at one of 256 points."""

REGIONS = 1024
"""Regions that are visited; where there are more nothing is claimed."""

_REAL_POINTS, _BITS = 300, 200
"""Real points at which a difference is sought, and the precision there."""

_ACCIDENTS = 3
"""Divisions by 0 at random points, after which the divisor is 0 everywhere: the probability of that many is below 2⁻¹⁵⁰."""


class _Undecided(Exception):
    """Neither shown nor refuted; the message says why."""


class _Judge:
    """The work on one task; ``regions`` counts those in which the statement was shown."""

    def __init__(self, dice: random.Random, trials: int, deadline: float) -> None:
        self.dice, self.trials, self.deadline = dice, trials, deadline
        self.regions = 0
        self.degree = self.roots = self.conditions = 0
        self.assumes = False
        self._doubts: list[str] = []

    def everywhere(self, statement: Statement) -> None:
        """Return where the statement is shown in all regions; raises Refuted or _Undecided."""
        waiting: list[tuple[int, ...]] = [()]
        visited = 0
        while waiting:
            if visited == REGIONS:
                raise _Undecided(f"more than {REGIONS} regions")
            script = waiting.pop()
            visited += 1
            for number in range(self.trials):
                world, shown = self._trial(statement, script)
                if not number:
                    waiting += reversed(world.region.others)
                    self.regions += shown
                if not shown:
                    break
        if self._doubts:
            raise _Undecided(self._doubts[0])

    def _trial(self, statement: Statement, script: tuple[int, ...]) -> tuple[FieldWorld, bool]:
        """A random point in the domain and a region, and whether the statement says something and is right there."""
        zeros, reason, world = 0, "", FieldWorld(self.dice, script)
        for _ in range(TRIES):
            if time.monotonic() > self.deadline:
                raise TimeoutError
            world = FieldWorld(self.dice, script)
            try:
                statement(world)
            except Unmet:
                return world, False
            except Redraw as error:
                reason = str(error)
                zeros += isinstance(error, ZeroDivisor)
                if zeros < _ACCIDENTS:
                    continue
                if isinstance(error, UndefinedForm) and world.algebra.exact:
                    raise Refuted(reason) from error
                break
            except Differs as difference:
                self._refute(statement, world, difference)
                return world, False
            self.degree, self.roots = max(self.degree, world.degree), max(self.roots, len(world.algebra.roots))
            self.conditions = max(self.conditions, world.algebra.conditions)
            self.assumes = self.assumes or world.algebra.assumes
            return world, True
        self._doubts.append(f"{reason} at every point that was tried")
        return world, False

    def _refute(self, statement: Statement, world: FieldWorld, difference: Differs) -> None:
        """Raise Refuted where a difference over the field is one over the reals; otherwise note the doubt."""
        found = self._real_difference(statement)
        if found is not None:
            raise Refuted(f"{found.what} is {found.values}, at a random real point")
        if world.algebra.exact:
            raise Refuted(f"{difference.what}: the two sides are different functions")
        why = "a region that may be empty" if world.region.signs else "a law of roots or logarithms may be lacking here"
        self._doubts.append(f"{difference.what} differs over the field, at no real point that was tried: {why}")

    def _real_difference(self, statement: Statement) -> Differs | None:
        with SeriesAlgebra(_BITS) as algebra:
            for _ in range(_REAL_POINTS):
                if time.monotonic() > self.deadline:
                    break
                try:
                    statement(RealWorld(self.dice, algebra))
                except Differs as difference:
                    return difference
                except Exception:  # whatever fails at this point, another may do
                    continue
        return None

    @property
    def bound(self) -> str:
        """The probability of error in words; raises _Undecided where the degree is too high for a bound."""
        q, degree = SAFE_PRIME.q, max(self.degree, 1)
        chosen = math.log2(TRIES) + self.roots + self.conditions
        bits = math.floor(self.trials * (math.log2(q) - chosen - math.log2(degree)))
        if bits <= 0:
            raise _Undecided(f"degree {degree}, too high for a bound")
        return (
            f"error probability ≤ 2^-{bits}: degree ≤ {degree}"
            + (f", {self.roots} roots" if self.roots else "")
            + f", {self.trials} trials"
            + (f" in each of {self.regions} regions" if self.regions > 1 else "")
            + (", exponentials and logarithms taken to be independent" if self.assumes else "")
        )


def check(
    identity: Identity,
    task: Task,
    *,
    partial: Callable[..., Operator] | None = None,
    trials: int = 2,
    seconds: float = 10.0,
    seed: int = 0,
) -> Proved:
    """Show or refute a task at random points over a finite field, the same ones in every run with the same ``seed``.

    ``status``: randomized proof, refuted or undecided; ``detail`` of a proof bounds the probability of error, and
    names the functions on which a law was tried. ``partial`` replaces the rule's closed form. Nothing is raised: an
    error is undecided.
    """
    dice = random.Random(f"{seed} {task.identity} {task.argument} {task.sizes}")
    judge = _Judge(dice, trials, time.monotonic() + seconds)
    tried: list[str] = []
    status, reason, bound = UNDECIDED, "", ""
    try:
        if isinstance(identity, Rule):
            judge.everywhere(
                of_rule(identity, task.assignment, task.argument, partial or identity.partials[task.argument])
            )
        elif isinstance(identity, Law):
            for functions in instances(identity, task.assignment):
                tried += [", ".join(f"{k} = {s.rule.id} of {' and '.join(s.free)}" for k, s in functions.items())]
                judge.everywhere(of_law(identity, task.assignment, functions))
        if judge.regions:
            status, bound = RANDOMIZED, judge.bound
        else:
            reason = "hypothesis never met" if tried else "no function of the catalogue fits"
    except Refuted as error:
        status, reason = REFUTED, str(error)
    except _Undecided as error:
        status, reason = UNDECIDED, str(error)
    except NotAnEquation:
        reason = "an inequality"
    except TimeoutError:
        reason = f"{seconds:g} s"
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    return Proved(status, reason, judge.regions, "; ".join(filter(None, [bound, *tried])))
