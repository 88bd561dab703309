"""Errors of real surveys planted into a delivery, with a ledger of every change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from impacteval.simulation.programme_study.amount_errors import (
    english_marks,
    heap,
    make_negative,
    month_for_year,
    slip_units,
)
from impacteval.simulation.programme_study.habits import keys_of, plain
from impacteval.simulation.programme_study.instruments import Instrument
from impacteval.simulation.programme_study.parameters import ErrorRates
from impacteval.simulation.programme_study.plot import LEDGER_COLUMNS, Plot
from impacteval.simulation.programme_study.skips import donors, skipped
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.writing import Delivery

CODED_NUMBERS = ("elec_kwh", "hours_worked_total", "working_days", "training_person_hours_12m")
ATTITUDES = (
    *(f"sat{i}" for i in range(1, 6)),
    *(f"voice{i}" for i in range(1, 5)),
    *(f"resp{i}" for i in range(1, 5)),
)
UNDECLARED = ("-999", "-888", "-77")
PII = (
    "hubungi 081234567890",
    "NIK 3275014507890001",
    "kirim ke personalia@contoh.co.id",
    "NPWP 01.234.567.8-431.000",
)
TOTAL_SLIPS = (-10, -2, -1, 1, 5, 10)
SHORTENED_BY_BAD = 0.5
SHORT_MINUTES = (9, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A delivery with errors, and the ledger: a line for each changed cell.

    For an interview that was sent twice there is one line: ``column`` and ``planted`` are empty,
    ``submission`` is the key of the second one and ``clean`` that of the first.
    """

    delivery: Delivery
    ledger: pd.DataFrame


def plant(
    delivery: Delivery,
    rates: ErrorRates,
    instruments: Mapping[str, Instrument],
    seed: int,
) -> Planted:
    """Plant errors.

    Parameters
    ----------
    delivery : Delivery
    rates : ErrorRates
        Shares of the interviews in which an error can be: those of enterprises, for straight lines
        those of workers, for repeated ones both. ``heaping_money`` is a share of amounts, workers' too.
    instruments : mapping
    seed : int

    Returns
    -------
    Planted
    """
    streams = Streams(seed)
    firms = Plot("enterprise", delivery.interviews["enterprise"], streams)
    workers = Plot("workers", delivery.interviews["workers"], streams)
    shares = asdict(rates)
    for error, spoil in SPOILERS.items():
        spoil(firms, shares[error], error)
    violate_skips(firms, rates.skip_violation, instruments["enterprise"])
    straighten(workers, rates.straightline_workers)
    bad = bad_enumerators(firms, rates.bad_enumerators)
    spoilt = {}
    for plot in (firms, workers):
        heap(plot, rates.heaping_money, bad)
        changed = repeat(plot, rates.dup)
        interviews = delivery.interviews[plot.name]
        spoilt[plot.name] = replace(interviews, text=changed)
    ledger = pd.concat([*firms.lines, *workers.lines], ignore_index=True)
    return Planted(
        delivery=replace(delivery, interviews=spoilt),
        ledger=ledger[list(LEDGER_COLUMNS)].astype("str"),
    )


def mistype_id(plot: Plot, rate: float, error: str) -> None:
    """One digit of an enterprise's number changed, which its check digit then contradicts."""
    rows = plot.rows(error, rate)
    rng = plot.rng(f"{error}.digit")
    firms = plot.text["enterprise_id"].to_numpy(dtype=object)[rows]
    places, steps = rng.integers(6, 10, len(rows)), rng.integers(1, 10, len(rows))
    cells = [
        f"{firm[:place]}{(int(firm[place]) + step) % 10}{firm[place + 1 :]}"
        for firm, place, step in zip(firms, places, steps, strict=True)
    ]
    plot.change(error, rows, "enterprise_id", np.array(cells, dtype=object))


def miscount(plot: Plot, rate: float, error: str) -> None:
    """A total of workers that is not the sum of its parts."""
    rows = plot.rows(error, rate, plot.told("emp_total_reported"))
    totals = plot.text["emp_total_reported"].to_numpy(dtype=object)[rows].astype(np.int64)
    slips = plot.rng(f"{error}.slip").choice(TOTAL_SLIPS, len(rows))
    wrong = np.where(totals + slips > 0, totals + slips, totals + np.abs(slips))
    plot.change(error, rows, "emp_total_reported", wrong.astype(str).astype(object))


def lose_sign(plot: Plot, rate: float, error: str) -> None:
    """A latitude without its minus sign, which puts the plant north of the equator."""
    rows = plot.rows(error, rate, plot.text["_gps_latitude"].str.startswith("-").to_numpy(dtype=bool))
    cells = plot.text["_gps_latitude"].str.removeprefix("-").to_numpy(dtype=object)[rows]
    plot.change(error, rows, "_gps_latitude", cells)


def in_megawatt_hours(plot: Plot, rate: float, error: str) -> None:
    """Electricity in MWh where kWh are asked for."""
    rows = plot.rows(error, rate, plot.told("elec_kwh"))
    kwh = plot.text["elec_kwh"].to_numpy(dtype=object)[rows].astype(np.float64)
    cells = np.array([plain(max(value / 1000, 0.01)) for value in kwh], dtype=object)
    plot.change(error, rows, "elec_kwh", cells)


