"""Sentences are true of their numbers."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from impacteval.reporting.content import Facts
from impacteval.reporting.data_sections import power_parts
from impacteval.reporting.document import _limitations
from impacteval.reporting.result_sections import sensitivity_parts
from impacteval.reporting.sentences import (
    NO_EVENT_STUDY,
    headline_sentences,
    specification_sentence,
)
from support.reports import Rows, make_facts
from support.study import StudyFiles, make_study

OUTCOME = "log_productivity"
KEY = {"outcome": OUTCOME, "arm": "workshop"}
HEADLINE = {
    **KEY,
    "estimate_id": f"{OUTCOME}.two_by_two.simple.arm=workshop.cr1_groups",
    "role": "primary",
    "vcov": "cr1_groups(firm)",
    "estimate": 0.1,
    "std_error": 0.04,
    "conf_low": 0.02,
    "conf_high": 0.18,
    "p_value": 0.02,
}
SPECIFICATION = {**KEY, "design": "two_by_two", "sample": "all", "estimate": 0.1}
PRETREND = {**KEY, "design": "event_study", "measure": "joint_pretrend"}
EVENT_STUDY = """designs:
  - name: event_study
    estimator: event_study_twfe
    label: Event study
    vcov: [cr1_nested]
"""


def with_event_study() -> StudyFiles:
    return make_study().edit_config("plan.yaml", "designs:\n", EVENT_STUDY)


def limitations(facts: Facts) -> tuple[str, ...]:
    found = _limitations(facts)[0]
    assert isinstance(found, tuple)
    return found


def test_a_plan_without_event_study_says_so(tmp_path: Path) -> None:
    """Bug: the question about trends before treatment was followed by nothing. It has an answer."""
    facts = make_facts(tmp_path, make_study(), {})
    assert NO_EVENT_STUDY in sensitivity_parts(facts)
    assert NO_EVENT_STUDY in limitations(facts)


@pytest.mark.parametrize(("df", "said"), [(3, False), (float("nan"), True)])
def test_an_uncomputed_test_is_no_lack_of_periods(tmp_path: Path, df: float, said: bool) -> None:
    """Bug: a test without full rank was reported as a study with one period before treatment."""
    rows = [{**PRETREND, "df": df, "note": "why"}]
    facts = make_facts(tmp_path, with_event_study(), {"sensitivity": rows})
    assert any("no more than one period" in text for text in limitations(facts)) is said


CASES: dict[str, tuple[Mapping[str, Rows], str]] = {
    "failed": (
        {"specifications": [{**SPECIFICATION, "arm": "", "estimate": None, "note": "no unit twice"}]},
        "no estimate: no unit twice.",
    ),
    "no effect of the arm": ({}, "no estimate: the headline design gives none for this arm."),
    "no value": (
        {"estimates": [{**HEADLINE, "estimate": None, "std_error": None, "note": "no cell"}]},
        "no estimate: no cell.",
    ),
}


@pytest.mark.parametrize(("tables", "said"), CASES.values(), ids=CASES.keys())
def test_an_arm_without_headline_is_said(tmp_path: Path, tables: Mapping[str, Rows], said: str) -> None:
    """Bug: an arm without a headline estimate vanished from the report. It is said with its reason."""
    facts = make_facts(tmp_path, make_study(), tables)
    assert headline_sentences(facts, [OUTCOME]) == (f"Output a worker (log), Workshop: {said}",)


@pytest.mark.parametrize(
    ("headline", "other", "said"),
    [
        (0.1, 0.2, "all have the sign of the headline."),
        (0.1, -0.2, "1 have the other sign."),
        (0.1, 0.0, "0 have the other sign and 1 are zero."),
        (0.0, 0.2, "the headline has no sign to compare with."),
    ],
)
def test_zero_has_no_sign(tmp_path: Path, headline: float, other: float, said: str) -> None:
    """Bug: estimates of zero counted as having the sign of the headline. Zero has none."""
    rows = [
        {**SPECIFICATION, "estimate": headline},
        {**SPECIFICATION, "design": "two_way", "estimate": other},
    ]
    facts = make_facts(tmp_path, make_study(), {"specifications": rows})
    row = pd.Series({**HEADLINE, "estimate": headline})
    assert specification_sentence(facts, row).endswith(said)


@pytest.mark.parametrize(
    ("unit", "said"),
    [("share", True), ("share of days", True), ("shares sold", False), ("shared looms", False)],
)
def test_percentage_points_are_of_shares_only(tmp_path: Path, unit: str, said: bool) -> None:
    """Bug: every unit that began with "share" was printed in percentage points."""
    files = make_study()
    files = files.edit(files.config("outcomes.csv"), "log points", unit)
    facts = make_facts(tmp_path, files, {"estimates": [HEADLINE]})
    assert ("percentage points" in headline_sentences(facts, [OUTCOME])[0]) is said


@pytest.mark.parametrize(("cluster", "said"), [("firm", False), ("estate", True)])
def test_power_says_that_it_ignores_clusters(tmp_path: Path, cluster: str, said: bool) -> None:
    """Bug: power took enterprises as independent and did not say so where the plan clusters above."""
    files = make_study()
    if cluster == "estate":
        files = files.edit_config("plan.yaml", "balance:", "cluster: estate\nbalance:")
    facts = make_facts(tmp_path, files, {})
    text, table = power_parts(facts)
    assert ("as independent" in str(text)) is said
    assert "fewer than ten comparison enterprises" in str(table)


def test_single_enterprises_print_why_they_are_not_defined(tmp_path: Path) -> None:
    """Bug: an undefined removal count was printed as "no set found". It says that it is not defined."""
    note = "not defined: the estimate is zero and has no sign"
    rows = [
        {**KEY, "measure": "leave_one_out", "value": 0.0, "note": "not defined: no other"},
        {**KEY, "measure": "fewest_to_flip_sign", "note": note},
    ]
    facts = make_facts(
        tmp_path,
        make_study(),
        {"sensitivity": rows, "estimates": [HEADLINE], "specifications": [SPECIFICATION]},
    )
    table = next(p for p in sensitivity_parts(facts) if getattr(p, "name", "") == "influence")
    assert [cell.text for cell in table.rows[0][3:]] == ["not defined: no other", note]  # type: ignore[union-attr]


def test_bounds_that_do_not_exist_are_said_in_the_note(tmp_path: Path) -> None:
    """Bug: an outcome without a value before treatment vanished from the table of bounds."""
    row = {
        "outcome": KEY["outcome"],
        "arm": KEY["arm"],
        "period": 2,
        "note": "no value before treatment: no change to bound",
    }
    tables = {"bounds": [row], "estimates": [HEADLINE], "specifications": [SPECIFICATION]}
    facts = make_facts(tmp_path, make_study(), tables)
    table = next(p for p in sensitivity_parts(facts) if getattr(p, "name", "") == "bounds")
    assert "no value before treatment: no change to bound." in str(table)
