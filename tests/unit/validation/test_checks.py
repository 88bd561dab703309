"""Each kind of check on a table that passes it and on one that does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impacteval.checks import (
    AtMost,
    ConsentGiven,
    ConstantWithinUnit,
    InRange,
    InSet,
    MostlyPresent,
    NoOuterBlanks,
    NotMissing,
    OfType,
    Unique,
    checks_of_codebook,
    typed_choice,
)
from impacteval.checks.values import Matches
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.tables import records
from impacteval.validation.run import validate
from support.surveys import findings_in, make_survey
from support.tables import codebook, variable

pytestmark = pytest.mark.usefixtures("great_expectations")
ABOUT = {"table": "firms", "severity": "error", "message": "wrong", "suggestion": "look"}
CODEBOOK = codebook(
    variable("firm"),
    variable("round", "integer"),
    variable("workers", "integer"),
    variable("trained", "integer"),
    variable("wage", "decimal"),
    variable("sector", "category"),
    variable("owner", confidential="yes"),
)
SOUND = {
    "firm": ["a", "a", "b", "b"],
    "round": ["1", "2", "1", "2"],
    "workers": ["10", "11", "20", ""],
    "trained": ["0", "5", "20", "3"],
    "wage": ["1.5", "2", "2.5", "3"],
    "sector": ["food", "food", "metal", "metal"],
    "owner": ["Ann", "Ann", "Bo", "Bo"],
}
TYPES = tuple(
    OfType(kind="of_type", id=f"firms-{v.column}-type", column=v.column, type=v.type, **ABOUT)
    for v in CODEBOOK.variables
)
CASES = {
    "not_missing": (NotMissing(kind="not_missing", id="c", column="wage", **ABOUT), {"wage": ["1.5", "", "2.5", "3"]}, [3]),
    "in_range": (InRange(kind="in_range", id="c", column="wage", minimum=1.5, maximum=3, **ABOUT), {"wage": ["1.5", "3", "3.1", "1.4"]}, [4, 5]),
    "in_range_below": (InRange(kind="in_range", id="c", column="workers", minimum=10, **ABOUT), {"workers": ["9", "11", "20", ""]}, [2]),
    "in_set": (InSet(kind="in_set", id="c", column="sector", allowed=("food", "metal"), **ABOUT), {"sector": ["food", "Food", "metal", ""]}, [3]),
    "in_set_of_numbers": (InSet(kind="in_set", id="c", column="round", allowed=(1, 2), **ABOUT), {"round": ["1", "2", "1", "7"]}, [5]),
    "unique": (Unique(kind="unique", id="c", columns=("firm", "round"), **ABOUT), {"round": ["1", "1", "1", "2"]}, [2, 3]),
    "at_most": (AtMost(kind="at_most", id="c", column="trained", other="workers", **ABOUT), {"trained": ["11", "5", "20", "3"]}, [2]),
    "no_outer_blanks": (NoOuterBlanks(kind="no_outer_blanks", id="c", column="sector", **ABOUT), {"sector": ["food", "food ", "\tmetal", "two words"]}, [3, 4]),
    "matches": (Matches(kind="matches", id="c", column="firm", pattern="[a-b]", **ABOUT), {"firm": ["a", "A", "b1", "b"]}, [3, 4]),
    "in_range_when": (InRange(kind="in_range", id="c", column="wage", minimum=2, when="${round} = 2", **ABOUT), {"wage": ["1", "1", "1", "3"]}, [3]),
    "at_most_when": (AtMost(kind="at_most", id="c", column="trained", other="workers", when="${sector} = 'food'", **ABOUT), {"trained": ["11", "5", "21", "3"]}, [2]),
    "of_type": (None, {"wage": ["1.5", "abc", "2.5", "3"]}, [3]),
    "constant_within_unit": (ConstantWithinUnit(kind="constant_within_unit", id="c", column="sector", **ABOUT), {"sector": ["food", "metal", "metal", "metal"]}, [3]),
}  # fmt: skip


ROLES = {"firms": Roles(unit="firm", period="round")}


def found_in(changes, checks, book=CODEBOOK):
    survey = make_survey({"firms": {**SOUND, **changes}}, book.variables, ROLES)
    return records(findings_in(survey, *checks).drop(columns="raw_value"))


def findings_of(check, changes, book=CODEBOOK):
    return found_in(changes, TYPES if check is None else (*TYPES, check), book)


@pytest.mark.parametrize("name", CASES)
def test_sound_table_passes(name):
    assert findings_of(CASES[name][0], {}) == []


@pytest.mark.parametrize("name", CASES)
def test_each_failing_row_is_a_finding(name):
    check, changes, rows = CASES[name]
    found = findings_of(check, changes)
    assert [(f.source_file, f.source_row) for f in found] == [("firms.csv", row) for row in rows]
    assert {f.severity for f in found} == {"error"}


def test_finding_says_unit_period_column_and_value():
    check, changes, _ = CASES["at_most"]
    found = findings_of(check, changes)[0]
    assert (found.unit_id, found.period) == ("a", 1)
    assert (found.column, found.value_shown) == ("trained+workers", "11 | 10")
    assert found.message == "wrong"
    assert found.suggestion.startswith("call back about workers or trained")


def test_unreadable_cell_is_shown_as_it_stands_with_its_type():
    found = findings_of(None, {"workers": ["10", "eleven", "20", ""]})[0]
    assert found.check_id == "firms-workers-type"
    assert found.value_shown == "eleven"
    assert found.message == "wrong: not a whole number"


def test_share_of_values_is_judged_for_the_column_as_a_whole():
    check = MostlyPresent(kind="mostly_present", id="c", column="workers", share=0.75, **ABOUT)
    assert findings_of(check, {}) == []
    found = findings_of(replace(check, share=0.8), {})
    assert [(f.source_row, f.column, f.value_shown) for f in found] == [(0, "workers", "75.0% present")]


def test_missing_values_are_left_to_the_check_for_them():
    blank = {"wage": [""] * 4, "sector": [""] * 4, "workers": [""] * 4}
    for name in ("in_range", "in_set", "at_most", "constant_within_unit"):
        assert findings_of(CASES[name][0], blank) == [], name


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        (InSet(kind="in_set", id="c", column="owner", allowed=("Ann",), **ABOUT), {}),
        (ConstantWithinUnit(kind="constant_within_unit", id="c", column="owner", **ABOUT), {"owner": ["Ann", "Eve", "Bo", "Bo"]}),
        (Unique(kind="unique", id="c", columns=("owner",), **ABOUT), {}),
    ],
)  # fmt: skip
def test_values_of_confidential_columns_are_masked(check, changes):
    found = findings_of(check, changes)
    assert found
    for finding in found:
        text = repr(finding)
        assert finding.value_shown == "[confidential]"
        assert not any(name in text for name in ("Ann", "Eve", "Bo"))


def test_unreadable_confidential_cell_is_masked_in_its_message_too():
    book = codebook(
        *[replace(v, confidential="yes") if v.column == "wage" else v for v in CODEBOOK.variables]
    )
    found = findings_of(None, {"wage": ["1.5", "secret", "2.5", "3"]}, book=book)
    assert len(found) == 1
    assert "secret" not in repr(found[0])


def test_checks_never_raise_on_a_table_without_rows():
    empty = {name: [] for name in SOUND}
    checks = (*TYPES, *(case[0] for name, case in CASES.items() if case[0] is not None))
    renamed = tuple(replace(c, id=f"c{i}") for i, c in enumerate(checks))
    assert found_in(empty, renamed) == []


def test_codebook_implies_its_checks():
    book = codebook(
        variable("firm", required="yes"),
        variable("round", "integer", allowed=("1", "2")),
        variable("wage", "decimal", minimum=0.0, maximum=9.0),
    )
    implied = {c.id: c for c in checks_of_codebook(book, ROLES)}
    assert implied.keys() == {
        "firms-key", "firms-firm-type", "firms-firm-required", "firms-firm-blanks", "firms-round-type", "firms-round-allowed",
        "firms-round-numbers", "firms-wage-type", "firms-wage-plausible", "firms-wage-codes", "firms-wage-numbers",
    }  # fmt: skip
    assert implied["firms-key"].columns == ("firm", "round")
    assert implied["firms-round-allowed"].allowed == (1, 2)
    assert {i for i, c in implied.items() if c.severity == "warning"} == {"firms-wage-plausible"}


@pytest.mark.parametrize(
    ("type_", "value"), [("integer", 7), ("decimal", 7.0), ("text", "7"), ("category", "7")]
)
def test_allowed_values_are_read_in_the_type_of_their_column(type_, value):
    found = typed_choice(type_, "7")
    assert found == value
    assert type(found) is type(value)


def test_blanks_around_a_unit_are_an_error():
    """Bug: `b` and `b ` became two enterprises in silence; a unit with outer blanks stops the run."""
    found = found_in({"firm": ["a", "a", "b", "b "]}, checks_of_codebook(CODEBOOK, ROLES))
    assert [(f.check_id, f.severity, f.source_row) for f in found] == [("firms-firm-blanks", "error", 5)]


def test_unreadable_required_cell_is_found_once():
    """Bug: it was also found as `required but missing`; a cell that is there is not missing."""
    book = codebook(*[replace(v, required="yes") if v.column == "wage" else v for v in CODEBOOK.variables])
    found = found_in({"wage": ["abc", "", "2.5", "3"]}, checks_of_codebook(book, ROLES), book)
    assert sorted((f.source_row, f.check_id) for f in found) == [
        (2, "firms-wage-type"),
        (3, "firms-wage-required"),
    ]


def test_confidential_unit_is_masked_in_every_finding():
    """Bug: a finding on any column printed the unit, also where the unit's column is confidential."""
    book = codebook(
        *[replace(v, confidential="yes") if v.column == "firm" else v for v in CODEBOOK.variables]
    )
    check, changes, _ = CASES["at_most"]
    assert [f.unit_id for f in findings_of(check, changes, book=book)] == ["[confidential]"]


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [("mod97", "F-0182-37", "F-0182-73"), ("luhn", "7992-7398-713", "7992-7398-731"), ("none", "F-1", "-")],
)
def test_check_digits_tell_exchanged_digits(rule, right, wrong):
    pattern = ".*[0-9].*" if rule == "none" else ".*"
    check = Matches(kind="matches", id="c", column="firm", pattern=pattern, check_digit=rule, **ABOUT)
    assert [f.source_row for f in findings_of(check, {"firm": [right, wrong, "", "no digit"]})] == [3, 5]


