"""What the programme cost, and what an effect cost: never a benefit-cost ratio the data cannot carry."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
import pandas as pd

from impacteval.derivation import Parameter
from impacteval.derive.parameters import day_number
from impacteval.errors import DataError, raise_together
from impacteval.programme.types import CostLedger, Programme
from impacteval.tables import records

COST_COLUMNS = ("component", "year", "payer", "currency", "amount", "share", "n_entries")
UNIT_COST_COLUMNS = (
    "measure",
    "outcome",
    "currency",
    "value",
    "low",
    "high",
    "numerator",
    "denominator",
    "note",
)
TOTAL, NOT_STATED = "all", "not stated"
NOT_ESTIMATED = "the effect was not estimated"
NO_INTERVAL = "the effect has no interval"
UNWANTED = "the effect is in the direction that is not wanted: no cost of a gain"
INCLUDES_ZERO = "the interval of the effect includes zero: its cost has no upper limit"


def in_one_currency(ledger: pd.DataFrame, rule: CostLedger, parameters: tuple[Parameter, ...]) -> pd.Series:
    """Amounts of the ledger in the currency shown, each at the rate of its own day.

    Raises
    ------
    DataError
        For entries without amount or currency, or in the other currency on a day without a rate, all
        at once; and for entries in more than one other currency, since there is one rate.
    """
    _refuse_two_rates(ledger[rule.currency], rule)
    shown = ledger[rule.currency] == rule.currency_shown
    rates = [p for p in parameters if p.parameter == rule.rate]
    rate = pd.Series(np.nan, index=ledger.index)
    days = (ledger[rule.booked_on] - pd.Timestamp(0)).dt.days
    for p in rates:
        valid = (days >= (day_number(p.valid_from) if p.valid_from else -np.inf)) & (
            days <= (day_number(p.valid_to) if p.valid_to else np.inf)
        )
        rate[valid.fillna(value=False).astype(bool)] = p.value
    amount = ledger[rule.amount].astype("float64")
    amount = amount.where(shown, amount / rate.where(rate > 0)).where(ledger[rule.currency].notna())
    wrong = ledger[~np.isfinite(amount)]
    raise_together(
        [
            f"{r.source_file}, row {r.source_row}: no amount in {rule.currency_shown}: the amount, its "
            f"currency or its day is missing, or {rule.rate} has no value then; correct the ledger or add "
            "the rate"
            for r in records(wrong.head(20))
        ],
        DataError,
        f"{len(wrong)} entries of the ledger of costs",
    )
    return amount


def _refuse_two_rates(currency: pd.Series, rule: CostLedger) -> None:
    others = sorted(set(currency.dropna()) - {rule.currency_shown})
    if len(others) > 1:
        raise DataError(
            f"column {rule.currency!r} of the ledger of costs: {', '.join(others)} beside "
            f"{rule.currency_shown}, but {rule.rate} is the rate of one; enter the others in one of the two"
        )


def costs(ledger: pd.DataFrame, amount: pd.Series, rule: CostLedger) -> pd.DataFrame:
    """Costs by component, year and payer, with totals.

    Returns
    -------
    DataFrame
        ``COST_COLUMNS``; ``share`` of all costs, missing where they are zero; component ``all`` is a
        year's total by payer, year empty (missing) all years.
    """
    frame = pd.DataFrame(
        {
            "component": ledger[rule.component].astype("str").fillna(NOT_STATED),
            "year": ledger[rule.booked_on].dt.year.astype("Int64"),
            "payer": ledger[rule.payer].astype("str").fillna(NOT_STATED),
            "amount": amount,
        }
    )
    total = float(amount.sum())
    parts = [frame.groupby(["component", "year", "payer"], as_index=False)["amount"].agg(["sum", "size"])]
    parts.append(frame.groupby(["component", "payer"], as_index=False)["amount"].agg(["sum", "size"]))
    parts.append(frame.groupby(["year", "payer"], as_index=False)["amount"].agg(["sum", "size"]))
    parts.append(frame.groupby(["payer"], as_index=False)["amount"].agg(["sum", "size"]))
    parts.append(pd.DataFrame({"payer": [TOTAL], "sum": [total], "size": [len(frame)]}))
    found = pd.concat(parts, ignore_index=True).rename(columns={"sum": "amount", "size": "n_entries"})
    found["component"] = found["component"].fillna(TOTAL).astype("str")
    found["currency"] = rule.currency_shown
    found["share"] = found["amount"] / (total or np.nan)
    return found[list(COST_COLUMNS)]


def unit_costs(
    tables: Mapping[str, pd.DataFrame],
    amount: pd.Series,
    programme: Programme,
    headlines: pd.DataFrame,
    *,
    n_enterprises: int,
) -> pd.DataFrame:
    """Cost per enterprise, per person trained and per unit of effect, and the share recovered by fees.

    The cost of an effect is the cost per enterprise over the effect per enterprise. Its interval is
    that of the effect, inverted, where it lies on one side of zero; where it includes zero no cost
    excludes being infinite, and none is given, nor of an effect in the direction that is not wanted.

    Parameters
    ----------
    headlines : DataFrame
        Rows of the table of estimates, one headline effect an outcome, with the ``direction`` wanted of
        it: ``higher``, ``lower`` or ``neutral``.

    Returns
    -------
    DataFrame
        ``UNIT_COST_COLUMNS``
    """
    rule, trained = programme.costs, programme.trained
    ledger, people = tables[rule.table], tables[trained.table]
    total = float(amount.sum())
    n_people = len(people[[trained.unit, trained.person]].dropna(subset=[trained.person]).drop_duplicates())
    fees = float(amount[ledger[rule.payer].isin(rule.fees)].sum())
    rows = [
        _unit("per_enterprise", total, n_enterprises, rule, note="all costs over enterprises enrolled"),
        _unit("per_person_trained", total, n_people, rule, note="a person counts once"),
        {**_unit("cost_recovery", fees, total, rule, note="fees over all costs"), "currency": "share"},
    ]
    each = total / n_enterprises if n_enterprises else float("nan")
    rows += [_of_effect(r, each, rule) for r in records(headlines)]
    return pd.DataFrame(rows, columns=list(UNIT_COST_COLUMNS))


def _unit(
    measure: str, numerator: float, denominator: float, rule: CostLedger, *, note: str
) -> dict[str, object]:
    value = numerator / denominator if denominator else float("nan")
    return {
        "measure": measure,
        "outcome": "",
        "currency": rule.currency_shown,
        "value": value,
        "low": float("nan"),
        "high": float("nan"),
        "numerator": numerator,
        "denominator": denominator,
        "note": note,
    }


def _of_effect(row: SimpleNamespace, each: float, rule: CostLedger) -> dict[str, object]:
    estimate, low, high = (float(getattr(row, name)) for name in ("estimate", "conf_low", "conf_high"))
    note = _no_cost(estimate, low, high, wanted=row.direction)
    unit = _unit("per_unit_of_effect", each, abs(estimate), rule, note=note) | {"outcome": row.outcome}
    if note:
        return {**unit, "value": float("nan")}
    nearest, farthest = sorted((abs(low), abs(high)))
    return {**unit, "low": each / farthest, "high": each / nearest}


def _no_cost(estimate: float, low: float, high: float, *, wanted: str) -> str:
    """Why an effect has no cost; empty where it has one."""
    if np.isnan(estimate):
        return NOT_ESTIMATED
    if np.isnan(low) or np.isnan(high):
        return NO_INTERVAL
    if low <= 0 <= high:
        return INCLUDES_ZERO
    return UNWANTED if (low > 0 and wanted == "lower") or (high < 0 and wanted == "higher") else ""
