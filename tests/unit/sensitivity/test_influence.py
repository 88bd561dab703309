"""Joint tests and single enterprises, by hand."""

import numpy as np
import pytest
from scipy import stats

from impacteval.errors import IdentificationError
from impacteval.sensitivity.influence import fewest_to_flip, joint_test, leave_one_out


def test_joint_test_of_one_effect_is_its_squared_t() -> None:
    influence = np.array([[1.0], [-1.0], [2.0], [-2.0]])
    error = np.sqrt(10) / 4
    test = joint_test(np.array([0.9]), influence, np.arange(4))
    assert test.statistic == pytest.approx((0.9 / error) ** 2, rel=1e-12)
    assert (test.df, test.df_error) == (1, 3)
    assert test.p_value == pytest.approx(2 * stats.t.sf(0.9 / error, 3), rel=1e-10)


def test_joint_test_without_full_rank_is_undefined() -> None:
    influence = np.array([[1.0, 2.0], [-1.0, -2.0], [0.0, 0.0]])
    assert np.isnan(joint_test(np.array([1.0, 2.0]), influence, np.arange(3)).p_value)


def test_leaving_out_a_unit_of_a_mean_is_exact() -> None:
    values = np.array([1.0, 2.0, 6.0])
    low, high = leave_one_out(values.mean(), values - values.mean())
    assert (low, high) == (pytest.approx(1.5, rel=1e-15), pytest.approx(4.0, rel=1e-15))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_fewest_to_flip_counts_the_strongest_first(sign: float) -> None:
    influence = sign * np.array([8.0, 3.0, 1.0, -6.0, -6.0])
    assert fewest_to_flip(sign * 1.5, influence) == 1
    assert fewest_to_flip(sign * 2.0, influence) == 2
    assert fewest_to_flip(sign * 2.5, influence) is None


KNOWN = np.array([1.0, -1.0])
UNKNOWN = np.array([1.0, np.nan])


@pytest.mark.parametrize(
    ("estimate", "influence", "reason"),
    [(np.nan, KNOWN, "no estimate"), (1.0, UNKNOWN, "not known"), (0.0, KNOWN, "no sign")],
)
def test_what_is_undefined_is_not_robust(estimate: float, influence: np.ndarray, reason: str) -> None:
    """Bug: without estimate, sign or influence no set "would turn the sign". It is not defined."""
    with pytest.raises(IdentificationError, match=reason):
        fewest_to_flip(estimate, influence)


@pytest.mark.parametrize(
    ("estimate", "influence", "reason"),
    [(np.nan, KNOWN, "no estimate"), (1.0, UNKNOWN, "not known"), (1.0, KNOWN[:1], "no other")],
)
def test_leaving_out_a_unit_needs_its_influence_and_others(
    estimate: float, influence: np.ndarray, reason: str
) -> None:
    """Bug: the range when a unit is left out was NaN without a reason."""
    with pytest.raises(IdentificationError, match=reason):
        leave_one_out(estimate, influence)


@pytest.mark.parametrize(("estimate", "influence"), [(np.nan, KNOWN), (1.0, UNKNOWN)])
def test_joint_test_of_unknown_effects_is_undefined(estimate: float, influence: np.ndarray) -> None:
    """Bug: a joint test of unknown influence crashed in the rank of its covariance."""
    test = joint_test(np.array([estimate]), influence[:, None], np.arange(2))
    assert np.isnan([test.statistic, test.p_value]).all()
