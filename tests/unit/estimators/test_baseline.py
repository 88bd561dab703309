"""Mean outcomes before treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose

from impacteval.estimators.baseline import base_means
from support.panels import NEVER_TREATED, make_panel

NAN = float("nan")
# Base periods are the first, the second and, of comparison units, the last before anybody's treatment.
PANEL = make_panel(
    [[1, 9, 9], [3, 9, 9], [9, 5, 9], [NAN, 9, 9], [7, 9, 9]], [1, 1, 2, 1, NEVER_TREATED], periods=(0, 1, 2)
)


def test_the_base_period_is_the_last_before_treatment():
    sides = np.array([[1, 0, 1, 0], [1, 0, 1, 0], [0, 0, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
    assert_allclose(base_means(PANEL, sides), [2, NAN, 3, 7])


def test_weights_are_those_of_the_base_period_and_units_without_one_have_no_part():
    weight = np.array([[3, 1, 1], [1, 1, 1], [1, NAN, 1], [1, 1, 1], [1, 1, 1]], dtype=float)
    sides = np.array([[1, 0], [1, 0], [1, 1], [0, 0], [0, 0]], dtype=bool)
    assert_allclose(base_means(replace(PANEL, weight=weight), sides), [1.5, NAN])
