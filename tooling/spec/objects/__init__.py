"""Our objects and fields as data: read by the generator, the bridge, the checks and the dictionary.

`OBJECTS` is everything with its standard labels; `objects_of(spec)` is what a given spec makes of it.
"""

from __future__ import annotations

from dataclasses import replace

from tooling.spec.model import Spec
from tooling.spec.objects.people import ACCOUNT, CONTACT, LEAD, SUCCESS_MANAGER, TIER, TRENDS
from tooling.spec.objects.running import ABOUT, DEAD_LETTER, SETTINGS, SYNC_RUN
from tooling.spec.objects.settings import KEYWORD, ROUTE
from tooling.spec.objects.survey_response import SURVEY_RESPONSE
from tooling.spec.objects.survey_response_revision import SURVEY_RESPONSE_REVISION
from tooling.spec.objects.types import Choice, FieldSpec, FieldType, ObjectKind, ObjectSpec, Writer
from tooling.spec.objects.work import ACTIVITY, CASE, NO_RESPONSE, OPPORTUNITY

__all__ = [
    "NO_RESPONSE",
    "OBJECTS",
    "TRENDS",
    "Choice",
    "FieldSpec",
    "FieldType",
    "ObjectKind",
    "ObjectSpec",
    "Writer",
    "field_named",
    "objects_of",
]

OBJECTS: tuple[ObjectSpec, ...] = (
    SURVEY_RESPONSE,
    SURVEY_RESPONSE_REVISION,
    CONTACT,
    LEAD,
    ACCOUNT,
    ACTIVITY,
    CASE,
    OPPORTUNITY,
    SYNC_RUN,
    DEAD_LETTER,
    SETTINGS,
    KEYWORD,
    ROUTE,
    ABOUT,
)


def field_named(reference: str) -> FieldSpec | None:
    """The field of ours that `Object.Field__c` names; None when it is not ours."""
    name, _, field = reference.partition(".")
    found = next((o for o in OBJECTS if o.api_name == name), None)
    return found.field(field) if found else None


def objects_of(spec: Spec) -> tuple[ObjectSpec, ...]:
    """Our objects as a spec wants them: labels, sources, sharing, and without the fields for which it names others."""
    return tuple(_of_spec(o, spec) for o in OBJECTS)


def _of_spec(wanted: ObjectSpec, spec: Spec) -> ObjectSpec:
    theirs = {
        f"Account.{field.api_name}"
        for field, named in ((SUCCESS_MANAGER, spec.org.success_manager), (TIER, spec.org.tier))
        if named != f"Account.{field.api_name}"
    }
    fields = []
    for field in wanted.fields:
        reference = f"{wanted.api_name}.{field.api_name}"
        if reference in theirs:
            continue
        made = replace(field, label=spec.labels.get(reference, field.label))
        if reference == "Survey_Response__c.Source__c":
            made = replace(made, choices=_sources(field, spec))
        fields.append(made)
    sharing = spec.org.ledger_sharing if wanted.api_name == SURVEY_RESPONSE.api_name else wanted.sharing_model
    return replace(wanted, fields=tuple(fields), sharing_model=sharing)


def _sources(field: FieldSpec, spec: Spec) -> tuple[Choice, ...]:
    known = {c.value for c in field.choices}
    named = dict.fromkeys(f.name for f in spec.sources.files if f.name not in known)
    return field.choices + tuple(Choice(name, name) for name in named)
