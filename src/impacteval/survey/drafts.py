"""Drafts of the files of a study, from its form and a look at its data; people finish them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from impacteval.codebook import Variable
from impacteval.delivery import Roles
from impacteval.errors import ConfigError, raise_together
from impacteval.survey.data_files import DataFile, look_at
from impacteval.survey.draft_checks import DraftTable, batteries, drafted_checks
from impacteval.survey.draft_codebook import variable_of
from impacteval.survey.draft_columns import (
    Placed,
    expected_columns,
    not_delivered,
    placed_columns,
)
from impacteval.survey.draft_data_table import DataTable, table_of_data
from impacteval.survey.draft_entries import file_details, grouped_doubts, table_entry
from impacteval.survey.draft_expressions import with_evaluable_conditions
from impacteval.survey.draft_languages import language_notes
from impacteval.survey.draft_roles import drafted_roles, with_keys_required, without_wrong_times
from impacteval.survey.draft_texts import checks_text, codebook_text, study_text
from impacteval.survey.form_parts import Form, Question, references
from impacteval.survey.system_columns import LINKS, system_name

TABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Texts of a study's files, and what whoever finishes them should know.

    ``unplaced`` are columns of the data that neither the form nor the collecting software explains, by
    table; ``absent`` are questions of the form that the data do not have.
    """

    study: str
    codebook: str
    checks: str
    corrections: str
    unplaced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, str]:
        """Texts by the names that the files have in the study's folder."""
        return {
            "study.yaml": self.study,
            "codebook.csv": self.codebook,
            "checks.yaml": self.checks,
            "corrections.csv": self.corrections,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _TableDraft:
    """What was drafted of one table."""

    table: DraftTable
    entry: dict[str, object]
    unplaced: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def draft_study(
    form: Form,
    data: DataFile,
    *,
    repeats: Sequence[DataFile] = (),
    correction_columns: Sequence[str],
    unit: str = "",
    period: str = "",
) -> Drafts:
    """Draft a study from its form.

    Parameters
    ----------
    form : Form
    data : DataFile
        The table of interviews: with its cells (``look_at``), with its header alone (``with_header``),
        or with nothing but its name, where there are no data yet.
    repeats : sequence of DataFile
        Files of repeat groups; each names its repeat.
    correction_columns : sequence of str
        Header of ``corrections.csv``.
    unit, period : str
        Columns that identify an enterprise and a round; a period is never guessed.

    Returns
    -------
    Drafts
        Texts that ``load_survey`` reads at once.

    Raises
    ------
    ConfigError
        For a name of a table, a repeat, a unit or a period that cannot be.
    """
    repeats = repeats if repeats or data.header else _expected_repeats(form)
    _refuse_wrong_tables([data, *repeats], form)
    main = _draft_of_interviews(form, data, unit=unit, period=period)
    drafts = [main]
    for file in repeats:
        drafts.append(_draft_of_repeat(form, file, main))
    notes = [*language_notes(form), *form.doubts, *_undelivered_repeats(form, drafts)]
    return _joined(drafts, correction_columns, notes, form)


def _expected_repeats(form: Form) -> list[DataFile]:
    """A table for each repeat, where there are no data yet."""
    names = {name: re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:41] for name in form.repeats}
    return [DataFile(table=table, file=f"{name}.csv", repeat=name) for name, table in names.items()]


def draft_from_data(
    path: Path,
    table: str,
    *,
    correction_columns: Sequence[str],
    unit: str = "",
    period: str = "",
    sheet: str = "",
) -> Drafts:
    """Draft a study from a data file alone: its header, its labels where it has any, and its cells.

    A type is proposed only where every cell fits it; everything else is text. What is concluded from
    names and cells is said to be confirmed.

    Raises
    ------
    ConfigError, DataError
        For a name that cannot be, or a file that cannot be read.
    """
    data = look_at(path, table, sheet=sheet)
    _refuse_wrong_tables([data], None)
    found = table_of_data(data, unit=unit, period=period)
    draft = _TableDraft(
        table=found.table,
        entry=table_entry(data, found.table.roles),
        notes=tuple(f"table {data.table}: {note}" for note in found.notes),
    )
    return _joined([draft], correction_columns, [], found)


def _refuse_wrong_tables(files: Sequence[DataFile], form: Form | None) -> None:
    names = [f.table for f in files]
    repeats = form.repeats if form else ()
    problems = [
        f"table {n!r}: names begin with a small letter and hold small letters, digits and _, 41 at most"
        for n in names
        if not TABLE_NAME.fullmatch(n)
    ]
    problems += [f"table {n!r} stands twice" for n in sorted({n for n in names if names.count(n) > 1})]
    problems += [
        f"table {f.table!r}: the form has no repeat {f.repeat!r}; repeats: {', '.join(repeats) or 'none'}"
        for f in files
        if f.repeat not in {"", *repeats}
    ]
    problems += [f"table {f.table!r}: say which repeat it holds" for f in files[1:] if not f.repeat]
    raise_together(problems, ConfigError, "draft")


def _draft_of_interviews(form: Form, data: DataFile, *, unit: str, period: str) -> _TableDraft:
    """The table with a row for each interview; wide files have the questions of repeats as well."""
    own = [q for q in form.questions if q.repeat == data.repeat]
    questions = own if data.repeat else list(form.questions)
    placed = placed_columns(form, questions, data.header) if data.header else expected_columns(form, own)
    found = drafted_roles(placed, form, data, unit=unit, period=period)
    return _drafted(form, data, placed, roles=found.roles, notes=found.notes)


