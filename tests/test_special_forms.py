"""The equal forms of derivatives of special functions, which no judge of equations proves: certified at points.

A form and the closed form are enclosed by balls at random points of the domain. They must overlap while both are thin,
and a form that is wrong by one part in 10¹² must not overlap.
"""

from __future__ import annotations

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.oracle.arrays import Namespace
from gradlaw.oracle.balls import Balls
from gradlaw.oracle.tape import Tape, values
from gradlaw.strategies.draw import LENGTH, draw

CHAPTERS = {"elementwise_more", "binary", "powers", "special", "special_binary", "bessel"}
CHAPTERS |= {"complex_inverses", "complex_tangents"}
FORMS = [
    (rule, name, form)
    for rule in CATALOGUE.entries.values()
    if isinstance(rule, Rule) and rule.chapter in CHAPTERS
    for name, forms in rule.forms.items()
    for form in forms
]


@pytest.mark.parametrize(("rule", "name", "form"), FORMS, ids=lambda value: getattr(value, "id", ""))
def test_an_equal_form_is_the_closed_form(rule, name, form):
    rng, compared = np.random.default_rng(7), 0
    for _ in range(60):
        example = draw(rng.integers(0, 256, LENGTH, np.uint8).tobytes(), rule.inputs, np.dtype("float64"))
        sizes = [abs(x) for x in example.arguments.values() if isinstance(x, np.ndarray)]
        if not all(x.size and (x > 1e-3).all() and (x < 20).all() for x in sizes):
            continue
        with Balls(None, 400) as balls:
            xp = Namespace(Tape(balls, exact=True))
            given = [xp.asarray(x) if isinstance(x, np.ndarray) else x for x in example.arguments.values()]
            ones = xp.ones_like(given[list(rule.inputs).index(name)])
            right, other = (values(f(xp, *given).matvec(xp, ones)) for f in (rule.partials[name], form))
            for a, b in zip(right, other, strict=True):
                if a.rad() < abs(a) * 2.0**-100 and b.rad() < abs(a) * 2.0**-100:
                    assert a.overlaps(b)
                    assert not a.overlaps(b * (1 + 1e-12))
                    compared += 1
    assert compared > 10
