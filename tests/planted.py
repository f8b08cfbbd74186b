"""A wrong derivative rule planted in each real library, as a contributor might write it.

``apply("torch")`` plants it in this process. ``python planted.py torch`` judges the cell concerned with the plant in place,
``python planted.py torch without`` without it; both print the result as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple


def _autograd() -> None:
    """sin′ = −cos, in both modes."""
    import autograd.numpy as np
    from autograd.extend import defjvp, defvjp

    defvjp(np.sin, lambda ans, x: lambda g: -g * np.cos(x))
    defjvp(np.sin, lambda g, ans, x: -g * np.cos(x))


def _jax() -> None:
    """relu′ = 2 where it is 1: somebody's own relu with a factor too much."""
    import jax
    import jax.numpy as jnp

    @jax.custom_jvp
    def relu(x: Any) -> Any:
        return jnp.maximum(x, 0)

    @relu.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        (x,), (t,) = primals, tangents
        return relu(x), jnp.where(x > 0, 2 * t, jnp.zeros_like(t))

    jax.nn.relu = relu


def _torch() -> None:
    """∂(w·x)/∂w = wᵀ: the two saved vectors are taken for each other."""
    import torch

    right = torch.dot

    class Dot(torch.autograd.Function):
        @staticmethod
        def forward(w: Any, x: Any) -> Any:
            return right(w, x)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            w, x = ctx.saved_tensors
            return g * w, g * x

        @staticmethod
        def jvp(ctx: Any, tangent_w: Any, tangent_x: Any) -> Any:
            w, x = ctx.saved_tensors
            return right(w, tangent_w) + right(x, tangent_x)

    torch.dot = Dot.apply


class Plant(NamedTuple):
    """A mistake, and where it shows: the identity and the variant of the backend of the same name."""

    apply: Callable[[], None]
    identity: str
    variant: str


PLANTS = {
    "autograd": Plant(_autograd, "chain.total_sin", "composed"),
    "jax": Plant(_jax, "relu.relu_broadcast", "native:jax.nn.relu(z)"),
    "torch": Plant(_torch, "reduction.dot", "native:torch.dot(w, x)"),
}


def apply(library: str) -> None:
    """Plant the mistake in this process."""
    PLANTS[library].apply()


def judge(library: str, mode: str, dtype: str) -> dict[str, Any]:
    """The cell as it comes out in this process."""
    from gradlaw.oracle.cell import CellKey, run_cell

    plant = PLANTS[library]
    result = run_cell(CellKey(plant.identity, library, plant.variant, mode, dtype))
    found = [
        {"headline": f.headline, "inputs": f.inputs, "confirmed": f.confirmed, "kind": f.kind, "script": f.script}
        for f in result.counterexamples
    ]
    return {"status": str(result.status), "reason": result.reason, "mode": mode, "dtype": dtype, "found": found}


def main(library: str, *options: str) -> None:
    """Each mode in one of the dtypes, as one JSON list."""
    if "without" not in options:
        apply(library)
    print(json.dumps([judge(library, "forward", "float32"), judge(library, "reverse", "float64")]))


if __name__ == "__main__":
    main(*sys.argv[1:])
