"""Training grants in Michigan: the R package etwfe, saturated regressions and their averages."""

from __future__ import annotations

from functools import cache

import pytest
from numpy.testing import assert_allclose

from impacteval.estimators.etwfe import extended_two_way
from impacteval.inference.errors import with_errors
from impacteval.panel import panel_of
from support.etwfe import design_of, found_effects, key_of, tolerance_of
from support.golden import options_of, read_rows
from support.michigan import YEARS, jtrain

ROWS = read_rows("michigan_etwfe.csv")


def why_left_out(row):
    """Why a row has no counterpart here; empty where it is compared."""
    if row["package"] == "bacondecomp":
        return "a decomposition, not an estimator"
    if row["package"] == "staggered":
        return "estimators for random treatment dates are not offered"
    if row["package"] == "DIDmultiplegtDYN":
        return "the estimator for treatments that turn off is not offered"
    if row["event_time"] == "-1":
        return "the period before treatment: zero by definition, no row here"
    return ""


COMPARED = [row for row in ROWS if not why_left_out(row)]


@cache
def effects_of(case, text):
    """The panel, and its estimates and errors by key."""
    frame = jtrain()
    first = frame[frame["year"] == YEARS[0]].set_index("fcode")["lemploy"]
    frame["lemploy0"] = frame["fcode"].map(first)
    if case == "C_jtrain_lemploy0_present":
        frame = frame[frame["lemploy0"].notna()]
    design = design_of(text)
    panel = panel_of(
        frame,
        outcome=options_of({"options": text})["y"],
        covariates=list(design.covariates),
        periods=list(YEARS),
        comparison_arm="no_grant",
    )
    effects = extended_two_way(panel, design)
    return effects, found_effects(with_errors(effects, "cr1_nested", panel.cluster))


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: f"line{row['line']}")
def test_saturated_regression_agrees_with_etwfe(row):
    effects, found = effects_of(row["case"], row["options"])
    estimate, error = found[key_of(row)]
    assert_allclose(estimate, float(row["estimate"]), rtol=1e-8)
    assert_allclose(error, float(row["std_error"]), rtol=tolerance_of(row))
    if "nobs=" in row["note"]:
        assert set(effects.n_obs) == {int(row["note"].split("nobs=")[1])}


def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason():
    assert (len(ROWS), len(COMPARED)) == (223, 185)
