"""The first draft of a study: its folder from a form, from data, or from both."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from impacteval.cli.files import lock
from impacteval.config import load_survey
from impacteval.config.survey_rules import NAME_PATTERN, name_rule
from impacteval.errors import ConfigError, raise_together
from impacteval.survey.corrections import CORRECTION_COLUMNS
from impacteval.survey.data_files import DataFile, look_at
from impacteval.survey.drafts import Drafts, draft_from_data, draft_study
from impacteval.survey.forms import read_form
from impacteval.tables import write_bytes, write_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a draft begins with.

    ``repeats`` are repeats of the form, each with the file that holds its rows; ``unit`` and
    ``period`` are columns that identify an enterprise and a round.
    """

    study: str
    table: str = "interviews"
    form: Path | None = None
    choices: Path | None = None
    data: Path | None = None
    repeats: tuple[tuple[str, Path], ...] = ()
    unit: str = ""
    period: str = ""

    @property
    def data_files(self) -> tuple[Path, ...]:
        """All files of data."""
        return (*((self.data,) if self.data else ()), *(path for _, path in self.repeats))

    @property
    def form_files(self) -> tuple[Path, ...]:
        """All files of the form."""
        return tuple(path for path in (self.form, self.choices) if path)


def init(root: Path, start: Start) -> str:
    """Write ``config/<study>/``, copy data and form below ``data/<study>/``, and lock the data.

    Raises
    ------
    ConfigError, DataError
        When the study is there already, files are missing or cannot be read; nothing is then written.
    """
    _refuse(root, start)
    drafts = _drafted(start)
    _load_once(start.study, drafts)
    folder = root / "config" / start.study
    for name, text in drafts.files.items():
        write_text(folder / name, text)
    for path in start.data_files:
        write_bytes(root / "data" / start.study / "raw" / path.name, path.read_bytes())
    for path in start.form_files:
        write_bytes(root / "data" / start.study / "forms" / path.name, path.read_bytes())
    lines = [f"{folder}: {', '.join(drafts.files)} drafted"]
    if start.data_files:
        lines.append(lock(root, start.study))
    unplaced = [f"{table}: {', '.join(columns)}" for table, columns in drafts.unplaced.items() if columns]
    lines += [f"columns that the form does not explain, in table {columns}" for columns in unplaced]
    lines += [f"look at: {note}" for note in drafts.notes]
    return "\n".join([*lines, f"read the drafts, then run `impacteval check {start.study}`"])


def _refuse(root: Path, start: Start) -> None:
    problems = []
    if not NAME_PATTERN.match(start.study):
        problems.append(name_rule(start.study))
    if (root / "config" / start.study).exists() or (root / "data" / start.study).exists():
        problems.append(
            f"config/{start.study} or data/{start.study} exists; choose another name or remove it"
        )
    if start.form is None and start.data is None:
        problems.append("nothing to begin with; give --form, --data or both")
    if start.choices is not None and start.form is None:
        problems.append("--choices belongs to a --form")
    if start.repeats and (start.form is None or start.data is None):
        problems.append("--repeat needs --form and --data")
    files = (*start.form_files, *start.data_files)
    problems += [f"{path}: not found" for path in files if not path.is_file()]
    names = [path.name for path in files]
    problems += [
        f"two files are named {n!r}; rename one" for n in sorted({n for n in names if names.count(n) > 1})
    ]
    raise_together(problems, ConfigError, f"init {start.study}")


def _drafted(start: Start) -> Drafts:
    if start.form is None:
        if start.data is None:
            raise ConfigError("nothing to begin with")
        return draft_from_data(
            start.data,
            start.table,
            correction_columns=CORRECTION_COLUMNS,
            unit=start.unit,
            period=start.period,
        )
    data = look_at(start.data, start.table) if start.data else DataFile(table=start.table)
    repeats = [look_at(path, _table_name(path), repeat=name) for name, path in start.repeats]
    return draft_study(
        read_form(start.form, start.choices),
        data,
        repeats=repeats,
        correction_columns=CORRECTION_COLUMNS,
        unit=start.unit,
        period=start.period,
    )


def _table_name(path: Path) -> str:
    letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in path.stem.lower())
    return letters.strip("_")[:41]


def _load_once(study: str, drafts: Drafts) -> None:
    """Load the drafts from a folder of their own, so that what is written is known to load."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in drafts.files.items():
            write_text(Path(folder) / "config" / study / name, text)
        load_survey(Path(folder), study)
