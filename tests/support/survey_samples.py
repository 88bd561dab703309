"""Real survey files, and how an evaluator would finish the drafts of their studies."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import yaml

from impacteval.cli.start import Start, init
from impacteval.config import load_survey
from impacteval.survey.read import read_all
from impacteval.tables import write_csv
from impacteval.validation.checked import Checked, Log, check_survey, file_findings

# Words for what a value of the codebook may be: a number is read as text.
Changes = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A file of ``data/survey``, and the edits to its draft: what a person knows and a draft cannot.

    ``variables`` changes cells of ``codebook.csv`` by column; ``roles`` and ``study`` keys of
    ``study.yaml``; ``checks`` are added to ``checks.yaml``, in place of those that have the same id.
    """

    name: str
    table: str
    data: str = ""
    form: str = ""
    choices: str = ""
    unit: str = ""
    study: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    variables: Changes = field(default_factory=dict)
    checks: tuple[Mapping[str, object], ...] = ()


def _places(names: str, **same: str) -> dict[str, dict[str, str]]:
    return {name: dict(same) for name in names.split()}


KOBO = Sample(
    name="kobo",
    table="households",
    data="kobo_raw_data.csv",
    form="kobo_survey.csv",
    choices="kobo_choices.csv",
    study={"time_zone": "Asia/Baghdad", "exported_on": "2021-07-31"},
    # The list of neighbourhoods in the form has real names, the data have the codes of the frame.
    variables={
        "neighbourhood": {"type": "text", "allowed": "", "choice_labels": "", "choice_labels_id": ""},
        "return_date": {"constraint": ". < ${date_assessment}"},
    },
    checks=(
        {"kind": "submission_time", "id": "households-sent", "table": "households"},
        {
            "kind": "interview_time",
            "id": "households-interview-time",
            "table": "households",
            "finds_nights": True,
            "night_from": 21,
            "night_until": 7,
        },
        *(
            {"kind": "unit_slip", "id": f"unit-{c.replace('_', '-')}", "table": "households", "column": c}
            for c in (
                "connection_fees_amount",
                "pay_water_charges_amount",
                "inc_employment_pension",
                "tot_expenses",
                "spend_trucking",
            )
        ),
        {
            "kind": "at_most",
            "id": "expenses-at-most-income",
            "table": "households",
            "column": "tot_expenses",
            "other": "inc_employment_pension",
            "severity": "warning",
            "message": "the household spends more than it earns",
            "suggestion": "ask for both amounts again",
        },
        *(
            {
                "kind": "in_range",
                "id": f"range-{column.replace('_', '-')}",
                "table": "households",
                "column": column,
                "minimum": 0,
                "maximum": maximum,
                "severity": "warning",
                "message": f"{column} is above {maximum}",
                "suggestion": "ask again",
            }
            for column, maximum in (("air_coolers_nb", 10), ("number_pumps", 4), ("bottles_per_week", 60))
        ),
    ),
)
YES_NO = "Oya (No)|Yego (Yes)"
CROPS = (
    "Dry Beans|Other|Sorghum|Maize|Irish Potatoes|Soybeans|Sweet Potatoes|Tomatoes|Sweet Pepper|Eggplant|Rice|"
    "Talo|Cabbage|Green Beans|Watermelon|Groundnuts"
)
INCOMES = ("inc_1", "inc_2", "inc_3", "inc_4", "inc_6", "inc_11", "inc_12")
LWH = Sample(
    name="lwh",
    table="households",
    data="LWH_FUP2_raw_data.csv",
    unit="hhid",
    variables={
        "submissiondate": {"type": "date", "format": "%m/%d/%Y"},
        **{c: {"missing_codes": "-88=dont_know|-66=not_applicable"} for c in (*INCOMES, "crp08qa_c1_p1")},
        "a_crop_c1_p1": {"type": "category", "allowed": CROPS},
        **_places("aa_1_1 aa_1_2", type="category", allowed=YES_NO),
    },
    checks=(
        {
            "kind": "outlier",
            "id": "incomes",
            "table": "households",
            "columns": ["inc_11", "inc_12"],
            "method": "sd",
            "multiplier": 3.0,
            "scale": "raw",
        },
        {
            "kind": "outlier",
            "id": "spending",
            "table": "households",
            "columns": ["exp_25_1", "exp_25_2"],
            "method": "sd",
            "multiplier": 3.0,
            "scale": "raw",
            "together": True,
        },
        {
            "kind": "outlier",
            "id": "harvests",
            "table": "households",
            "columns": ["crp10a_c1_p1", "crp10a_c1_p2"],
            "method": "sd",
            "multiplier": 3.0,
            "scale": "raw",
            "together": True,
        },
        {
            "kind": "enumerator_effect",
            "id": "enumerators",
            "table": "households",
            "outcome": "inc_10",
        },
        {
            "kind": "other_specify",
            "id": "other-crops",
            "table": "households",
            "column": "a_crop_c1_p1",
            "other": "Other",
            "text": "a_crop_c1_p1_other",
        },
    ),
)
QUARTERS = "Quarter1|Quarter2|Quarter3|Quarter4|Quarter5"
GARMENTS = Sample(
    name="garments",
    table="lines",
    data="garments_worker_productivity_excel_mangled.csv",
    variables={
        "year": {"required": "yes", "type": "date", "minimum": "", "constraint": ". >= date('2015-01-01') and . <= date('2015-03-31')"},
        "quarter": {"type": "category", "required": "yes", "allowed": QUARTERS},
        "department": {"type": "category", "required": "yes", "allowed": "sewing|finishing"},
        "team": {"required": "yes", "minimum": "1", "maximum": "12"},
        "wip": {"required": "yes", "minimum": "0"},
        "actual_productivity": {"required": "yes", "minimum": "0", "maximum": "1"},
        "targeted_productivity": {"required": "yes", "minimum": "0.3", "maximum": "1"},
        "no_of_workers": {"type": "integer", "required": "yes", "minimum": "1"},
        "over_time": {"required": "yes", "minimum": "0"},
    },
    checks=(
        {"kind": "unique", "id": "one-row", "table": "lines", "columns": ["year", "department", "team"], "severity": "error", "message": "two rows for a line and day", "suggestion": "keep one"},
        {"kind": "at_most", "id": "idle-men", "table": "lines", "column": "idle_men", "other": "no_of_workers", "severity": "error", "message": "more idle workers than workers", "suggestion": "check both numbers"},
        {"kind": "outlier", "id": "lines-outlier", "table": "lines", "columns": ["wip", "over_time", "incentive", "smv"], "groups": ["department"]},
    ),
)  # fmt: skip
BACK_CHECK = Sample(
    name="backcheck",
    table="households",
    data="ipa_household_backcheck.dta",
    variables={"m_mon_inc": {"missing_codes": "-999=dont_know"}},
)
ELECTRIC = Sample(
    name="electric",
    table="people",
    data="electric.sav",
    unit="CASEID",
    variables={
        "AGE": {"minimum": "40", "maximum": "55"},
        "DBP58": {"minimum": "40", "maximum": "140"},
        "CHOL58": {"minimum": "100", "maximum": "500"},
    },
    checks=({"kind": "outlier", "id": "people-outlier", "table": "people", "columns": ["DBP58", "CHOL58", "WT58", "HT58", "CGT58"]},),
)  # fmt: skip
IPA_FORM = Sample(name="ipa", table="households", form="ipa_Household_Survey.xlsx")
SAMPLES = (KOBO, LWH, GARMENTS, BACK_CHECK, ELECTRIC)


