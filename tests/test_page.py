"""The HTML report: it shows all that is in the records, and obeys nothing that is in them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from gradlaw.oracle import ledger
from gradlaw.reports import page
from gradlaw.reports.mathml import ELEMENTS
from gradlaw.reports.page import ORDER, render, write
from gradlaw.reports.records import BackendInfo, Cell, Failure, NumericEvidence, Proof, ProofStep, Report, Status
from sample_report import empty_report, failure, sample_report

VOID = {"meta", "link", "br", "hr", "img", "input"}
FORMULAS = {"tex", "partials"}
FIXED = {"status", "kind", "schema"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</pre></code></details></style></script><svg onload=alert(1)>",
    "--><iframe src=//evil.example></iframe><!--",
    "{{ 7 * 7 }}{% raw %}",
    r"\text{<script>alert(1)</script>}",
    "javascript:alert(1)",
    "&lt;script&gt;",
]


class Page(HTMLParser):
    """The elements, attributes and texts that a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.stack: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.text = ""
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self.stack:
            self.texts[tag][-1] += data
        if not {"script", "style"} & set(self.stack):
            self.text += data

    def of_class(self, name: str) -> list[dict[str, str]]:
        return [attributes for _, attributes in self.elements if name in attributes.get("class", "").split()]

    def tags(self) -> Counter[str]:
        return Counter(tag for tag, _ in self.elements)


def rewritten(report: Report, change: Callable[[str], str], formulas: bool = False) -> Report:
    """The same report with every free string changed, the keys of dictionaries included."""

    def walk(value: Any) -> Any:
        if isinstance(value, msgspec.Struct):
            fields = {f: getattr(value, f) for f in value.__struct_fields__}
            fixed = FIXED - {"kind"} if isinstance(value, Failure) else FIXED
            kept = {f for f in fields if f in fixed or (f in FORMULAS and not formulas)}
            return type(value)(**{f: v if f in kept else walk(v) for f, v in fields.items()})
        if isinstance(value, dict):
            return {walk(k): walk(v) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v) for v in value]
        return change(value) if isinstance(value, str) and value else value

    return walk(report)


def report_of(*statuses: Status, **run: Any) -> Report:
    """One identity on one backend, a cell for each status."""
    sample = sample_report()
    sample.identities = sample.identities[:1]
    sample.backends = sample.backends[:1]
    sample.cells = [
        Cell(
            identity=sample.identities[0].id,
            backend=sample.backends[0].name,
            variant=f"native:{number}",
            mode="reverse",
            dtype="float64",
            status=status,
        )
        for number, status in enumerate(statuses)
    ]
    sample.run.exit_status = 0
    for name, value in run.items():
        setattr(sample.run, name, value)
    return sample


@pytest.fixture(scope="module")
def sample() -> Report:
    return sample_report()


@pytest.fixture(scope="module")
def html(sample: Report) -> str:
    return render(sample)


@pytest.fixture(scope="module")
def seen(html: str) -> Page:
    return Page(html)


def headline(report: Report) -> str:
    return Page(render(report)).texts["h1"][0]


# Nothing in a report is obeyed.


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_strings_make_no_markup(sample: Report, hostile: str) -> None:
    """With any strings the page has the same elements and attribute names, in the same order, as with plain ones."""
    plain = Page(render(rewritten(sample, lambda text: "plain " + text)))
    attacked = Page(render(rewritten(sample, lambda text: hostile + text)))
    assert [(tag, list(names)) for tag, names in attacked.elements] == [(t, list(n)) for t, n in plain.elements]
    assert hostile in attacked.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_formulas_make_no_markup(sample: Report, hostile: str) -> None:
    plain = Page(render(sample))
    attacked = Page(render(rewritten(sample, lambda text: hostile + text, formulas=True)))
    assert set(attacked.tags()) <= set(plain.tags()) | ELEMENTS
    for tag in ("script", "style", "input", "a", "form", "meta", "details"):
        assert attacked.tags()[tag] == plain.tags()[tag]
    for _, attributes in attacked.elements:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "srcdoc")]


def test_nothing_is_fetched(html: str, seen: Page) -> None:
    for tag, attributes in seen.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "svg"}
        assert not {"src", "srcset", "action", "formaction", "style", "background"} & set(attributes)
        assert attributes.get("href", "#").startswith("#")
    (style,), (script,) = seen.texts["style"], seen.texts["script"]
    assert not re.search(r"url\(|@import|//[a-z]", style)
    assert not re.search(r"fetch|XMLHttpRequest|import\(|innerHTML|https?:", script)
    assert not re.search(r"https?://", html)


