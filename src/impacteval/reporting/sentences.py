"""What a report says in words about numbers: one rule a sentence, none typed."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from impacteval.design import CLUSTER_BY_UNIT, Outcome
from impacteval.designs import EVENT_STUDIES, TESTS_TRENDS, VCOV_LABELS
from impacteval.reporting.content import LOG_UNIT, SAMPLE_LABELS, SHARE_UNIT, Facts, effect_unit
from impacteval.reporting.event_studies import design_of, event_study_rows
from impacteval.reporting.numbers import (
    MINUS,
    count,
    decimals_for,
    fixed,
    interval,
    is_known,
    p_value,
    percent,
    percent_change,
)
from impacteval.reporting.specifications import different
from impacteval.tables import records

# Residuals of the untreated rows that gave the effects of unit and period are no test of trends.
NO_EVENT_STUDY = "The plan has no event study: whether trends differed before treatment is not tested."


def headline_sentence(facts: Facts, row: pd.Series) -> str:
    """Say an effect with its interval, p-value, sample, and what the interval leaves open."""
    outcome = facts.outcome(row["outcome"])
    d = decimals_for(row["std_error"])
    level = facts.level_text
    where = f"{outcome.label}, {facts.arm_label(row['arm'])}"
    if not is_known(row["estimate"]):
        return f"{where}: no estimate: {row['note'] or 'it is not defined'}."
    unit = effect_unit(outcome) if row["scale"] in ("", outcome.unit) else row["scale"]
    size = f"{where}: estimated effect {fixed(row['estimate'], d)} {unit}"
    if not is_known(row["std_error"]):
        return f"{size}; its error is not known ({row['note']})."
    if outcome.unit == LOG_UNIT:
        size += f" ({percent_change(row['estimate'])})"
    if _is_share(outcome):
        size += f" ({_percentage_points(row['estimate'], d)})"
    inference = (
        f" ({level} interval {interval(row['conf_low'], row['conf_high'], d)}, p = {p_value(row['p_value'])})"
    )
    sample = (
        f", from {count(row['n_treated'])} treated and {count(row['n_comparison'])} comparison enterprises"
        f"{_by_event_time(facts, row, d)}. "
    )
    said = size + inference.replace("p = <", "p <") + sample + _reading(facts, outcome, row, d)
    return " ".join([said, *_warnings(facts, row)])


def _is_share(outcome: Outcome) -> bool:
    return outcome.unit == SHARE_UNIT or outcome.unit.startswith(f"{SHARE_UNIT} of ")


def _percentage_points(value: float, d: int) -> str:
    return f"{fixed(100 * value, max(d - 2, 0))} percentage points"


def _by_event_time(facts: Facts, row: pd.Series, d: int) -> str:
    """List the headline design's effects since the start; empty where it has fewer than two."""
    rows = event_study_rows(facts, row["outcome"])
    rows = rows[(rows["arm"] == row["arm"]) & (rows["event_time"] >= 0)]
    is_own = rows["estimate_id"].map(design_of) == design_of(row["estimate_id"])
    if len(rows) < 2 or not is_own.all():
        return ""
    values, times = [fixed(v, d) for v in rows["estimate"]], [int(t) for t in rows["event_time"]]
    if times != list(range(len(times))):
        values = [f"{value} after {count(time)}" for value, time in zip(values, times, strict=True)]
    return f"; by period since the start: {', '.join(values)}"


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
    return any(design.estimator in TESTS_TRENDS for design in facts.plan.designs)


def pretrend_tests(facts: Facts) -> pd.DataFrame:
    """One test of trends before treatment for each outcome and arm.

    That of the design whose event study figure stands beside it; where this has none, of the first
    in the order of ``EVENT_STUDIES``.
    """
    table = facts.tables["sensitivity"]
    tests = table[table["measure"] == "joint_pretrend"]
    estimators = {d.name: d.estimator for d in facts.plan.designs}
    shown = {o.name: _design_of_figure(facts, o.name) for o in facts.outcomes}
    rank = [
        -1 if r.design == shown[r.outcome] else EVENT_STUDIES.index(estimators[r.design])
        for r in records(tests)
    ]
    # A test without periods before treatment says less than one that has some.
    ordered = tests.assign(rank=rank, is_empty=tests["df"].isna()).sort_values(
        ["is_empty", "rank"], kind="stable"
    )
    first: pd.DataFrame = ordered.drop_duplicates(["outcome", "arm"]).sort_index()
    return first


def _design_of_figure(facts: Facts, outcome: str) -> str:
    rows = event_study_rows(facts, outcome)
    return design_of(str(rows["estimate_id"].iloc[0])) if len(rows) else ""


