"""Rows that left before the panel are counted in the flow, each once."""

from __future__ import annotations

import pandas as pd
import pytest

from impacteval.build.enterprise import build_enterprises
from impacteval.build.flow import flow_of
from impacteval.errors import DataError
from impacteval.survey.removed import no_rows
from support.plans import make_outcome, make_plan

PLAN, PROFIT = make_plan(), make_outcome()


def clean():
    rows = [(f"{'kcm'[g]}{i}", p, g, 10.0 * p) for g in (0, 1, 2) for i in range(2) for p in (1, 2, 3)]
    frame = pd.DataFrame(rows, columns=["firm", "round", "group", "profit_raw"])
    frame = frame.astype({"firm": "str", "round": "Int64", "group": "Int64"})
    return frame.assign(source_file="firms.csv", source_row=range(2, len(frame) + 2))


def removed(*rows):
    return pd.DataFrame(rows, columns=["table", "source_file", "source_row", "reason"]) if rows else no_rows()


GONE = removed(
    ("firms", "firms.csv", 90, "withdrawn"),
    ("firms", "firms.csv", 91, "no consent"),
    ("firms", "firms.csv", 92, "no consent"),
    ("workers", "workers.csv", 2, "withdrawn"),
)


def flow(gone, others=None):
    enterprises = build_enterprises(clean(), PLAN, (PROFIT,))
    return flow_of(enterprises, PLAN, (PROFIT,), others or {}, removed=gone)


def counts(table, step):
    mine = table[table["step"] == step]
    return dict(zip(mine["reason"], mine["n_rows"], strict=True))


def test_delivered_rows_are_removed_by_reason_left_out_or_in_the_panel():
    table = flow(GONE)
    assert counts(table, "removed") == {"withdrawn": 1, "no consent": 2}
    n_rows = table.groupby("step")["n_rows"].sum()
    assert n_rows["delivered"] == 18 + 3 == n_rows["panel"] + n_rows["removed"]


def test_other_tables_are_counted_as_delivered_with_what_left_them():
    table = flow(GONE, {"workers": 7, "census": 40})
    assert counts(table, "table") == {"census": 40, "workers": 8}
    assert counts(table, "table_removed") == {"workers: withdrawn": 1}


def test_flow_without_removed_rows_has_no_step_for_them():
    table = flow(no_rows(), {"census": 40})
    assert not {"removed", "table_removed"} & set(table["step"])
    assert table.equals(flow(None, {"census": 40}))


def test_nothing_of_an_enterprise_is_kept_with_its_removed_rows():
    table = flow(GONE)
    assert table.loc[table["step"] == "removed", "n_units"].isna().all()


@pytest.mark.parametrize(
    "gone",
    [
        removed(("firms", "firms.csv", 2, "withdrawn")),
        removed(("firms", "firms.csv", 90, "withdrawn"), ("firms", "firms.csv", 90, "no consent")),
    ],
)
def test_row_that_is_removed_and_kept_or_removed_twice_is_a_fault(gone):
    with pytest.raises(DataError, match="flow: a removed row is counted twice"):
        flow(gone)
