"""Responses in files: CSV and JSON lines, with the columns the spec names."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from tooling.errors import SourceRefused, UsageError
from tooling.nps.response import Outcome, Person, Response, ResponseSkipped, SurveyType
from tooling.nps.score import score_from
from tooling.sources.times import moment_from

Columns = Mapping[str, str]
"""What we need (`id`, `score`, `verbatim`, `email`, `responded_at`, …) → the file's column, or the key in its JSON objects."""

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file, and where it begins."""

    place: str
    values: Mapping[str, Any]


class FileSource:
    """The responses of one or several files. They are read as a whole every time: a file says nothing about when it changed."""

    can_be_windowed = False

    def __init__(
        self,
        paths: Sequence[Path],
        columns: Columns,
        *,
        attributes: Columns | None = None,
        name: str = "file",
        format: Literal["csv", "json_lines"] = "csv",
        survey_type: SurveyType = SurveyType.RELATIONSHIP,
        date_format: str | None = None,
    ) -> None:
        """Raises:
        UsageError: no id or no score column.
        """
        for needed in ("id", "score"):
            if not columns.get(needed):
                raise UsageError(f"the columns of {name} name none for {needed}", "Add it under sources.files.columns.")
        self.name = name
        self._paths = tuple(paths)
        self._columns = dict(columns)
        self._attributes = dict(attributes or {})
        self._format = format
        self._survey_type = survey_type
        self._date_format = date_format

    def read(self, since: datetime | None, until: datetime | None) -> Iterator[Response | ResponseSkipped]:
        """Every response of every file; the bounds are not used.

        Raises:
            UsageError: a file is missing, is not text in UTF-8, or has not the columns.
            SourceRefused: a file is broken from some line on.
        """
        with closing(_Seen()) as seen:
            for path in self._paths:
                records = self._csv_records(path) if self._format == "csv" else self._json_records(path)
                for record in records:
                    response = record if isinstance(record, ResponseSkipped) else self._response(record)
                    if isinstance(response, ResponseSkipped):
                        yield response
                        continue
                    earlier = seen.first_place(response.id, record.place, response)
                    if earlier is None:
                        yield response
                    elif earlier:
                        reason = f"the id {response.id!r} was used before, with another content, at {earlier}"
                        yield ResponseSkipped(reason, record.place)

    def _csv_records(self, path: Path) -> Iterator[Record | ResponseSkipped]:
        with _opened(path) as file:
            try:
                header = file.readline()
                delimiter = max(_DELIMITERS, key=header.count)
                names = next(csv.reader([header], delimiter=delimiter), [])
                self._check_columns(path, [name.strip() for name in names])
                reader = csv.reader(file, delimiter=delimiter, strict=True)
                while True:
                    line = reader.line_num + 2
                    try:
                        cells = next(reader, None)
                    except csv.Error as error:
                        if _swallows_the_rest(error):
                            raise
                        yield ResponseSkipped(f"not CSV: {error}", f"{path.name}:{line}")
                        continue
                    if cells is None:
                        return
                    if not any(cell.strip() for cell in cells):
                        continue
                    if len(cells) > len(names):
                        yield ResponseSkipped(f"{len(cells)} cells under {len(names)} columns", f"{path.name}:{line}")
                        continue
                    yield Record(f"{path.name}:{line}", dict(zip((name.strip() for name in names), cells, strict=False)))
            except UnicodeDecodeError as error:
                raise UsageError(f"{path} is not text in UTF-8: {error}", "Save it as CSV UTF-8.") from error
            except csv.Error as error:
                raise SourceRefused(f"{path.name}:{line}: {error}", "A quotation mark may be open since that line.") from error

    def _json_records(self, path: Path) -> Iterator[Record | ResponseSkipped]:
        with _opened(path) as file:
            try:
                for number, line in enumerate(file, 1):
                    if not line.strip():
                        continue
                    place = f"{path.name}:{number}"
                    try:
                        values = json.loads(line)
                    except ValueError as error:
                        yield ResponseSkipped(f"not JSON: {error}", place)
                        continue
                    if isinstance(values, dict):
                        yield Record(place, values)
                    else:
                        yield ResponseSkipped("not a JSON object", place)
            except UnicodeDecodeError as error:
                raise UsageError(f"{path} is not text in UTF-8: {error}", "Save it as UTF-8.") from error

    def _check_columns(self, path: Path, present: Sequence[str]) -> None:
        wanted = {**self._columns, **{f"attributes.{name}": column for name, column in self._attributes.items()}}
        missing = [f"{column} (for {role})" for role, column in wanted.items() if column not in present]
        if missing:
            raise UsageError(
                f"{path} has no column {', '.join(missing)}; it has {', '.join(present)}", "Correct sources.files.columns, or the file."
            )

    def _response(self, record: Record) -> Response | ResponseSkipped:
        try:
            return self._read_response(record)
        except ValueError as error:
            return ResponseSkipped(str(error), record.place)

    def _read_response(self, record: Record) -> Response:
        def text(role: str) -> str | None:
            return _text(record.values.get(self._columns.get(role, ""), None))

        def moment(role: str) -> datetime | None:
            value = text(role)
            try:
                return moment_from(value, self._date_format) if value else None
            except ValueError as error:
                raise ValueError(f"{error}; sources.files.date_format in the spec says how a file writes dates") from None

        identity = text("id")
        if identity is None:
            raise ValueError("no id")
        score = score_from(_scalar(record.values.get(self._columns["score"])))
        return Response(
            source=self.name,
            id=identity,
            person=Person(
                email=text("email"),
                first_name=text("first_name"),
                last_name=text("last_name"),
                user_id=text("user_id"),
                salesforce_id=text("salesforce_id"),
                company_id=text("company_id"),
            ),
            outcome=_outcome(text("outcome"), score),
            score=score,
            verbatim=text("verbatim"),
            tags=_tags(record.values.get(self._columns.get("tags", ""))),
            survey_type=self._survey_type,
            survey_name=text("survey_name"),
            campaign_id=text("campaign_id"),
            channel=text("channel"),
            language=text("language"),
            sent_at=moment("sent_at"),
            responded_at=moment("responded_at"),
            modified_at=moment("modified_at"),
            attributes={name: value for name, column in self._attributes.items() if (value := record.values.get(column)) not in (None, "")},
        )


class _Seen:
    """The ids read so far, on disk (SQLite spills a nameless database to a temporary file), so that memory stays flat."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, place TEXT, digest BLOB) WITHOUT ROWID")

    def first_place(self, identity: str, place: str, response: Response) -> str | None:
        """None for a new id; where it was first, if with another content; an empty text for a mere repetition."""
        digest = hashlib.blake2b(repr(response).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (identity, place, digest)).rowcount:
            return None
        first, earlier = self._database.execute("SELECT place, digest FROM seen WHERE id = ?", (identity,)).fetchone()
        return "" if earlier == digest else str(first)

    def close(self) -> None:
        self._database.close()


def _swallows_the_rest(error: csv.Error) -> bool:
    """Whether the error is a quotation mark that stays open: what follows it is not read as records any more."""
    return "unexpected end of data" in str(error) or "field larger" in str(error)


def _opened(path: Path) -> Any:
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", "Check sources.files.path in the spec.") from error


def _scalar(value: object) -> object:
    if isinstance(value, list | dict):
        raise ValueError(f"{value!r:.60} is not a score")
    return value


def _text(value: object) -> str | None:
    if value is None or isinstance(value, list | dict | bool):
        return None
    return str(value).strip() or None


def _tags(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else (_text(value) or "").split(",")
    return tuple(dict.fromkeys(text for part in parts if (text := _text(part))))


def _outcome(text: str | None, score: int | None) -> Outcome:
    word = (text or "").lower()
    if word == "dismissed":
        if score is not None:
            raise ValueError("a dismissed survey has no score, this one has")
        return Outcome.DISMISSED
    if word == "partial":
        return Outcome.PARTIAL
    if word not in {"", "answered"}:
        raise ValueError(f"{text!r} is not an outcome: answered, partial or dismissed is expected")
    if score is None:
        raise ValueError("no score, and the outcome is neither dismissed nor partial")
    return Outcome.ANSWERED
