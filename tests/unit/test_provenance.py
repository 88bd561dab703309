"""Locks on raw data, and digests of the code that a result was made with."""

from __future__ import annotations

import hashlib

import pytest

from impacteval.errors import DataError
from impacteval.provenance import (
    check_bytes,
    check_listed,
    check_lock,
    code_digest,
    format_lock,
    locked,
    package_versions,
    read_lock,
    sha256_of,
    sources_of,
)

OBTAIN = {"firms.csv": "ask the survey firm for it"}


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "firms.csv").write_bytes(b"firm,wage\n1,2\n")
    lock = tmp_path / "raw.lock"
    lock.write_text(format_lock([locked(folder / "firms.csv")]))
    return folder, lock


def test_lock_holds_name_size_and_hash(raw):
    folder, lock = raw
    entry = read_lock(lock)[0]
    assert (entry.file, entry.size_bytes) == ("firms.csv", 14)
    assert entry.sha256 == hashlib.sha256(b"firm,wage\n1,2\n").hexdigest() == sha256_of(folder / "firms.csv")
    check_lock(folder, read_lock(lock), OBTAIN, lock)


def test_lock_keeps_the_number_of_rows_where_it_is_known(raw):
    folder, lock = raw
    other = folder / "census.csv"
    other.write_bytes(b"firm\n")
    lock.write_text(format_lock([locked(folder / "firms.csv", 1), locked(other)]))
    entries = read_lock(lock)
    assert [(e.file, e.n_rows) for e in entries] == [("census.csv", None), ("firms.csv", 1)]
    assert format_lock(entries) == lock.read_text()
    check_lock(folder, entries, OBTAIN, lock)


def test_locks_of_earlier_versions_are_read(raw):
    folder, lock = raw
    digest = sha256_of(folder / "firms.csv")
    lock.write_text(f"file,size_bytes,sha256\nfirms.csv,14,{digest}\n")
    (entry,) = read_lock(lock)
    assert (entry.file, entry.size_bytes, entry.sha256, entry.n_rows) == ("firms.csv", 14, digest, None)
    check_lock(folder, [entry], OBTAIN, lock)


def test_changed_raw_file_is_refused_with_both_hashes(raw):
    folder, lock = raw
    (folder / "firms.csv").write_bytes(b"firm,wage\n1,3\n")
    with pytest.raises(DataError) as caught:
        check_lock(folder, read_lock(lock), OBTAIN, lock)
    message = str(caught.value)
    assert "firms.csv: not the file that was locked" in message
    assert sha256_of(folder / "firms.csv") in message and read_lock(lock)[0].sha256 in message
    assert "restore the file" in message


def test_missing_raw_file_is_met_with_where_to_get_it(raw):
    folder, lock = raw
    (folder / "firms.csv").unlink()
    with pytest.raises(
        DataError, match=r"firms.csv: missing \(14 bytes, sha256 [0-9a-f]{64}\); ask the survey firm for it"
    ):
        check_lock(folder, read_lock(lock), OBTAIN, lock)


def test_missing_lock_says_how_to_write_it(tmp_path):
    with pytest.raises(DataError, match=r"raw\.lock: not found; write it with `impacteval lock"):
        read_lock(tmp_path / "raw.lock")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,size\n", "line 1: expected the header"),
        ("", "line 1: expected the header"),
        ("file,size_bytes,sha256\na,1\n", "line 2: found 'a,1'"),
        ("file,size_bytes,sha256\na,x," + "0" * 64 + "\n", "line 2"),
        ("file,size_bytes,sha256\na,1,abc\n", "line 2"),
        ("file,size_bytes,sha256\na,1," + "0" * 64 + ",5\n", "line 2"),
        ("file,size_bytes,sha256,n_rows\na,1," + "0" * 64 + ",many\n", "line 2.*and a number of rows"),
        ("file,size_bytes,sha256,n_rows\na,1," + "0" * 64 + "\n", "line 2"),
    ],
)
def test_damaged_lock_is_refused_by_line(tmp_path, text, message):
    (tmp_path / "raw.lock").write_text(text)
    with pytest.raises(DataError, match=message):
        read_lock(tmp_path / "raw.lock")


