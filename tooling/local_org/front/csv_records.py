"""CSV as the Bulk APIs read and write it: header of field names, everything quoted, `#N/A` for null, empty for untouched."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ..errors import error_class

NULL = "#N/A"
DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


def read_csv(data: bytes, delimiter: str = ",") -> tuple[list[str], list[list[str]]]:
    """Header and rows.

    Raises:
        OrgError: not UTF-8, or without a header.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as unreadable:
        raise error_class("InvalidBatch")("Failed to parse CSV header: the data is not UTF-8") from unreadable
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error as unreadable:
        raise error_class("InvalidBatch")(f"Failed to parse CSV: {unreadable}") from unreadable
    if not rows:
        raise error_class("InvalidBatch")("Failed to parse CSV header: no data")
    return [name.strip() for name in rows[0]], rows[1:]


def to_record(sobject: str, header: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    """The record of one row. `Contact__r.Ext__c` is a reference by external id; an empty cell leaves the field alone.

    Raises:
        OrgError: the row has more or fewer cells than the header.
    """
    if len(row) != len(header):
        raise error_class("INVALID_BATCH")(f"Row has {len(row)} columns, the header has {len(header)}")
    record: dict[str, Any] = {"attributes": {"type": sobject}}
    for name, text in zip(header, row, strict=True):
        if text == "":
            continue
        value = None if text == NULL else text
        relationship, dot, field = name.partition(".")
        if not dot:
            record[name] = value
        else:
            # `ReportsTo:User.Email` names the parent's type where a relationship has several.
            relationship = relationship.partition(":")[0] if ":" not in field else relationship
            record[relationship] = None if value is None else {field: value}
    return record


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], *, delimiter: str = ",", line_ending: str = "\n") -> str:
    """Everything quoted, as both Bulk APIs answer."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, lineterminator=line_ending, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([_text(value) for value in row] for row in rows)
    return target.getvalue()


def flat_columns(record: Mapping[str, Any]) -> list[str]:
    """Column names of a query's records in the order of its select list, parents' fields as `Account.Name`."""
    columns: list[str] = []
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping) and "records" not in value:
            columns.extend(f"{name}.{each}" for each in flat_columns(value))
        else:
            columns.append(name)
    return columns


def flat_value(record: Mapping[str, Any], column: str) -> Any:
    """The value of a possibly dotted column, None where a parent is missing."""
    here: Any = record
    for part in column.split("."):
        if not isinstance(here, Mapping):
            return None
        here = here.get(part)
    return None if isinstance(here, Mapping) else here


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
