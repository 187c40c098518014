"""Salesforce's errors by next action, and the budget of calls."""

from __future__ import annotations

import pytest

from tooling.errors import NpsError, OrgRefused, Retriable, SessionExpired, Unreachable, UsageError
from tooling.salesforce.limits import CallBudget, usage_from
from tooling.salesforce.org import ApiUsage
from tooling.salesforce.refusals import NextAction, error_of_call, next_action


@pytest.mark.parametrize(
    ("code", "fields", "expected"),
    [
        ("UNABLE_TO_LOCK_ROW", (), NextAction.RETRY),
        ("REQUEST_LIMIT_EXCEEDED", (), NextAction.RETRY),
        ("INVALID_SESSION_ID", (), NextAction.RENEW),
        ("DUPLICATE_VALUE", (), NextAction.REPLAN),
        ("ENTITY_IS_DELETED", (), NextAction.REPLAN),
        ("STRING_TOO_LONG", ("Language__c",), NextAction.DROP_FIELD),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", (), NextAction.DEAD_LETTER),
        ("SOMETHING_NEW", ("Language__c",), NextAction.DEAD_LETTER),
    ],
)
def test_next_action(code: str, fields: tuple[str, ...], expected: NextAction) -> None:
    """Each code leads to one action; one that nobody knows is for a person."""
    assert next_action(code, fields) is expected


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], SessionExpired),
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}], Unreachable),
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}], Retriable),
        (403, [{"errorCode": "API_DISABLED_FOR_ORG", "message": "x"}], UsageError),
        (503, "<html>down</html>", Retriable),
        (500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}], Retriable),
        (400, [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}], OrgRefused),
        (404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], OrgRefused),
        (302, "<html>log in</html>", Unreachable),
        (400, {"odd": 1}, Unreachable),
    ],
)
def test_error_of_call(status: int, content: object, expected: type[NpsError]) -> None:
    """A call that failed as a whole is an error of the class that says what to do next."""
    assert type(error_of_call(status, content, place="POST composite")) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("api-usage=18/15000", ApiUsage(18, 15000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=x)", ApiUsage(25, 5000)),
        ("per-app-api-usage=17/250(appName=x)", None),
        (None, None),
    ],
)
def test_usage_from(header: str | None, expected: ApiUsage | None) -> None:
    """The org's own usage is read from the header, not that of one app."""
    assert usage_from(header) == expected


def test_reason_to_stop() -> None:
    """A run stops at its share of the day and before the reserve; an org smaller than the reserve does not stop every run."""
    budget = CallBudget(daily_share=0.5, reserve=5000)
    assert budget.reason_to_stop(None, 10**6) is None
    assert budget.reason_to_stop(ApiUsage(100, 15000), 20) is None
    assert "share" in (budget.reason_to_stop(ApiUsage(8000, 15000), 7500) or "")
    assert "reserve" in (budget.reason_to_stop(ApiUsage(10000, 15000), 20) or "")
    assert budget.reason_to_stop(ApiUsage(10, 1000), 20) is None
