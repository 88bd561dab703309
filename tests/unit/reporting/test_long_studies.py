"""A study with many outcomes: the primary ones are told, all others stand in tables by family."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from impacteval.reporting.content import Facts, Table, effect_unit, unit_of_level
from impacteval.reporting.document import sections_of
from impacteval.reporting.draw import draw
from impacteval.reporting.exhibits import balance_of_others, balance_rows, figures_of, flow_rows
from impacteval.reporting.family_sections import family_sections, forest_figure, forest_rows
from impacteval.reporting.recording_sections import annex_parts, recorded_shares, recording_parts
from impacteval.reporting.result_sections import findings_parts
from support.long_study import DESCRIBED, FLOW, PRIMARY, SECONDARY, TABLES, headline, long_facts
from support.reports import make_facts
from support.study import make_study


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return long_facts(tmp_path_factory.mktemp("long"))


def sections(facts: Facts) -> dict[str, tuple[object, ...]]:
    figures = {f.name: f for f in figures_of(facts)}
    return {s.name: s.parts for s in sections_of(facts, figures, {})}


def text_of(part: object) -> str:
    """All words of a part, tables included."""
    if isinstance(part, Table):
        return " ".join([part.caption, part.note, *(c.text for row in part.rows for c in row)])
    return " ".join(part) if isinstance(part, tuple) else str(part)


def test_few_outcomes_are_all_told_in_full(tmp_path: Path) -> None:
    facts = make_facts(tmp_path, make_study(), {"panel/flow": FLOW})
    assert [o.name for o in facts.told] == ["log_productivity", "lost_days"]
    assert facts.tabled == () and facts.families == {}
    found = sections(facts)
    assert {"outcome-log_productivity", "outcome-lost_days"} <= set(found)
    assert not [name for name in found if name.startswith("family-")]


def test_of_many_outcomes_the_primary_ones_are_told(facts: Facts) -> None:
    assert [o.name for o in facts.told] == [PRIMARY]
    assert [o.name for o in facts.tabled] == list(SECONDARY)
    found = sections(facts)
    assert [n for n in found if n.startswith(("outcome-", "family-"))] == [
        f"outcome-{PRIMARY}",
        "family-job_quality",
        "family-safety",
    ]


def test_every_estimated_outcome_stands_in_one_table_in_the_order_of_outcomes(facts: Facts) -> None:
    tables = [p for s in family_sections(facts, {}) for p in s.parts if isinstance(p, Table)]
    assert [[row[0].text[-1] for row in t.rows] for t in tables] == [list("02468"), list("1357")]
    assert tables[0].rows[0][5].source == f"{SECONDARY[0]}.two_by_two.simple.cr1_groups"


def test_a_secondary_outcome_is_not_called_a_finding(facts: Facts) -> None:
    said = " ".join(text_of(p) for p in findings_parts(facts))
    assert "9 secondary outcomes stand in tables" in said
    assert "Days lost, kind" not in said
    for section in family_sections(facts, {}):
        assert "none of them is a finding" in text_of(section.parts[0])
        assert "no effect" not in " ".join(map(text_of, section.parts))


def test_what_is_described_only_has_means_and_coverage_and_no_estimate(facts: Facts) -> None:
    found = sections(facts)
    assert "Noise" in " ".join(text_of(p) for p in found["annex"])
    others = [text_of(p) for name, parts in found.items() if name not in ("annex", "sample") for p in parts]
    assert not [text for text in others if "Noise" in text]
    assert DESCRIBED not in {o.name for o in facts.estimated}


def test_forest_is_in_standard_deviations_and_leaves_out_what_has_none(tmp_path: Path) -> None:
    estimates = [
        headline(PRIMARY),
        headline("days_1"),
        headline("days_3", std_error=None, conf_low=None, conf_high=None),
        headline("days_5", scale="log rate ratio"),
        headline("days_7"),
    ]
    power = [row for row in TABLES["power"] if row["outcome"] != "days_7"]
    facts = long_facts(tmp_path, {"estimates": estimates, "power": power})
    rows = forest_rows(facts, "safety")
    assert rows["outcome"].tolist() == ["days_1"]
    np.testing.assert_allclose(rows[["estimate", "conf_low", "conf_high"]], [[0.5, 0.025, 0.975]])
    note = forest_figure(facts, "safety").data.note
    assert all(f"kind {i}" in note for i in (3, 5, 7)) and "kind 1" not in note
    assert draw(facts, "forest_safety").startswith(b"<?xml")


def test_family_without_an_error_has_a_table_and_no_figure(tmp_path: Path) -> None:
    facts = long_facts(tmp_path, {"estimates": [headline(n, std_error=None) for n in SECONDARY[1::2]]})
    assert "forest_safety" not in {f.name for f in figures_of(facts)}
    assert {s.name for s in family_sections(facts, {})} == {"family-job_quality", "family-safety"}
    table = family_sections(facts, {})[0].parts[-1]
    assert isinstance(table, Table) and "No estimate at all: Days lost, kind 0" in table.note


@pytest.mark.parametrize(("q_values", "said"), [((None,) * 4, False), ((0.01, 0.2, None, 0.04), True)])
def test_q_values_are_shown_where_there_are_some(
    tmp_path: Path, q_values: tuple[float | None, ...], said: bool
) -> None:
    names = SECONDARY[1::2]
    rows = [headline(n, q_value=q) for n, q in zip(names, q_values, strict=True)]
    section = family_sections(long_facts(tmp_path, {"estimates": rows}), {})[1]
    table = section.parts[-1]
    assert isinstance(table, Table)
    assert ("q-value" in table.header) is said
    assert ("Of 2 the q-value" in text_of(section.parts[1])) is said


def test_long_lists_of_other_outcomes_are_left_to_files_or_folded(facts: Facts) -> None:
    assert {row[1] for row in flow_rows(facts)} == {"", "Output a worker (log)"}
    assert balance_rows(facts)["variable"].tolist() == [PRIMARY, "workers"]
    (others,) = balance_of_others(facts)
    assert others.is_folded and len(others.rows) == len(SECONDARY) + 1
    power = [p for p in sections(facts)["power"] if isinstance(p, Table)]
    assert [len(t.rows) for t in power] == [1, 9]
    assert [t.is_folded for t in power] == [False, True]


def test_coverage_has_a_row_an_outcome_and_a_column_an_arm_and_period(facts: Facts) -> None:
    shares = recorded_shares(facts, facts.told)
    assert shares.shape == (1, 6)
    assert shares.iloc[0].tolist() == [0.5] * 3 + [0.75] * 3
    figures = {f.name: f for f in figures_of(facts)}
    assert {"recorded", "recorded_safety", "recorded_job_quality", "recorded_place"} <= set(figures)
    assert figures["recorded_place"].data.rows[0][1].text == "50.0% (6 of 12)"
    assert "75.0% of enterprises of arm Workshop" in text_of(recording_parts(facts, figures)[1])


def test_annex_has_the_means_of_each_family_with_the_number_behind_each(facts: Facts) -> None:
    tables = [p for p in annex_parts(facts, {}) if isinstance(p, Table)]
    assert [t.name for t in tables] == ["means-job_quality", "means-safety", "means-place"]
    assert tables[0].rows[0][3].text == "8.25 (9)"


def test_indices_say_what_they_are_made_of(tmp_path: Path) -> None:
    row = {"index": "days_1", "item": "sat1", "n": 11, "mean": 3.25, "sd": 0.8, "weight": 0.25, "alpha": 0.7}
    table = annex_parts(long_facts(tmp_path, {"indices": [row]}), {})[-1]
    assert isinstance(table, Table)
    assert [c.text for c in table.rows[0]] == [
        "Days lost, kind 1",
        "sat1",
        "11",
        "3.250",
        "0.800",
        "0.250",
        "0.70",
    ]


def test_a_difference_of_percentages_is_in_percentage_points(facts: Facts) -> None:
    outcome = facts.outcome("days_1")
    assert effect_unit(outcome) == "percentage points"
    assert unit_of_level(outcome) == "percent of days"
    points = replace(outcome, unit="percentage points 0-100")
    assert (effect_unit(points), unit_of_level(points)) == ("percentage points", "percent")
    assert effect_unit(facts.outcome("days_0")) == "days a round"


def test_an_outcome_without_a_better_direction_is_neither_improved_nor_worsened(tmp_path: Path) -> None:
    from impacteval.reporting.sentences import headline_sentence

    facts = long_facts(tmp_path)
    rows = facts.headlines.set_index("outcome", drop=False)
    assert "neither direction is better" in headline_sentence(facts, rows.loc["days_3"])
    assert "a worsening" in headline_sentence(facts, rows.loc["days_5"])


def test_long_labels_wrap_inside_the_boxes_of_the_flow_chart(tmp_path: Path) -> None:
    files = make_study()
    label = "A label that is so long that no box of a flow chart could ever hold it in a single line of text"
    files = files.edit(files.config("outcomes.csv"), "Output a worker (log)", label)
    facts = make_facts(tmp_path, files, {"panel/flow": FLOW})
    drawn = draw(facts, "flow")
    assert label.encode() not in drawn and b"A label that is so long" in drawn
