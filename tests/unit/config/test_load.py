"""Reading a study's configuration, and saying what is wrong with it."""

from __future__ import annotations

import pytest

from impacteval.build.enterprise import KEY_COLUMNS
from impacteval.checks.grouping import Grouping
from impacteval.config import ChecksFile, dump, load_study, load_survey, restore
from impacteval.config.consistency import RESERVED
from impacteval.design import Outcome, Plan, Study
from impacteval.errors import ConfigError
from impacteval.estimators.ancova import BASELINE
from support.study import NAME, make_study


def message_of(files, root):
    with pytest.raises(ConfigError) as caught:
        load_study(files.write(root), files.name)
    return str(caught.value)


def test_a_sound_study_is_read(tmp_path):
    folder = load_study(make_study().write(tmp_path), NAME)
    assert folder.families == ("productivity", "safety")
    assert [o.name for o in folder.outcomes] == ["log_productivity", "lost_days"]
    assert folder.plan.treatment.comparison.value == 0
    assert folder.study.tables[0].encoding == "utf-8"
    assert {c.id for c in folder.checks} >= {
        "firms-key",
        "firms-workers-few",
        "firms-arm-changes",
        "firms-arm-allowed",
    }


def test_configuration_survives_the_way_through_a_workflow(tmp_path):
    folder = load_study(make_study().write(tmp_path), NAME)
    assert restore(Plan, dump(folder.plan, Plan)) == folder.plan
    assert restore(Study, dump(folder.study, Study)) == folder.study
    assert restore(tuple[Outcome, ...], dump(folder.outcomes, tuple[Outcome, ...])) == folder.outcomes
    checks = ChecksFile(checks=folder.checks)
    assert restore(ChecksFile, dump(checks, ChecksFile)) == checks


@pytest.mark.parametrize("load", [load_survey, load_study])
def test_when_rows_are_one_finding_can_be_set_beside_the_checks(tmp_path, load):
    asked = "grouping: {least_rows: 50, most_values: 3}\nchecks:"
    files = make_study().edit_config("checks.yaml", "checks:", asked).write(tmp_path)
    assert load(files, NAME).rules.grouping == Grouping(least_rows=50, least_share=0.2, most_values=3)
    assert load(make_study().write(tmp_path / "other"), NAME).rules.grouping == Grouping()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{least_row: 50}", ["'grouping.least_row' is unknown", "did you mean 'least_rows'"]),
        ("{least_rows: 1}", ["grouping", "least_rows 1"]),
        ("{least_share: '0.2'}", ["grouping.least_share", "found '0.2'"]),
    ],
)
def test_a_wrong_threshold_of_grouping_is_told_with_its_file(tmp_path, given, said):
    files = make_study().edit_config("checks.yaml", "checks:", f"grouping: {given}\nchecks:")
    message = message_of(files, tmp_path)
    assert [part for part in ["checks.yaml", *said] if part not in message] == []


