"""More laws: the inverse of a map between vectors, an implicit map, and 0-d arrays."""

from ..strategies import scalar, vector, within
from .claims import Equal
from .declare import law
from .operators import eye
from .sources import Source

_MODERATE = within(4)
_ARRAYS = Source("Array API standard", "array object")


@law(
    x=vector(2, _MODERATE), source=Source("Inverse function theorem", "any text on calculus"), title="inverse of a map"
)
def inverse_map(D, x):
    r"""\mathbf{f}(\mathbf{x}) = [x_1 e^{x_2},\ x_2]^T: \quad D(\mathbf{f}^{-1})(\mathbf{f}(\mathbf{x}))\;D\mathbf{f}(\mathbf{x}) = I"""
    xp = D.xp

    def forward(t):
        return xp.stack([t[0] * xp.exp(t[1]), t[1]])

    def backward(y):
        return xp.stack([y[0] * xp.exp(-y[1]), y[1]])

    product = D(backward)(forward(x)) @ D(forward)(x)
    return Equal(product, eye(xp, x)), Equal(D(lambda t: backward(forward(t)))(x), eye(xp, x))


@law(
    x=vector("n", _MODERATE),
    source=Source("Implicit function theorem", "any text on calculus"),
    title="implicit map",
)
def implicit_map(D, x):
    r"""F(\mathbf{x}, \mathbf{y}) = \mathbf{y}^2 - e^{\mathbf{x}} - 1 = 0,\ \mathbf{y} > 0: \quad \frac{\partial F}{\partial \mathbf{y}}\,D\mathbf{y}(\mathbf{x}) = -\frac{\partial F}{\partial \mathbf{x}}"""
    xp = D.xp

    def solution(t):
        return xp.sqrt(xp.exp(t) + 1)

    by_x, by_y = D(lambda s, t: t**2 - xp.exp(s) - 1)(x, solution(x))
    return Equal(by_y @ D(solution)(x), -by_x)


@law(x=scalar(_MODERATE), source=_ARRAYS, title="a 0-d array is the one element of a vector")
def zero_dimensional(D, x):
    r"""D\bigl(x \mapsto \mathbf{f}([x])_1\bigr)(x) = Df(x) \text{ for an element-wise } f"""
    xp = D.xp

    def f(t):
        return t * xp.sin(t)

    return Equal(D(lambda s: f(xp.reshape(s, (1,)))[0])(x), D(f)(x))
