"""Examples of checks of who was interviewed, assigned and trained, and by whom."""

from __future__ import annotations

from impacteval.checks import (
    AssignmentFrozen,
    BackCheck,
    ConsentGiven,
    DuplicateFirms,
    ExposureOrder,
    ForeignKey,
    Hours,
    PersonalData,
    Quota,
    RegisterLink,
    StraightLine,
    Tenure,
    WorkerAge,
)
from support.sound_columns import ITEMS, NAMES, row_of
from support.sound_survey import Cells, Example

FIRMS, WORKERS = {"table": "firms"}, {"table": "workers"}
FIRST, SECOND = row_of(1, 1), row_of(1, 2)
TREATED = row_of(2, 1)
NIK = "3174051203850002"


def changed(table: str = "firms", row: int = FIRST, **values: str) -> tuple[Cells, ...]:
    """Cells of one row."""
    return (Cells(table=table, rows=[row], values=values),)


EXAMPLES = (
    Example(
        code="C10",
        check=ForeignKey(kind="foreign_key", id="of-firm", columns=("firm", "round"), other="firms", **WORKERS),
        changes=changed("workers", firm="F9977"),
        found=[(FIRST, "firm+round")],
    ),
    Example(
        code="C11",
        check=Quota(
            kind="quota", id="workers", members="workers", target=5,
            eligible="eligible", employment="emp_total", **FIRMS,
        ),
        changes=changed(eligible="4.0625"),
        found=[(FIRST, "eligible+emp_total")],
    ),
    Example(
        code="C12",
        check=DuplicateFirms(kind="duplicate_firms", id="same", **FIRMS),
        changes=(
            Cells(
                rows=[row_of(2, 1), row_of(2, 2)],
                values={"name": f"PT {NAMES[0]} Akasia Pinus", "phone": "081284197531"},
            ),
            Cells(
                rows=[row_of(1, 1), row_of(1, 2)],
                values={"name": f"PT {NAMES[0]} Akasia Pinus", "phone": "081284197531"},
            ),
        ),
        found=[(TREATED, "name")],
    ),
    Example(
        code="C13",
        check=AssignmentFrozen(kind="assignment_frozen", id="arm", other="assignment", **FIRMS),
        changes=changed(row=SECOND, arm="training"),
        found=[(SECOND, "arm")],
    ),
    Example(
        code="C14",
        check=RegisterLink(
            kind="register_link", id="trained", table="register", other="assignment", treated=("training",),
            attended="attended",
        ),
        changes=changed("register", firm="F9977"),
        found=[(2, "firm")],
    ),
    Example(
        code="C15",
        check=ExposureOrder(
            kind="exposure_order", id="order", last_baseline=1, training="register", trained_on="trained_on",
            start_used="start_used", attended="attended", offered="offered", participants="participants",
            employment="emp_total", **FIRMS,
        ),
        changes=changed(row=TREATED, start="2024-02-15T09:11:13"),
        found=[(TREATED, "start")],
    ),
    Example(
        code="C16",
        check=PersonalData(kind="personal_data", id="open", columns=("remark",), **FIRMS),
        changes=changed(remark=f"NIK {NIK}"),
        found=[(FIRST, "remark")],
    ),
    Example(
        code="C19",
        check=ConsentGiven(kind="consent", id="agreed", columns=("sales", "remark"), **FIRMS),
        changes=changed(consent="never77"),
        found=[(FIRST, "consent")],
    ),
    Example(
        code="C27",
        check=WorkerAge(kind="worker_age", id="age", column="age", **WORKERS),
        changes=changed("workers", age="83.0625"),
        found=[(FIRST, "age")],
    ),
    Example(
        code="C27",
        check=WorkerAge(kind="worker_age", id="age-child", column="age", **WORKERS),
        changes=changed("workers", age="13.0625"),
        found=[(FIRST, "age")],
    ),
    Example(
        code="C28",
        check=Hours(kind="hours", id="hours", column="hours", **WORKERS),
        changes=changed("workers", hours="113.0625"),
        found=[(FIRST, "hours")],
    ),
    Example(
        code="C28",
        check=Tenure(kind="tenure", id="tenure", column="tenure", age="age", firm_age="firm_age", **WORKERS),
        changes=changed("workers", tenure="44.0625"),
        found=[(FIRST, "tenure+age+firm_age")],
    ),
    Example(
        code="C29",
        check=StraightLine(kind="straight_line", id="battery", items=ITEMS[:8], reversed=(ITEMS[7],), **FIRMS),
        changes=changed(**dict.fromkeys(ITEMS[:8], "77125")),
        found=[(FIRST, "+".join(ITEMS[:8]))],
    ),
    Example(
        code="C43",
        check=BackCheck(
            kind="back_check", id="second", back_checks="back_checks", stable=("founded",), hard=("emp_total",),
            **FIRMS,
        ),
        changes=changed("back_checks", founded="1877"),
        found=[(0, "enumerator")],
    ),
)  # fmt: skip
