"""The ledger of the programme's costs, which adds up to the total by component."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Float1D, Text1D
from impacteval.simulation.programme_study.draws import Draws
from impacteval.simulation.programme_study.frame import drawn
from impacteval.simulation.programme_study.truth import Truth

FIRST_MONTH, LAST_MONTH = "2009-10", "2012-12"
# Months in which money of a component is spent once a round or a year, and how many entries it has.
TRAINER_COURSES = ("2010-05", "2010-09", "2011-02", "2011-10", "2012-01")
SURVEYS = ("2010-04", "2010-05", "2010-06", "2011-07", "2011-08", "2012-07", "2012-08", "2012-09", "2012-10")
BY_ENTERPRISE = ("enterprise_training", "site_visits")


def cost_table(truth: Truth) -> pd.DataFrame:
    """Entries of the ledger in the order of their days.

    Dollars of all entries, those in rupiah at the mean rate of their year, add up to the total of the
    parameters to the cent: the last entry in dollars of each component takes up what rounding leaves.
    """
    parts = [*_general(truth), *_of_enterprises(truth)]
    ledger = pd.concat(parts, ignore_index=True)
    ledger = ledger.sort_values(["booked_on", "component"], kind="stable", ignore_index=True)
    ledger["currency"] = _currencies(truth, ledger)
    rate = exchange_rates(truth, ledger["booked_on"])
    ledger["amount"] = _amounts(ledger, rate, truth.generator.costs.total_usd)
    ledger["entry_id"] = [f"J{k:05d}" for k in range(1, len(ledger) + 1)]
    order = ["entry_id", "booked_on", "component", "payer", "amount", "currency", "enterprise_id"]
    return ledger[order]


def exchange_rates(truth: Truth, day: pd.Series) -> Float1D:
    """Rupiah a dollar, mean of the year of each day."""
    economy = truth.generator.economy
    by_year = dict(zip(economy.years, economy.idr_per_usd, strict=True))
    return np.asarray(day.dt.year.map(by_year), dtype=np.float64)


def _general(truth: Truth) -> list[pd.DataFrame]:
    months = np.arange(np.datetime64(FIRST_MONTH), np.datetime64(LAST_MONTH) + 1)
    by_component = {
        "staff": months,
        "support": months[2::3],
        "training_of_trainers": np.array(TRAINER_COURSES, dtype="datetime64[M]"),
        "m_and_e": np.array(SURVEYS, dtype="datetime64[M]"),
    }
    return [_spread(truth, component, when, "") for component, when in by_component.items()]


def _spread(truth: Truth, component: str, when: npt.NDArray[np.datetime64], enterprise: str) -> pd.DataFrame:
    """Entries of a component at the ends of months, in unequal amounts."""
    draws = Draws(truth.streams, len(when))
    weight = np.exp(0.15 * draws.rng(f"cost.{component}").standard_normal(len(when)))
    booked = ((when + 1).astype("datetime64[D]") - 1).astype("datetime64[s]")
    return pd.DataFrame(
        {
            "booked_on": booked,
            "component": component,
            "payer": "donor",
            "usd": _total_of(truth, component) * weight / weight.sum(),
            "enterprise_id": enterprise,
        }
    )


def _of_enterprises(truth: Truth) -> list[pd.DataFrame]:
    """An entry for each module and component: fees and partners pay their shares on average."""
    rule, training = truth.generator.costs, truth.training
    n = len(training)
    draws = Draws(truth.streams, n)
    parts = []
    for component in BY_ENTERPRISE:
        visits = training["visits"].to_numpy() if component == "site_visits" else np.ones(n)
        weight = visits * np.exp(0.2 * draws.rng(f"cost.{component}").standard_normal(n))
        payer = drawn(
            {
                "enterprise_fee": rule.enterprise_fee,
                "partner": rule.partner,
                "donor": 1 - rule.enterprise_fee - rule.partner,
            },
            n,
            draws.rng(f"cost.payer.{component}"),
        )
        booked = training["classroom_end"] + pd.Timedelta(days=20 if component == "site_visits" else 5)
        parts.append(
            pd.DataFrame(
                {
                    "booked_on": booked.dt.as_unit("s"),
                    "component": component,
                    "payer": payer,
                    "usd": _total_of(truth, component) * weight / weight.sum(),
                    "enterprise_id": training["enterprise_id"],
                }
            )
        )
    return parts


def _total_of(truth: Truth, component: str) -> float:
    return truth.generator.costs.total_usd * truth.generator.costs.share[component]


def _currencies(truth: Truth, ledger: pd.DataFrame) -> Text1D:
    """Rupiah for most entries; staff and support are booked in dollars."""
    local = Draws(truth.streams, len(ledger)).once("cost.currency") < truth.generator.costs.in_rupiah
    abroad = ledger["component"].isin(["staff", "support"]).to_numpy()
    return np.where(local & ~abroad, "IDR", "USD")


def _amounts(ledger: pd.DataFrame, rate: Float1D, total: float) -> Float1D:
    in_rupiah = (ledger["currency"] == "IDR").to_numpy()
    usd = ledger["usd"].to_numpy()
    amount = np.where(in_rupiah, np.round(usd * rate / 1e3) * 1e3, np.round(usd, 2))
    left = total - (amount / np.where(in_rupiah, rate, 1.0)).sum()
    last = np.flatnonzero(~in_rupiah)[-1]
    amount[last] = np.round(amount[last] + left, 2)
    return amount
