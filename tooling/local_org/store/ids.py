"""Ids of new records: key prefix and number. The form of ids is `schema.ids`, given again here."""

from __future__ import annotations

from ..schema.ids import checksum, is_id, to_18

__all__ = ["checksum", "is_id", "make_id", "to_18", "two_digits"]

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the `number`-th record of a key prefix."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    id15 = prefix + digits.rjust(15 - len(prefix), "0")
    return id15 + checksum(id15)


def two_digits(number: int) -> str:
    """The last two characters of the `number`-th custom key prefix: 01, 02 … 0z, 10 …"""
    return _DIGITS[number // 62] + _DIGITS[number % 62]
