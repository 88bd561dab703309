"""Effects by time since treatment: which design's a report shows, and what they are relative to."""

from __future__ import annotations

import pandas as pd

from impacteval.design import Outcome
from impacteval.designs import (
    EVENT_STUDIES,
    REFERENCE_EVENT_TIME,
    CallawaySantAnna,
    Design,
    Stacked,
    TwoByTwo,
)
from impacteval.reporting.content import Facts, Figure, Table, effect_unit, number_cell, text_cell
from impacteval.reporting.numbers import count, decimals_for, fixed, interval
from impacteval.tables import records

# Where the primary design has no effects by event time, those of the first of these that the plan has.
BY_EVENT_TIME = (*EVENT_STUDIES, "drdid")
RELATIVE_TO_LAST_BEFORE = ("event_study_twfe", "sun_abraham", "stacked", "two_stage")
OTHER_COHORTS = "Event times rest on different cohorts: differences between them are not a path over time"


def event_study_rows(facts: Facts, outcome: str) -> pd.DataFrame:
    """Estimates by event time of the primary design; where it has none, of the plan's event study."""
    table = facts.tables["event_study"]
    mine = table[(table["outcome"] == outcome) & (table["subgroup"] == "") & (table["term"] == "")]
    primary = facts.outcome(outcome).design or facts.plan.primary
    designs = {d.name: d.estimator for d in facts.plan.designs}
    order = sorted(
        (name for name, estimator in designs.items() if estimator in BY_EVENT_TIME),
        key=lambda name: (name != primary, BY_EVENT_TIME.index(designs[name])),
    )
    for name in order:
        rows = mine[mine["estimate_id"].map(design_of) == name]
        if len(rows):
            return facts.by_first_convention(rows).sort_values(["arm", "event_time"], kind="stable")
    return mine.iloc[:0]


def design_of(estimate_id: str) -> str:
    """Name of the design that an estimate's id names."""
    return estimate_id.split(".")[1]


def _design_of(facts: Facts, rows: pd.DataFrame) -> Design:
    return facts.design(design_of(str(rows["estimate_id"].iloc[0])))


def has_other_cohorts(facts: Facts, rows: pd.DataFrame) -> bool:
    """Whether event times differ in the cohorts they average over."""
    design = _design_of(facts, rows)
    if isinstance(design, Stacked) or getattr(design, "balance_event_time", None) is not None:
        return False
    exposure = facts.tables["exposure"]
    mine = exposure[exposure["arm"].isin(rows["arm"])]
    return bool((mine.groupby("arm")["first_treat"].nunique() > 1).any())


def reference_event_time(facts: Facts, rows: pd.DataFrame) -> int | None:
    """Event time that estimates by event time are relative to; None when cohorts or periods differ in it."""
    design = _design_of(facts, rows)
    if design.estimator in RELATIVE_TO_LAST_BEFORE:
        return REFERENCE_EVENT_TIME
    if not isinstance(design, TwoByTwo | CallawaySantAnna) or design.base_period == "varying":
        return None
    exposure = facts.tables["exposure"]
    cohorts = exposure.loc[exposure["arm"].isin(rows["arm"]), "first_treat"].dropna().astype(int)
    references = set()
    for cohort in cohorts:
        before = [p for p in facts.plan.panel.periods if p < cohort - design.anticipation]
        if before:
            references.add(before[-1] - cohort)
    return references.pop() if len(references) == 1 else None


def reference_text(facts: Facts, rows: pd.DataFrame) -> str:
    """Name what estimates by event time are relative to."""
    reference = reference_event_time(facts, rows)
    if reference is not None:
        return f"relative to event time {fixed(reference, 0)}"
    design = _design_of(facts, rows)
    if isinstance(design, CallawaySantAnna) and design.base_period == "varying":
        return "before treatment relative to the period before each, after it to the last before treatment"
    if isinstance(design, TwoByTwo | CallawaySantAnna):
        return "relative to each cohort's last period before treatment"
    return "relative to the untreated outcomes that the design imputes"


def event_study_figure(facts: Facts, outcome: Outcome) -> Figure:
    """Effects by time since treatment."""
    rows = event_study_rows(facts, outcome.name)
    level = facts.level_text
    n_intervals = int(rows["conf_low"].notna().sum())
    excluded = rows[(rows["conf_low"] > 0) | (rows["conf_high"] < 0)]
    first, last = fixed(rows["event_time"].min(), 0), fixed(rows["event_time"].max(), 0)
    return Figure(
        name=f"event_study_{outcome.name}",
        caption=(
            f"{outcome.label}, {_design_of(facts, rows).label}: difference to the comparison group, "
            f"{reference_text(facts, rows)}. Thick: {level} intervals; thin: {level} bands for all event "
            f"times of an arm at once{'. ' + OTHER_COHORTS if has_other_cohorts(facts, rows) else ''}"
        ),
        alt=(
            f"Points with {level} intervals in {effect_unit(outcome)} for event times {first} to {last}. "
            f"{count(len(excluded))} of {count(n_intervals)} intervals exclude zero."
        ),
        data=Table(
            name=f"event-study-{outcome.name}-data",
            caption=f"{outcome.label}: estimates by event time ({effect_unit(outcome)})",
            header=(
                "Arm",
                "Event time",
                "Estimate",
                "Standard error",
                f"{level} interval",
                f"{level} band",
                "Enterprises",
            ),
            rows=tuple(
                (
                    text_cell(facts.arm_label(r.arm)),
                    text_cell(fixed(r.event_time, 0)),
                    number_cell(fixed(r.estimate, decimals_for(r.std_error)), r.estimate_id),
                    number_cell(fixed(r.std_error, decimals_for(r.std_error)), r.estimate_id),
                    number_cell(interval(r.conf_low, r.conf_high, decimals_for(r.std_error)), r.estimate_id),
                    number_cell(interval(r.band_low, r.band_high, decimals_for(r.std_error)), r.estimate_id),
                    number_cell(count(r.n_units)),
                )
                for r in records(rows)
            ),
            note=(
                "An interval is for one event time, a band for all of an arm's event times at once. Event "
                "times before treatment show whether arms were already moving apart."
            ),
            is_folded=True,
        ),
    )
