"""Formulas as a line of text: nothing of their meaning is lost, since they are pasted into trackers."""

from __future__ import annotations

import pytest
from gradlaw.identities import CATALOGUE
from gradlaw.reports.items import identity_record
from gradlaw.reports.unicode_math import unicode_math


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}", "(x - μ)/√(σ^2 + ε)"),
        (r"\tfrac{1}{n} \vec{1}", "1/n 1⃗"),
        (r"\frac{1}{z \ln 2}", "1/(z ln 2)"),
        (r"\frac{(m - y)^2}{s}", "(m - y)^2/s"),
        (r"\frac{1}{3\,\sqrt[3]{x}^2}", "1/(3 ³√(x)^2)"),
        (r"e^{x^2} + e^{k x} + A^{-1} + x_{i+1} + y_{ij}", "e^(x^2) + e^(k x) + A^-1 + x_(i+1) + y_ij"),
        (r"\ln \det S", "ln det S"),
        (r"X = \arg\min_X f, y \ne 0", "X = arg min_X f, y ≠ 0"),
        (r"\cos^2 z + \ln(1 + x)", "cos^2 z + ln(1 + x)"),
        (r"V \mapsto -A^{-1}\,V", "V ↦ -A^-1 V"),
    ],
)
def test_a_formula_keeps_its_meaning(tex, text):
    assert unicode_math(tex) == text


@pytest.mark.parametrize("tex", ["", r"\frac", r"\frac{1}", r"\sqrt", "x_{", "e^", "}"])
def test_a_formula_that_is_none_is_no_exception(tex):
    assert isinstance(unicode_math(tex), str)


def test_every_formula_of_the_catalogue_has_a_text():
    for identity in CATALOGUE.entries.values():
        for tex in (identity.tex, *identity_record(identity).partials.values()):
            text = unicode_math(tex)
            assert text
            assert "\\" not in text
            assert "{" not in text