def test_lock_and_study_must_name_the_same_files(raw):
    _, lock = raw
    entries = read_lock(lock)
    check_listed(entries, ["firms.csv"], lock)
    with pytest.raises(DataError, match=r"census.csv: in study.yaml but not locked"):
        check_listed(entries, ["firms.csv", "census.csv"], lock)
    with pytest.raises(DataError, match=r"firms.csv: locked but in no table"):
        check_listed(entries, [], lock)


def test_content_is_compared_before_it_is_written(raw):
    _, lock = raw
    check_bytes(b"firm,wage\n1,2\n", "firms.csv", read_lock(lock))
    with pytest.raises(DataError, match=r"firms\.csv: sha256 .* the source is not what was locked"):
        check_bytes(b"other", "firms.csv", read_lock(lock))
    with pytest.raises(DataError, match="expected none"):
        check_bytes(b"other", "census.csv", read_lock(lock))


@pytest.fixture
def project(tmp_path):
    """A package of this one's name: a script imports ``a``, which imports ``deep.b`` inside a function."""
    package = tmp_path / "src" / "impacteval"
    (package / "deep" / "templates").mkdir(parents=True)
    files = {
        "__init__.py": "",
        "a.py": "import numpy\n\n\ndef run():\n    from impacteval.deep.b import f\n\n    return f()\n",
        "deep/__init__.py": "",
        "deep/b.py": "from impacteval.deep import c\n\n\ndef f():\n    return c.X\n",
        "deep/c.py": "X = 1\n",
        "deep/templates/page.html": "<p></p>",
        "other.py": "Y = 1\n",
    }
    for name, text in files.items():
        (package / name).write_text(text)
    script = tmp_path / "job.py"
    script.write_text("from impacteval.a import run\n\nrun()\n")
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==2\n")
    return script, package, lock


def test_sources_are_those_that_a_script_imports_at_any_depth(project):
    script, package, _ = project
    names = {
        p.relative_to(package).as_posix() if p.is_relative_to(package) else p.name
        for p in sources_of(script, package)
    }
    assert names == {
        "job.py", "__init__.py", "a.py", "deep/__init__.py", "deep/b.py", "deep/c.py", "deep/templates/page.html",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changed", ["a.py", "deep/b.py", "deep/c.py", "deep/__init__.py", "deep/templates/page.html"]
)
def test_digest_changes_when_a_module_in_use_does(project, changed):
    script, package, lock = project
    before = code_digest(script, package, lock)
    path = package / changed
    path.write_text(path.read_text() + "\n# a change\n")
    assert code_digest(script, package, lock) != before


def test_digest_changes_with_the_script_and_the_lock(project):
    script, package, lock = project
    digests = [code_digest(script, package, lock)]
    lock.write_text("numpy==3\n")
    digests.append(code_digest(script, package, lock))
    script.write_text(script.read_text() + "# a change\n")
    digests.append(code_digest(script, package, lock))
    assert len(set(digests)) == 3


def test_digest_stays_when_another_module_changes_or_a_file_is_touched(project):
    script, package, lock = project
    before = code_digest(script, package, lock)
    (package / "other.py").write_text("Y = 2\n")
    (package / "a.py").touch()
    assert code_digest(script, package, lock) == before


def test_digest_does_not_depend_on_where_the_project_lies(project, tmp_path):
    script, package, lock = project
    before = code_digest(script, package, lock)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    package.parent.rename(moved / "src")
    script.rename(moved / "job.py")
    assert code_digest(moved / "job.py", moved / "src" / "impacteval", lock) == before


def test_versions_of_the_packages_that_compute_are_recorded():
    found = package_versions()
    assert {"numpy", "pandas", "scipy", "statsmodels"} <= found.keys()
    assert all(version[0].isdigit() for version in found.values())
