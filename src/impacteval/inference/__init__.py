"""Errors, simultaneous bands and bootstrap draws of any estimator's effects."""

from impacteval.inference.bands import Computed, Drawn, critical_values, event_study_family, sup_t
from impacteval.inference.errors import cluster_covariance, with_errors
from impacteval.inference.multiplier import Draws, multiplier_draws

__all__ = [
    "Computed",
    "Drawn",
    "Draws",
    "cluster_covariance",
    "critical_values",
    "event_study_family",
    "multiplier_draws",
    "sup_t",
    "with_errors",
]
