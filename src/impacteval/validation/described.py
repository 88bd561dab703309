"""Tables of ``validation/`` that describe a survey, whatever its findings are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from impacteval.checks import AnyCheck, BackCheck, Coverage, EnumeratorEffect, Growth, OtherSpecify
from impacteval.validation.back_checks import back_check_table
from impacteval.validation.coverage import kpi_coverage, missingness
from impacteval.validation.durations import durations
from impacteval.validation.enumerator_effects import enumerator_effects
from impacteval.validation.fieldwork import interview_days
from impacteval.validation.growth_influence import growth_influence
from impacteval.validation.other_specify import recode_sheet
from impacteval.validation.survey import Survey


def _missingness(survey: Survey, _: Sequence[AnyCheck]) -> pd.DataFrame:
    return stacked({name: _incomplete(missingness(survey, name)) for name in survey.tables})


def _incomplete(missing: pd.DataFrame) -> pd.DataFrame:
    """Columns in which anything is missing in some arm and round."""
    worst = missing.groupby("column", sort=False)["share_missing"].max()
    return missing[missing["column"].isin(worst.index[worst > 0])]


def _kpi_coverage(survey: Survey, checks: Sequence[AnyCheck]) -> pd.DataFrame:
    recorded = {c.id: c for c in checks if isinstance(c, Coverage)}
    return stacked({c.table: kpi_coverage(survey, c.table, c.columns) for c in recorded.values()})


def _timed(survey: Survey) -> list[str]:
    return [name for name, table in survey.tables.items() if table.roles.start]


def _durations(survey: Survey, _: Sequence[AnyCheck]) -> pd.DataFrame:
    return stacked({n: durations(survey, n) for n in _timed(survey) if survey.tables[n].roles.end})


def _days(survey: Survey, _: Sequence[AnyCheck]) -> pd.DataFrame:
    return stacked({n: interview_days(survey, n) for n in _timed(survey)})


def _enumerator_effects(survey: Survey, checks: Sequence[AnyCheck]) -> pd.DataFrame:
    effects = {c.id: enumerator_effects(survey, c) for c in checks if isinstance(c, EnumeratorEffect)}
    return stacked(effects, name="check_id")


def _back_checks(survey: Survey, checks: Sequence[AnyCheck]) -> pd.DataFrame:
    second = {c.id: back_check_table(survey, c) for c in checks if isinstance(c, BackCheck)}
    return stacked(second, name="check_id")


def _growth_influence(survey: Survey, checks: Sequence[AnyCheck]) -> pd.DataFrame:
    grown = {c.id: growth_influence(survey, c) for c in checks if isinstance(c, Growth)}
    return stacked(grown, name="check_id")


def _recode(survey: Survey, checks: Sequence[AnyCheck]) -> pd.DataFrame:
    other = {c.id: recode_sheet(survey, c) for c in checks if isinstance(c, OtherSpecify)}
    return stacked(other, name="check_id")


# By the name of the table; one for all tables of the survey has a column ``table``.
SURVEY_TABLES: Mapping[str, Callable[[Survey, Sequence[AnyCheck]], pd.DataFrame]] = {
    "missingness": _missingness,
    "kpi_coverage": _kpi_coverage,
    "durations": _durations,
    "days": _days,
    "enumerator_effects": _enumerator_effects,
    "back_checks": _back_checks,
    "growth_influence": _growth_influence,
    "recode": _recode,
}


def stacked(parts: Mapping[str, pd.DataFrame], *, name: str = "table") -> pd.DataFrame:
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
