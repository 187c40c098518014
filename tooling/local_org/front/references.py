"""References between the subrequests of a composite call: `@{refAccount.id}`, `@{query.records[0].Id}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import error_class

_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")
_MISSING = object()


def resolve(value: Any, answers: Mapping[str, Any]) -> Any:
    """The value with every reference in its strings replaced by what earlier answers say.

    Raises:
        OrgError: PROCESSING_HALTED, a reference to nothing.
    """
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        if whole:
            return _look_up(whole, answers)
        return _REFERENCE.sub(lambda found: str(_look_up(found, answers)), value)
    if isinstance(value, list):
        return [resolve(each, answers) for each in value]
    if isinstance(value, dict):
        return {key: resolve(each, answers) for key, each in value.items()}
    return value


def _look_up(found: re.Match[str], answers: Mapping[str, Any]) -> Any:
    here = answers.get(found[1], _MISSING)
    for step in _STEP.finditer(found[2]):
        here = _step(here, step)
    if here is _MISSING:
        raise error_class("PROCESSING_HALTED")(f"Invalid reference specified. No value for {found[2].lstrip('.')} found in {found[1]}")
    return here


def _step(here: Any, step: re.Match[str]) -> Any:
    if step[2] is not None:
        index = int(step[2])
        return here[index] if isinstance(here, list) and index < len(here) else _MISSING
    return here.get(step[1], _MISSING) if isinstance(here, dict) else _MISSING
