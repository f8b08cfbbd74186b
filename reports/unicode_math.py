"""TeX as a line of Unicode text, for the terminal and for findings that are pasted into a tracker.

The words are pylatexenc's; what gives a formula its meaning is looked after here: a quotient, an exponent or an index of
several terms is in parentheses, and no name of a function is lost.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_FUNCTIONS = (
    "arg",
    "arcsin",
    "arccos",
    "arctan",
    "cos",
    "cosh",
    "det",
    "ln",
    "log",
    "max",
    "min",
    "sin",
    "sinh",
    "tan",
    "tanh",
)
_OTHERS = {"ne": "≠", "bmod": " mod "}
_NAME_BEFORE = re.compile(rf"\b({'|'.join(_FUNCTIONS)}) ([(^_])")
_OPERATORS = re.compile(r"\s*([=≠≤≥<>∈↦→⇒×⊗⊘∘·±∓])\s*")


def unicode_math(tex: str) -> str:
    """TeX as a line of Unicode text."""
    tex = _grouped_scripts(re.sub(r"\\[td]frac\b", r"\\frac", tex))
    text = _NAME_BEFORE.sub(r"\1\2", _converter().latex_to_text(tex))
    return " ".join(_OPERATORS.sub(r" \1 ", text).split())


@cache
def _converter() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    def arguments(l2tobj: Any, node: Any) -> list[str]:
        """Two texts, empty where the formula has no such argument."""
        found = node.nodeargd.argnlist if node.nodeargd else ()
        texts = ["" if argument is None else l2tobj.nodelist_to_text([argument]).strip() for argument in found]
        return [*texts, "", ""][:2]

    def fraction(node: Any, l2tobj: Any) -> str:
        above, below = arguments(l2tobj, node)
        return f"{_grouped(above, '+- ')}/{_grouped(below, '+- /⊗∘')}"

    def root(node: Any, l2tobj: Any) -> str:
        index, inside = arguments(l2tobj, node)
        return f"{_raised(index)}√({inside})"

    context = get_default_latex_context_db()
    macros = [
        MacroTextSpec("frac", simplify_repl=fraction),
        MacroTextSpec("sqrt", simplify_repl=root),
        *(MacroTextSpec(name, simplify_repl=f"{name} ") for name in _FUNCTIONS),
        *(MacroTextSpec(name, simplify_repl=text) for name, text in _OTHERS.items()),
    ]
    context.add_context_category("meaning", macros=macros, prepend=True)
    return LatexNodes2Text(latex_context=context, math_mode="text", strict_latex_spaces=False)


def _raised(number: str) -> str:
    return number.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _grouped(text: str, operators: str) -> str:
    """In parentheses, where an operator stands outside of all that are there; a sign in front is none."""
    depth = 0
    for k, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if k and not depth and character in operators:
            return f"({text})"
    return text


def _grouped_scripts(tex: str) -> str:
    """With parentheses inside the braces of every exponent and index that has several terms."""
    made, k = "", 0
    while k < len(tex):
        if tex[k] not in "^_" or tex[k + 1 : k + 2] != "{":
            made, k = made + tex[k], k + 1
            continue
        end, depth = k + 2, 1
        while end < len(tex) and depth:
            depth, end = depth + (tex[end] == "{") - (tex[end] == "}"), end + 1
        inside, text = _grouped_scripts(tex[k + 2 : end - 1]), unicode_math(tex[k + 2 : end - 1])
        compound = _grouped(text, "+- /^,=⊗") != text
        made, k = made + tex[k] + ("{(" + inside + ")}" if compound else "{" + inside + "}"), end
    return made
