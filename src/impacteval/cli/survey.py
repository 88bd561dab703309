"""Checking a study's data, and taking in the answers of those who looked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from impacteval.cli.files import fetch, files_of, load
from impacteval.config import SurveyFolder
from impacteval.config.decided import CORRECTIONS, read_log
from impacteval.errors import DataError, OpenFindingsError
from impacteval.provenance import check_listed, check_lock, read_lock
from impacteval.reporting.validation_files import write_pages
from impacteval.survey.consent import retention_warning
from impacteval.survey.declared_forms import form_changes
from impacteval.survey.read import read_all
from impacteval.survey.types import summary_of, type_columns
from impacteval.tables import FINDING_COLUMNS, read_csv, write_csv
from impacteval.validation.checked import Checked, check_survey
from impacteval.validation.files import file_findings
from impacteval.validation.written import write_tables


def check(root: Path, study: str) -> str:
    """Check configuration, lock and data of a study; write the findings below ``results/<study>/check/``.

    Raises
    ------
    ConfigError, DataError
        When the configuration or the log is wrong, or raw files are not those that were locked.
    OpenFindingsError
        When errors are open, after everything is written.
    """
    folder = load(root, study)
    log = read_log(root / "config" / study, unblinded_on=folder.study.unblinded_on)
    where = _locked_files(root, folder)
    text, problems = read_all(where, folder.study.tables, folder.codebook)
    checked = check_survey(text, folder.rules, log, files=file_findings(problems))
    output = root / "results" / study / "check"
    _write(root, folder, checked, text, output)
    n_errors = _n_open(checked.findings, "error")
    n_files = len(files_of(folder))
    verdict = "no error is open" if not n_errors else "no result is built before its errors are settled"
    lines = [
        f"{study}: {n_files} raw {'file' if n_files == 1 else 'files'} checked; {verdict}",
        *_counts(checked.findings),
        *checked.warnings,
        *(w for w in [retention_warning(folder.study, date.today())] if w),
        f"look at {output / 'findings.html'}; answer in {output / 'findings.xlsx'}",
    ]
    said = "\n".join(lines)
    if n_errors:
        raise OpenFindingsError(said)
    return said


def _locked_files(root: Path, folder: SurveyFolder) -> Path:
    lock_path = root / "data" / folder.name / "raw.lock"
    files = read_lock(lock_path)
    check_listed(files, files_of(folder), lock_path)
    where = fetch(root, folder)
    obtain = {note.file: note.obtain for note in folder.study.raw_files}
    check_lock(where, files, obtain, lock_path)
    return where


def _write(
    root: Path, folder: SurveyFolder, checked: Checked, text: dict[str, pd.DataFrame], output: Path
) -> None:
    summaries = [
        summary_of(frame, variables, type_columns(frame, variables))
        for frame, variables in ((text[name], folder.codebook.of_table(name)) for name in text)
    ]
    forms = root / "data" / folder.name / "forms"
    write_tables(output, checked, form_changes(forms, folder.study.forms))
    read = output / "read.csv"
    write_csv(read, pd.concat(summaries, ignore_index=True) if summaries else pd.DataFrame({"table": []}))
    write_pages(output, folder.told, read)


def _n_open(findings: pd.DataFrame, severity: str) -> int:
    return int(((findings["status"] == "open") & (findings["severity"] == severity)).sum())


def _counts(findings: pd.DataFrame) -> list[str]:
    still = {s: _n_open(findings, s) for s in ("error", "warning", "info")}
    done = {s: int((findings["status"] == s).sum()) for s in ("accepted", "corrected")}
    return [
        f"open: {still['error']} errors, {still['warning']} warnings, {still['info']} for information; "
        f"settled: {done['corrected']} corrected, {done['accepted']} accepted"
    ]


def answers(root: Path, study: str, workbook: Path) -> str:
    """Add the answers of a workbook to ``corrections.csv``; nothing is written unless all of them fit."""
    from impacteval.survey.answers import append_corrections, corrections_from_answers, read_answers

    folder = load(root, study)
    log = read_log(root / "config" / study, unblinded_on=folder.study.unblinded_on)
    text, _ = read_all(_locked_files(root, folder), folder.study.tables, folder.codebook)
    found = root / "results" / study / "check" / "findings.csv"
    if not found.is_file():
        raise DataError(f"{found}: not found; run `impacteval check {study}` first")
    new = corrections_from_answers(
        read_answers(workbook),
        read_csv(found, FINDING_COLUMNS),
        text=text,
        rules=folder.rules.log,
        existing=log.corrections,
    )
    path = root / "config" / study / CORRECTIONS
    append_corrections(path, new)
    return f"{path}: {len(new)} lines added; run `impacteval check {study}` to see what is left"
