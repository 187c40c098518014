"""Permission sets by role: the least each needs, every generated field granted explicitly.

Fields that come with a deploy are invisible to everybody, administrators included, until a permission set or a profile grants them.
Required fields and master-detail fields must not be listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tooling.metadata.pages import APPLICATION, DEAD_LETTER, RESPONSE, REVISION, RUN
from tooling.metadata.rendering import Component
from tooling.metadata.settings import SETTING_TYPES
from tooling.metadata.types.custom_permission import CustomPermission
from tooling.metadata.types.permission_set import FieldPermission, ObjectPermission, PermissionSet
from tooling.metadata.validation_rules import LEDGER_MAINTENANCE
from tooling.spec.model import EmailRule, Spec, UserIdRule
from tooling.spec.objects import FieldSpec, FieldType, ObjectKind, ObjectSpec, Writer, objects_of
from tooling.spec.objects.people import MADE_FOR
from tooling.spec.standard_fields import standard_fields

Choose = Callable[[FieldSpec], bool]

_PEOPLE = ("Account", "Contact", "Lead")
_GRANTED_AS = {"Activity": ("Task", "Event")}
"""Custom fields of Task and Event are defined on Activity, their field-level security on each of the two."""
_READ_BY_BRIDGE = ("Contact.AccountId",)
_CREATED = {"park": "", "create_lead": "Lead", "create_contact": "Contact"}
_WITHOUT_PERMISSION = frozenset(
    {"Task", "Event", "CampaignMember", "AccountContactRelation", "AccountContactRole", "OpportunityContactRole"}
)
"""Access to these follows from their parents, or from a user permission: a permission set cannot name them."""


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
        custom_metadata_types=("NPS_About__mdt", *(f"{name}__mdt" for name in SETTING_TYPES)),
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
    created = _CREATED[spec.match.on_missing]
    made = {created, *(route.object for route in spec.routes if route.on_missing == "create")}
    people = tuple(ObjectPermission(sobject=o, create=o in made, edit=True, delete=True, view_all=True, modify_all=True) for o in _PEOPLE)
    # Runs of an earlier user, and dead letters of whoever's save a flow ran in: only their owners delete records, or Modify All does.
    ledger = (ObjectPermission(sobject=o, create=True, edit=True, delete=True, view_all=True, modify_all=True) for o in (RUN, DEAD_LETTER))
    emails = dict.fromkeys(f for rule in spec.match.people if isinstance(rule, EmailRule) for f in rule.fields if not f.endswith("__c"))
    standard = (*_READ_BY_BRIDGE, *(f"{person}.{email}" for email in emails for person in ("Contact", "Lead")))
    written = _written(spec, created)
    fields = _fields(objects, lambda f: Writer.BRIDGE in f.writers, lambda f: Writer.BRIDGE in f.writers or f.bridge_reads)
    return PermissionSet(
        name="NPS_Bridge",
        label="NPS Bridge",
        description="What the bridge reads and writes. View All on Account, Contact and Lead, as a hidden person would look unmatched; "
        "Modify All only to flag them for recalculation, and to delete old runs and dead letters of others. Your own fields are yours to "
        "grant.",
        fields=_merged(*fields, *(FieldPermission(f, editable=False) for f in standard), *written),
        objects=tuple(
            sorted(
                (
                    *people,
                    *_further_objects(spec),
                    ObjectPermission(sobject=RESPONSE, create=True, edit=True, view_all=True),
                    ObjectPermission(sobject=REVISION, create=True),
                    *ledger,
                )
            )
        ),
    )


def _written(spec: Spec, created: str) -> Iterator[FieldPermission]:
    """Fields that only some specs have the bridge write: of a Lead or Contact it makes, and those of routes. Custom ones are granted only
    if they are ours.
    """
    if created:
        yield FieldPermission(f"{created}.Email", editable=True)
        yield FieldPermission(f"{created}.{MADE_FOR.api_name}", editable=True)
        yield from (FieldPermission(f"{created}.{rule.field}", editable=True) for rule in spec.match.people
                    if isinstance(rule, UserIdRule) and rule.field.startswith("NPS_"))  # fmt: skip
    if created == "Contact":
        yield FieldPermission("Contact.AccountId", editable=True)
    for route in spec.routes:
        standard = standard_fields(route.object) or {}
        for name in (route.lookup.field, *route.fields):
            known = standard.get(name)
            if name.startswith("NPS_") or (known is not None and known.permissionable):
                writes = name in route.fields or route.on_missing == "create"
                yield FieldPermission(f"{route.object}.{name}", editable=writes)


def _further_objects(spec: Spec) -> Iterator[ObjectPermission]:
    """View All, as a record that is hidden would look missing. What the user may not edit is parked, never forced."""
    wanted: dict[str, ObjectPermission] = {}
    if "open_opportunity" in spec.match.prefer:
        wanted["Opportunity"] = ObjectPermission(sobject="Opportunity", view_all=True)
    for route in spec.routes:
        if route.object in _PEOPLE or standard_fields(route.object) is None or route.object in _WITHOUT_PERMISSION:
            continue
        known = wanted.get(route.object)
        wanted[route.object] = ObjectPermission(
            sobject=route.object,
            create=route.on_missing == "create" or bool(known and known.create),
            edit=True,
            view_all=True,
        )
    yield from wanted.values()


def _merged(*permissions: FieldPermission) -> tuple[FieldPermission, ...]:
    """One entry per field: editable if any says so."""
    editable: dict[str, bool] = {}
    for one in permissions:
        editable[one.field] = editable.get(one.field, False) or one.editable
    return tuple(sorted(FieldPermission(name, may) for name, may in editable.items()))


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
