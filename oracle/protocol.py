"""What the oracle asks of an autodiff library, and how backends are found.

A backend is one small class: a namespace, arrays to and from NumPy, ``jvp`` and ``vjp``; all else has a default.
Third parties add one by an entry point in the group ``gradlaw.backends``.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar

import numpy as np

GROUP = "gradlaw.backends"

_FORMAT, _REFUSED = r"\b(half|b?float16|low precision dtypes)\b", r"\b(unsupported|not (supported|implemented))\b"
_REFUSAL = re.compile(f"(?i){_FORMAT}.*{_REFUSED}|{_REFUSED}.*{_FORMAT}|is not differentiable with respect to")


CONJUGATE, PLAIN = "conjugate", "plain"
CONVENTIONS = {
    CONJUGATE: "vjp of f at z with cotangent u is ∂/∂x + i ∂/∂y of Re(ū f): u·conj(f′(z)) where f is holomorphic",
    PLAIN: "vjp of f at z with cotangent u is ∂/∂x − i ∂/∂y of Re(u f): u·f′(z) where f is holomorphic",
}
"""Conventions for complex gradients and what they mean, z = x + iy. Each is the other between two conjugations."""


class NotInstalled(Exception):
    """The library of a backend cannot be imported; the message says why."""


class Unsupported(Exception):
    """Raised by an adapter for what its library does not offer; the cell is ``unsupported``."""


class Backend:
    """Base of all adapters. The library is imported in ``__init__``, never at import of the adapter's module.

    ``modes`` that the library has itself; where it lacks ``forward``, it is derived from the reverse mode and marked.
    ``order``: the highest order of derivative; ``dtypes``: names of NumPy dtypes, bfloat16 is that of ml_dtypes.

    ``compiles``: each new shape costs a compilation, so few shapes are drawn but in profile deep.
    ``unsupported`` lists exceptions by which the library says that it lacks an operation. ``imports`` are statements,
    each binding one name, for the expressions of ``natives``. ``public``: the modules that hold the library's public functions,
    for ``gradlaw backends --coverage``; the first is its array namespace. ``renamed``: functions of the Array API that
    the ``xp`` of ``script`` lacks, and expressions for them.

    ``complex_convention``: what ``vjp`` returns for complex arrays, see ``CONVENTIONS``; None: there are none. Where it is
    declared, ``asarray``, ``to_numpy``, ``jvp`` and ``vjp`` take complex64 and complex128 as well.
    """

    name: ClassVar[str]
    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")
    modes: ClassVar[tuple[str, ...]] = ("forward", "reverse")
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    order: ClassVar[int] = 3
    compiles: ClassVar[bool] = False
    unsupported: tuple[type[BaseException], ...] = ()
    distribution: ClassVar[str] = ""
    imports: ClassVar[tuple[str, ...]] = ()
    public: ClassVar[tuple[str, ...]] = ()
    renamed: ClassVar[Mapping[str, str]] = {}
    complex_convention: ClassVar[str | None] = None

    @property
    def version(self) -> str:
        """The library's version."""
        from importlib.metadata import version

        return version(self.distribution or self.name)

    @property
    def xp(self) -> Any:
        """The library's array namespace (Array API)."""
        raise NotImplementedError(f"{type(self).__name__} has no array namespace: define xp")

    @property
    def complex_xp(self) -> Any:
        """The namespace for complex arrays: by default that for real ones."""
        return self.xp

    def asarray(self, x: np.ndarray) -> Any:
        """A NumPy array as an array of the library, same shape and dtype, not sharing memory."""
        raise NotImplementedError(f"{type(self).__name__} must define asarray")

    def to_numpy(self, x: Any) -> np.ndarray:
        """An array of the library as a NumPy array of the same shape and dtype."""
        raise NotImplementedError(f"{type(self).__name__} must define to_numpy")

    def vjp(self, f: Callable[..., Any], primals: Sequence[Any], cotangent: Any) -> tuple[Any, Sequence[Any]]:
        """f(*primals) and the cotangents of the primals. ``f`` returns one array; all are the library's arrays."""
        raise Unsupported(f"{self.name} has no reverse mode")

    def jvp(self, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """f(*primals) and its tangent. By default derived from ``vjp``: the VJP is linear in the cotangent."""
        y = f(*primals)
        shape, dtype = tuple(y.shape), self.to_numpy(y).dtype
        result = np.zeros(shape, dtype)
        for index in np.ndindex(*shape):
            unit = np.zeros(shape, dtype)
            unit[index] = 1
            _, rows = self.vjp(f, primals, self.asarray(unit))
            result[index] = sum(
                float(np.sum(self.to_numpy(r) * self.to_numpy(t))) for r, t in zip(rows, tangents, strict=True)
            )
        return y, self.asarray(result)

    def vmap(self, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """``f`` over the first axis of its argument, by the library's own vectorising transformation."""
        raise Unsupported(f"{self.name} has no vmap")

    def jit(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """``f`` compiled by the library."""
        raise Unsupported(f"{self.name} does not compile")

    def strided(self, x: Any) -> Any:
        """The same numbers, not next to each other in memory."""
        raise Unsupported(f"{self.name} has no strides")

    def hessian(self, f: Callable[[Any], Any], primal: Any) -> Any:
        """The Hessian of f, which returns one number: an array of the shape of the primal twice. By default assembled from
        tangents of the gradient.
        """
        y = self.to_numpy(f(primal))
        shape, dtype = tuple(primal.shape), y.dtype
        one = self.asarray(np.ones((), dtype))
        result = np.zeros(shape * 2, dtype)
        for index in np.ndindex(*shape):
            unit = np.zeros(shape, dtype)
            unit[index] = 1
            gradient = lambda x: self.vjp(f, [x], one)[1][0]  # noqa: E731
            result[(..., *index)] = self.to_numpy(self.jvp(gradient, [primal], [self.asarray(unit)])[1])
        return self.asarray(result)

    def natives(self) -> Mapping[str, Sequence[str]]:
        """Operations that the library has as a whole: ``{identity id: (expression in the names of its inputs, …)}``.

        The expressions use what ``imports`` binds; ``natives.read_table`` reads such a table from a TOML file.
        """
        return {}

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Entered around everything done with the backend, for settings such as 64-bit mode."""
        return contextlib.nullcontext()

    @property
    def derived_forward(self) -> bool:
        """Whether forward mode is derived from reverse mode."""
        return "forward" not in self.modes

    def lacks(self, error: Exception) -> bool:
        """Whether an exception says that the library lacks the operation or its derivative, or has none in 16 bits."""
        return isinstance(error, self.unsupported) or bool(_REFUSAL.search(str(error)))

    def script(self) -> str:
        """Source that, after ``import numpy as np``, defines with this library alone ``xp``, ``array(numpy_array)``,
        ``jvp(f, primals, tangents)`` giving the tangent and ``vjp(f, primals, cotangent)`` giving the cotangents.
        """
        raise NotImplementedError(f"{type(self).__name__} has no script")

    def transformations(self) -> Mapping[str, str]:
        """Source for a script, beside ``script``, of the transformations that the library has: ``jit(f)``, ``vmap(f)``,
        ``strided(x)``, ``primal_of_jvp(f, primals, tangents)`` and ``primal_of_vjp(f, primals)``, the value that comes
        with the derivative. A definition for each name. Where one is missing a law about it comes without a script.
        """
        return {}


_loaded: dict[str, Backend | NotInstalled] = {}
_registered: dict[str, Callable[[], Backend]] = {}


def register(name: str, factory: Callable[[], Backend]) -> None:
    """Add a backend for this process (tests, notebooks); packages use the entry point group instead."""
    _registered[name] = factory
    _loaded.pop(name, None)


def _entry_points() -> Iterator[EntryPoint]:
    yield from entry_points(group=GROUP)


def backend_names() -> list[str]:
    """The names of all known backends, installed or not, sorted."""
    return sorted({point.name for point in _entry_points()} | set(_registered))


def load_backend(name: str) -> Backend:
    """The backend of this name, made once a process.

    Raises KeyError for an unknown name and NotInstalled where its library cannot be imported.
    """
    if name not in _loaded:
        factory = _registered.get(name)
        try:
            if factory is None:
                factory = {point.name: point for point in _entry_points()}[name].load()
            _loaded[name] = factory()
        except ImportError as error:
            _loaded[name] = NotInstalled(f"{type(error).__name__}: {error}")
    found = _loaded[name]
    if isinstance(found, NotInstalled):
        raise found
    return found
