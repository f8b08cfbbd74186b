"""Mistakes that index provers make, the prototype's and those the fuzz or a reader found in this one: each is a test."""

from __future__ import annotations

import contextvars

import pytest
from gradlaw.oracle.index_arrays import variable
from gradlaw.oracle.index_atoms import assuming
from gradlaw.oracle.index_binders import relabelled
from gradlaw.oracle.index_calculus import substituted
from gradlaw.oracle.index_derivation import IndexDerivation
from gradlaw.oracle.index_namespace import IndexNamespace
from gradlaw.oracle.index_places import Place
from gradlaw.oracle.index_powers import power_of
from gradlaw.oracle.index_zero import Cases
from index_values import Point, agree, value_of
from index_writing import (
    ONE,
    ZERO,
    D,
    Fraction,
    Index,
    N,
    S,
    Undecided,
    Var,
    a,
    array,
    as_number,
    call,
    det,
    dl,
    exp,
    h,
    i,
    index_of,
    indicator,
    inv,
    is_zero,
    j,
    k,
    l,
    log,
    n,
    num,
    sqrt,
    t,
)

x, y, w, z, A, B = map(array, ["x", "y", "w", "z", "A", "B"])
p, q = array("p", positive=True), array("q", positive=True)
cn = as_number(n)


def product(at):
    """(A x)ᵢ, to be put in for yᵢ."""
    return S([j], A(at[0], j) * x(j))


# Names.


@pytest.mark.parametrize("name", ["i", "j", "k", "l"])
def test_what_is_put_in_is_not_captured(name):
    bound = Var(f"@{name}", n, f"@{name}")
    e = substituted(S([bound], exp(y(bound))), {"y": product})
    right = S([i], exp(S([j], A(i, j) * x(j))))
    captured = cn * exp(S([j], A(j, j) * x(j)))
    assert e == right
    for factor in (ONE, dl(k, l), dl(i, j)):
        assert is_zero((e - right) * factor)
        assert not is_zero((e - captured) * factor)


def test_what_is_put_in_twice_keeps_its_names_apart():
    e = substituted(S([i], y(i) * y(i)), {"y": product})
    assert e == S([i, j, k], A(i, j) * x(j) * A(i, k) * x(k))
    assert not is_zero(e - S([i, j], A(i, j) * x(j) * A(i, j) * x(j)))


def test_a_free_index_of_what_is_put_in_is_not_captured():
    e = substituted(S([k], exp(y(k))), {"y": lambda at: A(at[0], k)})
    assert is_zero(e - S([i], exp(A(i, k))))
    assert not is_zero(e - S([i], exp(A(i, i))))


def test_a_name_may_be_bound_where_it_is_free():
    e = x(i) * S([i], y(i) * S([i], exp(A(i, i))))
    assert e == x(i) * S([j], y(j)) * S([k], exp(A(k, k)))


def test_a_derivative_does_not_capture():
    assert is_zero(D(S([i], x(i) * y(i)), "x", i) - y(i))
    assert not is_zero(D(S([i], x(i) * y(i)), "x", i) - S([j], y(j)))


def test_two_indices_change_places_at_once():
    assert relabelled(A(i, j) * x(i), {i: index_of(j), j: index_of(i)}) == A(j, i) * x(j)


# Roots, powers, signs.


def test_the_root_of_a_square_is_the_number_only_if_it_is_positive():
    S1, S2 = S([i], x(i)), S([i], x(i) * x(i))
    assert not is_zero(sqrt(S1.power(2)) - S1)
    assert not is_zero(sqrt(S1.power(2)) + S1)
    assert not is_zero(sqrt(z() * z()) - z())
    assert is_zero(sqrt(S2.power(2)) - S2)
    assert is_zero(sqrt(S([i], p(i)).power(2)) - S([i], p(i)))


def test_a_root_is_shared_out_only_among_positive_numbers():
    assert is_zero(sqrt(p(i) * x(i)) - sqrt(p(i)) * sqrt(x(i)))
    assert not is_zero(sqrt(x(i) * y(i)) - sqrt(x(i)) * sqrt(y(i)))
    assert not is_zero(log(x(i) * y(i)) - log(x(i)) - log(y(i)))


