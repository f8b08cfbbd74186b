"""Declarations: what is not well formed is refused at import with a message that names the entry, and ids are permanent."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradlaw.identities import CATALOGUE, CATALOGUE_VERSION, CHAPTERS, DeclarationError, Law, Registry, Rule, law, rule
from gradlaw.identities.operators import diag
from gradlaw.identities.sources import PH
from gradlaw.strategies import array, function, integer, nonzero, positive, scalar, vector

IDS = Path(__file__).with_name("ids.txt")
SOURCE = PH("1")
ENTRIES = list(CATALOGUE.entries.values())


@pytest.fixture
def registry():
    return Registry()


def declare(registry, function=None, **given):
    """A rule x ↦ x² in a registry of its own, with whatever is to be wrong about it."""

    def square(xp, x):
        r"""x^2"""
        return x**2

    inputs = {"x": scalar()} if "inputs" not in given else given.pop("inputs")
    return rule(source=SOURCE, registry=registry, **given, **inputs)(function or square)


def test_a_rule_is_declared(registry):
    made = declare(registry, title="square", at_edges="nothing")
    assert made.id == "test_declare.square"
    assert registry.entries == {"test_declare.square": made}
    assert (made.tex, made.title, made.at_edges) == ("x^2", "square", "nothing")
    assert made.domain == "all real inputs"
    assert made.chapter == "test_declare"
    assert made.differentiable == ["x"]
    assert made(None, 3) == 9
    assert not made.jumps
    assert "arXiv 1802.01528" in str(made.source)


def test_a_law_is_declared(registry):
    @law(f=function((), ()), x=scalar(), source=SOURCE, registry=registry)
    def some_law(D, f, x):
        r"""f = f"""

    assert isinstance(some_law, Law)
    assert registry.entries == {"test_declare.some_law": some_law}
    assert some_law.title == "some law"
    registry.check()


def test_the_domain_is_put_in_words_from_the_inputs(registry):
    def f(xp, a, b, c):
        """f"""

    made = declare(registry, f, inputs={"a": scalar(nonzero), "b": scalar(), "c": vector("n", positive)})
    assert made.domain == "a ≠ 0; c > 0"


def test_what_is_not_differentiable_needs_no_closed_form(registry):
    def f(xp, x, n, y):
        """f"""

    made = declare(registry, f, inputs={"x": array("s"), "n": integer(0, 2), "y": scalar(differentiable=False)})
    assert made.differentiable == ["x"]


WRONG_PARAMETERS = {
    "another name": lambda xp, z: z,
    "one too many": lambda xp, x, y: x,
    "one too few": lambda xp: xp,
    "no namespace": lambda x: x,
}


@pytest.mark.parametrize("case", WRONG_PARAMETERS)
def test_parameters_must_be_the_inputs(registry, case):
    function_ = WRONG_PARAMETERS[case]
    function_.__doc__ = "f"
    with pytest.raises(DeclarationError, match=r"test_declare\.named.*\['x'\]"):
        declare(registry, function_, name="named")
    assert registry.entries == {}


def test_inputs_must_be_in_the_order_of_the_parameters(registry):
    def swapped(xp, x, y):
        """f"""

    with pytest.raises(DeclarationError, match=r"swapped.*\['x', 'y'\].*\['y', 'x'\]"):
        declare(registry, swapped, inputs={"y": scalar(), "x": scalar()})


def test_parameters_of_a_law_must_be_the_inputs(registry):
    with pytest.raises(DeclarationError, match=r"test_declare\.some_law"):

        @law(x=scalar(), source=SOURCE, registry=registry)
        def some_law(D, y):
            """f"""


def test_an_id_is_taken_once(registry):
    declare(registry)
    with pytest.raises(DeclarationError, match=r"test_declare\.square is declared twice"):
        declare(registry)


def test_a_law_and_a_rule_share_the_ids(registry):
    declare(registry, name="taken")
    with pytest.raises(DeclarationError, match=r"test_declare\.taken is declared twice"):

        @law(x=scalar(), source=SOURCE, registry=registry, name="taken")
        def some_law(D, x):
            """f"""


@pytest.mark.parametrize("name", ["größe", "Square", "2x", "a-b", "a b", "a.b", "x\n", "_x", "ﬁ", "x²"])
def test_ids_are_lower_case_ascii(registry, name):
    with pytest.raises(DeclarationError, match="is no id") as refused:
        declare(registry, name=name)
    assert name in str(refused.value) or repr(name)[1:-1] in str(refused.value)
    assert registry.entries == {}


@pytest.mark.parametrize("doc", [None, "", "   \n  "])
def test_a_statement_is_needed(registry, doc):
    def silent(xp, x):
        return x

    silent.__doc__ = doc
    with pytest.raises(DeclarationError, match=r"test_declare\.silent has no statement.*TeX"):
        declare(registry, silent)


def test_the_statement_may_be_given_instead(registry):
    def silent(xp, x):
        return x

    assert declare(registry, silent, tex="x").tex == "x"


def test_a_kink_must_be_of_an_input(registry):
    with pytest.raises(DeclarationError, match=r"test_declare\.square: kink_at names \['z'\]"):
        declare(registry, kink_at={"x": lambda: 0.0, "z": lambda: 0.0})


def test_a_closed_form_is_needed_for_every_differentiable_argument(registry):
    def f(xp, x, y, n):
        """f"""

    made = declare(registry, f, inputs={"x": scalar(), "y": scalar(), "n": integer(0, 3)})

    @made.partial("x")
    def _(xp, x, y, n):
        """1"""

    with pytest.raises(DeclarationError, match=r"test_declare\.f has no closed form for its argument y$"):
        registry.check()

    @made.partial("y")
    def _(xp, x, y, n):
        """1"""

    registry.check()


@pytest.mark.parametrize("name", ["z", "n", "c", ""])
def test_a_closed_form_must_be_of_a_differentiable_argument(registry, name):
    def f(xp, x, n, c):
        """f"""

    made = declare(registry, f, inputs={"x": scalar(), "n": integer(0, 3), "c": scalar(differentiable=False)})
    with pytest.raises(DeclarationError, match=rf"test_declare\.f has no differentiable argument '{name}'.*\['x'\]"):
        made.partial(name)


def test_a_closed_form_is_given_once(registry):
    made = declare(registry)

    @made.partial("x")
    def _(xp, x):
        """2x"""
        return diag(2 * x)

    with pytest.raises(DeclarationError, match=r"test_declare\.square has two closed forms for 'x'"):
        made.partial("x")


def test_a_closed_form_takes_the_same_arguments(registry):
    made = declare(registry)
    with pytest.raises(DeclarationError, match=r"test_declare\.square.*\['y'\].*\['x'\]"):
        made.partial("x")(lambda xp, y: y)
    assert made.partials == {}


def test_a_closed_form_has_its_own_tex(registry):
    made = declare(registry)
    made.partial("x", "2x")(lambda xp, x: diag(2 * x))
    assert made.partials_tex == {"x": "2x"}


# The catalogue itself.


def test_ids_are_permanent():
    frozen = IDS.read_text(encoding="ascii").split()
    assert frozen == sorted(set(frozen)), "tests/ids.txt is sorted, each id once"
    gone = sorted(set(frozen) - set(CATALOGUE.entries))
    assert not gone, f"ids never change once released; these are missing: {gone}"
    new = sorted(set(CATALOGUE.entries) - set(frozen))
    assert not new, f"new entries: append their ids to tests/ids.txt for good: {new}"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_says_what_it_must(entry):
    assert entry.tex.strip()
    assert entry.title.strip()
    assert entry.domain.strip()
    assert entry.at_edges.strip()
    assert str(entry.source).strip()
    assert entry.inputs
    for text in (entry.tex, entry.title):
        assert text.count("{") == text.count("}"), text
    if isinstance(entry, Rule):
        assert set(entry.partials) == set(entry.partials_tex) == set(entry.differentiable)
        assert all(tex.strip() and tex.count("{") == tex.count("}") for tex in entry.partials_tex.values())


def test_chapters_are_modules_and_all_of_them_are_loaded():
    names = {module.__name__.rpartition(".")[2] for module in CHAPTERS}
    assert names == {entry.chapter for entry in ENTRIES}
    assert len(names) == len(CHAPTERS)
    assert CATALOGUE_VERSION


def test_titles_tell_the_entries_of_a_chapter_apart():
    seen = {}
    for entry in ENTRIES:
        other = seen.setdefault((entry.chapter, entry.title), entry)
        assert other is entry, f"{other.id} and {entry.id} have the same title"


def test_a_dimension_and_a_static_input_of_one_entry_have_different_names():
    """Both are choices by name: one would silently take the other's value."""
    for entry in ENTRIES:
        sizes = {size for spec in entry.inputs.values() for size in getattr(spec, "shape", ()) if isinstance(size, str)}
        static = {name for name, spec in entry.inputs.items() if not hasattr(spec, "shape")}
        assert not sizes & static, entry.id
