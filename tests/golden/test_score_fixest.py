"""The simulated firm panel: the R package fixest 0.14.2, to a relative 1e-8."""

from __future__ import annotations

from functools import cache

import pytest
from numpy.testing import assert_allclose

from support.fixest import cluster_of, covariates_of, fixest_effects, numbers_of, why_left_out
from support.golden import golden_panel, read_rows, score_frame

ROWS = read_rows("score_fixest.csv")
COMPARED = [row for row in ROWS if not why_left_out(row)]


@cache
def effects_of(case, estimator, covariates, cluster):
    frame = score_frame(complete_only=case == "D_balanced")
    weight = "w" if case.endswith("_weighted") else ""
    panel = golden_panel(
        frame,
        "lvapw",
        covariates=covariates,
        weight=weight,
        cluster="estate" if cluster == "estate" else "unit",
    )
    return panel, fixest_effects(panel, estimator, covariates)


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: f"line{row['line']}")
def test_regressions_agree_with_fixest(row):
    panel, effects = effects_of(row["case"], row["estimator"], covariates_of(row), cluster_of(row))
    for name, ours, theirs in numbers_of(row, effects, panel):
        assert_allclose(ours, theirs, rtol=1e-8, atol=1e-12, err_msg=name)


def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason():
    assert (len(ROWS), len(COMPARED)) == (344, 222)
