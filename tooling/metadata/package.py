"""Source format to Metadata API format: what a deploy sends. The same source gives the same bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from tooling.errors import UsageError

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_DEFAULT_NAMESPACE: dict[str, str] = {None: NAMESPACE}  # type: ignore[dict-item]  # lxml-stubs know no default namespace
API_VERSION = "66.0"

# Metadata type and folder by the suffix before -meta.xml, as Salesforce's source registry has them.
_TYPES = {
    "app": ("CustomApplication", "applications"),
    "customPermission": ("CustomPermission", "customPermissions"),
    "flow": ("Flow", "flows"),
    "flowDefinition": ("FlowDefinition", "flowDefinitions"),
    "flowtest": ("FlowTest", "flowtests"),
    "globalValueSet": ("GlobalValueSet", "globalValueSets"),
    "labels": ("CustomLabels", "labels"),
    "layout": ("Layout", "layouts"),
    "md": ("CustomMetadata", "customMetadata"),
    "notiftype": ("CustomNotificationType", "notificationtypes"),
    "permissionset": ("PermissionSet", "permissionsets"),
    "flexipage": ("FlexiPage", "flexipages"),
    "queue": ("Queue", "queues"),
    "reportType": ("ReportType", "reportTypes"),
    "tab": ("CustomTab", "tabs"),
}
# Components in folders: type and base folder. The folder is a member of the same type, and its file loses its own suffix.
_IN_FOLDERS = {"dashboard": ("Dashboard", "dashboards"), "report": ("Report", "reports"), "email": ("EmailTemplate", "email")}
_FOLDERS = {"dashboardFolder": "dashboard", "reportFolder": "report", "emailFolder": "email"}
# Parts of an object that are files of their own in source format: type, and the element of CustomObject that holds them.
_PARTS = {
    "compactLayout": ("CompactLayout", "compactLayouts"),
    "field": ("CustomField", "fields"),
    "fieldSet": ("FieldSet", "fieldSets"),
    "listView": ("ListView", "listViews"),
    "recordType": ("RecordType", "recordTypes"),
    "validationRule": ("ValidationRule", "validationRules"),
    "webLink": ("WebLink", "webLinks"),
}


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str
    """The component's own name: `NPS_Admin`, `Score__c`."""
    suffix: str


def to_mdapi(force_app: Path, *, api_version: str = API_VERSION, leave_out: Collection[str] = ()) -> dict[str, bytes]:
    """The files of a Metadata API deploy, `package.xml` first; every member is listed by name.

    `leave_out`: metadata types that nothing else refers to, such as FlowTest, which are not deployed.

    Raises:
        UsageError: a file whose kind is not known here, XML that is not well-formed, or no source at all.
    """
    files: dict[str, bytes] = {}
    members: dict[str, set[str]] = {}
    objects: dict[str, list[_File]] = {}
    for file in _source_files(force_app):
        if file.suffix == "object" or file.suffix in _PARTS:
            objects.setdefault(_object_of(file), []).append(file)
        elif file.suffix in _TYPES:
            kind, folder = _TYPES[file.suffix]
            if kind in leave_out:
                continue
            files[f"{folder}/{file.name}.{file.suffix}"] = file.path.read_bytes()
            members.setdefault(kind, set()).add(file.name)
        elif file.suffix in _IN_FOLDERS or file.suffix in _FOLDERS:
            kind, found = _in_folder(file)
            files.update(found)
            members.setdefault(kind, set()).add(_folder_member(file))
        else:
            raise UsageError(f"{file.path}: .{file.suffix}-meta.xml is not supported", "Remove the file, or deploy it in another way.")
    for sobject, parts in objects.items():
        files[f"objects/{sobject}.object"] = _merged(parts)
        for file in parts:
            if file.suffix == "object":
                members.setdefault("CustomObject", set()).add(sobject)
            else:
                members.setdefault(_PARTS[file.suffix][0], set()).add(f"{sobject}.{file.name}")
    if not files:
        raise UsageError(f"no Salesforce source in {force_app}", "Run `nps generate` first.")
    return {"package.xml": _manifest(members, api_version), **dict(sorted(files.items()))}


