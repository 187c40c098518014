"""Reading the ledger: what the org already knows about responses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tooling.bridge.matching import MatchStatus
from tooling.nps.response import Person
from tooling.salesforce.org import ObjectDescribe, Row, TargetOrg
from tooling.salesforce.soql import fields, soql, split

RESPONSE, REVISION = "Survey_Response__c", "Survey_Response_Revision__c"
NOT_VISIBLE = "Deploy force-app/ if that is not done yet, and assign a permission set to the user: NPS_Bridge, NPS_User or NPS_Admin."
"""What to do where our objects are not there, for commands that only read."""
MOST_PARKED = 1_000
"""Parked responses matched again in one sync, the latest first."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A record whose NPS fields are derived from the ledger."""

    sobject: str
    id: str
    recalculated_at: datetime | None = None
    responses: int = 0
    """How many it has, as of its last recalculation: decides how many parents fit into one transaction."""
    is_person_account: bool = False
    """A Contact that is one record with its Account: flagged after it, in a call of its own."""

    @property
    def key(self) -> tuple[str, str]:
        return self.sobject, self.id


@dataclass(frozen=True, slots=True)
class Stored:
    """A response as the org holds it, without its texts."""

    id: str
    key: str
    content_hash: str | None
    revision: int
    status: str | None = None
    source_modified_at: datetime | None = None
    removed_at: datetime | None = None
    erased_at: datetime | None = None
    match_status: str | None = None
    changed_at: datetime | None = None
    parents: tuple[Parent, ...] = ()

    @property
    def behind(self) -> tuple[Parent, ...]:
        """Parents whose NPS fields may not show this response: changed not before they were last recalculated."""
        if self.changed_at is None:
            return ()
        return tuple(parent for parent in self.parents if parent.recalculated_at is None or self.changed_at >= parent.recalculated_at)


@dataclass(frozen=True, slots=True)
class Parked:
    """A response without its person, and what it can be matched by."""

    stored: Stored
    person: Person


def moment(value: object) -> datetime | None:
    """A datetime of a REST answer (`2026-03-04T08:00:00.000+0000`, or with Z)."""
    return datetime.fromisoformat(str(value)) if value else None


class Ledger:
    """The responses of one org. What is asked for follows what the user may see (`describes`)."""

    def __init__(self, org: TargetOrg, describes: Mapping[str, ObjectDescribe | None]) -> None:
        self._org = org
        self._columns = _stored_columns(describes)

    @property
    def columns(self) -> tuple[str, ...]:
        """What `stored_from` needs."""
        return tuple(self._columns)

    def by_key(self, keys: Sequence[str]) -> dict[str, Stored]:
        """The stored responses with these keys; what is missing is new."""
        queries = list(
            split(
                "SELECT {columns} FROM Survey_Response__c WHERE Response_Key__c IN {keys}",
                over="keys",
                keys=keys,
                columns=fields(self._columns),
            )
        )
        answers = self._org.query_many(queries) if queries else []
        # The unique index is case-sensitive, a comparison in SOQL need not be: asked for "a:1" the org may show "A:1" too.
        wanted = set(keys)
        return {stored.key: stored for rows in answers for stored in map(stored_from, rows) if stored.key in wanted}

    def copy_query(self, source: str) -> str:
        """All responses of a source."""
        return soql("SELECT {columns} FROM Survey_Response__c WHERE Source__c = {source}", columns=fields(self._columns), source=source)

    def window_query(self, source: str, since: datetime, until: datetime) -> str:
        """Responses of a source answered in a window and not yet known to be removed."""
        return soql(
            "SELECT {columns}, Source_Response_Id__c FROM Survey_Response__c WHERE Source__c = {source} "
            "AND Responded_At__c >= {since} AND Responded_At__c < {until} AND Removed_At_Source__c = null",
            columns=fields(self._columns), source=source, since=since, until=until,
        )  # fmt: skip

    def changed_since(self, since: datetime) -> list[Stored]:
        """Responses that changed what their parents show since then: a run that was cut off may have left parents behind."""
        query = "SELECT {columns} FROM Survey_Response__c WHERE Roll_Up_Changed_At__c >= {since}"
        return [stored_from(row) for row in self._org.query(soql(query, columns=fields(self._columns), since=since))]

    def contents(self, ids: Sequence[str]) -> tuple[dict[str, Row], dict[str, list[Row]]]:
        """What the responses say now, by id, and their archived revisions, by response id."""
        current = list(split("SELECT {columns} FROM Survey_Response__c WHERE Id IN {ids}", over="ids", ids=ids, columns=fields(CONTENT)))
        archived = list(
            split(
                "SELECT Survey_Response__c, Revision_Key__c, Revision__c, Archived_At__c FROM Survey_Response_Revision__c "
                "WHERE Survey_Response__c IN {ids}",
                over="ids",
                ids=ids,
            )
        )
        answers = self._org.query_many([*current, *archived])
        contents = {str(row["Id"]): row for rows in answers[: len(current)] for row in rows}
        revisions: dict[str, list[Row]] = {}
        for row in _all(answers[len(current) :]):
            revisions.setdefault(str(row["Survey_Response__c"]), []).append(row)
        return contents, revisions


