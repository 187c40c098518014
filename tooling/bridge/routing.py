"""Carries out routes: what the ledger says is pending goes to the records it is for, and the response says where it went.

A response is marked as pending in the save that creates or revises it, and as done once its targets are confirmed. Killed in between,
the next sync finds it pending: records are looked up before they are written, so that nothing is made twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tooling.bridge.ledger import RESPONSE
from tooling.bridge.report import RoutingReport
from tooling.bridge.route_targets import MATCHED, Describes, RouteTask, Target, described_field, route_columns, targets_of, task_from
from tooling.bridge.routes import RoutingStatus
from tooling.salesforce.org import Operation, RowOutcome, TargetOrg, Write
from tooling.salesforce.refusals import NextAction, next_action
from tooling.salesforce.soql import fields, soql
from tooling.spec.routes import Route

CHUNK = 1_000
MOST_DROPS = 5
_LONGEST_NOTES = 4_000


def route_pending(org: TargetOrg, routes: Sequence[Route], describes: Describes) -> RoutingReport:
    """Carries out the routes of every response that waits for it."""
    report = RoutingReport()
    if not routes:
        return report
    seen: set[str] = set()
    while True:
        rows = [row for row in org.query(pending_query(routes)) if row["Id"] not in seen]
        if not rows:
            return report
        seen |= {str(row["Id"]) for row in rows}
        tasks = [task_from(row) for row in rows]
        _write(org, targets_of(org, routes, describes, tasks), describes, report)
        _say(org, tasks, report)


def pending_query(routes: Sequence[Route]) -> str:
    """Responses whose routes are still to be carried out."""
    # Latest last: where two answers go to one record, the latest is what it says.
    return soql(
        "SELECT {columns} FROM Survey_Response__c WHERE (Routing_Status__c = 'Pending' OR (Routing_Status__c = 'Waiting' "
        "AND Match_Status__c IN {matched})) AND Erased_At__c = null AND Removed_At_Source__c = null "
        "ORDER BY Responded_At__c ASC NULLS FIRST LIMIT {most}",
        columns=fields(route_columns(routes)), matched=MATCHED, most=CHUNK,
    )  # fmt: skip


def _write(org: TargetOrg, targets: Sequence[Target], describes: Describes, report: RoutingReport) -> None:
    waiting = list(targets)
    for attempt in range(MOST_DROPS + 1):
        groups: dict[tuple[str, str, str | None], list[Target]] = {}
        for target in waiting:
            groups.setdefault(_way(target, describes), []).append(target)
        if not groups:
            return
        writes = [
            Write(Operation(operation), sobject, [target.values for target in group], key=key)
            for (operation, sobject, key), group in groups.items()
        ]
        waiting = []
        for group, outcomes in zip(groups.values(), org.write(writes), strict=True):
            for target, outcome in zip(group, outcomes, strict=True):
                if not _settle(target, outcome, report, may_drop=attempt < MOST_DROPS):
                    waiting.append(target)


def _way(target: Target, describes: Describes) -> tuple[str, str, str | None]:
    """How a record is written. Made under a unique external ID, it cannot be made twice, whoever else writes."""
    if target.operation is Operation.UPDATE:
        return Operation.UPDATE.value, target.sobject, None
    name = target.key.partition("=")[0]
    described = described_field(describes, target.sobject, name)
    is_key = described is not None and described.unique and described.external_id
    return (Operation.UPSERT if is_key else Operation.INSERT).value, target.sobject, name


def _settle(target: Target, outcome: RowOutcome, report: RoutingReport, *, may_drop: bool) -> bool:
    """Notes what became of the target; False when it is to be sent again without the fields that were refused."""
    made = target.operation is not Operation.UPDATE
    if outcome.success:
        report.created += made
        report.updated += not made
        for task, route in target.takers:
            task.note(route, f"{'created' if made else 'updated'} {target.sobject} {outcome.id}")
            task.notes += [f"  left out {text}" for text in target.dropped]
        return True
    action = next_action(outcome.code, outcome.fields)
    key = "Id" if not made else target.key.partition("=")[0]
    blamed = [name for name in outcome.fields if name in target.values and name != key]
    if action is NextAction.DROP_FIELD and blamed and may_drop and len(blamed) < len(target.values) - 1:
        target.dropped += [f"{name}: {outcome.code}: {outcome.message}" for name in blamed]
        target.values = {name: value for name, value in target.values.items() if name not in blamed}
        report.dropped_fields += len(blamed)
        return False
    # A record that is busy will not be for long; one that has vanished or is locked by an approval is for somebody to look at.
    status = RoutingStatus.PENDING if action is NextAction.RETRY else RoutingStatus.PARKED
    for task, route in target.takers:
        task.note(route, f"refused, {target.sobject} {target.values.get('Id', '')} {outcome.code}: {outcome.message}", status)
    return True


def _say(org: TargetOrg, tasks: Iterable[RouteTask], report: RoutingReport) -> None:
    rows = []
    for task in tasks:
        rows.append({"Id": task.id, "Routing_Status__c": task.status.value, "Routing_Notes__c": "\n".join(task.notes)[:_LONGEST_NOTES]})
        report.done += task.status is RoutingStatus.DONE
        report.waiting += task.status is RoutingStatus.WAITING
        report.parked += task.status is RoutingStatus.PARKED
        report.pending += task.status is RoutingStatus.PENDING
    org.write([Write(Operation.UPDATE, RESPONSE, rows)])
