"""All kinds of checks that are conditions on rows of our own."""

from __future__ import annotations

import typing
from collections.abc import Mapping

from impacteval.validation import amounts, identifiers, personal_data, respondents
from impacteval.validation.row_rules import RowRule

ROW_RULES: Mapping[type, RowRule] = {
    **identifiers.RULES,
    **amounts.RULES,
    **respondents.RULES,
    **personal_data.RULES,
}
# By the name that `checks.yaml` gives them.
ROW_KINDS: Mapping[str, type] = {
    typing.get_args(typing.get_type_hints(type_)["kind"])[0]: type_ for type_ in ROW_RULES
}
