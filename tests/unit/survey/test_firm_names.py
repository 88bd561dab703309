"""Names and telephones of enterprises are compared in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.survey.firm_names import numbers_in, plain_address, similarity, split_name
from impacteval.survey.phone_numbers import national_number, phone_keys

# Pairs that names alone must not decide, and those that they may: name, name, alike in core.
PAIRS = [
    ("CV Maju Jaya", "PT Maju Jaya", 1.0),
    ("PT Sinar Mas Tekstil", "PT Sinar Emas Tekstil", 1 - 1 / 35),
    ("PT Bintang Timur 1", "PT Bintang Timur 2", 0.0),
    ("Koperasi Tani Makmur", "Kop. Tani Makmur", 1.0),
    ("Muhammad Konveksi", "Moh. Konveksi", 1.0),
    ("UD. Sumber Rejeki", "UD Sumber Rezeki", 1 - 2 / 26),
]


@pytest.mark.parametrize(
    ("written", "form", "core"),
    [
        ("PT. Maju Jaya", "pt", "maju jaya"),
        ("P.T. Maju Jaya, Tbk", "pt", "maju jaya"),
        ("P. T. Maju Jaya", "pt", "maju jaya"),
        ("PT.MAJU JAYA", "pt", "maju jaya"),
        ("Maju Jaya (Persero), PT", "pt", "maju jaya"),
        ("Perseroan Terbatas Maju Jaya", "pt", "maju jaya"),
        ("C.V Maju-Jaya", "cv", "maju jaya"),
        ("U.D. Maju  Jaya", "ud", "maju jaya"),
        ("Usaha Dagang Maju Jaya", "ud", "maju jaya"),
        ("Kop. Tani Makmur", "koperasi", "tani makmur"),
        ("KUD Makmur", "koperasi", "unit desa makmur"),
        ("Koperasi Unit Desa Makmur", "koperasi", "unit desa makmur"),
        ("Perum Bulog", "perum", "bulog"),
        ("Fa. Abadi", "firma", "abadi"),
        ("PD Pasar Jaya", "pd", "pasar jaya"),
        ("Yayasan Bina Karya", "yayasan", "bina karya"),
        ("Mohd Yusuf & Anak", "", "muhammad yusuf dan anak"),
        ("Ma'ruf Mebel", "", "maruf mebel"),
        ("PT Bintang Timur 01", "pt", "bintang timur 1"),
        ("PT Bintang Timur II", "pt", "bintang timur 2"),
        ("\uff30\uff34 Maju", "pt", "maju"),
        ("Ptolemy Tea", "", "ptolemy tea"),
        ("Koperasi", "koperasi", ""),
        ("", "", ""),
        (" - ", "", ""),
    ],
)
def test_name_is_split_into_form_and_core(written, form, core):
    assert split_name(written) == (form, core)


@pytest.mark.parametrize(("first", "second", "expected"), PAIRS)
def test_similarity_is_that_of_the_core_alone(first, second, expected):
    (found,) = similarity([split_name(first)[1]], [split_name(second)[1]])
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("first", "second"), [("CV Maju Jaya", "PT Maju Jaya"), ("Maju Jaya", "UD Maju Jaya")]
)
def test_forms_of_one_core_stay_apart(first, second):
    assert split_name(first)[0] != split_name(second)[0]


def test_order_of_words_says_nothing():
    assert similarity(["tani makmur"], ["makmur tani"]).tolist() == [1.0]


def test_a_number_that_only_one_name_has_does_not_rule_it_out():
    assert similarity(["bintang timur"], ["bintang timur 2"])[0] > 0.9


def test_empty_names_are_not_alike():
    assert similarity(["", "a"], ["", ""]).tolist() == [0.0, 0.0]
    assert similarity([], []).tolist() == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_any_text_is_split_and_its_core_is_stable(text):
    form, core = split_name(text)
    assert core == " ".join(core.split())
    assert split_name(f"  {text}  ") == (form, core)


@given(st.text("abcdefgh 12", max_size=20), st.text("abcdefgh 12", max_size=20))
def test_similarity_is_symmetric_and_between_zero_and_one(first, second):
    ours, theirs = similarity([first, second], [second, first])
    assert ours == theirs
    assert 0 <= ours <= 1


def test_addresses_are_written_one_way():
    assert plain_address("Jl. Merdeka No. 010, RT 01/RW 02") == "jalan merdeka 10 rt 1 rw 2"
    assert plain_address("JLN MERDEKA 10") == "jalan merdeka 10"
    assert numbers_in("jalan merdeka 10 rt 1") == "1 10"


@pytest.mark.parametrize(
    "written",
    [
        "081234567890",
        "+62 812-3456-7890",
        "+62 (0)812 3456 7890",
        "6281234567890",
        "0812.3456.7890",
        "81234567890",
        "81234567890.0",
        "0062 812 3456 7890",
        " 0812 3456 7890 ",
    ],
)
def test_spellings_of_a_telephone_are_one_number(written):
    assert national_number(written) == "81234567890"
    assert phone_keys(written) == ("34567890",)


@pytest.mark.parametrize(
    "written", ["", "-", "tidak ada", "12345", "000000000000", "6.28123E+11", "99999999"]
)
def test_what_is_no_telephone_has_no_key(written):
    assert phone_keys(written) == ()


def test_a_landline_is_not_read_as_from_abroad():
    assert national_number("0621 445566") == "621445566"
    assert national_number("62155512") == "62155512"


def test_a_cell_may_hold_two_telephones():
    assert phone_keys("0812 3456 7890 / 0813-1111-2222") == ("11112222", "34567890")
    assert phone_keys("081234567890 atau 081311112222") == ("11112222", "34567890")


def test_a_stroke_behind_the_area_code_separates_nothing():
    assert phone_keys("021/5551234") == ("15551234",)
