"""One class per Salesforce error code. The engine raises them; only `front` turns them into replies. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class OrgError(Exception):
    """What Salesforce answers: an error code, a message, the fields concerned and the HTTP status of a single REST call."""

    code = "UNKNOWN_EXCEPTION"
    status = 400

    def __init__(self, message: str, fields: tuple[str, ...] | list[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.fields = tuple(fields)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def error_class(code: str) -> type[OrgError]:
    """The class of a Salesforce error code, made on first use for codes that need no rule of their own."""
    found = _BY_CODE.get(code)
    if found is None:
        found = type(code.title().replace("_", ""), (OrgError,), {"code": code})
        _BY_CODE[code] = found
    return found


class InvalidField(OrgError):
    """An unknown field, or one that the calling user may not see: Salesforce does not tell the two apart."""

    code = "INVALID_FIELD"


class InvalidType(OrgError):
    code = "INVALID_TYPE"


class MalformedQuery(OrgError):
    code = "MALFORMED_QUERY"


class InvalidQueryLocator(OrgError):
    code = "INVALID_QUERY_LOCATOR"


class MalformedId(OrgError):
    code = "MALFORMED_ID"


class NotFound(OrgError):
    code = "NOT_FOUND"
    status = 404


class EntityIsDeleted(OrgError):
    code = "ENTITY_IS_DELETED"
    status = 404


class InvalidSession(OrgError):
    code = "INVALID_SESSION_ID"
    status = 401


class JsonParserError(OrgError):
    code = "JSON_PARSER_ERROR"


class RequiredFieldMissing(OrgError):
    code = "REQUIRED_FIELD_MISSING"


class DuplicateValue(OrgError):
    code = "DUPLICATE_VALUE"


class DuplicatesDetected(OrgError):
    """A duplicate rule. `duplicate_result` is what a REST answer says of the rule and the records it found."""

    code = "DUPLICATES_DETECTED"

    def __init__(self, message: str, duplicate_result: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.duplicate_result = duplicate_result


class StringTooLong(OrgError):
    code = "STRING_TOO_LONG"


class RestrictedPicklist(OrgError):
    code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


class ValidationRuleRefused(OrgError):
    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


class InvalidCrossReference(OrgError):
    code = "INVALID_CROSS_REFERENCE_KEY"


class NotWritable(OrgError):
    """A field that cannot be written: a formula, an auto-number, or one outside the user's field-level security."""

    code = "INVALID_FIELD_FOR_INSERT_UPDATE"


class InsufficientAccess(OrgError):
    code = "INSUFFICIENT_ACCESS_OR_READONLY"
    status = 403


class FlowTriggerFailed(OrgError):
    code = "CANNOT_EXECUTE_FLOW_TRIGGER"


class LimitExceeded(OrgError):
    """A governor limit: never caught by a fault path, it rolls the whole transaction back."""

    code = "LIMIT_EXCEEDED"


class RequestLimitExceeded(OrgError):
    code = "REQUEST_LIMIT_EXCEEDED"
    status = 403


class RolledBackWithOthers(OrgError):
    code = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


_BY_CODE: dict[str, type[OrgError]] = {cls.code: cls for cls in OrgError.__subclasses__()}
