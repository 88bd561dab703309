"""A small survey without a fault: enterprises in two rounds, workers, register, assignment, frame, visits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache

import pandas as pd

from impacteval.checks import AnyCheck, BackCheck, checks_of_codebook
from impacteval.checks.answers import names_in
from impacteval.codebook import Codebook
from impacteval.config.check_rules import TABLE_KEYS
from impacteval.delivery import Fieldwork, FormFile, Roles
from impacteval.validation.rules import Rules
from support.sound_columns import ITEMS, ROUNDS, sound_columns
from support.surveys import in_table, texts
from support.tables import text_table, variable

Tables = dict[str, pd.DataFrame]


def _numbers(type_: str, *columns: str) -> tuple[object, ...]:
    return tuple(variable(c, type_) for c in columns)


def _variables() -> tuple[object, ...]:
    personal = {"confidential": "yes"}
    known = (
        variable("sector", "category", allowed=("food", "metal")),
        variable("inputs", "multiple", allowed=("steel", "rubber")),
        variable("exports", "category", allowed=("yes", "no")),
        variable("loans", "category", allowed=("yes", "no")),
        variable("export_share", "decimal", relevant="${exports} = 'yes'", required="yes"),
        variable("legal", "category", allowed=("pt", "cv", "cooperative", "lainnya")),
        variable("emp_total", "decimal", maximum=900, hard_maximum=5000, constraint=". < 9000"),
        variable("sales", "decimal", required="yes", minimum=0, question="sales", unit="IDR"),
        variable("start", "datetime"),
        variable("end", "datetime"),
        variable("submitted", "datetime"),
        variable("start_used", "date"),
        variable("round", "integer"),
        *(variable(c, **personal) for c in ("name", "phone", "address")),
        *(variable(c, "decimal", **personal) for c in ("latitude", "longitude")),
    )
    firms = {v.column: v for v in known}
    whole = {"year", "founded", *ITEMS}
    plain = {
        "firm", "uuid", "enumerator", "version", "consent", "arm", "stratum", "district", "province",
        "legal_other", "remark",
    }  # fmt: skip
    for column in sound_columns()["firms"]:
        type_ = "integer" if column in whole else "text" if column in plain else "decimal"
        firms.setdefault(column, variable(column, type_))
    return (
        *firms.values(),
        *in_table("workers", *texts(["firm"]), *_numbers("integer", "round", "worker")),
        *in_table("workers", *_numbers("decimal", "age", "hours", "tenure", "firm_age", "wage")),
        *in_table("assignment", *texts(["firm", "arm", "stratum"])),
        *in_table("register", *texts(["firm", "module"]), variable("trained_on", "date")),
        *in_table("register", *_numbers("decimal", "attended", "offered", "participants")),
        *in_table("frame", *texts(["stratum"]), variable("total", "decimal")),
        *in_table("contacts", *texts(["firm", "status"]), variable("round", "integer")),
        *in_table("back_checks", *texts(["firm"]), *_numbers("integer", "round", "founded")),
        *in_table("back_checks", variable("emp_total", "decimal")),
        *in_table("prices", *texts(["province"]), variable("year", "integer")),
        *in_table("prices", *_numbers("decimal", "minimum_wage", "index")),
    )


CODEBOOK = Codebook(variables=_variables())
KEY = {"unit": "firm", "period": "round"}
ROLES = {
    "firms": Roles(
        **KEY,
        submission="uuid",
        form_version="version",
        consent_given=("yes",),
        **{c: c for c in ("enumerator", "start", "end", "consent", "arm", "stratum", "weight", "name")},
        **{c: c for c in ("phone", "address", "district", "latitude", "longitude", "submitted")},
    ),
    "workers": Roles(**KEY, member="worker"),
    "assignment": Roles(unit="firm", arm="arm", stratum="stratum"),
    "register": Roles(unit="firm", member="module"),
    "frame": Roles(stratum="stratum"),
    "contacts": Roles(**KEY, status="status"),
    "back_checks": Roles(**KEY),
    "prices": Roles(),
}
IMPLIED = {check.id: check for check in checks_of_codebook(CODEBOOK, ROLES)}


@cache
def _sound() -> Mapping[str, pd.DataFrame]:
    return {name: text_table(columns, file=f"{name}.csv") for name, columns in sound_columns().items()}


def sound() -> Tables:
    """The tables as text, new ones each time."""
    return {name: frame.copy() for name, frame in _sound().items()}


def rules(checks: Sequence[AnyCheck], codebook: Codebook = CODEBOOK) -> Rules:
    """How the survey is judged."""
    return Rules(
        codebook=codebook,
        roles=ROLES,
        checks=tuple(checks),
        fieldwork=tuple(
            Fieldwork(period=str(p), first_day=f"{2023 + p}-01-02", last_day=f"{2023 + p}-02-02")
            for p in ROUNDS
        ),
        forms=tuple(
            FormFile(table="firms", file=f"v{p}.csv", version=f"v{p}", deployed=f"{2023 + p}-01-01")
            for p in ROUNDS
        ),
        exported_on="2025-03-01",
        time_zone="Asia/Jakarta",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Cells that are changed in rows of a table: to one value, or to a value for each row."""

    rows: Sequence[int]
    values: Mapping[str, str | Sequence[str]]
    table: str = "firms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A check, the change that makes the sound survey fail it, and what is then found.

    ``found`` are row and column of each finding, in table ``table``; row 0 is the table as a whole.
    """

    code: str
    check: AnyCheck
    found: Sequence[tuple[int, str]]
    changes: Sequence[Cells] = ()
    dropped: Sequence[int] = ()
    table: str = ""
    elsewhere: Sequence[tuple[str, int, str]] = ()

    @property
    def places(self) -> set[tuple[str, int, str]]:
        """Table, row and column of all findings."""
        own = {(self.table or self.check.table, row, column) for row, column in self.found}
        return own | set(self.elsewhere)

    def tables(self) -> Tables:
        """The survey with the change."""
        text = sound()
        for change in self.changes:
            frame = text[change.table]
            at = [frame.index[frame["source_row"] == row][0] for row in change.rows]
            for column, value in change.values.items():
                frame.loc[at, column] = value if isinstance(value, str) else list(value)
        kept = ~text["firms"]["source_row"].isin(self.dropped)
        return {**text, "firms": text["firms"][kept].reset_index(drop=True)}


def columns_of(example: Example) -> dict[str, set[str]]:
    """Columns that an example is about, by table: those that its check reads and those that are changed."""
    check = example.check
    pairs = {(check.table, c) for c in check.columns_read}
    pairs |= {(check.table, c) for c in names_in(getattr(check, "when", ""))}
    pairs |= set(getattr(check, "columns_elsewhere", ()))
    pairs |= {(change.table, c) for change in example.changes for c in change.values}
    if isinstance(check, BackCheck):
        pairs |= {(check.back_checks, c) for c in check.columns_read}
    named = {str(getattr(check, key, "")) for key in TABLE_KEYS}
    return {t: {c for table, c in pairs if table == t} for t in ROLES if t == check.table or t in named}


def narrowed(example: Example, *, secret: bool = False) -> tuple[Tables, Rules]:
    """The changed tables and the rules, without the columns and tables that the check does not read.

    With ``secret`` the columns that the example is about are confidential.
    """
    about = columns_of(example)
    roles = {
        t: {getattr(ROLES[t], f.name) for f in fields(Roles) if f.name != "consent_given"} for t in about
    }
    kept = tuple(
        v for v in CODEBOOK.variables if v.column in about.get(v.table, set()) | roles.get(v.table, set())
    )
    if secret:
        kept = tuple(replace(v, confidential="yes") if v.column in about[v.table] else v for v in kept)
    text, book = example.tables(), Codebook(variables=kept)
    frames = {t: text[t][["source_file", "source_row", *book.columns(t)]] for t in about}
    return frames, rules([example.check], book)