def _draft_of_repeat(form: Form, data: DataFile, main: _TableDraft) -> _TableDraft:
    """A repeat's table with the columns of the interview that its conditions and its unit need."""
    own = [q for q in form.questions if q.repeat == data.repeat]
    placed = placed_columns(form, own, data.header) if data.header else expected_columns(form, own)
    columns = [p.column for p in placed]
    link = _link(columns, [v.column for v in main.table.variables])
    if link is None:
        note = "nothing links it to the interviews yet; give `parent` by hand"
        return _drafted(form, data, placed, roles=_roles_of_repeat(placed, ""), notes=[note])
    unit = main.table.roles.unit
    carried = _carried(own, unit, main, columns)
    names = [v.column for v in carried]
    roles = _roles_of_repeat(placed, unit if unit in names else "")
    draft = _drafted(form, data, placed, roles=roles, carried=names)
    parent: dict[str, object] = {"table": main.table.name, "own": link[0], "key": link[1], "carried": names}
    copies = (replace(v, table=data.table, required="no", relevant="", constraint="") for v in carried)
    table = replace(draft.table, variables=(*draft.table.variables, *copies))
    return replace(draft, table=table, entry={**draft.entry, "parent": parent})


def _roles_of_repeat(placed: Sequence[Placed], unit: str) -> Roles:
    """Rows of a repeat have the unit of their interview, and in some software a key of their own."""
    return Roles(unit=unit, submission=next((p.column for p in placed if system_name(p.header) == "key"), ""))


def _carried(
    questions: Sequence[Question], unit: str, main: _TableDraft, columns: Sequence[str]
) -> list[Variable]:
    """Variables of the interviews that identify a row or stand in a condition of its questions."""
    needed = [name for q in questions for text in (q.asked_where, q.constraint) for name in references(text)]
    by_column = {v.column: v for v in main.table.variables}
    wanted = dict.fromkeys([unit, *needed])
    return [by_column[name] for name in wanted if name in by_column and name not in columns]


def _link(own: Sequence[str], parents: Sequence[str]) -> tuple[str, str] | None:
    """Columns by which rows of a repeat name their interview."""
    mine = {system_name(name): name for name in own}
    theirs = {system_name(name): name for name in parents}
    return next(((mine[a], theirs[b]) for a, b in LINKS if a in mine and b in theirs), None)


def _drafted(
    form: Form,
    data: DataFile,
    placed: Sequence[Placed],
    *,
    roles: Roles,
    notes: Sequence[str] = (),
    carried: Sequence[str] = (),
) -> _TableDraft:
    drafted = [variable_of(p, form, data) for p in placed]
    own = [q for q in form.questions if q.repeat == data.repeat]
    absent = not_delivered(own, placed) if data.header else ()
    lacking = expected_columns(form, absent)
    lacking_rows = [replace(variable_of(p, form, data).variable, required="no") for p in lacking]
    taken = {p.column for p in placed}
    kept = [v for v in lacking_rows if v.column not in taken]
    rows = with_keys_required([*(d.variable for d in drafted), *kept], roles)
    variables, dropped = with_evaluable_conditions(rows, carried)
    roles = without_wrong_times(roles, variables)
    unplaced = tuple(name for name in data.header if name not in {p.header for p in placed})
    doubtful = [(d.variable.column, d.doubt) for d in drafted]
    doubts = [*notes, *grouped_doubts([*doubtful, *dropped])]
    table = DraftTable(
        name=data.table,
        placed=placed,
        variables=variables,
        roles=roles,
        form=form,
        has_versions=bool(form.settings.version),
    )
    details = file_details(data, placed, [v.column for v in kept])
    entry = {**table_entry(data, roles), **details, **({"ignored": list(unplaced)} if unplaced else {})}
    return _TableDraft(
        table=table,
        entry=entry,
        unplaced=unplaced,
        absent=tuple(v.column for v in kept),
        notes=tuple(f"table {data.table}: {doubt}" for doubt in doubts),
    )


def _undelivered_repeats(form: Form, drafts: Sequence[_TableDraft]) -> Iterator[str]:
    """Repeats of which no file has a column."""
    found = {p.question.repeat for d in drafts for p in d.table.placed if p.question}
    for name in form.repeats:
        n = sum(q.repeat == name and q.type != "note" for q in form.questions)
        if name not in found and n:
            yield f"repeat {name}: none of its {n} questions is in a file; give the file that holds its rows"


def _joined(
    drafts: Sequence[_TableDraft],
    correction_columns: Sequence[str],
    notes: Sequence[str],
    source: Form | DataTable,
) -> Drafts:
    """The texts of all tables, drafted from a form or from data alone."""
    tables = [d.table for d in drafts]
    all_notes = [*notes, *(note for d in drafts for note in d.notes)]
    entries = [d.entry for d in drafts]
    if isinstance(source, Form):
        study = study_text(entries, source, all_notes)
        runs = {t.name: batteries(t) for t in tables}
        checks = checks_text([check for t in tables for check in drafted_checks(t)], runs, {})
    else:
        study = study_text(entries, None, all_notes, fieldwork=source.fieldwork)
        checks = checks_text(source.checks.checks, {}, source.checks.evidence)
    return Drafts(
        study=study,
        codebook=codebook_text(_all_variables(tables)),
        checks=checks,
        corrections=",".join(correction_columns) + "\n",
        unplaced={d.table.name: d.unplaced for d in drafts if d.unplaced},
        absent={d.table.name: d.absent for d in drafts if d.absent},
        notes=tuple(all_notes),
    )


def _all_variables(tables: Sequence[DraftTable]) -> list[Variable]:
    return [variable for table in tables for variable in table.variables]
