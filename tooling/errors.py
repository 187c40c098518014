"""Errors sorted by what to do next. Imports nothing, so that no import loop can start here."""

from __future__ import annotations


class NpsError(Exception):
    """Any error of this product. `exit_code` is what a command ends with; `remedy` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class UsageError(NpsError):
    """The caller's input or configuration is wrong; nothing was written."""

    exit_code = 2


class SpecError(UsageError):
    """The mapping spec has findings: all of them, one a line, each with its place."""


class Unreachable(NpsError):
    """A system could not be reached or is overloaded; running the same command again is safe."""

    exit_code = 3


class Retriable(Unreachable):
    """Back off and try again; becomes final when the attempts are used up. `after` is in seconds, when the other side named it."""

    def __init__(self, message: str, remedy: str = "", after: float | None = None) -> None:
        super().__init__(message, remedy)
        self.after = after


class SessionExpired(NpsError):
    """The session is no longer valid: renew it once, then give up."""

    exit_code = 2


class OrgRefused(NpsError):
    """The org said no to one record or call. `code` is Salesforce's error code, `fields` are those it blamed."""

    def __init__(self, code: str, message: str, fields: tuple[str, ...] = (), remedy: str = "") -> None:
        super().__init__(f"{code}: {message}", remedy)
        self.code = code
        self.reason = message
        self.fields = fields


class SourceRefused(UsageError):
    """A feedback source refused the request: a wrong key, a wrong address, an answer that is not its API's."""
