"""The sources that a mapping spec names."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path

from tooling.errors import UsageError
from tooling.nps.response import SurveyType
from tooling.sources import files
from tooling.sources.promoter_io.client import PromoterIoClient
from tooling.sources.promoter_io.source import PromoterIoSource
from tooling.sources.source import Source
from tooling.spec.model import Sources


def configured_sources(sources: Sources, root: Path, environ: Mapping[str, str] = os.environ) -> list[Source]:
    """One source per entry of the spec, in its order; file patterns are relative to `root`, the folder of the spec.

    Raises:
        UsageError: no source at all, no API key, or a pattern that no file matches.
    """
    found: list[Source] = []
    if sources.promoter_io is not None:
        campaigns = sources.promoter_io.campaigns
        found.append(
            PromoterIoSource(
                PromoterIoClient.from_environment(environ),
                campaigns=None if campaigns == "all" else campaigns,
                survey_type=SurveyType(sources.promoter_io.survey_type.capitalize()),
            )
        )
    for entry in sources.files:
        paths = sorted(Path(name) for name in glob.glob(str(root / entry.path), recursive=True))  # noqa: PTH207 - absolute patterns too
        if not paths:
            raise UsageError(f"no file matches {root / entry.path}", "Correct sources.files.path in the spec.")
        found.append(
            files.FileSource(
                paths,
                {role: column for role, column in entry.columns.model_dump(exclude={"attributes"}).items() if column},
                attributes=entry.columns.attributes,
                name=entry.name,
                format=entry.format,
                survey_type=SurveyType(entry.survey_type.capitalize()),
                date_format=entry.date_format,
            )
        )
    if not found:
        raise UsageError("the spec names no source", "Add sources.promoter_io or sources.files to nps.yml.")
    return found
