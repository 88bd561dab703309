"""The page is one file without scripts, and shows hostile text as text."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from impacteval.config import load_study
from impacteval.reporting.content import Facts, Figure, Section, Table, number_cell, text_cell
from impacteval.reporting.page import render
from support.study import make_study

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}",
    "=cmd()",
    "\u202etxet",
)
ALLOWED_TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "p",
        "strong",
        "header",
        "h1",
        "h2",
        "div",
        "nav",
        "ol",
    ),
    *("ul", "li", "main", "section", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "img"),
    *("figcaption", "details", "summary"),
}


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Any:
    files = make_study()
    return load_study(files.write(tmp_path_factory.mktemp("study")), files.name)


def page_with(study: Any, text: str, *, synthetic: bool = True, written: str = "before_outcomes") -> str:
    facts = SimpleNamespace(
        study=replace(study.study, title=text, setting=text, synthetic=synthetic),
        plan=replace(study.plan, written=written),
    )
    table = Table(
        name="t",
        caption=text,
        header=(text, text),
        rows=((text_cell(text), number_cell(text, text)),),
        note=text,
    )
    figure = Figure(name="f", caption=text, alt=text, data=table, svg=b"<svg/>")
    sections = (Section(name="s", title=text, parts=(text, (text, text), table, figure)),)
    return render(cast(Facts, facts), sections)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_is_shown_as_text(study: Any, payload: str) -> None:
    page = Page(page_with(study, payload))
    assert page.tags <= ALLOWED_TAGS
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert sum(payload in words for words in page.words) >= 10


def test_page_asks_for_nothing_from_outside(study: Any) -> None:
    page = Page(page_with(study, "plain"))
    links = [value for name, value in page.attributes if name in {"src", "href", "action", "data"}]
    assert links
    assert all(link.startswith(("#", "data:image/svg+xml;base64,")) for link in links)
    assert any("default-src 'none'" in value for _, value in page.attributes)
    assert "url(" not in page_with(study, "plain")
    assert "@import" not in page_with(study, "plain")


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_data_say_so_at_the_top_and_at_every_table_and_figure(study: Any, synthetic: bool) -> None:
    html = page_with(study, "plain", synthetic=synthetic)
    assert ("Synthetic data." in html) is synthetic
    # The page's title, two tables and a figure.
    assert html.count("(synthetic data)") == (4 if synthetic else 0)


@pytest.mark.parametrize(("written", "said"), [("after_outcomes", True), ("before_outcomes", False)])
def test_a_plan_written_after_the_outcomes_is_called_retrospective(
    study: Any, written: str, said: bool
) -> None:
    assert ("Retrospective plan." in page_with(study, "plain", written=written)) is said


def test_templates_hold_no_digits_of_results() -> None:
    template = (Path(render.__code__.co_filename).parent / "templates" / "report.html.j2").read_text(
        encoding="utf-8"
    )
    words = Page(template.replace("h1", "h").replace("h2", "h")).words
    assert not [w for w in words if any(c.isdigit() for c in w) and "{" not in w]
