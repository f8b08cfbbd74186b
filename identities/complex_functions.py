"""Functions of a complex variable z = x + iy as functions of pairs of reals: [Re f, Im f], stacked, of x and y.

``FUNCTIONS`` is the table. Where f is holomorphic its one complex derivative gives both partial derivatives by the
Cauchy-Riemann equations: ∂f/∂x = f′ and ∂f/∂y = i f′. A function with a branch cut is declared once for each part of the
plane in which it has none: above and below the real axis, and in the right half-plane across it; at the cut nothing is
claimed. A library's own convention for complex gradients cancels, since its code goes from reals to reals.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from ..strategies import Domain, nonzero, positive, reals, vector, within
from .declare import rule
from .operators import Operator, Stack, diag
from .pairs import Of, Pair, by_real, negative, over, saved, times
from .sources import Source

_AXES = (0.0, 1.0, -1.0)
_PLANE = reals.with_kinks(*_AXES)
_OFF_AXIS = nonzero.with_kinks(1.0, -1.0)
_RIGHT = positive.with_kinks(1.0)
_UNIT = within(1, 0.0)


class Region(NamedTuple):
    """A part of the plane, where x and y range independently; ``suffix`` tells the entries of one function apart."""

    suffix: str
    x: Domain
    y: Domain


WHOLE = Region("", _PLANE, _PLANE)
OFF_REAL, RIGHT = Region("", _PLANE, _OFF_AXIS), Region("_right", _RIGHT, _PLANE)
OFF_IMAGINARY = Region("_off_imaginary", _OFF_AXIS, _PLANE)
CUT_LEFT = (OFF_REAL, RIGHT)
"""Where the negative real axis is a cut."""
PUNCTURED = (OFF_REAL, OFF_IMAGINARY)
"""Where only 0 is left out."""
CUT_BELOW_MINUS_1 = (OFF_REAL, Region("_right", Domain("> −1", low=-1.0, kinks=(0.0, 1.0)), _PLANE))
CUTS_IMAGINARY = (Region("", _OFF_AXIS, _PLANE), Region("_strip", _PLANE, _UNIT))
CUTS_REAL = (OFF_REAL, Region("_strip", _UNIT, _PLANE))


class Holomorphic(NamedTuple):
    """[Re f, Im f] and [Re f′, Im f′] as functions of the namespace, x and y; f and f′ in TeX.

    ``texts``: other formulas for f; ``forms``: other formulas for f′ that libraries use; ``canonical``: the largest n for
    which components are proved, where nested roots make that dear.
    """

    name: str
    apply: Of
    derivative: Of
    tex: tuple[str, str]
    regions: tuple[Region, ...] = (WHOLE,)
    texts: tuple[Of, ...] = ()
    forms: tuple[Of, ...] = ()
    canonical: int = 3


def _exp(xp: Any, x: Any, y: Any) -> Pair:
    return xp.exp(x) * xp.cos(y), xp.exp(x) * xp.sin(y)


Hyperbolic = Callable[[Any, Any], Pair]
"""cosh and sinh of a real number."""


def _cosh_sinh(xp: Any, t: Any) -> Pair:
    return xp.cosh(t), xp.sinh(t)


def _by_exponentials(xp: Any, t: Any) -> Pair:
    """cosh t and sinh t as the definition has them; sinh cancels at 0."""
    return (xp.exp(t) + xp.exp(-t)) / 2, (xp.exp(t) - xp.exp(-t)) / 2


def _sin(xp: Any, x: Any, y: Any, hyperbolic: Hyperbolic = _cosh_sinh) -> Pair:
    c, s = hyperbolic(xp, y)
    return xp.sin(x) * c, xp.cos(x) * s


def _cos(xp: Any, x: Any, y: Any, hyperbolic: Hyperbolic = _cosh_sinh) -> Pair:
    c, s = hyperbolic(xp, y)
    return xp.cos(x) * c, -xp.sin(x) * s


def _sinh(xp: Any, x: Any, y: Any, hyperbolic: Hyperbolic = _cosh_sinh) -> Pair:
    c, s = hyperbolic(xp, x)
    return s * xp.cos(y), c * xp.sin(y)


def _cosh(xp: Any, x: Any, y: Any, hyperbolic: Hyperbolic = _cosh_sinh) -> Pair:
    c, s = hyperbolic(xp, x)
    return c * xp.cos(y), s * xp.sin(y)


def log(xp: Any, x: Any, y: Any) -> Pair:
    """The principal value of ln z."""
    return xp.log(xp.hypot(x, y)), xp.atan2(y, x)


def _log_to_base(base: int) -> Of:
    def logarithm(xp, x, y):
        modulus = (xp.log2 if base == 2 else xp.log10)(xp.hypot(x, y))
        return modulus, xp.atan2(y, x) / xp.log(base * xp.ones_like(x))

    return logarithm


def _log_slope(base: int) -> Of:
    """1/(z ln b)."""

    def slope(xp, x, y):
        u, v = _reciprocal(xp, x, y)
        scale = xp.log(base * xp.ones_like(x))
        return u / scale, v / scale

    return slope


def _reciprocal(xp: Any, x: Any, y: Any) -> Pair:
    r = xp.hypot(x, y)
    return x / r / r, -y / r / r


def polar_power(a: float) -> Of:
    """z^a for a = ±½ in polar coordinates: small beside |z|^a, a part loses its digits."""

    def power(xp, x, y):
        r, angle = xp.hypot(x, y), xp.atan2(y, x)
        modulus = xp.sqrt(r) if a == 0.5 else 1 / xp.sqrt(r)
        return modulus * xp.cos(a * angle), modulus * xp.sin(a * angle)

    return power


def _power_derivative(a: float) -> Of:
    """a·f/z."""

    def derivative(xp, x, y):
        u, v = over(xp, polar_power(a)(xp, x, y), (x, y))
        return a * u, a * v

    return derivative


def _expm1(xp: Any, x: Any, y: Any) -> Pair:
    return xp.exp(x) * xp.cos(y) - 1, xp.exp(x) * xp.sin(y)


def _expm1_plus_1(xp: Any, x: Any, y: Any) -> Pair:
    """As libraries compute exp from the value; what is lost at Re z ≪ 0 does not come back."""
    u, v = xp.expm1(x) * xp.cos(y) + (xp.cos(y) - 1), xp.exp(x) * xp.sin(y)
    u, v = saved(xp, (u, v), (u + 1, v), x, y)
    return u + 1, v


def _atan(xp: Any, x: Any, y: Any) -> Pair:
    above, below = xp.hypot(x, 1 + y), xp.hypot(x, 1 - y)
    return (xp.atan2(x, 1 - y) + xp.atan2(x, 1 + y)) / 2, (xp.log(above) - xp.log(below)) / 2


def _atanh(xp: Any, x: Any, y: Any) -> Pair:
    right, left = xp.hypot(1 + x, y), xp.hypot(1 - x, y)
    return (xp.log(right) - xp.log(left)) / 2, (xp.atan2(y, 1 + x) + xp.atan2(y, 1 - x)) / 2


def _one_over_product(xp: Any, z: Pair, w: Pair) -> Pair:
    return times(_reciprocal(xp, *z), _reciprocal(xp, *w))


FUNCTIONS = (
    Holomorphic("exp", _exp, _exp, ("e^z", "e^z")),
    *(
        Holomorphic(name, f, slope, tex, texts=(partial(f, hyperbolic=_by_exponentials),))
        for name, f, slope, tex in (
            ("sin", _sin, _cos, (r"\sin z", r"\cos z")),
            ("cos", _cos, lambda xp, x, y: negative(_sin(xp, x, y)), (r"\cos z", r"-\sin z")),
            ("sinh", _sinh, _cosh, (r"\sinh z", r"\cosh z")),
            ("cosh", _cosh, _sinh, (r"\cosh z", r"\sinh z")),
        )
    ),
    Holomorphic(
        "square", lambda xp, x, y: ((x - y) * (x + y), 2 * x * y), lambda xp, x, y: (2 * x, 2 * y), ("z^2", r"2\,z")
    ),
    Holomorphic(
        "cube",
        lambda xp, x, y: (x * (x * x - 3 * y * y), y * (3 * x * x - y * y)),
        lambda xp, x, y: (3 * (x - y) * (x + y), 6 * x * y),
        ("z^3", r"3\,z^2"),
    ),
    Holomorphic("log", log, _reciprocal, (r"\ln z", r"\frac{1}{z}"), CUT_LEFT),
    *(
        Holomorphic(
            f"log{b}", _log_to_base(b), _log_slope(b), (rf"\log_{{{b}}} z", rf"\frac{{1}}{{z \ln {b}}}"), CUT_LEFT
        )
        for b in (2, 10)
    ),
    Holomorphic("sqrt", polar_power(0.5), _power_derivative(0.5), (r"\sqrt{z}", r"\frac{1}{2 \sqrt{z}}"), CUT_LEFT),
    Holomorphic(
        "rsqrt",
        polar_power(-0.5),
        _power_derivative(-0.5),
        (r"\frac{1}{\sqrt{z}}", r"-\frac{1}{2\,z \sqrt{z}}"),
        CUT_LEFT,
    ),
    Holomorphic(
        "reciprocal",
        _reciprocal,
        lambda xp, x, y: negative(_one_over_product(xp, (x, y), (x, y))),
        (r"\frac{1}{z}", r"-\frac{1}{z^2}"),
        PUNCTURED,
        forms=(lambda xp, x, y: negative(over(xp, (1, 0), times((x, y), (x, y)))),),
    ),
    Holomorphic("expm1", _expm1, _exp, ("e^z - 1", "e^z"), forms=(_expm1_plus_1,)),
    Holomorphic(
        "log1p",
        lambda xp, x, y: (xp.log1p(x * (2 + x) + y * y) / 2, xp.atan2(y, 1 + x)),
        lambda xp, x, y: _reciprocal(xp, 1 + x, y),
        (r"\ln(1 + z)", r"\frac{1}{1 + z}"),
        CUT_BELOW_MINUS_1,
        texts=(lambda xp, x, y: log(xp, 1 + x, y),),
    ),
    Holomorphic(
        "atan",
        _atan,
        lambda xp, x, y: _one_over_product(xp, (1 - y, x), (1 + y, -x)),
        (r"\arctan z", r"\frac{1}{1 + z^2}"),
        CUTS_IMAGINARY,
    ),
    Holomorphic(
        "atanh",
        _atanh,
        lambda xp, x, y: _one_over_product(xp, (1 + x, y), (1 - x, -y)),
        (r"\mathrm{artanh}\,z", r"\frac{1}{1 - z^2}"),
        CUTS_REAL,
    ),
)


def _by(name: str, derivative: Of) -> Callable[[Any, Any, Any], Operator]:
    """∂f/∂x or ∂f/∂y of a holomorphic f."""

    def closed_form(xp, x, y):
        a, b = derivative(xp, x, y)
        return Stack([diag(a), diag(b)] if name == "x" else [diag(-b), diag(a)])

    return closed_form


def declare(table: Iterable[Holomorphic], chapter: str) -> None:
    """Declare the rows, for each region, as entries of a chapter, the module ``chapter``."""
    for function in table:
        for region in function.regions:
            _declare(function, region, chapter)


def _declare(function: Holomorphic, region: Region, chapter: str) -> None:
    f, slope = function.tex

    def of_pair(xp, x, y):
        return xp.stack(list(function.apply(xp, x, y)))

    of_pair.__module__ = chapter
    entry = rule(
        x=vector("n", region.x, canonical=function.canonical),
        y=vector("n", region.y, canonical=function.canonical),
        source=Source("DLMF", "1.9"),
        name=function.name + region.suffix,
        tex=rf"\left[\mathrm{{Re}}, \mathrm{{Im}}\right] {f},\; z = x + i\,y",
        at_edges="holomorphic on the whole domain; at a branch cut nothing is claimed",
    )(of_pair)
    for name, factor in (("x", ""), ("y", r"i\,")):
        tex = rf"\left[\mathrm{{Re}}, \mathrm{{Im}}\right] {factor}{slope}"
        entry.partial(name, tex)(_by(name, function.derivative))
        for form in (*function.forms, by_real(function.derivative)):
            entry.equal_form(name)(_by(name, form))
    for text in (*function.texts, by_real(function.apply)):
        entry.equal_text(_stacked(text))


def _stacked(text: Of) -> Callable[[Any, Any, Any], Any]:
    return lambda xp, x, y: xp.stack(list(text(xp, x, y)))


declare(FUNCTIONS, __name__)
