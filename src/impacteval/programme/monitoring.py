"""Monitoring beside evaluation: what was observed against what was planned, never called an effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from impacteval.programme.types import COUNTING, PANEL, FrameworkRow

MONITORING_COLUMNS = (
    "indicator",
    "level",
    "unit",
    "reporting",
    "period",
    "group",
    "baseline",
    "target",
    "target_on",
    "actual",
    "share_of_target",
    "n_rows",
    "source",
    "note",
)
ALL = "all"
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a results framework is computed from.

    ``tables`` are the clean tables, ``panel`` the enterprise panel with indicators, ``arm`` and
    ``period``; ``treated`` names the arms that the programme served, ``labels`` the periods.
    """

    tables: Mapping[str, pd.DataFrame]
    panel: pd.DataFrame
    treated: tuple[str, ...]
    labels: Mapping[int, str]


def monitoring(rows: tuple[FrameworkRow, ...], watched: Watched) -> pd.DataFrame:
    """Compute every indicator of a results framework for each period of report and group.

    Rows of tables are counted to the end of each quarter, so that a person or an enterprise that
    comes again in a later quarter is not counted twice; levels of the panel are those of enterprises
    that the programme served, in each round. Rows without a day belong to no quarter; the note says
    how many.

    Returns
    -------
    DataFrame
        ``MONITORING_COLUMNS``; ``share_of_target`` only in the row of all groups; ``n_rows`` are those
        counted, or those with a value behind a sum, mean or share, missing without any.
    """
    return pd.DataFrame(
        [found for row in rows for found in _of_indicator(row, watched)], columns=list(MONITORING_COLUMNS)
    )


def _of_indicator(row: FrameworkRow, watched: Watched) -> Iterator[dict[str, object]]:
    if row.table == PANEL:
        frame = watched.panel[watched.panel["arm"].isin(watched.treated)]
        reporting, slices = "round", _rounds(frame, watched.labels)
    else:
        frame = watched.tables[row.table]
        reporting, slices = ("quarter", _quarters(frame, row.date)) if row.date else ("whole", {"": frame})
    note = "; ".join(filter(None, (row.note, _undated(frame, row))))
    for period, part in slices.items():
        kept = part[_satisfies(part, row.where)]
        for group, members in _groups(kept, row.by):
            values = _values(members, row)
            actual = _measured(values, row)
            yield {
                "indicator": row.indicator,
                "level": row.level,
                "unit": row.unit,
                "reporting": reporting,
                "period": period,
                "group": group,
                "baseline": row.baseline if group == ALL else None,
                "target": row.target if group == ALL else None,
                "target_on": row.target_on,
                "actual": actual,
                "share_of_target": actual / row.target if row.target and group == ALL else None,
                "n_rows": len(values),
                "source": row.source,
                "note": note,
            }


def _undated(frame: pd.DataFrame, row: FrameworkRow) -> str:
    """How many rows that satisfy the conditions are in no quarter."""
    if not row.date or row.table == PANEL:
        return ""
    n_undated = int((frame[row.date].isna() & _satisfies(frame, row.where)).sum())
    return f"{n_undated} rows without {row.date} are not counted" if n_undated else ""


def _rounds(panel: pd.DataFrame, labels: Mapping[int, str]) -> dict[str, pd.DataFrame]:
    return {label: panel[panel["period"] == period] for period, label in labels.items()}


def _quarters(frame: pd.DataFrame, date: str) -> dict[str, pd.DataFrame]:
    """Rows to the end of each quarter from the first that has one to the last, without those undated."""
    quarter = frame[date].dt.to_period("Q")
    known = quarter.dropna()
    if not len(known):
        return {}
    return {
        str(q): frame[(quarter <= q).fillna(False)]
        for q in pd.period_range(known.min(), known.max(), freq="Q")
    }


def conditions(where: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Columns and the values allowed in them, from conditions ``column=value value``."""
    for condition in where:
        column, _, values = condition.partition("=")
        yield column.strip(), tuple(values.split())


def _satisfies(frame: pd.DataFrame, where: tuple[str, ...]) -> pd.Series:
    kept = pd.Series(True, index=frame.index)
    for column, values in conditions(where):
        kept &= _as_text(frame[column]).isin(values)
    return kept


def _as_text(values: pd.Series) -> pd.Series:
    """Values as a results framework writes them, whole numbers without a point; missing stays so."""
    if pd.api.types.is_float_dtype(values.dtype):
        text = values.map(lambda value: f"{float(value):.15g}").astype("str")
    else:
        text = values.astype("str")
    return text.where(values.notna())


def _groups(frame: pd.DataFrame, by: tuple[str, ...]) -> Iterator[tuple[str, pd.DataFrame]]:
    yield ALL, frame
    for column in by:
        for value, part in frame.groupby(_as_text(frame[column]).fillna(NOT_STATED), sort=True):
            yield f"{column}={value}", part


def _values(frame: pd.DataFrame, row: FrameworkRow) -> pd.Series:
    """What is measured: a value a row, of rows that have one where the measure needs it."""
    if row.measure == "on_time":
        return (frame[row.column] <= frame[row.counted[0]]).fillna(value=False)
    return frame[row.column] if row.measure in COUNTING else frame[row.column].dropna()


def _measured(values: pd.Series, row: FrameworkRow) -> float:
    match row.measure:
        case "count":
            return float(len(values))
        case "distinct":
            return float(values.nunique())
        case "sum":
            return float(values.astype("float64").sum())
        case "mean":
            return float(values.astype("float64").mean())
        case "on_time":
            return 100 * float(values.mean())
        case "share":
            return 100 * float(_as_text(values).isin(row.counted).mean())
