"""ValidationRule: refuses a save when its condition is true."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule:
    sobject: str
    name: str
    description: str
    condition: str
    message: str
    field: str | None = None
    """The field that shows the message."""
    template: str = "ValidationRule.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/objects/{self.sobject}/validationRules/{self.name}.validationRule-meta.xml"
