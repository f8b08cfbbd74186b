"""sin in JAX with a right first derivative and a wrong second one; the tables of a planted backend name it."""

from __future__ import annotations

import jax
import jax.numpy as jnp


@jax.custom_jvp
def _cos(x):
    return jnp.cos(x)


@_cos.defjvp
def _(primals, tangents):
    (x,), (t,) = primals, tangents
    return _cos(x), -1.001 * jnp.sin(x) * t


@jax.custom_jvp
def sin(x):
    """sin with sin″ = −1.001 sin."""
    return jnp.sin(x)


@sin.defjvp
def _(primals, tangents):
    (x,), (t,) = primals, tangents
    return sin(x), _cos(x) * t
