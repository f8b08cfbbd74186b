"""The elementary functions of the Array API, element by element: their Jacobians are diagonal.

``FUNCTIONS`` is the table: the function, its derivative, where it is smooth, and how all this is written.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import Domain, nonzero, positive, reals, vector, within
from .declare import rule
from .operators import diag
from .sources import Source


class Function(NamedTuple):
    """f and f′ as functions of the namespace and x, the domain in which f is smooth, and both in TeX.

    ``other``: another formula for f′ that libraries use; it may lose accuracy.
    """

    name: str
    apply: Callable[[Any, Any], Any]
    derivative: Callable[[Any, Any], Any]
    domain: Domain
    tex: str
    derivative_tex: str
    other: Callable[[Any, Any], Any] | None = None


_INSIDE = within(1)
_ABOVE_1 = Domain("> 1", low=1.0)
_ABOVE_MINUS_1 = Domain("> −1", low=-1.0)

FUNCTIONS = (
    Function("exp", lambda xp, x: xp.exp(x), lambda xp, x: xp.exp(x), reals, r"e^x", r"e^x"),
    Function(
        "expm1",
        lambda xp, x: xp.expm1(x),
        lambda xp, x: xp.exp(x),
        reals,
        r"e^x - 1",
        r"e^x",
        lambda xp, x: xp.expm1(x) + 1,
    ),
    Function("log", lambda xp, x: xp.log(x), lambda xp, x: 1 / x, positive, r"\ln x", r"\frac{1}{x}"),
    Function(
        "log1p", lambda xp, x: xp.log1p(x), lambda xp, x: 1 / (1 + x), _ABOVE_MINUS_1, r"\ln(1 + x)", r"\frac{1}{1 + x}"
    ),
    Function("sin", lambda xp, x: xp.sin(x), lambda xp, x: xp.cos(x), reals, r"\sin x", r"\cos x"),
    Function("cos", lambda xp, x: xp.cos(x), lambda xp, x: -xp.sin(x), reals, r"\cos x", r"-\sin x"),
    Function("tan", lambda xp, x: xp.tan(x), lambda xp, x: 1 + xp.tan(x) ** 2, reals, r"\tan x", r"1 + \tan^2 x"),
    Function("sinh", lambda xp, x: xp.sinh(x), lambda xp, x: xp.cosh(x), reals, r"\sinh x", r"\cosh x"),
    Function("cosh", lambda xp, x: xp.cosh(x), lambda xp, x: xp.sinh(x), reals, r"\cosh x", r"\sinh x"),
    Function("tanh", lambda xp, x: xp.tanh(x), lambda xp, x: 1 - xp.tanh(x) ** 2, reals, r"\tanh x", r"1 - \tanh^2 x"),
    Function(
        "asin",
        lambda xp, x: xp.asin(x),
        lambda xp, x: 1 / xp.sqrt(1 - x**2),
        _INSIDE,
        r"\arcsin x",
        r"\frac{1}{\sqrt{1 - x^2}}",
    ),
    Function(
        "acos",
        lambda xp, x: xp.acos(x),
        lambda xp, x: -1 / xp.sqrt(1 - x**2),
        _INSIDE,
        r"\arccos x",
        r"-\frac{1}{\sqrt{1 - x^2}}",
    ),
    Function("atan", lambda xp, x: xp.atan(x), lambda xp, x: 1 / (1 + x**2), reals, r"\arctan x", r"\frac{1}{1 + x^2}"),
    Function(
        "asinh",
        lambda xp, x: xp.asinh(x),
        lambda xp, x: 1 / xp.sqrt(x**2 + 1),
        reals,
        r"\mathrm{arsinh}\,x",
        r"\frac{1}{\sqrt{x^2 + 1}}",
    ),
    Function(
        "acosh",
        lambda xp, x: xp.acosh(x),
        lambda xp, x: 1 / xp.sqrt(x**2 - 1),
        _ABOVE_1,
        r"\mathrm{arcosh}\,x",
        r"\frac{1}{\sqrt{x^2 - 1}}",
    ),
    Function(
        "atanh",
        lambda xp, x: xp.atanh(x),
        lambda xp, x: 1 / (1 - x**2),
        _INSIDE,
        r"\mathrm{artanh}\,x",
        r"\frac{1}{1 - x^2}",
    ),
    Function(
        "sqrt",
        lambda xp, x: xp.sqrt(x),
        lambda xp, x: 1 / (2 * xp.sqrt(x)),
        positive,
        r"\sqrt{x}",
        r"\frac{1}{2 \sqrt{x}}",
    ),
    Function("square", lambda xp, x: x**2, lambda xp, x: 2 * x, reals, r"x^2", r"2\,x"),
    Function("negative", lambda xp, x: -x, lambda xp, x: -xp.ones_like(x), reals, r"-x", r"-1"),
    Function("reciprocal", lambda xp, x: 1 / x, lambda xp, x: -1 / x**2, nonzero, r"\frac{1}{x}", r"-\frac{1}{x^2}"),
)


def _declare(function: Function) -> None:
    @rule(
        x=vector("n", function.domain),
        source=Source("Array API standard", "elementwise functions"),
        name=function.name,
        tex=function.tex,
    )
    def entry(xp, x):
        return function.apply(xp, x)

    @entry.partial("x", rf"\mathrm{{diag}}\Bigl({function.derivative_tex}\Bigr)")
    def _(xp, x):
        return diag(function.derivative(xp, x))

    if other := function.other:
        entry.equal_form("x")(lambda xp, x: diag(other(xp, x)))


for _function in FUNCTIONS:
    _declare(_function)
