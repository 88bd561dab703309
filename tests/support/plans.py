"""Plans and outcomes for the builders of panels."""

from __future__ import annotations

from impacteval.design import Arm, ArmColumn, FirstSwitch, Outcome, Plan, TreatmentRule
from support.designs import two_by_two
from support.tables import PANEL

CONTROL = Arm(name="control", label="Control", value=0)
BY_ARM = ArmColumn(
    rule="arm_column",
    column="group",
    arms=(Arm(name="class", label="Class", value=1), Arm(name="mentor", label="Mentor", value=2)),
    comparison=CONTROL,
    first_period=2,
)
BY_SWITCH = FirstSwitch(
    rule="first_switch",
    column="grant",
    arm=Arm(name="grant", label="Grant"),
    comparison=Arm(name="none", label="None"),
)


def make_plan(
    treatment: TreatmentRule = BY_ARM, *, cluster: str = "unit", balance: tuple[str, ...] = ()
) -> Plan:
    """A plan on the table ``firms`` with rounds 1 to 3."""
    return Plan(
        written="before_outcomes",
        assignment="random",
        assignment_note="By lot.",
        identification="Both would have changed alike.",
        panel=PANEL,
        treatment=treatment,
        primary="two_by_two",
        designs=(two_by_two(),),
        cluster=cluster,
        balance=balance,
    )


def make_outcome(
    name: str = "profit",
    *,
    column: str = "profit_raw",
    divide_by: str = "",
    transform: str = "none",
    periods: tuple[str, ...] = (),
) -> Outcome:
    """An outcome of the table ``firms``."""
    return Outcome(
        name=name,
        label=name,
        family="money",
        role="primary",
        column=column,
        divide_by=divide_by,
        transform=transform,
        unit="USD",
        direction="higher",
        baseline_column="",
        periods=periods,
        design="",
    )
