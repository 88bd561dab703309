"""County teen employment: the R package fixest 0.14.2, to a relative 1e-8."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose

from support.fixest import cluster_of, covariates_of, fixest_effects, numbers_of, why_left_out
from support.golden import golden_panel, mpdta_frame, read_rows

INFERENCE = ("std_error", "ci_low", "ci_high", "p_value")
pytestmark = pytest.mark.reference


@cache
def effects_of(path, case, estimator, covariates, cluster):
    frame = mpdta_frame(path)
    panel = golden_panel(
        frame[frame["drop5"] == 0] if case.endswith("_unbalanced") else frame,
        "lemp",
        covariates=covariates,
        weight="w" if case.endswith("_weighted") else "",
        cluster="state" if cluster == "state" else "unit",
    )
    return panel, fixest_effects(panel, estimator, covariates)


def lies_in_one_cluster(row):
    """All counties of cohort 2004, the only one seen at event times 2 and 3, lie in one state.

    The sum over states then misses the variance of their mean: no error is given here.
    """
    of_cohort = row["term"].endswith(("_::2", "_::3", "year::2", "year::3", "cohort::2004"))
    return cluster_of(row) == "state" and of_cohort


def averages_one_cluster(row):
    """Averages over cohorts that hold cohort 2004, for which fixest's errors leave out its part."""
    return (cluster_of(row), row["estimator"]) == ("state", "sunab") and row["term"].endswith(
        ("ATT", "year::0", "year::1")
    )


def test_regressions_agree_with_fixest(reference):
    rows = read_rows(reference.path("golden", "A_fixest.csv"))
    compared = [row for row in rows if not why_left_out(row)]
    data = reference.path("golden", "A_mpdta.csv")
    n_without_error = n_averages = 0
    for row in compared:
        panel, effects = effects_of(data, row["case"], row["estimator"], covariates_of(row), cluster_of(row))
        found = numbers_of(row, effects, panel)
        if lies_in_one_cluster(row):
            n_without_error += 1
            assert all(np.isnan(ours) for name, ours, _ in found if name in INFERENCE)
            found = [number for number in found if number[0] not in INFERENCE]
        elif averages_one_cluster(row):
            n_averages += 1
            assert all(np.isnan(ours) for name, ours, _ in found if name in INFERENCE)
            # Influence is known to an analysis by county; its sums over states give fixest's numbers.
            _, of_counties = effects_of(data, row["case"], row["estimator"], covariates_of(row), "countyreal")
            found = numbers_of(row, of_counties, panel)
        for name, ours, theirs in found:
            assert_allclose(ours, theirs, rtol=1e-8, atol=1e-12, err_msg=f"line {row['line']}: {name}")
    assert (len(rows), len(compared), n_without_error, n_averages) == (298, 218, 22, 6)
