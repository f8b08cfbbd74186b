"""JAX, operation by operation; 64-bit mode is entered in a scope and never set globally."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..oracle.natives import read_table
from ..oracle.protocol import PLAIN, Backend
from ..strategies.formats import NAMES

_SCRIPT = """import jax
import jax.numpy as xp

jax.config.update("jax_enable_x64", True)
array = xp.array


def jvp(f, primals, tangents):
    return jax.jvp(f, tuple(primals), tuple(tangents))[1]


def vjp(f, primals, cotangent):
    return jax.vjp(f, *primals)[1](cotangent)
"""

_TRANSFORMATIONS = {
    "jit": "jit = jax.jit\n",
    "vmap": "vmap = jax.vmap\n",
    "primal_of_jvp": "def primal_of_jvp(f, primals, tangents):\n"
    "    return jax.jvp(f, tuple(primals), tuple(tangents))[0]\n",
    "primal_of_vjp": "def primal_of_vjp(f, primals):\n    return jax.vjp(f, *primals)[0]\n",
}


class Jax(Backend):
    """``jax.jvp`` and ``jax.vjp`` on the CPU."""

    name: ClassVar[str] = "jax"
    imports: ClassVar[tuple[str, ...]] = (
        "import jax",
        "import jax.numpy as jnp",
        "import jax.scipy.linalg as jsl",
        "import jax.scipy.special as jsp",
        "import jax.scipy.stats as stats",
    )
    public: ClassVar[tuple[str, ...]] = (
        "jax.numpy",
        "jax.numpy.linalg",
        "jax.numpy.fft",
        "jax.scipy.special",
        "jax.scipy.linalg",
        "jax.nn",
        "jax.lax",
    )
    dtypes: ClassVar[tuple[str, ...]] = NAMES
    unsupported = (NotImplementedError,)
    compiles: ClassVar[bool] = True
    complex_convention: ClassVar[str | None] = PLAIN

    def __init__(self) -> None:
        import jax
        import jax.numpy

        self._jax, self._xp = jax, jax.numpy
        # The scope moved out of jax.experimental in 2025.
        home = jax if hasattr(jax, "enable_x64") else importlib.import_module("jax.experimental")
        self._x64 = home.enable_x64

    @property
    def xp(self) -> Any:
        return self._xp

    def asarray(self, x: np.ndarray) -> Any:
        return self._xp.array(x)

    def to_numpy(self, x: Any) -> np.ndarray:
        return np.asarray(x)

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> tuple[Any, Sequence[Any]]:
        y, pullback = self._jax.vjp(f, *primals)
        return y, pullback(cotangent)

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        return self._jax.jvp(f, tuple(primals), tuple(tangents))

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return self._jax.vmap(f)

    def jit(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return self._jax.jit(f)

    def hessian(self, f: Callable[[Any], Any], primal: Any) -> Any:
        return self._jax.hessian(f)(primal)

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        return self._x64(True)

    def natives(self) -> Mapping[str, Sequence[str]]:
        return read_table(__package__, "jax.toml")

    def script(self) -> str:
        return _SCRIPT

    def transformations(self) -> Mapping[str, str]:
        return _TRANSFORMATIONS
