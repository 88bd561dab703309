"""From a panel and a design to its effects: which function answers which design."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from impacteval.arrays import Text1D
from impacteval.design import Subgroups
from impacteval.designs import (
    Ancova,
    CallawaySantAnna,
    Design,
    Dose,
    EventStudy,
    ExtendedTwoWay,
    Imputation,
    Stacked,
    SunAbraham,
    Synthetic,
    TripleDifference,
    TwoByTwo,
    TwoStage,
    TwoWayFixedEffects,
)
from impacteval.effects import Effects
from impacteval.errors import IdentificationError
from impacteval.estimators.aggregate import averages
from impacteval.estimators.ancova import ancova
from impacteval.estimators.dose import dose_effects
from impacteval.estimators.etwfe import extended_two_way
from impacteval.estimators.fixed_effects import event_study, two_way_fixed_effects
from impacteval.estimators.group_time import att_group_time_of
from impacteval.estimators.imputation import imputation
from impacteval.estimators.stacked import stacked
from impacteval.estimators.subgroups import UNKNOWN, by_subgroup
from impacteval.estimators.sun_abraham import sun_abraham
from impacteval.estimators.synthetic import synthetic
from impacteval.estimators.triple_difference import triple_difference
from impacteval.estimators.two_stage import two_stage
from impacteval.panel import Panel


def estimate(  # noqa: C901, PLR0911 - one case a design
    panel: Panel, design: Design, *, seed: int
) -> tuple[Effects, ...]:
    """Run a design on a panel; group-time effects come with their averages.

    Parameters
    ----------
    seed : int
        Of the study; a design that draws derives its own stream from it, its name and the outcome.
    """
    match design:
        case TwoByTwo() | CallawaySantAnna():
            return estimate_together([panel], design)[0]
        case TwoWayFixedEffects():
            return (two_way_fixed_effects(panel, design),)
        case EventStudy():
            return (event_study(panel, design),)
        case SunAbraham():
            return (sun_abraham(panel, design),)
        case Imputation():
            return (imputation(panel, design),)
        case TwoStage():
            return (two_stage(panel, design),)
        case ExtendedTwoWay():
            return (extended_two_way(panel, design),)
        case Stacked():
            return (stacked(panel, design),)
        case Synthetic():
            return (synthetic(panel, design, stream(seed, design.name, panel.name)),)
        case Dose():
            return (dose_effects(panel, design),)
        case Ancova():
            return (ancova(panel, design),)
        case TripleDifference():
            return (triple_difference(panel, design),)


def estimate_together(
    panels: Sequence[Panel], design: TwoByTwo | CallawaySantAnna
) -> tuple[tuple[Effects, ...], ...]:
    """Group-time effects of several outcomes with their averages, sharing what they have in common."""
    return tuple(
        (
            cells,
            *averages(cells, panel, design.averages, balance_event_time=design.balance_event_time),
        )
        for panel, cells in zip(panels, att_group_time_of(panels, design), strict=True)
    )


def estimate_subgroups(
    panel: Panel, design: Design, subgroups: Subgroups, *, seed: int
) -> tuple[Effects, ...]:
    """Run a design in each group and compare each with the first that the plan names.

    Parameters
    ----------
    panel : Panel
        With the subgroups' column among its covariates.
    """
    covariates = {name: values for name, values in panel.covariates.items() if name in design.columns}
    return by_subgroup(
        replace(panel, covariates=covariates),
        lambda part: estimate(part, design, seed=seed),
        membership(panel, subgroups),
        order=[f"{subgroups.name}={group.name}" for group in subgroups.groups],
    )


def membership(panel: Panel, subgroups: Subgroups) -> Text1D:
    """Group of each unit by the value that it has first, (n_units,).

    Raises
    ------
    IdentificationError
        When a group has no unit.
    """
    values = panel.covariates[subgroups.column]
    known = ~np.isnan(values)
    first = values[np.arange(panel.n_units), known.argmax(axis=1)]
    member = np.full(panel.n_units, UNKNOWN, dtype=f"<U{max(_lengths(subgroups))}")
    for group in subgroups.groups:
        chosen = first == group.value
        if not chosen.any():
            raise IdentificationError(
                f"{panel.name}: no enterprise has {subgroups.column} = {group.value}; take the group "
                f"{group.name!r} out of the subgroups {subgroups.name!r}"
            )
        member[chosen] = f"{subgroups.name}={group.name}"
    return np.asarray(member)


def _lengths(subgroups: Subgroups) -> list[int]:
    return [len(subgroups.name) + len(g.name) + 1 for g in subgroups.groups]


def stream(seed: int, *names: str) -> np.random.Generator:
    """Random stream of a part of the study: the same whatever runs beside it, in any order."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng([seed, *digest])
