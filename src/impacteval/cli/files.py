"""Raw files of a study: where they lie, and the lock on them."""

from __future__ import annotations

from pathlib import Path

from impacteval.config import SurveyFolder, load_study, load_survey
from impacteval.errors import DataError, raise_together
from impacteval.provenance import LockedFile, format_lock, locked, read_lock
from impacteval.survey.read import read_all
from impacteval.survey.row_counts import count_lines, rows_by_file
from impacteval.tables import write_bytes, write_text


def load(root: Path, study: str) -> SurveyFolder:
    """Load a study, or what there is of it before it has a plan."""
    has_plan = (root / "config" / study / "plan.yaml").is_file()
    return load_study(root, study) if has_plan else load_survey(root, study)


def raw_folder(root: Path, folder: SurveyFolder) -> Path:
    """Where a study's raw files lie: beside the lock, or below results when a package carries them."""
    name = folder.name
    return root / (f"data/{name}/raw" if folder.study.source is None else f"results/{name}/source")


def files_of(folder: SurveyFolder) -> list[str]:
    """Raw files that the tables of a study name."""
    return [file for table in folder.study.tables for file in table.files]


def fetch(root: Path, folder: SurveyFolder) -> Path:
    """Return the folder of raw files, once a package's are written there."""
    where = raw_folder(root, folder)
    if folder.study.source is not None:
        from impacteval.survey.source import packaged_bytes

        write_bytes(where / folder.study.source.file, packaged_bytes(folder.study.source))
    return where


def lock(root: Path, study: str) -> str:
    """Write ``raw.lock`` of a study from the files that are there now, and say how many rows they have.

    The rows are those that are read as ``study.yaml`` says; of a table that cannot be read they are not
    known, and nothing is kept of them.
    """
    folder = load(root, study)
    where, names = fetch(root, folder), files_of(folder)
    missing = [f"{where / name}: not found; put it there" for name in names if not (where / name).is_file()]
    raise_together(missing, DataError, f"raw files of {study}")
    path = root / "data" / study / "raw.lock"
    before = _locked_before(path)
    text, _ = read_all(where, folder.study.tables, folder.codebook)
    counts = rows_by_file(text, folder.study.tables)
    write_text(path, format_lock(locked(where / name, counts.get(name)) for name in dict.fromkeys(names)))
    unread = [name for name in dict.fromkeys(names) if name not in counts]
    lines = [
        *count_lines(counts, before),
        *(f"{name}: rows not counted, as it cannot be read" for name in unread),
    ]
    n = len(set(names))
    return "\n".join([f"{path}: {n} {'file' if n == 1 else 'files'} locked; commit it", *lines])


def _locked_before(path: Path) -> tuple[LockedFile, ...]:
    """The lock that is about to be replaced; nothing where there is none or it is damaged."""
    try:
        return read_lock(path)
    except DataError:
        return ()
