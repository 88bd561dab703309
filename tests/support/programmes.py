"""A made-up programme: who was trained, what it cost, and what was to be reached."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from impacteval.derivation import Parameter
from impacteval.programme.types import CostLedger, FrameworkRow, Programme, Reached

LEDGER = CostLedger(
    table="costs",
    booked_on="booked_on",
    component="component",
    payer="payer",
    amount="amount",
    currency="currency",
    currency_shown="USD",
    rate="idr_per_usd",
    fees=("fee",),
)
PROGRAMME = Programme(costs=LEDGER, trained=Reached(table="people", person="person", unit="firm"))
PEOPLE = FrameworkRow(
    indicator="people_trained",
    label="People trained",
    label_id="Orang terlatih",
    level="output",
    unit="people",
    table="people",
    measure="distinct",
    column="person",
    where=(),
    counted=(),
    by=(),
    date="day",
    baseline=0.0,
    target=4.0,
    target_on="2012-09-30",
    source="plan",
    note="",
)


def row(**changes: object) -> FrameworkRow:
    """A row of the results framework; people trained where nothing else is said."""
    return replace(PEOPLE, **changes)


def people() -> pd.DataFrame:
    """Five attendances of three persons; one has no day, one no sex and no mark."""
    rows = [
        ("a", "p1", "2010-11-02", "f", 5),
        ("a", "p1", "2011-02-01", "f", 3),
        ("a", "p2", "2011-08-31", "m", 4),
        ("b", "p3", "2011-09-01", None, None),
        ("b", "p4", None, "f", 5),
    ]
    frame = pd.DataFrame(rows, columns=["firm", "person", "day", "sex", "mark"])
    frame["day"] = pd.to_datetime(frame["day"])
    return frame.astype({"firm": "str", "person": "str", "sex": "str", "mark": "Int64"})


def ledger() -> pd.DataFrame:
    """Two years of costs in two currencies: 700 dollars, 100 of them fees."""
    rows = [
        ("2010-12-31", "staff", "donor", 400.0, "USD"),
        ("2011-01-01", "staff", "donor", 1_000_000.0, "IDR"),
        ("2011-06-01", "training", "fee", 100.0, "USD"),
        ("2011-06-02", "training", "donor", 1_000_000.0, "IDR"),
    ]
    frame = pd.DataFrame(rows, columns=["booked_on", "component", "payer", "amount", "currency"])
    frame["booked_on"] = pd.to_datetime(frame["booked_on"])
    texts = dict.fromkeys(("component", "payer", "currency"), "str")
    return frame.astype(texts).assign(source_file="costs.csv", source_row=range(2, 6))


def rate(value: float = 10_000.0, *, valid_from: str = "2011-01-01", valid_to: str = "") -> Parameter:
    """A rate of rupiah for a dollar from a day on."""
    return Parameter(
        parameter="idr_per_usd",
        valid_from=valid_from,
        valid_to=valid_to,
        place="",
        value=value,
        unit="IDR per USD",
        source="made up",
        vintage="",
        retrieved="",
    )
