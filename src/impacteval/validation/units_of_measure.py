"""Amounts in another unit than the enterprise's other rounds and its group: thousands, millions, months."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.checks.statistics import UnitSlip
from impacteval.validation.cells import MAD_TO_SD, followed, logs10, number_of, numbers, periods
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole
from impacteval.validation.unit_levels import Rule, Scales, explain

# Spreads of base-10 logarithms where a table is too small to tell: sales of firms of 50 to 200 workers.
USUAL_WITHIN, USUAL_BETWEEN = 0.2, 0.45
# Bounds of these spreads: a table in which half of the values are wrong would call any change usual.
WITHIN_BOUNDS, BETWEEN_BOUNDS = (0.02, 0.35), (0.05, 0.7)
ENOUGH = 20
CHUNK = 20_000
MONTHS = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slips:
    """What each row seems to be off by, (n_rows,), in base-10 logarithms.

    ``factor`` is 0 where nothing is wrong or known; ``distance`` is that from the reference, which is
    the group's median where ``n_other``, the number of other rounds, is 0.
    """

    factor: Float1D
    distance: Float1D
    n_other: Int1D


def check_unit_slip(survey: Survey, check: UnitSlip) -> list[Failures]:
    """Find values in another unit, and rounds in which all values seem to be.

    With ``per``, the value and its ratio to that column must show the same factor; where the ratio
    cannot be computed the value decides alone.
    """
    table = survey.tables[check.table]
    amount = logs10(numbers(table, check.column))
    slips = slips_of(table, amount, check)
    slipped = slips.factor != 0
    if check.per:
        ratio = amount - logs10(numbers(table, check.per))
        slipped &= np.isnan(ratio) | (slips_of(table, ratio, check).factor == slips.factor)
    return [*_whole_rounds(table, amount, check), *_rows(table, slips, slipped, check)]


def slips_of(table: CheckedTable, log: Float1D, check: UnitSlip) -> Slips:
    """Explain base-10 logarithms, (n_rows,), NaN where there is none; see ``unit_levels.explain``."""
    slips = Slips(
        factor=np.zeros(len(log)),
        distance=np.full(len(log), np.nan),
        n_other=np.zeros(len(log), dtype=np.int64),
    )
    rows = _in_order(table, log, check)
    scales = _scales(rows)
    n_rounds = rows.groupby("unit")["unit"].transform("size")
    for n, mine in rows.groupby(n_rounds):
        rule = _rule(check, has_others=int(n) > 1)
        for start in range(0, len(mine), CHUNK * int(n)):
            part = mine.iloc[start : start + CHUNK * int(n)]
            place, value, group = (part[c].to_numpy().reshape(-1, int(n)) for c in ("row", "value", "group"))
            found = explain(value, group.mean(axis=1), scales, rule)
            slips.factor[place], slips.distance[place] = found.factor, found.distance
            slips.n_other[place] = int(n) - 1
    return slips


def _rule(check: UnitSlip, *, has_others: bool) -> Rule:
    """A month among years can only be told where the enterprise has other rounds."""
    factors = np.log10([*check.factors, *([MONTHS] if check.months and has_others else [])])
    return Rule(
        factors=np.concatenate([[0.0], *([f, -f] for f in factors)]),
        tolerance=check.tolerance,
        spreads=check.spreads,
        expected_share=check.expected_share,
    )


def _in_order(table: CheckedTable, log: Float1D, check: UnitSlip) -> pd.DataFrame:
    """Known values less the median of their round, and the median of their group, by unit and round.

    A row whose unit is not known stands alone. The order does not depend on that of the rows.
    """
    used = ~np.isnan(log)
    period = periods(table)
    value = log - _round_medians(log, period, check.minimum_group)
    who = followed(table)
    unit = np.where(who == "", -np.arange(len(log)) - 1, pd.factorize(who, sort=True)[0])
    rows = pd.DataFrame(
        {
            "row": np.arange(len(log)),
            "unit": unit,
            "period": period,
            "value": value,
            "group": _group_medians(table, value, check),
        }
    )[used]
    return rows.sort_values(["unit", "period", "value"], kind="stable", ignore_index=True)


def _round_medians(log: Float1D, period: Int1D, minimum: int) -> Float1D:
    """Median of each row's round; that of all rows where the round is not known or too small."""
    known = log[~np.isnan(log)]
    pooled = float(np.median(known)) if len(known) else 0.0
    count = pd.Series(log).groupby(period).transform("count").to_numpy()
    return np.where((period >= 0) & (count >= minimum), _medians(log, period), pooled)


def _medians(value: Float1D, code: Int1D) -> Float1D:
    return pd.Series(value).groupby(code).transform("median").to_numpy(dtype=np.float64)


