"""Differentiation of index terms by an entry of an array, and substitution of arrays.

∂xᵢ/∂xₖ = δᵢₖ; sum, product and power rule; the table of elementary functions; the chain rule for generic functions,
∂/∂xₖ f(g) = Σⱼ ∂ⱼf(g)·∂gⱼ/∂xₖ; d(A⁻¹) = −A⁻¹ dA A⁻¹ and Jacobi's d det A = det A · tr(A⁻¹ dA). Indicators have derivative 0 at
generic points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from .elementary import FUNCTIONS, SEVERAL
from .index_atoms import Applied, Delta, Indicator, Sum, delta
from .index_binders import opened, transformed
from .index_powers import ONE, ZERO, Function, Group, call, power
from .index_sizes import Index, Var
from .index_sums import total
from .index_symbols import PI, Entry
from .index_terms import Atom, Poly, Undecided, atom_power
from .steps import STEPS
from .table import Arithmetic

Entries = Callable[[tuple[Index, ...]], Poly]


def derivative(p: Poly, tensor: str, at: tuple[Index, ...]) -> Poly:
    """∂p / ∂tensor[at]."""
    result = ZERO
    for m, c in p.terms.items():
        for k, (atom, e) in enumerate(m):
            inner = _of_atom(atom, tensor, at)
            if inner:
                rest = Poly({m[:k] + m[k + 1 :]: c * e})
                result = result + rest * atom_power(atom, e - 1) * inner
    return result


def _of_atom(atom: Atom, tensor: str, at: tuple[Index, ...]) -> Poly:
    match atom:
        case Entry():
            if atom.tensor != tensor:
                return ZERO
            result = ONE
            for i, k in zip(atom.indices, at, strict=True):
                result = result * delta(i, k)
            return result
        case Sum():
            names = [Var.fresh(size) for size in atom.sizes]
            return total(names, derivative(opened(atom.body, names), tensor, at))
        case Group():
            return derivative(atom.inside, tensor, at)
        case Function():
            return _of_function(atom, tensor, at)
        case Applied():
            return _of_applied(atom, tensor, at)
        case Indicator() | Delta():
            return ZERO
    return ZERO


def _of_function(atom: Function, tensor: str, at: tuple[Index, ...]) -> Poly:
    """By the laws of this module, or where it has none by the table, which is what defines that function here."""
    inner = [derivative(inside, tensor, at) for inside in atom.insides]
    if not any(inner):
        return ZERO
    if atom.name in _OUTER:
        return _OUTER[atom.name](atom.inside) * inner[0]
    function = FUNCTIONS.get(atom.name) or SEVERAL[atom.name]
    slopes = function.partials(_ARITHMETIC, (*atom.orders, *atom.insides), Poly.atom(atom))
    result = ZERO
    for slope, p in zip(slopes[len(atom.orders) :], inner, strict=True):
        if p:
            if slope is None:
                raise Undecided(f"the derivative of {atom.name} by an argument that has none")
            result = result + slope * p
    return result


def _of_applied(atom: Applied, tensor: str, at: tuple[Index, ...]) -> Poly:
    result = ZERO
    for number, (argument, binder) in enumerate(zip(atom.arguments, atom.binders, strict=True)):
        names = [Var.fresh(size) for size in binder]
        inner = derivative(opened(argument, names), tensor, at)
        if inner:
            indices = tuple(Index({name: 1}) for name in names)
            result = result + total(names, _outer_of_applied(atom, number, indices) * inner)
    return result


def _outer_of_applied(atom: Applied, number: int, at: tuple[Index, ...]) -> Poly:
    """The partial derivative of a generic function, a matrix inverse or a determinant by one entry of an argument."""
    match atom.kind:
        case "inverse":
            left = Applied(atom.name, (atom.out[0], at[0]), atom.arguments, atom.binders, (), "inverse")
            right = Applied(atom.name, (at[1], atom.out[1]), atom.arguments, atom.binders, (), "inverse")
            return -(Poly.atom(left) * Poly.atom(right))
        case "determinant":
            inverse = Applied("inv", (at[1], at[0]), atom.arguments, atom.binders, (), "inverse")
            return Poly.atom(atom) * Poly.atom(inverse)
    return Poly.atom(atom.derived(number, at))


_ARITHMETIC = Arithmetic(call, Poly.number, PI)

_OUTER: Mapping[str, Callable[[Poly], Poly]] = {
    **dict.fromkeys(STEPS, lambda x: ZERO),
    "exp": lambda x: call("exp", x),
    "log": lambda x: power(x, Fraction(-1)),
    "sin": lambda x: call("cos", x),
    "cos": lambda x: -call("sin", x),
    "tan": lambda x: ONE + power(call("tan", x), Fraction(2)),
    "atan": lambda x: power(ONE + power(x, Fraction(2)), Fraction(-1)),
    "erf": lambda x: Poly.number(2) * power(PI, Fraction(-1, 2)) * call("exp", -(x * x)),
    "asin": lambda x: power(ONE - power(x, Fraction(2)), Fraction(-1, 2)),
    "acos": lambda x: -power(ONE - power(x, Fraction(2)), Fraction(-1, 2)),
    "asinh": lambda x: power(ONE + power(x, Fraction(2)), Fraction(-1, 2)),
    "acosh": lambda x: power(power(x, Fraction(2)) - ONE, Fraction(-1, 2)),
    "atanh": lambda x: power(ONE - power(x, Fraction(2)), Fraction(-1)),
}


def substituted(p: Poly, arrays: Mapping[str, Entries]) -> Poly:
    """p with the entries of arrays of symbols replaced by those of other arrays."""

    def on_atom(atom: Atom) -> Poly | None:
        if isinstance(atom, Entry) and atom.tensor in arrays:
            if any(not isinstance(v, Var) for index in atom.indices for v, _ in index.parts):
                raise Undecided("a loose bound index")  # cannot be: every binder is opened first
            return arrays[atom.tensor](atom.indices)
        return None

    return transformed(p, on_atom, lambda index: index)
