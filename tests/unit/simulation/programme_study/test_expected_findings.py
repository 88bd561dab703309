from __future__ import annotations

import pandas as pd
import pytest

from impacteval.simulation.programme_study.expected_findings import (
    EXPECTED,
    scorable,
    scorable_findings,
)
from impacteval.simulation.scoring import score
from support.programme_study import central_study, wide

SAYS = {"month_vs_year": "larger by 12", "money_unit_1e3_1e6": "smaller by 1,000", "kwh_mwh": "by 1,000"}


@pytest.fixture(scope="module")
def ledger():
    """Lines of the central study's ledger."""
    return central_study().planted.ledger


@pytest.fixture(scope="module")
def enumerators():
    """Enumerator of each interview."""
    keys = [wide(central_study().planted.delivery, name)["enumerator"] for name in ("enterprise", "workers")]
    return pd.concat(keys).to_dict()


def findings_on(ledger, enumerators):
    """One finding on each line of the ledger that a check should find."""
    lines = ledger[ledger["error"].isin(EXPECTED)]
    return pd.DataFrame(
        {
            "code": [EXPECTED[e].codes[0] for e in lines["error"]],
            "column": lines["column"],
            "submission": lines["submission"],
            "unit_id": "",
            "value_shown": lines["submission"].map(enumerators),
            "message": lines["error"].map(SAYS).fillna("wrong"),
            "suggestion": "",
            "severity": "warning",
        }
    )


def test_a_finding_on_every_error_is_scored_as_complete_and_right(ledger, enumerators):
    findings = findings_on(ledger, enumerators)
    found = score(
        scorable_findings(findings, ledger), scorable(ledger, enumerators), expected=EXPECTED
    ).set_index("error")
    assert (found["n_planted"] > 0).all()
    assert (found["recall"] == 1).all() and (found["precision"] == 1).all()
    assert found.loc["heaping", "n_planted"] == 2


def test_a_finding_elsewhere_lowers_the_precision(ledger, enumerators):
    findings = findings_on(ledger, enumerators)
    free = sorted(set(enumerators) - set(ledger["submission"]) - set(ledger["clean"]))[0]
    wrong = pd.concat([findings, findings[findings["code"] == "C29"].head(1).assign(submission=free)])
    found = score(scorable_findings(wrong, ledger), scorable(ledger, enumerators), expected=EXPECTED)
    line = found.set_index("error").loc["straightline_workers"]
    assert line["recall"] == 1 and line["precision"] < 1


def test_a_repeated_interview_and_the_first_are_one_place(ledger, enumerators):
    repeated = ledger[ledger["error"] == "dup"].head(1)
    on_first = findings_on(repeated, enumerators).assign(submission=repeated["clean"].to_numpy())
    found = score(
        scorable_findings(on_first, ledger), scorable(repeated, enumerators), expected=EXPECTED
    ).set_index("error")
    assert found.loc["dup", "recall"] == 1
