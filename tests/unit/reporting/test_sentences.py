"""Sentences are true of their numbers."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from impacteval.reporting.content import Facts
from impacteval.reporting.data_sections import power_parts, quality_parts
from impacteval.reporting.document import _limitations
from impacteval.reporting.result_sections import findings_parts, results_parts, sensitivity_parts
from impacteval.reporting.sentences import (
    NO_EVENT_STUDY,
    has_event_study,
    headline_sentences,
    pretrend_tests,
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
        (0.1, -0.2, "1 has the other sign."),
        (0.1, 0.0, "0 have the other sign and 1 is zero."),
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
    text, table, *_ = power_parts(facts)
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


ALSO = """designs:
  - name: group_time
    estimator: callaway_santanna
    label: Group-time effects
    vcov: [cr1_groups]
  - name: event_study
    estimator: event_study_twfe
    label: Event study
    vcov: [cr1_nested]
  - name: two_stage
    estimator: two_stage
    label: Two stages
    vcov: [cr1_groups]
"""


def with_designs(primary: str = "two_by_two") -> StudyFiles:
    files = make_study().edit_config("plan.yaml", "designs:\n", ALSO)
    return files.edit_config("plan.yaml", "primary: two_by_two", f"primary: {primary}")


def effect_at(event_time: int, estimate: float, design: str = "two_by_two") -> dict[str, object]:
    effect = f"{OUTCOME}.{design}.event_time.arm=workshop.event_time={event_time}"
    vcov = {"event_study": "cr1_nested"}.get(design, "cr1_groups")
    return {
        **KEY,
        "estimate_id": f"{effect}.{vcov}",
        "vcov": vcov,
        "event_time": event_time,
        "estimate": estimate,
    }


def test_equal_estimates_count_once(tmp_path: Path) -> None:
    """Bug: copies of one estimate counted as agreement. Estimates equal to 1e-9 are the same."""
    values = {"two_by_two": -0.1, "group_time": -0.1 * (1 + 1e-13), "two_way": 0.2, "event_study": 0.3}
    rows = [{**SPECIFICATION, "design": name, "estimate": value} for name, value in values.items()]
    row = pd.Series({**HEADLINE, "estimate": -0.1})
    facts = make_facts(tmp_path, with_designs(), {"specifications": rows})
    said = specification_sentence(facts, row)
    assert "4 estimates by design, 3 of them different, run from \N{MINUS SIGN}0.1000 (" in said
    assert said.endswith("2 have the other sign.")


def test_estimates_by_sample_name_their_sample(tmp_path: Path) -> None:
    rows = [{**SPECIFICATION, "sample": s, "estimate": v} for s, v in (("all", 0.1), ("balanced", 0.2))]
    facts = make_facts(tmp_path, make_study(), {"specifications": rows})
    said = specification_sentence(facts, pd.Series(HEADLINE))
    assert "2 estimates by design and sample, all different" in said
    assert "0.2000 (Two-by-two differences; observed in all periods)" in said


def test_copies_of_one_estimate_that_turns_the_sign_are_one(tmp_path: Path) -> None:
    rows = [{**SPECIFICATION, "design": d, "estimate": -0.2} for d in ("two_way", "event_study")]
    tables = {"estimates": [HEADLINE], "specifications": rows}
    said = headline_sentences(make_facts(tmp_path, with_designs(), tables), [OUTCOME])[0]
    assert said.endswith("But 1 other estimate of the plan has the other sign.")


@pytest.mark.parametrize(
    ("figure", "tested", "chosen"),
    [
        ("event_study", ("event_study", "group_time"), "event_study"),
        ("two_by_two", ("event_study", "group_time"), "group_time"),
        ("event_study", ("group_time",), "group_time"),
    ],
)
def test_the_test_of_trends_is_that_of_the_figure_beside_it(
    tmp_path: Path, figure: str, tested: tuple[str, ...], chosen: str
) -> None:
    """Bug: the test was looked for by the primary design only. It belongs to the figure that is shown."""
    rows = [{**PRETREND, "design": name, "df": 1, "p_value": 0.5} for name in tested]
    tables = {"sensitivity": rows, "event_study": [effect_at(0, 0.1, figure)]}
    facts = make_facts(tmp_path, with_designs("two_way"), tables)
    assert pretrend_tests(facts)["design"].tolist() == [chosen]


def test_two_stages_are_no_test_of_trends(tmp_path: Path) -> None:
    """Bug: residuals of the rows that gave the effects of unit and period passed for a test."""
    two_stage = ALSO.replace(ALSO[ALSO.index("  - name: group") : ALSO.index("  - name: two_stage")], "")
    files = make_study().edit_config("plan.yaml", "designs:\n", two_stage)
    assert not has_event_study(make_facts(tmp_path / "a", files, {}))
    assert has_event_study(make_facts(tmp_path / "b", with_event_study(), {}))


@pytest.mark.parametrize(("level", "size"), [("0.95", "5%"), ("0.9", "10%")])
def test_a_rejected_test_of_trends_puts_the_effect_in_doubt(tmp_path: Path, level: str, size: str) -> None:
    """Bug: a rejection was said to show that trends differed. It is a test at the plan's level."""
    files = with_event_study().edit_config("plan.yaml", "balance:", f"level: {level}\nbalance:")
    tables = {"estimates": [HEADLINE], "sensitivity": [{**PRETREND, "df": 1, "p_value": 0.04}]}
    said = headline_sentences(make_facts(tmp_path, files, tables), [OUTCOME])[0]
    assert said.endswith(
        f"A test of trends before treatment rejects at {size} (p = 0.040, Event study), "
        "which puts this in doubt."
    )


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((-2, 0, 1), "; by period since the start: 0.3310, \N{MINUS SIGN}0.0030. "),
        ((0, 4), "; by period since the start: 0.3310 after 0, \N{MINUS SIGN}0.0030 after 4. "),
        ((0,), ""),
    ],
)
def test_a_headline_says_its_effects_by_event_time(tmp_path: Path, times: tuple[int, ...], said: str) -> None:
    values = {-2: 0.7, 0: 0.331, 1: -0.003, 4: -0.003}
    tables = {"estimates": [HEADLINE], "event_study": [effect_at(t, values[t]) for t in times]}
    sentence = headline_sentences(make_facts(tmp_path, make_study(), tables), [OUTCOME])[0]
    assert said in sentence
    assert ("by period" in sentence) is bool(said)


