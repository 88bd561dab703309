"""County teen employment: the R package did on panels, cross-sections, weights and clusters."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from impacteval.panel import Panel
from support.did import (
    assert_agrees,
    by_options,
    covariates_of,
    design_of,
    did_results,
    effects_of,
    population_of,
    reasons_of,
    without_early,
)
from support.golden import golden_panel, mpdta_frame, options_of, read_rows

REFERENCE_CELL = "the base period: zero by definition, no row here"
OWN_WEIGHTS = "each row keeps its own weight, which turns a panel into cross-sections: not offered"
BASE_WEIGHTS = "weights of the cohort's base period; ours are of the earlier period, the same after treatment"
# R ends its logit at a relative change of the deviance of 1e-8: up to 4e-10 of effects of .001 to .1
# where weights or missing rows leave scores uneven.
LOGIT = 5e-10
FILES = {
    "panel": {"": 1400, REFERENCE_CELL: 92},
    "rc": {"": 1152, REFERENCE_CELL: 48},
    "unbalanced": {"": 960, REFERENCE_CELL: 48},
    "weighted": {"": 1290, OWN_WEIGHTS: 192, BASE_WEIGHTS: 54},
    "cluster": {"": 480},
}

pytestmark = pytest.mark.reference


@cache
def panel_for(path, options) -> Panel:
    """The panel of a call of did."""
    asked = dict(options)
    frame = without_early(mpdta_frame(path), int(asked["anticipation"]))
    if asked["file"] == "unbalanced":
        frame = frame[frame["drop5"] == 0]
    weight = asked["weights"].replace("none", "")
    if asked.get("fix_weights") == "first_period":
        first = frame[frame["period"] == frame["period"].min()].set_index("unit")[weight]
        frame = frame.assign(**{weight: frame["unit"].map(first)})
    cluster = asked["cluster"].replace("none", "unit")
    return golden_panel(frame, "lemp", covariates=covariates_of(asked), weight=weight, cluster=cluster)


@pytest.mark.parametrize("file", FILES)
def test_group_time_effects_agree_with_did(reference, file):
    rows = read_rows(reference.path("golden", f"A_attgt_{file}.csv"))
    for call, of_call in by_options(rows).items():
        options = options_of({"options": call})
        panel = panel_for(reference.path("golden", "A_mpdta.csv"), tuple({**options, "file": file}.items()))
        population, missing, n_units = population_of(panel, options)
        results = did_results(population, design_of(options, missing), n_units)
        assert_agrees(of_call, results, atol=LOGIT if file in {"weighted", "unbalanced"} else 1e-12)


@pytest.mark.parametrize("file", FILES)
def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason(reference, file):
    assert reasons_of(read_rows(reference.path("golden", f"A_attgt_{file}.csv"))) == FILES[file]


def test_influence_of_every_county_agrees_with_did(reference):
    values = pd.read_csv(reference.path("golden", "A_inffunc_dr_lpop_never_varying.csv"))
    options = {
        "x": "~lpop", "control": "nevertreated", "est_method": "dr", "base_period": "varying",
        "anticipation": "0", "weights": "none", "cluster": "none", "file": "panel",
    }  # fmt: skip
    panel = panel_for(reference.path("golden", "A_mpdta.csv"), tuple(options.items()))
    values = values.set_index(values["countyreal"].map("{:06d}".format)).loc[panel.unit_ids]
    compared = {"countyreal"}
    for part in effects_of(panel, design_of(options, "complete_units")):
        for j, key in enumerate(part.keys):
            name = column_of(key)
            compared.add(name)
            # Of counties with little influence R's unfinished logit takes more than the ninth digit.
            largest = values[name].abs().max()
            assert_allclose(part.influence[:, j], values[name], rtol=1e-8, atol=1e-8 * largest, err_msg=name)
    assert compared == set(values.columns)


def column_of(key):
    """Name that the file gives to an effect."""
    match key.estimand:
        case "att_gt":
            return f"g{key.cohort}_t{key.period}"
        case "simple":
            return "simple"
        case "dynamic":
            return "dyn_overall"
        case "event_time":
            return f"dyn_e{key.event_time}"
        case "cohort":
            return "group_overall" if key.cohort is None else f"group_g{key.cohort}"
        case _:
            return "cal_overall" if key.period is None else f"cal_t{key.period}"
