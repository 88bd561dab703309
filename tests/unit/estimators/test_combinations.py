"""Averages of group-time effects: what they leave out, and what they say of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from impacteval.designs import CallawaySantAnna
from impacteval.errors import ConfigError
from impacteval.estimators.aggregate import averages
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import with_errors
from support.panels import NEVER_TREATED, make_panel, random_panel

NAN = float("nan")


def with_weights(panel, weight):
    """The panel with one weight a unit, or a weight for each cell."""
    weight = np.asarray(weight, dtype=float)
    table = np.repeat(weight[:, None], panel.outcome.shape[1], axis=1) if weight.ndim == 1 else weight
    return replace(panel, weight=table)


def test_cohort_shares_count_units_with_their_first_positive_weight():
    """Weights of zero in the first period once made averages NaN, for an outcome that "does not vary"."""
    panel = random_panel(cohorts={2: 12, 3: 24, NEVER_TREATED: 20}, n_periods=5, seed=59)
    weight = np.ones(panel.outcome.shape)
    weight[:36, 0] = 0.0
    late = with_weights(panel, weight)
    cells = att_group_time(late, CallawaySantAnna(name="cs"))
    average = averages(cells, late, ("cohort",))[0]
    assert_allclose(average.estimate[2], (average.estimate[0] + 2 * average.estimate[1]) / 3, rtol=1e-12)
    assert np.isfinite(with_errors(average, "cr0", panel.cluster).std_error).all()


def without_never_treated(arm=None):
    panel = make_panel(
        np.random.default_rng(60).normal(size=(30, 5)), [1] * 10 + [2] * 10 + [4] * 10, arm=arm
    )
    design = CallawaySantAnna(name="cs", control_group="not_yet_treated")
    kinds = ("simple", "event_time", "dynamic", "cohort", "calendar")
    return dict(zip(kinds, averages(att_group_time(panel, design), panel, kinds), strict=True))


@pytest.mark.parametrize("kind", ["simple", "dynamic", "cohort", "calendar"])
def test_overall_averages_count_effects_of_labels_that_vanish(kind):
    """Period 4, event time 3 and cohort 4 have no effect that could be estimated: nobody said so.

    Every overall average of the same cells leaves out the same 3 of 8 effects after treatment.
    """
    found = without_never_treated()[kind]
    assert found.keys[-1].note == "3 of 8 effects could not be estimated and are left out"


def test_an_arm_without_any_effect_has_rows_that_say_so():
    """The arm treated last had no row at all; every arm has one of each kind."""
    found = without_never_treated(["A"] * 20 + ["B"] * 10)
    for kind in ("simple", "dynamic", "cohort", "calendar"):
        overall = found[kind].keys[-1]
        assert (overall.arm, overall.note) == ("B", "none of 1 effects could be estimated")
        assert np.isnan(found[kind].estimate[-1]) and np.isnan(found[kind].influence[:, -1]).all()
        assert found[kind].n_obs[-1] == 0 and not found[kind].in_sample[:, -1].any()
    assert {k.event_time for k in found["event_time"].keys if k.arm == "B"} == {-3, -2, -1, 0}
    estimates = with_errors(found["simple"], "cr0", np.arange(30))
    assert_array_equal(np.isnan(estimates.std_error), [False, True])
    assert estimates.notes[1] == "none of 1 effects could be estimated"


def test_averages_say_that_late_cohorts_are_taken_as_never_treated():
    """The note of the cells was once lost in their averages."""
    panel = make_panel(
        np.random.default_rng(61).normal(size=(40, 3)), [1] * 20 + [9] * 8 + [NEVER_TREATED] * 12
    )
    cells = att_group_time(panel, CallawaySantAnna(name="cs"))
    note = "units treated after the last period (8 of cohort 9) are taken as never treated"
    for average in averages(cells, panel, ("simple", "event_time", "cohort")):
        assert {k.note for k in average.keys} == {note}


def test_averages_count_units_without_weight():
    panel = random_panel(cohorts={2: 12, 3: 14, NEVER_TREATED: 20}, n_periods=4, seed=62)
    weighted = with_weights(panel, np.where(np.isin(np.arange(46), (0, 12, 13)), 0.0, 1.0))
    cells = att_group_time(weighted, CallawaySantAnna(name="cs"))
    simple, cohort = averages(cells, weighted, ("simple", "cohort"))
    assert simple.keys[0].note == "3 treated units with weight zero take no part"
    assert cohort.keys[0].note == "1 treated unit with weight zero takes no part"


@pytest.mark.parametrize("kinds", [("group",), "simple"])
def test_an_average_that_does_not_exist_is_refused(kinds):
    """Any other word once meant ``dynamic``."""
    panel = random_panel(cohorts={2: 6, NEVER_TREATED: 9}, n_periods=4, seed=63)
    cells = att_group_time(panel, CallawaySantAnna(name="cs"))
    with pytest.raises(ConfigError, match="allowed: simple, event_time, dynamic, cohort, calendar"):
        averages(cells, panel, kinds)
