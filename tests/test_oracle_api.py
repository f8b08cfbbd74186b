"""The importable oracle: what other libraries call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradlaw import oracle
from gradlaw.backends.reference import Reference

BACKEND = Reference()
POINT = np.array([0.3, -2.0, 5.0])


def tanh_sum(xp: Any, x: Any) -> Any:
    return xp.sum(x * xp.tanh(x))


class Scaled(Reference):
    """All derivatives are too large by a factor."""

    factor = 2

    def vjp(self, f: Any, primals: Any, cotangent: Any) -> Any:
        y, cotangents = super().vjp(f, primals, cotangent)
        return y, [self.factor * c for c in cotangents]

    def jvp(self, f: Any, primals: Any, tangents: Any) -> Any:
        y, tangent = super().jvp(f, primals, tangents)
        return y, self.factor * tangent


def on(backend: Reference, f: Any) -> Any:
    return lambda *args: f(backend.xp, *args)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_right(dtype: str) -> None:
    verdict = oracle.check(on(BACKEND, tanh_sum), tanh_sum, [POINT], backend=BACKEND, dtype=dtype)
    assert verdict.status == "right"
    assert verdict.components > 0


def test_wrong_is_named_confirmed_and_raised() -> None:
    backend = Scaled()
    verdict = oracle.check(on(backend, tanh_sum), tanh_sum, [POINT], backend=backend)
    assert verdict.status == "wrong"
    assert verdict.got == pytest.approx(2 * float(verdict.expected))
    assert verdict.confirmed
    with pytest.raises(AssertionError) as raised:
        oracle.assert_derivative(on(backend, tanh_sum), tanh_sum, [POINT], backend=backend)
    first = str(raised.value).splitlines()[0]
    assert first.startswith("wrong derivative")
    assert verdict.expected in first


def test_a_wrong_primal_is_wrong() -> None:
    verdict = oracle.check(lambda x: BACKEND.xp.sum(x), tanh_sum, [POINT], backend=BACKEND)
    assert verdict.status == "wrong"
    assert "primal value" in verdict.headline


def test_unsupported_no_claim_and_accept() -> None:
    def missing(x: Any) -> Any:
        raise oracle.Unsupported("no such operation")

    verdict = oracle.check(missing, tanh_sum, [POINT], backend=BACKEND)
    assert verdict.status == "unsupported"
    with pytest.raises(AssertionError, match="unsupported"):
        oracle.assert_derivative(missing, tanh_sum, [POINT], backend=BACKEND)
    assert oracle.assert_derivative(missing, tanh_sum, [POINT], backend=BACKEND, accept=("unsupported",))

    def huge(xp: Any, x: Any) -> Any:
        return xp.exp(x) * xp.exp(-x)

    verdict = oracle.check(lambda x: 7 * x, huge, [np.array([1e3])], backend=BACKEND)
    assert verdict.status == "no claim"


def test_vacuous_where_rounding_hides_everything() -> None:
    def cancelling(xp: Any, x: Any) -> Any:
        return xp.sin(x * x)

    verdict = oracle.check(on(BACKEND, cancelling), cancelling, [np.array([1e9 + 0.5])], backend=BACKEND)
    assert verdict.status == "vacuous"


def test_a_raising_candidate_is_wrong_with_its_message() -> None:
    def broken(x: Any) -> Any:
        raise ZeroDivisionError("oops")

    verdict = oracle.check(broken, tanh_sum, [POINT], backend=BACKEND)
    assert verdict.status == "wrong"
    assert "ZeroDivisionError: oops" in verdict.headline


def test_static_arguments_and_wrt() -> None:
    def power(xp: Any, x: Any, n: int, y: Any) -> Any:
        return x**n * y

    args = [POINT, 3, np.array([1.0, 2.0, 0.5])]
    assert oracle.check(on(BACKEND, power), power, args, backend=BACKEND).status == "right"
    assert oracle.check(on(BACKEND, power), power, args, backend=BACKEND, wrt=2).status == "right"
    backend = Scaled()
    assert oracle.check(on(backend, power), power, args, backend=backend, wrt=[0]).status == "wrong"


@pytest.mark.parametrize(
    ("args", "options", "error"),
    [
        ([np.array([1, 2])], {}, TypeError),
        ([], {}, TypeError),
        ([POINT, POINT.astype("float32")], {}, TypeError),
        ([POINT], {"dtype": "int64"}, TypeError),
        ([POINT], {"wrt": 3}, ValueError),
        ([POINT], {"wrt": []}, ValueError),
        ([POINT], {"modes": ["sideways"]}, ValueError),
        ([POINT], {"modes": []}, ValueError),
        ([np.array([np.nan])], {}, ValueError),
        ([np.array([1e300])], {"dtype": "float32"}, ValueError),
    ],
)
def test_bad_questions(args: Any, options: Any, error: Any) -> None:
    with np.errstate(over="ignore"), pytest.raises(error):
        oracle.check(on(BACKEND, tanh_sum), tanh_sum, args, backend=BACKEND, **options)


def test_unknown_backend() -> None:
    with pytest.raises(KeyError):
        oracle.check(tanh_sum, tanh_sum, [POINT], backend="no-such-backend")


def test_truth_encloses() -> None:
    found = oracle.truth(lambda xp, x: xp.exp(x) / 3, [np.array([0.5, 1.0])])
    exact = np.exp(np.longdouble([0.5, 1.0])) / 3
    assert (found.value.lower <= exact).all()
    assert (exact <= found.value.upper).all()
    assert (found.value.upper - found.value.lower <= 2 * np.spacing(found.value.upper)).all()
    assert found.jacobians[0].lower.shape == (2, 2)
    assert found.jacobians[0].lower[0, 1] == found.jacobians[0].upper[0, 1] == 0
    assert not found.at_kink


def test_truth_at_a_kink_is_the_whole_set() -> None:
    found = oracle.truth(lambda xp, x: xp.maximum(xp.zeros_like(x), x), [np.array([0.0, 2.0])])
    assert found.at_kink
    assert found.jacobians[0].lower[0, 0] <= 0
    assert found.jacobians[0].upper[0, 0] >= 1
    assert found.jacobians[0].lower[1, 1] == found.jacobians[0].upper[1, 1] == 1


def test_truth_at_a_kink_inside_a_kink_is_the_whole_set() -> None:
    def relu(xp: Any, x: Any) -> Any:
        return xp.maximum(xp.zeros_like(x), x)

    found = oracle.truth(lambda xp, x: relu(xp, relu(xp, x)), [np.array(0.0)])
    assert found.jacobians[0].lower <= 0
    assert found.jacobians[0].upper >= 1


def test_truth_of_the_undefined_is_unbounded() -> None:
    found = oracle.truth(lambda xp, x: xp.log(x), [np.array([0.0])])
    assert found.value.lower[0] == -np.inf
    assert found.value.upper[0] == np.inf


def test_importing_the_oracle_is_light() -> None:
    code = (
        "import sys; from gradlaw import oracle; oracle.check; "
        "print([m for m in ('pytest', 'sympy', 'jax', 'torch', 'autograd') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


FIVE_LINES = """
import pytest
from gradlaw import oracle

