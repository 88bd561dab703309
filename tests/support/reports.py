"""Facts of a report from hand-made tables, written and read as the workflow does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from impacteval.config import CORRECTION_COLUMNS, load_study
from impacteval.reporting.content import Facts
from impacteval.reporting.facts import (
    CHECK_COLUMNS,
    FLOW_COLUMNS,
    READ_COLUMNS,
    TABLE_COLUMNS,
    read_facts,
)
from impacteval.tables import FINDING_COLUMNS, table_of, write_csv
from support.study import StudyFiles

Rows = Sequence[Mapping[str, object]]
OTHER_TABLES = {
    "panel/flow": FLOW_COLUMNS,
    "validation/findings": FINDING_COLUMNS,
    "validation/summary": CHECK_COLUMNS,
    "read/summary": READ_COLUMNS,
    "clean/corrections_applied": dict.fromkeys(CORRECTION_COLUMNS, "str"),
}


def make_facts(root: Path, files: StudyFiles, tables: Mapping[str, Rows]) -> Facts:
    """Facts of a study whose tables have the given rows, in columns of any order; all others are empty."""
    study = load_study(files.write(root), files.name)
    results = root / "results" / files.name
    columns = {**{f"tables/{name}": kinds for name, kinds in TABLE_COLUMNS.items()}, **OTHER_TABLES}
    for path, kinds in columns.items():
        rows = [dict(row) for row in tables.get(path.removeprefix("tables/"), ())]
        write_csv(results / f"{path}.csv", table_of(rows, kinds))
    return read_facts(results, files.name, study.study, study.plan, study.outcomes, study.codebook)
