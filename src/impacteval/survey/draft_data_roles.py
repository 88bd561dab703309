"""Roles of a table without a form: what the names and the types of its columns tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from impacteval.codebook import Variable
from impacteval.delivery import Roles
from impacteval.survey.data_files import DataFile
from impacteval.survey.dates import read_times
from impacteval.survey.draft_evidence import CONFIRM, LEAST_ROWS, are_telephones, box_of, numbers_of
from impacteval.survey.draft_words import is_identifier, is_telephone, names_a_round, tokens

FIRMS = {"firm", "company", "business", "enterprise", "establishment", "usaha", "perusahaan", "umkm"}
NAMES = {"name", "nama"}
ADDRESSES = {"address", "alamat"}
STARTS = {"interviewstart", "starttime", "timestart", "startinterview", "waktumulai", "jammulai", "mulai"}
ENDS = {"interviewend", "endtime", "timeend", "endinterview", "waktuselesai", "jamselesai", "selesai"}
DAYS = {
    *("today", "interviewdate", "surveydate", "visitdate", "dateofinterview", "dateofsurvey", "dateofvisit"),
    *("tanggalwawancara", "tglwawancara", "tanggalsurvei", "tglsurvei", "tanggalkunjungan"),
}
LATITUDES = re.compile(r"(?:^|(?<=[\W_]))(?:latitude|lat|lintang)$", re.IGNORECASE)
LONGITUDES = re.compile(r"(?:^|(?<=[\W_]))(?:longitude|long|lon|lng|bujur)$", re.IGNORECASE)
DEGREES = {"latitude": 90.0, "longitude": 180.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRoles:
    """Roles with those that names tell, and what is to be confirmed of these."""

    roles: Roles
    notes: tuple[str, ...] = ()


def roles_by_names(variables: Sequence[Variable], data: DataFile, roles: Roles) -> NamedRoles:
    """Add roles for names, telephones, addresses, times and positions, where one column alone fits each."""
    notes, found = [], {}
    for role, fits in _fitting(data).items():
        columns = [v.column for v in variables if fits(v)]
        if getattr(roles, role) or not columns:
            continue
        if len(columns) == 1:
            found[role] = columns[0]
        else:
            notes.append(f"roles.{role} is empty: {' and '.join(columns)} could be it")
    if not roles.start and "start" not in found:
        days = [v.column for v in variables if v.type == "date" and squashed(v.column) in DAYS]
        found |= {"start": days[0]} if len(days) == 1 else {}
    found |= _position(variables, data)
    if found:
        listed = ", ".join(f"{role} {column}" for role, column in found.items())
        notes.append(f"{CONFIRM}: roles by names of columns: {listed}")
    said = replace(
        roles,
        name=found.get("name", roles.name),
        phone=found.get("phone", roles.phone),
        address=found.get("address", roles.address),
        start=found.get("start", roles.start),
        end=found.get("end", roles.end),
        latitude=found.get("latitude", roles.latitude),
        longitude=found.get("longitude", roles.longitude),
    )
    return NamedRoles(roles=said, notes=tuple(notes))


def squashed(name: str) -> str:
    """A name in small letters, without signs."""
    return re.sub(r"[\W_]+", "", name).lower()


def _fitting(data: DataFile) -> Mapping[str, Callable[[Variable], bool]]:
    """Which columns fit a role, by role."""

    def is_name(v: Variable) -> bool:
        said = tokens(v.column)
        return v.type == "text" and bool(said & FIRMS and said & NAMES)

    def is_phone(v: Variable) -> bool:
        return v.type == "text" and is_telephone(v.column) and are_telephones(data.cells(v.column))

    def is_address(v: Variable) -> bool:
        return v.type == "text" and bool(tokens(v.column) & ADDRESSES) and "email" not in tokens(v.column)

    def is_start(v: Variable) -> bool:
        return v.type == "datetime" and squashed(v.column) in STARTS

    def is_end(v: Variable) -> bool:
        return v.type == "datetime" and squashed(v.column) in ENDS

    return {"name": is_name, "phone": is_phone, "address": is_address, "start": is_start, "end": is_end}


def _position(variables: Sequence[Variable], data: DataFile) -> dict[str, str]:
    """The columns of the only position, named alike but for what they measure."""
    numbers = {v.column: v for v in variables if v.type in {"integer", "decimal"}}
    stems = {LATITUDES.sub("", name).lower(): name for name in numbers if LATITUDES.search(name)}
    pairs = [
        (stems[LONGITUDES.sub("", name).lower()], name)
        for name in numbers
        if LONGITUDES.search(name) and LONGITUDES.sub("", name).lower() in stems
    ]
    if len(pairs) != 1:
        return {}
    found = dict(zip(DEGREES, pairs[0], strict=True))
    inside = all(
        numbers_of(numbers[column], data.cells(column)).abs().le(DEGREES[part]).all()
        for part, column in found.items()
    )
    return found if inside else {}


def with_position(
    variables: Sequence[Variable], data: DataFile, roles: Roles
) -> tuple[tuple[Variable, ...], list[str]]:
    """Variables of which those of the position are confidential degrees, with the box of the data."""
    if not (roles.latitude and roles.longitude):
        return tuple(variables), []
    by_column = {v.column: v for v in variables}
    degrees = {c: _aligned(by_column[c], data) for c in (roles.latitude, roles.longitude)}
    box = box_of(degrees[roles.latitude], degrees[roles.longitude])
    bounds: dict[str, tuple[float | None, float | None]] = {
        roles.latitude: (box.south, box.north) if box else (None, None),
        roles.longitude: (box.west, box.east) if box else (None, None),
    }
    placed = []
    for v in variables:
        if v.column in bounds:
            low, high = bounds[v.column]
            most = DEGREES["latitude" if v.column == roles.latitude else "longitude"]
            placed.append(
                replace(
                    v,
                    unit="degrees",
                    confidential="yes",
                    minimum=low,
                    maximum=high,
                    hard_minimum=-most,
                    hard_maximum=most,
                )
            )
        else:
            placed.append(v)
    note = f"{CONFIRM}: `minimum` and `maximum` of {roles.latitude} and {roles.longitude} are half a degree "
    return tuple(placed), [f"{note}around the places found"] if box else []


def _aligned(variable: Variable, data: DataFile) -> pd.Series:
    """Numbers of all rows, missing where there is none."""
    cells = data.text[variable.column].astype("str").str.strip()
    return numbers_of(variable, cells[cells != ""]).reindex(cells.index)


def fieldwork_of(variables: Sequence[Variable], data: DataFile, roles: Roles) -> list[dict[str, str]]:
    """The first and last day of the interviews of each round, as ``fieldwork`` holds them."""
    started = next((v for v in variables if v.column == roles.start), None)
    if started is None or started.type not in {"date", "datetime"}:
        return []
    cells = data.text[started.column].astype("str").str.strip()
    cells = cells[cells != ""]
    times = read_times(cells, started.format, has_time=started.type == "datetime").values.dropna()
    if len(times) < LEAST_ROWS:
        return []
    rounds = pd.Series("", index=times.index, dtype="str")
    if roles.period:
        rounds = data.text[roles.period].astype("str").str.strip().loc[times.index]
    days = times.groupby(rounds).agg(["min", "max"])
    return [
        {
            "period": str(name),
            "first_day": first.date().isoformat(),
            "last_day": last.date().isoformat(),
        }
        for name, first, last in days.itertuples(name=None)
    ]


def round_notes(variables: Sequence[Variable], data: DataFile, roles: Roles) -> Iterator[str]:
    """An id and a round that identify a row together, where no id does alone."""
    if roles.period or (roles.unit and roles.unit != roles.submission):
        return
    ids = [v.column for v in variables if is_identifier(v.column) and v.column not in {roles.submission}]
    rounds = [v.column for v in variables if names_a_round(v.column) and not is_identifier(v.column)]
    for id_ in ids:
        for round_ in rounds:
            pairs = data.text[[id_, round_]].astype("str")
            if (pairs != "").all(axis=None) and not pairs.duplicated().any():
                begin = f"begin with --unit {id_} --period {round_}"
                yield f"{id_} and {round_} together are another in every row; {begin}"
                return
