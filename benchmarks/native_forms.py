"""What native operations return at random inputs of every magnitude, subnormal to overflowing, ties and edges among them.

    python benchmarks/native_forms.py --rows 20000 --backend torch --identity 'elementary.*' --dtype float32

For each native operation in the backends' tables and each dtype: the part of the components (value and gradient) that is
right, inaccurate, wrong, weak evidence or no claim, and the largest error of a strong one in units in the last place.
This is how the constants of the model are found, and which further forms an identity needs. ``--composed`` does the same for
the composed text. A component that is wrong is evaluated by the definition; the exit status is 1 where that disagrees.
``--table`` prints in place of all that one line an identity: of each backend's operations the largest parts outside.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from false_alarms import LENGTH_OF_DATA, confirmed_alone, sizes
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.oracle.answers import BadAnswer
from gradlaw.oracle.cell import flushing, variants
from gradlaw.oracle.constants import Format, format_of
from gradlaw.oracle.counterexample import COMPOSED
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import problem_of
from gradlaw.oracle.judge import run_derivative
from gradlaw.oracle.natives import MissingOperation
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.protocol import Backend, NotInstalled, Unsupported, load_backend
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.verdict import Judgement, judge
from gradlaw.strategies.draw import draw
from gradlaw.strategies.formats import USUAL, dtype_of

WORDS = ("right", "weak", "inaccurate", "wrong", "no claim")
_CONFIRMED_AT_MOST = 20


@dataclass
class Measured:
    """What one operation came to."""

    counts: Counter = field(default_factory=Counter)
    largest: float = 0.0
    at: str = ""
    unanswered: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)

    @property
    def components(self) -> int:
        return sum(self.counts.values())

    def tally(self, problem: Derivative, judgement: Judgement, model: Format) -> None:
        """Count an example's components; confirm the first accusations."""
        for k, grade in enumerate(judgement.grades):
            weak = grade.weak and grade.verdict is Verdict.RIGHT
            self.counts["weak" if weak else str(grade.verdict)] += 1
            truth, got = judgement.truth[k], judgement.got[k]
            if not grade.weak and grade.verdict in (Verdict.RIGHT, Verdict.INACCURATE) and np.isfinite(got):
                normal = abs(truth) > model.smallest_normal  # below it a unit in the last place is larger
                error = float((abs(truth - got) / (abs(truth) * model.ulp)).mid()) if normal else 0.0
                if error > self.largest:
                    self.largest, self.at = error, f"{judgement.labels[k]} = {got!r}, {grade.verdict}"
            if grade.verdict is Verdict.WRONG and len(self.wrong) + len(self.disputed) < _CONFIRMED_AT_MOST:
                found = confirmed_alone(problem, judgement, k, model)
                index = judgement.labels[k].index
                at = {name: x[index] if len(index) == np.ndim(x) == 1 else x for name, x in problem.arguments.items()}
                text = f"{judgement.labels[k]} = {got!r}, not {found.low[:20]} at {at}: {found.reason}"
                (self.wrong if found.confirmed else self.disputed).append(text)


