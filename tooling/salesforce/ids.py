"""Record ids: 15 characters that know case, or 18 that do not need it."""

from __future__ import annotations

import re

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def record_id(text: str) -> str | None:
    """The id in its 18-character form, None when the text is no id.

    The last three characters say which of the first fifteen are capitals: an id that lost its case on the way gets it back.

    >>> record_id("001D000000IqhSL"), record_id("001d000000iqhsliaz"), record_id("anna")
    ('001D000000IqhSLIAZ', '001D000000IqhSLIAZ', None)
    """
    clean = text.strip()
    if not _ID.fullmatch(clean):
        return None
    stem, suffix = clean[:15], clean[15:].upper()
    if suffix:
        if any(letter not in _SUFFIX for letter in suffix):
            return None
        stem = "".join(_cased(letter, suffix, position) for position, letter in enumerate(stem))
    return stem + _suffix_of(stem)


def _cased(letter: str, suffix: str, position: int) -> str:
    is_capital = _SUFFIX.index(suffix[position // 5]) >> (position % 5) & 1
    return letter.upper() if is_capital else letter.lower()


def _suffix_of(stem: str) -> str:
    return "".join(
        _SUFFIX[sum(1 << place for place, letter in enumerate(stem[start : start + 5]) if letter.isupper())] for start in (0, 5, 10)
    )
