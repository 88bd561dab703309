"""Two enterprises are two, and one is one in every round."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.links import DuplicateFirms
from impacteval.checks.rounds import SameIdentity
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.survey.decisions import Decision
from impacteval.validation.identity import check_duplicate_firms, check_same_identity
from support.linked import found, linked, places, said, shuffled, told

TWINS = DuplicateFirms(kind="duplicate_firms", id="d", table="firms")
SAME = SameIdentity(kind="same_identity", id="s", table="firms", owner="owner")
ROLES = Roles(
    unit="firm", period="round", name="name", phone="phone", address="address", district="district",
    latitude="lat", longitude="lon", arm="arm", consent="agreed", consent_given=("yes",),
)  # fmt: skip
VARIABLES = {"round": {"type": "integer"}, "lat": {"type": "decimal"}, "lon": {"type": "decimal"}}
COLUMNS = {
    "firms": ("firm", "round", "name", "phone", "address", "district", "lat", "lon", "arm", "owner", "agreed")
}
# A hundredth of a degree of latitude is 1.11 km.
HERE, NEARBY, FAR = (
    {"lat": "-6.3", "lon": "107.1"},
    {"lat": "-6.3015", "lon": "107.1"},
    {"lat": "-6.31", "lon": "107.1"},
)


def firm(unit="F1", name="UD Sumber Rejeki", period="1", **changes):
    row = {"firm": unit, "round": period, "name": name, "district": "Bekasi", "arm": "1", "agreed": "yes"}
    return {**row, **changes}


def survey_of(*rows, decisions=(), roles=ROLES, **changes):
    return linked(
        {"firms": rows},
        {"firms": roles},
        columns=COLUMNS,
        variables={**VARIABLES, **changes},
        decisions=tuple(decisions),
    )


def twins(*rows, check=TWINS, **options):
    survey = survey_of(*rows, **options)
    return [(row, severity) for _, row, severity in places(survey, check_duplicate_firms(survey, check))]


def decided(first, second, verdict):
    return Decision(first=first, second=second, verdict=verdict)


PHONE = {"phone": "0812 3456 7890"}


@pytest.mark.parametrize(
    ("first", "second", "more", "n"),
    [
        ("CV Maju Jaya", "PT Maju Jaya", {}, 0),
        ("CV Maju Jaya", "PT Maju Jaya", PHONE, 1),
        ("PT Sinar Mas Tekstil", "PT Sinar Emas Tekstil", {}, 0),
        ("PT Sinar Mas Tekstil", "PT Sinar Emas Tekstil", PHONE, 1),
        ("PT Bintang Timur 1", "PT Bintang Timur 2", {}, 0),
        ("PT Bintang Timur 1", "PT Bintang Timur 2", {**PHONE, **HERE}, 0),
        ("Koperasi Tani Makmur", "Kop. Tani Makmur", {}, 1),
        ("Muhammad Konveksi", "Moh. Konveksi", {}, 1),
        ("UD. Sumber Rejeki", "UD Sumber Rezeki", {}, 0),
        ("UD. Sumber Rejeki", "UD Sumber Rezeki", PHONE, 1),
        ("UD Sumber Rejeki", "PT Karya Abadi", {}, 0),
        ("UD Sumber Rejeki", "PT Karya Abadi", PHONE, 0),
        ("UD Sumber Rejeki", "UD Karya Abadi", {**PHONE, **HERE}, 1),
        ("", "", {}, 0),
        ("PT", "PT", HERE, 0),
    ],
)
def test_names_decide_only_with_what_else_is_known(first, second, more, n):
    assert twins(firm("F1", first, **more), firm("F2", second, **more)) == [(3, "warning")] * n


@pytest.mark.parametrize(
    ("first", "second", "n"),
    [
        (PHONE, {"phone": "+62 812-3456-7890"}, 1),
        (PHONE, {"phone": "0812 9999 1234"}, 0),
        (PHONE, {"phone": "0812 9999 1234 / 0812 3456 7890"}, 1),
        (HERE, NEARBY, 1),
        (HERE, FAR, 0),
        ({"address": "Jl. Merdeka No. 10"}, {"address": "Jalan Merdeka 10"}, 1),
        ({"address": "Jl. Merdeka No. 10"}, {"address": "Jalan Merdeka 12"}, 0),
        ({"lat": "0", "lon": "0"}, {"lat": "0", "lon": "0"}, 0),
        ({"lat": "91", "lon": "0"}, {"lat": "91", "lon": "0"}, 0),
    ],
)
def test_what_else_is_known_decides_between_similar_names(first, second, n):
    assert len(twins(firm("F1", "UD Sumber Rejeki", **first), firm("F2", "UD Sumber Rezeki", **second))) == n


def test_a_pair_of_two_arms_is_an_error_and_shows_no_arm():
    survey = survey_of(firm("F1", **PHONE), firm("F2", arm="0", **PHONE), arm={"allowed": ("0", "1")})
    (finding,) = found(survey, check_duplicate_firms(survey, TWINS))
    assert finding.severity == "error"
    assert "arm" not in finding.message
    assert twins(firm("F1", arm="", **PHONE), firm("F2", **PHONE)) == [(3, "warning")]


def test_the_finding_names_the_other_and_its_points():
    survey = survey_of(firm("F1", "UD. Sumber Rejeki", **PHONE), firm("F2", "UD Sumber Rezeki", **PHONE))
    (finding,) = found(survey, check_duplicate_firms(survey, TWINS))
    assert finding.unit_id == "F2"
    assert (
        "F1 (firms.csv, row 2); 82 points: name +42, legal form +5, telephone +35 (names 92% alike)"
        in finding.message
    )


def test_confidential_values_are_not_told():
    masked = {"confidential": "yes"}
    options = dict.fromkeys(("firm", "name", "phone", "address"), masked)
    options |= {c: {"type": "decimal", **masked} for c in ("lat", "lon")}
    rows = [
        firm(u, "UD Rahasia", address="Jl Rahasia 1", lat="-6.3456789", lon="107.1", **PHONE)
        for u in ("RA1", "RA2")
    ]
    text = repr([told(s, check_duplicate_firms(s, TWINS)) for s in [survey_of(*rows, **options)]])
    assert "row 2" in text
    assert not any(value in text for value in ("RA1", "RA2", "Rahasia", "rahasia", "3456"))


def test_enterprises_are_compared_once_though_they_have_many_rounds():
    rows = [firm(u, period=p, **PHONE) for p in ("1", "2", "3") for u in ("F1", "F2")]
    assert twins(*rows) == [(3, "warning")]


def test_a_telephone_of_a_later_round_counts():
    rows = [firm("F1"), firm("F1", period="2", **PHONE), firm("F2", "UD Sumber Rezeki", period="2", **PHONE)]
    assert twins(*rows) == [(4, "warning")]


def test_names_are_compared_within_districts_and_telephones_anywhere():
    assert twins(firm("F1"), firm("F2", district="Bogor")) == []
    assert twins(firm("F1", **PHONE), firm("F2", district="Bogor", **PHONE)) == [(3, "warning")]
    assert twins(firm("F1", district="BEKASI "), firm("F2", district="Bekasi")) == [(3, "warning")]


def test_a_pair_that_was_decided_different_is_not_asked_again():
    rows = [firm("F1", **PHONE), firm("F2", **PHONE)]
    assert twins(*rows, decisions=[decided("F2", "F1", "different")]) == []


def test_a_pair_that_was_decided_the_same_is_an_error_until_it_is_resolved():
    survey = survey_of(firm("F1"), firm("F2", "PT Lain Sekali"), decisions=[decided("F2", "F1", "same")])
    (finding,) = found(survey, check_duplicate_firms(survey, TWINS))
    assert (finding.source_row, finding.severity) == (3, "error")
    assert "decided to be F1 (firms.csv, row 2)" in finding.message
    assert finding.suggestion == "give all its rows the other id (newid), or drop them"
    assert twins(firm("F1"), decisions=[decided("F2", "F1", "same")]) == []


def test_decisions_carry_over():
    rows = [firm(u, **PHONE) for u in ("F1", "F2", "F3")]
    chain = [decided("F1", "F2", "same"), decided("F2", "F3", "different")]
    assert twins(*rows, decisions=chain) == [(3, "error")]
    alike = [decided("F1", "F9", "same"), decided("F9", "F3", "same")]
    assert twins(*rows[::2], decisions=alike) == [(3, "error")]


def test_the_threshold_is_the_studys():
    rows = [firm("F1"), firm("F2")]
    assert twins(*rows, check=replace(TWINS, threshold=65.0)) == [(3, "warning")]
    assert twins(*rows, check=replace(TWINS, threshold=65.5)) == []


def test_what_many_share_leads_to_no_pair_and_is_said():
    check = replace(TWINS, most_shared=3)
    rows = [
        firm(f"F{k}", f"Warung {w}", phone="0211234567")
        for k, w in enumerate(["Ani", "Budi", "Citra", "Dedi"])
    ]
    survey = survey_of(*rows)
    (finding,) = found(survey, check_duplicate_firms(survey, check))
    assert (finding.severity, finding.column) == ("info", "phone")
    assert finding.value_shown == "4 enterprises have a telephone that more than 3 have; it leads to no pair"
    assert [severity for _, severity in twins(*[firm(f"F{k}") for k in range(4)], check=check)] == ["info"]
    assert len(twins(*[firm(f"F{k}") for k in range(3)], check=check)) == 3


def test_large_districts_are_compared_by_first_and_last_words(monkeypatch):
    names = ["PT Bintang Karya Mandiri", "PT Bintang Karya Mandir", "PT Bintan Karya Mandiri", "UD Lain"]
    rows = [firm(f"F{k}", name) for k, name in enumerate(names)]
    check = replace(TWINS, threshold=50.0)
    assert [row for row, _ in twins(*rows, check=check)] == [3, 4, 4]
    monkeypatch.setattr("impacteval.validation.pairs.MOST_NAMES", 1)
    assert [row for row, _ in twins(*rows, check=check)] == [3, 4]


def test_blocks_of_any_size_give_the_same_pairs(monkeypatch):
    rows = [
        firm(f"F{k}", f"PT Sinar {w} Tekstil")
        for k, w in enumerate(["Mas", "Emas", "Mass", "Mas", "Masa", "Perak"])
    ]
    check = replace(TWINS, threshold=50.0)
    whole = twins(*rows, check=check)
    monkeypatch.setattr("impacteval.validation.pairs.ROWS_AT_ONCE", 2)
    assert twins(*rows, check=check) == whole
    assert len(whole) >= 4


@pytest.mark.parametrize(
    "rows", [[], [firm()], [firm("", ""), firm("", "")], [firm("F1", ""), firm("F2", "")]]
)
def test_checks_do_not_raise_on_poor_data(rows):
    survey = survey_of(*rows)
    assert check_duplicate_firms(survey, TWINS) == []
    assert check_same_identity(survey, SAME) == []


def test_a_table_may_lack_all_but_names():
    roles = Roles(unit="firm", name="name")
    assert twins(firm("F1"), firm("F2"), roles=roles) == [(3, "warning")]


def test_thresholds_that_find_everything_are_refused():
    with pytest.raises(OptionError, match="threshold"):
        replace(TWINS, threshold=40.0)
    with pytest.raises(OptionError, match="needed"):
        replace(SAME, needed=5)


WORDS = st.sampled_from(["Sumber", "Rejeki", "Rezeki", "Maju", "Jaya", "1", "2"])
NAMES = st.builds(
    lambda form, words: " ".join([form, *words]),
    st.sampled_from(["PT", "UD", ""]),
    st.lists(WORDS, max_size=2),
)
ROWS = st.lists(
    st.builds(
        lambda u, p, n, t, s, a, d, o, g: firm(u, n, p, phone=t, arm=a, district=d, owner=o, agreed=g, **s),
        st.sampled_from(["F1", "F2", "F3", "F4", ""]), st.sampled_from(["1", "2", ""]), NAMES,
        st.sampled_from(["081234567890", "081299991234", ""]), st.sampled_from([HERE, NEARBY, FAR, {}]),
        st.sampled_from(["1", "0", ""]), st.sampled_from(["Bekasi", "Bogor", ""]), st.sampled_from(["o", "p", ""]),
        st.sampled_from(["yes", "yes", "no"]),
    ),
    max_size=14,
)  # fmt: skip
DECISIONS = st.sampled_from(
    [(), (decided("F1", "F2", "same"),), (decided("F1", "F3", "different"), decided("F3", "F4", "same"))]
)


@settings(max_examples=8, deadline=None)
@given(ROWS, DECISIONS, st.integers(0, 99))
def test_row_order_changes_nothing(rows, decisions, seed):
    survey = survey_of(*rows, decisions=decisions)
    mixed = shuffled(survey, seed)
    for function, check in ((check_duplicate_firms, TWINS), (check_same_identity, SAME)):
        assert told(survey, function(survey, check)) == told(mixed, function(mixed, check))


@settings(max_examples=8, deadline=None)
@given(ROWS)
def test_a_pair_is_found_once_whichever_comes_first(rows):
    enterprises = [{**row, "firm": f"F{k}"} for k, row in enumerate(rows)]
    forth, back = survey_of(*enterprises), survey_of(*enterprises[::-1])
    pairs, turned = (
        sorted(_pair(f) for f in found(s, check_duplicate_firms(s, TWINS))) for s in (forth, back)
    )
    assert pairs == turned
    assert len(pairs) == len(set(pairs))


def _pair(finding):
    other = finding.message.split(": ", 1)[1].split(" (", 1)[0]
    return tuple(sorted((finding.unit_id, other)))


def same(*rows, check=SAME, **options):
    survey = survey_of(*rows, **options)
    return [(row, severity) for _, row, severity in places(survey, check_same_identity(survey, check))]


MARKS = {**PHONE, **HERE, "owner": "7f3a"}
OTHER = {"name": "PT Logam Baja", "phone": "0812 9999 1234", "lat": "-6.9", "lon": "107.1", "owner": "99bb"}


def test_the_same_enterprise_passes():
    assert same(firm(**MARKS), firm(period="2", **MARKS), firm("F2", **OTHER)) == []


@pytest.mark.parametrize(
    ("changed", "result"),
    [
        (("name",), []),
        (("name", "phone"), []),
        (("name", "phone", "lat"), [(3, "error")]),
        (("name", "phone", "lat", "owner"), [(3, "error")]),
    ],
)
def test_two_marks_must_agree(changed, result):
    changes = {c: OTHER[c] for c in changed}
    assert same(firm(**MARKS), firm(period="2", **{**MARKS, **changes})) == result


@pytest.mark.parametrize(
    ("mark", "close", "other"),
    [
        ("name", {"name": "Sumber Rezeki, UD"}, {"name": "UD Sumber Makmur"}),
        ("phone", {"phone": "+62 812-3456-7890"}, {"phone": "0812 3456 7891"}),
        ("place", {"lat": "-6.304"}, {"lat": "-6.305"}),
        ("owner", {"owner": "7F3A"}, {"owner": "7f3b"}),
    ],
)
def test_when_a_mark_agrees(mark, close, other):
    check = replace(SAME, needed=4)
    assert same(firm(**MARKS), firm(period="2", **{**MARKS, **close}), check=check) == []
    survey = survey_of(firm(**MARKS), firm(period="2", **{**MARKS, **other}))
    failures = check_same_identity(survey, check)
    assert places(survey, failures) == [("firms", 3, "error")]
    assert said(survey, failures)[0].count("differs") == 1


def test_the_finding_says_what_agrees_and_what_does_not():
    survey = survey_of(firm(**MARKS), firm(period="2", **{**MARKS, **OTHER, "owner": "7f3a"}))
    (finding,) = found(survey, check_same_identity(survey, SAME))
    assert "telephone differs, place differs (66.7 km apart), owner agrees" in finding.message
    assert "name differs (" in finding.message


def test_with_fewer_than_two_known_marks_identity_cannot_be_confirmed():
    survey = survey_of(firm(), firm(period="2", **MARKS), firm("F2", ""), firm("F2", "", "2"))
    failures = check_same_identity(survey, SAME)
    assert places(survey, failures) == [("firms", 3, "warning"), ("firms", 5, "warning")]
    messages = said(survey, failures)
    assert "cannot be confirmed, name agrees (100% alike)" in messages[0]
    assert "cannot be confirmed, nothing is known in both" in messages[1]


def test_a_mark_is_compared_with_the_last_round_that_knows_it():
    rows = [firm(**MARKS), firm(period="2", name=""), firm(period="3", **MARKS)]
    assert same(*rows) == [(3, "warning")]


def test_a_change_is_found_once_and_not_in_every_later_round():
    rows = [firm(**MARKS), firm(period="2", **OTHER), firm(period="3", **OTHER)]
    assert same(*rows) == [(3, "error")]


def test_rows_without_consent_are_not_compared():
    rows = [firm(**MARKS), firm(period="2", agreed="no", **OTHER), firm(period="3", **MARKS)]
    assert same(*rows) == []


def test_confidential_marks_are_not_told():
    masked = {"confidential": "yes"}
    options = dict.fromkeys(("name", "phone", "owner"), masked) | {
        c: {"type": "decimal", **masked} for c in ("lat", "lon")
    }
    survey = survey_of(firm(**MARKS), firm(period="2", **OTHER), **options)
    text = repr(found(survey, check_same_identity(survey, SAME)))
    assert not any(value in text for value in ("Logam", "Sumber", "9999", "99bb", "107.1"))


def test_ten_thousand_enterprises_in_four_rounds_take_seconds():
    """Comparing all pairs of 40,000 rows would take minutes; a slow machine may take some seconds."""
    rng = np.random.default_rng(3)
    words = np.array(
        [
            "Sumber",
            "Maju",
            "Bintang",
            "Sinar",
            "Karya",
            "Jaya",
            "Mitra",
            "Cahaya",
            "Berkah",
            "Surya",
            "Tunas",
            "Harapan",
            "Mega",
            "Indah",
        ]
    )
    names = [" ".join(["UD", *rng.choice(words, 3)]) for _ in range(10_000)]
    phones = rng.integers(10**9, 10**10, 10_000)
    rows = [
        firm(f"F{k}", names[k], str(r), phone=f"0{phones[k]}", district=f"D{k % 20}")
        for r in range(1, 5)
        for k in range(10_000)
    ]
    survey = survey_of(*rows)
    began = time.process_time()
    check_duplicate_firms(survey, TWINS)
    check_same_identity(survey, SAME)
    assert time.process_time() - began < 30
