"""California's tobacco programme of 1988: the R package synthdid on the data of its authors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import Synthetic
from impacteval.estimators.synthetic import synthetic, synthetic_weights
from impacteval.inference.errors import with_errors
from impacteval.panel import panel_of
from support.golden import read_rows

pytestmark = pytest.mark.reference

KINDS = {"synthdid_estimate": "sdid", "sc_estimate": "sc", "did_estimate": "did"}
REPLICATIONS = 200
ROWS = [row for row in read_rows("synthdid.csv") if row["case"] == "F_california_prop99"]


@pytest.fixture(scope="module")
def states(reference):
    frame = pd.read_csv(reference.path("golden", "F_california_prop99.csv"))
    first = frame[frame["treated"] == 1].groupby("State")["Year"].min()
    frame["unit"] = frame["cluster"] = frame["State"]
    frame["period"] = frame["Year"]
    frame["first_treat"] = frame["State"].map(first).astype("Int64")
    frame["arm"] = frame["first_treat"].notna().map({True: "programme", False: "none"})
    years = sorted(frame["period"].unique())
    return panel_of(frame, outcome="PacksPerCapita", covariates=[], periods=years, comparison_arm="none")


@pytest.mark.parametrize("estimator", KINDS)
def test_weights_and_estimate_agree_with_synthdid(states, estimator):
    design = Synthetic(kind=KINDS[estimator], vcov=("placebo",), replications=REPLICATIONS)
    effects = synthetic(states, design, np.random.default_rng(12345))
    weights = synthetic_weights(states, design)[0]
    place = {f"omega_{name}": j for j, name in enumerate(states.unit_ids)}
    for row in (row for row in ROWS if row["estimator"] == estimator):
        term, expected = row["term"], float(row["estimate"])
        if term == "tau":
            assert_allclose(effects.estimate, expected, rtol=1e-8)
            error = with_errors(effects, "placebo", states.cluster).std_error
            # A spread of R draws has a Monte Carlo error of 1 in sqrt(2 R), wider by the kurtosis of the
            # draws, which come from 38 placebo states; here both sides are drawn.
            assert_allclose(error, float(row["std_error"]), rtol=4 * np.sqrt(2) / np.sqrt(2 * REPLICATIONS))
        elif term.startswith("lambda_"):
            year = states.column(int(term.removeprefix("lambda_")))
            assert_allclose(weights.period[year], expected, rtol=1e-8, atol=1e-12)
        else:
            assert_allclose(weights.unit[place[term]], expected, rtol=1e-8, atol=1e-12)


def test_every_row_of_the_case_is_about_weights_or_the_estimate():
    terms = [row["term"].partition("_")[0] for row in ROWS]
    assert {term: terms.count(term) for term in set(terms)} == {"tau": 3, "omega": 76, "lambda": 38}


def test_one_treated_state_has_a_placebo_error_but_no_jackknife(states):
    design = Synthetic(vcov=("jackknife", "placebo", "bootstrap"), replications=2)
    effects = synthetic(states, design, np.random.default_rng(1))
    assert np.isfinite(effects.resampled["placebo"]).all()
    assert np.isnan([effects.resampled["jackknife"], effects.resampled["bootstrap"]]).all()
