"""Texts of drafted files, with what is left to write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

import numpy as np
import yaml

from impacteval.codebook import Variable
from impacteval.survey.form_parts import Form

TO_WRITE = "to be written"
WIDTH = 110


def study_text(
    tables: Sequence[Mapping[str, object]],
    form: Form | None,
    notes: Sequence[str],
    *,
    fieldwork: Sequence[Mapping[str, str]] = (),
) -> str:
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
    if fieldwork:
        content["fieldwork"] = [dict(window) for window in fieldwork]
    head = ["A draft: finish what is `to be written`, and check what stands here.", *notes]
    return _comments(head) + _dumped(content)


def checks_text(
    checks: Sequence[Mapping[str, object]],
    batteries: Mapping[str, Sequence[Sequence[str]]],
    evidence: Mapping[str, str],
) -> str:
    """Write ``checks.yaml``; batteries stand there as comments, since their reversed items are unknown.

    A check stands below its evidence, by its id, where it was drafted from data alone.
    """
    notes = [
        f"table {table}: {len(items)} items in a row share one list, from {items[0]} to {items[-1]}; if they "
        "are a battery with reversed items, add a check `straight_line` (items, reversed)"
        for table, runs in batteries.items()
        for items in runs
    ]
    allowed = "data allow" if evidence else "form allows"
    head = [
        f"A draft: what the {allowed}, with default thresholds. Take out what does not apply.",
        *notes,
    ]
    written = "".join(
        (_comments([evidence[id_]]) if (id_ := str(check["id"])) in evidence else "") + _listed(check)
        for check in checks
    )
    return _comments(head) + (f"checks:\n{written}" if checks else _dumped({"checks": []}))


def _listed(check: Mapping[str, object]) -> str:
    """One check as a member of a list."""
    return yaml.dump([dict(check)], Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=WIDTH)


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
        return np.format_float_positional(value, trim="-")
    return str(value)
