"""When the asynchronous and scheduled paths of a record are due, and what a schedule-triggered flow works on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .compiler import path_name
from .frames import Frame, Program, Trigger
from .host import Host, NullTraversal, Selection
from .model import ScheduledPath as PathMetadata
from .moments import midnight, shift
from .vocabulary import OffsetUnit, PathType, TimeSource

LARGEST_BATCH = 200


@dataclass(frozen=True, slots=True)
class ScheduledPath:
    """A path to run later. `due_at` is None for the one that runs right after the commit, else UTC, possibly past."""

    name: str
    due_at: datetime | None
    max_batch_size: int


def due_paths(program: Program, host: Host, trigger: Trigger) -> list[ScheduledPath]:
    """The paths besides the immediate one that a record which met the entry conditions takes; one whose date field is empty is left out."""
    due: list[ScheduledPath] = []
    for path in program.scheduled_paths:
        name = path_name(path.name, path.path_type)
        if path.path_type is PathType.ASYNC_AFTER_COMMIT:
            due.append(ScheduledPath(name, None, LARGEST_BATCH))
            continue
        base = _base(path, program, host, trigger)
        if base is not None:
            moment = shift(base, path.offset_number or 0, path.offset_unit or OffsetUnit.HOURS, host.time_zone)
            due.append(ScheduledPath(name, moment, path.max_batch_size or LARGEST_BATCH))
    return due


def _base(path: PathMetadata, program: Program, host: Host, trigger: Trigger) -> datetime | None:
    if path.time_source is not TimeSource.RECORD_FIELD or not path.record_field:
        return host.now()
    sobject = host.schema.get(program.sobject or "")
    field = sobject.field(path.record_field) if sobject else None
    if field is None or sobject is None:
        return None
    try:
        value = host.resolve(sobject.name, trigger.record, (field.name,)) if field.calculated else trigger.record.get(field.name)
    except NullTraversal:
        return None
    if isinstance(value, datetime):
        return value
    # A path by a date field counts from midnight.
    return midnight(value, host.time_zone) if isinstance(value, date) else None


def scheduled_selection(program: Program, host: Host) -> Selection | None:
    """The records a schedule-triggered flow runs for; None for one without an object, which runs once."""
    start = program.flow.start
    if start is None or program.sobject is None:
        return None
    if program.criteria is None:
        return Selection(program.sobject, ())
    frame = Frame(program, host, None, None, False)
    return Selection(program.sobject, program.criteria(frame), start.filter_logic or "and")
