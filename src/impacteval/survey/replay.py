"""Replaying the log of corrections on raw text: every line fits, or none is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.delivery import Roles
from impacteval.errors import DataError, raise_together
from impacteval.survey.consent import Withdrawal, withdrawn_rows
from impacteval.survey.corrections import (
    CHANGES,
    LOG,
    WHOLE_TABLE_ROW,
    Correction,
    forbidden,
)
from impacteval.survey.duplicates import Groups
from impacteval.survey.linked import carried_cells, carry_again, with_children
from impacteval.survey.log_rules import LogRules
from impacteval.survey.partners import partners_of, row_keys
from impacteval.survey.places import UNPLACED, Index, Placed, place
from impacteval.survey.removed import DROPPED, WITHDRAWN, leave_out, no_rows, removed_rows, removed_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Text with the log applied, the rows that left it, and the lines that did.

    ``removed`` has ``REMOVED_COLUMNS``. ``applied`` are all lines by id, each with the file and row that
    it is about, and nothing of those who withdrew. ``keepers`` are ids of lines that need no finding:
    they keep a row whose duplicates were decided on, or are about a row, or a pair with it, that was
    withdrawn.
    """

    text: dict[str, pd.DataFrame]
    removed: pd.DataFrame
    applied: tuple[Correction, ...]
    keepers: frozenset[int] = frozenset()


def replay(
    text: Mapping[str, pd.DataFrame],
    corrections: Sequence[Correction],
    rules: LogRules,
    withdrawals: Sequence[Withdrawal] = (),
) -> Replayed:
    """Apply corrections and withdrawals to raw text tables; the order of lines has no effect.

    Rows of repeat groups follow their submission: they have its corrected id, and leave with it.

    Parameters
    ----------
    text : mapping
        Table name to text as delivered. It is not changed.
    corrections : sequence of Correction
    rules : LogRules
    withdrawals : sequence of Withdrawal
        Whose rows leave the data, whatever the log says of them.

    Returns
    -------
    Replayed

    Raises
    ------
    DataError
        Naming every line that names no row or several, touches what must not be corrected, does not
        hold the old value, contradicts another, or decides on one of several duplicates only. No
        message shows confidential values or, where anyone withdrew, any value.
    """
    indices = _indices(text, rules.roles)
    placed, problems = _fitted(corrections, indices, rules, is_silent=bool(withdrawals))
    listed = [f"line {c.line}: {problem}" for c, problem in problems]
    raise_together(listed, DataError, LOG)
    corrected = carry_again(_changed(text, placed), rules.links)
    gone = withdrawn_rows(corrected, withdrawals, codebook=rules.codebook, roles=rules.roles)
    removed = pd.concat([gone, _dropped(placed, indices)], ignore_index=True)
    removed = removed.drop_duplicates(["table", "source_file", "source_row"])
    removed = removed_table(with_children(removed, corrected, rules.links))
    of_withdrawn = removed[removed["reason"] == WITHDRAWN]
    lines = [_with_place(p, indices) for p in placed]
    withdrawn = _about(lines, of_withdrawn, indices)
    return Replayed(
        text=leave_out(corrected, removed),
        removed=removed,
        applied=tuple(_without_values(c) if c.correction_id in withdrawn else c for c in lines),
        keepers=Groups(placed=placed, indices=indices, codebook=rules.codebook).keepers() | withdrawn,
    )


def misfits(
    text: Mapping[str, pd.DataFrame], corrections: Sequence[Correction], rules: LogRules
) -> list[tuple[Correction, str]]:
    """What keeps corrections from being replayed, as ``replay`` says it, by line.

    Returns
    -------
    list of tuple
        A correction and what is wrong with it; empty when all fit.
    """
    return _fitted(corrections, _indices(text, rules.roles), rules, is_silent=False)[1]


def _indices(text: Mapping[str, pd.DataFrame], roles: Mapping[str, Roles]) -> dict[str, Index]:
    return {name: Index(frame=frame, roles=roles.get(name, Roles())) for name, frame in text.items()}


def _fitted(
    corrections: Sequence[Correction], indices: Mapping[str, Index], rules: LogRules, *, is_silent: bool
) -> tuple[list[Placed], list[tuple[Correction, str]]]:
    """Corrections by id with their rows, and what is wrong with them by line."""
    placed: list[Placed] = []
    problems: list[tuple[Correction, str]] = []
    protected = [*rules.protected, *carried_cells(rules.links)]
    for c in sorted(corrections, key=lambda c: c.correction_id):
        faults = forbidden(c, codebook=rules.codebook, roles=rules.roles, protected=protected)
        problems += [(c, fault) for fault in faults]
        if not faults:
            found = place(c, indices)
            if isinstance(found, str):
                problems.append((c, found))
            else:
                stale = _stale(found, indices, rules.codebook, is_silent=is_silent)
                problems += [(c, fault) for fault in stale]
                placed.append(found)
    problems += _conflicts(placed)
    problems += Groups(placed=placed, indices=indices, codebook=rules.codebook).undecided()
    problems += Groups(placed=placed, indices=indices, codebook=rules.codebook).kept_twice()
    return placed, sorted(problems, key=lambda found: found[0].line)


