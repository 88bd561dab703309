"""A raw file as readers see it: where its bytes are, what is wanted of it, and what they found."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.delivery import FileDetail, SourceTable
from impacteval.survey.problems import FileProblem, Place, ProblemCode, ProblemSeverity

MEGABYTE = 1_000_000
NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """A file of a table.

    ``path`` is where its bytes lie, ``name`` what the study calls it, ``part`` the member of the
    archive or the sheet that is read, ``wanted`` the columns that the table needs of it; in those with
    ``decimal_comma`` a cell that is a number is written so, since its text is read so.
    """

    path: Path
    name: str
    table: SourceTable
    wanted: tuple[str, ...]
    part: str = ""
    decimal_comma: frozenset[str] = frozenset()

    @property
    def detail(self) -> FileDetail:
        """What the study says of this file alone."""
        return self.table.detail_of(self.name)

    @property
    def row_noun(self) -> str:
        """What a row is called where people look at the file."""
        nouns = {"csv": "line", "xlsx": "row", "stata": "observation", "spss": "case", "parquet": "row"}
        return nouns[self.table.format]

    def within(self, part: str, path: Path | None = None) -> RawFile:
        """The same file, of which a part is read, perhaps from where it was unpacked."""
        return replace(self, part=part, path=path or self.path)

    def error(
        self, code: ProblemCode, message: str, suggestion: str = "", place: Place = NOWHERE
    ) -> FileProblem:
        """Something that keeps the file from being used."""
        return self.remark(code, message, suggestion, place=place, severity="error")

    def remark(
        self,
        code: ProblemCode,
        message: str,
        suggestion: str = "",
        *,
        place: Place = NOWHERE,
        severity: ProblemSeverity = "info",
    ) -> FileProblem:
        """Something worth knowing about the file."""
        if self.part:
            words = f"{self.part}, {place.words}" if place.words else self.part
            place = replace(place, words=words)
        return FileProblem(
            code=code,
            table=self.table.name,
            file=self.name,
            message=message,
            suggestion=suggestion,
            place=place,
            severity=severity,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileText:
    """What a reader made of a file: text by column and each record's row; nothing where it is unusable."""

    columns: Mapping[str, pd.Series] | None
    rows: npt.NDArray[np.int64]
    problems: tuple[FileProblem, ...]


def unusable(problems: Sequence[FileProblem]) -> FileText:
    """A file of which no text can be used."""
    return FileText(columns=None, rows=np.empty(0, dtype="int64"), problems=tuple(problems))


def size_problems(file: RawFile) -> list[FileProblem]:
    """Say that a file is not there, is no plain file, is empty or is too large; nothing is read."""
    try:
        found = file.path.stat()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "not found"
        return [file.error("C01", f"cannot be opened ({reason})", "put the file there or correct study.yaml")]
    if not stat.S_ISREG(found.st_mode):
        return [file.error("C01", "not a plain file", "put the file itself there")]
    if found.st_size == 0:
        return [file.error("C03", "empty; expected a header and rows", "fetch it again")]
    limit = file.table.max_megabytes
    if found.st_size > limit * MEGABYTE:
        size = f"{found.st_size / MEGABYTE:,.0f} MB, more than max_megabytes ({limit})"
        return [
            file.error("C01", size, "raise max_megabytes of the table if the file is meant to be so large")
        ]
    return []
