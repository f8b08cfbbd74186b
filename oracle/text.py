"""Arrays that are pieces of source code: a function run on them comes out as a plain array expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..identities.operators import Operator
from .floats import FLOATS


class DtypeText(NamedTuple):
    """The dtype of a ``Text`` as source code, and in NumPy."""

    code: str
    value: np.dtype


class Text:
    """A piece of source code and the value it had in NumPy, which gives it a shape."""

    __array_ufunc__ = None

    def __init__(self, code: str, value: Any) -> None:
        self.code, self.value = code, np.asarray(value)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value.ndim

    @property
    def dtype(self) -> DtypeText:
        """The dtype."""
        return DtypeText(f"{self.code}.dtype", self.value.dtype)

    @property
    def T(self) -> Text:
        """The transpose."""
        return Text(f"{self.code}.T", self.value.T)

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, key: Any) -> Text:
        keys = key if isinstance(key, tuple) else (key,)
        values = tuple(value_of(k) for k in keys)
        return Text(f"{self.code}[{', '.join(map(_key, keys))}]", self.value[values])

    def __neg__(self) -> Text:
        return Text(f"(-{self.code})", -self.value)

    def __pos__(self) -> Text:
        return self


def _key(key: Any) -> str:
    if isinstance(key, slice):
        parts = (key.start, key.stop) if key.step is None else (key.start, key.stop, key.step)
        return ":".join("" if part is None else str(part) for part in parts)
    return "..." if key is Ellipsis else code_of(key)


def code_of(x: Any) -> str:
    """The source code of an argument: a Text, a list with Texts in it, or a Python value."""
    if isinstance(x, Text):
        return x.code
    if isinstance(x, list | tuple):
        return "[" + ", ".join(map(code_of, x)) + "]" if any(isinstance(p, Text) for p in x) else repr(x)
    return repr(x)


def value_of(x: Any) -> Any:
    """The value of an argument."""
    if isinstance(x, Text):
        return x.value
    return [value_of(p) for p in x] if isinstance(x, list) else x


def _operator(sign: str, apply: Callable[[Any, Any], Any], *, reflected: bool) -> Callable[[Text, Any], Any]:
    def forward(self: Text, other: Any) -> Any:
        if isinstance(other, Operator):
            return NotImplemented
        left, right = (other, self) if reflected else (self, other)
        with np.errstate(all="ignore"):
            return Text(f"({code_of(left)} {sign} {code_of(right)})", apply(value_of(left), value_of(right)))

    return forward


for _sign, _name, _apply in (
    ("+", "add", lambda a, b: a + b),
    ("-", "sub", lambda a, b: a - b),
    ("*", "mul", lambda a, b: a * b),
    ("/", "truediv", lambda a, b: a / b),
    ("**", "pow", lambda a, b: a**b),
    ("@", "matmul", lambda a, b: a @ b),
):
    setattr(Text, f"__{_name}__", _operator(_sign, _apply, reflected=False))
    setattr(Text, f"__r{_name}__", _operator(_sign, _apply, reflected=True))
for _sign, _name, _apply in (
    (">", "gt", lambda a, b: a > b),
    (">=", "ge", lambda a, b: a >= b),
    ("<", "lt", lambda a, b: a < b),
    ("<=", "le", lambda a, b: a <= b),
):
    setattr(Text, f"__{_name}__", _operator(_sign, _apply, reflected=False))


class TextNamespace:
    """Every function of the namespace as a call of ``xp``."""

    pi = Text("xp.pi", np.pi)

    def __init__(self, prefix: str = "xp", functions: Any = FLOATS) -> None:
        self._prefix, self._functions = prefix, functions

    @property
    def linalg(self) -> TextNamespace:
        """The extension ``linalg``."""
        return TextNamespace(f"{self._prefix}.linalg", self._functions.linalg)

    def __getattr__(self, name: str) -> Callable[..., Text]:
        def call(*arguments: Any, **options: Any) -> Text:
            dtype = options.pop("dtype", None)
            options = {k: v for k, v in options.items() if v is not None and v is not False}
            parts = [code_of(a) for a in arguments] + [f"{k}={v!r}" for k, v in options.items()]
            if isinstance(dtype, DtypeText):  # a dtype by name is that of indices, which every library has by itself
                parts.append(f"dtype={dtype.code}")
                options["dtype"] = dtype.value
            with np.errstate(all="ignore"):
                value = getattr(self._functions, name)(*map(value_of, arguments), **options)
            return Text(f"{self._prefix}.{name}({', '.join(parts)})", value)

        return call
