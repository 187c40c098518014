"""Permission sets by role: the least each needs, every generated field granted explicitly.

Fields that come with a deploy are invisible to everybody, administrators included, until a permission set or a profile grants them.
Required fields and master-detail fields must not be listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tooling.metadata.pages import APPLICATION, DEAD_LETTER, RESPONSE, REVISION, RUN
from tooling.metadata.rendering import Component
from tooling.metadata.types.custom_permission import CustomPermission
from tooling.metadata.types.permission_set import FieldPermission, ObjectPermission, PermissionSet
from tooling.metadata.validation_rules import LEDGER_MAINTENANCE
from tooling.spec.model import EmailRule, Spec
from tooling.spec.objects import FieldSpec, FieldType, ObjectKind, ObjectSpec, Writer, objects_of

Choose = Callable[[FieldSpec], bool]

_PEOPLE = ("Account", "Contact", "Lead")
_GRANTED_AS = {"Activity": ("Task", "Event")}
"""Custom fields of Task and Event are defined on Activity, their field-level security on each of the two."""
_READ_BY_BRIDGE = ("Contact.AccountId",)


def components(spec: Spec) -> Iterator[Component]:
    yield CustomPermission(
        name=LEDGER_MAINTENANCE,
        label="NPS Ledger Maintenance",
        description="Exempts from the validation rules that keep responses and revisions as they were given: for erasures and repairs.",
    )
    objects = tuple(o for o in objects_of(spec) if o.kind in (ObjectKind.CUSTOM, ObjectKind.STANDARD))
    yield _admin(objects)
    yield _user(objects)
    yield _bridge(objects, spec)


def _admin(objects: tuple[ObjectSpec, ...]) -> PermissionSet:
    return PermissionSet(
        name="NPS_Admin",
        label="NPS Admin",
        description="Sees and edits everything of NPS: the ledger, sync runs, dead letters, settings. May repair the ledger.",
        applications=(APPLICATION,),
        custom_metadata_types=("NPS_About__mdt",),
        custom_permissions=(LEDGER_MAINTENANCE,),
        custom_settings=("NPS_Settings__c",),
        fields=_fields(objects, lambda f: not f.calculated, lambda _: True),
        objects=(
            *(
                ObjectPermission(sobject=o, create=True, edit=True, delete=True, view_all=True, modify_all=True)
                for o in (DEAD_LETTER, RUN, RESPONSE)
            ),
            ObjectPermission(sobject=REVISION, create=True, edit=True, delete=True),
        ),
        tabs=(DEAD_LETTER, RUN, RESPONSE),
    )


def _user(objects: tuple[ObjectSpec, ...]) -> PermissionSet:
    seen = tuple(o for o in objects if o.api_name not in (RUN, DEAD_LETTER))
    return PermissionSet(
        name="NPS_User",
        label="NPS User",
        description="Reads survey responses and what they come to; edits only what a follow-up needs.",
        applications=(APPLICATION,),
        fields=_fields(seen, lambda f: Writer.USER in f.writers, lambda _: True),
        objects=(ObjectPermission(sobject=RESPONSE, edit=True), ObjectPermission(sobject=REVISION)),
        tabs=(RESPONSE,),
    )


def _bridge(objects: tuple[ObjectSpec, ...], spec: Spec) -> PermissionSet:
    # Modify All Records depends on Delete: a permission set without it does not deploy. The bridge deletes nobody.
    people = tuple(ObjectPermission(sobject=o, edit=True, delete=True, view_all=True, modify_all=True) for o in _PEOPLE)
    emails = dict.fromkeys(f for rule in spec.match.people if isinstance(rule, EmailRule) for f in rule.fields if not f.endswith("__c"))
    standard = (*_READ_BY_BRIDGE, *(f"{person}.{email}" for email in emails for person in ("Contact", "Lead")))
    fields = _fields(objects, lambda f: Writer.BRIDGE in f.writers, lambda f: Writer.BRIDGE in f.writers or f.bridge_reads)
    return PermissionSet(
        name="NPS_Bridge",
        label="NPS Bridge",
        description="What the bridge reads and writes. View All on Account, Contact and Lead, as a hidden person would look unmatched; "
        "Modify All only to flag them for recalculation. Your own fields are yours to grant.",
        custom_metadata_types=("NPS_About__mdt",),
        fields=tuple(sorted({*fields, *(FieldPermission(f, editable=False) for f in standard)})),
        objects=tuple(
            sorted(
                (
                    *people,
                    ObjectPermission(sobject=RESPONSE, create=True, edit=True, view_all=True),
                    ObjectPermission(sobject=REVISION, create=True, edit=True),
                    ObjectPermission(sobject=RUN, create=True, edit=True, delete=True, view_all=True),
                    ObjectPermission(sobject=DEAD_LETTER, create=True, edit=True, delete=True, view_all=True),
                )
            )
        ),
    )


def _fields(objects: tuple[ObjectSpec, ...], editable: Choose, readable: Choose) -> tuple[FieldPermission, ...]:
    return tuple(
        sorted(
            FieldPermission(f"{granted}.{field.api_name}", editable(field))
            for sobject in objects
            for granted in _GRANTED_AS.get(sobject.api_name, (sobject.api_name,))
            for field in sobject.fields
            if field.type is not FieldType.MASTER_DETAIL and readable(field)
        )
    )
