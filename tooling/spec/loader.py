"""`nps.yml` to a Spec, or every finding at once, each with its line and column."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from tooling.errors import SpecError, UsageError
from tooling.spec.checks import check
from tooling.spec.document import Place, read_document
from tooling.spec.findings import Finding
from tooling.spec.findings import Path as DocumentPath
from tooling.spec.model import Spec
from tooling.spec.shape import filled, findings_of


def load_spec(path: Path) -> Spec:
    """The mapping spec in a file.

    Raises:
        SpecError: the spec has findings; one a line, as `nps.yml:LINE:COL: what is wrong; what to do`.
        UsageError: the file cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}", "Run this in the folder of nps.yml, or name the file with --spec."
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a text in UTF-8", "Save it as UTF-8.") from error
    return spec_from(text, path.name)


def spec_from(text: str, name: str = "nps.yml") -> Spec:
    """The mapping spec in a text; `name` is what its findings begin with.

    Raises:
        SpecError: the spec has findings.
    """
    document = read_document(text)
    if not document.is_readable:
        raise SpecError("\n".join(_lines(document.findings, name)))
    data = filled(document.data)
    spec, found = _validated(data)
    shaped = [f for f in found if not any(_within(f.path, refused) for refused in document.refused)]
    placed = document.findings + [(document.place(f.path, f.at_key), f) for f in shaped]
    unsound = {f.path[:1] for _, f in placed}
    if spec is None:
        spec, _ = _validated(_without(data, [f.path for f in found]))
    if spec is not None:
        # A section that is not well-formed is not checked further: its defaults are not what its author meant.
        placed += [(document.place(f.path, f.at_key), f) for f in check(spec) if f.path[:1] not in unsound]
    if placed or spec is None:
        raise SpecError("\n".join(_lines(placed, name)))
    return spec


def _validated(data: object) -> tuple[Spec | None, list[Finding]]:
    try:
        return Spec.model_validate(data), []
    except ValidationError as error:
        return None, list(findings_of(error, data))


def _within(path: DocumentPath, refused: DocumentPath) -> bool:
    return path[: len(refused)] == refused


def _without(data: object, paths: list[DocumentPath]) -> object:
    """The data without the sections in which something is wrong."""
    wrong = {path[0] for path in paths if path}
    return {key: value for key, value in data.items() if key not in wrong} if isinstance(data, dict) else data


def _lines(placed: list[tuple[Place, Finding]], name: str) -> list[str]:
    ordered = sorted(dict.fromkeys((place, finding.text) for place, finding in placed))
    return [f"{name}:{place.line}:{place.column}: {text}" for place, text in ordered]
