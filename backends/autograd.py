"""HIPS autograd: NumPy's functions, traced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..oracle.natives import read_table
from ..oracle.protocol import PLAIN, Backend

_SCRIPT = """import autograd
import autograd.numpy as xp
from autograd import make_jvp, make_vjp

array = np.array


def jvp(f, primals, tangents):
    if len(primals) == 1:
        return make_jvp(f)(primals[0])(tangents[0])[1]
    return make_jvp(lambda packed: f(*packed))(tuple(primals))(tuple(tangents))[1]


def vjp(f, primals, cotangent):
    if len(primals) == 1:
        return [make_vjp(f)(primals[0])[0](cotangent)]
    return make_vjp(lambda packed: f(*packed))(tuple(primals))[0](cotangent)
"""

_TRANSFORMATIONS = {
    "strided": "def strided(x):\n"
    "    return np.stack([np.zeros_like(x), x], axis=-1)[::-1].copy()[::-1][..., 1] if x.ndim else x\n",
    "primal_of_jvp": "def primal_of_jvp(f, primals, tangents):\n    return make_jvp(f)(primals[0])(tangents[0])[0]\n",
    "primal_of_vjp": "def primal_of_vjp(f, primals):\n    return make_vjp(f)(primals[0])[1]\n",
}


class Autograd(Backend):
    """Forward mode is autograd's own ``make_jvp``; operations without a JVP raise NotImplementedError there.

    Several arguments are packed in a tuple, as autograd itself does for several; a single one is not, since unpacking
    would convert the dtype of what comes back.
    """

    name: ClassVar[str] = "autograd"
    imports: ClassVar[tuple[str, ...]] = (
        "import autograd.numpy as anp",
        "import autograd.scipy.linalg as asl",
        "import autograd.scipy.special as asp",
        "import autograd.scipy.stats as stats",
    )
    public: ClassVar[tuple[str, ...]] = (
        "autograd.numpy",
        "autograd.numpy.linalg",
        "autograd.numpy.fft",
        "autograd.scipy.special",
        "autograd.scipy.linalg",
        "autograd.scipy.signal",
        *(f"autograd.scipy.stats.{name}" for name in ("beta", "chi2", "gamma", "norm", "poisson", "t")),
        "autograd.scipy.stats.dirichlet",
        "autograd.scipy.stats.multivariate_normal",
    )
    dtypes: ClassVar[tuple[str, ...]] = ("float16", "float32", "float64")
    unsupported = (NotImplementedError,)
    complex_convention: ClassVar[str | None] = PLAIN

    def __init__(self) -> None:
        import autograd
        import autograd.numpy

        self._autograd, self._xp = autograd, autograd.numpy

    @property
    def xp(self) -> Any:
        return self._xp

    def asarray(self, x: np.ndarray) -> np.ndarray:
        return np.array(x)

    def to_numpy(self, x: Any) -> np.ndarray:
        return np.asarray(x)

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> tuple[Any, Sequence[Any]]:
        if len(primals) == 1:
            pullback, y = self._autograd.make_vjp(f)(primals[0])
            return y, [pullback(cotangent)]
        pullback, y = self._autograd.make_vjp(lambda packed: f(*packed))(tuple(primals))
        return y, pullback(cotangent)

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        if len(primals) == 1:
            return self._autograd.make_jvp(f)(primals[0])(tangents[0])
        return self._autograd.make_jvp(lambda packed: f(*packed))(tuple(primals))(tuple(tangents))

    def strided(self, x: Any) -> Any:
        # From the end, so that the stride is negative too.
        return np.stack([np.zeros_like(x), x], axis=-1)[::-1].copy()[::-1][..., 1] if x.ndim else x

    def hessian(self, f: Callable[[Any], Any], primal: Any) -> Any:
        return self._autograd.hessian(f)(primal)

    def natives(self) -> Mapping[str, Sequence[str]]:
        return read_table(__package__, "autograd.toml")

    def script(self) -> str:
        return _SCRIPT

    def transformations(self) -> Mapping[str, str]:
        return _TRANSFORMATIONS
