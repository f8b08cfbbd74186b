"""The search: deterministic, finds a planted failure, shrinks it to a short one, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from gradlaw.identities import CATALOGUE
from gradlaw.strategies import vector
from gradlaw.strategies.draw import LENGTH, draw
from gradlaw.strategies.search import PROFILES, SHRINK_ATTEMPTS, search, seed_of
from gradlaw.strategies.values import CLASSES

FLOAT64 = np.dtype("float64")
SEED = 0x1F28A500ADC420EB


def visited(seed, examples=60):
    """The byte strings that a search without failures tries."""
    strings = []
    assert search(lambda data: strings.append(data) or True, examples=examples, seed=seed) is None
    return strings


def test_the_same_seed_gives_the_same_strings():
    first = visited(7)
    assert first == visited(7)
    assert first != visited(8)
    assert all(len(data) == LENGTH for data in first)


def test_as_many_examples_as_asked_for_and_different_ones():
    for examples in (1, 8, 30, 200):
        strings = visited(1, examples)
        assert len(strings) == examples
        assert len(set(strings)) >= 0.9 * examples


def test_no_two_examples_choose_sizes_and_classes_by_the_same_bytes():
    for seed in range(5):
        assert len({data[:64] for data in visited(seed, 30)}) == 30


def test_the_strings_are_varied_in_every_place():
    strings = np.array([list(data) for data in visited(3, 200)])
    assert all(len(np.unique(strings[:, place])) > 20 for place in range(LENGTH))


def test_examples_from_the_search_reach_all_value_classes_and_kinks():
    entry = CATALOGUE.entries["elementwise.maximum"]
    examples = [draw(data, entry.inputs, FLOAT64, entry.kink_at) for data in visited(5, 300)]
    classes = Counter(name for example in examples for name in example.classes.values())
    assert len(classes) == len(CLASSES)
    assert sum(example.at_kink for example in examples) >= 15
    assert len({example.arguments["w"].shape for example in examples}) == 9


def test_seeds_depend_on_every_part_and_on_nothing_else():
    assert seed_of("a", "b") == seed_of("a", "b")
    assert len({seed_of("a", "b"), seed_of("a", "c"), seed_of("b", "a"), seed_of("a", "b", 0), seed_of()}) == 5
    # A seed that differed between versions or processes would make reports incomparable.
    assert seed_of("relu.relu", "torch", "forward", "float32") == SEED


INPUTS = {"w": vector("n"), "x": vector("m")}


def has_large_pair(data):
    """A planted failure: both vectors have at least two elements and x has one above 50."""
    arguments = draw(data, INPUTS, FLOAT64).arguments
    return len(arguments["w"]) >= 2 and len(arguments["x"]) >= 2 and bool((arguments["x"] > 50).any())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_planted_failure_is_found_and_shrunk(seed):
    calls = []

    def attempt(data):
        calls.append(data)
        return not has_large_pair(data)

    found = search(attempt, examples=400, seed=seed)
    assert found is not None
    assert has_large_pair(found)
    first = next(data for data in calls if has_large_pair(data))
    after = len(calls) - 1 - calls.index(first)
    assert after <= SHRINK_ATTEMPTS + 1
    arguments = draw(found, INPUTS, FLOAT64).arguments
    # Readable: two short vectors, and bytes that are nearly all zero where they do not matter.
    assert len(arguments["w"]) + len(arguments["x"]) <= 8
    assert found <= first
    assert sum(byte != 0 for byte in found) <= 40 < sum(byte != 0 for byte in first)


@pytest.mark.parametrize("limit", [0, 5, 60])
def test_shrinking_ends_where_its_limit_says(limit):
    calls = []

    def attempt(data):
        calls.append(data)
        return not has_large_pair(data)

    found = search(attempt, examples=400, seed=1, shrink=limit)
    assert has_large_pair(found)
    first = next(data for data in calls if has_large_pair(data))
    assert len(calls) - 1 - calls.index(first) == limit


def test_what_fails_always_shrinks_to_the_simplest_example():
    found = search(lambda data: False, examples=10, seed=0)
    assert found == bytes(LENGTH)


def test_a_failure_that_no_example_shows_is_not_reported():
    assert search(lambda data: True, examples=20, seed=0) is None


def test_examples_whose_hypothesis_is_not_met_do_not_count():
    met, tried = [], []

    def attempt(data):
        tried.append(data)
        if data[0] % 2:
            return None
        met.append(data)
        return True

    assert search(attempt, examples=30, seed=4) is None
    assert len(met) == 30 < len(tried)
    assert search(lambda data: None, examples=5, seed=0) is None


def test_an_error_in_the_attempt_is_not_swallowed():
    def attempt(data):
        raise ZeroDivisionError("planted")

    with pytest.raises(ZeroDivisionError, match="planted"):
        search(attempt, examples=3, seed=0)


def test_the_profiles_go_from_fast_to_deep():
    fast, ci, deep = (PROFILES[name] for name in ("fast", "ci", "deep"))
    assert fast.examples < ci.examples < deep.examples
    assert fast.seconds <= ci.seconds <= deep.seconds
    assert [p.deep for p in (fast, ci, deep)] == [False, False, True]
    assert all(name == profile.name for name, profile in PROFILES.items())


SCRIPT = """
import hashlib, sys
{extra}
from gradlaw.strategies.search import search
digest = hashlib.sha256()
search(lambda data: digest.update(data) or True, examples=120, seed=11)
failing = search(lambda data: not (data[0] > 9 and data[300] > 200), examples=200, seed=11)
print(digest.hexdigest(), failing.hex())
"""
EXTRA = """
sys.path.insert(0, '.')
import constants_to_pick_up
"""


def run(script, folder):
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_other_modules_have_no_say_and_no_folder_is_written(tmp_path):
    """Hypothesis collects constants of the user's modules; a fixed-length string must not be drawn from them."""
    numbers = ", ".join(str(2**k + k) for k in range(5, 70))
    lengths = (1, 8, 16, 32, 50, 64, 128, LENGTH)
    strings = ", ".join(repr(bytes([k] * length)) for length in lengths for k in range(1, 20))
    (tmp_path / "constants_to_pick_up.py").write_text(
        f"NUMBERS = [{numbers}]\nSTRINGS = [{strings}]\n\n\ndef f(x):\n    return x in (123456789, b'needle')\n"
    )
    without = run(SCRIPT.format(extra=""), tmp_path)
    assert without == run(SCRIPT.format(extra=EXTRA), tmp_path)
    assert {path.name for path in Path(tmp_path).iterdir()} <= {"constants_to_pick_up.py", "__pycache__"}
