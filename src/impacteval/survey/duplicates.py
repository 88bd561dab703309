"""Rows that share their key: a decision on one of them needs a decision on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from impacteval.codebook import Codebook
from impacteval.survey.corrections import Correction
from impacteval.survey.keys import keys_of
from impacteval.survey.places import Index, Placed, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Rows that share their key with others, where the log drops one or gives it another id."""

    placed: Sequence[Placed]
    indices: Mapping[str, Index]
    codebook: Codebook

    def undecided(self) -> Iterator[tuple[Correction, str]]:
        """Rows of a group of duplicates about which no line says anything."""
        for table, members in self._groups().items():
            frame, decided = self.indices[table].frame, self._decided(table)
            for c, rows in members:
                silent = [row for row in rows if row not in decided]
                if silent:
                    places = ", ".join(words_of(frame, row) for row in silent[:6])
                    yield (
                        c,
                        f"{len(rows)} rows have the key of this one, and no line decides on {places}; say "
                        "drop, newid or, for the one that is right, okay",
                    )

    def keepers(self) -> frozenset[int]:
        """Ids of ``okay`` lines by which a row of such a group is kept."""
        kept = []
        for table, members in self._groups().items():
            rows = {row for _, group in members for row in group}
            kept += [
                p.correction.correction_id
                for p in self.placed
                if p.correction.table == table and p.position in rows and self._keeps(p.correction)
            ]
        return frozenset(kept)

    def _keeps(self, correction: Correction) -> bool:
        """Whether an ``okay`` is about the key of a row."""
        return correction.action == "okay" and self.indices[correction.table].roles.unit in correction.columns

    def _decided(self, table: str) -> set[int]:
        return {
            p.position
            for p in self.placed
            if p.correction.table == table
            and (p.correction.action in {"drop", "newid"} or self._keeps(p.correction))
        }

    def _groups(self) -> dict[str, list[tuple[Correction, list[int]]]]:
        """Each drop or new id in a group of duplicates, with the positions of that group, by table."""
        found: dict[str, list[tuple[Correction, list[int]]]] = {}
        for table, index in self.indices.items():
            mine = [
                p
                for p in self.placed
                if p.correction.table == table and p.correction.action in {"drop", "newid"}
            ]
            if mine and index.roles.unit:
                rows_of = _duplicates(index, table, self.codebook)
                found[table] = [(p.correction, rows_of[p.position]) for p in mine if p.position in rows_of]
        return found


def _duplicates(index: Index, table: str, codebook: Codebook) -> dict[int, list[int]]:
    """Positions of all rows with the key of a row, by that row's position, where several have it."""
    roles = index.roles
    key = [c for c in (roles.unit, roles.member, roles.period) if c]
    rows_of: dict[tuple[str, ...], list[int]] = {}
    for position, values in enumerate(keys_of(index.frame, table, key, codebook)):
        if values:
            rows_of.setdefault(values, []).append(position)
    return {position: rows for rows in rows_of.values() if len(rows) > 1 for position in rows}
