"""Personal data in columns that may be shown: looked for in text, said without repeating it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.checks.base import named
from impacteval.checks.respondents import PersonalData
from impacteval.delivery import Roles
from impacteval.survey.read import SOURCE_COLUMNS
from impacteval.validation.row_rules import RowRule, Rows, failing_as, failing_rows
from impacteval.validation.survey import CheckedTable, Failures

TEXT_TYPES = {"text", "category", "multiple"}
# Roles whose columns identify people or where they are; they belong among the confidential ones.
PERSONAL_ROLES = ("name", "phone", "address", "latitude", "longitude")
NOT_PART_OF_A_NUMBER = r"(?<![\w+])(?<!\d[.,-])"
NUMBER_ENDS = r"(?!\w|[.,-]\d)"
# In the order in which they are tried: 16 digits are not a telephone number as well.
PATTERNS: Mapping[str, re.Pattern[str]] = {
    "e-mail address": re.compile(r"[\w.%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
    "tax number (NPWP)": re.compile(
        NOT_PART_OF_A_NUMBER
        + r"(?:\d{2}[. ]\d{3}[. ]\d{3}[. ]\d[-. ]\d{3}[. ]?\d{3}|\d{9}-\d{3}\.?\d{3}|\d{15})"
        + NUMBER_ENDS
    ),
    "number of 16 digits (NIK, NPWP)": re.compile(
        NOT_PART_OF_A_NUMBER + r"(?:\d{16}|\d{4}(?:[ .-]\d{4}){3}|\d{6}[ .-]\d{6}[ .-]\d{4})" + NUMBER_ENDS
    ),
    "telephone number": re.compile(
        r"(?<![\w.,+])\(?(?:(?:\+62[ .-]?(?:\(0\))?|0|0062)8[1-9]\d\)?(?:[ .-]?\d){5,9}|628[1-9]\d{7,10}"
        r"|\+62[ .-]?\(?[2-7]\d{1,2}\)?(?:[ .-]?\d){6,8})" + NUMBER_ENDS
    ),
    "position": re.compile(
        r"(?<![\w.,-])(?P<lat>-?\d{1,2}[.,]\d{3,})\s?°?\s?[NSns]?(?:[,;/]\s*|\s+)"
        r"(?P<lon>-?\d{1,3}[.,]\d{3,})(?![\w]|[.,]\d)"
    ),
}
SOME_DIGITS_OR_MAIL = r"@|[0-9].*[0-9]"
ROUND_AMOUNT = re.compile(r"0{6}$")
NAME_OF_NAMES = re.compile(
    r"(?:^|_)(?:nama|name|names|fullname|owner|pemilik|responden|respondent|contact|kontak|pic|"
    r"enumerator_name|interviewer|pewawancara|direktur|director)(?:_|$)"
)
WORD = r"[^\W\d_](?:[^\W\d_]|[.'\u2019-])*"
PERSON = re.compile(rf"(?:[A-Za-z]{{1,4}}\.\s?)?{WORD}(?:\s+{WORD}){{0,5}}(?:,\s?[A-Za-z.]+)*")
SHARE_OF_NAMES = 0.5
FEWEST_NAMES, MOST_NAMES_READ = 3, 2_000
SHARE_OF_COLUMN = 0.5
FEWEST_FOR_COLUMN = 20


def searched(table: CheckedTable, check: PersonalData) -> tuple[str, ...]:
    """Columns that are searched: those named, else open text without a role that makes it an id."""
    if check.columns:
        return tuple(c for c in check.columns if c not in check.ignored)
    ids = _roles_but(table.roles, PERSONAL_ROLES)
    return tuple(
        v.column
        for v in table.codebook.of_table(table.name)
        if v.type in TEXT_TYPES
        and v.confidential == "no"
        and v.column not in {*ids, *check.ignored}
        and v.column in table.frame.columns
    )


def _roles_but(roles: Roles, left_out: tuple[str, ...]) -> set[str]:
    names = [f.name for f in fields(roles) if f.name not in {*left_out, "consent_given"}]
    return {getattr(roles, name) for name in names} - {""}


def personal_data_fails(frame: pd.DataFrame, check: PersonalData, roles: Roles) -> Bool1D:
    """Rows with personal data in any of the columns."""
    fails = np.zeros(len(frame), dtype=bool)
    for column in frame.columns:
        if column not in SOURCE_COLUMNS:
            fails |= (found_in(frame[column]) != "").to_numpy(dtype=bool)
    return fails


def found_in(values: pd.Series) -> pd.Series:
    """What each value of a column holds, in words; empty text where it holds nothing personal."""
    none = pd.Series("", index=values.index, dtype="str")
    if not pd.api.types.is_string_dtype(values):
        return none
    code, different = pd.factorize(values)
    has_signs = pd.Series(different, dtype="str").str.contains(SOME_DIGITS_OR_MAIL)
    kinds = [
        ", ".join(kinds_in(str(text))) if has else "" for text, has in zip(different, has_signs, strict=True)
    ]
    # The last one is that of missing values, whose code is -1.
    return pd.Series(np.array([*kinds, ""], dtype=object)[code], index=values.index, dtype="str")


def kinds_in(text: str) -> list[str]:
    """Kinds of personal data in a text, each once; a number counts as the first kind that it fits."""
    kinds = []
    for kind, pattern in PATTERNS.items():
        matches = [m for m in pattern.finditer(text) if _is_meant(kind, m)]
        if matches:
            kinds.append(kind)
            for match in reversed(matches):
                text = f"{text[: match.start()]} | {text[match.end() :]}"
    return kinds


def _is_meant(kind: str, match: re.Match[str]) -> bool:
    """Leave out amounts and pairs of numbers that are no position."""
    if kind == "position":
        return _is_position(match["lat"].replace(",", "."), match["lon"].replace(",", "."))
    return kind == "e-mail address" or not ROUND_AMOUNT.search(match[0])


def _is_position(latitude: str, longitude: str) -> bool:
    """Whether two numbers lie on the globe and are not two amounts in thousands, 12.500 and 15.000."""
    if abs(float(latitude)) > 90 or abs(float(longitude)) > 180:
        return False
    decimals = [len(number.partition(".")[2]) for number in (latitude, longitude)]
    is_signed = latitude.startswith("-") or longitude.startswith("-")
    return max(decimals) > 3 or is_signed


def say_personal_data(table: CheckedTable, check: PersonalData, rows: Rows) -> list[Failures]:
    """Say in which columns and rows there is what; no value is shown, not even of an open column."""
    found = list(_columns_by_role(table, check))
    for column in searched(table, check):
        if _holds_names(table.frame[column], column):
            found += failing_as(check, (), note=f"{column} holds names", severity=check.severity)
        found += _cells_of(table, check, column=column, rows=rows)
    return found


def _columns_by_role(table: CheckedTable, check: PersonalData) -> Iterator[Failures]:
    """Open columns that identify by what they are for."""
    for role in PERSONAL_ROLES:
        for column in named(getattr(table.roles, role)):
            if column not in check.ignored and not table.is_confidential(column):
                note = f"{column} has the role {role} and is not confidential"
                yield from failing_as(check, (), note=note, severity=check.severity)


def _holds_names(values: pd.Series, column: str) -> bool:
    """Whether a column called after names holds, for the most part, different words in capitals."""
    if not NAME_OF_NAMES.search(column.lower()):
        return False
    given = values.dropna()
    different = sorted(given.unique())
    if len(different) < FEWEST_NAMES or len(different) <= SHARE_OF_NAMES * len(given):
        return False
    read = different[:: 1 + len(different) // MOST_NAMES_READ]
    return sum(_is_name(text) for text in read) > SHARE_OF_NAMES * len(read)


def _is_name(text: str) -> bool:
    """Whether a text is up to six words of letters, the first one in capitals."""
    stripped = text.strip()
    return stripped[:1].isupper() and PERSON.fullmatch(stripped) is not None


def _cells_of(table: CheckedTable, check: PersonalData, *, column: str, rows: Rows) -> list[Failures]:
    """Rows in which a column holds personal data; one finding where most of the column does."""
    kinds = found_in(table.frame[column].iloc[rows]).to_numpy(dtype=object)
    hit = kinds != ""
    n_given = int(table.frame[column].notna().sum())
    if hit.sum() >= FEWEST_FOR_COLUMN and hit.sum() > SHARE_OF_COLUMN * n_given:
        most = sorted(Counter(kinds[hit]).items(), key=lambda item: (-item[1], item[0]))
        note = "; ".join(f"{kind} in {n:,} rows" for kind, n in most)
        return failing_as(check, (), note=f"{column}: {note}", severity=check.severity)
    found = failing_rows(check, rows[hit], columns=(column,), notes=list(kinds[hit]))
    return [replace(f, is_masked=True) for f in found]


RULES: Mapping[type, RowRule] = {
    PersonalData: RowRule(columns=searched, fails=personal_data_fails, said=say_personal_data),
}