def _stale(placed: Placed, indices: Mapping[str, Index], codebook: Codebook, *, is_silent: bool) -> list[str]:
    """Say that a cell does not hold the value that a correction replaces."""
    c = placed.correction
    if c.action not in CHANGES:
        return []
    frame = indices[c.table].frame
    held = str(frame[c.column].iloc[placed.position])
    if held == c.old_value:
        return []
    file, row = frame["source_file"].iloc[placed.position], frame["source_row"].iloc[placed.position]
    if is_silent:
        return [f"{file}, row {row}, column {c.column}: the file does not hold old_value; copy it from there"]
    old, found = (codebook.shown(c.table, c.column, value) for value in (c.old_value, held))
    return [
        f"{file}, row {row}, column {c.column}: old_value is {old!r} but the file holds {found!r}; "
        "copy the value as it stands there"
    ]


def _conflicts(placed: Sequence[Placed]) -> Iterator[tuple[Correction, str]]:
    """Lines about what an earlier one has decided."""
    first: dict[tuple[str, int, str, str], Correction] = {}
    by_row: dict[tuple[str, int, str], Correction] = {}
    for p in placed:
        c = p.correction
        earlier = first.setdefault(p.cell, c)
        if earlier is not c:
            what = {"drop": "row", "okay": "finding"}.get(c.action, "cell")
            yield c, f"the {what} is already decided on line {earlier.line}; keep one of them"
        if c.action in {"drop", "newid"}:
            other = by_row.setdefault((c.table, p.position, "drop or newid"), c)
            if other.action != c.action:
                yield c, f"line {other.line} says {other.action} of the same row; keep one of them"


def _changed(text: Mapping[str, pd.DataFrame], placed: Sequence[Placed]) -> dict[str, pd.DataFrame]:
    """Put new values into a copy of the tables."""
    corrected = {name: frame.reset_index(drop=True) for name, frame in text.items()}
    cells: dict[tuple[str, str], dict[int, str]] = {}
    for p in placed:
        if p.correction.action in CHANGES:
            column = cells.setdefault((p.correction.table, p.correction.column), {})
            column[p.position] = p.correction.new_value
    for (table, name), values in cells.items():
        corrected[table].loc[list(values), name] = list(values.values())
    return corrected


def _dropped(placed: Sequence[Placed], indices: Mapping[str, Index]) -> pd.DataFrame:
    rows: dict[str, list[int]] = {}
    for p in placed:
        if p.correction.action == "drop":
            rows.setdefault(p.correction.table, []).append(p.position)
    parts = [removed_rows(table, indices[table].frame.iloc[found], DROPPED) for table, found in rows.items()]
    return pd.concat([no_rows(), *parts], ignore_index=True)


def _with_place(placed: Placed, indices: Mapping[str, Index]) -> Correction:
    """The correction with the file and row of what it is about."""
    if placed.position == UNPLACED:
        return replace(placed.correction, source_row=WHOLE_TABLE_ROW)
    frame, position = indices[placed.correction.table].frame, placed.position
    file, row = frame["source_file"].iloc[position], frame["source_row"].iloc[position]
    return replace(placed.correction, source_file=str(file), source_row=int(row))


def _about(lines: Sequence[Correction], rows: pd.DataFrame, indices: Mapping[str, Index]) -> set[int]:
    """Ids of lines about some of these rows, or about another row together with one of them."""
    places = set(rows[["table", "source_file", "source_row"]].itertuples(index=False, name=None))
    partners: set[tuple[str, str]] = set()
    for table in rows["table"].unique():
        index = indices[table]
        mine = [index.by_place[at[1:]] for at in places if at[0] == table]
        keys = row_keys(index.frame.iloc[mine], index.roles.submission)
        partners |= {(table, key) for key in keys}
    return {
        c.correction_id
        for c in lines
        if (c.table, c.source_file, c.source_row) in places
        or partners & {(c.table, key) for key in partners_of(c.partner)}
    }


def _without_values(correction: Correction) -> Correction:
    """A correction of a row whose enterprise withdrew: that there was one, and nothing it held."""
    hidden = f"[{WITHDRAWN}]"
    return replace(
        correction,
        submission=hidden if correction.submission else "",
        old_value=hidden if correction.old_value else "",
        new_value=hidden if correction.new_value else "",
        partner=hidden if correction.partner else "",
        reason=hidden,
    )
