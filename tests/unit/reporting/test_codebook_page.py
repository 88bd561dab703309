"""The codebook page says all that the codebook says, in its languages, and runs nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from impacteval.reporting.codebook_page import codebook_page, language_code
from impacteval.survey.form_versions import CHANGE_COLUMNS, changes_table
from impacteval.tables import table_of
from support.forms import CHOICES, SURVEY, make_form, with_row
from support.tables import codebook, variable

NO_CHANGES = table_of([], CHANGE_COLUMNS)
VOID = {"meta", "br", "img", "link", "input", "hr"}
BOOK = codebook(
    variable("firm", required="yes", label="Enterprise", label_id="Perusahaan"),
    variable(
        "workers",
        "integer",
        unit="people",
        minimum=5.0,
        maximum=200.0,
        hard_minimum=0.0,
        hard_maximum=1_000_000.0,
        missing_codes=("-99=dont_know", "-98"),
        relevant="${open} = 'yes'",
        constraint=". < ${all}",
        required="yes",
        label="How many workers?",
        label_id="Berapa pekerja?",
    ),
    variable(
        "open",
        "category",
        allowed=("yes", "no"),
        choice_labels=("Open", "Closed"),
        choice_labels_id=("Buka", "Tutup"),
    ),
    variable("owner", confidential="yes", label="Owner"),
    variable("share", "decimal", hard_minimum=0.5, maximum=99.5, format="id"),
)


class Tags(HTMLParser):
    """Tags of a page, and whether each was closed where it should be."""

    def __init__(self):
        super().__init__()
        self.open, self.found = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page(book=BOOK, changes=NO_CHANGES, **options):
    return codebook_page(book, "A study", changes, **options)


def tags_of(text):
    parser = Tags()
    parser.feed(text)
    assert parser.open == []
    return parser.found


def row_of(text, column):
    return next(
        r
        for r in re.findall(r"<tr id=.*?</tr>(?=\n<tr id|\n</tbody>\n</table>\n</div>)", text, re.DOTALL)
        if f"<code>{column}</code>" in r.split("</th>")[0]
    )


def test_each_variable_says_what_the_codebook_says():
    row = row_of(page(), "workers")
    for said in (
        "How many workers?", "Berapa pekerja?", "whole number, people", "0 to 1,000,000", "5 to 200",
        "<code>-99</code> does not know", "<code>-98</code> no reason said", "${open} = &#39;yes&#39;", ". &lt; ${all}", "where asked",
    ):  # fmt: skip
        assert said in row, said
    assert "always" in row_of(page(), "firm")
    share = row_of(page(), "share")
    assert "0.5 or more" in share
    assert "99.5 or less" in share
    assert "written as <code>id</code>" in share


def test_choices_stand_beside_their_labels_in_both_languages():
    row = row_of(page(), "open")
    assert [re.sub(r"<[^>]+>", "|", r) for r in re.findall(r"<tr><th scope=\"row\">.*?</tr>", row)] == [
        "|||yes|||Open||Buka||",
        "|||no|||Closed||Tutup||",
    ]


def test_labels_that_are_not_as_many_as_the_choices_are_left_out():
    book = codebook(variable("open", "category", allowed=("yes", "no"), choice_labels=("Open",)))
    row = row_of(page(book), "open")
    assert "Open" not in row
    assert "<code>no</code>" in row


def test_long_lists_of_choices_are_folded():
    book = codebook(variable("n", "category", allowed=tuple(str(i) for i in range(9))))
    assert "<summary>9 choices</summary>" in page(book)
    assert "<summary>" not in page()


def test_confidential_columns_are_marked_and_no_others():
    text = page()
    assert [c for c in BOOK.columns("firms") if "confidential</span>" in row_of(text, c)] == ["owner"]


def labels_in(text):
    return [a for tag, a in tags_of(text) if tag == "td" and a.get("class") == "label"]


def headings_in(text):
    return re.findall(r'<th scope="col" dir="auto">([^<]*)</th>', text)


def test_labels_carry_their_language_where_it_is_known():
    assert [a.get("lang") for a in labels_in(page())] == [None, "id"] * len(BOOK.variables)
    book = codebook(variable("a", label="Name", language="English (en)"))
    assert [a.get("lang") for a in labels_in(page(book))] == ["en"]


def test_headings_name_the_languages_as_the_form_does():
    book = codebook(
        variable(
            "open",
            "category",
            label="Open?",
            label_2="مفتوح؟",
            language="English (en)",
            language_2="العربية (ar)",
            allowed=("1",),
            choice_labels=("Yes",),
            choice_labels_2=("نعم",),
        )
    )
    text = page(book)
    assert headings_in(text) == ["English (en)", "العربية (ar)"] * 2
    assert "Bahasa Indonesia" not in text
    assert [a.get("lang") for a in labels_in(text)] == ["en", "ar"]
    assert '<td lang="ar" dir="auto">نعم</td>' in text


def test_text_of_any_direction_takes_its_own():
    book = codebook(variable("a", label="السن", language="Arabic", label_2="العمر", language_2="x"))
    assert all(a["dir"] == "auto" for a in labels_in(page(book)))
    assert [a.get("lang") for a in labels_in(page(book))] == ["ar", None]


def test_a_codebook_that_names_no_language_claims_none_but_indonesian():
    assert headings_in(page())[:2] == ["Label", "Bahasa Indonesia"]


def test_three_languages_stand_side_by_side():
    book = codebook(variable("a", label="Age", label_id="Umur", label_2="Umri", language_2="Swahili (sw)"))
    assert headings_in(page(book)) == ["Label", "Bahasa Indonesia", "Swahili (sw)"]
    assert [a.get("lang") for a in labels_in(page(book))] == [None, "id", "sw"]


def test_a_language_stands_once_where_two_columns_say_the_same():
    book = codebook(variable("a", label="Umur", label_id="Umur", language="Bahasa Indonesia (id)"))
    assert headings_in(page(book)) == ["Bahasa Indonesia (id)"]


def test_tables_whose_forms_have_other_languages_are_headed_by_both():
    book = codebook(
        variable("a", label="Age", label_2="Umri", language_2="Swahili (sw)"),
        variable("b", label="Sales", label_2="Ventes", language_2="French (fr)"),
    )
    assert headings_in(page(book)) == ["Label", "Swahili (sw) / French (fr)"]
    assert [a.get("lang") for a in labels_in(page(book))] == [None, "sw", None, "fr"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Arabic (ar)", "ar"),
        ("sw", "sw"),
        ("Portuguese (pt-BR)", "pt-br"),
        ("Kiswahili", "sw"),
        ("Klingon", ""),
    ],
)
def test_the_code_of_a_language_is_told_by_its_name(name, code):
    assert language_code(name) == code


def test_every_table_has_a_caption_and_headed_rows_and_columns():
    text = page(changes=changes_table([]))
    found = tags_of(text)
    assert sum(tag == "table" for tag, _ in found) == sum(tag == "caption" for tag, _ in found)
    assert all("scope" in attrs for tag, attrs in found if tag == "th")
    headings = [int(tag[1]) for tag, _ in found if re.fullmatch(r"h\d", tag)]
    assert headings[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(headings))
    ids = [attrs["id"] for _, attrs in found if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for tag, attrs in found if tag == "a"]
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_the_page_needs_nothing_and_runs_nothing():
    text = page()
    found = tags_of(text)
    assert not {tag for tag, _ in found} & {"script", "link", "iframe", "object", "form", "base"}
    assert not [a for _, attrs in found for a in attrs if a.startswith("on") or a in {"src", "srcset"}]
    policy = next(a["content"] for tag, a in found if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "http" not in text.replace("http-equiv", "")


@pytest.mark.parametrize(
    "field", ["label", "label_id", "label_2", "language", "unit", "relevant", "constraint", "format"]
)
def test_what_comes_from_files_is_escaped(field):
    book = codebook(variable("a", **{field: "<script>alert(1)</script>"}))
    text = page(book)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_names_and_choices_are_escaped_too():
    book = codebook(
        variable(
            '"><img src=x>',
            "category",
            allowed=("<b>",),
            choice_labels=("<i>",),
            missing_codes=("<u>=refused",),
        )
    )
    text = codebook_page(book, "<s>", NO_CHANGES)
    assert not {"b", "i", "u", "img", "s"} & {tag for tag, _ in tags_of(text)}


def test_simulated_data_are_said_to_be():
    assert "Synthetic data." in page(is_synthetic=True)
    assert "Synthetic data." not in page()


def test_changes_between_versions_are_listed_gravest_first(tmp_path):
    old = make_form(tmp_path, version="1")
    at = [r[1] for r in SURVEY].index("workers")
    survey = with_row(SURVEY, at, (*SURVEY[at][:2], "How many <people>?", *SURVEY[at][3:]))
    new = make_form(tmp_path, survey, with_row(CHOICES, 1, ("yesno", "1", "No", "Tidak")), version="2")
    text = page(changes=changes_table([old, new]))
    rows = re.findall(r'<tr class="(\w+)">\s*<th scope="row">([^<]+)</th>', text)
    assert rows == [("error", "code used for another answer")] * 2 + [("warning", "wording changed")]
    assert "How many &lt;people&gt;?" in text
    assert "1 to 2" in text


def test_a_study_with_one_form_says_that_no_changes_are_known():
    assert "No changes are known" in page()


def test_the_same_codebook_gives_the_same_page():
    assert page() == page()


def test_an_empty_codebook_is_a_page():
    tags_of(page(codebook()))
