"""One class per Salesforce error code, and how surely each text is Salesforce's. Imports nothing of ours.

The engine raises them; only `front` turns them into replies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
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


class Evidence(StrEnum):
    """How surely Salesforce words an error so."""

    CASSETTE = "C"
    """A recorded answer of Salesforce, in CumulusCI's tests."""
    SOURCE = "S"
    """Read in the source of a client that relies on it."""
    DOCUMENTED = "D"
    """On a page of developer.salesforce.com or help.salesforce.com."""
    QUOTED = "X"
    """Quoted in one or more public repositories; not an answer we saw."""
    UNVERIFIED = "U"
    """Our words: only the code is meant to be relied upon."""


@dataclass(frozen=True, slots=True)
class ErrorText:
    """A code with one of its texts; `{…}` stands for what varies. `http` tells those that only the HTTP front raises.

    `status` is given where it is not that of the code's class.
    """

    code: str
    text: str
    evidence: Evidence
    http: bool = False
    status: int | None = None


_C, _S, _D, _X, _U = Evidence
_REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."

ERROR_TEXTS: tuple[ErrorText, ...] = (
    ErrorText(
        "INVALID_FIELD",
        "\n{query}\n{caret}\nERROR at Row:{row}:Column:{column}\nNo such column '{field}' on entity '{object}'. If you are attempting to "
        f"use a custom field, be sure to append the '__c' after the custom field name. {_REFERENCE}",
        _X,
    ),
    ErrorText("INVALID_FIELD", "No such column '{field}' on sobject of type {object}", _X),
    ErrorText("INVALID_FIELD", "Foreign key external ID: {value} not found for field {field} in entity {object}", _X),
    ErrorText(
        "INVALID_TYPE",
        "\n{query}\n{caret}\nERROR at Row:{row}:Column:{column}\nsObject type '{object}' is not supported. If you are attempting to use a "
        f"custom object, be sure to append the '__c' after the entity name. {_REFERENCE}",
        _C,
    ),
    ErrorText("INVALID_TYPE", "sObject type '{object}' is not supported.", _U),
    ErrorText("MALFORMED_QUERY", "unexpected token: '{token}'", _X),
    ErrorText("MALFORMED_QUERY", "\n{query}\n{caret}\nERROR at Row:{row}:Column:{column}\nunexpected token: '{token}'", _X),
    ErrorText("NOT_FOUND", "The requested resource does not exist", _C),
    ErrorText("NOT_FOUND", "Provided external ID field does not exist or is not accessible: {id}", _X, http=True),
    ErrorText("REQUIRED_FIELD_MISSING", "Required fields are missing: [{fields}]", _X),
    ErrorText("DUPLICATE_VALUE", "duplicate value found: {field} duplicates value on record with id: {id15}", _X),
    ErrorText("DUPLICATE_VALUE", "Duplicate external id specified: {value}", _X),
    ErrorText("DUPLICATE_VALUE", "Duplicate id specified: {id}", _U),
    ErrorText("DUPLICATE_EXTERNAL_ID", "{label}: more than one record found for external id field: [{ids}]", _X),
    ErrorText("DUPLICATES_DETECTED", "Use one of these records? (the rule's alert text)", _X),
    ErrorText("FIELD_CUSTOM_VALIDATION_EXCEPTION", "{the rule's message}", _X),
    ErrorText("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "{label}: bad value for restricted picklist field: {value}", _X),
    ErrorText("STRING_TOO_LONG", "{label}: data value too large: {value} (max length={length})", _X),
    ErrorText("NUMBER_OUTSIDE_VALID_RANGE", "{label}: value outside of valid range on numeric field: {value}", _U),
    ErrorText("INVALID_EMAIL_ADDRESS", "{label}: invalid email address: {value}", _U),
    ErrorText("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", _X, http=True),
    ErrorText("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", _X),
    ErrorText("INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: {id}", _U),
    ErrorText("MALFORMED_ID", "{label} ID: id value of incorrect type: {id}", _D),
    ErrorText("ENTITY_IS_DELETED", "entity is deleted", _X),
    ErrorText(
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "We can't save this record because the “{flow}” process failed. Give your Salesforce admin these details. {fault}",
        _X,
    ),
    ErrorText(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
        _X,
    ),
    ErrorText("INVALID_SESSION_ID", "Session expired or invalid", _X),
    ErrorText("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", _X, http=True, status=401),
    ErrorText("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call", _X, http=True),
    ErrorText("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", _D, http=True),
    ErrorText(
        "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.", _S, http=True
    ),
    ErrorText("PROCESSING_HALTED", "Invalid reference specified.", _S, http=True),
    ErrorText("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: {fields}. Please check the security settings {…}", _U),
    ErrorText("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", _U),
    ErrorText("FIELD_INTEGRITY_EXCEPTION", "{label}: id value of incorrect type: {id}", _U),
    ErrorText("INACTIVE_OWNER_OR_USER", "operation performed with inactive user [{id}] as owner of {object}", _U),
    ErrorText("INVALID_OPERATION", "Queue not associated with this SObject type", _U),
    ErrorText("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", _U),
    ErrorText("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be {inserted}: {object}", _U),
    ErrorText("DELETE_FAILED", "Your attempt to delete {record} could not be completed because it is associated with {…}", _U),
    ErrorText("UNDELETE_FAILED", "Entity is not in the recycle bin", _U),
    ErrorText("INVALID_PERSON_ACCOUNT_OPERATION", "cannot reference person contact", _X),
    ErrorText("INVALID_PERSON_ACCOUNT_OPERATION", "A person account has one contact, its own; another cannot be added to it", _U),
    ErrorText("INVALID_STATUS", "invalid convertedStatus: {status}", _U),
    ErrorText(
        "JSON_PARSER_ERROR", "Cannot deserialize instance of {type} from {value} or request may be missing a required field at {…}", _U
    ),
    ErrorText("LIMIT_EXCEEDED", "Too many SOQL queries: {number} and the other governor limits", _U),
    ErrorText("MISSING_ARGUMENT", "{what} not specified", _U),
    ErrorText("INVALID_ARGUMENT", "(what the argument should be)", _U),
    ErrorText("INVALID_ID_FIELD", "No EmailTemplate with the Id {id} found", _U),
    ErrorText("INVALID_INPUT", "customNotifTypeId names no custom notification type: {id}", _U),
    ErrorText("INVALID_QUERY_FILTER_OPERATOR", "(SOQL: the field and the operator)", _U),
    ErrorText("QUERY_TOO_COMPLICATED", "(SOQL: what is too deep or too many)", _U),
    ErrorText("INVALID_QUERY_LOCATOR", "invalid query locator", _U, http=True),
    ErrorText("FUNCTIONALITY_NOT_ENABLED", "The local org does not support {what}.", _U),
    ErrorText("MAX_DEPTH_IN_FLOW_EXECUTION", "(asynchronous paths that start each other without end)", _U),
    ErrorText("FLOW_TEST_PARAMETER_VALUE_INVALID", "(what a flow test asks of a flow that it has not)", _U),
    ErrorText("DUPLICATE_REFERENCE_ID", "Duplicate ReferenceId provided in the request: {ids}", _U, http=True),
    ErrorText("INVALIDENTITY", "(Bulk 2.0: content type or operation)", _U, http=True),
    ErrorText("INVALIDJOBSTATE", "(Bulk 2.0: the job's state)", _U, http=True),
    ErrorText("INVALID_BATCH", "Row has {number} columns, the header has {number}", _U, http=True),
    ErrorText("INSUFFICIENT_ACCESS", "The control plane does not answer pages of {origin}", _U, http=True, status=403),
    ErrorText("MALFORMED_REQUEST", "(a body that cannot be read)", _U, http=True),
    ErrorText("METHOD_NOT_ALLOWED", "HTTP Method '{method}' not allowed. Allowed are {methods}", _U, http=True, status=405),
    ErrorText("REQUEST_TOO_LARGE", "The request body is larger than this resource takes", _U, http=True, status=413),
    ErrorText("UNKNOWN_EXCEPTION", "An unexpected error occurred. {…}", _U, status=500),
)
"""Every code of this org, and the texts that matter; from the notes on Salesforce's wire format."""
