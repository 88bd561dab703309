"""What a report says in words about numbers: one rule a sentence, none typed."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from impacteval.design import CLUSTER_BY_UNIT, Outcome
from impacteval.designs import EVENT_STUDIES, VCOV_LABELS
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
from impacteval.tables import records

NO_EVENT_STUDY = "The plan has no event study: whether trends differed before treatment is not tested."


def headline_sentence(facts: Facts, row: pd.Series) -> str:
    """Say an effect with its interval, p-value, sample, and what the interval leaves open."""
    outcome = facts.outcome(row["outcome"])
    d = decimals_for(row["std_error"])
    level = share(facts.plan.level).replace(".0%", "%")
    where = f"{outcome.label}, {facts.arm_label(row['arm'])}"
    if not is_known(row["estimate"]):
        return f"{where}: no estimate: {row['note'] or 'it is not defined'}."
    size = f"{where}: estimated effect {fixed(row['estimate'], d)} {outcome.unit}"
    if not is_known(row["std_error"]):
        return f"{size}; its error is not known ({row['note']})."
    if outcome.unit == LOG_UNIT:
        size += f" ({percent_change(row['estimate'])})"
    if outcome.unit == SHARE_UNIT or outcome.unit.startswith(f"{SHARE_UNIT} of "):
        size += f" ({fixed(100 * row['estimate'], max(d - 2, 0))} percentage points)"
    inference = (
        f" ({level} interval {interval(row['conf_low'], row['conf_high'], d)}, p = {p_value(row['p_value'])})"
    )
    sample = (
        f", from {count(row['n_treated'])} treated and {count(row['n_comparison'])} comparison enterprises. "
    )
    said = size + inference.replace("p = <", "p <") + sample + _reading(facts, outcome, row, d)
    return " ".join([said, *_warnings(facts, row)])


def headline_sentences(facts: Facts, outcome_names: Iterable[str]) -> tuple[str, ...]:
    """Say the headline of each outcome, and which arms of the plan have none and why."""
    said = []
    for name in outcome_names:
        mine = facts.headlines[facts.headlines["outcome"] == name]
        said += [headline_sentence(facts, row) for _, row in mine.iterrows()]
        said += [
            _missing_headline(facts, facts.outcome(name), arm.name)
            for arm in facts.plan.treatment.arms
            if arm.name not in set(mine["arm"])
        ]
    return tuple(said)


def _missing_headline(facts: Facts, outcome: Outcome, arm: str) -> str:
    table = facts.tables["specifications"]
    design = outcome.design or facts.plan.primary
    tried = table[(table["outcome"] == outcome.name) & (table["design"] == design)]
    tried = tried[(tried["sample"] == "all") & tried["arm"].isin(["", arm]) & (tried["note"] != "")]
    reason = tried["note"].iloc[0] if len(tried) else "the headline design gives none for this arm"
    return f"{outcome.label}, {facts.arm_label(arm)}: no estimate: {reason}."


def has_event_study(facts: Facts) -> bool:
    """Whether the plan has a design that tests trends before treatment."""
    return any(design.estimator in EVENT_STUDIES for design in facts.plan.designs)


def pretrend_tests(facts: Facts) -> pd.DataFrame:
    """One test of trends before treatment for each outcome and arm.

    That of the primary design; where it has none, of the first in the order of ``EVENT_STUDIES``.
    """
    table = facts.tables["sensitivity"]
    tests = table[table["measure"] == "joint_pretrend"]
    estimators = {d.name: d.estimator for d in facts.plan.designs}
    headline = {o.name: o.design or facts.plan.primary for o in facts.outcomes}
    rank = [
        -1 if r.design == headline[r.outcome] else EVENT_STUDIES.index(estimators[r.design])
        for r in records(tests)
    ]
    # A test without periods before treatment says less than one that has some.
    ordered = tests.assign(rank=rank, is_empty=tests["df"].isna()).sort_values(
        ["is_empty", "rank"], kind="stable"
    )
    first: pd.DataFrame = ordered.drop_duplicates(["outcome", "arm"]).sort_index()
    return first


def _warnings(facts: Facts, row: pd.Series) -> list[str]:
    """What in this report speaks against a headline: trends that differed, choices that turn it."""
    found = []
    tests = pretrend_tests(facts)
    p = tests.loc[(tests["outcome"] == row["outcome"]) & (tests["arm"] == row["arm"]), "p_value"].min()
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
    label = next(d.label for d in facts.plan.designs if d.name == row["design"])
    where = f"{outcome.label}, {facts.arm_label(row['arm'])}"
    if not is_known(row["p_value"]):
        return f"{where}: {row['note']}."
    statistic = f"F({count(row['df'])}, {count(row['df_error'])}) = {fixed(row['statistic'], 2)}"
    probability = f"p = {p_value(row['p_value'])}".replace("p = <", "p <")
    return f"{where} ({label}): {statistic}, {probability}; {row['note']}."


def specification_sentence(facts: Facts, row: pd.Series) -> str:
    """Say how a headline moves over the plan's designs and samples."""
    outcome = facts.outcome(row["outcome"])
    table = facts.tables["specifications"]
    mine = table[
        (table["outcome"] == row["outcome"]) & (table["arm"] == row["arm"]) & table["estimate"].notna()
    ]
    d = decimals_for(row["std_error"])
    if mine.empty:
        return f"{outcome.label}, {facts.arm_label(row['arm'])}: not defined: no design gives an estimate."
    low, high = mine.loc[mine["estimate"].idxmin()], mine.loc[mine["estimate"].idxmax()]
    labels = {design.name: design.label for design in facts.plan.designs}
    ends = [
        f"{fixed(end['estimate'], d)} ({labels[end['design']]}; {SAMPLE_LABELS[end['sample']]})"
        for end in (low, high)
    ]
    return (
        f"{outcome.label}, {facts.arm_label(row['arm'])}: {count(len(mine))} estimates by design and sample "
        f"run from {ends[0]} to {ends[1]} {outcome.unit}; {_signs(mine['estimate'], row['estimate'])}."
    )


def _signs(estimates: pd.Series, headline: float) -> str:
    """Say how many estimates have the sign of the headline; zero has no sign."""
    if not is_known(headline) or headline == 0:
        return "the headline has no sign to compare with"
    n_other, n_zero = int((estimates * headline < 0).sum()), int((estimates == 0).sum())
    if n_zero:
        return f"{count(n_other)} have the other sign and {count(n_zero)} are zero"
    return f"{count(n_other)} have the other sign" if n_other else "all have the sign of the headline"
