"""A made-up survey of enterprises and workers, and formulas on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from impacteval.delivery import Roles
from impacteval.derivation import DerivedColumn, Parameter
from impacteval.derive.panel import Derivations, derive_panel
from impacteval.design import Arm, EntryDay, Outcome, PanelRule, Plan
from support.plans import make_outcome, make_plan

DAYS = ("2009-12-31", "2010-05-15", "2011-07-15", "2012-09-15")
PANEL = PanelRule(
    table="enterprise",
    unit="enterprise_id",
    period="wave",
    periods=(0, 1, 2, 3),
    period_name="Round",
    days=DAYS,
    baseline=1,
    place="zone",
)
BY_ENTRY = EntryDay(
    rule="entry_day",
    column="entry_day",
    arm=Arm(name="score", label="Programme"),
    comparison=Arm(name="comparison", label="Comparison"),
)
ROLES = {
    "enterprise": Roles(unit="enterprise_id", period="wave"),
    "workers": Roles(unit="enterprise_id", period="wave"),
    "training": Roles(unit="enterprise_id"),
    "assignment": Roles(unit="enterprise_id"),
}
ENTRY = DerivedColumn(
    name="entry_day", table="enterprise", formula="assignment.first(entry_date)", unit="days", label="Entry"
)


def plan_of(**changes: object) -> Plan:
    """A plan on ``enterprise`` in which enterprises enter on their day."""
    return replace(make_plan(BY_ENTRY), panel=replace(PANEL, **changes))


def column(name: str, formula: str, table: str = "enterprise") -> DerivedColumn:
    """A derived column."""
    return DerivedColumn(name=name, table=table, formula=formula, unit="", label=name)


def parameter(name: str, value: float, *, days: tuple[str, str] = ("", ""), place: str = "") -> Parameter:
    """A parameter, valid always and everywhere unless said otherwise."""
    return Parameter(
        parameter=name,
        valid_from=days[0],
        valid_to=days[1],
        place=place,
        value=value,
        unit="",
        source="",
        vintage="",
        retrieved="",
    )


def outcome(name: str, formula: str) -> Outcome:
    """An outcome that a formula makes."""
    return replace(make_outcome(name, column=""), formula=formula)


def derive(
    tables: Mapping[str, pd.DataFrame],
    formulas: Mapping[str, str],
    *,
    parameters: Sequence[Parameter] = (),
    workers: Mapping[str, str] | None = None,
    plan: Plan | None = None,
) -> Derivations:
    """Compute columns of the panel, and of workers, by their formulas."""
    derived = [ENTRY, *(column(n, f) for n, f in formulas.items())]
    derived += [column(n, f, "workers") for n, f in (workers or {}).items()]
    return derive_panel(tables, plan or plan_of(), (), tuple(derived), tuple(parameters), ROLES)


def value_of(formula: str, **columns: Sequence[object]) -> tuple[list[object], list[str]]:
    """Values and reasons of a formula on enterprises that have these columns and one round."""
    n_rows = len(next(iter(columns.values()))) if columns else 2
    frame = pd.DataFrame({"enterprise_id": [f"E{i}" for i in range(n_rows)], "wave": [1] * n_rows})
    for name, cells in columns.items():
        kind = "str" if any(isinstance(c, str) for c in cells) else None
        frame[name] = pd.Series(list(cells), dtype=kind)
    plan = replace(make_plan(), panel=replace(PANEL, place=""))
    found = derive_panel({"enterprise": with_source(frame)}, plan, (), (column("x_", formula),), (), ROLES)
    values = found.panel["x_"]
    return [None if pd.isna(v) else v for v in values], found.reasons["x_"].tolist()


def with_source(frame: pd.DataFrame, file: str = "rows.csv") -> pd.DataFrame:
    """A table with where its rows stand."""
    return frame.assign(
        source_file=pd.Series([file] * len(frame), dtype="str"), source_row=np.arange(2, len(frame) + 2)
    )


def survey(n_firms: int = 30, *, seed: int = 4) -> dict[str, pd.DataFrame]:
    """Enterprises in four rounds with ten workers each, a third of them trained from 2011 on."""
    rng = np.random.default_rng(seed)
    ids = [f"E{i:03d}" for i in range(n_firms)]
    n = 4 * n_firms
    firms = pd.DataFrame({"enterprise_id": np.repeat(ids, 4), "wave": np.tile([0, 1, 2, 3], n_firms)})
    firms["zone"] = np.repeat(rng.choice(["bekasi", "jakarta"], n_firms), 4)
    for name, level in {"sales_idr": 25, "materials_idr": 24, "energy_idr": 23}.items():
        firms[name] = np.round(rng.lognormal(level, 0.5, n))
    firms["emp_total"] = pd.Series(rng.integers(20, 200, n)).astype("Int64")
    firms["hours"] = rng.integers(40_000, 400_000, n)
    firms["units_good"] = rng.integers(1_000, 9_000, n)
    firms["lowest_wage"] = np.round(rng.normal(1.3e6, 2e5, n))
    for i in range(1, 6):
        firms[f"mp{i:02d}"] = rng.choice(["yes", "no"], n)
    firms.loc[rng.random(n) < 0.15, "sales_idr"] = np.nan
    firms.loc[rng.random(n) < 0.2, "mp03"] = None
    firms.loc[rng.random(n) < 0.05, "emp_total"] = 0
    firms = firms.astype({"zone": "str", **{f"mp{i:02d}": "str" for i in range(1, 6)}})
    workers = pd.DataFrame({c: np.repeat(firms[c].to_numpy(), 10) for c in ("enterprise_id", "wave")})
    m = len(workers)
    workers["sex"] = rng.choice(["m", "f"], m)
    workers["wage"] = np.round(rng.lognormal(14.2, 0.3, m))
    workers["hours_week"] = rng.integers(35, 60, m)
    workers["overtime"] = rng.integers(0, 25, m)
    mood = rng.normal(size=m)
    for i in range(1, 5):
        workers[f"sat{i}"] = np.clip(np.round(3 + mood + rng.normal(size=m)), 1, 5)
    workers["sat4"] = 6 - workers["sat4"]
    workers.loc[rng.random(m) < 0.1, "sat2"] = np.nan
    workers.loc[rng.random(m) < 0.05, "wage"] = np.nan
    trained = ids[: n_firms // 3]
    training = pd.DataFrame(
        [
            {"enterprise_id": firm, "module": f"M{k + 1}", "classroom_end": pd.Timestamp(day), "visits": v}
            for i, firm in enumerate(trained)
            for k, (day, v) in enumerate([("2011-03-01", 2), ("2011-07-15", 3), ("2012-01-10", 1)])
            if k <= i % 3
        ]
    )
    entry = pd.Series(pd.NaT, index=range(n_firms), dtype="datetime64[us]")
    entry.iloc[: n_firms // 3] = pd.Timestamp("2011-03-01")
    assignment = pd.DataFrame({"enterprise_id": ids, "entry_date": entry})
    tables = {"enterprise": firms, "workers": workers, "training": training, "assignment": assignment}
    return {name: with_source(frame, f"{name}.csv") for name, frame in tables.items()}
