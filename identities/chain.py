"""The chain rules (Parr & Howard, section 4.5): of one variable, by the total derivative, and of vectors."""

from ..strategies import function, nonzero, positive, scalar, vector
from .claims import Equal, Holds
from .declare import law, rule
from .operators import column, diag, eye
from .scalar import KINK_NOTE
from .sources import PH


@rule(x=scalar(), source=PH("4.5"), title="sin of a square")
def sin_square(xp, x):
    r"""y = \sin(x^2)"""
    return xp.sin(x**2)


@sin_square.partial("x")
def _(xp, x):
    r"""2\,x \cos(x^2)"""
    return diag(2 * x * xp.cos(x**2))


@rule(x=scalar(nonzero), source=PH("4.5"), title="nested log, sin and powers", domain="sin x³ ≠ 0")
def log_sin_cube_square(xp, x):
    r"""y = \ln\bigl(\sin(x^3)^2\bigr)"""
    return xp.log(xp.sin(x**3) ** 2)


@log_sin_cube_square.partial("x")
def _(xp, x):
    r"""\frac{6\,x^2 \cos(x^3)}{\sin(x^3)}"""
    return diag(6 * x**2 * xp.cos(x**3) / xp.sin(x**3))


@rule(x=scalar(positive), source=PH("4.5"), title="square of a logarithm")
def log_square(xp, x):
    r"""y = (\ln 4 x)^2"""
    return xp.log(4 * x) ** 2


@log_square.partial("x")
def _(xp, x):
    r"""\frac{2 \ln 4 x}{x}"""
    return diag(2 * xp.log(4 * x) / x)


@rule(x=scalar(), source=PH("4.5"), title="total derivative of x + x²")
def total_sum(xp, x):
    r"""y = x + x^2"""
    return x + x**2


@total_sum.partial("x")
def _(xp, x):
    r"""1 + 2\,x"""
    return diag(1 + 2 * x)


@rule(x=scalar(), source=PH("4.5"), title="total derivative of sin(x + x²)")
def total_sin(xp, x):
    r"""y = \sin(x + x^2)"""
    return xp.sin(x + x**2)


@total_sin.partial("x")
def _(xp, x):
    r"""(1 + 2\,x) \cos(x + x^2)"""
    return diag((1 + 2 * x) * xp.cos(x + x**2))


@rule(x=scalar(), source=PH("4.5"), title="total derivative of x · x²")
def total_product(xp, x):
    r"""y = x \cdot x^2"""
    return x * x**2


@total_product.partial("x")
def _(xp, x):
    r"""3\,x^2"""
    return diag(3 * x**2)


@rule(x=scalar(nonzero), source=PH("4.5"), title="the paper's vector chain example")
def log_square_and_sin(xp, x):
    r"""\mathbf{y} = \left[\ln x^2,\; \sin 3 x\right]^T"""
    return xp.stack([xp.log(x**2), xp.sin(3 * x)])


@log_square_and_sin.partial("x")
def _(xp, x):
    r"""\left[\frac{2}{x},\; 3 \cos 3 x\right]^T"""
    return column(xp.stack([2 / x, 3 * xp.cos(3 * x)]))


@law(
    g=function((), (), at="x"),
    f=function((), (), after="xg", arity=2),
    x=scalar(),
    source=PH("4.5"),
    at_edges=KINK_NOTE,
)
def total_derivative(D, g, f, x):
    r"""\frac{d}{dx} f(x, u(x)) = \frac{\partial f}{\partial x} + \frac{\partial f}{\partial u} \frac{du}{dx}"""
    by_x, by_u = D(f)(x, g(x))
    return Equal(D(lambda t: f(t, g(t)))(x), by_x @ eye(D.xp, x) + by_u @ D(g)(x))


@law(
    g=function(("n",), ("m",), at="x"),
    f=function(("m",), ..., after="g"),
    x=vector("n"),
    source=PH("4.5"),
    title="vector chain rule",
    at_edges=KINK_NOTE,
)
def vector_chain(D, g, f, x):
    r"""\frac{\partial}{\partial \mathbf{x}} \mathbf{f}(\mathbf{g}(\mathbf{x})) = \frac{\partial \mathbf{f}}{\partial \mathbf{g}} \frac{\partial \mathbf{g}}{\partial \mathbf{x}}"""
    return Equal(D(lambda t: f(g(t)))(x), D(f)(g(x)) @ D(g)(x))


@law(
    g=function((), ("m",), at="x"),
    f=function(("m",), ..., after="g"),
    x=scalar(),
    source=PH("4.5"),
    title="vector chain rule through one parameter",
    at_edges=KINK_NOTE,
)
def vector_chain_of_scalar(D, g, f, x):
    r"""\frac{d}{dx} \mathbf{f}(\mathbf{g}(x)) = \frac{\partial \mathbf{f}}{\partial \mathbf{g}} \frac{d\mathbf{g}}{dx}"""
    return Equal(D(lambda t: f(g(t)))(x), D(f)(g(x)) @ D(g)(x))


@law(
    g=function(..., ..., at="x"),
    f=function(..., ..., after="g"),
    x=vector("n"),
    source=PH("4.5"),
    title="shapes in the chain rule",
    claim="shape law",
)
def chain_shapes(D, g, f, x):
    r"""\lvert\mathbf{f}\rvert \times \lvert\mathbf{g}\rvert \text{ times } \lvert\mathbf{g}\rvert \times \lvert\mathbf{x}\rvert \text{ is } \lvert\mathbf{f}\rvert \times \lvert\mathbf{x}\rvert"""
    outer, inner, whole = D(f)(g(x)).shape, D(g)(x).shape, D(lambda t: f(g(t)))(x).shape
    return Holds(
        outer[1] == inner[0] and whole == (outer[0], inner[1]),
        f"{outer} times {inner} is the shape of the composition, {whole}",
    )


@law(
    g=function(("n",), ("n",), at="x", elementwise=True),
    f=function(("n",), ("n",), after="g", elementwise=True),
    x=vector("n"),
    source=PH("4.5"),
    title="element-wise chain rule",
    at_edges=KINK_NOTE,
)
def elementwise_chain(D, g, f, x):
    r"""\frac{\partial}{\partial \mathbf{x}} \mathbf{f}(\mathbf{g}(\mathbf{x})) = \mathrm{diag}\Bigl(\frac{\partial f_i}{\partial g_i} \frac{\partial g_i}{\partial x_i}\Bigr)"""
    return Equal(D(lambda t: f(g(t)))(x), diag(D.diagonal(f)(g(x)) * D.diagonal(g)(x)))
