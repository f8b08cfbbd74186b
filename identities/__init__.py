"""What is true: the catalogue of identities, mathematics only, one module per chapter.

Importing this package loads the whole catalogue and neither SymPy nor Hypothesis nor any autodiff library.
"""

from . import (
    activations,
    attention,
    bessel,
    binary,
    chain,
    convolution,
    cross_entropy,
    cumulative,
    descent,
    elementary,
    elementwise,
    elementwise_more,
    expansion,
    indexing,
    invariants,
    jacobian,
    laws,
    layers,
    loss,
    losses,
    manipulation,
    neuron,
    normalisation,
    norms,
    order,
    partial,
    pooling,
    powers,
    rectifiers,
    recurrent,
    reduction,
    relu,
    scalar,
    similarity,
    softmax,
    special,
    special_binary,
    statistics,
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
    elementwise_more,
    binary,
    special,
    special_binary,
    bessel,
    activations,
    rectifiers,
    softmax,
    normalisation,
    losses,
    cross_entropy,
    similarity,
    attention,
    convolution,
    pooling,
    recurrent,
    layers,
    powers,
    manipulation,
    indexing,
    statistics,
    cumulative,
    norms,
    order,
    laws,
    invariants,
    system_laws,
)

BEYOND = tuple(chapter.__name__.rpartition(".")[2] for chapter in CHAPTERS[CHAPTERS.index(elementary) + 1 :])
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
