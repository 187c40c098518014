"""What flow interviews of one transaction talk to: the org in system context, with every operation counted (satisfies `flow.host.Host`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from ..errors import OrgError, RolledBackWithOthers, error_class
from ..flow.host import Email, Notification, Record, Saved, Selection
from ..schema.ids import to_18
from ..schema.types import Schema, SObject
from .email_alerts import alert_email
from .email_templates import rendered
from .senders import refused_sender
from .statements import Statements
from .transaction import Transaction

_MOST_RECIPIENTS = 150
"""Action emailSimple: combined recipients since API version 62."""

_LONGEST_TITLE, _LONGEST_BODY = 250, 750
"""Mobile Notifications Implementation Guide, "Custom Notification Actions"."""

_WITH_OTHERS = "Record rolled back because not all records were valid and the request was using AllOrNone header"


class _GroupsRefusedError(Exception):
    """Records of an all-or-none group failed: back to the savepoint, and once more without their groups."""


class FlowHost:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._statements = Statements(tx)

    @property
    def schema(self) -> Schema:
        return self._tx.runtime.metadata.schema

    @property
    def time_zone(self) -> tzinfo:
        return self._tx.user.time_zone

    @property
    def running_user_id(self) -> str:
        return self._tx.user.id

    def now(self) -> datetime:
        return self._tx.runtime.clock.now()

    def select(self, selections: Sequence[Selection]) -> list[list[Record]]:
        self._tx.limits.count_soql()
        found = self._tx.runtime.query.select(selections, self._tx.user)
        self._tx.limits.count_rows(sum(len(records) for records in found))
        return found

    def insert(self, sobject: str, records: Sequence[Record]) -> list[Saved]:
        return self._statements.insert(self._sobject(sobject), records)

    def update(self, sobject: str, records: Sequence[Record]) -> list[Saved]:
        return self._statements.update(self._sobject(sobject), records)

    def upsert(self, sobject: str, records: Sequence[Record], key_field: str, together: Sequence[int] = ()) -> list[Saved]:
        found = self._sobject(sobject)
        if not together:
            return self._statements.upsert(found, records, key_field)
        outcome: list[Saved | None] = [None] * len(records)
        left = list(range(len(records)))
        while left:
            mark = self._tx.mark()
            try:
                with self._tx.runtime.store.savepoint():
                    saved = self._statements.upsert(found, [records[n] for n in left], key_field)
                    refused = {together[n] for n, result in zip(left, saved, strict=True) if result.error is not None}
                    if refused:
                        raise _GroupsRefusedError
            except _GroupsRefusedError:
                self._tx.rewind(mark)
            for n, result in zip(left, saved, strict=True):
                if not refused:
                    outcome[n] = result
                elif together[n] in refused:
                    outcome[n] = result if result.error is not None else Saved(None, RolledBackWithOthers(_WITH_OTHERS))
            left = [n for n in left if outcome[n] is None]
        return [result for result in outcome if result is not None]

    def delete(self, sobject: str, ids: Sequence[str]) -> list[Saved]:
        return self._statements.delete(self._sobject(sobject), ids)

    def resolve(self, sobject: str, record: Mapping[str, Any], path: Sequence[str]) -> Any:
        return self._tx.reader.value(self._sobject(sobject), record, path)

    def prefetch(self, sobject: str, records: Iterable[Mapping[str, Any]], paths: Iterable[Sequence[str]]) -> None:
        self._tx.reader.prefetch(self._sobject(sobject), records, paths)

    def global_value(self, path: Sequence[str]) -> Any:
        return self._tx.reader.globals.value(path)

    def send_email(self, email: Email) -> OrgError | None:
        if not email.to and not email.recipient_id:
            return error_class("REQUIRED_FIELD_MISSING")("Missing body, targetObjectId or toAddresses: an e-mail needs a recipient")
        if len(email.to) > _MOST_RECIPIENTS:
            return error_class("LIMIT_EXCEEDED")(f"An e-mail takes at most {_MOST_RECIPIENTS} addresses")
        refused = self._tx.runtime.refused_action("emailSimple") or refused_sender(self._tx, email)
        if refused is not None:
            return refused
        if email.template_id:
            try:
                email = self._templated(email)
            except OrgError as error:
                return error
        self._tx.runtime.outbox.send(email, self._tx.user.id, self.now())
        return None

    def send_email_alert(self, full_name: str, record_id: str) -> OrgError | None:
        try:
            email = alert_email(self._tx, full_name, record_id)
        except OrgError as error:
            return error
        # An alert's sender was chosen by an admin: profiles are asked of the Send Email action only.
        refused = self._tx.runtime.refused_action("emailAlert") or refused_sender(self._tx, email, profiles=False)
        if refused is None:
            self._tx.runtime.outbox.send(email, self._tx.user.id, self.now())
        return refused

    def notify(self, notification: Notification) -> OrgError | None:
        refused = self._tx.runtime.refused_action("customNotificationAction")
        if refused is not None:
            return refused
        if not notification.recipient_ids:
            return error_class("MISSING_ARGUMENT")("recipientIds is missing")
        for name, text, longest in (("title", notification.title, _LONGEST_TITLE), ("body", notification.body, _LONGEST_BODY)):
            if len(text) > longest:
                return error_class("INVALID_INPUT")(f"{name} takes at most {longest} characters, not {len(text)}")
        known = self._tx.runtime.metadata.schema.of_id(notification.type_id or "")
        if known is None or known.name != "CustomNotificationType":
            return error_class("INVALID_INPUT")(f"customNotifTypeId names no custom notification type: {notification.type_id}")
        self._tx.runtime.outbox.send(notification, self._tx.user.id, self.now())
        return None

    def spend(self, milliseconds: float) -> None:
        self._tx.limits.spend(milliseconds)

    def _templated(self, email: Email) -> Email:
        """With subject and body of its template; where the flow gives a subject, that stands."""
        templates = self._sobject("EmailTemplate")
        template_id = to_18(email.template_id or "")
        template = self._tx.runtime.store.records.read(templates, [template_id]).get(template_id)
        if template is None:
            raise error_class("INVALID_ID_FIELD")(f"No EmailTemplate with the Id {email.template_id} found")
        text = rendered(self._tx, template, {"Recipient": email.recipient_id, "Related": email.related_record_id})
        return replace(email, subject=email.subject or text.subject, body=text.body, html=text.html)

    def _sobject(self, name: str) -> SObject:
        found = self.schema.get(name)
        if found is None:
            raise error_class("INVALID_TYPE")(f"sObject type '{name}' is not supported.")
        return found


class OrganizationZoneHost(FlowHost):
    """The same org seen from its own time zone: scheduled paths count a date from midnight there (Salesforce Help, "Scheduled Paths")."""

    @property
    def time_zone(self) -> tzinfo:
        return self._tx.runtime.organization_time_zone
