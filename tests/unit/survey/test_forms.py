"""A form is read as it was programmed, or everything that is wrong with it is listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.errors import DataError
from impacteval.survey.form_types import read_type
from impacteval.survey.forms import read_form, references
from support.forms import CHOICES, SETTINGS, SURVEY, make_form, write_rows, write_workbook

HEADING = ("type", "name", "label", "relevant", "choice_filter", "disabled")


def form_of(folder, *rows, choices=CHOICES):
    return make_form(folder, (HEADING, *(tuple(r) + ("",) * (len(HEADING) - len(r)) for r in rows)), choices)


def problems_of(folder, *rows, choices=CHOICES):
    with pytest.raises(DataError) as error:
        form_of(folder, *rows, choices=choices)
    return str(error.value)


@pytest.fixture
def form(tmp_path):
    return make_form(tmp_path)


def question(form, name):
    return next(q for q in form.questions if q.name == name)


def test_questions_come_in_order_with_their_labels_in_all_languages(form):
    assert [q.name for q in form.questions][:6] == [
        "start",
        "end",
        "deviceid",
        "enumerator_id",
        "firm_id",
        "consent",
    ]
    workers = question(form, "workers")
    assert workers.labels == {"English (en)": "How many workers?", "Bahasa Indonesia (id)": "Berapa pekerja?"}
    assert (workers.type, workers.constraint, workers.is_required) == ("integer", ". > 0 and . < 500", True)
    assert workers.row == 10
    assert form.languages == ("English (en)", "Bahasa Indonesia (id)")


def test_groups_and_repeats_around_a_question_are_known(form):
    assert question(form, "workers").groups == ("main",)
    assert question(form, "workers").repeat == ""
    assert question(form, "age").groups == ("roster",)
    assert question(form, "age").repeat == "roster"
    assert form.repeats == ("roster",)


def test_a_question_is_asked_where_its_groups_are(form):
    assert question(form, "workers").asked_where == "${consent} = '1'"
    assert question(form, "export_share").asked_where == "(${consent} = '1') and (${exports} = '1')"
    assert question(form, "firm_id").asked_where == ""


def test_choices_belong_to_their_list(form):
    listed = form.choices_of(question(form, "inputs"))
    assert [c.value for c in listed] == ["steel", "rubber", "other", "none"]
    assert listed[0].labels == {"English (en)": "Steel", "Bahasa Indonesia (id)": "Baja"}


def test_workbook_and_csv_give_the_same_form(tmp_path, form):
    book = write_workbook(tmp_path / "form.xlsx", survey=SURVEY, choices=CHOICES, settings=SETTINGS)
    found = read_form(book)
    assert found.questions == form.questions
    assert found.choices == form.choices
    assert found.settings.form_title == "Enterprises"
    assert found.settings.version == "2024010101"


def test_numbers_and_truth_values_of_a_workbook_are_read_as_they_look(tmp_path):
    survey = (("type", "name", "label", "required"), ("select_one a", "q", "Q", True))
    choices = (("list_name", "value", "label"), ("a", 1.0, "One"), ("a", -999.0, "Don't know"))
    found = read_form(write_workbook(tmp_path / "f.xlsx", survey=survey, choices=choices))
    assert [c.value for c in found.choices["a"]] == ["1", "-999"]
    assert found.questions[0].is_required


def test_rows_are_numbered_as_the_workbook_shows_them_beside_blank_rows(tmp_path):
    survey = (("type", "name"), ("text", "a"), (), ("wrong", "b"))
    book = write_workbook(tmp_path / "f.xlsx", survey=survey)
    with pytest.raises(DataError, match=r"f.xlsx, sheet survey, row 4: the type 'wrong' is unknown"):
        read_form(book)


def test_headings_of_surveycto_mean_the_same(tmp_path):
    survey = (
        (
            "type",
            "name",
            "label",
            "label:bahasa",
            "relevance",
            "constraint message",
            "calculation",
            "disabled",
        ),
        ("text", "a", "Name", "Nama", "", "Too long", "", ""),
        ("calculate_here", "b", "", "", "${a} != ''", "", "once(now())", ""),
        ("text", "gone", "Gone", "", "", "", "", "yes"),
        ("text audit", "audit_file", "", "", "", "", "", ""),
    )
    settings = (("form_title", "default_language"), ("Form", "english"))
    found = read_form(write_workbook(tmp_path / "f.xlsx", survey=survey, settings=settings))
    assert [(q.name, q.type) for q in found.questions] == [
        ("a", "text"),
        ("b", "calculate"),
        ("audit_file", "text_audit"),
    ]
    assert found.questions[0].labels == {"english": "Name", "bahasa": "Nama"}
    assert found.questions[0].constraint_messages == {"english": "Too long"}
    assert (found.questions[1].relevant, found.questions[1].calculation) == ("${a} != ''", "once(now())")
    assert found.languages == ("english", "bahasa")


@pytest.mark.parametrize(
    ("cell", "type_", "list_name"),
    [
        ("select_one x", "select_one", "x"),
        ("select one x", "select_one", "x"),
        ("SELECT_ONE  x", "select_one", "x"),
        ("select_multiple x", "select_multiple", "x"),
        ("rank x", "rank", "x"),
        ("select_one_from_file x.csv", "select_one", "x.csv"),
        ("select_one x or_other", "select_one", "x"),
        ("dateTime", "datetime", ""),
        ("date time", "datetime", ""),
        ("int", "integer", ""),
        ("begin_group", "group", ""),
        ("end repeat", "repeat", ""),
        ("speed violations count", "speed_violations_count", ""),
        ("background-audio", "background-audio", ""),
    ],
)
def test_types_are_read_in_all_their_spellings(cell, type_, list_name):
    found = read_type(cell)
    assert (found.type, found.list_name) == (type_, list_name)


@given(st.text(max_size=12))
def test_any_text_is_a_type_or_none(text):
    found = read_type(text)
    assert found is None or found.type


def test_choices_kept_elsewhere_are_not_taken_from_the_form(tmp_path):
    survey = (
        ("type", "name", "label", "appearance"),
        ("select_one_from_file towns.csv", "town", "Town", ""),
        ("select_one yesno", "shop", "Shop", "minimal search('shops')"),
        ("select_one yesno or_other", "plain", "Plain", ""),
    )
    found = make_form(tmp_path, survey)
    assert [len(found.choices_of(q)) for q in found.questions] == [0, 0, 3]
    assert found.questions[2].has_other


def test_everything_that_is_wrong_is_said_at_once_with_sheet_and_row(tmp_path):
    choices = (
        *CHOICES,
        ("yesno", "1", "Again", ""),
        ("yesno", "", "No value", ""),
        ("", "5", "No list", ""),
        ("inputs", "a|b", "Bar", ""),
    )
    message = problems_of(
        tmp_path,
        ("text", "a", "A"),
        ("text", "A", "Again"),
        ("select_one nowhere", "b", "B"),
        ("integr", "c", "C"),
        ("text", "1d", "D"),
        ("text", "", "E"),
        ("", "f", "F"),
        ("text", "g", "G", "${nobody} = 1"),
        ("end group", ""),
        ("begin repeat", "open"),
        choices=choices,
    )
    for said in (
        "survey.csv: 13 problems",
        "survey.csv, row 3: the name 'A' stands on row 2 too",
        "survey.csv, row 4: b: no list 'nowhere' in the choices; allowed: inputs, yesno",
        "survey.csv, row 5: the type 'integr' is unknown",
        "did you mean 'integer'?",
        "survey.csv, row 6: the name '1d' is not allowed",
        "survey.csv, row 7: a question without a name",
        "survey.csv, row 8: 'f' has no type",
        "survey.csv, row 9: g: relevant refers to ${nobody}, which is no question",
        "survey.csv, row 10: `end group` closes nothing",
        "survey.csv, row 11: the repeat 'open' is never closed",
        "choices.csv, row 9: the value '1' of list 'yesno' stands on row 2 already",
        "choices.csv, row 10: a choice without value",
        "choices.csv, row 11: a choice without list_name",
        "choices.csv, row 12: the value 'a|b' of list 'inputs' holds `|`",
    ):
        assert said in message, said


def test_groups_that_cross_are_refused(tmp_path):
    message = problems_of(
        tmp_path, ("begin group", "g"), ("begin repeat", "r"), ("end group", ""), ("end repeat", "")
    )
    assert "row 4: `end group` where the repeat 'r' of row 3 is open" in message


def test_answers_of_one_cell_are_separated_by_blanks_so_their_values_have_none(tmp_path):
    choices = (("list_name", "name", "label"), ("l", "two words", "Two"))
    assert "the choice 'two words' holds a blank" in problems_of(
        tmp_path, ("select_multiple l", "m", "M"), choices=choices
    )
    assert form_of(tmp_path, ("select_one l", "o", "O"), choices=choices).choices["l"][0].value == "two words"


def test_a_value_may_stand_twice_where_choices_are_filtered_and_is_doubtful_where_its_meaning_differs(
    tmp_path,
):
    choices = (
        ("list_name", "name", "label"),
        ("l", "1", "Wife"),
        ("l", "2", "Son"),
        ("l", "1", "Other"),
        ("l", "2", "Son"),
    )
    found = form_of(tmp_path, ("select_one l", "q", "Q", "", "filter = 1"), choices=choices)
    assert [(c.value, c.labels[""]) for c in found.choices["l"]] == [("1", "Wife / Other"), ("2", "Son")]
    assert len(found.doubts) == 1
    assert "row 4: the value '1' of list 'l' stands on row 2 already with another label" in found.doubts[0]


def test_a_form_may_allow_choices_to_repeat(tmp_path):
    survey = (("type", "name", "label"), ("select_one l", "q", "Q"))
    choices = (("list_name", "name", "label"), ("l", "1", "One"), ("l", "1", "One"))
    settings = (("form_title", "allow_choice_duplicates"), ("F", "yes"))
    found = read_form(write_workbook(tmp_path / "f.xlsx", survey=survey, choices=choices, settings=settings))
    assert len(found.choices["l"]) == 1


def test_kobo_scores_choose_from_the_list_of_their_group(tmp_path):
    survey = (
        ("type", "name", "label", "kobo--score-choices"),
        ("begin_score", "s", "S", "yesno"),
        ("score__row", "a", "A", ""),
        ("end_score", "", "", ""),
    )
    found = make_form(tmp_path, survey)
    assert (found.questions[0].type, found.questions[0].list_name) == ("select_one", "yesno")


def test_references_are_listed_once_in_order():
    assert references("${b} = 1 and selected(${ a }, 'x') or ${b} > ${last-saved#c}") == ["b", "a", "c"]
    assert references("") == []


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda p: p / "none.csv", "none.csv: not found"),
        (lambda p: write_rows(p / "f.csv", [("kind", "name"), ("text", "a")]), "f.csv, row 1: no column 'type'"),
        (lambda p: write_rows(p / "f.csv", [("type", "name", "name"), ("text", "a", "b")]), "the heading 'name' stands twice"),
        (lambda p: write_workbook(p / "f.xlsx", questions=[("type", "name")]), "f.xlsx: no sheet named survey; sheets: questions"),
        (lambda p: write_rows(p / "f.xlsx", [("type", "name")]), "f.xlsx"),
        (lambda p: write_rows(p / "f.ods", [("type", "name")]), "f.ods: a form is an .xlsx workbook"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_form_is_refused(tmp_path, write, said):
    with pytest.raises(DataError) as error:
        read_form(write(tmp_path))
    assert said in str(error.value)


def test_bytes_that_are_not_utf8_are_refused(tmp_path):
    (tmp_path / "f.csv").write_bytes(b"type,name,label\ntext,a,caf\xe9\n")
    with pytest.raises(DataError, match=r"f\.csv: not UTF-8"):
        read_form(tmp_path / "f.csv")


def test_a_workbook_with_choices_beside_it_is_refused(tmp_path):
    book = write_workbook(tmp_path / "f.xlsx", survey=SURVEY, choices=CHOICES)
    with pytest.raises(DataError, match="a workbook has its own sheet of choices"):
        read_form(book, write_rows(tmp_path / "c.csv", CHOICES))


def test_a_form_with_a_declared_document_type_is_refused(tmp_path):
    """A workbook whose parts declare entities can blow up a reader."""
    from zipfile import ZipFile

    book = write_workbook(tmp_path / "f.xlsx", survey=SURVEY, choices=CHOICES)
    with ZipFile(book) as old, ZipFile(tmp_path / "g.xlsx", "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "xl/workbook.xml":
                content = content.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)
            new.writestr(entry, content)
    with pytest.raises(DataError, match=r"g\.xlsx"):
        read_form(tmp_path / "g.xlsx")
