"""Reading a study's finished tables for the report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from impacteval.codebook import Codebook
from impacteval.design import Outcome, Plan, Study
from impacteval.reporting.content import Facts
from impacteval.tables import CELL_COLUMNS, ESTIMATE_COLUMNS, FINDING_COLUMNS, read_csv


def _columns(header: str, text: Iterable[str]) -> dict[str, str]:
    """Type the columns of a table: those named are text, all others numbers."""
    words = set(text)
    return {name: "str" if name in words else "float64" for name in header.split()}


# Typed by name, so that a column without any value, or an arm that is called 0, stays what it is.
TABLE_COLUMNS: dict[str, dict[str, str]] = {
    "estimates": ESTIMATE_COLUMNS,
    "event_study": ESTIMATE_COLUMNS,
    "cells": CELL_COLUMNS,
    "balance": _columns(
        "variable arm n_treated n_comparison mean_treated mean_comparison sd_treated sd_comparison "
        "difference normalised_difference",
        ("variable", "arm"),
    ),
    "attrition": _columns(
        "arm period n_expected n_interviewed share_interviewed difference_to_comparison", ("arm",)
    ),
    "coverage": _columns("outcome arm period n_interviewed n_values share_with_value", ("outcome", "arm")),
    "means": _columns("outcome arm period n_units mean std_error conf_low conf_high", ("outcome", "arm")),
    "exposure": _columns("arm first_treat n_units n_periods_treated", ("arm",)),
    "power": _columns(
        "outcome arm n_treated n_comparison sd_baseline autocorrelation n_before n_after mde_post mde_did "
        "mde_ancova",
        ("outcome", "arm"),
    ),
    "sensitivity": _columns(
        "outcome design arm measure value low high statistic df df_error p_value note",
        ("outcome", "design", "arm", "measure", "note"),
    ),
    "specifications": _columns(
        "outcome arm design sample vcov estimate std_error conf_low conf_high n_units n_obs note",
        ("outcome", "arm", "design", "sample", "vcov", "note"),
    ),
    "bounds": _columns(
        "outcome arm cohort period n_treated n_comparison share_observed_treated share_observed_comparison "
        "trimmed_side trimmed_share lower upper note",
        ("outcome", "arm", "trimmed_side", "note"),
    ),
    "crosscheck": _columns(
        "outcome arm kind effects design against n_effects estimate estimate_against difference "
        "std_error_difference largest_relative_difference statistic df df_error p_value note",
        ("outcome", "arm", "kind", "effects", "design", "against", "note"),
    ),
    "prior_power": _columns(
        "outcome arm method dose dose_share effect n_treated n_comparison std_error mde power exaggeration "
        "wrong_sign source",
        ("outcome", "arm", "method", "dose", "source"),
    ),
    "before_after": _columns(
        "outcome arm period_before period_after n_units change std_error conf_low conf_high "
        "change_comparison n_comparison",
        ("outcome", "arm"),
    ),
    "monitoring": _columns(
        "indicator level unit reporting period group baseline target target_on actual share_of_target "
        "n_rows source note",
        ("indicator", "level", "unit", "reporting", "period", "group", "target_on", "source", "note"),
    ),
    "costs": _columns(
        "component year payer currency amount share n_entries", ("component", "payer", "currency")
    ),
    "unit_costs": _columns(
        "measure outcome currency value low high numerator denominator note",
        ("measure", "outcome", "currency", "note"),
    ),
    "indices": _columns("index item n mean sd weight alpha", ("index", "item")),
}
FLOW_COLUMNS = _columns("step outcome arm reason n_rows n_units", ("step", "outcome", "arm", "reason"))
CHECK_COLUMNS = _columns(
    "check_id code table kind severity message definition n_open n_accepted n_corrected",
    ("check_id", "code", "table", "kind", "severity", "message", "definition"),
)
READ_COLUMNS = _columns(
    "table column type n_rows n_values n_empty n_missing_code n_extended_missing n_dont_know n_refused "
    "n_not_applicable n_unreadable",
    ("table", "column", "type"),
)


def read_facts(
    results: Path,
    study_name: str,
    study: Study,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    codebook: Codebook,
) -> Facts:
    """Read every table that the report prints.

    Parameters
    ----------
    results : Path
        ``results/<study>``.
    """
    return Facts(
        study_name=study_name,
        study=study,
        plan=plan,
        outcomes=outcomes,
        codebook=codebook,
        tables={
            name: read_csv(results / f"tables/{name}.csv", kinds) for name, kinds in TABLE_COLUMNS.items()
        },
        flow=read_csv(results / "panel/flow.csv", FLOW_COLUMNS),
        findings=read_csv(results / "validation/findings.csv", FINDING_COLUMNS),
        checks=read_csv(results / "validation/summary.csv", CHECK_COLUMNS),
        read=read_csv(results / "read/summary.csv", READ_COLUMNS),
        corrections=read_csv(results / "clean/corrections_applied.csv"),
    )
