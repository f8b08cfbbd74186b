"""Taylor series along a line: FLINT's own derivatives, the declared convention at ties, and undefined values."""

from __future__ import annotations

import numpy as np
import pytest
from domains_of_functions import into_domain
from flint import arb, arb_series, ctx
from gradlaw.oracle.arrays import Namespace
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.elementary import FUNCTIONS
from gradlaw.oracle.series import Series, SeriesAlgebra, SeriesDerivation, directional, series
from gradlaw.oracle.tape import Undecided

POINTS = [0.5, 1.25, 3.0, 1e-9, 40.0, -0.75, -3.0]


@pytest.fixture
def algebra():
    with SeriesAlgebra(200) as made:
        yield made


def agree(a: arb, b: arb) -> bool:
    """Both are tight, and they overlap."""
    assert a.rad() <= abs(a.mid()) * arb(2) ** -80
    assert b.rad() <= abs(b.mid()) * arb(2) ** -80
    return bool(a.overlaps(b))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_elementary_function_and_its_derivative(algebra, name):
    table = Balls(None, 200)
    for point in (into_domain(name, point) for point in POINTS):
        found = algebra.call(name, series(point, 3))
        value = table.call(name, arb(point))
        slope = FUNCTIONS[name].derivative(table, arb(point), value)
        assert agree(found.value, value), (name, point)
        assert agree(found.slope, 3 * slope), (name, point)
        assert not agree(found.slope, (3 + arb(2) ** -60) * slope), "a wrong derivative goes unnoticed"


@pytest.mark.parametrize("point", [-2000.0, -50.0, 50.0, 2000.0])
def test_tanh_far_out_does_not_cancel(point):
    # The slope is about 4 exp(−2|x|): quotients that subtract would lose 2|x|/ln 2 bits.
    with SeriesAlgebra(128) as algebra:
        slope = algebra.call("tanh", series(point, 1)).slope
        assert slope > 0
        assert slope.rad() <= slope * arb(2) ** -90
        assert (slope / (4 * arb(-2 * abs(point)).exp()) - 1).overlaps(arb(0, 1e-30))


@pytest.mark.parametrize(("name", "point"), [("log", 0.0), ("log", -1.0), ("sqrt", -1.0), ("log1p", -1.0)])
def test_outside_the_domain_is_undefined(algebra, name, point):
    assert algebra.call(name, series(point, 1)).value.is_nan()


def test_sqrt_at_0_has_a_value_and_no_derivative(algebra):
    found = algebra.call("sqrt", series(0, 1))
    assert found.value.is_zero()
    assert not found.slope.is_finite()


@pytest.mark.parametrize("numerator", [series(1, 1), series(0, 1), series(0, 0)])
@pytest.mark.parametrize("denominator", [series(0, 1), series(0, 0), series(arb(0, 1), 1)])
def test_division_by_what_may_be_0_is_undefined(algebra, numerator, denominator):
    quotient = numerator / denominator
    assert quotient.value.is_nan()
    assert quotient.slope.is_nan()


def test_quotient(algebra):
    found = series(3, 1) / series(4, 1)
    assert (found.value, found.slope) == (arb(3) / 4, arb(1) / 16)


@pytest.mark.parametrize(
    ("base", "exponent", "value", "slope"),
    [
        (-2, 3, -8, 12),
        (5, 0, 1, 0),
        (0, 0, 1, 0),
        (0, 1, 0, 1),
        (0, 2, 0, 0),
        (2, -2, 0.25, -0.25),
        (-2, -1, -0.5, -0.25),
        (-3, 8, 6561, 8 * -2187),
    ],
)
def test_integer_powers(algebra, base, exponent, value, slope):
    for power in (exponent, series(exponent)):
        found = algebra.power(series(base, 1), power)
        assert (found.value, found.slope) == (arb(value), arb(slope))


def test_a_negative_power_of_0_is_undefined(algebra):
    assert algebra.power(series(0, 1), -1).value.is_nan()


def test_real_powers(algebra):
    x, a = arb(2.5), arb(1.75)
    by_x = algebra.power(series(x, 1), series(a)).slope
    by_a = algebra.power(series(x), series(a, 1)).slope
    assert agree(by_x, a * x ** (a - 1))
    assert agree(by_a, x**a * x.log())
    assert not agree(by_a, x**a * x)


@pytest.mark.parametrize(
    ("kind", "at_tie", "below"),
    [
        (">", False, False),
        (">=", True, False),
        ("<", False, True),
        ("<=", True, True),
        ("==", True, False),
        ("!=", False, True),
    ],
)
def test_predicates_and_the_convention_at_a_tie(algebra, kind, at_tie, below):
    tied = algebra.compare(kind, series(1, 1), series(1, 5))
    assert (bool(tied), tied.tie) == (at_tie, True)
    apart = algebra.compare(kind, series(1, 1), series(2, 1))
    assert (bool(apart), apart.tie) == (below, False)
    if kind not in ("==", "!="):
        assert bool(algebra.compare(kind, series(2, 1), series(1, 1))) != below


def test_a_ball_that_straddles_0_is_undecided(algebra):
    with pytest.raises(Undecided):
        algebra.compare(">", series(arb(0, 1e-30), 1), series(0))


