"""The resources of a flow: variables, constants, formulas and text templates."""

from __future__ import annotations

from dataclasses import dataclass

from tooling.metadata.flows.values import Value


@dataclass(frozen=True, slots=True)
class Variable:
    """`data_type` is String, Number, Boolean, Date, DateTime or SObject (then `sobject` says which)."""

    name: str
    data_type: str
    description: str
    sobject: str | None = None
    collection: bool = False
    input: bool = False
    output: bool = False
    scale: int | None = None
    value: Value | None = None

    def __post_init__(self) -> None:
        # Without a scale a flow rounds every number to an integer: never leave it to the default.
        if self.data_type == "Number" and self.scale is None:
            raise ValueError(f"{self.name}: a number variable needs a scale")
        if (self.data_type == "SObject") != (self.sobject is not None):
            raise ValueError(f"{self.name}: an SObject variable names its object, others do not")


@dataclass(frozen=True, slots=True)
class Formula:
    name: str
    data_type: str
    expression: str
    description: str
    scale: int | None = None

    def __post_init__(self) -> None:
        if self.data_type == "Number" and self.scale is None:
            raise ValueError(f"{self.name}: a number formula needs a scale")


@dataclass(frozen=True, slots=True)
class TextTemplate:
    name: str
    text: str
    description: str


Resource = Variable | Formula | TextTemplate
