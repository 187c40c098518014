"""What this org supports, refuses and assumes: `COMPATIBILITY.md`, written from the code's own registries so that it cannot go stale."""

from __future__ import annotations

from ..engine.org import Org
from . import analytics, api, languages, platform

__all__ = ["render"]

_INTRODUCTION = """# Compatibility

What the local org does as Salesforce does it, what it refuses with an error that names it, and what it assumes where Salesforce's own
documentation is silent. Written from the code (`make regen`); do not edit.
"""


def render() -> str:
    """The whole document, in Markdown. Runs each example of SOQL on a fresh org that is gone afterwards."""
    with Org.open() as org:
        sections = (
            *languages.sections(org),
            *platform.sections(),
            *analytics.sections(),
            *api.sections(org),
        )
    return "\n".join((_INTRODUCTION, *sections)).rstrip() + "\n"
