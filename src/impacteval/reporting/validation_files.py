"""Pages and workbook about a survey's findings, from the tables of ``validation/``."""

from __future__ import annotations

from pathlib import Path

from impacteval.reporting.codebook_page import codebook_page
from impacteval.reporting.findings_page import SurveyFacts, findings_page
from impacteval.reporting.workbook import FieldTables, write_workbook
from impacteval.tables import read_csv, write_text
from impacteval.validation.told import Told
from impacteval.validation.written import read_tables

PAGES = ("findings.html", "findings.xlsx", "codebook.html")


def write_pages(folder: Path, told: Told, summary: Path) -> None:
    """Write workbook and pages, as ``write_field_workbook`` and ``write_web_pages`` do."""
    write_field_workbook(folder, told)
    write_web_pages(folder, told, summary)


def write_web_pages(folder: Path, told: Told, summary: Path) -> None:
    """Write the findings page and the codebook beside the tables.

    Parameters
    ----------
    folder : Path
        Where ``validation.written.write_tables`` wrote; the pages go there too.
    told : Told
    summary : Path
        The table of what was read, column by column.
    """
    tables = read_tables(folder)
    changes = tables["form_changes"]
    page = codebook_page(told.codebook, told.title, changes, is_synthetic=told.is_synthetic)
    write_text(folder / "codebook.html", page)
    facts = SurveyFacts(
        title=told.title,
        is_synthetic=told.is_synthetic,
        findings=tables["findings"],
        summary=tables["summary"],
        catalogue=tables["catalogue"],
        by_arm=tables["by_arm"],
        enumerators=tables["enumerators"],
        missingness=tables["missingness"],
        coverage=tables["kpi_coverage"],
        durations=tables["durations"],
        days=tables["days"],
        form_changes=changes,
        files=read_csv(summary),
        log_notes=tuple(tables["log_notes"]["note"]),
    )
    write_text(folder / "findings.html", findings_page(facts))


def write_field_workbook(folder: Path, told: Told) -> None:
    """Write the workbook for the field team beside the tables that ``write_tables`` wrote."""
    tables = read_tables(folder, ("summary", "recode", "finding_rows"))
    recode = tables["recode"]
    shown = FieldTables(
        title=told.title,
        findings=tables["findings"],
        rows=tables["finding_rows"],
        by_check=tables["summary"],
        recode=recode if len(recode) else None,
        roles=told.roles,
        arm_columns=told.arm_columns,
        arm_words=told.arm_words,
        is_synthetic=told.is_synthetic,
    )
    write_workbook(folder / "findings.xlsx", shown)
