"""How many components a correct-looking library gets accused of: the measure by which the oracle is believed.

    python benchmarks/false_alarms.py --components 1000000 --backend autograd --backend jax --backend torch

    python benchmarks/false_alarms.py --components 200000 --dtype float16 --dtype bfloat16
    python benchmarks/false_alarms.py --order 2 --components 200000 --backend torch

Random examples of every rule, at larger sizes than the suite's, are put to the composed form and to all native operations
until each backend and dtype has the wanted number of components. Every *wrong* verdict, of one answer the first eight, is
evaluated once more by the definition at 60 digits: confirmed it is a defect of the library, else it is a false alarm, and
the exit status is 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.oracle.cell import flushing, variants
from gradlaw.oracle.confirm import Confirmation, confirm
from gradlaw.oracle.constants import Format, format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.examples import problem_of
from gradlaw.oracle.judge import try_example
from gradlaw.oracle.limits import CellTimeout, time_limit
from gradlaw.oracle.modes import FIRST, HESSIAN, SECOND
from gradlaw.oracle.orders import Higher
from gradlaw.oracle.problems import Derivative, Label
from gradlaw.oracle.protocol import load_backend
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.together import confirm_component
from gradlaw.oracle.verdict import Judgement
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.formats import USUAL, dtype_of
from gradlaw.strategies.shapes import choices
from gradlaw.strategies.specs import ArrayInput

# Several bytes an example more than the suite draws: larger arrays, all of their elements drawn.
LENGTH_OF_DATA = 8 * LENGTH

MODES = {1: FIRST, 2: tuple(mode for mode in SECOND if mode != HESSIAN)}
"""Of the first and of the second order; a Hessian has the components of the nestings, for small arguments only."""

MOST = 8
"""Wrong components of one answer that are confirmed each: a wrong formula is wrong in all."""

SECONDS = 10
"""For one confirmation: Bessel functions at 10³⁰⁰ take minutes."""

_PAIRS = [((64,), (64,)), ((8, 8), (8,)), ((64,), ()), ((8, 1), (1, 8)), ((), (8, 8))]


def sizes(rule: Rule, rng: np.random.Generator) -> dict[str, Any]:
    """A few sizes, most of them large: many components for each example, and few compilations for JAX."""
    made: dict[str, Any] = {}
    named = [choice for choice in choices(rule.inputs) if isinstance(choice.spec, ArrayInput) and not choice.spec.group]
    largest = {1: 64, 2: 8}.get(len(named), 4)
    for choice in named:
        size = int(rng.choice((1, 3, largest, largest)))
        made[choice.name] = max(choice.minimum, min(size, choice.largest or size))
    for spec in rule.inputs.values():
        if isinstance(spec, ArrayInput) and spec.group:
            pair = _PAIRS[rng.integers(len(_PAIRS))]
            made[spec.group] = pair if spec.members == 2 else pair[:1]
    return made


def confirmed_alone(problem: Derivative, judgement: Judgement, k: int, model: Format) -> Confirmation:
    """Whether a component is certainly wrong; where it depends on its own entries alone, by a problem of only these."""
    alone, label = _alone(problem, judgement.labels[k])
    if alone is not None and not judgement.at_kink:
        try:
            found = enclose(alone, model).exact
        except IndexError:  # a function of so many elements and no fewer
            found = None
        truth = dict(zip(found.outputs.labels, found.outputs.balls, strict=True)) if found else {}
        if label in truth and truth[label].overlaps(judgement.truth[k]):
            return confirm(alone, label, judgement.got[k], radius=float(judgement.radius[k]))
    return confirm_component(problem, judgement, k)


def _alone(problem: Derivative, label: Label) -> tuple[Derivative | None, Label]:
    """The problem and the component at one place of the last axis, if all arrays have it; whether it tells, the truth says."""
    arrays = [x for x in problem.arguments.values() if isinstance(x, np.ndarray)]
    shapes = {x.shape for x in arrays if x.shape}
    if not label.index or len(shapes) != 1 or shapes != {problem.out_shape[-1:]}:
        return None, label
    place = label.index[-1]

    def cut(x: Any) -> Any:
        return x[..., place : place + 1] if isinstance(x, np.ndarray) and x.shape else x

    inner: dict[str, Any] = {}
    if isinstance(problem, Higher):
        along = [{name: cut(x) for name, x in tangents.items()} for tangents in problem.inner_tangents]
        inner = {"inner_tangents": along, "inner_cotangent": cut(problem.inner_cotangent)}
    alone = replace(
        problem,
        arguments={name: cut(x) for name, x in problem.arguments.items()},
        tangents={name: cut(x) for name, x in problem.tangents.items()},
        cotangent=cut(problem.cotangent),
        out_shape=(*problem.out_shape[:-1], 1),
        **inner,
    )
    return alone, replace(label, index=(*label.index[:-1], 0))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--components", type=int, default=1_000_000, help="a backend and dtype")
    parser.add_argument("--backend", action="append", default=[])
    parser.add_argument("--dtype", action="append", default=[])
    parser.add_argument("--order", type=int, choices=MODES, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="for each dtype at most")
    options = parser.parse_args()
    chosen = options.backend or ["autograd", "jax", "torch"]
    rules = [entry for entry in CATALOGUE.entries.values() if isinstance(entry, Rule)]
    modes = MODES[options.order]
    false_alarms = 0
    for dtype in map(dtype_of, options.dtype or USUAL):
        names = [name for name in chosen if dtype.name in load_backend(name).dtypes]
        counts = {name: Counter() for name in names}
        confirmed: dict[tuple[str, str], list[str]] = defaultdict(list)
        start, rng, k = time.perf_counter(), np.random.default_rng([options.seed, format_of(dtype).bits]), 0
        while min(counts[name]["components"] for name in names) < options.components:
            if time.perf_counter() - start > options.seconds:
                break
            rule, mode = rules[k % len(rules)], modes[k // len(rules) % len(modes)]
            k += 1
            example = draw(rng.bytes(LENGTH_OF_DATA), rule.inputs, dtype, rule.kink_at, given=sizes(rule, rng))
            problem = problem_of(rule, example, {}, mode)
            forms = [(name, form) for name in names for form in variants(rule, load_backend(name)).items()]
            for name, (variant, function) in forms:
                backend = load_backend(name)
                outcome = try_example(backend, problem, dtype, flush=flushing(backend, dtype.name), function=function)
                judgement = outcome.judgement
                if judgement is None:  # the suite's business, which judges it
                    counts[name][f"no numbers ({outcome.kind or outcome.verdict})"] += 1
                    continue
                counts[name]["components"] += len(judgement.got)
                counts[name].update(str(grade.verdict) for grade in judgement.grades)
                counts[name]["weak"] += sum(grade.weak for grade in judgement.grades)
                wrong = [k for k, grade in enumerate(judgement.grades) if grade.verdict is Verdict.WRONG]
                counts[name]["wrong, by the formula of others that are confirmed"] += max(0, len(wrong) - MOST)
                for component in wrong[:MOST]:
                    try:
                        with time_limit(SECONDS):
                            found = confirmed_alone(problem, judgement, component, format_of(dtype))
                    except CellTimeout:
                        counts[name][f"wrong, whose definition takes more than {SECONDS} s"] += 1
                        continue
                    label, value = judgement.labels[component], judgement.got[component]
                    if found.confirmed:
                        confirmed[name, f"{rule.id}, {variant}"].append(f"{mode} {label} = {value!r}, not {found.low}")
                        continue
                    false_alarms += 1
                    print(f"FALSE ALARM {name} {rule.id} {variant} {mode} {dtype}: {label} = {value!r}")
                    print(f"  {found.reason}; arguments {problem.arguments}", flush=True)
        for name in names:
            total = counts[name]["components"]
            words = ", ".join(f"{word} {n:,}" for word, n in sorted(counts[name].items()) if word != "components")
            print(f"{name} {dtype}: {total:,} components in {k:,} examples: {words}")
            for (who, rule), texts in sorted(confirmed.items()):
                if who == name:
                    print(f"    confirmed at 60 digits: {rule}, {len(texts)} components: {texts[0]}")
        print(f"{dtype}: {time.perf_counter() - start:.0f} s", flush=True)
    print(f"false alarms: {false_alarms}")
    return 1 if false_alarms else 0


if __name__ == "__main__":
    sys.exit(main())
