"""Figures and their words on tables with holes."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text

from impacteval.reporting import draw as drawing
from impacteval.reporting.content import Facts
from impacteval.reporting.draw import draw
from impacteval.reporting.event_studies import (
    OTHER_COHORTS,
    event_study_figure,
    event_study_rows,
    reference_text,
)
from impacteval.reporting.exhibits import figures_of, flow_figure
from impacteval.reporting.specifications import ONE_SAMPLE, different, specification_figure
from impacteval.reporting.style import STYLE
from support.reports import Rows, make_facts
from support.study import StudyFiles, make_study

OUTCOME = "log_productivity"
EFFECT = {"outcome": OUTCOME, "arm": "workshop", "estimate": 0.1}
FLOW = [
    {"step": "delivered", "n_rows": 72},
    *(
        {"step": step, "arm": arm, "outcome": outcome, "n_rows": 36, "n_units": 12}
        for arm in ("control", "workshop")
        for step, outcome in (("panel", ""), ("not_interviewed", ""), ("sample", OUTCOME))
    ),
]
SPECIFICATION = {**EFFECT, "design": "two_by_two", "sample": "all"}
FAILED = {
    "outcome": OUTCOME,
    "design": "two_way",
    "sample": "balanced",
    "note": "no unit is observed twice",
}


def facts_with(root: Path, tables: Mapping[str, Rows], files: StudyFiles | None = None) -> Facts:
    return make_facts(root, files or make_study(), {"panel/flow": FLOW, **tables})


def event_row(event_time: int, design: str = "two_by_two", estimator: str = "drdid") -> dict[str, object]:
    estimate_id = f"{OUTCOME}.{design}.event_time.event_time={event_time}.cr1_groups"
    return {
        **EFFECT,
        "estimate_id": estimate_id,
        "estimator": estimator,
        "vcov": "cr1_groups",
        "event_time": event_time,
    }


HOLES: dict[str, Mapping[str, Rows]] = {
    "every table empty": {},
    "no spread": {"balance": [{"variable": "workers", "arm": "workshop"}]},
    "no interval": {"specifications": [SPECIFICATION], "event_study": [event_row(0)]},
    "no estimate": {"specifications": [FAILED]},
    "no mean": {"means": [{"outcome": OUTCOME, "arm": "control", "period": 1}]},
}


@pytest.mark.parametrize("tables", HOLES.values(), ids=HOLES.keys())
def test_figures_survive_columns_without_values(tmp_path: Path, tables: Mapping[str, Rows]) -> None:
    """Bug: a column without any value was read as text, and figures crashed on it. It is a number."""
    facts = facts_with(tmp_path, tables)
    for figure in figures_of(facts):
        assert draw(facts, figure.name).startswith(b"<?xml")


def test_an_arm_called_0_stays_text(tmp_path: Path) -> None:
    """Bug: arms named by digits were read as numbers. A name is text."""
    facts = facts_with(tmp_path, {"means": [{"outcome": OUTCOME, "arm": "0", "period": 1}]})
    assert facts.tables["means"]["arm"].tolist() == ["0"]


def test_a_failed_specification_is_listed_with_its_note(tmp_path: Path) -> None:
    """Bug: specifications without a value vanished from the table. Nothing vanishes."""
    facts = facts_with(tmp_path, {"specifications": [SPECIFICATION, FAILED]})
    figure = next(f for f in figures_of(facts) if f.name == f"specifications_{OUTCOME}")
    assert [row[-1].text for row in figure.data.rows] == ["", FAILED["note"]]
    assert figure.data.rows[1][3].text == "\N{EN DASH}"


def canvas_of(facts: Facts, name: str) -> Canvas:
    with rc_context(STYLE):
        return drawing._canvas(facts, name)


def test_dollar_signs_in_labels_are_money(tmp_path: Path) -> None:
    """Bug: dollar signs in labels were set as mathematics, or crashed. Labels are the user's text."""
    label = "Output (US$ {_ of 2015 US$)"
    files = make_study()
    files = files.edit(files.config("outcomes.csv"), "log points", label)
    facts = facts_with(tmp_path, {}, files)
    assert draw(facts, f"means_{OUTCOME}").startswith(b"<?xml")
    texts = canvas_of(facts, f"specifications_{OUTCOME}").findobj(Text)
    assert [t.get_parse_math() for t in texts if t.get_text() == label] == [False]


EXPOSURE = [{"arm": "workshop", "first_treat": 2}, {"arm": "control"}]


