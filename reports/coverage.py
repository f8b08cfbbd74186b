"""What of a library is judged: its public differentiable functions beside the names that the catalogue uses of it.

A function is judged where a native expression names it, or where the function of a rule calls it by the array namespace.
Any other is *lacking* where a small trial shows a derivative: a call on float arrays, then a VJP that is not zero. Where
no trial succeeds nothing is claimed, and the function is listed as *undecided*: most are no functions of floats.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import importlib
import inspect
import io
import itertools
import json
import re
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import click
import numpy as np

from ..identities import CATALOGUE, Rule
from ..oracle.limits import CellTimeout, memory_limit, time_limit
from ..oracle.natives import imports_for
from ..oracle.protocol import Backend, NotInstalled, backend_names, load_backend

SECONDS = 5  # a function: the trials of one take milliseconds, a compilation of JAX about one second
GIBIBYTES = 4.0

# Never called: input and output, global state, random numbers, several processes, in place, code from strings.
_EXCLUDED = re.compile(
    r"""_$|^_|(^|_)(save|load|open|file|print|printoptions|seed|rand\w*|normal|bernoulli|multinomial|poisson|dropout\w*|
    dropout\d?d|rrelu|gumbel|empty|init|set|seterr|seterrcall|setbufsize|use|compile|fork|wait|distributed|infeed|
    outfeed|memmap|savez\w*|savetxt|loadtxt|genfromtxt|from\w*|to\w*file|parse|import|export|test|info|show|lookfor|
    register|defvjp\w*|defjvp\w*|deprecated?|autocast|thread\w*|threads|resize|resized|copyto|put|place|putmask|
    fill|out|pmap|psum|all_gather|all_to_all|callback|rng)($|_)""",
    re.VERBOSE,
)

# Makers of arrays, of a shape or of data: used by expressions, but no functions of floats to differentiate.
_MAKERS = re.compile(r"^(arange|linspace|eye|identity|full|ones|zeros|asarray|array|tensor|tri[lu]_indices|\w+_like)$")


@dataclass(frozen=True)
class Coverage:
    """The public functions of a backend's library by their dotted names, each function once, sorted."""

    backend: str
    judged: tuple[str, ...]
    lacking: tuple[str, ...]
    undecided: tuple[str, ...]
    entries: dict[str, tuple[str, ...]]
    """The native expressions of each identity."""

    def __str__(self) -> str:
        total = len(self.judged) + len(self.lacking)
        return f"{self.backend}: {len(self.judged)} of {total} public differentiable functions are judged"

    def as_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "summary": str(self)}


def coverage(backend: Backend) -> Coverage:
    """Try every public function of the backend that the catalogue does not use."""
    used = {id(function) for function in _used(backend)}
    judged, lacking, undecided = [], [], []
    for name, function in public_functions(backend).items():
        if _MAKERS.search(name.rpartition(".")[2]):
            continue
        if id(function) in used:
            judged.append(name)
        elif not _EXCLUDED.search(name.rpartition(".")[2]):
            (lacking if differentiable(backend, function) else undecided).append(name)
    natives = {identity: tuple(expressions) for identity, expressions in sorted(backend.natives().items())}
    return Coverage(backend.name, tuple(sorted(judged)), tuple(sorted(lacking)), tuple(sorted(undecided)), natives)


def show(*, as_json: bool) -> None:
    """Print the coverage of each backend that is installed and names its public modules."""
    found = []
    for name in backend_names():
        with contextlib.suppress(NotInstalled):
            backend = load_backend(name)
            if backend.public:
                found.append(coverage(backend))
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        click.echo(f"{one.backend}, native operations")
        for identity, expressions in one.entries.items():
            click.echo(f"  {identity}: {'; '.join(expressions)}")
        for title, names in (("lacking", one.lacking), ("undecided", one.undecided)):
            click.echo(f"{one.backend}, {title}: {', '.join(names) or 'none'}")
    for one in found:
        click.echo(str(one))


def public_functions(backend: Backend) -> dict[str, Callable[..., Any]]:
    """The public functions of the backend's namespaces by dotted name; one of several names of a function, the first.

    A namespace that this version of the library lacks is left out.
    """
    found: dict[int, tuple[str, Callable[..., Any]]] = {}
    for namespace in backend.public:
        try:
            module = importlib.import_module(namespace)
        except ImportError:
            continue
        for name in getattr(module, "__all__", None) or dir(module):
            function = getattr(module, name, None)
            if not name.startswith("_") and callable(function) and not inspect.isclass(function):
                found.setdefault(id(function), (f"{namespace}.{name}", function))
    return dict(found.values())


