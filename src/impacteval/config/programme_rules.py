"""What is wrong in what a study says of its programme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from impacteval.codebook import VariableType
from impacteval.config.check_rules import DAYS, NUMBERS
from impacteval.config.folder import StudyFolder
from impacteval.config.survey_rules import duplicates
from impacteval.design import carried_columns
from impacteval.errors import nearest
from impacteval.programme.monitoring import conditions
from impacteval.programme.types import PANEL, CostLedger, FrameworkRow

OF_PANEL = ("unit", "arm", "period")


def wrong_programme(folder: StudyFolder) -> Iterable[str]:
    """What programme.yaml and results_framework.csv name that is not there or cannot be computed."""
    for programme in folder.programme:
        trained = programme.trained
        yield from _unknown(folder, "programme.yaml: trained", trained.table, (trained.person, trained.unit))
        yield from _wrong_ledger(folder, programme.costs)
    names = duplicates(row.indicator for row in folder.framework)
    yield from (f"results_framework.csv: the indicator {name!r} stands twice" for name in names)
    for row in folder.framework:
        yield from _wrong_row(folder, row)


def _wrong_ledger(folder: StudyFolder, rule: CostLedger) -> Iterator[str]:
    where = "programme.yaml: costs"
    columns = (rule.booked_on, rule.component, rule.payer, rule.amount, rule.currency)
    yield from _unknown(folder, where, rule.table, columns)
    yield from _of_type(folder, where, (rule.table, rule.booked_on), DAYS)
    yield from _of_type(folder, where, (rule.table, rule.amount), NUMBERS)
    yield from _not_allowed(folder, f"{where}.fees", (rule.table, rule.payer), rule.fees)
    yield from _not_allowed(
        folder, f"{where}.currency_shown", (rule.table, rule.currency), (rule.currency_shown,)
    )
    rates = sorted({p.parameter for p in folder.parameters})
    mine = [p for p in folder.parameters if p.parameter == rule.rate]
    if not mine:
        yield f"{where}.rate {rule.rate!r} is no parameter; {nearest(rule.rate, rates)}"
    if any(p.place for p in mine):
        yield f"{where}.rate {rule.rate!r} differs between places; a rate has none"
    if any(p.value <= 0 for p in mine):
        yield f"{where}.rate {rule.rate!r} is not above 0"
    if len(folder.plan.treatment.arms) > 1:
        yield f"{where}: the ledger does not tell arms apart; a plan with several has no cost of an effect"


def _wrong_row(folder: StudyFolder, row: FrameworkRow) -> Iterator[str]:
    where = f"results_framework.csv: {row.indicator}"
    conditioned = tuple(column for column, _ in conditions(row.where))
    yield from _incomplete(where, row)
    if row.table == PANEL:
        yield from _wrong_in_panel(folder, where, row, (*row.by, *conditioned))
        return
    days = row.counted if row.measure == "on_time" else ()
    yield from _unknown(
        folder, where, row.table, tuple(filter(None, (row.column, row.date, *row.by, *days, *conditioned)))
    )
    of_days = (row.column, *days) if row.measure == "on_time" else ()
    for column in filter(None, (row.date, *of_days)):
        yield from _of_type(folder, where, (row.table, column), DAYS)
    if row.measure in ("sum", "mean"):
        yield from _of_type(folder, where, (row.table, row.column), NUMBERS)


def _incomplete(where: str, row: FrameworkRow) -> Iterator[str]:
    if row.measure == "share" and not row.counted:
        yield f"{where}: share needs `counted`, the values that count"
    if row.measure == "on_time" and len(row.counted) != 1:
        yield f"{where}: on_time needs one column in `counted`, the day due"
    if row.counted and row.measure not in ("share", "on_time"):
        yield f"{where}: `counted` is for share and on_time; leave it empty"
    yield from (
        f"{where}: `where` {condition!r} is no condition column=value"
        for condition, (column, values) in zip(row.where, conditions(row.where), strict=True)
        if not column or not values
    )


def _wrong_in_panel(
    folder: StudyFolder, where: str, row: FrameworkRow, named: Sequence[str]
) -> Iterator[str]:
    """The panel has outcomes and what the plan carries, in rounds."""
    outcomes = [o.name for o in folder.outcomes]
    if row.column not in outcomes:
        yield f"{where}: {row.column!r} is no outcome; {nearest(row.column, outcomes)}"
    known = [*OF_PANEL, *carried_columns(folder.plan, folder.outcomes), *outcomes]
    yield from (
        f"{where}: {column!r} is no column of the panel; {nearest(column, known)}"
        for column in named
        if column not in known
    )
    if row.date:
        yield f"{where}: the panel is reported by round; leave `date` empty"
    if row.measure == "on_time":
        yield f"{where}: the panel has no days; on_time is for a table of the survey"


def _unknown(folder: StudyFolder, where: str, table: str, columns: tuple[str, ...]) -> Iterator[str]:
    tables = [t.name for t in folder.study.tables]
    if table not in tables:
        yield f"{where}: table {table!r} is not in study.yaml; {nearest(table, tables)}"
        return
    known = list(folder.codebook.columns(table))
    yield from (
        f"{where}: column {c!r} is not in codebook.csv; {nearest(c, known)}"
        for c in columns
        if c not in known
    )


def _of_type(
    folder: StudyFolder, where: str, place: tuple[str, str], types: tuple[VariableType, ...]
) -> Iterator[str]:
    """A column that exists and is of another type than is needed."""
    table, column = place
    if column in folder.codebook.columns(table):
        found = folder.codebook.find(table, column).type
        if found not in types:
            yield f"{where}: column {column!r} is {found}; it must be {' or '.join(types)}"


def _not_allowed(
    folder: StudyFolder, where: str, place: tuple[str, str], values: tuple[str, ...]
) -> Iterator[str]:
    """Values that the codebook does not allow in a column for which it lists values."""
    table, column = place
    if column not in folder.codebook.columns(table):
        return
    allowed = list(folder.codebook.find(table, column).allowed)
    yield from (
        f"{where} {value!r} is not among the values of column {column!r}; {nearest(value, allowed)}"
        for value in values
        if allowed and value not in allowed
    )
