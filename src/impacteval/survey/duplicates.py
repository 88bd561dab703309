"""Rows that share their key: a decision on one of them needs a decision on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from impacteval.codebook import Codebook
from impacteval.survey.corrections import CELL_SEPARATOR, Correction
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

    def kept_twice(self) -> Iterator[tuple[Correction, str]]:
        """Lines that keep a row of a group of which another one is kept already."""
        for table, index in self.indices.items():
            keeping = [p for p in self.placed if p.correction.table == table and self._keeps(p)]
            rows_of = _duplicates(index, table, self.codebook) if keeping and index.roles.unit else {}
            first: dict[int, Correction] = {}
            for p in keeping:
                group = rows_of.get(p.position, [p.position])
                earlier = first.setdefault(group[0], p.correction)
                if earlier is not p.correction:
                    yield (
                        p.correction,
                        f"line {earlier.line} keeps another row of the same key; keep one, and say drop or "
                        "newid of the others",
                    )

    def keepers(self) -> frozenset[int]:
        """Ids of ``okay`` lines by which a row of such a group is kept."""
        kept = []
        for table, members in self._groups().items():
            rows = {row for _, group in members for row in group}
            kept += [
                p.correction.correction_id
                for p in self.placed
                if p.correction.table == table and p.position in rows and self._keeps(p)
            ]
        return frozenset(kept)

    def _keeps(self, placed: Placed) -> bool:
        """Whether an ``okay`` is about the whole key of a row, as it stands there."""
        c, index = placed.correction, self.indices[placed.correction.table]
        if c.action != "okay" or c.is_whole_table or set(c.columns) != set(_key(index)):
            return False
        row = index.frame.iloc[placed.position]
        return c.old_value == CELL_SEPARATOR.join(str(row[column]) for column in c.columns)

    def _decided(self, table: str) -> set[int]:
        return {
            p.position
            for p in self.placed
            if p.correction.table == table and (p.correction.action in {"drop", "newid"} or self._keeps(p))
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


def _key(index: Index) -> list[str]:
    """Columns that tell rows of a table apart."""
    roles = index.roles
    return [c for c in (roles.unit, roles.member, roles.period) if c]


def _duplicates(index: Index, table: str, codebook: Codebook) -> dict[int, list[int]]:
    """Positions of all rows with the key of a row, by that row's position, where several have it."""
    key = _key(index)
    rows_of: dict[tuple[str, ...], list[int]] = {}
    for position, values in enumerate(keys_of(index.frame, table, key, codebook)):
        if values:
            rows_of.setdefault(values, []).append(position)
    return {position: rows for rows in rows_of.values() if len(rows) > 1 for position in rows}
