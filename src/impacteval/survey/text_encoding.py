"""Whether the bytes of a text file are what the study declares."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from impacteval.survey.problems import N_PLACES, FileProblem, Place
from impacteval.survey.raw_file import RawFile

BLOCK = 1 << 20
UTF8_MARK = codecs.BOM_UTF8
OTHER_FORMATS = {
    b"PK\x03\x04": ("a zip archive or an .xlsx workbook", "declare format: xlsx, or name the file's member"),
    b"PK\x05\x06": ("an empty zip archive", "export it again"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("an old .xls or an encrypted workbook", "save it as .xlsx or CSV"),
    b"PAR1": ("a Parquet file", "declare format: parquet"),
    b"$FL2": ("an SPSS file", "declare format: spss"),
    b"$FL3": ("an SPSS file", "declare format: spss"),
    b"<stata_dta>": ("a Stata file", "declare format: stata"),
    b"\x1f\x8b": ("a gzip archive", "unpack it"),
    b"%PDF": ("a PDF document", "ask for the data"),
    b"<!DOCTYPE html": ("a web page", "the download probably asked for a login; fetch it again"),
    b"<html": ("a web page", "the download probably asked for a login; fetch it again"),
}


def encoding_problems(file: RawFile) -> list[FileProblem]:
    """Compare the first bytes of a text file with its declared encoding.

    Other formats, byte order marks of other encodings, and UTF-16 without a mark are said; a mark
    that belongs there is noted.
    """
    with file.path.open("rb") as content:
        head = content.read(4096)
    for magic, (what, suggestion) in OTHER_FORMATS.items():
        if head.lstrip()[: len(magic)].lower() == magic.lower():
            return [file.error("C02", f"this is {what}, not {file.table.format}", suggestion)]
    declared = file.table.encoding
    marked = _marked_encoding(head)
    if marked == "utf-8" and declared in {"utf-8", "utf-8-sig"}:
        return [file.remark("C02", "1 byte order mark at the beginning was left out")]
    if marked and marked != declared:
        message = f"begins with the byte order mark of {marked} but is declared {declared}"
        return [file.error("C02", message, f"declare encoding: {marked}")]
    if declared == "utf-16" and not marked:
        message = "declared utf-16 but begins with no byte order mark"
        return [file.error("C02", message, "declare its encoding, or export again with the mark")]
    if declared != "utf-16" and head.count(0) > len(head) // 3:
        return [file.error("C02", "looks like UTF-16 without a byte order mark", "export it again in UTF-8")]
    return []


def _marked_encoding(head: bytes) -> str:
    if head.startswith(UTF8_MARK):
        return "utf-8"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""


def python_encoding(file: RawFile) -> str:
    """The codec that reads the file: a byte order mark is no part of the text."""
    return "utf-8-sig" if file.table.encoding in {"utf-8", "utf-8-sig"} else file.table.encoding


def is_utf8_after_all(path: Path) -> bool:
    """Whether a file declared in a one-byte encoding has other letters than ASCII, all of them UTF-8."""
    decoder, plain = codecs.getincrementaldecoder("utf-8")(), True
    try:
        for block in _blocks(path):
            plain = plain and block.isascii()
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not plain


def undecodable(file: RawFile) -> list[FileProblem]:
    """Name the lines with bytes that the declared encoding does not have."""
    encoding = file.table.encoding
    suggestion = "declare the file's encoding in study.yaml or save it as UTF-8"
    if encoding == "utf-16":
        return [_undecodable_utf16(file, suggestion)]
    problems: list[FileProblem] = []
    more = 0
    with file.path.open("rb") as lines:
        for number, line in enumerate(_short_lines(lines), start=1):
            wrong = _wrong_bytes(line, encoding)
            more += bool(wrong) and len(problems) >= N_PLACES
            if wrong and len(problems) < N_PLACES:
                place = Place(row=number, words=f"{file.row_noun} {number}")
                message = f"the bytes {wrong} are not {encoding}"
                problems.append(file.error("C02", message, suggestion, place))
    if more:
        problems.append(
            file.error("C02", f"{more} more lines with bytes that are not {encoding}", suggestion)
        )
    return problems or [file.error("C02", f"not {encoding}", suggestion)]


def _wrong_bytes(line: bytes, encoding: str) -> str:
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return " ".join(f"{byte:02x}" for byte in line[error.start : error.start + 4])
    return ""


def _short_lines(content: Iterator[bytes]) -> Iterator[bytes]:
    """Lines as the bytes between line feeds; a file without any is one."""
    for line in content:
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _undecodable_utf16(file: RawFile, suggestion: str) -> FileProblem:
    decoder, line = codecs.getincrementaldecoder("utf-16")(), 1
    try:
        for block in _blocks(file.path):
            line += decoder.decode(block).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        message = f"not utf-16 after line {line} ({error.reason})"
        return file.error("C02", message, suggestion, Place(row=line, words=f"{file.row_noun} {line}"))
    return file.error("C02", "not utf-16", suggestion)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while block := content.read(BLOCK):
            yield block
