"""Rows of a panel as cross-sections."""

from __future__ import annotations

import pytest
from numpy.testing import assert_array_equal

from impacteval.errors import ConfigError
from impacteval.sections import sections_of
from support.panels import NEVER_TREATED, make_panel

NAN = float("nan")


def panel_with_gaps():
    z, other = [[0, 1], [2, NAN], [4, 5]], [[NAN, 1], [2, 3], [4, 5]]
    return make_panel([[0, 5], [1, 6], [NAN, 7]], [1, 1, NEVER_TREATED], covariates={"z": z, "other": other})


def test_rows_lack_only_the_covariates_that_are_asked_for():
    """A missing value in a covariate that no one uses once took out the row."""
    panel = panel_with_gaps()
    cells = {
        (): [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1)],
        ("z",): [(0, 0), (0, 1), (1, 0), (2, 1)],
        ("other",): [(0, 1), (1, 0), (1, 1), (2, 1)],
    }
    for names, expected in cells.items():
        sections, unit = sections_of(panel, names)
        assert list(zip(unit.tolist(), sections.period.tolist(), strict=True)) == expected
        assert tuple(sections.covariates) == names


def test_rows_have_all_covariates_unless_some_are_named():
    sections, unit = sections_of(panel_with_gaps())
    assert_array_equal(unit, [0, 1, 2])
    assert_array_equal(sections.covariates["z"], [1, 2, 5])
    assert_array_equal(sections.outcome, [5, 1, 7])


def test_a_covariate_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match="no covariate 'zz'"):
        sections_of(panel_with_gaps(), ("zz",))
