"""Vector calculus and partial derivatives (Parr & Howard, section 3): differentiate by one variable, hold the others."""

from ..strategies import function, scalar
from .claims import Equal
from .declare import law, rule
from .operators import Row, diag
from .scalar import KINK_NOTE
from .sources import PH


@rule(x=scalar(), y=scalar(), source=PH("3"), title="the paper's f")
def three_x_square_y(xp, x, y):
    r"""f(x, y) = 3\,x^2\,y"""
    return 3 * x**2 * y


@three_x_square_y.partial("x")
def _(xp, x, y):
    r"""6\,x\,y"""
    return diag(6 * x * y)


@three_x_square_y.partial("y")
def _(xp, x, y):
    r"""3\,x^2"""
    return diag(3 * x**2)


@rule(x=scalar(), y=scalar(), source=PH("4"), title="the paper's g")
def two_x_plus_power(xp, x, y):
    r"""g(x, y) = 2\,x + y^8"""
    return 2 * x + y**8


@two_x_plus_power.partial("x")
def _(xp, x, y):
    r"""2"""
    return diag(2 * xp.ones_like(x))


@two_x_plus_power.partial("y")
def _(xp, x, y):
    r"""8\,y^7"""
    return diag(8 * y**7)


@law(f=function((), (), at="xy", arity=2), x=scalar(), y=scalar(), source=PH("3"), at_edges=KINK_NOTE)
def others_are_constants(D, f, x, y):
    r"""\frac{\partial f(x, y)}{\partial x} = \frac{d}{dt} f(t, y) \Big|_{t = x}"""
    return Equal(D(lambda t: f(t, y))(x), D(f)(x, y)[0])


@law(f=function((), (), at="xy", arity=2), x=scalar(), y=scalar(), source=PH("3"), at_edges=KINK_NOTE)
def gradient_is_the_row_of_partials(D, f, x, y):
    r"""\nabla f = \left[\frac{\partial f}{\partial x}, \frac{\partial f}{\partial y}\right]"""
    of_vector = D(lambda v: f(v[0], v[1]))(D.xp.stack([x, y]))
    return Equal(of_vector, Row([D(f)(x, y)[0], D(f)(x, y)[1]]))
