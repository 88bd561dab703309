"""Who is treated from when, where a day of entry says it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from impacteval.build.treatment import ALWAYS_TREATED, assign
from impacteval.derive.parameters import day_number
from impacteval.design import Arm, EntryDay
from impacteval.errors import DataError, IdentificationError
from support.plans import make_plan

RULE = EntryDay(
    rule="entry_day",
    column="entry",
    arm=Arm(name="score", label="Programme"),
    comparison=Arm(name="none", label="None"),
)
PLAN = make_plan(RULE)
PLAN = replace(PLAN, panel=replace(PLAN.panel, days=("2010-05-15", "2011-07-15", "2012-09-15")))


def rows(entries, *, periods=(1, 2, 3)):
    """A row for each unit and period with the unit's day of entry."""
    frame = pd.DataFrame([{"unit": u, "period": p, "entry": e} for u, e in entries.items() for p in periods])
    frame["entry"] = (
        frame["entry"].map(lambda d: day_number(d) if isinstance(d, str) else d).astype("float64")
    )
    return frame.astype({"period": "Int64"})


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2010-05-16", 2),
        ("2011-07-15", 2),
        ("2011-07-16", 3),
        ("2012-09-15", 3),
        ("2012-09-16", None),
        (None, None),
    ],
)
def test_treated_from_the_first_period_whose_day_is_on_or_after_entry(day, first):
    units = assign(rows({"a": day, "never": None, "early": "2010-10-01"}), PLAN)
    found = units.loc["a", "first_treat"]
    assert (None if pd.isna(found) else found) == first
    assert units.loc["a", "arm"] == ("none" if first is None else "score")
    assert (units["excluded"] == "").all()


def test_who_entered_by_the_first_period_has_no_period_before():
    units = assign(rows({"a": "2010-05-15", "never": None, "late": "2011-01-01"}), PLAN)
    assert units["excluded"].to_dict() == {"a": ALWAYS_TREATED, "late": "", "never": ""}


def test_a_day_in_any_row_counts_also_outside_the_plan():
    frame = rows({"a": "2011-01-01", "never": None}, periods=(1, 2, 3, 9))
    frame.loc[(frame["unit"] == "a") & (frame["period"] != 9), "entry"] = None
    assert assign(frame, PLAN).loc["a", "first_treat"] == 2


def test_periods_without_an_interview_do_not_move_entry():
    frame = rows({"a": "2011-01-01", "never": None})
    frame = frame[(frame["unit"] != "a") | (frame["period"] != 2)]
    assert assign(frame, PLAN).loc["a", "first_treat"] == 2


def test_a_date_is_read_as_its_day():
    frame = rows({"a": "2011-01-01", "never": None})
    frame["entry"] = pd.to_datetime(frame["entry"], unit="D")
    assert assign(frame, PLAN).loc["a", "first_treat"] == 2


def test_two_days_of_entry_are_refused():
    frame = rows({"a": "2011-01-01", "never": None})
    frame.loc[0, "entry"] += 1
    with pytest.raises(DataError, match="'entry': 1 enterprises have more than one day of entry, a first"):
        assign(frame, PLAN)


def test_nobody_in_the_comparison_is_refused():
    with pytest.raises(IdentificationError, match="arm none: no enterprise in column 'entry'"):
        assign(rows({"a": "2011-01-01"}), PLAN)