@pytest.mark.parametrize(
    ("periods", "cohorts", "anticipation", "said"),
    [
        ((1, 2, 3), (2,), 0, "relative to event time \N{MINUS SIGN}1"),
        ((1, 4, 8), (4,), 0, "relative to event time \N{MINUS SIGN}3"),
        ((0, 1, 2, 3), (2,), 1, "relative to event time \N{MINUS SIGN}2"),
        ((1, 4, 5), (4, 5), 0, "relative to each cohort's last period before treatment"),
    ],
)
def test_reference_of_an_event_study_is_that_of_its_design(
    tmp_path: Path, periods: tuple[int, ...], cohorts: tuple[int, ...], anticipation: int, said: str
) -> None:
    """Bug: every event study claimed event time -1 as its reference. It is the base of its design."""
    files = (
        make_study()
        .edit_config("plan.yaml", "periods: [1, 2, 3]", f"periods: {list(periods)}")
        .edit_config("plan.yaml", "first_period: 2", f"first_period: {cohorts[0]}")
        .edit_config(
            "plan.yaml", "vcov: [cr1_groups]", f"vcov: [cr1_groups]\n    anticipation: {anticipation}"
        )
    )
    files = files.edit(files.config("codebook.csv"), "1|2|3", "|".join(str(p) for p in periods))
    exposure = [{"arm": "workshop", "first_treat": c} for c in cohorts]
    facts = facts_with(tmp_path, {"event_study": [event_row(0)], "exposure": exposure}, files)
    assert reference_text(facts, event_study_rows(facts, OUTCOME)) == said
    drawn = draw(facts, f"event_study_{OUTCOME}")
    n_open = sum(
        line.get_markerfacecolor() == "white"
        for axes in canvas_of(facts, f"event_study_{OUTCOME}").axes
        for line in axes.lines
        if len(line.get_xydata())
    )
    assert drawn and n_open == (len(set(cohorts)) == 1)


def test_an_event_study_figure_shows_one_design(tmp_path: Path) -> None:
    """Bug: two designs of one estimator were drawn as one. A figure shows one design."""
    rows = [event_row(0), event_row(0, "strict"), event_row(1)]
    facts = facts_with(tmp_path, {"event_study": rows, "exposure": EXPOSURE})
    assert event_study_rows(facts, OUTCOME)["event_time"].tolist() == [0, 1]


def test_words_about_holes_are_true(tmp_path: Path) -> None:
    """Bug: undefined differences and intervals were counted, and a dash had one reason too few."""
    tables = {**HOLES["no spread"], **HOLES["no interval"], "exposure": EXPOSURE}
    figures = {f.name: f for f in figures_of(facts_with(tmp_path, tables))}
    assert "None is defined." in figures["balance"].alt
    assert "fewer than two values" in figures["balance"].data.note
    assert "0 of 0 intervals exclude zero" in figures[f"event_study_{OUTCOME}"].alt


def test_zero_missed_interviews_are_neither_listed_nor_drawn(tmp_path: Path) -> None:
    """Bug: steps at which nobody was lost were printed with a zero. They are left out."""
    none = [{**row, "n_rows": 0} if row["step"] == "not_interviewed" else row for row in FLOW]
    for name, flow, said in (("a", FLOW, True), ("b", none, False)):
        facts = facts_with(tmp_path / name, {"panel/flow": flow})
        steps = [row[0].text for row in flow_figure(facts).data.rows]
        assert ("Interviews that did not take place" in steps) is said
        drawn = "".join(t.get_text() for t in canvas_of(facts, "flow").findobj(Text))
        assert ("interviews missed" in drawn) is said


STAGGERED = [{"arm": "workshop", "first_treat": 2}, {"arm": "workshop", "first_treat": 3}]


@pytest.mark.parametrize(
    ("exposure", "estimator", "said"),
    [(STAGGERED, "drdid", True), (EXPOSURE, "drdid", False), (STAGGERED, "stacked", False)],
)
def test_a_caption_names_its_design_and_says_that_cohorts_differ(
    tmp_path: Path, exposure: Rows, estimator: str, said: bool
) -> None:
    """Bug: effects by event time read as a path, though each event time has its own cohorts."""
    files = make_study().edit_config("plan.yaml", "estimator: drdid", f"estimator: {estimator}")
    facts = facts_with(tmp_path, {"event_study": [event_row(0), event_row(1)], "exposure": exposure}, files)
    caption = event_study_figure(facts, facts.outcome(OUTCOME)).caption
    assert caption.startswith("Output a worker (log), Two-by-two differences: difference to")
    assert caption.endswith(OTHER_COHORTS) is said


def test_one_sample_is_said_and_drawn_once(tmp_path: Path) -> None:
    """Bug: where everybody is observed throughout, each estimate was shown twice."""
    for sample, said in (("all", True), ("balanced", False)):
        rows = [SPECIFICATION, {**SPECIFICATION, "design": "two_way", "sample": sample}]
        facts = facts_with(tmp_path / sample, {"specifications": rows})
        figure = specification_figure(facts, facts.outcome(OUTCOME))
        assert (ONE_SAMPLE in figure.data.note) is said
        assert "1 of them different" in figure.alt
        assert "95% interval" in figure.data.header


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([], []),
        ([None], []),
        ([0.0, 0.0], [0]),
        ([1.0, 1.0 + 1e-12, 1.0 + 1e-6], [0, 2]),
        ([-1.0, 1.0], [0, 1]),
    ],
)
def test_estimates_that_differ_by_rounding_are_the_same(values: list[float | None], kept: list[int]) -> None:
    table = pd.DataFrame({"estimate": pd.Series(values, dtype="float64")})
    assert different(table).index.tolist() == kept


def test_event_studies_have_the_first_errors_of_their_design(tmp_path):
    """Bug: intervals were those of the convention first by name, not of the one that headlines have."""
    other = {
        **event_row(0),
        "vcov": "cr0",
        "estimate_id": f"{OUTCOME}.two_by_two.event_time.event_time=0.cr0",
    }
    facts = facts_with(tmp_path, {"event_study": [other, event_row(0)]})
    assert event_study_rows(facts, OUTCOME)["vcov"].tolist() == ["cr1_groups"]
