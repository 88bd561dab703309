"""Training grants in Michigan: the R package did, to a relative 1e-8."""

from __future__ import annotations

from functools import cache

import pytest

from impacteval.panel import panel_of
from support.did import (
    assert_agrees,
    by_options,
    covariates_of,
    design_of,
    did_results,
    population_of,
    reasons_of,
)
from support.golden import options_of, read_rows
from support.michigan import YEARS, jtrain

DID = read_rows("michigan_did.csv")
CALLS = by_options(DID)


@cache
def michigan_panel_of(y, covariates):
    """The panel with covariates of 1987, as ``lemploy0`` and ``union0``."""
    frame = jtrain()
    frame = frame[frame["period"].isin(YEARS)]
    first = frame[frame["period"] == YEARS[0]].set_index("unit")
    frame = frame.assign(**{f"{name}0": frame["unit"].map(first[name]) for name in ("lemploy", "union")})
    return panel_of(frame, outcome=y, covariates=covariates, periods=YEARS, comparison_arm="no_grant")


@pytest.mark.parametrize("call", CALLS, ids=range(len(CALLS)))
def test_group_time_effects_agree_with_did(call):
    options = options_of({"options": call})
    panel = michigan_panel_of(options["y"], covariates_of(options))
    population, missing, n_units = population_of(panel, options)
    assert_agrees(CALLS[call], did_results(population, design_of(options, missing), n_units))


def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason():
    assert reasons_of(DID) == {"": 2040, "the base period: zero by definition, no row here": 180}