def test_exponents_are_differentiated_through_what_is_defined_by_equations():
    e = power_of(p(i), inv(A, j, k))
    slope = D(e, "A", l, l)
    assert slope
    assert is_zero(slope + e * log(p(i)) * inv(A, j, l) * inv(A, l, k))
    assert D(power_of(p(i), log(det(A))), "A", k, l)
    assert not is_zero(slope)


def test_a_sum_is_positive_because_a_size_is_at_least_1():
    """Σ exp > 0 and n > 0, but n − 1 is not: at n = 1 it is 0."""
    assert indicator(S([i], exp(x(i)))) == ONE
    assert indicator(-cn) == ZERO
    with pytest.raises(Undecided, match="a choice is tied where n = 1"):
        indicator(cn - ONE)
    assert not is_zero(cn - ONE)
    assert not is_zero(S([i, j], x(i) * x(j)) - S([i], x(i) * x(i)))  # right at n = 1 only


def test_the_log_of_a_root_or_an_inverse_is_a_multiple():
    e = ONE + z() * z()
    assert is_zero(log(sqrt(e)) - log(e) * num("1/2"))
    assert is_zero(log(det(A).power(-1)) + log(det(A)))
    assert is_zero(sqrt(z().power(-1)) - sqrt(z()).power(-1))
    assert not is_zero(log(sqrt(e)) - log(e))


# Cases.


def test_cases_do_not_touch_bound_deltas():
    inside = S([j], exp(dl(i, j) * x(j)))
    assert is_zero(dl(i, k) * (inside - relabelled(inside, {i: index_of(k)})))
    assert not is_zero(inside - exp(x(i)))
    assert not is_zero(inside - cn)
    assert is_zero(inside - inside)
    both = S([i, j], exp(dl(i, j) * A(i, j)))
    assert not is_zero(both - cn * cn)
    assert not is_zero(both - S([i], exp(A(i, i))))


def test_a_case_remembers_which_indices_differ():
    """Where i ≠ j and k = i, the indices k and j differ too."""
    e = dl(i, l) * (dl(i, j) * A(i, i) - dl(l, j) * A(l, l))
    assert is_zero(e)
    assert is_zero(dl(j, k) * (ONE - dl(i, j)) * dl(i, k))
    assert not is_zero(dl(j, k) * (ONE - dl(i, j)))


def test_a_variable_with_a_factor_is_not_solved_for():
    """Where 2h = t holds, h is not 2t."""
    twice = index_of(h) + index_of(h)
    for one, other in ((h, t), (t, h)):
        two = index_of(one) + index_of(one)
        assert not is_zero(dl(two, other) * (x(one) - x(index_of(other) + index_of(other))))
    assert is_zero(dl(twice, t) * (x(t) - x(twice)))


def test_a_common_factor_of_a_difference_is_taken_out():
    twice = index_of(h) + index_of(h)
    assert dl(twice, index_of(t) + index_of(t)) == dl(h, t)
    assert dl(twice, 1) == ZERO
    assert dl(twice, 4) == dl(h, 2)


def test_a_delta_between_axes_of_different_sizes_is_no_substitution():
    e = S([i], dl(i, a))
    assert not is_zero(e - ONE)
    for size, expected in ((1, 0), (3, 1)):
        assert agree(value_of(e, Point(0, {"n": size, "N": 3}), {"@a": 1}), expected)
    assert a.size == N


def test_what_the_cases_are_is_said():
    cases = Cases()
    assert cases.is_zero(dl(i, k) * (x(i) - x(k)))
    assert {case for case, _ in cases.tried} == {"@k = @i", "@k ≠ @i"}


# Choices that are tied whatever the entries are.


@pytest.mark.parametrize(
    "tied",
    [
        lambda: x(i) - x(k),
        lambda: x(i) - x(0),
        lambda: call("sin", x(i) - x(k)),
        lambda: S([j], A(i, j) - A(k, j)),
        lambda: x(i) - S([j], x(j)) / cn,
        lambda: S([i, j], x(i) * x(j)) - S([i], x(i) * x(i)),
        lambda: -dl(i, k),
        lambda: dl(i, k) * x(i),
        lambda: -(indicator(z()) * z()),
        lambda: log(cn),
        lambda: sqrt(dl(i, k)),
        lambda: sqrt((x(i) - x(k)).power(2)),
        lambda: ONE - exp(dl(i, k)),
    ],
)
def test_a_choice_that_is_always_tied_somewhere_is_not_decided(tied):
    """[p > 0] + [−p > 0] = 1 is wrong there, and it would be proved."""
    with pytest.raises(Undecided, match="tied"):
        indicator(tied())


