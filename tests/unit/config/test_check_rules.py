"""What checks may ask of a study, and what a study may say of its survey."""

from __future__ import annotations

import typing
from dataclasses import fields, replace

import pytest

from impacteval.checks import (
    AddsUp,
    AnyCheck,
    AtMost,
    BackCheck,
    Comparable,
    Coverage,
    Disposition,
    Duration,
    EnumeratorEffect,
    ExposureOrder,
    ForeignKey,
    Growth,
    Heaping,
    Hours,
    ImpliedWage,
    InRange,
    InterviewTime,
    ItemNonResponse,
    MultivariateOutlier,
    OtherSpecify,
    Outlier,
    Overlap,
    Quota,
    RegisterLink,
    Tenure,
    UnitSlip,
    WageAgreement,
    Weights,
)
from impacteval.checks.frame import Asked
from impacteval.config import load_survey
from impacteval.config.check_rules import AS_DAYS, AS_NUMBERS, TABLE_KEYS
from impacteval.config.folder import SurveyFolder
from impacteval.config.survey_rules import survey_contradictions
from impacteval.delivery import Fieldwork, FileDetail, FormFile, ParentLink, SourceTable
from impacteval.design import Study
from impacteval.errors import ConfigError
from support.catalogue_examples import EXAMPLES
from support.sound_survey import CODEBOOK, ROLES
from support.study import make_study

FIRMS = {"table": "firms"}
ABOUT = {**FIRMS, "severity": "error", "message": "wrong", "suggestion": "look"}
TABLES = tuple(SourceTable(name=name, files=(f"{name}.csv",), format="csv") for name in ROLES)
STUDY = Study(
    schema_version=1, title="T", question="Q", programme="P", setting="S", synthetic=True, seed=1, tables=TABLES
)  # fmt: skip
WAGE = ImpliedWage(
    kind="implied_wage", id="c", wage_bill="wage_bill", employment="emp_total", province="province", year="year",
    reference="prices", reference_province="province", reference_year="year", reference_amount="minimum_wage",
    **FIRMS,
)  # fmt: skip
ORDER = ExposureOrder(
    kind="exposure_order", id="c", last_baseline=1, training="register", trained_on="trained_on", **FIRMS
)
VISITS = Disposition(
    kind="disposition",
    id="c",
    table="assignment",
    contacts="contacts",
    final=("done", "closed"),
    closed=("closed",),
)
AGREE = WageAgreement(
    kind="wage_agreement", id="c", wage_bill="wage_bill", employment="emp_total", workers="workers",
    worker_wage="wage", **FIRMS,
)  # fmt: skip
TIMES = Duration(kind="duration", id="c", **FIRMS)


def problems_of(*checks, study=STUDY, roles=ROLES, codebook=CODEBOOK):
    """Everything that is wrong with a survey that asks for some checks."""
    folder = SurveyFolder(name="s", study=study, codebook=codebook, checks=checks, roles=dict(roles))
    return list(survey_contradictions(folder))


def without(table, *given):
    """Roles, without some of a table."""
    return {**ROLES, table: replace(ROLES[table], **dict.fromkeys(given, ""))}


def typed(table, column, type_):
    """The codebook with another type of a column."""
    return replace(
        CODEBOOK,
        variables=tuple(
            replace(v, type=type_) if (v.table, v.column) == (table, column) else v
            for v in CODEBOOK.variables
        ),
    )


def of_table(name, **changes):
    """The study with a table that is described otherwise."""
    return replace(STUDY, tables=tuple(replace(t, **changes) if t.name == name else t for t in TABLES))


def test_every_check_of_the_catalogue_fits_a_survey_that_has_what_it_needs():
    assert problems_of(*(example.check for example in EXAMPLES.values())) == []


