"""Tables that set estimates beside others, from hand-made rows."""

from __future__ import annotations

import pytest

from impacteval.reporting.comparison_tables import CAUTION, cells_table, crosscheck_table, subgroups_table
from impacteval.reporting.numbers import relative_gap
from support.reports import make_facts
from support.study import make_study

OUTCOME = "log_productivity"
SUBGROUPS = """\
subgroups:
  - name: size
    label: Size
    column: workers
    groups:
      - {name: small, label: Small firms, value: 10}
      - {name: large, label: Large firms, value: 20}
balance: [workers]
"""
EFFECT = {
    "outcome": OUTCOME,
    "arm": "workshop",
    "estimand": "simple",
    "estimate": 0.123456,
    "std_error": 0.05,
    "conf_low": 0.02,
    "conf_high": 0.22,
    "p_value": 0.02,
    "n_treated": 9,
    "n_comparison": 11,
}


@pytest.fixture
def facts(tmp_path):
    def build(tables):
        files = make_study().edit_config("plan.yaml", "balance: [workers]\n", SUBGROUPS)
        return make_facts(tmp_path, files, tables)

    return build


def effect_row(subgroup, vcov="cr1_groups"):
    slug = subgroup.replace(" ", "_")
    return {
        **EFFECT,
        "subgroup": subgroup,
        "vcov": vcov,
        "estimate_id": f"{OUTCOME}.two_by_two.simple.arm=workshop.subgroup={slug}.{vcov}",
    }


def text_of(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_subgroups_are_shown_by_their_labels_once(facts):
    names = ("size=small", "size=large", "size=large - size=small")
    rows = [effect_row(name, vcov) for name in names for vcov in ("cr1_groups", "cr0")]
    (table,) = subgroups_table(facts({"estimates": [*rows, effect_row("")]}), OUTCOME)
    shown = text_of(table)
    assert [row[0] for row in shown] == ["Small firms", "Large firms", "Large firms minus Small firms"]
    assert shown[0][3:6] == ["0.1235", "0.0500", "0.0200 to 0.2200"]
    assert all(row[3].source == r["estimate_id"] for row, r in zip(table.rows, rows[::2], strict=True))


def test_intervals_of_subgroups_name_their_level(facts):
    (table,) = subgroups_table(facts({"estimates": [effect_row("size=small")]}), OUTCOME)
    assert "95% interval" in table.header


def test_a_group_with_few_treated_is_marked_and_so_is_its_difference(facts):
    names = ("size=small", "size=large", "size=large - size=small")
    n_treated = dict(zip(names, (9, 10, 19), strict=True))
    rows = [{**effect_row(name), "n_treated": n_treated[name], "note": "why"} for name in names]
    (table,) = subgroups_table(facts({"estimates": rows}), OUTCOME)
    assert [row[-1] for row in text_of(table)] == [f"why; {CAUTION}", "why", f"why; {CAUTION}"]


def test_subgroups_have_the_first_errors_of_their_design(facts):
    """Bug: the first by name, cr0, stood in this table and the plan's first, cr1_groups, in the headline."""
    rows = [{**effect_row("size=small", v), "std_error": e} for v, e in (("cr0", 0.04), ("cr1_groups", 0.05))]
    (table,) = subgroups_table(facts({"estimates": rows}), OUTCOME)
    assert [row[4].text for row in table.rows] == ["0.0500"]


def test_a_group_is_cautioned_of_an_interval_that_it_has(facts):
    """Bug: a row without an error was told that its interval covers too little, of `size=small`."""
    note = "subgroup 'size=small': 1 of 3 averaged effects rest on one unit: the error is not known"
    row = {**effect_row("size=large - size=small"), "n_treated": 3, "std_error": None, "note": note}
    (table,) = subgroups_table(
        facts({"estimates": [{**effect_row("size=small"), "n_treated": 3}, row]}), OUTCOME
    )
    assert table.rows[1][8].text == note.replace("subgroup 'size=small'", "Small firms")
    assert "intervals cover too little" in table.rows[0][8].text


def test_without_subgroups_there_is_no_table(facts):
    assert subgroups_table(facts({"estimates": [effect_row("")]}), OUTCOME) == ()


def test_cells_show_who_is_used_dropped_and_trimmed(facts):
    cell = {
        "effect_id": "x",
        "outcome": OUTCOME,
        "design": "two_by_two",
        "arm": "workshop",
        "cohort": 2,
        "period": 3,
        "base_period": 1,
        "n_treated": 9,
        "n_comparison": 11,
        "n_treated_dropped": 2,
        "n_comparison_dropped": 1,
        "n_trimmed": 3,
        "score_treated_low": 0.2,
        "score_treated_high": 0.8,
        "note": "9 treated units: <b>",
    }
    (table,) = cells_table(facts({"cells": [cell]}), OUTCOME)
    row = text_of(table)[0]
    assert row[2:8] == ["2", "3", "1", "9 / 11", "2 / 1", "3"]
    assert row[8:] == ["0.200 to 0.800", "\N{EN DASH}", "9 treated units: <b>"]
    assert table.header[2] == "First treated in"
    assert table.header[7] == "Left out for propensity score"
    (grouped,) = cells_table(facts({"cells": [{**cell, "subgroup": "size=large"}]}), OUTCOME)
    assert text_of(grouped)[0][1] == "Workshop, Large firms"
    assert cells_table(facts({}), OUTCOME) == ()


def test_crosscheck_names_designs_and_the_engine(facts):
    common = {"outcome": OUTCOME, "design": "two_by_two", "n_effects": 1}
    rows = [
        {
            **common,
            "arm": "workshop",
            "kind": "estimator",
            "effects": "average",
            "against": "two_way",
            "difference": 0.01,
            "std_error_difference": 0.02,
            "p_value": 0.617,
        },
        {**common, "kind": "engine", "against": "other software", "largest_relative_difference": 3e-14},
    ]
    shown = text_of(crosscheck_table(facts({"crosscheck": rows})))
    assert shown[0][1:4] == ["Workshop", "Two-by-two differences", "Two-way fixed effects"]
    assert shown[0][6:10] == ["0.0100", "0.0200", "0.617", "\N{EN DASH}"]
    assert shown[1][1] == "all" and shown[1][3] == "other software"
    assert shown[1][9] == "below 1e\N{MINUS SIGN}8"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "below 1e\N{MINUS SIGN}8"), (2e-8, "0.0%"), (0.5, "50.0%"), (float("nan"), "\N{EN DASH}")],
)
def test_a_gap_of_rounding_has_no_digits(value, text):
    assert relative_gap(value) == text
