"""What a result was made from: digests of files and of code, and the lock on raw data."""

from __future__ import annotations

import ast
import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from impacteval.errors import DataError, raise_together

PACKAGE = "impacteval"
RECORDED_PACKAGES = (
    "great-expectations",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "pyreadstat",
    "scipy",
    "seaborn",
    "snakemake",
    "statsmodels",
)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


LOCK_COLUMNS = ("file", "size_bytes", "sha256", "n_rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """One line of ``raw.lock``: the file's name, its size, its SHA-256 and how many rows were read from it.

    ``n_rows`` is None where the rows could not be counted, and in locks of earlier versions.
    """

    file: str
    size_bytes: int
    sha256: str
    n_rows: int | None = None

    def is_same(self, other: LockedFile) -> bool:
        """Whether two entries are about the same bytes."""
        return (self.size_bytes, self.sha256) == (other.size_bytes, other.sha256)


def locked(path: Path, n_rows: int | None = None) -> LockedFile:
    """Describe a file as ``raw.lock`` does."""
    return LockedFile(file=path.name, size_bytes=path.stat().st_size, sha256=sha256_of(path), n_rows=n_rows)


def check_bytes(content: bytes, file: str, lock: Iterable[LockedFile]) -> None:
    """Compare content that is about to be written with the lock; DataError where it differs."""
    found = hashlib.sha256(content).hexdigest()
    expected = next((f.sha256 for f in lock if f.file == file), "none")
    if found != expected:
        raise DataError(f"{file}: sha256 {found}, expected {expected}; the source is not what was locked")


def read_lock(path: Path) -> tuple[LockedFile, ...]:
    """Read ``raw.lock``.

    Raises
    ------
    DataError
        Where there is no lock, or a line is not ``file,size_bytes,sha256,n_rows`` (earlier versions
        wrote no ``n_rows``).
    """
    if not path.is_file():
        raise DataError(f"{path}: not found; write it with `impacteval lock {path.parent.name}`")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    if rows[:1] not in ([[*LOCK_COLUMNS]], [[*LOCK_COLUMNS[:3]]]):
        raise DataError(f"{path}, line 1: expected the header {','.join(LOCK_COLUMNS)}")
    n_columns = len(rows[0])
    problems = [
        f"line {number}: found {','.join(row)!r}, expected a file name, a size, 64 hexadecimal digits"
        + (" and a number of rows" if n_columns == len(LOCK_COLUMNS) else "")
        for number, row in enumerate(rows[1:], start=2)
        if len(row) != n_columns or not _is_entry(row)
    ]
    raise_together(problems, DataError, str(path))
    return tuple(_entry(row) for row in rows[1:])


def _is_entry(row: Sequence[str]) -> bool:
    counts = [row[1], *(n for n in row[3:] if n)]
    return all(n.isascii() and n.isdigit() for n in counts) and len(row[2]) == 64


def _entry(row: Sequence[str]) -> LockedFile:
    n_rows = row[3] if len(row) > 3 else ""
    return LockedFile(
        file=row[0], size_bytes=int(row[1]), sha256=row[2], n_rows=int(n_rows) if n_rows else None
    )


def format_lock(files: Iterable[LockedFile]) -> str:
    """Return the text of ``raw.lock``, sorted by file name."""
    lines = [
        f"{f.file},{f.size_bytes},{f.sha256},{'' if f.n_rows is None else f.n_rows}"
        for f in sorted(files, key=lambda f: f.file)
    ]
    return "\n".join([",".join(LOCK_COLUMNS), *lines, ""])


def check_listed(lock: Iterable[LockedFile], files: Iterable[str], lock_path: Path) -> None:
    """Check that the lock covers exactly the files of the study's tables.

    Raises
    ------
    DataError
        Naming files that only one of the two lists.
    """
    locked_names, named = {f.file for f in lock}, set(files)
    problems = [
        f"{name}: in study.yaml but not locked; lock it again" for name in sorted(named - locked_names)
    ]
    problems += [f"{name}: locked but in no table of study.yaml" for name in sorted(locked_names - named)]
    raise_together(problems, DataError, str(lock_path))


def check_lock(folder: Path, lock: Iterable[LockedFile], obtain: Mapping[str, str], lock_path: Path) -> None:
    """Compare the files in a folder with their lock.

    Parameters
    ----------
    folder : Path
        Where the raw files lie.
    lock : LockedFile
        What they must be.
    obtain : mapping
        File name to a sentence that says where the file can be had.

    Raises
    ------
    DataError
        Naming each file that is missing or differs, with what was expected, found and to be done.
    """
    problems = []
    for expected in lock:
        path = folder / expected.file
        if not path.is_file():
            where = obtain.get(expected.file, f"put the file there or take it out of {lock_path}")
            problems.append(
                f"{path}: missing ({expected.size_bytes} bytes, sha256 {expected.sha256}); {where}"
            )
        elif not (found := locked(path)).is_same(expected):
            problems.append(
                f"{path}: not the file that was locked: sha256 {found.sha256} ({found.size_bytes} bytes), "
                f"expected {expected.sha256} ({expected.size_bytes} bytes); restore the file or, if the new "
                f"one is meant, lock it again and say why in the history"
            )
    raise_together(problems, DataError, f"raw data below {folder}")


def _imported_names(source: Path) -> set[str]:
    """Names of the project's modules that a Python file imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in names if name.split(".")[0] == PACKAGE}


def _files_of_module(name: str, package_root: Path) -> list[Path]:
    """Files that importing a module runs: the module and the packages that hold it."""
    parts = name.split(".")[1:]
    candidates = [package_root / "__init__.py"]
    for depth in range(1, len(parts) + 1):
        stem = package_root.joinpath(*parts[:depth])
        candidates += [stem / "__init__.py", stem.with_suffix(".py")]
    return [path for path in candidates if path.is_file()]


def sources_of(script: Path, package_root: Path) -> tuple[Path, ...]:
    """List a script and all project files that it imports, directly or not, and their data files.

    A folder of the package that holds templates counts as used when a module beside it is used.
    """
    seen: set[Path] = set()
    queue = [script]
    while queue:
        path = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.suffix == ".py":
            for name in _imported_names(path):
                queue += _files_of_module(name, package_root)
            if path.is_relative_to(package_root):
                queue += [p for p in (path.parent / "templates").glob("*") if p.is_file()]
    return tuple(sorted(seen))


def code_digest(script: Path, package_root: Path, lock: Path) -> str:
    """Digest of all code that a script runs, and of the locked versions it runs with.

    It depends on contents alone, so that a checkout or a touched file reruns nothing.
    """
    digest = hashlib.sha256()
    for path in sources_of(script, package_root):
        name = path.relative_to(package_root) if path.is_relative_to(package_root) else Path(path.name)
        digest.update(f"{name.as_posix()}\0{sha256_of(path)}\0".encode())
    digest.update(sha256_of(lock).encode() if lock.is_file() else b"no lock")
    return digest.hexdigest()


def package_versions() -> dict[str, str]:
    """Versions of the packages that results can depend on."""
    return {name: version(name) for name in RECORDED_PACKAGES}


def input_record(raw: list[str], config: list[str], codes: dict[str, str], lock: str) -> dict[str, object]:
    """Describe what a run starts from.

    Parameters
    ----------
    raw, config : list of str
        Paths of the raw and of the configuration files.
    codes : dict
        Script name to digest of the code it runs.
    lock : str
        SHA-256 of the lock of package versions.

    Returns
    -------
    dict
        Sections ``raw``, ``config``, ``code``, ``environment`` and ``versions``: name to digest or version.
    """
    import platform

    return {
        "raw": {Path(path).name: sha256_of(Path(path)) for path in sorted(raw)},
        "config": {Path(path).name: sha256_of(Path(path)) for path in sorted(config)},
        "code": dict(sorted(codes.items())),
        "environment": {"requirements.lock": lock},
        "versions": {"python": platform.python_version(), **package_versions()},
    }
