"""What a flow element compares with, assigns or passes on: a literal or a reference."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Value:
    """One FlowElementReferenceOrValue: `tag` is the Metadata API's element, `text` what stands in it."""

    tag: str
    text: str

    @property
    def reference(self) -> str | None:
        return self.text if self.tag == "elementReference" else None


def ref(name: str) -> Value:
    """A reference to a resource, an element or a field of a record: `$Record.Score__c`, `Open_Task.OwnerId`."""
    return Value("elementReference", name)


def literal(value: str | bool | int | Decimal | float) -> Value:
    if isinstance(value, bool):
        return Value("booleanValue", "true" if value else "false")
    if isinstance(value, str):
        return Value("stringValue", value)
    # A numberValue is an xsd:double: Flow Builder always writes the point.
    return Value("numberValue", str(float(value)))


TRUE = literal(True)
FALSE = literal(False)
EMPTY = ref("$GlobalConstant.EmptyString")
NOW = ref("$Flow.CurrentDateTime")
FAULT = ref("$Flow.FaultMessage")
