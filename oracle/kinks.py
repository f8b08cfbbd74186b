"""At a kink the derivative is a set: Clarke's, the convex hull of the limits of derivatives from smooth points nearby.

A kink is a choice a − b > 0 ? … : … whose two sides are equal there; θ in [0, 1] weighs the side taken where it
holds, one θ shared by all components. Where one kink does not depend on another, everything is affine in the θs. Kinks
at multiples of the same a − b have one θ (or θ and 1 − θ); with independent normals ∇(a − b) every combination is a
limit, so the set is the image of a cube. A library's result belongs to it when one θ per kink explains all components
within their rounding. Of a kink inside a kink nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb

from .balls import Balls, overflown
from .constants import INJECTED_BITS, MARGIN_ULPS
from .enclose import Enclosed, Exact, Thetas, exact, rounded
from .tape import Undecided

_BITS = 4 * INJECTED_BITS


@dataclass
class ClarkeSet:
    """Components c ↦ base[c] + Σₖ θₖ·slope[k][c] ± radius[c], θ in the cube; ``cube`` False where that is too large a set."""

    base: list[arb]
    slopes: list[list[arb]]
    radius: list[arb]
    cube: bool
    loose: Callable[[], list[arb]]
    """The components with rounding errors 2¹⁰ times as large, at multipliers 0."""

    def hull(self, component: int) -> tuple[arb, arb]:
        """Lowest and highest value of one component over the cube, with its rounding."""
        low = high = self.base[component]
        for slope in self.slopes:
            low = low + min(arb(0), slope[component], key=lambda b: float(b.mid()))
            high = high + max(arb(0), slope[component], key=lambda b: float(b.mid()))
        return low - self.radius[component], high + self.radius[component]

    def theta_for(self, got: Sequence[float]) -> np.ndarray | None:
        """Multipliers that explain ``got``, certified; None where none were found."""
        for theta in self._guesses(got):
            if self._explains(theta, got):
                return theta
        return None

    def refutes(self, got: Sequence[float]) -> bool:
        """Whether certainly no multipliers explain ``got``: a component outside its hull, or no common θ."""
        for component, value in enumerate(got):
            low, high = self.hull(component)
            if arb(value) < low or arb(value) > high:
                return True
        return self.cube and self._intervals_are_empty(got)

    def is_fixed(self, component: int) -> bool:
        """Whether a component is the same at all multipliers."""
        return all(slope[component].is_zero() for slope in self.slopes)

    def _intervals_are_empty(self, got: Sequence[float]) -> bool:
        """Intersect, for each θ, the intervals that components depending on it alone leave."""
        for k, slope in enumerate(self.slopes):
            low, high = 0.0, 1.0
            for component, value in enumerate(got):
                if slope[component].contains(0) or any(
                    not other[component].is_zero() for j, other in enumerate(self.slopes) if j != k
                ):
                    continue
                gap = arb(value) - self.base[component]
                ends = sorted(
                    float(((gap + sign * self.radius[component]) / slope[component]).mid()) for sign in (-1, 1)
                )
                low, high = max(low, ends[0]), min(high, ends[1])
            if low > high + 1e-9:
                return True
        return False

    def _guesses(self, got: Sequence[float]) -> list[np.ndarray]:
        count = len(self.slopes)
        matrix = np.array([[float(b.mid()) for b in slope] for slope in self.slopes]).T.reshape(len(got), count)
        gap = np.array([float((arb(v) - b).mid()) for v, b in zip(got, self.base, strict=True)])
        guesses = [np.zeros(count), np.full(count, 0.5), np.ones(count)]
        if not (np.isfinite(matrix).all() and np.isfinite(gap).all()):
            return guesses
        scale = np.maximum(np.abs(matrix).max(axis=1, initial=0), 1e-300)
        with np.errstate(over="ignore"):
            solved = np.linalg.lstsq(matrix / scale[:, None], gap / scale, rcond=None)[0] if count else np.zeros(0)
        return [*guesses, np.clip(solved, 0, 1), np.clip(np.round(2 * solved) / 2, 0, 1)]

    def _explains(self, theta: np.ndarray, got: Sequence[float]) -> bool:
        for component, value in enumerate(got):
            expected = self.base[component]
            for weight, slope in zip(theta, self.slopes, strict=True):
                expected = expected + arb(float(weight)) * slope[component]
            if not abs(arb(value) - expected) <= self.radius[component]:
                return False
        return True


def clarke_set(enclosed: Enclosed) -> ClarkeSet | None:
    """The set at the kinks that the truth met; None where its evaluation is undecided, or a kink depends on another."""
    if not enclosed.clarke:
        enclosed.clarke.append(_clarke_set(enclosed))
    return enclosed.clarke[0]


def _clarke_set(enclosed: Enclosed) -> ClarkeSet | None:
    truth = enclosed.exact
    if truth is None:
        return None
    groups = _groups(truth)
    count = len(groups)
    numbers = [[(truth.choices[k], sign) for k, sign in group] for group in groups]
    # The corner 0, its neighbours, the corner furthest from it, and a point in general position.
    general = np.random.default_rng(count).integers(1, 2**20, count) / 2**20
    points = [np.zeros(count), *np.eye(count), np.ones(count), general]
    try:
        exacts = [exact(enclosed.problem.on, _BITS, _thetas(numbers, point)) for point in points]
        allowed = [
            rounded(enclosed.problem, enclosed.model, enclosed.flush, _thetas(numbers, point)) for point in points
        ]
    except Undecided:
        return None
    truths = [one.outputs.balls for one in exacts]
    with Balls(None, _BITS):
        slopes = [[v - b for v, b in zip(one, truths[0], strict=True)] for one in truths[1 : count + 1]]
        if any(one.choices for one in exacts) or not _is_affine(exacts[-1], truth, truths[0], slopes, general):
            return None
        radius = [
            _radius([one.balls[c] for one in allowed], [one[c] for one in truths], enclosed.model.ulp)
            for c in range(len(truths[0]))
        ]
        if enclosed.written is not None:
            written = rounded(enclosed.written, enclosed.model, enclosed.flush).balls
            radius = [_with_written(r, ball) for r, ball in zip(radius, written, strict=True)]
    # A multiplier on which nothing depends is none, whatever its normal.
    kept = [k for k, slope in enumerate(slopes) if not all(v.is_zero() for v in slope)]
    cube = _independent([truth.normals[groups[k][0][0]] for k in kept])

    def loose() -> list[arb]:
        thetas = _thetas(numbers, points[0])
        return rounded(enclosed.problem, enclosed.model, enclosed.flush, thetas, factor=enclosed.model.looser).balls

    return ClarkeSet(truths[0], [slopes[k] for k in kept], radius, cube, loose)


def _is_affine(at: Exact, truth: Exact, base: list[arb], slopes: list[list[arb]], theta: np.ndarray) -> bool:
    """Whether the components at a general θ are the affine ones, and no kink's place depends on another's θ."""
    for component, value in enumerate(at.outputs.balls):
        expected = sum(
            (arb(float(t)) * slope[component] for t, slope in zip(theta, slopes, strict=True)), base[component]
        )
        if not expected.overlaps(value):
            return False
    before = dict(zip(truth.choices, truth.normals, strict=True))
    return all(
        normal.keys() == before[choice].keys() and all(v.overlaps(before[choice][leaf]) for leaf, v in normal.items())
        for choice, normal in at.imposed.items()
    )


def _radius(allowed: list[arb], truths: list[arb], ulp: float) -> arb:
    """The furthest that rounding may go from the truth at any of the points; NaN where something may overflow."""
    if not all(ball.is_finite() for ball in allowed):
        return arb("nan")
    reach = [abs(ball.mid() - t) + ball.rad() for ball, t in zip(allowed, truths, strict=True)]
    size = max((abs(t) for t in truths), key=lambda t: float(t.mid()))
    return max(reach, key=lambda r: float(r.mid())) + MARGIN_ULPS * ulp * size


def _with_written(radius: arb, written: arb) -> arb:
    """The radius at a kink of the regular text, with the rounding of the text as written; NaN where that may overflow."""
    if written.is_nan() or overflown(written):
        return arb("nan")
    return radius + written.rad() if written.is_finite() else radius


def _thetas(numbers: list[list[tuple[int, int]]], point: np.ndarray) -> Thetas:
    """The multiplier of each choice at a point of the cube; members of opposite orientation get 1 − θ."""
    return {
        choice: arb(float(theta)) if sign > 0 else 1 - arb(float(theta))
        for members, theta in zip(numbers, point, strict=True)
        for choice, sign in members
    }


def _parallel(a: dict[int, arb], b: dict[int, arb]) -> int:
    """1 or −1 where a is certainly a positive or a negative multiple of b, else 0."""
    if not a or a.keys() != b.keys():
        return 0
    first = next(iter(a))
    with Balls(None, _BITS):
        if not all((a[k] * b[first] - b[k] * a[first]).is_zero() for k in a):
            return 0
        return 1 if a[first] * b[first] > 0 else -1


def _groups(truth: Exact) -> list[list[tuple[int, int]]]:
    """Kinks at multiples of one difference together, with their orientation."""
    groups: list[list[tuple[int, int]]] = []
    for k, form in enumerate(truth.forms):
        for group in groups:
            if sign := _parallel(form, truth.forms[group[0][0]]):
                group.append((k, sign))
                break
        else:
            groups.append([(k, 1)])
    return groups


def _independent(normals: list[dict[int, arb]]) -> bool:
    """Whether normals are linearly independent; nearly dependent ones count as dependent: less is claimed then."""
    leaves = sorted({leaf for normal in normals for leaf in normal})
    vectors = np.array([[float(normal.get(leaf, arb(0)).mid()) for leaf in leaves] for normal in normals])
    vectors = vectors.reshape(len(normals), len(leaves))
    scale = np.abs(vectors).max(axis=1, initial=0)
    if not (np.isfinite(scale).all() and scale.all()):
        return False
    return not normals or bool(np.linalg.matrix_rank(vectors / scale[:, None], tol=1e-6) == len(normals))
