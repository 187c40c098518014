"""The limits resource and record counts."""

from __future__ import annotations

from flask import Blueprint, Response, request

from .usage import DAILY_API_REQUESTS
from .wire import calling_user, front_state, reply, the_org

routes = Blueprint("limits", __name__)

# Name and most of each limit, as a Developer Edition org lists them; only the API requests are counted.
_OTHERS = {
    "DailyAsyncApexExecutions": 250_000, "DailyBulkApiBatches": 15_000, "DailyBulkV2QueryJobs": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 5_000, "DataStorageMB": 5, "FileStorageMB": 20, "HourlyAsyncReportRuns": 1_200, "MassEmail": 10,
    "SingleEmail": 15,
}  # fmt: skip


@routes.get("/services/data/v<version:version>/limits")
def limits(version: str) -> Response:
    calling_user()
    answer = {name: {"Max": most, "Remaining": most} for name, most in _OTHERS.items()}
    answer["DailyApiRequests"] = {"Max": DAILY_API_REQUESTS, "Remaining": max(DAILY_API_REQUESTS - front_state().usage.of_the_day, 0)}
    return reply(dict(sorted(answer.items())))


@routes.get("/services/data/v<version:version>/limits/recordCount")
def record_count(version: str) -> Response:
    """Exact here; Salesforce's are approximate, and leave out objects without records as this does."""
    user = calling_user()
    wanted = [name.strip() for name in request.args.get("sObjects", "").split(",") if name.strip()]
    schema = the_org().metadata.schema
    names = [found.name for found in map(schema.get, wanted) if found] if wanted else [each.name for each in schema if each.queryable]
    counts = ((name, the_org().query(user, f"SELECT count() FROM {name}").total_size) for name in sorted(set(names)))
    return reply({"sObjects": [{"count": count, "name": name} for name, count in counts if count]})
