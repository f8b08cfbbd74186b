"""What an array namespace does with structure alone: NumPy's own functions on arrays of scalars of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any


class Structure:
    """The functions that move elements and compute none of them.

    Arrays of integers are static: they are NumPy's own.
    """

    int64 = np.int64

    def _array(self, elements: np.ndarray) -> Array:
        """Elements as an array of the namespace."""
        raise NotImplementedError

    def asarray(self, x: Any, dtype: Any = None) -> Array:
        """Numbers as an array of the namespace."""
        raise NotImplementedError

    def reshape(self, x: Array, shape: tuple[int, ...]) -> Array:
        """The same elements in row-major order."""
        return self._array(x.elements.reshape(shape))

    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        """Arrays along a new axis."""
        return self._array(np.stack([a.elements for a in arrays], axis=axis))

    def concat(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        """Arrays along an existing axis."""
        return self._array(np.concatenate([a.elements for a in arrays], axis=axis))

    def broadcast_to(self, x: Array, shape: tuple[int, ...]) -> Array:
        """The array repeated to a shape."""
        return self._array(np.broadcast_to(x.elements, shape))

    def expand_dims(self, x: Array, axis: int = 0) -> Array:
        """The array with a new axis of size 1."""
        return self._array(np.expand_dims(x.elements, axis))

    def permute_dims(self, x: Array, axes: tuple[int, ...]) -> Array:
        """The axes in another order."""
        return self._array(np.transpose(x.elements, axes))

    def zeros(self, shape: Any, dtype: Any = None) -> Array:
        """Zeros."""
        return self.asarray(np.zeros(shape, int))

    def ones(self, shape: Any, dtype: Any = None) -> Array:
        """Ones."""
        return self.asarray(np.ones(shape, int))

    def zeros_like(self, x: Array, dtype: Any = None) -> Array:
        """Zeros of the shape of ``x``."""
        return self.zeros(x.shape)

    def ones_like(self, x: Array, dtype: Any = None) -> Array:
        """Ones of the shape of ``x``."""
        return self.ones(x.shape)
