"""Columns that KoBo, ODK and SurveyCTO add to the answers, also as statistical software renames them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from impacteval.codebook import VariableType


@dataclass(frozen=True, slots=True)
class SystemColumn:
    """A column of the collecting software: its type, the role it can have, and what it holds."""

    type: VariableType
    role: str
    label: str
    is_personal: bool = False


_UUID = SystemColumn("text", "submission", "Key of the submission")
_SUBMITTED = SystemColumn("datetime", "submitted", "When the submission reached the server")
_VERSION = SystemColumn("text", "form_version", "Version of the form")
_STATUS = SystemColumn("text", "", "State of the submission on the server")
_PARENT = SystemColumn("text", "", "Submission that the row belongs to")
_COUNT = SystemColumn("integer", "", "Number of the row or file")
SYSTEM_COLUMNS: dict[str, SystemColumn] = {
    "start": SystemColumn("datetime", "start", "Start of the interview"),
    "starttime": SystemColumn("datetime", "start", "Start of the interview"),
    "end": SystemColumn("datetime", "end", "End of the interview"),
    "endtime": SystemColumn("datetime", "end", "End of the interview"),
    "today": SystemColumn("date", "", "Day of the interview"),
    "deviceid": SystemColumn("text", "device", "Device"),
    "device_id": SystemColumn("text", "device", "Device"),
    "subscriberid": SystemColumn("text", "", "SIM card: subscriber", is_personal=True),
    "simid": SystemColumn("text", "", "SIM card: serial number", is_personal=True),
    "simserial": SystemColumn("text", "", "SIM card: serial number", is_personal=True),
    "sim_number": SystemColumn("text", "", "SIM card: number", is_personal=True),
    "devicephonenum": SystemColumn("text", "", "SIM card: phone number", is_personal=True),
    "phonenumber": SystemColumn("text", "", "SIM card: phone number", is_personal=True),
    "username": SystemColumn("text", "enumerator", "Account of the enumerator"),
    "caseid": SystemColumn("text", "", "Case"),
    "duration": SystemColumn("text", "", "Seconds in the form"),
    "_id": SystemColumn("integer", "", "Number of the submission on the server"),
    "_uuid": _UUID,
    "uuid": _UUID,
    "key": _UUID,
    "instanceid": _UUID,
    "meta-instanceid": _UUID,
    "rootuuid": SystemColumn("text", "", "Key of the first version of the submission"),
    "formhub-uuid": SystemColumn("text", "", "Key of the form on the server"),
    "instancename": SystemColumn("text", "", "Name of the submission", is_personal=True),
    "meta-instancename": SystemColumn("text", "", "Name of the submission", is_personal=True),
    "_submission_time": _SUBMITTED,
    "submissiondate": _SUBMITTED,
    "completiondate": SystemColumn("datetime", "", "When the submission was complete on the server"),
    "__version__": _VERSION,
    "formdef_version": _VERSION,
    "formversion": _VERSION,
    "_submitted_by": SystemColumn("text", "enumerator", "Account that sent the submission"),
    "submitterid": SystemColumn("text", "enumerator", "Account that sent the submission"),
    "submittername": SystemColumn("text", "", "Name of the account that sent the submission"),
    "_validation_status": _STATUS,
    "_status": _STATUS,
    "status": _STATUS,
    "reviewstate": _STATUS,
    "review_status": _STATUS,
    "review_quality": _STATUS,
    "review_comments": _STATUS,
    "review_corrections": _STATUS,
    "_notes": SystemColumn("text", "", "Notes of reviewers on the server"),
    "_tags": SystemColumn("text", "", "Tags on the server"),
    "_index": SystemColumn("integer", "", "Number of the row in the export"),
    "_parent_index": SystemColumn("integer", "", "Row of the interview that the row belongs to"),
    "_parent_table_name": _PARENT,
    "_submission__id": _PARENT,
    "_submission__uuid": _PARENT,
    "_submission__submission_time": SystemColumn("datetime", "", "When the submission reached the server"),
    "_submission__validation_status": _STATUS,
    "_submission__status": _STATUS,
    "_submission__notes": _STATUS,
    "_submission__submitted_by": _PARENT,
    "_submission___version__": SystemColumn("text", "", "Version of the form"),
    "_submission__tags": _STATUS,
    "parent_key": _PARENT,
    "edits": _COUNT,
    "attachmentspresent": _COUNT,
    "attachmentsexpected": _COUNT,
}
# Which of several columns is taken for a role: the first that is there.
PREFERRED = {
    "submission": ("_uuid", "key", "meta-instanceid", "instanceid", "uuid"),
    "enumerator": ("username", "submitterid", "_submitted_by"),
}
# Keys by which rows of a repeat name the interview: their own column, and the interview's.
LINKS = (("_submission__uuid", "_uuid"), ("parent_key", "key"), ("_parent_index", "_index"))


def system_name(header: str) -> str:
    """The collecting software's own name of a column, in small letters.

    R writes ``X_uuid`` for ``_uuid``, ``X.U.FEFF.start`` where a file began with a byte order mark, and
    dots for other signs.
    """
    name = re.sub(r"^(?:\ufeff|X\.U\.FEFF\.)+", "", header.strip())
    name = re.sub(r"^X(?=_)", "", name).lower()
    return re.sub(r"[/.:](?=instance|uuid)", "-", name)


def system_column(header: str) -> SystemColumn | None:
    """What a column of the collecting software holds; None where the software has no such column."""
    return SYSTEM_COLUMNS.get(system_name(header))
