"""Group-time effects whose error is not known, and what is said when none can be estimated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import CallawaySantAnna, TwoByTwo
from impacteval.errors import IdentificationError
from impacteval.estimators.aggregate import averages
from impacteval.estimators.group_time import att_group_time
from impacteval.inference.errors import with_errors
from support.panels import NEVER_TREATED, make_panel

NAN = float("nan")


@pytest.mark.parametrize("method", ["reg", "dr"])
def test_a_regression_with_as_many_units_as_coefficients_gives_no_error(method):
    """Two comparison units and two coefficients: residuals vanish, and intervals covered 25%.

    A side that its regression fits exactly has no known error, in the cell and in averages of it.
    """
    rng = np.random.default_rng(55)
    z = np.repeat(np.r_[rng.normal(size=12), -1.0, 1.0][:, None], 2, axis=1)
    panel = make_panel(rng.normal(size=(14, 2)), [1] * 12 + [NEVER_TREATED] * 2, covariates={"z": z})
    effects = att_group_time(panel, CallawaySantAnna(name="cs", covariates=("z",), method=method))
    change = panel.outcome[:, 1] - panel.outcome[:, 0]
    slope = (change[13] - change[12]) / 2
    if method == "reg":
        fitted = change[12] + slope * (z[:12, 0] + 1)
        assert_allclose(effects.estimate, [(change[:12] - fitted).mean()], rtol=1e-10)
    assert np.isnan(effects.influence).all()
    note = "as many comparison units as coefficients: their fit is exact and the error not known"
    assert effects.keys[0].note == note
    (average,) = averages(effects, panel, ("simple",))
    estimates = with_errors(average, "cr0", panel.cluster)
    assert_allclose(average.estimate, effects.estimate, rtol=1e-12)
    assert np.isnan(estimates.std_error[0])
    assert estimates.notes == ("1 of 1 averaged effects fit one side exactly: the error is not known",)


@pytest.mark.parametrize("method", ["ipw", "ipw_ht", "dr", "dr_improved"])
def test_one_comparison_unit_that_is_kept_gives_no_error(method):
    """The mean of the one unit that trimming leaves fits it, and its error once seemed to be zero."""
    rng = np.random.default_rng(56)
    z = np.repeat(np.r_[np.linspace(-1, 3, 21), 0.0, np.linspace(2.0, 2.5, 9)][:, None], 2, axis=1)
    panel = make_panel(rng.normal(size=(30 + 1, 2)), [1] * 21 + [NEVER_TREATED] * 10, covariates={"z": z})
    design = TwoByTwo(name="d", covariates=("z",), method=method)
    score = att_group_time(panel, design).cells[0].score_comparison
    effects = att_group_time(panel, replace(design, highest_score=score[0] + 1e-6))
    assert effects.cells[0].n_trimmed == 9
    assert np.isfinite(effects.estimate[0]) and np.isnan(effects.influence).all()
    note = "one comparison unit is left or carries all weight: its error is not known"
    assert effects.keys[0].note == note
    if method == "ipw":
        rows = att_group_time(panel, replace(design, highest_score=score[0] + 1e-6, missing="rows"))
        assert np.isfinite(rows.estimate[0]) and np.isnan(rows.influence).all()


def test_cross_sections_with_a_group_in_one_cluster_give_no_error():
    """Treated estate 0 was seen before, estate 1 after: no interval covered anything.

    Four means are compared, and one that lies in one cluster hides that cluster's error.
    """
    rng = np.random.default_rng(57)
    cluster = [0] * 10 + [1] * 10 + [2 + i // 5 for i in range(40)]
    outcome = rng.normal(size=(60, 3))
    outcome[:10, 1] = outcome[10:20, 0] = NAN
    panel = make_panel(outcome, [1] * 20 + [NEVER_TREATED] * 40, cluster=cluster)
    effects = att_group_time(panel, CallawaySantAnna(name="cs", missing="rows"))
    assert np.isfinite(effects.estimate).all() and np.isnan(effects.influence).all()
    assert {k.note for k in effects.keys} == {
        "all treated rows in the base period lie in one cluster: the error is not known"
    }
    (average,) = averages(effects, panel, ("simple",))
    assert average.keys[0].note == "2 of 2 averaged effects rest on one cluster: the error is not known"
    mixed = replace(panel, cluster=np.array([i % 2 for i in range(20)] + cluster[20:]))
    assert np.isfinite(att_group_time(mixed, CallawaySantAnna(name="cs", missing="rows")).influence).all()


def test_a_failure_tells_arms_of_the_same_cohort_apart():
    """Cohort 1 of two arms was once one cohort "in 1 1"."""
    panel = make_panel(
        [[0, 5], [0, 4], [0, 2], [0, 3]], [1, 1, 1, 1], arm=["class", "class", "mentor", "mentor"]
    )
    with pytest.raises(
        IdentificationError, match=r"\(cohort 1 of arm 'class' in 1, cohort 1 of arm 'mentor' in 1: no comp"
    ):
        att_group_time(panel, CallawaySantAnna(name="cs"))
