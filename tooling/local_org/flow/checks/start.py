"""The start element: trigger, entry conditions, schedule, scheduled paths. Metadata reference, "start: meaning and what deploy rejects"."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import FlowProblem, Located, ScheduledPath, Start
from ..program.logic import LogicError, parse_logic
from ..vocabulary import FilterOperator, PathType, RecordTriggerType, TimeSource, TriggerType
from .context import Checking, no_field, no_object, not_supported, refused

SUPPORTED_TRIGGERS = frozenset(
    {None, TriggerType.NONE, TriggerType.SCHEDULED, TriggerType.RECORD_BEFORE_SAVE, TriggerType.RECORD_AFTER_SAVE}
    | {TriggerType.RECORD_BEFORE_DELETE}
)
_SAVES = (RecordTriggerType.CREATE, RecordTriggerType.UPDATE, RecordTriggerType.CREATE_AND_UPDATE)
_LONGEST_LOGIC = 1000
"""Characters of a filterLogic or conditionLogic: "Flow" page of the Metadata API guide."""
_UPDATES = (RecordTriggerType.UPDATE, RecordTriggerType.CREATE_AND_UPDATE)


def start(checking: Checking) -> Iterator[FlowProblem]:
    flow, begin = checking.flow, checking.flow.start
    if begin is None:
        return
    if begin.trigger_type not in SUPPORTED_TRIGGERS:
        yield not_supported(begin, f"triggerType {begin.trigger_type}")
        return
    if begin.object and checking.sobject(begin.object) is None:
        yield no_object(begin, begin.object)
    if flow.record_triggered:
        yield from _record_trigger(begin)
    elif begin.record_trigger_type not in (None, RecordTriggerType.NONE):
        yield refused(begin, "recordTriggerType is only for flows that a record triggers.")
    if begin.trigger_type is TriggerType.SCHEDULED:
        yield from _schedule(begin)
    elif begin.schedule is not None:
        yield refused(begin.schedule, "schedule is only for flows whose triggerType is Scheduled.")
    if begin.max_batch_size is not None:
        yield from _batch_size(begin, begin.max_batch_size)
    yield from _entry_conditions(checking, begin)


def _record_trigger(begin: Start) -> Iterator[FlowProblem]:
    if not begin.object:
        yield refused(begin, "Required field is missing: object")
    trigger = begin.record_trigger_type
    if begin.trigger_type is TriggerType.RECORD_BEFORE_DELETE:
        if trigger is not RecordTriggerType.DELETE:
            yield refused(begin, "A flow that runs before a record is deleted needs the recordTriggerType Delete.")
    elif trigger not in _SAVES:
        word = trigger.value if trigger else "(none)"
        yield refused(begin, f"The recordTriggerType {word} isn't allowed for the triggerType {begin.trigger_type}.")


def _schedule(begin: Start) -> Iterator[FlowProblem]:
    schedule = begin.schedule
    if schedule is None:
        yield refused(begin, "A flow whose triggerType is Scheduled needs a schedule.")
        return
    for name, value in (("frequency", schedule.frequency), ("startDate", schedule.start_date), ("startTime", schedule.start_time)):
        if value is None:
            yield refused(schedule, f"Required field is missing: {name}")


def _batch_size(begin: Start, size: int) -> Iterator[FlowProblem]:
    """Of a schedule-triggered flow that works on records. salesforce/sf-pi, flow guide."""
    if begin.trigger_type is not TriggerType.SCHEDULED:
        yield refused(begin, "maxBatchSize of start is only for flows whose triggerType is Scheduled.")
    elif not 1 <= size <= 200:
        yield refused(begin, f"maxBatchSize must be between 1 and 200, not {size}.")


def _entry_conditions(checking: Checking, begin: Start) -> Iterator[FlowProblem]:
    if begin.filters and begin.filter_formula:
        yield refused(begin, "Entry conditions are given by filters or by filterFormula, not by both.")
    if (begin.filters or begin.filter_formula) and not begin.object:
        yield refused(begin, "Entry conditions need an object.")
    if begin.does_require_record_changed_to_meet_criteria:
        if not (begin.filters or begin.filter_formula):
            yield refused(begin, "doesRequireRecordChangedToMeetCriteria needs entry conditions.")
        if begin.record_trigger_type not in _UPDATES:
            yield refused(begin, "doesRequireRecordChangedToMeetCriteria is only for flows that run when a record is updated.")
    yield from logic(begin, begin.filter_logic, len(begin.filters))
    for item in begin.filters:
        if item.operator is FilterOperator.IS_CHANGED and begin.record_trigger_type not in _UPDATES:
            yield refused(item, "The operator IsChanged is only for flows that run when a record is updated.")


def logic(part: Located, text: str | None, count: int) -> Iterator[FlowProblem]:
    """A filterLogic or conditionLogic."""
    if text is None or text.strip().lower() in ("and", "or", ""):
        return
    if text.strip().lower() in ("no_conditions", "formula_evaluates_to_true") and count == 0:
        return
    if len(text) > _LONGEST_LOGIC:
        yield refused(part, f"The logic is too long ({len(text)} characters). Maximum length is {_LONGEST_LOGIC} characters.")
        return
    try:
        parse_logic(text, count, lambda number: lambda frame: True)
    except LogicError as error:
        yield refused(part, str(error))


def trigger_order(checking: Checking) -> Iterator[FlowProblem]:
    order = checking.flow.trigger_order
    if order is not None and not 1 <= order <= 2000:
        yield refused(checking.flow, f"triggerOrder must be between 1 and 2000, not {order}.")


def scheduled_paths(checking: Checking) -> Iterator[FlowProblem]:
    begin = checking.flow.start
    if begin is None or not begin.scheduled_paths:
        return
    if begin.trigger_type is not TriggerType.RECORD_AFTER_SAVE:
        yield refused(begin.scheduled_paths[0], "Scheduled paths are only for flows that run after a record is saved.")
        return
    for path in begin.scheduled_paths:
        if path.path_type is PathType.APPROVAL_RECALL:
            yield not_supported(path, "pathType ApprovalRecall")
        elif path.path_type is PathType.ASYNC_AFTER_COMMIT:
            yield from _async_path(path)
        else:
            yield from _timed_path(checking, begin, path)
    # Salesforce refuses this only when the flow is activated; a draft with it is stored as InvalidDraft. salesforce/sf-pi, flow guide.
    if begin.record_trigger_type in _UPDATES and not _asks_for_a_change(begin) and any(path.connector for path in begin.scheduled_paths):
        yield refused(
            begin,
            "A flow with an asynchronous or scheduled path that runs when a record is updated must run only when the record is changed "
            "to meet the conditions: set doesRequireRecordChangedToMeetCriteria to true, or use the IsChanged operator.",
        )


def _async_path(path: ScheduledPath) -> Iterator[FlowProblem]:
    given = (
        ("label", path.label), ("offsetNumber", path.offset_number), ("offsetUnit", path.offset_unit),
        ("maxBatchSize", path.max_batch_size), ("recordField", path.record_field), ("timeSource", path.time_source),
    )  # fmt: skip
    for name, value in given:
        if value is not None:
            yield refused(path, f"The path that runs asynchronously after commit can't have {name}.")


def _timed_path(checking: Checking, begin: Start, path: ScheduledPath) -> Iterator[FlowProblem]:
    if not path.name:
        yield refused(path, "Required field is missing: name")
    for name, value in (
        ("label", path.label),
        ("offsetNumber", path.offset_number),
        ("offsetUnit", path.offset_unit),
        ("timeSource", path.time_source),
    ):
        if value is None:
            yield refused(path, f"Required field is missing: {name}")
    if path.max_batch_size is not None and not 1 <= path.max_batch_size <= 200:
        yield refused(path, f"maxBatchSize must be between 1 and 200, not {path.max_batch_size}.")
    if path.time_source is TimeSource.RECORD_TRIGGER_EVENT and path.record_field:
        yield refused(path, "recordField is only for paths whose timeSource is RecordField.")
    if path.time_source is TimeSource.RECORD_FIELD:
        sobject = checking.sobject(begin.object)
        field = sobject.field(path.record_field or "") if sobject else None
        if not path.record_field:
            yield refused(path, "Required field is missing: recordField")
        elif sobject is not None and field is None:
            yield no_field(path, path.record_field, sobject.name)
        elif field is not None and not field.type.is_date:
            yield refused(path, f'The recordField "{path.record_field}" must be a date or a datetime.')


def _asks_for_a_change(begin: Start) -> bool:
    if begin.does_require_record_changed_to_meet_criteria:
        return True
    if any(item.operator is FilterOperator.IS_CHANGED for item in begin.filters):
        return True
    return "ischanged" in (begin.filter_formula or "").lower()
