"""References compiled to readers and writers of a frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ...errors import LimitExceeded, OrgError
from ..faults import FlowFault, NotCompatible, unset
from ..frames import Frame, Read
from ..host import NullTraversal
from ..kinds import coercer
from ..moments import day_of
from ..records import FlowRecord, copied
from ..scope import Root, Target

Write = Callable[[Frame, Any], None]

_ORIGIN = datetime(1900, 1, 1, tzinfo=UTC)


def read(target: Target, resource: Callable[[str], Read], *, lenient: bool) -> Read:
    """A reader. A lenient one, for formulas, gives null where a strict one faults on something unset on the way."""
    if target.root in (Root.RECORD, Root.PRIOR):
        return _triggering_record(target, lenient)
    if target.root is Root.FLOW:
        return _FLOW_VALUES[target.path[1]]
    if target.root is Root.CONSTANT_GLOBAL:
        constant = {"True": True, "False": False, "EmptyString": ""}[target.path[1]]
        return lambda frame: constant
    if target.root is Root.GLOBAL:
        path = target.path
        return lambda frame: frame.host.global_value(path)
    if target.root is Root.RESOURCE:
        name = target.name
        compiled: list[Read] = []

        def of_resource(frame: Frame) -> Any:
            if not compiled:
                compiled.append(resource(name))
            return compiled[0](frame)

        return of_resource
    if target.root is Root.VISITED:
        name = target.name
        return lambda frame: name in frame.visited
    return _stored(target, lenient)


def _triggering_record(target: Target, lenient: bool) -> Read:
    prior = target.root is Root.PRIOR
    sobject = target.root_kind.sobject or ""
    if not target.fields:
        if prior:
            return lambda frame: None if frame.prior is None else FlowRecord(sobject, frame.prior)
        return lambda frame: frame.record if type(frame.record) is FlowRecord else FlowRecord(sobject, frame.record)
    stored = len(target.fields) == 1 and target.kind.field is not None and not target.kind.field.calculated
    if stored:
        name = target.fields[0]
        if prior:
            # $Record__Prior is null when the record is created: so are its fields, also outside formulas.
            return lambda frame: None if frame.prior is None else frame.prior.get(name)
        return lambda frame: frame.record.get(name)  # type: ignore[union-attr]
    resolve = _resolver(target, lenient)
    if prior:
        return lambda frame: None if frame.prior is None else resolve(frame, frame.prior)
    return lambda frame: resolve(frame, frame.record)


def _resolver(target: Target, lenient: bool) -> Callable[[Frame, Any], Any]:
    sobject = target.root_kind.sobject or ""
    path = target.fields if target.relationship is None else (*target.fields[:-1], target.relationship.name)
    field = target.kind.field
    last = path[-1] if len(path) == 1 and field is not None and field.calculated else None

    def resolve(frame: Frame, record: Any) -> Any:
        if last is not None and last in record:
            return record[last]
        try:
            return frame.host.resolve(sobject, record, path)
        except LimitExceeded:
            raise
        except (NullTraversal, OrgError):
            # An OrgError: a lookup to several sObjects leads to one without this field (an owner that is a queue).
            if lenient:
                return None
            raise unset(target) from None

    return resolve


def _stored(target: Target, lenient: bool) -> Read:
    name = target.name
    if not target.fields:
        return lambda frame: frame.values.get(name)
    stored = len(target.fields) == 1 and target.kind.field is not None and not target.kind.field.calculated
    field = target.fields[0]
    resolve = None if stored else _resolver(target, lenient)

    def of_variable(frame: Frame) -> Any:
        record = frame.values.get(name)
        if record is None:
            if lenient:
                return None
            raise unset(target)
        return record.get(field) if resolve is None else resolve(frame, record)

    return of_variable


def _current_record(frame: Frame) -> Any:
    return frame.record.get("Id") if frame.record is not None else None


_FLOW_VALUES: dict[str, Read] = {
    "CurrentDate": lambda frame: day_of(frame.host.now(), frame.zone),
    "CurrentDateTime": lambda frame: frame.host.now(),
    "CurrentRecord": _current_record,
    "FaultMessage": lambda frame: frame.fault_message,
    "InterviewGuid": lambda frame: frame.interview.guid,
    "InterviewStartTime": lambda frame: frame.interview.started,
    "OriginDateTime": lambda frame: _ORIGIN,
}


def write(target: Target) -> Write:
    """A function that assigns a value, fitted to the target's type.

    The function raises FlowFault where the record to assign into was never set, or the value does not fit.
    """
    fit = coercer(target.kind)

    def fitted(frame: Frame, value: Any) -> Any:
        try:
            return fit(value, frame.zone)
        except NotCompatible as error:
            raise FlowFault(f"The flow failed to assign a value to {target}: {error}.") from None

    if target.root is Root.RECORD:
        field = target.fields[0]

        def into_record(frame: Frame, value: Any) -> None:
            record = frame.record
            if type(record) is FlowRecord:
                record.put(field, fitted(frame, value))
            elif record is not None:
                record[field] = fitted(frame, value)

        return into_record
    name = target.name
    if not target.fields:

        def into_variable(frame: Frame, value: Any) -> None:
            frame.values[name] = copied(fitted(frame, value))

        return into_variable
    return _into_field(target, fitted)


def _into_field(target: Target, fitted: Callable[[Frame, Any], Any]) -> Write:
    name, field, sobject = target.name, target.fields[0], target.root_kind.sobject or ""

    def into_field(frame: Frame, value: Any) -> None:
        record = frame.values.get(name)
        if record is None:
            # Assigning to a field of an unset record variable starts a new record.
            record = frame.values[name] = FlowRecord(sobject)
        record.put(field, fitted(frame, value))

    return into_field
