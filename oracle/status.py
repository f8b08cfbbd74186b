"""The words of a judgement: what one component, one example and one cell can be."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What is said of one component or one example, most serious first."""

    WRONG = "wrong"
    INACCURATE = "inaccurate"
    VACUOUS = "vacuous"
    RIGHT = "right"
    NO_CLAIM = "no claim"
    UNSUPPORTED = "unsupported"


class CellStatus(StrEnum):
    """The state of a cell identity × backend × mode × dtype, in order of precedence.

    ``disputed``: accused, and the definition does not confirm it. A bug of the oracle, never of the library.
    """

    CRASH = "crash"
    TIMEOUT = "timeout"
    ERROR = "error"
    DISPUTED = "disputed"
    FAIL = "fail"
    INACCURATE = "inaccurate"
    VACUOUS = "vacuous"
    PASS = "pass"
    NO_CLAIM = "no_claim"
    UNSUPPORTED = "unsupported"
    NOT_RUN = "not_run"

    @property
    def gates(self) -> bool:
        """Whether this state makes a run exit with status 1."""
        return self in _GATING


_GATING = {
    CellStatus.CRASH,
    CellStatus.TIMEOUT,
    CellStatus.ERROR,
    CellStatus.DISPUTED,
    CellStatus.FAIL,
    CellStatus.VACUOUS,
}
_OF_VERDICT = {
    Verdict.WRONG: CellStatus.FAIL,
    Verdict.INACCURATE: CellStatus.INACCURATE,
    Verdict.VACUOUS: CellStatus.VACUOUS,
    Verdict.RIGHT: CellStatus.PASS,
    Verdict.NO_CLAIM: CellStatus.NO_CLAIM,
    Verdict.UNSUPPORTED: CellStatus.UNSUPPORTED,
}


def cell_status(verdict: Verdict) -> CellStatus:
    """The state that a single verdict gives to a cell."""
    return _OF_VERDICT[verdict]


def worst(statuses: Iterable[CellStatus]) -> CellStatus:
    """The state of many together: the first in the order of precedence; NOT_RUN for none."""
    order = list(CellStatus)
    return min(statuses, key=order.index, default=CellStatus.NOT_RUN)