def test_pairs_that_include_equal_indices_are_not_decided():
    with pytest.raises(Undecided, match="tied where"):
        S([i, k], x(i) * y(k) * (indicator(z() * x(i) - z() * x(k)) + indicator(z() * x(k) - z() * x(i))))


@pytest.mark.parametrize(
    "free",
    [
        lambda: x(i),
        lambda: x(i) - y(k),
        lambda: x(i) - y(i),
        lambda: S([j], w(j) * A(i, j)) + z(),
        lambda: ONE - y(i) * x(i),
        lambda: x(i) * x(i) - y(i),
        lambda: call("sin", x(i)),
        lambda: A(i, j) - A(i, k) + ONE,
    ],
)
def test_other_choices_are_generic(free):
    e = free()
    assert is_zero(indicator(e) + indicator(-e) - ONE)
    assert not is_zero(indicator(e))
    assert indicator(e) != ONE


# Hypotheses, stand-ins, and what cannot be done.


def test_an_array_is_not_taken_for_a_stand_in():
    """D's stand-ins for points were called t1, t2, … as an input may be called too."""
    derivation, point = IndexDerivation(IndexNamespace()), variable("x", (n,))
    at = (Place(index_of(i)),), (Place(index_of(k)),)
    (operator,) = derivation.operators(lambda v: v, [point])
    number = int("".join(filter(str.isdigit, operator.name)))
    for name in (f"t{number + 1}", f"t{number + 2}", f"x{number}"):
        other = variable(name, (n,))
        (operator,) = derivation.operators(lambda v, other=other: v * other, [point])
        assert operator.term(*at) == array(name)(i) * dl(i, k)
    assert not operator.name.isidentifier()


def test_a_hypothesis_holds_for_its_own_predicate_only():
    class Positive:
        def apply(self, atom):
            return ONE if atom == next(iter(indicator(x(i)).atoms())) else None

    def inside():
        assuming([Positive()])
        assert indicator(x(i)) == ONE
        assert indicator(-x(i)) == ZERO
        assert indicator(x(k)) != ONE
        assert indicator(y(i)) != ONE

    contextvars.copy_context().run(inside)
    assert indicator(x(i)) != ONE


@pytest.mark.parametrize(
    ("impossible", "why"),
    [
        (lambda: x(i) / ZERO, "a division by 0"),
        (lambda: ONE / dl(i, k), "a division by a Kronecker delta"),
        (lambda: ONE / indicator(x(i)), "a division by an indicator"),
        (lambda: sqrt(num(-2)), "a root of a negative number"),
        (lambda: log(num(-2)), "the logarithm of a negative number"),
        (lambda: log(ZERO), "the logarithm of 0"),
        (lambda: S([h], ONE), "a sum without end"),
    ],
)
def test_what_cannot_be_done_is_undecided(impossible, why):
    with pytest.raises(Undecided, match=why):
        impossible()


def test_equal_keys_mean_equal_terms():
    """Terms are told apart by their keys alone, so keys must tell everything."""
    terms = [
        x(i), x(k), A(i, k), A(k, i), A(i, i), x(0), x(Index({i: 1}, 1)), exp(x(i)), log(x(i)), S([i], x(i)), S([j], A(i, j)),
        S([j], A(j, i)), S([j], A(j, j)), S([a], x(i) * w(a)), dl(i, k), indicator(x(i)), det(A), det(B), inv(A, i, k),
        inv(A, k, i), inv(B, i, k), cn, as_number(N), num(2), sqrt(num(2)), x(i).power(2), x(i).power(-1),
        p(i).power(Fraction(1, 2)), sqrt(x(i)),
    ]  # fmt: skip
    assert len({term.key for term in terms}) == len(terms)
    assert len(set(terms)) == len(terms)
