"""Text functions. Positions count from 1; text without characters is null."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from . import decimals
from .errors import FormulaError, FormulaRuntimeError
from .functions import EVERYWHERE, RULES, Checking, Function, Invocation, literal_text, null_if_any_is_null, takes, with_nulls
from .moments import date_text, datetime_text, time_text
from .types import Context, Run, Type

_TEXT, _NUMBER = Type.TEXT, Type.NUMBER
_NUMERIC = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST_PADDING = 32_768
_OWN_FIELD = 2
"""Parts of a path in a flow that crosses no relationship: `$Record.Name`."""
_SEARCHED = 250


def _left(text: str, count: Decimal) -> str | None:
    return text[: max(int(count), 0)] or None


def _right(text: str, count: Decimal) -> str | None:
    wanted = int(count)
    return text[-wanted:] if wanted > 0 else None


def _mid(text: str, start: Decimal, count: Decimal) -> str | None:
    first = max(int(start), 1) - 1
    return text[first : first + max(int(count), 0)] or None


def _find(wanted: str | None, text: str | None, start: Decimal | None = decimals.ONE) -> Decimal:
    """0 when absent, and when the start is not greater than zero (Salesforce Help, "FIND")."""
    first = 1 if start is None else int(start)
    if not wanted or not text or first < 1:
        return decimals.ZERO
    return Decimal(text.find(wanted, first - 1) + 1)


def _contains(text: str | None, part: str | None) -> bool | None:
    """Nothing is contained in every text; whether a blank contains something is null, so NOT(CONTAINS(blank, "x")) is not true either."""
    if part is None:
        return True
    return None if text is None else part in text


def _build_contains(call: Invocation) -> Run:
    """In flows, of a field of a related record only the first 250 characters are searched ("Flow Formula Considerations")."""
    reference = call.operands[0].reference
    in_flow = call.context in (Context.FLOW, Context.ENTRY)
    if not in_flow or reference is None or len(reference.path) <= _OWN_FIELD:
        return with_nulls(_contains)(call)
    text, part = call.runs

    def contains(values: Any) -> bool | None:
        found = text(values)
        return _contains(found and found[:_SEARCHED], part(values))

    return contains


def _begins(text: str | None, part: str | None) -> bool | None:
    if part is None:
        return True
    return None if text is None else text.startswith(part)


def _substitute(text: str | None, old: str | None, new: str | None) -> str | None:
    """No value as soon as the text or what to replace is missing; a missing replacement removes."""
    return None if text is None or old is None else text.replace(old, new or "") or None


def _length(text: str | None) -> Decimal:
    return decimals.ZERO if text is None else Decimal(len(text))


def _trim(text: str) -> str | None:
    """Spaces only: tabs and line breaks stay."""
    return text.strip(" ") or None


def _padding(text: str, count: Decimal, padding: str) -> tuple[str, str] | None:
    """The text and what goes beside it; a text that is too long is cut."""
    width = int(count)
    if width <= 0:
        return None
    if width > _LONGEST_PADDING:
        raise FormulaRuntimeError("#Too Big!")
    missing = max(width - len(text), 0)
    return text[:width], (padding * (missing // len(padding) + 1))[:missing]


def _pad_left(text: str, count: Decimal, padding: str = " ") -> str | None:
    parts = _padding(text, count, padding)
    return parts and parts[1] + parts[0]


def _pad_right(text: str, count: Decimal, padding: str = " ") -> str | None:
    parts = _padding(text, count, padding)
    return parts and parts[0] + parts[1]


def _upper(text: str | None, locale: str | None = None) -> str | None:
    if text is None:
        return None
    return (text.replace("i", "İ") if _is_turkic(locale) else text).upper()


def _lower(text: str | None, locale: str | None = None) -> str | None:
    if text is None:
        return None
    return (text.replace("İ", "i").replace("I", "ı") if _is_turkic(locale) else text).lower()


def _is_turkic(locale: str | None) -> bool:
    return locale is not None and locale[:2].lower() in ("tr", "az")


def _capitals(text: str) -> str:
    """A word starts after anything but a digit or a letter that has a case."""
    parts, starts = [], True
    for c in text:
        cased = c.islower() or c.isupper()
        parts.append((c.upper() if starts else c.lower()) if cased else c)
        starts = not cased and not c.isdigit()
    return "".join(parts)


def _value(text: str) -> Decimal:
    if not _NUMERIC.fullmatch(text):
        raise FormulaRuntimeError(f"The value '{text}' is not a valid number.")
    return decimals.INTERNAL.create_decimal(text)


def _is_number(text: str | None) -> bool:
    return text is not None and _NUMERIC.fullmatch(text) is not None


def _character(code: Decimal) -> str | None:
    """Null for a code point that does not exist."""
    try:
        return chr(int(code)) if code else None
    except (ValueError, OverflowError):
        return None


def _case_safe_id(record_id: str) -> str:
    """18 characters for 15: each suffix character says which of five characters are capitals."""
    if len(record_id) != 15:
        return record_id
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    bits = (sum(1 << i for i, c in enumerate(record_id[k : k + 5]) if c.isascii() and c.isupper()) for k in (0, 5, 10))
    return record_id + "".join(letters[b] for b in bits)


def _check_text(call: Checking) -> Type:
    call.count(1)
    if call.operands[0].type not in (_NUMBER, Type.DATE, Type.DATETIME, Type.TIME, Type.PICKLIST, Type.NULL):
        raise call.wrong(0, _NUMBER, Type.DATE, Type.DATETIME, Type.PICKLIST)
    return _TEXT


def _to_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return decimals.to_text(value)
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, time):
        return time_text(value)
    return str(value)


def _build_text(call: Invocation) -> Run:
    return call.runs[0] if call.types[0] is Type.PICKLIST else null_if_any_is_null(_to_text)(call)


def _check_is_pick_val(call: Checking) -> Type:
    call.count(2)
    if call.operands[0].type is not Type.PICKLIST:
        raise call.wrong(0, Type.PICKLIST)
    if literal_text(call.operands[1]) is None:
        raise call.wrong(1, "Text Literal")
    return Type.BOOLEAN


def _build_is_pick_val(call: Invocation) -> Run:
    picklist = call.runs[0]
    wanted = literal_text(call.operands[1]) or None
    return lambda values: picklist(values) == wanted


def _check_includes(call: Checking) -> Type:
    call.count(2)
    if call.operands[0].type is not Type.MULTIPICKLIST:
        raise call.wrong(0, Type.MULTIPICKLIST)
    call.expect(1, _TEXT)
    return Type.BOOLEAN


def _includes(chosen: str | None, wanted: str | None) -> bool:
    return wanted is not None and chosen is not None and wanted in chosen.split(";")


def _check_pick_count(call: Checking) -> Type:
    call.count(1)
    if call.operands[0].type is not Type.MULTIPICKLIST:
        raise call.wrong(0, Type.MULTIPICKLIST)
    return _NUMBER


def _pick_count(chosen: str | None) -> Decimal:
    return decimals.ZERO if chosen is None else Decimal(len(chosen.split(";")))


def _hyperlink(url: str | None, name: str | None, target: str | None = None) -> str:
    where = f' target="{target}"' if target else ""
    return f'<a href="{url or ""}"{where}>{name or ""}</a>'


def _check_hyperlink(call: Checking) -> Type:
    given = takes(_TEXT, _TEXT, _TEXT, gives=_TEXT, optional=1)(call)
    if (literal_text(call.operands[0]) or "").lstrip().lower().startswith("javascript:"):
        raise FormulaError(f"Incorrect argument value for {call.description}. Javascript is not allowed.", call.start)
    return given


def _image(url: str | None, text: str | None, height: Decimal | None = None, width: Decimal | None = None) -> str:
    size = "".join(f' {n}="{decimals.to_text(v)}"' for n, v in (("height", height), ("width", width)) if v is not None)
    return f'<img src="{url or ""}" alt="{text or ""}"{size}/>'


@lru_cache(maxsize=512)
def _pattern(source: str) -> re.Pattern[str]:
    """A java.util.regex pattern: the classes that Python's `re` spells differently are translated."""
    for java, python in (
        (r"\p{Alpha}", "[a-zA-Z]"), (r"\p{Digit}", "[0-9]"), (r"\p{Alnum}", "[a-zA-Z0-9]"), (r"\p{Upper}", "[A-Z]"),
        (r"\p{Lower}", "[a-z]"), (r"\p{Punct}", r"[!-/:-@\[-`{-~]"), (r"\p{Space}", r"\s"), (r"\p{L}", r"[^\W\d_]"), (r"\z", r"\Z"),
    ):  # fmt: skip
        source = source.replace(java, python)
    try:
        return re.compile(source, re.ASCII)
    except (re.error, RecursionError, OverflowError):
        raise FormulaRuntimeError("#Error!") from None


