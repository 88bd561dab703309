from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from impacteval.simulation.programme_study.amount_errors import ANNUAL
from impacteval.simulation.programme_study.exports import raw_files
from impacteval.simulation.programme_study.instruments import INSTRUMENTS
from impacteval.simulation.programme_study.planted_errors import ATTITUDES, SPOILERS, UNDECLARED, plant
from impacteval.simulation.programme_study.plot import CODES, LEDGER_COLUMNS
from impacteval.survey.expressions import holds, parse
from impacteval.survey.numbers import read_numbers
from impacteval.survey.problems import errors_among
from impacteval.survey.read import read_all
from support.programme_parameters import parameters
from support.programme_study import (
    SEED,
    central_study,
    declared_codebook,
    declared_tables,
    instruments,
    wide,
    write_raw,
)

NO_ERRORS = replace(
    parameters().errors, **{name: type(value)(0) for name, value in asdict(parameters().errors).items()}
)
ROUNDED = ("heaping_money", "heaping")


@pytest.fixture(scope="module")
def ledger():
    """Lines of the central study's ledger."""
    return central_study().planted.ledger


def lines(ledger, error):
    found = ledger[ledger["error"] == error]
    assert len(found)
    return found


def values(cells):
    return read_numbers(cells.astype("str"), "id", is_whole=False).values.to_numpy()


def n_interviews(name):
    return len(central_study().clean.interviews[name].text)


def test_the_ledger_has_the_columns_that_scores_read(ledger):
    assert tuple(ledger.columns) == LEDGER_COLUMNS
    assert not ledger.duplicated(["submission", "column"]).any()


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_line_is_true(ledger, name):
    mine = ledger[(ledger["table"] == name) & (ledger["column"] != "")]
    clean, spoilt = wide(central_study().clean, name), wide(central_study().planted.delivery, name)
    for column, group in mine.groupby("column"):
        assert clean.loc[group["submission"], column].tolist() == group["clean"].tolist(), column
        assert spoilt.loc[group["submission"], column].tolist() == group["planted"].tolist(), column
    waves = clean.loc[mine["submission"], "wave"].to_numpy()
    assert mine["file"].tolist() == [f"{name}_R{wave}.csv" for wave in waves]
    assert (mine["clean"] != mine["planted"]).all()


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_without_the_ledger_nothing_differs(ledger, name):
    mine = ledger[ledger["table"] == name]
    repeated = mine.loc[mine["error"] == "dup", "submission"]
    restored = wide(central_study().planted.delivery, name).drop(index=repeated)
    for column, group in mine[mine["column"] != ""].groupby("column"):
        restored.loc[group["submission"], column] = group["clean"].to_numpy()
    pd.testing.assert_frame_equal(restored, wide(central_study().clean, name))


def test_no_interview_has_two_errors_beside_rounding_and_haste(ledger):
    others = ledger[~ledger["error"].isin([*ROUNDED, "short_interview"])]
    assert (others.groupby("submission")["error"].nunique() == 1).all()
    assert not set(others.loc[others["error"] == "dup", "clean"]) & set(
        others.loc[others["error"] != "dup", "submission"]
    )


# What the share of an error is a share of: interviews of enterprises in which it can be.
ELIGIBLE = {
    "money_unit_1e3_1e6": lambda text: ~text["sales_idr"].isin(CODES),
    "month_vs_year": lambda text: ~(text["sales_idr"].isin(CODES) | text["wage_bill_basic_idr"].isin(CODES)),
    "decimal_comma_text": lambda text: ~text[list(ANNUAL)].isin(CODES).all(axis=1),
    "id_changed": lambda text: text["wave"] != "",
    "negative": lambda text: ~text["materials_idr"].isin(CODES),
    "emp_total_mismatch": lambda text: ~text["emp_total_reported"].isin(CODES),
    "gps_out": lambda text: text["_gps_latitude"] != "",
    "kwh_mwh": lambda text: ~text["elec_kwh"].isin(CODES),
    "missing_code_numeric": lambda text: text["wave"] != "",
    "pii_in_text": lambda text: text["wave"] != "0",
    "skip_violation": lambda text: text["wave"] != "0",
}


