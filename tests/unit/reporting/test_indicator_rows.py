"""The codebook says of every outcome what it is, how it is computed, and who has a value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from impacteval.design import Outcome
from impacteval.reporting.codebook_page import codebook_page
from impacteval.reporting.content import Facts
from impacteval.reporting.indicator_rows import IndicatorRow, indicators_of
from support.long_study import DESCRIBED, PRIMARY, SECONDARY, long_facts


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return long_facts(tmp_path_factory.mktemp("long"))


def page(facts: Facts) -> str:
    return codebook_page(facts.codebook, "Study", pd.DataFrame(), indicators=indicators_of(facts))


def row_of(facts: Facts, **changes: object) -> IndicatorRow:
    changed: Outcome = replace(facts.outcome("days_0"), **changes)  # type: ignore[arg-type]
    found = indicators_of(replace(facts, outcomes=(changed,)))
    return found.families[0][1][0]


def test_every_outcome_is_listed_once_also_what_is_described_only(facts: Facts) -> None:
    html = page(facts)
    for name in (PRIMARY, *SECONDARY, DESCRIBED):
        assert html.count(f'<tr id="indicator-{name}">') == 1
    assert [family for family, _ in indicators_of(facts).families] == [
        "Job quality",
        "Productivity",
        "Safety",
        "Place",
    ]


def test_labels_are_in_both_languages(facts: Facts) -> None:
    assert '<td lang="id">Hari hilang, jenis 4</td>' in page(facts)


def test_coverage_is_given_by_arm_and_period(facts: Facts) -> None:
    assert row_of(facts).coverage == tuple((period, ("50.0% (6)", "75.0% (9)")) for period in ("1", "2", "3"))


def test_an_outcome_without_coverage_has_no_table_of_it(tmp_path: Path) -> None:
    facts = long_facts(tmp_path, {"coverage": []})
    assert row_of(facts).coverage == ()
    assert "With a value" not in page(facts)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"transform": "log"}, "natural logarithm of it"),
        ({"winsorise": 1.0}, "extreme values cut: 1% at each end within a period, over all arms"),
        ({"periods": ("1", "3")}, "asked in 1, 3"),
        ({"baseline_column": "days_b"}, "value before treatment from days_b"),
    ],
)
def test_what_happens_to_a_value_is_said(facts: Facts, changes: dict[str, object], said: str) -> None:
    assert row_of(facts).then == ()
    assert row_of(facts, **changes).then == (said,)


@pytest.mark.parametrize(
    ("changes", "label", "text"),
    [
        ({"direction": "neutral"}, "direction", "neither direction is better by itself"),
        ({"level": "worker"}, "answers of", "workers"),
        ({"sdg": "8.2.1"}, "SDG indicator", "8.2.1"),
        ({"minimum": None}, "plausible", "60 or less"),
        ({"maximum": None}, "plausible", "0 or more"),
        ({"maximum": 2500.0, "transform": "log"}, "plausible before it is transformed", "0 to 2,500"),
        ({"role": "descriptive"}, "role", "descriptive: not estimated"),
    ],
)
def test_what_an_outcome_is_stands_beside_it(
    facts: Facts, changes: dict[str, object], label: str, text: str
) -> None:
    assert dict(row_of(facts, **changes).about)[label] == text


def test_formula_stands_in_place_of_columns(facts: Facts) -> None:
    assert row_of(facts).formula == "days_lost"
    assert row_of(facts, column="a", divide_by="b").formula == "a / b"
    assert row_of(facts, column="", formula="ln(va / fte)").formula == "ln(va / fte)"


def test_hostile_labels_are_text(facts: Facts) -> None:
    outcome = replace(facts.outcome("days_0"), label="<script>", note='"><img>', label_id="<b>")
    html = page(replace(facts, outcomes=(outcome,)))
    assert "<script>" not in html and "<img>" not in html and "&lt;script&gt;" in html


def test_codebook_without_indicators_has_no_section_of_them(facts: Facts) -> None:
    assert 'id="indicators"' not in codebook_page(facts.codebook, "Study", pd.DataFrame())
