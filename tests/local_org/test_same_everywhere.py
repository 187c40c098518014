"""A decimal, a date and a blank are the same to a formula field, a validation rule, a flow formula and a flow condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tooling.local_org.engine.org import Org

from .data.conftest import DataStory
from .data.package import custom_object, field, formula, permission_set, rule
from .engine.conftest import START

NUMBER = "<precision>9</precision><scale>2</scale>"
FIELDS = (
    field("Amount__c", "Number", NUMBER)
    + field("Day__c", "Date")
    + field("Word__c", "Text", "<length>20</length>")
    + field("Check__c", "Checkbox", "<defaultValue>false</defaultValue>")
    + field("By_Formula__c", "Text", "<length>255</length>")
    + field("By_Condition__c", "Text", "<length>255</length>")
)


@dataclass(frozen=True)
class Probe:
    amount: Decimal | None = None
    day: date | None = None
    word: str | None = None


@dataclass(frozen=True)
class Case:
    """One question: as a formula, as (field, operator, value element) of a flow condition where there is one, and its true answer."""

    source: str
    answer: Callable[[Probe], bool]
    condition: tuple[str, str, str] | None = None


def number(value: str) -> str:
    return f"<numberValue>{value}</numberValue>"


def day(value: str) -> str:
    return f"<dateValue>{value}</dateValue>"


def boolean(value: str) -> str:
    return f"<booleanValue>{value}</booleanValue>"


TENTHS, MARCH = Decimal("0.3"), date(2026, 3, 1)
CASES = (
    Case("Amount__c > 0.3", lambda p: p.amount is not None and p.amount > TENTHS, ("Amount__c", "GreaterThan", number("0.3"))),
    Case("Amount__c = 0.3", lambda p: p.amount == TENTHS, ("Amount__c", "EqualTo", number("0.3"))),
    Case("Amount__c = 0", lambda p: p.amount == 0, ("Amount__c", "EqualTo", number("0.0"))),
    Case("Amount__c <= 0", lambda p: p.amount is not None and p.amount <= 0, ("Amount__c", "LessThanOrEqualTo", number("0"))),
    Case("Amount__c + 0.2 = 0.5", lambda p: p.amount == TENTHS),
    Case("Amount__c * 3 = 0.9", lambda p: p.amount == TENTHS),
    Case("Amount__c / 4 * 4 = Amount__c", lambda p: True),
    Case("ROUND(Amount__c, 1) = 7.1", lambda p: p.amount == Decimal("7.126")),
    Case("MOD(Amount__c, 1) = -0.345", lambda p: p.amount == Decimal("-12.345")),
    Case("ISBLANK(Amount__c)", lambda p: p.amount is None, ("Amount__c", "IsNull", boolean("true"))),
    Case("NOT(ISBLANK(Amount__c))", lambda p: p.amount is not None, ("Amount__c", "IsNull", boolean("false"))),
    Case("BLANKVALUE(Amount__c, 0.3) = 0.3", lambda p: p.amount in (None, TENTHS)),
    Case("Day__c < DATE(2026, 3, 1)", lambda p: p.day is not None and p.day < MARCH, ("Day__c", "LessThan", day("2026-03-01"))),
    Case("Day__c = DATE(2024, 2, 29)", lambda p: p.day == date(2024, 2, 29), ("Day__c", "EqualTo", day("2024-02-29"))),
    Case("Day__c >= DATE(2026, 3, 1)", lambda p: p.day is not None and p.day >= MARCH, ("Day__c", "GreaterThanOrEqualTo", day("2026-03-01"))),  # noqa: E501
    Case("Day__c + 1 = DATE(2024, 3, 1)", lambda p: p.day is not None and p.day + timedelta(1) == date(2024, 3, 1)),
    Case("ADDMONTHS(Day__c, 12) = DATE(2025, 2, 28)", lambda p: p.day == date(2024, 2, 29)),
    Case("Day__c - DATE(2026, 2, 27) = 2", lambda p: p.day == MARCH),
    Case("WEEKDAY(Day__c) = 1", lambda p: p.day is not None and p.day.isoweekday() == 7),
    Case("Day__c = TODAY()", lambda p: p.day == date(2026, 3, 2)),
    Case("ISBLANK(Day__c)", lambda p: p.day is None, ("Day__c", "IsNull", boolean("true"))),
    Case('Word__c = "Zoë"', lambda p: p.word == "Zoë", ("Word__c", "EqualTo", "<stringValue>Zoë</stringValue>")),
    Case("ISBLANK(Word__c)", lambda p: p.word is None, ("Word__c", "IsNull", boolean("true"))),
    Case("LEN(Word__c) = 0", lambda p: p.word is None),
    Case('Word__c & "!" = "!"', lambda p: p.word is None),
)  # fmt: skip
PROBES = (
    Probe(),
    Probe(Decimal(0), MARCH, "Zoë"),
    Probe(TENTHS, date(2024, 2, 29), "zoo"),
    Probe(Decimal("7.126"), date(2026, 2, 28)),
    Probe(Decimal("-12.345"), date(2026, 3, 2), "x"),
    Probe(None, date(2023, 12, 31), "Zoë"),
    Probe(Decimal("123456.78")),
)
EVERYWHERE = [n for n, case in enumerate(CASES) if case.condition is not None]


def formula_fields() -> str:
    blanks = "<formulaTreatBlanksAs>BlankAsBlank</formulaTreatBlanksAs>"
    return "".join(formula(f"F{n}__c", "Checkbox", case.source, blanks) for n, case in enumerate(CASES))


def validation_rules() -> str:
    """They ask only when Check__c is set: every broken rule is told, by its number."""
    return "".join(rule(f"R{n}", f"AND(Check__c, {case.source})", str(n)) for n, case in enumerate(CASES))


def flow() -> str:
    """A before-save flow that writes down which formulas are true, and which conditions are met."""
    formulas, decisions, assignments = [], [], []
    steps = [(f"Formula_{n}", f"Asks_{n}", "EqualTo", boolean("true"), "By_Formula__c", n) for n in range(len(CASES))]
    for n in EVERYWHERE:
        left, operator, value = CASES[n].condition or ("", "", "")
        steps.append((f"Condition_{n}", f"$Record.{left}", operator, value, "By_Condition__c", n))
    for n, case in enumerate(CASES):
        source = case.source
        for name in ("Amount__c", "Day__c", "Word__c"):
            source = source.replace(name, f"{{!$Record.{name}}}")
        escaped = source.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        formulas.append(f"<formulas><name>Asks_{n}</name><dataType>Boolean</dataType><expression>{escaped}</expression></formulas>")
    place = "<locationX>0</locationX><locationY>0</locationY>"
    for index, (name, left, operator, value, written, n) in enumerate(steps):
        following = f"<targetReference>{steps[index + 1][0]}</targetReference>" if index + 1 < len(steps) else ""
        otherwise = f"<defaultConnector>{following}</defaultConnector>" if following else ""
        asked = f"<leftValueReference>{left}</leftValueReference><operator>{operator}</operator><rightValue>{value}</rightValue>"
        condition = f"<conditions>{asked}</conditions>"
        decisions.append(
            f"<decisions><name>{name}</name><label>{name}</label>{place}{otherwise}<defaultConnectorLabel>No</defaultConnectorLabel><rules>"
            f"<name>{name}_Yes</name><conditionLogic>and</conditionLogic>{condition}<connector><targetReference>{name}_Write</targetReference>"
            "</connector><label>Yes</label></rules></decisions>"
        )
        item = f"<assignToReference>$Record.{written}</assignToReference><operator>Add</operator>"
        item += f"<value><stringValue>{n},</stringValue></value>"
        assignments.append(
            f"<assignments><name>{name}_Write</name><label>{name}</label>{place}<assignmentItems>{item}</assignmentItems>"
            f"{f'<connector>{following}</connector>' if following else ''}</assignments>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Flow xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"<apiVersion>66.0</apiVersion>{''.join(assignments)}{''.join(decisions)}{''.join(formulas)}<label>Ask</label>"
        f"<processType>AutoLaunchedFlow</processType><start>{place}<connector><targetReference>Formula_0</targetReference></connector>"
        "<object>Probe__c</object><recordTriggerType>Create</recordTriggerType><triggerType>RecordBeforeSave</triggerType></start>"
        "<status>Active</status></Flow>"
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, set[int]]]]:
    """For each probe, the questions answered yes in each place."""
    folder: Path = tmp_path_factory.mktemp("same")
    with Org.open(folder, clock=START) as org:
        story = DataStory(org)
        names = tuple(f"Probe__c.F{n}__c" for n in range(len(CASES)))
        written = tuple(f"Probe__c.{name}__c" for name in ("Amount", "Day", "Word", "Check", "By_Formula", "By_Condition"))
        story.deploy(
            {
                "objects/Probe__c.object": custom_object("Probe", FIELDS + formula_fields() + validation_rules()),
                "permissionsets/Probes.permissionset": permission_set("Probes", ("Probe__c",), written, read_only=names),
                "flows/Ask.flow": flow(),
            }
        )
        story.assign(story.admin, "Probes")
        yield [ask(story, probe) for probe in PROBES]


def ask(story: DataStory, probe: Probe) -> dict[str, set[int]]:
    record = story.saved("Probe__c", Amount__c=probe.amount, Day__c=probe.day and probe.day.isoformat(), Word__c=probe.word)
    columns = ", ".join(f"F{n}__c" for n in range(len(CASES)))
    (row,) = story.rows(f"SELECT By_Formula__c, By_Condition__c, {columns} FROM Probe__c WHERE Id = '{record}'")
    filtered = {n for n in range(len(CASES)) if story.rows(f"SELECT Id FROM Probe__c WHERE F{n}__c = true AND Id = '{record}'")}
    (result,) = story.org.update(story.admin, [story.record("Probe__c", Id=record, Check__c=True)])
    return {
        "formula field": {n for n in range(len(CASES)) if row[f"F{n}__c"]},
        "query filter": filtered,
        "validation rule": {int(error.message) for error in result.errors},
        "flow formula": {int(n) for n in (row["By_Formula__c"] or "").split(",") if n},
        "flow condition": {int(n) for n in (row["By_Condition__c"] or "").split(",") if n},
    }


@pytest.mark.parametrize("index", range(len(PROBES)), ids=[str(probe) for probe in PROBES])
def test_answers__same_everywhere(answers: list[dict[str, set[int]]], index: int) -> None:
    """Each place answers every question with the truth."""
    truth = {n for n, case in enumerate(CASES) if case.answer(PROBES[index])}
    for place, found in answers[index].items():
        asked = set(EVERYWHERE) if place == "flow condition" else set(range(len(CASES)))
        wrong = {CASES[n].source: n in found for n in (found ^ truth) & asked}
        assert wrong == {}, place
