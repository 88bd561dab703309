"""Examples of checks of times, places, forms and enumerators."""

from __future__ import annotations

from impacteval.checks import (
    CopiedAmounts,
    Duration,
    EnumeratorEffect,
    FormVersion,
    Gate,
    Heaping,
    InterviewTime,
    Location,
    NearDuplicates,
    Overlap,
    SubmissionTime,
)
from support.sound_columns import ITEMS, row_of, rows_of
from support.sound_survey import Cells, Example, sound

FIRMS = {"table": "firms"}
FIRST, SECOND = row_of(1, 1), row_of(1, 2)
AMOUNTS = ("sales", "cost", "materials", "wage_bill")
ANSWERS = sound()["firms"].set_index("source_row")


def changed(row: int = FIRST, **values: str) -> tuple[Cells, ...]:
    """Cells of one row of enterprises."""
    return (Cells(rows=[row], values=values),)


EXAMPLES = (
    Example(
        code="C30",
        check=InterviewTime(kind="interview_time", id="times", **FIRMS),
        changes=changed(start="2024-01-08T19:11:13"),
        found=[(FIRST, "start+end")],
    ),
    Example(
        code="C30",
        check=SubmissionTime(kind="submission_time", id="sent", **FIRMS),
        changes=changed(submitted="2024-01-08T09:12:13"),
        found=[(FIRST, "start+end+submitted")],
    ),
    Example(
        code="C31",
        check=Duration(kind="duration", id="minutes", **FIRMS),
        changes=changed(end="2024-01-08T09:04:13"),
        found=[(FIRST, "start+end")],
    ),
    Example(
        code="C32",
        check=Overlap(kind="overlap", id="overlap", **FIRMS),
        changes=changed(row_of(2, 1), start="2024-01-08T09:11:13", end="2024-01-08T09:57:13"),
        found=[(FIRST, "start+end"), (row_of(2, 1), "start+end")],
    ),
    Example(
        code="C33",
        check=Location(
            kind="location", id="place", registered_latitude="registered_latitude",
            registered_longitude="registered_longitude", **FIRMS,
        ),
        changes=changed(latitude="-6.91777", longitude="107.61911"),
        found=[(FIRST, "latitude+longitude")],
    ),
    Example(
        code="C34",
        check=FormVersion(kind="form_version", id="form", **FIRMS),
        changes=changed(version="v2999"),
        found=[(FIRST, "version")],
    ),
    Example(
        code="C37",
        check=Heaping(kind="heaping", id="round-amounts", columns=("sales",), **FIRMS),
        changes=(Cells(rows=rows_of(1), values={"sales": "3000000000"}),),
        found=[(0, "sales")],
    ),
    Example(
        code="C40",
        check=EnumeratorEffect(kind="enumerator_effect", id="who-asks", outcome="score", **FIRMS),
        changes=(Cells(rows=rows_of(1), values={"score": [f"{98 + i / 16:.4f}" for i in range(16)]}),),
        found=[(0, "score")],
    ),
    Example(
        code="C41",
        check=Gate(kind="gate", id="no-loans", column="loans", skipping=("no",), **FIRMS),
        changes=(
            Cells(rows=rows_of(1), values={"loans": "no"}),
            Cells(rows=[*rows_of(2), *rows_of(3)], values={"loans": "yes"}),
        ),
        found=[(0, "loans")],
    ),
    Example(
        code="C42",
        check=NearDuplicates(kind="near_duplicates", id="alike", items=ITEMS, **FIRMS),
        changes=changed(row_of(2, 1), **{item: str(ANSWERS.loc[FIRST, item]) for item in ITEMS}),
        found=[(FIRST, ""), (row_of(2, 1), "")],
    ),
    Example(
        code="C42",
        check=CopiedAmounts(kind="copied_amounts", id="copied", columns=AMOUNTS, **FIRMS),
        changes=changed(SECOND, **{amount: str(ANSWERS.loc[FIRST, amount]) for amount in AMOUNTS}),
        found=[(SECOND, "+".join(AMOUNTS))],
    ),
)  # fmt: skip
