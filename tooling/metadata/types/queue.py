"""Queue: owns records until somebody takes them. Without members: who is in it is the org's business, and a deploy leaves that alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    name: str
    label: str
    description: str
    sobjects: tuple[str, ...]
    template: str = "Queue.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/queues/{self.name}.queue-meta.xml"