def _used(backend: Backend) -> Iterator[Any]:
    """The functions of the library that native expressions name and that the rules call."""
    for expressions in backend.natives().values():
        for expression in expressions:
            names: dict[str, Any] = {}
            for statement in imports_for(backend, expression):
                exec(statement, names)
            for node in ast.walk(ast.parse(expression, mode="eval")):
                if isinstance(node, ast.Attribute):
                    with contextlib.suppress(AttributeError):
                        yield _resolved(node, names)
    # The namespace may wrap a function: then its own of that name is what the wrapper calls.
    homes = [backend.xp, *map(importlib.import_module, backend.public[:1])]
    for name in {
        name for entry in CATALOGUE.entries.values() if isinstance(entry, Rule) for name in called(entry.function)
    }:
        yield from (getattr(home, name) for home in homes if hasattr(home, name))


def _resolved(node: ast.expr, names: dict[str, Any]) -> Any:
    """The object that a dotted name stands for; None for any other expression."""
    if isinstance(node, ast.Attribute):
        home = _resolved(node.value, names)
        return None if home is None else getattr(home, node.attr)
    return names.get(node.id) if isinstance(node, ast.Name) else None


def called(function: Any, seen: set[Any] | None = None) -> set[str]:
    """The attributes of ``xp`` that a function reads, itself or by the functions of this project that it names."""
    seen = set() if seen is None else seen
    function = getattr(function, "__func__", function)
    if not isinstance(function, types.FunctionType) or function.__code__ in seen:
        return set()
    if not (function.__module__ or "").startswith("gradlaw.identities"):
        return set()
    seen.add(function.__code__)
    found: set[str] = set()
    named: set[str] = set(function.__code__.co_freevars)
    attributes: set[str] = set()
    pending = [function.__code__]
    while pending:
        code = pending.pop()
        named |= set(code.co_names)
        attributes |= set(code.co_names)
        pending += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        steps = list(dis.get_instructions(code))
        for before, after in itertools.pairwise(steps):
            if before.argval == "xp" and after.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                found.add(after.argval)
    scope = inspect.getclosurevars(function)
    for name, value in {**scope.globals, **scope.nonlocals}.items():
        if name in named and isinstance(value, types.FunctionType):
            found |= called(value, seen)
        elif name in named:  # a row of a table: what the function takes of it
            for attribute in attributes:
                found |= called(getattr(value, attribute, None), seen)
    return found


def _trials() -> Iterator[tuple[list[Any], Callable[..., tuple[Any, ...]]]]:
    """Float arrays, and how to make the arguments of a call of them: one or two arrays, an axis or an order beside one."""
    # Symmetric, positive definite, with entries in (0, 1): in the domain of most functions.
    square = np.array([[0.7, 0.2], [0.2, 0.5]], np.float32)
    vector, third = np.array([0.3, 0.6, 0.8], np.float32), np.array([0.9, 0.4, 0.1], np.float32)
    for x, y in ((square, square[::-1] + square), (vector, third)):
        yield [x], lambda x: (x,)
        yield [x, y], lambda x, y: (x, y)
        yield [x], lambda x: (x, 0)
        yield [x], lambda x: (1, x)
        yield [x, y], lambda x, y: ([x, y],)
    yield [square + 1], lambda x: (x,)
    images = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4) % 5 / 5
    yield [images], lambda x: (x, 2)
    yield [images[0]], lambda x: (x, 2)
    yield [images, images[..., :2, :2]], lambda x, y: (x, y)


@cache
def _warm(backend: Backend) -> None:
    """One derivative without limits: what a library imports at its first must not count as a function's time."""
    with backend.scope():
        one = np.ones(1, np.float32)
        backend.vjp(lambda x: x * x, [backend.asarray(one)], backend.asarray(one))


def differentiable(backend: Backend, function: Callable[..., Any]) -> bool:
    """Whether a trial gives a float array and a cotangent that is not zero everywhere. It ends within a few seconds."""
    _warm(backend)
    silent = io.StringIO()
    try:
        with (
            time_limit(SECONDS),
            memory_limit(GIBIBYTES),
            contextlib.redirect_stdout(silent),
            contextlib.redirect_stderr(silent),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            return any(_has_derivative(backend, function, arrays, arguments) for arrays, arguments in _trials())
    except CellTimeout:
        return False


def _has_derivative(
    backend: Backend, function: Callable[..., Any], arrays: list[Any], arguments: Callable[..., tuple[Any, ...]]
) -> bool:
    def first(*xs: Any) -> Any:
        y = function(*arguments(*xs))
        return y[0] if isinstance(y, (tuple, list)) else y

    try:
        with backend.scope():
            xs = [backend.asarray(x.copy()) for x in arrays]
            y = backend.to_numpy(first(*xs))
            if y.dtype != np.float32 or not y.size:
                return False
            # Uneven, or the derivative of a softmax would vanish.
            cotangent = np.linspace(0.5, 1.5, y.size, dtype=np.float32).reshape(y.shape) ** 2
            _, found = backend.vjp(first, [backend.asarray(x.copy()) for x in arrays], backend.asarray(cotangent))
            return any(bool(np.any(backend.to_numpy(x) != 0)) for x in found)
    except (KeyboardInterrupt, CellTimeout):
        raise
    except BaseException:  # whatever a function says of arguments that are not its own, SystemExit too
        return False
