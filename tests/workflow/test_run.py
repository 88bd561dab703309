"""The workflow as a user runs it, on a study that the project has never seen."""

from __future__ import annotations

import json
import shutil

import pytest

from impacteval.tables import ESTIMATE_COLUMNS, read_csv
from support.study import NAME, ROUNDS, make_study, raw_rows
from support.workflow import run_python, run_workflow

pytestmark = pytest.mark.workflow

FORMULA = "=cmd()"
SCRIPT = "<script>alert(1)</script>"
ESTIMATES = f"results/{NAME}/tables/estimates.csv"


def hostile_study():
    """The small study with a formula and a script in its cells, its labels and a finding."""
    rows = raw_rows()
    rows[0].update(remark=FORMULA)
    rows[1].update(remark=SCRIPT)
    return (
        make_study()
        .put_rows(rows)
        .edit_config("outcomes.csv", "Days lost", f"Days {SCRIPT}")
        .edit_config("plan.yaml", "label: Workshop", f"label: '{FORMULA} {SCRIPT}'")
        .edit_config("study.yaml", "title: A made-up workshop", f"title: {SCRIPT} A made-up workshop")
        .edit_config(
            "checks.yaml",
            "checks:\n",
            "checks:\n  - id: firms-remark-known\n    kind: in_set\n    table: firms\n    severity: warning\n"
            f"    column: remark\n    allowed: [fine]\n    message: 'an odd remark {SCRIPT}'\n    suggestion: read it\n",
        )
    )


@pytest.fixture(scope="module")
def completed(tmp_path_factory):
    """A root with a completed run, and how the run ended."""
    root = hostile_study().write(tmp_path_factory.mktemp("run"))
    return root, run_workflow(root, NAME)


def all_files(root):
    """Path to bytes of all that a run made."""
    folder = root / "results" / NAME
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_a_third_study_builds_without_touching_code(completed):
    root, ended = completed
    assert ended.status == 0, ended.output
    made = all_files(root)
    assert {
        "report/en/report.html",
        "audit/manifest.json",
        "tables/estimates.csv",
        "panel/flow.csv",
    } <= made.keys()
    assert not [name for name in made if name.endswith(".partial")]
    table = read_csv(root / ESTIMATES)
    assert list(table.columns) == list(ESTIMATE_COLUMNS)
    assert set(table["study"]) == {NAME}


def test_a_run_does_not_use_the_network(completed):
    root, ended = completed
    assert ended.network == ""
    attempt = "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 9), timeout=1)\nexcept OSError as e:\n    print(e)"
    probe = run_python(["-c", attempt], root)
    assert "the network is not to be used" in probe.output
    assert "192.0.2.1" in probe.network


def test_a_second_run_does_nothing(completed):
    root, _ = completed
    before = all_files(root)
    ended = run_workflow(root, NAME)
    assert ended.status == 0
    assert "Nothing to be done" in ended.output
    assert all_files(root) == before


