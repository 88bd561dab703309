"""The types of questions that forms of KoBo, ODK and SurveyCTO have."""

from __future__ import annotations

import re
from dataclasses import dataclass

SELECT = re.compile(
    r"(select[ _](?:one|multiple)|rank)(?P<outside>[ _]from[ _]file|[ _]external)?\s+(?P<list>\S+)"
    r"(?P<other>\s+or[ _]other)?",
    re.IGNORECASE,
)
BRACKET = re.compile(r"(begin|end)[ _](group|repeat|score|rank)", re.IGNORECASE)
SAME = {
    "string": "text",
    "int": "integer",
    "gps": "geopoint",
    "location": "geopoint",
    "photo": "image",
    "trigger": "acknowledge",
    "calculate_here": "calculate",
    "date_time": "datetime",
    "imei": "deviceid",
}
METADATA = (
    "start",
    "end",
    "today",
    "deviceid",
    "subscriberid",
    "simserial",
    "phonenumber",
    "username",
    "email",
    "caseid",
    "audit",
    "start-geopoint",
    "text_audit",
    "audio_audit",
    "speed_violations_count",
    "speed_violations_list",
    "speed_violations_audit",
)
MEDIA = ("image", "audio", "video", "file", "background-audio")
ASKED = (
    "text",
    "integer",
    "decimal",
    "range",
    "date",
    "time",
    "datetime",
    "geopoint",
    "geotrace",
    "geoshape",
    "barcode",
    "acknowledge",
    "comments",
    "hidden",
    "calculate",
)
# They have no column in the data.
SILENT = ("note", "audit", "xml-external", "csv-external")
PLAIN_TYPES = tuple(dict.fromkeys((*METADATA, *MEDIA, *ASKED, *SILENT)))
# Kobo's rows of a score or a ranking choose from the list that their group names.
CHOOSES_FROM_GROUP = ("score__row", "rank__level")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCell:
    """What the cell ``type`` of a row says.

    ``bracket`` is ``begin`` or ``end`` where the row opens or closes a group or repeat; ``is_outside``
    where choices are kept in a file of their own; ``has_other`` where an answer may be written in.
    """

    type: str
    list_name: str = ""
    bracket: str = ""
    is_outside: bool = False
    has_other: bool = False


def read_type(cell: str) -> TypeCell | None:
    """Read a cell of the column ``type``; None for a type that does not exist."""
    text = " ".join(cell.split())
    bracket = BRACKET.fullmatch(text)
    if bracket:
        kind = "repeat" if bracket[2].lower() == "repeat" else "group"
        return TypeCell(type=kind, bracket=bracket[1].lower())
    select = SELECT.fullmatch(text)
    if select:
        return TypeCell(
            type=select[1].lower().replace(" ", "_"),
            list_name=select["list"],
            is_outside=bool(select["outside"]),
            has_other=bool(select["other"]),
        )
    plain = text.lower().replace(" ", "_")
    plain = SAME.get(plain, plain)
    return TypeCell(type=plain) if plain in PLAIN_TYPES or plain in CHOOSES_FROM_GROUP else None
