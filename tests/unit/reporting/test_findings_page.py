"""Listings of the findings page: which findings they hold, in which order, and how many more there are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.reporting.findings_page import MOST_ENTERPRISES, MOST_ROWS, by_check, by_group
from impacteval.tables import FINDING_COLUMNS, table_of

SUMMARY = pd.DataFrame({"check_id": ["a", "b"], "definition": ["fails when a", "fails when b"]})


def findings(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Open findings by check, enterprise and severity; the value shown is the position."""
    return table_of(
        [
            {"check_id": check, "code": f"C-{check}", "unit_id": unit, "severity": severity,
             "value_shown": str(position), "source_row": position + 2}
            for position, (check, unit, severity) in enumerate(rows)
        ],
        FINDING_COLUMNS,
    )  # fmt: skip


def test_checks_with_most_errors_come_first_with_their_definition() -> None:
    still = findings(("a", "F1", "warning"), ("b", "F1", "error"), ("a", "F2", "info"), ("b", "F2", "error"))
    first, second = by_check(still, SUMMARY)
    assert (first.title, first.detail, first.n_errors, first.n_warnings) == (
        "C-b · b", "fails when b", 2, 0,
    )  # fmt: skip
    assert (second.title, second.n_errors, second.n_warnings, second.n_infos) == ("C-a · a", 0, 1, 1)
    assert first.header == ("Row", "Enterprise", "Found") and first.is_number == (True, False, False)
    assert first.rows == (("3", "F1", "1"), ("5", "F2", "3"))


def test_a_listing_says_how_many_more_there_are() -> None:
    (listing,) = by_check(findings(*[("a", "F1", "error")] * (MOST_ROWS + 7)), SUMMARY)
    assert (len(listing.rows), listing.n_more, listing.n_errors) == (MOST_ROWS, 7, MOST_ROWS + 7)


def test_findings_of_no_enterprise_are_in_no_listing_of_enterprises() -> None:
    found = by_group(findings(("a", "", "error"), ("a", "F2", "error")), "unit_id", "Enterprise")
    assert [listing.title for listing in found] == ["Enterprise F2"]


def test_the_enterprises_with_most_errors_are_listed() -> None:
    many = [("a", f"F{n:04d}", "warning") for n in range(MOST_ENTERPRISES + 5)]
    found = by_group(findings(*many, ("a", "F9999", "error")), "unit_id", "Enterprise")
    assert len(found) == MOST_ENTERPRISES and found[0].title == "Enterprise F9999"


@pytest.mark.parametrize("column", ["unit_id", "enumerator"])
def test_no_findings_give_no_listings(column: str) -> None:
    assert by_group(findings(), column, "Enterprise") == () and by_check(findings(), SUMMARY) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(["", "F1", "F2", "F10"]),
            st.sampled_from(["error", "warning", "info"]),
        ),
        max_size=30,
    )
)
def test_groups_are_those_found_row_by_row(rows: list[tuple[str, str, str]]) -> None:
    still = findings(*rows)
    names = sorted({unit for _, unit, _ in rows} - {""})
    counted = {
        name: tuple(sum(r[1:] == (name, s) for r in rows) for s in ("error", "warning", "info"))
        for name in names
    }
    order = sorted(names, key=lambda name: (-counted[name][0], -counted[name][1]))
    found = by_group(still, "unit_id", "Enterprise")
    assert [listing.title for listing in found] == [f"Enterprise {name}" for name in order]
    for name, listing in zip(order, found, strict=True):
        assert (listing.n_errors, listing.n_warnings, listing.n_infos) == counted[name]
        at = listing.header.index("Found")
        mine = np.flatnonzero([unit == name for _, unit, _ in rows])
        assert [cells[at] for cells in listing.rows] == [str(position) for position in mine]
