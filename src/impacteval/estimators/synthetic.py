"""Synthetic difference-in-differences: comparison units and periods weighted to move alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from impacteval.arrays import Bool1D, Bool2D, Float1D, Float2D, Int1D
from impacteval.designs import Synthetic
from impacteval.effects import EffectKey, Effects, joint
from impacteval.errors import ConfigError, IdentificationError
from impacteval.estimators.synthetic_draws import bootstrap_errors, placebo_errors
from impacteval.estimators.synthetic_fit import (
    ROUNDING,
    ArmFit,
    CohortFit,
    Tuning,
    fit_cohort,
    period_contrast,
)
from impacteval.panel import Panel

UNDEFINED = {
    "jackknife": "jackknife: the error is not known with one treated unit, or one weighted comparison unit",
    "placebo": "placebo: the error is not known unless there are more comparison than treated units",
    "bootstrap": "bootstrap: the error is not known where a cohort has one unit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticWeights:
    """What one cohort is compared with.

    Attributes
    ----------
    arm, cohort :
        The treated units.
    unit : (n_units,)
        Weights of comparison units, summing to one; zero for all other units.
    period : (n_periods,)
        Weights of periods before treatment, summing to one (zero throughout for ``sc``).
    tuning : Tuning
    """

    arm: str
    cohort: int
    unit: Float1D
    period: Float1D
    tuning: Tuning


def synthetic(panel: Panel, design: Synthetic, rng: np.random.Generator) -> Effects:
    """Compare each cohort with never-treated units that moved as it did before treatment.

    Unit weights fit the treated units' mean path before treatment up to a constant, period weights
    the comparison units' mean after treatment; the effect is the weighted double difference
    (Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, American Economic Review 111(12),
    algorithm 1). Cohorts are averaged by their treated unit-periods (appendix of the paper).

    Parameters
    ----------
    panel : Panel
        Units not observed in every period are left out, those treated after the last period are
        taken as never treated; the notes count both.
    design : Synthetic
    rng : Generator
        For ``placebo`` and ``bootstrap``, which are run only if ``design.vcov`` names them.

    Returns
    -------
    Effects
        ``cohort`` for each arm and cohort and ``simple`` for each arm, in the unit of the outcome.
        The influence is the jackknife's: with leave-one-out estimates ``u_i`` at fixed weights and
        ``m`` units in use it is ``n_units sqrt((m - 1) / m) (mean(u) - u_i)``, so that ``cr0`` by
        unit is the jackknife error; NaN where that is undefined. ``resampled`` holds the errors.

    Raises
    ------
    ConfigError
        When the panel has sampling weights.
    IdentificationError
        When an arm or the comparison has no unit observed in every period, or a cohort too few
        periods before its treatment.
    """
    arms = _arms(panel, design)
    streams = rng.spawn(len(arms))
    return joint([_effects_of(panel, arm, design, rng) for arm, rng in zip(arms, streams, strict=True)])


def synthetic_weights(panel: Panel, design: Synthetic) -> tuple[SyntheticWeights, ...]:
    """Weights behind each ``cohort`` effect of ``synthetic``, in the same order."""
    found = []
    for arm in _arms(panel, design):
        for cohort in arm.cohorts:
            unit, period = np.zeros(panel.n_units), np.zeros(len(panel.periods))
            unit[arm.place[: arm.n_comparison]] = cohort.weights.unit[0]
            period[: cohort.n_before] = cohort.weights.period[0]
            found.append(
                SyntheticWeights(
                    arm=arm.name, cohort=cohort.period, unit=unit, period=period, tuning=cohort.tuning
                )
            )
    return tuple(found)


def _arms(panel: Panel, design: Synthetic) -> list[ArmFit]:
    if panel.is_weighted:
        raise ConfigError(
            f"{panel.name}: synthetic difference-in-differences takes no sampling weights; take the "
            f"weights or the design {design.name!r} out of the plan"
        )
    if not panel.treated_arms:
        raise IdentificationError(f"{panel.name}: no unit is treated; take the outcome out of the plan")
    complete = np.asarray(~np.isnan(panel.outcome).any(axis=1))
    if not (complete & (panel.cohort > panel.periods[-1])).any():
        raise IdentificationError(
            f"{panel.name}: no never-treated unit ({panel.comparison_arm!r}) is observed in every period; "
            "use fewer periods or another design"
        )
    return [_arm(panel, design, arm, complete) for arm in panel.treated_arms]


def _arm(panel: Panel, design: Synthetic, name: str, complete: Bool1D) -> ArmFit:
    seen_treated = panel.in_arm(name) & (panel.cohort <= panel.periods[-1])
    in_comparison = panel.cohort > panel.periods[-1]
    comparison = np.flatnonzero(in_comparison & complete)
    cohorts, places = [], [comparison]
    for period in np.unique(panel.cohort[seen_treated & complete]).astype(np.int64):
        treated = np.flatnonzero(seen_treated & complete & (panel.cohort == period))
        first = sum(len(p) for p in places)
        cohorts.append(_cohort(panel, design, (comparison, treated), first))
        places.append(treated)
    if not cohorts:
        raise IdentificationError(
            f"{panel.name}: no unit of arm {name!r} is observed in every period and treated by the last one; "
            "use fewer periods or another design"
        )
    place = np.concatenate(places)
    return ArmFit(
        name=name,
        place=place,
        outcome=panel.outcome[place],
        n_comparison=len(comparison),
        cohorts=tuple(cohorts),
        note=_left_out(
            int(((seen_treated | in_comparison) & ~complete).sum()),
            int((in_comparison & complete & ~panel.in_arm(panel.comparison_arm)).sum()),
        ),
    )


def _left_out(n_incomplete: int, n_later: int) -> str:
    notes = [f"{n_incomplete} units not observed in every period are left out"] if n_incomplete else []
    if n_later:
        notes.append(f"{n_later} units treated after the last period are taken as never treated")
    return "; ".join(notes)


def _cohort(panel: Panel, design: Synthetic, sides: tuple[Int1D, Int1D], first: int) -> CohortFit:
    comparison, treated = sides
    period = int(panel.cohort[treated[0]])
    n_before = panel.base_column(period) + 1
    n_needed = 1 if design.kind == "did" else 2
    if min(n_before, len(comparison)) < n_needed:
        raise IdentificationError(
            f"{panel.name}: cohort {period} has {n_before} periods before its treatment and "
            f"{len(comparison)} comparison units; kind {design.kind!r} needs {n_needed} of either: drop "
            "these units, add earlier periods or choose another kind"
        )
    tuning, weights = fit_cohort(
        panel.outcome[comparison], panel.outcome[treated], n_before=n_before, kind=design.kind
    )
    return CohortFit(
        period=period,
        members=np.arange(first, first + len(treated)),
        n_before=n_before,
        n_after=len(panel.periods) - n_before,
        tuning=tuning,
        weights=weights,
    )


def _effects_of(panel: Panel, arm: ArmFit, design: Synthetic, rng: np.random.Generator) -> Effects:
    size = np.array([len(c.members) * c.n_after for c in arm.cohorts], dtype=np.float64)
    share = size / size.sum()
    each = np.array([_estimate(arm, c) for c in arm.cohorts])
    base = np.array([arm.outcome[c.members, c.n_before - 1].mean() for c in arm.cohorts])
    in_use = _in_use(arm)
    influence = _jackknife_influence(arm, in_use, panel.n_units)
    resampled = {
        "jackknife": np.sqrt(np.square(influence).sum(axis=0)) / panel.n_units,
        **_drawn_errors(arm, design, rng),
    }
    used, on_panel = np.zeros((2, panel.n_units, in_use.shape[1]))
    used[arm.place], on_panel[arm.place] = in_use, influence
    in_sample = used > 0
    comparison = (panel.cohort > panel.periods[-1])[:, None]
    return Effects(
        estimator=design.estimator,
        outcome=panel.name,
        comparison=panel.comparison_arm,
        keys=_keys(arm, resampled),
        unit_ids=panel.unit_ids,
        estimate=np.append(each, share @ each),
        influence=on_panel,
        in_sample=in_sample,
        treated_side=in_sample & ~comparison,
        comparison_side=in_sample & comparison,
        n_obs=in_use.sum(axis=0) * len(panel.periods),
        baseline_mean=np.append(base, share @ base),
        resampled=resampled,
    )


def _in_use(arm: ArmFit) -> Bool2D:
    """Which rows each cohort's effect uses, and in the last column their average."""
    used = np.zeros((len(arm.place), len(arm.cohorts) + 1), dtype=np.bool_)
    used[: arm.n_comparison] = True
    used[:, -1] = True
    for j, cohort in enumerate(arm.cohorts):
        used[cohort.members, j] = True
    return used


