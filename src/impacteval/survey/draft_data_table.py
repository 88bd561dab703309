"""A table as its data file alone lets it be drafted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from impacteval.delivery import Roles
from impacteval.survey.data_files import DataFile
from impacteval.survey.draft_checks import DraftTable
from impacteval.survey.draft_columns import Placed
from impacteval.survey.draft_data_checks import DataChecks, checks_of_data
from impacteval.survey.draft_data_roles import fieldwork_of, roles_by_names, round_notes, with_position
from impacteval.survey.draft_entries import grouped_doubts
from impacteval.survey.draft_evidence import CONFIRM
from impacteval.survey.draft_labels import variables_of_data
from impacteval.survey.draft_roles import drafted_roles, with_keys_required, without_wrong_times


@dataclass(frozen=True, slots=True, kw_only=True)
class DataTable:
    """A drafted table, its checks, the days of its interviews, and what is to be looked at."""

    table: DraftTable
    checks: DataChecks
    fieldwork: Sequence[Mapping[str, str]]
    notes: tuple[str, ...]


def table_of_data(data: DataFile, *, unit: str, period: str) -> DataTable:
    """Draft a table from its file: types that all cells fit, roles by names, and what cells show.

    Raises
    ------
    ConfigError
        When the unit or period that is asked for is no column.
    """
    placed = tuple(Placed(header=name, column=name) for name in data.header)
    found = drafted_roles(placed, None, data, unit=unit, period=period)
    drafted = variables_of_data(data, apart=_columns_of(found.roles))
    typed = [d.variable for d in drafted]
    named = roles_by_names(typed, data, without_wrong_times(found.roles, typed))
    positioned, position_notes = with_position(typed, data, named.roles)
    variables = with_keys_required(positioned, named.roles)
    table = DraftTable(name=data.table, placed=placed, variables=variables, roles=named.roles)
    fieldwork = fieldwork_of(variables, data, named.roles)
    days = f"{CONFIRM}: fieldwork is from the first to the last day in {named.roles.start}; say when it ends"
    notes = [
        *found.notes,
        *named.notes,
        *round_notes(variables, data, named.roles),
        *position_notes,
        *([days] if fieldwork else []),
        *grouped_doubts((d.variable.column, d.doubt) for d in drafted),
    ]
    return DataTable(table=table, checks=checks_of_data(table, data), fieldwork=fieldwork, notes=tuple(notes))


def _columns_of(roles: Roles) -> frozenset[str]:
    """Columns that have a role: what is found in them so far says nothing of what may come."""
    said = [getattr(roles, f.name) for f in fields(Roles)]
    return frozenset(column for column in said if isinstance(column, str) and column)
