"""The rectifier max(0, z) (Parr & Howard, section 5, and the article).

The convention at the kink is the article's: the derivative at z = 0 is 0. An autodiff library may return any value of
the Clarke set [0, 1] there.
"""

from ..strategies import array, reals, scalar
from .declare import rule
from .operators import diag
from .sources import PH

AT_ZERO = "at z = 0 the Clarke set is [0, 1]; the convention of the article is 0"
_KINKED = reals.with_kinks(0.0)


@rule(z=scalar(_KINKED), source=PH("5"), kink_at={"z": lambda: 0.0}, at_edges=AT_ZERO)
def relu(xp, z):
    r"""y = \max(0, z)"""
    return xp.maximum(xp.zeros_like(z), z)


@relu.partial("z")
def _(xp, z):
    r"""0 \text{ for } z \le 0, \quad 1 \text{ for } z > 0"""
    return diag(xp.where(z > 0, xp.ones_like(z), xp.zeros_like(z)))


@rule(
    z=array("s", _KINKED),
    source=PH("5"),
    title="relu broadcast over an array",
    kink_at={"z": lambda: 0.0},
    at_edges=AT_ZERO,
)
def relu_broadcast(xp, z):
    r"""\mathbf{y} = \max(\vec{0}, \mathbf{z})"""
    return xp.maximum(xp.zeros_like(z), z)


@relu_broadcast.partial("z")
def _(xp, z):
    r"""\mathrm{diag}(\mathbf{z} > 0)"""
    return diag(xp.where(z > 0, xp.ones_like(z), xp.zeros_like(z)))
