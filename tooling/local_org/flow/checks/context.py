"""What the rules share: the flow's names, a walk over its parts, and how a problem is worded."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TypeVar

from ...schema.types import Schema, SObject
from ..model import Flow, FlowProblem, Located
from ..program.expressions import Expressions
from ..scope import Scope, Target, UnknownReference

L = TypeVar("L", bound=Located)


class Checking:
    """One flow under examination."""

    def __init__(self, flow: Flow, schema: Schema, flows: Mapping[str, Flow]) -> None:
        self.flow = flow
        self.schema = schema
        self.flows = flows
        self.scope = Scope(flow, schema, flows)
        self.expressions = Expressions(self.scope)

    def target(self, reference: str | None) -> Target | None:
        """What a reference means, None where it leads nowhere: the rule about references has that one."""
        if not reference:
            return None
        try:
            return self.scope.find(reference)
        except UnknownReference:
            return None

    def sobject(self, name: str | None) -> SObject | None:
        return self.schema.get(name) if name else None

    def every(self, kind: type[L], under: Located | None = None) -> Iterator[L]:
        """Every part of a type in the flow, or under one of its parts."""
        for part in walk(under or self.flow):
            if isinstance(part, kind):
                yield part


def walk(part: Located) -> Iterator[Located]:
    yield part
    for item in dataclasses.fields(part):
        value = getattr(part, item.name)
        if isinstance(value, Located):
            yield from walk(value)
        elif isinstance(value, tuple):
            for child in value:
                if isinstance(child, Located):
                    yield from walk(child)


def refused(part: Located, text: str) -> FlowProblem:
    """A refusal as the Metadata API words those of flows: the exception code in words, then the reason in parentheses."""
    return FlowProblem(part.line, part.column, f"field integrity exception: unknown ({text})")


def not_supported(part: Located, what: str) -> FlowProblem:
    """Something that Salesforce takes and the local org does not."""
    return FlowProblem(part.line, part.column, f"{what} is not supported by the local org")


def no_field(part: Located, field: str, sobject: str) -> FlowProblem:
    """Source of the wording: Jaganpro/sf-skills, xml-gotchas."""
    return refused(part, f'The field "{field}" for the object "{sobject}" doesn\'t exist.')


def no_object(part: Located, sobject: str) -> FlowProblem:
    return refused(part, f'The object "{sobject}" doesn\'t exist.')
