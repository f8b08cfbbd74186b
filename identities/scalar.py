"""Scalar derivative rules (Parr & Howard, section 2): what every calculus course begins with."""

from ..strategies import function, integer, nonzero, positive, reals, scalar
from .claims import Equal
from .declare import law, rule
from .operators import diag, eye, zero
from .sources import PH

KINK_NOTE = "a law of differentiable functions: nothing is claimed where a drawn function has a kink"


@rule(x=scalar(), c=scalar(), source=PH("2"))
def constant(xp, x, c):
    r"""f(x) = c"""
    return c + xp.zeros_like(x)


@constant.partial("x")
def _(xp, x, c):
    r"""0"""
    return zero(c, x)


@constant.partial("c")
def _(xp, x, c):
    r"""1"""
    return eye(xp, c)


@rule(c=scalar(), x=scalar(), source=PH("2"))
def constant_multiple(xp, c, x):
    r"""f(x) = c\,x"""
    return c * x


@constant_multiple.partial("c")
def _(xp, c, x):
    r"""x"""
    return diag(x)


@constant_multiple.partial("x")
def _(xp, c, x):
    r"""c"""
    return diag(c)


@rule(
    x=scalar(reals.with_kinks(0.0)),
    n=integer(0, 8),
    source=PH("2"),
    kink_at={"x": lambda n: 0.0},
    at_edges="the derivative of x⁰ is 0 also at x = 0, where n·xⁿ⁻¹ would be 0·∞",
)
def power(xp, x, n):
    r"""f(x) = x^n, \quad n \ge 0"""
    return x**n


@power.partial("x")
def _(xp, x, n):
    r"""n\,x^{n-1}"""
    return zero(x, x) if n == 0 else diag(n * x ** (n - 1))


@rule(x=scalar(nonzero), n=integer(-6, -1), source=PH("2"), title="power with a negative exponent")
def power_negative(xp, x, n):
    r"""f(x) = x^n, \quad n < 0"""
    return x**n


@power_negative.partial("x")
def _(xp, x, n):
    r"""n\,x^{n-1}"""
    return diag(n * x ** (n - 1))


@rule(x=scalar(positive), a=scalar(), source=PH("2"), title="power with a real exponent")
def power_real(xp, x, a):
    r"""f(x, a) = x^a, \quad x > 0"""
    return x**a


@power_real.partial("x")
def _(xp, x, a):
    r"""a\,x^{a-1}"""
    return diag(a * x ** (a - 1))


@power_real.partial("a")
def _(xp, x, a):
    r"""x^a \ln x"""
    return diag(x**a * xp.log(x))


@rule(x=scalar(), source=PH("2"), title="the paper's example 9(x + x²)")
def nine_x_plus_square(xp, x):
    r"""f(x) = 9\,(x + x^2)"""
    return 9 * (x + x**2)


@nine_x_plus_square.partial("x")
def _(xp, x):
    r"""9 + 18\,x"""
    return diag(9 + 18 * x)


@law(f=function((), (), at="x"), c=scalar(differentiable=False), x=scalar(), source=PH("2"), at_edges=KINK_NOTE)
def constant_multiple_law(D, f, c, x):
    r"""\frac{d}{dx}\,c\,f(x) = c\,\frac{df}{dx}"""
    return Equal(D(lambda t: c * f(t))(x), c * D(f)(x))


@law(f=function((), (), at="x"), g=function((), (), at="x"), x=scalar(), source=PH("2"), at_edges=KINK_NOTE)
def sum_law(D, f, g, x):
    r"""\frac{d}{dx}\bigl(f(x) + g(x)\bigr) = \frac{df}{dx} + \frac{dg}{dx}"""
    return Equal(D(lambda t: f(t) + g(t))(x), D(f)(x) + D(g)(x))


@law(f=function((), (), at="x"), g=function((), (), at="x"), x=scalar(), source=PH("2"), at_edges=KINK_NOTE)
def difference_law(D, f, g, x):
    r"""\frac{d}{dx}\bigl(f(x) - g(x)\bigr) = \frac{df}{dx} - \frac{dg}{dx}"""
    return Equal(D(lambda t: f(t) - g(t))(x), D(f)(x) - D(g)(x))


@law(f=function((), (), at="x"), g=function((), (), at="x"), x=scalar(), source=PH("2"), at_edges=KINK_NOTE)
def product_law(D, f, g, x):
    r"""\frac{d}{dx}\,f(x)\,g(x) = f(x)\,\frac{dg}{dx} + \frac{df}{dx}\,g(x)"""
    return Equal(D(lambda t: f(t) * g(t))(x), diag(f(x)) @ D(g)(x) + diag(g(x)) @ D(f)(x))


@law(
    f=function((), (), at="x"),
    g=function((), (), at="x", nonzero=True),
    x=scalar(),
    source=PH("2"),
    domain="g(x) ≠ 0",
    at_edges=KINK_NOTE,
)
def quotient_law(D, f, g, x):
    r"""\frac{d}{dx}\frac{f(x)}{g(x)} = \frac{g(x)\,f'(x) - f(x)\,g'(x)}{g(x)^2}"""
    denominator = diag(1 / g(x) ** 2)
    return Equal(D(lambda t: f(t) / g(t))(x), denominator @ (diag(g(x)) @ D(f)(x) - diag(f(x)) @ D(g)(x)))


@law(g=function((), (), at="x"), f=function((), (), after="g"), x=scalar(), source=PH("2"), at_edges=KINK_NOTE)
def chain_law(D, g, f, x):
    r"""\frac{d}{dx}\,f(g(x)) = f'(g(x))\,g'(x)"""
    return Equal(D(lambda t: f(g(t)))(x), D(f)(g(x)) @ D(g)(x))
