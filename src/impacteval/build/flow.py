"""From raw rows to analysis samples: every row is counted once, as kept or with its reason."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from impacteval.build.enterprise import Enterprises
from impacteval.design import Outcome, Plan
from impacteval.errors import DataError
from impacteval.survey.removed import no_rows

FLOW_COLUMNS = ("step", "outcome", "arm", "reason", "n_rows", "n_units")


def flow_of(
    enterprises: Enterprises,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    other_tables: Mapping[str, int],
    *,
    removed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Count rows and enterprises at each step.

    Parameters
    ----------
    enterprises : Enterprises
    plan, outcomes
        The study's configuration.
    other_tables : mapping
        Clean rows of the tables that are not the panel.
    removed : DataFrame, optional
        ``REMOVED_COLUMNS``: rows of any table that left before the panel was built; none by default.

    Returns
    -------
    DataFrame
        ``FLOW_COLUMNS``; steps ``table``, ``table_removed``, ``delivered``, ``removed``, ``left_out``,
        ``panel``, ``not_interviewed``, ``no_value`` and ``sample``; an empty arm means all. Removed rows
        of other tables have table and reason in ``reason``; enterprises are not counted among removed
        rows, since nothing of them is kept.

    Raises
    ------
    DataError
        When rows do not add up: delivered = removed + left out + panel, and panel = no value + sample
        for every outcome and arm. That would be a fault of this program.
    """
    gone = no_rows() if removed is None else removed
    panel, exclusions = enterprises.panel, enterprises.exclusions
    left = exclusions[exclusions["outcome"] == ""]
    rows = _of_other_tables(other_tables, gone)
    mine = gone[gone["table"] == plan.panel.table]
    rows.append(_row("delivered", n_rows=enterprises.n_raw_rows + len(mine)))
    rows += [_row("removed", reason=str(r), n_rows=len(part)) for r, part in mine.groupby("reason")]
    rows += [
        _row("left_out", reason=str(reason), n_rows=len(part), n_units=part["unit"].nunique())
        for reason, part in left.groupby("reason")
    ]
    arms = [plan.treatment.comparison.name, *(a.name for a in plan.treatment.arms)]
    for arm in arms:
        of_arm = panel[panel["arm"] == arm]
        n_units = of_arm["unit"].nunique()
        rows.append(_row("panel", arm=arm, n_rows=len(of_arm), n_units=n_units))
        expected = n_units * len(plan.panel.periods)
        rows.append(_row("not_interviewed", arm=arm, n_rows=expected - len(of_arm)))
    for outcome in outcomes:
        without = exclusions[exclusions["outcome"] == outcome.name]
        for arm in arms:
            rows += _of_outcome(panel[panel["arm"] == arm], without[without["arm"] == arm], outcome.name, arm)
    _reconcile(enterprises, left, mine, outcomes)
    return pd.DataFrame(rows, columns=list(FLOW_COLUMNS))


def _of_outcome(
    panel: pd.DataFrame, without: pd.DataFrame, outcome: str, arm: str
) -> list[dict[str, object]]:
    rows = [
        _row(
            "no_value",
            outcome=outcome,
            arm=arm,
            reason=str(reason),
            n_rows=len(part),
            n_units=part["unit"].nunique(),
        )
        for reason, part in without.groupby("reason")
    ]
    known = panel[panel[outcome].notna()]
    rows.append(_row("sample", outcome=outcome, arm=arm, n_rows=len(known), n_units=known["unit"].nunique()))
    return rows


def _of_other_tables(other_tables: Mapping[str, int], removed: pd.DataFrame) -> list[dict[str, object]]:
    rows = []
    for name, n_clean in sorted(other_tables.items()):
        gone = removed[removed["table"] == name]
        rows.append(_row("table", reason=name, n_rows=n_clean + len(gone)))
        rows += [
            _row("table_removed", reason=f"{name}: {reason}", n_rows=len(part))
            for reason, part in gone.groupby("reason")
        ]
    return rows


def _reconcile(
    enterprises: Enterprises, left: pd.DataFrame, removed: pd.DataFrame, outcomes: tuple[Outcome, ...]
) -> None:
    """Check the flow as sets of raw rows, not as counts."""
    panel = _places(enterprises.panel)
    out = _places(left)
    gone = _places(removed)
    if gone & (panel | out) or len(gone) != len(removed):
        raise DataError("flow: a removed row is counted twice")
    if panel & out or len(panel) + len(out) != enterprises.n_raw_rows:
        raise DataError("flow: raw rows are not split exactly into panel and left-out rows")
    for outcome in outcomes:
        known = _places(enterprises.panel[enterprises.panel[outcome.name].notna()])
        without = _places(enterprises.exclusions[enterprises.exclusions["outcome"] == outcome.name])
        if known & without or known | without != panel:
            raise DataError(f"flow: rows of {outcome.name} are not split exactly into known and missing")


def _places(frame: pd.DataFrame) -> set[tuple[str, int]]:
    return set(zip(frame["source_file"], frame["source_row"], strict=True))


def _row(
    step: str,
    *,
    outcome: str = "",
    arm: str = "",
    reason: str = "",
    n_rows: int = 0,
    n_units: int | None = None,
) -> dict[str, object]:
    return {
        "step": step,
        "outcome": outcome,
        "arm": arm,
        "reason": reason,
        "n_rows": n_rows,
        "n_units": n_units,
    }
