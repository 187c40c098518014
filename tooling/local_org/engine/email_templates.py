"""E-mail templates with their merge fields filled in: classic `{!Contact.Name}` and Lightning `{{{Recipient.Name}}}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OrgError
from ..flow.host import NullTraversal
from ..flow.text import shown
from ..schema.types import SObject
from .transaction import Transaction

_MERGE_FIELD = re.compile(r"\{!\s*\$?([A-Za-z]\w*)\.([A-Za-z][\w.]*)\s*\}|\{\{\{?\s*\$?([A-Za-z]\w*)\.([A-Za-z][\w.]*)\s*\}?\}\}")
_SENDER = frozenset({"user", "sender"})


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    body: str
    html: bool


def rendered(tx: Transaction, template: Mapping[str, Any], record_ids: Mapping[str, str | None]) -> Rendered:
    """Subject and body of an EmailTemplate. `record_ids` are the records its merge fields may name: `Recipient`, `Related`."""
    merge = _Merge(tx, record_ids)
    html = bool(template.get("HtmlValue"))
    body = template.get("HtmlValue") if html else template.get("Body")
    return Rendered(merge.text(template.get("Subject") or ""), merge.text(body or ""), html)


class _Merge:
    """The records a template may speak of, by the word it calls them: their object's name, `Recipient`, `User` or `Sender`."""

    def __init__(self, tx: Transaction, record_ids: Mapping[str, str | None]) -> None:
        self._tx = tx
        self._roots: dict[str, tuple[SObject, str]] = {}
        for word, record_id in record_ids.items():
            sobject = tx.runtime.metadata.schema.of_id(record_id) if record_id else None
            if sobject is not None and record_id:
                self._roots.setdefault(sobject.name.lower(), (sobject, record_id))
                self._roots[word.lower()] = (sobject, record_id)

    def text(self, text: str) -> str:
        return _MERGE_FIELD.sub(lambda found: self._value(found.group(1) or found.group(3), found.group(2) or found.group(4)), text)

    def _value(self, root: str, path: str) -> str:
        """A merge field without a value, or of a record that is not at hand, prints nothing."""
        try:
            if root.lower() in _SENDER:
                value = self._tx.reader.globals.value(("$User", *path.split(".")))
            elif root.lower() == "organization":
                value = self._tx.reader.globals.value(("$Organization", *path.split(".")))
            else:
                value = self._of_record(root, tuple(path.split(".")))
        except (NullTraversal, OrgError):
            return ""
        return "" if value is None else shown(value, self._tx.user.time_zone)

    def _of_record(self, root: str, path: tuple[str, ...]) -> Any:
        found = self._roots.get(root.lower())
        if found is None:
            return None
        sobject, record_id = found
        record = self._tx.reader.records(sobject, [record_id]).get(record_id)
        if record is None:
            return None
        if len(path) == 1 and sobject.field(path[0]) is None and sobject.relationship(path[0]) is not None:
            # {!Contact.Account} prints the parent's name.
            path = (*path, "Name")
        names = tuple(_canonical(self._tx, sobject, path))
        return self._tx.reader.value(sobject, record, names)


def _canonical(tx: Transaction, sobject: SObject, path: tuple[str, ...]) -> list[str]:
    """A path in the schema's spelling, as far as it leads somewhere."""
    names: list[str] = []
    here: SObject | None = sobject
    for position, step in enumerate(path):
        field = here.field(step) if here is not None else None
        link = here.relationship(step) if here is not None else None
        if position == len(path) - 1 and field is not None:
            names.append(field.name)
        elif link is not None:
            names.append(link.relationship_name or step)
            here = tx.runtime.metadata.schema.get(link.reference_to[0]) if link.reference_to else None
        else:
            names.append(step)
    return names
