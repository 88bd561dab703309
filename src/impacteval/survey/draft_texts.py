"""Texts of drafted files, with what is left to write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

import yaml

from impacteval.codebook import Variable
from impacteval.survey.form_parts import Form

TO_WRITE = "to be written"
WIDTH = 110


def study_text(tables: Sequence[Mapping[str, object]], form: Form | None, notes: Sequence[str]) -> str:
    """Write ``study.yaml``; notes stand above it as comments."""
    title = form.settings.form_title if form else ""
    content: dict[str, object] = {
        "schema_version": 1,
        "title": title or TO_WRITE,
        "question": TO_WRITE,
        "programme": TO_WRITE,
        "setting": TO_WRITE,
        "synthetic": False,
        "seed": 1,
        "tables": [dict(table) for table in tables],
    }
    if form and form.settings.version:
        entry = {"table": tables[0]["name"], "file": form.file, "version": form.settings.version}
        content["forms"] = [{**entry, **({"choices": form.choices_file} if form.choices_file else {})}]
    head = ["A draft: finish what is `to be written`, and check what stands here.", *notes]
    return _comments(head) + _dumped(content)


def checks_text(
    checks: Sequence[Mapping[str, object]], batteries: Mapping[str, Sequence[Sequence[str]]]
) -> str:
    """Write ``checks.yaml``; batteries stand there as comments, since their reversed items are unknown."""
    notes = [
        f"table {table}: {len(items)} items in a row share one list, from {items[0]} to {items[-1]}; if they "
        "are a battery with reversed items, add a check `straight_line` (items, reversed)"
        for table, runs in batteries.items()
        for items in runs
    ]
    head = ["A draft: what the form allows, with default thresholds. Take out what does not apply.", *notes]
    return _comments(head) + _dumped({"checks": [dict(check) for check in checks]})


def _comments(lines: Sequence[str]) -> str:
    return "".join(f"# {' '.join(line.split())}\n" for line in lines)


class _PlainDumper(yaml.SafeDumper):
    """Writes every value out: configuration may not have aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """No value is written as a reference to another."""
        return True


def _dumped(content: Mapping[str, object]) -> str:
    return yaml.dump(dict(content), Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def codebook_text(variables: Iterable[Variable]) -> str:
    """Write ``codebook.csv``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [f.name for f in fields(Variable)]
    writer.writerow(names)
    writer.writerows([_cell(getattr(v, name)) for name in names] for v in variables)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "|".join(str(part) for part in value)
    if isinstance(value, float):
        return f"{value:.15f}".rstrip("0").rstrip(".")
    return str(value)