def test_event_times_of_another_design_are_not_the_headlines(tmp_path: Path) -> None:
    rows = [effect_at(t, 0.5, "event_study") for t in (0, 1)]
    tables = {"estimates": [HEADLINE], "event_study": rows}
    assert "by period" not in headline_sentences(make_facts(tmp_path, with_designs(), tables), [OUTCOME])[0]


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("log points", "One of 0.1123 log points (11.9% up, 10.6% down) or more"),
        ("share", "One of 0.1123 share (11.23 percentage points) or more"),
        ("pieces", "One of 0.1123 pieces or more"),
    ],
)
def test_a_detectable_effect_is_given_in_the_terms_of_the_effect(
    tmp_path: Path, unit: str, said: str
) -> None:
    """Bug: an effect was also in percent, what could have been detected in log points only."""
    files = make_study()
    files = files.edit(files.config("outcomes.csv"), "log points", unit)
    row = {**HEADLINE, "conf_low": -0.02, "mde": 0.1123}
    sentence = headline_sentences(make_facts(tmp_path, files, {"estimates": [row]}), [OUTCOME])[0]
    assert f"{said} would have been found with a probability of at least 80%." in sentence


@pytest.mark.parametrize(("primary", "said"), [("two_by_two", True), ("two_way", False)])
def test_the_headline_table_says_what_its_rows_count(tmp_path: Path, primary: str, said: bool) -> None:
    row = {**HEADLINE, "estimate_id": f"{OUTCOME}.{primary}.simple.arm=workshop.cr1_groups"}
    files = make_study().edit_config("plan.yaml", "primary: two_by_two", f"primary: {primary}")
    table = findings_parts(make_facts(tmp_path, files, {"estimates": [row]}))[-1]
    note = getattr(table, "note", "")
    assert ("counts once for each comparison" in note) is said
    assert "each cohort in its own base period." in note
    assert "a test at the 5% level finds with a probability of at least 80%." in note


def test_every_estimate_stands_with_its_level_and_a_legend_of_errors(tmp_path: Path) -> None:
    files = make_study().edit_config("plan.yaml", "balance:", "level: 0.9\nbalance:")
    facts = make_facts(tmp_path, files, {"estimates": [HEADLINE]})
    table = next(p for p in results_parts(facts, {}, OUTCOME) if getattr(p, "name", "").startswith("estim"))
    assert "90% interval" in table.header  # type: ignore[union-attr]
    assert table.note.endswith("cr1_groups: cluster-robust errors, factor G/(G-1).")  # type: ignore[union-attr]


def test_bounds_have_the_digits_of_the_headline_and_name_their_cohort(tmp_path: Path) -> None:
    """Bug: bounds without width had twelve digits of rounding, and cohorts could not be told apart."""
    bound = {**KEY, "cohort": 2, "period": 3, "lower": -0.0602407224650921, "upper": -0.060240722465092045}
    tables = {"bounds": [bound], "estimates": [HEADLINE], "specifications": [SPECIFICATION]}
    facts = make_facts(tmp_path, make_study(), tables)
    table = next(p for p in sensitivity_parts(facts) if getattr(p, "name", "") == "bounds")
    minus = "\N{MINUS SIGN}"
    assert table.header[2:4] == ("First treated in", "Round")  # type: ignore[union-attr]
    row = [cell.text for cell in table.rows[0]]  # type: ignore[union-attr]
    assert row[2:4] == ["2", "3"] and row[-1] == f"{minus}0.0602 to {minus}0.0602"


@pytest.mark.parametrize(
    ("n", "said"), [(0, "no warnings are open."), (1, "1 warning is open."), (2, "2 warnings are open.")]
)
def test_open_warnings_are_counted_in_words(tmp_path: Path, n: int, said: str) -> None:
    rows = [{"finding_id": str(i), "status": "open", "severity": "warning"} for i in range(n)]
    facts = make_facts(tmp_path, make_study(), {"validation/findings": rows})
    assert str(quality_parts(facts)[0]).endswith(f"No error is open; {said}")
