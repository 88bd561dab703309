"""Typed reports of the simulated study as text, as a survey firm exports them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.simulation.programme_study.habits import (
    CODES,
    STYLE_SHARES,
    STYLES,
    distinct_text,
    grouped,
    money_text,
    number_text,
    shortest,
)
from impacteval.simulation.programme_study.instruments import INSTRUMENTS, Instrument
from impacteval.simulation.programme_study.skips import without_skipped
from impacteval.simulation.programme_study.streams import Streams
from impacteval.simulation.programme_study.visits import devices, server_numbers, with_visits
from impacteval.survey.form_parts import Question

SYSTEM_COLUMNS = ("_id", "_uuid", "_submission_time", "__version__", "_submitted_by", "_index")
GPS = ("_gps_latitude", "_gps_longitude")
WAVES = (0, 1, 2, 3)
# Groups of questions of the round that is asked for afterwards.
RECALLED = {
    "enterprise": ("", "id", "employment", "finance", "hours"),
    "workers": ("", "id", "person", "pay"),
}
FIRST_NUMBER = {"enterprise": 104_201, "workers": 310_001}
# Enumerators who write all amounts alike, whatever the enterprise does.
OWN_STYLE_SHARE = 0.2
REMARKS = (
    "listrik padam 2 hari dalam seminggu",
    "mesin baru dibeli tahun 2008, 3 unit",
    "omzet turun karena pesanan berkurang",
    "data penjualan dari buku besar",
    "wawancara dilanjutkan pukul 14.30",
    "bagian keuangan menghitung ulang angka biaya",
    "responden meminta hasil survei 2010/2011",
    "sebagian pekerja sedang dipindahkan ke gedung baru",
)
REMARKED = 0.15


class Reported(Protocol):
    """What enterprises and workers said: typed tables, and for each cell why it is missing."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables by name; those of interviews have the column ``wave``."""

    @property
    def reasons(self) -> Mapping[str, pd.DataFrame]:
        """Reasons by table and column: empty, refused, dont_know or not_recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A table of interviews as text.

    ``text`` has the questions' names and ``wave``; ``amounts`` the money in it as numbers, missing
    where no amount is written; ``styles`` says how the amounts of each row are written; ``headers``
    are the names that columns have in files. Rows of all three agree.
    """

    text: pd.DataFrame
    amounts: pd.DataFrame
    styles: npt.NDArray[np.str_]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """All that is delivered: interviews, and other tables as text."""

    interviews: Mapping[str, Written]
    registers: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def written(reported: Reported, instruments: Mapping[str, Instrument], seed: int) -> Delivery:
    """Write all tables as text, without errors."""
    streams = Streams(seed)
    interviews = {name: _interviews(reported, instruments[name], streams) for name in INSTRUMENTS}
    registers = {
        name: register_text(table) for name, table in reported.tables.items() if name not in interviews
    }
    return Delivery(interviews=interviews, registers=registers)


def _interviews(reported: Reported, instrument: Instrument, streams: Streams) -> Written:
    name = instrument.name
    table = with_visits(reported.tables[name].reset_index(drop=True), name, streams)
    table = _in_order(table, instrument, streams)
    reasons = reported.reasons.get(name, pd.DataFrame())
    reasons = reasons.reset_index(drop=True).reindex(table.index)
    table, reasons = table.reset_index(drop=True), reasons.reset_index(drop=True)
    styles = money_styles(table, streams)
    text, amounts = {"wave": distinct_text(table["wave"], lambda v: shortest(float(str(v))))}, {}
    for question in instrument.form.questions:
        if question.name in table.columns:
            column = question.name
            if is_money(question):
                amounts[column] = table[column].astype("float64").round()
            cells = answer_text(table[column], question, styles)
            text[column] = with_codes(cells, reasons.get(column))
    text |= {c: _degrees(table[c]) for c in GPS if c in table.columns}
    text |= {c: table[c].astype("str") for c in SYSTEM_COLUMNS}
    frame = without_skipped(pd.DataFrame(text), instrument)
    told = pd.DataFrame(amounts)
    return Written(
        text=frame,
        amounts=told.where(frame[told.columns] != ""),
        styles=styles,
        headers=headers_of(instrument),
    )


