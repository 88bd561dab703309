"""The words of a report that are not everyday English, explained in a sentence or two."""

from __future__ import annotations

from impacteval.reporting.content import Facts, Parts


def glossary_parts(facts: Facts) -> Parts:
    """Explain the terms that the report cannot do without."""
    level = facts.level_text
    terms = {
        "Log points": (
            "a difference of logarithms. Small ones are close to percent: 0.05 log points are 5.1%; large "
            "ones are not: 0.5 are 64.9%."
        ),
        "Interval": (
            f"the effects that the data leave possible. Were the study repeated many times, about {level} of "
            "such intervals would hold the true effect."
        ),
        "Band": "like an interval, but wide enough to hold for all effects of an arm in one figure at once.",
        "Doubly robust": (
            "right if either of two models is right: the one of how outcomes change without treatment, or "
            "the one of who is treated."
        ),
        "Not yet treated": (
            "enterprises that have not been treated so far, whether they are treated later or never."
        ),
        "Normalised difference": (
            "how far apart two groups are, in standard deviations of the variable. Unlike a test, it does "
            "not grow with the number of enterprises."
        ),
        "First-order": (
            "an approximation from how much each enterprise pulls the estimate, without estimating again."
        ),
        "Bounds": (
            "the lowest and highest value an effect can take when some outcomes are not observed and "
            "treatment may have changed whose are."
        ),
    }
    return (tuple(f"{term}: {text}" for term, text in terms.items()),)
