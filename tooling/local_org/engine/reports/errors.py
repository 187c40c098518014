"""Why a report or a dashboard component is not run."""

from __future__ import annotations


class ReportError(Exception):
    """Told to whoever asked for the report; `message` names what is in the way."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def unsupported(what: str) -> ReportError:
    """A part of Salesforce's reports that this org does not run."""
    return ReportError(f"{what} is not supported by the local org")
