"""The bias test: how often a correct implementation is accused, and which planted errors are seen.

    python benchmarks/bias.py --batches 20 --rows 1024 --backend torch --backend jax --backend autograd

Every element-wise rule is tried on batches of inputs drawn afresh: on the reference backend (correctly rounded) and on each
library, as it is, and with every derivative multiplied by 1 + δ for planted relative errors δ that no single input shows.
Accused without a planted error: a false alarm, unless the mean error printed beside it is a defect of the library.
The exit status is 1 where the reference backend is accused.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.oracle.bias import Bias, batch, of_batch
from gradlaw.oracle.cell import flushing
from gradlaw.oracle.judge import run_derivative
from gradlaw.oracle.protocol import Backend, load_backend
from gradlaw.oracle.status import Verdict
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.formats import dtype_of

PLANTED = {"float32": (1e-7, 3e-7, 1e-6), "float64": (2e-16, 5e-16, 2e-15)}


def answers(backend: Backend, dtype: np.dtype, rows: int, seed: int) -> Iterator[tuple[Rule, object, list[float]]]:
    """Every element-wise rule that the backend can differentiate, with a batch and the backend's answer."""
    for rule in CATALOGUE.entries.values():
        if not isinstance(rule, Rule):
            continue
        made = batch(rule, dtype, "reverse", seed, rows, flushing(backend, dtype.name))
        if made is None or made.exact is None or made.outputs is None or made.exact.choices:
            continue
        try:
            with backend.scope(), np.errstate(all="ignore"):
                yield rule, made, run_derivative(backend, made.problem, dtype, None)
        except Exception:
            continue  # what the backend cannot do is not measured here


def multiplied(got: list[float], labels: list, delta: float, dtype: np.dtype) -> list[float]:
    """The answer with a relative error in all derivatives, rounded to the format."""
    return [
        g if label.part == "primal" else float(dtype.type(g * (1 + delta)))
        for g, label in zip(got, labels, strict=True)
    ]


def derivatives(found: list[Bias]) -> list[Bias]:
    return [one for one in found if one.part != "primal"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--backend", action="append", default=[])
    parser.add_argument("--dtype", action="append", default=[])
    options = parser.parse_args()
    accused_reference = 0
    for name in ["reference", *(options.backend or ["autograd", "jax", "torch"])]:
        backend = load_backend(name)
        for dtype in map(dtype_of, options.dtype or PLANTED):
            start, tried, accused, largest = time.perf_counter(), 0, Counter(), (0.0, "")
            seen, hidden, planted = Counter(), Counter(), Counter()
            for seed in range(options.batches):
                for rule, made, got in answers(backend, dtype, options.rows, seed):
                    for one in of_batch(made, got):
                        tried += 1
                        if one.found:
                            accused[f"{rule.id} {one.part} ({one.mean:+.2f} u)"] += 1
                        largest = max(largest, (abs(one.relative), f"{rule.id} {one.part}, mean {one.mean:+.2f} u"))
                    for delta in PLANTED.get(dtype.name, ()):
                        bad = multiplied(got, made.exact.outputs.labels, delta, dtype)
                        found = derivatives(of_batch(made, bad))
                        planted[delta] += len(found)
                        seen[delta] += sum(one.found for one in found)
                        verdicts = Counter(grade.verdict for grade in judge(made, bad).grades)
                        hidden[delta] += not (verdicts[Verdict.WRONG] or verdicts[Verdict.INACCURATE])
            print(f"{name} {dtype}: {sum(accused.values())} of {tried} parts accused as they are", end="")
            print(f"; the largest mean is {largest[0]:.2f} of what is allowed, {largest[1]}")
            for which, count in accused.items():
                print(f"    accused {count} times: {which}")
            for delta in planted:
                print(
                    f"    planted {delta:.0e}: seen in {seen[delta]} of {planted[delta]} derivatives; "
                    f"in {hidden[delta]} batches no single component shows it"
                )
            print(f"    {time.perf_counter() - start:.0f} s", flush=True)
            accused_reference += sum(accused.values()) * (name == "reference")
    return 1 if accused_reference else 0


if __name__ == "__main__":
    sys.exit(main())
