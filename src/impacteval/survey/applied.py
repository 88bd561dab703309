"""What the log of corrections came to: lines applied, findings accepted, counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import pandas as pd

from impacteval.codebook import MASKED, Codebook
from impacteval.delivery import Roles
from impacteval.survey.corrections import CORRECTION_COLUMNS, LOG, Correction

COUNT_COLUMNS = ("table", "enumerator", "action", "check_id", "blind")
FINDING_KEY = ["check_id", "table", "source_file", "source_row", "column", "raw_value", "raw_partner"]
Key: TypeAlias = tuple[object, ...]


def accepted_findings(findings: pd.DataFrame, applied: Sequence[Correction]) -> pd.Series:
    """Say which findings an ``okay`` accepts: this check, on this row and column, at this value.

    A finding about two rows is accepted with this partner only, so that a new one is asked about. An
    ``okay`` that names none, as in a log that was begun before partners were named, accepts any.

    Parameters
    ----------
    findings : DataFrame
        Of the corrected data, with ``raw_value`` and ``raw_partner`` as ``findings_of`` returns them.
    applied : sequence of Correction
        As ``Replayed`` holds them, each with its file and row.

    Returns
    -------
    Series of bool
        In the order of ``findings``.
    """
    okays = {_key(c) for c in applied if c.action == "okay"}
    found = [key in okays or _of_any_partner(key) in okays for key in _keys(findings)]
    return pd.Series(found, index=findings.index, dtype=bool)


def unused_okays(
    findings: pd.DataFrame, applied: Sequence[Correction], keepers: Collection[int] = ()
) -> list[str]:
    """Warn of ``okay`` lines that accept nothing: their finding is gone or its value has changed.

    Parameters
    ----------
    findings, applied
        As in ``accepted_findings``.
    keepers : collection of int
        Ids of lines that keep one of several duplicates, as in ``Replayed``: they have done their work.
    """
    found = set(_keys(findings))
    found |= {_of_any_partner(key) for key in found}
    return [
        f"{LOG}, correction_id {c.correction_id}: okay accepts nothing; check {c.check_id} no longer finds "
        f"this value{' with this partner' if c.partner else ''} in {c.source_file}, row {c.source_row}, "
        f"column {c.column}"
        for c in applied
        if c.action == "okay" and c.correction_id not in keepers and _key(c) not in found
    ]


def okays_of_any_partner(findings: pd.DataFrame, applied: Sequence[Correction]) -> list[str]:
    """Name ``okay`` lines without a partner that accept a finding about two rows, whoever the other is.

    Parameters
    ----------
    findings, applied
        As in ``accepted_findings``.
    """
    pairs = {_of_any_partner(key) for key in _keys(findings) if key[-1]}
    return [
        f"{LOG}, correction_id {c.correction_id}: okay names no partner, so it accepts whatever other row "
        f"check {c.check_id} finds with {c.source_file}, row {c.source_row}; write the partner that the "
        "finding shows to be asked about others"
        for c in applied
        if c.action == "okay" and not c.partner and _key(c) in pairs
    ]


def _key(correction: Correction) -> Key:
    c = correction
    return (c.check_id, c.table, c.source_file, c.source_row, c.column, c.old_value, c.partner)


def _keys(findings: pd.DataFrame) -> list[Key]:
    return list(findings[FINDING_KEY].itertuples(index=False, name=None))


def _of_any_partner(key: Key) -> Key:
    return (*key[:-1], "")


def applied_table(
    applied: Sequence[Correction], codebook: Codebook, roles: Mapping[str, Roles]
) -> pd.DataFrame:
    """List corrections by id, with all columns of the log; confidential values are masked.

    Decisions by someone who may have known the row's arm are those with ``blind`` no.
    """
    rows = [_row_shown(c, codebook, roles) for c in sorted(applied, key=lambda c: c.correction_id)]
    return pd.DataFrame(rows, columns=list(CORRECTION_COLUMNS)).astype({"source_row": "Int64"})


def _row_shown(correction: Correction, codebook: Codebook, roles: Mapping[str, Roles]) -> dict[str, object]:
    shown: dict[str, object] = {name: getattr(correction, name) for name in CORRECTION_COLUMNS}
    known = {v.column for v in codebook.of_table(correction.table) if v.confidential == "yes"}
    if known & set(correction.columns):
        shown |= {name: MASKED for name in ("old_value", "new_value") if shown[name]}
    if roles.get(correction.table, Roles()).submission in known:
        shown |= {name: MASKED for name in ("submission", "partner") if shown[name]}
    return shown


def correction_counts(
    applied: Sequence[Correction],
    text: Mapping[str, pd.DataFrame],
    *,
    codebook: Codebook,
    roles: Mapping[str, Roles],
) -> pd.DataFrame:
    """Count corrections by enumerator of their row, action and check.

    Parameters
    ----------
    applied : sequence of Correction
        As ``Replayed`` holds them.
    text : mapping
        Raw text tables.

    Returns
    -------
    DataFrame
        ``table, enumerator, action, check_id, blind, n_corrections``; the enumerator is empty where
        the table names none, masked where its column is confidential.
    """
    rows = pd.DataFrame(
        [(c.table, c.source_file, c.source_row, c.action, c.check_id, c.blind) for c in applied],
        columns=["table", "source_file", "source_row", "action", "check_id", "blind"],
    )
    people = pd.concat(
        [_enumerators(name, frame, codebook, roles.get(name, Roles())) for name, frame in text.items()]
    )
    joined = rows.merge(people, how="left", on=["table", "source_file", "source_row"])
    joined["enumerator"] = joined["enumerator"].fillna("")
    counted = joined.groupby(list(COUNT_COLUMNS), sort=True).size()
    return counted.rename("n_corrections").reset_index()


def _enumerators(table: str, frame: pd.DataFrame, codebook: Codebook, roles: Roles) -> pd.DataFrame:
    places = frame[["source_file", "source_row"]].assign(table=table, enumerator="")
    if roles.enumerator:
        secret = codebook.find(table, roles.enumerator).confidential == "yes"
        cells = frame[roles.enumerator]
        places["enumerator"] = cells.mask(cells != "", MASKED) if secret else cells
    return places