def undeclared_codes(plot: Plot, rate: float, error: str) -> None:
    """A code for a missing answer that the form does not have."""
    told = np.column_stack([plot.told(c) for c in CODED_NUMBERS])
    rows = plot.rows(error, rate, np.asarray(told.any(axis=1)))
    rng = plot.rng(f"{error}.code")
    place = (rng.random((len(rows), len(CODED_NUMBERS))) * told[rows]).argmax(axis=1)
    codes = rng.choice(UNDECLARED, len(rows)).astype(object)
    for i, column in enumerate(CODED_NUMBERS):
        plot.change(error, rows[place == i], column, codes[place == i])


def tell_names(plot: Plot, rate: float, error: str) -> None:
    """Personal data in a remark."""
    rows = plot.rows(error, rate, plot.is_held)
    remarks = plot.text["comments"].to_numpy(dtype=object)[rows]
    drawn = plot.rng(f"{error}.text").choice(PII, len(rows))
    cells = [f"{remark} {pii}".strip() for remark, pii in zip(remarks, drawn, strict=True)]
    plot.change(error, rows, "comments", np.array(cells, dtype=object))


SPOILERS: Mapping[str, Callable[[Plot, float, str], None]] = {
    "money_unit_1e3_1e6": slip_units,
    "month_vs_year": month_for_year,
    "decimal_comma_text": english_marks,
    "id_changed": mistype_id,
    "negative": make_negative,
    "emp_total_mismatch": miscount,
    "gps_out": lose_sign,
    "kwh_mwh": in_megawatt_hours,
    "missing_code_numeric": undeclared_codes,
    "pii_in_text": tell_names,
}


def violate_skips(plot: Plot, rate: float, instrument: Instrument) -> None:
    """An answer to a question that was not to be asked: that of another enterprise to it."""
    error = "skip_violation"
    is_skipped = skipped(plot.text, instrument)
    columns = list(is_skipped.columns)
    may = is_skipped.to_numpy(dtype=bool)
    rows = plot.rows(error, rate, np.asarray(may.any(axis=1)))
    rng = plot.rng(f"{error}.column")
    place = (rng.random((len(rows), len(columns))) * may[rows]).argmax(axis=1)
    for i, column in enumerate(columns):
        mine = rows[place == i]
        if len(mine):
            plot.change(error, mine, column, donors(plot.text[column], len(mine), rng))


def straighten(plot: Plot, rate: float) -> None:
    """The same answer to all views on work, also to those that are put the other way round."""
    error = "straightline_workers"
    rows = plot.rows(error, rate, plot.is_held)
    answer = plot.rng(f"{error}.answer").choice(["3", "4", "5"], len(rows), p=[0.3, 0.5, 0.2])
    for column in ATTITUDES:
        plot.change(error, rows, column, answer.astype(object))


def bad_enumerators(plot: Plot, n: int) -> list[str]:
    """Draw enumerators who round nearly all amounts, and end half of their interviews too early."""
    everyone = np.unique(plot.text["enumerator"].to_numpy(dtype=str))
    rng = plot.rng("bad_enumerators")
    bad = sorted(rng.choice(everyone, min(n, len(everyone)), replace=False).tolist())
    theirs = plot.text["enumerator"].isin(bad).to_numpy(dtype=bool)
    rows = np.flatnonzero(theirs & plot.is_held)
    rows = rows[rng.random(len(rows)) < SHORTENED_BY_BAD]
    started = plot.text["start"].str.slice(0, 19).to_numpy(dtype="datetime64[s]")[rows]
    minutes = rng.integers(*SHORT_MINUTES, len(rows)).astype("timedelta64[m]")
    ended = np.datetime_as_string(started + minutes, unit="s")
    plot.change("short_interview", rows, "end", np.array([f"{t}.000+07:00" for t in ended], dtype=object))
    return bad


def repeat(plot: Plot, rate: float) -> pd.DataFrame:
    """Add interviews that were sent twice, under a key of their own, at the end of their file."""
    rows = plot.rows("dup", rate)
    again = plot.text.iloc[rows].copy()
    first = again["_uuid"].to_numpy(dtype=object)
    again["_uuid"] = keys_of(plot.streams.seed, [f"again/{key}" for key in first])
    largest = plot.text["_id"].astype("int64").max() if len(plot.text) else 0
    again["_id"] = (largest + 1 + np.arange(len(again))).astype(str)
    counts = plot.text.groupby("wave").size()
    turn = again.groupby("wave").cumcount() + 1
    again["_index"] = (again["wave"].map(counts).astype("int64") + turn).astype("str")
    plot.lines.append(
        pd.DataFrame(
            {
                "error": "dup",
                "table": plot.name,
                "file": plot.files(rows),
                "submission": again["_uuid"].to_numpy(dtype=object),
                "column": "",
                "clean": first,
                "planted": "",
            }
        )
    )
    return pd.concat([plot.text, again], ignore_index=True)
