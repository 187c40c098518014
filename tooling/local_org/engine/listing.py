"""listMetadata and describeMetadata."""

from __future__ import annotations

from dataclasses import dataclass

from ..schema.component_types import COMPONENT_TYPES
from .metadata import OrgMetadata
from .profile_retrieve import profile_component
from .retrieve import FileProperties, file_of

_PROFILES = ("Admin", "Standard", "Minimum Access - Salesforce")


@dataclass(frozen=True, slots=True)
class TypeDescription:
    """An entry of describeMetadata's metadataObjects."""

    xml_name: str
    directory_name: str
    suffix: str
    in_folder: bool
    meta_file: bool
    child_xml_names: tuple[str, ...]


def describe_metadata() -> tuple[TypeDescription, ...]:
    """The metadata types this org can hold."""
    return tuple(
        TypeDescription(kind.name, kind.folder, kind.suffix, kind.in_folder, kind.has_meta_file, tuple(child for _, child in kind.children))
        for kind in COMPONENT_TYPES
    )


def list_metadata(metadata: OrgMetadata, kind: str, folder: str | None = None) -> tuple[FileProperties, ...]:
    """The components of a type, of one folder where the type has folders. An unknown type lists nothing."""
    found = [
        FileProperties(kind, name, file_of(kind, name), component.id)
        for name, component in sorted(metadata.of_type(kind).items())
        if folder is None or name.startswith(f"{folder}/")
    ]
    known = {entry.full_name for entry in found}
    if kind == "CustomObject":
        standard = sorted(
            sobject.name for sobject in metadata.schema if not sobject.custom and not sobject.tooling and sobject.name not in known
        )
        found += [FileProperties(kind, name, file_of(kind, name), "") for name in standard]
    if kind == "Profile":
        missing = [name for name in _PROFILES if name not in known]
        found += [FileProperties(kind, name, file_of(kind, name), "") for name in missing if profile_component(metadata, name)]
    return tuple(found)
