"""Simulated data say so on every page, table, figure and workbook, whatever a template forgets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.text import Text

from impacteval.reporting import draw as drawing
from impacteval.reporting.codebook_page import codebook_page
from impacteval.reporting.content import Facts
from impacteval.reporting.document import sections_of
from impacteval.reporting.draw import draw
from impacteval.reporting.exhibits import figures_of
from impacteval.reporting.findings_page import SurveyFacts, findings_page
from impacteval.reporting.indicator_rows import indicators_of
from impacteval.reporting.page import TEMPLATES, render, rendered
from impacteval.reporting.style import STYLE
from impacteval.reporting.synthetic import MARK
from support.long_study import long_facts
from support.reports import make_facts
from support.study import make_study

NOTHING = pd.DataFrame()
DURATIONS = pd.DataFrame(
    {"table": ["firms"] * 2, "from_minutes": [0, 10], "to_minutes": [10, 20], "n_interviews": [3, 4]}
)
SHARES = pd.DataFrame({"column": ["output"], "arm": ["a"], "period": ["1"], "share_missing": [0.5]})


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return long_facts(tmp_path_factory.mktemp("long"))


def with_data(facts: Facts, *, synthetic: bool) -> Facts:
    return replace(facts, study=replace(facts.study, synthetic=synthetic))


def report(facts: Facts) -> str:
    figures = {f.name: replace(f, svg=b"<svg/>") for f in figures_of(facts)}
    return render(facts, sections_of(facts, figures, {"file": {"a.csv": "0"}}))


def codebook(facts: Facts) -> str:
    return codebook_page(
        facts.codebook,
        facts.study.title,
        NOTHING,
        is_synthetic=facts.study.synthetic,
        indicators=indicators_of(facts),
    )


def findings(facts: Facts) -> str:
    return findings_page(survey_facts(facts))


def survey_facts(facts: Facts) -> SurveyFacts:
    names = ("code", "question", "is_run", "n_checks", "n_open", "needs")
    arms = ("code", "check_id", "arm", "n_rows", "n_findings", "share")
    return SurveyFacts(
        title=facts.study.title,
        is_synthetic=facts.study.synthetic,
        findings=facts.findings,
        summary=facts.checks,
        catalogue=pd.DataFrame({name: ["C01"] for name in names}),
        by_arm=pd.DataFrame({name: ["x"] for name in arms}),
        enumerators=pd.DataFrame({"enumerator": ["E1"]}),
        missingness=SHARES,
        coverage=NOTHING,
        durations=DURATIONS,
        days=NOTHING,
        form_changes=NOTHING,
        files=NOTHING,
    )


PAGES: dict[str, Callable[[Facts], str]] = {
    "report.html.j2": report,
    "codebook.html.j2": codebook,
    "findings.html.j2": findings,
}


def test_every_page_of_the_project_is_tried() -> None:
    assert {path.name for path in TEMPLATES.glob("*.html.j2")} == set(PAGES)


@pytest.mark.parametrize("template", PAGES)
def test_a_page_says_it_once_and_each_of_its_tables_and_figures_says_it(facts: Facts, template: str) -> None:
    html = PAGES[template](with_data(facts, synthetic=True))
    assert html.count('class="banner synthetic"') == 1
    assert "(synthetic data)</title>" in html
    ends = re.findall(r"(.{17})</(?:caption|figcaption)>", html)
    assert len(ends) == html.count("<table") + html.count("<figure>") >= 3
    assert set(ends) == {" (synthetic data)"}
    alts = re.findall(r'(?:alt="|role="img" aria-label=")(.{15})', html)
    assert len(alts) == html.count("<img") + html.count("<svg")
    assert set(alts) <= {f"{MARK}."}
    assert html.count(f">{MARK}</text></svg>") == html.count("<svg")


@pytest.mark.parametrize("template", PAGES)
def test_a_page_about_real_data_says_nothing_of_it(facts: Facts, template: str) -> None:
    assert "ynthetic" not in PAGES[template](with_data(facts, synthetic=False))


@pytest.mark.parametrize("template", PAGES)
def test_no_template_says_it_by_itself(template: str) -> None:
    """A template that says it can forget it elsewhere; one function says it for all."""
    assert "ynthetic" not in (TEMPLATES / template).read_text(encoding="utf-8")


def test_text_that_looks_like_a_caption_is_not_marked(facts: Facts) -> None:
    title = '</caption> alt="x" <svg></svg>'
    hostile = replace(facts, study=replace(facts.study, title=title, synthetic=True))
    html = codebook(hostile)
    assert "&lt;/caption&gt; alt=&#34;x&#34; &lt;svg&gt;&lt;/svg&gt;</h1>" in html


def test_a_page_without_values_stops(facts: Facts) -> None:
    with pytest.raises(Exception, match="undefined"):
        rendered("report.html.j2", {"facts": facts}, is_synthetic=True)


def test_every_figure_has_it_drawn_inside_the_picture(facts: Facts) -> None:
    synthetic, real = (with_data(facts, synthetic=s) for s in (True, False))
    names = [f.name for f in figures_of(facts)]
    assert len(names) > 8
    for name in names:
        assert draw(synthetic, name).count(b"<!-- Synthetic data -->") == 1
        assert b"Synthetic data" not in draw(real, name)


def test_the_mark_lies_below_all_that_is_drawn(tmp_path: Path) -> None:
    facts = make_facts(tmp_path, make_study(), {"panel/flow": [{"step": "delivered", "n_rows": 1}]})
    with rc_context(STYLE):
        canvas = drawing._canvas(facts, "means_log_productivity")
        drawing.draw_mark(canvas)
    mark = next(t for t in canvas.findobj(Text) if t.get_text() == MARK)
    assert mark.get_position()[1] < 0 and mark.get_verticalalignment() == "top"
