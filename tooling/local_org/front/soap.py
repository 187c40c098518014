"""SOAP envelopes read and written; the body's first element says what is asked, whatever the address or SOAPAction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from flask import Response, request
from lxml import etree

from ..errors import error_class
from .errors import soap_fault

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

Element = Any
"""An lxml element; lxml's own class is not public."""


class SoapCall:
    """One request: the operation, its element, and the session of the header."""

    def __init__(self, operation: Element, session: str) -> None:
        self.name = etree.QName(operation).localname
        self.operation = operation
        self.session = session

    def text(self, *path: str, default: str = "") -> str:
        """Text at a path of element names, whatever their namespace."""
        found = child(self.operation, *path)
        return default if found is None or found.text is None else found.text.strip()

    def flag(self, *path: str, default: bool = False) -> bool:
        text = self.text(*path)
        return text.lower() in {"true", "1"} if text else default


def read_call() -> SoapCall:
    """The call in the request body.

    Raises:
        OrgError: not a SOAP envelope, or one with entities or a document type.
    """
    root = parse(request.get_data(cache=True))
    header = child(root, "Header")
    body = child(root, "Body")
    operation = None if body is None else next((element for element in body if isinstance(element.tag, str)), None)
    if operation is None or etree.QName(root).localname != "Envelope":
        raise error_class("MALFORMED_REQUEST")("The request body is not a SOAP envelope with an operation")
    session = child(header, "SessionHeader", "sessionId") if header is not None else None
    return SoapCall(operation, (session.text or "").strip() if session is not None else "")


def parse(data: bytes) -> Element:
    """XML without a document type: entities could read files or grow without end.

    Raises:
        OrgError: not well-formed, or with a document type.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as unreadable:
        raise error_class("MALFORMED_REQUEST")(f"The request body is not XML: {unreadable}") from unreadable
    if root.getroottree().docinfo.internalDTD is not None:
        raise error_class("MALFORMED_REQUEST")("A document type is not allowed in a request")
    return root


def child(element: Element, *path: str) -> Element | None:
    """The first element at a path of local names."""
    for name in path:
        element = next((found for found in element if isinstance(found.tag, str) and etree.QName(found).localname == name), None)
        if element is None:
            return None
    return element


def children(element: Element, name: str) -> list[Element]:
    return [found for found in element if isinstance(found.tag, str) and etree.QName(found).localname == name]


def xml_of(name: str, value: Any) -> str:
    """An element of a value: mappings become children in their order, sequences repeat the element, None is left out."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(xml_of(key, each) for key, each in value.items())}</{name}>"
    if isinstance(value, list | tuple):
        return "".join(xml_of(name, each) for each in value)
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def soap_reply(operation: str, results: Iterable[Any], *, namespace: str, header: str = "", raw: str | None = None) -> Response:
    """`<operationResponse><result>…` in the form all clients read: prefixed envelope, no attributes on Body, the rest unprefixed.

    jsforce returns an empty result for a Body with attributes; cci looks for unprefixed tag names.
    """
    inner = raw if raw is not None else "".join(xml_of("result", each) for each in results)
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns="{namespace}" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{header}<soapenv:Body>'
        f"<{operation}Response>{inner}</{operation}Response></soapenv:Body></soapenv:Envelope>"
    )
    return Response(body, content_type="text/xml;charset=UTF-8")


def type_of(element: Element) -> str:
    """The local name of an element's xsi:type."""
    return str(element.get(_TYPE, "")).rpartition(":")[2]


def unknown_operation(call: SoapCall) -> Response:
    return soap_fault("soapenv:Client", f"The local org does not support the SOAP operation {call.name}.")
