"""The tables of ``validation/``: what a survey's checks give, for machines and for the pages about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from impacteval.tables import FINDING_COLUMNS, read_csv, write_csv, write_json
from impacteval.validation.checked import Checked

TABLE_NAMES = (
    "summary",
    "catalogue",
    "by_arm",
    "enumerators",
    "missingness",
    "kpi_coverage",
    "durations",
    "days",
    "enumerator_effects",
    "back_checks",
    "recode",
    "form_changes",
    "log_notes",
)
# Columns with one of these words in their name are statistics; all others are text, whatever they look like.
STATISTICS = frozenset(
    {"n", "share", "low", "high", "rate", "minutes", "mean", "sd", "icc", "p", "v", "ratio"}
    | {"reliability", "variance", "difference", "error", "similarity"}
)


def write_tables(folder: Path, checked: Checked, form_changes: pd.DataFrame) -> None:
    """Write suites and tables into one folder, the findings last."""
    for name in checked.suites:
        write_json(folder / "gx" / f"{name}.json", checked.results[name])
        write_json(folder / "gx" / f"{name}_suite.json", checked.suites[name])
    tables = {**checked.tables, "form_changes": form_changes}
    for name in TABLE_NAMES:
        write_csv(folder / f"{name}.csv", tables[name])
    write_csv(folder / "findings.csv", checked.findings)


def read_tables(folder: Path) -> Mapping[str, pd.DataFrame]:
    """Read the tables that ``write_tables`` wrote, the findings among them."""
    found = {name: _read(folder / f"{name}.csv") for name in TABLE_NAMES}
    return {**found, "findings": read_csv(folder / "findings.csv", FINDING_COLUMNS)}


def _read(path: Path) -> pd.DataFrame:
    header = [str(name) for name in read_csv(path).columns]
    kinds = {name: "float64" if STATISTICS & set(name.split("_")) else "str" for name in header}
    return read_csv(path, kinds)
