"""One byte string becomes one example: sizes, arguments and the direction in which the derivative is taken.

Every field has its place in the string, so a change of one shape never moves the bytes of another input, and the same
decoder serves Hypothesis (which generates and shrinks the string) and a bulk search over random strings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .matrices import ordinary, structured
from .shapes import Assignment, choices, note_shapes, shape_of
from .specs import ArrayInput, InputSpec
from .values import class_of, elements

LENGTH = 512
"""Bytes in an example: 24 for choices, 24 for classes, direction and structure, the rest for elements."""
_HEADER = 24
_DIRECTION = 40
_STRUCTURE = 43
_ELEMENTS = 48


@dataclass
class Example:
    """A drawn example: ``arguments`` by input name (arrays of the dtype on trial, or static Python values)."""

    assignment: Assignment
    arguments: dict[str, Any]
    classes: dict[str, str]
    dtype: np.dtype
    direction: tuple[int, int] = (0, 0)
    at_kink: bool = False
    functions: dict[str, Any] = field(default_factory=dict)

    def along(self, shape: tuple[int, ...], stream: int) -> np.ndarray:
        """A tangent or cotangent of ``shape``: all ones, a unit vector or Gaussian, redrawn for every example."""
        kind, seed = self.direction
        size = math.prod(shape)
        if kind < 16:
            return np.ones(shape, self.dtype)
        if kind < 48:
            unit = np.zeros(size, self.dtype)
            if size:
                unit[(seed + stream) % size] = 1
            return unit.reshape(shape)
        # Rounded to 12 fractional bits, which float32 and float64 hold exactly, and to the dtype: short to print.
        gaussian = np.random.default_rng([kind, seed, stream]).standard_normal(shape)
        return (np.round(gaussian * 4096) / 4096).astype(self.dtype)

    def along_all(self, shape: tuple[int, ...], stream: int) -> np.ndarray:
        """As ``along``, but ones instead of a unit vector: in a derivative of higher order 0 times what overflows is 0 or NaN,
        depending on the order in which a library multiplies.
        """
        kind, seed = self.direction
        return replace(self, direction=(0 if kind < 48 else kind, seed)).along(shape, stream)


def draw(
    data: bytes,
    inputs: Mapping[str, InputSpec],
    dtype: np.dtype,
    kink_at: Mapping[str, Any] | None = None,
    *,
    deep: bool = False,
    few: bool = False,
    given: Assignment | None = None,
) -> Example:
    """Decode ``data`` for these inputs. ``given`` fixes some choices; ``kink_at`` gives inputs that put it at a kink.

    ``kink_at`` maps the name of an input to a function of the other arguments (float64 NumPy arrays, by name); it is
    used for one example in three, with simple values, so that the kink is met exactly.
    """
    code = np.frombuffer(data, np.uint8)
    made: Assignment = dict(given or {})
    todo = [choice for choice in choices(inputs) if choice.name not in made]
    for position, choice in enumerate(todo):
        options = choice.options(note_shapes(inputs, made), deep=deep, few=few)
        made[choice.name] = options[int(code[position]) % len(options)]
    aim = bool(kink_at) and int(code[_HEADER - 1]) % 3 == 2
    arrays = {name: spec for name, spec in inputs.items() if isinstance(spec, ArrayInput)}
    of_matrices = any(spec.structure for spec in arrays.values())
    arguments: dict[str, Any] = {choice.name: made[choice.name] for choice in choices(inputs) if choice.name in inputs}
    classes: dict[str, str] = {}
    slot = (len(code) - _ELEMENTS) // 2 // max(1, len(arrays))
    for position, (name, spec) in enumerate(arrays.items()):
        shape = shape_of(spec, made)
        start = _ELEMENTS + 2 * slot * position
        classes[name] = "simple" if aim else class_of(int(code[_HEADER + position]))
        codes = _codes(code[start : start + 2 * slot], math.prod(shape))
        arguments[name] = elements(codes, classes[name], dtype, spec.domain).reshape(shape)
        if of_matrices:
            arguments[name] = ordinary(arguments[name])
        if spec.structure and not aim:
            matrices = structured(arguments[name], spec.structure, int(code[_STRUCTURE + position % 5]))
            while not spec.domain.contains(matrices).all():  # no structure depends on the scale
                matrices = matrices / 2
            arguments[name] = matrices
    if aim:
        aim = _move_to_kink(arguments, kink_at or {}, inputs, dtype)
    direction = int(code[_DIRECTION]), int(code[_DIRECTION + 1]) * 256 + int(code[_DIRECTION + 2])
    ordered = {name: arguments[name] for name in inputs if name in arguments}
    return Example(made, ordered, classes, dtype, direction, at_kink=aim)


def _codes(slot: np.ndarray, count: int) -> np.ndarray:
    """``count`` pairs of bytes: those of the slot, and beyond its end pseudo-random ones seeded by it."""
    pairs = slot[: len(slot) // 2 * 2].reshape(-1, 2)
    if count > len(pairs):
        seed = np.random.default_rng(slot[:16].astype(np.uint32))
        pairs = np.concatenate([pairs, seed.integers(0, 256, (count - len(pairs), 2), np.uint8)])
    return pairs[:count]


def _move_to_kink(
    arguments: dict[str, Any], kink_at: Mapping[str, Any], inputs: Mapping[str, InputSpec], dtype: np.dtype
) -> bool:
    """Replace the inputs named in ``kink_at``; False where the exact kink is not representable or not in the domain."""
    for name, place in kink_at.items():
        spec = inputs[name]
        exact = {k: np.asarray(v, np.float64) for k, v in arguments.items() if k != name}
        value = np.broadcast_to(np.asarray(place(**exact), np.float64), arguments[name].shape)
        moved = value.astype(dtype)
        assert isinstance(spec, ArrayInput)
        if moved.size == 0 or not (np.array_equal(moved, value) and spec.domain.contains(moved).all()):
            return False
        arguments[name] = moved
    return True


_CHOICES = _HEADER - 2
_TRIES = 50


def few_choices(inputs: Mapping[str, InputSpec], count: int, seed: int) -> list[bytes]:
    """The bytes for sizes, axes and flags of ``count`` examples, for a library that compiles anew for every shape.

    The first is the simplest, the last any; those between have sizes of two and more, and no empty array.
    """
    rng = np.random.default_rng(seed)
    found = [bytes(_CHOICES)]
    while len(found) < count - 1:
        tried = (rng.bytes(_CHOICES) for _ in range(_TRIES))
        found.append(next((header for header in tried if _telling(header, inputs)), rng.bytes(_CHOICES)))
    return [*found, rng.bytes(_CHOICES)]


def _telling(header: bytes, inputs: Mapping[str, InputSpec]) -> bool:
    example = draw(header.ljust(LENGTH, b"\0"), inputs, np.dtype("float64"), few=True)
    sizes = [v for name, v in example.assignment.items() if name not in inputs and isinstance(v, int)]
    return min(sizes, default=2) >= 2 and all(x.size for x in example.arguments.values() if isinstance(x, np.ndarray))


def with_choices(data: bytes, headers: Sequence[bytes]) -> bytes:
    """``data`` with its sizes, axes and flags replaced by one of ``headers``."""
    return headers[data[_CHOICES] % len(headers)] + data[_CHOICES:]
