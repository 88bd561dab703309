"""A survey judged before and after its corrections: findings, and the tables that describe them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from impacteval.checks import AnyCheck
from impacteval.survey.applied import accepted_findings, okays_of_any_partner, unused_okays
from impacteval.survey.clean import refused_rows
from impacteval.survey.consent import Withdrawal, is_found
from impacteval.survey.corrections import Correction
from impacteval.survey.removed import WITHDRAWN, leave_out
from impacteval.survey.replay import replay
from impacteval.survey.types import TypedTable, Unreadable, summary_of, type_columns
from impacteval.validation.catalogue import catalogue_table
from impacteval.validation.corrections_by_arm import balance_findings, corrections_by_arm
from impacteval.validation.described import stacked
from impacteval.validation.enumerator_dashboard import enumerator_dashboard
from impacteval.validation.files import file_findings
from impacteval.validation.finding import findings_table
from impacteval.validation.grouped import Grouped, grouped, row_by_row
from impacteval.validation.rules import Rules
from impacteval.validation.run import by_arm, summary, validate, with_text
from impacteval.validation.survey import CheckedTable, Decision, Survey
from impacteval.validation.work import Judge, judge_in_turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Decisions of people: corrections, withdrawals, and which enterprises are one."""

    corrections: tuple[Correction, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What checking a survey gives.

    ``findings`` are as they are told: one where many rows have one cause. ``tables`` are those of
    ``validation/`` by name; ``suites`` the expectations of each table and ``results`` what Great
    Expectations says of them; ``warnings`` lines of the log that have no effect; ``read`` counts what each
    column held as delivered.
    """

    findings: pd.DataFrame
    results: dict[str, dict[str, object]]
    suites: dict[str, dict[str, object]]
    tables: dict[str, pd.DataFrame]
    warnings: tuple[str, ...]
    read: pd.DataFrame

    @property
    def row_by_row(self) -> pd.DataFrame:
        """The findings with each row told on its own."""
        return row_by_row(Grouped(findings=self.findings, rows=self.tables["finding_rows"]))


def check_survey(
    text: Mapping[str, pd.DataFrame],
    rules: Rules,
    log: Log,
    *,
    files: pd.DataFrame | None = None,
    judge: Judge = judge_in_turn,
) -> Checked:
    """Run all checks on the data as delivered and as corrected; of those who withdrew nothing is shown.

    Parameters
    ----------
    text : mapping
        Table name to text as delivered.
    rules : Rules
    log : Log
    files : DataFrame, optional
        What reading the files found, as ``file_findings`` returns it; tables that could not be read are
        not in ``text``.
    judge : Judge
        Who runs the checks; what is found is the same.

    Raises
    ------
    DataError
        When a line of the log does not fit the data.
    """
    checks = [c for c in rules.checks if c.table in text]
    empty = rules.survey(log.decisions)
    # What the log says of tables that could not be read waits for them.
    corrections = tuple(c for c in log.corrections if c.table in text or c.table not in rules.roles)
    is_whole = set(rules.roles) <= set(text)
    withdrawals = tuple(
        w for w in log.withdrawals if is_whole or is_found(w, text, rules.codebook, rules.roles)
    )
    replayed = replay(text, corrections, rules.log, withdrawals)
    gone = replayed.removed[replayed.removed["reason"] == WITHDRAWN]
    shown = leave_out(text, gone)
    judged, unreadable = with_text(empty, _without_refused(shown, rules), rules.codebook, rules.roles)
    read = _read(text, judged, unreadable)
    delivered, before = judged, validate(judged, unreadable, checks, judge=judge)
    after = before
    if corrections:
        shown = _without_refused(replayed.text, rules)
        judged, unreadable = with_text(empty, shown, rules.codebook, rules.roles)
        after = validate(judged, unreadable, checks, judge=judge)
    of_files = file_findings(()) if files is None else files
    balance = corrections_by_arm(delivered, replayed.applied)
    of_log = balance_findings(balance, delivered)
    still = pd.concat([after.findings, of_files, of_log], ignore_index=True)
    findings = findings_table(
        pd.concat([before.findings, of_files], ignore_index=True),
        still,
        accepted_findings(still, replayed.applied),
    )
    unused = unused_okays(still, replayed.applied, replayed.keepers)
    warnings = (*unused, *okays_of_any_partner(still, replayed.applied))
    notes = pd.DataFrame({"note": pd.Series(list(warnings), dtype="str")})
    told = grouped(findings, judged, checks, rules.grouping)
    return Checked(
        findings=told.findings,
        results=after.results,
        suites=after.suites,
        tables={
            "summary": summary(findings, checks),
            **after.tables,
            **dict(_of_findings(judged, checks, findings)),
            "corrections_by_arm": balance,
            "log_notes": notes,
            "finding_rows": told.rows,
        },
        warnings=warnings,
        read=read,
    )


def _read(
    text: Mapping[str, pd.DataFrame], judged: Survey, unreadable: Mapping[str, tuple[Unreadable, ...]]
) -> pd.DataFrame:
    """What was read, column by column; typed again only where rows are left out of what is judged."""
    parts = []
    for name, frame in text.items():
        table = judged.tables[name]
        variables = table.codebook.of_table(name)
        is_whole = len(table.text) == len(frame)
        typed = _as_typed(table, unreadable[name]) if is_whole else type_columns(frame, variables)
        parts.append(summary_of(frame, variables, typed))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"table": []})


def _as_typed(table: CheckedTable, unreadable: tuple[Unreadable, ...]) -> TypedTable:
    """A judged table as it was when its columns were typed."""
    codes = {
        name: table.text[name].str.strip().where(reasons != "", "") for name, reasons in table.reasons.items()
    }
    return TypedTable(frame=table.frame, codes=codes, reasons=table.reasons, unreadable=unreadable)


def _without_refused(text: Mapping[str, pd.DataFrame], rules: Rules) -> dict[str, pd.DataFrame]:
    """Tables without the repeats of submissions that did not consent; these rows themselves are judged."""
    refused = refused_rows(text, rules.log)
    return leave_out(text, refused[refused["table"].isin(list(rules.links))])


def _of_findings(
    survey: Survey, checks: Sequence[AnyCheck], findings: pd.DataFrame
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Tables that depend on the findings, by name; one for all tables has a column ``table``."""
    yield "catalogue", catalogue_table(checks, findings, survey)
    yield "by_arm", by_arm(findings, survey)
    asked = [n for n in survey.tables if survey.tables[n].roles.enumerator]
    yield (
        "enumerators",
        stacked({n: enumerator_dashboard(survey, n, findings, checks=checks) for n in asked}),
    )
