"""Simulated firms with a staggered programme: the R package did, to a relative 1e-8."""

from __future__ import annotations

from functools import cache

import pytest

from support.did import (
    assert_agrees,
    by_options,
    covariates_of,
    design_of,
    did_results,
    population_of,
    reasons_of,
    without_early,
)
from support.golden import golden_panel, options_of, read_rows, score_frame

BALANCED = read_rows("score_did_balanced.csv")
UNBALANCED = read_rows("score_did_unbalanced.csv")
CALLS = {
    **{(call, True): rows for call, rows in by_options(BALANCED).items()},
    **{(call, False): rows for call, rows in by_options(UNBALANCED).items()},
}


@cache
def score_panel(complete_only, covariates, weight, cluster, anticipation):
    frame = without_early(score_frame(complete_only=complete_only), anticipation)
    return golden_panel(frame, "lvapw", covariates=covariates, weight=weight, cluster=cluster)


@pytest.mark.parametrize("call", CALLS, ids=range(len(CALLS)))
def test_group_time_effects_agree_with_did(call):
    options = options_of({"options": call[0]})
    panel = score_panel(
        call[1],
        covariates_of(options),
        options["weights"].replace("none", ""),
        options["cluster"].replace("none", "unit"),
        int(options["anticipation"]),
    )
    population, missing, n_units = population_of(panel, options)
    assert missing == ("complete_units" if call[1] else "rows")
    assert_agrees(CALLS[call], did_results(population, design_of(options, missing), n_units))


def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason():
    assert reasons_of(BALANCED) == {"": 1662, "the base period: zero by definition, no row here": 96}
    assert reasons_of(UNBALANCED) == {"": 774}
