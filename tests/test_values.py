"""Values: every class visits what it promises, inside the domain, in the numbers of the dtype."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from gradlaw.strategies import Domain, nonzero, positive, reals
from gradlaw.strategies.values import CLASSES, class_of, elements, special_values

DTYPES = pytest.mark.parametrize("dtype", [np.dtype("float32"), np.dtype("float64")], ids=str)
CLASS = pytest.mark.parametrize("name", CLASSES)
DOMAINS = [
    reals,
    nonzero,
    positive,
    reals.with_kinks(0.0, 2.5),
    Domain("in (-1, 1)", low=-1.0, high=1.0),
    Domain("in [2, 3]", low=2.0, high=3.0, closed=True),
    Domain("in (-1, 1) without 0", low=-1.0, high=1.0, excluded=(0.0,)),
    Domain("> 5000", low=5000.0),
    Domain("> 1e30", low=1e30),
    Domain("< -1e5", high=-1e5),
    Domain("in (0, 1e-30)", low=0.0, high=1e-30),
    Domain("in (-1e38, 1e38)", low=-1e38, high=1e38),
]
EVERY_PAIR = np.array(list(itertools.product(range(256), repeat=2)), np.uint8)


def drawn(name, dtype, domain=reals, codes=EVERY_PAIR):
    return elements(codes, name, dtype, domain)


def bits(values):
    """Floats as integers in their order: neighbours differ by 1."""
    width = {4: np.int32, 8: np.int64}[values.dtype.itemsize]
    raw = values.view(width).astype(object)
    top = 2 ** (8 * values.dtype.itemsize - 1)
    return np.array([k if k >= 0 else -top - k for k in raw], object)


@DTYPES
@CLASS
@pytest.mark.parametrize("domain", DOMAINS, ids=lambda d: d.words)
def test_every_value_is_finite_and_inside_the_domain(dtype, name, domain):
    values = drawn(name, dtype, domain)
    assert values.dtype == dtype
    assert values.shape == (len(EVERY_PAIR),)
    assert domain.contains(values).all()  # false for NaN and the infinities, too


@DTYPES
@CLASS
def test_open_ends_are_never_reached(dtype, name):
    for domain in (positive, nonzero):
        assert (drawn(name, dtype, domain) != 0).all()  # neither of the two zeros


@DTYPES
@CLASS
def test_an_element_is_a_function_of_its_bytes_and_the_first_ones(dtype, name):
    codes = EVERY_PAIR[7919 * np.arange(400) % len(EVERY_PAIR)]
    whole = drawn(name, dtype, codes=codes)
    assert (whole[:31] == drawn(name, dtype, codes=codes[:31])).all()


@DTYPES
@CLASS
def test_no_elements(dtype, name):
    assert drawn(name, dtype, codes=np.zeros((0, 2), np.uint8)).shape == (0,)


def test_bytes_stand_for_all_classes_and_zero_for_the_simplest():
    assert class_of(0) == CLASSES[0] == "simple"
    counts = {name: sum(class_of(byte) == name for byte in range(256)) for name in CLASSES}
    assert min(counts.values()) >= 16
    assert counts["generic"] == max(counts.values())


@DTYPES
def test_half_of_the_zeros_are(dtype):
    values = drawn("zeros", dtype)
    assert (values == 0).mean() == pytest.approx(0.5, abs=0.05)
    assert (drawn("zeros", dtype, positive) > 0).all()


@DTYPES
def test_zero_bytes_give_the_simplest_values(dtype):
    zeros = np.zeros((5, 2), np.uint8)
    for domain in (reals, nonzero, positive):
        assert drawn("simple", dtype, domain, zeros).tolist() == [1.0] * 5
    for name in CLASSES:
        assert len(set(drawn(name, dtype, reals, zeros).tolist())) == 1


@DTYPES
def test_simple_values_are_short_and_begin_with_the_simplest(dtype):
    codes = np.array([(k, 0) for k in range(23)], np.uint8)
    values = drawn("simple", dtype, codes=codes).tolist()
    assert values[:5] == [1, 0, -1, 2, -2]
    assert len(set(values)) == 23
    assert all(len(f"{abs(v):g}") <= 4 for v in values)


@DTYPES
def test_special_values_are_visited_all(dtype):
    values = drawn("special", dtype)
    info = np.finfo(dtype)
    for wanted in (
        info.smallest_subnormal,
        info.smallest_normal,
        info.max,
        np.nextafter(dtype.type(1), dtype.type(2)),
        np.nextafter(dtype.type(1), dtype.type(0)),
    ):
        assert (values == wanted).any()
        assert (values == -wanted).any()
    zeros = values[values == 0]
    assert set(np.signbit(zeros)) == {True, False}
    subnormal = (values != 0) & (np.abs(values) < info.smallest_normal)
    assert subnormal.any()
    assert set(values.tolist()) == set(special_values(dtype).astype(dtype).tolist())


@DTYPES
@pytest.mark.parametrize("landmark", [0.0, 1.0, -1.0, 2.5, -0.1])
def test_near_visits_the_neighbours_of_landmarks(dtype, landmark):
    domain = reals if landmark in (0.0, 1.0, -1.0) else reals.with_kinks(landmark)
    values = np.unique(drawn("near", dtype, domain))
    at = np.array([landmark], dtype)
    steps = set((bits(values) - bits(at)[0]).tolist())
    assert {0, 1, -1, 2, -2, 1000, -1000} <= steps
    for offset in (1e-8, -1e-8, 1e-4, -1e-4):
        assert (values == dtype.type(float(at[0]) + offset)).any()


@DTYPES
def test_near_goes_next_to_an_end_without_reaching_it(dtype):
    values = drawn("near", dtype, positive)
    assert values.min() == np.finfo(dtype).smallest_subnormal
    assert (values == dtype.type(1e-8)).any()


def largest_gap(values):
    return np.diff(np.sort(np.log2(np.abs(values.astype(np.float64))))).max()


def spacing_bound(low, high, smallest):
    """The ladder's own step in log2, and where numbers are subnormal the spacing of the format as well."""
    step = (high - low) / 2**15
    spacing = math.log2(1 + 2.0 ** (smallest - low))
    return 2 * step + 2 * spacing


