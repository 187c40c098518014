"""CustomNotificationType: what a flow needs to ring the bell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomNotificationType:
    name: str
    label: str
    description: str
    template: str = "CustomNotificationType.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/notificationtypes/{self.name}.notiftype-meta.xml"
