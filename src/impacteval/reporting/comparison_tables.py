"""Tables of a report that set estimates beside others, and show what comparisons rest on."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pandas as pd

from impacteval.reporting.content import Facts, Table, effect_unit, number_cell, text_cell
from impacteval.reporting.numbers import count, decimals_for, fixed, interval, is_known, p_value, relative_gap
from impacteval.tables import records

FEW_TREATED = 10
CAUTION = "a group has fewer than ten treated enterprises: intervals cover too little"


def crosscheck_table(facts: Facts) -> Table:
    """Every headline beside the other designs, every design beside the second engine."""
    labels = {d.name: d.label for d in facts.plan.designs}
    rows = []
    for r in records(facts.of_told(facts.tables["crosscheck"])):
        d = decimals_for(r.std_error_difference)
        rows.append(
            (
                text_cell(facts.outcome(r.outcome).label),
                text_cell(facts.arm_label(r.arm) if r.arm else "all"),
                text_cell(labels[r.design]),
                text_cell(labels.get(r.against, r.against)),
                text_cell(r.effects),
                number_cell(count(r.n_effects)),
                number_cell(fixed(r.difference, d)),
                number_cell(fixed(r.std_error_difference, d)),
                number_cell(p_value(r.p_value)),
                number_cell(relative_gap(r.largest_relative_difference)),
                text_cell(r.note),
            )
        )
    return Table(
        name="crosscheck",
        caption="Each headline beside the other designs of the plan, and each design beside other software",
        header=(
            "Outcome",
            "Arm",
            "Design",
            "Against",
            "Effects compared",
            "Number",
            "Difference",
            "Its standard error",
            "p-value of no difference",
            "Largest relative difference",
            "Note",
        ),
        rows=tuple(rows),
        note=(
            "The error of a difference takes into account that both designs use the same enterprises. "
            "Designs that answer different questions may differ without either being wrong. Beside other "
            "software, estimates and errors should differ by rounding alone; the largest relative "
            "difference is shown there only. Number 0: not compared, which is no agreement."
        ),
        is_folded=True,
    )


def cells_table(facts: Facts, outcome_name: str) -> tuple[Table, ...]:
    """The ledger of an outcome's group-time comparisons; none where the plan has no such design."""
    table = facts.tables["cells"]
    labels = {d.name: d.label for d in facts.plan.designs}
    label_of = facts.plan.panel.label_of
    rows = tuple(
        (
            text_cell(labels[r.design]),
            text_cell(", ".join(filter(None, [facts.arm_label(r.arm), facts.subgroup_label(r.subgroup)]))),
            text_cell(label_of(int(r.cohort))),
            text_cell(label_of(int(r.period))),
            text_cell(label_of(int(r.base_period))),
            number_cell(f"{count(r.n_treated)} / {count(r.n_comparison)}"),
            number_cell(f"{count(r.n_treated_dropped)} / {count(r.n_comparison_dropped)}"),
            number_cell(count(r.n_trimmed)),
            number_cell(interval(r.score_treated_low, r.score_treated_high, 3)),
            number_cell(interval(r.score_comparison_low, r.score_comparison_high, 3)),
            text_cell(r.note),
        )
        for r in records(table[table["outcome"] == outcome_name])
    )
    if not rows:
        return ()
    return (
        Table(
            name=f"cells-{outcome_name}",
            caption=f"{facts.outcome(outcome_name).label}: what each group-time comparison rests on",
            header=(
                "Design",
                "Arm",
                "First treated in",
                facts.plan.panel.period_name,
                "Compared with",
                "Used, arm / comparison",
                "Dropped, arm / comparison",
                "Left out for propensity score",
                "Propensity score, arm",
                "Propensity score, comparison",
                "Note",
            ),
            rows=rows,
            note=(
                "Dropped: the outcome or a covariate is missing in one of the two periods. Left out for "
                "propensity score: comparison enterprises whose score is above the plan's limit."
            ),
            is_folded=True,
        ),
    )


def subgroups_table(facts: Facts, outcome_name: str) -> tuple[Table, ...]:
    """Average effects by subgroup and their differences; none where the plan has no subgroups."""
    table = facts.tables["estimates"]
    mine = table[(table["outcome"] == outcome_name) & (table["subgroup"] != "")]
    mine = mine[mine["estimand"].isin(["simple", "coefficient"]) & (mine["arm"] != "")]
    mine = facts.by_first_convention(mine)
    if mine.empty:
        return ()
    few = _few_treated(mine)
    designs = {d.name: d.label for d in facts.plan.designs}
    outcome = facts.outcome(outcome_name)
    rows = []
    for r in records(mine):
        d = decimals_for(r.std_error)
        rows.append(
            (
                text_cell(facts.subgroup_label(r.subgroup)),
                text_cell(facts.arm_label(r.arm)),
                text_cell(designs[r.estimate_id.split(".")[1]]),
                number_cell(fixed(r.estimate, d), r.estimate_id),
                number_cell(fixed(r.std_error, d), r.estimate_id),
                number_cell(interval(r.conf_low, r.conf_high, d), r.estimate_id),
                number_cell(p_value(r.p_value), r.estimate_id),
                number_cell(f"{count(r.n_treated)} / {count(r.n_comparison)}", r.estimate_id),
                text_cell(_note_of_group(facts, r, few)),
            )
        )
    return (
        Table(
            name=f"subgroups-{outcome_name}",
            caption=f"{outcome.label}: effects by subgroup, and their differences ({effect_unit(outcome)})",
            header=(
                "Subgroup",
                "Arm",
                "Design",
                "Effect",
                "Standard error",
                f"{facts.level_text} interval",
                "p-value",
                "Enterprises, arm / comparison",
                "Note",
            ),
            rows=tuple(rows),
            note=(
                "Each subgroup has its own comparison enterprises. A difference between subgroups does "
                "not say that the subgroup is its reason. Not adjusted for the number of subgroups."
            ),
        ),
    )


def _few_treated(groups: pd.DataFrame) -> set[str]:
    """Arms with groups, written in one, that have too few treated enterprises."""
    few = groups[groups["n_treated"] < FEW_TREATED]
    return {arm + subgroup for arm, subgroup in zip(few["arm"], few["subgroup"], strict=True)}


def _note_of_group(facts: Facts, row: SimpleNamespace, few: set[str]) -> str:
    """A row's note with groups by their labels; a caution where a group is small and an error is given."""
    note = re.sub(r"subgroup '([^']*)'", lambda found: facts.subgroup_label(found[1]), row.note)
    is_few = bool(few & {row.arm + part for part in row.subgroup.split(" - ")})
    has_caution = is_few and is_known(row.std_error) and "cover too little" not in note
    return "; ".join(filter(None, [note, CAUTION if has_caution else ""]))
