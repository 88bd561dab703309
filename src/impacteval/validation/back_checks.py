"""Second visits compared with the first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks.enumerators import BackCheck
from impacteval.tables import records
from impacteval.validation.labels import NONE, enumerators_of, labels_of, numbers_of
from impacteval.validation.remarks import informing
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole

BACK_CHECK_COLUMNS = (
    "type",
    "column",
    "enumerator",
    "n_compared",
    "n_different",
    "error_rate",
    "n_one_missing",
    "n_only_interview",
    "n_only_back_check",
    "mean_difference",
    "std_error",
    "p_value",
    "response_variance",
    "reliability",
)
STABLE, HARD, VOLATILE = 1, 2, 3
NUMBERS = BACK_CHECK_COLUMNS[9:]
COUNTS = [c for c in BACK_CHECK_COLUMNS if c.startswith("n_")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Interviews and their back-checks, row by row the same.

    ``n_unmatched`` back-checks have no interview; ``n_ambiguous`` keys have several rows in a table
    and are not compared.
    """

    first: CheckedTable
    second: CheckedTable
    first_rows: npt.NDArray[np.int64]
    second_rows: npt.NDArray[np.int64]
    n_unmatched: int
    n_ambiguous: int


def check_back_check(survey: Survey, check: BackCheck) -> list[Failures]:
    """Find enumerators whose stable answers differ, and answers that differ on average."""
    if check.back_checks not in survey.tables:
        return informing(check, NONE, [f"there is no table {check.back_checks}"])
    matched = _matched(survey, check)
    table = back_check_table(survey, check)
    role = survey.tables[check.table].roles.enumerator
    stable = table[(table["type"] == STABLE) & (table["column"] == NONE) & (table["enumerator"] != NONE)]
    wrong = stable[stable["error_rate"] > check.limit]
    found: list[Failures] = []
    for who, n, k in zip(wrong["enumerator"], wrong["n_compared"], wrong["n_different"], strict=True):
        note = f"enumerator {who}: {k} of {n} stable answers differ in the back-check ({k / n:.0%})"
        found += failing_whole(check, role, note)
    found += _shifted(check, table) + informing(check, NONE, _not_compared(check, matched))
    return found + informing(check, role, _at_one_visit(table))


def _shifted(check: BackCheck, table: pd.DataFrame) -> list[Failures]:
    """Hard and volatile answers whose mean differs; a volatile one may well, so that it only informs."""
    found: list[Failures] = []
    moved = table[(table["enumerator"] == NONE) & (table["p_value"] < check.p)]
    for row in moved.itertuples(index=False):
        known = float(str(row.reliability))
        reliability = "unknown" if np.isnan(known) else f"{known:.2f}"
        note = (
            f"on average {row.mean_difference:.4g} higher in the interview than in the back-check "
            f"(paired t test, p = {row.p_value:.2g}, n = {row.n_compared}, reliability {reliability})"
        )
        is_volatile = row.type == VOLATILE
        column = str(row.column)
        found += informing(check, column, [note]) if is_volatile else failing_whole(check, column, note)
    return found


def _at_one_visit(table: pd.DataFrame) -> list[str]:
    """Answers that were given at one of the two visits only, by column; the table has them by enumerator."""
    mine = table[(table["enumerator"] == NONE) & (table["column"] != NONE) & (table["n_one_missing"] > 0)]
    notes = [
        f"{row.column} {row.n_one_missing} of {row.n_compared + row.n_one_missing} "
        f"({row.n_only_interview} only in the interview, {row.n_only_back_check} only in the back-check)"
        for row in records(mine)
    ]
    return ["answers given at one visit only, not compared: " + ", ".join(notes)] if notes else []


def _not_compared(check: BackCheck, matched: Matched) -> list[str]:
    absent = [c for c in check.columns_read if c not in matched.second.frame]
    said = [
        (matched.n_unmatched, "back-checks without interview"),
        (matched.n_ambiguous, "enterprises with several interviews or back-checks, not compared"),
    ]
    notes = [f"{what}: {n}" for n, what in said if n]
    return notes + ([f"the back-check has no {', '.join(absent)}"] if absent else [])


def _matched(survey: Survey, check: BackCheck) -> Matched:
    first, second = survey.tables[check.table], survey.tables[check.back_checks]
    by_period = bool(first.roles.period and second.roles.period)
    keys = [_keys(table, by_period=by_period) for table in (first, second)]
    one, two = (key[~key.duplicated(keep=False) & (key != NONE)] for key in keys)
    several = set().union(*(key[key.duplicated(keep=False) & (key != NONE)] for key in keys))
    both = pd.DataFrame({"key": one, "first": one.index}).merge(
        pd.DataFrame({"key": two, "second": two.index}), on="key"
    )
    both = both.sort_values("key", ignore_index=True)
    return Matched(
        first=first,
        second=second,
        first_rows=both["first"].to_numpy(dtype="int64"),
        second_rows=both["second"].to_numpy(dtype="int64"),
        n_unmatched=int((~keys[1].isin(set(keys[0]) - {NONE})).sum()),
        n_ambiguous=len(several & set(keys[1])),
    )


def _keys(table: CheckedTable, *, by_period: bool) -> pd.Series:
    """Unit, and round where asked, of each row as text; empty where either is missing."""
    unit = labels_of(table, table.roles.unit)
    if not by_period:
        return unit
    period = labels_of(table, table.roles.period)
    return (unit + "\x1f" + period).mask((unit == NONE) | (period == NONE), NONE).astype("str")


