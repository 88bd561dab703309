"""What is known of each enterprise of a table: its name, telephones, address and place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.arrays import Float1D, Int1D
from impacteval.survey.firm_names import numbers_in, plain_address, split_name
from impacteval.survey.phone_numbers import phone_keys
from impacteval.validation.distances import is_on_earth
from impacteval.validation.labels import NONE, labels_of, numbers_of
from impacteval.validation.survey import CheckedTable, Survey

Objects1D = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """One entry an enterprise, (n_firms,), by first period and id; unknown is empty text or NaN.

    ``row`` is the position of the first row, ``numbers`` are those in ``core``. ``phones`` has a row
    for each enterprise (``firm``, its number here) and telephone (``phone``) of any round; of the rest
    the first that is known counts.
    """

    unit: Objects1D
    row: Int1D
    form: Objects1D
    core: Objects1D
    numbers: Objects1D
    address: Objects1D
    district: Objects1D
    arm: Objects1D
    latitude: Float1D
    longitude: Float1D
    phones: pd.DataFrame


def profiles_of(survey: Survey, table: CheckedTable) -> Profiles:
    """Gather what the rows of a table say of each enterprise; rows without a unit are left out."""
    unit = labels_of(table, table.roles.unit)
    order = _by_period_and_unit(table, unit)
    unit = unit.loc[order]
    order, unit = order[unit != NONE], unit[unit != NONE]
    firm = pd.Series(pd.factorize(unit)[0], index=order)
    is_first = ~firm.duplicated().to_numpy()
    names = [split_name(text) for text in _first(labels_of(table, table.roles.name), firm)]
    latitude, longitude = coordinates_of(table)
    addresses = _first(labels_of(table, table.roles.address), firm)
    districts = _first(labels_of(table, table.roles.district), firm)
    return Profiles(
        unit=unit[is_first].to_numpy(dtype=object),
        row=order[is_first].to_numpy(dtype=np.int64),
        form=np.array([form for form, _ in names], dtype=object),
        core=np.array([core for _, core in names], dtype=object),
        numbers=np.array([numbers_in(core) for _, core in names], dtype=object),
        address=np.array([plain_address(text) for text in addresses], dtype=object),
        district=np.array([" ".join(text.casefold().split()) for text in districts], dtype=object),
        arm=_first(survey.arms(table.name), firm),
        latitude=_first_number(latitude, firm),
        longitude=_first_number(longitude, firm),
        phones=_phones(table, firm),
    )


def _by_period_and_unit(table: CheckedTable, unit: pd.Series) -> pd.Index:
    """Positions of rows, in an order of enterprises that is not that of the file."""
    columns = [table.frame[c] for c in (table.roles.period,) if c]
    keys = pd.concat([*columns, unit, table.frame["source_file"], table.frame["source_row"]], axis=1)
    keys.columns = pd.RangeIndex(keys.shape[1])
    return keys.sort_values(list(keys.columns), kind="stable").index


def coordinates_of(table: CheckedTable) -> tuple[pd.Series, pd.Series]:
    """Latitude and longitude of each row; both missing where they are not a place on earth, or 0 and 0."""
    latitude, longitude = numbers_of(table, table.roles.latitude), numbers_of(table, table.roles.longitude)
    is_place = is_on_earth(latitude, longitude) & ((latitude != 0) | (longitude != 0))
    return latitude.where(is_place), longitude.where(is_place)


def phone_keys_of(table: CheckedTable) -> pd.Series:
    """Telephones of each row, as ``phone_keys``."""
    cells = labels_of(table, table.roles.phone)
    return cells.map({cell: phone_keys(cell) for cell in cells.unique()}).astype("object")


def _first(labels: pd.Series, firm: pd.Series) -> Objects1D:
    """First known label of each enterprise."""
    known = labels.loc[firm.index].mask(lambda label: label == NONE)
    return known.groupby(firm).first().fillna(NONE).to_numpy(dtype=object)


def _first_number(numbers: pd.Series, firm: pd.Series) -> Float1D:
    return numbers.loc[firm.index].groupby(firm).first().to_numpy(dtype=np.float64)


def _phones(table: CheckedTable, firm: pd.Series) -> pd.DataFrame:
    listed = pd.DataFrame({"firm": firm, "phone": phone_keys_of(table).loc[firm.index]})
    listed = listed[listed["phone"].map(len) > 0].explode("phone")
    return listed.drop_duplicates().astype({"phone": "str"}).reset_index(drop=True)
