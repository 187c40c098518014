"""The Metadata API over SOAP and REST, through the unmodified client and as other clients speak it."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from tooling.local_org.engine.org import ADMIN_TOKEN

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
V = "/services/data/v66.0"
PACKAGE = Path(__file__).parent / "package"


def zipped(files=None, root=""):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(PACKAGE.rglob("*")):
            if path.is_file():
                archive.write(path, root + path.relative_to(PACKAGE).as_posix())
        for name, content in (files or {}).items():
            archive.writestr(root + name, content)
    return target.getvalue()


def broken():
    """The package with a field of no type that exists."""
    text = (PACKAGE / "objects/Widget__c.object").read_text()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("package.xml", (PACKAGE / "package.xml").read_text())
        archive.writestr("objects/Widget__c.object", text.replace("Quantity__c &lt; 0", "Quanttity__c &lt; 0"))
        for name in ("Account", "Contact"):
            archive.write(PACKAGE / f"objects/{name}.object", f"objects/{name}.object")
        for name in ("permissionsets/Widgets.permissionset", "flows/Widget_Note.flow"):
            archive.write(PACKAGE / name, name)
    return target.getvalue()


def soap(rest, inner, *, session=ADMIN_TOKEN, path="/services/Soap/m/64.0/00D000000000001EAA", prefix="soapenv"):
    body = (
        f'<?xml version="1.0"?><{prefix}:Envelope xmlns:{prefix}="http://schemas.xmlsoap.org/soap/envelope/"><{prefix}:Header>'
        f'<SessionHeader xmlns="{NAMESPACE}"><sessionId>{session}</sessionId></SessionHeader></{prefix}:Header>'
        f"<{prefix}:Body>{inner}</{prefix}:Body></{prefix}:Envelope>"
    )
    return rest.post(path, data=body, headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'})


def deploy(rest, content, **options):
    flags = "".join(f"<{name}>{value}</{name}>" for name, value in {"rollbackOnError": "true", "singlePackage": "true", **options}.items())
    encoded = base64.b64encode(content).decode()
    inner = f'<deploy xmlns="{NAMESPACE}"><ZipFile>{encoded}</ZipFile><DeployOptions>{flags}</DeployOptions></deploy>'
    answer = soap(rest, inner)
    assert answer.status_code == 200, answer.text
    deploy_id = etree.fromstring(answer.content).findtext(f".//{{{NAMESPACE}}}id")
    checked = soap(
        rest,
        f'<checkDeployStatus xmlns="{NAMESPACE}"><asyncProcessId>{deploy_id}</asyncProcessId>'
        "<includeDetails>true</includeDetails></checkDeployStatus>",
    )
    return etree.fromstring(checked.content)


def test_deploy__soap(rest):
    """A deploy succeeds and lists its components; package.xml is one of them, without a type."""
    result = deploy(rest, zipped(), checkOnly="true")
    assert result.findtext(f".//{{{NAMESPACE}}}status") == "Succeeded"
    names = {each.findtext(f"{{{NAMESPACE}}}fullName") for each in result.iter(f"{{{NAMESPACE}}}componentSuccesses")}
    assert {"package.xml", "Widget__c", "Widget__c.Key__c", "Widgets"} <= names
    assert result.find(f".//{{{NAMESPACE}}}errorMessage") is None


def test_deploy__refused_with_all_problems(rest):
    """A refused component is named with file and line; cci reads created and deleted of it too."""
    result = deploy(rest, broken())
    assert result.findtext(f".//{{{NAMESPACE}}}status") == "Failed"
    [failure] = list(result.iter(f"{{{NAMESPACE}}}componentFailures"))
    found = {etree.QName(each).localname: each.text for each in failure}
    assert (found["fullName"], found["componentType"]) == ("Widget__c.Quantity_not_negative", "ValidationRule")
    assert int(found["lineNumber"]) > 50
    assert {"created", "deleted", "problem", "problemType", "fileName"} <= set(found)


@pytest.mark.parametrize("prefix", ["soap", "soapenv", "soap-env", "env"])
@pytest.mark.parametrize(
    "path", ["/services/Soap/m/64.0", "//services/Soap/m/67.0", "/services/Soap/m/64.0/", "/services/Soap/m/64.0/deployRequest"]
)
def test_soap__every_spelling(rest, prefix, path):
    """Any prefix and any address: the body's first element decides. The answer's Body carries no attributes."""
    answer = soap(
        rest, f'<describeMetadata xmlns="{NAMESPACE}"><asOfVersion>64.0</asOfVersion></describeMetadata>', path=path, prefix=prefix
    )
    assert answer.status_code == 200
    assert "<soapenv:Body>" in answer.text
    assert "<xmlName>CustomObject</xmlName>" in answer.text


def test_soap__invalid_session(rest):
    """An unknown session is a fault whose code cci compares literally."""
    answer = soap(rest, f'<describeMetadata xmlns="{NAMESPACE}"/>', session="wrong")
    assert answer.status_code == 500
    assert "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in answer.text
    etree.fromstring(answer.content)


def test_soap__entities_are_refused(rest):
    """A document type could read files or grow without end."""
    body = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a>&e;</a></e:Body></e:Envelope>'
    assert rest.post("/services/Soap/m/64.0", data=body, headers={"Content-Type": "text/xml"}).status_code == 500


def test_soap__unsupported_operation(rest):
    """What is not supported is a fault that names it."""
    answer = soap(rest, f'<createMetadata xmlns="{NAMESPACE}"/>')
    assert answer.status_code == 500
    assert "createMetadata" in answer.text


@pytest.mark.parametrize("name", ["../outside.xml", "/absolute.xml"])
def test_deploy__paths_that_leave_the_zip(rest, name):
    """A path that leads out of the zip fails the deploy."""
    result = deploy(rest, zipped({name: "x"}))
    assert result.findtext(f".//{{{NAMESPACE}}}status") == "Failed"


def test_deploy__no_zip(rest):
    """What is no zip fails the deploy as a whole, with a message."""
    result = deploy(rest, b"no zip")
    assert result.findtext(f".//{{{NAMESPACE}}}success") == "false"
    assert result.findtext(f".//{{{NAMESPACE}}}errorMessage")


def test_retrieve__unpackaged(rest):
    """A retrieve answers a zip below `unpackaged/`, through the four calls that cci makes."""
    members = "<types><members>Widget__c</members><name>CustomObject</name></types>"
    asked = f"<retrieveRequest><apiVersion>64.0</apiVersion><unpackaged>{members}</unpackaged></retrieveRequest>"
    inner = f'<retrieve xmlns="{NAMESPACE}">{asked}</retrieve>'
    job = etree.fromstring(soap(rest, inner).content).findtext(f".//{{{NAMESPACE}}}id")
    status = soap(rest, f'<checkStatus xmlns="{NAMESPACE}"><asyncProcessId>{job}</asyncProcessId></checkStatus>')
    assert "<state>Completed</state>" in status.text
    answer = soap(rest, f'<checkRetrieveStatus xmlns="{NAMESPACE}"><asyncProcessId>{job}</asyncProcessId></checkRetrieveStatus>')
    content = base64.b64decode(etree.fromstring(answer.content).findtext(f".//{{{NAMESPACE}}}zipFile"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {"unpackaged/package.xml", "unpackaged/objects/Widget__c.object"} <= set(archive.namelist())
        assert b"Quantity__c" in archive.read("unpackaged/objects/Widget__c.object")


def test_list_metadata(rest):
    """listMetadata names the components of a type."""
    inner = f'<listMetadata xmlns="{NAMESPACE}"><queries><type>PermissionSet</type></queries><asOfVersion>64.0</asOfVersion></listMetadata>'
    assert "<fullName>Widgets</fullName>" in soap(rest, inner).text


def test_deploy__rest_both_orders(rest):
    """The REST resource takes the parts in sf's order and in cci's, and cci's folder around the package."""
    options = {"deployOptions": {"checkOnly": "true", "singlePackage": True, "rollbackOnError": True}}
    as_sf = {
        "file": ("package.xml", zipped(), "application/zip"),
        "entity_content": (None, json.dumps(options), "application/json"),
    }
    as_cci = {"json": (None, json.dumps(options), "application/json"), "file": ("deploy.zip", zipped(root="metadata/"), "application/zip")}
    for parts in (as_sf, as_cci):
        made = rest.post(f"{V}/metadata/deployRequest", files=parts)
        assert made.status_code == 201
        answer = rest.get(f"{V}/metadata/deployRequest/{made.json()['id']}?includeDetails=true").json()
        assert answer["deployResult"]["status"] == "Succeeded", answer
        assert answer["deployResult"]["details"]["componentFailures"] == []


