"""The package as it is shipped: what is listed is what there is, imports flow downwards, and modules stay readable."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
ROOMS = ("strategies", "identities", "oracle", "backends", "reports")
BELOW = {
    "strategies": (),
    "identities": ("strategies",),
    "oracle": ("strategies", "identities"),
    "backends": ("strategies", "identities", "oracle"),
    "reports": ("strategies", "identities", "oracle"),
}
LONGEST = 300
"""Lines of a module: what a mathematician reads in one sitting."""


def package_of(folder):
    return "gradlaw." + ".".join(folder.relative_to(ROOT).parts)


FOLDERS = sorted(
    path.parent for room in ROOMS for path in (ROOT / room).rglob("__init__.py") if "__pycache__" not in path.parts
)
MODULES = sorted(path for folder in FOLDERS for path in folder.glob("*.py"))


# What is listed is what there is.


def test_every_package_is_listed_with_its_folder():
    found = {package_of(folder): folder.relative_to(ROOT).as_posix() for folder in FOLDERS}
    assert set(SETUPTOOLS["packages"]) == set(found)
    assert len(SETUPTOOLS["packages"]) == len(found)
    assert SETUPTOOLS["package-dir"] == found


def test_every_folder_with_modules_is_a_package():
    with_modules = {
        path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts
    }
    assert with_modules == set(FOLDERS)


def test_the_root_is_a_namespace():
    """An __init__ there would hide the packages of other distributions."""
    assert not (ROOT / "__init__.py").exists()
    assert "gradlaw" not in SETUPTOOLS["packages"]


@pytest.mark.parametrize("folder", FOLDERS, ids=package_of)
def test_every_package_is_typed_and_ships_that(folder):
    marker = folder / "py.typed"
    assert marker.is_file()
    assert "py.typed" in SETUPTOOLS["package-data"][package_of(folder)]


def test_every_file_beside_the_modules_is_shipped():
    for folder in FOLDERS:
        patterns = SETUPTOOLS["package-data"][package_of(folder)]
        for path in folder.iterdir():
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                assert any(path.match(pattern) for pattern in patterns), (
                    f"{path.relative_to(ROOT)} is not in package-data"
                )
    assert set(SETUPTOOLS["package-data"]) == {package_of(folder) for folder in FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS, ids=package_of)
def test_what_is_imported_is_this_checkout(folder):
    name = package_of(folder)
    assert Path(importlib.import_module(name).__file__).resolve() == (folder / "__init__.py").resolve()


def test_entry_points_exist():
    project = PROJECT["project"]
    targets = [*project["scripts"].values()]
    for group in project["entry-points"].values():
        targets += group.values()
    assert targets
    for target in targets:
        module, _, name = target.partition(":")
        loaded = importlib.import_module(module)
        assert not name or hasattr(loaded, name), target


def test_backends_are_listed_by_the_names_they_give_themselves():
    for name, target in PROJECT["project"]["entry-points"]["gradlaw.backends"].items():
        module, _, kind = target.partition(":")
        assert getattr(importlib.import_module(module), kind).name == name


# Imports flow downwards.


def imports_of(text, package):
    """The rooms that a module of ``package`` imports from, anywhere in its text, with the line."""
    outwards = package.split(".")
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = outwards[: len(outwards) - node.level + 1] if node.level else []
            stem = ".".join([*base, *filter(None, [node.module])])
            names = [f"{stem}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith("gradlaw."):
                yield name.split(".")[1], node.lineno


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_imports_upwards(path):
    room = path.relative_to(ROOT).parts[0]
    for imported, line in imports_of(path.read_text(encoding="utf-8"), package_of(path.parent)):
        assert imported == room or imported in BELOW[room], f"{room} imports {imported} in line {line}"


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("from ..oracle import api", "oracle"),
        ("from ..oracle.api import check", "oracle"),
        ("from .. import backends", "backends"),
        ("import gradlaw.reports.cli", "reports"),
        ("from gradlaw import reports", "reports"),
        ("from .declare import rule", "identities"),
        ("from . import declare", "identities"),
        ("def f():\n    from ..oracle import api", "oracle"),
        ("import numpy", None),
    ],
)
def test_every_way_to_write_an_import_is_seen(text, room):
    found = [imported for imported, _ in imports_of(text, "gradlaw.identities")]
    assert found == ([room] if room else [])


def loaded_by(statement):
    """The top-level modules that a statement loads in a fresh interpreter."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys\n{statement}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT / "tests",
    )
    return set(done.stdout.split())


HEAVY = {
    "sympy",
    "hypothesis",
    "pytest",
    "_pytest",
    "torch",
    "jax",
    "autograd",
    "flint",
    "mpmath",
    "jinja2",
    "rich",
    "click",
}


def test_reading_the_catalogue_loads_mathematics_only():
    loaded = loaded_by("import gradlaw.identities")
    assert "numpy" in loaded
    assert not loaded & HEAVY


def test_reading_the_strategies_loads_no_hypothesis():
    assert not loaded_by("import gradlaw.strategies, gradlaw.strategies.functions") & HEAVY
    assert "hypothesis" in loaded_by("import gradlaw.strategies.search")


def test_adapters_load_no_library():
    statement = (
        "import gradlaw.backends.torch, gradlaw.backends.jax, gradlaw.backends.autograd, gradlaw.backends.reference"
    )
    assert not loaded_by(statement) & {"torch", "jax", "autograd", "sympy", "hypothesis", "pytest"}


def test_the_plugin_loads_neither_sympy_nor_a_library():
    """It is loaded into every pytest run of whoever has installed this package."""
    loaded = loaded_by("import gradlaw.reports.plugin")
    assert not loaded & {"torch", "jax", "autograd", "sympy"}


# Modules stay readable.


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_short_and_says_what_it_is_for(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert ast.get_docstring(ast.parse(text)), "a paragraph that a mathematician can read"


def test_the_version_is_one():
    from importlib.metadata import version

    assert version("gradlaw") == PROJECT["project"]["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version("gradlaw"))
