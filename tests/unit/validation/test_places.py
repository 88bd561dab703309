"""Where interviews were held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.fieldwork import DistrictBox, Location
from impacteval.closed import OptionError
from impacteval.validation.distances import EARTH_RADIUS_KM, haversine_km
from impacteval.validation.places import check_location
from support.interviews import in_other_order, interviews, rows_said, said

BOX = DistrictBox(district="Bandung", south=-7.0, north=-6.8, west=107.5, east=107.8)
LOCATION = Location(kind="location", id="l", table="firms")
ADDRESS = replace(LOCATION, registered_latitude="reg_lat", registered_longitude="reg_lon")


def km(*degrees: float) -> float:
    return float(haversine_km(*[pd.Series([d]) for d in degrees]).iloc[0])


def test_distances_are_those_of_the_sphere():
    assert km(0, 0, 0, 90) == pytest.approx(np.pi / 2 * EARTH_RADIUS_KM, rel=1e-12)
    assert km(90, 0, -90, 77) == pytest.approx(np.pi * EARTH_RADIUS_KM, rel=1e-12)
    # Nashville to Los Angeles airport, the example with which the formula is usually published.
    assert km(36.12, -86.67, 33.94, -118.40) == pytest.approx(2886.45, abs=0.01)
    assert km(-6.9, 107.6, -6.9, 107.6) == 0


def test_distance_across_the_date_line_is_the_short_way():
    assert km(0, 179.999, 0, -179.999) == pytest.approx(0.2224, abs=1e-4)


@pytest.mark.parametrize("wrong", [(91, 0, 0, 0), (0, 181, 0, 0), (np.nan, 0, 0, 0), (0, 0, 0, np.inf)])
def test_distance_from_nowhere_is_missing(wrong):
    assert np.isnan(km(*wrong))


def test_interviews_more_than_a_kilometre_from_the_registered_address_are_found():
    columns = {
        "lat": ["-6.9", "-6.9", "-6.8", ""],
        "lon": ["107.6", "107.601", "107.602", "107.6"],
        "reg_lat": ["-6.9089", "-6.90909", "", "0"],
        "reg_lon": ["107.6", "107.601", "107.602", "0"],
    }
    found = said(check_location, interviews(4, columns), ADDRESS)
    assert found["source_row"].tolist() == [3], "989 m passes, 1,011 m does not"
    assert "1.01 km from the registered address" in found["message"][0]


def test_interviews_outside_the_box_of_their_district_are_found_and_its_edges_are_inside():
    columns = {"lat": ["-6.9", "-6.7", "-7.0", "-6.8"], "lon": ["107.6", "107.6", "107.5", "107.8"]}
    assert rows_said(check_location, interviews(4, columns), replace(LOCATION, boxes=(BOX,))) == [3]


def test_districts_without_a_box_are_counted_in_an_info():
    columns = {"lat": ["-6.9", "0", ""], "lon": ["107.6", "1", ""], "district": ["Bandung", "Garut", "Garut"]}
    found = said(check_location, interviews(3, columns), replace(LOCATION, boxes=(BOX,)))
    assert found[["source_row", "severity"]].to_numpy().tolist() == [[0, "info"]]
    assert found["value_shown"][0].endswith("not judged by district: 1")


def test_different_enterprises_at_one_place_are_found_and_one_enterprise_twice_is_not():
    columns = {
        "firm": ["A", "B", "A", "C", "C"],
        "round": ["1", "1", "2", "1", "2"],
        "lat": ["-6.900001", "-6.900004", "-6.9", "-6.5", "-6.5"],
        "lon": ["107.6"] * 5,
    }
    found = said(check_location, interviews(5, columns), LOCATION)
    assert found["source_row"].tolist() == [2, 3, 4]
    assert "other enterprises at the same place: 1, the first in firms.csv, row 3" in found["message"][0]
    assert "the first in firms.csv, row 2" in found["message"][1]


def test_places_that_differ_in_the_fifth_decimal_are_two():
    columns = {"lat": ["-6.90001", "-6.90002"], "lon": ["107.6", "107.6"]}
    assert rows_said(check_location, interviews(2, columns), LOCATION) == []
    assert rows_said(check_location, interviews(2, columns), replace(LOCATION, decimals=4)) == [2, 3]


def test_coordinates_that_are_no_place_are_found_once():
    columns = {"lat": ["107.6", "107.6", "0"], "lon": ["-6.9", "-6.9", "0"]}
    found = said(check_location, interviews(3, columns), replace(LOCATION, boxes=(BOX,)))
    assert found["source_row"].tolist() == [2, 3, 4]
    assert found["message"][0].endswith("not on earth")
    assert found["message"][2].endswith("outside the box of its district")


def test_everything_wrong_with_a_place_is_one_finding():
    columns = {
        "lat": ["-5", "-5"],
        "lon": ["107.6", "107.6"],
        "reg_lat": ["-6.9"] * 2,
        "reg_lon": ["107.6"] * 2,
    }
    found = said(check_location, interviews(2, columns), replace(ADDRESS, boxes=(BOX,)))
    assert len(found) == 2
    assert found["message"][0].count(";") == 2


def test_confidential_coordinates_are_masked_and_not_in_the_message():
    columns = {"lat": ["-6.95123", "-6.95123"], "lon": ["107.65432", "107.65432"]}
    found = said(check_location, interviews(2, columns, hidden=("lat", "lon")), LOCATION)
    assert set(found["value_shown"]) == {"[confidential] | [confidential]"}
    assert "95123" not in found.drop(columns="raw_value").to_string()


@pytest.mark.parametrize("columns", [{}, {"lat": ["x", "y"], "lon": ["1", "2"]}])
def test_without_coordinates_there_is_nothing_to_find(columns):
    assert said(check_location, interviews(2, columns), replace(LOCATION, boxes=(BOX,))).empty


def test_a_table_without_rows_has_no_findings():
    assert said(
        check_location, interviews(0, {"reg_lat": [], "reg_lon": []}), replace(ADDRESS, boxes=(BOX,))
    ).empty


def test_half_an_address_and_a_box_upside_down_are_refused():
    with pytest.raises(OptionError, match="both"):
        replace(LOCATION, registered_latitude="reg_lat")
    with pytest.raises(OptionError, match="south is above north"):
        replace(BOX, south=0.0)


def test_a_district_is_needed_only_for_boxes():
    assert LOCATION.roles_needed == ("unit", "latitude", "longitude")
    assert replace(LOCATION, boxes=(BOX,)).roles_needed == ("unit", "latitude", "longitude", "district")


ROW = st.tuples(st.sampled_from(["A", "B", "C", ""]), st.integers(-2, 2), st.integers(0, 1))


@settings(max_examples=10, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=8).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(range(len(rows))))
    )
)
def test_findings_do_not_depend_on_the_order_of_rows(drawn):
    rows, order = drawn
    columns = {
        "firm": [r[0] for r in rows],
        "lat": [str(-6.9 + r[1] / 100) for r in rows],
        "lon": [str(107.6 + r[2]) for r in rows],
        "reg_lat": ["-6.9"] * len(rows),
        "reg_lon": ["107.6"] * len(rows),
    }
    survey = interviews(len(rows), columns)
    check = replace(ADDRESS, boxes=(BOX,))
    pd.testing.assert_frame_equal(
        said(check_location, survey, check), said(check_location, in_other_order(survey, order), check)
    )