@pytest.mark.parametrize(
    ("check", "table", "role"),
    [
        (InterviewTime(kind="interview_time", id="c", **FIRMS), "firms", "start"),
        (TIMES, "firms", "end"),
        (Overlap(kind="overlap", id="c", **FIRMS), "firms", "enumerator"),
        (Heaping(kind="heaping", id="c", columns=("sales",), **FIRMS), "firms", "enumerator"),
        (Growth(kind="growth", id="c", sales="sales", **FIRMS), "firms", "period"),
        (replace(WAGE, year=""), "firms", "period"),
        (AGREE, "workers", "unit"),
        (Quota(kind="quota", id="c", members="workers", target=5, **FIRMS), "workers", "unit"),
        (RegisterLink(kind="register_link", id="c", table="register", other="assignment", treated=("a",)), "assignment", "arm"),
        (VISITS, "contacts", "status"),
        (BackCheck(kind="back_check", id="c", back_checks="back_checks", stable=("founded",), **FIRMS), "back_checks", "unit"),
        (Weights(kind="weights", id="c", frame="frame", **FIRMS), "firms", "weight"),
    ],
)  # fmt: skip
def test_check_is_refused_on_a_table_without_a_role_that_it_needs(check, table, role):
    assert problems_of(check) == []
    (problem,) = problems_of(check, roles=without(table, role))
    assert f"checks.yaml: c: {check.kind} needs roles.{role} of table {table!r}" in problem


@pytest.mark.parametrize("kind", typing.get_args(AnyCheck))
def test_every_role_that_a_kind_needs_exists(kind):
    known = {f.name for f in fields(type(ROLES["firms"]))}
    examples = [example.check for example in EXAMPLES.values() if type(example.check) is kind]
    assert {role for check in examples for role in check.roles_needed} <= known
    assert {role for check in examples for _, role in getattr(check, "roles_elsewhere", ())} <= known


def test_a_duration_that_is_recorded_needs_neither_start_nor_end():
    roles = without("firms", "start", "end")
    assert problems_of(replace(TIMES, minutes="score"), roles=roles) == []


