"""Answers as a form stored them, whatever the software that exported them."""

from __future__ import annotations

import pytest

from impacteval.survey.form_answers import form_answers
from impacteval.survey.types import type_columns
from support.tables import text_table, variable


@pytest.mark.parametrize(
    ("type_", "changes", "cells", "stored"),
    [
        ("integer", {}, ["7", "7.0", "+7", "007", "", "-99.0", "abc", " 8 "], ["7", "7", "7", "7", "", "-99", "abc", "8"]),
        ("decimal", {}, ["1.50", "1e3", ".5", "2."], ["1.5", "1000", "0.5", "2"]),
        ("decimal", {"format": "id"}, ["1.500", "1.234", "1,5", "Rp 2.000", "tdk tahu"], ["1500", "1234", "1.5", "2000", "tdk tahu"]),
        ("integer", {"format": "en"}, ["1,500", "2 juta"], ["1500", "2000000"]),
        ("date", {"format": "%d %B %Y"}, ["5 Mei 2021", "-97", ""], ["2021-05-05", "-97", ""]),
        ("datetime", {"format": "%d/%m/%Y %H:%M"}, ["5/7/2021 9:30"], ["2021-07-05T09:30:00"]),
        ("date", {}, ["2021-05-05"], ["2021-05-05"]),
        ("text", {}, [" 007 ", "1.0"], ["007", "1.0"]),
        ("multiple", {}, [" a b "], ["a b"]),
    ],
)  # fmt: skip
def test_answers_are_as_the_form_stored_them(type_, changes, cells, stored):
    v = variable("x", type_, missing_codes=("-99=dont_know", "-97=not_applicable"), **changes)
    text = text_table({"x": cells})
    frame = type_columns(text, [v]).frame
    assert form_answers(text["x"], frame["x"], v).tolist() == stored
