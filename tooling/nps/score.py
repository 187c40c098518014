"""The score and its category: the only place that knows the thresholds."""

from __future__ import annotations

from enum import StrEnum

LOWEST, HIGHEST = 0, 10
FIRST_PASSIVE, FIRST_PROMOTER = 7, 9


class Category(StrEnum):
    PROMOTER = "Promoter"
    PASSIVE = "Passive"
    DETRACTOR = "Detractor"


def category_of(score: int) -> Category:
    """The NPS category of a score.

    >>> [category_of(s).value for s in (0, 6, 7, 8, 9, 10)]
    ['Detractor', 'Detractor', 'Passive', 'Passive', 'Promoter', 'Promoter']

    Raises:
        ValueError: the score is not between 0 and 10.
    """
    if not LOWEST <= score <= HIGHEST:
        raise ValueError(f"a score is an integer from {LOWEST} to {HIGHEST}, not {score}")
    if score >= FIRST_PROMOTER:
        return Category.PROMOTER
    return Category.PASSIVE if score >= FIRST_PASSIVE else Category.DETRACTOR


def score_from(value: object) -> int | None:
    """A score as sources write it: an integer from 0 to 10, in digits or as a number; None when blank.

    >>> score_from(" 9 "), score_from(10.0), score_from(""), score_from(None)
    (9, 10, None, None)

    Raises:
        ValueError: anything else (`ten`, 11, 9.5, -1, 8/10): a score is never guessed.
    """
    if value is None or isinstance(value, bool):
        if value is None:
            return None
        raise ValueError(f"{value!r} is not a score")
    text = str(value).strip()
    if not text:
        return None
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    if not (text.isascii() and text.isdigit()) or not LOWEST <= int(text) <= HIGHEST:
        raise ValueError(f"{text!r} is not a score: an integer from {LOWEST} to {HIGHEST} is expected")
    return int(text)
