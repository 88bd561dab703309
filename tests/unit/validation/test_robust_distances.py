"""Tables that are too large to fit whole are judged by a systematic sample of their rows."""

import numpy as np
import pytest

from impacteval.validation import robust_distances as module
from impacteval.validation.robust_distances import robust_distances

N_ROWS, N_OUTLIERS = 6000, 12


@pytest.fixture
def values():
    rng = np.random.default_rng(11)
    mixed = rng.normal(size=(N_ROWS, 3)) @ np.array([[1.0, 0.5, 0.2], [0.0, 1.0, 0.4], [0.0, 0.0, 1.0]])
    mixed[:N_OUTLIERS] += 15
    return mixed


def test_a_sample_gives_nearly_the_distances_of_all_rows(values, monkeypatch):
    whole = robust_distances(values)
    monkeypatch.setattr(module, "MOST_FITTED", 2000)
    sampled = robust_distances(values)
    far = whole.distance > 3
    assert far.sum() > N_OUTLIERS
    # The error of a covariance entry from 2,000 rows is about 3%, that of a distance half of it.
    assert np.allclose(sampled.distance[far], whole.distance[far], rtol=0.06)
    assert set(np.argsort(-sampled.distance)[:N_OUTLIERS]) == set(range(N_OUTLIERS))


def test_a_sample_does_not_depend_on_the_order_of_rows(values, monkeypatch):
    monkeypatch.setattr(module, "MOST_FITTED", 2000)
    order = np.random.default_rng(12).permutation(N_ROWS)
    assert np.array_equal(robust_distances(values[order]).distance, robust_distances(values).distance[order])
