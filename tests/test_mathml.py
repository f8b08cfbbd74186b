"""The formulas of the report: what is written is MathML, and nothing else ever is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from gradlaw.reports import mathml
from gradlaw.reports.mathml import ATTRIBUTES, ELEMENTS, to_mathml

CATALOGUE = [
    r"w \oslash x",
    r"\frac{\partial f(g(x))}{\partial x} = \frac{\partial f}{\partial g}\frac{\partial g}{\partial x}",
    r"\operatorname{diag}(-w \oslash x^2)",
    r"\begin{cases} 0 & x \le 0 \\ \vec{1}^\top & x > 0 \end{cases}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
    r"\left\lVert x \right\rVert_2 = \sqrt{\sum_{i=1}^n x_i^2}",
    r"\log\det X^{-\top}, \quad \mathbf{x} \in \mathbb{R}^n",
    r"\underbrace{x + \dots + x}_{n} \tfrac12 \bigl( x \bigr) \hat{x} \bar{x} \mathbb{1}\{x > 0\}",
]
HOSTILE = [
    r"\text{<script>alert(1)</script>}",
    r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
    r"\text{\"><img src=x onerror=alert(1)>}",
    r"\text{</mtext></math><script>alert(1)</script>}",
    r"\text{]]><!-- <svg onload=alert(1)>}",
    r"\mathrm{<iframe>} \operatorname{<b>}",
    r"\href{javascript:alert(1)}{x}",
    r"\style{background:url(http://example.org/x)}{x}",
    r"\class{x onclick=alert(1)}{x}",
    r"\color{red;background:url(//x)} x",
    r"\begin{array}{<script>} x \end{array}",
    r"\hspace{1em\" onload=\"alert(1)} x",
    r"<script>alert(1)</script>",
    r"</math><script>alert(1)</script>",
    r"\x{<img src=x onerror=alert(1)>",
]
BROKEN = [r"\frac{", r"x^2^2", "", r"\begin{cases}", "{" * 5000 + "}" * 5000, "\x00", "\ud800"]


class Seen(HTMLParser):
    """Every element and attribute that a browser would make of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("tex", CATALOGUE)
def test_formulas_of_the_catalogue_become_mathml(tex: str) -> None:
    seen = Seen(to_mathml(tex))
    assert seen.tags[0] == "math"
    assert seen.open == []
    assert set(seen.tags) <= ELEMENTS
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES
    assert "&#" not in seen.text


@pytest.mark.parametrize("tex", HOSTILE + BROKEN)
def test_nothing_but_mathml_or_code_ever_comes_out(tex: str) -> None:
    out = to_mathml(tex)
    seen = Seen(out)
    assert seen.open == []
    assert set(seen.tags) <= ELEMENTS | {"code"}
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES | {"class"}
    assert not re.search(r"<(?!/?(?:m[a-z]+|code)\b)", out)
    for _, value in seen.attributes:
        assert not re.search(r"[:;()\"'<>&]", value or "")


@pytest.mark.parametrize("tex", BROKEN[:4])
def test_broken_tex_is_shown_as_it_was(tex: str) -> None:
    assert to_mathml(tex) == f'<code class="tex">{tex}</code>'


def test_text_is_kept_and_escaped() -> None:
    assert "<mtext>if a &lt; b &amp; c</mtext>" in to_mathml(r"\text{if a < b & c}").replace("\xa0", " ")


def test_an_unknown_element_falls_back_to_code(monkeypatch: pytest.MonkeyPatch) -> None:
    from xml.etree.ElementTree import Element, SubElement

    def converter(tex: str, display: str) -> Element:
        root = Element("math")
        SubElement(root, "maction", {"onclick": "alert(1)"})
        return root

    monkeypatch.setattr(mathml, "convert_to_element", converter)
    assert to_mathml("a + not \\seen <before>") == '<code class="tex">a + not \\seen &lt;before&gt;</code>'


def test_display_is_inline_unless_asked() -> None:
    assert to_mathml("x").startswith('<math display="inline">')
    assert to_mathml("x", block=True).startswith('<math display="block">')


@pytest.mark.parametrize(
    ("tex", "spaces"), [(r"\log x", 1), (r"x \log y", 2), (r"\sin^2 x", 1), (r"\log(x)", 0), (r"a b", 0), (r"a + b", 0)]
)
def test_a_named_function_stands_apart_from_its_operands(tex: str, spaces: int) -> None:
    assert to_mathml(tex).count("<mspace") == spaces


def test_an_indicator_is_double_struck() -> None:
    assert "\U0001d7d9" in to_mathml(r"\mathbb{1}")


def test_a_transpose_is_no_operator() -> None:
    assert "<mi>⊤</mi>" in to_mathml(r"x^\top")