def measure(rule: Rule, backend: Backend, function: Callable[..., Any] | None, dtype: np.dtype, rows: int) -> Measured:
    """A rule's variant at examples of at least ``rows`` components, forward and reverse in turn."""
    result, rng, flush = Measured(), np.random.default_rng([*rule.id.encode()]), flushing(backend, dtype.name)
    for number in range(rows):
        if result.components >= rows or sum(result.unanswered.values()) > 50:
            break
        example = draw(rng.bytes(LENGTH_OF_DATA), rule.inputs, dtype, rule.kink_at, given=sizes(rule, rng))
        problem = problem_of(rule, example, {}, ("forward", "reverse")[number % 2])
        assert isinstance(problem, Derivative)
        try:
            with backend.scope(), np.errstate(all="ignore"):
                got = run_derivative(backend, problem, dtype, function)
        except (Unsupported, MissingOperation) as error:
            result.unanswered[str(error)] += 1
            break
        except BadAnswer as error:
            result.unanswered[str(error)] += 1
            continue
        except Exception as error:
            result.unanswered[f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"] += 1
            continue
        model = format_of(dtype)
        result.tally(problem, judge(enclose(problem, model, flush=flush), got), model)
    return result


def table(outside: dict[str, dict[str, list[Measured]]], names: Sequence[str]) -> str:
    """A Markdown table: for each identity and backend the largest parts of inaccurate and of wrong components, in percent."""
    lines = ["| identity | " + " | ".join(names) + " |", "|---" * (1 + len(names)) + "|"]
    for identity, by_backend in outside.items():
        cells = []
        for name in names:
            found = [one for one in by_backend.get(name, []) if one.components]
            parts = [max(one.counts[word] / one.components for one in found) for word in WORDS[2:4]] if found else []
            words = [f"{100 * part:.2g} {mark}" for part, mark in zip(parts, "≈✗", strict=False) if part]
            cells.append(" ".join(words) or ("0" if found else "–"))
        lines.append(f"| {identity} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def operations(
    names: Sequence[str], patterns: Sequence[str], dtypes: Sequence[str], *, composed: bool
) -> Iterator[tuple[Backend, Rule, str, Callable[..., Any] | None, np.dtype]]:
    """What is measured: the backends' variants of the rules that match a pattern, in each dtype. A backend that is not
    there is named and left out.
    """
    rules = [rule for rule in CATALOGUE.entries.values() if isinstance(rule, Rule)]
    for name in names:
        try:
            backend = load_backend(name)
        except NotInstalled as error:
            print(f"{name}: {error}")
            continue
        for rule in (rule for rule in rules if any(fnmatchcase(rule.id, pattern) for pattern in patterns)):
            for variant, function in variants(rule, backend).items():
                if variant != COMPOSED or composed:
                    yield from ((backend, rule, variant, function, dtype_of(d)) for d in dtypes if d in backend.dtypes)


def line(what: str, dtype: np.dtype, found: Measured) -> str:
    """What an operation came to, and what it gave no answer to or was wrong at."""
    parts = [found.counts[word] / max(1, found.components) for word in WORDS]
    numbers = "".join(f"{part:12.2%}" if part else f"{'–':>12}" for part in parts)
    lines = [
        f"{what:58.58} {dtype.name:9}{numbers}   {found.largest:.3g} ulp ({found.at}), {found.components} components"
    ]
    lines += [f"    no answer, {count} times: {why}" for why, count in found.unanswered.most_common(2)]
    lines += [f"    wrong, confirmed by the definition {len(found.wrong)} times: {text}" for text in found.wrong[:1]]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000, help="components for each operation, dtype")
    parser.add_argument("--backend", action="append", default=[])
    parser.add_argument("--identity", action="append", default=[], help="a glob of ids")
    parser.add_argument("--dtype", action="append", default=[])
    parser.add_argument("--composed", action="store_true", help="the composed text as well")
    parser.add_argument("--table", action="store_true", help="one line an identity")
    options = parser.parse_args()
    disputed = 0
    names = options.backend or ["autograd", "jax", "torch"]
    outside: dict[str, dict[str, list[Measured]]] = {}
    if not options.table:
        print(f"{'operation':58} {'dtype':9}" + "".join(f"{word:>12}" for word in WORDS) + "   largest error")
    chosen = operations(names, options.identity or ["*"], options.dtype or USUAL, composed=options.composed)
    for backend, rule, variant, function, dtype in chosen:
        found = measure(rule, backend, function, dtype, options.rows)
        what = f"{backend.name} {rule.id} {variant.removeprefix('native:')}"
        disputed += len(found.disputed)
        outside.setdefault(rule.id, {}).setdefault(backend.name, []).append(found)
        for text in found.disputed:
            print(f"DISPUTED {what}: {text}")
        if not options.table:
            print(line(what, dtype, found), flush=True)
    if options.table:
        print(table(outside, names))
    print(f"accusations that the definition does not confirm: {disputed}")
    return 1 if disputed else 0


if __name__ == "__main__":
    sys.exit(main())