def _unit_contrasts(arm: ArmFit, cohort: CohortFit) -> Float1D:
    """Each row's mean after treatment less its weighted mean before."""
    return np.asarray(arm.outcome @ period_contrast(cohort.weights.period, cohort.n_after)[0])


def _estimate(arm: ArmFit, cohort: CohortFit) -> float:
    contrast = _unit_contrasts(arm, cohort)
    synthetic_mean = cohort.weights.unit[0] @ contrast[: arm.n_comparison]
    return float(contrast[cohort.members].mean() - synthetic_mean)


def _leave_one_out(arm: ArmFit, cohort: CohortFit) -> Float1D:
    """A cohort's effect without each row in turn; NaN throughout where one of these is undefined.

    Weights of periods stay, those of units are renormalised.
    """
    contrast, weight = _unit_contrasts(arm, cohort), cohort.weights.unit[0]
    n_treated = len(cohort.members)
    if n_treated < 2 or np.count_nonzero(weight) < 2:
        return np.full(len(contrast), np.nan)
    treated, untreated = contrast[cohort.members], contrast[: arm.n_comparison]
    others = (weight @ untreated - weight * untreated) / (1 - weight)
    without = np.full(len(contrast), treated.mean() - weight @ untreated)
    without[: arm.n_comparison] = treated.mean() - others
    without[cohort.members] += (treated.mean() - treated) / (n_treated - 1)
    return without