def _group_medians(table: CheckedTable, value: Float1D, check: UnitSlip) -> Float1D:
    """Median of each row's group over all rounds, 0 where the group is not known or too small."""
    if not check.groups:
        return np.zeros(len(value))
    code = number_of(table.frame, check.groups)
    count = pd.Series(value).groupby(code).transform("count").to_numpy()
    return np.where((code >= 0) & (count >= check.minimum_group), _medians(value, code), 0.0)


def _scales(rows: pd.DataFrame) -> Scales:
    """Robust spreads of changes between successive rounds, and of values around their group."""
    change = rows.groupby("unit")["value"].diff().dropna().to_numpy()
    within = _robust_sd(change, usual=USUAL_WITHIN * np.sqrt(2)) / np.sqrt(2)
    within = float(np.clip(within, *WITHIN_BOUNDS))
    total = _robust_sd((rows["value"] - rows["group"]).to_numpy(), usual=USUAL_BETWEEN)
    between = float(np.sqrt(max(total**2 - within**2, 0.0)))
    return Scales(within=within, between=float(np.clip(between, *BETWEEN_BOUNDS)))


def _robust_sd(centred: Float1D, *, usual: float) -> float:
    """Standard deviation of normal values around 0 by their median size; the usual one for a few values."""
    return MAD_TO_SD * float(np.median(np.abs(centred))) if len(centred) >= ENOUGH else usual


def _rows(table: CheckedTable, slips: Slips, slipped: Bool1D, check: UnitSlip) -> list[Failures]:
    rows = np.flatnonzero(slipped)
    if not len(rows):
        return []
    return [
        Failures(
            check=check,
            table=check.table,
            rows=rows,
            columns=tuple(c for c in (check.column, check.per) if c),
            notes=tuple(_note(slips, row, check) for row in rows.tolist()),
            suggestions=tuple(
                _suggestion(table, float(slips.factor[row]), row, check) for row in rows.tolist()
            ),
        )
    ]


def _note(slips: Slips, row: int, check: UnitSlip) -> str:
    n = int(slips.n_other[row])
    if n:
        reference = f"the median of the enterprise's {n} other rounds" if n > 1 else "its other round"
    else:
        reference = f"the median of its group by {' and '.join(check.groups)}" if check.groups else ""
        reference = reference or "the median of its round"
    return f"{check.column} is {times(slips.distance[row])} {reference}, about {times(slips.factor[row])} it"


def times(log: float) -> str:
    """A ratio, given as base-10 logarithm, in words."""
    return f"{10**log:,.0f} times" if log >= 0 else f"1/{10**-log:,.0f} of"


def _suggestion(table: CheckedTable, factor: float, row: int, check: UnitSlip) -> str:
    """The value in the usual unit, where it may be shown; never applied."""
    size = round(10 ** abs(factor))
    how = f"{'divided' if factor > 0 else 'multiplied'} by {size:,}"
    if table.is_confidential(check.column):
        return f"the value {how} would be in the usual unit; {check.suggestion}"
    value = float(table.frame[check.column].iloc[row])
    right = value / size if factor > 0 else value * size
    return f"in the usual unit it would be {plain_number(right)}, the value {how}; {check.suggestion}"


def plain_number(value: float) -> str:
    """A number as it is typed: whole ones without a decimal point."""
    return f"{value:.0f}" if value.is_integer() else f"{value:.10g}"


def _whole_rounds(table: CheckedTable, log: Float1D, check: UnitSlip) -> Iterator[Failures]:
    """Find rounds that enterprises report a factor higher or lower than the round before.

    Each row is compared with the median of its round, so such a round shows in no row.
    """
    if not table.roles.period or not table.roles.unit:
        return
    rows = pd.DataFrame({"unit": followed(table), "period": table.frame[table.roles.period], "log": log})
    rows = rows[rows["log"].notna() & rows["period"].notna() & (rows["unit"] != "")]
    wide = rows.groupby(["unit", "period"])["log"].median().unstack("period")
    factors = np.abs(_rule(check, has_others=True).factors[1:])
    for before, after in pairwise(sorted(wide.columns)):
        change = (wide[after] - wide[before]).dropna()
        middle = float(change.median()) if len(change) >= check.minimum_group else 0.0
        if (np.abs(abs(middle) - factors) <= 2 * check.tolerance).any():
            note = (
                f"the {len(change)} enterprises in both report {check.column} in period {after} at "
                f"{times(middle)} that of period {before} (median): one of them is in another unit"
            )
            yield from failing_whole(check, check.column, note)


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {UnitSlip: check_unit_slip}
