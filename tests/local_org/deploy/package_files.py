"""The small valid package in `package/`, and XML texts for what tests change in it."""

from __future__ import annotations

from pathlib import Path

from tooling.local_org.schema.source import read_folder

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
FILES = read_folder(Path(__file__).parent / "package")
FIELDS = "objects/Answer__c/fields/"
NUMBER = "<precision>3</precision><scale>0</scale><type>Number</type>"


def xml(root: str, body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{body}\n</{root}>\n'.encode()


def field(name: str, body: str) -> bytes:
    return xml("CustomField", f"<fullName>{name}</fullName><label>Label</label>{body}")


def part_of_package(*starts: str) -> dict[str, bytes]:
    return {path: content for path, content in FILES.items() if path.startswith(starts)}


PACKAGE = '<?xml version="1.0"?><Package xmlns="http://soap.sforce.com/2006/04/metadata">{0}{1}<version>66.0</version></Package>'


def manifest(*members: tuple[str, str], full_name: str = "") -> bytes:
    types = "".join(f"<types><members>{name}</members><name>{kind}</name></types>" for kind, name in members)
    return PACKAGE.format(f"<fullName>{full_name}</fullName>" if full_name else "", types).encode()


def removal(*members: tuple[str, str]) -> dict[str, bytes]:
    return {"package.xml": manifest(), "destructiveChanges.xml": manifest(*members)}


def flow_definition(version: int) -> dict[str, bytes]:
    return {"flowDefinitions/Mark.flowDefinition-meta.xml": xml("FlowDefinition", f"<activeVersionNumber>{version}</activeVersionNumber>")}