@pytest.mark.parametrize("law", oracle.laws("{name}", identity="{glob}"))
def test_law(law):
    law.check()
"""


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_laws_in_another_projects_test_file(tmp_path: Path) -> None:
    (tmp_path / "test_laws.py").write_text(FIVE_LINES.format(name="reference", glob="elementwise.[am]*"))
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "12 passed" in done.stdout


def test_laws_of_a_backend_object_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "mylib.py").write_text(
        "from gradlaw.backends.reference import Reference\n\n\n"
        "class Mine(Reference):\n    name = 'mine'\n\n"
        "    def vjp(self, f, primals, cotangent):\n"
        "        y, found = super().vjp(f, primals, cotangent)\n"
        "        return y, [-c for c in found] if y.shape == () else found\n"
    )
    text = (
        FIVE_LINES.format(name="", glob="scalar.power")
        .replace('""', "Mine()")
        .replace("from gradlaw import oracle", "from gradlaw import oracle\nfrom mylib import Mine")
    )
    (tmp_path / "test_laws.py").write_text(text.replace('laws("", ', "laws(Mine(), "))
    done = run_pytest(tmp_path)
    assert done.returncode == 1, done.stdout
    assert "wrong derivative: scalar.power on mine" in done.stdout


def test_laws_validate() -> None:
    with pytest.raises(ValueError, match="no identity matches"):
        oracle.laws("reference", identity="nothing.*")
    with pytest.raises(KeyError):
        oracle.laws("no-such-backend")


def test_unknown_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute"):
        _ = oracle.nothing
