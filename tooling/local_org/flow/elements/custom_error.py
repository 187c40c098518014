"""Custom Error: ends the interview and refuses the record's save, with messages of the flow's own."""

from __future__ import annotations

from .. import costs
from ..frames import Frame, Step
from ..model import CustomError
from ..program.expressions import Expressions


class CustomErrorStep(Step):
    kind = "CustomError"
    cost = costs.ELEMENT
    __slots__ = ("_messages",)

    def __init__(self, node: CustomError, expressions: Expressions) -> None:
        super().__init__(node.name)
        sobject = expressions.scope.schema.get(expressions.scope.flow.trigger_object or "")
        self._messages = []
        for message in node.custom_error_messages:
            field = message.field_selection if message.is_field_error else None
            known = sobject.field(field) if sobject and field else None
            self._messages.append((expressions.text(message.error_message), known.name if known else field))

    def go(self, frame: Frame) -> Step | None:
        messages = [(read(frame), field) for read, field in self._messages]
        frame.interview.custom_errors.extend(messages)
        frame.interview.finished = True
        if frame.interview.trace is not None:
            frame.interview.trace.note(messages=[text for text, _ in messages])
        return None
