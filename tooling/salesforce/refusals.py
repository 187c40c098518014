"""Salesforce's error codes, sorted by what to do next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum, auto

from tooling.errors import NpsError, OrgRefused, Retriable, SessionExpired, Unreachable, UsageError


class NextAction(Enum):
    RETRY = auto()
    """The same again after a pause."""
    RENEW = auto()
    """A new session, then the same again, once."""
    REPLAN = auto()
    """Read what the org says now and decide again."""
    DROP_FIELD = auto()
    """The org blames fields: leave them out, if they may be missing."""
    DEAD_LETTER = auto()
    """Keep it with the reason; a person decides."""


_RETRY = {
    "UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "UNKNOWN_EXCEPTION",
}  # fmt: skip
_RENEW = {"INVALID_SESSION_ID"}
# The text of userinfo, the first call of all, for an ended session: HTTP 403 and no JSON ("User Info Endpoint", Salesforce Help).
_SESSION_ENDED = {"Bad_OAuth_Token", "Missing_OAuth_Token"}
# DUPLICATE_VALUE: another writer was first. The others: the parent found by matching is gone by now.
_REPLAN = {
    "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
}  # fmt: skip
_DROP_FIELD = {
    "STRING_TOO_LONG", "INVALID_EMAIL_ADDRESS", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "NUMBER_OUTSIDE_VALID_RANGE",
    "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE_ON_FIELD_IN_RECORD", "JSON_PARSER_ERROR", "INVALID_FIELD", "MALFORMED_ID",
    "FIELD_FILTER_VALIDATION_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION", "DATA_LENGTH_TOO_LARGE", "FIELD_CUSTOM_VALIDATION_EXCEPTION",
}  # fmt: skip

# The field that an INVALID_FIELD of a whole call is about stands in its text only.
_NO_SUCH_COLUMN = re.compile(r"No such column '(\w+)' on")

# A governor limit, or automation that met one, fails every record of its transaction: fewer records may pass.
_SMALLER = {"CANNOT_EXECUTE_FLOW_TRIGGER", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LIMIT_EXCEEDED", "EXCEEDED_ID_LIMIT"}

# The user may not call at all, whatever the call.
_ABOUT_THE_USER = {
    "API_DISABLED_FOR_ORG": "The user needs the permission API Enabled, in an edition that has the API.",
    "API_CURRENTLY_DISABLED": "The user needs the permission API Enabled, in an edition that has the API.",
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": "The user's password has expired: set a new one, or give the profile passwords that stay.",
}

# The call itself is wrong or not allowed: fewer records fare no better.
_ABOUT_THE_CALL = {
    "NOT_FOUND",
    "INVALID_TYPE",
    "METHOD_NOT_ALLOWED",
    "INSUFFICIENT_ACCESS",
    "INVALID_HEADER_TYPE",
    "UNSUPPORTED_API_VERSION",
}


_LONGEST_MESSAGE = 500
_END_OF_MESSAGE = 150


def shortened(message: str) -> str:
    """The org's message without the middle of a long value that it repeats: `data value too large: xxx … xxx (max length=80)`.

    >>> len(shortened("x" * 5_000)), shortened("busy")
    (500, 'busy')
    """
    if len(message) <= _LONGEST_MESSAGE:
        return message
    return f"{message[: _LONGEST_MESSAGE - _END_OF_MESSAGE - 3]} … {message[-_END_OF_MESSAGE:]}"


def is_about_the_call(code: str) -> bool:
    """Whether a call was refused for what it asks, not for one of its records."""
    return code in _ABOUT_THE_CALL


def may_pass_in_smaller_calls(code: str) -> bool:
    """Whether the refusal can be due to the number of records saved together."""
    return code in _SMALLER


def next_action(code: str, fields: Sequence[str] = ()) -> NextAction:
    """What to do about a refused record or call. Codes nobody listed are for a person: a dead letter.

    >>> next_action("UNABLE_TO_LOCK_ROW").name, next_action("STRING_TOO_LONG", ["Language__c"]).name, next_action("STRING_TOO_LONG").name
    ('RETRY', 'DROP_FIELD', 'DEAD_LETTER')
    """
    if code in _RETRY:
        return NextAction.RETRY
    if code in _RENEW:
        return NextAction.RENEW
    if code in _REPLAN:
        return NextAction.REPLAN
    if code in _DROP_FIELD and fields:
        return NextAction.DROP_FIELD
    return NextAction.DEAD_LETTER


def error_of_call(status: int, content: object, *, place: str, retry_after: float | None = None) -> NpsError:
    """The error of a call that failed as a whole, by its HTTP status and body (`[{errorCode, message, fields}]`, or a text)."""
    first = content[0] if isinstance(content, list) and content and isinstance(content[0], Mapping) else None
    code = str(first.get("errorCode") or first.get("statusCode") or "") if first else ""
    message = str(first.get("message") or "") if first else ""
    fields = tuple(str(name) for name in (first.get("fields") or ())) if first else ()
    if not fields and (column := _NO_SUCH_COLUMN.search(message)):
        fields = (column[1],)
    if status == 401 or code == "INVALID_SESSION_ID" or (isinstance(content, str) and content.strip() in _SESSION_ENDED):
        return SessionExpired(f"the session is no longer valid ({place})", "Log in again, or renew the access token.")
    if code == "REQUEST_LIMIT_EXCEEDED" and message.startswith("TotalRequests"):
        # The rolling 24-hour allowance: pausing for seconds cannot help.
        return Unreachable(f"{code}: {message} ({place})", "The org has no API calls left today: run again later.")
    if code in _ABOUT_THE_USER:
        return UsageError(f"{code}: {message} ({place})", _ABOUT_THE_USER[code])
    if status == 429 or status >= 500 or next_action(code) is NextAction.RETRY:
        return Retriable(f"{code or f'HTTP {status}'}: {message or 'the org answered without a reason'} ({place})", after=retry_after)
    if not code:
        return Unreachable(
            f"HTTP {status} from {place}: the answer is not Salesforce's REST API", "Check the instance URL, and any proxy on the way."
        )
    return OrgRefused(code, f"{message.strip()} ({place})", fields)
