"""Costs and what an effect cost, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.errors import DataError
from impacteval.programme.costs import (
    COST_COLUMNS,
    INCLUDES_ZERO,
    NO_INTERVAL,
    NOT_ESTIMATED,
    UNWANTED,
    costs,
    in_one_currency,
    unit_costs,
)
from support.programmes import LEDGER, PROGRAMME, ledger, people, rate

NAN = float("nan")


RATES = (rate(),)


def converted(frame=None, rates=RATES):
    return in_one_currency(ledger() if frame is None else frame, LEDGER, rates)


def table_of(frame=None):
    frame = ledger() if frame is None else frame
    return costs(frame, converted(frame), LEDGER)


def headline(estimate, low, high, direction="higher", outcome="practices"):
    return pd.DataFrame(
        {
            "outcome": outcome,
            "estimate": estimate,
            "conf_low": low,
            "conf_high": high,
            "direction": direction,
        },
        index=[0],
    )


def units(effect=None, *, frame=None, n_enterprises=7):
    frame = ledger() if frame is None else frame
    tables = {"costs": frame, "people": people()}
    effect = headline(2.0, 1.0, 4.0).iloc[:0] if effect is None else effect
    found = unit_costs(tables, converted(frame), PROGRAMME, effect, n_enterprises=n_enterprises)
    return found.set_index("measure")


def test_amounts_are_converted_at_the_rate_of_their_own_day():
    rates = (rate(8_000.0, valid_to="2011-01-01"), rate(10_000.0, valid_from="2011-01-02"))
    assert converted(rates=rates).tolist() == [400, 125, 100, 100]


def test_amounts_without_rate_currency_day_or_number_are_all_named():
    frame = ledger()
    frame.loc[0, "currency"] = None
    frame.loc[2, "amount"] = np.nan
    frame.loc[3, "booked_on"] = pd.NaT
    with pytest.raises(DataError) as caught:
        converted(frame, (rate(valid_from="2012-01-01"),))
    said = str(caught.value)
    assert said.startswith("4 entries of the ledger of costs: 4 problems")
    assert [f"costs.csv, row {n}: no amount in USD" in said for n in (2, 3, 4, 5)] == [True] * 4
    assert "idr_per_usd has no value then" in said


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_rate_that_is_not_above_zero_converts_nothing(value):
    with pytest.raises(DataError, match="2 entries of the ledger"):
        converted(rates=(rate(value),))


def test_infinite_amounts_are_refused():
    with pytest.raises(DataError, match="1 entries of the ledger"):
        converted(ledger().assign(amount=[np.inf, 1.0, 1.0, 1.0]))


def test_a_third_currency_is_refused_since_there_is_one_rate():
    frame = ledger()
    frame.loc[0, "currency"] = "EUR"
    with pytest.raises(DataError, match="EUR, IDR beside USD, but idr_per_usd is the rate of one"):
        converted(frame)


def test_ledger_in_the_currency_shown_needs_no_rate():
    frame = ledger().query("currency == 'USD'")
    assert converted(frame, ()).tolist() == [400, 100]


def test_totals_by_component_year_and_payer():
    table = table_of()
    assert list(table.columns) == list(COST_COLUMNS)
    found = {
        (r.component, None if pd.isna(r.year) else r.year, r.payer): (r.amount, r.n_entries)
        for r in table.itertuples()
    }
    assert found == {
        ("staff", 2010, "donor"): (400, 1),
        ("staff", 2011, "donor"): (100, 1),
        ("training", 2011, "donor"): (100, 1),
        ("training", 2011, "fee"): (100, 1),
        ("staff", None, "donor"): (500, 2),
        ("training", None, "donor"): (100, 1),
        ("training", None, "fee"): (100, 1),
        ("all", 2010, "donor"): (400, 1),
        ("all", 2011, "donor"): (200, 2),
        ("all", 2011, "fee"): (100, 1),
        ("all", None, "donor"): (600, 3),
        ("all", None, "fee"): (100, 1),
        ("all", None, "all"): (700, 4),
    }
    assert set(table["currency"]) == {"USD"}
    assert_allclose(table["share"], table["amount"] / 700)


def test_entries_without_component_or_payer_are_in_the_totals():
    frame = ledger()
    frame.loc[0, ["component", "payer"]] = None
    table = table_of(frame)
    parts = table[table["year"].isna() & (table["component"] != "all")]
    assert parts["amount"].sum() == 700
    assert parts.loc[parts["component"] == "not stated", "payer"].tolist() == ["not stated"]


def test_ledger_without_entries_costs_nothing():
    frame = ledger().iloc[:0]
    table = table_of(frame)
    assert table[["component", "payer", "amount", "n_entries"]].to_numpy().tolist() == [["all", "all", 0, 0]]
    assert table["share"].isna().all()
    found = units(frame=frame)
    assert found.loc["per_enterprise", "value"] == 0
    assert np.isnan(found.loc["cost_recovery", "value"])


def test_costs_of_an_enterprise_and_a_person_and_what_fees_recover():
    found = units()
    assert found.loc["per_enterprise", ["value", "numerator", "denominator"]].tolist() == [100, 700, 7]
    assert found.loc["per_person_trained", ["value", "denominator"]].tolist() == [175, 4]
    assert_allclose(found.loc["cost_recovery", "value"], 100 / 700)
    assert found["currency"].tolist() == ["USD", "USD", "share"]


def test_persons_are_told_apart_within_their_enterprise():
    tables = {"costs": ledger(), "people": people().assign(person="p1")}
    empty = headline(1.0, 1.0, 1.0).iloc[:0]
    found = unit_costs(tables, converted(), PROGRAMME, empty, n_enterprises=7).set_index("measure")
    assert found.loc["per_person_trained", "denominator"] == 2


def test_no_enterprises_have_no_cost_each():
    found = units(headline(2.0, 1.0, 4.0), n_enterprises=0)
    assert found.loc[["per_enterprise", "per_unit_of_effect"], "value"].isna().all()


def test_cost_of_an_effect_has_the_interval_of_the_effect_turned_round():
    row = units(headline(2.0, 1.0, 4.0)).loc["per_unit_of_effect"]
    assert row[["outcome", "value", "low", "high"]].tolist() == ["practices", 50, 25, 100]
    assert row[["numerator", "denominator", "note"]].tolist() == [100, 2, ""]


def test_a_fall_that_is_wanted_has_a_cost():
    row = units(headline(-2.0, -4.0, -1.0, "lower")).loc["per_unit_of_effect"]
    assert row[["value", "low", "high", "note"]].tolist() == [50, 25, 100, ""]


@pytest.mark.parametrize(
    ("estimate", "low", "high", "direction", "note"),
    [
        (2.0, -1.0, 5.0, "higher", INCLUDES_ZERO),
        (2.0, 0.0, 4.0, "higher", INCLUDES_ZERO),
        (-2.0, -4.0, 0.0, "lower", INCLUDES_ZERO),
        (0.0, 0.0, 0.0, "higher", INCLUDES_ZERO),
        (NAN, NAN, NAN, "higher", NOT_ESTIMATED),
        (2.0, NAN, NAN, "higher", NO_INTERVAL),
        (2.0, 1.0, 4.0, "lower", UNWANTED),
        (-2.0, -4.0, -1.0, "higher", UNWANTED),
    ],
)
def test_what_is_no_gain_for_certain_has_no_cost_and_says_why(estimate, low, high, direction, note):
    row = units(headline(estimate, low, high, direction)).loc["per_unit_of_effect"]
    assert row[["value", "low", "high"]].isna().all()
    assert row["note"] == note


def test_costs_are_finite_or_missing_for_tiny_effects():
    row = units(headline(1e-300, 1e-301, 1e-299)).loc["per_unit_of_effect"]
    assert np.isfinite(row["value"])


def test_the_order_of_entries_changes_no_cost():
    turned = table_of(ledger().iloc[::-1])
    pd.testing.assert_frame_equal(turned, table_of())