def back_check_table(survey: Survey, check: BackCheck) -> pd.DataFrame:
    """Error rates by column, type and enumerator, and how reliable numbers are.

    Returns
    -------
    DataFrame
        ``BACK_CHECK_COLUMNS``. An empty ``column`` is all of a type, an empty ``enumerator`` all of
        them; sorted, these first. ``n_compared`` answers were given at both visits, ``n_one_missing``
        at one only: ``n_only_interview`` and ``n_only_back_check``; text is compared without case and
        surplus blanks. For numbers of types 2 and 3,
        over all enumerators, with d = interview - back-check: ``mean_difference`` and its
        ``std_error`` sd(d) / sqrt(n), the p-value of the paired t test on n - 1 degrees of freedom,
        ``response_variance`` var(d) / 2 (the simple response variance) and ``reliability`` 1 -
        var(d) / (2 var(back-check)), as ``ipabcstats`` has them (Innovations for Poverty Action,
        high-frequency-checks); missing with fewer than two pairs.
    """
    parts = []
    if check.back_checks in survey.tables:
        matched = _matched(survey, check)
        types = {STABLE: check.stable, HARD: check.hard, VOLATILE: check.volatile}
        for number, columns in types.items():
            parts += [_of_type(check, matched, number, [c for c in columns if c in matched.second.frame])]
    parts = [part for part in parts if not part.empty]
    if not parts:
        return pd.DataFrame(columns=list(BACK_CHECK_COLUMNS)).astype(dict.fromkeys(NUMBERS, "float64"))
    table = pd.concat(parts, ignore_index=True)
    table["error_rate"] = (table["n_different"] / table["n_compared"]).where(table["n_compared"] > 0)
    order = ["type", "column", "enumerator"]
    return table.sort_values(order, ignore_index=True)[list(BACK_CHECK_COLUMNS)]


def _of_type(check: BackCheck, matched: Matched, number: int, columns: list[str]) -> pd.DataFrame:
    if not columns:
        return pd.DataFrame()
    who = enumerators_of(matched.first).to_numpy()[matched.first_rows]
    compared = [_compared(check, matched, column).assign(column=column, enumerator=who) for column in columns]
    rows = pd.concat(compared, ignore_index=True)
    everyone, everything = rows.assign(enumerator=NONE), rows.assign(column=NONE)
    whole = everything.assign(enumerator=NONE)
    named = [part[part["enumerator"] != NONE] for part in (rows, everything)]
    counts = pd.concat([*named, everyone, whole]).groupby(["column", "enumerator"], as_index=False)
    table = counts[COUNTS].sum().assign(type=number)
    numbers = pd.DataFrame(
        [_reliability(matched, column, is_asked=number != STABLE) for column in columns],
        columns=list(NUMBERS),
    ).assign(column=columns, enumerator=NONE)
    return table.merge(numbers, on=["column", "enumerator"], how="left")


def _compared(check: BackCheck, matched: Matched, column: str) -> pd.DataFrame:
    """Whether each pair was compared, differs, or has an answer at one visit only, as 0 and 1."""
    if _is_numeric(matched, column):
        one, two = _pair(matched, column)
        given_one, given_two = ~np.isnan(one), ~np.isnan(two)
        allowed = check.allowed_differences.get(column, 0.0)
        # Decimal fractions such as 1.1 - 1.0 exceed 0.1 by rounding alone.
        rounding = 1e-9 * np.fmax(np.abs(one), np.abs(two))
        differs = np.abs(one - two) > allowed + rounding
    else:
        first, second = _texts(matched, column)
        given_one, given_two = (first != NONE).to_numpy(dtype=bool), (second != NONE).to_numpy(dtype=bool)
        differs = (first != second).to_numpy(dtype=bool)
    both = given_one & given_two
    flags = {
        "n_compared": both,
        "n_different": both & differs,
        "n_one_missing": given_one ^ given_two,
        "n_only_interview": given_one & ~given_two,
        "n_only_back_check": given_two & ~given_one,
    }
    return pd.DataFrame(flags).astype("int64")


def _is_numeric(matched: Matched, column: str) -> bool:
    return all(pd.api.types.is_numeric_dtype(t.frame[column]) for t in (matched.first, matched.second))


def _pair(matched: Matched, column: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    one, two = (numbers_of(table, column).to_numpy() for table in (matched.first, matched.second))
    return one[matched.first_rows], two[matched.second_rows]


def _texts(matched: Matched, column: str) -> tuple[pd.Series, pd.Series]:
    one, two = (
        labels_of(table, column).str.casefold().str.split().str.join(" ").astype("str")
        for table in (matched.first, matched.second)
    )
    return (
        one.iloc[matched.first_rows].reset_index(drop=True),
        two.iloc[matched.second_rows].reset_index(drop=True),
    )


def _reliability(matched: Matched, column: str, *, is_asked: bool) -> tuple[float, ...]:
    """Mean difference, its error, p-value, response variance and reliability; see ``back_check_table``."""
    undefined = (np.nan,) * len(NUMBERS)
    if not (is_asked and _is_numeric(matched, column)):
        return undefined
    one, two = _pair(matched, column)
    both = ~(np.isnan(one) | np.isnan(two))
    return undefined if both.sum() < 2 else paired_statistics(one[both], two[both])


def paired_statistics(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """The last five columns of ``back_check_table`` for at least two pairs without missing values."""
    from scipy import stats

    difference = first - second
    n, mean, variance = len(difference), float(difference.mean()), float(difference.var(ddof=1))
    error = float(np.sqrt(variance / n))
    # Differences that are all the same, and not zero, are a shift beyond doubt.
    p = float(2 * stats.t.sf(abs(mean) / error, n - 1)) if error > 0 else (0.0 if mean else np.nan)
    spread = float(second.var(ddof=1))
    return mean, error, p, variance / 2, 1 - variance / (2 * spread) if spread > 0 else np.nan
