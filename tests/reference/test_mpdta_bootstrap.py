"""County teen employment: multiplier draws and bands beside the R package did with 25,000 draws."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.inference.multiplier import multiplier_draws
from support.did import covariates_of, design_of, effects_of, without_clusters
from support.golden import golden_panel, mpdta_frame, options_of, read_rows

pytestmark = pytest.mark.reference
N_DRAWS = 20_000
KIND = {
    "att_gt": "att_gt",
    "aggte_simple": "simple",
    "aggte_dynamic": "event_time",
    "aggte_group": "cohort",
    "aggte_calendar": "calendar",
}


@cache
def drawn(path, x, control, cluster):
    """Each kind of effect with its draws: keys, errors from the draws, critical value."""
    options = {"x": x, "control": control, "est_method": "dr", "base_period": "varying", "anticipation": "0"}
    cluster = cluster.replace("none", "unit")
    panel = golden_panel(mpdta_frame(path), "lemp", covariates=covariates_of(options), cluster=cluster)
    found = {}
    # Of averages with a cohort in one state, which did takes no notice of, there is no influence by state.
    for part in effects_of(without_clusters(panel), design_of(options, "complete_units")):
        kind = part.keys[0].estimand
        keep = [
            j for j, k in enumerate(part.keys) if kind not in {"cohort", "calendar"} or k.cohort or k.period
        ]
        draws = multiplier_draws(part.influence[:, keep], panel.cluster, N_DRAWS, np.random.default_rng(7))
        found[kind] = ([part.keys[j] for j in keep], draws)
    return found


def place(row, keys):
    """Position of a row's effect among keys."""
    group, time, event_time = (int(row[c]) if row[c] else None for c in ("group", "time", "event_time"))
    for j, key in enumerate(keys):
        if row["estimator"] == "aggte_dynamic":
            if key.event_time == event_time:
                return j
        elif (key.cohort, key.period) == (group, time):
            return j
    raise LookupError(row)


def test_errors_and_critical_values_are_those_of_did_within_simulation_error(reference):
    data = reference.path("golden", "A_mpdta.csv")
    n_compared = 0
    for row in read_rows(reference.path("golden", "A_attgt_bootstrap_stochastic.csv")):
        options = options_of(row)
        if row["std_error"] == "" or (row["term"] == "overall" and row["estimator"] != "aggte_simple"):
            continue
        found = drawn(data, options["x"], options["control"], options["cluster"])
        keys, draws = found[KIND[row["estimator"]]]
        # An interquartile range of m draws has a relative standard error of 1.17 / sqrt(m).
        tolerance = 4 * 1.17 * np.sqrt(1 / N_DRAWS + 1 / 25_000)
        # Few clusters draw few distinct values: R and we then differ by the steps between them.
        steps = 0.04 if options["cluster"] == "state" else 0.0
        error = draws.std_error[place(row, keys)]
        assert_allclose(error, float(row["std_error"]), rtol=tolerance + steps)
        if row["estimator"] != "aggte_simple":
            assert_allclose(
                draws.critical_value(error=draws.std_error), float(row["crit_val"]), rtol=0.03 + steps
            )
        n_compared += 1
    assert n_compared == 108
