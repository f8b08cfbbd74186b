"""Activation functions of neural networks, element by element: their Jacobians are diagonal.

``FUNCTIONS`` is the table. Where a formula in common use overflows or cancels, the text is one that does neither, and
the formula is listed as another text.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..strategies import integer, reals, vector
from .declare import rule
from .operators import diag
from .sources import Source

Formula = Callable[..., Any]


class Activation(NamedTuple):
    """f and f′ as functions of the namespace and x (and of ``k``, a static integer, where ``parametric``), and both in TeX.

    ``texts``: other formulas for f, ``forms``: for f′, that libraries use; they may lose accuracy. ``kinks``: where f′ (or,
    with ``jumps``, f) is not continuous, and places at which libraries switch from one formula to another.
    """

    name: str
    apply: Formula
    derivative: Formula
    tex: str
    derivative_tex: str
    kinks: tuple[float, ...] = ()
    at_edges: str = ""
    parametric: bool = False
    jumps: bool = False
    texts: tuple[Formula, ...] = ()
    forms: tuple[Formula, ...] = ()


_TAILS = (20.0, -20.0, 88.0, -88.0, 709.0, -709.0)


def lower(xp: Any, x: Any) -> Any:
    """min(x, 0), of which the convention takes the side of x at a tie: its slope at 0 is 1, that of max(0, x) is 0."""
    return xp.minimum(x, xp.zeros_like(x))


def upper(xp: Any, x: Any) -> Any:
    """max(0, x)."""
    return xp.maximum(xp.zeros_like(x), x)


def _phi(xp: Any, x: Any) -> Any:
    """The density of the normal distribution."""
    return xp.exp(-(x**2) / 2) / xp.sqrt(2 * xp.pi * xp.ones_like(x))


def _Phi(xp: Any, x: Any) -> Any:
    """The distribution function of the normal distribution, without cancellation."""
    return xp.erfc(-x / xp.sqrt(2 * xp.ones_like(x))) / 2


def _cubic(xp: Any, x: Any) -> Any:
    """2z for the tanh approximation of gelu, which is x·(1 + tanh z)/2."""
    return 2 * xp.sqrt(2 * xp.ones_like(x) / xp.pi) * (x + 0.044715 * x**3)


def _cubic_slope(xp: Any, x: Any) -> Any:
    return 2 * xp.sqrt(2 * xp.ones_like(x) / xp.pi) * (1 + 0.044715 * (3 * x**2))


def _gelu_tanh_slope(xp: Any, x: Any) -> Any:
    s = xp.expit(_cubic(xp, x))
    return s + x * s * xp.expit(-_cubic(xp, x)) * _cubic_slope(xp, x)


def _mish_slope(xp: Any, x: Any) -> Any:
    t = xp.tanh(xp.softplus(x))
    return t + x * (1 - t**2) * xp.expit(x)


_SEGMENT = "at {} the Clarke set is {}"
FUNCTIONS = (
    Activation(
        "sigmoid",
        lambda xp, x: xp.expit(x),
        lambda xp, x: xp.expit(x) * xp.expit(-x),
        r"\sigma(x) = \frac{1}{1 + e^{-x}}",
        r"\sigma(x)\,\sigma(-x)",
        _TAILS,
        texts=(lambda xp, x: 1 / (1 + xp.exp(-x)), lambda xp, x: (1 + xp.tanh(x / 2)) / 2),
        forms=(lambda xp, x: xp.expit(x) * (1 - xp.expit(x)),),
    ),
    Activation(
        "log_sigmoid",
        lambda xp, x: -xp.softplus(-x),
        lambda xp, x: xp.expit(-x),
        r"\ln \sigma(x)",
        r"\sigma(-x)",
        _TAILS,
        texts=(lambda xp, x: lower(xp, x) - xp.log1p(xp.exp(-xp.abs(x))),),
        forms=(lambda xp, x: 1 - xp.expit(x),),
    ),
    Activation(
        "silu",
        lambda xp, x: x * xp.expit(x),
        lambda xp, x: xp.expit(x) + x * xp.expit(x) * xp.expit(-x),
        r"x\,\sigma(x)",
        r"\sigma(x) + x\,\sigma(x)\,\sigma(-x)",
        _TAILS,
        texts=(lambda xp, x: x / (1 + xp.exp(-x)),),
        forms=(lambda xp, x: xp.expit(x) * (1 + x * (1 - xp.expit(x))),),
    ),
    Activation(
        "mish",
        lambda xp, x: x * xp.tanh(xp.softplus(x)),
        _mish_slope,
        r"x \tanh \ln(1 + e^x)",
        r"t + x\,(1 - t^2)\,\sigma(x),\; t = \tanh \ln(1 + e^x)",
        _TAILS,
    ),
    Activation(
        "gelu",
        lambda xp, x: x * _Phi(xp, x),
        lambda xp, x: _Phi(xp, x) + x * _phi(xp, x),
        r"x\,\Phi(x)",
        r"\Phi(x) + x\,\varphi(x)",
        (5.0, -5.0),
        texts=(lambda xp, x: x * (1 + xp.erf(x / xp.sqrt(2 * xp.ones_like(x)))) / 2,),
    ),
    Activation(
        "gelu_tanh",
        lambda xp, x: x * xp.expit(_cubic(xp, x)),
        _gelu_tanh_slope,
        r"\frac{x}{2} \bigl(1 + \tanh z\bigr),\; z = \sqrt{\tfrac{2}{\pi}}\,(x + 0.044715\,x^3)",
        r"\sigma(2z) + 2x\,\sigma(2z)\,\sigma(-2z)\,z'",
        (5.0, -5.0),
        texts=(lambda xp, x: x * (1 + xp.tanh(_cubic(xp, x) / 2)) / 2,),
    ),
    Activation(
        "softsign",
        lambda xp, x: x / (1 + xp.abs(x)),
        lambda xp, x: 1 / (1 + xp.abs(x)) ** 2,
        r"\frac{x}{1 + |x|}",
        r"\frac{1}{(1 + |x|)^2}",
        (0.0,),
        "differentiable also at 0, where |x| is not",
    ),
    Activation(
        "tanhshrink",
        lambda xp, x: x - xp.tanh(x),
        lambda xp, x: xp.tanh(x) ** 2,
        r"x - \tanh x",
        r"\tanh^2 x",
        (0.0, 20.0, -20.0),
    ),
    Activation(
        "squareplus",
        lambda xp, x: (x + xp.sqrt(x**2 + 4)) / 2,
        lambda xp, x: (1 + x / xp.sqrt(x**2 + 4)) / 2,
        r"\frac{x + \sqrt{x^2 + 4}}{2}",
        r"\frac{1}{2} \Bigl(1 + \frac{x}{\sqrt{x^2 + 4}}\Bigr)",
        (0.0,),
    ),
    Activation(
        "softplus_scaled",
        lambda xp, x, k: xp.softplus(k * x) / k,
        lambda xp, x, k: xp.expit(k * x),
        r"\tfrac{1}{k} \ln(1 + e^{k x})",
        r"\sigma(k x)",
        (*_TAILS, 20 / 3, 10.0),
        parametric=True,
        texts=(lambda xp, x, k: (upper(xp, k * x) + xp.log1p(xp.exp(-xp.abs(k * x)))) / k,),
    ),
    Activation(
        "softplus_threshold",
        lambda xp, x, k: xp.where(k * x > 20, x, xp.softplus(k * x) / k),
        lambda xp, x, k: xp.where(k * x > 20, xp.ones_like(x), xp.expit(k * x)),
        r"x \text{ for } k x > 20, \quad \tfrac{1}{k} \ln(1 + e^{k x}) \text{ else}",
        r"1 \text{ for } k x > 20, \quad \sigma(k x) \text{ else}",
        (20.0, 10.0, 20 / 3),
        "the value jumps at k x = 20: nothing is claimed there",
        parametric=True,
        jumps=True,
    ),
)


def _with_inputs(formula: Formula, parametric: bool, finish: Formula = lambda y: y) -> Formula:
    """The formula with the parameters of its entry, in the chapter in which it is written."""

    def of_one(xp, x):
        return finish(formula(xp, x))

    def of_two(xp, x, k):
        return finish(formula(xp, x, k))

    found = of_two if parametric else of_one
    found.__module__ = formula.__module__
    return found


def declare(function: Activation) -> None:
    """Declare a row of a table."""
    more: dict[str, Any] = {"k": integer(1, 3)} if function.parametric else {}
    made = rule(
        x=vector("n", reals.with_kinks(*function.kinks) if function.kinks else reals),
        **more,
        source=Source("PyTorch and JAX documentation", "activation functions"),
        name=function.name,
        tex=function.tex,
        at_edges=function.at_edges,
        jumps=function.jumps,
        kink_at={"x": lambda **_: function.kinks[0]} if function.at_edges else None,
    )(_with_inputs(function.apply, function.parametric))
    made.partial("x", rf"\mathrm{{diag}}\Bigl({function.derivative_tex}\Bigr)")(
        _with_inputs(function.derivative, function.parametric, diag)
    )
    for text in function.texts:
        made.equal_text(_with_inputs(text, function.parametric))
    for form in function.forms:
        made.equal_form("x")(_with_inputs(form, function.parametric, diag))


for _function in FUNCTIONS:
    declare(_function)
