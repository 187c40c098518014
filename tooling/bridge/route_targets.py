"""Which records the routes of responses are for, and what each is to say: looked up, not yet written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tooling.bridge.ledger import moment
from tooling.bridge.matching import MatchStatus
from tooling.bridge.route_preflight import known_from
from tooling.bridge.routes import Links, RoutingStatus, answer, takes_now, values_of, waits_for
from tooling.nps.response import Outcome, Person, Response, SourceStatus, SurveyType
from tooling.salesforce.ids import record_id
from tooling.salesforce.org import FieldDescribe, ObjectDescribe, Operation, Row, TargetOrg
from tooling.salesforce.soql import Identifier, fields, literal, split
from tooling.spec.answers import text_of
from tooling.spec.routes import Route
from tooling.spec.standard_fields import KnownField

MATCHED = (MatchStatus.MATCHED.value, MatchStatus.RESOLVED.value)
_LONGEST_SHOWN = 80

Describes = Mapping[str, ObjectDescribe | None]


@dataclass(slots=True)
class RouteTask:
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
class Target:
    """One record to be written: what several responses and routes say of it, the latest answer last."""

    sobject: str
    operation: Operation
    key: str
    values: dict[str, Any]
    takers: list[tuple[RouteTask, Route]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def targets_of(org: TargetOrg, routes: Sequence[Route], describes: Describes, tasks: Sequence[RouteTask]) -> list[Target]:
    """Looks up what the routes of these responses are for. The tasks' notes say where nothing is to be written, and why."""
    wanted: list[tuple[RouteTask, Route, str]] = []
    for task in tasks:
        for route in routes:
            if takes_now(route, task.response, task.links) and (value := _sought(task, route, describes)) is not None:
                wanted.append((task, route, value))
    found = _look_up(org, wanted, describes)
    targets: dict[tuple[str, str], Target] = {}
    for task, route, value in wanted:
        _aim(task, route, value, found.get((route.object, route.lookup.field, value.casefold()), []), describes, targets)
    return list(targets.values())


def route_columns(routes: Sequence[Route]) -> list[str]:
    """The columns of a Survey_Response__c that `task_from` needs for these routes."""
    columns = [
        "Id", "Response_Key__c", "Source__c", "Source_Response_Id__c", "Score__c", "Outcome__c", "Responded_At__c", "Contact__c", "Lead__c",
        "Account__c", "Survey_Type__c", "Survey_Name__c", "Campaign_Id__c", "Attributes__c", "Match_Status__c",
    ]  # fmt: skip
    needed = {name for route in routes for name in route.answers()}
    return [*columns, *(column for name, column in _COLUMNS.items() if name in needed)]


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


def task_from(row: Row) -> RouteTask:
    links = Links(row["Id"], row.get("Contact__c"), row.get("Lead__c"), row.get("Account__c"), row.get("Match_Status__c") in MATCHED)
    return RouteTask(str(row["Id"]), response_from(row), links)


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


def _sought(task: RouteTask, route: Route, describes: Describes) -> str | None:
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
    looked_up = described_field(describes, route.object, route.lookup.field)
    if looked_up is not None and looked_up.type in ("id", "reference"):
        identity = record_id(text)
        if identity is None:
            task.note(route, f"skipped, {text!r:.{_LONGEST_SHOWN}} is not a record id")
        return identity
    return text


def _look_up(org: TargetOrg, wanted: Sequence[tuple[RouteTask, Route, str]], describes: Describes) -> dict[tuple[str, str, str], list[str]]:
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
            values=_typed(list(sought), described_field(describes, sobject, name)),
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


def _aim(
    task: RouteTask, route: Route, value: str, ids: Sequence[str], describes: Describes, targets: dict[tuple[str, str], Target]
) -> None:
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
    target = targets.setdefault((route.object, key), Target(route.object, operation, key, {}))
    target.values.update(values)
    target.takers.append((task, route))


def described_field(describes: Describes, sobject: str, name: str) -> FieldDescribe | None:
    describe = describes.get(sobject)
    return describe.fields.get(name) if describe else None


def _known(describes: Describes, sobject: str, name: str) -> KnownField | None:
    described = described_field(describes, sobject, name)
    return known_from(described) if described else None


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
