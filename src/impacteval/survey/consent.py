"""Who may be in the data: consent that was given, and consent that was withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.delivery import Roles
from impacteval.design import Study
from impacteval.errors import ConfigError, DataError, nearest, raise_together
from impacteval.survey.corrections import is_day
from impacteval.survey.keys import as_typed, keys_of
from impacteval.survey.removed import NO_CONSENT, WITHDRAWN, no_rows, removed_rows

WITHDRAWAL_COLUMNS = ("table", "unit", "submission", "withdrawn_on", "recorded_by")
WITHDRAWALS = "withdrawals.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A line of ``withdrawals.csv``: a unit leaves all tables, or a submission leaves its own."""

    line: int
    table: str
    unit: str
    submission: str
    withdrawn_on: str
    recorded_by: str


def parse_withdrawals(rows: Mapping[int, Mapping[str, str]]) -> tuple[Withdrawal, ...]:
    """Read the rows of ``withdrawals.csv``, by the line each begins on.

    Raises
    ------
    DataError
        Naming every line that does not name one unit, or one submission and its table, and when and by
        whom it was recorded. No message repeats who withdrew.
    """
    problems = [f"line {line}: {fault}" for line, row in rows.items() for fault in _faults(row)]
    raise_together(problems, DataError, WITHDRAWALS)
    return tuple(
        Withdrawal(
            line=line,
            table=row["table"],
            unit=row["unit"],
            submission=row["submission"],
            withdrawn_on=row["withdrawn_on"],
            recorded_by=row["recorded_by"],
        )
        for line, row in rows.items()
    )


def _faults(row: Mapping[str, str]) -> Iterator[str]:
    if bool(row["unit"].strip()) == bool(row["submission"].strip()):
        yield "name either a unit or a submission"
    elif row["unit"] and row["table"]:
        yield "a unit leaves all tables that hold it; leave table empty"
    elif row["submission"] and not row["table"]:
        yield "table is empty; say which table the submission is in"
    if not is_day(row["withdrawn_on"]):
        yield f"withdrawn_on {row['withdrawn_on']!r} is not a day such as 2026-03-31"
    if not row["recorded_by"].strip():
        yield "recorded_by is empty; say who took the withdrawal"


def withdrawn_rows(
    text: Mapping[str, pd.DataFrame],
    withdrawals: Sequence[Withdrawal],
    *,
    codebook: Codebook,
    roles: Mapping[str, Roles],
) -> pd.DataFrame:
    """List rows of those who withdrew.

    Parameters
    ----------
    text : mapping
        Text tables with the corrections applied: ids are those that are right.
    withdrawals : sequence of Withdrawal
        A unit's rows leave every table with a ``unit`` role. A submission leaves the table that it
        names, and takes along rows of other tables that carry it as their own submission.
    codebook : Codebook
    roles : mapping
        Roles of each table.

    Returns
    -------
    DataFrame
        ``REMOVED_COLUMNS``.

    Raises
    ------
    DataError
        Naming the lines that match no row: a misspelt withdrawal must not leave data behind.
    """
    problems, parts = [], [no_rows()]
    for w in withdrawals:
        found = {
            name: frame[_is_held_by(w, frame, name, codebook, roles.get(name, Roles()))]
            for name, frame in text.items()
        }
        if w.submission and w.table not in text:
            problems.append(
                f"line {w.line}: table {w.table!r} does not exist; {nearest(w.table, list(text))}"
            )
        elif not any(len(found[name]) for name in ([w.table] if w.submission else found)):
            what = f"submission in table {w.table!r}" if w.submission else "unit in any table"
            problems.append(f"line {w.line}: no such {what}; copy it as it stands in the file")
        parts += [removed_rows(name, rows, WITHDRAWN) for name, rows in found.items()]
    raise_together(problems, DataError, WITHDRAWALS)
    every = pd.concat(parts, ignore_index=True)
    return every.drop_duplicates(["table", "source_file", "source_row"], ignore_index=True)


