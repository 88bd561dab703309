"""The central study, once without errors and once with them, and how its files are declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from impacteval.codebook import Codebook, Variable
from impacteval.delivery import FileDetail, SourceTable
from impacteval.simulation.programme_study.exports import raw_files
from impacteval.simulation.programme_study.instruments import (
    INSTRUMENTS,
    Instrument,
    read_instruments,
)
from impacteval.simulation.programme_study.planted_errors import Planted, plant
from impacteval.simulation.programme_study.report import Reported, report
from impacteval.simulation.programme_study.truth import draw_truth
from impacteval.simulation.programme_study.writing import (
    RECALLED,
    SYSTEM_COLUMNS,
    WAVES,
    Delivery,
    written,
)
from support.programme_parameters import parameters

ROOT = Path(__file__).resolve().parents[2]
FORMS = ROOT / "config" / "score_indonesia" / "forms"
SEED = 20092012
CODES = ("-98=refused", "-99=dont_know")
TYPES = {
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "today": "date",
    "start": "datetime",
    "end": "datetime",
}


@dataclass(frozen=True)
class Study:
    """What was reported, what is delivered of it without errors, and what with them."""

    reported: Reported
    clean: Delivery
    planted: Planted


@cache
def instruments() -> dict[str, Instrument]:
    """The questionnaires of the study."""
    return read_instruments(FORMS)


@cache
def central_study(seed: int = SEED) -> Study:
    """Draw the central study."""
    reported = report(draw_truth(parameters(), "central", seed))
    clean = written(reported, instruments(), seed)
    return Study(
        reported=reported, clean=clean, planted=plant(clean, parameters().errors, instruments(), seed)
    )


def write_raw(folder: Path, delivery: Delivery) -> Path:
    """Write the raw files of a delivery."""
    for name, content in raw_files(delivery).items():
        (folder / name).write_bytes(content)
    return folder


def declared_tables() -> list[SourceTable]:
    """How a study declares the files of interviews."""
    return [_declared(instruments()[name]) for name in INSTRUMENTS]


def _declared(instrument: Instrument) -> SourceTable:
    name = instrument.name
    files = tuple(f"{name}_R{wave}.csv" for wave in WAVES)
    late = [
        v.column
        for v in variables_of(instrument)
        if (header := instrument.header.get(v.column, "")).rpartition("/")[0] not in RECALLED[name] and header
    ]
    details = [
        FileDetail(file=file, constants={"wave": str(wave)}, absent=tuple(late) if wave == 0 else ())
        for wave, file in zip(WAVES, files, strict=True)
    ]
    return SourceTable(
        name=name, files=files, format="csv", delimiter=";", group_separator="/", details=tuple(details)
    )


def declared_codebook() -> Codebook:
    """Types of all columns of interviews as their questionnaires ask them."""
    return Codebook(variables=tuple(v for name in INSTRUMENTS for v in variables_of(instruments()[name])))


def variables_of(instrument: Instrument) -> list[Variable]:
    """Variables of a table: its wave, questions, position and what the server adds."""
    return list(_variables(instrument))


def _variables(instrument: Instrument) -> Iterator[Variable]:
    yield _variable(instrument.name, "wave", "integer")
    for question in instrument.form.questions:
        if question.type == "geopoint":
            yield _variable(instrument.name, "_gps_latitude", "decimal")
            yield _variable(instrument.name, "_gps_longitude", "decimal")
        elif question.name.endswith("_idr"):
            yield _variable(instrument.name, question.name, "decimal", format="id")
        else:
            kind = TYPES.get(question.type, "text")
            day = "%d/%m/%Y" if kind == "date" else ""
            yield _variable(instrument.name, question.name, kind, format=day)
    for column in SYSTEM_COLUMNS:
        yield _variable(instrument.name, column, "datetime" if column == "_submission_time" else "text")


def _variable(table: str, column: str, kind: str, *, format: str = "") -> Variable:
    return Variable(
        table=table,
        column=column,
        type=kind,
        unit="",
        required="no",
        confidential="no",
        minimum=None,
        maximum=None,
        allowed=(),
        missing_codes=() if column in ("wave", "_gps_latitude", "_gps_longitude") else CODES,
        label=column,
        format=format,
    )


def wide(delivery: Delivery, name: str) -> pd.DataFrame:
    """Interviews by their key."""
    return delivery.interviews[name].text.set_index("_uuid")
