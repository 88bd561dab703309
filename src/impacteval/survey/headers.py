"""Column names of a file: whether they can be used, and which of them the codebook means."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from impacteval.survey.characters import KINDS, kinds_in
from impacteval.survey.problems import UNKNOWN_COLUMN, FileProblem, Place, listed
from impacteval.survey.raw_file import RawFile

SOURCE_COLUMNS = ("source_file", "source_row")
MOST_COLUMNS = 16_384
N_NAMES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMatch:
    """Where the wanted columns stand in a file: codebook's name to position, 0 being the first."""

    positions: Mapping[str, int]
    problems: tuple[FileProblem, ...]


def match_columns(header: Sequence[str], file: RawFile) -> ColumnMatch:
    """Find the columns that a table wants of a file.

    A column is found by its name, or by the name that ``details.renamed`` gives it, or, where the
    table has a ``group_separator``, by the end of its name. Nothing is trimmed or folded.
    """
    problems = [*_unusable_names(header, file), *_wrong_details(header, file)]
    renamed = {new: old for old, new in file.detail.renamed.items()}
    first = {name: position for position, name in reversed(list(enumerate(header)))}
    named = {c: first[n] for c in sought(file) if (n := renamed.get(c, c)) in first}
    by_end = _by_end(header, file, set(named.values()))
    positions: dict[str, int] = {}
    for column in sought(file):
        ends = [] if column in renamed else by_end.get(column, [])
        if column in named:
            positions[column] = named[column]
        elif len(ends) == 1:
            positions[column] = ends[0]
        elif len(ends) > 1:
            problems.append(_ambiguous(column, [header[i] for i in ends], file))
        elif column not in renamed:
            problems.append(_missing(column, header, file))
    problems += _unknown(header, set(positions.values()), file)
    return ColumnMatch(positions=positions, problems=tuple(problems))


def sought(file: RawFile) -> tuple[str, ...]:
    """Columns that the file itself must have."""
    given = {*file.detail.constants, *file.detail.absent}
    return tuple(c for c in file.wanted if c not in given)


