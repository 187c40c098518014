"""Functions that know more than values: what the record was before the save, and other records."""

from __future__ import annotations

from typing import Any

from .decimals import INTERNAL, PERCENT
from .errors import FormulaError
from .functions import RULES, Checking, Function, Invocation, takes
from .types import Context, Reference, Run, Type


def _field_of_record(call: Checking) -> Reference:
    """The one operand: a field of the saved record itself, in a flow `{!$Record.Field}`."""
    call.count(1)
    reference = call.operands[0].reference
    if reference is None:
        raise call.illegal()
    path = reference.path
    if len(path) != 1 and not (len(path) == 2 and path[0].lower() == "$record"):
        raise FormulaError(f"The {call.symbol.upper()} function cannot reference the {reference.name} field.", call.start)
    return reference


def _check_is_changed(call: Checking) -> Type:
    _field_of_record(call)
    return Type.BOOLEAN


def _build_is_changed(call: Invocation) -> Run:
    """False on a new record; a number that was zero and is blank now has changed (Salesforce Help, "ISCHANGED")."""
    reference = call.operands[0].reference
    assert reference is not None
    path = reference.path

    def run(values: Any) -> bool:
        return not values.is_new and _unified(values.prior(path)) != _unified(values.value(path))

    return run


def _unified(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _check_prior_value(call: Checking) -> Type:
    _field_of_record(call)
    return call.operands[0].type


def _build_prior_value(call: Invocation) -> Run:
    """On a new record the current value, not null (Salesforce Help, "PRIORVALUE")."""
    reference = call.operands[0].reference
    assert reference is not None
    path, percent = reference.path, reference.percent

    def run(values: Any) -> Any:
        value = values.value(path) if values.is_new else values.prior(path)
        return INTERNAL.multiply(value, PERCENT) if percent and value is not None else value

    return run


def _check_vlookup(call: Checking) -> Type:
    call.count(3)
    wanted, key_field = (call.operands[i].reference for i in (0, 1))
    if wanted is None or key_field is None or not (_is_object_type(wanted) and _is_object_type(key_field)):
        raise FormulaError(f"Incorrect parameter for {call.description}. Expected $ObjectType field reference.", call.start)
    if wanted.path[1] != key_field.path[1] or key_field.type is not Type.TEXT:
        raise call.illegal(1)
    call.expect(2, Type.TEXT)
    return Type.TEXT if wanted.type is Type.PICKLIST else wanted.type


def _is_object_type(reference: Reference) -> bool:
    return len(reference.path) == 4 and reference.path[0] == "$ObjectType"


def _build_vlookup(call: Invocation) -> Run:
    wanted, key_field = call.operands[0].reference, call.operands[1].reference
    assert wanted is not None and key_field is not None
    (_, sobject, _, wanted_name), key_name = wanted.path, key_field.path[3]
    key = call.runs[2]
    return lambda values: values.look_up(sobject, wanted_name, key_name, key(values))


FUNCTIONS = (
    Function("ISCHANGED", _check_is_changed, _build_is_changed, RULES, pure=False),
    Function("PRIORVALUE", _check_prior_value, _build_prior_value, RULES, pure=False),
    Function("ISNEW", takes(gives=Type.BOOLEAN), lambda call: lambda values: values.is_new, RULES, pure=False),
    # The local org has no Clone button: a record saved through an API is never a clone.
    Function("ISCLONE", takes(gives=Type.BOOLEAN), lambda call: lambda values: False, RULES, pure=False),
    Function("VLOOKUP", _check_vlookup, _build_vlookup, frozenset({Context.VALIDATION}), pure=False),
)