def test_mdapi__simple_salesforce(salesforce, tmp_path):
    """The unmodified client deploys and asks how it went."""
    path = tmp_path / "package.zip"
    path.write_bytes(zipped())
    started = salesforce.deploy(str(path), False, checkOnly=True, singlePackage=True)
    status = salesforce.checkDeployStatus(started["asyncId"])
    assert status["state"] == "Succeeded"


def test_read_metadata__simple_salesforce_zeep(salesforce):
    """The unmodified client reads a component through its own copy of the WSDL."""
    found = salesforce.mdapi.CustomObject.read("Widget__c")
    assert found.fullName == "Widget__c"
    assert "Quantity__c" in {each.fullName for each in found.fields}


def test_retrieve__package(rest):
    """A package.xml with a name makes an unmanaged package, which can be retrieved by it; an unknown one is told in the result."""
    named = (PACKAGE / "package.xml").read_text().replace("<types>", "<fullName>Wiring</fullName><types>", 1)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(PACKAGE.rglob("*")):
            if path.is_file() and path.name != "package.xml":
                archive.write(path, path.relative_to(PACKAGE).as_posix())
        archive.writestr("package.xml", named)
    assert deploy(rest, target.getvalue()).findtext(f".//{{{NAMESPACE}}}status") == "Succeeded"
    for name, said in (("Wiring", "Wiring/objects/Widget__c.object"), ("Other", "No package named 'Other' found")):
        inner = (
            f'<retrieve xmlns="{NAMESPACE}"><request><apiVersion>64.0</apiVersion><packageNames>{name}</packageNames></request></retrieve>'
        )
        job = etree.fromstring(soap(rest, inner).content).findtext(f".//{{{NAMESPACE}}}id")
        answer = soap(rest, f'<checkRetrieveStatus xmlns="{NAMESPACE}"><asyncProcessId>{job}</asyncProcessId></checkRetrieveStatus>')
        assert said in answer.text
