"""An NPS section and the related list of survey responses on a customer's own page layout: added to it, never put in its place."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from tooling.metadata.pages import RESPONSE
from tooling.metadata.types.layout import Item
from tooling.spec.model import Spec
from tooling.spec.objects import FieldSpec, Writer, objects_of

LABEL = "NPS"
RELATED_LIST_FIELDS = ("NAME", "Score__c", "Category__c", "Responded_At__c", "Follow_Up_Status__c")
_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
_TECHNICAL = frozenset({"NPS_Recalculation_Requested_At__c", "NPS_Next_Recalculation__c"})


def items(sobject: str, spec: Spec) -> tuple[Item, ...]:
    """Our fields of an object as items of a layout."""
    ours = next(o for o in objects_of(spec) if o.api_name == sobject)
    return tuple(_item(f) for f in ours.fields if f.api_name not in _TECHNICAL)


def with_section(layout: bytes, sobject: str, spec: Spec) -> bytes:
    """The layout with our section after its first one, and our related list after its last. What is on it already stays where it is.

    Returns the same bytes when nothing is missing.
    """
    root = etree.fromstring(layout, _PARSER)
    placed = {e.text for e in root.iter(_tag("field"))}
    missing = [item for item in items(sobject, spec) if item.field not in placed]
    listed = _related_list(root, sobject) is not None
    if not missing and listed:
        return layout
    if missing:
        _add_items(root, missing)
    if not listed:
        _add_related_list(root, sobject)
    return _text(root)


def without_section(layout: bytes, sobject: str, spec: Spec) -> bytes:
    """The layout without our fields in our section, without the section when that leaves it empty, and without our related list."""
    root = etree.fromstring(layout, _PARSER)
    ours = {item.field for item in items(sobject, spec)}
    changed = False
    for section in list(_sections(root)):
        if section.findtext(_tag("label")) != LABEL:
            continue
        for item in list(section.iter(_tag("layoutItems"))):
            parent = item.getparent()
            if item.findtext(_tag("field")) in ours and parent is not None:
                parent.remove(item)
                changed = True
        if section.find(f".//{_tag('layoutItems')}") is None:
            root.remove(section)
            changed = True
    related = _related_list(root, sobject)
    if related is not None:
        root.remove(related)
        changed = True
    return _text(root) if changed else layout


def _item(field: FieldSpec) -> Item:
    by_hand = not field.calculated and bool(field.writers & {Writer.ADMIN, Writer.USER})
    return Item(field.api_name, "Edit" if by_hand else "Readonly")


def _add_items(root: etree._Element, missing: list[Item]) -> None:
    section = next((s for s in _sections(root) if s.findtext(_tag("label")) == LABEL), None)
    if section is None:
        section = etree.Element(_tag("layoutSections"))
        for name, text in (("customLabel", "true"), ("detailHeading", "true"), ("editHeading", "true"), ("label", LABEL)):
            etree.SubElement(section, _tag(name)).text = text
        etree.SubElement(section, _tag("layoutColumns"))
        etree.SubElement(section, _tag("layoutColumns"))
        etree.SubElement(section, _tag("style")).text = "TwoColumnsTopToBottom"
        first = next(iter(_sections(root)), None)
        root.insert(root.index(first) + 1 if first is not None else _place(root, "layoutSections"), section)
    columns = section.findall(_tag("layoutColumns"))
    half = (len(missing) + 1) // 2 if len(columns) > 1 else len(missing)
    for column, part in zip(columns, (missing[:half], missing[half:]), strict=False):
        for item in part:
            element = etree.SubElement(column, _tag("layoutItems"))
            etree.SubElement(element, _tag("behavior")).text = item.behavior
            etree.SubElement(element, _tag("field")).text = item.field


def _add_related_list(root: etree._Element, sobject: str) -> None:
    related = etree.Element(_tag("relatedLists"))
    for field in RELATED_LIST_FIELDS:
        etree.SubElement(related, _tag("fields")).text = field
    etree.SubElement(related, _tag("relatedList")).text = f"{RESPONSE}.{sobject}__c"
    root.insert(_place(root, "relatedLists"), related)


def _related_list(root: etree._Element, sobject: str) -> etree._Element | None:
    name = f"{RESPONSE}.{sobject}__c"
    return next((e for e in root.findall(_tag("relatedLists")) if e.findtext(_tag("relatedList")) == name), None)


def _sections(root: etree._Element) -> Iterator[etree._Element]:
    return iter(root.findall(_tag("layoutSections")))


def _place(root: etree._Element, name: str) -> int:
    """Elements of Layout stand in alphabetical order in the Metadata API's schema: behind the last that is not after this name."""
    return sum(1 for child in root if etree.QName(child).localname <= name)


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def _text(root: etree._Element) -> bytes:
    etree.indent(root, space="    ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode").encode() + b"\n"
