"""The enterprise panel: one row an enterprise and period, and every row that is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from impacteval.build.outcomes import Derived, derive
from impacteval.build.treatment import assign
from impacteval.design import CLUSTER_BY_UNIT, Outcome, Plan, carried_columns, unwinsorised
from impacteval.errors import DataError, raise_together
from impacteval.survey.read import SOURCE_COLUMNS
from impacteval.tables import records

NO_KEY = "enterprise or period missing"
OUTSIDE = "period not in the plan"
EXCLUSION_COLUMNS = ("source_file", "source_row", "unit", "period", "arm", "outcome", "reason")
KEY_COLUMNS = ("unit", "period", "arm", "first_treat", "cluster", *SOURCE_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprises:
    """The panel, and what is not in it.

    ``panel`` has ``KEY_COLUMNS``, a column an outcome and the columns that designs need, then, for an
    outcome whose extreme values were cut, a column with them. In
    ``exclusions`` a row without outcome left the panel; one with an outcome has no value of it.
    """

    panel: pd.DataFrame
    exclusions: pd.DataFrame
    n_raw_rows: int


def build_enterprises(
    frame: pd.DataFrame,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    reasons: Mapping[str, pd.Series] | None = None,
) -> Enterprises:
    """Build the enterprise panel from the clean panel table.

    Parameters
    ----------
    frame : DataFrame
        Typed, corrected rows with ``source_file`` and ``source_row``, derived columns and a column for
        each outcome with a formula.
    reasons : mapping, optional
        For outcomes with a formula, why it has no value, by the index of ``frame``.

    Returns
    -------
    Enterprises
        Sorted by unit and period.

    Raises
    ------
    DataError
        When two usable rows have the same key, or a unit lies in two clusters.
    IdentificationError
        When an arm or the comparison group is empty.
    """
    rows = frame.copy()
    rows["unit"] = rows[plan.panel.unit].astype("str")
    rows["period"] = rows[plan.panel.period].astype("Int64")
    no_key = rows[plan.panel.unit].isna() | rows["period"].isna()
    outside = ~no_key & ~rows["period"].isin(plan.panel.periods)
    reason = pd.Series("", index=rows.index, dtype="str").mask(no_key, NO_KEY).mask(outside, OUTSIDE)
    units = assign(rows[~no_key], plan)
    reason = reason.mask(
        (reason == "") & rows["unit"].map(units["excluded"]).fillna("").ne(""),
        rows["unit"].map(units["excluded"]),
    )
    rows["arm"] = rows["unit"].map(units["arm"]).fillna("")
    rows["first_treat"] = rows["unit"].map(units["first_treat"]).astype("Int64")
    kept = rows[reason == ""].sort_values(["unit", "period"], kind="stable")
    why = {
        name: column.reindex(kept.index).reset_index(drop=True) for name, column in (reasons or {}).items()
    }
    kept = kept.reset_index(drop=True)
    _refuse_missing_clusters(kept, plan.cluster)
    kept["cluster"] = kept["unit"] if plan.cluster == CLUSTER_BY_UNIT else kept[plan.cluster].astype("str")
    _refuse_duplicates(kept)
    _refuse_moving_clusters(kept, plan.cluster)
    left = rows[reason != ""].assign(outcome="", reason=reason[reason != ""])
    derived = {o.name: derive(kept, o, why.get(o.name)) for o in outcomes}
    without_value = [
        kept.assign(outcome=name, reason=d.reason)[d.reason != ""] for name, d in derived.items()
    ]
    carried = [c for c in carried_columns(plan, outcomes) if c not in derived]
    panel = pd.concat(
        [
            kept[list(KEY_COLUMNS)],
            pd.DataFrame({name: d.values for name, d in derived.items()}),
            kept[carried].astype("float64"),
            _uncut(derived, kept.index),
        ],
        axis=1,
    )
    exclusions = pd.concat([left, *without_value], ignore_index=True)[list(EXCLUSION_COLUMNS)]
    return Enterprises(
        panel=panel,
        exclusions=exclusions.sort_values(
            ["outcome", "unit", "period", "source_file", "source_row"], kind="stable", ignore_index=True
        ),
        n_raw_rows=len(frame),
    )


def _uncut(derived: Mapping[str, Derived], index: pd.Index) -> pd.DataFrame:
    """Outcomes with the extreme values that were cut from them."""
    found = {unwinsorised(n): d.unwinsorised for n, d in derived.items() if d.unwinsorised is not None}
    return pd.DataFrame(found, index=index)


def _refuse_duplicates(kept: pd.DataFrame) -> None:
    twice = kept[kept.duplicated(["unit", "period"], keep=False)]
    if len(twice):
        first = ", ".join(
            f"{r.source_file} row {r.source_row} (enterprise {r.unit}, period {r.period})"
            for r in records(twice.head(6))
        )
        raise DataError(
            f"{len(twice)} rows share their enterprise and period with another: {first}; keep one of each"
        )


def _refuse_missing_clusters(kept: pd.DataFrame, cluster: str) -> None:
    if cluster == CLUSTER_BY_UNIT:
        return
    missing = kept[kept[cluster].isna()]
    raise_together(
        [
            f"{r.source_file}, row {r.source_row}, column {cluster}: the cluster is missing; errors need it "
            "for every row: add it as a correction"
            for r in records(missing.head(20))
        ],
        DataError,
        f"{len(missing)} rows without a cluster",
    )


def _refuse_moving_clusters(kept: pd.DataFrame, cluster: str) -> None:
    number = kept.groupby("unit")["cluster"].nunique()
    moving = list(number.index[number > 1])
    if moving:
        raise DataError(
            f"column {cluster!r}: {len(moving)} enterprises change cluster, {', '.join(moving[:5])} first; "
            "give each the cluster it was in when it was assigned"
        )
