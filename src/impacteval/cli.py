"""The command ``impacteval``: what a user does beside building a report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from impacteval.config import CORRECTION_COLUMNS, StudyFolder, load_study, read_rows
from impacteval.errors import DataError, ImpactEvalError, raise_together
from impacteval.provenance import check_listed, check_lock, format_lock, locked, read_lock
from impacteval.tables import write_bytes, write_text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all is well, 1 for an error in the user's files, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="impacteval", description="Evaluate enterprise programmes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("check", check, "check a study's configuration and raw files, and run nothing"),
        ("lock", lock, "write raw.lock: size and SHA-256 of every raw file of a study"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("study", help="name of the folder below config/")
        command.set_defaults(run=run)
    options = parser.parse_args(arguments)
    try:
        print(options.run(Path("."), options.study))
    except ImpactEvalError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def raw_folder(root: Path, folder: StudyFolder) -> Path:
    """Where a study's raw files lie: beside the lock, or below results when a package carries them."""
    name = folder.name
    return root / (f"data/{name}/raw" if folder.study.source is None else f"results/{name}/source")


def files_of(folder: StudyFolder) -> list[str]:
    """Raw files that the tables of a study name."""
    return [file for table in folder.study.tables for file in table.files]


def check(root: Path, study: str) -> str:
    """Check configuration, lock and raw files; raise what is wrong, else say what was checked."""
    from impacteval.survey.corrections import parse_corrections

    folder = load_study(root, study)
    logged = Path("config") / study / "corrections.csv"
    parse_corrections(read_rows(root / logged, CORRECTION_COLUMNS, logged))
    lock_path = root / "data" / study / "raw.lock"
    files = read_lock(lock_path)
    check_listed(files, files_of(folder), lock_path)
    where = raw_folder(root, folder)
    if folder.study.source is None or where.is_dir():
        obtain = {note.file: note.obtain for note in folder.study.raw_files}
        check_lock(where, files, obtain, lock_path)
    return f"{study}: configuration and {len(files)} raw files are in order"


def lock(root: Path, study: str) -> str:
    """Write ``raw.lock`` of a study from the files that are there now."""
    folder = load_study(root, study)
    where, names = raw_folder(root, folder), files_of(folder)
    if folder.study.source is not None:
        from impacteval.survey.source import packaged_bytes

        write_bytes(where / folder.study.source.file, packaged_bytes(folder.study.source))
    missing = [f"{where / name}: not found; put it there" for name in names if not (where / name).is_file()]
    raise_together(missing, DataError, f"raw files of {study}")
    path = root / "data" / study / "raw.lock"
    write_text(path, format_lock(locked(where / name) for name in names))
    return f"{path}: {len(names)} files locked; commit it"