@pytest.mark.parametrize("error", ELIGIBLE)
def test_errors_of_enterprises_are_as_frequent_as_asked(ledger, error):
    n = int(ELIGIBLE[error](central_study().clean.interviews["enterprise"].text).sum())
    rate = asdict(parameters().errors)[error]
    tolerance = 4 * np.sqrt(n * rate * (1 - rate)) + 1
    assert abs(lines(ledger, error)["submission"].nunique() - rate * n) <= tolerance


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_interviews_are_repeated_as_often_as_asked(ledger, name):
    repeated = lines(ledger, "dup")
    assert (repeated["table"] == name).sum() == round(parameters().errors.dup * n_interviews(name))


def test_straight_lines_are_as_frequent_as_asked(ledger):
    text = central_study().clean.interviews["workers"].text
    n, rate = int((text["wave"] != "0").sum()), parameters().errors.straightline_workers
    found = lines(ledger, "straightline_workers")["submission"].nunique()
    assert abs(found - rate * n) <= 4 * np.sqrt(n * rate * (1 - rate)) + 1


def test_amounts_are_rounded_as_often_as_asked(ledger):
    clean = central_study().clean.interviews["workers"]
    n_lines = lines(ledger, "heaping_money").groupby("column").size()
    for column in clean.amounts:
        told = clean.text.loc[~clean.text[column].isin(CODES), column]
        amounts = pd.Series(values(told))
        digits = 10 ** np.maximum(np.floor(np.log10(amounts.abs().clip(lower=1))) - 1, 0)
        n = int((np.rint(amounts / digits) * digits != amounts).sum())
        rate = parameters().errors.heaping_money
        assert abs(n_lines[column] - rate * n) <= 4 * np.sqrt(n * rate * (1 - rate))


def test_rounded_amounts_have_two_digits_and_those_of_bad_enumerators_one(ledger):
    for error, digits in (("heaping_money", 2), ("heaping", 1)):
        amounts = np.abs(values(lines(ledger, error)["planted"]))
        text = pd.Series(amounts).map("{:.0f}".format).str.rstrip("0")
        assert (text.str.len() <= digits).all()


def test_two_enumerators_round_nearly_all_their_amounts_and_hurry(ledger):
    text = wide(central_study().clean, "enterprise")
    bad = set(text.loc[lines(ledger, "heaping")["submission"], "enumerator"])
    assert len(bad) == parameters().errors.bad_enumerators
    hurried = lines(ledger, "short_interview")
    assert set(text.loc[hurried["submission"], "enumerator"]) == bad
    theirs = text[text["enumerator"].isin(bad)]
    told = int((~theirs["sales_idr"].isin(CODES)).sum())
    rounded = int((lines(ledger, "heaping")["column"] == "sales_idr").sum())
    assert 0.75 * told <= rounded <= told
    length = (
        pd.to_datetime(hurried["planted"]).to_numpy()
        - pd.to_datetime(text.loc[hurried["submission"], "start"]).to_numpy()
    )
    assert (length < np.timedelta64(17, "m")).all() and (length > np.timedelta64(8, "m")).all()


def test_slips_of_units_are_by_a_thousand_or_a_million(ledger):
    found = lines(ledger, "money_unit_1e3_1e6")
    ratio = np.log10(values(found["planted"]) / values(found["clean"]))
    assert np.isclose(np.abs(ratio)[:, None], [3, 6], atol=0.02).any(axis=1).all()
    assert set(found["column"]) <= set(ANNUAL)
    per_interview = found.groupby("submission").size()
    assert (per_interview == 1).any() and (per_interview > 3).any()


def test_a_month_is_a_twelfth_of_the_year(ledger):
    found = lines(ledger, "month_vs_year")
    assert np.allclose(values(found["clean"]) / values(found["planted"]), 12, rtol=1e-3)


def test_english_marks_cannot_be_read_as_indonesian(ledger):
    found = lines(ledger, "decimal_comma_text")
    assert np.isnan(values(found["planted"])).all()
    english = read_numbers(found["planted"], "en", is_whole=False).values
    assert english.tolist() == values(found["clean"]).tolist()


def test_a_changed_id_contradicts_its_check_digit(ledger):
    for line in lines(ledger, "id_changed").itertuples():
        differs = [a != b for a, b in zip(line.clean, line.planted, strict=True)]
        assert sum(differs) == 1 and differs.index(True) in range(6, 10)


