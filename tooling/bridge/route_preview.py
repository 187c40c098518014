"""What routes would write, for a dry run: the records are looked up, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tooling.bridge.matching import Decision, MatchStatus
from tooling.bridge.planning import Plan
from tooling.bridge.report import PlannedChange, SyncReport
from tooling.bridge.route_targets import Describes, RouteTask, response_from, route_columns, targets_of, task_from
from tooling.bridge.routes import Links, RoutingStatus, carried, takes
from tooling.bridge.routing import pending_query
from tooling.salesforce.org import Operation, Row, TargetOrg
from tooling.salesforce.soql import fields, split
from tooling.spec.routes import Route

_NO_ID_YET = "000000000000000AAA"
"""Stands for the id that a response will have: well-formed, and no record's."""


def preview_plan(org: TargetOrg, routes: Sequence[Route], describes: Describes, plan: Plan, report: SyncReport) -> None:
    """Says of every response that the plan creates, revises or matches what its routes would write, and counts it."""
    if not routes:
        return
    stored = _stored(org, routes, plan)
    items: list[tuple[str, RouteTask]] = []
    for insert in plan.inserts:
        response = carried(insert.response, routes)
        if any(takes(route, response) for route in routes):
            items.append((response.key, RouteTask(_NO_ID_YET, response, _links(_NO_ID_YET, insert.decision))))
    for revise in plan.revisions:
        response = carried(revise.response, routes)
        if any(takes(route, response) for route in routes) and revise.stored.id in stored:
            items.append((response.key, RouteTask(revise.stored.id, response, task_from(stored[revise.stored.id]).links)))
    for rematch in plan.rematches:
        row, links = stored.get(rematch.stored.id), _links(rematch.stored.id, rematch.decision)
        if row is not None and row.get("Routing_Status__c") == RoutingStatus.WAITING and links.is_matched:
            items.append((rematch.stored.key, RouteTask(rematch.stored.id, response_from(row), links)))
    _preview(org, routes, describes, items, report)


def preview_pending(org: TargetOrg, routes: Sequence[Route], describes: Describes, report: SyncReport) -> None:
    """The same for what earlier runs have left to do."""
    if routes:
        rows = org.query(pending_query(routes))
        _preview(org, routes, describes, [(str(row["Response_Key__c"]), task_from(row)) for row in rows], report)


def _stored(org: TargetOrg, routes: Sequence[Route], plan: Plan) -> Mapping[str, Row]:
    ids = [*(change.stored.id for change in plan.revisions), *(change.stored.id for change in plan.rematches)]
    queries = split(
        "SELECT {columns} FROM Survey_Response__c WHERE Id IN {ids}",
        over="ids",
        ids=ids,
        columns=fields([*route_columns(routes), "Routing_Status__c"]),
    )
    wanted = list(queries) if ids else []
    return {str(row["Id"]): row for rows in (org.query_many(wanted) if wanted else []) for row in rows}


def _links(response_id: str, decision: Decision) -> Links:
    is_matched = decision.status is MatchStatus.MATCHED
    return Links(response_id, decision.contact_id, decision.lead_id, decision.account_id, is_matched)


def _preview(
    org: TargetOrg, routes: Sequence[Route], describes: Describes, items: Sequence[tuple[str, RouteTask]], report: SyncReport
) -> None:
    targets = targets_of(org, routes, describes, [task for _, task in items])
    for target in targets:
        is_new = target.operation is not Operation.UPDATE
        report.routed.created += is_new
        report.routed.updated += not is_new
        what = f"a new {target.sobject}" if is_new else f"{target.sobject} {target.values['Id']}"
        names = ", ".join(name for name in target.values if name != "Id")
        for task, route in target.takers:
            task.note(route, f"{what}: {names}")
    for key, task in items:
        report.routed.done += task.status is RoutingStatus.DONE
        report.routed.waiting += task.status is RoutingStatus.WAITING
        report.routed.parked += task.status is RoutingStatus.PARKED
        for note in task.notes:
            report.plan_route(PlannedChange(key, "route", note))
