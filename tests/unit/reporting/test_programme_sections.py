"""What was delivered and what it cost: levels against targets, never called effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from impacteval.programme.types import Account, CostLedger, FrameworkRow, Programme, Reached
from impacteval.reporting.content import Facts, Table
from impacteval.reporting.programme_sections import ALL, cost_parts, delivered_parts
from support.reports import Rows, make_facts
from support.study import make_study

FRAMEWORK = FrameworkRow(
    indicator="trained",
    label="People trained",
    label_id="Orang terlatih",
    level="output",
    unit="people",
    table="firms",
    measure="count",
    column="manager",
    where=(),
    counted=(),
    by=("arm",),
    date="day",
    baseline=0.0,
    target=50.0,
    target_on="2012-09-30",
    source="plan",
    note="",
)
LEVEL = replace(
    FRAMEWORK,
    indicator="lost",
    label="Days lost",
    level="impact",
    table="panel",
    column="lost_days",
    measure="mean",
)
ACCOUNT = Account(
    framework=(LEVEL, FRAMEWORK),
    programme=(
        Programme(
            costs=CostLedger(
                table="firms",
                booked_on="day",
                component="estate",
                payer="arm",
                amount="output",
                currency="manager",
                currency_shown="USD",
                rate="fx",
                fees=("fee",),
            ),
            trained=Reached(table="firms", person="manager", unit="firm"),
        ),
    ),
)


def seen(indicator: str, period: str, actual: float | None, **changes: object) -> dict[str, object]:
    row = LEVEL if indicator == "lost" else FRAMEWORK
    return {
        "indicator": indicator,
        "level": row.level,
        "unit": row.unit,
        "reporting": "round" if indicator == "lost" else "quarter",
        "period": period,
        "group": ALL,
        "baseline": 0.0,
        "target": 50.0,
        "target_on": "2012-09-30",
        "actual": actual,
        "share_of_target": None if actual is None else actual / 50,
        "n_rows": 7,
        "source": "plan",
        **changes,
    }


MONITORING = [
    seen("lost", "1", 8.25),
    seen("lost", "2", 7.5),
    seen("lost", "3", None),
    seen("trained", "2011Q4", 20.0),
    seen("trained", "2012Q1", 30.0),
    seen("trained", "2012Q1", 18.0, group="arm=1", target=None, share_of_target=None),
]


def cost(component: str, payer: str, amount: float, year: int | None = None) -> dict[str, object]:
    return {
        "component": component,
        "payer": payer,
        "year": year,
        "currency": "USD",
        "amount": amount,
        "share": amount / 1000,
        "n_entries": 2,
    }


COSTS = [
    cost("site_visits", "donor", 600.0, 2011),
    cost("staff", "fee", 400.0, 2012),
    cost("site_visits", "donor", 600.0),
    cost("staff", "fee", 400.0),
    cost("all", "donor", 600.0, 2011),
    cost("all", "fee", 400.0, 2012),
    cost("all", "donor", 600.0),
    cost("all", "fee", 400.0),
    cost("all", "all", 1000.0),
]


def facts_with(root: Path, tables: Mapping[str, Rows]) -> Facts:
    return replace(make_facts(root, make_study(), tables), account=ACCOUNT)


def tables_of(parts: tuple[object, ...]) -> dict[str, Table]:
    return {p.name: p for p in parts if isinstance(p, Table)}


def test_a_study_without_framework_or_ledger_says_why_there_is_nothing(tmp_path: Path) -> None:
    facts = make_facts(tmp_path, make_study(), {})
    (delivered,), (cost_,) = delivered_parts(facts), cost_parts(facts)
    assert "results_framework.csv" in str(delivered) and "programme.yaml" in str(cost_)


def test_each_indicator_shows_its_last_value_against_its_target_outputs_first(tmp_path: Path) -> None:
    parts = delivered_parts(facts_with(tmp_path, {"monitoring": MONITORING}))
    rows = tables_of(parts)["monitoring"].rows
    assert [[c.text for c in row] for row in rows] == [
        ["People trained", "Output", "people", "0", "30", "2012Q1", "50", "2012-09-30", "60.0%", "7"],
        ["Days lost", "Impact", "people", "0", "7.50", "2", "50", "2012-09-30", "\N{EN DASH}", "7"],
    ]


def test_levels_are_said_to_be_no_effects(tmp_path: Path) -> None:
    parts = delivered_parts(facts_with(tmp_path, {"monitoring": MONITORING}))
    said = next(p for p in parts if isinstance(p, str))
    assert "observed levels" in said and "no effect can be read" in said
    assert "impact" not in said


def test_all_periods_and_groups_stand_in_folded_tables(tmp_path: Path) -> None:
    found = tables_of(delivered_parts(facts_with(tmp_path, {"monitoring": MONITORING})))
    quarters, rounds = found["monitoring-quarter"], found["monitoring-round"]
    assert quarters.is_folded and rounds.is_folded
    assert quarters.header[2:] == ("2011Q4", "2012Q1")
    assert [[c.text for c in row] for row in quarters.rows] == [
        ["People trained", "all", "20", "30"],
        ["People trained", "Arm: 1", "\N{EN DASH}", "18"],
    ]
    assert [c.text for c in rounds.rows[0]][2:] == ["8.25 (7)", "7.50 (7)", "\N{EN DASH}"]


def test_who_was_reached_is_counted_by_when_it_began(tmp_path: Path) -> None:
    exposure = [{"arm": "workshop", "first_treat": p, "n_units": n} for p, n in ((2, 5), (3, 7))]
    said = delivered_parts(facts_with(tmp_path, {"exposure": exposure}))[0]
    assert said == "Workshop: 12 enterprises of the study were treated, 5 first in 2, 7 first in 3."


def test_costs_are_shown_by_component_payer_and_year_with_totals_last(tmp_path: Path) -> None:
    parts = cost_parts(facts_with(tmp_path, {"costs": COSTS}))
    assert parts[0] == (
        "The programme cost USD 1,000, in 2 entries. Paid by: Donor 600 (60.0%); Fee 400 (40.0%)."
    )
    rows = [[c.text for c in row] for row in tables_of(parts)["costs"].rows]
    dash = "\N{EN DASH}"
    assert rows == [
        ["Site visits", "Donor", "600", dash, "600", "60.0%"],
        ["Staff", "Fee", dash, "400", "400", "40.0%"],
        ["All costs", "Donor", "600", dash, "600", "60.0%"],
        ["All costs", "Fee", dash, "400", "400", "40.0%"],
        ["All costs", "All", dash, dash, "1,000", "100.0%"],
    ]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"measure": "per_enterprise", "value": 1234.5}, ["For each enterprise served", "USD", "1,234"]),
        ({"measure": "cost_recovery", "currency": "share", "value": 0.063}, [None, "share", "6.3%"]),
        (
            {
                "measure": "per_unit_of_effect",
                "outcome": "lost_days",
                "value": 15.25,
                "low": 10.0,
                "high": 31.0,
            },
            ["For an effect of one unit (days a round): Days lost", "USD", "15.2", "10 to 31"],
        ),
        (
            {"measure": "per_unit_of_effect", "outcome": "lost_days", "note": "includes zero"},
            [None, "USD", "\N{EN DASH}", "\N{EN DASH}"],
        ),
    ],
)
def test_what_a_unit_cost(tmp_path: Path, row: dict[str, object], shown: list[str | None]) -> None:
    rows = [{"currency": "USD", **row}]
    found = tables_of(cost_parts(facts_with(tmp_path, {"costs": COSTS, "unit_costs": rows})))
    cells = [c.text for c in found["unit-costs"].rows[0]]
    assert [c for c, s in zip(cells, shown, strict=False) if s is not None] == [
        s for s in shown if s is not None
    ]
    assert cells[-1] == row.get("note", "")
