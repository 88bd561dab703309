"""Whether rows of one arm were corrected or dropped more often than those of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Text1D
from impacteval.survey.corrections import CHANGES, Correction
from impacteval.tables import table_of
from impacteval.validation.cells import units
from impacteval.validation.files import FILE_FINDING_COLUMNS, RAW_PARTNER, RAW_VALUE
from impacteval.validation.rounds_of import Round, rounds_of
from impacteval.validation.shares import compare_shares, holm, pairs_of
from impacteval.validation.survey import CheckedTable, Survey

CORRECTION_BALANCE_COLUMNS: dict[str, str] = {
    "table": "str",
    "period": "str",
    "arm": "str",
    "n_rows": "int64",
    "n_corrected": "int64",
    "n_dropped": "int64",
    "n_changed": "int64",
    "share_changed": "float64",
    "p_value": "float64",
}
CHECK_ID = "corrections-by-arm"
LEAST_CHANGED = 20
ALPHA = 0.05
MESSAGE = "rows of one arm were corrected or dropped more often than those of another"
SUGGESTION = (
    "see corrections_by_arm.csv; let someone who does not know the arms look at the corrections again, and "
    "estimate without them as a sensitivity analysis"
)


def corrections_by_arm(delivered: Survey, applied: Sequence[Correction]) -> pd.DataFrame:
    """Count rows that the log corrects or drops, by table, round and arm, and test that shares are equal.

    Parameters
    ----------
    delivered : Survey
        The data before corrections, without those who withdrew.
    applied : sequence of Correction
        As ``Replayed`` holds them, each with its file and row.

    Returns
    -------
    DataFrame
        ``CORRECTION_BALANCE_COLUMNS``; an empty ``period`` is all rounds. Rows without a known arm are left
        out. ``n_changed`` rows have any correction or are dropped. ``p_value`` is of equal shares in all
        arms: the smallest of their pairs by ``compare_shares`` after Holm; missing with one arm.
    """
    rows = [row for name in delivered.tables for row in _of_table(delivered, name, applied)]
    return table_of(rows, CORRECTION_BALANCE_COLUMNS)


def _of_table(delivered: Survey, name: str, applied: Sequence[Correction]) -> Iterator[dict[str, object]]:
    table, arm = delivered.tables[name], delivered.arms(name).to_numpy(dtype=np.str_)
    corrected = _is_among(table, [c for c in applied if c.table == name and c.action in CHANGES])
    dropped = _is_among(table, [c for c in applied if c.table == name and c.action == "drop"])
    unit = _clusters(table)
    rounds = [r for r in rounds_of(table) if r.name]
    for which in (Round(name="", rows=np.ones(len(arm), dtype=np.bool_)), *rounds):
        mine = which.rows & (arm != "")
        p_value = _p_value((corrected | dropped)[mine], arm[mine], unit[mine])
        for each in np.unique(arm[mine]).tolist():
            at = mine & (arm == each)
            yield {
                "table": name,
                "period": which.name,
                "arm": each,
                "n_rows": int(at.sum()),
                "n_corrected": int(corrected[at].sum()),
                "n_dropped": int(dropped[at].sum()),
                "n_changed": int((corrected | dropped)[at].sum()),
                "share_changed": float((corrected | dropped)[at].mean()),
                "p_value": p_value,
            }


def _is_among(table: CheckedTable, corrections: Sequence[Correction]) -> Bool1D:
    """Whether each row is that of one of these corrections."""
    wanted = {(c.source_file, c.source_row) for c in corrections}
    places = pd.MultiIndex.from_frame(table.text[["source_file", "source_row"]])
    found: Bool1D = np.asarray(places.isin(list(wanted)), dtype=np.bool_)
    return found


def _clusters(table: CheckedTable) -> Text1D:
    """Enterprise of each row; rows whose enterprise is not known stand for themselves."""
    unit = units(table)
    alone = np.char.add("\x1f", np.arange(len(unit)).astype(np.str_))
    return np.where(unit == "", alone, unit).astype(np.str_)


def _p_value(changed: Bool1D, arm: Text1D, unit: Text1D) -> float:
    pairs = pairs_of(np.unique(arm).tolist())
    adjusted = holm([compare_shares(changed, arm, unit, pair).p_value for pair in pairs])
    known = adjusted[~np.isnan(adjusted)]
    return float(known.min()) if len(known) else float("nan")


def balance_findings(balance: pd.DataFrame, delivered: Survey) -> pd.DataFrame:
    """A warning for each table of which arms were not corrected alike, as ``findings_of`` has findings.

    Over all rounds, with p below ``ALPHA`` and ``LEAST_CHANGED`` or more rows corrected or dropped. It is
    about the table as a whole and shows the arm of no row.
    """
    rows: list[dict[str, object]] = []
    raw: list[str] = []
    for name, arms in balance[balance["period"] == ""].groupby("table", sort=True):
        p_value = float(arms["p_value"].iloc[0])
        if arms["n_changed"].sum() < LEAST_CHANGED or not p_value < ALPHA:
            continue
        shares = zip(arms["share_changed"], arms["n_rows"], arms["arm"], strict=True)
        said = "; ".join(f"{share:.1%} of {n} rows in {arm}" for share, n, arm in shares)
        note = f"{said} (equal shares: p = {p_value:.2g})"
        about = {"check_id": CHECK_ID, "severity": "warning", "message": MESSAGE, "suggestion": SUGGESTION}
        file = _only_file(delivered.tables[str(name)])
        rows.append({**about, "table": name, "source_file": file, "source_row": 0, "value_shown": note})
        raw.append(note)
    found = table_of(rows, FILE_FINDING_COLUMNS)
    return found.assign(**{RAW_VALUE: raw, RAW_PARTNER: [""] * len(raw)})


def _only_file(table: CheckedTable) -> str:
    files = table.text["source_file"].unique()
    return str(files[0]) if len(files) == 1 else ""
