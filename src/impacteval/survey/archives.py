"""Zip archives that nobody vouches for: what they claim is checked, and what they unpack to is measured."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile, ZipInfo

from impacteval.survey.headers import closest
from impacteval.survey.problems import FileProblem, RawFileError
from impacteval.survey.raw_file import MEGABYTE, RawFile

MOST_ENTRIES = 50_000
HIGHEST_RATIO = 150
RATIO_MATTERS_ABOVE = 10 * MEGABYTE
BLOCK = 1 << 20
LOCAL_HEADER = 30
ENCRYPTED = 0x1
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)")
# Characters that a file system or a reader may take for a slash.
SLASHES = re.compile("[\\\\\u2044\u2215\uff0f\uff3c\x00-\x1f:]")
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


@contextmanager
def opened_archive(file: RawFile, what: str) -> Iterator[ZipFile]:
    """Open a zip archive whose directory is sound.

    Raises
    ------
    RawFileError
        For a file that is none, too many entries, names that lead elsewhere or stand twice, links,
        encryption, and entries that lie over each other.
    """
    try:
        archive = ZipFile(file.path)
    except (*DAMAGED, UnicodeError) as error:
        raise RawFileError([file.error("C02", f"not {what} ({error})", _not_zip(file.path))]) from error
    with archive:
        problems = list(directory_problems(archive.infolist(), file))
        if problems:
            raise RawFileError(problems)
        yield archive


def _not_zip(path: Path) -> str:
    with path.open("rb") as content:
        head = content.read(8)
    if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "it is an old .xls or has a password; save it as .xlsx without one"
    return "fetch it again and compare its hash with raw.lock"


def directory_problems(entries: Sequence[ZipInfo], file: RawFile) -> Iterator[FileProblem]:
    """What is wrong with the list of an archive's entries."""
    if len(entries) > MOST_ENTRIES:
        yield file.error(
            "C02", f"{len(entries):,} entries, more than {MOST_ENTRIES:,}", "deliver the data alone"
        )
        return
    names = [e.filename for e in entries]
    suggestion = "do not unpack it; make the archive again"
    for entry in entries:
        reason = _unsafe(entry)
        if reason:
            yield file.error("C02", f"the entry {entry.filename!r} {reason}", suggestion)
    for name in sorted({n for n in names if names.count(n) > 1} if len(set(names)) < len(names) else ()):
        yield file.error("C02", f"the entry {name!r} stands twice", suggestion)
    ordered = sorted(entries, key=lambda e: e.header_offset)
    for entry, following in pairwise(ordered):
        end = entry.header_offset + LOCAL_HEADER + len(entry.filename.encode()) + entry.compress_size
        if end > following.header_offset + 4:
            message = f"the entries {entry.filename!r} and {following.filename!r} lie over each other"
            yield file.error("C02", message, suggestion)


def _unsafe(entry: ZipInfo) -> str:
    """Why an entry cannot be trusted; empty where it can."""
    name = entry.orig_filename
    parts = name.rstrip("/").split("/")
    if name.startswith("/") or SLASHES.search(name) or any(p in {"", ".", ".."} for p in parts):
        return "leads out of the archive or is no plain name"
    if any(RESERVED.match(p) or p.endswith((".", " ")) for p in parts):
        return "has a name that some systems keep for themselves"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    if entry.flag_bits & ENCRYPTED:
        return "is encrypted"
    return "" if entry.compress_type in METHODS else "is compressed in an unusual way"


def size_problem(entry: ZipInfo, limit: int, file: RawFile) -> list[FileProblem]:
    """Say that an entry claims to unpack to too much."""
    size = f"{entry.filename!r} unpacks to {entry.file_size / MEGABYTE:,.0f} MB"
    if entry.file_size > limit:
        message = f"{size}, more than max_megabytes allows"
        return [file.error("C01", message, "raise max_megabytes of the table if it is meant to be so large")]
    ratio = entry.file_size / max(1, entry.compress_size)
    if entry.file_size > RATIO_MATTERS_ABOVE and ratio > HIGHEST_RATIO:
        message = f"{size}, {ratio:,.0f} times its packed size; no survey is so repetitive"
        return [file.error("C01", message, "unpack it where this does no harm, look at it, deliver it plain")]
    return []


def blocks_of(archive: ZipFile, entry: ZipInfo, file: RawFile) -> Iterator[bytes]:
    """Unpack an entry in blocks; what is longer than its entry says is refused, whatever comes after.

    Raises
    ------
    RawFileError
        For a damaged entry, or one that does not hold as many bytes as it claims.
    """
    longer = copy(entry)
    longer.file_size = entry.file_size + 1
    n_bytes = 0
    try:
        with archive.open(longer) as content:
            while block := content.read(BLOCK):
                n_bytes += len(block)
                if n_bytes > entry.file_size:
                    break
                yield block
    except DAMAGED as error:
        raise RawFileError(
            [file.error("C02", f"{entry.filename!r} is damaged ({error})", "fetch it again")]
        ) from error
    if n_bytes != entry.file_size:
        message = f"{entry.filename!r} claims {entry.file_size:,} bytes and has another number"
        raise RawFileError([file.error("C02", message, "make the archive again")])


@contextmanager
def unpacked_member(file: RawFile) -> Iterator[RawFile]:
    """Unpack the table's member of an archive into a temporary file; a plain file stays where it is."""
    member = file.table.member
    if not member:
        yield file
        return
    with TemporaryDirectory(prefix="impacteval-") as folder:
        target = Path(folder) / "member"
        with opened_archive(file, "a zip archive") as archive:
            entry = _entry_named(archive, member, file)
            with target.open("wb") as copied:
                for block in blocks_of(archive, entry, file):
                    copied.write(block)
        yield file.within(member, target)


def _entry_named(archive: ZipFile, member: str, file: RawFile) -> ZipInfo:
    names = [e.filename for e in archive.infolist() if not e.is_dir()]
    if member not in names:
        suggestion = closest(member, names).replace("the file has", "the archive has")
        raise RawFileError([file.error("C01", f"no member {member!r}", suggestion)])
    entry = archive.getinfo(member)
    problems = size_problem(entry, file.table.max_megabytes * MEGABYTE, file)
    if not entry.file_size:
        problems.append(file.error("C03", f"the member {member!r} is empty", "export it again"))
    if problems:
        raise RawFileError(problems)
    return entry
