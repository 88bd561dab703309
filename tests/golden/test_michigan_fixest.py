"""Training grants in Michigan: the R package fixest 0.14.2, to a relative 1e-8."""

from __future__ import annotations

import re
from functools import cache

import pytest
from numpy.testing import assert_allclose

from impacteval.estimators.fixed_effects import two_way_fixed_effects
from support import designs
from support.fixest import fixest_effects, numbers_of, why_left_out
from support.golden import read_rows
from support.michigan import michigan_panel

ROWS = read_rows("michigan_fixest.csv")
COMPARED = [row for row in ROWS if not why_left_out(row)]


@cache
def effects_of(y, estimator):
    """The regression's effects with the panel."""
    if estimator == "feols_fe":
        names = ("d88", "d89", "grant", "grant_1")
        panel = michigan_panel(y, covariates=names)
        return panel, two_way_fixed_effects(panel, designs.twfe(regressors=names, period_effects=False))
    panel = michigan_panel(y)
    return panel, fixest_effects(panel, estimator)


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: f"line{row['line']}")
def test_regressions_agree_with_fixest(row):
    y = re.search(r"(?:y=|fml=)(\w+)", row["options"]).group(1)
    panel, effects = effects_of(y, row["estimator"])
    for name, ours, theirs in numbers_of(row, effects, panel):
        assert_allclose(ours, theirs, rtol=1e-8, atol=1e-12, err_msg=name)


def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason():
    assert (len(ROWS), len(COMPARED)) == (156, 102)
