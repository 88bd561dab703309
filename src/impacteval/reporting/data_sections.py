"""The sections of a report about its sample and its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from impacteval.design import CLUSTER_BY_UNIT
from impacteval.reporting.content import Facts, Figure, Parts, Table, effect_unit, number_cell, text_cell
from impacteval.reporting.exhibits import balance_of_others
from impacteval.reporting.expectation_sections import prior_power_parts
from impacteval.reporting.numbers import count, decimals_for, fixed, percent
from impacteval.reporting.sentences import cluster_label
from impacteval.tables import records


def sample_parts(facts: Facts, figures: Mapping[str, Figure]) -> Parts:
    """Who is in the study, by arm."""
    shown = tuple(figures[name] for name in ("flow", "balance", "attrition") if name in figures)
    if "balance" not in figures:
        return (*shown, "The plan names no variables to compare before treatment.")
    return (*shown, *balance_of_others(facts))


def quality_parts(facts: Facts) -> Parts:
    """What was read, and what the checks found."""
    findings, checks = facts.findings, facts.checks
    n_open = int(((findings["status"] == "open") & (findings["severity"] == "warning")).sum())
    log = facts.corrections
    n_changed, n_kept = int((log["action"] != "okay").sum()), int((log["action"] == "okay").sum())
    said = (
        f"{count(len(checks))} checks were run on the raw and on the corrected data. "
        f"{count(n_changed)} corrections were applied from the log and {count(n_kept)} findings accepted; "
        f"raw files are never changed. No error is open; {_warnings_open(n_open)}."
    )
    n_not_blind = int((log["blind"] == "no").sum())
    if n_not_blind:
        said += (
            f" {count(n_not_blind)} lines of the log were decided after arms became known: they stand in "
            "clean/corrections_applied.csv with blind “no”."
        )
    by_check = checks[checks[["n_open", "n_accepted", "n_corrected"]].max(axis=1) > 0]
    warned = Table(
        name="findings",
        caption="Checks with findings",
        header=("Check", "Severity", "What it says", "Open", "Accepted", "Corrected"),
        rows=tuple(
            (
                text_cell(r.check_id),
                text_cell(r.severity),
                text_cell(r.message),
                number_cell(count(r.n_open)),
                number_cell(count(r.n_accepted)),
                number_cell(count(r.n_corrected)),
            )
            for r in records(by_check)
        ),
        note="Each finding with its file, row and value is in validation/findings.csv.",
    )
    read = Table(
        name="read",
        caption="Columns read from the raw files",
        header=("Column", "Table", "Type", "Rows", "Values", "Empty", "Missing by code", "Unreadable"),
        rows=tuple(
            (
                text_cell(r.column),
                text_cell(r.table),
                text_cell(r.type),
                number_cell(count(r.n_rows)),
                number_cell(count(r.n_values)),
                number_cell(count(r.n_empty)),
                number_cell(count(r.n_missing_code + r.n_extended_missing)),
                number_cell(count(r.n_unreadable)),
            )
            for r in records(facts.read)
        ),
        is_folded=True,
    )
    return (said, *((warned,) if len(by_check) else ()), read)


def _warnings_open(n: int) -> str:
    return "1 warning is open" if n == 1 else f"{count(n) if n else 'no'} warnings are open"


def _independence(facts: Facts) -> str:
    if facts.plan.cluster == CLUSTER_BY_UNIT:
        return ""
    return (
        f" They take enterprises as independent, while errors are clustered by {cluster_label(facts)}: "
        "with enterprises alike within clusters, detectable effects are larger."
    )


def power_parts(facts: Facts) -> Parts:
    """Smallest detectable effects of the plan's designs."""
    power = percent(facts.plan.power)
    table, others = facts.tables["power"], facts.of_tabled(facts.tables["power"])
    main = _power_table(facts, facts.of_told(table))
    name, caption = "power-others", f"{main.caption}, secondary outcomes"
    folded = replace(_power_table(facts, others), name=name, caption=caption, is_folded=True)
    return (
        f"The smallest effects that a test at the {percent(1 - facts.plan.level)} level would find with a "
        f"probability of {power}, from the spread of outcomes before treatment and their correlation over "
        "time in the comparison group, before any effect is looked at. Effects smaller than these can be "
        f"there and go unseen.{_independence(facts)}",
        main,
        *((folded,) if len(others) else ()),
        *prior_power_parts(facts),
    )


def _power_table(facts: Facts, table: pd.DataFrame) -> Table:
    rows = []
    for r in records(table):
        outcome, d = facts.outcome(r.outcome), decimals_for(r.mde_did)
        rows.append(
            (
                text_cell(outcome.label),
                text_cell(facts.arm_label(r.arm)),
                text_cell(effect_unit(outcome)),
                number_cell(fixed(r.sd_baseline, d)),
                number_cell(fixed(r.autocorrelation, 2)),
                number_cell(fixed(r.mde_post, d)),
                number_cell(fixed(r.mde_did, d)),
                number_cell(fixed(r.mde_ancova, d)),
                number_cell(f"{count(r.n_treated)} / {count(r.n_comparison)}"),
            )
        )
    return Table(
        name="power",
        caption="Smallest detectable effects by design",
        header=(
            "Outcome",
            "Arm",
            "Unit",
            "Standard deviation before",
            "Autocorrelation",
            "Means after",
            "Difference-in-differences",
            "ANCOVA",
            "Enterprises, arm / comparison",
        ),
        rows=tuple(rows),
        note=(
            "McKenzie (2012), equal variances in all periods, all interviews taking place. "
            "A dash: could not be computed: no values before treatment, or fewer than ten comparison "
            "enterprises in pairs of periods."
        ),
    )
