"""Native operations: what a library has as a whole, written as an expression in its own words.

``torch.softmax(x, dim=axis)`` is judged beside the composed form, against the same truth. A backend gives a table
``{identity id: (expression, …)}`` over the names of the identity's inputs, and the imports that the expressions need;
scripts paste both as they stand.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .protocol import Backend

Table = Mapping[str, Sequence[str]]


class MissingOperation(Exception):
    """This version of the library lacks the operation; the cell is ``unsupported``."""


@cache
def read_table(package: str, name: str) -> dict[str, tuple[str, ...]]:
    """The table in a TOML file of a package: a section a chapter, in it a list of expressions for each entry.

    Raises FileNotFoundError, or ValueError where it is no such table.
    """
    chapters = tomllib.loads(files(package).joinpath(name).read_text(encoding="utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for chapter, entries in chapters.items():
        for entry, expressions in entries.items():
            if not isinstance(expressions, list) or not all(isinstance(e, str) for e in expressions):
                raise ValueError(f"{name}: {chapter}.{entry} is no list of expressions")
            found[f"{chapter}.{entry}"] = tuple(expressions)
    return found


class _Absent:
    """What stands for a module that cannot be imported."""

    def __init__(self, why: str) -> None:
        self._why = why

    def __getattr__(self, name: str) -> Any:
        raise MissingOperation(self._why)


@cache
def _names(imports: tuple[str, ...]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for statement in imports:
        try:
            exec(statement, names)
        except ImportError as error:  # part of the library that needs more than is installed
            names[statement.split()[-1]] = _Absent(str(error))
    return names


def compiled(backend: Backend, expression: str, inputs: Sequence[str]) -> Callable[..., Any]:
    """The expression as a function of the inputs in order.

    Raises SyntaxError for no expression, NameError where it uses other names. When called it raises MissingOperation
    where the library lacks what it names.
    """
    names = _names(tuple(backend.imports))
    code = compile(f"lambda {', '.join(inputs)}: {expression}", f"<native {expression}>", "eval")
    function = eval(code, dict(names))
    used = set(_code_names(function))
    if unknown := used - set(names) - set(names["__builtins__"]):
        raise NameError(f"{expression!r} uses {', '.join(sorted(unknown))}; the inputs are {', '.join(inputs)}")

    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except AttributeError as error:
            if isinstance(error.obj, ModuleType):
                raise MissingOperation(f"{backend.name} has no {error.obj.__name__}.{error.name}") from error
            raise

    return call


def _code_names(function: Any) -> list[str]:
    """The global names that a function reads, also inside functions that it makes."""
    import dis

    found, pending = [], [function.__code__]
    while pending:
        code = pending.pop()
        found += [one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL"]
        pending += [constant for constant in code.co_consts if hasattr(constant, "co_code")]
    return found


def imports_for(backend: Backend, expression: str) -> list[str]:
    """The import statements of the backend that bind a name which the expression uses."""
    words = set(re.findall(r"\w+", expression))
    return [statement for statement in backend.imports if statement.split()[-1].split(".")[0] in words]
