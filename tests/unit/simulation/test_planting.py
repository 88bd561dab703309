"""Clean records, the errors planted into them, and the ledger that knows each one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from impacteval.simulation.planting import N_HEAPERS, RATES, plant
from impacteval.simulation.records import CODED, CODES, clean_records, firm_id

RECORDS = clean_records(300, 4, np.random.default_rng(11))


@pytest.fixture(scope="module")
def planted():
    return plant(RECORDS, RATES, np.random.default_rng(12))


def number(texts):
    return texts.str.replace(".", "").str.replace(r"\((.*)\)", r"-\1", regex=True).astype("float64")


def test_clean_records_add_up():
    firms = RECORDS.firms
    assert (
        firms["emp_total"].astype(int) == firms["emp_male"].astype(int) + firms["emp_female"].astype(int)
    ).all()
    told = firms[~firms[list(CODED)].isin(CODES).any(axis=1)]
    parts = number(told["wage_bill"]) + number(told["materials"]) + number(told["other_cost"])
    assert len(told) > len(firms) / 2
    assert (number(told["total_cost"]) == parts).all()
    assert (number(told["profit"]) == number(told["sales"]) - parts).all()


def test_clean_records_have_one_row_an_enterprise_and_round():
    firms = RECORDS.firms
    assert not firms.duplicated(["firm_id", "round"]).any()
    assert firms["_uuid"].is_unique
    assert set(firms["firm_id"]) == set(RECORDS.frame["firm_id"])
    assert ((firms["exports"] == "yes") == (firms["export_share"] != "")).all()


def test_interviews_of_an_enumerator_never_overlap():
    firms = RECORDS.firms.assign(
        start=pd.to_datetime(RECORDS.firms["start"]), end=pd.to_datetime(RECORDS.firms["end"])
    )
    ordered = firms.sort_values(["enumerator", "start"])
    before = ordered.groupby("enumerator")["end"].shift()
    assert (ordered["start"] >= before)[before.notna()].all()
    assert (ordered["end"] > ordered["start"]).all()


@pytest.mark.parametrize(
    ("number", "expected"), [(1, "SCI-E-0001-8"), (18, "SCI-E-0018-2"), (7992, "SCI-E-7992-1")]
)
def test_check_digit_is_luhn(number, expected):
    """7992: 2 doubled is 4, 9, 9 doubled is 18 and counts 9, 7; they sum to 29, and 1 is missing to 30."""
    assert firm_id(number) == expected


def test_undoing_the_ledger_gives_the_clean_records_back(planted):
    firms = planted.records.firms.set_index("_uuid")
    ledger = planted.ledger
    added = set(ledger.loc[ledger["error"] == "duplicate", "submission"])
    firms = firms[~firms.index.isin(added)]
    for line in ledger[(ledger["column"] != "") & (ledger["error"] != "heaping")].to_dict("records"):
        assert firms.at[line["submission"], line["column"]] == line["planted"]
        firms.at[line["submission"], line["column"]] = line["clean"]
    clean = RECORDS.firms.set_index("_uuid")
    pd.testing.assert_frame_equal(firms.drop(columns="other_cost"), clean.drop(columns="other_cost"))
    heaped = firms.index[firms["other_cost"] != clean["other_cost"]]
    assert firms.loc[heaped, "enumerator"].nunique() == N_HEAPERS


def test_each_row_has_at_most_one_kind_of_error(planted):
    kinds = planted.ledger[planted.ledger["error"] != "heaping"].groupby("submission")["error"].nunique()
    assert kinds.max() == 1


def test_shares_of_rows_are_those_asked_for(planted):
    counts = planted.ledger.groupby("error")["submission"].nunique()
    for error, rate in RATES.items():
        rows = RECORDS.frame if error == "same_firm" else RECORDS.firms
        assert counts[error] == round(rate * len(rows)), error


def test_same_seed_same_records_and_errors(planted):
    again = plant(clean_records(300, 4, np.random.default_rng(11)), RATES, np.random.default_rng(12))
    pd.testing.assert_frame_equal(again.records.firms, planted.records.firms)
    pd.testing.assert_frame_equal(again.ledger, planted.ledger)
