"""Why a response, or a Task, is as it is: source, rule, candidates, automation, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tooling.bridge.dead_letters import DEAD_LETTER
from tooling.bridge.ledger import NOT_VISIBLE, RESPONSE, moment
from tooling.errors import UsageError
from tooling.salesforce.org import ObjectDescribe, Row, TargetOrg
from tooling.salesforce.soql import Identifier, fields, soql

_TASK_PREFIX = "00T"
_RESPONSE_FIELDS = (
    "Id", "Name", "Response_Key__c", "Source__c", "Source_Response_Id__c", "Revision__c", "Score__c", "Category__c", "Outcome__c",
    "Responded_At__c", "Received_At__c", "Respondent_Email__c", "Match_Status__c", "Match_Rule__c", "Match_Candidates__c", "Contact__c",
    "Lead__c", "Account__c", "Quiet__c", "Automation_Status__c", "Automation_Error__c", "Follow_Up_Status__c", "Follow_Up_Due_At__c",
    "Case__c", "Dropped_Fields__c", "Removed_At_Source__c", "Erased_At__c", "Run_Key__c", "Routing_Status__c", "Routing_Notes__c",
)  # fmt: skip
_PARENT_NAMES = {
    "Contact__c": "Contact__r.Name",
    "Lead__c": "Lead__r.Name",
    "Account__c": "Account__r.Name",
    "Case__c": "Case__r.CaseNumber",
}
_PARENTS = tuple(name.removesuffix("__c") for name in _PARENT_NAMES)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    id: str
    kind: str
    subject: str
    status: str
    owner: str
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One response and everything it led to. Texts are as the org shows them."""

    number: str
    id: str
    key: str
    facts: Mapping[str, Any]
    """API name → value, of the fields this user may see."""
    names: Mapping[str, str]
    """Lookup field → name of the record it points to."""
    candidates: tuple[str, ...] = ()
    tasks: tuple[TaskFacts, ...] = ()
    revisions: int = 0
    dead_letter: str | None = None
    next_step: str = ""
    missing: tuple[str, ...] = field(default=())
    """Fields that this user may not see."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        facts = self.facts
        yield f"{self.number} ({self.key})"
        yield f"  answer      {_score(facts)}, {_when(facts.get('Responded_At__c')) or 'date unknown'}; revision {self.revisions + 1}"
        people = ", ".join(f"{name.removesuffix('__c')} {label}" for name, label in self.names.items() if name != "Case__c")
        yield f"  match       {facts.get('Match_Status__c')}: {facts.get('Match_Rule__c')}" + (f" → {people}" if people else "")
        yield from (f"              candidate {candidate}" for candidate in self.candidates)
        quiet = ", quiet: a first sync, a backfill or too old, no follow-up is started" if facts.get("Quiet__c") else ""
        yield f"  automation  {facts.get('Automation_Status__c') or 'none'}{quiet}"
        if facts.get("Automation_Error__c"):
            yield f"              {facts['Automation_Error__c']}"
        for task in self.tasks:
            yield f"  task        {task.kind}: {task.subject} ({task.status}, {task.owner}" + (f", due {task.due})" if task.due else ")")
        if "Case__c" in self.names:
            yield f"  case        {self.names['Case__c']}"
        if facts.get("Routing_Status__c"):
            first, *more = str(facts.get("Routing_Notes__c") or "").splitlines() or [""]
            yield f"  routes      {facts['Routing_Status__c']}" + (f": {first}" if first else "")
            yield from (f"              {line}" for line in more)
        if facts.get("Dropped_Fields__c"):
            yield f"  left out    {facts['Dropped_Fields__c']}"
        if self.dead_letter:
            yield f"  refused     {self.dead_letter}"
        yield f"  next        {self.next_step}"


def explain(org: TargetOrg, reference: str) -> Explanation:
    """Explains a response by its number (`SR-…`), key (`promoter_io:270`) or record id, or the response of a Task by the Task's id.

    Raises:
        UsageError: nothing of that name is in the org.
    """
    describes = org.describe([RESPONSE, "Task", DEAD_LETTER, *_PARENTS])
    response = describes[RESPONSE]
    if response is None:
        raise UsageError(f"{RESPONSE} does not exist, or this user may not see it", NOT_VISIBLE)
    row = _find(org, reference.strip(), response, describes)
    tasks, revisions, letters = _around(org, row, describes)
    facts = {name: row.get(name) for name in _RESPONSE_FIELDS if name in row}
    letter = letters[0] if letters else None
    return Explanation(
        number=row["Name"],
        id=row["Id"],
        key=row.get("Response_Key__c") or "",
        facts=facts,
        names=_names(row),
        candidates=tuple((row.get("Match_Candidates__c") or "").splitlines()),
        tasks=tuple(_task(task) for task in tasks),
        revisions=len(revisions),
        dead_letter=f"{letter.get('Error_Code__c')}: {letter.get('Error_Message__c')}" if letter else None,
        next_step=next_step(facts, bool(letter)),
        missing=tuple(_missing(response, describes["Task"])),
    )


def _missing(response: ObjectDescribe, task: ObjectDescribe | None) -> Iterator[str]:
    yield from (name for name in _RESPONSE_FIELDS if not (response.has(name) or name in ("Id", "Name")))
    if task is None or not task.has("NPS_Response__c"):
        yield "Task"


def next_step(facts: Mapping[str, Any], has_dead_letter: bool = False) -> str:
    """What somebody should do about the response now."""
    if facts.get("Erased_At__c"):
        return "nothing: the person was erased on request"
    if facts.get("Removed_At_Source__c"):
        return "nothing: the source has removed the response"
    if has_dead_letter:
        return "correct what the org refused, then `nps retry` (or set the dead letter's Status to Retry, and sync)"
    if facts.get("Match_Status__c") == "Ambiguous":
        number = facts.get("Name") or "SR-…"
        return f"decide who it was: nps resolve {number} --contact ID, or fill in Contact or Lead and set Match Status to Resolved"
    if facts.get("Match_Status__c") == "Unmatched":
        return "add the person with this e-mail address or user id: the next sync matches the response again"
    if facts.get("Automation_Status__c") == "Failed":
        return "correct the cause in Automation Error and tick Retry Automation; the sweep tries again too"
    if facts.get("Automation_Status__c") == "Suppressed":
        return "clear Automation Off in NPS Settings: the sweep then does what was held back"
    if facts.get("Automation_Status__c") == "Pending":
        return "wait: automation runs after the save; the sweep repeats it after an hour"
    if facts.get("Routing_Status__c") == "Parked":
        return f"correct what the route met, then nps retry {facts.get('Name') or 'SR-…'}"
    if facts.get("Follow_Up_Status__c") == "Open":
        return f"follow up before {_when(facts.get('Follow_Up_Due_At__c')) or 'the Task is due'}"
    return "nothing: all is done"


def _find(org: TargetOrg, reference: str, response: ObjectDescribe, describes: Mapping[str, ObjectDescribe | None]) -> Row:
    task = describes["Task"]
    if not reference:
        raise UsageError("nothing to explain", "Name a response (SR-00000001) or the id of a Task.")
    if reference.startswith(_TASK_PREFIX):
        if task is None or not task.has("NPS_Response__c"):
            raise UsageError("Tasks of this org carry no NPS Response", NOT_VISIBLE)
        found = org.query(soql("SELECT NPS_Response__c FROM Task WHERE Id = {id}", id=reference))
        if not found or not found[0].get("NPS_Response__c"):
            raise UsageError(
                f"{reference} is not a Task that a response led to",
                "Name a Task whose NPS Response is filled in, or a response (SR-00000001).",
            )
        return _find(org, str(found[0]["NPS_Response__c"]), response, describes)
    key_field = "Name" if reference.upper().startswith("SR-") else "Response_Key__c" if ":" in reference else "Id"
    if key_field == "Id" and not (reference.isalnum() and len(reference) in (15, 18)):
        raise UsageError(f"{reference!r} is no response", "Name a response (SR-00000001), a key (promoter_io:270) or a record id.")
    visible = [name for name in _RESPONSE_FIELDS if name in ("Id", "Name") or response.has(name)]
    # The name of a parent can be asked for only by who may read its object; its id tells enough otherwise.
    related = [path for name, path in _PARENT_NAMES.items() if response.has(name) and describes[name.removesuffix("__c")] is not None]
    query = soql(
        "SELECT {columns} FROM Survey_Response__c WHERE {field} = {value}",
        columns=fields([*visible, *related]), field=Identifier(key_field), value=reference,
    )  # fmt: skip
    rows = org.query(query)
    if not rows:
        raise UsageError(
            f"{reference} is not in the org, or this user may not see it",
            "Name it as its page does (SR-00000001); `nps review` lists what waits.",
        )
    return rows[0]


def _around(org: TargetOrg, row: Row, describes: Mapping[str, ObjectDescribe | None]) -> tuple[Sequence[Row], Sequence[Row], Sequence[Row]]:
    task = describes["Task"]
    queries = [soql("SELECT Id, Revision__c FROM Survey_Response_Revision__c WHERE Survey_Response__c = {id}", id=row["Id"])]
    if describes[DEAD_LETTER] is not None and row.get("Response_Key__c"):
        queries.append(
            soql(
                "SELECT Error_Code__c, Error_Message__c FROM NPS_Dead_Letter__c WHERE Delivery_Key__c = {key} AND Status__c != 'Resolved'",
                key=row["Response_Key__c"],
            )
        )
    if task is not None and task.has("NPS_Response__c"):
        columns = ["Id", "Subject", "Status", "ActivityDate", "Owner.Name", *(["NPS_Kind__c"] if task.has("NPS_Kind__c") else [])]
        query = "SELECT {columns} FROM Task WHERE NPS_Response__c = {id} ORDER BY CreatedDate"
        queries.append(soql(query, columns=fields(columns), id=row["Id"]))
    answers = org.query_many(queries)
    letters = next((rows for query, rows in zip(queries, answers, strict=True) if DEAD_LETTER in query), [])
    tasks = next((rows for query, rows in zip(queries, answers, strict=True) if " FROM Task " in query), [])
    return tasks, answers[0], letters


def _names(row: Row) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, path in _PARENT_NAMES.items():
        relationship, _, label = path.partition(".")
        parent = row.get(relationship)
        if row.get(name) and isinstance(parent, Mapping):
            found[name] = str(parent.get(label))
    return found


def _task(row: Row) -> TaskFacts:
    owner = row.get("Owner") or {}
    return TaskFacts(
        row["Id"], row.get("NPS_Kind__c") or "", row.get("Subject") or "", row.get("Status") or "", owner.get("Name") or "",
        row.get("ActivityDate"),
    )  # fmt: skip


def _when(value: object) -> str:
    found = moment(value)
    return f"{found:%Y-%m-%d %H:%M} UTC" if found else ""


def _score(facts: Mapping[str, Any]) -> str:
    score = facts.get("Score__c")
    return str(facts.get("Outcome__c") or "") if score is None else f"{int(score)} ({facts.get('Category__c')})"
