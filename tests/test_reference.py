"""The reference backend passes: what it fails would be a defect of the catalogue or of the oracle.

The suite (``reports/suite``) runs it over the whole catalogue; here it must pass with strong evidence and the planned
number of examples.
"""

from __future__ import annotations

import pytest
from chosen import CORE, sample
from gradlaw.backends.reference import Reference
from gradlaw.identities import Law
from gradlaw.oracle.cell import keys as cell_keys
from gradlaw.oracle.cell import run_cell
from gradlaw.oracle.status import CellStatus
from gradlaw.strategies.search import PROFILES

NO_CLAIM = {"descent.lowers_the_loss": "the law concerns the mathematics alone"}
# Laws of second order are for libraries that nest.
CHOSEN = [entry for entry in (*CORE, *sample()) if not isinstance(entry, Law) or entry.order <= Reference.order]
KEYS = [
    key
    for identity in CHOSEN
    for key in cell_keys(identity, "reference", ("forward", "reverse"), ("float32", "float64"))
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_the_reference_passes(key):
    result = run_cell(key, profile=PROFILES["fast"])
    expected = CellStatus.NO_CLAIM if key.identity in NO_CLAIM else CellStatus.PASS
    assert (result.status, result.reason, result.counterexamples) == (expected, NO_CLAIM.get(key.identity, ""), [])
    if expected is CellStatus.PASS:
        assert result.strong
        assert result.examples == PROFILES["fast"].examples
        assert result.verdicts["wrong"] == result.verdicts["inaccurate"] == 0


def test_all_cells_are_there():
    assert len(KEYS) == 4 * len(CHOSEN)
    assert set(NO_CLAIM) <= {key.identity for key in KEYS}