def test_unknown_study_is_met_with_the_nearest_name(tmp_path):
    make_study().write(tmp_path)
    with pytest.raises(
        ConfigError, match=r"config/worksop/study.yaml: not found; allowed: workshop; did you mean 'workshop'"
    ):
        load_study(tmp_path, "worksop")


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("plan.yaml", "assignment_note:", "asignment_note:", ["plan.yaml", "'asignment_note' is unknown", "did you mean 'assignment_note'"]),
        ("plan.yaml", "assignment_note: By lot.\n", "", ["plan.yaml", "'assignment_note' is missing"]),
        ("plan.yaml", "assignment: random", "assignment: randon", ["'assignment'", "found 'randon'", "did you mean 'random'"]),
        ("plan.yaml", "vcov: [cr1_nested]", "vcov: [cr1_nestd]", ["vcov", "found 'cr1_nestd'", "did you mean 'cr1_nested'"]),
        ("plan.yaml", "vcov: [cr1_groups]", "vcov: [cr1_nested]", ["designs.0", "vcov", "found 'cr1_nested'"]),
        ("plan.yaml", "estimator: drdid\n", "estimator: drdid\n    anticipaton: 1\n", ["anticipaton", "did you mean 'anticipation'"]),
        ("plan.yaml", "first_period: 2", "first_period: '2'", ["first_period", "'2'"]),
        ("plan.yaml", "first_period: 2", "first_period: 4", ["treatment.first_period 4", "[2, 3]"]),
        ("plan.yaml", "periods: [1, 2, 3]", "periods: [1, 3, 2]", ["panel.periods [1, 3, 2]", "rising"]),
        ("plan.yaml", "unit: firm", "unit: frim", ["column 'frim' is not in codebook.csv", "did you mean 'firm'"]),
        ("plan.yaml", "table: firms", "table: firm", ["panel.table 'firm' is not in study.yaml", "did you mean 'firms'"]),
        ("plan.yaml", "primary: two_by_two", "primary: two_bytwo", ["primary 'two_bytwo' is no design", "did you mean 'two_by_two'"]),
        ("plan.yaml", "primary: two_by_two\n", "", ["'primary' is missing"]),
        ("plan.yaml", "vcov: [cr1_groups]", "vcov: []", ["two_by_two: vcov is empty"]),
        ("plan.yaml", "vcov: [cr1_nested]", "vcov: [cr1_nested]\n    outcomes: [lost_day]", ["outcome 'lost_day' is not in outcomes.csv", "did you mean 'lost_days'"]),
        ("plan.yaml", "value: 1}", "value: 0}", ["two arms have the same value; found [0, 0]"]),
        ("plan.yaml", ", value: 1}", "}", ["every arm and the comparison need a `value`"]),
        ("plan.yaml", "balance: [workers]", "balance: [worker]", ["column 'worker' is not in codebook.csv", "did you mean 'workers'"]),
        ("plan.yaml", "balance: [workers]", "level: 1.95", ["level 1.95: between 0.5 and 1"]),
        ("plan.yaml", "balance: [workers]", "power: 0.2", ["power 0.2"]),
        ("plan.yaml", "- name: two_way", "- name: two_by_two", ["design: the name 'two_by_two' stands twice"]),
        ("study.yaml", "files: [firms.csv]", "files: [../firms.csv]", ["file '../firms.csv': a plain file name is expected"]),
        ("study.yaml", "files: [firms.csv]", "files: []", ["table 'firms' has no files"]),
        ("study.yaml", "files: [firms.csv]", "files: [firms.csv, firms.csv]", ["file 'firms.csv' belongs to two tables"]),
        ("study.yaml", "synthetic: true", "synthetic: yes", ["'synthetic'", "found 'yes'"]),
        ("study.yaml", "format: csv", "format: excel", ["format", "found 'excel'"]),
        ("outcomes.csv", ",output,", ",outputs,", ["log_productivity: column 'outputs' is not in codebook.csv", "did you mean 'output'"]),
        ("outcomes.csv", ",log,", ",logs,", ["line 2", "'transform'", "did you mean 'log'"]),
        ("outcomes.csv", ",Days lost,safety,secondary,days_lost,,none,days a round,lower,,", ",Days lost,safety,secondary,days_lost,,recorded,days a round,lower,workers,", ["lost_days: baseline_column is not transformed; leave it empty with recorded"]),
        ("outcomes.csv", "log_productivity,", "../x,", ["outcome: the name '../x' is not allowed"]),
        ("outcomes.csv", "log_productivity,", "=cmd,", ["outcome: the name '=cmd' is not allowed"]),
        ("outcomes.csv", "log_productivity,", "log productivity,", ["outcome: the name 'log productivity' is not allowed"]),
        ("outcomes.csv", ",safety,", ",Safety/x,", ["family: the name 'Safety/x' is not allowed"]),
        ("outcomes.csv", "lost_days,", "log_productivity,", ["outcome: the name 'log_productivity' stands twice"]),
        ("outcomes.csv", "name,label", "nam,label", ["column 'name' is missing", "column 'nam' is unknown", "did you mean 'name'"]),
        ("codebook.csv", "firms,output,decimal", "firms,output,float", ["codebook.csv", "line 7", "found 'float'"]),
        ("codebook.csv", ",1,500,", ",one,500,", ["line 6", "'one' where a number"]),
        ("codebook.csv", "firms,remark", "firm,remark", ["table 'firm' is not in study.yaml", "did you mean 'firms'"]),
        ("codebook.csv", "firms,remark", "firms,manager", ["column 'manager' of table 'firms' stands twice"]),
        ("codebook.csv", "firms,firm,text,,yes", "firms,firm,text,,no", ["'firm' is part of the panel's key"]),
        ("codebook.csv", "firms,round,integer", "firms,round,decimal", ["'round' is the panel's period; its type must be integer"]),
        ("checks.yaml", "column: workers", "column: wokers", ["column 'wokers' is not in codebook.csv", "did you mean 'workers'"]),
        ("checks.yaml", "kind: in_range", "kind: in_rang", ["checks.yaml", "in_rang"]),
        ("checks.yaml", "id: firms-workers-few", "id: ../few", ["id '../few'"]),
        ("outcomes.csv", ",days_lost,", ",remark,", ["outcomes.csv: column 'remark' is used as a number but is text"]),
        ("plan.yaml", "balance: [workers]", "balance: [manager]", ["plan.yaml: column 'manager' is used as a number but is text"]),
        ("checks.yaml", "column: workers", "column: remark", ["checks.yaml: firms-workers-few: column 'remark' is used as a number"]),
        ("codebook.csv", "firms,arm,integer", "firms,arm,text", ["plan.yaml: column 'arm' is used as a number"]),
        ("codebook.csv", "0|1", "no|yes", ["'arm': allowed value 'no' is not integer", "allowed value 'yes'"]),
        ("outcomes.csv", "lost_days,", "cluster,", ["outcome: the name 'cluster' is taken by the panel"]),
        ("outcomes.csv", "lost_days,", "baseline,", ["outcome: the name 'baseline' is taken by the panel"]),
        ("plan.yaml", "balance: [workers]", "balance: [arm]", ["column: the name 'arm' is taken by the panel"]),
        ("plan.yaml", "estimator: drdid\n", "estimator: drdid\n    anticipation: -1\n", ["'designs.0': TwoByTwo: anticipation -1: 0 or more"]),
        ("plan.yaml", "estimator: twfe\n", "estimator: twfe\n    period_effects: false\n", ["'designs.1': TwoWayFixedEffects: period_effects is false only where"]),
        ("checks.yaml", "minimum: 5\n", "\n", ["firms-workers-few: no bound"]),
        ("checks.yaml", "minimum: 5\n", "minimum: 5\n    maximum: 4\n", ["firms-workers-few: minimum 5 is above maximum 4"]),
        ("checks.yaml", "kind: in_range\n    table: firms\n    severity: warning\n    column: workers\n    minimum: 5", "kind: unique\n    table: firms\n    severity: warning\n    columns: []", ["firms-workers-few: columns is empty"]),
        ("codebook.csv", ",1,500,", ",500,1,", ["'workers': minimum 500 is above maximum 1"]),
        ("corrections.csv", "source_row", "row", ["corrections.csv", "'source_row' is missing", "'row' is unknown"]),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_file_and_remedy(tmp_path, file, old, new, expected):
    message = message_of(make_study().edit_config(file, old, new), tmp_path)
    for part in expected:
        assert part in message


