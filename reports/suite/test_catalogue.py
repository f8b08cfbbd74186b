"""One test a proof, one a numeric check, one a backend, one a cell. Which ones, the options of the plugin decide."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from gradlaw.reports import baseline, items
from gradlaw.reports.plugin import RECORD, state_of


def pytest_generate_tests(metafunc: Any) -> None:
    """Parametrize by the selection."""
    state = state_of(metafunc.config)
    selection = state.selection
    names = metafunc.fixturenames
    if "task" in names:
        planned = items.planned_proofs(selection)
        ids = [items.proof_id(task) for _, task in planned]
        metafunc.parametrize(("identity", "task"), planned, ids=ids)
    elif "checked" in names:
        chosen = list(selection.identities) if "numeric" in selection.modes else []
        metafunc.parametrize("checked", chosen, ids=[identity.id for identity in chosen])
    elif "backend_name" in names:
        chosen = list(selection.backends) if selection.derivative_modes else []
        metafunc.parametrize("backend_name", chosen)
    elif "key" in names:
        planned = items.planned_cells(selection)
        metafunc.parametrize("key", planned, ids=list(map(str, planned)))


@pytest.fixture(scope="session", autouse=True)
def _rare_collections() -> Iterator[None]:
    """The cyclic collector looks less often, and not at libraries and items, which stay: half its time, a tenth of a run."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture
def state(request: Any) -> Any:
    """What the options say."""
    return state_of(request.config)


def test_backend(backend_name: str, state: Any, record_property: Any) -> None:
    """The adapter passes its self-test; a backend asked for by name is there."""
    found = items.backend_record(backend_name)
    record_property(RECORD, items.encode("backend", backend_name, found))
    if not found.installed:
        if backend_name in state.selection.named:
            pytest.fail(f"the backend {backend_name} is not there: {found.reason}", pytrace=False)
        pytest.skip(f"{backend_name} is not installed: {found.reason}")
    if found.self_test:
        pytest.fail("adapter self-test: " + "; ".join(found.self_test), pytrace=False)


def test_proof(identity: Any, task: Any, state: Any, record_property: Any) -> None:
    """A judge proves the closed form, or that both sides of a law agree."""
    found = items.proof_record(identity, task, state.selection.profile)
    record_property(RECORD, items.encode("proof", identity.id, found))
    if found.status == "refuted":
        pytest.fail(f"refuted by {found.judge}: {items.proof_id(task)}: {found.reason}", pytrace=False)
    if found.status == "undecided":
        pytest.skip(f"undecided by {found.judge}: {found.reason}")


def test_numeric(checked: Any, state: Any, record_property: Any) -> None:
    """The closed form equals a certified derivative that shares no rule with it, at drawn points."""
    found = items.numeric_record(checked, state.selection.profile, state.selection.seed)
    record_property(RECORD, items.encode("numeric", checked.id, found))
    if items.fails(found.status):
        pytest.fail(f"{found.status}: {checked.id}: {found.reason}", pytrace=False)


def test_cell(key: Any, state: Any, record_property: Any) -> None:
    """A backend's derivative is right."""
    found = items.cell_record(key, state.selection.profile, state.selection.seed, state.seconds, state.memory)
    record_property(RECORD, items.encode("cell", key.identity, found))
    where = f"{key.identity} on {key.backend} ({key.variant}, {key.mode}, {key.dtype})"
    headlines = [failure.headline for failure in found.failures] or [f"{found.status}: {where}: {found.reason}"]
    text = "\n".join(headlines + [failure.traceback for failure in found.failures if failure.traceback])
    if found.status in ("not_run", "unsupported"):
        pytest.skip(f"{found.status}: {found.reason}")
    fails = items.fails(found.status)
    if state.baseline is not None:
        coordinates = (key.identity, key.backend, key.variant, key.mode, key.dtype)
        recorded = state.baseline.status(coordinates)
        if fails and (why := baseline.excuse(state.baseline, coordinates, found.status, state.catalogue)):
            pytest.xfail(f"{why}: {headlines[0]}")
        if not fails and recorded is not None and baseline.gates(recorded):
            pytest.fail(f"recorded as {recorded}, now {found.status}: {where}: update the baseline", pytrace=False)
    if fails:
        pytest.fail(text, pytrace=False)
