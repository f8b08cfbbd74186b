"""How truth is established and a verdict reached; and the oracle that other libraries import.

``from gradlaw import oracle``, then ``oracle.check``, ``oracle.assert_derivative``, ``oracle.truth`` and
``oracle.laws``. They are loaded when first used: importing this package imports neither pytest nor SymPy nor any
autodiff library.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import LawCase, Verdict, assert_derivative, check, laws
    from .enclosures import Enclosure, Truth, truth
    from .protocol import Backend, Unsupported, register

_HOME = {
    "Backend": "protocol",
    "Enclosure": "enclosures",
    "LawCase": "api",
    "Truth": "enclosures",
    "Unsupported": "protocol",
    "Verdict": "api",
    "assert_derivative": "api",
    "check": "api",
    "laws": "api",
    "register": "protocol",
    "truth": "enclosures",
}

__all__ = [
    "Backend",
    "Enclosure",
    "LawCase",
    "Truth",
    "Unsupported",
    "Verdict",
    "assert_derivative",
    "check",
    "laws",
    "register",
    "truth",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