def as_ancova(files):
    """The primary design made an ANCOVA."""
    return files.edit_config("plan.yaml", "estimator: drdid", "estimator: ancova")


def test_ancova_is_no_headline_without_random_assignment(tmp_path):
    voluntary = make_study().edit_config("plan.yaml", "assignment: random", "assignment: voluntary")
    message = message_of(as_ancova(voluntary), tmp_path)
    assert "only under random assignment" in message
    assert "assignment is 'voluntary'" in message


def test_ancova_is_a_headline_under_random_assignment(tmp_path):
    assert load_study(as_ancova(make_study()).write(tmp_path), NAME).plan.primary == "two_by_two"


def test_ancova_beside_a_headline_is_allowed_without_random_assignment(tmp_path):
    files = (
        make_study()
        .edit_config("plan.yaml", "assignment: random", "assignment: voluntary")
        .edit_config("plan.yaml", "estimator: twfe", "estimator: ancova")
    )
    assert load_study(files.write(tmp_path), NAME).plan.assignment == "voluntary"


def test_all_faults_are_listed_at_once(tmp_path):
    files = (
        make_study()
        .edit_config("plan.yaml", "balance: [workers]", "balance: [worker]")
        .edit_config("outcomes.csv", ",output,", ",outputs,")
        .edit_config("checks.yaml", "id: firms-workers-few", "id: Few")
    )
    message = message_of(files, tmp_path)
    assert "3 problems" in message
    assert all(part in message for part in ("'worker'", "'outputs'", "'Few'"))


@pytest.mark.parametrize(
    "file", ["outcomes.csv", "codebook.csv", "corrections.csv", "plan.yaml", "checks.yaml"]
)
def test_missing_file_is_named(tmp_path, file):
    make_study().write(tmp_path)
    (tmp_path / "config" / NAME / file).unlink()
    with pytest.raises(ConfigError, match=f"{file}: not found"):
        load_study(tmp_path, NAME)


def test_ragged_row_is_named_by_line(tmp_path):
    files = make_study().edit_config("outcomes.csv", "lost_days,Days lost,", "lost_days,Days, lost,")
    message = message_of(files, tmp_path)
    assert "line 3" in message and "cells where the header has" in message


@pytest.mark.parametrize("name", ["Workshop", "1st", "work shop", "a" * 42])
def test_study_folder_with_an_unsafe_name_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match="is not allowed; names begin with a small letter"):
        load_study(make_study(name).write(tmp_path), name)


