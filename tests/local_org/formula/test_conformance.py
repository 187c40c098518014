"""
All published cases of the formula language, against our interpreter.

The cases are read from the shared folder and are not part of this repository; without it the test is skipped.
`not_reached.txt` lists, with the reason, what we knowingly do otherwise: a listed case that passes fails the test, so the list cannot rot.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tooling.local_org.formula import Context, FormulaError, FormulaRuntimeError, Reference, Type, compile_formula

HERE = Path(__file__).parent
CASES = HERE.parents[2] / "../shared/conformance/formulas.jsonl"
NOT_REACHED = HERE / "not_reached.txt"

TYPES = {
    "Text": Type.TEXT, "TextArea": Type.TEXT, "Phone": Type.TEXT, "Email": Type.TEXT, "Url": Type.TEXT, "Number": Type.NUMBER,
    "Currency": Type.NUMBER, "Percent": Type.NUMBER, "Checkbox": Type.BOOLEAN, "Date": Type.DATE, "DateTime": Type.DATETIME,
    "Time": Type.TIME, "Picklist": Type.PICKLIST, "MultiselectPicklist": Type.MULTIPICKLIST, "Location": Type.LOCATION, "Null": Type.NULL,
}  # fmt: skip


@dataclass
class Record:
    """The names and the values of one case: what a field is and what it holds."""

    types: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    formulas: dict[str, Callable[[], Any]] = field(default_factory=dict)
    is_new: bool = False
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    time_zone: tzinfo = UTC

    def find(self, path: tuple[str, ...]) -> Reference | None:
        wanted = ".".join(path).lower()
        name = next((n for n in self.types if n.lower() == wanted), None)
        return name and Reference((name,), TYPES[self.types[name]], percent=self.types[name] == "Percent")

    def value(self, path: tuple[str, ...]) -> Any:
        return self.formulas[path[0]]() if path[0] in self.formulas else self.values[path[0]]

    def prior(self, path: tuple[str, ...]) -> Any:
        return self.values[path[0]]

    def look_up(self, sobject: str, wanted: str, key_field: str, key: str | None) -> Any:
        raise NotImplementedError


def typed(kind: str, raw: Any) -> Any:
    if raw is None or kind == "Null" or raw == "":
        return False if kind == "Checkbox" else None
    target = TYPES[kind]
    if target is Type.NUMBER:
        return Decimal(raw)
    if target is Type.DATE:
        return date.fromisoformat(raw)
    if target is Type.DATETIME:
        return datetime.fromisoformat(raw)
    if target is Type.TIME:
        return time.fromisoformat(raw).replace(tzinfo=None)
    if target is Type.MULTIPICKLIST:
        return ";".join(raw)
    if target is Type.LOCATION:
        return tuple(Decimal(str(x)) for x in raw)
    return raw


def outcome(case: dict[str, Any], *, blanks_as_zero: bool) -> tuple[str, Any]:
    """`("value", …)`, `("null", None)` or `("error", message)`."""
    inputs = case.get("inputs", {})
    formulas = case.get("formula_fields", {})
    record = Record({n: i["type"] for n, i in inputs.items()} | {n: f["type"] for n, f in formulas.items()})
    record.values = {n: typed(i["type"], i["value"]) for n, i in inputs.items()}
    context = Context.VALIDATION if case["tier"] == "salesforce_rule" else Context.FIELD
    for name, nested in formulas.items():
        record.formulas[name] = partial(_evaluated, nested["formula"], nested["type"], record, context, blanks_as_zero)
    try:
        value = _evaluated(case["formula"], case.get("return_type"), record, context, blanks_as_zero)
    except (FormulaError, FormulaRuntimeError) as e:
        return "error", str(e)
    return ("null", None) if value is None else ("value", value)


def _evaluated(source: str, kind: str | None, record: Record, context: Context, blanks_as_zero: bool) -> Any:
    result = TYPES[kind] if kind and kind != "Null" else None
    formula = compile_formula(source, record, result=result, context=context, blanks_as_zero=blanks_as_zero)
    value = formula.evaluate(record)
    return value * 100 if kind == "Percent" and value is not None else value


def agrees(expected: dict[str, Any], kind: str, value: Any) -> bool:
    if expected["kind"] != "value":
        return kind == expected["kind"]
    wanted = expected["value"]
    if kind == "null":
        return isinstance(wanted, str) and wanted.strip() == ""
    if kind != "value":
        return False
    if isinstance(value, bool):
        return value is wanted or str(value).lower() == str(wanted).lower()
    if isinstance(value, Decimal):
        return math.isclose(float(value), float(wanted), rel_tol=1e-6, abs_tol=1e-12)
    if isinstance(value, datetime):
        return value.replace(microsecond=0) == datetime.fromisoformat(wanted).replace(microsecond=0)
    if isinstance(value, time):
        return value == time.fromisoformat(wanted).replace(tzinfo=None)
    if isinstance(value, date):
        return value.isoformat() == wanted
    if isinstance(value, tuple):
        return [float(x) for x in value] == [float(x) for x in wanted]
    return str(value).strip() == str(wanted).strip()


def failures(case: dict[str, Any]) -> Iterator[str]:
    for key, blanks_as_zero in (("expected", True), ("expected_blank_as_blank", False)):
        if case.get(key) is None:
            continue
        # The independent implementation has no blanks-as-zero mode: its nulls stay nulls.
        kind, value = outcome(case, blanks_as_zero=blanks_as_zero and case["id"].startswith("fe/"))
        if not agrees(case[key], kind, value):
            yield f"{case['id']} [{key}] {case['formula']!r}: expected {case[key]}, got {kind} {value!r}"


def not_reached() -> dict[str, str]:
    lines = [line for line in NOT_REACHED.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("\t", 1) for line in lines)


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:
    if not CASES.exists():
        pytest.skip("the shared conformance cases are not here")
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def test_conformance__every_published_case(cases: list[dict[str, Any]]) -> None:
    """
    Every case gives the published result in both blank treatments, but for those listed with a reason.
    """
    listed = not_reached()
    failed = {case["id"]: problems for case in cases if (problems := list(failures(case)))}
    unexpected = [p for name, problems in failed.items() if name not in listed for p in problems]
    assert not unexpected, f"{len(unexpected)} of {len(cases)} cases differ:\n" + "\n".join(unexpected[:60])
    reached = sorted(name for name in listed if name not in failed)
    assert not reached, f"listed as not reached, but they pass: {reached}"
