"""Derivatives involving scalar expansion (Parr & Howard, section 4.3), and broadcasting in general.

A scalar meets a vector by expansion to a vector of ones. The Jacobian with respect to the expanded argument is a column;
its transpose, the VJP, sums over the expanded axes. The operations are those of ``elementwise.ARITHMETIC``.
"""

from ..strategies import broadcastable, scalar, vector
from .declare import rule
from .elementwise import ARITHMETIC, Operation
from .operators import spread
from .sources import PH

_BY_NAME = {operation.name: operation for operation in ARITHMETIC}


def _expanded(operation: Operation, name: str, *, scalar_first: bool) -> None:
    """x ○ z, or z ○ x where ``scalar_first``, for a vector x and a scalar z."""
    vector_domain, scalar_domain = (operation.right_domain, scalar().domain)
    if not scalar_first:
        vector_domain, scalar_domain = scalar_domain, vector_domain
    letters = {"a": "z", "b": r"\mathbf{x}"} if scalar_first else {"a": r"\mathbf{x}", "b": "z"}
    by_vector = operation.by_right if scalar_first else operation.by_left
    by_scalar = operation.by_left if scalar_first else operation.by_right

    def ordered(x, z):
        return (z, x) if scalar_first else (x, z)

    @rule(
        x=vector("n", vector_domain),
        z=scalar(scalar_domain),
        source=PH("4.3"),
        name=name,
        tex=operation.tex.format(**letters).replace(r"\otimes", r"\,").replace(r"\oslash", "/"),
    )
    def entry(xp, x, z):
        return operation.apply(*ordered(x, z))

    vector_tex, scalar_tex = operation.left_tex, operation.right_tex
    if scalar_first:
        vector_tex, scalar_tex = scalar_tex, vector_tex

    @entry.partial("x", vector_tex.format(**letters))
    def _(xp, x, z):
        return spread(by_vector(*ordered(x, z)), x)

    @entry.partial("z", scalar_tex.format(**letters).replace(r"\mathrm{diag}", "").replace("I", r"\vec{1}"))
    def _(xp, x, z):
        return spread(by_scalar(*ordered(x, z)), z)


for _name, _operation, _scalar_first in (
    ("add_scalar", "add", False),
    ("subtract_scalar", "subtract", False),
    ("multiply_scalar", "multiply", False),
    ("divide_by_scalar", "divide", False),
    ("scalar_minus", "subtract", True),
    ("scalar_over", "divide", True),
):
    _expanded(_BY_NAME[_operation], _name, scalar_first=_scalar_first)


def _broadcast(operation: Operation) -> None:
    """w ○ x for every pair of shapes that broadcast together."""
    letters = {"a": "w", "b": "x"}

    @rule(
        w=broadcastable("s", 0, 2),
        x=broadcastable("s", 1, 2, operation.right_domain),
        source=PH("4.3, and the Array API standard on broadcasting"),
        name=f"broadcast_{operation.name}",
        tex=operation.tex.format(**letters) + r"\quad\text{(broadcast)}",
    )
    def entry(xp, w, x):
        return operation.apply(w, x)

    @entry.partial("w", operation.left_tex.format(**letters) + r"\,B_w")
    def _(xp, w, x):
        return spread(operation.by_left(w, x), w)

    @entry.partial("x", operation.right_tex.format(**letters) + r"\,B_x")
    def _(xp, w, x):
        return spread(operation.by_right(w, x), x)


for _operation in ARITHMETIC:
    _broadcast(_operation)
