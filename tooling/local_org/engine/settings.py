"""What the control plane can switch: how strictly the org imitates, where Salesforce's behaviour is a choice or unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ..errors import OrgError, error_class

_CHOICES: dict[str, tuple[str, ...]] = {
    "async_paths": ("immediate", "on request"),
    "composite_limits": ("subrequest", "call"),
    "production": ("off", "flows inactive", "coverage required"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting has the default of a Developer Edition org."""

    async_paths: str = "immediate"
    """`immediate`: asynchronous and due scheduled paths run within a second; `on request`: only by run_async or a clock step."""
    reenter: bool = True
    """Whether a flow runs again for a record it already ran for in the same transaction (not specified publicly)."""
    governor_limits: bool = True
    """Off: limits are counted, and none is enforced."""
    composite_limits: str = "subrequest"
    """Whether the subrequests of a composite call that is not allOrNone count their limits alone or together."""
    production: str = "off"
    """`flows inactive`: deployed flows arrive inactive; `coverage required`: an active flow without test coverage rolls the deploy back."""
    sandbox: bool = False
    """Organization.IsSandbox, which no API can write."""
    person_accounts: bool = False
    """The feature is on. It is switched off only while no record and no deployed metadata needs it."""
    person_contact_flows: bool = True
    """Whether saving the Contact of a person account starts flows on Contact (not specified publicly); saving the Account never does."""
    trace: bool = True
    """Keep a trace of flow interviews."""
    trace_bulk: bool = False
    """Keep traces of interviews inside Bulk jobs and asynchronous batches they cause."""

    def to_json(self) -> dict[str, Any]:
        return {_ALIASES.get(name, name): value for name, value in asdict(self).items()}

    def to_text(self) -> str:
        return json.dumps(self.to_json())

    @classmethod
    def from_text(cls, text: str | None) -> Settings:
        """What `to_text` wrote; the defaults when there is nothing."""
        return cls().changed(json.loads(text)) if text else cls()

    def changed(self, wanted: Mapping[str, Any]) -> Settings:
        """A copy with some settings changed.

        Raises:
            OrgError: an unknown setting, or a value it does not take.
        """
        known = {f.name: f for f in fields(self)}
        changes: dict[str, Any] = {}
        for given, value in wanted.items():
            name = _NAMES.get(given, given)
            if name not in known:
                raise _refused(f"Unknown setting '{given}'; settings are {', '.join(sorted(self.to_json()))}")
            if name in _CHOICES and value not in _CHOICES[name]:
                raise _refused(f"Setting '{given}' takes one of: {', '.join(_CHOICES[name])}")
            if name not in _CHOICES and not isinstance(value, bool):
                raise _refused(f"Setting '{given}' takes true or false")
            changes[name] = value
        changed = replace(self, **changes)
        if changed.sandbox and changed.production != "off":
            raise _refused("An org is a sandbox or a production org: setting 'sandbox' takes true only while 'production' is off")
        return changed


# `async` is a keyword of Python, not of the control plane.
_ALIASES = {"async_paths": "async"}
_NAMES = {alias: name for name, alias in _ALIASES.items()}


def _refused(message: str) -> OrgError:
    return error_class("INVALID_ARGUMENT")(message)