def test_policy_admits_exactly_this_script_and_this_style(seen: Page) -> None:
    (policy,) = [a["content"] for _, a in seen.elements if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (text,) = seen.texts[tag]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


def test_control_and_direction_characters_are_shown() -> None:
    sample = sample_report()
    sample.run.problems = ["\x1b[31mred\x1b[0m \u202etxet \x00 \ud800 line\r\nnext"]
    text = render(sample)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "␛[31mred␛[0m �txet ␀ � line\nnext" in text


# Everything in a report is shown.


def test_every_status_is_shown_with_glyph_and_word(seen: Page) -> None:
    totals = seen.text[: seen.text.index("To reproduce")]
    for status in get_args(Status):
        assert re.search(rf"\b\d+\s+{status.replace('_', ' ')}", totals), status
    for status in ORDER:
        chips = seen.of_class(f"s-{status.replace(' ', '-')}")
        assert any(chip.get("role") == "img" and status.replace("_", " ") in chip["aria-label"] for chip in chips)


def test_totals_add_up(sample: Report, seen: Page) -> None:
    shown = re.findall(r"\S\s+([\d,]+)\s+[a-z]", seen.text[seen.text.index("†") : seen.text.index("profile")])
    assert sum(int(number) for number in shown) == len(sample.cells)


def test_matrix_has_a_row_for_every_identity_and_a_column_for_every_backend(sample: Report, seen: Page) -> None:
    rows = seen.of_class("row")
    assert len(rows) == len(sample.identities)
    for identity, row in zip(sample.identities, rows, strict=True):
        assert row["data-name"] == f"{identity.id} {identity.title}"
        keys = {mark.split(":")[0] for mark in row["data-has"].split()}
        assert keys == {"proofs", "numeric", *(str(index) for index in range(len(sample.backends)))}
    assert len(seen.of_class("mark")) == len(rows) * (len(sample.backends) + 2)
    heads = [a for a in seen.of_class("column") if "aria-hidden" not in a]
    assert len(heads) == len(sample.backends) + 2


def test_rows_stand_under_their_chapters(sample: Report, seen: Page) -> None:
    assert seen.texts["h3"] == list(dict.fromkeys(identity.chapter for identity in sample.identities))


def test_links_and_labels_lead_somewhere(seen: Page) -> None:
    ids = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"][1:] for tag, attributes in seen.elements if tag == "a"]
    assert links
    assert set(links) <= set(ids)
    assert {a["aria-labelledby"] for _, a in seen.elements if "aria-labelledby" in a} <= set(ids)


def test_ids_that_differ_only_in_signs_get_different_anchors() -> None:
    sample = sample_report()
    for index, name in enumerate(["a b", "a-b", "a/b", "∂", "∇"]):
        sample.identities[index].id = name
    ids = [a["id"] for _, a in Page(render(sample)).elements if "id" in a]
    assert len(ids) == len(set(ids))


def test_a_failure_shows_both_sides_and_its_script(seen: Page, sample: Report) -> None:
    shown = {code.rstrip("\n") for code in seen.texts["code"]}
    for found in (found for cell in sample.cells for found in cell.failures):
        assert seen.text.count(found.headline) >= 2, "once in the list of failures, once in its row"
        assert found.script.rstrip("\n") in shown
        assert found.traceback.rstrip("\n") in shown | {""}
        assert found.confirmed in seen.text
        assert found.worst_expected in seen.text
        for value in found.inputs.values():
            assert value in shown
        for number in found.got:
            assert str(number) in seen.text


def test_the_same_failure_of_several_cells_is_shown_once(seen: Page) -> None:
    assert "native:jax.scipy.special.digamma: forward float32, forward float64, reverse float32" in seen.text
    assert sum("digamma(t).sum()" in text for text in seen.texts["pre"]) == 1


def test_long_sides_are_cut_and_say_so() -> None:
    report = report_of("fail")
    report.cells[0].failures = [failure("long", got=[float(i) for i in range(40)], expected=["[0 ± 1]"] * 38)]
    seen = Page(render(report))
    assert "8 more in report.json" in seen.text
    assert "31.0" in seen.text
    assert "32.0" not in seen.text


def test_wrong_numbers_are_listed_before_wrong_dtypes() -> None:
    report = sample_report()
    identities = [identity.id for identity in report.identities]
    report.cells.sort(key=lambda cell: identities.index(cell.identity))
    first, last = report.cells[0], report.cells[-1]
    first.status = last.status = "fail"
    first.failures, last.failures = [failure("a wrong dtype", kind="dtype")], [failure("a wrong number")]
    text = render(report)
    failures = text[text.index('id="failures"') : text.index('id="inaccuracies"')]
    assert failures.index("a wrong number") < failures.index("a wrong dtype")


def test_numbers_that_are_evidence_are_exact() -> None:
    report = report_of("fail")
    report.cells[0].failures = [failure("x", worst_got=0.30000000000000004, allowed_radius=float("inf"))]
    text = Page(render(report)).text
    assert "0.30000000000000004" in text
    assert "inf" in text


def test_wrong_and_inaccurate_are_listed_apart(html: str) -> None:
    failures, inaccurate = html.index('id="failures"'), html.index('id="inaccuracies"')
    identities = html.index('id="identities"')
    assert failures < inaccurate < identities
    assert "jax quotient" not in html[failures:inaccurate]
    assert "jax quotient" in html[inaccurate:identities]
    mixed = report_of("fail", "inaccurate", "vacuous")
    text = render(mixed)
    assert 'id="failures"' in text
    assert 'id="inaccuracies"' in text
    assert "vacuous" not in Page(text).text[: Page(text).text.index("Failures")].split("To reproduce")[1]


def test_proofs_are_condensed(seen: Page) -> None:
    assert "proved at 4 shapes" in re.sub(r"\s+", " ", seen.text)
    assert "n = 0, n = 1, n = 2, n = 3" in seen.text


def test_the_run_can_be_reproduced_from_the_page(sample: Report, seen: Page) -> None:
    assert sample.run.command in seen.texts["code"]
    for fact in (sample.run.profile, str(sample.run.seed), sample.run.gradlaw, sample.run.python, sample.run.platform):
        assert fact in seen.texts["dd"]
    assert "6 min 52 s" in seen.text
    for backend in sample.backends:
        assert backend.version in seen.text
    assert "not installed: No module named 'tensorflow'" in seen.text
    assert "float32 flushed, float64 flushed" in seen.text


def test_what_only_a_cell_mentions_is_shown() -> None:
    report = report_of("pass")
    stray = Cell(identity="lost.identity", backend="lost", variant="composed", mode="m", dtype="d", status="fail")
    report.cells.append(stray)
    seen = Page(render(report))
    assert len(seen.of_class("row")) == 2
    assert len(seen.of_class("mark")) == 2 * 4
    assert "Not in the catalogue" in seen.texts["h3"]
    assert any("lost: fail" in chip.get("aria-label", "") for chip in seen.of_class("chip"))


# The verdict is no better than the run was.


@pytest.mark.parametrize("worse", range(len(get_args(Status)) - 1))
def test_a_group_shows_its_worst_status(worse: int) -> None:
    statuses: tuple[Status, ...] = get_args(Status)
    seen = Page(render(report_of(*reversed(statuses[worse:]))))
    label = f"autograd: {statuses[worse].replace('_', ' ')}, 1/{len(statuses) - worse}"
    assert label in [chip.get("aria-label") for chip in seen.of_class("chip")]


@pytest.mark.parametrize(
    ("statuses", "run", "sentence"),
    [
        (["pass", "pass", "no_claim", "not_run"], {}, "Everything that was judged is right."),
        (["pass", "fail"], {}, "1 of 2 cells fails: 1 on autograd."),
        (["pass", "vacuous", "crash", "unsupported"], {}, "2 of 3 cells fail: 2 on autograd."),
        (["pass", "inaccurate"], {}, "Nothing is wrong; 1 of 2 cells is inaccurate."),
        (["pass"], {"complete": False}, "Everything that was judged is right, but the run is incomplete."),
        (["pass"], {"exit_status": 3}, "Everything that was judged is right, but the run ended with status 3."),
        (["no_claim", "unsupported"], {}, "No cell was judged."),
        (["not_run"], {}, "No cell was judged."),
        ([], {}, "No cell was judged."),
    ],
)
def test_headline(statuses: list[Status], run: dict[str, Any], sentence: str) -> None:
    assert headline(report_of(*statuses, **run)) == sentence


def test_a_refuted_closed_form_is_a_failure_of_the_catalogue() -> None:
    report = report_of("pass")
    report.identities[0].proofs.append(
        Proof(judge="finite field", argument="w", sizes="n = 3", status="refuted", reason="sign of the second entry")
    )
    seen = Page(render(report))
    assert seen.texts["h1"] == ["The catalogue contradicts itself in 1 identity."]
    assert "finite field, w: sign of the second entry" in seen.text
    assert any(chip.get("aria-label") == "proofs: refuted, 1/2" for chip in seen.of_class("chip"))
    report.cells[0].status = "fail"
    assert headline(report) == "1 of 1 cells fails: 1 on autograd; and the catalogue contradicts itself in 1 identity."


def test_failed_numeric_evidence_is_a_failure_of_the_catalogue() -> None:
    report = report_of("pass")
    report.identities[0].numeric = NumericEvidence(status="fail", reason="off by a sign at n = 2")
    seen = Page(render(report))
    assert seen.texts["h1"] == ["The catalogue contradicts itself in 1 identity."]
    assert seen.text.count("off by a sign at n = 2") == 2


def test_two_judges_prove_what_a_third_leaves_undecided() -> None:
    report = report_of("pass")
    report.identities[0].proofs = [
        Proof(judge=ledger.INDEX, argument="w", sizes="all", status="proved"),
        Proof(judge=ledger.FIELD, argument="w", sizes="n=2", status="randomized proof"),
        Proof(judge=ledger.SYMPY, argument="w", sizes="n=2", status="undecided"),
        Proof(judge=ledger.INDEX, argument="x", sizes="all", status="proved"),
    ]
    labels = [chip.get("aria-label") for chip in Page(render(report)).of_class("chip")]
    assert "proofs: undecided, 1/2" in labels  # one judge alone is not enough
    report.identities[0].proofs.pop()
    labels = [chip.get("aria-label") for chip in Page(render(report)).of_class("chip")]
    assert "proofs: proved" in labels


def test_the_steps_of_a_proof_are_shown() -> None:
    report = report_of("pass")
    step = ProofStep(what="∂/∂w, entry", left=r"\delta_{i r}\,x_{i}", right=r"\delta_{i r}\,x_{r}", cases=["r = i"])
    proof = Proof(judge=ledger.INDEX, argument="w", sizes="all", status="proved", steps=[step])
    report.identities[0].proofs = [proof]
    text = Page(render(report)).text
    assert "The proof in index notation by w" in text
    assert "in the cases r = i" in text
    assert "δ" in text


def test_incomplete_run_has_a_banner(seen: Page) -> None:
    assert "INCOMPLETE" not in seen.text
    report = report_of("pass", complete=False, problems=["worker gw1 died"])
    text = Page(render(report)).text
    assert "INCOMPLETE" in text
    assert "worker gw1 died" in text


@pytest.mark.parametrize("complete", [True, False])
def test_empty_report(complete: bool) -> None:
    seen = Page(render(empty_report(complete)))
    assert seen.texts["h1"] == ["No cell was judged."]
    assert ("INCOMPLETE" in seen.text) is not complete
    assert "No identity was in this run." in seen.text
    assert "No backend took part." in seen.text
    assert not seen.of_class("row")
    assert 'id="failures"' not in render(empty_report())


# The file.


def test_the_page_depends_on_the_report_alone(sample: Report, html: str, tmp_path: Path) -> None:
    again = msgspec.json.decode(msgspec.json.encode(sample), type=Report)
    write(again, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_bytes() == html.encode()


def test_a_large_report_stays_small() -> None:
    small, large = sample_report(), sample_report()
    large.backends = large.backends[:3]
    large.identities, large.cells = [], []
    kept = {backend.name for backend in large.backends}
    for copy in range(5):
        for identity in small.identities:
            large.identities.append(msgspec.structs.replace(identity, id=f"{identity.id}.{copy}"))
        for cell in small.cells:
            if cell.backend in kept:
                large.cells.append(msgspec.structs.replace(cell, identity=f"{cell.identity}.{copy}"))
    assert len(large.cells) > 1000
    assert len(render(large).encode()) < 2_000_000


def test_many_backends_get_narrow_columns() -> None:
    report = report_of("pass")
    report.backends = [BackendInfo(name=f"b{index}", version="1", installed=True) for index in range(8)]
    assert Page(render(report)).of_class("many")


def test_every_class_of_the_page_that_carries_a_status_is_styled() -> None:
    style = (Path(page.__file__).parent / "report.css").read_text("utf-8")
    for status in ORDER:
        assert f".s-{status.replace(' ', '-')}" in style
