"""What reading the raw files found, as findings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from impacteval.survey.problems import FileProblem
from impacteval.tables import FINDING_COLUMNS, table_of

FILE_FINDING_COLUMNS = {c: kind for c, kind in FINDING_COLUMNS.items() if c not in {"finding_id", "status"}}
RAW_VALUE = "raw_value"


def file_findings(problems: Sequence[FileProblem]) -> pd.DataFrame:
    """Problems of raw files as findings; none of them is about an enterprise."""
    rows: list[dict[str, object]] = [
        {
            "check_id": f"file-{p.code.lower()}",
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
    return table_of(rows, FILE_FINDING_COLUMNS).assign(**{RAW_VALUE: [p.place.words for p in problems]})