def test_maximum_takes_its_first_argument_and_counts_the_tie(algebra):
    xp = Namespace(algebra)
    first, second = xp.wrap([series(2, 3), series(2, 3)], (2,)), xp.wrap([series(2, 7), series(1, 7)], (2,))
    assert [s.slope for s in xp.maximum(first, second).flat()] == [3, 3]
    assert [s.slope for s in xp.maximum(second, first).flat()] == [7, 3]
    assert (algebra.ties, algebra.jumped) == (2, False)


def test_a_jump_is_marked(algebra):
    xp = Namespace(algebra)
    z = xp.wrap([series(0, 1)], ())
    xp.where(z > 0, 1, 1)
    assert (algebra.ties, algebra.jumped) == (1, False)
    xp.where(z > 0, 1, 0)
    assert (algebra.ties, algebra.jumped) == (2, True)


def test_sides_of_a_tie_that_may_be_equal_are_undecided(algebra):
    xp = Namespace(algebra)
    z = xp.wrap([series(0, 1)], ())
    with pytest.raises(Undecided):
        xp.where(z > 0, xp.wrap([series(arb(1, 1e-9))], ()), 1)


def test_a_series_has_no_truth_value():
    with pytest.raises(TypeError):
        bool(series(1))


def test_directional_derivative_of_a_product(algebra):
    xp = Namespace(algebra)
    w, x = xp.asarray(np.array([2.0, 3.0])), xp.asarray(np.array([5.0, 7.0]))
    v, u = xp.asarray(np.array([1.0, 10.0])), xp.asarray(np.array([100.0, 1000.0]))
    found = directional(algebra, lambda a, b: xp.sum(a * b), [w, x], [v, u])
    assert (found.item().value, found.item().slope) == (31, 5 * 1 + 7 * 10 + 2 * 100 + 3 * 1000)


def test_a_derivative_of_a_derivative_is_refused(algebra):
    xp = Namespace(algebra)
    D = SeriesDerivation(xp, algebra)
    one = xp.ones(())
    with pytest.raises(ValueError, match="derivative of a derivative"):
        D(lambda t: D(lambda s: s * s)(t).matvec(xp, one))(one).matvec(xp, one)


def test_the_operator_of_a_function_and_its_transpose(algebra):
    xp = Namespace(algebra)
    D = SeriesDerivation(xp, algebra)
    x = xp.asarray(np.array([2.0, 3.0, 5.0]))
    operator = D(lambda t: xp.stack([t[0] * t[1], t[2] ** 2]))(x)
    assert (operator.in_shape, operator.out_shape) == ((3,), (2,))
    jacobian = np.array([[3, 2, 0], [0, 0, 10]])
    v, u = np.array([1, 10, 100]), np.array([1000, 1])
    assert [s.value for s in operator.matvec(xp, xp.asarray(v)).flat()] == list(jacobian @ v)
    assert [s.value for s in operator.rmatvec(xp, xp.asarray(u)).flat()] == list(u @ jacobian)
    by_first, by_second = D.gradient(lambda a, b: xp.sum(a * a) * b)(x, xp.asarray(np.array(4.0)))
    assert [s.value for s in by_first.flat()] == [16, 24, 40]
    assert by_second.item().value == 38
    assert all(isinstance(s, Series) and s.slope.is_zero() for s in by_first.flat())


def test_the_precision_of_flint_is_restored():
    before = ctx.prec, ctx.cap
    with SeriesAlgebra(999):
        assert (ctx.prec, ctx.cap) == (999, 2)
    assert (ctx.prec, ctx.cap) == before

    def fail_within() -> None:
        with SeriesAlgebra(999):
            raise Undecided

    with pytest.raises(Undecided):
        fail_within()
    assert (ctx.prec, ctx.cap) == before


@pytest.mark.parametrize("steps", [(1, -3), (2, 1), (0, 2)])
@pytest.mark.parametrize("point", [(3.0, 2.0**-600), (2.0**-600, 0.75), (-0.5, 0.0), (0.0, -2.0), (-1.0, -1.0)])
def test_slopes_in_the_plane_are_narrow_and_right(point, steps):
    (a, b), (v, w) = point, steps
    with SeriesAlgebra(200) as algebra:
        hypot, angle = (algebra.call(f, series(a, v), series(b, w)) for f in ("hypot", "atan2"))
        a, b = arb(a), arb(b)
        square = a * a + b * b
        expected = (a * v + b * w) / square.sqrt(), (b * v - a * w) / square
        assert hypot.value.overlaps(square.sqrt())
        assert angle.value.overlaps(arb.atan2(a, b))
        for found, slope in zip((hypot.slope, angle.slope), expected, strict=True):
            assert found.overlaps(slope)
            # An enclosure by differences over a disc would have a part of the value's rounding error over its radius.
            assert found.rad() <= abs(slope) * 2.0**-150 + 2.0**-195


def test_a_slope_that_is_a_wide_ball_is_not_taken_for_none():
    with SeriesAlgebra(64) as algebra:
        found = algebra.call("logaddexp", series(1), Series(arb_series([arb(2), arb(0, 5)], 2)))
    assert found.slope.contains(1) or not found.slope.is_finite()
    assert found.slope.contains(-1) or not found.slope.is_finite()
