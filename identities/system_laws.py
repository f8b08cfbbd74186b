"""Laws of an autodiff system: its transformations and the layout of its arrays change no derivative.

``D.vmap``, ``D.jit``, ``D.strided``, ``D.primal`` and ``D.complex`` are the library's own; in exact arithmetic they are
trivial.
"""

from ..strategies import vector, within
from .claims import Equal, Holds
from .complex_numbers import of_pairs
from .declare import law
from .laws import TO_VECTOR
from .scalar import KINK_NOTE
from .sources import Source

SYSTEM = Source("Bradbury et al., JAX: composable transformations", "jit, grad, vmap")
_MODERATE = within(8)


@law(f=TO_VECTOR, x=vector("n"), source=SYSTEM, title="compiled is eager", at_edges=KINK_NOTE)
def jit_is_eager(D, f, x):
    r"""D(\mathrm{jit}\,\mathbf{f})(\mathbf{x}) = D\mathbf{f}(\mathbf{x})"""
    return Equal(D(D.jit(f))(x), D(f)(x))


@law(f=TO_VECTOR, x=vector("n"), source=SYSTEM, title="the value under differentiation", at_edges=KINK_NOTE)
def primal_is_value(D, f, x):
    r"""\text{the value that comes with the derivative is } \mathbf{f}(\mathbf{x})"""
    return Equal(D.primal(f)(x), f(x))


@law(f=TO_VECTOR, x=vector("n"), source=SYSTEM, title="a strided array is an array", at_edges=KINK_NOTE)
def layout(D, f, x):
    r"""D\mathbf{f}(\mathbf{x}) \text{ does not depend on how } \mathbf{x} \text{ lies in memory}"""
    return Equal(D(lambda t: f(t))(D.strided(x)), D(f)(x))


@law(
    f=TO_VECTOR,
    x=vector("n"),
    v=vector("n"),
    source=SYSTEM,
    title="the second call",
    at_edges=KINK_NOTE,
    claim="shape law",
)
def second_call(D, f, x, v):
    r"""\text{a second call gives the same bits}"""
    xp, J = D.xp, D(f)(x)
    same_tangent = D.same_bits(J.matvec(xp, v), J.matvec(xp, v))
    same_cotangent = D.same_bits(J.rmatvec(xp, f(x)), J.rmatvec(xp, f(x)))
    return Holds(same_tangent, "the second tangent is the first bit by bit"), Holds(
        same_cotangent, "the second cotangent is the first bit by bit"
    )


def _row(xp, t):
    """A function of a row that mixes its entries."""
    return xp.stack([xp.sum(t**2), xp.sum(xp.sin(t)), xp.sum(t) * xp.cos(t[0])])


@law(
    x=vector("n", _MODERATE, minimum=1), y=vector("n", _MODERATE), source=SYSTEM, title="vmap is a loop over the batch"
)
def vmap_is_loop(D, x, y):
    r"""D(\mathrm{vmap}\,\mathbf{f})(X) = D\bigl(X \mapsto [\mathbf{f}(X_1), \mathbf{f}(X_2)]\bigr)(X)"""
    xp = D.xp
    batch = xp.stack([x, y])
    mapped = D(D.vmap(lambda t: _row(xp, t)))(batch)
    return Equal(mapped, D(lambda X: xp.stack([_row(xp, X[0]), _row(xp, X[1])]))(batch))


@law(
    x=vector("n", _MODERATE, minimum=1),
    y=vector("n", _MODERATE),
    source=SYSTEM,
    title="vmap of a derivative is a loop of derivatives",
)
def vmap_of_derivative(D, x, y):
    r"""\mathrm{vmap}(h)([\mathbf{x}, \mathbf{y}]) = [h(\mathbf{x}), h(\mathbf{y})] \text{ for } h(\mathbf{t}) = D\mathbf{f}(\mathbf{t})\,\mathbf{t} \text{ and } h(\mathbf{t}) = \mathbf{f}(\mathbf{t})^T D\mathbf{f}(\mathbf{t})"""
    xp = D.xp

    def tangent(t):
        return D(lambda s: _row(xp, s))(t).matvec(xp, t)

    def cotangent(t):
        return D(lambda s: _row(xp, s))(t).rmatvec(xp, _row(xp, t))

    batch = xp.stack([x, y])
    return tuple(Equal(D.vmap(one)(batch), xp.stack([one(x), one(y)])) for one in (tangent, cotangent))


_IN_COMPLEX = (
    lambda C, z: C.exp(z),
    lambda C, z: z * C.sin(z) + 1,
    lambda C, z: z * z * z - z,
    lambda C, z: C.conj(z) * C.exp(z),
    lambda C, z: z * C.conj(z),
    lambda C, z: C.real(z * C.conj(z)),
    lambda C, z: C.imag(z * z),
)
"""Holomorphic functions, others, and real functions of a complex number; C is the namespace of complex arrays."""


@law(
    x=vector("n", _MODERATE, minimum=1),
    y=vector("n", _MODERATE),
    source=Source("Wirtinger calculus", "∂f/∂z and ∂f/∂z̄"),
    title="the declared convention of complex gradients",
)
def complex_convention(D, x, y):
    r"""\text{the derivative of } f(z) \text{ in complex arrays, read by the declared convention, is that of } [x, y] \mapsto [\mathrm{Re}\,f, \mathrm{Im}\,f] \text{ at } z = x + i\,y"""
    z = D.xp.stack([x, y])
    return tuple(Equal(D.complex(f)(z), D(of_pairs(D.xp, f))(z)) for f in _IN_COMPLEX)
