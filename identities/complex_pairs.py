"""Products, quotients and powers of two complex numbers, and functions that are not holomorphic: modulus, angle, conjugate.

Complex numbers are pairs of reals as in ``complex_functions``: z = x + iy and w = a + ib. ``PAIRS`` is the table of what is
holomorphic in z and in w; ``PLAIN`` the table of real functions of x and y, of which the partial derivatives are
independent.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import reals, vector
from .complex_functions import CUT_LEFT, OFF_REAL, PUNCTURED, RIGHT, WHOLE, Region, log
from .declare import Rule, rule
from .operators import Operator, Stack, diag
from .pairs import Pair, by_real, negative, over, times
from .sources import Source

Parts = tuple[Any, ...]
OfPair = Callable[[Any, Pair, Pair], Pair]
Of = Callable[[Any, Any, Any], Parts]
_SOURCE = Source("DLMF", "1.9")


class Two(NamedTuple):
    """f(z, w), ∂f/∂z and ∂f/∂w, all complex, and the three in TeX; where z is and where w is.

    ``by_w_forms``: other formulas for ∂f/∂w that libraries use.
    """

    name: str
    apply: OfPair
    by_z: OfPair
    by_w: OfPair
    tex: tuple[str, str, str]
    z: Region = WHOLE
    w: Region = WHOLE
    by_w_forms: tuple[OfPair, ...] = ()


def _power(xp: Any, z: Pair, w: Pair) -> Pair:
    """exp(w ln z)."""
    u, v = times(w, log(xp, *z))
    return xp.exp(u) * xp.cos(v), xp.exp(u) * xp.sin(v)


def _quotient_by_w(xp: Any, z: Pair, w: Pair) -> Pair:
    return negative(over(xp, over(xp, z, w), w))


PAIRS = (
    Two("multiply", lambda xp, z, w: times(z, w), lambda xp, z, w: w, lambda xp, z, w: z, (r"z\,w", "w", "z")),
    *(
        Two(
            "divide" + region.suffix,
            over,
            lambda xp, z, w: over(xp, (1, 0), w),
            _quotient_by_w,
            (r"\frac{z}{w}", r"\frac{1}{w}", r"-\frac{z}{w^2}"),
            w=region,
            by_w_forms=(lambda xp, z, w: negative(over(xp, z, times(w, w))),),
        )
        for region in PUNCTURED
    ),
    *(
        Two(
            "power" + region.suffix,
            _power,
            lambda xp, z, w: over(xp, times(w, _power(xp, z, w)), z),
            lambda xp, z, w: times(log(xp, *z), _power(xp, z, w)),
            ("z^w", r"w\,z^{w-1}", r"z^w \ln z"),
            z=region,
        )
        for region in CUT_LEFT
    ),
)


def _declare_two(function: Two) -> Rule:
    f, by_z, by_w = (rf"\left[\mathrm{{Re}}, \mathrm{{Im}}\right] {tex}" for tex in function.tex)

    @rule(
        x=vector("n", function.z.x),
        y=vector("n", function.z.y),
        a=vector("n", function.w.x),
        b=vector("n", function.w.y),
        source=_SOURCE,
        name=function.name,
        tex=rf"{f},\; z = x + i\,y,\; w = a + i\,b",
        at_edges="holomorphic on the whole domain; at a branch cut nothing is claimed",
    )
    def entry(xp, x, y, a, b):
        return xp.stack(list(function.apply(xp, (x, y), (a, b))))

    for name, slope, factor, tex in (
        ("x", function.by_z, 1, by_z),
        ("y", function.by_z, 1j, by_z),
        ("a", function.by_w, 1, by_w),
        ("b", function.by_w, 1j, by_w),
    ):
        entry.partial(name, tex if factor == 1 else tex.replace(r"\right] ", r"\right] i\,"))(_by(slope, factor == 1))
        for form in (by_real_pair(slope), *(function.by_w_forms if name in "ab" else ())):
            entry.equal_form(name)(_by(form, factor == 1))

    @entry.equal_text
    def _(xp, x, y, a, b):
        return xp.stack(list(by_real_pair(function.apply)(xp, (x, y), (a, b))))

    return entry


def by_real_pair(f: OfPair) -> OfPair:
    """As ``complex_functions.by_real``, for functions of z and w."""
    return lambda xp, z, w: by_real(lambda xp, x, y: f(xp, z, w))(xp, *z)


def _by(slope: OfPair, real: bool) -> Callable[..., Operator]:
    """The derivative by the real or by the imaginary part: f′ or i f′."""

    def closed_form(xp, x, y, a, b):
        u, v = (part + 0 * (x + y + a + b) for part in slope(xp, (x, y), (a, b)))
        return Stack([diag(u), diag(v)] if real else [diag(-v), diag(u)])

    return closed_form


class Plain(NamedTuple):
    """One or two real parts of f, of ∂f/∂x and of ∂f/∂y, and the three in TeX."""

    name: str
    apply: Of
    by_x: Of
    by_y: Of
    tex: tuple[str, str, str]
    regions: tuple[Region, ...] = (WHOLE,)


def _unit(xp: Any, x: Any, y: Any) -> Pair:
    r = xp.hypot(x, y)
    return x / r, y / r


def _unit_by_x(xp: Any, x: Any, y: Any) -> Pair:
    (c, s), r = _unit(xp, x, y), xp.hypot(x, y)
    return s * s / r, -c * s / r


def _unit_by_y(xp: Any, x: Any, y: Any) -> Pair:
    (c, s), r = _unit(xp, x, y), xp.hypot(x, y)
    return -c * s / r, c * c / r


_RADIUS = Region("", reals.with_kinks(0.0, 1.0), reals.with_kinks(0.0))

PLAIN = (
    Plain(
        "real", lambda xp, x, y: (x + 0 * y,), lambda xp, x, y: (1 + 0 * x,), lambda xp, x, y: (0 * y,), ("x", "1", "0")
    ),
    Plain(
        "imag", lambda xp, x, y: (y + 0 * x,), lambda xp, x, y: (0 * x,), lambda xp, x, y: (1 + 0 * y,), ("y", "0", "1")
    ),
    Plain(
        "conj",
        lambda xp, x, y: (x, -y),
        lambda xp, x, y: (1 + 0 * x, 0 * x),
        lambda xp, x, y: (0 * y, -1 + 0 * y),
        (r"\left[x, -y\right]", "[1, 0]", "[0, -1]"),
    ),
    Plain(
        "abs",
        lambda xp, x, y: (xp.hypot(x, y),),
        lambda xp, x, y: (x / xp.hypot(x, y),),
        lambda xp, x, y: (y / xp.hypot(x, y),),
        ("|z|", r"\frac{x}{|z|}", r"\frac{y}{|z|}"),
        PUNCTURED,
    ),
    Plain(
        "abs_square",
        lambda xp, x, y: (x * x + y * y,),
        lambda xp, x, y: (2 * x,),
        lambda xp, x, y: (2 * y,),
        ("|z|^2", r"2\,x", r"2\,y"),
    ),
    Plain(
        "angle",
        lambda xp, x, y: (xp.atan2(y, x),),
        lambda xp, x, y: (-y / xp.hypot(x, y) / xp.hypot(x, y),),
        lambda xp, x, y: (x / xp.hypot(x, y) / xp.hypot(x, y),),
        (r"\arg z", r"-\frac{y}{|z|^2}", r"\frac{x}{|z|^2}"),
        (OFF_REAL, RIGHT),
    ),
    Plain(
        "sign",
        _unit,
        _unit_by_x,
        _unit_by_y,
        (r"\frac{z}{|z|}", r"\frac{\left[y^2, -x\,y\right]}{|z|^3}", r"\frac{\left[-x\,y, x^2\right]}{|z|^3}"),
        PUNCTURED,
    ),
    Plain(
        "polar",
        lambda xp, x, y: (x * xp.cos(y), x * xp.sin(y)),
        lambda xp, x, y: (xp.cos(y) + 0 * x, xp.sin(y) + 0 * x),
        lambda xp, x, y: (-x * xp.sin(y), x * xp.cos(y)),
        (r"x\,e^{i y}", r"e^{i y}", r"i\,x\,e^{i y}"),
        (_RADIUS,),
    ),
)


def _declare_plain(function: Plain, region: Region) -> Rule:
    f, by_x, by_y = function.tex

    @rule(
        x=vector("n", region.x),
        y=vector("n", region.y),
        source=_SOURCE,
        name=function.name + region.suffix,
        tex=rf"{f},\; z = x + i\,y",
        at_edges="smooth on the whole domain; at a branch cut and at 0 nothing is claimed",
    )
    def entry(xp, x, y):
        parts = function.apply(xp, x, y)
        return parts[0] if len(parts) == 1 else xp.stack(list(parts))

    for name, slope, tex in (("x", function.by_x, by_x), ("y", function.by_y, by_y)):
        entry.partial(name, tex)(_diagonals(slope))
    return entry


def _diagonals(slope: Of) -> Callable[..., Operator]:
    def closed_form(xp, x, y):
        parts = [diag(part) for part in slope(xp, x, y)]
        return parts[0] if len(parts) == 1 else Stack(parts)

    return closed_form


def _in_two_steps(entry: Rule) -> None:
    """x/|z| as libraries multiply a cotangent: by x first and then by 1/|z|, or the other way; subnormals tell them apart."""

    def add(name: str, which: int) -> None:
        @entry.equal_form(name)
        def _(xp, x, y):
            return diag(1 / xp.hypot(x, y)) @ diag((x, y)[which])

        @entry.equal_form(name)
        def _(xp, x, y):
            return diag((x, y)[which]) @ diag(1 / xp.hypot(x, y))

    add("x", 0)
    add("y", 1)


for _two in PAIRS:
    _declare_two(_two)
for _plain in PLAIN:
    for _region in _plain.regions:
        _rule = _declare_plain(_plain, _region)
        if _plain.name == "abs":
            _in_two_steps(_rule)
