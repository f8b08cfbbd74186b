"""The Jacobian (Parr & Howard, sections 4 and 4.1): gradients stacked, in numerator layout."""

from ..strategies import array, function, scalar, vector
from .claims import Equal, Holds
from .declare import law, rule
from .operators import Stack, column, dense, eye
from .partial import three_x_square_y, two_x_plus_power
from .scalar import KINK_NOTE
from .sources import PH


@rule(x=scalar(), y=scalar(), source=PH("4"), title="the paper's f and g stacked")
def stacked(xp, x, y):
    r"""\mathbf{y} = \left[3\,x^2\,y,\; 2\,x + y^8\right]^T"""
    return xp.stack([three_x_square_y(xp, x, y), two_x_plus_power(xp, x, y)])


@stacked.partial("x")
def _(xp, x, y):
    r"""\left[6\,x\,y,\; 2\right]^T"""
    return column(xp.stack([6 * x * y, 2 * xp.ones_like(x)]))


@stacked.partial("y")
def _(xp, x, y):
    r"""\left[3\,x^2,\; 8\,y^7\right]^T"""
    return column(xp.stack([3 * x**2, 8 * y**7]))


@rule(v=vector(2), source=PH("4"), title="the paper's f and g as a vector function")
def stacked_vector(xp, v):
    r"""\mathbf{y} = \left[3\,v_1^2\,v_2,\; 2\,v_1 + v_2^8\right]^T"""
    return xp.stack([3 * v[0] ** 2 * v[1], 2 * v[0] + v[1] ** 8])


@stacked_vector.partial("v")
def _(xp, v):
    r"""\begin{bmatrix} 6\,v_1\,v_2 & 3\,v_1^2 \\ 2 & 8\,v_2^7 \end{bmatrix}"""
    two = 2 * xp.ones_like(v[0])
    return dense(xp.stack([xp.stack([6 * v[0] * v[1], 3 * v[0] ** 2]), xp.stack([two, 8 * v[1] ** 7])]))


@rule(x=array("s"), source=PH("4.1"))
def identity(xp, x):
    r"""\mathbf{y} = \mathbf{x}"""
    return x


@identity.partial("x")
def _(xp, x):
    r"""I"""
    return eye(xp, x)


@law(f=function(("n",), (), at="x"), g=function(("n",), (), at="x"), x=vector("n"), source=PH("4"), at_edges=KINK_NOTE)
def gradients_stack(D, f, g, x):
    r"""\frac{\partial\,[f(\mathbf{x}), g(\mathbf{x})]^T}{\partial \mathbf{x}} = \begin{bmatrix}\nabla f\\ \nabla g\end{bmatrix}"""
    return Equal(D(lambda t: D.xp.stack([f(t), g(t)]))(x), Stack([D(f)(x), D(g)(x)]))


def _shape_law(name, title, domain, codomain, x, tex):
    """One of the four cases of the shape law."""

    @law(f=function(domain, codomain, at="x"), x=x, source=PH("4"), name=name, title=title, tex=tex, claim="shape law")
    def shape_law(D, f, x):
        y = f(x)
        rows, columns = (y.shape or (1,))[0], (x.shape or (1,))[0]
        shape = D(f)(x).shape
        return Holds(shape == (rows, columns), f"the Jacobian is {rows} × {columns}; found {shape[0]} × {shape[1]}")


_shape_law(
    "shape_scalar_of_scalar",
    "shape: scalar function of a scalar",
    (),
    (),
    scalar(),
    r"\partial f / \partial x : 1 \times 1",
)
_shape_law(
    "shape_scalar_of_vector",
    "shape: scalar function of a vector",
    ("n",),
    (),
    vector("n"),
    r"\partial f / \partial \mathbf{x} : 1 \times n",
)
_shape_law(
    "shape_vector_of_scalar",
    "shape: vector function of a scalar",
    (),
    ("m",),
    scalar(),
    r"\partial \mathbf{f} / \partial x : m \times 1",
)
_shape_law(
    "shape_vector_of_vector",
    "shape: vector function of a vector",
    ("n",),
    ("m",),
    vector("n"),
    r"\partial \mathbf{f} / \partial \mathbf{x} : m \times n",
)


@law(f=function((), (), at="xy", arity=2), x=scalar(), y=scalar(), source=PH("3"), at_edges=KINK_NOTE)
def progression(D, f, x, y):
    r"""f(x) \to f(x, y) \to f(\mathbf{x}) \to \mathbf{f}(\mathbf{x})\text{: the same partial derivatives}"""
    xp = D.xp
    as_vector_function = D(lambda v: xp.stack([f(v[0], v[1]), f(v[0], y)]))(xp.stack([x, y]))
    of_one = D(lambda t: f(t, y))(x)
    gradient = D(lambda v: f(v[0], v[1]))(xp.stack([x, y]))
    held = D(lambda v: f(v[0], y))(xp.stack([x, y]))
    return Equal(
        as_vector_function @ column(xp.stack([xp.ones_like(x), xp.zeros_like(x)])), Stack([D(f)(x, y)[0], of_one])
    ), Equal(as_vector_function, Stack([gradient, held]))
