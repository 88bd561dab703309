"""What an estimator returns: estimates, and each unit's influence on each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from impacteval.arrays import Bool2D, Float1D, Float2D, Int1D, Text1D, count_true, read_only

Estimand: TypeAlias = Literal[
    "att_gt",
    "simple",
    "dynamic",
    "event_time",
    "cohort",
    "calendar",
    "coefficient",
    "att_dose",
    "average_slope",
    "rate_ratio",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectKey:
    """What an estimate is of; None means averaged over, or not applicable."""

    estimand: Estimand
    arm: str | None = None
    term: str | None = None
    cohort: int | None = None
    period: int | None = None
    event_time: int | None = None
    subgroup: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFacts:
    """What a comparison of one cohort in one period rests on: a row of ``cells.csv``.

    Attributes
    ----------
    base_period : int
        Period that the cell's period is compared with.
    n_treated, n_comparison : int
        Units used; rows of both periods for cross-sections and ``missing: rows``.
    n_treated_dropped, n_comparison_dropped : int
        Units of the cohort and of the comparison that lack the outcome, a covariate or a weight in
        one of the periods.
    n_trimmed : int
        Comparison units without weight, their propensity score at or above the highest allowed.
    score_treated, score_comparison : (float, float)
        Least and greatest propensity score of each side; NaN where no score is used.
    """

    base_period: int
    n_treated: int
    n_comparison: int
    n_treated_dropped: int
    n_comparison_dropped: int
    n_trimmed: int = 0
    score_treated: tuple[float, float] = (float("nan"), float("nan"))
    score_comparison: tuple[float, float] = (float("nan"), float("nan"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionFacts:
    """What error conventions need to know of the regression that an effect comes from.

    ``n_parameters`` counts regressors, period effects and the constant; ``n_absorbed`` the unit
    effects. Variances are in squared units of the estimate.
    """

    n_parameters: int
    n_absorbed: int
    classical_variance: float
    hc1_variance: float

    @property
    def n_counted(self) -> int:
        """Parameters with absorbed effects counted; these already span the constant."""
        return self.n_parameters + max(self.n_absorbed - 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Estimates with influence functions.

    ``influence[i, j]`` is unit i's contribution to estimate j, scaled so that the estimate's
    sampling error is about the mean of column j over all ``n_units`` units of the panel, and
    summing to zero. ``in_sample`` says which units an estimate uses.

    Attributes
    ----------
    estimate : (n_effects,)
        In the unit of the outcome.
    influence : (n_units, n_effects)
    in_sample : (n_units, n_effects)
    treated_side, comparison_side : (n_units, n_effects)
        Units among ``in_sample`` whose treatment an effect is about, and those it is compared with;
        a regression may also use units that are neither.
    n_obs : (n_effects,)
        Cells used.
    baseline_mean : (n_effects,)
        Mean outcome of the treated side's sample in its base period; NaN where not defined.
    regression : (n_effects,) or empty
        Facts of each effect's regression; empty where effects are no single coefficient.
    resampled : mapping
        Standard errors by resampling scheme, (n_effects,), for estimators that have them.
    cells : (n_effects,) or empty
        Facts of each group-time comparison; empty for other effects.
    """

    estimator: str
    outcome: str
    comparison: str
    keys: tuple[EffectKey, ...]
    unit_ids: Text1D
    estimate: Float1D
    influence: Float2D
    in_sample: Bool2D
    treated_side: Bool2D
    comparison_side: Bool2D
    n_obs: Int1D
    baseline_mean: Float1D
    regression: tuple[RegressionFacts, ...] = ()
    cells: tuple[CellFacts, ...] = ()
    resampled: Mapping[str, Float1D] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.unit_ids), len(self.keys))
        sides = (self.in_sample, self.treated_side, self.comparison_side)
        if any(array.shape != shape for array in (self.influence, *sides)):
            raise ValueError(f"influence and sides of the sample: expected the shape {shape}")
        per_effect = (self.estimate, self.n_obs, self.baseline_mean)
        if any(len(array) != len(self.keys) for array in per_effect):
            raise ValueError("every effect needs an estimate and its counts")
        if self.regression and len(self.regression) != len(self.keys):
            raise ValueError("facts of a regression are given for every effect or for none")
        if self.cells and len(self.cells) != len(self.keys):
            raise ValueError("facts of cells are given for every effect or for none")
        for array in (self.influence, *sides, *per_effect):
            read_only(array)

    @property
    def n_treated(self) -> Int1D:
        """Units of the treated side, (n_effects,)."""
        return count_true(self.treated_side)

    @property
    def n_comparison(self) -> Int1D:
        """Units of the comparison side, (n_effects,)."""
        return count_true(self.comparison_side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Effects with errors by one convention.

    Attributes
    ----------
    std_error, df, statistic, p_value, conf_low, conf_high : (n_effects,)
        Errors in the unit of the outcome; NaN where undefined, with the reason in ``notes``.
    n_clusters : (n_effects,)
        Clusters that an estimate uses; -1 where errors are not by cluster.
    """

    effects: Effects
    vcov: str
    level: float
    std_error: Float1D
    df: Float1D
    statistic: Float1D
    p_value: Float1D
    conf_low: Float1D
    conf_high: Float1D
    n_clusters: Int1D
    notes: tuple[str, ...]


def joint(parts: list[Effects]) -> Effects:
    """Put effects of one estimator, outcome and panel side by side."""
    first = parts[0]
    if any((p.unit_ids != first.unit_ids).any() for p in parts):
        raise ValueError("effects of different units cannot stand side by side")
    return Effects(
        estimator=first.estimator,
        outcome=first.outcome,
        comparison=first.comparison,
        keys=tuple(key for p in parts for key in p.keys),
        unit_ids=first.unit_ids,
        estimate=np.concatenate([p.estimate for p in parts]),
        influence=np.hstack([p.influence for p in parts]),
        in_sample=np.hstack([p.in_sample for p in parts]),
        treated_side=np.hstack([p.treated_side for p in parts]),
        comparison_side=np.hstack([p.comparison_side for p in parts]),
        n_obs=np.concatenate([p.n_obs for p in parts]),
        baseline_mean=np.concatenate([p.baseline_mean for p in parts]),
        regression=tuple(facts for p in parts for facts in p.regression)
        if all(p.regression for p in parts)
        else (),
        cells=tuple(facts for p in parts for facts in p.cells) if all(p.cells for p in parts) else (),
        resampled={
            scheme: np.concatenate([p.resampled[scheme] for p in parts])
            for scheme in first.resampled
            if all(scheme in p.resampled for p in parts)
        },
    )
