"""Checks that two enterprises are two, and that one enterprise is one in every round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd

from impacteval.arrays import Int1D
from impacteval.checks.links import DuplicateFirms
from impacteval.checks.rounds import SameIdentity
from impacteval.survey.decisions import Verdicts, verdicts_of
from impacteval.tables import records
from impacteval.validation.identity_rounds import check_same_identity
from impacteval.validation.keys import of_severity, units_shown
from impacteval.validation.labels import NONE, places_of
from impacteval.validation.pairs import PARTS, probable_pairs, shared_by_many
from impacteval.validation.profiles import Profiles, profiles_of
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing, failing_whole

PART_NAMES = dict(
    zip(PARTS, ("name", "legal form", "telephone", "address", "place", "district"), strict=True)
)


def check_duplicate_firms(survey: Survey, check: DuplicateFirms) -> list[Failures]:
    """Find pairs of enterprises that are probably one, and those that it was decided are one.

    The finding stands with the first row of the enterprise that came later, of two of one round of the
    one whose id is later; the first row of the other is its partner. A pair of two arms is an error. A
    pair that was decided on, also by way of others, is not asked again.
    """
    table = survey.tables[check.table]
    firms = profiles_of(survey, table)
    verdicts = verdicts_of(survey.decisions)
    pairs = probable_pairs(firms, check)
    units = zip(firms.unit[pairs["first"]], firms.unit[pairs["second"]], strict=True)
    is_open = np.array([not verdicts.is_settled(str(a), str(b)) for a, b in units], dtype=np.bool_)
    found = _open_pairs(table, check, firms, pairs[is_open])
    found += _decided_same(table, check, firms, verdicts)
    for what, n in shared_by_many(firms, check.most_shared).items():
        if n:
            note = (
                f"{n} enterprises have a {what} that more than {check.most_shared} have; it leads to no pair"
            )
            column = table.roles.phone if what == "telephone" else table.roles.name
            found += of_severity(failing_whole(check, column, note), "info")
    return found


def _open_pairs(
    table: CheckedTable, check: DuplicateFirms, firms: Profiles, pairs: pd.DataFrame
) -> list[Failures]:
    first, second = (pairs[name].to_numpy(dtype=np.int64) for name in ("first", "second"))
    notes = [
        f"{other}; {_points(pair)}"
        for other, pair in zip(_named_firms(table, firms, first), records(pairs), strict=True)
    ]
    is_across = (
        (firms.arm[first] != NONE) & (firms.arm[second] != NONE) & (firms.arm[first] != firms.arm[second])
    )
    found = failing(check, firms.row[second].tolist(), columns=(table.roles.name,), notes=notes)
    severities = tuple("error" if across else check.severity for across in is_across)
    return [replace(f, severities=severities, partners=_partners(firms, first)) for f in found]


def _points(pair: SimpleNamespace) -> str:
    """The score of a pair and what it consists of."""
    parts = [f"{PART_NAMES[part]} {getattr(pair, part):+.0f}" for part in PARTS if getattr(pair, part)]
    return f"{pair.score:.0f} points: {', '.join(parts)} (names {pair.similarity:.0%} alike)"


def _named_firms(table: CheckedTable, firms: Profiles, numbers: Int1D) -> list[str]:
    """Enterprises by their id, as it may be shown, and the place of their first row."""
    ids = units_shown(table, list(firms.unit[numbers]))
    places = places_of(table).to_numpy(dtype=object)[firms.row[numbers]]
    return [f"{unit} ({place})" for unit, place in zip(ids, places, strict=True)]


def _decided_same(
    table: CheckedTable, check: DuplicateFirms, firms: Profiles, verdicts: Verdicts
) -> list[Failures]:
    """Enterprises of which it was decided that they are an earlier one, and which are still there."""
    group = pd.factorize(np.array([verdicts.group(str(unit)) for unit in firms.unit], dtype=object))[0]
    earliest = np.unique(group, return_index=True)[1][group].astype(np.int64)
    later = np.flatnonzero(earliest != np.arange(len(group))).astype(np.int64)
    notes = [f"decided to be {other}" for other in _named_firms(table, firms, earliest[later])]
    found = failing(check, firms.row[later].tolist(), columns=(table.roles.name,), notes=notes)
    what_to_do = "give all its rows the other id (newid), or drop them"
    return [
        replace(f, suggestions=(what_to_do,) * len(f.rows), partners=_partners(firms, earliest[later]))
        for f in of_severity(found, "error")
    ]


def _partners(firms: Profiles, numbers: Int1D) -> tuple[tuple[int, ...], ...]:
    """The first row of each of these enterprises."""
    return tuple((int(row),) for row in firms.row[numbers])


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {
    DuplicateFirms: check_duplicate_firms,
    SameIdentity: check_same_identity,
}
