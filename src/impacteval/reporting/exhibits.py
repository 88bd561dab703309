"""The figures of a report in words: what each shows, and the numbers behind it."""

from __future__ import annotations

import pandas as pd

from impacteval.design import Outcome
from impacteval.designs import EVENT_STUDIES, REFERENCE_EVENT_TIME, CallawaySantAnna, TwoByTwo
from impacteval.reporting.content import LOG_UNIT, SAMPLE_LABELS, Facts, Figure, Table, number_cell, text_cell
from impacteval.reporting.numbers import count, decimals_for, fixed, interval, share
from impacteval.tables import records

# Where the primary design has no effects by event time, those of the first of these that the plan has.
BY_EVENT_TIME = (*EVENT_STUDIES, "drdid")
RELATIVE_TO_LAST_BEFORE = ("event_study_twfe", "sun_abraham", "stacked", "two_stage")


def figures_of(facts: Facts) -> tuple[Figure, ...]:
    """Describe every figure that the study has data for."""
    found = [flow_figure(facts)]
    if len(facts.tables["balance"]):
        found.append(balance_figure(facts))
    if (facts.tables["attrition"]["share_interviewed"] < 1).any():
        found.append(attrition_figure(facts))
    for outcome in facts.outcomes:
        found += [means_figure(facts, outcome)]
        if len(event_study_rows(facts, outcome.name)):
            found.append(event_study_figure(facts, outcome))
        found.append(specification_figure(facts, outcome))
    return tuple(found)


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
            chosen: pd.DataFrame = rows[rows["vcov"] == rows["vcov"].iloc[0]]
            return chosen.sort_values(["arm", "event_time"], kind="stable")
    return mine.iloc[:0]


def design_of(estimate_id: str) -> str:
    """Name of the design that an estimate's id names."""
    return estimate_id.split(".")[1]


def reference_event_time(facts: Facts, rows: pd.DataFrame) -> int | None:
    """Event time that estimates by event time are relative to; None when cohorts or periods differ in it."""
    name = design_of(rows["estimate_id"].iloc[0])
    design = next(d for d in facts.plan.designs if d.name == name)
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


def level_text(facts: Facts) -> str:
    """The plan's confidence level as percent."""
    return share(facts.plan.level).replace(".0%", "%")


def flow_rows(facts: Facts) -> list[tuple[str, str, str, str, object, object]]:
    """Steps of the flow as printed: step, outcome, arm, reason, rows, enterprises."""
    names = {
        "table": "Rows in another table of the study",
        "delivered": "Rows delivered",
        "left_out": "Rows left out",
        "panel": "Rows in the panel",
        "not_interviewed": "Interviews that did not take place",
        "no_value": "Rows without a value",
        "sample": "Rows with a value",
    }
    labels = {o.name: o.label for o in facts.outcomes}
    return [
        (
            names[r.step],
            labels.get(r.outcome, ""),
            facts.arm_label(r.arm) if r.arm else "",
            r.reason,
            r.n_rows,
            r.n_units,
        )
        for r in records(facts.flow)
    ]


def flow_figure(facts: Facts) -> Figure:
    """From delivered rows to the sample of each outcome."""
    panel = facts.flow[facts.flow["step"] == "panel"]
    delivered = facts.flow.loc[facts.flow["step"] == "delivered", "n_rows"].iloc[0]
    arms = "; ".join(f"{facts.arm_label(r.arm)} {count(r.n_units)} enterprises" for r in records(panel))
    rows = tuple(
        (
            text_cell(step),
            text_cell(outcome),
            text_cell(arm),
            text_cell(reason),
            number_cell(count(n)),
            number_cell(count(units)),
        )
        for step, outcome, arm, reason, n, units in flow_rows(facts)
    )
    return Figure(
        name="flow",
        caption="Flow of enterprises and rows from the delivered files to the samples",
        alt=(
            f"Flow chart. {count(delivered)} rows were delivered, {count(panel['n_rows'].sum())} are in the "
            f"panel: {arms}."
        ),
        data=Table(
            name="flow-data",
            caption="Rows and enterprises at each step",
            header=("Step", "Outcome", "Arm", "Reason", "Rows", "Enterprises"),
            rows=rows,
            is_folded=True,
        ),
    )