CONTENT = (
    "Id", "Response_Key__c", "Revision__c", "Content_Hash__c", "Score__c", "Outcome__c", "Verbatim__c", "Tags__c", "Responded_At__c",
    "Source_Modified_At__c", "Received_At__c",
)  # fmt: skip
"""What a revision archives."""


def parked_query() -> str:
    """Responses that still miss their person, the latest first."""
    return soql(
        "SELECT {columns} FROM Survey_Response__c WHERE Match_Status__c IN {statuses} AND Erased_At__c = null "
        "AND Removed_At_Source__c = null ORDER BY Responded_At__c DESC NULLS LAST LIMIT {most}",
        columns=fields([*_OWN_COLUMNS, "Respondent_Email__c", "Respondent_User_Id__c", "Respondent_Name__c", "Attributes__c"]),
        statuses=[MatchStatus.AMBIGUOUS.value, MatchStatus.UNMATCHED.value],
        most=MOST_PARKED,
    )


def stored_from(row: Row) -> Stored:
    return Stored(
        id=row["Id"],
        key=row["Response_Key__c"],
        content_hash=row.get("Content_Hash__c"),
        revision=int(row.get("Revision__c") or 1),
        status=row.get("Source_Status__c"),
        source_modified_at=moment(row.get("Source_Modified_At__c")),
        removed_at=moment(row.get("Removed_At_Source__c")),
        erased_at=moment(row.get("Erased_At__c")),
        match_status=row.get("Match_Status__c"),
        changed_at=moment(row.get("Roll_Up_Changed_At__c")),
        parents=tuple(_parents(row)),
    )


def parked_from(row: Row) -> Parked:
    attributes = _json_object(row.get("Attributes__c"))
    first_name, _, last_name = (row.get("Respondent_Name__c") or "").rpartition(" ")
    person = Person(
        email=row.get("Respondent_Email__c"),
        first_name=first_name or None,
        last_name=last_name or None,
        user_id=row.get("Respondent_User_Id__c"),
        salesforce_id=_text(attributes.get("salesforce_id")),
        company_id=_text(attributes.get("company_id")),
    )
    return Parked(stored_from(row), person)


def _parents(row: Row) -> Iterator[Parent]:
    converted = bool((row.get("Lead__r") or {}).get("IsConverted"))
    for sobject in ("Contact", "Lead", "Account"):
        parent_id = row.get(f"{sobject}__c")
        seen: Mapping[str, Any] = row.get(f"{sobject}__r") or {}
        is_person_account = bool(seen.get("IsPersonAccount"))
        # A flag that stands was asked in vain: this org runs no flows for the Contact of a person account.
        if not parent_id or (sobject == "Lead" and converted) or (is_person_account and seen.get("NPS_Recalculate__c")):
            continue
        responses = int(seen.get("NPS_Response_Count__c") or 0)
        yield Parent(sobject, parent_id, moment(seen.get("NPS_Recalculated_At__c")), responses, is_person_account)


_OWN_COLUMNS = (
    "Id", "Response_Key__c", "Content_Hash__c", "Revision__c", "Source_Status__c", "Source_Modified_At__c", "Removed_At_Source__c",
    "Erased_At__c", "Match_Status__c", "Roll_Up_Changed_At__c", "Contact__c", "Lead__c", "Account__c",
)  # fmt: skip


def _stored_columns(describes: Mapping[str, ObjectDescribe | None]) -> list[str]:
    columns = [*_OWN_COLUMNS, "Lead__r.IsConverted"]
    for sobject in ("Contact", "Lead", "Account"):
        describe = describes.get(sobject)
        if describe is None:
            continue
        wanted = ["NPS_Recalculated_At__c", "NPS_Response_Count__c"]
        if sobject == "Contact" and describe.has("IsPersonAccount"):
            wanted += ["IsPersonAccount", "NPS_Recalculate__c"]
        columns += [f"{sobject}__r.{name}" for name in wanted if describe.has(name)]
    return columns


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) else None


def _json_object(text: object) -> Mapping[str, Any]:
    try:
        value = json.loads(str(text)) if text else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _all(answers: Iterable[Iterable[Row]]) -> Iterator[Row]:
    for rows in answers:
        yield from rows
