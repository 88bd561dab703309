"""Delivered tables as files: the bytes of each, by name."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from impacteval.simulation.programme_study.writing import (
    RECALLED,
    WAVES,
    Delivery,
    Written,
)

SEPARATOR = ";"


def raw_files(delivery: Delivery) -> dict[str, bytes]:
    """The files of a delivery; those of interviews hold a round each."""
    files = {}
    for name, interviews in delivery.interviews.items():
        for wave in WAVES:
            files[f"{name}_R{wave}.csv"] = text_of(of_wave(interviews, name, wave))
    return files | {f"{name}.csv": text_of(table) for name, table in delivery.registers.items()}


def of_wave(interviews: Written, name: str, wave: int) -> pd.DataFrame:
    """Rows and columns of a file, headed as in an export."""
    rows = interviews.text["wave"] == str(wave)
    kept = [c for c in _columns(interviews, name, wave) if c in interviews.text.columns]
    return interviews.text.loc[rows, kept].rename(columns=interviews.headers)


def _columns(interviews: Written, name: str, wave: int) -> Iterator[str]:
    for column, header in interviews.headers.items():
        if wave > 0 or header.rpartition("/")[0] in RECALLED[name]:
            yield column


def text_of(table: pd.DataFrame) -> bytes:
    """A table as delimited text: UTF-8, LF, cells quoted where they must be."""
    import pyarrow as pa
    import pyarrow.compute as pc

    header = SEPARATOR.join(_quoted(str(c)) for c in table.columns)
    columns = [pa.array(_quoted_cells(table[c]), type=pa.string()) for c in table.columns]
    lines = pc.binary_join_element_wise(*columns, SEPARATOR).to_pylist() if len(table) else []
    return ("\n".join([header, *lines]) + "\n").encode("utf-8")


def _quoted_cells(cells: pd.Series) -> pd.Series:
    special = cells.str.contains(f'[{SEPARATOR}"\r\n]', regex=True)
    if not special.any():
        return cells
    return cells.mask(special, '"' + cells.str.replace('"', '""', regex=False) + '"')


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(f'{SEPARATOR}"\r\n') else cell
