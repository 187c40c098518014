"""Invoices and their lines, a report type over both, and reports as their metadata files write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<{0} xmlns="http://soap.sforce.com/2006/04/metadata">{1}</{0}>\n'
_FIELDS = {
    "Invoice__c": (
        ("Amount__c", "Amount", "<precision>16</precision><scale>2</scale><type>Number</type>"),
        ("Due__c", "Due", "<type>DateTime</type>"),
        ("Paid__c", "Paid", "<defaultValue>false</defaultValue><type>Checkbox</type>"),
        ("Discount__c", "Discount", "<precision>5</precision><scale>2</scale><type>Percent</type>"),
        ("Kind__c", "Kind", "<type>Picklist</type><valueSet><valueSetDefinition><sorted>false</sorted>"
         "<value><fullName>New</fullName><default>false</default><label>New business</label></value>"
         "<value><fullName>Again</fullName><default>false</default><label>Again</label></value>"
         "</valueSetDefinition></valueSet>"),
        ("Account__c", "Account", "<referenceTo>Account</referenceTo><relationshipName>Invoices</relationshipName><type>Lookup</type>"),
        ("Notes__c", "Notes", "<length>5000</length><type>LongTextArea</type><visibleLines>3</visibleLines>"),
    ),
    "Line__c": (
        ("Invoice__c", "Invoice", "<referenceTo>Invoice__c</referenceTo><relationshipName>Lines</relationshipName><type>Lookup</type>"),
        ("Price__c", "Price", "<precision>16</precision><scale>2</scale><type>Number</type>"),
    ),
}  # fmt: skip


def files() -> dict[str, bytes]:
    """Objects, report types and folders."""
    found = {}
    for name, fields in _FIELDS.items():
        label = name.removesuffix("__c")
        found[f"objects/{name}/{name}.object-meta.xml"] = _file(
            "CustomObject",
            f"<deploymentStatus>Deployed</deploymentStatus><enableReports>true</enableReports><label>{label}</label><nameField>"
            f"<label>Name</label><type>Text</type></nameField><pluralLabel>{label}s</pluralLabel><sharingModel>ReadWrite</sharingModel>",
        )
        for field, words, rest in fields:
            body = f"<fullName>{field}</fullName><label>{words}</label>{rest}"
            found[f"objects/{name}/fields/{field}.field-meta.xml"] = _file("CustomField", body)
    found["permissionsets/Finance.permissionset-meta.xml"] = _file("PermissionSet", "".join(_permissions()))
    found["reportTypes/Invoices.reportType-meta.xml"] = report_type("")
    for outer in ("true", "false"):
        join = f"<join><outerJoin>{outer}</outerJoin><relationship>Lines__r</relationship></join>"
        found[f"reportTypes/Lines_{outer}.reportType-meta.xml"] = report_type(join)
    found["reports/Finance.reportFolder-meta.xml"] = _file("ReportFolder", "<name>Finance</name>")
    found["dashboards/Finance.dashboardFolder-meta.xml"] = _file("DashboardFolder", "<name>Finance</name>")
    return found


def _permissions() -> Iterator[str]:
    for sobject, fields in _FIELDS.items():
        for field, _, _ in fields:
            yield f"<fieldPermissions><editable>true</editable><field>{sobject}.{field}</field><readable>true</readable></fieldPermissions>"
    yield "<label>Finance</label>"


def report_type(join: str) -> bytes:
    columns = "".join(f"<columns><checkedByDefault>true</checkedByDefault><field>{f}</field><table>Invoice__c</table></columns>"
                      for f in ("Name", "Amount__c", "Due__c"))  # fmt: skip
    return _file(
        "ReportType",
        f"<baseObject>Invoice__c</baseObject><category>other</category><deployed>true</deployed>{join}<label>Invoices</label>"
        f"<sections>{columns}<masterLabel>Invoices</masterLabel></sections>",
    )


def column(name: str, aggregate: str = "") -> str:
    kind = f"<aggregateTypes>{aggregate}</aggregateTypes>" if aggregate else ""
    return f"<columns>{kind}<field>{_full(name)}</field></columns>"


def formula(text: str, *, datatype: str = "number", context: str = "") -> str:
    level = f"<downGroupingContext>{context}</downGroupingContext>" if context else ""
    return (
        f"<aggregates><calculatedFormula>{escape(text)}</calculatedFormula><datatype>{datatype}</datatype>"
        f"<developerName>FORMULA1</developerName>{level}<isActive>true</isActive><masterLabel>Result</masterLabel><scale>1</scale></aggregates>"
    )


def grouping(name: str, granularity: str = "Day", *, order: str = "Asc", across: bool = False) -> str:
    tag = "groupingsAcross" if across else "groupingsDown"
    return (
        f"<{tag}><dateGranularity>{granularity}</dateGranularity><field>{_full(name)}</field>"
        f"<sortOrder>{order}</sortOrder></{tag}>"
    )  # fmt: skip


def criteria(*items: tuple[str, str, str], logic: str = "") -> str:
    found = "".join(
        f"<criteriaItems><column>{_full(name)}</column><operator>{operator}</operator><value>{escape(value)}</value></criteriaItems>"
        for name, operator, value in items
    )
    return f"<filter>{f'<booleanFilter>{logic}</booleanFilter>' if logic else ''}{found}</filter>"


def report(parts: Iterable[str], *, kind: str = "Summary", of: str = "Invoices", end: str = "") -> bytes:
    """A report; `parts` in the order the schema wants them before `format`, `end` what comes after it."""
    return _file(
        "Report",
        f"{''.join(parts)}<format>{kind}</format>{end}<name>Report</name><reportType>{of}__c</reportType><scope>organization</scope>"
        "<showDetails>true</showDetails>",
    )


def dashboard(components: str) -> bytes:
    cells = f"<dashboardGridLayout>{components}<numberOfColumns>12</numberOfColumns><rowHeight>36</rowHeight></dashboardGridLayout>"
    colours = {"backgroundEndColor": "#FFFFFF", "backgroundFadeDirection": "Diagonal", "backgroundStartColor": "#FFFFFF"}
    head = "".join(f"<{tag}>{text}</{tag}>" for tag, text in colours.items())
    return _file(
        "Dashboard",
        f"{head}{cells}<isGridLayout>true</isGridLayout><textColor>#000000</textColor><title>Money</title><titleColor>#000000</titleColor>"
        "<titleSize>12</titleSize>",
    )


def component(kind: str, report_name: str, header: str, *, row: int = 0, inner: str = "") -> str:
    return (
        f"<dashboardGridComponents><colSpan>6</colSpan><columnIndex>0</columnIndex><dashboardComponent>{inner}"
        f"<componentType>{kind}</componentType><header>{escape(header)}</header><report>{report_name}</report></dashboardComponent>"
        f"<rowIndex>{row}</rowIndex><rowSpan>4</rowSpan></dashboardGridComponents>"
    )


def as_reports(reports: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"reports/Finance/{name}.report-meta.xml": content for name, content in reports.items()}


def _full(name: str) -> str:
    return name if "$" in name else f"Invoice__c${name}"


def _file(root: str, body: str) -> bytes:
    return _HEAD.format(root, body).encode()
