"""Answers under ``other``: too many, or ones that the list has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D
from impacteval.checks.response import OtherSpecify
from impacteval.codebook import MASKED, Variable
from impacteval.validation.survey import CheckedTable, Failures, Survey, failing_whole

RECODE_COLUMNS = (
    "table",
    "column",
    "text_column",
    "value",
    "n_rows",
    "first_file",
    "first_row",
    "proposed_code",
    "proposed_label",
    "similarity",
)
NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option of a list and how it may be written."""

    code: str
    label: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The option that a text is nearest to, and 100 times the ratio of the two."""

    code: str
    label: str
    similarity: float


def check_other_specify(survey: Survey, check: OtherSpecify) -> list[Failures]:
    """Find a list whose ``other`` is frequent, and texts under it that the list has."""
    table = survey.tables[check.table]
    answers = table.text[check.column].str.strip().where(table.frame[check.column].notna(), "")
    is_other = _chose(answers, check.other)
    n_answers, n_other = int((answers != "").sum()), int(is_other.sum())
    found: list[Failures] = []
    if n_answers and n_other / n_answers >= check.threshold:
        note = f"{n_other / n_answers:.1%} of {n_answers} answers are `{check.other}`"
        found += failing_whole(check, check.column, note)
    return [*found, *_listed_after_all(table, is_other, check)]


def _chose(answers: pd.Series, option: str) -> Bool1D:
    """Whether an option is an answer, or one of the choices of a question that takes several."""
    codes, labels = pd.factorize(answers)
    holds = np.array([option == str(x) or option in str(x).split() for x in labels], dtype=np.bool_)
    return holds[codes] if len(holds) else np.zeros(len(answers), dtype=np.bool_)


def _listed_after_all(table: CheckedTable, is_other: Bool1D, check: OtherSpecify) -> list[Failures]:
    texts = _typed(table, check).where(is_other, "")
    matches = _matches(texts, table, check)
    rows = np.flatnonzero(texts.isin(matches.keys()).to_numpy())
    if not len(rows):
        return []
    found = [matches[text] for text in texts.iloc[rows]]
    return [
        Failures(
            check=check,
            table=check.table,
            rows=rows,
            columns=(check.column, check.text),
            notes=tuple(f"it is {_option_said(m, table, check)} ({m.similarity:.0f}% alike)" for m in found),
            suggestions=tuple(f"recode {check.column} to {_option_said(m, table, check)}" for m in found),
        )
    ]


def _is_hidden(table: CheckedTable, check: OtherSpecify) -> bool:
    """The option that a text is like gives the text away."""
    return table.is_confidential(check.column) or table.is_confidential(check.text)


def _option_said(match: Match, table: CheckedTable, check: OtherSpecify) -> str:
    if _is_hidden(table, check):
        return "an option of the list"
    return f"option {match.code} of the list" + (f" ({match.label})" if match.label != match.code else "")


def _typed(table: CheckedTable, check: OtherSpecify) -> pd.Series:
    return table.text[check.text].str.strip().where(table.frame[check.text].notna(), "").astype("str")


def _matches(texts: pd.Series, table: CheckedTable, check: OtherSpecify) -> dict[str, Match]:
    """For each distinct text that an option is like enough to, the nearest option."""
    options = _options(table.codebook.find(check.table, check.column), check.other)
    nearest = {text: _nearest(text, options) for text in sorted(set(texts) - {""})}
    return {t: m for t, m in nearest.items() if m is not None and m.similarity >= check.similarity}


def _options(variable: Variable, other: str) -> list[Option]:
    """Options but ``other``, as codes and as labels in all languages."""
    found = []
    for place, code in enumerate(variable.allowed):
        labels = [said[place] for said in variable.labels_of_choices if place < len(said)]
        if code != other:
            texts = tuple(dict.fromkeys(t for t in map(normalised, (code, *labels)) if t))
            found.append(Option(code=code, label=labels[0] if labels else code, texts=texts))
    return found


def normalised(text: str) -> str:
    """A text in lower case, with one space for all that is neither letter nor digit, accents off."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return NOT_WORD.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def _nearest(text: str, options: Sequence[Option]) -> Match | None:
    """The most similar option, the first of equals; a text with a digit must be the same."""
    from rapidfuzz import fuzz

    mine, best = normalised(text), None
    for option in options:
        for theirs in option.texts:
            has_digit = any(c.isdigit() for c in mine + theirs)
            similarity = 100.0 * (mine == theirs) if has_digit else float(fuzz.ratio(mine, theirs))
            if best is None or similarity > best.similarity:
                best = Match(code=option.code, label=option.label, similarity=similarity)
    return best


def recode_sheet(survey: Survey, check: OtherSpecify) -> pd.DataFrame:
    """List what was typed under ``other``, with a proposal where the list has it.

    Returns
    -------
    DataFrame
        ``RECODE_COLUMNS``, one row a distinct text, the frequent ones first. Where a column is
        confidential texts are masked and nothing is proposed; the first place of each leads to it.
    """
    table = survey.tables[check.table]
    answers = table.text[check.column].str.strip().where(table.frame[check.column].notna(), "")
    texts = _typed(table, check).where(_chose(answers, check.other), "")
    matches = _matches(texts, table, check)
    rows = pd.DataFrame(
        {"value": texts, "first_file": table.text["source_file"], "first_row": table.text["source_row"]}
    )
    rows = rows[rows["value"] != ""].sort_values(["value", "first_file", "first_row"])
    sheet = rows.groupby("value", sort=True).agg(
        n_rows=("value", "size"), first_file=("first_file", "first"), first_row=("first_row", "first")
    )
    sheet = sheet.reset_index().sort_values(["n_rows", "value"], ascending=[False, True], ignore_index=True)
    found = [matches.get(v, Match(code="", label="", similarity=float("nan"))) for v in sheet["value"]]
    sheet["proposed_code"] = pd.Series([m.code for m in found], dtype="str")
    sheet["proposed_label"] = pd.Series([m.label for m in found], dtype="str")
    sheet["similarity"] = pd.Series([m.similarity for m in found], dtype="float64")
    for column, value in (("table", check.table), ("column", check.column), ("text_column", check.text)):
        sheet[column] = pd.Series(value, index=sheet.index, dtype="str")
    if _is_hidden(table, check):
        sheet = sheet.assign(value=MASKED, proposed_code="", proposed_label="", similarity=float("nan"))
    return sheet[list(RECODE_COLUMNS)]


FUNCTIONS: Mapping[type, Callable[..., list[Failures]]] = {OtherSpecify: check_other_specify}
