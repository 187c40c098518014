"""The platform: saving, objects and fields, components and what a deploy refuses, limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ..engine import assumptions
from ..engine.deploy_rules import BY_TYPE, EVERY_COMPONENT
from ..engine.duplicate_rules import FUZZY_METHODS
from ..engine.filter_items import OPERATIONS
from ..engine.limits import ASYNCHRONOUS, SYNCHRONOUS, Caps
from ..engine.order_of_execution import SAVE_ORDER
from ..engine.settings import Settings
from ..schema.component_types import COMPONENT_TYPES, OBJECT_CHILDREN, UNSUPPORTED_FOLDERS
from ..schema.fields_reader import FIELD_TYPES
from ..schema.standard import standard_schema
from .markdown import bullets, code, section, table, words
from .source import WORDS_OF_OTHERS, attribute_docs, refusals, summary


def sections() -> Iterator[str]:
    yield _saving()
    yield _objects()
    yield _components()
    yield _deploy_rules()
    yield _limits()
    yield section("Assumptions of saving, access and deploys", bullets(assumptions.ASSUMPTIONS))


def _saving() -> str:
    return section(
        "Save order",
        "Chunks of at most 200 records go through these steps; with allOrNone off, records that fail after they were stored lead back to "
        "the savepoint, and the others go once more, three times at most.",
        "\n".join(f"{number}. {code(step.__name__)} {summary(step)}" for number, step in enumerate(SAVE_ORDER, 1)),
        "After the commit: e-mails, asynchronous and scheduled paths.",
        f"Roll-up summaries: count, sum, min, max. Filters of roll-up summaries and duplicate rules: {words(OPERATIONS)}.",
        "Duplicate rules: Block, and Alert, which `allowSave` overrides; methods of matching rules: "
        f"{words(('Exact', *FUZZY_METHODS))}, the fuzzy ones compared as Exact.",
    )


def _objects() -> str:
    schema = standard_schema()
    rows = [
        (code(sobject.name), sobject.key_prefix or "", str(len(sobject.fields)), "Tooling API" if sobject.tooling else "")
        for sobject in sorted(schema, key=lambda sobject: sobject.name)
    ]
    return section(
        "Objects and fields",
        f"Field types: {words(sorted(FIELD_TYPES))}; formulas of them where the section on formulas says so. Others are refused at deploy.",
        "Custom objects, custom metadata types, hierarchy and list custom settings. Standard objects:",
        table(("object", "key prefix", "fields", ""), rows),
    )


def _components() -> str:
    children = {child.name for child in OBJECT_CHILDREN} | {child for kind in COMPONENT_TYPES for _, child in kind.children}
    folders = {kind.folder_type for kind in COMPONENT_TYPES if kind.folder_type}
    names = sorted({kind.name for kind in COMPONENT_TYPES} | children | folders)
    with_rules = [name for name in names if name in BY_TYPE]
    stored = [name for name in names if name not in BY_TYPE]
    return section(
        "Metadata components",
        f"With rules of their own: {words(with_rules)}",
        f"Checked against the Metadata API's schema, names and lengths, stored and retrieved, without an effect of their own unless this "
        f"page names one: {words(stored)}",
        f"Refused by name: {words(sorted(UNSUPPORTED_FOLDERS.values()))}",
    )


def _deploy_rules() -> str:
    every = [("every component", rule) for rule in EVERY_COMPONENT]
    by_type = [(kind, rule) for kind, rules in BY_TYPE.items() for rule in rules]
    rows, seen = [], set()
    for kind, rule in (*every, *by_type):
        if (rule.__module__, rule.__name__) in seen:
            continue
        seen.add((rule.__module__, rule.__name__))
        texts = "<br>".join(map(code, refusals(rule)))
        rows.append((kind, code(rule.__name__), texts or summary(rule) or WORDS_OF_OTHERS))
    return section(
        "What a deploy refuses",
        "All problems of a deploy are told at once, each with its component, file, line and column. A failed deploy changes nothing. "
        "Formulas are refused in the words of the formula compiler, flows by their own rules above.",
        table(("component", "rule", "problem"), rows),
    )


def _limits() -> str:
    what = attribute_docs(Caps)
    rows = [(what[f.name], f"{getattr(SYNCHRONOUS, f.name):,}", f"{getattr(ASYNCHRONOUS, f.name):,}") for f in fields(Caps)]
    docs = attribute_docs(Settings)
    settings = [(code(name), code(str(value)), docs.get(_attribute(name), "")) for name, value in Settings().to_json().items()]
    return section(
        "Limits and settings",
        "Of one transaction; a breach rolls it back, and no fault path catches it:",
        table(("limit", "synchronous", "asynchronous"), rows),
        "What the control plane can switch:",
        table(("setting", "default", "meaning"), settings),
    )


def _attribute(setting: str) -> str:
    """`async` is a keyword of Python."""
    return {"async": "async_paths"}.get(setting, setting)
