"""Effects side by side, and their arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from impacteval.arrays import codes_of, mean_by_code, sum_by_code
from impacteval.effects import joint
from support.effects import make_effects, make_facts


def test_effects_of_one_panel_stand_side_by_side():
    one, other = make_effects([[1.0], [-1.0]], [2.0]), make_effects([[3.0], [-3.0]], [4.0])
    both = joint([one, other])
    assert both.estimate.tolist() == [2, 4]
    assert both.influence.tolist() == [[1, 3], [-1, -3]]


def test_effects_of_different_units_are_refused():
    one, other = make_effects([[1.0], [-1.0]], [2.0]), make_effects([[1.0], [-1.0]], [2.0])
    moved = type(one)(
        **{f: getattr(other, f) for f in other.__slots__ if f != "unit_ids"}, unit_ids=np.array(["x", "y"])
    )
    with pytest.raises(ValueError, match="different units"):
        joint([one, moved])


def test_facts_of_a_regression_are_kept_only_where_all_have_them():
    with_facts = make_effects([[1.0], [-1.0]], [2.0], facts=[make_facts()])
    without = make_effects([[1.0], [-1.0]], [2.0])
    assert len(joint([with_facts, with_facts]).regression) == 2
    assert joint([with_facts, without]).regression == ()


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="every effect needs an estimate"):
        make_effects([[1.0], [-1.0]], [2.0, 3.0])


@pytest.mark.parametrize(("n_parameters", "n_absorbed", "n_counted"), [(3, 0, 3), (3, 1, 3), (3, 10, 12)])
def test_absorbed_effects_span_the_constant(n_parameters, n_absorbed, n_counted):
    assert make_facts(n_parameters=n_parameters, n_absorbed=n_absorbed).n_counted == n_counted


def test_sums_and_means_by_code():
    values, code = np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([2, 0, 2])
    assert sum_by_code(values, code, 3).tolist() == [[3, 4], [0, 0], [6, 8]]
    means = mean_by_code(values, code, 3)
    assert means[[0, 2]].tolist() == [[3, 4], [3, 4]]
    assert np.isnan(means[1]).all()


def test_codes_follow_sorted_order():
    code, labels = codes_of(["b", "a", "b", "10", "9"])
    assert labels.tolist() == ["10", "9", "a", "b"]
    assert code.tolist() == [3, 2, 3, 0, 1]
