"""Pollutions of delimited text: each parses right or is refused by name."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.delivery import FileDetail
from impacteval.errors import DataError
from impacteval.survey.csv_files import LONGEST_CELL
from impacteval.survey.read import RawFileError, unknown_columns
from support.raw_files import COLUMNS, problems_of, read_bytes, shown

U8, U16 = "utf-8", "utf-16"
REFUSED = [
    ("one row too long", "firm,wage\n1,2\n3,4,5\n6,7\n", {}, "C03", "line 3: 3 cells where the header has 2"),
    ("one row too short", "firm,wage\n1\n2,3\n", {}, "C03", "line 2: 1 cells where the header has 2"),
    ("all rows one longer", "firm,wage\n1,2,3\n4,5,6\n", {}, "C03", "every value would silently shift"),
    ("separator at the end of each row", "firm,wage\n1,2,\n4,5,\n", {}, "C03", "the last is always empty"),
    ("all rows two longer", "firm,wage\n1,2,3,4\n5,6,7,8\n", {}, "C03", "all 2 rows have 4 cells"),
    ("column twice", "firm,wage,wage\n1,2,3\n", {}, "C02", "the column 'wage' stands twice"),
    ("column three times", "firm,wage,x,x,x\n1,2,3,4,5\n", {}, "C02", "'x' stands 3 times"),
    ("columns differ in case", "firm,wage,Wage\n1,2,3\n", {}, "C02", "'Wage', 'wage' differ only in case"),
    (
        "columns differ in blanks",
        "firm,wage,wage \n1,2,3\n",
        {},
        "C02",
        "'wage', 'wage ' differ only in case",
    ),
    ("accents composed and not", "firm,wage,\u00e9,e\u0301\n1,2,3,4\n", {}, "C02", "differ only in case"),
    ("column without name", "firm,,wage\n1,2,3\n", {}, "C02", "column 2 has no name"),
    ("separator at the end of the header", "firm,wage,\n1,2,\n", {}, "C02", "column 3 has no name"),
    ("header twice", "firm,wage\n1,2\nfirm,wage\n3,4\n", {}, "C03", "line 3: the header stands again"),
    ("title above the header", "Survey 2021\nfirm,wage\n1,2\n", {}, "C05", "column 'firm' of the codebook"),
    ("other delimiter", "firm;wage\n1;2\n", {}, "C03", "declare delimiter: ';'"),
    ("tab", "firm\twage\n1\t2\n", {"delimiter": ";"}, "C03", "declare delimiter: '\\t'"),
    ("excel's sep line", "sep=;\nfirm;wage\n1;2\n", {}, "C03", "the header is one cell"),
    ("unclosed quote", 'firm,wage\n1,2\n3,"4\n5,6\n', {}, "C03", "line 3: unexpected end of data"),
    ("text after a quote", 'firm,wage\n"1"2,3\n', {}, "C03", "line 2: ',' expected after '\"'"),
    ("backslash before quote", 'firm,wage\n"a\\"b",3\n', {}, "C03", "line 2: ',' expected after '\"'"),
    ("no line ends", "firm,wage" + ",1,2" * 9000, {}, "C02", "18,002 columns, more than 16,384"),
    ("cell without end", 'firm,wage\n1,"' + "x" * (LONGEST_CELL + 9), {}, "C03", "line 2: field larger than"),
    ("NUL", "firm,wage\n1,\x002\n", {}, "C02", "line 2, column 'wage': a NUL character"),
    (
        "control character",
        "firm,wage\n1,2\n1,\x07\n",
        {},
        "C02",
        "line 3, column 'wage': a control character",
    ),
    ("end-of-file mark of DOS", "firm,wage\n1,2\n\x1a", {}, "C03", "line 3: 1 cells"),
    (
        "replaced character",
        "firm,wage\n1,caf\ufffd\n",
        {},
        "C02",
        "line 2, column 'wage': the character U+FFFD",
    ),
    (
        "mark within the text",
        "firm,wage\n1,2\n\ufefffirm,3\n",
        {},
        "C02",
        "line 3, column 'firm': a byte order",
    ),
    ("damage in a column left behind", "firm,wage,x\n1,2,\x01\n", {}, "C02", "line 2, column 'x': a control"),
    (
        "damaged column name",
        "firm,wage,a\x0bb\n1,2,3\n",
        {},
        "C02",
        "the column name 'a\\x0bb' has a control",
    ),
    ("empty file", "", {}, "C03", "empty; expected a header and rows"),
    ("only a blank line", "\n", {}, "C03", "empty; expected a header and rows"),
    ("more rows than allowed", "firm,wage\n1,2\n1,2\n1,2\n", {"max_rows": 2}, "C03", "more than 2 rows"),
    ("workbook named csv", "PK\x03\x04rest", {}, "C02", "a zip archive or an .xlsx workbook, not csv"),
    ("web page", "<!doctype HTML><p>log in", {}, "C02", "the download probably asked for a login"),
    ("codebook's column missing", "firm,wages\n1,2\n", {}, "C05", "did you mean 'wages'?"),
    ("codebook's column in capitals", "firm,WAGE\n1,2\n", {}, "C05", "did you mean 'WAGE'?"),
]


@pytest.mark.parametrize(
    ("content", "options", "code", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_polluted_text_is_refused_by_name(tmp_path, content, options, code, message):
    problems = [p for p in problems_of(tmp_path, content.encode(), **options) if p.severity == "error"]
    assert any(p.code == code and message in str(p) for p in problems), shown(problems)


ENCODED = [
    ("utf-16 declared utf-8", "firm,wage\n1,2\n".encode(U16), U8, "byte order mark of utf-16"),
    ("utf-16 big-endian", codecs.BOM_UTF16_BE + "firm,wage".encode("utf-16-be"), "cp1252", "mark of utf-16"),
    ("utf-16 without mark", "firm,wage\n1,2\n".encode("utf-16-le"), U8, "looks like UTF-16 without"),
    ("utf-16 declared, no mark", "firm,wage\n1,2\n".encode("utf-16-le"), U16, "no byte order mark"),
    ("utf-16 declared, is utf-8", b"\xef\xbb\xbffirm,wage\n1,2\n", U16, "mark of utf-8"),
    ("utf-16 cut off", "firm,wage\n1,2\n".encode(U16)[:-1], U16, "not utf-16"),
    ("utf-32", "firm,wage\n1,2\n".encode("utf-32"), U8, "byte order mark of utf-32"),
    ("cp1252 declared utf-8", "firm,wage\n1,Caf\u00e9\n".encode("cp1252"), U8, "line 2: the bytes e9"),
    ("utf-8 with mark declared cp1252", b"\xef\xbb\xbffirm,wage\n1,2\n", "cp1252", "mark of utf-8"),
    ("utf-8 declared cp1252", "firm,wage\n1,Caf\u00e9\n".encode(), "cp1252", "all its bytes are UTF-8"),
    ("utf-8 declared latin-1", "firm,wage\n1,Caf\u00e9\n".encode(), "latin-1", "all its bytes are UTF-8"),
    ("cp1252 declared latin-1", b"firm,wage\n1,\x93x\x94\n", "latin-1", "probably cp1252"),
    ("byte that cp1252 lacks", b"firm,wage\n1,\x81\xe9\n", "cp1252", "line 2: the bytes 81"),
    ("half a surrogate in bytes", b"firm,wage\n1,\xed\xa0\x80\n", U8, "line 2: the bytes ed a0 80"),
    ("overlong slash", b"firm,wage\n1,\xc0\xaf\n", U8, "line 2: the bytes c0 af"),
]


@pytest.mark.parametrize(
    ("content", "encoding", "message"), [e[1:] for e in ENCODED], ids=[e[0] for e in ENCODED]
)
def test_bytes_that_are_not_the_declared_encoding_are_refused_by_name(tmp_path, content, encoding, message):
    problems = problems_of(tmp_path, content, encoding=encoding)
    assert all(p.code in {"C02", "C05"} for p in problems if p.severity == "error")
    assert message in shown(problems)


PARSED = [
    ("windows line ends", "firm,wage\r\n1,2\r\n", {}, [("1", "2", 2)]),
    ("old mac line ends", "firm,wage\r1,2\r3,4\r", {}, [("1", "2", 2), ("3", "4", 3)]),
    ("mixed line ends", "firm,wage\r\n1,2\n3,4\r5,6", {}, [("1", "2", 2), ("3", "4", 3), ("5", "6", 4)]),
    ("no line end at the end", "firm,wage\n1,2", {}, [("1", "2", 2)]),
    ("blank lines", "firm,wage\n\n1,2\n\n\n3,4\n\n", {}, [("1", "2", 3), ("3", "4", 6)]),
    ("blanks around cells stay", "firm,wage\n 1 ,\t2\n", {}, [(" 1 ", "\t2", 2)]),
    ("separator in quotes", 'firm,wage\n"a,b",2\n', {}, [("a,b", "2", 2)]),
    ("quote in quotes", 'firm,wage\n"a""b",2\n', {}, [('a"b', "2", 2)]),
    ("quote in the middle", 'firm,wage\n5" pipe,2\n', {}, [('5" pipe', "2", 2)]),
    ("line end in quotes", 'firm,wage\n"a\r\nb",2\n3,4\n', {}, [("a\r\nb", "2", 2), ("3", "4", 4)]),
    ("missing words are text", "firm,wage\nNA,null\nNone,nan\n", {}, [("NA", "null", 2), ("None", "nan", 3)]),
    ("leading zeros and dots", "firm,wage\n001,1.250\n", {}, [("001", "1.250", 2)]),
    ("long digits", "firm,wage\n12345678901234567,1e400\n", {}, [("12345678901234567", "1e400", 2)]),
    ("formula is text", "firm,wage\n=1+1,@x\n", {}, [("=1+1", "@x", 2)]),
    ("row of empty cells", "firm,wage\n,\n", {}, [("", "", 2)]),
    ("quoted header", '"firm","wage"\n1,2\n', {}, [("1", "2", 2)]),
    ("columns in another order", "wage,x,firm\n2,9,1\n", {}, [("1", "2", 2)]),
    ("semicolons", "firm;wage\n1;2,5\n", {"delimiter": ";"}, [("1", "2,5", 2)]),
    ("tabs", "firm\twage\n1\t2\n", {"delimiter": "\t"}, [("1", "2", 2)]),
    ("bars", "firm|wage\n1|2\n", {"delimiter": "|"}, [("1", "2", 2)]),
    ("emoji", "firm,wage\n\U0001f3ed,2\n", {}, [("\U0001f3ed", "2", 2)]),
    (
        "letters of many scripts",
        "firm,wage\nSão Ågård,\u0645\u0631\u062d\u0628\u0627\n",
        {},
        [("São Ågård", "\u0645\u0631\u062d\u0628\u0627", 2)],
    ),
    (
        "markup is text",
        "firm,wage\n<script>alert(1)</script>,2\n",
        {},
        [("<script>alert(1)</script>", "2", 2)],
    ),
]


@pytest.mark.parametrize(("content", "options", "rows"), [p[1:] for p in PARSED], ids=[p[0] for p in PARSED])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unusual_but_sound_text_is_read_as_it_is(tmp_path, content, options, rows, encoding):
    frame = read_bytes(tmp_path, content.encode(encoding), encoding=encoding, **options)
    assert list(zip(frame["firm"], frame["wage"], frame["source_row"], strict=True)) == rows
    assert frame.dtypes.astype(str).tolist() == ["str", "int64", "str", "str"]


def test_header_of_one_column_may_stand_again_as_a_value(tmp_path):
    frame = read_bytes(tmp_path, b"firm\nfirm\n7\n", columns=("firm",))
    assert frame["firm"].tolist() == ["firm", "7"]


def test_text_that_was_misread_before_it_was_saved_is_a_warning_by_line(tmp_path):
    content = "firm,wage\n1,Caf\u00e9\n2,Caf\u00c3\u00a9\n3,it\u00e2\u20ac\u2122s\n4,\u00d8\u00a7\u00d9\u201e\n".encode()
    problems = problems_of(tmp_path, content)
    assert "lines 3, 4, 5, column 'wage': text such as" in shown(problems, "warning")
    assert shown(problems) == ""
    assert len(read_bytes(tmp_path, content)) == 4


@pytest.mark.parametrize(
    "text",
    [
        "S\u00e3o \u00c5g\u00e5rd",
        "\u00abd\u00e9j\u00e0\u00bb",
        "gro\u00df\u201c",
        "M\u00c3E",
        "5 \u00b0C",
        "\u2019quoted\u2019",
    ],
)
def test_sound_letters_are_not_taken_for_misread_ones(tmp_path, text):
    assert problems_of(tmp_path, f"firm,wage\n1,{text}\n".encode()) == ()


def test_byte_order_mark_is_noted(tmp_path):
    assert "1 byte order mark" in shown(problems_of(tmp_path, b"\xef\xbb\xbffirm,wage\n1,2\n"), "info")


def test_blank_lines_are_noted(tmp_path):
    assert "lines 3, 5: 2 blank" in shown(problems_of(tmp_path, b"firm,wage\n1,2\n\n3,4\n\n"), "info")


def test_only_the_first_ragged_rows_are_listed_and_the_others_counted(tmp_path):
    content = "firm,wage\n1,2\n" + "3\n" * 70
    problems = problems_of(tmp_path, content.encode())
    assert len(problems) == 21
    assert "50 more rows of another length" in shown(problems)


def test_error_lists_fifty_problems_and_counts_the_others(tmp_path):
    columns = [f"c{i}" for i in range(60)]
    with pytest.raises(RawFileError) as caught:
        read_bytes(tmp_path, b"firm\n1\n", columns=columns)
    assert len(caught.value.problems) == 60
    assert str(caught.value).count("\n") == 51
    assert str(caught.value).endswith("and 10 more")


def test_everything_wrong_with_a_file_is_said_at_once(tmp_path):
    message = shown(problems_of(tmp_path, b"firm,x,x\n1,2,3\n4,\x01,5\n6\n"))
    assert all(
        part in message for part in ("'x' stands twice", "column 'wage'", "control", "line 4: 1 cells")
    )


def test_unknown_columns_are_listed_and_ignored_ones_are_not(tmp_path):
    problems = problems_of(tmp_path, b"firm,wage,a,b\n1,2,3,4\n", ignored=("b",))
    assert unknown_columns(problems, "firms") == [("firms.csv", "a")]
    assert shown(problems) == ""


GROUPED = b"start,g/firm,g/h/wage,x/y\n0,1,2,3\n"


def test_grouped_column_is_found_by_the_end_of_its_name(tmp_path):
    frame = read_bytes(tmp_path, GROUPED, group_separator="/")
    assert frame[["firm", "wage"]].to_numpy().tolist() == [["1", "2"]]


def test_grouped_column_is_not_found_where_no_separator_is_declared(tmp_path):
    with pytest.raises(DataError, match="column 'wage' of the codebook is not in the file"):
        read_bytes(tmp_path, GROUPED)


def test_end_that_several_columns_have_is_refused_until_one_is_named(tmp_path):
    content = b"firm,a/wage,b/wage\n1,2,3\n"
    with pytest.raises(DataError, match="'wage' of the codebook may be any of 2: 'a/wage', 'b/wage'"):
        read_bytes(tmp_path, content, group_separator="/")
    details = (FileDetail(file="firms.csv", renamed={"b/wage": "wage"}),)
    assert read_bytes(tmp_path, content, group_separator="/", details=details)["wage"].tolist() == ["3"]
    ignoring = read_bytes(tmp_path, content, group_separator="/", ignored=("a/wage",))
    assert ignoring["wage"].tolist() == ["3"]


def test_exact_name_goes_before_the_end_of_another(tmp_path):
    frame = read_bytes(tmp_path, b"firm,a/wage,wage\n1,2,3\n", group_separator="/")
    assert frame["wage"].tolist() == ["3"]


def test_ignored_column_may_be_named_by_its_end(tmp_path):
    problems = problems_of(tmp_path, GROUPED, group_separator="/", ignored=("y", "start"))
    assert problems == ()


def detail(**options):
    return {"details": (FileDetail(file="firms.csv", **options),)}


def test_constants_and_absent_columns_are_added_in_the_order_of_the_codebook(tmp_path):
    options = detail(constants={"round": "2"}, absent=("wage",))
    frame = read_bytes(tmp_path, b"firm\n1\n2\n", columns=("round", "firm", "wage"), **options)
    assert frame.columns.tolist() == ["source_file", "source_row", "round", "firm", "wage"]
    assert frame["round"].tolist() == ["2", "2"] and frame["wage"].tolist() == ["", ""]


def test_renamed_column_is_read_under_the_name_of_the_codebook(tmp_path):
    frame = read_bytes(tmp_path, b"firm,upah \n1,2\n", **detail(renamed={"upah ": "wage"}))
    assert frame["wage"].tolist() == ["2"]


def test_single_column_without_a_name_may_be_renamed_or_ignored(tmp_path):
    content = b",firm\n2,1\n"
    assert read_bytes(tmp_path, content, **detail(renamed={"": "wage"}))["wage"].tolist() == ["2"]
    assert read_bytes(tmp_path, content, columns=("firm",), ignored=("",))["firm"].tolist() == ["1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"renamed": {"upah": "wage"}}, "details.renamed: 'upah' is not in the file"),
        ({"renamed": {"x": "salary"}}, "details.renamed: 'salary' is not wanted of the file"),
        ({"renamed": {"x": "wage"}}, "the file has a column 'wage' beside 'x'"),
        ({"renamed": {"x": "wage", "wage": "wage"}}, "'x' and another column become 'wage'"),
        ({"constants": {"wage": "3"}}, "details.constants: the file has a column 'wage' of its own"),
        ({"constants": {"salary": "3"}}, "details.constants: 'salary' is not in the codebook"),
        ({"absent": ("wage",)}, "details.absent: the file has a column 'wage' of its own"),
        ({"absent": ("salary",)}, "details.absent: 'salary' is not in the codebook"),
    ],
)
def test_details_that_the_file_contradicts_are_refused(tmp_path, options, message):
    problems = problems_of(tmp_path, b"firm,wage,x\n1,2,3\n", **detail(**options))
    assert message in shown(problems)
    assert {p.code for p in problems if p.severity == "error"} == {"C05"}


def test_two_columns_may_change_places(tmp_path):
    frame = read_bytes(tmp_path, b"firm,wage\n1,2\n", **detail(renamed={"firm": "wage", "wage": "firm"}))
    assert frame[["firm", "wage"]].to_numpy().tolist() == [["2", "1"]]


CELLS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=8)


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_quoted_text_comes_back_as_it_was(tmp_path_factory, rows):
    quoted = ['"' + '","'.join(cell.replace('"', '""') for cell in row) + '"\n' for row in rows]
    frame = read_bytes(tmp_path_factory.mktemp("csv"), ("firm,wage\n" + "".join(quoted)).encode())
    assert list(zip(frame["firm"], frame["wage"], strict=True)) == rows
    assert frame["source_row"].tolist() == list(range(2, len(rows) + 2))


def test_long_file_is_read_in_batches_like_a_short_one(tmp_path, monkeypatch):
    content = "firm,wage\n" + "".join(f"{i},{i * i}\n" for i in range(50)) + "50\n"
    whole = problems_of(tmp_path, content.encode())
    monkeypatch.setattr("impacteval.survey.text_columns.CELLS_AT_ONCE", 14)
    assert problems_of(tmp_path, content.encode()) == whole
    frame = read_bytes(tmp_path, content.removesuffix("50\n").encode())
    assert frame["wage"].tolist() == [str(i * i) for i in range(50)]
    assert frame["source_row"].tolist() == list(range(2, 52))


def test_line_of_damage_is_right_in_a_later_batch(tmp_path, monkeypatch):
    monkeypatch.setattr("impacteval.survey.text_columns.CELLS_AT_ONCE", 4)
    content = "firm,wage\n" + "1,2\n" * 9 + "1,\x01\n"
    assert "line 11, column 'wage'" in shown(problems_of(tmp_path, content.encode(), columns=COLUMNS))
