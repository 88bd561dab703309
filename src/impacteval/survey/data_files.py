"""A look at a data file before there is a codebook: its format, its columns, its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import pandas as pd

from impacteval.codebook import Codebook
from impacteval.delivery import FileFormat, SourceTable
from impacteval.errors import DataError
from impacteval.survey.labels import labels_of
from impacteval.survey.number_text import number_text
from impacteval.survey.problems import raise_errors, unknown_columns
from impacteval.survey.read import read_all, read_table
from impacteval.survey.statistical_files import is_user_missing
from impacteval.survey.statistical_meta import FileVariable

Delimiter: TypeAlias = Literal[",", ";", "\t", "|"]
Encoding: TypeAlias = Literal["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"]
FORMATS: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".dta": "stata",
    ".sav": "spss",
    ".zsav": "spss",
    ".parquet": "parquet",
}
DELIMITERS: tuple[Delimiter, ...] = (",", ";", "\t", "|")
# In this order: latin-1 decodes anything.
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "cp1252", "latin-1")
LONGEST_HEADER = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A file that holds a table, as far as it is known when its study is drafted.

    ``text`` has the file's columns and, where the file was read, its cells; without columns nothing
    is known but the name. ``repeat`` is the repeat of the form whose rows the file holds (empty: the
    interviews). ``labels`` and ``value_labels`` are those that statistical software keeps,
    ``missing_values`` the values that it holds as missing.
    """

    table: str
    file: str = ""
    format: FileFormat = "csv"
    delimiter: Delimiter = ","
    encoding: Encoding = "utf-8"
    sheet: str = ""
    repeat: str = ""
    text: pd.DataFrame = field(default_factory=pd.DataFrame)
    labels: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns as the file has them."""
        return tuple(str(name) for name in self.text.columns)

    def cells(self, column: str) -> pd.Series:
        """Cells of a column that are not empty, without outer blanks, each text once; none of no column."""
        if column not in self.text.columns:
            return pd.Series(dtype="str")
        cells = self.text[column].astype("str").str.strip()
        return cells[cells != ""].drop_duplicates()


def with_header(table: str, header: Sequence[str], *, file: str = "", repeat: str = "") -> DataFile:
    """A file of which only the header is known."""
    text = pd.DataFrame({name: pd.Series(dtype="str") for name in header})
    return DataFile(table=table, file=file or f"{table}.csv", text=text, repeat=repeat)


def look_at(path: Path, table: str, *, repeat: str = "", sheet: str = "") -> DataFile:
    """Read a data file as text, under the format, delimiter and encoding that it seems to have.

    Raises
    ------
    DataError
        When the file is of another format or cannot be read.
    """
    if path.suffix.lower() not in FORMATS:
        raise DataError(f"{path.name}: unknown kind of file; allowed: {', '.join(FORMATS)}")
    if not path.is_file():
        raise DataError(f"{path.name}: not found; put the file there or correct its name")
    format_ = FORMATS[path.suffix.lower()]
    encoding = _encoding(path) if format_ == "csv" else "utf-8"
    delimiter = _delimiter(path, encoding) if format_ == "csv" else ","
    source = SourceTable(
        name=table, files=(path.name,), format=format_, delimiter=delimiter, encoding=encoding, sheet=sheet
    )
    described = labels_of(path).variables if format_ in {"stata", "spss"} else ()
    return DataFile(
        table=table,
        file=path.name,
        format=format_,
        delimiter=delimiter,
        encoding=encoding,
        sheet=sheet,
        repeat=repeat,
        text=_text(path, source),
        labels={v.name: v.label for v in described if v.label},
        value_labels={
            v.name: {_shown(value): label for value, label in v.choices.items()}
            for v in described
            if v.choices
        },
        missing_values={v.name: _held_missing(v) for v in described if v.missing},
    )


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else number_text(value)


def _held_missing(variable: FileVariable) -> tuple[str, ...]:
    """Single values, and labelled values of ranges, that a file declares missing."""
    single = [low for low, high in variable.missing if low == high]
    labelled = [value for value in variable.choices if is_user_missing(value, variable.missing)]
    return tuple(dict.fromkeys(_shown(value) for value in (*single, *labelled)))


def _text(path: Path, source: SourceTable) -> pd.DataFrame:
    """All columns of a file; reading it without a codebook tells their names."""
    _, remarks = read_all(path.parent, [source], Codebook(variables=()))
    raise_errors(remarks)
    header = [column for _, column in unknown_columns(remarks, source.name)]
    return read_table(path.parent, source, header)[header]


def _encoding(path: Path) -> Encoding:
    """The first encoding that decodes the whole file; UTF-16 only where a file begins with its mark."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ENCODINGS:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _delimiter(path: Path, encoding: Encoding) -> Delimiter:
    """The delimiter that cuts the first line into most cells."""
    with path.open(encoding=encoding, newline="") as lines:
        line = lines.readline(LONGEST_HEADER)
    return max(DELIMITERS, key=line.count)
