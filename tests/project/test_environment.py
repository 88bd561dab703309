"""The environment files name the same packages in the same versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
EDITABLE = "-e ."


@pytest.fixture(scope="module")
def locked() -> list[Requirement]:
    """Pins of the lock; a package stands there once for each version that a marker chooses."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip("\\ ")) for line in lines if line[:1].isalnum()]


@pytest.fixture(scope="module")
def conda() -> dict[str, object]:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_conda_environment_has_the_locked_packages_and_the_project(conda, locked):
    *pinned, last = conda["dependencies"][-1]["pip"]
    assert last == EDITABLE
    assert [str(Requirement(line)) for line in pinned] == [str(r) for r in locked]


def test_conda_environment_has_a_python_that_the_project_allows(conda, project):
    python = conda["dependencies"][0].split("=")[1]
    assert f"{python}.0" in Requirement(f"python{project['project']['requires-python']}").specifier
    assert conda["name"] == project["project"]["name"]
    assert conda["channels"] == ["conda-forge"]


def test_every_locked_package_is_pinned_to_one_version_with_hashes(locked):
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert len(entries) == len(locked)
    for requirement, entry in zip(locked, entries, strict=True):
        assert [s.operator for s in requirement.specifier] == ["=="], requirement
        assert "--hash=sha256:" in entry, requirement


def test_direct_dependencies_are_locked_in_a_version_that_fits(project, locked):
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    asked += project["build-system"]["requires"]
    for requirement in map(Requirement, asked):
        pins = [r for r in locked if canonicalize_name(r.name) == canonicalize_name(requirement.name)]
        assert pins, requirement
        for pin in pins:
            assert next(iter(pin.specifier)).version in requirement.specifier, pin