def _in_order(table: pd.DataFrame, instrument: Instrument, streams: Streams) -> pd.DataFrame:
    """Rows as files list them, with what device, server and enumerator add."""
    by_file = table.sort_values(["wave", "_submission_time", "_uuid"], kind="stable")
    name, n = instrument.name, len(by_file)
    rng = streams.of(f"remarks.{name}")
    remarks = np.where(rng.random(n) < REMARKED, np.array(REMARKS)[rng.integers(0, len(REMARKS), n)], "")
    added = pd.DataFrame(
        {
            "_index": (by_file.groupby("wave", sort=False).cumcount() + 1).astype("str"),
            "_id": server_numbers(by_file["_submission_time"], FIRST_NUMBER[name]).astype(str),
            "__version__": instrument.version,
            "_submitted_by": "survei_" + by_file["enumerator"].str.lower(),
            "deviceid": devices(by_file["enumerator"], streams.seed),
            "comments": remarks,
        },
        index=by_file.index,
    )
    return pd.concat([by_file.drop(columns=list(added.columns), errors="ignore"), added], axis=1)


def is_money(question: Question) -> bool:
    """Whether a question asks for rupiah."""
    return question.name.endswith("_idr")


def answer_text(answers: pd.Series, question: Question, styles: npt.NDArray[np.str_]) -> pd.Series:
    """Answers to a question as text; missing ones are empty."""
    if is_money(question):
        return _amounts_text(answers, styles)
    if question.type in ("date", "today"):
        return pd.Series(answers.dt.strftime("%d/%m/%Y").astype("str").fillna(""))
    if pd.api.types.is_numeric_dtype(answers):
        return number_text(answers if question.type == "decimal" else answers.round())
    return answers.astype("str").fillna("")


def _amounts_text(answers: pd.Series, styles: npt.NDArray[np.str_]) -> pd.Series:
    told = answers.notna().to_numpy()
    cells = np.full(len(answers), "", dtype=object)
    cells[told] = money_text(answers[told].round().to_numpy(dtype=np.int64), styles[told])
    return pd.Series(cells, index=answers.index, dtype="str")


def _degrees(values: pd.Series) -> pd.Series:
    return distinct_text(values, lambda v: f"{float(str(v)):.6f}")


def with_codes(cells: pd.Series, reasons: pd.Series | None) -> pd.Series:
    """Codes in the place of answers that were refused or not known."""
    if reasons is None:
        return cells
    return cells.mask(reasons.isin([*CODES]), reasons.map(CODES).astype("str"))


def money_styles(table: pd.DataFrame, streams: Streams) -> npt.NDArray[np.str_]:
    """How each interview writes money: as the enterprise does, but for enumerators with their own way."""
    rng = streams.of("habits.money")
    firms, who = np.unique(table["enterprise_id"]), np.unique(table["enumerator"])
    style = pd.Series(rng.choice(STYLES, len(firms), p=STYLE_SHARES), index=firms)
    has_own = rng.random(len(who)) < OWN_STYLE_SHARE
    own = pd.Series(np.where(has_own, rng.choice(STYLES[:2], len(who)), ""), index=who)
    by_enumerator = table["enumerator"].map(own).to_numpy()
    by_firm = table["enterprise_id"].map(style).to_numpy()
    return np.where(by_enumerator != "", by_enumerator, by_firm).astype(str)


def headers_of(instrument: Instrument) -> dict[str, str]:
    """Names that columns have in an export: ``group/question``, and those of the server without group."""
    headers: dict[str, str] = {}
    for question, header in instrument.header.items():
        parts = GPS if question == "gps" else (question,)
        headers |= {part: header.removesuffix(question) + part for part in parts}
    return headers | {column: column for column in SYSTEM_COLUMNS}


def register_text(table: pd.DataFrame) -> pd.DataFrame:
    """A register as text: days in ISO form, numbers plain, amounts in the Indonesian way."""
    return pd.DataFrame({str(c): _register_column(table[c].reset_index(drop=True)) for c in table.columns})


def _register_column(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Series(column.dt.strftime("%Y-%m-%d").astype("str").fillna(""))
    if column.name == "amount":
        return distinct_text(column, lambda v: grouped(float(str(v))))
    if pd.api.types.is_numeric_dtype(column):
        return distinct_text(column, lambda v: shortest(float(str(v))))
    return column.astype("str").fillna("")
