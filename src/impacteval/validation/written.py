"""The tables of ``validation/``: what a survey's checks give, for machines and for the pages about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from impacteval.tables import FINDING_COLUMNS, read_csv, write_csv, write_json
from impacteval.validation.checked import Checked
from impacteval.validation.grouped import FINDING_ROW_COLUMNS

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
    "growth_influence",
    "corrections_by_arm",
    "recode",
    "form_changes",
    "log_notes",
    "finding_rows",
)
# Columns with one of these words in their name are statistics; all others are text, whatever they look like.
STATISTICS = frozenset(
    {"n", "share", "low", "high", "rate", "minutes", "mean", "sd", "icc", "p", "v", "ratio"}
    | {"reliability", "variance", "difference", "error", "similarity", "dfbetas"}
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


def read_tables(folder: Path, names: Sequence[str] = TABLE_NAMES) -> Mapping[str, pd.DataFrame]:
    """Read tables that ``write_tables`` wrote, the findings always among them."""
    found = {name: _read(folder / f"{name}.csv", name) for name in names}
    return {**found, "findings": read_csv(folder / "findings.csv", FINDING_COLUMNS)}


def _read(path: Path, table: str) -> pd.DataFrame:
    if table == "finding_rows":
        return read_csv(path, FINDING_ROW_COLUMNS)
    header = [str(name) for name in read_csv(path).columns]
    kinds = {name: "float64" if STATISTICS & set(name.split("_")) else "str" for name in header}
    return read_csv(path, kinds)
