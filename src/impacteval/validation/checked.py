"""A survey judged before and after its corrections: findings, and the tables that describe them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from impacteval.checks import BackCheck, Coverage, EnumeratorEffect, OtherSpecify
from impacteval.survey.applied import accepted_findings, unused_okays
from impacteval.survey.clean import refused_rows
from impacteval.survey.consent import Withdrawal, is_found
from impacteval.survey.corrections import Correction
from impacteval.survey.removed import WITHDRAWN, leave_out
from impacteval.survey.replay import replay
from impacteval.validation.back_checks import back_check_table
from impacteval.validation.catalogue import catalogue_table
from impacteval.validation.coverage import kpi_coverage, missingness
from impacteval.validation.durations import durations
from impacteval.validation.enumerator_dashboard import enumerator_dashboard
from impacteval.validation.enumerator_effects import enumerator_effects
from impacteval.validation.fieldwork import interview_days
from impacteval.validation.files import file_findings
from impacteval.validation.finding import findings_table
from impacteval.validation.other_specify import recode_sheet
from impacteval.validation.rules import Rules
from impacteval.validation.run import by_arm, summary, validate, with_text
from impacteval.validation.survey import Decision, Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Decisions of people: corrections, withdrawals, and which enterprises are one."""

    corrections: tuple[Correction, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What checking a survey gives.

    ``tables`` are those of ``validation/`` by name; ``suites`` the expectations of each table and ``results``
    what Great Expectations says of them; ``warnings`` lines of the log that have no effect.
    """

    findings: pd.DataFrame
    results: dict[str, dict[str, object]]
    suites: dict[str, dict[str, object]]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def check_survey(
    text: Mapping[str, pd.DataFrame], rules: Rules, log: Log, *, files: pd.DataFrame | None = None
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
    before = validate(judged, unreadable, checks)
    after = before
    if corrections:
        shown = _without_refused(replayed.text, rules)
        judged, unreadable = with_text(empty, shown, rules.codebook, rules.roles)
        after = validate(judged, unreadable, checks)
    of_files = file_findings(()) if files is None else files
    still = pd.concat([after.findings, of_files], ignore_index=True)
    findings = findings_table(
        pd.concat([before.findings, of_files], ignore_index=True),
        still,
        accepted_findings(still, replayed.applied),
    )
    warnings = tuple(unused_okays(still, replayed.applied, replayed.keepers))
    notes = pd.DataFrame({"note": pd.Series(list(warnings), dtype="str")})
    return Checked(
        findings=findings,
        results=after.results,
        suites=after.suites,
        tables={**dict(_tables(judged, rules, findings)), "log_notes": notes},
        warnings=warnings,
    )


def _without_refused(text: Mapping[str, pd.DataFrame], rules: Rules) -> dict[str, pd.DataFrame]:
    """Tables without the repeats of submissions that did not consent; these rows themselves are judged."""
    refused = refused_rows(text, rules.log)
    return leave_out(text, refused[refused["table"].isin(list(rules.links))])


def _tables(survey: Survey, rules: Rules, findings: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The tables of ``validation/``, by name; one for all tables of the survey has a column ``table``."""
    checks = [c for c in rules.checks if c.table in survey.tables]
    names = list(survey.tables)
    yield "summary", summary(findings, checks)
    yield "catalogue", catalogue_table(checks, findings)
    yield "by_arm", by_arm(findings, survey)
    asked = [n for n in names if survey.tables[n].roles.enumerator]
    yield (
        "enumerators",
        _stacked({n: enumerator_dashboard(survey, n, findings, checks=checks) for n in asked}),
    )
    yield "missingness", _stacked({n: _incomplete(missingness(survey, n)) for n in names})
    recorded = {c.id: c for c in checks if isinstance(c, Coverage)}
    yield (
        "kpi_coverage",
        _stacked({c.table: kpi_coverage(survey, c.table, c.columns) for c in recorded.values()}),
    )
    timed = [n for n in names if survey.tables[n].roles.start]
    yield "durations", _stacked({n: durations(survey, n) for n in timed if survey.tables[n].roles.end})
    yield "days", _stacked({n: interview_days(survey, n) for n in timed})
    effects = {c.id: enumerator_effects(survey, c) for c in checks if isinstance(c, EnumeratorEffect)}
    yield "enumerator_effects", _stacked(effects, name="check_id")
    second = {c.id: back_check_table(survey, c) for c in checks if isinstance(c, BackCheck)}
    yield "back_checks", _stacked(second, name="check_id")
    other = {c.id: recode_sheet(survey, c) for c in checks if isinstance(c, OtherSpecify)}
    yield "recode", _stacked(other, name="check_id")


def _incomplete(missing: pd.DataFrame) -> pd.DataFrame:
    """Columns in which anything is missing in some arm and round."""
    worst = missing.groupby("column", sort=False)["share_missing"].max()
    return missing[missing["column"].isin(worst.index[worst > 0])]


def _stacked(parts: Mapping[str, pd.DataFrame], *, name: str = "table") -> pd.DataFrame:
    """Put tables on top of each other behind a column that says which each row is of."""
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str")})
    return pd.concat(
        [
            part.assign(**{name: key})[[name, *part.columns.drop(name, errors="ignore")]]
            for key, part in parts.items()
        ],
        ignore_index=True,
    )
