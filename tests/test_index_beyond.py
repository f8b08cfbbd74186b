# ruff: noqa: E501  (a line of the table is an identity)
"""Identities beyond the catalogue, proved by the index prover for all sizes; and of each a wrong variant that is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from index_writing import (
    ONE,
    ZERO,
    D,
    N,
    Poly,
    S,
    a,
    array,
    as_number,
    b,
    c,
    call,
    det,
    dl,
    exp,
    generic,
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
    partial,
    r,
    s,
    sqrt,
    t,
    u,
)

x, y, w, g, A, B, C, X, K, V, q, z, bias, tt = map(
    array, ["x", "y", "w", "g", "A", "B", "C", "X", "K", "V", "q", "z", "bias", "t"]
)
p, eps, target = array("p", positive=True), array("eps", positive=True), array("target", positive=True)
cn, cN, two, half = as_number(n), as_number(N), num(2), num("1/2")

soft_sum = S([j], exp(x(j)))
lse = log(soft_sum)
mean = S([i], x(i)) / cn
var = S([j], (x(j) - mean).power(2)) / cn
norm = sqrt(S([i], x(i) * x(i)))
norm_y = sqrt(S([i], y(i) * y(i)))
dot = S([i], x(i) * y(i))
rms = sqrt(S([i], x(i) * x(i)) / cn + eps())
logdet = log(det(A))


def sm(at) -> Poly:
    """Softmax."""
    return exp(x(at)) / soft_sum


def ln(at) -> Poly:
    """Layer norm."""
    return (x(at) - mean) / sqrt(var + eps())


def sigmoid(at) -> Poly:
    return ONE / (ONE + exp(-x(at)))


def iA(p_, q_) -> Poly:
    """A⁻¹."""
    return inv(A, p_, q_)


def neuron(at) -> Poly:
    return S([j], w(j) * X(at, j)) + bias()


def relu(term: Poly) -> Poly:
    return indicator(term) * term


def score(at) -> Poly:
    """Attention: the weight of a key before it is normalised."""
    return exp(S([b], K(at, b) * q(b)) / sqrt(cN))


def pa(at) -> Poly:
    return score(at) / S([j], score(j))


def out(at) -> Poly:
    return S([i], pa(i) * V(i, at))


def quad(matrix) -> Poly:
    return S([i, j], x(i) * matrix(i, j) * x(j))


mse = S([a], (y(a) - relu(neuron(a))).power(2)) / cN
fit = S([a], (S([j], X(a, j) * w(j)) - y(a)).power(2))
conv = S([h, t], g(h) * w(t) * x(index_of(h) + index_of(t)))
bce = -S([i], y(i) * log(sigmoid(i)) + (ONE - y(i)) * log(ONE - sigmoid(i)))
kl = S([i], sm(i) * (x(i) - lse - y(i)))
entropy = -S([i], sm(i) * (x(i) - lse))
nll = quad(A) * half - logdet * half
layer = S([j], A(i, j) * generic("psi", S([l], B(j, l) * x(l))))

Side = Callable[[], Poly]
# A name, the derivative, its closed form, and wrong closed forms.
TABLE: list[tuple[str, Side, Side, list[Side]]] = [
    ("elementwise", lambda: D(generic("F", x(i), y(i)), "x", k), lambda: dl(i, k) * partial("F", 0, x(i), y(i)), [lambda: partial("F", 0, x(i), y(i)), lambda: dl(i, k) * partial("F", 1, x(i), y(i))]),
    ("scalar expansion", lambda: D(x(i) * z(), "x", k), lambda: z() * dl(i, k), [lambda: z()]),
    ("sum", lambda: D(S([i], x(i)), "x", k), lambda: ONE, [lambda: cn]),
    ("sum of generic", lambda: D(S([i], generic("F", x(i))), "x", k), lambda: partial("F", 0, x(k)), [lambda: S([i], partial("F", 0, x(i)))]),
    ("product of sums", lambda: D(S([i], x(i)) * S([i], x(i) * x(i)), "x", k), lambda: S([i], x(i) * x(i)) + two * x(k) * S([i], x(i)), [lambda: two * x(k)]),
    ("neuron", lambda: D(relu(neuron(a)), "w", k), lambda: indicator(neuron(a)) * X(a, k), [lambda: X(a, k)]),
    ("neuron, MSE", lambda: D(mse, "w", k), lambda: two / cN * S([a], (relu(neuron(a)) - y(a)) * indicator(neuron(a)) * X(a, k)), [lambda: S([a], (relu(neuron(a)) - y(a)) * indicator(neuron(a)) * X(a, k)) / cN]),
    ("two generic layers", lambda: D(generic("phi", layer), "x", k), lambda: partial("phi", 0, layer) * S([j], A(i, j) * partial("psi", 0, S([l], B(j, l) * x(l))) * B(j, k)), [lambda: partial("phi", 0, layer) * S([j], A(i, j) * B(j, k))]),
    ("softmax", lambda: D(sm(i), "x", k), lambda: sm(i) * (dl(i, k) - sm(k)), [lambda: sm(i) * (dl(i, k) + sm(k)), lambda: sm(i) * (ONE - sm(k))]),
    ("softmax, shifted", lambda: D(exp(x(i) - z()) / S([j], exp(x(j) - z())), "x", k), lambda: sm(i) * (dl(i, k) - sm(k)), [lambda: sm(k) * (dl(i, k) - sm(k))]),
    ("logsumexp", lambda: D(lse, "x", k), lambda: sm(k), [lambda: exp(x(k))]),
    ("logsumexp, Hessian", lambda: D(D(lse, "x", k), "x", l), lambda: dl(k, l) * sm(k) - sm(k) * sm(l), [lambda: dl(k, l) * sm(k), lambda: sm(k) - sm(k) * sm(l)]),
    ("softmax, VJP", lambda: D(S([i], g(i) * sm(i)), "x", k), lambda: sm(k) * (g(k) - S([j], g(j) * sm(j))), [lambda: sm(k) * (g(k) - S([j], g(j)))]),
    ("cross entropy", lambda: D(-S([i], y(i) * (x(i) - lse)), "x", k), lambda: S([i], y(i)) * sm(k) - y(k), [lambda: sm(k) - y(k)]),
    ("cross entropy of a softmax", lambda: D(-S([i], y(i) * log(sm(i))), "x", k), lambda: S([i], y(i)) * sm(k) - y(k), [lambda: y(k) - S([i], y(i)) * sm(k)]),
    ("2-norm", lambda: D(norm, "x", k), lambda: x(k) / norm, [lambda: x(k), lambda: two * x(k) / norm]),
    ("2-norm, Hessian", lambda: D(D(norm, "x", k), "x", l), lambda: dl(k, l) / norm - x(k) * x(l) / norm.power(3), [lambda: dl(k, l) / norm - x(k) * x(l) / norm.power(2)]),
    ("p-norm of a positive function", lambda: D(exp(log(S([i], exp(z() * log(p(i))))) / z()), "p", k), lambda: exp((z() - ONE) * log(p(k))) * exp(log(S([i], exp(z() * log(p(i))))) / z()) / S([i], exp(z() * log(p(i)))), [lambda: exp((z() - ONE) * log(p(k)))]),
    ("mean", lambda: D(mean, "x", k), lambda: ONE / cn, [lambda: ONE]),
    ("variance", lambda: D(var, "x", k), lambda: two * (x(k) - mean) / cn, [lambda: two * x(k) / cn]),
    ("variance, two forms", lambda: var, lambda: S([i], x(i) * x(i)) / cn - mean * mean, [lambda: S([i], x(i) * x(i)) / cn - mean]),
    ("layer norm", lambda: D(ln(i), "x", k), lambda: (dl(i, k) - ONE / cn - ln(i) * ln(k) / cn) / sqrt(var + eps()), [lambda: (dl(i, k) - ONE / (cn - ONE) - ln(i) * ln(k) / cn) / sqrt(var + eps())]),
    ("layer norm, VJP", lambda: D(S([i], g(i) * ln(i)), "x", k), lambda: (g(k) - S([i], g(i)) / cn - ln(k) * S([i], g(i) * ln(i)) / cn) / sqrt(var + eps()), [lambda: (g(k) - ln(k) * S([i], g(i) * ln(i)) / cn) / sqrt(var + eps())]),
    ("RMS norm", lambda: D(x(i) / rms, "x", k), lambda: dl(i, k) / rms - x(i) * x(k) / (cn * rms.power(3)), [lambda: dl(i, k) / rms - x(i) * x(k) / rms.power(3)]),
    ("cosine similarity", lambda: D(dot / (norm * norm_y), "x", k), lambda: y(k) / (norm * norm_y) - dot * x(k) / (norm.power(3) * norm_y), [lambda: y(k) / (norm * norm_y)]),
    ("quadratic form", lambda: D(quad(A), "x", k), lambda: S([j], (A(k, j) + A(j, k)) * x(j)), [lambda: two * S([j], A(k, j) * x(j))]),
    ("quadratic form, Hessian", lambda: D(D(quad(A), "x", k), "x", l), lambda: A(k, l) + A(l, k), [lambda: two * A(k, l)]),
    ("matrix product, VJP", lambda: D(S([i, j, r], g(i, j) * A(i, r) * B(r, j)), "A", k, l), lambda: S([j], g(k, j) * B(l, j)), [lambda: S([j], g(k, j) * B(j, l))]),
    ("tr(AX)", lambda: D(S([i, j], A(i, j) * X(j, i)), "X", k, l), lambda: A(l, k), [lambda: A(k, l)]),
    ("tr(AXBX)", lambda: D(S([i, j, r, s], A(i, j) * X(j, r) * B(r, s) * X(s, i)), "X", k, l), lambda: S([i, s], A(i, k) * B(l, s) * X(s, i)) + S([j, r], A(l, j) * X(j, r) * B(r, k)), [lambda: two * S([i, s], A(i, k) * B(l, s) * X(s, i))]),
    ("tr(X³)", lambda: D(S([i, j, r], X(i, j) * X(j, r) * X(r, i)), "X", k, l), lambda: num(3) * S([r], X(l, r) * X(r, k)), [lambda: num(3) * S([r], X(k, r) * X(r, l))]),
    ("tr(XᵀAX)", lambda: D(S([i, j, r], X(i, j) * A(i, r) * X(r, j)), "X", k, l), lambda: S([r], (A(k, r) + A(r, k)) * X(r, l)), [lambda: two * S([r], A(k, r) * X(r, l))]),
    ("least squares", lambda: D(fit, "w", k), lambda: two * S([a], X(a, k) * (S([j], X(a, j) * w(j)) - y(a))), [lambda: S([a], X(a, k) * (S([j], X(a, j) * w(j)) - y(a)))]),
    ("least squares, Hessian", lambda: D(D(fit, "w", k), "w", l), lambda: two * S([a], X(a, k) * X(a, l)), [lambda: two * S([a], X(a, k) * X(a, k))]),
    ("A A⁻¹ = I", lambda: S([j], A(i, j) * iA(j, k)), lambda: dl(i, k), [lambda: ONE]),
    ("A⁻¹ A = I", lambda: S([j], iA(i, j) * A(j, k)), lambda: dl(i, k), [lambda: dl(i, k) * A(i, i)]),
    ("A Aᵀ⁻¹ is not I", lambda: S([j], A(i, j) * inv(lambda p_, q_: A(q_, p_), k, j)), lambda: S([j], A(i, j) * inv(lambda p_, q_: A(q_, p_), k, j)), [lambda: dl(i, k)]),
    ("the rule of A⁻¹ solves d(A A⁻¹) = 0", lambda: S([j], D(A(i, j), "A", k, l) * iA(j, r) + A(i, j) * D(iA(j, r), "A", k, l)), lambda: ZERO, [lambda: iA(l, r)]),
    ("A⁻¹", lambda: D(iA(i, j), "A", k, l), lambda: -(iA(i, k) * iA(l, j)), [lambda: -(iA(i, l) * iA(k, j)), lambda: iA(i, k) * iA(l, j)]),
    ("tr(BA⁻¹)", lambda: D(S([i, j], B(i, j) * iA(j, i)), "A", k, l), lambda: -S([i, j], iA(l, i) * B(i, j) * iA(j, k)), [lambda: -S([i, j], iA(k, i) * B(i, j) * iA(j, l))]),
    ("xᵀA⁻¹y", lambda: D(S([i, j], x(i) * iA(i, j) * y(j)), "A", k, l), lambda: -(S([i], x(i) * iA(i, k)) * S([j], iA(l, j) * y(j))), [lambda: -(S([i], x(i) * iA(k, i)) * S([j], iA(l, j) * y(j)))]),
    ("log det", lambda: D(logdet, "A", k, l), lambda: iA(l, k), [lambda: iA(k, l)]),
    ("log det, Hessian", lambda: D(D(logdet, "A", k, l), "A", r, s), lambda: -(iA(l, r) * iA(s, k)), [lambda: -(iA(l, r) * iA(k, s))]),
    ("det, by its log", lambda: D(det(A), "A", k, l), lambda: det(A) * iA(l, k), [lambda: iA(l, k)]),
    ("det A · A⁻¹", lambda: D(det(A) * iA(i, j), "A", k, l), lambda: det(A) * (iA(l, k) * iA(i, j) - iA(i, k) * iA(l, j)), [lambda: det(A) * iA(l, k) * iA(i, j)]),
    ("Gaussian NLL by the precision", lambda: D(nll, "A", k, l), lambda: x(k) * x(l) * half - iA(l, k) * half, [lambda: x(k) * x(l) - iA(l, k)]),
    ("Gaussian NLL by the covariance", lambda: D(quad(iA) * half + logdet * half, "A", k, l), lambda: iA(l, k) * half - S([i, j], x(i) * iA(i, k) * iA(l, j) * x(j)) * half, [lambda: iA(l, k) * half - S([i, j], x(i) * iA(i, l) * iA(l, j) * x(j)) * half]),
    ("attention by q", lambda: D(out(c), "q", a), lambda: S([i], pa(i) * (V(i, c) - out(c)) * K(i, a)) / sqrt(cN), [lambda: S([i], pa(i) * (V(i, c) - out(c)) * K(i, a))]),
    ("attention by K", lambda: D(out(c), "K", k, a), lambda: pa(k) * (V(k, c) - out(c)) * q(a) / sqrt(cN), [lambda: pa(k) * V(k, c) * q(a) / sqrt(cN)]),
    ("attention by V", lambda: D(out(c), "V", k, a), lambda: pa(k) * dl(c, a), [lambda: pa(k)]),
    ("convolution by x", lambda: D(conv, "x", u), lambda: S([h], g(h) * w(index_of(u) - index_of(h))), [lambda: S([h], g(h) * w(index_of(u) + index_of(h)))]),
    ("convolution by w", lambda: D(conv, "w", u), lambda: S([h], g(h) * x(index_of(h) + index_of(u))), [lambda: S([h], g(h) * x(index_of(h) - index_of(u)))]),
    ("convolution, the other way round", lambda: conv, lambda: S([h, t], g(index_of(h) - index_of(t)) * w(t) * x(h)), [lambda: S([h, t], g(h) * w(t) * x(index_of(h) - index_of(t)))]),
    ("sigmoid", lambda: D(sigmoid(i), "x", k), lambda: dl(i, k) * sigmoid(i) * (ONE - sigmoid(i)), [lambda: dl(i, k) * sigmoid(i)]),
    ("tanh", lambda: D(call("tanh", x(i)), "x", k), lambda: dl(i, k) * (ONE - call("tanh", x(i)).power(2)), [lambda: dl(i, k) * (ONE + call("tanh", x(i)).power(2))]),
    ("BCE of a sigmoid", lambda: D(bce, "x", k), lambda: sigmoid(k) - y(k), [lambda: y(k) - sigmoid(k)]),
    ("KL of a softmax", lambda: D(kl, "x", k), lambda: sm(k) * (x(k) - lse - y(k) - kl), [lambda: sm(k) * (x(k) - lse - y(k))]),
    ("entropy of a softmax", lambda: D(entropy, "x", k), lambda: -(sm(k) * (x(k) - S([i], sm(i) * x(i)))), [lambda: -(sm(k) * (x(k) - lse))]),
    ("entropy of weights", lambda: D(-S([i], p(i) * log(p(i))), "p", k), lambda: -log(p(k)) - ONE, [lambda: -log(p(k))]),
    ("x to a power of an inverse", lambda: D(exp(iA(i, j) * log(p(r))), "A", k, l), lambda: -(iA(i, k) * iA(l, j) * log(p(r)) * exp(iA(i, j) * log(p(r)))), [lambda: ZERO]),
    ("hinge", lambda: D(S([i], relu(ONE - y(i) * x(i))), "x", k), lambda: -(indicator(ONE - y(k) * x(k)) * y(k)), [lambda: -y(k)]),
]  # fmt: skip
NAMES = [name for name, *_ in TABLE]


@pytest.mark.parametrize("row", TABLE, ids=NAMES)
def test_it_is_proved_for_all_sizes(row):
    _, left, right, _ = row
    assert is_zero(left() - right())


@pytest.mark.parametrize("row", TABLE, ids=NAMES)
def test_a_wrong_form_of_it_is_not_proved(row):
    _, left, _, wrong = row
    assert wrong
    for form in wrong:
        assert not is_zero(left() - form())


def test_there_are_more_than_fifty():
    assert len(NAMES) == len(set(NAMES)) > 50
