"""Functions of two arguments, element by element: powers, angle and length, logarithms of sums, products with logarithms.

``FUNCTIONS`` is the table; those in ``BROADCAST`` are declared again for every pair of shapes that broadcast together.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..strategies import Domain, broadcastable, nonzero, positive, reals, vector
from .declare import Rule, rule
from .operators import diag, spread
from .sources import Source

Apply = Callable[[Any, Any, Any], Any]
_SOURCE = Source("Array API standard", "elementwise functions")
_ABOVE_MINUS_1 = Domain("> −1", low=-1.0)


class Binary(NamedTuple):
    """f(x, y), the factors that multiply the tangents of x and of y, the domains of both, and how all this is written.

    ``by_x_forms``, ``by_y_forms``: other formulas for them that libraries use. ``more``: what else the rule says of
    itself (kinks, jumps).
    """

    name: str
    apply: Apply
    by_x: Apply
    by_y: Apply
    x_domain: Domain
    y_domain: Domain
    tex: tuple[str, str, str]
    by_x_forms: tuple[Apply, ...] = ()
    by_y_forms: tuple[Apply, ...] = ()
    more: Mapping[str, Any] = {}


def _zeros(xp: Any, x: Any, y: Any) -> Any:
    return 0 * (x + y)


_TIE = {
    "kink_at": {"y": lambda x: x},
    "at_edges": "at a tie the Clarke set is the segment from (1, 0) to (0, 1); the convention takes the first argument",
}
_ORIGIN = {"at_edges": "at the origin there is no derivative: nothing is claimed"}
_JUMPS = {
    "jumps": True,
    "at_edges": "where x/y is an integer the value or the derivative by y jumps: nothing is claimed",
}

FUNCTIONS = (
    Binary(
        "power",
        lambda xp, x, y: x**y,
        lambda xp, x, y: y * x ** (y - 1),
        lambda xp, x, y: x**y * xp.log(x),
        positive.with_kinks(1.0),
        reals.with_kinks(0.0, 1.0, 2.0, 0.5, -1.0),
        ("x^y", r"y\,x^{y-1}", r"x^y \ln x"),
        (lambda xp, x, y: y * x**y / x,),
    ),
    Binary(
        "atan2",
        lambda xp, x, y: xp.atan2(x, y),
        lambda xp, x, y: y / (x * x + y * y),
        lambda xp, x, y: -x / (x * x + y * y),
        nonzero,
        reals.with_kinks(0.0),
        (r"\mathrm{atan2}(x, y)", r"\frac{y}{x^2 + y^2}", r"-\frac{x}{x^2 + y^2}"),
        (lambda xp, x, y: y / xp.hypot(x, y) / xp.hypot(x, y),),
        (lambda xp, x, y: -x / xp.hypot(x, y) / xp.hypot(x, y),),
    ),
    Binary(
        "hypot",
        lambda xp, x, y: xp.hypot(x, y),
        lambda xp, x, y: x / xp.hypot(x, y),
        lambda xp, x, y: y / xp.hypot(x, y),
        reals.with_kinks(0.0),
        reals.with_kinks(0.0),
        (r"\sqrt{x^2 + y^2}", r"\frac{x}{\sqrt{x^2 + y^2}}", r"\frac{y}{\sqrt{x^2 + y^2}}"),
        more=_ORIGIN,
    ),
    Binary(
        "logaddexp",
        lambda xp, x, y: xp.logaddexp(x, y),
        lambda xp, x, y: xp.expit(x - y),
        lambda xp, x, y: xp.expit(y - x),
        reals.with_kinks(0.0),
        reals.with_kinks(0.0),
        (r"\ln(e^x + e^y)", r"\frac{1}{1 + e^{y - x}}", r"\frac{1}{1 + e^{x - y}}"),
        (lambda xp, x, y: xp.exp(x - xp.logaddexp(x, y)),),
        (lambda xp, x, y: xp.exp(y - xp.logaddexp(x, y)),),
        {"kink_at": {"y": lambda x: x}, "at_edges": "smooth also at x = y, where both derivatives are ½"},
    ),
    Binary(
        "logaddexp2",
        lambda xp, x, y: xp.logaddexp2(x, y),
        lambda xp, x, y: xp.expit((x - y) * xp.log(2 * xp.ones_like(x))),
        lambda xp, x, y: xp.expit((y - x) * xp.log(2 * xp.ones_like(x))),
        reals.with_kinks(0.0),
        reals.with_kinks(0.0),
        (r"\log_2(2^x + 2^y)", r"\frac{1}{1 + 2^{y - x}}", r"\frac{1}{1 + 2^{x - y}}"),
        (lambda xp, x, y: xp.exp2(x - xp.logaddexp2(x, y)),),
        (lambda xp, x, y: xp.exp2(y - xp.logaddexp2(x, y)),),
        {"kink_at": {"y": lambda x: x}, "at_edges": "smooth also at x = y, where both derivatives are ½"},
    ),
    Binary(
        "minimum",
        lambda xp, x, y: xp.minimum(x, y),
        lambda xp, x, y: xp.where(x <= y, 1 + _zeros(xp, x, y), _zeros(xp, x, y)),
        lambda xp, x, y: xp.where(x <= y, _zeros(xp, x, y), 1 + _zeros(xp, x, y)),
        reals,
        reals,
        (r"\min(x, y)", r"[x \le y]", "[x > y]"),
        more=_TIE,
    ),
    Binary(
        "copysign",
        lambda xp, x, y: xp.where(y < 0, -xp.abs(x), xp.abs(x)),
        lambda xp, x, y: xp.where(y < 0, -1, 1) * xp.where(x < 0, -1, 1),
        _zeros,
        reals.with_kinks(0.0),
        nonzero,
        (r"|x|\,\mathrm{sign}\,y", r"\mathrm{sign}\,x\,\mathrm{sign}\,y", "0"),
        more={"at_edges": "at x = 0 any value in [−1, 1]"},
    ),
    Binary(
        "remainder",
        lambda xp, x, y: x - xp.floor(x / y) * y,
        lambda xp, x, y: 1 + _zeros(xp, x, y),
        lambda xp, x, y: -xp.floor(x / y),
        reals.with_kinks(0.0),
        nonzero,
        (r"x - y \lfloor x/y \rfloor", "1", r"-\lfloor x/y \rfloor"),
        more=_JUMPS,
    ),
    Binary(
        "fmod",
        lambda xp, x, y: x - xp.trunc(x / y) * y,
        lambda xp, x, y: 1 + _zeros(xp, x, y),
        lambda xp, x, y: -xp.trunc(x / y),
        reals.with_kinks(0.0),
        nonzero,
        (r"x - y\,\mathrm{trunc}(x/y)", "1", r"-\mathrm{trunc}(x/y)"),
        more=_JUMPS,
    ),
    Binary(
        "floor_divide",
        lambda xp, x, y: xp.floor(x / y),
        _zeros,
        _zeros,
        reals.with_kinks(0.0),
        nonzero,
        (r"\lfloor x/y \rfloor", "0", "0"),
        more=_JUMPS,
    ),
    Binary(
        "xlogy",
        lambda xp, x, y: x * xp.log(y),
        lambda xp, x, y: xp.log(y) + 0 * x,
        lambda xp, x, y: x / y,
        reals.with_kinks(0.0),
        positive.with_kinks(1.0),
        (r"x \ln y", r"\ln y", r"\frac{x}{y}"),
    ),
    Binary(
        "xlog1py",
        lambda xp, x, y: x * xp.log1p(y),
        lambda xp, x, y: xp.log1p(y) + 0 * x,
        lambda xp, x, y: x / (1 + y),
        reals.with_kinks(0.0),
        _ABOVE_MINUS_1.with_kinks(0.0),
        (r"x \ln(1 + y)", r"\ln(1 + y)", r"\frac{x}{1 + y}"),
    ),
    Binary(
        "rel_entr",
        lambda xp, x, y: x * xp.log(x / y),
        lambda xp, x, y: xp.log(x / y) + 1,
        lambda xp, x, y: -x / y,
        positive.with_kinks(1.0),
        positive.with_kinks(1.0),
        (r"x \ln\frac{x}{y}", r"\ln\frac{x}{y} + 1", r"-\frac{x}{y}"),
        (lambda xp, x, y: xp.log(x) - xp.log(y) + 1,),
    ),
    Binary(
        "kl_div",
        lambda xp, x, y: x * xp.log(x / y) - x + y,
        lambda xp, x, y: xp.log(x / y),
        lambda xp, x, y: 1 - x / y,
        positive.with_kinks(1.0),
        positive.with_kinks(1.0),
        (r"x \ln\frac{x}{y} - x + y", r"\ln\frac{x}{y}", r"1 - \frac{x}{y}"),
        (lambda xp, x, y: xp.log(x) - xp.log(y), lambda xp, x, y: xp.log(x / y) + 1 - 1),
    ),
)

BROADCAST = ("power", "atan2", "hypot", "xlogy")


def _declare(function: Binary, name: str, x: Any, y: Any) -> Rule:
    f, by_x, by_y = function.tex

    @rule(x=x, y=y, source=_SOURCE, name=name, tex=f, **function.more)
    def entry(xp, x, y):
        return function.apply(xp, x, y)

    @entry.partial("x", rf"\mathrm{{diag}}\Bigl({by_x}\Bigr)")
    def _(xp, x, y):
        return spread(function.by_x(xp, x, y), x)

    @entry.partial("y", rf"\mathrm{{diag}}\Bigl({by_y}\Bigr)")
    def _(xp, x, y):
        return spread(function.by_y(xp, x, y), y)

    for form in function.by_x_forms:
        entry.equal_form("x")(_spread(form, 0))
    for form in function.by_y_forms:
        entry.equal_form("y")(_spread(form, 1))
    return entry


def _spread(form: Apply, which: int) -> Callable[..., Any]:
    return lambda xp, x, y: spread(form(xp, x, y), (x, y)[which])


def _in_two_steps(entry: Rule, name: str, numerator: Apply, denominator: Apply) -> None:
    """As libraries multiply a tangent: by the numerator first and then by 1/denominator, which subnormals tell apart."""

    @entry.equal_form(name)
    def _(xp, x, y):
        return diag(numerator(xp, x, y)) @ diag(1 / denominator(xp, x, y))

    @entry.equal_form(name)
    def _(xp, x, y):
        return diag(1 / denominator(xp, x, y)) @ diag(numerator(xp, x, y))


def _square(xp, x, y):
    return x * x + y * y


_RULES = {f.name: _declare(f, f.name, vector("n", f.x_domain), vector("n", f.y_domain)) for f in FUNCTIONS}
_in_two_steps(_RULES["atan2"], "x", lambda xp, x, y: y, _square)
_in_two_steps(_RULES["atan2"], "y", lambda xp, x, y: -x, _square)
_in_two_steps(_RULES["hypot"], "x", lambda xp, x, y: x, lambda xp, x, y: xp.hypot(x, y))
_in_two_steps(_RULES["hypot"], "y", lambda xp, x, y: y, lambda xp, x, y: xp.hypot(x, y))
for _function in (f for f in FUNCTIONS if f.name in BROADCAST):
    _more = {k: v for k, v in _function.more.items() if k != "kink_at"}
    _declare(
        _function._replace(more=_more),
        f"broadcast_{_function.name}",
        broadcastable("s", 0, 2, _function.x_domain),
        broadcastable("s", 1, 2, _function.y_domain),
    )
