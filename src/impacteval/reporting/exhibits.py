"""The figures of a report in words: what each shows, and the numbers behind it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from impacteval.design import Outcome
from impacteval.reporting.content import Facts, Figure, Table, number_cell, text_cell, unit_of_level
from impacteval.reporting.event_studies import event_study_figure, event_study_rows
from impacteval.reporting.family_sections import forest_figure, forest_rows
from impacteval.reporting.numbers import count, decimals_for, fixed, share
from impacteval.reporting.recording_sections import recorded_figures
from impacteval.reporting.specifications import specification_figure
from impacteval.tables import records


def figures_of(facts: Facts) -> tuple[Figure, ...]:
    """Describe every figure that the study has data for."""
    found = [flow_figure(facts)]
    if len(facts.tables["balance"]):
        found.append(balance_figure(facts))
    if (facts.tables["attrition"]["share_interviewed"] < 1).any():
        found.append(attrition_figure(facts))
    for outcome in facts.told:
        found += [means_figure(facts, outcome)]
        if len(event_study_rows(facts, outcome.name)):
            found.append(event_study_figure(facts, outcome))
        found.append(specification_figure(facts, outcome))
    drawn = (f for f in dict.fromkeys(o.family for o in facts.tabled) if len(forest_rows(facts, f)))
    return (*found, *(forest_figure(facts, family) for family in drawn), *recorded_figures(facts))


def flow_rows(facts: Facts) -> list[tuple[str, str, str, str, object, object]]:
    """Steps of the flow as printed: step, outcome, arm, reason, rows, enterprises."""
    names = {
        "table": "Rows in another table of the study",
        "table_removed": "Rows removed from another table",
        "delivered": "Rows delivered",
        "removed": "Rows removed by consent or correction",
        "left_out": "Rows left out",
        "panel": "Rows in the panel",
        "not_interviewed": "Interviews that did not take place",
        "no_value": "Rows without a value",
        "sample": "Rows with a value",
    }
    labels = {o.name: o.label for o in facts.told}
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
        if (r.step != "not_interviewed" or r.n_rows > 0) and (not r.outcome or r.outcome in labels)
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
            note="Steps of the other outcomes stand in panel/flow.csv." if facts.tabled else "",
            is_folded=True,
        ),
    )


def balance_rows(facts: Facts) -> pd.DataFrame:
    """Balance of the variables that the plan names and of outcomes told in full."""
    table = facts.tables["balance"]
    others = {o.name for o in facts.outcomes} - {o.name for o in facts.told} - set(facts.plan.balance)
    return table[~table["variable"].isin(others)]


def balance_of_others(facts: Facts) -> tuple[Table, ...]:
    """Balance of all other outcomes; none where all are told in full."""
    table = facts.tables["balance"]
    others = table[~table.index.isin(balance_rows(facts).index)]
    if others.empty:
        return ()
    name, caption = "balance-others", "Means before treatment, other outcomes"
    return (replace(_balance_table(facts, others), name=name, caption=caption, is_folded=True),)


def balance_figure(facts: Facts) -> Figure:
    """Normalised differences before treatment."""
    table = balance_rows(facts)
    return Figure(
        name="balance",
        caption="Normalised differences between arms and comparison before treatment",
        alt=(
            f"Dot plot of normalised differences for {count(table['variable'].nunique())} variables. "
            f"{_largest_difference(facts)}"
        ),
        data=_balance_table(facts, table),
    )


def _balance_table(facts: Facts, table: pd.DataFrame) -> Table:
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
    return Table(
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
    )


def _largest_difference(facts: Facts) -> str:
    known = balance_rows(facts).dropna(subset=["normalised_difference"])
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
        caption=f"{outcome.label}: observed means by arm, each with its {facts.level_text} interval",
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
