"""Carries out routes: what the ledger says is pending goes to the records it is for, and the response says where it went.

A response is marked as pending in the save that creates or revises it, and as done once its targets are confirmed. Killed in between,
the next sync finds it pending: records are looked up before they are written, so that nothing is made twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tooling.bridge.ledger import RESPONSE, moment
from tooling.bridge.matching import MatchStatus
from tooling.bridge.report import RoutingReport
from tooling.bridge.route_preflight import known_from
from tooling.bridge.routes import Links, RoutingStatus, answer, takes_now, values_of, waits_for
from tooling.nps.response import Outcome, Person, Response, SourceStatus, SurveyType
from tooling.salesforce.ids import record_id
from tooling.salesforce.org import FieldDescribe, ObjectDescribe, Operation, Row, RowOutcome, TargetOrg, Write
from tooling.salesforce.refusals import NextAction, next_action
from tooling.salesforce.soql import Identifier, fields, literal, soql, split
from tooling.spec.answers import text_of
from tooling.spec.routes import Route
from tooling.spec.standard_fields import KnownField

CHUNK = 1_000
_MATCHED = (MatchStatus.MATCHED.value, MatchStatus.RESOLVED.value)
MOST_DROPS = 5
_LONGEST_NOTES = 4_000
_LONGEST_SHOWN = 80

Describes = Mapping[str, ObjectDescribe | None]


@dataclass(slots=True)
class _Task:
    """One pending response: its routes, what is to be written, and what to say about it."""

    id: str
    response: Response
    links: Links
    status: RoutingStatus = RoutingStatus.DONE
    notes: list[str] = field(default_factory=list)

    def note(self, route: Route, text: str, status: RoutingStatus = RoutingStatus.DONE) -> None:
        self.notes.append(f"{route.name}: {text}")
        if _WEIGHT.index(status) > _WEIGHT.index(self.status):
            self.status = status


_WEIGHT = (RoutingStatus.DONE, RoutingStatus.WAITING, RoutingStatus.PARKED, RoutingStatus.PENDING)


@dataclass(slots=True)
class _Target:
    """One record to be written: what several responses and routes say of it, the latest answer last."""

    sobject: str
    operation: Operation
    key: str
    values: dict[str, Any]
    takers: list[tuple[_Task, Route]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def route_pending(org: TargetOrg, routes: Sequence[Route], describes: Describes) -> RoutingReport:
    """Carries out the routes of every response that waits for it."""
    report = RoutingReport()
    if not routes:
        return report
    seen: set[str] = set()
    while True:
        rows = [row for row in org.query(_pending_query(routes)) if row["Id"] not in seen]
        if not rows:
            return report
        seen |= {str(row["Id"]) for row in rows}
        tasks = [_task(row) for row in rows]
        _carry_out(org, routes, describes, tasks, report)
        _say(org, tasks, report)


def _pending_query(routes: Sequence[Route]) -> str:
    columns = [
        "Id", "Response_Key__c", "Source__c", "Source_Response_Id__c", "Score__c", "Outcome__c", "Responded_At__c", "Contact__c", "Lead__c",
        "Account__c", "Survey_Type__c", "Survey_Name__c", "Campaign_Id__c", "Attributes__c", "Match_Status__c",
    ]  # fmt: skip
    needed = {name for route in routes for name in route.answers()}
    columns += [column for name, column in _COLUMNS.items() if name in needed]
    # Latest last: where two answers go to one record, the latest is what it says.
    return soql(
        "SELECT {columns} FROM Survey_Response__c WHERE (Routing_Status__c = 'Pending' OR (Routing_Status__c = 'Waiting' "
        "AND Match_Status__c IN {matched})) AND Erased_At__c = null AND Removed_At_Source__c = null "
        "ORDER BY Responded_At__c ASC NULLS FIRST LIMIT {most}",
        columns=fields(columns), matched=_MATCHED, most=CHUNK,
    )  # fmt: skip


_COLUMNS = {
    "verbatim": "Verbatim__c",
    "tags": "Tags__c",
    "status": "Source_Status__c",
    "channel": "Channel__c",
    "language": "Language__c",
    "sent_at": "Survey_Sent_At__c",
    "modified_at": "Source_Modified_At__c",
    "email": "Respondent_Email__c",
    "name": "Respondent_Name__c",
    "user_id": "Respondent_User_Id__c",
}


def _task(row: Row) -> _Task:
    links = Links(row["Id"], row.get("Contact__c"), row.get("Lead__c"), row.get("Account__c"), row.get("Match_Status__c") in _MATCHED)
    return _Task(str(row["Id"]), response_from(row), links)


def response_from(row: Row) -> Response:
    """The response as the ledger holds it, as far as it was read."""
    try:
        attributes = json.loads(row.get("Attributes__c") or "{}")
    except ValueError:
        attributes = {}
    attributes = attributes if isinstance(attributes, dict) else {}
    score = row.get("Score__c")
    return Response(
        source=row.get("Source__c") or "",
        id=row.get("Source_Response_Id__c") or "",
        person=Person(
            email=row.get("Respondent_Email__c"),
            last_name=row.get("Respondent_Name__c"),
            user_id=row.get("Respondent_User_Id__c"),
            salesforce_id=_text(attributes.get("salesforce_id")),
            company_id=_text(attributes.get("company_id")),
        ),
        outcome=Outcome(row.get("Outcome__c") or Outcome.ANSWERED),
        score=None if score is None else int(score),
        verbatim=row.get("Verbatim__c"),
        tags=tuple((row.get("Tags__c") or "").splitlines()),
        survey_type=SurveyType(row.get("Survey_Type__c") or SurveyType.RELATIONSHIP),
        survey_name=row.get("Survey_Name__c"),
        campaign_id=row.get("Campaign_Id__c"),
        channel=row.get("Channel__c"),
        language=row.get("Language__c"),
        status=SourceStatus(row.get("Source_Status__c") or SourceStatus.OPEN),
        sent_at=moment(row.get("Survey_Sent_At__c")),
        responded_at=moment(row.get("Responded_At__c")),
        modified_at=moment(row.get("Source_Modified_At__c")),
        attributes=attributes,
    )


def _carry_out(org: TargetOrg, routes: Sequence[Route], describes: Describes, tasks: Sequence[_Task], report: RoutingReport) -> None:
    wanted: list[tuple[_Task, Route, str]] = []
    for task in tasks:
        for route in routes:
            if takes_now(route, task.response, task.links) and (value := _sought(task, route, describes)) is not None:
                wanted.append((task, route, value))
    found = _look_up(org, wanted, describes)
    targets: dict[tuple[str, str], _Target] = {}
    for task, route, value in wanted:
        _aim(task, route, value, found.get((route.object, route.lookup.field, value.casefold()), []), describes, targets)
    _write(org, list(targets.values()), describes, report)


def _sought(task: _Task, route: Route, describes: Describes) -> str | None:
    """The value to look up by; None, with a note, when there is none."""
    waits = waits_for(route, task.links)
    if waits:
        task.note(route, f"waits until the {waits} is known", RoutingStatus.WAITING)
        return None
    raw = answer(route.lookup.from_, task.response, task.links)
    if raw is None:
        task.note(route, f"skipped, the response carries no {route.lookup.from_}")
        return None
    text = text_of(raw).strip()
    looked_up = _field(describes, route.object, route.lookup.field)
    if looked_up is not None and looked_up.type in ("id", "reference"):
        identity = record_id(text)
        if identity is None:
            task.note(route, f"skipped, {text!r:.{_LONGEST_SHOWN}} is not a record id")
        return identity
    return text


def _look_up(org: TargetOrg, wanted: Sequence[tuple[_Task, Route, str]], describes: Describes) -> dict[tuple[str, str, str], list[str]]:
    """(sObject, field, value without case) → ids."""
    values: dict[tuple[str, str], dict[str, None]] = {}
    for _, route, value in wanted:
        values.setdefault((route.object, route.lookup.field), {})[value] = None
    lookups = [
        (sobject, name, query)
        for (sobject, name), sought in values.items()
        for query in split(
            "SELECT {columns} FROM {sobject} WHERE {field} IN {values} ORDER BY Id",
            over="values",
            values=_typed(list(sought), _field(describes, sobject, name)),
            columns=fields(["Id", name]),
            sobject=Identifier(sobject),
            field=Identifier(name),
        )
    ]
    found: dict[tuple[str, str, str], list[str]] = {}
    answers = org.query_many([query for _, _, query in lookups]) if lookups else []
    for (sobject, name, _), rows in zip(lookups, answers, strict=True):
        for row in rows:
            found.setdefault((sobject, name, _plain(row[name]).casefold()), []).append(str(row["Id"]))
    return found


def _typed(values: Sequence[str], described: FieldDescribe | None) -> Sequence[object]:
    """The values as SOQL compares them with a field of this type; what cannot be one is found nowhere."""
    if described is None or described.type not in ("int", "double", "currency", "percent"):
        return values
    numbers: list[object] = []
    for value in values:
        try:
            numbers.append(float(value))
        except ValueError:
            continue
    return numbers


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else text_of(value)


def _aim(task: _Task, route: Route, value: str, ids: Sequence[str], describes: Describes, targets: dict[tuple[str, str], _Target]) -> None:
    shown = f"{route.object} with {route.lookup.field} {literal(value[:_LONGEST_SHOWN])}"
    if len(ids) > 1:
        task.note(route, f"parked, there are {len(ids)} {shown}: {', '.join(ids[:5])}", RoutingStatus.PARKED)
        return
    if (route.on_found if ids else route.on_missing) == "skip":
        task.note(route, f"skipped, there is {'already a' if ids else 'no'} {shown}")
        return
    values, problems = values_of(route, task.response, task.links, lambda name: _known(describes, route.object, name))
    for problem in problems:
        task.note(route, f"left out {problem}")
    if ids:
        key, operation = ids[0], Operation.UPDATE
        values["Id"] = ids[0]
    else:
        key, operation = f"{route.lookup.field}={value.casefold()}", Operation.INSERT
        values[route.lookup.field] = value
    if ids and len(values) == 1:
        task.note(route, "skipped, the response has nothing for its fields")
        return
    target = targets.setdefault((route.object, key), _Target(route.object, operation, key, {}))
    target.values.update(values)
    target.takers.append((task, route))


def _write(org: TargetOrg, targets: Sequence[_Target], describes: Describes, report: RoutingReport) -> None:
    waiting = list(targets)
    for attempt in range(MOST_DROPS + 1):
        groups: dict[tuple[str, str, str | None], list[_Target]] = {}
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


def _way(target: _Target, describes: Describes) -> tuple[str, str, str | None]:
    """How a record is written. Made under a unique external ID, it cannot be made twice, whoever else writes."""
    if target.operation is Operation.UPDATE:
        return Operation.UPDATE.value, target.sobject, None
    name = target.key.partition("=")[0]
    described = _field(describes, target.sobject, name)
    is_key = described is not None and described.unique and described.external_id
    return (Operation.UPSERT if is_key else Operation.INSERT).value, target.sobject, name


def _settle(target: _Target, outcome: RowOutcome, report: RoutingReport, *, may_drop: bool) -> bool:
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


def _say(org: TargetOrg, tasks: Iterable[_Task], report: RoutingReport) -> None:
    rows = []
    for task in tasks:
        rows.append({"Id": task.id, "Routing_Status__c": task.status.value, "Routing_Notes__c": "\n".join(task.notes)[:_LONGEST_NOTES]})
        report.done += task.status is RoutingStatus.DONE
        report.waiting += task.status is RoutingStatus.WAITING
        report.parked += task.status is RoutingStatus.PARKED
        report.pending += task.status is RoutingStatus.PENDING
    org.write([Write(Operation.UPDATE, RESPONSE, rows)])


def _field(describes: Describes, sobject: str, name: str) -> FieldDescribe | None:
    describe = describes.get(sobject)
    return describe.fields.get(name) if describe else None


def _known(describes: Describes, sobject: str, name: str) -> KnownField | None:
    described = _field(describes, sobject, name)
    return known_from(described) if described else None


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
