"""Names: one namespace for elements, resources, outcomes and paths; letters, digits and single underscores."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import Element, FlowProblem, Start
from .context import Checking, refused

# "Flow" page of the Metadata API guide, fullName.
NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_RULE = "can only contain letters, digits and underscores, must begin with a letter, and can't end with an underscore or have two in a row."


def names(checking: Checking) -> Iterator[FlowProblem]:
    flow = checking.flow
    if not NAME.fullmatch(flow.full_name):
        yield refused(flow, f'The flow name "{flow.full_name}" {_RULE}')
    seen: dict[str, str] = {}
    for element in checking.every(Element):
        if isinstance(element, Start) or not element.name:
            continue
        if not NAME.fullmatch(element.name):
            yield refused(element, f'The name "{element.name}" {_RULE}')
        if element.name.lower() in seen:
            yield refused(element, f'The name "{element.name}" is used more than once in the flow.')
        seen[element.name.lower()] = element.name