def test_negative_totals_positions_and_energy_are_what_their_names_say(ledger):
    negative = lines(ledger, "negative")
    assert values(negative["planted"]).tolist() == (-values(negative["clean"])).tolist()
    total = lines(ledger, "emp_total_mismatch")
    assert (total["planted"].astype(int) > 0).all()
    north = lines(ledger, "gps_out")
    assert (north["planted"].astype(float) > 0).all() and set(north["column"]) == {"_gps_latitude"}
    energy = lines(ledger, "kwh_mwh")
    assert np.allclose(energy["clean"].astype(float) / energy["planted"].astype(float), 1000, rtol=0.01)


def test_codes_are_none_that_the_form_declares(ledger):
    found = lines(ledger, "missing_code_numeric")
    assert set(found["planted"]) <= set(UNDECLARED)


def test_personal_data_are_added_to_remarks(ledger):
    found = lines(ledger, "pii_in_text")
    assert found["planted"].str.contains("[0-9]{8}|@|NPWP", regex=True).all()
    pairs = zip(found["clean"], found["planted"], strict=True)
    assert all(planted.startswith(clean) for clean, planted in pairs)


def test_answers_stand_where_the_form_skips_the_question(ledger):
    clean = wide(central_study().clean, "enterprise")
    questions = {q.name: q for q in instruments()["enterprise"].form.questions}
    for line in lines(ledger, "skip_violation").itertuples():
        condition = parse(questions[line.column].relevant, clock="2010-01-01")
        assert line.clean == "" and line.planted not in CODES
        assert not holds(condition, clean.loc[[line.submission]]).any()


def test_a_straight_line_gives_one_answer_to_all_views(ledger):
    keys = lines(ledger, "straightline_workers")["submission"].unique()
    answers = wide(central_study().planted.delivery, "workers").loc[keys, list(ATTITUDES)]
    assert (answers.nunique(axis=1) == 1).all()


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_repeated_interview_is_the_first_one_under_another_key(ledger, name):
    repeated = ledger[(ledger["error"] == "dup") & (ledger["table"] == name)]
    spoilt = wide(central_study().planted.delivery, name)
    own = ["_id", "_index"]
    first = spoilt.loc[repeated["clean"]].drop(columns=own).reset_index(drop=True)
    second = spoilt.loc[repeated["submission"]].drop(columns=own).reset_index(drop=True)
    pd.testing.assert_frame_equal(first, second)
    assert spoilt["_id"].is_unique and spoilt.index.is_unique


def test_files_with_errors_can_be_read(tmp_path):
    folder = write_raw(tmp_path, central_study().planted.delivery)
    text, problems = read_all(folder, declared_tables(), declared_codebook())
    assert not errors_among(problems)
    n_repeated = central_study().planted.ledger["error"].eq("dup").sum()
    assert sum(len(t) for t in text.values()) == sum(map(n_interviews, INSTRUMENTS)) + n_repeated


def test_registers_stay_as_they_are():
    assert central_study().planted.delivery.registers == central_study().clean.registers


def test_no_rates_no_errors():
    clean = central_study().clean
    planted = plant(clean, NO_ERRORS, instruments(), SEED)
    assert planted.ledger.empty and raw_files(planted.delivery) == raw_files(clean)


@pytest.mark.parametrize("error", ["emp_total_mismatch", "heaping_money"])
def test_an_error_alone_is_the_same_as_among_others(ledger, error):
    """Random numbers are of the error: another rate elsewhere moves nothing but what it excludes."""
    rates = replace(NO_ERRORS, **{error: asdict(parameters().errors)[error]})
    alone = plant(central_study().clean, rates, instruments(), SEED).ledger
    together = lines(ledger, error)
    assert set(alone["error"]) == {error}
    assert abs(len(alone) - len(together)) <= 0.25 * len(alone)


def test_every_rate_of_the_parameters_is_planted(ledger):
    elsewhere = {"skip_violation", "straightline_workers", "heaping_money", "dup", "bad_enumerators"}
    assert set(SPOILERS) | elsewhere == set(asdict(parameters().errors))
    assert set(SPOILERS) | elsewhere - {"bad_enumerators"} | {"heaping", "short_interview"} == set(
        ledger["error"]
    )
