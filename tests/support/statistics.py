"""Surveys for checks that compare rows, and what such checks find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from impacteval.codebook import Codebook, Variable
from impacteval.delivery import Roles
from impacteval.validation.finding import findings_of
from impacteval.validation.survey import CheckedTable, Failures, Survey
from support.surveys import make_survey
from support.tables import variable

FOLLOWED = Roles(unit="firm", period="round", arm="arm")
ARM_LABELS = {"t": "training", "c": "control", "all": "all"}
KEYS = (variable("firm"), variable("round", "integer"), variable("arm", "category"))


def as_cells(values: Sequence[object]) -> list[str]:
    """Values as they stand in a file; empty where there is none."""
    return ["" if pd.isna(value) else str(value) for value in values]


def firms_survey(
    columns: Mapping[str, Sequence[object]],
    variables: Sequence[Variable],
    roles: Roles = FOLLOWED,
    **tables: Mapping[str, Sequence[object]],
) -> Survey:
    """A survey of enterprises, one row each in round 1 unless said otherwise; other tables by name."""
    n = len(next(iter(columns.values())))
    keys = {"firm": [f"f{i}" for i in range(n)], "round": [1] * n, "arm": ["all"] * n}
    firms = {name: as_cells(cells) for name, cells in {**keys, **columns}.items()}
    named = {v.column for v in variables if v.table == "firms"}
    book = [*(k for k in KEYS if k.column not in named), *variables]
    others = {name: {c: as_cells(cells) for c, cells in table.items()} for name, table in tables.items()}
    said = {"firms": roles, **{name: Roles(unit="firm", period="round") for name in others}}
    return make_survey({"firms": firms, **others}, book, said, arm_labels=ARM_LABELS)[0]


def typed_survey(frame: pd.DataFrame, variables: Sequence[Variable], roles: Roles) -> Survey:
    """A survey of a typed table ``firms``, for simulations: text is not parsed."""
    placed = frame.assign(source_file="firms.csv", source_row=range(2, len(frame) + 2))
    table = CheckedTable(
        name="firms",
        frame=placed,
        text=placed.astype("str"),
        reasons={},
        codebook=Codebook(variables=tuple(variables)),
        roles=roles,
    )
    return Survey(tables={"firms": table})


def shown(survey: Survey, failures: Sequence[Failures]) -> pd.DataFrame:
    """Failures as findings."""
    return findings_of(survey, failures)


def rows_of(failures: Sequence[Failures]) -> list[int]:
    """Positions of failing rows, sorted; those of whole tables left out."""
    rows = [f.rows for f in failures]
    every = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    return sorted(every[every >= 0].tolist())


def notes_on_whole(failures: Sequence[Failures]) -> list[str]:
    """What is said of whole columns and tables."""
    return [f.notes[0] for f in failures if f.rows[0] < 0]


def about(kind: str, **changes: object) -> dict[str, object]:
    """What a check of the table ``firms`` has to say of itself."""
    return {"kind": kind, "id": "c", "table": "firms", **changes}
