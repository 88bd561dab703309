"""Options that do not exist are refused where a design is made, not taken for another."""

from __future__ import annotations

import numpy as np
import pytest

from impacteval.designs import (
    CallawaySantAnna,
    Dose,
    ExtendedTwoWay,
    Imputation,
    Stacked,
    SunAbraham,
    Synthetic,
    TripleDifference,
    TwoByTwo,
    TwoWayFixedEffects,
)
from impacteval.errors import ConfigError
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import with_errors
from support.panels import make_panel


@pytest.mark.parametrize(
    ("type_", "options", "words"),
    [
        (CallawaySantAnna, {"control_group": "nevertreated"}, "did you mean 'never_treated'"),
        (CallawaySantAnna, {"method": "dr_improved"}, "allowed: reg, ipw, dr"),
        (CallawaySantAnna, {"base_period": "Universal"}, "did you mean 'universal'"),
        (CallawaySantAnna, {"averages": ("group",)}, "averages='group'"),
        (CallawaySantAnna, {"covariates": "size"}, "a tuple is expected"),
        (CallawaySantAnna, {"vcov": ("cr1_nested",)}, "allowed: cr0, cr1_groups"),
        (CallawaySantAnna, {"anticipation": -2}, "anticipation -2"),
        (CallawaySantAnna, {"highest_score": 0.0}, "highest_score 0.0"),
        (CallawaySantAnna, {"balance_event_time": -1}, "balance_event_time -1"),
        (TwoByTwo, {"method": "std_ipw"}, "allowed: reg, ipw, ipw_ht, dr, dr_improved"),
        (TwoByTwo, {"missing": "drop"}, "allowed: pairs, complete_units, rows"),
        (TwoByTwo, {"highest_score": 1.5}, "highest_score 1.5"),
        (TwoWayFixedEffects, {"vcov": ("CRV1",)}, "allowed: classical, hc1, cr0"),
        (TwoWayFixedEffects, {"regressors": ("x",), "dose": "z"}, "`regressors` or `dose`"),
        (TwoWayFixedEffects, {"period_effects": False}, "period_effects is false only"),
        (SunAbraham, {"control_group": "last"}, "allowed: never_treated, last_treated"),
        (Imputation, {"pretrend_periods": -1}, "pretrend_periods -1"),
        (Stacked, {"periods_before": 0}, "periods_before is 1 or more"),
        (Stacked, {"periods_after": -1}, "periods_after 0 or more"),
        (ExtendedTwoWay, {"model": "poison"}, "did you mean 'poisson'"),
        (ExtendedTwoWay, {"exposure": "hours"}, "`model: poisson` only"),
        (ExtendedTwoWay, {"model": "poisson", "vcov": ("cr1_nested",)}, "a Poisson model has"),
        (Synthetic, {"vcov": ("cr0",)}, "allowed: jackknife, placebo, bootstrap"),
        (Synthetic, {"replications": 1}, "replications 1"),
        (Dose, {}, "dose: name the column"),
        (Dose, {"dose": "hours", "anticipation": -1}, "anticipation -1"),
        (Dose, {"dose": "hours", "cuts": (3.0, 1.0)}, "cuts [3.0, 1.0]"),
        (Dose, {"dose": "hours", "cuts": (0.0, 1.0)}, "above 0"),
        (TripleDifference, {}, "subgroup: name the column"),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_allowed(type_, options, words):
    """Bug: `nevertreated` was taken for not-yet-treated, `imp` for dr, without a word."""
    with pytest.raises(ConfigError) as caught:
        type_(**options)
    assert words in str(caught.value)


def test_everything_wrong_is_named_at_once():
    with pytest.raises(ConfigError, match=r"(?s)method='imp'.*missing='drop'"):
        TwoByTwo(method="imp", missing="drop")


def panel_of():
    return make_panel(np.random.default_rng(1).normal(size=(12, 2)), [1] * 6 + [np.inf] * 6)


def test_unknown_covariates_are_named():
    with pytest.raises(ConfigError, match="the panel has no covariate 'size'; it has no covariates"):
        att_group_time(panel_of(), CallawaySantAnna(covariates=("size",)))


@pytest.mark.parametrize(("vcov", "level"), [("CRV1", 0.95), ("iid", 0.95), ("cr0", 95.0)])
def test_unknown_errors_and_levels_are_refused(vcov, level):
    panel = panel_of()
    with pytest.raises(ConfigError, match=r"allowed|between 0 and 1"):
        with_errors(att_group_time(panel, CallawaySantAnna()), vcov, panel.cluster, level=level)