def test_reserved_names_are_the_columns_of_the_panel():
    assert set(RESERVED) == {*KEY_COLUMNS, BASELINE}


def test_share_that_a_check_asks_for_is_one(tmp_path):
    files = (
        make_study()
        .edit_config("checks.yaml", "kind: in_range", "kind: mostly_present")
        .edit_config("checks.yaml", "minimum: 5", "share: 95.0")
    )
    assert "firms-workers-few: share 95.0: above 0, at most 1" in message_of(files, tmp_path)


def test_check_within_units_is_refused_on_a_table_without_units(tmp_path):
    """Bug: it was accepted on any table and never run there; what is accepted is run."""
    files = (
        make_study()
        .edit_config("study.yaml", "raw_files:", "  - name: shops\n    files: [shops.csv]\n    format: csv\nraw_files:")
        .edit_config("codebook.csv", "firms,remark", "shops,remark")
        .edit_config("checks.yaml", "kind: in_range\n    table: firms", "kind: constant_within_unit\n    table: shops")
        .edit_config("checks.yaml", "column: workers\n    minimum: 5", "column: remark")
    )  # fmt: skip
    assert "constant_within_unit needs roles.unit of table 'shops'" in message_of(files, tmp_path)


def test_unknown_key_with_a_capital_is_named(tmp_path):
    """Bug: `Title` was taken for the name of a type and ended in an IndexError; a key is a key."""
    message = message_of(make_study().edit_config("study.yaml", "title:", "Title:"), tmp_path)
    assert "key 'Title' is unknown" in message
    assert "did you mean 'title'?" in message
    assert "key 'title' is missing" in message


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        ("plan.yaml", "estimator: drdid\n", "estimator: drdidd\n", "key 'designs.0.estimator': found 'drdidd'; allowed: drdid, callaway_santanna, twfe, event_study_twfe, sun_abraham, imputation, two_stage, etwfe, stacked, synthetic, dose, ancova, triple_difference; did you mean 'drdid'?"),
        ("plan.yaml", "    estimator: drdid\n", "", "key 'designs.0.estimator' is missing; allowed: drdid, callaway_santanna, twfe, event_study_twfe, sun_abraham, imputation, two_stage, etwfe, stacked, synthetic, dose, ancova, triple_difference"),
        ("plan.yaml", "estimator: twfe\n", "estimator: twfe\n    EventStudy: 1\n", "key 'designs.1.EventStudy' is unknown; allowed: covariates, covariates_by_period, dose, effects_by_period, estimator, label, name, outcomes, period_effects, regressors, vcov"),
        ("plan.yaml", "rule: arm_column\n", "rule: arm_colum\n", "key 'treatment.rule': found 'arm_colum'; allowed: first_switch, arm_column, entry_day; did you mean 'arm_column'?"),
        ("plan.yaml", "first_period: 2\n", "first_perod: 2\n", "key 'treatment.first_perod' is unknown; allowed: arms, column, comparison, first_period, rule; did you mean 'first_period'?"),
        ("plan.yaml", "label: Workshop, value: 1}", "lable: Workshop, value: 1}", "key 'treatment.arms.0.lable' is unknown; allowed: label, name, value; did you mean 'label'?"),
        ("checks.yaml", "minimum: 5", "minimun: 5", "key 'checks.0.minimun' is unknown; allowed: column, id, kind, maximum, message, minimum, severity, suggestion, table, when; did you mean 'minimum'?"),
    ],
)  # fmt: skip
def test_fault_where_the_file_chooses_a_type_is_one_line(tmp_path, file, old, new, line):
    """Bug: an error inside `treatment`, a design or a check was told once for every type that may stand
    there; it is told for the one that the file names, or of the name that is none.
    """
    told = message_of(make_study().edit_config(file, old, new), tmp_path).split("\n")
    missing = [text for text in told[1:] if text.endswith(" is missing") and ".estimator" not in text]
    assert [text for text in told[1:] if text not in missing] == [f"  - {line}"]
    assert len(missing) <= 1


def test_line_of_a_fault_is_the_line_in_the_file(tmp_path):
    """Bug: blank lines and line breaks in quotes shifted the number; it is the line a row begins on."""
    files = (
        make_study()
        .edit_config("outcomes.csv", "lost_days,Days lost,", "\nlost_days,Days lost,")
        .edit_config("outcomes.csv", "Output a worker (log)", '"Output\na worker"')
        .edit_config("outcomes.csv", ",none,", ",non,")
    )
    assert "line 5, 'transform'" in message_of(files, tmp_path)
