"""What a study says of its programme: the ledger of costs and the results framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from impacteval.closed import Closed
from impacteval.derivation import Parameter

Measure: TypeAlias = Literal["count", "distinct", "sum", "mean", "share", "on_time"]
# Measures that look at every row, whether it has a value or not.
COUNTING: tuple[Measure, ...] = ("count", "distinct")
# The enterprise panel, which a results framework may read like a table of the survey.
PANEL = "panel"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLedger(Closed):
    """Columns of the ledger of costs.

    ``amount`` is in the currency of the row, ``currency_shown`` or one other; ``rate`` names the
    parameter that says how much of that other currency one unit of ``currency_shown`` is worth on the
    day of the row. ``fees`` lists the payers whose payments recover costs.
    """

    table: str
    booked_on: str
    component: str
    payer: str
    amount: str
    currency: str
    currency_shown: str
    rate: str
    fees: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached(Closed):
    """Whom the programme trained: a table of participants, its person and enterprise columns.

    A person is told apart within the enterprise.
    """

    table: str
    person: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Closed):
    """``programme.yaml``: where costs are booked and who was trained."""

    costs: CostLedger
    trained: Reached


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkRow(Closed):
    """A row of ``results_framework.csv``: an indicator that is observed, its target and its source.

    ``measure`` of ``column`` is taken over the rows of ``table`` that satisfy ``where``, conditions
    ``column=value value``: ``count`` rows, ``distinct`` values, their ``sum`` or ``mean``, or the
    ``share`` of rows, in percent, whose value is among ``counted``, or the share ``on_time``, whose day
    is not after that in the column ``counted``; a missing day is late. With ``date`` it is cumulative to
    the end of each quarter; in the table ``panel`` it is the level of each period. ``by`` names a
    column that tells groups apart.
    """

    indicator: str
    label: str
    label_id: str
    level: Literal["output", "outcome", "impact"]
    unit: str
    table: str
    measure: Measure
    column: str
    where: tuple[str, ...]
    counted: tuple[str, ...]
    by: tuple[str, ...]
    date: str
    baseline: float | None
    target: float | None
    target_on: str
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Closed):
    """All that a study says of its programme; ``programme`` is empty where it says nothing of costs."""

    programme: tuple[Programme, ...] = ()
    framework: tuple[FrameworkRow, ...] = ()
    parameters: tuple[Parameter, ...] = ()
