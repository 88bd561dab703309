"""Personal data in open columns: what is found, what is not, and that no value is repeated."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.checks.respondents import PersonalData
from impacteval.delivery import Roles
from impacteval.validation.personal_data import found_in, kinds_in
from support.surveys import findings_in, make_survey
from support.tables import variable

pytestmark = pytest.mark.usefixtures("great_expectations")
CHECK = PersonalData(kind="personal_data", id="personal", table="firms")
IDENTITY, TAX, PHONE = "number of 16 digits (NIK, NPWP)", "tax number (NPWP)", "telephone number"
MAIL, PLACE = "e-mail address", "position"
PERSONAL = {
    "3201012301800001": [IDENTITY],
    "NIK: 3201-0123-0180-0001": [IDENTITY],
    "320101 230180 0001 (ktp)": [IDENTITY],
    "NIK.3201012301800001,": [IDENTITY],
    "NPWP 01.234.567.8-901.000": [TAX],
    "01.234.567.8.901.000": [TAX],
    "012345678901234": [TAX],
    "01 234 567 8 901 000": [TAX],
    "hubungi 081234567890": [PHONE],
    "0812-3456-7890": [PHONE],
    "0812 3456 789": [PHONE],
    "0812.3456.7890": [PHONE],
    "(0812) 3456 7890": [PHONE],
    "WA +62 812-3456-7890": [PHONE],
    "+62(0)81234567890": [PHONE],
    "6281234567890": [PHONE],
    "00628123456789": [PHONE],
    "081234567": [PHONE],
    "+62 21 5551234": [PHONE],
    "+62215551234": [PHONE],
    "telp: 08123456789/08129876543": [PHONE],
    "budi.santoso@example.co.id": [MAIL],
    "mailto:ana@x.org.": [MAIL],
    "email a_b@c.id, 0812 3456 7890": [MAIL, PHONE],
    "-6.914744, 107.609810": [PLACE],
    "-6.914744 107.609810 700 5": [PLACE],
    "-6,914744; 107,609810": [PLACE],
    "-6.914,107.609": [PLACE],
    "3.5952 98.6722": [PLACE],
    "lat -6.91474 107.60981": [PLACE],
}
HARMLESS = (
    "1.234.567.890",
    "Rp 1.500.000,-",
    "Rp62812345678",
    "62.812.345.678",
    "12.345.678.901.234",
    "1.234.567.890.123.456",
    "1 234 567 890 123 456",
    "$1,234,567.89",
    "100000000000000",
    "1000000000000000",
    "0.1234567890123456",
    "2,5 miliar",
    "750 jt",
    "3-4 juta",
    "harga 1.250,50 1.300,75",
    "12.500 15.000",
    "12.500, 15.000",
    "08-12-2023",
    "08/12/2023 10:15",
    "08-12-2023 10.15",
    "2024-01-15T10:11:12.123+07:00",
    "2023-08-12 08:15:30.123456",
    "F-0042",
    "SCI-E-0001",
    "v2024011501",
    "uuid:8f14e45f-ceea-467f-9a8b-0123456789ab",
    "ISIC 01111",
    "40311",
    "0812",
    "10-11-12",
    "-6.9 107.6",
    "-6.91, 107.61",
    "95.1234 190.5678",
    "Jl. Merdeka 12 RT 03/05",
    "produksi 1500 kg/hari 3 orang",
    "100%",
    "9 @ 5000",
    "kode 0812.34",
    "closed on Sunday",
    "",
)


def survey_of(columns, *, roles=None, confidential=(), **types):
    variables = [
        variable(c, types.get(c, "text"), confidential="yes" if c in confidential else "no") for c in columns
    ]
    return make_survey({"firms": columns}, variables, {"firms": roles or Roles()})


@pytest.mark.parametrize("text", PERSONAL)
def test_personal_data_in_a_text_are_found(text):
    assert kinds_in(text) == PERSONAL[text]
    assert found_in(pd.Series([text], dtype="str")).tolist() == [", ".join(PERSONAL[text])]


@pytest.mark.parametrize("text", HARMLESS)
def test_amounts_dates_and_ids_are_no_personal_data(text):
    assert kinds_in(text) == []


@given(amount=st.integers(0, 10**14), mark=st.sampled_from([".", ",", ""]))
def test_no_amount_with_marks_of_thousands_is_personal(amount, mark):
    # Without marks, an amount from 628,... on and with these digits cannot be told from a number.
    text = f"{amount:,}".replace(",", mark)
    if mark or amount < 10**10:
        assert kinds_in(f"Rp {text}") == []


@given(st.text(max_size=40))
def test_no_text_whatever_breaks_the_search(text):
    assert isinstance(kinds_in(text), list)


def test_long_text_is_searched_in_time_that_grows_with_its_length():
    """Bug: a run of letters without @ was read again from each of its letters."""
    assert kinds_in("a" * 200_000 + " 1" * 50_000) == []


def test_finding_names_column_and_row_and_never_the_value():
    columns = {"firm": ["a", "b"], "remark": ["all fine", "call 081234567890"], "note": ["", "x@y.id"]}
    found = findings_in(survey_of(columns, roles=Roles(unit="firm")), CHECK)
    assert found["source_row"].tolist() == [3, 3]
    assert found["column"].tolist() == ["remark", "note"]
    assert found["message"].tolist() == [
        "personal data in an open column: telephone number",
        "personal data in an open column: e-mail address",
    ]
    assert (
        not found.drop(columns="raw_value")
        .map(lambda cell: "0812" in str(cell) or "x@y" in str(cell))
        .any(axis=None)
    )


def test_column_that_is_mostly_personal_is_one_finding_with_its_count():
    columns = {"remark": [f"08123456{i:04d}" for i in range(30)] + ["fine"] * 10}
    found = findings_in(survey_of(columns), CHECK)
    assert found["value_shown"].tolist() == ["remark: telephone number in 30 rows"]
    assert found["source_row"].tolist() == [0]


def test_confidential_columns_ids_and_numbers_are_not_searched():
    columns = {
        "firm": ["081234567890"],
        "owner": ["x@y.id"],
        "sales": ["3201012301800"],
        "who": ["081234567890"],
    }
    roles = Roles(unit="firm", enumerator="who")
    survey = survey_of(columns, roles=roles, confidential={"owner"}, sales="integer")
    assert len(findings_in(survey, CHECK)) == 0


def test_columns_can_be_named_or_left_out():
    columns = {"remark": ["x@y.id"], "note": ["x@y.id"]}
    only = PersonalData(kind="personal_data", id="p", table="firms", columns=("note",))
    without = PersonalData(kind="personal_data", id="p", table="firms", ignored=("note",))
    assert [
        f"{c}: e-mail address" in m
        for c, m in zip(("note", "remark"), _said(columns, only, without), strict=True)
    ]


def _said(columns, *checks):
    return [findings_in(survey_of(columns), check)["message"].item() for check in checks]


@pytest.mark.parametrize("role", ["name", "phone", "address", "latitude", "longitude"])
def test_column_that_identifies_by_its_role_must_be_confidential(role):
    columns = {"what": ["1", "2"]}
    roles = Roles(**{role: "what"})
    found = findings_in(survey_of(columns, roles=roles), CHECK)
    assert found["value_shown"].tolist() == [f"what has the role {role} and is not confidential"]
    assert len(findings_in(survey_of(columns, roles=roles, confidential={"what"}), CHECK)) == 0


@pytest.mark.parametrize(
    ("column", "cells", "n"),
    [
        ("nama_pemilik", ["Budi Santoso", "Siti Aminah", "Dr. Ana Putri, M.Si"], 1),
        ("owner_name", ["Ann", "Bo", "Cy", "Ann"], 1),
        ("name", ["garment", "metal", "food"], 0),
        ("sector_name", ["Garment"] * 9 + ["Food", "Metal"], 0),
        ("remark", ["Budi Santoso", "Siti Aminah", "Ana Putri"], 0),
        ("owner_name", ["F-001", "F-002", "F-003"], 0),
        ("respondent", ["", "", ""], 0),
    ],
)
def test_columns_of_names_are_found_by_their_own_name_and_by_what_they_hold(column, cells, n):
    found = findings_in(survey_of({column: cells}), CHECK)
    assert found["value_shown"].tolist() == [f"{column} holds names"] * n


@pytest.mark.parametrize("n", [0, 1])
def test_empty_tables_hold_no_personal_data(n):
    assert len(findings_in(survey_of({"remark": [""] * n, "name": [""] * n}), CHECK)) == 0


def test_table_without_text_has_nothing_to_search():
    assert len(findings_in(survey_of({"sales": ["1"]}, sales="integer"), CHECK)) == 0