def _regex(text: str | None, pattern: str | None) -> bool:
    return _pattern(pattern or "").fullmatch(text or "") is not None


FUNCTIONS = (
    Function("LEFT", takes(_TEXT, _NUMBER, gives=_TEXT), null_if_any_is_null(_left)),
    Function("RIGHT", takes(_TEXT, _NUMBER, gives=_TEXT), null_if_any_is_null(_right)),
    Function("MID", takes(_TEXT, _NUMBER, _NUMBER, gives=_TEXT), null_if_any_is_null(_mid)),
    Function("LEN", takes(_TEXT, gives=_NUMBER), with_nulls(_length)),
    Function("FIND", takes(_TEXT, _TEXT, _NUMBER, gives=_NUMBER, optional=1), with_nulls(_find)),
    Function("CONTAINS", takes(_TEXT, _TEXT, gives=Type.BOOLEAN), _build_contains),
    Function("BEGINS", takes(_TEXT, _TEXT, gives=Type.BOOLEAN), with_nulls(_begins)),
    Function("SUBSTITUTE", takes(_TEXT, _TEXT, _TEXT, gives=_TEXT), with_nulls(_substitute)),
    Function("UPPER", takes(_TEXT, _TEXT, gives=_TEXT, optional=1), with_nulls(_upper)),
    Function("LOWER", takes(_TEXT, _TEXT, gives=_TEXT, optional=1), with_nulls(_lower)),
    Function("INITCAP", takes(_TEXT, gives=_TEXT), null_if_any_is_null(_capitals)),
    Function("TRIM", takes(_TEXT, gives=_TEXT), null_if_any_is_null(_trim)),
    Function("LPAD", takes(_TEXT, _NUMBER, _TEXT, gives=_TEXT, optional=1), null_if_any_is_null(_pad_left)),
    Function("RPAD", takes(_TEXT, _NUMBER, _TEXT, gives=_TEXT, optional=1), null_if_any_is_null(_pad_right)),
    Function("REVERSE", takes(_TEXT, gives=_TEXT), null_if_any_is_null(lambda text: text[::-1])),
    Function("VALUE", takes(_TEXT, gives=_NUMBER), null_if_any_is_null(_value)),
    Function("ISNUMBER", takes(_TEXT, gives=Type.BOOLEAN), with_nulls(_is_number)),
    Function("ASCII", takes(_TEXT, gives=_NUMBER), null_if_any_is_null(lambda text: Decimal(ord(text[0])))),
    Function("CHR", takes(_NUMBER, gives=_TEXT), null_if_any_is_null(_character)),
    Function("CASESAFEID", takes(_TEXT, gives=_TEXT), null_if_any_is_null(_case_safe_id)),
    Function("BR", takes(gives=_TEXT), lambda call: lambda values: "\n"),
    Function("TEXT", _check_text, _build_text),
    Function("ISPICKVAL", _check_is_pick_val, _build_is_pick_val),
    # "Flow Formula Considerations" names INCLUDES and IMAGE among the functions a flow formula does not have.
    Function("INCLUDES", _check_includes, with_nulls(_includes), EVERYWHERE - {Context.FLOW}),
    Function("PICKCOUNT", _check_pick_count, with_nulls(_pick_count)),
    Function("HYPERLINK", _check_hyperlink, with_nulls(_hyperlink)),
    Function("IMAGE", takes(_TEXT, _TEXT, _NUMBER, _NUMBER, gives=_TEXT, optional=2), with_nulls(_image), EVERYWHERE - {Context.FLOW}),
    Function("REGEX", takes(_TEXT, _TEXT, gives=Type.BOOLEAN), with_nulls(_regex), RULES | {Context.FLOW}),
)
