"""Designs with the defaults that tests use."""

from __future__ import annotations

from typing import Literal

from impacteval.designs import Ancova, EventStudy, TwoByTwo, TwoWayFixedEffects, Vcov


def two_by_two(
    *, control_group: Literal["never_treated", "not_yet_treated"] = "never_treated", anticipation: int = 0
) -> TwoByTwo:
    """A two-by-two design."""
    return TwoByTwo(
        estimator="drdid",
        name="two_by_two",
        label="Two by two",
        vcov=("cr0",),
        control_group=control_group,
        anticipation=anticipation,
    )


def twfe(
    *, regressors: tuple[str, ...] = (), covariates: tuple[str, ...] = (), period_effects: bool = True
) -> TwoWayFixedEffects:
    """A two-way fixed-effects design."""
    return TwoWayFixedEffects(
        estimator="twfe",
        name="two_way",
        label="Two-way",
        vcov=("cr1_nested",),
        regressors=regressors,
        covariates=covariates,
        period_effects=period_effects,
    )


def event_study(*, covariates: tuple[str, ...] = ()) -> EventStudy:
    """An event-study design."""
    return EventStudy(
        estimator="event_study_twfe",
        name="event_study",
        label="Event study",
        vcov=("cr1_nested",),
        covariates=covariates,
    )


def ancova(
    *,
    covariates: tuple[str, ...] = (),
    baseline: Literal["own", "none"] = "own",
    by_period: bool = False,
    include_base_period: bool = False,
    vcov: tuple[Vcov, ...] = ("cr1_nested",),
) -> Ancova:
    """An ANCOVA design."""
    return Ancova(
        estimator="ancova",
        name="ancova",
        label="ANCOVA",
        vcov=vcov,
        covariates=covariates,
        baseline=baseline,
        by_period=by_period,
        include_base_period=include_base_period,
    )
