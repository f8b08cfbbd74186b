"""The exponential of matrices for which it has a closed form: families of one or two numbers, nilpotent and 2×2 matrices.

Source: Higham, Functions of Matrices (2008). The exponential of a symmetric matrix is among the functions in ``spectra``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import matrices, vector, within
from .declare import rule
from .operators import Products, dense
from .products import of_elements
from .sources import Source

HIGHAM = Source("Higham, Functions of Matrices (2008)", "10")
MODERATE = within(8.0)


class Family(NamedTuple):
    """e^A for matrices A of one or two numbers x, and its derivative as a matrix of gradients, shape (2, 2, numbers)."""

    name: str
    title: str
    tex: str
    numbers: int
    value: Callable[[Any, Any], Any]
    slopes: Callable[[Any, Any], list[Any]]


def _zero(xp: Any, x: Any) -> Any:
    return xp.zeros_like(x[0])


FAMILIES = (
    Family(
        "expm_rotation",
        "exponential of a skew matrix",
        r"Y = e^A,\; A = \begin{pmatrix} 0 & -x \\ x & 0 \end{pmatrix}",
        1,
        lambda xp, x: of_elements(xp, xp.cos(x[0]), -xp.sin(x[0]), xp.sin(x[0]), xp.cos(x[0])),
        lambda xp, x: [of_elements(xp, -xp.sin(x[0]), -xp.cos(x[0]), xp.cos(x[0]), -xp.sin(x[0]))],
    ),
    Family(
        "expm_boost",
        "exponential of an exchange",
        r"Y = e^A,\; A = \begin{pmatrix} 0 & x \\ x & 0 \end{pmatrix}",
        1,
        lambda xp, x: of_elements(xp, xp.cosh(x[0]), xp.sinh(x[0]), xp.sinh(x[0]), xp.cosh(x[0])),
        lambda xp, x: [of_elements(xp, xp.sinh(x[0]), xp.cosh(x[0]), xp.cosh(x[0]), xp.sinh(x[0]))],
    ),
    Family(
        "expm_block",
        "exponential of a Jordan block",
        r"Y = e^A,\; A = \begin{pmatrix} x_0 & x_1 \\ 0 & x_0 \end{pmatrix}",
        2,
        lambda xp, x: of_elements(xp, xp.exp(x[0]), x[1] * xp.exp(x[0]), _zero(xp, x), xp.exp(x[0])),
        lambda xp, x: [
            of_elements(xp, xp.exp(x[0]), x[1] * xp.exp(x[0]), _zero(xp, x), xp.exp(x[0])),
            of_elements(xp, _zero(xp, x), xp.exp(x[0]), _zero(xp, x), _zero(xp, x)),
        ],
    ),
    Family(
        "expm_diagonal",
        "exponential of a diagonal matrix",
        r"Y = e^A,\; A = \mathrm{diag}(x_0, x_1)",
        2,
        lambda xp, x: of_elements(xp, xp.exp(x[0]), _zero(xp, x), _zero(xp, x), xp.exp(x[1])),
        lambda xp, x: [
            of_elements(xp, xp.exp(x[0]), _zero(xp, x), _zero(xp, x), _zero(xp, x)),
            of_elements(xp, _zero(xp, x), _zero(xp, x), _zero(xp, x), xp.exp(x[1])),
        ],
    ),
)


def _family(entry: Family) -> None:
    @rule(
        x=vector(entry.numbers, MODERATE),
        source=HIGHAM,
        name=entry.name,
        title=entry.title,
        tex=entry.tex,
        normwise=True,
    )
    def exponential(xp, x):
        return entry.value(xp, x)

    @exponential.partial("x", r"\partial e^A / \partial x_k")
    def _(xp, x):
        return dense(xp.stack(entry.slopes(xp, x), axis=-1), 2)


for _entry in FAMILIES:
    _family(_entry)


@rule(
    a=matrices("n", "n", least=1, largest=4, canonical=3),
    source=HIGHAM,
    title="exponential of a nilpotent matrix",
    normwise=True,
)
def expm_nilpotent(xp, a):
    r"""Y = e^N = I + N + \tfrac{1}{2} N^2 + \tfrac{1}{6} N^3,\quad N = \mathrm{triu}(A, 1),\; n \le 4"""
    n = xp.triu(a, k=1)
    square = n @ n
    return xp.eye(a.shape[0], dtype=a.dtype) + n + square / 2 + square @ n / 6


@expm_nilpotent.partial("a")
def _(xp, a):
    r"""V \mapsto \sum_{i + j \le 2} \frac{N^i\,\mathrm{triu}(V, 1)\,N^j}{(i + j + 1)!}"""
    n = xp.triu(a, k=1)

    def along(v: Any, n: Any) -> Any:
        square = n @ n
        return v + (n @ v + v @ n) / 2 + (square @ v + n @ v @ n + v @ square) / 6

    return Products(
        xp,
        a.shape,
        a.shape,
        lambda v: along(xp.triu(v, k=1), n),
        lambda u: xp.triu(along(u, n.T), k=1),
    )


# 2×2 matrices: A = m I + Z with Z of trace 0, so that Z² = d I and e^A = eᵐ (c I + s Z), where c and s are cosh √d and
# sinh √d / √d, or cos √−d and sin √−d / √−d.


class Plane(NamedTuple):
    """The sign of d, with the functions c and s of δ = √|d|."""

    name: str
    title: str
    tex: str
    structure: str
    sign: int
    functions: Callable[[Any, Any], tuple[Any, Any]]

    def parts(self, xp: Any, a: Any) -> tuple[Any, Any, Any, Any, Any]:
        """eᵐ, c, s, δ and A − m I."""
        half = (a[0, 0] - a[1, 1]) / 2
        delta = xp.sqrt(self.sign * (half**2 + a[0, 1] * a[1, 0]))
        c, s = self.functions(xp, delta)
        rest = of_elements(xp, half, a[0, 1], a[1, 0], -half)
        return xp.exp((a[0, 0] + a[1, 1]) / 2), c, s / delta, delta, rest


PLANES = (
    Plane(
        "expm_real",
        "exponential, real eigenvalues",
        r"Y = e^A = e^m \left(\cosh \delta\, I + \frac{\sinh \delta}{\delta} (A - m\,I)\right),\quad "
        r"m = \tfrac{1}{2} \mathrm{tr}\,A,\; \delta^2 = m^2 - \det A",
        "real eigenvalues",
        1,
        lambda xp, t: (xp.cosh(t), xp.sinh(t)),
    ),
    Plane(
        "expm_complex",
        "exponential, complex eigenvalues",
        r"Y = e^A = e^m \left(\cos \delta\, I + \frac{\sin \delta}{\delta} (A - m\,I)\right),\quad "
        r"m = \tfrac{1}{2} \mathrm{tr}\,A,\; \delta^2 = \det A - m^2",
        "complex eigenvalues",
        -1,
        lambda xp, t: (xp.cos(t), xp.sin(t)),
    ),
)


def _plane(entry: Plane) -> None:
    @rule(
        a=matrices(2, 2, structure=entry.structure, domain=MODERATE),
        source=HIGHAM,
        name=entry.name,
        title=entry.title,
        tex=entry.tex,
        domain=f"A of {entry.structure}, which are distinct",
        at_edges="at a double eigenvalue the formula has a removable singularity: nothing is claimed",
        normwise=True,
    )
    def exponential(xp, a):
        scale, c, s, _, rest = entry.parts(xp, a)
        return scale * (c * xp.eye(2, dtype=a.dtype) + s * rest)

    @exponential.partial("a", r"V \mapsto \tfrac{1}{2} \mathrm{tr}(V)\,Y + e^m (c'\,I + s' (A - m\,I) + s\,V_0)")
    def _(xp, a):
        scale, c, s, delta, rest = entry.parts(xp, a)
        unit = xp.eye(2, dtype=a.dtype)
        value = scale * (c * unit + s * rest)
        # The derivatives of c and of s by d, which has the derivative tr(rest V).
        along = scale * (s / 2 * unit + (c - s) / (2 * entry.sign * delta**2) * rest)

        def jvp(v: Any) -> Any:
            mean = xp.sum(v * unit) / 2
            return mean * value + xp.sum(rest.T * v) * along + scale * s * (v - mean * unit)

        def vjp(u: Any) -> Any:
            mean = (xp.sum(value * u) - scale * s * xp.sum(u * unit)) / 2
            return mean * unit + xp.sum(along * u) * rest.T + scale * s * u

        return Products(xp, a.shape, a.shape, jvp, vjp)


for _entry in PLANES:
    _plane(_entry)
