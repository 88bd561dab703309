"""A form and the draft that it gives with a KoBo-like file."""

from __future__ import annotations

import pytest

from impacteval.survey.data_files import look_at
from support.drafts import drafted, kobo_rows
from support.forms import make_form, write_rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("form")


@pytest.fixture(scope="module")
def form(folder):
    return make_form(folder, version="v1")


@pytest.fixture(scope="module")
def kobo(form, folder):
    return drafted(form, look_at(write_rows(folder / "firms.csv", kobo_rows()), "firms"))


@pytest.fixture
def kobo_file(tmp_path):
    return write_rows(tmp_path / "firms.csv", kobo_rows())