def start(sample: Sample, folder: Path, root: Path) -> str:
    """Write the draft of a sample's study below ``root``."""
    return init(
        root,
        Start(
            study=sample.name,
            table=sample.table,
            data=folder / sample.data if sample.data else None,
            form=folder / sample.form if sample.form else None,
            choices=folder / sample.choices if sample.choices else None,
            unit=sample.unit,
        ),
    )


def finish(sample: Sample, root: Path) -> None:
    """Make the edits of a sample to its draft."""
    config = root / "config" / sample.name
    study = yaml.safe_load((config / "study.yaml").read_text(encoding="utf-8"))
    study |= dict(sample.study)
    if sample.roles:
        study["tables"][0].setdefault("roles", {}).update(sample.roles)
    _dump(config / "study.yaml", study)
    asked = yaml.safe_load((config / "checks.yaml").read_text(encoding="utf-8"))["checks"]
    mine = [dict(c) for c in sample.checks]
    kept = [c for c in asked if c["id"] not in {m["id"] for m in mine}]
    _dump(config / "checks.yaml", {"checks": [*kept, *mine]})
    _change_codebook(config / "codebook.csv", sample.variables)


def _dump(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _change_codebook(path: Path, changes: Changes) -> None:
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    unknown = set(changes) - {row["column"] for row in rows}
    if unknown:
        raise KeyError(f"{path}: no columns {sorted(unknown)}")
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | changes.get(row["column"], {}) for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def findings(sample: Sample, root: Path) -> pd.DataFrame:
    """What checking a sample's study as it stands finds, row by row; nothing is written."""
    return judged(sample, root).row_by_row


def judged(sample: Sample, root: Path) -> Checked:
    """Check a sample's study as it stands; nothing is written."""
    folder = load_survey(root, sample.name)
    where = root / "data" / sample.name / "raw"
    text, problems = read_all(where, folder.study.tables, folder.codebook)
    return check_survey(text, folder.rules, Log(), files=file_findings(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Findings of a sample, with its draft as it is and as a person finished it.

    ``drafted`` and ``finished`` are row by row; ``told`` are those of the finished study as they are
    told, rows of one cause in one finding.
    """

    drafted: pd.DataFrame
    finished: pd.DataFrame
    told: pd.DataFrame


def try_sample(sample: Sample, folder: Path, kept: Path | None = None) -> Tried:
    """Draft, check, finish and check a sample in a temporary folder.

    With ``kept`` the findings of the finished study are also written there.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        start(sample, folder, root)
        drafted = findings(sample, root)
        finish(sample, root)
        finished = judged(sample, root)
    if kept is not None:
        write_csv(kept / "findings.csv", finished.findings)
    return Tried(drafted=drafted, finished=finished.row_by_row, told=finished.findings)


def found_table(found: Mapping[str, pd.DataFrame]) -> list[tuple[str, str, list[int]]]:
    """Code of the catalogue, severity, and the number of findings in each sample, in the samples' order."""
    keys = ["code", "severity"]
    counts = pd.DataFrame({name: f.groupby(keys).size() for name, f in found.items()}).fillna(0).astype(int)
    return [
        (code, severity, row.tolist())
        for (code, severity), row in zip(counts.index, counts.to_numpy(), strict=True)
    ]
