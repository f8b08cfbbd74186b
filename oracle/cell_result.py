"""What a cell came to, counted example by example."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..strategies.shapes import describe
from .counterexample import CellKey, Counterexample
from .judge import Outcome
from .status import CellStatus, Verdict


@dataclass
class CellResult:
    """What a cell came to."""

    key: CellKey
    status: CellStatus
    reason: str = ""
    derived: bool = False
    examples: int = 0
    components: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    conventions: Counter[str] = field(default_factory=Counter)
    bias: dict[str, float] = field(default_factory=dict)
    worst: float = 0.0
    strong: bool = False
    counterexamples: list[Counterexample] = field(default_factory=list)

    def tally(self, example: Any, outcome: Outcome) -> None:
        """Count one example."""
        if not outcome.met:
            self.verdicts["hypothesis not met"] += 1
            return
        self.examples += 1
        self.shapes[describe(example.assignment)] += 1
        self.classes.update(example.classes.values())
        if example.at_kink:
            self.classes["at a kink"] += 1
        judgement = outcome.judgement
        if judgement is None:
            self.verdicts[str(outcome.verdict)] += 1
            return
        self.components += len(judgement.grades)
        for grade in judgement.grades:
            self.verdicts["weak" if grade.weak and grade.verdict is Verdict.RIGHT else str(grade.verdict)] += 1
            if grade.verdict is Verdict.RIGHT and math.isfinite(grade.error):
                self.worst = max(self.worst, grade.error)
        if judgement.grades or outcome.facts:
            self.strong |= outcome.verdict in (Verdict.RIGHT, Verdict.INACCURATE)
        for theta in judgement.theta:
            self.conventions[f"θ = {theta:.4g}"] += 1
