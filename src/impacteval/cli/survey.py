"""Checking a study's data, and taking in the answers of those who looked."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from subprocess import Popen

import pandas as pd

from impacteval.checks import OtherSpecify
from impacteval.cli.files import fetch, files_of, load
from impacteval.cli.shared import Helper, SharedJudge
from impacteval.config import SurveyFolder
from impacteval.config.decided import CORRECTIONS, read_log
from impacteval.errors import DataError, OpenFindingsError
from impacteval.provenance import LockedFile, check_listed, check_lock, read_lock
from impacteval.reporting.validation_files import write_pages, write_web_pages
from impacteval.survey.consent import retention_warning
from impacteval.survey.declared_forms import form_changes
from impacteval.survey.read import read_all
from impacteval.survey.row_counts import count_problems
from impacteval.tables import FINDING_COLUMNS, read_csv, write_csv
from impacteval.validation.checked import Checked, check_survey
from impacteval.validation.files import file_findings
from impacteval.validation.grouped import FINDING_ROW_COLUMNS, Grouped
from impacteval.validation.grouped_answers import answers_by_row
from impacteval.validation.work import judge_in_turn
from impacteval.validation.written import write_tables


def check(root: Path, study: str, process: Popen[bytes] | None = None) -> str:
    """Check configuration, lock and data of a study; write the findings below ``results/<study>/check/``.

    Parameters
    ----------
    root : Path
        The folder of the project.
    study : str
    process : Popen, optional
        The running helper, which takes a share of the work.

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
    counts = count_problems(text, folder.study.tables, read_lock(_lock_path(root, folder)))
    files = file_findings([*problems, *counts])
    output = root / "results" / study / "check"
    with ThreadPoolExecutor(max_workers=1) as thread:
        helper = Helper(process, thread) if process else None
        judge = SharedJudge(helper, folder.rules, log.decisions) if helper else judge_in_turn
        checked = check_survey(text, folder.rules, log, files=files, judge=judge)
        _write(root, folder, checked, helper)
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
    lock_path = _lock_path(root, folder)
    files = read_lock(lock_path)
    check_listed(files, files_of(folder), lock_path)
    where = fetch(root, folder)
    obtain = {note.file: note.obtain for note in folder.study.raw_files}
    try:
        check_lock(where, files, obtain, lock_path)
    except DataError as error:
        raise DataError("\n".join([str(error), *_rows_now(where, folder, files)])) from None
    return where


def _lock_path(root: Path, folder: SurveyFolder) -> Path:
    return root / "data" / folder.name / "raw.lock"


def _rows_now(where: Path, folder: SurveyFolder, lock: Sequence[LockedFile]) -> list[str]:
    """Rows of the files that are there instead of those that were locked, where their number differs."""
    text, _ = read_all(where, folder.study.tables, folder.codebook)
    return [f"  {p}" for p in count_problems(text, folder.study.tables, lock)]


def _write(root: Path, folder: SurveyFolder, checked: Checked, helper: Helper | None) -> None:
    output = root / "results" / folder.name / "check"
    forms = root / "data" / folder.name / "forms"
    write_tables(output, checked, form_changes(forms, folder.study.forms))
    read = output / "read.csv"
    write_csv(read, checked.read)
    if helper:
        workbook = helper.write_workbook(output, folder.told)
        write_web_pages(output, folder.told, read)
        workbook.result()
    else:
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
    from impacteval.survey.recode_answers import Recodes, read_recodes

    folder = load(root, study)
    log = read_log(root / "config" / study, unblinded_on=folder.study.unblinded_on)
    text, _ = read_all(_locked_files(root, folder), folder.study.tables, folder.codebook)
    found = root / "results" / study / "check" / "findings.csv"
    if not found.is_file():
        raise DataError(f"{found}: not found; run `impacteval check {study}` first")
    filled = read_answers(workbook)
    recodes = Recodes(
        answers=read_recodes(workbook),
        checks={c.id: c for c in folder.checks if isinstance(c, OtherSpecify)},
        withdrawals=log.withdrawals,
    )
    rows = read_csv(found.with_name("finding_rows.csv"), FINDING_ROW_COLUMNS)
    by_row = answers_by_row(filled, Grouped(findings=read_csv(found, FINDING_COLUMNS), rows=rows))
    new = corrections_from_answers(
        by_row.answers,
        by_row.findings,
        text=text,
        rules=folder.rules.log,
        existing=log.corrections,
        recodes=recodes,
    )
    path = root / "config" / study / CORRECTIONS
    append_corrections(path, new)
    return f"{path}: {len(new)} lines added; run `impacteval check {study}` to see what is left"
