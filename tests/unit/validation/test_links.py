"""Rows belong to an interview with consent, and members are interviewed as agreed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.links import ForeignKey, Quota
from impacteval.closed import OptionError
from impacteval.delivery import Roles
from impacteval.validation.links import check_foreign_key, check_quota
from support.linked import found, linked, places, said, shuffled, told

KEY = ForeignKey(kind="foreign_key", id="k", table="workers", columns=("firm", "round"), other="firms")
QUOTA = Quota(
    kind="quota", id="q", table="firms", members="workers", target=3, eligible="eligible", employment="employed",
    completed=("complete",),
)  # fmt: skip
ROLES = {
    "firms": Roles(unit="firm", period="round", consent="agreed", consent_given=("yes",)),
    "workers": Roles(unit="firm", period="round", member="worker", status="status"),
}
VARIABLES = {"round": {"type": "integer"}, "eligible": {"type": "integer"}, "employed": {"type": "integer"}}
COLUMNS = {
    "firms": ("firm", "round", "agreed", "eligible", "employed"),
    "workers": ("firm", "round", "worker", "status"),
}


def firm(unit="F1", period="1", agreed="yes", eligible="9", employed="20"):
    return {"firm": unit, "round": period, "agreed": agreed, "eligible": eligible, "employed": employed}


def worker(unit="F1", period="1", status="complete"):
    return {"firm": unit, "round": period, "worker": "w", "status": status}


def survey_of(firms, workers, **options):
    variables = {**VARIABLES, **options.pop("variables", {})}
    return linked(
        {"firms": firms, "workers": workers}, ROLES, columns=COLUMNS, variables=variables, **options
    )


def orphans(firms, workers, check=KEY):
    survey = survey_of(firms, workers)
    return places(survey, check_foreign_key(survey, check))


def quotas(firms, workers, check=QUOTA):
    survey = survey_of(firms, workers)
    return places(survey, check_quota(survey, check))


def test_rows_of_interviews_with_consent_pass():
    assert orphans([firm(), firm("F2")], [worker(), worker(), worker("F2")]) == []


def test_rows_without_an_interview_are_listed_one_by_one():
    workers = [worker(), worker("F9"), worker(period="2"), worker("F9")]
    assert orphans([firm()], workers) == [
        ("workers", 3, "error"),
        ("workers", 4, "error"),
        ("workers", 5, "error"),
    ]


def test_the_finding_says_whether_consent_is_what_is_missing():
    survey = survey_of([firm(agreed="no")], [worker(), worker("F9")])
    notes = said(survey, check_foreign_key(survey, KEY))
    assert "without consent in firms" in notes[1]
    assert "not in firms" in notes[0]


def test_consent_in_any_row_of_the_key_is_enough():
    assert orphans([firm(agreed="no"), firm()], [worker()]) == []


def test_a_row_whose_key_is_missing_is_left_to_other_checks():
    assert orphans([firm()], [worker(unit=""), worker(period="")]) == []
    assert orphans([firm(unit="")], [worker(unit="")]) == []


def test_columns_may_have_another_name_and_type_there():
    check = ForeignKey(
        kind="foreign_key", id="k", table="visits", columns=("firm_no",), other="list", other_columns=("id",)
    )
    survey = linked(
        {
            "visits": [{"firm_no": "7"}, {"firm_no": "8.0"}, {"firm_no": "9"}],
            "list": [{"id": "7"}, {"id": "8"}],
        },
        {},
        variables={"firm_no": {"type": "integer"}},
    )
    assert places(survey, check_foreign_key(survey, check)) == [("visits", 4, "error")]


def test_ids_of_confidential_columns_are_masked():
    survey = survey_of([firm()], [worker("SECRET")], variables={"firm": {"confidential": "yes"}})
    assert "SECRET" not in repr(found(survey, check_foreign_key(survey, KEY)))


def test_as_many_interviews_as_agreed_pass():
    assert quotas([firm(), firm("F2", eligible="2")], [*[worker()] * 3, *[worker("F2")] * 2]) == []


@pytest.mark.parametrize(("n", "severities"), [(0, ["warning"]), (2, ["warning"]), (3, []), (4, ["warning"])])
def test_fewer_or_more_than_agreed_is_a_warning(n, severities):
    assert [severity for _, _, severity in quotas([firm()], [worker()] * n)] == severities


def test_more_than_are_employed_is_an_error_and_nothing_else():
    survey = survey_of([firm(eligible="3", employed="2")], [worker()] * 3)
    failures = check_quota(survey, QUOTA)
    assert places(survey, failures) == [("firms", 2, "error")]
    assert "3 interviews, 2 employed" in said(survey, failures)[0]


REGISTERED = replace(QUOTA, register="register", register_employment="size")


def registered(sizes, *, n=4, employed="3", **variables):
    """An enterprise, its interviews of members, and rows of the register about it."""
    rows = [{"firm": "F1", "size": size} for size in sizes]
    survey = linked(
        {"firms": [firm(eligible=str(n), employed=employed)], "workers": [worker()] * n, "register": rows},
        {**ROLES, "register": Roles(unit="firm")},
        columns={**COLUMNS, "register": ("firm", "size")},
        variables={**VARIABLES, "size": {"type": "integer", **variables}},
    )
    failures = check_quota(survey, replace(REGISTERED, target=n))
    return [severity for _, _, severity in places(survey, failures)], said(survey, failures)


@pytest.mark.parametrize(
    ("sizes", "employed", "severities"),
    [
        (["3"], "3", ["error"]),
        (["9"], "3", ["warning"]),
        (["3"], "9", ["warning"]),
        (["9"], "9", []),
        (["2", "9"], "3", ["warning"]),
        ([], "3", ["error"]),
        ([""], "3", ["error"]),
        (["3"], "", ["error"]),
        (["4"], "4", []),
    ],
)
def test_more_than_enterprise_and_register_say_is_an_error_and_than_one_a_warning(
    sizes, employed, severities
):
    assert registered(sizes, employed=employed)[0] == severities


def test_both_numbers_employed_are_told_unless_they_are_confidential():
    assert "4 interviews, 3 employed, 9 in the register" in registered(["9"])[1][0]
    assert "4 interviews, 3 in the register" in registered(["3"], employed="")[1][0]
    shown = registered(["77"], confidential="yes")[1][0]
    assert "77" not in shown and "another number in the register" in shown


def test_a_register_is_named_with_its_column():
    with pytest.raises(OptionError, match="register needs register_employment"):
        replace(QUOTA, register="register")


def test_only_completed_interviews_count():
    workers = [worker()] * 3 + [worker(status="refused")] * 5
    assert quotas([firm()], workers) == []
    assert quotas([firm()], workers, replace(QUOTA, completed=())) == [("firms", 2, "warning")]


def test_rounds_are_counted_apart():
    assert quotas([firm(), firm(period="2")], [worker()] * 3) == [("firms", 3, "warning")]


def test_enterprises_that_refused_owe_no_interview():
    assert quotas([firm(agreed="no")], []) == []


def test_without_the_number_eligible_the_target_is_a_maximum():
    assert quotas([firm(eligible="")], [worker()]) == []
    assert quotas([firm(eligible="")], [worker()] * 4) == [("firms", 2, "warning")]
    assert quotas([firm(eligible="", employed="")], [worker()] * 3) == []


def test_without_a_column_of_those_eligible_the_target_is_what_is_agreed():
    assert quotas([firm()], [worker()], replace(QUOTA, eligible="")) == [("firms", 2, "warning")]


def test_numbers_of_confidential_columns_are_not_told():
    options = {"variables": {"employed": {"confidential": "yes"}, "eligible": {"confidential": "yes"}}}
    above = survey_of([firm(employed="77")], [worker()] * 78, **options)
    below = survey_of([firm(eligible="2", employed="77")], [], **options)
    assert "77" not in repr(found(above, check_quota(above, QUOTA)))
    assert "2 agreed" not in repr(found(below, check_quota(below, QUOTA)))


@pytest.mark.parametrize(
    ("firms", "workers"), [([], []), ([firm()], []), ([], [worker()]), ([firm("", "")], [worker("", "")])]
)
def test_checks_do_not_raise_on_poor_data(firms, workers):
    survey = survey_of(firms, workers)
    assert len(places(survey, check_foreign_key(survey, KEY))) == (1 if workers and workers[0]["firm"] else 0)
    assert len(places(survey, check_quota(survey, QUOTA))) == (1 if firms and firms[0]["firm"] else 0)


FIRMS = st.lists(
    st.builds(
        firm,
        st.sampled_from(["F1", "F2", ""]),
        st.sampled_from("12"),
        st.sampled_from(["yes", "no", ""]),
        st.sampled_from(["", "1", "5"]),
        st.sampled_from(["", "1", "5"]),
    ),
    max_size=15,
)
WORKERS = st.lists(
    st.builds(worker, st.sampled_from(["F1", "F2", "F3", ""]), st.sampled_from("12")), max_size=15
)


@settings(max_examples=8, deadline=None)
@given(FIRMS, WORKERS, st.integers(0, 99))
def test_row_order_changes_nothing(firms, workers, seed):
    survey = survey_of(firms, workers)
    mixed = shuffled(survey, seed)
    for function, check in ((check_foreign_key, KEY), (check_quota, QUOTA)):
        assert told(survey, function(survey, check)) == told(mixed, function(mixed, check))


def test_options_that_do_not_fit_are_refused():
    with pytest.raises(OptionError, match="2 columns but 1 other_columns"):
        replace(KEY, other_columns=("firm",))
    with pytest.raises(OptionError, match="target"):
        replace(QUOTA, target=0)


def test_checks_name_what_they_read_elsewhere():
    assert KEY.columns_elsewhere == (("firms", "firm"), ("firms", "round"))
    assert QUOTA.roles_elsewhere == (("workers", "unit"),)
    assert KEY.defined == "no row of firms with consent has the same firm, round"
