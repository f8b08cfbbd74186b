"""D inside a D: exact where a world's own D does not nest, and laws of second order fail on a system that breaks them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb
from gradlaw.backends.autograd import Autograd
from gradlaw.identities import CATALOGUE
from gradlaw.oracle.arrays import Namespace
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.cell import CellKey, run_cell
from gradlaw.oracle.derivative import TapeDerivation
from gradlaw.oracle.nested_derivation import NestedDerivation
from gradlaw.oracle.protocol import register
from gradlaw.oracle.series import SeriesAlgebra, SeriesDerivation
from gradlaw.oracle.status import CellStatus
from gradlaw.oracle.tape import Tape
from gradlaw.strategies.search import PROFILES

_NUMBER = itertools.count()
LAWS = [entry.id for entry in CATALOGUE.entries.values() if entry.chapter == "second_order"]


def second(D, product, x, v, w):
    """D²f(x)(v, w) for f = x₀² x₁ + sin x₁ by an inner and an outer product, each "matvec" or "rmatvec"."""
    xp = D.xp

    def f(t):
        return t[0] ** 2 * t[1] + xp.sin(t[1])

    inner, outer = product
    point, v, w = (xp.asarray(np.array(a)) for a in (x, v, w))
    if inner == "matvec":
        operator = D(lambda t: D(f)(t).matvec(xp, v))(point)
        if outer == "matvec":
            return operator.matvec(xp, w)
        return xp.sum(operator.rmatvec(xp, xp.asarray(1)) * w)
    operator = D(lambda t: D(f)(t).rmatvec(xp, xp.asarray(1)))(point)
    return xp.sum(operator.matvec(xp, v) * w) if outer == "matvec" else xp.sum(operator.rmatvec(xp, v) * w)


X, V, W = [1.5, 0.75], [2.0, -1.0], [0.5, 3.0]
PRODUCTS = list(itertools.product(("matvec", "rmatvec"), repeat=2))


def expected():
    """vᵀ H w with H = [[2 x₁, 2 x₀], [2 x₀, −sin x₁]], by hand."""
    (a, b), (p, q), (r, s) = X, V, W
    return arb(2 * b) * p * r + arb(2 * a) * (p * s + q * r) - arb(b).sin() * q * s


@pytest.mark.parametrize("product", PRODUCTS)
def test_on_a_tape_every_nesting_is_the_second_derivative(product):
    with Balls(None, 128) as balls:
        tape = Tape(balls, exact=True)
        D = NestedDerivation(TapeDerivation(Namespace(tape), tape, closed=False), closed=False)
        found = D.down(second(D, product, X, V, W)).item().value
        assert found.overlaps(expected())
        assert found.rad() < 1e-30


@pytest.mark.parametrize("product", PRODUCTS)
def test_with_series_every_nesting_is_the_second_derivative(product):
    with SeriesAlgebra(128) as algebra:
        D = NestedDerivation(SeriesDerivation(Namespace(algebra), algebra), closed=True)
        found = D.down(second(D, product, X, V, W)).item().value
        assert found.overlaps(expected())
        assert found.rad() < 1e-30


def test_a_derivative_of_a_derivative_is_not_silently_0_and_a_third_is_refused():
    with Balls(None, 128) as balls:
        tape = Tape(balls, exact=True)
        D = NestedDerivation(TapeDerivation(Namespace(tape), tape, closed=False), closed=False)
        one = D.xp.asarray(1.0)

        def slope(f):
            return lambda t: D(f)(t).matvec(D.xp, one)

        cube = lambda t: t**3  # noqa: E731
        assert D.down(slope(slope(cube))(D.xp.asarray(2.0))).item().value == 12
        with pytest.raises(ValueError, match="third"):
            slope(slope(slope(cube)))(D.xp.asarray(2.0))


class Confused(Autograd):
    """Takes the tangents of two nested levels for one where they are the same numbers: perturbation confusion."""

    def __init__(self) -> None:
        super().__init__()
        self.tangents: list[np.ndarray] = []

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        mine = np.concatenate([np.ravel(t) for t in tangents])
        confused = any(np.array_equal(mine, other) for other in self.tangents)
        self.tangents.append(mine)
        try:
            y, tangent = super().jvp(f, primals, tangents)
        finally:
            self.tangents.pop()
        return y, 2 * tangent if confused else tangent


class WrongNest(Autograd):
    """A gradient by a cotangent of one is halved inside another derivative."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def _deeper(self, call: Callable[..., Any], *given: Any) -> Any:
        self.depth += 1
        try:
            return call(*given)
        finally:
            self.depth -= 1

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        return self._deeper(super().jvp, f, primals, tangents)

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        inside = self.depth > 0
        y, cotangents = self._deeper(super().vjp, f, primals, cotangent)
        if inside and np.ndim(cotangent) == 0 and np.all(self.to_numpy(cotangent) == 1):
            cotangents = [c / 2 for c in cotangents]
        return y, cotangents


def judged(factory: Callable[[], Any], law: str, mode: str) -> Any:
    name = f"nested{next(_NUMBER)}"
    register(name, factory)
    return run_cell(CellKey(law, name, "composed", mode, "float64"), profile=PROFILES["fast"])


BROKEN = [
    (Confused, "taylor_quadratic", "forward"),
    (Confused, "taylor_remainder", "forward"),
    (WrongNest, "quadratic_form", "forward"),
    (WrongNest, "quadratic_form", "reverse"),
    (WrongNest, "mixed_nestings", "reverse"),
    (WrongNest, "second_product", "reverse"),
    (WrongNest, "taylor_quadratic", "reverse"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("factory", "law", "mode"), BROKEN, ids=lambda value: getattr(value, "__name__", value))
def test_a_system_that_breaks_a_law_fails_it(factory, law, mode):
    result = judged(factory, f"second_order.{law}", mode)
    assert result.status is CellStatus.FAIL, (result.status, result.reason)
    assert result.counterexamples[0].confirmed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("law", LAWS)
def test_autograd_obeys_them(law, mode):
    assert judged(Autograd, law, mode).status is CellStatus.PASS


def test_they_are_asked_of_libraries_that_differentiate_twice():
    """The reference backend differentiates once: its derivatives are constants, and it must not be judged by that."""
    result = run_cell(CellKey("second_order.quadratic_form", "reference", "composed", "forward", "float64"))
    assert result.status is CellStatus.UNSUPPORTED
