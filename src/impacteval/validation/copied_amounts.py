"""Blocks of amounts that are those of another interview."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Int1D
from impacteval.checks.amounts import CopiedAmounts
from impacteval.validation.keys import has_consent, in_order
from impacteval.validation.labels import NONE, labels_of, numbers_of, places_of
from impacteval.validation.remarks import Remark, remarked
from impacteval.validation.survey import CheckedTable, Failures, Survey

NOBODY = -1


def check_copied_amounts(survey: Survey, check: CopiedAmounts) -> list[Failures]:
    """Find blocks of amounts that another enterprise, or the same one in an earlier round, has too.

    Each enterprise that shares a block is a finding; of one enterprise it is the later round. Two
    rows of one enterprise in one round are a matter of keys. Rows without an enterprise are compared
    as enterprises of their own.
    """
    table = survey.tables[check.table]
    rows = _comparable(table, check)
    remarks = []
    if "rounds" in check.among:
        said = _said(check, "the same enterprise in an earlier round: ")
        remarks.append(_remark(table, _in_earlier_round(rows), said))
    if "enterprises" in check.among:
        said = _said(check, "another enterprise: ")
        remarks.append(_remark(table, _of_another(rows), said))
    return remarked(check, check.columns, remarks)


def _comparable(table: CheckedTable, check: CopiedAmounts) -> pd.DataFrame:
    """Rows whose block says enough, in the order of rounds and files: ``row, block, unit, visit``.

    ``block`` and ``unit`` are numbers that are equal where blocks and enterprises are; ``visit`` is the
    number of the round, missing where it is not known.
    """
    order = in_order(table).to_numpy(dtype=np.int64)
    amounts = pd.DataFrame({c: numbers_of(table, c) for c in check.columns}).iloc[order]
    # 0.0 and -0.0 are one amount but two patterns of bits.
    values = amounts.to_numpy(dtype=np.float64) + 0.0
    unit = labels_of(table, table.roles.unit).iloc[order]
    alone = pd.Series([f"\x1f{i}" for i in order], index=unit.index, dtype="str")
    rows = pd.DataFrame(
        {
            "row": order,
            "block": amounts.groupby(list(check.columns), dropna=False, sort=False).ngroup().to_numpy(),
            "unit": pd.factorize(unit.where(unit != NONE, alone))[0],
            "visit": _visits(table).iloc[order].to_numpy(),
        }
    )
    return rows[(_n_different(values) >= check.least) & has_consent(table)[order]]


def _visits(table: CheckedTable) -> pd.Series:
    """Number of the round of each row, in the order of rounds; missing where none is known."""
    if not table.roles.period:
        return pd.Series(0.0, index=table.frame.index)
    number = pd.Series(pd.factorize(table.frame[table.roles.period], sort=True)[0], index=table.frame.index)
    return number.astype("float64").mask(number < 0)


def _n_different(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Int1D:
    """How many different amounts other than zero each row has, (n_rows,)."""
    if not values.size:
        return np.zeros(len(values), dtype=np.int64)
    ordered = np.sort(np.where(values == 0, np.nan, values), axis=1)
    is_new = np.diff(ordered, axis=1) > 0
    found: Int1D = (~np.isnan(ordered[:, 0])).astype(np.int64) + is_new.sum(axis=1)
    return found


def _in_earlier_round(rows: pd.DataFrame) -> pd.Series:
    """For each row, by its position, the latest row with its block and enterprise in an earlier round."""
    known = rows[rows["visit"].notna()]
    first = known.drop_duplicates(["block", "unit", "visit"])
    before = first.groupby(["block", "unit"])["row"].shift(1).fillna(NOBODY)
    of_visit = first.assign(before=before)[["block", "unit", "visit", "before"]]
    joined = known.merge(of_visit, on=["block", "unit", "visit"], how="left")
    return pd.Series(joined["before"].to_numpy(dtype=np.int64), index=joined["row"].to_numpy())


def _of_another(rows: pd.DataFrame) -> pd.Series:
    """For each row, by its position, the first row with its block of another enterprise."""
    by_unit = rows.drop_duplicates(["block", "unit"])
    first = by_unit.drop_duplicates("block").set_index("block")
    second = by_unit[by_unit.duplicated("block")].drop_duplicates("block").set_index("block")
    is_first = rows["unit"].to_numpy() == first["unit"].reindex(rows["block"]).to_numpy()
    other = np.where(is_first, second["row"].reindex(rows["block"]), first["row"].reindex(rows["block"]))
    return pd.Series(np.nan_to_num(other, nan=NOBODY).astype(np.int64), index=rows["row"].to_numpy())


def _said(check: CopiedAmounts, whose: str) -> str:
    return f"all {len(check.columns)} amounts are those of {whose}"


def _remark(table: CheckedTable, other: pd.Series, said: str) -> Remark:
    """Say of rows, by position, that another one has their block."""
    places = places_of(table).to_numpy(dtype=object)
    others: Int1D = np.full(len(places), NOBODY, dtype=np.int64)
    others[other.index.to_numpy(dtype=np.int64)] = other.to_numpy(dtype=np.int64)
    is_meant = others != NOBODY
    notes = np.full(len(places), NONE, dtype=object)
    notes[is_meant] = said + places[others[is_meant]]
    return Remark(rows=is_meant, notes=pd.Series(notes, dtype="str"), others=others)


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {CopiedAmounts: check_copied_amounts}
