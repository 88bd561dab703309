"""The examples of docs/api.md run and print what the document says; what is offered is in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import impacteval.estimators
import impacteval.inference

PROJECT = Path(__file__).resolve().parents[2]
TEXT = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", TEXT, flags=re.DOTALL)


def test_every_code_block_is_an_example_that_is_run():
    assert len(EXAMPLES) == TEXT.count("```python\n") >= 2


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_example_prints_what_the_document_says(tmp_path, code, printed):
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout == printed


@pytest.mark.parametrize("module", [impacteval.estimators, impacteval.inference])
def test_everything_offered_is_named(module):
    """In code marks in the text, or used in an example."""
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    marked = [*re.findall(r"`[^`]+`", prose), *(code for code, _ in EXAMPLES)]
    named = set(re.findall(r"\w+", " ".join(marked)))
    assert set(module.__all__) <= named
