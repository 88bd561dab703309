"""County teen employment of the R package did: what the R package etwfe makes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.estimators.etwfe import extended_two_way
from impacteval.inference.errors import with_errors
from support.etwfe import design_of, found_effects, key_of, tolerance_of
from support.golden import golden_panel, mpdta_frame, options_of, read_rows

pytestmark = pytest.mark.reference
CLUSTERS = {"countyreal": "unit", "state": "state"}
CASES = {
    "A_mpdta": 450,
    "A_mpdta_weighted": 225,
    "A_mpdta_unbalanced": 225,
}


@pytest.fixture(scope="module")
def frame(reference):
    return mpdta_frame(reference.path("golden", "A_mpdta.csv"))


@pytest.fixture(scope="module")
def rows(reference):
    return [row for row in read_rows(reference.path("golden", "A_other.csv")) if row["package"] == "etwfe"]


def is_reference_period(row):
    """The period before treatment: zero by definition in R, no row here."""
    return row["event_time"] == "-1" and row["estimator"].startswith("emfx")


def rests_on_one_state(row):
    """Whether all treated counties of an effect lie in one state, whose error is not known here.

    The cohort of 2004 is Illinois; no other is treated before 2006 or for more than one year.
    """
    if "cluster=state" not in row["options"]:
        return False
    if row["group"]:
        return row["group"] == "2004"
    return row["time"] in {"2004", "2005"} or row["event_time"] in {"2", "3"}


def averages_one_state(row):
    """Whether an effect averages others of which one rests on one state, with no known error here."""
    is_average = not row["group"] and (row["term"] != "event" or int(row["event_time"]) >= 0)
    return "cluster=state" in row["options"] and is_average


def estimates_of(frame, case, text):
    """Estimates of one call with its clusters, and those whose influence knows of none."""
    options = options_of({"options": text})
    design = design_of(text)
    panel = golden_panel(
        frame[frame["drop5"] == 0] if case.endswith("unbalanced") else frame,
        options["y"],
        covariates=design.covariates,
        weight="" if options["weights"] == "none" else options["weights"],
        cluster=CLUSTERS[options["cluster"]],
    )
    return tuple(
        with_errors(extended_two_way(p, design), "cr1_nested", panel.cluster)
        for p in (panel, replace(panel, cluster=np.arange(panel.n_units)))
    )


@pytest.mark.parametrize("case", CASES)
def test_saturated_regression_agrees_with_etwfe(frame, rows, case):
    mine = [row for row in rows if row["case"] == case]
    for text in sorted({row["options"] for row in mine}):
        found, of_r = map(found_effects, estimates_of(frame, case, text))
        compared = [row for row in mine if row["options"] == text and not is_reference_period(row)]
        for estimator in sorted({row["estimator"] for row in compared}):
            part = [row for row in compared if row["estimator"] == estimator]
            estimate, error = np.array([of_r[key_of(row)] for row in part]).T
            message = f"{text} {estimator}"
            expected = [float(row["estimate"]) for row in part]
            assert_allclose(estimate, expected, rtol=1e-8, err_msg=message)
            expected = np.array([float(row["std_error"]) for row in part])
            known = np.array([not rests_on_one_state(row) for row in part])
            assert_allclose(error[known], expected[known], rtol=tolerance_of(part[0]), err_msg=message)
            assert np.isnan(error[~known]).all()
            known &= [not averages_one_state(row) for row in part]
            ours = np.array([found[key_of(row)][1] for row in part])
            assert_array_equal(ours, np.where(known, error, np.nan))


def test_every_row_is_compared_or_the_reference_period(rows):
    assert Counter(row["case"] for row in rows) == CASES
    left_out = [row for row in rows if is_reference_period(row)]
    assert len(left_out) == 24
    assert {row["std_error"] for row in left_out} == {""}
