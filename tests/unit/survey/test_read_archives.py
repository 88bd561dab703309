"""Zip archives: the member that is meant, and nothing that leads elsewhere."""

from __future__ import annotations

import io
import stat
import zipfile

import pandas as pd
import pytest

from impacteval.survey.read import read_tables
from support.raw_files import (
    HEADER,
    cells_xml,
    delivered,
    problems_of,
    read_bytes,
    shown,
    workbook_parts,
    zip_bytes,
)
from support.surveys import in_table
from support.tables import codebook, variable

CSV = b"firm,wage\n1,2\n3,4\n"


def test_member_is_read_and_rows_are_its_lines(tmp_path):
    content = zip_bytes({"survey/main.csv": CSV, "survey/main-repeat.csv": b"x\n", "media/a.jpg": b"\xff"})
    frame = read_bytes(tmp_path, content, "export.zip", member="survey/main.csv")
    assert frame["wage"].tolist() == ["2", "4"]
    assert frame["source_row"].tolist() == [2, 3]
    assert set(frame["source_file"]) == {"export.zip"}


def test_problem_in_a_member_names_archive_member_and_line(tmp_path):
    said = shown(
        problems_of(tmp_path, zip_bytes({"main.csv": CSV + b"5\n"}), "export.zip", member="main.csv")
    )
    assert said.startswith("export.zip, main.csv, line 4: 1 cells where the header has 2")


def test_several_tables_may_come_from_one_archive(tmp_path):
    content = zip_bytes({"a.csv": CSV, "b.csv": b"firm,wage\n9,8\n"})
    tables = [delivered(tmp_path, content, "export.zip", member=f"{n}.csv", table=n) for n in ("a", "b")]
    book = codebook(*in_table("a", variable("firm")), *in_table("b", variable("firm")))
    found = read_tables(tmp_path, tables, book)
    assert found["a"]["firm"].tolist() == ["1", "3"] and found["b"]["firm"].tolist() == ["9"]


def test_members_of_other_formats_are_read(tmp_path):
    frame = pd.DataFrame({"firm": ["1"], "wage": ["2"]})
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    frame.to_stata(tmp_path / "a.dta", write_index=False)
    book = zip_bytes(workbook_parts({"Data": cells_xml({1: HEADER, 2: HEADER.replace("1", "2")})}))
    members = {"a.parquet": (tmp_path / "a.parquet").read_bytes(), "a.dta": (tmp_path / "a.dta").read_bytes()}
    members["a.xlsx"] = book
    for name in members:
        assert len(read_bytes(tmp_path, zip_bytes(members), "export.zip", member=name)) == 1


def test_member_that_is_not_there_is_met_with_the_nearest(tmp_path):
    said = shown(problems_of(tmp_path, zip_bytes({"Main.csv": CSV}), "export.zip", member="main.csv"))
    assert "no member 'main.csv'; did you mean 'Main.csv'?" in said


def test_empty_member_and_empty_archive_are_refused(tmp_path):
    assert "is empty" in shown(problems_of(tmp_path, zip_bytes({"a.csv": b""}), "e.zip", member="a.csv"))
    assert "no member" in shown(problems_of(tmp_path, zip_bytes({}), "e.zip", member="a.csv"))


NAMES = [
    "../x.csv",
    "a/../../x.csv",
    "/etc/passwd",
    "..\\x.csv",
    "C:x.csv",
    "C:\\x.csv",
    "a//b.csv",
    "./x.csv",
    "a/./b.csv",
    "a/..",
    "CON",
    "nul.csv",
    "a/COM1.txt",
    "x.csv.",
    "x.csv ",
    "a\u2215b",
    "a\uff0fb",
    "a\u2044b",
    "a\x01b",
    "a:stream",
]


@pytest.mark.parametrize("name", NAMES)
def test_name_that_leads_elsewhere_refuses_the_archive(tmp_path, name):
    content = zip_bytes({"a.csv": CSV, name: b"x"})
    said = shown(problems_of(tmp_path, content, "export.zip", member="a.csv"))
    assert "is no plain name" in said or "some systems keep" in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["export.zip"]


def entry_bytes(name, content, **fields):
    entry = zipfile.ZipInfo(name)
    for field, value in fields.items():
        setattr(entry, field, value)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr(entry, content, fields.get("compress_type"))
    return buffer.getvalue()


def test_links_and_unusual_compression_are_refused(tmp_path):
    link = entry_bytes("b.csv", b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16)
    assert "'b.csv' is a link" in shown(problems_of(tmp_path, link, "export.zip", member="b.csv"))
    packed = entry_bytes("b.csv", CSV, compress_type=zipfile.ZIP_BZIP2)
    assert "unusual way" in shown(problems_of(tmp_path, packed, "export.zip", member="b.csv"))


def test_encrypted_member_is_refused(tmp_path):
    content = bytearray(zip_bytes({"a.csv": CSV}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted" in shown(problems_of(tmp_path, bytes(content), "export.zip", member="a.csv"))


def test_name_with_a_nul_is_refused(tmp_path):
    content = zip_bytes({"a.csv": CSV, "bxcsv": b"x"}).replace(b"bxcsv", b"b\0csv")
    assert "no plain name" in shown(problems_of(tmp_path, content, "export.zip", member="a.csv"))


def test_member_that_unpacks_to_far_more_is_refused(tmp_path):
    content = zip_bytes({"a.csv": CSV + b"0,0\n" * 2_600_000})
    said = shown(problems_of(tmp_path, content, "export.zip", member="a.csv"))
    assert "10 MB" in said and "times its packed size" in said
    assert "more than max_megabytes" in shown(
        problems_of(tmp_path, content, "export.zip", member="a.csv", max_megabytes=5)
    )


def test_damaged_member_is_refused(tmp_path):
    content = bytearray(zip_bytes({"a.csv": CSV * 20}))
    content[content.index(b"a.csv") + 9] ^= 0xFF
    said = shown(problems_of(tmp_path, bytes(content), "export.zip", member="a.csv"))
    assert "'a.csv' is damaged" in said or "has another number" in said
