"""A workbook as a zip archive: its parts are looked at one by one before a reader sees any."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from impacteval.survey.archives import blocks_of, opened_archive, size_problem
from impacteval.survey.headers import closest
from impacteval.survey.problems import FileProblem, RawFileError
from impacteval.survey.raw_file import MEGABYTE, RawFile
from impacteval.survey.sheet_scan import RefusedPartError, SheetFacts, SheetScan, guarded_parser

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
XML_ENDS = (".xml", ".rels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A worksheet that a workbook lists: its name, the part that holds it, whether people see it."""

    name: str
    part: str
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedWorkbook:
    """A workbook of checked parts alone, unpacked, with what a scan of the chosen sheet found."""

    path: Path
    sheet: Sheet
    hidden_sheets: tuple[str, ...]
    facts: SheetFacts


def checked_workbook(file: RawFile, folder: Path) -> CheckedWorkbook:
    """Copy the XML parts of a workbook that a reader needs into a new one, each looked at on the way.

    Readers of archives disagree on damaged ones; a copy leaves them nothing to disagree on.

    Raises
    ------
    RawFileError
        For an archive, a part or a sheet that is not safe to read, or not there.
    """
    with opened_archive(file, "an .xlsx workbook") as archive:
        _check_sizes(archive.infolist(), file)
        sheets = _sheets_of(archive, file)
        sheet = _chosen(sheets, file)
        scan, target = SheetScan(file.table.max_rows), folder / "checked.xlsx"
        left_out = {s.part for s in sheets} - {sheet.part}
        with ZipFile(target, "w", ZIP_STORED) as copied:
            for entry in archive.infolist():
                if not entry.filename.lower().endswith(XML_ENDS):
                    continue
                parser = scan.parser if entry.filename == sheet.part else guarded_parser()
                blocks = _parsed(archive, entry, parser, file)
                if entry.filename in left_out:
                    for _ in blocks:
                        pass
                    continue
                with copied.open(ZipInfo(entry.filename), "w", force_zip64=True) as part:
                    for block in blocks:
                        part.write(block)
    hidden = tuple(s.name for s in sheets if s.is_hidden)
    return CheckedWorkbook(path=target, sheet=sheet, hidden_sheets=hidden, facts=scan.facts)


def _check_sizes(entries: Sequence[ZipInfo], file: RawFile) -> None:
    limit = file.table.max_megabytes * MEGABYTE
    problems: list[FileProblem] = []
    for entry in entries:
        problems += size_problem(entry, limit, file)
    total = sum(e.file_size for e in entries)
    if total > limit and not problems:
        message = f"unpacks to {total / MEGABYTE:,.0f} MB, more than max_megabytes allows"
        problems.append(file.error("C01", message, "raise max_megabytes, or deliver the sheet as CSV"))
    if problems:
        raise RawFileError(problems)


def _parsed(archive: ZipFile, entry: ZipInfo, parser: expat.XMLParserType, file: RawFile) -> Iterator[bytes]:
    """Yield the blocks of a part once the parser has seen them."""
    try:
        for block in blocks_of(archive, entry, file):
            parser.Parse(block, False)
            yield block
        parser.Parse(b"", True)
    except RefusedPartError as error:
        raise RawFileError(
            [file.error("C02", f"part {entry.filename!r}: {error}", _remedy(error))]
        ) from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        message = f"part {entry.filename!r} is not whole ({error})"
        raise RawFileError(
            [file.error("C02", message, "open and save it in Excel, or fetch it again")]
        ) from error


def _remedy(error: RefusedPartError) -> str:
    if "document type" in str(error):
        return "do not open it; ask who made it"
    return "take out what lies far from the table, or deliver the sheet as CSV"


def _sheets_of(archive: ZipFile, file: RawFile) -> list[Sheet]:
    """Worksheets in the order of the workbook."""
    names = set(archive.namelist())
    if not {WORKBOOK, RELATIONS} <= names:
        kind = "an .xlsb or .ods workbook" if {"xl/workbook.bin", "content.xml"} & names else "no workbook"
        raise RawFileError(
            [file.error("C02", f"{kind}, or not whole: {WORKBOOK} is missing", "save it as .xlsx")]
        )
    targets = {
        a["Id"]: posixpath.normpath(posixpath.join("xl", a.get("Target", ""))).lstrip("/")
        for a in _elements(archive, RELATIONS, "Relationship", file)
        if "Id" in a and a.get("Type", "").endswith("/worksheet")
    }
    found = []
    for a in _elements(archive, WORKBOOK, "sheet", file):
        relation = next((value for key, value in a.items() if key.endswith(" id")), "")
        if targets.get(relation) in names:
            hidden = a.get("state", "visible") != "visible"
            found.append(Sheet(name=a.get("name", ""), part=targets[relation], is_hidden=hidden))
    return found


def _elements(archive: ZipFile, part: str, name: str, file: RawFile) -> list[Mapping[str, str]]:
    """Attributes of the elements of a name in a part."""
    found: list[Mapping[str, str]] = []

    def keep(element: str, attributes: Mapping[str, str]) -> None:
        if element.rpartition(" ")[2] == name:
            found.append(dict(attributes))

    parser = guarded_parser()
    parser.StartElementHandler = keep
    for _ in _parsed(archive, archive.getinfo(part), parser, file):
        pass
    return found


def _chosen(sheets: Sequence[Sheet], file: RawFile) -> Sheet:
    wanted = file.table.sheet
    names = [s.name for s in sheets]
    if wanted and names.count(wanted) == 1:
        return sheets[names.index(wanted)]
    if not wanted and len(sheets) == 1:
        return sheets[0]
    if not sheets:
        raise RawFileError([file.error("C02", "the workbook has no worksheet", "fetch it again")])
    if wanted:
        suggestion = closest(wanted, names).replace("the file has", "the workbook has")
        raise RawFileError([file.error("C02", f"no sheet {wanted!r}", suggestion)])
    shown = ", ".join(repr(n) for n in names[:20])
    message = f"{len(sheets)} sheets and none is declared: {shown}"
    raise RawFileError([file.error("C02", message, "name one under sheet")])