def test_digits_of_other_scripts_are_other_identifiers():
    check = Matches(kind="matches", id="c", column="firm", pattern=r"F\d+", **ABOUT)
    found = findings_of(check, {"firm": ["F1", "F\uff11", "F2 ", "F2\n"]})
    assert [f.source_row for f in found] == [3, 4, 5]


def test_pattern_that_is_none_is_refused():
    with pytest.raises(OptionError, match="is no regular expression"):
        Matches(kind="matches", id="c", column="firm", pattern="F[0-9", **ABOUT)


KEY = CASES["unique"][0]


def test_rows_with_the_same_key_say_in_which_columns_they_differ():
    changes = {"round": ["1", "1", "1", "1"], "workers": ["10", "11", "20", "20"], "trained": ["5", "5", "20", "20"],
               "wage": ["2", "2", "3", "3"]}  # fmt: skip
    found = findings_of(KEY, changes)
    assert [f.message for f in found] == [
        "wrong: 2 rows, which differ in 1 of 5 other columns: workers",
        "wrong: 2 rows, which differ in 1 of 5 other columns: workers",
        "wrong: 2 rows, equal in all other columns",
        "wrong: 2 rows, equal in all other columns",
    ]


def test_difference_of_rows_names_columns_and_no_value():
    found = findings_of(KEY, {"round": ["1", "1", "1", "2"], "owner": ["Ann", "Eve", "Bo", "Bo"]})
    assert found[0].message.endswith("differ in 4 of 5 other columns: workers, trained, wage, owner")
    assert not any(name in repr(found) for name in ("Ann", "Eve"))


