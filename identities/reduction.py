"""Vector sum reduction (Parr & Howard, section 4.4): y = sum(f(x)), and the dot product and mean made of it."""

from ..strategies import array, axes, flag, function, scalar, vector
from .claims import Equal
from .declare import law, rule
from .operators import diag, row
from .scalar import KINK_NOTE
from .sources import PH


@rule(x=vector("n"), source=PH("4.4"), title="sum")
def sum_all(xp, x):
    r"""y = \sum_i x_i"""
    return xp.sum(x)


@sum_all.partial("x")
def _(xp, x):
    r"""\vec{1}^T"""
    return row(xp, xp.ones_like(x))


@rule(x=vector("n"), z=scalar(), source=PH("4.4"), title="sum of x z")
def sum_scaled(xp, x, z):
    r"""y = \sum_i x_i\,z"""
    return xp.sum(x * z)


@sum_scaled.partial("x")
def _(xp, x, z):
    r"""z\,\vec{1}^T"""
    return row(xp, z * xp.ones_like(x))


@sum_scaled.partial("z")
def _(xp, x, z):
    r"""\sum_i x_i"""
    return diag(xp.sum(x))


@rule(w=vector("n"), x=vector("n"), source=PH("4.4, 5"), title="dot product")
def dot(xp, w, x):
    r"""y = \mathbf{w} \cdot \mathbf{x} = \sum_i w_i\,x_i"""
    return xp.sum(w * x)


@dot.partial("w")
def _(xp, w, x):
    r"""\mathbf{x}^T"""
    return row(xp, x)


@dot.partial("x")
def _(xp, w, x):
    r"""\mathbf{w}^T"""
    return row(xp, w)


@rule(x=vector("n", minimum=1), source=PH("4.4, 6"), domain="at least one element")
def mean(xp, x):
    r"""y = \frac{1}{n} \sum_i x_i"""
    return xp.sum(x) / x.shape[0]


@mean.partial("x")
def _(xp, x):
    r"""\frac{1}{n}\,\vec{1}^T"""
    return row(xp, xp.ones_like(x) / x.shape[0])


@rule(x=array("s"), axis=axes("x"), keepdims=flag(), source=PH("4.4"), title="sum over axes")
def sum_axes(xp, x, axis, keepdims):
    r"""y = \sum_{\text{axes}} x"""
    return xp.sum(x, axis=axis, keepdims=keepdims)


@sum_axes.partial("x")
def _(xp, x, axis, keepdims):
    r"""\vec{1}^T \text{ over the axes}"""
    return row(xp, xp.ones_like(x), axis, keepdims)


def _count(x, axis):
    """How many elements are reduced to one."""
    axes_ = range(len(x.shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    count = 1
    for k in axes_:
        count *= x.shape[k]
    return count


@rule(
    x=array("s", minimum=1),
    axis=axes("x"),
    keepdims=flag(),
    source=PH("4.4, 6"),
    title="mean over axes",
    domain="at least one element",
)
def mean_axes(xp, x, axis, keepdims):
    r"""y = \frac{1}{k} \sum_{\text{axes}} x"""
    return xp.sum(x, axis=axis, keepdims=keepdims) / _count(x, axis)


@mean_axes.partial("x")
def _(xp, x, axis, keepdims):
    r"""\frac{1}{k}\,\vec{1}^T \text{ over the axes}"""
    return row(xp, xp.ones_like(x) / _count(x, axis), axis, keepdims)


@law(f=function(("n",), ("m",), at="x"), x=vector("n"), source=PH("4.4"), at_edges=KINK_NOTE)
def sum_of_function(D, f, x):
    r"""\frac{\partial}{\partial \mathbf{x}} \sum_i f_i(\mathbf{x}) = \sum_i \frac{\partial f_i}{\partial \mathbf{x}}"""
    xp = D.xp
    return Equal(D(lambda t: xp.sum(f(t)))(x), row(xp, xp.ones_like(f(x))) @ D(f)(x))