@pytest.mark.parametrize(
    ("check", "key", "named"),
    [
        (ForeignKey(kind="foreign_key", id="c", columns=("firm",), other="firm", table="workers"), "other", "firms"),
        (Quota(kind="quota", id="c", members="worker", target=5, **FIRMS), "members", "workers"),
        (replace(ORDER, training="registers"), "training", "register"),
        (BackCheck(kind="back_check", id="c", back_checks="backchecks", stable=("founded",), **FIRMS), "back_checks", "back_checks"),
        (Weights(kind="weights", id="c", frame="frames", **FIRMS), "frame", "frame"),
        (replace(VISITS, contacts="contact"), "contacts", "contacts"),
        (replace(WAGE, reference="price"), "reference", "prices"),
        (replace(AGREE, workers="worker"), "workers", "workers"),
        (Comparable(kind="comparable", id="c", columns=("sales",), asked=(Asked(column="sales", period=1, elsewhere="worker"),), **FIRMS), "asked.elsewhere", "workers"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_exist_is_met_with_the_nearest_one(check, key, named):
    problems = problems_of(check)
    assert f"checks.yaml: c: {key}: table " in problems[0]
    assert f"did you mean {named!r}?" in problems[0]
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (UnitSlip(kind="unit_slip", id="c", column="sale", **FIRMS), "column 'sale' is not in codebook.csv; allowed"),
        (UnitSlip(kind="unit_slip", id="c", column="sales", groups=("sectr",), **FIRMS), "groups: column 'sectr' is not"),
        (replace(WAGE, reference_amount="minimum_wag"), "reference_amount: column 'minimum_wag' is not in codebook.csv for table 'prices'"),
        (replace(ORDER, trained_on="trained"), "trained_on: column 'trained' is not in codebook.csv for table 'register'"),
        (BackCheck(kind="back_check", id="c", back_checks="back_checks", hard=("sales",), **FIRMS), "hard: column 'sales' is not in codebook.csv for table 'back_checks'"),
        (InRange(kind="in_range", id="c", column="sales", minimum=0, when="${sectr} = 'food'", **ABOUT), "when: column 'sectr' is not in codebook.csv"),
        (InRange(kind="in_range", id="c", column="sales", minimum=0, when="${sector} = ", **ABOUT), "when: "),
        (OtherSpecify(kind="other_specify", id="c", column="legal", other="lainya", text="legal_other", **FIRMS), "other: 'lainya' is no option of 'legal'; allowed: pt, cv, cooperative, lainnya; did you mean 'lainnya'?"),
    ],
)  # fmt: skip
def test_a_name_that_does_not_exist_is_told_with_its_key(check, words):
    (problem,) = problems_of(check)
    assert problem.startswith("checks.yaml: c: ") and words in problem


@pytest.mark.parametrize(
    ("check", "column"),
    [
        (UnitSlip(kind="unit_slip", id="c", column="sector", **FIRMS), "sector"),
        (Outlier(kind="outlier", id="c", columns=("sales", "remark"), **FIRMS), "remark"),
        (MultivariateOutlier(kind="multivariate_outlier", id="c", columns=("sales", "remark"), **FIRMS), "remark"),
        (EnumeratorEffect(kind="enumerator_effect", id="c", outcome="loans", **FIRMS), "loans"),
        (replace(TIMES, minutes="remark"), "remark"),
        (replace(AGREE, worker_wage="firm"), "firm"),
        (replace(WAGE, employment="remark"), "remark"),
        (Hours(kind="hours", id="c", column="firm", table="workers"), "firm"),
        (Tenure(kind="tenure", id="c", column="tenure", age="firm", table="workers"), "firm"),
        (AtMost(kind="at_most", id="c", column="sales", other="remark", **ABOUT), "remark"),
        (replace(VISITS, interviews="firms", outcomes=("remark",)), "remark"),
    ],
)  # fmt: skip
def test_column_that_must_be_of_numbers_is_refused_where_it_is_not(check, column):
    (problem,) = problems_of(check)
    assert f"column {column!r} is used as a number but is" in problem


def test_day_of_training_must_be_a_day():
    (problem,) = problems_of(replace(ORDER, trained_on="offered"))
    assert "trained_on: column 'offered' is used as a day but is decimal" in problem


@pytest.mark.parametrize("check", [TIMES, Overlap(kind="overlap", id="c", **FIRMS)])
def test_minutes_are_not_judged_by_days(check):
    (problem,) = problems_of(check, codebook=typed("firms", "end", "date"))
    assert f"checks.yaml: c: column 'end', roles.end, holds days without time; {check.kind} needs" in problem
    assert (
        problems_of(
            InterviewTime(kind="interview_time", id="c", **FIRMS), codebook=typed("firms", "end", "date")
        )
        == []
    )


@pytest.mark.parametrize(
    "check",
    [
        Outlier(kind="outlier", id="c", columns=(), **FIRMS),
        ItemNonResponse(kind="item_non_response", id="c", columns=(), **FIRMS),
        Coverage(kind="coverage", id="c", columns=(), **FIRMS),
    ],
)
def test_check_of_no_column_is_refused(check):
    assert problems_of(check) == ["checks.yaml: c: columns is empty; name at least one"]


def test_one_column_is_no_outlier_of_several():
    check = MultivariateOutlier(kind="multivariate_outlier", id="c", columns=("sales",), **FIRMS)
    assert problems_of(check) == ["checks.yaml: c: columns: at least two are needed; outlier judges one"]


def test_a_column_is_not_compared_with_itself():
    """Bug: at_most of a column and itself ended in a traceback, adds_up could not fail."""
    twice = "checks.yaml: c: column 'sales' stands twice; a column is not compared with itself"
    for check in (
        AtMost(
            kind="at_most",
            id="c",
            column="sales",
            other="sales",
            severity="error",
            message="",
            suggestion="",
            **FIRMS,
        ),
        AddsUp(kind="adds_up", id="c", whole="sales", parts=("sales",), **FIRMS),
    ):
        assert twice in problems_of(check)


def test_keys_that_are_looked_at_are_keys_of_their_kinds():
    """Every name in the lists of keys is a field; a renamed one would no longer be looked at."""
    for uses in (AS_NUMBERS, AS_DAYS):
        for kind, keys in uses.items():
            assert {*keys} <= {f.name for f in fields(kind)}
            assert all(hasattr(kind, table) for table in keys.values())
    known = {f.name for kind in typing.get_args(AnyCheck) for f in fields(kind)}
    assert set(TABLE_KEYS) <= known


@pytest.mark.parametrize(
    ("column", "type_", "use"),
    [("start", "text", "day"), ("latitude", "text", "decimal number"), ("longitude", "integer", "decimal number"), ("weight", "text", "number")],
)  # fmt: skip
def test_role_of_a_wrong_type_is_refused(column, type_, use):
    (problem,) = problems_of(codebook=typed("firms", column, type_))
    assert (
        f"study.yaml: firms: roles.{column}: column {column!r} is used as a {use} but is {type_}" in problem
    )


@pytest.mark.parametrize(
    ("study", "words"),
    [
        (replace(STUDY, exported_on="31/03/2026"), "exported_on: found '31/03/2026'; a day such as 2026-03-31"),
        (replace(STUDY, unblinded_on="2026-02-30"), "unblinded_on: found '2026-02-30'"),
        (replace(STUDY, retention_until="20260331"), "retention_until: found '20260331'"),
        (replace(STUDY, fieldwork=(Fieldwork(first_day="2026-01", last_day="2026-02-01"),)), "fieldwork.0.first_day: found '2026-01'"),
        (replace(STUDY, fieldwork=(Fieldwork(first_day="", last_day="2026-02-01"),)), "fieldwork.0.first_day: found 'nothing'"),
        (replace(STUDY, fieldwork=(Fieldwork(first_day="2026-03-01", last_day="2026-02-01"),)), "fieldwork.0.first_day 2026-03-01 is after last_day 2026-02-01"),
        (replace(STUDY, forms=(FormFile(table="firms", file="f.csv", version="1", deployed="May"),)), "forms: f.csv: deployed: found 'May'"),
        (replace(STUDY, forms=(FormFile(table="firm", file="f.csv", version="1"),)), "forms: f.csv: table 'firm' is not in study.yaml"),
        (replace(STUDY, time_zone="Asia/Jakarte"), "time_zone 'Asia/Jakarte' is no time zone; did you mean 'Asia/Jakarta'?"),
        (replace(STUDY, time_zone="WIB?!"), "as in Asia/Jakarta"),
        (of_table("firms", sheet="one"), "table firms: sheet: csv files have none"),
        (of_table("firms", details=(FileDetail(file="other.csv"),)), "details: 'other.csv' is not among the table's files"),
        (of_table("firms", details=(FileDetail(file="firms.csv", constants={"rond": "1"}),)), "details: firms.csv: constants: column 'rond' is not in codebook.csv"),
        (of_table("firms", details=(FileDetail(file="firms.csv", renamed={"Sales": "sale"}),)), "details: firms.csv: renamed: column 'sale' is not"),
        (of_table("firms", details=(FileDetail(file="firms.csv", absent=("profits",)),)), "details: firms.csv: absent: column 'profits' is not"),
        (of_table("workers", parent=ParentLink(table="firm", own="firm", key="firm", carried=("round",))), "table workers: parent.table 'firm' is not in study.yaml"),
        (of_table("workers", parent=ParentLink(table="firms", own="firm", key="firm", carried=("sales",))), "parent: column 'sales' is not in codebook.csv for table 'workers'"),
    ],
)  # fmt: skip
def test_fault_in_what_a_study_says_of_its_survey_is_named(study, words):
    (problem,) = problems_of(study=study)
    assert problem.startswith("study.yaml: ") and words in problem


def test_what_a_study_may_say_of_its_survey_passes():
    windows = (Fieldwork(first_day="2026-01-01", last_day="2026-01-01"),)
    forms = (FormFile(table="firms", file="f.csv", version="1", deployed="2026-01-01"),)
    days = {"exported_on": "2026-03-01", "unblinded_on": "2026-04-01", "retention_until": "2030-01-01"}
    assert (
        problems_of(study=replace(STUDY, fieldwork=windows, forms=forms, time_zone="Asia/Jakarta", **days))
        == []
    )


def test_faults_of_survey_and_checks_are_told_at_once(tmp_path):
    files = (
        make_study()
        .edit_config("study.yaml", "seed: 7", "seed: 7\ntime_zone: Jakarta\nexported_on: soon")
        .edit_config("checks.yaml", "kind: in_range", "kind: heaping")
        .edit_config("checks.yaml", "column: workers\n    minimum: 5", "columns: [remark]")
    )
    with pytest.raises(ConfigError) as caught:
        load_survey(files.write(tmp_path), files.name)
    told = str(caught.value)
    assert "config/workshop: 4 problems" in told
    for words in (
        "time_zone 'Jakarta'",
        "exported_on: found 'soon'",
        "needs roles.enumerator",
        "column 'remark' is used",
    ):
        assert words in told
