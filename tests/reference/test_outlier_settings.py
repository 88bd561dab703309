"""A household survey and the outlier settings it was checked with: the same rows are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from impacteval.checks import Unique
from impacteval.checks.statistics import Outlier
from impacteval.delivery import Roles
from impacteval.validation.outliers import check_outlier
from support.statistics import rows_of
from support.surveys import findings_in, make_survey
from support.tables import variable

pytestmark = [pytest.mark.reference, pytest.mark.usefixtures("great_expectations")]
ABOUT = {"id": "c", "table": "households"}
AMOUNTS = ("inc_11", "inc_12", "exp_25_1", "exp_25_2", "crp10a_c1_p1", "crp10a_c1_p2")


@pytest.fixture(scope="module")
def settings(reference):
    """Values of the settings by their parameter."""
    path = reference.path("data", "survey", "LWH_iehfc_parameters.csv")
    return pd.read_csv(path, dtype="str").groupby("Parameter")["Value"].apply(list).to_dict()


@pytest.fixture(scope="module")
def raw(reference):
    path = reference.path("data", "survey", "LWH_FUP2_raw_data.csv")
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def survey_of(raw, missing_codes=()):
    variables = [variable(c, "decimal", missing_codes=missing_codes) for c in AMOUNTS]
    book = [replace(v, table="households") for v in (variable("hhid"), variable("enumerator"), *variables)]
    columns = {v.column: raw[v.column].tolist() for v in book}
    return make_survey({"households": columns}, book, {"households": Roles(unit="hhid")})


def check_of(settings, columns, **changes):
    return Outlier(
        kind="outlier",
        columns=columns,
        method=settings["outlier_method"][0],
        multiplier=float(settings["outlier_multiplier"][0]),
        scale="raw",
        **ABOUT,
        **changes,
    )


def beyond(values, multiplier):
    """Where values lie more than so many standard deviations from their mean, by plain pandas."""
    stacked = pd.concat(
        [pd.to_numeric(v, errors="coerce").reset_index(drop=True) for v in values], ignore_index=True
    )
    return (stacked < stacked.mean() - multiplier * stacked.std()) | (
        stacked > stacked.mean() + multiplier * stacked.std()
    )


def test_settings_are_those_of_the_test(settings):
    assert settings["indiv_outlier_vars_select_var"] == ["inc_11", "inc_12"]
    assert settings["group_outlier_vars_select_var"] == ["exp_25", "crp10a_c1_p"]
    assert (settings["outlier_method"], settings["outlier_multiplier"]) == (["sd"], ["3"])


def test_single_columns_have_the_outliers_that_pandas_counts(settings, raw):
    columns = tuple(settings["indiv_outlier_vars_select_var"])
    survey, _ = survey_of(raw)
    for column in columns:
        expected = np.flatnonzero(beyond([raw[column]], 3.0)).tolist()
        assert len(expected) > 0
        assert rows_of(check_outlier(survey, check_of(settings, (column,)))) == expected
    assert len(rows_of(check_outlier(survey, check_of(settings, columns)))) == sum(
        int(beyond([raw[c]], 3.0).sum()) for c in columns
    )


def test_columns_of_one_question_are_judged_together_as_pandas_counts(settings, raw):
    survey, _ = survey_of(raw)
    for group in settings["group_outlier_vars_select_var"]:
        columns = tuple(c for c in AMOUNTS if c.startswith(group))
        assert len(columns) == 2
        expected = beyond([raw[c] for c in columns], 3.0).to_numpy().reshape(2, -1)
        found = {
            f.columns[0]: f.rows.tolist()
            for f in check_outlier(survey, check_of(settings, columns, together=True))
        }
        assert found == {
            c: np.flatnonzero(e).tolist() for c, e in zip(columns, expected, strict=True) if e.any()
        }
        assert found


def test_special_codes_are_left_out_as_missing_or_as_listed(settings, raw):
    column = "inc_12"
    expected = np.flatnonzero(beyond([raw[column].where(raw[column] != "-88", "")], 3.0)).tolist()
    coded, _ = survey_of(raw, missing_codes=("-88=dont_know",))
    plain, _ = survey_of(raw)
    assert rows_of(check_outlier(coded, check_of(settings, (column,)))) == expected
    assert rows_of(check_outlier(plain, check_of(settings, (column,), ignore=(-88.0,)))) == expected


def test_three_household_ids_stand_twice(raw):
    check = Unique(kind="unique", columns=("hhid",), severity="error", message="m", suggestion="s", **ABOUT)
    found = findings_in(survey_of(raw), check)
    assert found["unit_id"].nunique() == 3
    assert sorted(found["unit_id"].unique()) == ["3004", "3066", "3209"]
