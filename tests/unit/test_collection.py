"""All tests are collected."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path


def test_no_folder_of_tests_is_skipped(pytestconfig):
    """pytest skips folders named ``build`` by default and so once ran none of those tests."""
    skipped = pytestconfig.getini("norecursedirs")
    folders = {p.name for p in Path(__file__).parents[1].rglob("*") if p.is_dir()} - {"__pycache__"}
    assert {name for name in folders if any(fnmatch(name, pattern) for pattern in skipped)} == set()
