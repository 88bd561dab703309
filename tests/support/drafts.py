"""Drafts of a study from a form and a KoBo-like file, and what is in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from impacteval.config import CORRECTION_COLUMNS, SurveyFolder, load_survey
from impacteval.survey.data_files import DataFile
from impacteval.survey.drafts import Drafts, draft_study
from impacteval.survey.forms import Form

KOBO = (
    "start", "end", "deviceid", "enumerator_id", "firm_id", "consent", "main/owner_name", "main/workers", "main/sales",
    "main/inputs", "main/inputs/steel", "main/inputs/rubber", "main/inputs/other", "main/inputs_other", "main/exports",
    "main/export_share", "main/export_years", "main/export_country", "main/place", "main/_place_latitude",
    "main/_place_longitude", "main/_place_altitude", "main/_place_precision", "main/comment_of_office",
    "_id", "_uuid", "_submission_time", "__version__", "_index",
)  # fmt: skip
ROW = (
    "2024-02-01T08:00:00.000+07:00", "2024-02-01T09:00:00.000+07:00", "d1", "7", "F{n}", "1", "Ani", "12", "1500000",
    "steel other", "1", "0", "1", "glue", "1", "20", "3", "Japan", "-6.2 106.8 0 0", "-6.2", "106.8", "0", "5", "x",
    "{n}", "u{n}", "2024-02-01T10:00:00", "v1", "{n}",
)  # fmt: skip


def drafted(
    form: Form,
    data: DataFile,
    *,
    repeats: Sequence[DataFile] = (),
    unit: str = "",
    period: str = "",
) -> Drafts:
    """Draft a study from a form and a file."""
    return draft_study(
        form, data, repeats=repeats, unit=unit, period=period, correction_columns=CORRECTION_COLUMNS
    )


def loaded(drafts: Drafts, root: Path, name: str = "study") -> SurveyFolder:
    """Write a draft below a root folder and load it as a study."""
    folder = root / "config" / name
    folder.mkdir(parents=True)
    for file, text in drafts.files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return load_survey(root, name)


def variables(drafts: Drafts) -> Mapping[str, Mapping[str, str]]:
    """Rows of a draft's codebook by column."""
    return {row["column"]: row for row in csv.DictReader(io.StringIO(drafts.codebook))}


def kobo_rows() -> list[Sequence[str]]:
    """A header and two interviews."""
    return [KOBO, *([cell.format(n=n) for cell in ROW] for n in (1, 2))]
