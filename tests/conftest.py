"""What all tests share: warnings are errors, and where the reference data lie."""

from __future__ import annotations

import importlib
import os
import warnings
from pathlib import Path

import pytest

REFERENCE_VARIABLE = "IMPACTEVAL_REFERENCE"


class Reference:
    """The reference folder; a file that should be in it and is not fails the test."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, *parts: str) -> Path:
        """A file below the folder."""
        found = self.root.joinpath(*parts)
        if not found.is_file():
            pytest.fail(f"{REFERENCE_VARIABLE} is set but {found} is missing")
        return found


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The folder of reference data; skips where the variable is unset."""
    root = os.environ.get(REFERENCE_VARIABLE, "")
    if not root:
        pytest.skip(f"{REFERENCE_VARIABLE} is not set: the reference data are not part of the project")
    return Reference(Path(root))


@pytest.fixture(scope="session")
def great_expectations() -> None:
    """Import Great Expectations where its own imports may warn; later warnings are errors."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("great_expectations.expectations")
