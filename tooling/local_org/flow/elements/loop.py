"""Loop: hands the items of a collection to its body, one by one."""

from __future__ import annotations

from .. import costs
from ..frames import Frame, Step
from ..model import Loop
from ..program.expressions import Expressions
from ..records import FlowRecord, copied
from ..vocabulary import SortOrder


class LoopStep(Step):
    kind = "Loop"
    cost = costs.LOOP_ITERATION
    __slots__ = ("_connectors", "_expressions", "_item", "_read", "_reversed", "_sobject", "_write", "body", "inner")

    def __init__(self, node: Loop, expressions: Expressions) -> None:
        super().__init__(node.name)
        self._read = expressions.read(node.collection_reference)
        self._reversed = node.iteration_order is SortOrder.DESC
        self._item = node.assign_next_value_to_reference or node.name
        self._write = expressions.write(self._item)
        self._sobject = expressions.target(node.collection_reference).kind.sobject
        self._expressions = expressions
        self._connectors = {"body": node.next_value_connector.target_reference} if node.next_value_connector else {}
        self.body: Step | None = None
        self.inner: tuple[str, ...] = ()
        """Loops inside this one: they begin anew with each item, even when the last round left them half done."""

    def targets(self) -> dict[str, str]:
        return self._connectors

    def wire(self, connector: str, step: Step | None) -> None:
        self.body = step

    def go(self, frame: Frame) -> Step | None:
        state = frame.loops.get(self.name)
        items, index = state if state is not None else (self._begin(frame), 0)
        for name in self.inner:
            frame.loops.pop(name, None)
        if index >= len(items) or self.body is None:
            frame.loops.pop(self.name, None)
            return self.next
        frame.loops[self.name] = (items, index + 1)
        self._write(frame, items[index])
        if frame.interview.trace is not None:
            frame.interview.trace.note(iteration=index + 1, of=len(items), item=_shown(items[index]))
        return self.body

    def _begin(self, frame: Frame) -> list[object]:
        items = copied(self._read(frame)) or []
        if self._reversed:
            items.reverse()
        paths = self._expressions.paths.get(self._item)
        if paths and self._sobject and items:
            frame.host.prefetch(self._sobject, [item for item in items if isinstance(item, FlowRecord)], sorted(paths))
        return items


def _shown(item: object) -> object:
    """A record by its id, where it has one: a trace of a loop would be long."""
    return item.get("Id") or item if isinstance(item, FlowRecord) else item
