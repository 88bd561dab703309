"""Wages that accounts imply, against the minimum wage and against what workers say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from impacteval.arrays import Float1D, Int1D
from impacteval.checks.statistics import ImpliedWage, WageAgreement
from impacteval.validation.cells import numbers
from impacteval.validation.keys import SEPARATOR, joined, key_columns, of_severity
from impacteval.validation.labels import NONE
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing, failing_whole

MOST_NAMED = 5
AGREEMENT_COLUMNS = ("arm", "period", "n_enterprises", "median_ratio", "share_outside")


def implied_monthly_wage(table: CheckedTable, wage_bill: str, employment: str, months: float) -> Float1D:
    """Wage bill over months and employment, (n_rows,); NaN where one is missing or nobody is employed."""
    bill, employed = numbers(table, wage_bill), numbers(table, employment)
    head_months = np.where(employed > 0, employed * months, np.nan)
    return np.asarray(bill / head_months, dtype=np.float64)


def check_implied_wage(survey: Survey, check: ImpliedWage) -> list[Failures]:
    """Find enterprises whose implied wage is far from the minimum wage of their province and year.

    Rows whose province and year have no amount, or two different ones, are counted in an info.
    """
    table, reference = survey.tables[check.table], survey.tables[check.reference]
    wage = implied_monthly_wage(table, check.wage_bill, check.employment, check.months)
    year = check.year or table.roles.period
    place = _place(table, check.province, year)
    known = _minimum_wages(reference, check)
    minimum = place.map(known).to_numpy(dtype=np.float64)
    ratio = wage / minimum
    outside = (ratio < check.minimum) | (ratio > check.maximum)
    notes = [f"implied monthly wage is {r:.2f} times the minimum wage" for r in ratio[outside]]
    columns = (check.wage_bill, check.employment)
    unknown = ~np.isnan(wage) & np.isnan(minimum)
    return [
        *failing(check, outside, columns=columns, notes=notes),
        *_without_minimum(table, check, place[unknown]),
    ]


def _place(table: CheckedTable, province: str, year: str) -> pd.Series:
    """Province, whatever its case, and year as one text; empty where one is missing."""
    return joined(table, [c for c in (province, year) if c]).str.casefold()


def _minimum_wages(reference: CheckedTable, check: ImpliedWage) -> pd.Series:
    """Amount by province and year; those with two different amounts, or none above zero, are left out."""
    place = _place(reference, check.reference_province, check.reference_year)
    amounts = pd.DataFrame({"place": place, "amount": numbers(reference, check.reference_amount)})
    spread = amounts[(amounts["amount"] > 0) & (place != NONE)].groupby("place")["amount"].agg(["min", "max"])
    single: pd.Series = spread.loc[spread["min"] == spread["max"], "min"]
    return single


def _without_minimum(table: CheckedTable, check: ImpliedWage, places: pd.Series) -> list[Failures]:
    if not len(places):
        return []
    named = sorted(set(places) - {NONE})[:MOST_NAMED]
    can_show = not any(table.is_confidential(c) for c in (check.province, check.year) if c)
    where = f": {'; '.join(named).replace(SEPARATOR, ' ')}" if named and can_show else ""
    note = (
        f"{len(places)} rows not judged: {check.reference} has no single amount for their province and "
        f"year{where}"
    )
    return of_severity(failing_whole(check, check.province, note), "info")


def check_wage_agreement(survey: Survey, check: WageAgreement) -> list[Failures]:
    """Find enterprises whose workers report other wages than the wage bill implies."""
    ratio, n_workers = wage_ratios(survey, check)
    outside = (ratio < check.minimum) | (ratio > check.maximum)
    notes = [
        f"mean wage of {n} workers is {r:.2f} times the wage bill a head and month"
        for r, n in zip(ratio[outside], n_workers[outside], strict=True)
    ]
    return failing(check, outside, columns=check.columns_read, notes=notes)


def wage_ratios(survey: Survey, check: WageAgreement) -> tuple[Float1D, Int1D]:
    """Workers' mean wage over the implied one, and how many workers reported one, by enterprise row.

    The ratio is NaN where fewer than ``minimum_workers`` did or the accounts imply no wage above zero.
    """
    table, workers = survey.tables[check.table], survey.tables[check.workers]
    mine, theirs = key_columns(table, workers)
    wages = pd.DataFrame({"key": joined(workers, theirs), "wage": numbers(workers, check.worker_wage)})
    reported = wages[wages["key"] != NONE].sort_values(["key", "wage"]).groupby("key")["wage"]
    key = joined(table, mine)
    mean = key.map(reported.mean()).to_numpy(dtype=np.float64)
    count = key.map(reported.count()).fillna(0)
    implied = implied_monthly_wage(table, check.wage_bill, check.employment, check.months)
    implied = np.where((implied > 0) & (count >= check.minimum_workers), implied, np.nan)
    return mean / implied, np.asarray(count, dtype=np.int64)


def wage_agreement(survey: Survey, check: WageAgreement) -> pd.DataFrame:
    """Agreement of workers and employers by arm and round, a measure of the quality of wage data.

    Returns
    -------
    DataFrame
        ``AGREEMENT_COLUMNS``: enterprises that could be judged, the median of workers' wage over the
        implied one, and the share outside the check's bounds.
    """
    table = survey.tables[check.table]
    ratio = wage_ratios(survey, check)[0]
    period = table.roles.period
    frame = pd.DataFrame(
        {
            "arm": survey.arms(check.table),
            "period": table.frame[period] if period else pd.NA,
            "ratio": ratio,
            "outside": (ratio < check.minimum) | (ratio > check.maximum),
        }
    )
    judged = frame[frame["ratio"].notna()]
    counted = judged.groupby(["arm", "period"], dropna=False, sort=True).agg(
        n_enterprises=("ratio", "size"), median_ratio=("ratio", "median"), share_outside=("outside", "mean")
    )
    return counted.reset_index()[list(AGREEMENT_COLUMNS)]


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    ImpliedWage: check_implied_wage,
    WageAgreement: check_wage_agreement,
}