def test_many_columns_that_differ_are_counted_and_not_all_named():
    others = [f"q{i}" for i in range(15)]
    book = codebook(variable("firm"), variable("round"), *[variable(c) for c in others])
    columns = {"firm": ["a"] * 3, "round": ["1"] * 3, **{c: ["x", "y", "z"] for c in others}}
    found = records(findings_in(make_survey({"firms": columns}, book.variables, ROLES), KEY))
    assert found[0].message.startswith("wrong: 3 rows, which differ in 15 of 15 other columns: q0, q1, ")
    assert found[0].message.endswith("q11 and 3 more")


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (replace(CASES["in_range"][0], maximum=None), "wage is below 1.5"),
        (
            replace(CASES["in_range"][0], minimum=None, when="${round} = 2"),
            "wage is above 3, where ${round} = 2",
        ),
        (replace(CASES["in_range"][0]), "wage lies outside 1.5 to 3"),
        (replace(CASES["in_range"][0], minimum=None, maximum=None), "wage is too large to be an amount"),
        (
            replace(CASES["at_most"][0], when="${round} = 2"),
            "trained is larger than workers, where ${round} = 2",
        ),
    ],
)
def test_definition_says_bounds_and_rows(check, words):
    assert check.defined == words


def test_values_of_a_range_that_do_not_concern_a_row_are_not_counted():
    check, changes, _ = CASES["in_range_when"]
    survey = make_survey({"firms": SOUND | changes}, CODEBOOK.variables, ROLES)
    record = validate(*survey, [check]).results["firms"]["expectations"][0]
    assert record["result"]["element_count"] == 2


