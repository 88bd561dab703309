"""Small tables of interviews, and what a check function says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from impacteval.checks import Check
from impacteval.codebook import Variable
from impacteval.delivery import Roles
from impacteval.validation.finding import findings_of
from impacteval.validation.survey import CheckedTable, Failures, Survey
from support.surveys import make_survey
from support.tables import variable

ROLES = Roles(
    unit="firm",
    period="round",
    enumerator="enumerator",
    device="device",
    start="start",
    end="end",
    form_version="version",
    latitude="lat",
    longitude="lon",
    district="district",
    arm="arm",
    stratum="stratum",
)
TYPES = {
    "round": "integer",
    "start": "datetime",
    "end": "datetime",
    "lat": "decimal",
    "lon": "decimal",
    "reg_lat": "decimal",
    "reg_lon": "decimal",
    "minutes": "decimal",
    "arm": "integer",
}
DEFAULTS = {
    "round": "1",
    "enumerator": "E1",
    "device": "D1",
    "start": "2023-05-02T09:00:00",
    "end": "2023-05-02T10:00:00",
    "version": "v1",
    "lat": "",
    "lon": "",
    "district": "Bandung",
    "arm": "1",
    "stratum": "s",
}


def interviews(
    n_rows: int,
    columns: Mapping[str, Sequence[str]],
    *,
    types: Mapping[str, str] | None = None,
    hidden: Sequence[str] = (),
    **facts: object,
) -> Survey:
    """A survey of a table ``firms`` with the roles of ``ROLES``, one enterprise a row unless said."""
    cells = {"firm": [f"F{i:03d}" for i in range(n_rows)]}
    cells |= {name: [value] * n_rows for name, value in DEFAULTS.items()} | dict(columns)
    kinds = TYPES | dict(types or {})
    book = [_variable(name, kinds, name in hidden) for name in cells]
    facts.setdefault("arm_labels", {"0": "control", "1": "treated"})
    return make_survey({"firms": cells}, book, {"firms": ROLES}, **facts)[0]


def _variable(name: str, kinds: Mapping[str, str], is_hidden: bool) -> Variable:
    return variable(name, kinds.get(name, "text"), confidential="yes" if is_hidden else "no")


def with_back_checks(
    survey: Survey, columns: Mapping[str, Sequence[str]], types: Mapping[str, str]
) -> Survey:
    """The same survey with a table ``again`` of back-checks."""
    n_rows = len(columns["firm"])
    cells = {"round": ["1"] * n_rows} | dict(columns)
    book = [replace(_variable(name, TYPES | dict(types), False), table="again") for name in cells]
    roles = {"again": Roles(unit="firm", period="round")}
    other = make_survey({"again": cells}, book, roles)[0]
    return replace(survey, tables={**survey.tables, **other.tables})


def in_other_order(survey: Survey, order: Sequence[int], table: str = "firms") -> Survey:
    """The same interviews in another order, each keeping its file and row."""
    old = survey.tables[table]
    at = list(order)
    moved = CheckedTable(
        name=old.name,
        frame=old.frame.iloc[at].reset_index(drop=True),
        text=old.text.iloc[at].reset_index(drop=True),
        reasons={c: r.iloc[at].reset_index(drop=True) for c, r in old.reasons.items()},
        codebook=old.codebook,
        roles=old.roles,
    )
    return replace(survey, tables={**survey.tables, table: moved})


def said(function: Callable[..., list[Failures]], survey: Survey, check: Check) -> pd.DataFrame:
    """All findings of one check function, sorted by place and by what they say."""
    found = findings_of(survey, function(survey, check))
    order = ["source_file", "source_row", "column", "message", "value_shown"]
    return found.sort_values(order, ignore_index=True)


def rows_said(function: Callable[..., list[Failures]], survey: Survey, check: Check) -> list[int]:
    """Rows of the file in which a check function finds something; whole tables aside."""
    return [row for row in said(function, survey, check)["source_row"] if row > 0]
