"""Two periods, two groups: the R package DRDID 1.2.3, to a relative 1e-8."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.estimators.propensity import Sample
from impacteval.estimators.two_period import compare_changes
from impacteval.estimators.two_sections import compare_sections
from support.golden import GOLDEN, options_of, read_rows

PANEL = {
    "drdid_imp_panel": "dr_improved",
    "drdid_imp": "dr_improved",
    "drdid_panel": "dr",
    "drdid_trad": "dr",
    "reg_did_panel": "reg",
    "ordid": "reg",
    "std_ipw_did_panel": "ipw",
    "ipwdid_normalized_TRUE": "ipw",
    "ipw_did_panel": "ipw_ht",
    "ipwdid_normalized_FALSE": "ipw_ht",
    # Covariates that do not vary within units leave the estimate of fixed effects alone.
    "twfe_did_panel": "reg",
}
# Method, and whether the outcomes of treated rows are regressed.
SECTIONS = {
    "drdid_imp_rc": ("dr_improved", True),
    "drdid_imp_rc1": ("dr_improved", False),
    "drdid_rc": ("dr", True),
    "drdid_rc1": ("dr", False),
    "reg_did_rc": ("reg", True),
    "std_ipw_did_rc": ("ipw", True),
    "ipw_did_rc": ("ipw_ht", True),
    "twfe_did_rc": ("reg", True),
}
ROWS = read_rows("two_period_drdid.csv")


def why_row_is_left_out(row):
    """Why a row has no counterpart here; empty where it is compared."""
    if row["estimator"] == "twfe_did_rc" and options_of(row)["x"] != "~1":
        return "a regression of cross-sections with covariates that are not interacted is not offered"
    return ""


def why_error_is_left_out(row):
    """Why only the estimate of a row is compared; empty where the error is compared too."""
    if row["estimator"] == "twfe_did_panel" and options_of(row)["x"] != "~1":
        return "DRDID takes the two rows of a unit as independent here and adds covariates that are constant"
    return ""


COMPARED = [row for row in ROWS if not why_row_is_left_out(row)]


@cache
def data():
    frame = pd.read_csv(GOLDEN / "two_period.csv")
    panel = frame[frame["panel2"] == 1].sort_values(["firm", "year"])
    before, later = panel[panel["post2"] == 0], panel[panel["post2"] == 1]
    assert list(before["firm"]) == list(later["firm"])
    return frame, before, later["y"].to_numpy() - before["y"].to_numpy()


def covariates_of(frame, formula):
    columns = {"1": np.ones(len(frame)), "I(lemp0^2)": frame["lemp0"] ** 2}
    names = formula.removeprefix("~").split(" + ")
    values = [columns["1"]] + [columns.get(name, frame.get(name)) for name in names if name != "1"]
    return np.column_stack(values).astype(np.float64)


def sample_of(frame, options):
    weight = np.ones(len(frame)) if options["weights"] == "none" else frame["w"].to_numpy(dtype=np.float64)
    return Sample(
        treated=(frame["ever"] == 1).to_numpy(), x=covariates_of(frame, options["x"]), weight=weight
    )


def contrast_of(row):
    options = options_of(row)
    frame, before, change = data()
    if row["estimator"] == "twfe_did_panel":
        options["x"] = "~1"
    if options["data"] == "panel":
        return compare_changes(change[:, None], sample_of(before, options), method=PANEL[row["estimator"]])
    method, locally_efficient = SECTIONS[row["estimator"]]
    return compare_sections(
        frame["y"].to_numpy()[:, None],
        sample_of(frame, options),
        (frame["post2"] == 1).to_numpy(),
        method=method,
        locally_efficient=locally_efficient,
    )


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: f"line{row['line']}")
def test_two_period_estimators_agree_with_drdid(row):
    contrast = contrast_of(row)
    estimate, n = contrast.estimate[0], len(contrast.influence)
    assert_allclose(estimate, float(row["estimate"]), rtol=1e-8)
    assert_allclose(contrast.influence.mean(), 0, atol=1e-12)
    if why_error_is_left_out(row):
        return
    error = np.sqrt(np.sum(np.square(contrast.influence[:, 0]))) / n
    if row["estimator"] == "twfe_did_rc":
        # Divided by n - 1 where the others divide by n.
        error *= np.sqrt(n / (n - 1))
    assert_allclose(error, float(row["std_error"]), rtol=1e-8)
    crit = float(row["crit_val"])
    assert_allclose(estimate - crit * error, float(row["ci_low"]), rtol=1e-8)
    assert_allclose(estimate + crit * error, float(row["ci_high"]), rtol=1e-8)


def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason():
    without_error = [row for row in COMPARED if why_error_is_left_out(row)]
    assert (len(ROWS), len(COMPARED), len(without_error)) == (152, 146, 6)
    assert {row["estimator"] for row in COMPARED} == {*PANEL, *SECTIONS}
    assert all(
        "n=" not in row["note"] or f"n={len(contrast_of(row).influence)}" in row["note"] for row in COMPARED
    )
