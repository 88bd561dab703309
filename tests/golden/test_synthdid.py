"""Simulated firms trained in 2013: the R package synthdid, estimates, weights and errors."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import Synthetic
from impacteval.estimators.synthetic import synthetic, synthetic_weights
from impacteval.inference.errors import with_errors
from impacteval.panel import panel_of
from support.golden import GOLDEN, read_rows

KINDS = {"synthdid_estimate": "sdid", "sc_estimate": "sc", "did_estimate": "did"}
REPLICATIONS = 200
ROWS = read_rows("synthdid.csv")


def why_left_out(row):
    """Why a row has no counterpart here; empty where it is compared."""
    if row["case"] == "F_california_prop99":
        return "its data are not part of the project: compared in tests/reference/test_prop99.py"
    return ""


COMPARED = [row for row in ROWS if not why_left_out(row)]


@cache
def firms():
    frame = pd.read_csv(GOLDEN / "synthdid_panel.csv")
    trained = frame["cohort"] > 0
    frame = frame.assign(
        unit=frame["firm"].map("{:04d}".format),
        period=frame["year"],
        arm=trained.map({True: "trained", False: "control"}),
        first_treat=frame["cohort"].where(trained).astype("Int64"),
        cluster=frame["firm"].astype(str),
    )
    years = sorted(frame["period"].unique())
    return panel_of(frame, outcome="lvapw", covariates=[], periods=years, comparison_arm="control")


@cache
def fitted(kind):
    design = Synthetic(kind=kind, vcov=("jackknife", "placebo"), replications=REPLICATIONS)
    return synthetic(firms(), design, np.random.default_rng(12345)), synthetic_weights(firms(), design)[0]


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: f"line{row['line']}")
def test_synthetic_agrees_with_synthdid(row):
    effects, weights = fitted(KINDS[row["estimator"]])
    expected = float(row["estimate"])
    match row["term"].split("_"):
        case ["tau"]:
            assert_allclose(effects.estimate, expected, rtol=1e-8)
            compare_error(effects, row)
        case ["omega"]:
            unit = np.flatnonzero(effects.unit_ids == f"{int(row['group']):04d}")
            assert_allclose(weights.unit[unit], expected, rtol=1e-8)
        case ["lambda", year]:
            assert_allclose(weights.period[firms().column(int(year))], expected, rtol=1e-8)
        case ["noise.level"]:
            assert_allclose(weights.tuning.noise, expected, rtol=1e-8)
        case ["zeta.omega"]:
            assert_allclose(weights.tuning.unit_penalty, expected, rtol=1e-8)
        case ["zeta.lambda"]:
            assert_allclose(weights.tuning.period_penalty, expected, rtol=1e-8)
        case _:
            pytest.fail(f"no comparison for {row['term']}")


def compare_error(effects, row):
    expected = float(row["std_error"])
    if "placebo" not in row["options"]:
        assert_allclose(with_errors(effects, "jackknife", firms().cluster).std_error, expected, rtol=1e-8)
        assert_allclose(with_errors(effects, "cr0", firms().cluster).std_error, expected, rtol=1e-8)
        return
    error = with_errors(effects, "placebo", firms().cluster).std_error
    # A spread of R draws has a Monte Carlo error of 1 in sqrt(2 R); here both sides are drawn.
    assert_allclose(error, expected, rtol=4 * np.sqrt(2) / np.sqrt(2 * REPLICATIONS))


def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason():
    assert (len(ROWS), len(COMPARED)) == (301, 184)
