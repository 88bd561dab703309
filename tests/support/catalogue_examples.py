"""Examples of the checks of data in the catalogue, by a name that tells them apart."""

from __future__ import annotations

from support import catalogue_fieldwork, catalogue_people, catalogue_statistics, catalogue_values
from support.sound_survey import Example

TOPICS = (catalogue_values, catalogue_people, catalogue_fieldwork, catalogue_statistics)
EXAMPLES: dict[str, Example] = {
    f"{example.code}-{example.check.id}": example for topic in TOPICS for example in topic.EXAMPLES
}
