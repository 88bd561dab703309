"""Estimates as a data frame."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

from impacteval.designs import CallawaySantAnna, TwoWayFixedEffects
from impacteval.estimators.fixed_effects import two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import with_errors
from impacteval.inference.tidy import tidy
from support.panels import make_panel


def panel_of():
    return make_panel(np.random.default_rng(1).normal(size=(40, 3)), [1] * 20 + [np.inf] * 20)


def test_one_row_an_effect_with_its_keys_and_counts():
    panel = panel_of()
    estimates = with_errors(att_group_time(panel, CallawaySantAnna()), "cr0", panel.cluster)
    frame = tidy(estimates)
    assert list(frame["period"]) == [1, 2] and set(frame["cohort"]) == {1}
    assert frame["subgroup"].isna().all()
    assert_allclose(frame["std_error"], estimates.std_error)
    assert set(frame["n_treated"]) == {20} and set(frame["n_clusters"]) == {40}


def test_errors_without_clusters_have_none():
    panel = panel_of()
    frame = tidy(with_errors(two_way_fixed_effects(panel, TwoWayFixedEffects()), "hc1", panel.cluster))
    assert frame["n_clusters"].isna().all() and frame["vcov"].tolist() == ["hc1"]
