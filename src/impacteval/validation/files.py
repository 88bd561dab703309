"""What reading the raw files found, as findings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from impacteval.survey.problems import FileProblem, ProblemCode
from impacteval.tables import FINDING_COLUMNS, table_of

FILE_FINDING_COLUMNS = {c: kind for c, kind in FINDING_COLUMNS.items() if c not in {"finding_id", "status"}}
# What reading looks for, as the summary of checks tells it: code, what is wrong, when it fails.
FILE_CHECKS: tuple[tuple[ProblemCode, str, str], ...] = (
    (
        "C01",
        "the raw file is not the one that was locked, or is not safe to open",
        "a raw file is missing, is not in raw.lock or differs from it, is not in its archive, or is larger, "
        "also unpacked, than its table allows",
    ),
    (
        "C02",
        "the raw file cannot be read character by character",
        "a file is damaged, not of its declared format and encoding, holds characters that no person typed, "
        "or has two columns of one name",
    ),
    (
        "C03",
        "the raw file has not the shape of a table",
        "a record has more or fewer cells than the header, a quote is not closed, or there are no rows, "
        "too many, or another number than when the file was locked",
    ),
    (
        "C05",
        "the raw file has not the columns of the codebook",
        "a column of the codebook is not in a file, or a column of a file is not in the codebook",
    ),
    (
        "C10",
        "rows of a repeat do not belong to a submission",
        "a row has no parent or several, or the parents could not be read",
    ),
)
RAW_VALUE, RAW_PARTNER = "raw_value", "raw_partner"


def file_check_id(code: ProblemCode) -> str:
    """The id that findings of a check of files have."""
    return f"file-{code.lower()}"


def file_findings(problems: Sequence[FileProblem]) -> pd.DataFrame:
    """Problems of raw files as findings; none of them is about an enterprise."""
    rows: list[dict[str, object]] = [
        {
            "check_id": file_check_id(p.code),
            "severity": p.severity,
            "table": p.table,
            "source_file": p.file,
            "source_row": p.row or 0,
            "column": p.column,
            "value_shown": p.place.words,
            "message": p.message,
            "suggestion": p.suggestion,
            "code": p.code,
        }
        for p in problems
    ]
    raw = {RAW_VALUE: [p.place.words for p in problems], RAW_PARTNER: [""] * len(problems)}
    return table_of(rows, FILE_FINDING_COLUMNS).assign(**raw)
