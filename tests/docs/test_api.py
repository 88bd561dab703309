"""The example of docs/api.md runs and prints what the document says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import impacteval.estimators

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL).group(1)


def test_example_prints_what_the_document_says(tmp_path):
    script = tmp_path / "example.py"
    script.write_text(block("python"), encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == block("text")


def test_every_function_and_design_is_in_the_table():
    named = set(re.findall(r"`([A-Za-z_]+)`", TEXT)) | set(re.findall(r"`([A-Za-z]+)\(", TEXT))
    offered = set(impacteval.estimators.__all__) - {
        "NEVER_TREATED",
        "att_group_time_of",
        "Columns",
        "panel_from",
    }
    assert offered - {"sections_from"} <= named
