"""The elementary functions of the Array API, element by element: their Jacobians are diagonal.

``FUNCTIONS`` is the table: the function, its derivative, where it is smooth, and how all this is written.
"""

from ..strategies import Domain, nonzero, positive, reals, within
from .sources import Source
from .unary import Unary, declare

_INSIDE = within(1)
_ABOVE_1 = Domain("> 1", low=1.0)
_ABOVE_MINUS_1 = Domain("> −1", low=-1.0)

FUNCTIONS = (
    Unary("exp", lambda xp, x: xp.exp(x), lambda xp, x: xp.exp(x), reals, r"e^x", r"e^x"),
    Unary(
        "expm1",
        lambda xp, x: xp.expm1(x),
        lambda xp, x: xp.exp(x),
        reals,
        r"e^x - 1",
        r"e^x",
        others=(lambda xp, x: xp.expm1(x) + 1,),
    ),
    Unary("log", lambda xp, x: xp.log(x), lambda xp, x: 1 / x, positive, r"\ln x", r"\frac{1}{x}"),
    Unary(
        "log1p", lambda xp, x: xp.log1p(x), lambda xp, x: 1 / (1 + x), _ABOVE_MINUS_1, r"\ln(1 + x)", r"\frac{1}{1 + x}"
    ),
    Unary("sin", lambda xp, x: xp.sin(x), lambda xp, x: xp.cos(x), reals, r"\sin x", r"\cos x"),
    Unary("cos", lambda xp, x: xp.cos(x), lambda xp, x: -xp.sin(x), reals, r"\cos x", r"-\sin x"),
    Unary("tan", lambda xp, x: xp.tan(x), lambda xp, x: 1 + xp.tan(x) ** 2, reals, r"\tan x", r"1 + \tan^2 x"),
    Unary("sinh", lambda xp, x: xp.sinh(x), lambda xp, x: xp.cosh(x), reals, r"\sinh x", r"\cosh x"),
    Unary("cosh", lambda xp, x: xp.cosh(x), lambda xp, x: xp.sinh(x), reals, r"\cosh x", r"\sinh x"),
    Unary("tanh", lambda xp, x: xp.tanh(x), lambda xp, x: 1 - xp.tanh(x) ** 2, reals, r"\tanh x", r"1 - \tanh^2 x"),
    Unary(
        "asin",
        lambda xp, x: xp.asin(x),
        lambda xp, x: 1 / xp.sqrt(1 - x**2),
        _INSIDE,
        r"\arcsin x",
        r"\frac{1}{\sqrt{1 - x^2}}",
    ),
    Unary(
        "acos",
        lambda xp, x: xp.acos(x),
        lambda xp, x: -1 / xp.sqrt(1 - x**2),
        _INSIDE,
        r"\arccos x",
        r"-\frac{1}{\sqrt{1 - x^2}}",
    ),
    Unary("atan", lambda xp, x: xp.atan(x), lambda xp, x: 1 / (1 + x**2), reals, r"\arctan x", r"\frac{1}{1 + x^2}"),
    Unary(
        "asinh",
        lambda xp, x: xp.asinh(x),
        lambda xp, x: 1 / xp.sqrt(x**2 + 1),
        reals,
        r"\mathrm{arsinh}\,x",
        r"\frac{1}{\sqrt{x^2 + 1}}",
    ),
    Unary(
        "acosh",
        lambda xp, x: xp.acosh(x),
        lambda xp, x: 1 / xp.sqrt(x**2 - 1),
        _ABOVE_1,
        r"\mathrm{arcosh}\,x",
        r"\frac{1}{\sqrt{x^2 - 1}}",
    ),
    Unary(
        "atanh",
        lambda xp, x: xp.atanh(x),
        lambda xp, x: 1 / (1 - x**2),
        _INSIDE,
        r"\mathrm{artanh}\,x",
        r"\frac{1}{1 - x^2}",
    ),
    Unary(
        "sqrt",
        lambda xp, x: xp.sqrt(x),
        lambda xp, x: 1 / (2 * xp.sqrt(x)),
        positive,
        r"\sqrt{x}",
        r"\frac{1}{2 \sqrt{x}}",
    ),
    Unary("square", lambda xp, x: x**2, lambda xp, x: 2 * x, reals, r"x^2", r"2\,x"),
    Unary("negative", lambda xp, x: -x, lambda xp, x: -xp.ones_like(x), reals, r"-x", r"-1"),
    Unary("reciprocal", lambda xp, x: 1 / x, lambda xp, x: -1 / x**2, nonzero, r"\frac{1}{x}", r"-\frac{1}{x^2}"),
)


declare(FUNCTIONS, Source("Array API standard", "elementwise functions"), __name__)