def is_found(
    withdrawal: Withdrawal, text: Mapping[str, pd.DataFrame], codebook: Codebook, roles: Mapping[str, Roles]
) -> bool:
    """Whether any row of these tables is of the unit or the submission that withdrew."""
    where = [withdrawal.table] if withdrawal.submission else list(text)
    return any(
        bool(_is_held_by(withdrawal, text[name], name, codebook, roles.get(name, Roles())).any())
        for name in where
        if name in text
    )


def _is_held_by(
    withdrawal: Withdrawal, frame: pd.DataFrame, table: str, codebook: Codebook, roles: Roles
) -> pd.Series:
    """Which rows of a table are of the unit or the submission that withdrew."""
    column = roles.unit if withdrawal.unit else roles.submission
    if not column:
        return pd.Series(False, index=frame.index)
    variable = codebook.find(table, column)
    named = as_typed(pd.Series([withdrawal.unit or withdrawal.submission], dtype="str"), variable).iloc[0]
    return as_typed(frame[column], variable).isin({named} - {""})


def rows_without_consent(
    text: Mapping[str, pd.DataFrame],
    *,
    codebook: Codebook,
    roles: Mapping[str, Roles],
    kept_whole: Sequence[str] = (),
) -> pd.DataFrame:
    """List rows that must not be analysed because consent was not given.

    A row needs consent of its own where its table records it. It also needs that of its enterprise:
    where a table of enterprises (no ``member`` role) records consent, rows of other tables with the
    same unit and period leave with a row that lacks it, unless another row of that unit and period
    has it. Tables without a period are linked by unit, to tables without a period.

    Parameters
    ----------
    text : mapping
        Corrected text tables.
    codebook : Codebook
    roles : mapping
        Roles of each table.
    kept_whole : sequence of str
        Tables that are no interviews, such as the list of who was assigned to which arm.

    Returns
    -------
    DataFrame
        ``REMOVED_COLUMNS``.
    """
    said = {name: roles.get(name, Roles()) for name in text}
    agreed = {name: _agreed(frame, said[name]) for name, frame in text.items() if said[name].consent}
    parts = [removed_rows(name, text[name][~given], NO_CONSENT) for name, given in agreed.items()]
    keys = {
        name: keys_of(frame, name, _key(said[name]), codebook)
        for name, frame in text.items()
        if said[name].unit and name not in kept_whole
    }
    parents = [name for name in agreed if name in keys and not said[name].member]
    for parent in parents:
        given = agreed[parent]
        missing = set(keys[parent][~given]) - set(keys[parent][given]) - {()}
        for name, mine in keys.items():
            if name not in parents and bool(said[name].period) == bool(said[parent].period):
                lacks = mine.map(missing.__contains__).astype(bool)
                parts.append(removed_rows(name, text[name][lacks], NO_CONSENT))
    every = pd.concat([no_rows(), *parts], ignore_index=True)
    return every.drop_duplicates(["table", "source_file", "source_row"], ignore_index=True)


def _agreed(frame: pd.DataFrame, roles: Roles) -> pd.Series:
    given = [value.strip() for value in roles.consent_given]
    return pd.Series(frame[roles.consent].str.strip().isin(given), index=frame.index)


def _key(roles: Roles) -> list[str]:
    """What tells interviews of enterprises apart."""
    return [column for column in (roles.unit, roles.period) if column]


def retention_warning(study: Study, today: date) -> str:
    """Say that personal data should be gone; empty text where there is time or no day was set."""
    until = study.retention_until
    if not until:
        return ""
    if not is_day(until):
        raise ConfigError(f"study.yaml: retention_until {until!r} is not a day such as 2026-03-31")
    if today <= date.fromisoformat(until):
        return ""
    days = (today - date.fromisoformat(until)).days
    return (
        f"personal data of this study should have been deleted {days} days ago, on {until} (study.yaml, "
        "retention_until): delete the raw files and what holds their values, or set a later day and say why"
    )
