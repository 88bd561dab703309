"""Damaged files of every format: they are read or refused, and nothing else happens."""

from __future__ import annotations

import numpy as np
import pytest

from impacteval.errors import DataError
from impacteval.survey.read import RawFileError
from support.raw_files import mutated, read_bytes, small_files

N_MUTATIONS = {
    "a.csv": 150,
    "a.parquet": 100,
    "a.xlsx": 100,
    "a.dta": 100,
    "a.zip": 60,
    "a.sav": 8,
    "b.sav": 2,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return small_files(tmp_path_factory.mktemp("sound"))


def options_of(name):
    return {"member": "data/a.csv"} if name == "a.zip" else {}


def outcomes(folder, files, name, n_mutations):
    """How many damaged copies of a file were read, and how many refused."""
    rng = np.random.default_rng(20_231)
    n_read = n_refused = 0
    for _ in range(n_mutations):
        try:
            read_bytes(folder, mutated(files[name], rng), name, **options_of(name))
            n_read += 1
        except RawFileError as error:
            n_refused += all(problem.file == name for problem in error.problems)
    return n_read, n_refused


@pytest.mark.parametrize("name", list(N_MUTATIONS))
def test_sound_file_is_read(tmp_path, files, name):
    frame = read_bytes(tmp_path, files[name], name, **options_of(name))
    assert frame["firm"].tolist() == [f"F{i:03d}" for i in range(20)]
    assert (frame["wage"] == "").tolist() == [i == 3 for i in range(20)]


@pytest.mark.parametrize(("name", "n_mutations"), N_MUTATIONS.items())
def test_damaged_file_is_read_or_refused_by_name(tmp_path, files, name, n_mutations):
    n_read, n_refused = outcomes(tmp_path, files, name, n_mutations)
    assert n_read + n_refused == n_mutations
    assert n_refused > 0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n_mutations"), N_MUTATIONS.items())
def test_many_damaged_files_are_read_or_refused_by_name(tmp_path, files, name, n_mutations):
    n_read, n_refused = outcomes(tmp_path, files, name, 10 * n_mutations)
    assert n_read + n_refused == 10 * n_mutations


@pytest.mark.parametrize("name", [name for name in N_MUTATIONS if name != "a.csv"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_cut_off_binary_file_is_refused_by_name(tmp_path, files, name, share):
    content = files[name][: int(len(files[name]) * share)]
    with pytest.raises(DataError, match=name):
        read_bytes(tmp_path, content, name, **options_of(name))
