"""What is true: the catalogue of identities, mathematics only, one module per chapter.

Importing this package loads the whole catalogue and neither SymPy nor Hypothesis nor any autodiff library.
"""

from . import (
    chain,
    descent,
    elementary,
    elementwise,
    expansion,
    invariants,
    jacobian,
    laws,
    loss,
    neuron,
    partial,
    reduction,
    relu,
    scalar,
    system_laws,
)
from .declare import CATALOGUE, DeclarationError, Equal, Holds, Identity, Law, Registry, Rule, Unmet, law, rule

CATALOGUE_VERSION = "2"
"""Changes with every entry that is added or whose meaning changes; baselines name it."""

CHAPTERS = (
    scalar,
    partial,
    jacobian,
    elementwise,
    expansion,
    reduction,
    chain,
    relu,
    neuron,
    loss,
    descent,
    elementary,
    laws,
    invariants,
    system_laws,
)

BEYOND: tuple[str, ...] = ()
"""Chapters whose rules are not drawn as the functions of laws: not every judge can put them together with others."""

CATALOGUE.check()

__all__ = [
    "BEYOND",
    "CATALOGUE",
    "CATALOGUE_VERSION",
    "CHAPTERS",
    "DeclarationError",
    "Equal",
    "Holds",
    "Identity",
    "Law",
    "Registry",
    "Rule",
    "Unmet",
    "law",
    "rule",
]
