"""Errors in the form Salesforce gives them: a piece of the query, a caret under the culprit, row and column, then the sentence."""

from __future__ import annotations

from ..errors import InvalidField, InvalidType, MalformedQuery, OrgError, error_class

_BEFORE, _AFTER = 60, 100
_REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."
InvalidQueryFilterOperator = error_class("INVALID_QUERY_FILTER_OPERATOR")
NumberOutsideValidRange = error_class("NUMBER_OUTSIDE_VALID_RANGE")
QueryTooComplicated = error_class("QUERY_TOO_COMPLICATED")


def positioned(text: str, at: int, message: str) -> str:
    """The message with its place in the query; `at` is an offset in `text`. Long lines are cut at a word near the place."""
    if not text:
        return message
    at = min(max(at, 0), len(text))
    row = text.count("\n", 0, at) + 1
    line_start = text.rfind("\n", 0, at) + 1
    column = at - line_start + 1
    start = line_start
    if at - start > _BEFORE:
        start = at - _BEFORE
        blank = text.find(" ", start, at)
        start = blank + 1 if blank >= 0 else start
    line_end = text.find("\n", at)
    end = min(len(text) if line_end < 0 else line_end, at + _AFTER)
    return f"\n{text[start:end]}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"


def malformed(text: str, at: int, message: str) -> MalformedQuery:
    return MalformedQuery(positioned(text, at, message))


def unexpected_token(text: str, at: int, token: str) -> MalformedQuery:
    """A text that is no query from its first word on is refused without a position."""
    if at == 0:
        return MalformedQuery(f"unexpected token: '{token}'")
    return malformed(text, at, f"unexpected token: '{token}'")


def no_such_column(text: str, at: int, column: str, entity: str) -> InvalidField:
    """Also for a field the user may not see: Salesforce does not tell the two apart."""
    message = (
        f"No such column '{column}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append the '__c' "
        f"after the custom field name. {_REFERENCE}"
    )
    return InvalidField(positioned(text, at, message))


def no_such_object(text: str, at: int, name: str) -> InvalidType:
    message = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' "
        f"after the entity name. {_REFERENCE}"
    )
    return InvalidType(positioned(text, at, message))


def no_such_relationship(text: str, at: int, name: str) -> InvalidField:
    message = (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, be sure to append "
        f"the '__r' after the custom relationship name. {_REFERENCE}"
    )
    return InvalidField(positioned(text, at, message))


def no_such_child_relationship(text: str, at: int, name: str) -> InvalidType:
    message = (
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom relationship, "
        f"be sure to append the '__r' after the custom relationship name. {_REFERENCE}"
    )
    return InvalidType(positioned(text, at, message))


def wrong_filter_type(text: str, at: int, field: str, wanted: str) -> OrgError:
    quotes = "should be enclosed in quotes" if wanted == "string" else "should not be enclosed in quotes"
    return InvalidField(positioned(text, at, f"value of filter criterion for field '{field}' must be of type {wanted} and {quotes}"))
