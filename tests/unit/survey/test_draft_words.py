"""What words in names, labels, hints and constraints say of a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.survey.draft_constraint import interval_of
from impacteval.survey.draft_words import (
    codes_in_hint,
    is_identifier,
    is_personal,
    label_languages,
    missing_reason,
)
from impacteval.survey.system_columns import system_name


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Don't know", "dont_know"),
        ("Don\u2019t know", "dont_know"),
        ("Tidak tahu", "dont_know"),
        ("Refused to answer", "refused"),
        ("Prefer not to answer", "refused"),
        ("Menolak menjawab", "refused"),
        ("N/A", "not_applicable"),
        ("Tidak berlaku", "not_applicable"),
        ("Don't know / refused", "dont_know"),
        ("Water office staff refused connection", ""),
        ("Don't know how to register", ""),
        ("No", ""),
        ("", ""),
    ],
)
def test_answers_that_are_none_are_recognised_by_their_whole_label(label, reason):
    assert missing_reason(label) == reason


@pytest.mark.parametrize(
    ("hint", "codes"),
    [
        ("Enter 999 if the respondent is not willing to answer", {"999": "refused"}),
        ("Use:\n-888 for Refuses to Answer\n-999 for Don't know", {"-888": "refused", "-999": "dont_know"}),
        ("Isi -99 jika tidak tahu", {"-99": "dont_know"}),
        ("In the last 30 days", {}),
        ("Between 1,000 and 2,000 if they refuse", {}),
        ("", {}),
    ],
)
def test_codes_are_read_from_hints(hint, codes):
    assert codes_in_hint(hint) == codes


@pytest.mark.parametrize(
    ("name", "label", "personal"),
    [
        ("owner_name", "", True),
        ("ownerPhone", "", True),
        ("nomor_hp", "", True),
        ("q7", "Nama lengkap", True),
        ("q8", "What is your e-mail?", True),
        ("npwp", "", True),
        ("district_name", "", False),
        ("username", "", False),
        ("workers", "How many workers?", False),
        ("named_plan", "Is there a plan?", False),
    ],
)
def test_personal_data_are_suspected_by_name_and_label(name, label, personal):
    assert is_personal(name, [label]) is personal


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("firm_id", True),
        ("hhid", True),
        ("firm_number", True),
        ("kode_desa", True),
        ("nomor_perusahaan", True),
        ("number_of_workers", False),
        ("num_hh_member", False),
        ("sales", False),
    ],
)
def test_identifiers_number_things_and_counts_do_not(name, numbers):
    assert is_identifier(name) is numbers


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [
        (("English (en)", "Bahasa Indonesia (id)"), ("English (en)", "Bahasa Indonesia (id)")),
        (("Bahasa Indonesia (id)", "English (en)"), ("English (en)", "Bahasa Indonesia (id)")),
        (("English (en)", "Arabic (ar)"), ("English (en)", "Arabic (ar)")),
        (("bahasa",), ("bahasa", "bahasa")),
        (("english",), ("english", "")),
        ((), ("", "")),
    ],
)
def test_labels_are_taken_in_a_first_language_and_indonesian(languages, chosen):
    assert label_languages(languages) == chosen


@pytest.mark.parametrize(
    ("constraint", "is_whole", "bounds", "codes", "says_all"),
    [
        (". > 17 and . < 120", True, (18, 119), (), True),
        (".>0 and .<=8", False, (0, 8), (), False),
        (". >= 0", False, (0, None), (), True),
        ("(. >= 0 and . <= 50) or . = -99", True, (0, 50), ("-99",), True),
        (". = -888 or . = -999 or (. >= 1 and . <= 6000)", True, (1, 6000), ("-888", "-999"), True),
        (".=0 or .>=9999 and .<= 10000000", True, (None, None), (), False),
        (". <= ${m} or . = -99", True, (None, None), ("-99",), False),
        ("regex(., '^0')", True, (None, None), (), False),
        (". > 5 and . < 5", True, (None, None), (), False),
        ("", True, (None, None), (), False),
    ],
)  # fmt: skip
def test_plain_intervals_and_codes_are_read_from_constraints(constraint, is_whole, bounds, codes, says_all):
    found = interval_of(constraint, {}, is_whole=is_whole)
    assert (found.low, found.high) == bounds
    assert (found.codes, found.is_whole) == (codes, says_all)


@given(st.integers(-1000, 1000), st.integers(0, 1000), st.integers(-1500, 2500))
def test_a_whole_number_is_within_the_bounds_exactly_where_the_constraint_holds(low, width, value):
    high = low + width + 2
    found = interval_of(f". > {low} and . < {high}", {}, is_whole=True)
    assert (found.low <= value <= found.high) == (low < value < high)


@given(st.text(alphabet=".=<>()orand 0123456789-", max_size=30))
def test_any_text_is_an_interval_or_none(text):
    found = interval_of(text, {}, is_whole=True)
    assert found.low is None or found.high is None or found.low <= found.high


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("X_uuid", "_uuid"),
        ("X__version__", "__version__"),
        ("\ufeffstart", "start"),
        ("meta/instanceID", "meta-instanceid"),
        ("KEY", "key"),
        ("X-ray", "x-ray"),
    ],
)
def test_names_of_the_collecting_software_are_recognised(header, name):
    assert system_name(header) == name
