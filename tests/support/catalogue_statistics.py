"""Examples of checks of amounts, rounds and arms."""

from __future__ import annotations

from impacteval.checks import (
    Attrition,
    Comparable,
    ConstantWithinUnit,
    Coverage,
    Disposition,
    Growth,
    ImpliedWage,
    InRange,
    ItemNonResponse,
    MultivariateOutlier,
    OtherSpecify,
    Outlier,
    SameIdentity,
    UnitSlip,
    WageAgreement,
    Weights,
)
from support.sound_columns import N_FIRMS, row_of
from support.sound_survey import Cells, Example

FIRMS = {"table": "firms"}
FIRST, SECOND = row_of(1, 1), row_of(1, 2)
FOLLOW_UP = [row_of(i, 2) for i in range(1, N_FIRMS + 1)]
OF_TREATED = FOLLOW_UP[1::2]
HUGE = "98765432101234"


def changed(row: int = FIRST, table: str = "firms", **values: str) -> tuple[Cells, ...]:
    """Cells of one row."""
    return (Cells(table=table, rows=[row], values=values),)


EXAMPLES = (
    Example(
        code="C24",
        check=UnitSlip(kind="unit_slip", id="sales-unit", column="sales", **FIRMS),
        changes=changed(sales="6543217"),
        found=[(FIRST, "sales")],
    ),
    Example(
        code="C25",
        check=ImpliedWage(
            kind="implied_wage", id="wage", wage_bill="wage_bill", employment="emp_total", province="province",
            year="year", reference="prices", reference_province="province", reference_year="year",
            reference_amount="minimum_wage", **FIRMS,
        ),
        changes=changed(wage_bill="98765"),
        found=[(FIRST, "wage_bill+emp_total")],
    ),
    Example(
        code="C26",
        check=WageAgreement(
            kind="wage_agreement", id="wages", wage_bill="wage_bill", employment="emp_total", workers="workers",
            worker_wage="wage", **FIRMS,
        ),
        changes=(Cells(table="workers", rows=range(2, 7), values={"wage": "98765432"}),),
        found=[(FIRST, "wage_bill+emp_total")],
    ),
    Example(
        code="C35",
        check=Outlier(kind="outlier", id="far", columns=("sales",), **FIRMS),
        changes=changed(sales=HUGE),
        found=[(FIRST, "sales")],
    ),
    Example(
        code="C36",
        check=MultivariateOutlier(kind="multivariate_outlier", id="odd", columns=("sales", "wage_bill"), **FIRMS),
        changes=changed(sales=HUGE, wage_bill="98765"),
        found=[(FIRST, "sales+wage_bill")],
    ),
    Example(
        code="C38",
        check=ItemNonResponse(kind="item_non_response", id="answers", columns=("score",), **FIRMS),
        changes=(Cells(rows=[row_of(i, 1) for i in range(1, 6)], values={"score": ""}),),
        found=[(0, "score")],
    ),
    Example(
        code="C38",
        check=Coverage(kind="coverage", id="recorded", columns=("score",), **FIRMS),
        changes=(Cells(rows=OF_TREATED, values={"score": ""}),),
        found=[(0, "score")],
    ),
    Example(
        code="C39",
        check=OtherSpecify(
            kind="other_specify", id="other", column="legal", other="lainnya", text="legal_other", **FIRMS
        ),
        changes=changed(row_of(10, 1), legal_other="Cooperatives"),
        found=[(row_of(10, 1), "legal+legal_other")],
    ),
    Example(
        code="C44",
        check=SameIdentity(kind="same_identity", id="one", **FIRMS),
        changes=changed(SECOND, name="CV Xylophon", phone="081377777123", latitude="-6.91777", longitude="107.61911"),
        found=[(SECOND, "name+phone+latitude+longitude")],
    ),
    Example(
        code="C45",
        check=ConstantWithinUnit(kind="constant_within_unit", id="founded", column="founded", tolerance=1, **FIRMS),
        changes=changed(SECOND, founded="1877"),
        found=[(SECOND, "founded")],
    ),
    Example(
        code="C46",
        check=Growth(kind="growth", id="growth", sales="sales", employment="emp_total", **FIRMS),
        changes=changed(SECOND, sales=HUGE),
        found=[(SECOND, "sales")],
    ),
    Example(
        code="C47",
        check=Disposition(
            kind="disposition", id="visits", table="assignment", contacts="contacts",
            final=("complete", "refused", "closed"), interim=("absent",),
        ),
        changes=changed(table="contacts", status="gone77"),
        found=[(2, "firm")],
        elsewhere=[("contacts", 2, "status")],
    ),
    Example(
        code="C48",
        check=Attrition(kind="attrition", id="left", **FIRMS),
        dropped=OF_TREATED[:8],
        found=[(0, "")],
    ),
    Example(
        code="C49",
        check=Comparable(
            kind="comparable", id="comparable", columns=("sales",), year="year", deflator="prices",
            deflator_year="year", deflator_index="index", **FIRMS,
        ),
        changes=(Cells(rows=FOLLOW_UP, values={"sales": ""}),),
        found=[(0, "sales")],
    ),
    Example(
        code="C50",
        check=Weights(kind="weights", id="weights", frame="frame", total="total", **FIRMS),
        changes=changed(weight="98765.4"),
        found=[(0, "weight")],
    ),
    Example(
        code="C08",
        check=InRange(
            kind="in_range", id="small", severity="warning", column="emp_total", maximum=500,
            when="${sector} = 'food'", message="large", suggestion="ask", **FIRMS,
        ),
        changes=changed(emp_total="612.0625"),
        found=[(FIRST, "emp_total")],
    ),
)  # fmt: skip
