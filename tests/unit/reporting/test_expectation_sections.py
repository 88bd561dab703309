"""Power from before the data, and what a comparison of before and after would have claimed."""

from __future__ import annotations

from pathlib import Path

import pytest

from impacteval.reporting.content import Table
from impacteval.reporting.expectation_sections import before_after_parts, prior_power_parts
from support.long_study import PRIMARY, headline, long_facts
from support.reports import make_facts
from support.study import make_study


def prior(method: str, dose: str, power: float, **changes: object) -> dict[str, object]:
    return {
        "outcome": PRIMARY,
        "arm": "workshop",
        "method": method,
        "dose": dose,
        "dose_share": 1.0 if dose == "full" else 0.62,
        "effect": 0.1 if dose == "full" else 0.062,
        "n_treated": 40,
        "n_comparison": 70,
        "std_error": 0.05,
        "mde": 0.14,
        "power": power,
        "exaggeration": 3.56,
        "wrong_sign": 0.012,
        "source": "earlier studies",
        **changes,
    }


PRIORS = [
    prior(m, d, p)
    for m, d, p in (
        ("did", "full", 0.5),
        ("did", "received", 0.23),
        ("ancova", "full", 0.6),
        ("ancova", "received", 0.26),
    )
]


def changed(name: str = PRIMARY, **changes: object) -> dict[str, object]:
    return {
        "outcome": name,
        "arm": "workshop",
        "period_before": 1,
        "period_after": 3,
        "n_units": 11,
        "change": 0.5,
        "std_error": 0.1,
        "conf_low": 0.3,
        "conf_high": 0.7,
        "change_comparison": 0.4,
        "n_comparison": 10,
        **changes,
    }


def test_a_study_that_expected_nothing_says_so(tmp_path: Path) -> None:
    facts = make_facts(tmp_path, make_study(), {})
    assert "priors.csv" in str(prior_power_parts(facts)[0])
    assert "missing" in str(before_after_parts(facts)[0])


def test_chances_are_said_at_full_dose_and_at_the_dose_received(tmp_path: Path) -> None:
    _, said, table = prior_power_parts(long_facts(tmp_path, {"prior_power": PRIORS}))
    assert said == (
        "Output a worker (log), Workshop: an effect of 0.10 log points at full dose is found with a probability "
        "of 50% to 60%; of 0.062 log points at the dose received (62% of it) with 23% to 26%. More likely than "
        "not the study would not see it; an estimate that reaches significance would be on average 3.6 times "
        "the effect.",
    )
    assert isinstance(table, Table)
    assert [[c.text for c in row[2:]] for row in table.rows] == [
        ["full (100%)", "0.10", "0.140", "0.140", "50%", "60%", "3.6", "1.2%", "40 / 70"],
        ["as received (62%)", "0.062", "0.140", "0.140", "23%", "26%", "3.6", "1.2%", "40 / 70"],
    ]
    assert "earlier studies" in table.note


def test_likely_effects_carry_no_warning(tmp_path: Path) -> None:
    rows = [prior("did", "full", 0.9)]
    said = prior_power_parts(long_facts(tmp_path, {"prior_power": rows}))[1]
    assert "would not see it" not in str(said) and "of 90%." in str(said)


def test_undefined_power_is_a_dash(tmp_path: Path) -> None:
    rows = [prior("did", "full", float("nan"), std_error=None, mde=None, exaggeration=None)]
    table = prior_power_parts(long_facts(tmp_path, {"prior_power": rows}))[2]
    assert isinstance(table, Table)
    assert [c.text for c in table.rows[0][4:7]] == ["\N{EN DASH}"] * 3


def test_before_and_after_is_a_warning_beside_the_estimate(tmp_path: Path) -> None:
    facts = long_facts(tmp_path, {"before_after": [changed(), changed("days_0")]})
    warning, said, table, others = before_after_parts(facts)
    assert "warning, and no result" in str(warning)
    assert said == (
        "Output a worker (log), Workshop: from 1 to 3 it changed by 0.500 log points (64.9%) in 11 treated "
        "enterprises, which a comparison of before and after would have claimed for the programme. In 10 "
        "comparison enterprises it changed by 0.400 log points (49.2%). Against comparison enterprises the "
        "estimate is 2.000 log points (638.9%).",
    )
    assert isinstance(table, Table) and isinstance(others, Table)
    assert table.caption.endswith("(1 to 3)") and "Periods" not in table.header
    assert [c.text for c in table.rows[0]][2:] == [
        "0.500 (11)",
        "0.300 to 0.700",
        "0.400 (10)",
        "2.00",
        "0.10 to 3.90",
    ]
    assert others.is_folded and not table.is_folded


@pytest.mark.parametrize(
    ("estimates", "change", "said"),
    [
        ([], {}, "no estimate of its effect"),
        ([headline(PRIMARY, estimate=None)], {}, "no estimate of its effect"),
        ([headline(PRIMARY, scale="log rate ratio")], {}, "on another scale (log rate ratio)"),
        (
            [headline(PRIMARY)],
            {"change_comparison": None, "n_comparison": 0},
            "No comparison enterprise has both",
        ),
    ],
)
def test_what_cannot_be_set_beside_it_is_said(
    tmp_path: Path, estimates: list[dict[str, object]], change: dict[str, object], said: str
) -> None:
    facts = long_facts(tmp_path, {"estimates": estimates, "before_after": [changed(**change)]})
    assert said in str(before_after_parts(facts)[1])


def test_periods_stand_in_a_column_where_outcomes_differ_in_them(tmp_path: Path) -> None:
    rows = [changed("days_0"), changed("days_2", period_after=2)]
    table = before_after_parts(long_facts(tmp_path, {"before_after": rows}))[-1]
    assert isinstance(table, Table)
    assert [row[1].text for row in table.rows] == ["1 to 3", "1 to 2"]
