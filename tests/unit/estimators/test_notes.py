"""What results say of data that took no part in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from impacteval.effects import EffectKey
from impacteval.estimators.notes import (
    counted,
    lone_effects,
    note_of_one,
    noted,
    weight_note,
    weight_notes,
    weightless_units,
)
from support.panels import ARM, NEVER_TREATED, make_panel

NAN = float("nan")


def panel_without_weights():
    """Cohort 2 with unit 0 weightless, cohort 3 all weightless, one of two comparison units too."""
    weight = np.ones((5, 4))
    weight[[0, 2, 4]] = 0
    weight[1, 1:] = 0
    outcome = np.zeros((5, 4))
    outcome[2, 0] = NAN
    return replace(make_panel(outcome, [2, 2, 3, NEVER_TREATED, NEVER_TREATED]), weight=weight)


@pytest.mark.parametrize(("n", "found"), [(0, "0 units"), (1, "1 unit"), (2, "2 units")])
def test_one_is_singular(n, found):
    assert counted(n, "unit") == found
    assert counted(n, "unit is", "units are") == f"{found} {'is' if n == 1 else 'are'}"


def test_a_note_comes_after_what_is_said_already():
    keys = noted([EffectKey(estimand="simple", note="a"), EffectKey(estimand="simple")], ["b", ""])
    assert [k.note for k in keys] == ["a; b", ""]


def test_a_unit_with_weight_in_some_period_is_not_weightless():
    assert weightless_units(panel_without_weights()).tolist() == [True, False, True, False, True]


def test_weightless_units_are_counted_by_side_and_by_effect():
    panel = panel_without_weights()
    one = "1 comparison unit with weight zero takes no part"
    assert weight_note(panel) == f"2 treated units with weight zero take no part; {one}"
    assert weight_note(panel, panel.cohort == 3) == "1 treated unit with weight zero takes no part"
    keys = [
        EffectKey(estimand="simple", arm=ARM),
        EffectKey(estimand="event_time", arm=ARM, event_time=1),
        EffectKey(estimand="event_time", arm=ARM, event_time=-3),
        EffectKey(estimand="cohort", arm=ARM, cohort=3),
    ]
    # Unit 2 has no outcome three periods before, and the last period is that of its treatment.
    counts = [
        "2 treated units with weight zero take no part; ",
        "1 treated unit with weight zero takes no part; ",
    ]
    assert weight_notes(panel, keys) == [counts[0] + one, counts[1] + one, one, counts[1] + one]


def test_a_side_of_one_unit_or_cluster_leaves_the_error_unknown():
    side = np.array([[1, 1, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]], dtype=bool)
    other = np.ones((4, 4), dtype=bool)
    lone = lone_effects([side, other], np.array([0, 0, 1, 2]))
    assert lone.on_one_unit.tolist() == [True, False, False, False]
    assert lone.on_one_cluster.tolist() == [False, True, False, False]
    end = ": the error is not known"
    for uses, found in (
        ([1, 0, 1, 1], f"1 of 3 averaged effects rest on one unit{end}"),
        ([0, 1, 1, 0], f"1 of 2 averaged effects rest on one cluster{end}"),
        ([1, 1, 1, 0], f"2 of 3 averaged effects rest on one cluster, 1 of them on one unit{end}"),
        ([0, 0, 1, 1], ""),
    ):
        assert lone.note(np.array(uses, dtype=bool)) == found


@pytest.mark.parametrize(
    ("n_treated", "n_comparison", "side"), [(1, 1, "treated"), (1, 3, "treated"), (0, 1, "comparison")]
)
def test_a_side_of_one_is_named(n_treated, n_comparison, side):
    assert note_of_one(n_treated, n_comparison, "row") == f"one {side} row: its error is not known"
    assert note_of_one(2, 0) == ""


def test_nothing_is_said_where_all_have_weight():
    panel = make_panel(np.zeros((2, 3)), [2, NEVER_TREATED])
    assert weight_note(panel) == ""
    assert weight_notes(panel, [EffectKey(estimand="simple", arm=ARM)]) == [""]
