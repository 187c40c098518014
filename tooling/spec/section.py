"""What every section of the mapping spec has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the spec. Strict: the text "40" is not the number 40."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True, use_attribute_docstrings=True)