def _jackknife_influence(arm: ArmFit, in_use: Bool2D, n_units: int) -> Float2D:
    """Influence whose sum of squares is the jackknife variance, (n_rows, n_cohorts + 1)."""
    by_cohort = np.column_stack([_leave_one_out(arm, c) for c in arm.cohorts])
    member = in_use[:, :-1] & (np.arange(len(arm.place)) >= arm.n_comparison)[:, None]
    size = (member.sum(axis=0) - member) * np.array([c.n_after for c in arm.cohorts])
    with np.errstate(invalid="ignore"):
        average = (size * by_cohort).sum(axis=1) / size.sum(axis=1)
    without = np.column_stack([by_cohort, average])
    n_used = in_use.sum(axis=0)
    mean = np.where(in_use, without, 0.0).sum(axis=0) / n_used
    deviation = np.where(in_use, mean - without, 0.0)
    deviation[np.abs(deviation) <= ROUNDING * np.abs(arm.outcome).max()] = 0.0
    return np.asarray(n_units * np.sqrt((n_used - 1) / n_used) * deviation)


def _drawn_errors(arm: ArmFit, design: Synthetic, rng: np.random.Generator) -> dict[str, Float1D]:
    schemes = {"placebo": placebo_errors, "bootstrap": bootstrap_errors}
    # Each scheme has its own stream, so that naming one does not change the other.
    streams = rng.spawn(len(schemes))
    return {
        name: errors(arm, design.replications, stream)
        for (name, errors), stream in zip(schemes.items(), streams, strict=True)
        if name in design.vcov
    }


def _keys(arm: ArmFit, resampled: dict[str, Float1D]) -> tuple[EffectKey, ...]:
    keys = [EffectKey(estimand="cohort", arm=arm.name, cohort=c.period) for c in arm.cohorts]
    undefined = [
        [UNDEFINED[scheme] for scheme, errors in resampled.items() if np.isnan(errors[j])]
        for j in range(len(keys) + 1)
    ]
    return tuple(
        replace(key, note="; ".join([*([arm.note] if arm.note else []), *reasons]))
        for key, reasons in zip([*keys, EffectKey(estimand="simple", arm=arm.name)], undefined, strict=True)
    )
