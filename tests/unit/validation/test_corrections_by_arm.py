"""Corrections and drops are counted by arm and round, and told where one arm has more of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from impacteval.codebook import Codebook
from impacteval.delivery import Roles
from impacteval.survey.corrections import CORRECTION_COLUMNS, parse_corrections
from impacteval.tables import FINDING_COLUMNS
from impacteval.validation.checked import Log, check_survey
from impacteval.validation.corrections_by_arm import (
    CORRECTION_BALANCE_COLUMNS,
    balance_findings,
    corrections_by_arm,
)
from impacteval.validation.rules import Rules
from support.surveys import make_survey
from support.tables import text_table, variable

N = 60
ROLES = Roles(unit="firm", period="round", arm="arm")


def columns_of(n=N, arms=("control", "training"), **changes):
    cells = {
        "firm": [f"F{i:02d}" for i in range(n)],
        "round": ["1"] * n,
        "arm": [arms[i % len(arms)] for i in range(n)],
        "sales": ["10"] * n,
    }
    return {**cells, **changes}


VARIABLES = (variable("firm"), variable("round", "integer"), variable("arm"), variable("sales", "decimal"))


def survey_of(columns=None, roles=ROLES):
    return make_survey({"firms": columns or columns_of()}, VARIABLES, {"firms": roles})[0]


def lines(*actions):
    """Corrections, each an action and the position of its row."""
    rows = []
    for number, (action, at) in enumerate(actions, start=1):
        cells = {"old_value": "10", "new_value": "11"} if action == "replace" else {}
        cells |= {"check_id": "sales-plausible"} if action == "okay" else {}
        column = "" if action == "drop" else "sales"
        row = {
            "correction_id": str(number), "table": "firms", "source_file": "firms.csv",
            "source_row": str(at + 2), "action": action, "column": column, "reason": "asked",
            "source": "call-back", "confirmed_by": "AB", "decided_by": "CD", "decided_on": "2024-01-01",
            "blind": "yes", **cells,
        }  # fmt: skip
        rows.append({name: row.get(name, "") for name in CORRECTION_COLUMNS})
    return parse_corrections(dict(enumerate(rows, start=2)))


def of_arm(arm, n):
    """Positions of the first rows of an arm: control 0, training 1."""
    return [arm + 2 * i for i in range(n)]


def test_rows_are_counted_once_however_often_they_were_corrected():
    log = lines(("replace", 0), ("drop", 0), ("replace", 1), ("okay", 3))
    table = corrections_by_arm(survey_of(), log).set_index(["period", "arm"])
    counts = ["n_rows", "n_corrected", "n_dropped", "n_changed"]
    assert table.loc[("", "control"), counts].tolist() == [30, 1, 1, 1]
    assert table.loc[("", "training"), counts].tolist() == [30, 1, 0, 1]
    assert table.loc[("1", "control"), counts].tolist() == [30, 1, 1, 1]


def test_equal_shares_are_tested_as_two_shares():
    log = lines(*[("replace", i) for i in of_arm(1, 20)], *[("replace", i) for i in of_arm(0, 8)])
    table = corrections_by_arm(survey_of(), log)
    expected = stats.chi2_contingency([[20, 10], [8, 22]], correction=False).pvalue
    assert_allclose(table["p_value"], expected, rtol=1e-9)


def test_several_rounds_of_an_enterprise_are_not_independent():
    twice = columns_of(
        firm=[f"F{i // 4:02d}" for i in range(N)],
        round=[str(1 + i % 2) for i in range(N)],
        arm=[("control", "training")[i // 4 % 2] for i in range(N)],
    )
    at = [i for i in range(N) if i // 4 % 2 and i < 40]
    table = corrections_by_arm(survey_of(twice), lines(*[("replace", i) for i in at]))
    assert sorted(set(table["period"])) == ["", "1", "2"]
    alone = corrections_by_arm(survey_of({**twice, "firm": [""] * N}), lines(*[("replace", i) for i in at]))
    assert table["p_value"].iloc[0] > alone["p_value"].iloc[0]


def test_more_than_two_arms_are_compared_in_pairs_after_holm():
    columns = columns_of(arms=("a", "b", "c"))
    log = lines(*[("replace", 3 * i + 2) for i in range(12)])
    p = corrections_by_arm(survey_of(columns), log)["p_value"].iloc[0]
    pair = stats.chi2_contingency([[0, 20], [12, 8]], correction=False).pvalue
    assert p == pytest.approx(3 * pair, rel=1e-9)


@pytest.mark.parametrize("arms", [("",), ("only",)])
def test_with_fewer_than_two_arms_nothing_is_tested(arms):
    table = corrections_by_arm(survey_of(columns_of(arms=arms)), lines(("replace", 0)))
    assert table["p_value"].isna().all()
    assert balance_findings(table, survey_of(columns_of(arms=arms))).empty


def test_no_rows_and_no_corrections_are_no_finding():
    for columns in (columns_of(0), columns_of()):
        table = corrections_by_arm(survey_of(columns), ())
        assert tuple(table.columns) == tuple(CORRECTION_BALANCE_COLUMNS)
        assert balance_findings(table, survey_of(columns)).empty


def findings_for(treated, control):
    log = lines(*[("replace", i) for i in (*of_arm(1, treated), *of_arm(0, control))])
    survey = survey_of()
    return balance_findings(corrections_by_arm(survey, log), survey)


def test_one_arm_corrected_more_often_is_one_warning_on_the_table():
    found = findings_for(18, 4)
    assert found[["check_id", "severity", "table", "source_file", "source_row"]].to_numpy().tolist() == [
        ["corrections-by-arm", "warning", "firms", "firms.csv", 0]
    ]
    said = found.loc[0, "value_shown"]
    assert said.startswith("13.3% of 30 rows in control; 60.0% of 30 rows in training (equal shares: p = ")
    assert found[["unit_id", "submission", "column"]].to_numpy().tolist() == [["", "", ""]]


@pytest.mark.parametrize(("treated", "control"), [(19, 0), (12, 10)])
def test_few_corrections_and_equal_shares_are_not_found(treated, control):
    assert findings_for(treated, control).empty


def test_nineteen_rows_are_too_few_and_twenty_are_enough():
    assert findings_for(19, 0).empty
    assert len(findings_for(20, 0)) == 1


def test_order_of_rows_and_lines_changes_nothing():
    order = np.random.default_rng(2).permutation(N)
    log = lines(*[("replace", i) for i in of_arm(1, 20)])
    mixed = survey_of()
    table = mixed.tables["firms"]
    moved = replace(
        table,
        frame=table.frame.iloc[order].reset_index(drop=True),
        text=table.text.iloc[order].reset_index(drop=True),
    )
    again = corrections_by_arm(replace(mixed, tables={"firms": moved}), log[::-1])
    assert again.equals(corrections_by_arm(mixed, log))


@pytest.mark.usefixtures("great_expectations")
def test_a_survey_tells_of_its_own_log_and_lists_the_shares():
    rules = Rules(codebook=Codebook(variables=VARIABLES), roles={"firms": ROLES}, checks=())
    text = {"firms": text_table(columns_of(), file="firms.csv")}
    actions = [*[("drop", i) for i in of_arm(1, 10)], *[("replace", i) for i in of_arm(1, 22)[10:]]]
    checked = check_survey(text, rules, Log(corrections=lines(*actions)))
    assert tuple(checked.findings.columns) == tuple(FINDING_COLUMNS)
    assert checked.findings[["check_id", "status", "code"]].to_numpy().tolist() == [
        ["corrections-by-arm", "open", ""]
    ]
    table = checked.tables["corrections_by_arm"].set_index(["period", "arm"])
    assert table.loc[("", "training"), ["n_corrected", "n_dropped"]].tolist() == [12, 10]
    assert table.loc[("", "training"), "n_rows"] == 30
