"""The three languages: formulas, SOQL, flows."""

from __future__ import annotations

import typing
from collections.abc import Iterator

from .. import formula
from ..engine.org import Org
from ..errors import OrgError
from ..flow import assumptions as flow_assumptions
from ..flow import vocabulary
from ..flow.checks import RULES as FLOW_RULES
from ..flow.checks.conditions import UNSUPPORTED_OPERATORS
from ..flow.checks.start import SUPPORTED_TRIGGERS
from ..flow.checks.structure import UNSUPPORTED_TRANSFORMS
from ..flow.elements.action import INPUTS
from ..flow.model import Flow, Node, RecordRollback
from ..flow.scope import global_names
from ..formula import FUNCTIONS, MAXIMUM_LENGTH, REFUSED, Context, FormulaError
from ..formula import assumptions as formula_assumptions
from ..formula.names import MOST_RELATIONSHIPS
from ..formula.operators import BINARY, UNARY
from ..formula.size import MAXIMUM as MAXIMUM_SIZE
from ..schema.fields_reader import FORMULA_TEXT_LENGTH, FORMULA_TYPES
from ..soql import coverage
from ..soql.operands import AGGREGATES, DATE_FUNCTIONS
from .markdown import bullets, code, section, table, words
from .source import WORDS_OF_OTHERS, complaints, refusals, summary


def sections(org: Org) -> Iterator[str]:
    yield _formulas()
    yield _soql(org)
    yield _flows()


def _formulas() -> str:
    everywhere = sorted(name for name, function in FUNCTIONS.items() if function.contexts == frozenset(Context))
    limited = sorted((name, function.contexts) for name, function in FUNCTIONS.items() if function.contexts != frozenset(Context))
    limits = (
        f"{MAXIMUM_LENGTH:,} characters of source, an estimated {MAXIMUM_SIZE:,} of compiled size with referenced formulas inlined, "
        f"{MOST_RELATIONSHIPS} relationships in one reference, {FORMULA_TEXT_LENGTH:,} characters of a text result; "
        f"types of formula fields: {', '.join(sorted(FORMULA_TYPES))}."
    )
    return section(
        "Formulas",
        f"Everywhere: {words(everywhere)}",
        table(("function", "only in"), [(code(name), ", ".join(sorted(contexts))) for name, contexts in limited]),
        f"Operators: {words(dict.fromkeys([*BINARY, *UNARY, '==', '!=']))}, parentheses, `/* comments */`.",
        f'Known and refused ("Function X may not be used in this type of formula"): {words(sorted(REFUSED))}. Every other name is an '
        "unknown function.",
        limits,
        "What the compiler complains of:",
        bullets(map(code, complaints(formula, FormulaError))),
        "Assumed:",
        bullets(formula_assumptions.ASSUMPTIONS),
    )


def _soql(org: Org) -> str:
    rows = [(name, code(example), _answer(org, example)) for name, example in coverage.EXAMPLES]
    return section(
        "SOQL",
        table(("feature", "example", ""), rows),
        f"Aggregate functions: {words(sorted(AGGREGATES))}. Date functions: {words(sorted(DATE_FUNCTIONS))}.",
        "Assumed:",
        bullets(coverage.ASSUMPTIONS),
    )


def _answer(org: Org, example: str) -> str:
    try:
        org.query(None, example)
    except OrgError as error:
        return f"refused: {code(error.code)} {error.message.strip().splitlines()[-1]}"
    return "supported"


def _flows() -> str:
    triggers = [trigger for trigger in vocabulary.TriggerType if trigger in SUPPORTED_TRIGGERS]
    operators = [operator for operator in vocabulary.ComparisonOperator if operator not in UNSUPPORTED_OPERATORS]
    transforms = [kind for kind in vocabulary.TransformType if kind not in UNSUPPORTED_TRANSFORMS]
    enumerations = (
        ("start: triggerType", triggers, [t for t in vocabulary.TriggerType if t not in SUPPORTED_TRIGGERS]),
        ("start: recordTriggerType", vocabulary.RecordTriggerType, ()),
        ("schedule: frequency", vocabulary.Frequency, ()),
        ("scheduled path: offsetUnit", vocabulary.OffsetUnit, ()),
        ("scheduled path: pathType", [vocabulary.PathType.ASYNC_AFTER_COMMIT], [vocabulary.PathType.APPROVAL_RECALL]),
        ("condition operators", operators, UNSUPPORTED_OPERATORS),
        ("filter operators", vocabulary.FilterOperator, ()),
        ("assignment operators", [o for o in vocabulary.AssignmentOperator if o != "None"], ()),
        ("data types", [kind for kind in vocabulary.DataType if kind != "Apex"], [vocabulary.DataType.APEX]),
        ("collection processors", vocabulary.CollectionProcessorType, ()),
        ("transform actions", transforms, UNSUPPORTED_TRANSFORMS),
    )
    rules = [(code(rule.__name__), "<br>".join(map(code, refusals(rule))) or summary(rule) or WORDS_OF_OTHERS) for rule in FLOW_RULES]
    return section(
        "Flows",
        "Record-triggered, schedule-triggered and autolaunched flows (processType AutoLaunchedFlow). Everything else is refused by name "
        "when it is deployed.",
        table(("element", "refused parts of it"), [(code(tag), words(sorted(cls.unsupported)) or "none") for tag, cls in _elements()]),
        f"Elements and resources of flows that are refused as a whole: {words(sorted({*Flow.unsupported, 'recordRollbacks'}))}.",
        table(("", "supported", "refused"), [(name, words(map(str, yes)), words(map(str, no))) for name, yes, no in enumerations]),
        table(("action", "inputs"), [(code(name), words(sorted(inputs))) for name, inputs in sorted(INPUTS.items())]),
        f"Globals: {words(global_names())}.",
        "What a deploy refuses in a flow, beside what the formula compiler and the look-up of references say; in the form "
        "`field integrity exception: unknown (…)` where the rule is Salesforce's own:",
        table(("rule", "refuses with"), rules),
        "Assumed:",
        bullets(flow_assumptions.ASSUMPTIONS),
    )


def _elements() -> Iterator[tuple[str, type[Node]]]:
    """The elements a flow may have: metadata name and model."""
    for name, hint in typing.get_type_hints(Flow).items():
        arguments = typing.get_args(hint)
        cls = arguments[0] if arguments else hint
        if isinstance(cls, type) and issubclass(cls, Node) and cls is not RecordRollback:
            head, *rest = name.split("_")
            yield head + "".join(word.capitalize() for word in rest), cls
