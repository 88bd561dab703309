"""Influence functions against numerical derivatives, through the estimators themselves.

Giving a unit the weight 1 + 1/K among units of weight 1 is the same as K copies of every unit and
one more of that one. The central difference of the estimate in such weights has an error of order
K^-2, its Richardson extrapolation from K and 2K one of order K^-4.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from impacteval.designs import CallawaySantAnna
from impacteval.effects import joint
from impacteval.estimators.aggregate import averages
from impacteval.estimators.ancova import ancova
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time
from support import designs
from support.panels import NEVER_TREATED, copies, random_panel

K = 64


KINDS = ("simple", "event_time", "dynamic", "cohort", "calendar")


def cells_of(**options):
    return lambda panel: att_group_time(panel, CallawaySantAnna(name="cs", **options))


def averaged(**options):
    """All averages of group-time effects side by side."""

    def run(panel):
        design = CallawaySantAnna(name="cs", **options)
        return joint(list(averages(att_group_time(panel, design), panel, KINDS)))

    return run


ESTIMATORS = {
    "universal": lambda p: att_group_time(p, designs.two_by_two()),
    "not_yet": cells_of(control_group="not_yet_treated"),
    "covariates": cells_of(covariates=("z",)),
    "complete_units": cells_of(missing="complete_units"),
    "rows": cells_of(missing="rows", method="reg", covariates=("z",)),
    "averages": averaged(),
    "averages_not_yet": averaged(control_group="not_yet_treated", covariates=("z",), method="reg"),
    "averages_complete_units": averaged(missing="complete_units"),
    "averages_rows": averaged(missing="rows"),
    "two_way_fixed_effects": lambda p: two_way_fixed_effects(p, designs.twfe(covariates=("z",))),
    "event_study": lambda p: event_study(p, designs.event_study()),
    "ancova": lambda p: ancova(p, designs.ancova(covariates=("z",))),
}


def central_difference(run, panel, unit, k):
    """Derivative of the estimate in a unit's weight, times the number of units."""
    times = np.full(panel.n_units, k)
    step = np.arange(panel.n_units) == unit
    more, less = run(copies(panel, times + step)), run(copies(panel, times - step))
    return (more.estimate - less.estimate) * k / 2 * panel.n_units


@pytest.mark.parametrize("name", ESTIMATORS)
def test_influence_is_the_derivative_of_the_estimate(name):
    run = ESTIMATORS[name]
    panel = random_panel(
        cohorts={2: 4, 3: 4, NEVER_TREATED: 7}, n_periods=4, seed=51, share_missing=0.04, covariate="z"
    )
    influence = run(panel).influence
    assert np.isfinite(influence).all()
    for unit in range(0, panel.n_units, 2):
        derivative = (
            4 * central_difference(run, panel, unit, 2 * K) - central_difference(run, panel, unit, K)
        ) / 3
        # K^-4 is 6e-8; constants of a few times the influence give 1e-6.
        assert_allclose(derivative, influence[unit], rtol=1e-6, atol=1e-6 * np.abs(influence).max())
