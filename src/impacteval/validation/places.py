"""Where interviews were held."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.checks.fieldwork import Location
from impacteval.validation.distances import haversine_km, is_on_earth
from impacteval.validation.labels import NONE, labels_of, numbers_of, places_of
from impacteval.validation.remarks import Remark, constant_notes, informing, remarked
from impacteval.validation.survey import CheckedTable, Failures, Survey


def check_location(survey: Survey, check: Location) -> list[Failures]:
    """Find interviews far from the registered address, outside their district, or at another's place.

    Interviews without coordinates are left to other checks.
    """
    table = survey.tables[check.table]
    latitude = numbers_of(table, table.roles.latitude)
    longitude = numbers_of(table, table.roles.longitude)
    given = latitude.notna() & longitude.notna()
    on_earth = is_on_earth(latitude, longitude)
    lost = (given & ~on_earth).to_numpy(dtype=bool)
    remarks = [
        Remark(rows=lost, notes=constant_notes(len(lost), "the coordinates are not on earth")),
        _far_from_address(table, check, latitude, longitude),
        _outside_district(table, check, latitude, longitude),
        _at_another_enterprise(table, check, latitude, longitude),
    ]
    columns = (table.roles.latitude, table.roles.longitude)
    return remarked(check, columns, remarks) + _districts_without_box(table, check, on_earth)


def _far_from_address(
    table: CheckedTable, check: Location, latitude: pd.Series, longitude: pd.Series
) -> Remark:
    address = numbers_of(table, check.registered_latitude), numbers_of(table, check.registered_longitude)
    km = haversine_km(latitude, longitude, *address)
    is_far = (km * 1000 > check.metres).to_numpy(dtype=bool)
    return Remark(rows=is_far, notes=km.map("{:.2f} km from the registered address".format).astype("str"))


def _outside_district(
    table: CheckedTable, check: Location, latitude: pd.Series, longitude: pd.Series
) -> Remark:
    district = labels_of(table, table.roles.district)
    by_district = pd.DataFrame(
        [(b.south, b.north, b.west, b.east) for b in check.boxes],
        index=pd.Index([b.district.strip() for b in check.boxes], dtype="str"),
        columns=["south", "north", "west", "east"],
        dtype="float64",
    )
    by_district = by_district[~by_district.index.duplicated()]
    edges = by_district.reindex(district)
    south, north, west, east = (edges[c].to_numpy() for c in edges.columns)
    inside = latitude.between(south, north) & longitude.between(west, east)
    judged = is_on_earth(latitude, longitude).to_numpy(dtype=bool) & ~np.isnan(south)
    outside = judged & ~inside.to_numpy(dtype=bool)
    return Remark(rows=outside, notes=constant_notes(len(outside), "outside the box of its district"))


def _at_another_enterprise(
    table: CheckedTable, check: Location, latitude: pd.Series, longitude: pd.Series
) -> Remark:
    """Interviews of different units with the same coordinates after rounding."""
    found = pd.DataFrame(
        {
            "latitude": latitude.round(check.decimals) + 0.0,
            "longitude": longitude.round(check.decimals) + 0.0,
            "unit": labels_of(table, table.roles.unit),
            "source_file": table.text["source_file"],
            "source_row": table.text["source_row"],
        }
    )
    place = ["latitude", "longitude"]
    known = found[is_on_earth(latitude, longitude) & (found["unit"] != NONE)]
    n_others = known.groupby(place)["unit"].transform("nunique") - 1
    n_others = n_others.reindex(found.index).fillna(0).astype("int64")
    rows = (n_others > 0).to_numpy(dtype=bool)
    notes = "other enterprises at the same place: " + n_others.astype("str") + ", the first in "
    return Remark(rows=rows, notes=(notes + _first_other(table, known[rows[known.index]])).astype("str"))


def _first_other(table: CheckedTable, shared: pd.DataFrame) -> pd.Series:
    """For each row that shares its place, the first row of another unit there; empty for other rows."""
    ordered = shared.assign(said=places_of(table).reindex(shared.index)).sort_values(
        ["source_file", "source_row"], kind="stable"
    )
    place = ["latitude", "longitude"]
    one_each = ordered.drop_duplicates([*place, "unit"])
    rank = one_each.groupby(place).cumcount()
    firsts = one_each[rank == 0].set_index(place)[["unit", "said"]]
    seconds = one_each[rank == 1].set_index(place)["said"]
    at = pd.MultiIndex.from_frame(shared[place])
    is_first_unit = firsts["unit"].reindex(at).to_numpy(dtype=object) == shared["unit"].to_numpy(dtype=object)
    other: npt.NDArray[np.object_] = np.where(
        is_first_unit,
        seconds.reindex(at).to_numpy(dtype=object),
        firsts["said"].reindex(at).to_numpy(dtype=object),
    )
    return pd.Series(other, index=shared.index, dtype="str").reindex(table.frame.index).fillna(NONE)


def _districts_without_box(table: CheckedTable, check: Location, on_earth: pd.Series) -> list[Failures]:
    """Say how many interviews could not be judged by district, where boxes were given at all."""
    if not check.boxes:
        return []
    district = labels_of(table, table.roles.district)
    unknown = on_earth & ~district.isin([b.district.strip() for b in check.boxes])
    n = int(unknown.sum())
    note = f"interviews in districts without a box, not judged by district: {n}"
    return informing(check, table.roles.district, [note] if n else [])