def folded(name: str) -> str:
    """A name without what people do not see: outer blanks, case, the way accents are stored."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _unusable_names(header: Sequence[str], file: RawFile) -> Iterable[FileProblem]:
    if len(header) > MOST_COLUMNS:
        yield file.error(
            "C02", f"{len(header):,} columns, more than {MOST_COLUMNS:,}", "look at the delimiter"
        )
        return
    for name in sorted(set(header) & set(SOURCE_COLUMNS)):
        yield file.error(
            "C02", f"the column name {name!r} is kept for the place of a row", "rename the column"
        )
    yield from _nameless(header, file)
    yield from _repeated_names(header, file)
    for name in header:
        for kind in kinds_in(name):
            yield _in_header(
                f"the column name {name!r} has {KINDS[kind].message}", KINDS[kind].suggestion, file
            )


def _nameless(header: Sequence[str], file: RawFile) -> Iterable[FileProblem]:
    """Columns without a name; a single one may be renamed or ignored as ``''``."""
    empty = [i for i, name in enumerate(header) if not name.strip()]
    declared = len(empty) == 1 and header[empty[0]] in {*file.detail.renamed, *file.table.ignored}
    if empty and not declared:
        verb = "has" if len(empty) == 1 else "have"
        message = f"{listed([i + 1 for i in empty], 'column')} {verb} no name"
        suggestion = "name it in the form; a single one may stand as '' in details.renamed or ignored"
        yield _in_header(message, suggestion, file)


def _repeated_names(header: Sequence[str], file: RawFile) -> Iterable[FileProblem]:
    groups: dict[str, list[str]] = {}
    for name in header:
        if name.strip():
            groups.setdefault(folded(name), []).append(name)
    for names in groups.values():
        if len(names) == 1:
            continue
        for name, count in sorted(Counter(names).items()):
            if count > 1:
                times = "twice" if count == 2 else f"{count} times"
                yield _in_header(f"the column {name!r} stands {times}", "rename one", file)
        if len(set(names)) > 1:
            shown = ", ".join(repr(n) for n in sorted(set(names)))
            yield _in_header(
                f"the columns {shown} differ only in case, blanks or accents", "rename one", file
            )


def _in_header(message: str, suggestion: str, file: RawFile) -> FileProblem:
    in_line = file.table.format in {"csv", "xlsx"}
    place = Place(row=1, words=f"{file.row_noun} 1") if in_line else Place()
    return file.error("C02", message, suggestion, place)


def _wrong_details(header: Sequence[str], file: RawFile) -> Iterable[FileProblem]:
    """What the study says of this file alone and the file contradicts."""
    detail = file.detail
    for option, columns in (("constants", [*detail.constants]), ("absent", [*detail.absent])):
        for c in columns:
            if c not in file.wanted:
                yield _contradiction(f"{option}: {c!r} is not in the codebook", "correct study.yaml", file)
            if c in header:
                suggestion = f"take it out of {option} or put the column into renamed"
                yield _contradiction(f"{option}: the file has a column {c!r} of its own", suggestion, file)
    for old, new in detail.renamed.items():
        yield from _wrong_renaming(old, new, header, file)


def _wrong_renaming(old: str, new: str, header: Sequence[str], file: RawFile) -> Iterable[FileProblem]:
    renamed = file.detail.renamed
    if old not in header:
        yield _contradiction(f"renamed: {old!r} is not in the file", closest(old, header), file)
    if new not in sought(file):
        yield _contradiction(f"renamed: {new!r} is not wanted of the file", "correct study.yaml", file)
    if new in header and new not in renamed:
        suggestion = f"say with renamed what {new!r} is, or leave {old!r} as it is"
        yield _contradiction(f"renamed: the file has a column {new!r} beside {old!r}", suggestion, file)
    if list(renamed.values()).count(new) > 1:
        yield _contradiction(f"renamed: {old!r} and another column become {new!r}", "keep one", file)


def _contradiction(message: str, suggestion: str, file: RawFile) -> FileProblem:
    return file.error("C05", f"details.{message}", suggestion)


def _by_end(header: Sequence[str], file: RawFile, taken: set[int]) -> dict[str, list[int]]:
    """Positions by the last part of a grouped name; columns found otherwise or ignored left out."""
    separator = file.table.group_separator
    found: dict[str, list[int]] = {}
    for position, name in enumerate(header):
        left_out = position in taken or name in file.table.ignored or name in file.detail.renamed
        if separator and separator in name and not left_out:
            found.setdefault(name.rpartition(separator)[2], []).append(position)
    return found


def _ambiguous(column: str, names: Sequence[str], file: RawFile) -> FileProblem:
    shown = ", ".join(repr(n) for n in names[:N_NAMES])
    message = f"column {column!r} of the codebook may be any of {len(names)}: {shown}"
    return file.error("C05", message, "say which under details.renamed", Place(column=column))


def _missing(column: str, header: Sequence[str], file: RawFile) -> FileProblem:
    message = f"column {column!r} of the codebook is not in the file"
    return file.error("C05", message, closest(column, header), Place(column=column))


def closest(name: str, found: Sequence[str]) -> str:
    """Say what was probably meant, or what there is."""
    same = [f for f in found if folded(f) == folded(name)]
    close = same or get_close_matches(name, found, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(repr(f) for f in found[:N_NAMES])
    return f"the file has {shown}" + (f" and {len(found) - N_NAMES} more" if len(found) > N_NAMES else "")


def _unknown(header: Sequence[str], used: set[int], file: RawFile) -> Iterable[FileProblem]:
    separator, ignored = file.table.group_separator, set(file.table.ignored)
    for position, name in enumerate(header):
        end = name.rpartition(separator)[2] if separator else name
        if position not in used and not ignored & {name, end} and name not in file.detail.renamed:
            yield file.remark("C05", UNKNOWN_COLUMN, place=Place(column=name, words=f"column {name!r}"))