def test_declared_code_for_a_missing_value_is_an_answer():
    book = codebook(
        *(v for v in CODEBOOK.variables if v.column != "wage"),
        variable("wage", "decimal", missing_codes=("-99", "-98=refused")),
    )
    check = NotMissing(kind="not_missing", id="c", column="wage", **ABOUT)
    found = found_in({"wage": ["-99", "", "-98", "3"]}, (check,), book)
    assert [f.source_row for f in found] == [3]


def test_of_those_who_refused_nothing_is_judged_but_that_something_was_recorded():
    """Bug: a refused interview's answers were shown as implausible, and its row made a key twice there."""
    consent = {
        "consent": ["1", "0", "1", ""],
        "round": ["1", "1", "1", "2"],
        "wage": ["1.5", "99", "98", "97"],
    }
    book = codebook(*CODEBOOK.variables, variable("consent", "integer", required="yes"))
    roles = {"firms": replace(ROLES["firms"], consent="consent", consent_given=("1",))}
    of_type = OfType(kind="of_type", id="of-type", column="consent", type="integer", **ABOUT)
    wage = InRange(kind="in_range", id="wage", column="wage", maximum=9, **ABOUT)
    asked = NotMissing(kind="not_missing", id="asked", column="consent", **ABOUT)
    given = ConsentGiven(kind="consent", id="given", table="firms", columns=("wage",))
    key = Unique(kind="unique", id="key", columns=("firm", "round"), **ABOUT)
    survey = make_survey({"firms": {**SOUND, **consent}}, book.variables, roles)
    found = records(findings_in(survey, *TYPES, of_type, wage, asked, given, key))
    assert sorted((f.check_id, f.source_row) for f in found) == [
        ("asked", 5), ("given", 3), ("given", 5), ("wage", 4),
    ]  # fmt: skip
