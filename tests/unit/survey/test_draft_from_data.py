"""A draft from data alone asks what the data support, says where each line comes from, and passes at once."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from impacteval.cli import main
from impacteval.config import CORRECTION_COLUMNS, load_survey
from impacteval.survey.draft_evidence import LEAST_ROWS, box_of, id_pattern
from impacteval.survey.drafts import draft_from_data
from impacteval.tables import FINDING_COLUMNS, read_csv
from support.exports import N, made_columns, write_export


class Drafted:
    """A draft of an export, taken apart."""

    def __init__(self, folder, options=None, **changes):
        path = write_export(folder / "export.csv", **changes)
        self.drafts = draft_from_data(path, "firms", correction_columns=CORRECTION_COLUMNS, **(options or {}))
        self.study = yaml.safe_load(self.drafts.study)
        rows = csv.DictReader(io.StringIO(self.drafts.codebook))
        self.codebook = {row["column"]: row for row in rows}
        self.checks = {
            c["id"].removeprefix("firms-"): c for c in yaml.safe_load(self.drafts.checks)["checks"]
        }
        self.roles = self.study["tables"][0].get("roles", {})

    def bounds(self, column):
        return (self.codebook[column]["minimum"], self.codebook[column]["maximum"])

    def noted(self, words):
        return [note for note in self.drafts.notes if words in note]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Drafted(tmp_path_factory.mktemp("made"))


def test_the_study_loads_and_its_data_pass_the_check_at_once(
    tmp_path, monkeypatch, capsys, great_expectations
):
    monkeypatch.chdir(tmp_path)
    write_export(Path("export.csv"))
    assert main(["init", "made", "--data", "export.csv", "--table", "firms"]) == 0
    assert main(["check", "made"]) == 0
    assert "no error is open" in capsys.readouterr().out
    findings = read_csv(Path("results/made/check/findings.csv"), FINDING_COLUMNS)
    assert findings.loc[findings["severity"] != "info", ["check_id", "message"]].to_numpy().tolist() == []


def test_every_check_says_that_it_is_from_the_data(made):
    lines = made.drafts.checks.splitlines()
    begins = [i for i, line in enumerate(lines) if line.startswith("- id: ")]
    assert len(begins) == len(made.checks) > 8
    above = [next(line for line in reversed(lines[:i]) if line.startswith("#")) for i in begins]
    assert all(line.startswith("# from the data; confirm: ") for line in above)
    assert len(set(above)) == len(above)


def test_ids_are_written_as_they_are_found(made):
    check = made.checks["matches-firm-id"]
    assert check["severity"] == "warning"
    assert re.fullmatch(check["pattern"], "F-123")
    assert not re.fullmatch(check["pattern"], "f-123")
    assert not re.fullmatch(check["pattern"], "F-12")
    assert made.roles["unit"] == "firm_id"
    assert made.codebook["firm_id"]["required"] == "yes"


def test_ids_that_are_written_in_several_ways_have_no_pattern(tmp_path):
    ids = [f"F-{i}" if i % 2 else f"{i}/F" for i in range(N)]
    assert not any(name.startswith("matches") for name in Drafted(tmp_path, firm_id=ids).checks)


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        ([f"A{i:02d}" for i in range(30)], "A[0-9]{2}"),
        ([str(i) for i in range(5, 40)], "[0-9]+"),
        ([f"{c}{i}" for c in "AB" for i in range(10, 30)], "[A-Z]{1}[0-9]{2}"),
        (["x"] * 30, "x"),
        ([f"A{i}" for i in range(10)], ""),
        ([f"{'-' * (i % 3)}{i}" for i in range(30)], ""),
    ],
)
def test_a_pattern_is_that_of_all_ids_or_none(values, pattern):
    assert id_pattern(values) == pattern


@given(st.lists(st.text(min_size=1, max_size=8), min_size=LEAST_ROWS, max_size=40))
def test_a_pattern_fits_every_id_that_it_was_made_of(values):
    pattern = id_pattern(values)
    assert not pattern or all(re.fullmatch(pattern, value, re.DOTALL) for value in values)


def test_few_answers_that_return_are_a_list(made):
    sector = made.codebook["sector"]
    assert (sector["type"], sector["allowed"]) == ("category", "Food|Metal|Other")
    assert made.noted("sector: from the data; confirm: `allowed` lists the answers found")
    assert made.codebook["remark"]["type"] == "text"
    assert made.codebook["has_account"]["allowed"] == "0|1"


def test_answers_that_stand_once_are_kept_and_pointed_at(tmp_path):
    cells = [*made_columns()["sector"][:-1], "Mteal"]
    found = Drafted(tmp_path, sector=cells)
    assert found.codebook["sector"]["allowed"] == "Food|Metal|Mteal|Other"
    assert found.noted("some stand once")


def test_reasons_for_no_answer_are_missing_codes(tmp_path):
    cells = ["Refused" if i % 6 == 0 else "Yes" if i % 2 else "No" for i in range(N)]
    answered = Drafted(tmp_path, wants_loan=cells).codebook["wants_loan"]
    assert (answered["allowed"], answered["missing_codes"]) == ("No|Yes", "Refused=refused")


@pytest.mark.parametrize(
    "name", ["enumerator", "owner_name", "village_id", "round"], ids=["who", "person", "id", "round"]
)
def test_names_ids_and_rounds_are_no_lists_of_answers(tmp_path, name):
    found = Drafted(tmp_path, **{name: [f"n{i % 3}" for i in range(N)]})
    assert (found.codebook[name]["type"], found.codebook[name]["allowed"]) == ("text", "")


def test_few_rows_show_nothing(tmp_path):
    few = {name: cells[: LEAST_ROWS - 1] for name, cells in made_columns().items()}
    found = Drafted(tmp_path, columns=few)
    assert {row["allowed"] + row["minimum"] for row in found.codebook.values()} == {""}
    assert "fieldwork" not in found.study
    assert not any(name.startswith("matches") for name in found.checks)


def test_percentages_lie_between_0_and_100(made):
    assert made.bounds("export_percent") == ("0", "100")


@pytest.mark.parametrize("cells", [["0.5", "0.2"], ["50", "120"], ["50", "-5"], ["1", "0"]])
def test_percentages_without_evidence_have_no_upper_bound(tmp_path, cells):
    found = Drafted(tmp_path, export_percent=cells * (N // 2))
    assert found.codebook["export_percent"]["maximum"] == ""


def test_amounts_are_not_negative_where_none_is_and_none_can_be(made, tmp_path):
    assert made.bounds("sales") == made.bounds("workers") == ("0", "")
    assert made.bounds("profit") == ("", "")
    gains = Drafted(tmp_path, profit=["5", "7"] * (N // 2), sales=["-99", "5"] * (N // 2))
    assert gains.bounds("profit") == ("", "")
    assert gains.bounds("sales") == ("", "")


def test_interviews_lie_within_the_days_found(made):
    window = {"period": "", "first_day": "2024-03-01", "last_day": "2024-03-15"}
    assert made.study["fieldwork"] == [window]
    assert made.checks["interview_time".replace("_", "-")]["kind"] == "interview_time"
    assert made.noted("fieldwork is from the first to the last day in interview_start; say when it ends")


def test_each_round_has_its_days(tmp_path):
    rounds = ["1" if i < N // 2 else "2" for i in range(N)]
    ids = [f"F-{i % (N // 2):03d}" for i in range(N)]
    options = {"unit": "firm_id", "period": "round"}
    found = Drafted(tmp_path, options, round=rounds, firm_id=ids)
    assert [(w["period"], w["first_day"], w["last_day"]) for w in found.study["fieldwork"]] == [
        ("1", "2024-03-01", "2024-03-08"),
        ("2", "2024-03-08", "2024-03-15"),
    ]


def test_an_id_and_a_round_that_identify_rows_together_are_pointed_at(tmp_path):
    rounds = ["1" if i < N // 2 else "2" for i in range(N)]
    found = Drafted(tmp_path, round=rounds, firm_id=[f"F-{i % (N // 2):03d}" for i in range(N)])
    assert "unit" not in found.roles
    assert found.noted("begin with --unit firm_id --period round")


def test_a_day_of_the_interview_is_its_start_where_there_is_no_time(tmp_path):
    days = [t[:10] for t in made_columns()["interview_start"]]
    found = Drafted(tmp_path, interview_start=(), interview_end=(), interview_date=days)
    assert found.roles["start"] == "interview_date"
    assert "interview-time" in found.checks
    assert not {"duration", "overlap"} & set(found.checks)


def test_times_ask_for_durations_and_overlaps(made):
    assert (made.roles["start"], made.roles["end"]) == ("interview_start", "interview_end")
    assert made.checks["overlap"]["by"] == "enumerator"
    assert "minutes" not in made.checks["duration"]


def test_a_column_of_minutes_asks_for_durations(tmp_path):
    minutes = [str(40 + i % 9) for i in range(N)]
    found = Drafted(tmp_path, interview_start=(), interview_end=(), duration_minutes=minutes)
    assert found.checks["duration"]["minutes"] == "duration_minutes"
    assert "duration_minutes" not in found.checks["outlier"]["columns"]


def test_names_and_telephones_of_enterprises_ask_for_duplicates(made):
    assert (made.roles["name"], made.roles["phone"]) == ("firm_name", "phone")
    assert "duplicate-firms" in made.checks
    assert made.codebook["phone"]["type"] == "text"
    assert {made.codebook[c]["confidential"] for c in ("firm_name", "phone")} == {"yes"}


def test_telephones_alone_are_to_be_one_of_a_kind(tmp_path):
    found = Drafted(tmp_path, firm_name=())
    assert found.checks["unique-phone"]["columns"] == ["phone"]
    assert found.checks["unique-phone"]["severity"] == "warning"


def test_telephones_that_were_read_as_numbers_are_text(tmp_path):
    numbers = [str(62_812_700_000 + i) for i in range(N)]
    found = Drafted(tmp_path, phone=numbers)
    assert (found.codebook["phone"]["type"], found.roles["phone"]) == ("text", "phone")


def test_whether_there_is_a_telephone_is_no_telephone(tmp_path):
    found = Drafted(tmp_path, phone=(), has_phone=["yes", "no"] * (N // 2))
    assert "phone" not in found.roles


def test_two_columns_that_could_have_a_role_are_said_and_neither_has_it(tmp_path):
    found = Drafted(tmp_path, business_name=made_columns()["firm_name"])
    assert "name" not in found.roles
    assert found.noted("roles.name is empty: firm_name and business_name could be it")


def test_enumerators_ask_for_rounded_amounts(made):
    assert made.checks["heaping"]["columns"] == ["sales", "profit"]
    assert made.roles["enumerator"] == "enumerator"


def test_without_an_enumerator_nothing_is_asked_of_one(tmp_path):
    assert not {"heaping", "overlap"} & set(Drafted(tmp_path, enumerator=()).checks)


def test_positions_are_degrees_near_those_found_and_confidential(made):
    lat, lon = made.codebook["gps_lat"], made.codebook["gps_long"]
    assert (made.roles["latitude"], made.roles["longitude"]) == ("gps_lat", "gps_long")
    assert made.bounds("gps_lat") == ("-6.7", "-5.6")
    assert made.bounds("gps_long") == ("106.3", "107.4")
    assert (lat["hard_minimum"], lon["hard_maximum"]) == ("-90", "180")
    assert lat["confidential"] == lon["confidential"] == "yes"
    assert "location" in made.checks


@pytest.mark.parametrize(
    "changes",
    [{"gps_long": ()}, {"gps_lat": ["95"] * N}, {"other_lat": ["1"] * N, "other_long": ["2"] * N}],
    ids=["half", "no degrees", "two places"],
)
def test_columns_that_are_no_single_position_have_no_role(tmp_path, changes):
    found = Drafted(tmp_path, **changes)
    assert "latitude" not in found.roles
    assert "location" not in found.checks


def test_a_box_leaves_null_island_out_and_is_none_of_the_whole_world():
    near = pd.Series([1.0 + i / 100 for i in range(30)])
    with_zeros = pd.concat([near, pd.Series([0.0] * 5)], ignore_index=True)
    box = box_of(with_zeros, with_zeros)
    assert box is not None
    assert (box.south, box.north) == (0.5, 1.8)
    far = pd.Series([float(i * 5) for i in range(30)])
    assert box_of(far, far) is None
    assert box_of(near.head(LEAST_ROWS - 1), near.head(LEAST_ROWS - 1)) is None


def test_a_text_beside_a_list_is_what_was_typed_under_other(made):
    check = made.checks["other-specify-sector-other"]
    assert (check["column"], check["other"], check["text"]) == ("sector", "Other", "sector_other")


def test_numbers_without_a_role_are_looked_at_for_outliers(made):
    assert made.checks["outlier"]["columns"] == ["sales", "profit", "workers", "export_percent"]
    assert "sector" in made.checks["item-non-response"]["columns"]
    assert not {"firm_id", "gps_lat"} & set(made.checks["item-non-response"]["columns"])


def test_a_file_with_a_header_alone_is_a_draft(tmp_path):
    found = Drafted(tmp_path, columns={"firm_id": [], "sales": []})
    assert set(found.checks) == {"personal-data"}


def test_the_same_data_give_the_same_draft(tmp_path, made):
    assert Drafted(tmp_path).drafts.files == made.drafts.files


def test_drafts_load(tmp_path, made):
    folder = tmp_path / "config" / "study"
    folder.mkdir(parents=True)
    for name, text in made.drafts.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert load_survey(tmp_path, "study").study.fieldwork[0].last_day == "2024-03-15"
