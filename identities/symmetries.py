"""More symmetries of functions and what they say of the derivative: shifts, scale, permutation and parity."""

from ..strategies import nonzero, vector, within
from .claims import Equal
from .declare import law
from .invariants import SYMMETRY, logsumexp, scale, shift, unchanged
from .operators import column

_MODERATE = within(8)


def _layer_norm(xp, t):
    centred = t - xp.mean(t)
    return centred / xp.sqrt(xp.mean(centred**2) + 1)


UNCHANGED = (
    (
        "layer_norm_shift",
        _layer_norm,
        shift,
        _MODERATE,
        "layer norm is invariant to shifts",
        r"\frac{\mathbf{x} - \bar{x}}{\sqrt{\sigma^2 + 1}}",
        r"\vec{1}",
    ),
    (
        "rms_norm_scale",
        lambda xp, t: t / xp.sqrt(xp.mean(t**2)),
        scale,
        nonzero & _MODERATE,
        "rms norm is invariant to scale",
        r"\frac{\mathbf{x}}{\sqrt{\overline{x^2}}}",
        r"\mathbf{x}",
    ),
    (
        "cross_entropy_shift",
        lambda xp, t: logsumexp(xp, t) - t[0],
        shift,
        _MODERATE,
        "cross entropy is invariant to shifts",
        r"\ln \textstyle\sum_j e^{x_j} - x_1",
        r"\vec{1}",
    ),
    (
        "fourth_moment_shift",
        lambda xp, t: xp.sum((t - xp.mean(t)) ** 4),
        shift,
        _MODERATE,
        "the fourth central moment is invariant to shifts",
        r"\textstyle\sum_i (x_i - \bar{x})^4",
        r"\vec{1}",
    ),
)


for _name, _f, _field, _domain, _title, _tex, _field_tex in UNCHANGED:
    unchanged(
        _name,
        _f,
        _field,
        _domain,
        _title,
        rf"f(\mathbf{{x}}) = {_tex}: \quad Df(\mathbf{{x}})(\mathbf{{v}} + {_field_tex}) = Df(\mathbf{{x}})\,\mathbf{{v}}",
        direction=_MODERATE,
        chapter=__name__,
    )


def _largest(xp, t):
    return xp.maximum(xp.maximum(t[0], t[1]), t[2])


def _median(xp, t):
    low, high = xp.minimum(t[0], t[1]), xp.maximum(t[0], t[1])
    return xp.maximum(low, xp.minimum(high, t[2]))


MOVED = (
    ("mean_shift", lambda xp, t: xp.mean(t), "the mean moves with its inputs", r"\bar{x}"),
    ("max_shift", _largest, "the largest element moves with its inputs", r"\max_i x_i"),
    ("median_shift", _median, "the median moves with its inputs", r"\mathrm{median}\,\mathbf{x}"),
)


def _declare_moved(name, f, title, tex):
    """f(x + t) = f(x) + t: the partial derivatives sum to 1."""

    @law(
        x=vector(3, _MODERATE),
        source=SYMMETRY,
        name=name,
        title=title,
        tex=rf"\sum_i \frac{{\partial}}{{\partial x_i}}\, {tex} = 1, \quad \mathbf{{x}} \in \mathbb{{R}}^3",
        at_edges="where two elements are equal nothing is claimed" if name != "mean_shift" else "",
    )
    def moved(D, x):
        J = D(lambda t: f(D.xp, t))(x)
        return Equal(J @ column(D.xp.ones_like(x)), column(D.xp.ones_like(x[0])))


for _row in MOVED:
    _declare_moved(*_row)


@law(x=vector(3, _MODERATE), v=vector(3, _MODERATE), source=SYMMETRY, title="a symmetric function")
def permutation(D, x, v):
    r"""f(\mathbf{x}) = \textstyle\sum_i \sin x_i \; \sum_j x_j^2: \quad Df(P\mathbf{x})\,P\mathbf{v} = Df(\mathbf{x})\,\mathbf{v} \text{ for a rotation } P \text{ of the elements}"""
    xp = D.xp

    def f(t):
        return xp.sum(xp.sin(t)) * xp.sum(t**2)

    def turned(t):
        return xp.stack([t[1], t[2], t[0]])

    return Equal(D(f)(turned(x)) @ column(turned(v)), D(f)(x) @ column(v))


@law(x=vector("n", _MODERATE, minimum=1), source=SYMMETRY, title="even and odd functions")
def parity(D, x):
    r"""f(\mathbf{x}) = \mathbf{x} \sin \mathbf{x}: \ Df(-\mathbf{x}) = -Df(\mathbf{x}); \quad g(\mathbf{x}) = \mathbf{x} \cos \mathbf{x}: \ Dg(-\mathbf{x}) = Dg(\mathbf{x})"""
    xp = D.xp
    even, odd = D(lambda t: t * xp.sin(t)), D(lambda t: t * xp.cos(t))
    return Equal(even(-x), -even(x)), Equal(odd(-x), odd(x))
