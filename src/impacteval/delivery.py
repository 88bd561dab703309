"""How survey data are delivered: files, formats, forms, and what each column is for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from impacteval.closed import Closed

FileFormat: TypeAlias = Literal["csv", "xlsx", "stata", "spss", "parquet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedSource(Closed):
    """A data file that a pinned Python package carries: ``resource`` is its path in the package."""

    package: str
    version: str
    resource: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFileNote(Closed):
    """Where a raw file that is not in the repository can be had."""

    file: str
    obtain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles(Closed):
    """What columns of a table are for; an empty one says that the table has no such column.

    ``unit`` and ``period`` identify a row (workers also have ``member``); ``submission`` is the key
    that the collecting software gave it. ``start``, ``end`` and ``submitted`` are times; ``consent``
    holds one of ``consent_given`` where the respondent agreed. ``status`` is the outcome of a visit.
    """

    unit: str = ""
    member: str = ""
    period: str = ""
    submission: str = ""
    enumerator: str = ""
    device: str = ""
    start: str = ""
    end: str = ""
    submitted: str = ""
    form_version: str = ""
    consent: str = ""
    consent_given: tuple[str, ...] = ()
    status: str = ""
    arm: str = ""
    stratum: str = ""
    weight: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    district: str = ""
    latitude: str = ""
    longitude: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDetail(Closed):
    """What one file of a table needs: columns it lacks, columns it names otherwise.

    ``constants`` gives columns one value in all rows of the file, say its round; ``renamed`` maps a
    name in the file to the codebook's; ``absent`` lists columns that were not asked.
    """

    file: str
    constants: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentLink(Closed):
    """How rows of a repeat group find the submission that they belong to.

    Column ``own`` of this table holds the value that column ``key`` has in table ``table``; the
    columns ``carried`` of that table are added to each row.
    """

    table: str
    own: str
    key: str
    carried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable(Closed):
    """One table as delivered: the files that hold its rows and how they are written.

    ``member`` names the file to read where ``files`` are zip archives, ``sheet`` the sheet of a
    workbook (empty: the only one). Columns are the codebook's; a header ``group/sub/question`` is
    found by its end, ``question``, where ``group_separator`` is ``/``. Files above ``max_megabytes``
    and tables above ``max_rows`` are refused.
    """

    name: str
    files: tuple[str, ...]
    format: FileFormat
    delimiter: Literal[",", ";", "\t", "|"] = ","
    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"] = "utf-8"
    member: str = ""
    sheet: str = ""
    group_separator: Literal["", "/", ".", "-"] = ""
    details: tuple[FileDetail, ...] = ()
    parent: ParentLink | None = None
    roles: Roles = field(default_factory=Roles)
    ignored: tuple[str, ...] = ()
    max_megabytes: int = 500
    max_rows: int = 2_000_000

    def detail_of(self, file: str) -> FileDetail:
        """What is said of one file; nothing special where nothing is."""
        found = [d for d in self.details if d.file == file]
        return found[0] if found else FileDetail(file=file)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile(Closed):
    """An XLSForm in ``data/<study>/forms/``: the version that submissions name, and its first day.

    ``choices`` names the file of the choices where the sheets were saved as CSV.
    """

    table: str
    file: str
    version: str
    deployed: str = ""
    choices: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fieldwork(Closed):
    """The days, ``YYYY-MM-DD``, on which a round was in the field; an empty period is all rounds."""

    period: str = ""
    first_day: str
    last_day: str