def test_text_of_the_user_is_escaped_on_the_page(completed):
    made = all_files(completed[0])
    shown = {name: content.decode() for name, content in made.items() if name.endswith((".html", ".svg"))}
    assert shown
    for name, text in shown.items():
        assert "<script>alert" not in text, name
    page = shown["report/en/report.html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "synthetic" in page.lower()


def test_the_page_loads_nothing_from_elsewhere(completed):
    page = all_files(completed[0])["report/en/report.html"].decode()
    for reference in ('src="http', "src='http", 'href="http://', "url(http", "@import"):
        assert reference not in page


def test_results_name_no_place_and_no_date(completed):
    root, _ = completed
    for name, content in all_files(root).items():
        if not name.startswith("logs/"):
            assert str(root).encode() not in content, name


def test_manifest_lists_the_files_that_were_made(completed):
    root, _ = completed
    text = json.dumps(json.loads((root / f"results/{NAME}/audit/manifest.json").read_text(encoding="utf-8")))
    for name in ("tables/estimates.csv", "report/en/report.html", "firms.csv", "plan.yaml"):
        assert name in text


def test_order_of_raw_rows_and_place_of_the_study_change_no_estimate(completed, tmp_path):
    root, _ = completed
    files = hostile_study()
    header, *lines = files.texts[files.raw].splitlines()
    turned = files.put(files.raw, "\n".join([header, *lines[::-1]]) + "\n")
    ended = run_workflow(turned.write(tmp_path), NAME, ESTIMATES)
    assert ended.status == 0, ended.output
    assert (tmp_path / ESTIMATES).read_bytes() == (root / ESTIMATES).read_bytes()


def refused(root, *parts):
    """A run that ends with status 1 and says all parts, without a traceback and half-written files."""
    ended = run_workflow(root, NAME)
    assert ended.status == 1, ended.output
    for part in parts:
        assert part in ended.output
    assert "Traceback" not in ended.output
    assert not list(root.rglob("*.partial"))


def test_wrong_plan_stops_the_run_before_any_job(tmp_path):
    refused(
        make_study().edit_config("plan.yaml", "primary: two_by_two", "primary: two_by_tow").write(tmp_path),
        "plan.yaml: primary 'two_by_tow' is no design",
        "did you mean 'two_by_two'",
    )
    assert not (tmp_path / "results").exists()


def test_changed_raw_file_stops_the_run_before_any_job(tmp_path):
    files = make_study()
    root = files.write(tmp_path)
    (root / files.raw).write_text("firm\n")
    refused(root, "firms.csv: not the file that was locked", "restore the file")
    assert not (tmp_path / "results").exists()


def test_missing_raw_file_stops_the_run_before_any_job(tmp_path):
    files = make_study()
    root = files.write(tmp_path)
    (root / files.raw).unlink()
    refused(root, "firms.csv: missing", "write it again with the builder of the tests")
    assert not (tmp_path / "results").exists()


def test_missing_column_stops_the_run_at_reading(tmp_path):
    files = make_study()
    refused(
        files.edit(files.raw, "firm,round,arm", "firm,rund,arm").write(tmp_path),
        "firms.csv: column 'round' of the codebook is not in the file",
        "did you mean 'rund'",
    )
    assert not list((tmp_path / "results" / NAME / "read").glob("*"))


def test_faulty_rows_stop_the_run_with_all_of_them_listed(tmp_path):
    rows = raw_rows()
    rows[10].update(workers="abc")
    rows[5].update(arm="0")
    rows.append(rows[4])
    refused(
        make_study().put_rows(rows).write(tmp_path),
        "firms.csv, row 12, column workers: found 'abc'",
        "firms.csv, row 7, column arm",
        "firms.csv, row 6, column firm+round",
        "firms.csv, row 74, column firm+round",
    )
    assert (tmp_path / "results" / NAME / "validation" / "findings.csv").is_file()
    assert not list((tmp_path / "results" / NAME / "clean").glob("*"))


def test_arm_without_comparison_stops_the_run_at_the_panel(completed, tmp_path):
    # Validated results of the completed run cannot be reused: the raw file differs.
    rows = [{**row, "arm": "1"} for row in raw_rows()]
    assert len(rows) == 24 * len(ROUNDS)
    refused(
        make_study().put_rows(rows).write(tmp_path),
        "IdentificationError: arm control: no enterprise in column 'arm'",
    )
    assert not list((tmp_path / "results" / NAME / "panel").glob("*"))


def test_deleted_results_are_made_again_from_what_is_needed(completed, tmp_path):
    root, _ = completed
    shutil.copytree(root, tmp_path / "copy")
    target = tmp_path / "copy" / ESTIMATES
    expected = target.read_bytes()
    target.unlink()
    ended = run_workflow(tmp_path / "copy", NAME, ESTIMATES)
    assert ended.status == 0, ended.output
    assert target.read_bytes() == expected
