"""Faulty files are met by name, row and column with what to do, and leave nothing half-written."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from impacteval.errors import ConfigError, DataError, IdentificationError
from impacteval.tables import read_csv, read_parquet
from support.pipeline import Pipeline
from support.study import RAW_COLUMNS, correction_text, make_study, raw_rows

pytestmark = pytest.mark.usefixtures("great_expectations")


def failing(files, root, error, until="estimate"):
    """Run a study that must fail; the pipeline as it stands and the message."""
    pipeline = Pipeline(files.write(root), files.name)
    with pytest.raises(error) as caught:
        pipeline.run(until)
    return pipeline, str(caught.value)


def with_rows(change):
    rows = raw_rows()
    return make_study().put_rows(change(rows) or rows)


def test_sound_study_runs_to_its_estimates(tmp_path):
    pipeline = Pipeline(make_study().write(tmp_path), "workshop").run()
    table = read_csv(pipeline.results / "tables/estimates.csv")
    headline = table[table["role"].isin(["primary", "secondary"])].set_index("outcome")
    # The made-up effects are .1 and -2; the errors say how far off chance may carry them.
    for outcome, truth in (("log_productivity", 0.1), ("lost_days", -2.0)):
        row = headline.loc[outcome]
        assert abs(row["estimate"] - truth) < 4 * row["std_error"]
    assert pipeline.written("panel") == [
        "panel/enterprise.parquet",
        "panel/exclusions.csv",
        "panel/flow.csv",
        "panel/indicators.parquet",
    ]


def test_duplicated_firm_and_round_is_named_by_both_rows(tmp_path):
    pipeline, message = failing(with_rows(lambda rows: [*rows, rows[4]]), tmp_path, DataError)
    assert "firms.csv, row 6, column firm+round: found 'F02 | 2'" in message
    assert "firms.csv, row 74, column firm+round" in message
    assert (
        "two rows for the same firm and round: 2 rows, equal in all other columns: find out which" in message
    )
    assert pipeline.written("clean", "panel") == []


def test_missing_key_column_is_named_with_the_nearest(tmp_path):
    rows = [{("firms" if k == "firm" else k): v for k, v in row.items()} for row in raw_rows()]
    files = make_study().put_rows(rows, ("firms", *RAW_COLUMNS[1:]))
    pipeline, message = failing(files, tmp_path, DataError)
    assert "firms.csv: column 'firm' of the codebook is not in the file" in message
    assert "did you mean 'firms'" in message
    assert pipeline.written("read", "validation") == []


@pytest.mark.parametrize(
    ("cell", "kind"), [("abc", "a whole number"), ("1,000", "a whole number"), ("12.5", "a whole number")]
)
def test_cell_of_the_wrong_type_is_named_and_not_guessed(tmp_path, cell, kind):
    files = with_rows(lambda rows: rows[10].update(workers=cell))
    pipeline, message = failing(files, tmp_path, DataError)
    assert f"firms.csv, row 12, column workers: found {cell!r}; " in message
    assert f"not {kind}: correct the values that could not be read" in message
    assert "correct the values that could not be read" in message
    assert pipeline.written("clean", "panel") == []


def test_arm_that_changes_within_a_firm_is_named(tmp_path):
    files = with_rows(lambda rows: rows[5].update(arm="0"))
    pipeline, message = failing(files, tmp_path, DataError)
    assert "firms.csv, row 7, column arm: found '0'; arm, the arm, changes within an enterprise" in message
    assert "check the assignment list" in message
    assert pipeline.written("clean", "panel") == []


def test_missing_key_is_named(tmp_path):
    _, message = failing(with_rows(lambda rows: rows[0].update(firm="")), tmp_path, DataError)
    assert "firms.csv, row 2, column firm: found ''; firm is required but missing" in message


def test_value_outside_the_codebook_is_named(tmp_path):
    _, message = failing(with_rows(lambda rows: rows[0].update(round="7")), tmp_path, DataError)
    assert "firms.csv, row 2, column round: found '7'; round is not one of 1, 2, 3" in message


def test_all_errors_of_all_rows_are_listed_at_once(tmp_path):
    def spoil(rows):
        rows[10].update(workers="abc")
        rows[5].update(arm="0")
        rows.append(rows[4])

    _, message = failing(with_rows(spoil), tmp_path, DataError)
    assert all(
        part in message for part in ("4 problems", "'abc'", "row 7, column arm", "row 74, column firm+round")
    )


@pytest.mark.parametrize(("arm", "empty"), [("1", "control"), ("0", "workshop")])
def test_arm_without_enterprises_stops_before_anything_is_estimated(tmp_path, arm, empty):
    files = with_rows(lambda rows: [row.update(arm=arm) for row in rows] and None)
    pipeline, message = failing(files, tmp_path, IdentificationError)
    assert f"arm {empty}: no enterprise in column 'arm'" in message
    assert "check the values of the arms in plan.yaml" in message
    assert pipeline.written("panel", "tables", "estimates") == []


def test_plan_that_names_a_missing_outcome_stops_before_any_file_is_read(tmp_path):
    files = make_study().edit_config(
        "plan.yaml", "estimator: twfe\n", "estimator: twfe\n    outcomes: [lost_dayz]\n"
    )
    pipeline, message = failing(files, tmp_path, ConfigError)
    assert "plan.yaml: two_way: outcome 'lost_dayz' is not in outcomes.csv" in message
    assert "did you mean 'lost_days'" in message
    assert not pipeline.results.exists()


def test_raw_file_that_changed_after_locking_stops_before_it_is_read(tmp_path):
    files = make_study()
    root = files.write(tmp_path)
    with (root / files.raw).open("a") as raw:
        raw.write("F99,1,0,E1,5,5,5,,\n")
    pipeline = Pipeline(root, files.name)
    with pytest.raises(DataError, match=r"firms.csv: not the file that was locked"):
        pipeline.run()
    assert not pipeline.results.exists()


def test_missing_raw_file_is_met_with_where_to_get_it(tmp_path):
    files = make_study()
    root = files.write(tmp_path)
    (root / files.raw).unlink()
    with pytest.raises(DataError, match=r"firms.csv: missing .*write it again with the builder"):
        Pipeline(root, files.name).run()


def test_truncated_stata_file_is_refused_by_name(tmp_path):
    files = (
        make_study()
        .edit_config(
            "study.yaml", "files: [firms.csv]\n    format: csv", "files: [firms.dta]\n    format: stata"
        )
        .edit_config("study.yaml", "  - file: firms.csv", "  - file: firms.dta")
    )
    root = files.write(tmp_path)
    (root / files.raw).unlink()
    path = root / "data" / files.name / "raw" / "firms.dta"
    pyreadstat.write_dta(pd.DataFrame(raw_rows()), path)
    path.write_bytes(path.read_bytes()[:-2000])
    files.lock(root)
    pipeline = Pipeline(root, files.name)
    with pytest.raises(DataError, match=r"firms.dta: .*fetch it again"):
        pipeline.run()
    assert pipeline.written("read", "validation") == []


def test_corrected_cells_let_the_run_go_on_and_stay_on_record(tmp_path):
    files = with_rows(lambda rows: rows[10].update(workers="abc"))
    row = {
        "table": "firms", "source_file": "firms.csv", "source_row": "12", "column": "workers", "old_value": "abc",
        "new_value": "45", "reason": "by telephone", "decided_by": "field team",
    }  # fmt: skip
    pipeline = Pipeline(
        files.put(files.config("corrections.csv"), correction_text(row)).write(tmp_path), files.name
    )
    pipeline.run("correct")
    clean = read_parquet(pipeline.results / "clean/firms.parquet").set_index("source_row")
    assert clean.loc[12, "workers"] == 45
    findings = read_csv(pipeline.results / "validation/findings.csv")
    assert findings.loc[findings["column"] == "workers", "status"].tolist() == ["corrected"]
    applied = read_csv(pipeline.results / "clean/corrections_applied.csv")
    assert applied["old_value"].tolist() == ["abc"]


def test_correction_that_does_not_fit_stops_the_run(tmp_path):
    row = {
        "table": "firms", "source_file": "firms.csv", "source_row": "12", "column": "workers", "old_value": "999",
        "new_value": "45", "reason": "by telephone", "decided_by": "field team",
    }  # fmt: skip
    files = make_study()
    files = files.put(files.config("corrections.csv"), correction_text(row))
    pipeline, message = failing(files, tmp_path, DataError)
    assert "corrections.csv" in message and "old_value is '999' but the file holds" in message
    assert pipeline.written("validation", "clean") == []


@pytest.mark.parametrize("cell", ["=cmd()", "<script>alert(1)</script>", "@SUM(A1)", "-1+1", "\t=cmd()"])
def test_text_that_means_something_elsewhere_is_carried_unchanged(tmp_path, cell):
    pipeline = Pipeline(with_rows(lambda rows: rows[0].update(remark=cell)).write(tmp_path), "workshop").run(
        "correct"
    )
    clean = read_parquet(pipeline.results / "clean/firms.parquet")
    assert clean["remark"].iloc[0] == cell