def _warnings(facts: Facts, row: pd.Series) -> list[str]:
    """What in this report speaks against a headline: a test of trends, choices that turn its sign."""
    found: list[str] = []
    tests = pretrend_tests(facts)
    mine = tests[(tests["outcome"] == row["outcome"]) & (tests["arm"] == row["arm"])]
    size = 1 - facts.plan.level
    found += [
        f"A test of trends before treatment rejects at {percent(size)} (p = {p_value(t.p_value)}, "
        f"{facts.design(t.design).label}), which puts this in doubt."
        for t in records(mine)
        if is_known(t.p_value) and t.p_value < size
    ]
    n_turned = len(other_signs(facts, row))
    if n_turned:
        have = "other estimate of the plan has" if n_turned == 1 else "other estimates of the plan have"
        found.append(f"But {count(n_turned)} {have} the other sign.")
    return [sentence.replace("p = <", "p <") for sentence in found]


def other_signs(facts: Facts, row: pd.Series) -> pd.DataFrame:
    """Different estimates by other designs and samples whose sign is not that of a headline."""
    table = facts.tables["specifications"]
    mine = table[(table["outcome"] == row["outcome"]) & (table["arm"] == row["arm"])]
    return different(mine[mine["estimate"] * row["estimate"] < 0])


def _reading(facts: Facts, outcome: Outcome, row: pd.Series, d: int) -> str:
    if row["conf_low"] > 0 or row["conf_high"] < 0:
        side = "above" if row["estimate"] > 0 else "below"
        if outcome.direction == "neutral":
            return f"The interval lies {side} zero; neither direction is better by itself."
        is_better = (row["estimate"] > 0) == (outcome.direction == "higher")
        change = "an improvement" if is_better else "a worsening"
        return f"The interval lies {side} zero, on the side of {change}."
    return (
        f"The interval includes zero: these data leave open whether there is an effect. One of "
        f"{_detectable(outcome, row['mde'], d)} or more would have been found with a probability of at least "
        f"{percent(facts.plan.power)}."
    )


def _detectable(outcome: Outcome, mde: float, d: int) -> str:
    """The smallest detectable effect, also in the other terms in which the effect is given."""
    size = f"{fixed(mde, d)} {effect_unit(outcome)}"
    if outcome.unit == LOG_UNIT and is_known(mde):
        return f"{size} ({percent_change(mde)} up, {percent_change(-mde).removeprefix(MINUS)} down)"
    return f"{size} ({_percentage_points(mde, d)})" if _is_share(outcome) and is_known(mde) else size


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
    """Say how a headline moves over the plan's designs and samples; equal estimates count once."""
    outcome = facts.outcome(row["outcome"])
    where = f"{outcome.label}, {facts.arm_label(row['arm'])}"
    table = facts.tables["specifications"]
    mine = table[
        (table["outcome"] == row["outcome"]) & (table["arm"] == row["arm"]) & table["estimate"].notna()
    ]
    if mine.empty:
        return f"{where}: not defined: no design gives an estimate."
    found = different(mine)
    ordered = found.sort_values("estimate", kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    has_samples = mine["sample"].nunique() > 1
    ends = [_end(facts, end, decimals_for(row["std_error"]), has_samples) for end in (low, high)]
    run = f"run from {ends[0]} to {ends[1]}" if len(found) > 1 else f"are {ends[0]}"
    n_different = "all" if len(found) == len(mine) else f"{count(len(found))} of them"
    return (
        f"{where}: {count(len(mine))} estimates by {'design and sample' if has_samples else 'design'}, "
        f"{n_different} different, {run} {effect_unit(outcome)}; "
        f"{_signs(found['estimate'], row['estimate'])}."
    )


def _end(facts: Facts, row: pd.Series, d: int, has_samples: bool) -> str:
    sample = f"; {SAMPLE_LABELS[row['sample']]}" if has_samples else ""
    return f"{fixed(row['estimate'], d)} ({facts.design(row['design']).label}{sample})"


def _signs(estimates: pd.Series, headline: float) -> str:
    """Say how many different estimates have the sign of the headline; zero has no sign."""
    if not is_known(headline) or headline == 0:
        return "the headline has no sign to compare with"
    n_other, n_zero = int((estimates * headline < 0).sum()), int((estimates == 0).sum())
    turned = f"{count(n_other)} {'has' if n_other == 1 else 'have'} the other sign"
    if n_zero:
        return f"{turned} and {count(n_zero)} {'is' if n_zero == 1 else 'are'} zero"
    return turned if n_other else "all have the sign of the headline"
