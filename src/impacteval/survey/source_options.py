"""Options of a table that its format does not have, so that nothing is accepted and ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from impacteval.delivery import FileFormat, SourceTable
from impacteval.survey.statistical_files import ICONV

ENCODINGS: Mapping[FileFormat, tuple[str, ...]] = {
    "stata": ("utf-8", *ICONV),
    "spss": ("utf-8", *ICONV),
    "xlsx": ("utf-8",),
    "parquet": ("utf-8",),
}
SEPARATORS: Mapping[FileFormat, tuple[str, ...]] = {"stata": ("",), "spss": ("", ".")}


def wrong_options(table: SourceTable) -> list[str]:
    """Everything in a table's description that could have no effect or contradicts itself.

    Parameters
    ----------
    table : SourceTable

    Returns
    -------
    list of str
        Sentences for the reader of ``study.yaml``; none where the description is sound.
    """
    reasons = [*_of_format(table), *_of_details(table), *_of_links(table), *_of_limits(table)]
    return [f"study.yaml: table {table.name}: {reason}" for reason in reasons]


def _of_format(table: SourceTable) -> Iterator[str]:
    kind = table.format
    if kind != "csv" and table.delimiter != ",":
        yield f"delimiter: {kind} files have none"
    if table.encoding not in ENCODINGS.get(kind, (table.encoding,)):
        yield f"encoding {table.encoding}: {kind} files say theirs, or may be {', '.join(ENCODINGS[kind])}"
    if kind != "xlsx" and table.sheet:
        yield f"sheet: {kind} files have none"
    if table.group_separator not in SEPARATORS.get(kind, (table.group_separator,)):
        yield f"group_separator {table.group_separator}: no name in a {kind} file has this character"
    yield from _of_archives(table)


def _of_archives(table: SourceTable) -> Iterator[str]:
    zipped = [f.lower().endswith(".zip") for f in table.files]
    if table.member and not all(zipped):
        yield "member: only for files that end in .zip"
    if any(zipped) and not table.member:
        yield "member: name the file to read in the archive"


def _of_details(table: SourceTable) -> Iterator[str]:
    seen: set[str] = set()
    for detail in table.details:
        if detail.file not in table.files:
            yield f"details: {detail.file!r} is not among the table's files"
        if detail.file in seen:
            yield f"details: {detail.file!r} stands twice"
        seen.add(detail.file)
        options = {"constants": {*detail.constants}, "absent": {*detail.absent}}
        options["renamed"] = {*detail.renamed.values()}
        for first, second in (("constants", "absent"), ("constants", "renamed"), ("absent", "renamed")):
            for column in sorted(options[first] & options[second]):
                yield f"details: {detail.file}: {column!r} is in {first} and in {second}"
        for column in sorted({*detail.renamed} & {*table.ignored}):
            yield f"details: {detail.file}: {column!r} is renamed and in ignored"


def _of_links(table: SourceTable) -> Iterator[str]:
    link = table.parent
    if link is None:
        return
    if link.table == table.name:
        yield "parent: a table is not its own parent"
    if not link.carried:
        yield "parent.carried is empty; name the columns to take from the parent"
    if link.own in link.carried:
        yield f"parent.carried: {link.own!r} is the table's own column"
    for detail in table.details:
        for column in sorted({*link.carried} & {*detail.constants, *detail.absent, *detail.renamed.values()}):
            yield f"parent.carried: {column!r} is also in details of {detail.file}"


def _of_limits(table: SourceTable) -> Iterator[str]:
    for name, value in (("max_megabytes", table.max_megabytes), ("max_rows", table.max_rows)):
        if value < 1:
            yield f"{name} {value}: at least 1"
