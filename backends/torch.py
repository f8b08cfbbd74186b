"""PyTorch on the CPU, through ``torch.func``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..oracle.natives import read_table
from ..oracle.protocol import CONJUGATE, Backend
from ..strategies.formats import NAMES, dtype_of

_SCRIPT = """import torch
import torch as xp


def array(x):
    if x.dtype.name == "bfloat16":
        return torch.tensor(x.astype(np.float32)).to(torch.bfloat16)
    return torch.tensor(x)


def jvp(f, primals, tangents):
    return torch.func.jvp(f, tuple(primals), tuple(tangents))[1]


def vjp(f, primals, cotangent):
    return torch.func.vjp(f, *primals)[1](cotangent)
"""

_TRANSFORMATIONS = {
    "vmap": "vmap = torch.func.vmap\n",
    "strided": "def strided(x):\n    return torch.stack([x, torch.zeros_like(x)], dim=-1)[..., 0]\n",
    "primal_of_jvp": "def primal_of_jvp(f, primals, tangents):\n"
    "    return torch.func.jvp(f, tuple(primals), tuple(tangents))[0]\n",
    "primal_of_vjp": "def primal_of_vjp(f, primals):\n    return torch.func.vjp(f, *primals)[0]\n",
}


class Torch(Backend):
    """``torch.func.jvp`` and ``torch.func.vjp``; the namespace is array-api-compat's."""

    name: ClassVar[str] = "torch"
    dtypes: ClassVar[tuple[str, ...]] = NAMES
    unsupported = (NotImplementedError,)
    imports: ClassVar[tuple[str, ...]] = ("import torch", "import torch.nn.functional as F")
    public: ClassVar[tuple[str, ...]] = (
        "torch",
        "torch.nn.functional",
        "torch.special",
        "torch.linalg",
        "torch.fft",
    )
    renamed: ClassVar[Mapping[str, str]] = {
        "expand_dims": "torch.unsqueeze",
        "matrix_transpose": "torch.adjoint",
        "tril": "(lambda x, k=0: torch.tril(x, diagonal=k))",
        "triu": "(lambda x, k=0: torch.triu(x, diagonal=k))",
    }
    complex_convention: ClassVar[str | None] = CONJUGATE

    def __init__(self) -> None:
        import array_api_compat.torch
        import torch

        self._torch, self._xp = torch, array_api_compat.torch

    @property
    def xp(self) -> Any:
        return self._xp

    def asarray(self, x: np.ndarray) -> Any:
        if x.dtype.name == "bfloat16":  # unknown to torch.tensor: every bfloat16 is a float32
            return self._torch.tensor(x.astype(np.float32)).to(self._torch.bfloat16)
        return self._torch.tensor(x)

    def to_numpy(self, x: Any) -> np.ndarray:
        if x.dtype == self._torch.bfloat16:
            return x.detach().to(self._torch.float32).numpy(force=True).astype(dtype_of("bfloat16"))
        # Cloned, which gives memory to the zeros without any that forward mode returns: numpy() reads what they lack.
        return x.detach().clone().numpy(force=True)

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> tuple[Any, Sequence[Any]]:
        y, pullback = self._torch.func.vjp(f, *primals)
        return y, pullback(cotangent)

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        return self._torch.func.jvp(f, tuple(primals), tuple(tangents))

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return self._torch.func.vmap(f)

    def strided(self, x: Any) -> Any:
        return self._torch.stack([x, self._torch.zeros_like(x)], dim=-1)[..., 0]

    def hessian(self, f: Callable[[Any], Any], primal: Any) -> Any:
        return self._torch.func.hessian(f)(primal)

    def natives(self) -> Mapping[str, Sequence[str]]:
        return read_table(__package__, "torch.toml")

    def script(self) -> str:
        return _SCRIPT

    def transformations(self) -> Mapping[str, str]:
        return _TRANSFORMATIONS
