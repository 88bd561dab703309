"""Check that rows with one unit id are about one enterprise in every round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Int1D
from impacteval.checks.base import named
from impacteval.checks.rounds import SameIdentity
from impacteval.survey.firm_names import similarity, split_name
from impacteval.validation.distances import haversine_km
from impacteval.validation.keys import History, has_consent, history_of, of_severity
from impacteval.validation.labels import NONE, labels_of
from impacteval.validation.profiles import coordinates_of, phone_keys_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A mark of identity, in each row and in the earlier row that it is compared with.

    ``measure`` says how far apart the two are, written as ``unit`` says; none where it is empty.
    """

    name: str
    is_known: Bool1D
    agrees: Bool1D
    measure: Float1D
    unit: str = ""

    def said(self, row: int) -> str:
        """Whether the mark agrees in a row, and how far it is apart."""
        apart = f" ({self.unit.format(self.measure[row])})" if self.unit else ""
        return f"{self.name} {'agrees' if self.agrees[row] else 'differs'}{apart}"


def check_same_identity(survey: Survey, check: SameIdentity) -> list[Failures]:
    """Find rows that do not look like the enterprise that had their unit id in earlier rounds.

    Each mark is compared with the last earlier round that knows it. Where fewer than ``needed`` are
    known in both, the row is a warning: identity cannot be confirmed. Rows without consent, and those
    of a unit's first round, are not compared.
    """
    table = survey.tables[check.table]
    asked = has_consent(table)
    history = history_of(table)
    is_later = history.earlier(asked) >= 0
    marks = _marks(table, check, history, asked)
    none = np.zeros(len(asked), dtype=np.int64)
    n_known = sum((mark.is_known.astype(np.int64) for mark in marks), none)
    n_agreeing = sum((mark.agrees.astype(np.int64) for mark in marks), none)
    roles = table.roles
    columns = named(roles.name, roles.phone, roles.latitude, roles.longitude, check.owner)
    broken = is_later & (n_known >= check.needed) & (n_agreeing < check.needed)
    unclear = is_later & (n_known < check.needed)
    found = failing(check, broken, columns=columns, notes=_said(marks, broken))
    notes = [f"cannot be confirmed, {said}" for said in _said(marks, unclear)]
    doubts = of_severity(failing(check, unclear, columns=columns, notes=notes), "warning")
    what_to_do = "confirm by other records that this is the enterprise of the earlier rounds"
    return found + [replace(f, suggestions=(what_to_do,) * len(f.rows)) for f in doubts]


def _said(marks: Sequence[_Mark], rows: Bool1D) -> list[str]:
    """For each of some rows, which marks agree and which do not."""
    return [
        ", ".join(mark.said(int(row)) for mark in marks if mark.is_known[row]) or "nothing is known in both"
        for row in np.flatnonzero(rows)
    ]


def _marks(table: CheckedTable, check: SameIdentity, history: History, asked: Bool1D) -> list[_Mark]:
    """The marks that the table has."""
    marks = []
    if table.roles.name:
        marks.append(_name_mark(table, history, asked, check.similarity))
    if table.roles.phone:
        marks.append(_phone_mark(table, history, asked))
    if table.roles.latitude and table.roles.longitude:
        marks.append(_place_mark(table, history, asked, check.metres))
    if check.owner:
        marks.append(_owner_mark(table, history, asked, check.owner))
    return marks


def _name_mark(table: CheckedTable, history: History, asked: Bool1D, least: float) -> _Mark:
    names = labels_of(table, table.roles.name)
    core = names.map({name: split_name(name)[1] for name in names.unique()}).to_numpy(dtype=object)
    rows, earlier = _both(history, asked & (core != NONE))
    alike = np.ones(len(core))
    differ = core[rows] != core[earlier]
    alike[rows[differ]] = similarity(list(core[rows[differ]]), list(core[earlier[differ]]))
    return _mark("name", rows, alike >= least, measure=alike, unit="{:.0%} alike")


def _phone_mark(table: CheckedTable, history: History, asked: Bool1D) -> _Mark:
    phones = phone_keys_of(table).to_numpy(dtype=object)
    has_phone = np.array([len(keys) > 0 for keys in phones], dtype=np.bool_)
    rows, earlier = _both(history, asked & has_phone)
    agrees = np.zeros(len(phones), dtype=np.bool_)
    agrees[rows] = [
        a == b or not set(a).isdisjoint(b) for a, b in zip(phones[rows], phones[earlier], strict=True)
    ]
    return _mark("telephone", rows, agrees, measure=np.zeros(len(phones)))


def _place_mark(table: CheckedTable, history: History, asked: Bool1D, metres: float) -> _Mark:
    latitude, longitude = coordinates_of(table)
    rows, earlier = _both(history, asked & latitude.notna().to_numpy(dtype=np.bool_))
    apart = np.full(len(latitude), np.nan)
    here, there = (
        [pd.Series(degrees.to_numpy()[at]) for degrees in (latitude, longitude)] for at in (rows, earlier)
    )
    apart[rows] = haversine_km(*here, *there).to_numpy(dtype=np.float64)
    return _mark("place", rows, apart * 1000 <= metres, measure=apart, unit="{:.1f} km apart")


def _owner_mark(table: CheckedTable, history: History, asked: Bool1D, column: str) -> _Mark:
    owner = labels_of(table, column).str.casefold().to_numpy(dtype=object)
    rows, earlier = _both(history, asked & (owner != NONE))
    agrees = np.zeros(len(owner), dtype=np.bool_)
    agrees[rows] = owner[rows] == owner[earlier]
    return _mark("owner", rows, agrees, measure=np.zeros(len(owner)))


def _both(history: History, known: Bool1D) -> tuple[Int1D, Int1D]:
    """Rows that know a mark as an earlier row does, and these earlier rows."""
    earlier = history.earlier(known)
    rows = np.flatnonzero(earlier >= 0)
    return rows, earlier[rows]


def _mark(name: str, rows: Int1D, agrees: Bool1D, *, measure: Float1D, unit: str = "") -> _Mark:
    is_known = np.zeros(len(measure), dtype=np.bool_)
    is_known[rows] = True
    return _Mark(name=name, is_known=is_known, agrees=agrees & is_known, measure=measure, unit=unit)
