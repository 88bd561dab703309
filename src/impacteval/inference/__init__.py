"""Errors, simultaneous bands and bootstrap draws of any estimator's effects."""

from impacteval.inference.bands import Computed, Drawn, critical_values, event_study_family, sup_t
from impacteval.inference.errors import cluster_covariance, with_errors
from impacteval.inference.multiplier import Draws, multiplier_draws
from impacteval.inference.randomisation import RandomisationTest, randomisation_test
from impacteval.inference.tidy import tidy

__all__ = [
    "Computed",
    "Drawn",
    "Draws",
    "RandomisationTest",
    "cluster_covariance",
    "critical_values",
    "event_study_family",
    "multiplier_draws",
    "randomisation_test",
    "sup_t",
    "tidy",
    "with_errors",
]