def balance_figure(facts: Facts) -> Figure:
    """Normalised differences before treatment."""
    table = facts.tables["balance"]
    rows = tuple(
        (
            text_cell(facts.variable_label(r.variable)),
            text_cell(facts.arm_label(r.arm)),
            number_cell(fixed(r.mean_treated, _decimals(r.sd_comparison))),
            number_cell(fixed(r.mean_comparison, _decimals(r.sd_comparison))),
            number_cell(fixed(r.difference, _decimals(r.sd_comparison))),
            number_cell(fixed(r.normalised_difference, 2)),
            number_cell(count(r.n_treated)),
            number_cell(count(r.n_comparison)),
        )
        for r in records(table)
    )
    return Figure(
        name="balance",
        caption="Normalised differences between arms and comparison before treatment",
        alt=(
            f"Dot plot of normalised differences for {count(table['variable'].nunique())} variables. "
            f"{_largest_difference(facts)}"
        ),
        data=Table(
            name="balance-data",
            caption="Means before treatment",
            header=(
                "Variable",
                "Arm",
                "Mean, arm",
                "Mean, comparison",
                "Difference",
                "Normalised difference",
                "n, arm",
                "n, comparison",
            ),
            rows=rows,
            note=(
                "Means in the last period before anyone was treated. A normalised difference is the "
                "difference over the root of the average variance; beyond 0.25 either way regression "
                "adjustment is fragile (Imbens and Rubin 2015, section 14.6). A dash: neither group "
                "varies, or a group has fewer than two values."
            ),
        ),
    )


def _largest_difference(facts: Facts) -> str:
    known = facts.tables["balance"].dropna(subset=["normalised_difference"])
    if known.empty:
        return "None is defined."
    largest = known.iloc[known["normalised_difference"].abs().argmax()]
    return (
        f"The largest, {fixed(largest['normalised_difference'], 2)}, is that of "
        f"{facts.variable_label(largest['variable'])}, arm {facts.arm_label(largest['arm'])}."
    )


def _decimals(sd: float) -> int:
    """Decimals of a variable's means, by its spread."""
    return max(decimals_for(sd) - 1, 0)


def attrition_figure(facts: Facts) -> Figure:
    """Share of enterprises interviewed."""
    table = facts.tables["attrition"]
    lowest = table.iloc[table["share_interviewed"].argmin()]
    rows = tuple(
        (
            text_cell(facts.arm_label(r.arm)),
            text_cell(facts.plan.panel.label_of(int(r.period))),
            number_cell(count(r.n_interviewed)),
            number_cell(count(r.n_expected)),
            number_cell(share(r.share_interviewed)),
            number_cell(fixed(100 * r.difference_to_comparison, 1)),
        )
        for r in records(table)
    )
    return Figure(
        name="attrition",
        caption="Share of enterprises interviewed, by arm and period",
        alt=(
            f"Line chart. The lowest share interviewed is {share(lowest['share_interviewed'])}, arm "
            f"{facts.arm_label(lowest['arm'])}, {facts.plan.panel.period_name.lower()} "
            f"{facts.plan.panel.label_of(int(lowest['period']))}."
        ),
        data=Table(
            name="attrition-data",
            caption="Interviews by arm and period",
            header=(
                "Arm",
                facts.plan.panel.period_name,
                "Interviewed",
                "Enterprises",
                "Share",
                "Difference to comparison (percentage points)",
            ),
            rows=rows,
            is_folded=True,
        ),
    )


def unit_of_level(outcome: Outcome) -> str:
    """Unit of an outcome's level; a difference of logarithms is in log points, a level is not."""
    return "logarithm" if outcome.unit == LOG_UNIT else outcome.unit


def means_figure(facts: Facts, outcome: Outcome) -> Figure:
    """Observed means by arm and period."""
    table = facts.tables["means"]
    mine = table[table["outcome"] == outcome.name]
    rows = tuple(
        (
            text_cell(facts.arm_label(r.arm)),
            text_cell(facts.plan.panel.label_of(int(r.period))),
            number_cell(fixed(r.mean, decimals_for(r.std_error))),
            number_cell(fixed(r.std_error, decimals_for(r.std_error))),
            number_cell(count(r.n_units)),
        )
        for r in records(mine)
    )
    ends = []
    for arm, part in mine.groupby("arm", sort=False):
        known = part[part["mean"].notna()]
        if len(known):
            d = decimals_for(known["std_error"].max())
            first, last = fixed(known["mean"].iloc[0], d), fixed(known["mean"].iloc[-1], d)
            ends.append(f"{facts.arm_label(str(arm))} from {first} to {last}")
    return Figure(
        name=f"means_{outcome.name}",
        caption=f"{outcome.label}: observed means by arm, each with its {level_text(facts)} interval",
        alt=f"Line chart of means in {unit_of_level(outcome)}: {'; '.join(ends) or 'not defined'}.",
        data=Table(
            name=f"means-{outcome.name}-data",
            caption=f"{outcome.label}: means by arm and period ({unit_of_level(outcome)})",
            header=("Arm", facts.plan.panel.period_name, "Mean", "Standard error", "Enterprises"),
            rows=rows,
            note="Observed levels; a difference between arms in one period is not an effect.",
            is_folded=True,
        ),
    )