def members_of(force_app: Path) -> dict[str, list[str]]:
    """The components of a source folder by metadata type, as its `package.xml` lists them."""
    manifest = etree.fromstring(to_mdapi(force_app)["package.xml"], etree.XMLParser(resolve_entities=False, no_network=True))
    return {
        str(types.findtext(f"{{{NAMESPACE}}}name")): [str(member.text) for member in types.findall(f"{{{NAMESPACE}}}members")]
        for types in manifest.findall(f"{{{NAMESPACE}}}types")
    }


def _source_files(force_app: Path) -> Iterator[_File]:
    for path in sorted(force_app.rglob("*-meta.xml")):
        name, _, suffix = path.name.removesuffix("-meta.xml").rpartition(".")
        yield _File(path, name, suffix)


def _folder_member(file: _File) -> str:
    """`NPS/Over_Time`, or the folder itself: `NPS`."""
    base = _IN_FOLDERS[_FOLDERS.get(file.suffix, file.suffix)][1]
    parts = file.path.parent.parts
    # The innermost folder of that name: the source may itself lie below a folder called `reports`.
    start = len(parts) - parts[::-1].index(base) if base in parts else len(parts)
    return "/".join((*parts[start:], file.name))


def _in_folder(file: _File) -> tuple[str, dict[str, bytes]]:
    kind, base = _IN_FOLDERS[_FOLDERS.get(file.suffix, file.suffix)]
    name, content = f"{base}/{_folder_member(file)}", file.path.read_bytes()
    if file.suffix in _FOLDERS:
        return kind, {f"{name}-meta.xml": content}
    if file.suffix != "email":
        return kind, {f"{name}.{file.suffix}": content}
    body = file.path.parent / f"{file.name}.email"
    if not body.exists():
        raise UsageError(f"{file.path}: {body.name} is missing", "Add the template's text beside it.")
    return kind, {f"{name}.email": body.read_bytes(), f"{name}.email-meta.xml": content}


def _object_of(file: _File) -> str:
    return file.name if file.suffix == "object" else file.path.parent.parent.name


def _merged(parts: list[_File]) -> bytes:
    """One CustomObject: a standard one has only the parts that are ours, so that nothing else of it is touched."""
    root = etree.Element(f"{{{NAMESPACE}}}CustomObject", nsmap=_DEFAULT_NAMESPACE)
    children: list[etree._Element] = []
    for file in parts:
        element = _parsed(file.path)
        if file.suffix == "object":
            children.extend(element)
        else:
            element.tag = f"{{{NAMESPACE}}}{_PARTS[file.suffix][1]}"
            children.append(element)
    # Elements of CustomObject stand in alphabetical order in the Metadata API's schema; parts of one kind, by name.
    root.extend(sorted(children, key=lambda e: (etree.QName(e).localname, e.findtext(f"{{{NAMESPACE}}}fullName") or "")))
    etree.cleanup_namespaces(root)
    etree.indent(root, space="    ")
    return _serialised(root)


def _parsed(path: Path) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, remove_blank_text=True)
    try:
        return etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError as error:
        raise UsageError(f"{path}:{error.lineno}: {error.msg}", "Correct the file, or run `nps generate`.") from error


def _manifest(members: dict[str, set[str]], api_version: str) -> bytes:
    root = etree.Element(f"{{{NAMESPACE}}}Package", nsmap=_DEFAULT_NAMESPACE)
    for kind in sorted(members):
        types = etree.SubElement(root, f"{{{NAMESPACE}}}types")
        for member in sorted(members[kind]):
            etree.SubElement(types, f"{{{NAMESPACE}}}members").text = member
        etree.SubElement(types, f"{{{NAMESPACE}}}name").text = kind
    etree.SubElement(root, f"{{{NAMESPACE}}}version").text = api_version
    etree.indent(root, space="    ")
    return _serialised(root)


def _serialised(root: etree._Element) -> bytes:
    body: bytes = etree.tostring(root, encoding="UTF-8")
    body = body.removeprefix(b"<?xml version='1.0' encoding='UTF-8'?>\n")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"
