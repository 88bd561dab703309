"""What documents say of the recovery of known effects."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from impacteval.simulation.recovery.power_check import POWER_COLUMNS
from impacteval.simulation.recovery.rows import TRIAL_COLUMNS
from impacteval.simulation.recovery.summary import DIAGNOSTIC_COLUMNS, RECOVERY_COLUMNS

TABLES = ("-designs", "-diagnostics", "-power")
DOCS = Path(__file__).resolve().parents[2] / "docs"


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("<scenario>_<block>", TRIAL_COLUMNS),
        ("recovery", RECOVERY_COLUMNS),
        ("diagnostics", DIAGNOSTIC_COLUMNS),
        ("power", POWER_COLUMNS),
    ],
)
def test_every_column_is_documented_in_its_order(file: str, columns: dict[str, str]) -> None:
    part = text_of("tables.md").partition("## simulation/*.csv")[2].partition("\n## ")[0]
    row = next(line for line in part.splitlines() if line.startswith(f"| `{file}` |"))
    said = [name for name in re.findall(r"`([a-z_]+)`", row.partition(" | ")[2]) if name in columns]
    assert said == list(columns)


def test_the_page_shows_every_table_and_figure() -> None:
    text = text_of("validation.md")
    written = re.findall(r"<!-- (recovery[a-z-]*): written by tools/recovery_page.py -->", text)
    assert written == ["recovery-verdict", *(f"recovery{name}" for name in ("", *TABLES))]
    for name in written:
        content = text.partition(f"<!-- {name}: written")[2].partition(f"<!-- {name}: end -->")[0]
        assert len(content.splitlines()) > 3
    for figure in ("bias", "coverage"):
        assert f"](recovery_{figure}.svg)" in text
        assert (DOCS / f"recovery_{figure}.svg").is_file()