def reference_text(facts: Facts, rows: pd.DataFrame) -> str:
    """Name what estimates by event time are relative to."""
    reference = reference_event_time(facts, rows)
    if reference is not None:
        return f"relative to event time {fixed(reference, 0)}"
    design = next(d for d in facts.plan.designs if d.name == design_of(rows["estimate_id"].iloc[0]))
    if isinstance(design, CallawaySantAnna) and design.base_period == "varying":
        return "before treatment relative to the period before each, after it to the last before treatment"
    if isinstance(design, TwoByTwo | CallawaySantAnna):
        return "relative to each cohort's last period before treatment"
    return "relative to the untreated outcomes that the design imputes"


def event_study_figure(facts: Facts, outcome: Outcome) -> Figure:
    """Effects by time since treatment."""
    rows = event_study_rows(facts, outcome.name)
    level = level_text(facts)
    n_intervals = int(rows["conf_low"].notna().sum())
    excluded = rows[(rows["conf_low"] > 0) | (rows["conf_high"] < 0)]
    first, last = fixed(rows["event_time"].min(), 0), fixed(rows["event_time"].max(), 0)
    return Figure(
        name=f"event_study_{outcome.name}",
        caption=(
            f"{outcome.label}: difference to the comparison group, {reference_text(facts, rows)}. "
            f"Thick: {level} intervals; thin: {level} bands for all event times of an arm at once"
        ),
        alt=(
            f"Points with {level} intervals in {outcome.unit} for event times {first} to {last}. "
            f"{count(len(excluded))} of {count(n_intervals)} intervals exclude zero."
        ),
        data=Table(
            name=f"event-study-{outcome.name}-data",
            caption=f"{outcome.label}: estimates by event time ({outcome.unit})",
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


def specification_figure(facts: Facts, outcome: Outcome) -> Figure:
    """The same effect by every design of the plan."""
    table = facts.tables["specifications"]
    mine = table[table["outcome"] == outcome.name]
    labels = {d.name: d.label for d in facts.plan.designs}
    return Figure(
        name=f"specifications_{outcome.name}",
        caption=f"{outcome.label}: the effect by every design of the plan",
        alt=_specifications_in_words(mine.dropna(subset=["estimate"]), outcome),
        data=Table(
            name=f"specifications-{outcome.name}-data",
            caption=f"{outcome.label}: estimates by design and sample ({outcome.unit})",
            header=(
                "Design",
                "Sample",
                "Arm",
                "Estimate",
                "Standard error",
                "Interval",
                "Enterprises",
                "Errors",
                "Note",
            ),
            rows=tuple(
                (
                    text_cell(labels[r.design]),
                    text_cell(SAMPLE_LABELS[r.sample]),
                    text_cell(facts.arm_label(r.arm)),
                    number_cell(fixed(r.estimate, decimals_for(r.std_error))),
                    number_cell(fixed(r.std_error, decimals_for(r.std_error))),
                    number_cell(interval(r.conf_low, r.conf_high, decimals_for(r.std_error))),
                    number_cell(count(r.n_units)),
                    text_cell(r.vcov),
                    text_cell(r.note),
                )
                for r in records(mine)
            ),
            is_folded=True,
        ),
    )


def _specifications_in_words(known: pd.DataFrame, outcome: Outcome) -> str:
    if known.empty:
        return "Forest plot without points: no design gives an estimate."
    estimates = known["estimate"]
    d = min(decimals_for(error) for error in known["std_error"])
    same_sign = int(max((estimates > 0).sum(), (estimates < 0).sum()))
    return (
        f"Forest plot of {count(len(known))} estimates in {outcome.unit}, from "
        f"{fixed(estimates.min(), d)} to {fixed(estimates.max(), d)}; {count(same_sign)} have the same sign."
    )
