"""What can go wrong with a formula: it does not compile, or one evaluation has no value."""

from __future__ import annotations


class FormulaError(Exception):
    """A formula that Salesforce refuses to save. `message` is Salesforce's wording, `position` the offset in the source, counted from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return self.message


class FormulaRuntimeError(Exception):
    """An evaluation without a value: Salesforce shows `#Error!` (or `#Too Big!`) and gives null to the API and to SOQL."""
