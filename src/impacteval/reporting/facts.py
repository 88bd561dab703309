"""Reading a study's finished tables for the report."""

from __future__ import annotations

from pathlib import Path

from impacteval.codebook import Codebook
from impacteval.design import Outcome, Plan, Study
from impacteval.reporting.content import TABLE_FILES, Facts
from impacteval.tables import ESTIMATE_COLUMNS, FINDING_COLUMNS, read_csv


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
    typed = {"estimates": ESTIMATE_COLUMNS, "event_study": ESTIMATE_COLUMNS}
    return Facts(
        study_name=study_name,
        study=study,
        plan=plan,
        outcomes=outcomes,
        codebook=codebook,
        tables={name: read_csv(results / f"tables/{name}.csv", typed.get(name)) for name in TABLE_FILES},
        flow=read_csv(results / "panel/flow.csv"),
        findings=read_csv(results / "validation/findings.csv", FINDING_COLUMNS),
        checks=read_csv(results / "validation/summary.csv"),
        read=read_csv(results / "read/summary.csv"),
        corrections=read_csv(results / "clean/corrections_applied.csv"),
    )
