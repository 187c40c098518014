"""Short ways to write a FieldSpec, one per field type, with the defaults the type needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack

from tooling.spec.objects.types import Choice, FieldSpec, FieldType, Writer

LONGEST_TEXT = 255


class Options(TypedDict, total=False):
    """What any field may say besides its names and texts."""

    section: str
    calculated: bool
    unique: bool
    case_sensitive: bool
    external_id: bool
    default: str | None
    writers: frozenset[Writer]
    bridge_reads: bool
    personal: bool


def text(api_name: str, label: str, length: int, description: str, help_text: str, **options: Unpack[Options]) -> FieldSpec:
    return FieldSpec(
        api_name=api_name, label=label, type=FieldType.TEXT, length=length, description=description, help_text=help_text, **options
    )


def long_text(
    api_name: str, label: str, length: int, description: str, help_text: str, *, lines: int = 4, **options: Unpack[Options]
) -> FieldSpec:
    return FieldSpec(
        api_name=api_name,
        label=label,
        type=FieldType.LONG_TEXT,
        length=length,
        visible_lines=lines,
        description=description,
        help_text=help_text,
        **options,
    )


def email(api_name: str, label: str, description: str, help_text: str, **options: Unpack[Options]) -> FieldSpec:
    return FieldSpec(api_name=api_name, label=label, type=FieldType.EMAIL, description=description, help_text=help_text, **options)


def number(
    api_name: str, label: str, precision: int, description: str, help_text: str, *, scale: int = 0, **options: Unpack[Options]
) -> FieldSpec:
    return FieldSpec(
        api_name=api_name,
        label=label,
        type=FieldType.NUMBER,
        precision=precision,
        scale=scale,
        description=description,
        help_text=help_text,
        **options,
    )


def checkbox(api_name: str, label: str, description: str, help_text: str, **options: Unpack[Options]) -> FieldSpec:
    if not options.get("calculated"):
        options = {"default": "false", **options}
    return FieldSpec(api_name=api_name, label=label, type=FieldType.CHECKBOX, description=description, help_text=help_text, **options)


def date(api_name: str, label: str, description: str, help_text: str, **options: Unpack[Options]) -> FieldSpec:
    return FieldSpec(api_name=api_name, label=label, type=FieldType.DATE, description=description, help_text=help_text, **options)


def datetime(api_name: str, label: str, description: str, help_text: str, **options: Unpack[Options]) -> FieldSpec:
    return FieldSpec(api_name=api_name, label=label, type=FieldType.DATETIME, description=description, help_text=help_text, **options)


def picklist(
    api_name: str,
    label: str,
    values: Iterable[str | Choice],
    description: str,
    help_text: str,
    *,
    restricted: bool = True,
    **options: Unpack[Options],
) -> FieldSpec:
    return FieldSpec(
        api_name=api_name,
        label=label,
        type=FieldType.PICKLIST,
        choices=tuple(v if isinstance(v, Choice) else Choice(v, v) for v in values),
        restricted=restricted,
        description=description,
        help_text=help_text,
        **options,
    )


def lookup(
    api_name: str,
    label: str,
    reference_to: str,
    children: tuple[str, str],
    description: str,
    help_text: str,
    **options: Unpack[Options],
) -> FieldSpec:
    """`children` is the name and the label of the relationship as the parent sees it."""
    return FieldSpec(
        api_name=api_name,
        label=label,
        type=FieldType.LOOKUP,
        reference_to=reference_to,
        relationship_name=children[0],
        relationship_label=children[1],
        description=description,
        help_text=help_text,
        **options,
    )


def master_detail(
    api_name: str,
    label: str,
    reference_to: str,
    children: tuple[str, str],
    description: str,
    help_text: str,
    **options: Unpack[Options],
) -> FieldSpec:
    return FieldSpec(
        api_name=api_name,
        label=label,
        type=FieldType.MASTER_DETAIL,
        reference_to=reference_to,
        relationship_name=children[0],
        relationship_label=children[1],
        description=description,
        help_text=help_text,
        **options,
    )
