"""Every float16 and every bfloat16: the element-wise rules of one argument at all inputs of their domains.

    python benchmarks/every_half.py --backend torch --identity 'elementary.*'
    python benchmarks/every_half.py --step 16

63,488 float16 and 65,280 bfloat16 are few enough to leave none out (``--step 16`` takes every sixteenth). For each rule,
library and format: how many components (the value and the derivative) are right, weak, inaccurate, wrong or no claim, the
first wrong one, and the largest error in units in the last place. The first wrong components are evaluated by the
definition; the exit status is 1 where that disagrees.
"""

from __future__ import annotations

import argparse
import sys
from fnmatch import fnmatchcase

import numpy as np
from gradlaw.identities import CATALOGUE, Rule
from gradlaw.oracle.bias import batch
from gradlaw.oracle.cell import flushing, variants
from gradlaw.oracle.constants import format_of
from gradlaw.oracle.enclose import enclose
from gradlaw.oracle.judge import run_derivative
from gradlaw.oracle.problems import Derivative
from gradlaw.oracle.protocol import load_backend
from gradlaw.oracle.verdict import judge
from gradlaw.strategies.formats import HALF, dtype_of
from gradlaw.strategies.specs import ArrayInput
from native_forms import WORDS, Measured

_PIECE = 1024


def inputs_of(rule: Rule, dtype: np.dtype, step: int) -> np.ndarray | None:
    """All numbers of the format in the rule's domain; None where it is not an element-wise rule of one array alone."""
    specs = list(rule.inputs.values())
    if len(specs) != 1 or not isinstance(specs[0], ArrayInput) or batch(rule, dtype, "reverse", 0, 8, False) is None:
        return None
    values = np.arange(2**16, dtype=np.uint16)[::step].view(dtype)
    return values[specs[0].domain.contains(values)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", action="append", default=[])
    parser.add_argument("--dtype", action="append", default=[], choices=HALF)
    parser.add_argument("--identity", default="*", help="a glob of ids")
    parser.add_argument("--step", type=int, default=1)
    options = parser.parse_args()
    backends = [load_backend(name) for name in options.backend or ["autograd", "jax", "torch"]]
    disputed = 0
    print(f"{'rule':44} {'format':9}" + "".join(f"{word:>11}" for word in WORDS) + "   largest error")
    for dtype in map(dtype_of, options.dtype or HALF):
        for rule in CATALOGUE.entries.values():
            if not isinstance(rule, Rule) or not fnmatchcase(rule.id, options.identity):
                continue
            values = inputs_of(rule, dtype, options.step)
            if values is None:
                continue
            measured: dict[str, Measured] = {}
            for start in range(0, len(values), _PIECE):
                x = values[start : start + _PIECE]
                name, ones = next(iter(rule.inputs)), np.ones(x.shape, dtype)
                problem = Derivative(
                    rule.function, {name: x}, (name,), "reverse", {}, ones, rule.partials, x.shape, rule.forms
                )
                enclosed = {flush: enclose(problem, format_of(dtype), flush=flush) for flush in (False, True)}
                for backend in backends:
                    if dtype.name not in backend.dtypes:
                        continue
                    for variant, function in variants(rule, backend).items():
                        one = measured.setdefault(f"{backend.name} {variant.removeprefix('native:')}", Measured())
                        try:
                            with backend.scope(), np.errstate(all="ignore"):
                                got = run_derivative(backend, problem, dtype, function)
                        except Exception as error:
                            one.unanswered[f"{type(error).__name__}: {error}"] += 1
                            continue
                        one.tally(problem, judge(enclosed[flushing(backend, dtype.name)], got), format_of(dtype))
            for what, one in measured.items():
                disputed += len(one.disputed)
                numbers = "".join(f"{one.counts[word]:11,}" for word in WORDS)
                print(f"{rule.id + ' ' + what:44.44} {dtype.name:9}{numbers}   {one.largest:.3g} ulp", flush=True)
                for why, count in one.unanswered.most_common(1):
                    print(f"    no answer, {count} times: {why}")
                for text in one.wrong[:1]:
                    print(f"    wrong, the definition says: {text}")
                for text in one.disputed:
                    print(f"    DISPUTED: {text}")
    print(f"accusations that the definition does not confirm: {disputed}")
    return 1 if disputed else 0


if __name__ == "__main__":
    sys.exit(main())
