"""Domains: which numbers belong to one, and which places in it the search visits."""

from __future__ import annotations

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE
from gradlaw.strategies import Domain, nonzero, positive, reals
from gradlaw.strategies.specs import ArrayInput

HOSTILE = np.array([np.nan, np.inf, -np.inf])
INTERVAL = Domain("in [-1, 1)", low=-1.0, high=1.0)
CLOSED = Domain("in [-1, 1] without ½", low=-1.0, high=1.0, closed=True, excluded=(0.5,))
ALL = [reals, nonzero, positive, INTERVAL, CLOSED, Domain("≥ 0", low=0.0, closed=True)]


@pytest.mark.parametrize("domain", ALL, ids=lambda d: d.words)
def test_nan_and_the_infinities_belong_to_no_domain(domain):
    assert not domain.contains(HOSTILE).any()


def test_both_zeros_are_outside_positive_and_nonzero_and_inside_the_reals():
    zeros = np.array([0.0, -0.0])
    assert reals.contains(zeros).all()
    assert not positive.contains(zeros).any()
    assert not nonzero.contains(zeros).any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_smallest_numbers_are_inside_positive(dtype):
    tiny = np.array([np.finfo(dtype).smallest_subnormal], dtype)
    assert positive.contains(tiny).all()
    assert not positive.contains(-tiny).any()
    assert nonzero.contains(-tiny).all()


def test_ends_belong_to_a_closed_domain_only():
    ends = np.array([-1.0, 1.0])
    assert not INTERVAL.contains(ends).any()
    assert CLOSED.contains(ends).all()
    outside = np.nextafter(ends, [-2.0, 2.0])
    assert not CLOSED.contains(outside).any()
    assert INTERVAL.contains(np.nextafter(ends, 0)).all()


def test_excluded_points_are_outside():
    assert CLOSED.contains(np.array([0.5, 0.25])).tolist() == [False, True]


def test_membership_keeps_the_shape():
    assert positive.contains(np.ones((2, 0, 3))).shape == (2, 0, 3)
    assert positive.contains(np.float64(3.0)).shape == ()


def test_landmarks_are_kinks_excluded_points_and_finite_ends_each_once():
    assert reals.landmarks == ()
    assert nonzero.landmarks == (0.0,)
    assert positive.landmarks == (0.0,)
    assert CLOSED.with_kinks(0.5, 0.25).landmarks == (0.5, 0.25, -1.0, 1.0)


def test_with_kinks_leaves_the_set_and_the_original_as_they_were():
    kinked = positive.with_kinks(2.0)
    points = np.array([-1.0, 0.0, 2.0, 3.0])
    assert (kinked.contains(points) == positive.contains(points)).all()
    assert positive.kinks == ()
    assert kinked.with_kinks(3.0).kinks == (2.0, 3.0)


def test_no_domain_of_the_catalogue_is_empty():
    grid = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
    for entry in CATALOGUE.entries.values():
        for name, spec in entry.inputs.items():
            if isinstance(spec, ArrayInput):
                assert spec.domain.contains(grid).any(), (entry.id, name)


def test_two_domains_have_the_points_of_both_in_common():
    unit = Domain("in [0, 1]", 0.0, 1.0, closed=True)
    both = unit & nonzero
    points = np.array([-0.5, 0.0, 0.5, 1.0])
    assert both.contains(points).tolist() == [False, False, True, False]  # an end is left where one domain is open
    assert (unit & unit).contains(points).tolist() == [False, True, True, True]
    assert both.words == "in [0, 1], ≠ 0"
