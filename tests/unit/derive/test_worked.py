"""Indicators of every sort, computed again with pandas and numpy alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from support.derivations import DAYS, derive, parameter, survey

DEFLATOR = {0: 0.95, 1: 1.0, 2: 1.08, 3: 1.12}
MINIMUM = {"bekasi": 1.2e6, "jakarta": 1.1e6}
LIMIT = {0: 14.0, 1: 14.0, 2: 14.0, 3: 18.0}
FORMULAS = {
    "va_per_worker": "(sales_idr - materials_idr - energy_idr) / 1e6 / deflator / emp_total",
    "ln_va": "ln(va_per_worker) if va_per_worker > 0 else ln(0)",
    "energy_share": "100 * energy_idr / sales_idr",
    "practices": "share(mp01 == 'yes', mp02 == 'yes', mp03 == 'yes', mp04 == 'yes', mp05 == 'yes')",
    "output_index": "100 * (units_good / hours) / baseline(units_good / hours)",
    "wage_to_minimum": "lowest_wage / minimum_wage",
    "below_minimum": "workers.share(wage < minimum_wage)",
    "pay_gap": (
        "100 * (workers.mean(hourly, where=sex == 'm', at_least=5) - workers.mean(hourly, where=sex == 'f', "
        "at_least=5)) / workers.mean(hourly, where=sex == 'm', at_least=5)"
    ),
    "overtime_breach": "workers.share(overtime > overtime_limit)",
    "median_hours": "workers.median(hours_week)",
    "modules": "training.distinct(module, where=classroom_end <= day)",
    "visits": "training.sum(visits, where=classroom_end <= day)",
    "dose": "min(modules, 3) / 3 * clip((day - training.min(classroom_end)) / 365.25, 0, 1) if modules > 0 else 0",
    "satisfaction": "workers.mean(average(sat1, sat2, sat3, reverse(sat4, 1, 5), at_least=3))",
    "voice": "workers.mean(icw(sat1, sat2, sat3, reverse(sat4, 1, 5)))",
    "voice_plain": "workers.mean(zmean(sat1, sat2, sat3, reverse(sat4, 1, 5)))",
    "net_jobs": "emp_total - baseline(emp_total)",
}
PARAMETERS = (
    parameter("deflator", 0.95, days=("", "2009-12-31")),
    parameter("deflator", 1.0, days=("2010-01-01", "2010-12-31")),
    parameter("deflator", 1.08, days=("2011-01-01", "2011-12-31")),
    parameter("deflator", 1.12, days=("2012-01-01", "")),
    parameter("minimum_wage", 1.2e6, place="bekasi"),
    parameter("minimum_wage", 1.1e6, place="jakarta"),
    parameter("overtime_limit", 14, days=("", "2012-01-31")),
    parameter("overtime_limit", 18, days=("2012-02-01", "")),
)
TABLES = survey()
FOUND = derive(
    TABLES, FORMULAS, parameters=PARAMETERS, workers={"hourly": "wage / (4.33 * hours_week) / deflator"}
)
FIRMS = TABLES["enterprise"]
KEY = ["enterprise_id", "wave"]


def of_workers(values: pd.Series) -> np.ndarray:
    """A series by enterprise and round in the order of the enterprises' rows."""
    return values.reindex(pd.MultiIndex.from_frame(FIRMS[KEY])).to_numpy(dtype=float)


def workers() -> pd.DataFrame:
    return TABLES["workers"].merge(FIRMS[[*KEY, "zone"]], on=KEY)


def check(name: str, expected: object) -> None:
    assert_allclose(FOUND.panel[name].to_numpy(), np.asarray(expected, dtype=float), rtol=1e-12, atol=1e-12)
    is_missing = FOUND.panel[name].isna()
    assert ((FOUND.reasons[name] == "") == ~is_missing).all()
    assert is_missing.mean() < 0.9


def va() -> pd.Series:
    jobs = FIRMS["emp_total"].astype(float).replace(0, np.nan)
    return (
        (FIRMS["sales_idr"] - FIRMS["materials_idr"] - FIRMS["energy_idr"])
        / 1e6
        / FIRMS["wave"].map(DEFLATOR)
        / jobs
    )


def at_baseline(values: pd.Series) -> pd.Series:
    base = values[FIRMS["wave"] == 1]
    return FIRMS["enterprise_id"].map(dict(zip(FIRMS["enterprise_id"][base.index], base, strict=True)))


def test_real_money_a_worker_and_its_logarithm():
    check("va_per_worker", va())
    with np.errstate(invalid="ignore"):
        check("ln_va", np.where(va() > 0, np.log(va().where(va() > 0)), np.nan))
    assert "logarithm of a number not above zero" in set(FOUND.reasons["ln_va"])
    assert {"division by zero (emp_total)", "sales_idr missing"} <= set(FOUND.reasons["va_per_worker"])


def test_a_ratio():
    check("energy_share", 100 * FIRMS["energy_idr"] / FIRMS["sales_idr"])


def test_the_share_of_known_practices():
    items = FIRMS[[f"mp{i:02d}" for i in range(1, 6)]]
    check("practices", 100 * (items == "yes").sum(axis=1) / items.notna().sum(axis=1))


