"""Delimited text, strictly: every record is as long as the header, and nothing is inferred."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from impacteval.survey.headers import match_columns
from impacteval.survey.problems import N_PLACES, FileProblem, Place, errors_among, listed
from impacteval.survey.raw_file import FileText, RawFile, unusable
from impacteval.survey.text_columns import TextColumns
from impacteval.survey.text_encoding import (
    encoding_problems,
    is_utf8_after_all,
    python_encoding,
    undecodable,
)

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_CELL = 1_000_000
LONGEST_LINE = 64_000_000
csv.field_size_limit(LONGEST_CELL)
DELIMITERS = (",", ";", "\t", "|")


class LineTooLongError(ValueError):
    """A line that no survey has: the file is no text, or its line ends are lost."""


@dataclass(slots=True)
class RowShape:
    """What the records of a file look like beside its header, while it is read."""

    width: int
    n_records: int = 0
    lengths: dict[int, int] = field(default_factory=dict)
    wrong: list[tuple[int, int]] = field(default_factory=list)
    only_last_is_empty: bool = True
    headers: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    last_blank_run: int = 0

    def note_wrong(self, line: int, record: Sequence[str]) -> None:
        """Remember a record that is longer or shorter than the header."""
        self.lengths[len(record)] = self.lengths.get(len(record), 0) + 1
        self.only_last_is_empty &= len(record) == self.width + 1 and record[-1] == ""
        if len(self.wrong) < N_PLACES:
            self.wrong.append((line, len(record)))


def read_csv(file: RawFile) -> FileText:
    """Read a CSV or TSV file as text; a record's row is the line that it begins on."""
    problems = encoding_problems(file)
    if errors_among(problems):
        return unusable(problems)
    if file.table.encoding in {"cp1252", "latin-1"} and is_utf8_after_all(file.path):
        message = f"declared {file.table.encoding}, but all its bytes are UTF-8"
        return unusable([file.error("C02", message, "declare encoding: utf-8")])
    try:
        with file.path.open(encoding=python_encoding(file), errors="strict", newline="") as text:
            return _read_text(text, file, problems)
    except UnicodeError:
        return unusable([*problems, *undecodable(file)])


def _read_text(text: TextIO, file: RawFile, problems: list[FileProblem]) -> FileText:
    reader = csv.reader(_lines(text), delimiter=file.table.delimiter, strict=True)
    try:
        header = next(reader, None)
    except (csv.Error, LineTooLongError) as error:
        return unusable([*problems, _broken(file, 1, error)])
    if not header:
        return unusable([*problems, file.error("C03", "empty; expected a header and rows", "fetch it again")])
    match = match_columns(header, file)
    problems = [*problems, *_wrong_delimiter(header, file), *match.problems]
    columns, shape = TextColumns(header, match, file), RowShape(width=len(header))
    ended = _read_records(reader, header, columns, shape, file)
    return columns.finish([*problems, *_shape_problems(shape, file), *ended])


def _lines(text: TextIO) -> Iterator[str]:
    """Lines of a file, none of them so long that memory could not hold its cells."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise LineTooLongError(f"a line of more than {LONGEST_LINE:,} characters")
        yield line


def _read_records(
    reader: Reader, header: list[str], columns: TextColumns, shape: RowShape, file: RawFile
) -> list[FileProblem]:
    """Sort all records into batches; return what ended the reading before the file ended."""
    batch: list[list[str]] = []
    lines: list[int] = []
    size, n_rows, begins = columns.batch_rows, 0, reader.line_num + 1
    try:
        for record in reader:
            if len(record) == shape.width and (shape.width == 1 or record != header):
                batch.append(record)
                lines.append(begins)
            else:
                _note_unusual(shape, begins, record, header)
            begins = reader.line_num + 1
            if len(batch) == size:
                n_rows += size
                columns.add_rows(batch, lines)
                batch, lines = [], []
                if n_rows > file.table.max_rows:
                    return [too_many_rows(file)]
    except (csv.Error, LineTooLongError) as error:
        return [_broken(file, begins, error)]
    finally:
        columns.add_rows(batch, lines)
        shape.n_records += n_rows + len(batch)
    return [too_many_rows(file)] if n_rows + len(batch) > file.table.max_rows else []


def _note_unusual(shape: RowShape, line: int, record: list[str], header: list[str]) -> None:
    """Remember a blank line, a header that stands again, and a record of another length."""
    if not record:
        shape.blank.append(line)
        return
    shape.n_records += 1
    if record == header:
        shape.headers.append(line)
    else:
        shape.note_wrong(line, record)


def too_many_rows(file: RawFile) -> FileProblem:
    """Say that a file has more rows than its table may have."""
    message = f"more than {file.table.max_rows:,} rows (max_rows)"
    return file.error("C03", message, "raise max_rows of the table if the file is meant to be so long")


def _broken(file: RawFile, line: int, error: Exception) -> FileProblem:
    place = Place(row=line, words=f"{file.row_noun} {line}")
    return file.error("C03", str(error), "check the quotes on this line; nothing after it was read", place)


def _wrong_delimiter(header: Sequence[str], file: RawFile) -> list[FileProblem]:
    """A header that is one cell though another delimiter stands in it."""
    if len(header) > 1:
        return []
    others = [d for d in DELIMITERS if d != file.table.delimiter and d in header[0]]
    return [
        file.error(
            "C03",
            f"the header is one cell and has {header[0].count(d)} times {d!r} in it",
            f"declare delimiter: {d!r}",
            Place(row=1, words=f"{file.row_noun} 1"),
        )
        for d in others[:1]
    ]


def _shape_problems(shape: RowShape, file: RawFile) -> list[FileProblem]:
    problems = []
    n_wrong = sum(shape.lengths.values())
    if n_wrong and n_wrong == shape.n_records and len(shape.lengths) == 1 and n_wrong > 1:
        problems.append(_all_wrong(shape, file))
    else:
        problems += _some_wrong(shape, n_wrong, file)
    if shape.headers and shape.width > 1:
        place = Place(row=shape.headers[0], words=listed(shape.headers, file.row_noun))
        message = "the header stands again; exports were probably joined"
        problems.append(file.error("C03", message, "deliver them as files of their own", place))
    if shape.blank:
        place = Place(row=shape.blank[0], words=listed(shape.blank, file.row_noun))
        problems.append(file.remark("C03", f"{len(shape.blank)} blank, left out", place=place))
    return problems


def _all_wrong(shape: RowShape, file: RawFile) -> FileProblem:
    (length,) = shape.lengths
    message = f"all {shape.n_records:,} rows have {length} cells where the header has {shape.width}"
    suggestion = "export it again with a name for every column"
    if length == shape.width + 1:
        reason = "; the last is always empty" if shape.only_last_is_empty else ""
        message += f"{reason}; read loosely, every value would silently shift by one column"
    return file.error("C03", message, suggestion)


def _some_wrong(shape: RowShape, n_wrong: int, file: RawFile) -> list[FileProblem]:
    suggestion = "look for a missing or unquoted separator"
    problems = [
        file.error(
            "C03",
            f"{length} cells where the header has {shape.width}",
            suggestion,
            Place(row=line, words=f"{file.row_noun} {line}"),
        )
        for line, length in shape.wrong
    ]
    if n_wrong > len(shape.wrong):
        message = f"{n_wrong - len(shape.wrong):,} more rows of another length than the header"
        problems.append(file.error("C03", message, suggestion))
    return problems
