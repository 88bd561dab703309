"""What a report says in words about numbers: one rule a sentence, none typed."""

from __future__ import annotations

import pandas as pd

from impacteval.design import CLUSTER_BY_UNIT, VCOV_LABELS, Outcome
from impacteval.reporting.content import LOG_UNIT, SAMPLE_LABELS, SHARE_UNIT, Facts
from impacteval.reporting.numbers import (
    count,
    decimals_for,
    fixed,
    interval,
    is_known,
    p_value,
    percent_change,
    share,
)


def headline_sentence(facts: Facts, row: pd.Series) -> str:
    """Say an effect with its interval, p-value, sample, and what the interval leaves open."""
    outcome = facts.outcome(row["outcome"])
    d = decimals_for(row["std_error"])
    level = share(facts.plan.level).replace(".0%", "%")
    where = f"{outcome.label}, {facts.arm_label(row['arm'])}"
    size = f"{where}: estimated effect {fixed(row['estimate'], d)} {outcome.unit}"
    if not is_known(row["std_error"]):
        return f"{size}; its error is not known ({row['note']})."
    if outcome.unit == LOG_UNIT:
        size += f" ({percent_change(row['estimate'])})"
    if outcome.unit.startswith(SHARE_UNIT):
        size += f" ({fixed(100 * row['estimate'], max(d - 2, 0))} percentage points)"
    inference = (
        f" ({level} interval {interval(row['conf_low'], row['conf_high'], d)}, p = {p_value(row['p_value'])})"
    )
    sample = (
        f", from {count(row['n_treated'])} treated and {count(row['n_comparison'])} comparison enterprises. "
    )
    said = size + inference.replace("p = <", "p <") + sample + _reading(facts, outcome, row, d)
    return " ".join([said, *_warnings(facts, row)])


def _warnings(facts: Facts, row: pd.Series) -> list[str]:
    """What in this report speaks against a headline: trends that differed, choices that turn it."""
    found = []
    tests = facts.tables["sensitivity"]
    mine = tests[(tests["outcome"] == row["outcome"]) & (tests["arm"] == row["arm"])]
    p = mine.loc[mine["measure"] == "joint_pretrend", "p_value"].min()
    if is_known(p) and p < 1 - facts.plan.level:
        found.append(
            f"But trends differed already before treatment (p = {p_value(p)}), which makes it doubtful."
        )
    turned = other_signs(facts, row)
    if len(turned):
        found.append(f"But {count(len(turned))} other estimates of the plan have the other sign.")
    return [sentence.replace("p = <", "p <") for sentence in found]


def other_signs(facts: Facts, row: pd.Series) -> pd.DataFrame:
    """Estimates by other designs and samples whose sign is not that of a headline."""
    table = facts.tables["specifications"]
    mine = table[(table["outcome"] == row["outcome"]) & (table["arm"] == row["arm"])]
    other: pd.DataFrame = mine[mine["estimate"] * row["estimate"] < 0]
    return other


def _reading(facts: Facts, outcome: Outcome, row: pd.Series, d: int) -> str:
    power = share(facts.plan.power).replace(".0%", "%")
    if row["conf_low"] > 0 or row["conf_high"] < 0:
        is_better = (row["estimate"] > 0) == (outcome.direction == "higher")
        side = "above" if row["estimate"] > 0 else "below"
        change = "an improvement" if is_better else "a worsening"
        return f"The interval lies {side} zero, on the side of {change}."
    return (
        f"The interval includes zero: these data leave open whether there is an effect. One of "
        f"{fixed(row['mde'], d)} {outcome.unit} or more would have been found with a probability of {power}."
    )


def cluster_label(facts: Facts) -> str:
    """Name what errors are clustered by."""
    return "enterprise" if facts.plan.cluster == CLUSTER_BY_UNIT else facts.variable_label(facts.plan.cluster)


def error_label(facts: Facts, vcov: str) -> str:
    """Name an error convention of the table of estimates in words."""
    name, _, cluster = vcov.partition("(")
    return VCOV_LABELS[name] + (f", clustered by {cluster_label(facts)}" if cluster else "")


def pretrend_sentence(facts: Facts, row: pd.Series) -> str:
    """Say what the test of trends before treatment found."""
    outcome = facts.outcome(row["outcome"])
    where = f"{outcome.label}, {facts.arm_label(row['arm'])}"
    if not is_known(row["p_value"]):
        return f"{where}: {row['note']}."
    statistic = f"F({count(row['df'])}, {count(row['df_error'])}) = {fixed(row['statistic'], 2)}"
    probability = f"p = {p_value(row['p_value'])}".replace("p = <", "p <")
    return f"{where}: {statistic}, {probability}; {row['note']}."


def specification_sentence(facts: Facts, row: pd.Series) -> str:
    """Say how a headline moves over the plan's designs and samples."""
    outcome = facts.outcome(row["outcome"])
    table = facts.tables["specifications"]
    mine = table[
        (table["outcome"] == row["outcome"]) & (table["arm"] == row["arm"]) & table["estimate"].notna()
    ]
    d = decimals_for(row["std_error"])
    low, high = mine.loc[mine["estimate"].idxmin()], mine.loc[mine["estimate"].idxmax()]
    other_sign = len(other_signs(facts, row))
    labels = {design.name: design.label for design in facts.plan.designs}
    signs = (
        "all have the sign of the headline" if other_sign == 0 else f"{count(other_sign)} have the other sign"
    )
    ends = [
        f"{fixed(end['estimate'], d)} ({labels[end['design']]}; {SAMPLE_LABELS[end['sample']]})"
        for end in (low, high)
    ]
    return (
        f"{outcome.label}, {facts.arm_label(row['arm'])}: {count(len(mine))} estimates by design and sample "
        f"run from {ends[0]} to {ends[1]} {outcome.unit}; {signs}."
    )
