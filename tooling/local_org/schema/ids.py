"""Record ids: 15 case-sensitive characters, or 18 with the checksum that survives case-insensitive systems."""

from __future__ import annotations

from ..errors import MalformedId

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ALPHABET = frozenset(_DIGITS)


def checksum(id15: str) -> str:
    """The three characters that make 15 into 18: one per five, a bit per upper-case letter, lowest bit first."""
    return "".join(
        _CHECKSUM[sum(1 << position for position, char in enumerate(id15[start : start + 5]) if "A" <= char <= "Z")] for start in (0, 5, 10)
    )


def is_id(text: str) -> bool:
    """Whether the text has the form of an id; an 18-character one must also carry the right checksum in any case."""
    if len(text) not in (15, 18) or not _ALPHABET.issuperset(text):
        return False
    return len(text) == 15 or text == text[:15] + checksum(text[:15]) or _repaired(text) is not None


def to_18(text: str) -> str:
    """The 18-character form; an 18-character id whose letters changed case is repaired by its checksum, as Salesforce does.

    Raises:
        MalformedId: the text is not an id.
    """
    if len(text) == 18:
        if _ALPHABET.issuperset(text) and text[15:] == checksum(text):
            return text
        repaired = _repaired(text)
        if repaired is not None:
            return repaired
    elif len(text) == 15 and _ALPHABET.issuperset(text):
        return text + checksum(text)
    raise MalformedId(f"malformed id {text}")


def _repaired(text: str) -> str | None:
    if not _ALPHABET.issuperset(text):
        return None
    chars = []
    for start, mark in zip((0, 5, 10), text[15:].upper(), strict=True):
        bits = _CHECKSUM.find(mark)
        if bits < 0:
            return None
        for position, char in enumerate(text[start : start + 5]):
            chars.append(char.upper() if bits >> position & 1 else char.lower())
    repaired = "".join(chars)
    return repaired + text[15:].upper() if checksum(repaired) == text[15:].upper() else None
