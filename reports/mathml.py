"""TeX to MathML, behind an allow-list.

latex2mathml does not escape what stands inside ``\\text{}`` and passes ``\\href`` and ``\\style`` through. So its
element tree is taken before it becomes text, and rebuilt: only elements of MathML Core that we know, only attributes
with harmless values, and all text escaped. What cannot be rebuilt is shown as the TeX it was.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

ROWS = {"math", "mrow", "mstyle", "mpadded", "mphantom", "msqrt", "mtd"}
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
TOKENS = {"mi", "mn", "mo", "ms", "mtext", "mspace"}
ELEMENTS = ROWS | SCRIPTS | TOKENS | {"mfrac", "mroot", "mtable", "mtr"}
SPACING = {"lspace", "rspace", "minsize", "maxsize", "width", "linethickness", "columnalign"}
OPERATOR = {"accent", "accentunder", "fence", "form", "largeop", "movablelimits", "separator", "stretchy", "symmetric"}
ATTRIBUTES = SPACING | OPERATOR | {"display", "displaystyle", "scriptlevel", "mathvariant"}
HARMLESS = re.compile(r"[A-Za-z0-9.+ -]{1,40}")
THIN_SPACE = '<mspace width="0.1667em"></mspace>'
DOUBLE_STRUCK_DIGITS = {ord("0") + digit: 0x1D7D8 + digit for digit in range(10)}


class NotAllowed(ValueError):
    """The converter produced an element that is not on the list."""


@lru_cache(maxsize=4096)
def to_mathml(tex: str, block: bool = False) -> str:
    """Return ``tex`` as one ``<math>`` element, or as escaped TeX in ``<code>`` where that is not possible."""
    try:
        root = convert_to_element(tex, display="block" if block else "inline")
        root.attrib.pop("xmlns", None)  # an HTML parser knows <math>, and the page then holds no address at all
        return _rebuild(root)
    except Exception:  # of any kind, RecursionError among them: a report must not die of one formula
        return f'<code class="tex">{escape(tex)}</code>'


def _rebuild(element: Element) -> str:
    tag = element.tag
    if tag not in ELEMENTS:
        raise NotAllowed(tag)
    attributes = {k: v for k, v in element.attrib.items() if k in ATTRIBUTES and HARMLESS.fullmatch(v)}
    text = unescape(element.text or "")  # the converter writes entities as plain text: "&#x0003D;" for "="
    if tag == "mo" and text == "⊤":
        tag = "mi"  # a transpose is a name; as an operator it would get the space of a relation
    if tag == "mo" and _is_function(element):
        attributes |= {"lspace": "0", "rspace": "0"}  # a named function is no relation: "diag(x)", not "diag (x)"
    if attributes.get("mathvariant") == "double-struck":
        text = text.translate(DOUBLE_STRUCK_DIGITS)  # browsers know of this attribute only the value "normal"
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    inside = escape(text) + (_row(list(element)) if tag in ROWS else "".join(map(_rebuild, element)))
    return f"<{tag}{written}>{inside}</{tag}>"


def _row(children: list[Element]) -> str:
    """Write siblings, with the thin space that TeX sets between a named function and an operand: "x log y"."""
    parts: list[str] = []
    for before, child in zip([None, *children], children, strict=False):
        if before is not None and _is_operand(before) and _is_operand(child):
            named = _is_function(_base(before)), _is_function(_base(child))
            if any(named):
                parts.append(THIN_SPACE)
        parts.append(_rebuild(child))
    return "".join(parts)


def _base(element: Element) -> Element:
    return element[0] if element.tag in SCRIPTS and len(element) else element


def _is_function(element: Element) -> bool:
    text = unescape(element.text or "")
    return element.tag in ("mi", "mo") and len(text) > 1 and text.replace("\u2009", "").isalpha()


def _is_operand(element: Element) -> bool:
    base = _base(element)
    return base.tag not in ("mspace", "mo") or _is_function(base)
