"""Answers against the form and the codebook."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.answers import (
    KINDS,
    AmbiguousNumbers,
    ChoicesInSet,
    FormConstraint,
    SkipBackward,
    SkipForward,
    UndeclaredCodes,
    checks_of_answers,
)
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.tables import records
from impacteval.validation.answers import FUNCTIONS
from impacteval.validation.finding import findings_of
from support.surveys import make_survey
from support.tables import codebook, variable

ABOUT = {"id": "c", "table": "firms"}
CODES = ("-99=dont_know", "-98=refused", "-97=not_applicable")
SHARE = variable("share", "decimal", missing_codes=CODES)
EXPORTS = variable("exports", "category", allowed=("yes", "no"))


def found(columns, variables, *checks, roles=None):
    survey, _ = make_survey({"firms": columns}, variables, {"firms": roles or Roles()})
    failures = [failure for check in checks for failure in FUNCTIONS[type(check)](survey, check)]
    return records(findings_of(survey, failures))


def places(findings):
    """Row and severity of each finding; row 0 is the column as a whole."""
    return sorted((f.source_row, f.severity) for f in findings)


def skip(relevant="${exports} = 'yes'", **changes):
    return SkipForward(kind="skip_forward", column="share", relevant=relevant, **ABOUT, **changes)


def answered(relevant="${exports} = 'yes'", **changes):
    return SkipBackward(kind="skip_backward", column="share", relevant=relevant, **ABOUT, **changes)


def constraint(text, column="share", **changes):
    return FormConstraint(kind="constraint", column=column, constraint=text, **ABOUT, **changes)


def codes(**changes):
    return UndeclaredCodes(kind="undeclared_codes", column="share", **ABOUT, **changes)


NUMBERS = AmbiguousNumbers(kind="ambiguous_numbers", column="share", **ABOUT)


def test_value_of_a_question_that_did_not_apply_is_an_error():
    columns = {"exports": ["yes", "no", "no", "no", "", "yes"], "share": ["20", "20", "", "-97", "5", ""]}
    findings = found(columns, [EXPORTS, SHARE], skip())
    assert places(findings) == [(3, "error"), (6, "error")]
    assert (findings[0].column, findings[0].value_shown, findings[0].code) == (
        "share+exports",
        "20 | no",
        "C17",
    )


def test_answers_that_decide_are_read_as_the_form_stored_them():
    amount = variable("exports", "decimal", format="id", missing_codes=CODES)
    columns = {"exports": ["1.500", "900", "-99", "x"], "share": ["1", "1", "1", "1"]}
    assert places(found(columns, [amount, SHARE], skip("${exports} > 1000"))) == [
        (3, "error"),
        (4, "error"),
        (5, "error"),
    ]
    assert places(found(columns, [amount, SHARE], skip("${exports} != -99"))) == [(4, "error")]


def test_confidential_answers_that_decide_are_masked():
    secret = variable("exports", "category", confidential="yes")
    (finding,) = found({"exports": ["no"], "share": ["20"]}, [secret, SHARE], skip())
    assert finding.value_shown == "20 | [confidential]"


def test_question_that_applied_and_has_no_answer_is_a_warning():
    columns = {"exports": ["yes"] * 100 + ["no"], "share": ["", "-99"] + ["5"] * 98 + [""]}
    assert places(found(columns, [EXPORTS, SHARE], answered())) == [(2, "warning")]


def test_many_missing_answers_are_an_error_of_the_column():
    columns = {"exports": ["yes"] * 100, "share": [""] * 3 + ["5"] * 97}
    findings = found(columns, [EXPORTS, SHARE], answered())
    assert places(findings) == [(0, "error"), (2, "warning"), (3, "warning"), (4, "warning")]
    assert "3 of 100 rows" in next(f.value_shown for f in findings if not f.source_row)
    assert (0, "error") not in places(found(columns, [EXPORTS, SHARE], answered(tolerance=0.03)))


def test_who_did_not_consent_need_not_answer():
    columns = {"agree": ["1", "0", "", "1.0"], "exports": ["yes"] * 4, "share": [""] * 4}
    roles = Roles(consent="agree", consent_given=("1",))
    findings = found(columns, [variable("agree", "integer"), EXPORTS, SHARE], answered(), roles=roles)
    assert [row for row, _ in places(findings) if row] == [2, 5]


def test_unreadable_answer_is_an_answer():
    columns = {"exports": ["yes"], "share": ["abc"]}
    assert found(columns, [EXPORTS, SHARE], answered()) == []


def test_value_for_which_the_constraint_is_false_is_an_error():
    columns = {"total": ["100", "100", "100", "", "100"], "share": ["20", "120", "", "5", "-99"]}
    findings = found(columns, [variable("total", "decimal"), SHARE], constraint(". <= ${total}"))
    assert places(findings) == [(3, "error"), (5, "error")]
    assert findings[0].code == "C07"


def test_constraint_may_name_today():
    columns = {"start": ["2021-07-05T10:00", "2021-07-05T10:00"], "share": ["2021-07-05", "2021-07-06"]}
    variables = [variable("start", "datetime"), variable("share", "date")]
    assert places(found(columns, variables, constraint(". <= today()", clock="start"))) == [(3, "error")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pulldata('a', 'b') = 1", "pulldata()"),
        ("${turnover} = 1", "no column turnover in the codebook"),
        (". <= today()", "today()"),
        ("${exports} = ", "found 'the end'"),
    ],
)
@pytest.mark.parametrize("make", [skip, answered, constraint])
def test_condition_that_is_not_evaluated_is_said_once(make, text, said):
    columns = {"exports": ["yes", "no"], "share": ["", "5"]}
    (finding,) = found(columns, [EXPORTS, SHARE], make(text))
    assert (finding.source_row, finding.severity, finding.column) == (0, "info", "share")
    assert "not evaluated" in finding.value_shown and said in finding.value_shown


@pytest.mark.parametrize("code", ["-99", "-98.0", "-9999", "-55", "-77"])
def test_negative_special_code_that_is_not_declared_is_an_error(code):
    columns = {"share": ["5", code, "7", ""]}
    (finding,) = found(columns, [variable("share", "decimal")], codes())
    assert (finding.source_row, finding.severity, finding.code) == (3, "error", "C06")
    assert "usually means a missing value" in finding.message


def test_declared_codes_and_allowed_values_pass():
    columns = {"share": ["5", "-99", "-98", "-97"]}
    assert found(columns, [SHARE], codes()) == []
    assert found({"share": ["1", "-99"]}, [variable("share", "integer", allowed=("1", "-99"))], codes()) == []


@pytest.mark.parametrize(
    ("cells", "severities"),
    [
        (["10", "20", "49", "99", "99"], [(5, "error"), (6, "error")]),
        (["10", "20", "49", "99"], []),
        (["10", "20", "50", "99", "99"], []),
        (["400", "999", "999"], [(3, "error"), (4, "error")]),
        (["999", "999"], []),
        (["10", "9999"], [(3, "error")]),
        (["8000", "9999"], [(3, "warning")]),
        (["10", "99", "99", "999", "999"], [(3, "error"), (4, "error"), (5, "error"), (6, "error")]),
    ],
)
def test_positive_code_counts_where_it_is_far_from_all_others(cells, severities):
    assert places(found({"share": cells}, [variable("share", "integer")], codes())) == severities


def test_code_within_the_declared_range_is_for_review():
    columns = {"share": ["5", "-99", "20", "99", "99"]}
    wide = variable("share", "decimal", minimum=-1000, maximum=1000)
    assert places(found(columns, [wide], codes())) == [(3, "warning"), (5, "warning"), (6, "warning")]


def test_codes_are_not_looked_for_where_negative_numbers_are_common():
    assert found({"share": ["5", "-99", "-3", "8"]}, [variable("share", "decimal")], codes()) == []


@pytest.mark.parametrize(
    ("changes", "n", "is_found"),
    [
        ({"minimum": 0}, 3, True),
        ({"hard_minimum": 0}, 3, True),
        ({"minimum": -10}, 200, False),
        ({}, 200, True),
        ({}, 50, False),
    ],
)
def test_stray_negative_number_is_for_review(changes, n, is_found):
    findings = found({"share": ["-3"] + ["5"] * n}, [variable("share", "decimal", **changes)], codes())
    assert places(findings) == ([(2, "warning")] if is_found else [])


def test_confidential_code_is_not_named():
    hidden = variable("share", "decimal", confidential="yes")
    (finding,) = found({"share": ["5", "-99"]}, [hidden], codes())
    assert "-99" not in finding.message + finding.value_shown


@pytest.mark.parametrize(
    ("cells", "severity"),
    [
        (["1.500", "12.345", "7", ""], "warning"),
        (["1.500", "12.5"], ""),
        (["1.500", "1.234.567"], "error"),
        (["1.500", "12,5"], "error"),
        (["12.5", "1.234,5"], "error"),
        (["12.5", "1,234.5"], "error"),
        (["7", "1,500"], "error"),
        (["1500", "12"], ""),
        (["-99", "", "x"], ""),
        ([], ""),
    ],
)
def test_writing_of_numbers_is_settled_by_the_column(cells, severity):
    findings = found({"share": cells}, [SHARE], NUMBERS)
    assert places(findings) == ([(0, severity)] if severity else [])


def test_doubt_about_numbers_names_counts_and_places_and_no_values():
    (finding,) = found({"share": ["7", "1.500", "12.345"]}, [SHARE], NUMBERS)
    assert "2 cells like 1.500" in finding.value_shown
    assert "firms.csv, row 3; firms.csv, row 4" in finding.value_shown
    assert "12.345" not in finding.value_shown


def test_missing_code_does_not_settle_how_numbers_are_written():
    coded = variable("share", "decimal", missing_codes=("-99.9",))
    assert places(found({"share": ["1.500", "-99.9"]}, [coded], NUMBERS)) == [(0, "warning")]


def test_each_choice_of_several_must_be_listed():
    several = variable("share", "multiple", allowed=("a", "b"), missing_codes=CODES)
    check = ChoicesInSet(kind="choices_in_set", column="share", allowed=several.allowed, **ABOUT)
    findings = found({"share": ["a", "b a", "a c d", "ab", "", "-99", "a -99"]}, [several], check)
    assert places(findings) == [(4, "error"), (5, "error"), (8, "error")]
    assert findings[0].message.endswith("2 of the choices: c, d")
    hidden = variable("share", "multiple", allowed=("a", "b"), confidential="yes")
    (finding,) = found({"share": ["a secret"]}, [hidden], check)
    assert "secret" not in finding.message + finding.value_shown


CHECKS = (
    skip(),
    answered(),
    constraint(". < ${exports}"),
    codes(),
    NUMBERS,
    ChoicesInSet(kind="choices_in_set", column="share", allowed=("a",), **ABOUT),
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.kind)
@pytest.mark.parametrize("cells", [[], [""], ["", ""], ["5"], ["-99"]])
@pytest.mark.parametrize("type_", ["decimal", "integer", "text", "date", "multiple"])
def test_no_check_fails_on_few_or_no_data(check, cells, type_):
    columns = {"exports": [""] * len(cells), "share": cells}
    found(columns, [EXPORTS, variable("share", type_)], check)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["yes", "no", ""]), st.sampled_from(["5", "", "-99", "99", "1.500", "x", "-3"])
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_findings_do_not_depend_on_the_order_of_rows(rows, random):
    shuffled = list(enumerate(rows))
    random.shuffle(shuffled)
    plain = variable("share", "decimal")
    before, after = (
        found({"exports": [e for e, _ in part], "share": [s for _, s in part]}, [EXPORTS, plain], *CHECKS[:4])
        for part in (rows, [row for _, row in shuffled])
    )
    origin = {0: 0, **{new + 2: old + 2 for new, (old, _) in enumerate(shuffled)}}
    moved = sorted((origin[f.source_row], f.severity, f.message, f.value_shown) for f in after)
    assert moved == sorted((f.source_row, f.severity, f.message, f.value_shown) for f in before)


def test_codebook_implies_its_checks():
    book = codebook(
        variable("firm", "integer"),
        variable("start", "datetime"),
        variable("exports", "category", relevant="${size} > 5", required="yes"),
        variable("size", "integer", format="id", constraint=". > 0"),
        variable("share", "decimal", relevant="${exports} = 'yes'"),
        variable("kinds", "multiple", allowed=("a", "b")),
    )
    implied = {c.id: c for c in checks_of_answers(book, {"firms": Roles(unit="firm", start="start")})}
    assert set(implied) == {
        "firms-firm-numbers",
        "firms-exports-skip",
        "firms-exports-answered",
        "firms-size-constraint",
        "firms-size-codes",
        "firms-share-skip",
        "firms-share-numbers",
        "firms-share-codes",
        "firms-kinds-choices",
    }
    assert implied["firms-exports-skip"].clock == "start"
    assert implied["firms-exports-skip"].columns_read == ("exports", "size")
    assert implied["firms-kinds-choices"].allowed == ("a", "b")


def test_every_kind_has_a_function_and_a_definition_with_its_thresholds():
    assert set(FUNCTIONS) == set(KINDS)
    assert {type(c) for c in CHECKS} == set(KINDS)
    assert answered().defined.endswith(
        "true: ${exports} = 'yes'; more than 2% of such rows are an error of the whole column"
    )
    assert all("{" not in c.defined.replace("${", "") for c in CHECKS)


@pytest.mark.parametrize(
    ("make", "changes"), [(answered, {"tolerance": 2.0}), (codes, {"share": -1.0}), (codes, {"factor": 0.5})]
)
def test_thresholds_that_decide_nothing_are_refused(make, changes):
    with pytest.raises(OptionError):
        make(**changes)