def test_what_refers_to_the_enterprise_at_baseline():
    rate = FIRMS["units_good"] / FIRMS["hours"]
    check("output_index", 100 * rate / at_baseline(rate))
    check("net_jobs", FIRMS["emp_total"].astype(float) - at_baseline(FIRMS["emp_total"].astype(float)))


def test_parameters_by_place():
    check("wage_to_minimum", FIRMS["lowest_wage"] / FIRMS["zone"].map(MINIMUM))
    rows = workers().dropna(subset=["wage"])
    below = (rows["wage"] < rows["zone"].map(MINIMUM)).groupby([rows[k] for k in KEY]).mean()
    check("below_minimum", 100 * of_workers(below))


def test_the_gap_in_pay_is_kept_back_below_five_of_either_sex():
    rows = workers().dropna(subset=["wage"])
    hourly = rows["wage"] / (4.33 * rows["hours_week"]) / rows["wave"].map(DEFLATOR)
    stats = {
        sex: hourly[rows["sex"] == sex].groupby([rows[k] for k in KEY]).agg(["mean", "size"]) for sex in "mf"
    }
    means = {sex: of_workers(s["mean"].where(s["size"] >= 5)) for sex, s in stats.items()}
    check("pay_gap", 100 * (means["m"] - means["f"]) / means["m"])
    assert "fewer than 5 rows of workers" in set(FOUND.reasons["pay_gap"])


def test_a_limit_that_changes_with_the_day():
    rows = workers()
    above = (rows["overtime"] > rows["wave"].map(LIMIT)).groupby([rows[k] for k in KEY]).mean()
    check("overtime_breach", 100 * of_workers(above))


def test_a_median():
    check("median_hours", of_workers(workers().groupby(KEY)["hours_week"].median()))


@pytest.mark.parametrize(("name", "reduce"), [("modules", "nunique"), ("visits", "sum")])
def test_a_register_counts_up_to_the_day_of_the_round(name, reduce):
    column = {"modules": "module", "visits": "visits"}[name]
    parts = []
    for wave, day in enumerate(DAYS):
        there = TABLES["training"][TABLES["training"]["classroom_end"] <= pd.Timestamp(day)]
        counted = getattr(there.groupby("enterprise_id")[column], reduce)()
        parts.append(
            counted.reindex(FIRMS.loc[FIRMS["wave"] == wave, "enterprise_id"].unique(), fill_value=0)
        )
    expected = pd.concat(parts, keys=range(4), names=["wave"]).swaplevel()
    check(name, of_workers(expected))


def test_a_dose_from_a_register():
    first = FIRMS["enterprise_id"].map(TABLES["training"].groupby("enterprise_id")["classroom_end"].min())
    days = (FIRMS["wave"].map(dict(enumerate(pd.to_datetime(list(DAYS))))) - first).dt.days / 365.25
    modules = FOUND.panel["modules"]
    expected = np.where(modules > 0, np.minimum(modules, 3) / 3 * days.clip(0, 1), 0.0)
    check("dose", expected)
    assert FOUND.panel["dose"].gt(0).any()


def test_a_scale_with_an_item_that_is_reversed():
    rows = workers().assign(sat4=lambda r: 6 - r["sat4"])
    items = rows[["sat1", "sat2", "sat3", "sat4"]]
    score = items.mean(axis=1).where(items.notna().sum(axis=1) >= 3)
    check("satisfaction", of_workers(score.groupby([rows[k] for k in KEY]).mean()))


def test_indices_are_those_of_anderson_and_of_equal_weights():
    rows = workers().assign(sat4=lambda r: 6 - r["sat4"])
    items = rows[["sat1", "sat2", "sat3", "sat4"]].to_numpy()
    trained = set(TABLES["training"]["enterprise_id"])
    is_base = ((rows["wave"] == 1) & ~rows["enterprise_id"].isin(trained)).to_numpy()
    z = (items - np.nanmean(items[is_base], axis=0)) / np.nanstd(items[is_base], axis=0, ddof=1)
    covariance = pd.DataFrame(z[is_base]).cov().to_numpy()
    weight = np.linalg.inv(covariance).sum(axis=1)
    there = ~np.isnan(z)
    keys = [rows[k] for k in KEY]
    for name, w in (("voice", weight), ("voice_plain", np.ones(4))):
        score = np.nansum(z * w, axis=1) / (there * w).sum(axis=1)
        check(name, of_workers(pd.Series(score, index=rows.index).groupby(keys).mean()))
    told = FOUND.indices[FOUND.indices["index"] == "voice"]
    assert told["item"].tolist() == ["sat1", "sat2", "sat3", "reverse(sat4, 1, 5)"]
    assert told["n"].tolist() == there[is_base].sum(axis=0).tolist()
    assert_allclose(told["weight"], weight / weight.sum(), rtol=1e-12)
    assert_allclose(told["mean"], np.nanmean(items[is_base], axis=0), rtol=1e-12)
    complete = z[is_base][there[is_base].all(axis=1)]
    alpha = 4 / 3 * (1 - complete.var(axis=0, ddof=1).sum() / complete.sum(axis=1).var(ddof=1))
    assert_allclose(told["alpha"], alpha, rtol=1e-12)
    assert alpha > 0.5