@DTYPES
def test_wide_values_reach_everywhere_without_holes(dtype):
    info = np.finfo(dtype)
    low, high = info.minexp - 2, info.maxexp - 1
    smallest = math.log2(float(info.smallest_subnormal)) if dtype == "float32" else -1074
    for sign in (1, -1):
        values = drawn("wide", dtype)
        values = values[np.sign(values) == sign]
        assert np.log2(np.abs(values.astype(np.float64))).min() < low + 0.1
        assert np.log2(np.abs(values.astype(np.float64))).max() > high - 0.1
        assert largest_gap(values) <= spacing_bound(low, high, smallest) < 0.2


@DTYPES
def test_generic_values_are_dense_between_a_sixteenth_and_sixteen(dtype):
    values = drawn("generic", dtype)
    assert largest_gap(values[values > 0]) <= spacing_bound(-4, 4, -150) < 0.001
    assert np.abs(values).min() == 2.0**-4
    assert 15.9 < np.abs(values).max() < 16
    assert 0.49 < (values > 0).mean() < 0.51


@DTYPES
@pytest.mark.parametrize("name", ["generic", "wide"])
def test_no_flood_of_zeros_or_largest_numbers(dtype, name):
    values = drawn(name, dtype)
    assert (values == 0).mean() < 0.05
    assert (np.abs(values) == np.finfo(dtype).max).mean() < 0.01


@DTYPES
def test_float32_is_drawn_for_its_own_range(dtype):
    """A cast of float64's wide class would make 87 % of float32's values 0 or infinite; each has the same spread."""
    exponents = np.log2(np.abs(drawn("wide", dtype).astype(np.float64)))
    info = np.finfo(dtype)
    quarters = np.quantile(exponents, [0.25, 0.5, 0.75])
    span = info.maxexp - info.minexp
    assert np.abs(quarters - (info.minexp + np.array([0.25, 0.5, 0.75]) * span)).max() < 0.02 * span


@DTYPES
def test_ties_are_equal_elements(dtype):
    rng = np.random.default_rng(0)
    tied = []
    for _ in range(200):
        values = drawn("ties", dtype, codes=rng.integers(0, 256, (8, 2), np.uint8))
        tied.append(len(set(values.tolist())) < 8)
        assert (values == values[0]).any()
    assert np.mean(tied) > 0.95
    untied = [
        len(set(drawn("generic", dtype, codes=rng.integers(0, 256, (8, 2), np.uint8)).tolist())) for _ in range(50)
    ]
    assert np.mean(untied) > 7.9


@DTYPES
def test_mixed_values_come_from_all_classes(dtype):
    values = drawn("mixed", dtype)
    info = np.finfo(dtype)
    for size in (float(info.max), float(info.smallest_subnormal), 0.0, 100.0):
        assert (values == dtype.type(size)).any()
        assert (values == dtype.type(-size)).any()
    # Next to all three landmarks, far out, and on the ladder between.
    for landmark in (0.0, 1.0, -1.0):
        assert (values == np.nextafter(dtype.type(landmark), dtype.type(2))).any()
    exponents = np.abs(np.log2(np.abs(values[values != 0].astype(np.float64))))
    assert (exponents > info.maxexp / 2).mean() > 0.05
    assert (exponents < 4).mean() > 0.3


@DTYPES
@pytest.mark.parametrize("domain", [d for d in DOMAINS if np.isfinite(d.low)], ids=lambda d: d.words)
def test_a_narrow_domain_is_filled_and_not_a_single_point(dtype, domain):
    for name in ("generic", "wide"):
        assert len(np.unique(drawn(name, dtype, domain))) > 1000
