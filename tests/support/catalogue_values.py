"""Examples of checks of single rows: types, ranges, keys, skips, sums."""

from __future__ import annotations

from impacteval.checks import (
    AddsUp,
    AtMost,
    Balance,
    Components,
    Matches,
    MostlyPresent,
    Shares,
)
from support.sound_columns import row_of
from support.sound_survey import IMPLIED, Cells, Example

ABOUT = {"table": "firms", "severity": "error", "message": "wrong", "suggestion": "look"}
FIRMS = {"table": "firms"}
FIRST, SECOND = row_of(1, 1), row_of(1, 2)
HUGE = "98765432101"


def changed(**values: str) -> tuple[Cells, ...]:
    """Cells of the first row of enterprises."""
    return (Cells(rows=[FIRST], values=values),)


EXAMPLES = (
    Example(
        code="C04",
        check=IMPLIED["firms-sales-type"],
        changes=changed(sales="abcdefg"),
        found=[(FIRST, "sales")],
    ),
    Example(
        code="C04",
        check=IMPLIED["firms-sales-numbers"],
        changes=changed(sales="1.234.567,25"),
        found=[(0, "sales")],
    ),
    Example(
        code="C05",
        check=IMPLIED["firms-sector-allowed"],
        changes=changed(sector="plastic77"),
        found=[(FIRST, "sector")],
    ),
    Example(
        code="C05",
        check=IMPLIED["firms-inputs-choices"],
        changes=changed(inputs="steel zinc77"),
        found=[(FIRST, "inputs")],
    ),
    Example(
        code="C06",
        check=IMPLIED["firms-sales-codes"],
        changes=changed(sales="-9999"),
        found=[(FIRST, "sales")],
    ),
    Example(
        code="C07",
        check=IMPLIED["firms-emp_total-possible"],
        changes=changed(emp_total="54321"),
        found=[(FIRST, "emp_total")],
    ),
    Example(
        code="C07",
        check=IMPLIED["firms-emp_total-constraint"],
        changes=changed(emp_total="54321"),
        found=[(FIRST, "emp_total")],
    ),
    Example(
        code="C08",
        check=IMPLIED["firms-emp_total-plausible"],
        changes=changed(emp_total="4321"),
        found=[(FIRST, "emp_total")],
    ),
    Example(
        code="C09",
        check=IMPLIED["firms-key"],
        changes=(Cells(rows=[SECOND], values={"round": "1"}),),
        found=[(FIRST, "firm+round"), (SECOND, "firm+round")],
    ),
    Example(
        code="C09",
        check=IMPLIED["firms-submission"],
        changes=(Cells(rows=[SECOND], values={"uuid": "uuid-0002"}),),
        found=[(FIRST, "uuid"), (SECOND, "uuid")],
    ),
    Example(
        code="C09",
        check=IMPLIED["firms-firm-blanks"],
        changes=changed(firm="F0177 "),
        found=[(FIRST, "firm")],
    ),
    Example(
        code="C09",
        check=Matches(kind="matches", id="firm-written", column="firm", pattern="F[0-9]{2}", **FIRMS),
        changes=changed(firm="X0177"),
        found=[(FIRST, "firm")],
    ),
    Example(
        code="C17",
        check=IMPLIED["firms-export_share-skip"],
        changes=changed(exports="no", export_share="77.125"),
        found=[(FIRST, "export_share+exports")],
    ),
    Example(
        code="C18",
        check=IMPLIED["firms-sales-required"],
        changes=changed(sales=""),
        found=[(FIRST, "sales")],
    ),
    Example(
        code="C18",
        check=IMPLIED["firms-export_share-answered"],
        changes=changed(export_share=""),
        found=[(FIRST, "export_share+exports"), (0, "export_share")],
    ),
    Example(
        code="C20",
        check=AddsUp(
            kind="adds_up", id="employed", whole="emp_total", parts=("emp_female", "emp_male"), **FIRMS
        ),
        changes=changed(emp_female="77125"),
        found=[(FIRST, "emp_total+emp_female+emp_male")],
    ),
    Example(
        code="C21",
        check=AtMost(kind="at_most", id="managers", column="managers", other="emp_total", **ABOUT),
        changes=changed(managers="77125"),
        found=[(FIRST, "managers+emp_total")],
    ),
    Example(
        code="C22",
        check=Balance(
            kind="balance", id="profit", result="profit", plus=("sales",), minus=("cost",), **FIRMS
        ),
        changes=changed(profit=HUGE),
        found=[(FIRST, "profit+sales+cost")],
    ),
    Example(
        code="C22",
        check=Components(
            kind="components", id="costs", total="cost", components=("wage_bill", "materials"), **FIRMS
        ),
        changes=changed(materials=HUGE),
        found=[(FIRST, "cost+wage_bill+materials")],
    ),
    Example(
        code="C23",
        check=Shares(kind="shares", id="markets", columns=("share_home", "share_abroad"), **FIRMS),
        changes=changed(share_home="77.0625"),
        found=[(FIRST, "share_home+share_abroad")],
    ),
    Example(
        code="C38",
        check=MostlyPresent(kind="mostly_present", id="sales-there", column="sales", share=0.99, **ABOUT),
        changes=changed(sales=""),
        found=[(0, "sales")],
    ),
)
