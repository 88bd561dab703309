"""Checks that rounds asked the same, and that amounts of every year can be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.checks.frame import Asked, Comparable
from impacteval.validation.keys import noted, of_severity, rounds_of
from impacteval.validation.labels import labels_of, numbers_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wording:
    """How a column was asked in one round."""

    question: str
    unit: str
    format: str
    reference: str


def check_comparable(survey: Survey, check: Comparable) -> list[Failures]:
    """Find rounds that asked otherwise without a conversion, rounds without an answer, years without prices.

    A round that asked otherwise is compared with the first round that has no conversion. A round
    without any answer is a warning: the outcome may not have been asked, which the plan has to know.
    """
    found: list[Failures] = []
    for column in check.columns:
        found += _asked_otherwise(survey, check, column)
        found += _not_answered(survey, check, column)
    return found + _without_prices(survey, check)


def _asked_otherwise(survey: Survey, check: Comparable, column: str) -> list[Failures]:
    declared = {str(a.period): a for a in check.asked if a.column == column}
    converted = {str(c.period) for c in check.conversions if c.column == column}
    rounds = rounds_of(survey.tables[check.table])
    asked = [r for r in _sorted({*rounds, *declared}) if r not in converted]
    wordings = {r: _wording(survey, check, column, declared.get(r)) for r in asked}
    found = []
    for r in asked[1:]:
        first = wordings[asked[0]]
        differing = [a for a in check.compared if getattr(wordings[r], a) != getattr(first, a)]
        if differing:
            note = f"round {r} differs from round {asked[0]} in {' and '.join(differing)}"
            found += failing_whole(check, column, note)
    return found


def _sorted(rounds: set[str]) -> list[str]:
    """Rounds in order, numbers as numbers."""
    return sorted(rounds, key=lambda r: (0, int(r), r) if r.isdecimal() else (1, 0, r))


def _wording(survey: Survey, check: Comparable, column: str, asked: Asked | None) -> _Wording:
    """The wording of the codebook, and what is declared to differ in a round."""
    said = asked or Asked(column=column, period=0)
    place = (said.elsewhere or check.table, said.column_elsewhere or column)
    variable = survey.tables[check.table].codebook.find(*place)
    return _Wording(
        question=said.question or variable.question,
        unit=said.unit or variable.unit,
        format=said.format or variable.format,
        reference=said.reference,
    )


def _not_answered(survey: Survey, check: Comparable, column: str) -> list[Failures]:
    """Rounds of the table in which nobody has a value; those that another table holds aside."""
    table = survey.tables[check.table]
    elsewhere = {str(a.period) for a in check.asked if a.column == column and a.elsewhere}
    answered = set(labels_of(table, table.roles.period)[table.frame[column].notna()])
    silent = [r for r in rounds_of(table) if r not in answered | elsewhere]
    found = [f for r in silent for f in failing_whole(check, column, f"no value in round {r}")]
    return of_severity(found, "warning")


def _without_prices(survey: Survey, check: Comparable) -> list[Failures]:
    """Amounts without a year, and years without one positive price index."""
    if not (check.deflator and check.year):
        return []
    table, prices = survey.tables[check.table], survey.tables[check.deflator]
    year = _years(table, check.year)
    has_amount = table.frame[list(check.columns)].notna().any(axis=1)
    found = noted(
        check, has_amount & year.isna(), "the year of the amount is not known", columns=(check.year,)
    )
    index = numbers_of(prices, check.deflator_index)
    known = _years(prices, check.deflator_year)[(index > 0) & (index < np.inf)]
    times = known.value_counts()
    for y in sorted(int(y) for y in year[has_amount].dropna().unique()):
        n = int(times.get(y, 0))
        if n != 1:
            said = "no price index" if n == 0 else f"{n} price indices"
            found += failing_whole(
                check, check.year, f"{said} in {check.deflator} for {_shown(table, check, y)}"
            )
    return found


def _years(table: CheckedTable, column: str) -> pd.Series:
    """Years of a column of days or of numbers; missing where it has neither."""
    values = table.frame[column]
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.Series(values.dt.year.astype("float64"))
    return numbers_of(table, column)


def _shown(table: CheckedTable, check: Comparable, year: int) -> str:
    return "a year" if table.is_confidential(check.year) else str(year)
