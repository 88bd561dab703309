"""Training grants in Michigan: the R packages did and fixest, to a relative 1e-8."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.estimators.aggregate import aggregate, by_event_time, overall
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.two_by_two import att_group_time
from impacteval.inference.errors import with_errors
from support import designs
from support.michigan import michigan_panel

HERE = Path(__file__).parent
VCOV = {
    "iid": "classical",
    "hetero": "hc1",
    "cluster:fcode": "cr1_nested",
    "cluster:fcode;ssc=K.fixef=full": "cr1_counted",
    "cluster:fcode;ssc=K.adj=FALSE,G.adj=FALSE": "cr0",
}


def read_rows(name):
    """Rows of a golden file, with the line they stand on."""
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return [{**row, "line": number} for number, row in enumerate(csv.DictReader(lines), start=2)]


def options_of(row):
    """Options of a row of did, which never hold a semicolon."""
    return dict(pair.split("=", 1) for pair in row["options"].split(";"))


def why_did_row_is_left_out(row):
    """Why a row has no counterpart here; empty where it is compared."""
    options = options_of(row)
    if options["y"] != "lscrap" and options["allow_unbalanced"] == "TRUE":
        return (
            "unbalanced: did turns to its estimators for repeated cross-sections; ours keep pairs of rounds"
        )
    if row["term"] == "wald_pretest":
        return "a test, not an effect"
    if row["estimator"] in {"aggte_group", "aggte_calendar"}:
        return "averages by cohort and by period are not offered"
    if row["estimator"] == "aggte_dynamic" and row["term"] == "overall":
        return "the plain mean over event times is not offered"
    if row["std_error"] == "" and row["term"] != "n_units":
        return "the base period: zero by definition, no row here"
    if options["base_period"] == "varying" and row["event_time"] != "" and int(row["event_time"]) < 0:
        return (
            "varying base: before treatment did compares neighbouring years, we compare with the base period"
        )
    return ""


def why_fixest_row_is_left_out(row):
    """Why a row has no counterpart here; empty where it is compared."""
    if row["estimator"] == "feols_fd":
        return "first differences are not offered"
    if row["estimator"] in {"sunab", "did2s", "did_imputation"}:
        return "the estimator is not offered"
    if "vcov=twoway" in row["options"]:
        return "errors clustered by firm and year are not offered"
    if "ssc=K.fixef=none" in row["options"]:
        return "no convention here leaves out the period effects"
    return ""


def compared(rows, why_left_out):
    return [row for row in rows if not why_left_out(row)]


DID = read_rows("michigan_did.csv")
FIXEST = read_rows("michigan_fixest.csv")


@cache
def did_effects(y, control):
    """Group-time effects, their average and the averages by event time, with the panel."""
    panel = michigan_panel(y, complete_only=True)
    group = {"nevertreated": "never_treated", "notyettreated": "not_yet_treated"}[control]
    cells = att_group_time(panel, designs.two_by_two(control_group=group))
    parts = (cells, aggregate(cells, panel, overall), aggregate(cells, panel, by_event_time))
    return panel, {
        key: (float(part.estimate[j]), float(estimates.std_error[j]))
        for part in parts
        for estimates in [with_errors(part, "cr0", panel.cluster)]
        for j, key in enumerate((k.estimand, k.cohort, k.period, k.event_time) for k in part.keys)
    }


def key_of_did(row):
    group, time, event_time = (int(row[c]) if row[c] else None for c in ("group", "time", "event_time"))
    if row["estimator"] == "att_gt":
        return ("att_gt", group, time, event_time)
    if row["estimator"] == "aggte_simple":
        return ("simple", None, None, None)
    return ("event_time", None, None, event_time)


@pytest.mark.parametrize("row", compared(DID, why_did_row_is_left_out), ids=lambda row: f"line{row['line']}")
def test_two_by_two_agrees_with_did(row):
    options = options_of(row)
    panel, found = did_effects(options["y"], options["control"])
    if row["term"] == "n_units":
        assert panel.n_units == int(row["estimate"])
        return
    estimate, error = found[key_of_did(row)]
    assert_allclose(estimate, float(row["estimate"]), rtol=1e-8)
    assert_allclose(error, float(row["std_error"]), rtol=1e-8)


@cache
def fixest_effects(y, estimator):
    """The regression's effects with the panel."""
    if estimator == "feols_fe":
        names = ("d88", "d89", "grant", "grant_1")
        panel = michigan_panel(y, covariates=names)
        return panel, two_way_fixed_effects(panel, designs.twfe(regressors=names, period_effects=False))
    panel = michigan_panel(y)
    if estimator == "feols_twfe":
        return panel, two_way_fixed_effects(panel, designs.twfe())
    return panel, event_study(panel, designs.event_study())


@pytest.mark.parametrize(
    "row", compared(FIXEST, why_fixest_row_is_left_out), ids=lambda row: f"line{row['line']}"
)
def test_fixed_effects_agree_with_fixest(row):
    y = re.search(r"(?:y=|fml=)(\w+)", row["options"]).group(1)
    vcov = VCOV[row["options"].split(";vcov=", 1)[1]]
    panel, effects = fixest_effects(y, row["estimator"])
    j = next(
        j
        for j, k in enumerate(effects.keys)
        if row["term"] in {k.term, f"rel_::{k.event_time}"} or (row["term"], k.term) == ("treat_", "treated")
    )
    estimates = with_errors(effects, vcov, panel.cluster)
    assert_allclose(effects.estimate[j], float(row["estimate"]), rtol=1e-8)
    assert_allclose(estimates.std_error[j], float(row["std_error"]), rtol=1e-8)
    assert_allclose(estimates.conf_low[j], float(row["ci_low"]), rtol=1e-8)
    assert_allclose(estimates.conf_high[j], float(row["ci_high"]), rtol=1e-8)
    assert_allclose(estimates.p_value[j], float(row["p_value"]), rtol=1e-8)
    n_obs, df = map(int, re.search(r"nobs=(\d+); t df=(\d+)", row["note"]).groups())
    assert (effects.n_obs[j], estimates.df[j]) == (n_obs, df)
    assert_allclose(stats.t.ppf(0.975, df), float(row["crit_val"]), rtol=1e-8)


def test_every_golden_row_is_compared_or_left_out_for_a_stated_reason():
    n_did = len(compared(DID, why_did_row_is_left_out))
    n_fixest = len(compared(FIXEST, why_fixest_row_is_left_out))
    assert (len(DID), n_did) == (444, 128)
    assert (len(FIXEST), n_fixest) == (156, 72)
